//! Who may ask: programs of this machine, pages of our own, whoever has the token.
//!
//! A page of another site can let a browser ask us: it comes with an Origin that is not ours, or, by a name that its owner lets point
//! at this machine, with a Host that is not ours. Both are refused.

use std::net::IpAddr;

use hyper::header::{AUTHORIZATION, HOST, HeaderMap, ORIGIN};
use hyper::{Response, Uri};
use subtle::ConstantTimeEq;

use super::{Body, Policy, answer};

/// What a request must show: `Authorization: Bearer TOKEN`.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A token; `None` for an empty one, or one that no header can carry.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let fits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }

    /// The token's text, to be shown to a server.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}

/// The refusal, if there is one.
pub(super) fn refusal(uri: &Uri, headers: &HeaderMap, policy: &Policy) -> Option<Response<Body>> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if headers.get_all(HOST).iter().count() > 1 || headers.get_all(ORIGIN).iter().count() > 1 {
        return Some(answer::refusal(
            400,
            "wrong",
            "a request has one Host and one Origin at most",
        ));
    }
    if policy.token.is_none() {
        let is_foreign = !text(HOST).is_none_or(is_own) || !uri.host().is_none_or(is_own);
        if is_foreign {
            let said = "this is 127.0.0.1, localhost or [::1], and no other host";
            return Some(answer::refusal(421, "foreign", said));
        }
    }
    let is_foreign = text(ORIGIN).is_some_and(|origin| {
        let host = origin.strip_prefix("http://");
        !host.is_some_and(|host| {
            Some(host) == text(HOST) && (policy.token.is_some() || is_own(host))
        })
    });
    if is_foreign {
        let said = "a page of another site has no business here";
        return Some(answer::refusal(403, "foreign", said));
    }
    // The page holds nothing: it asks for the token itself.
    if let Some(token) = policy.token.as_ref().filter(|_| uri.path() != "/") {
        let shown = text(AUTHORIZATION).and_then(|shown| shown.strip_prefix("Bearer "));
        let is_right =
            shown.is_some_and(|shown| bool::from(shown.as_bytes().ct_eq(token.0.as_bytes())));
        if !is_right {
            let said = "show the token: Authorization: Bearer TOKEN";
            return Some(answer::refusal(401, "token", said));
        }
    }
    None
}

/// Whether a host's name is this machine's own, whatever the port.
fn is_own(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    name.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
