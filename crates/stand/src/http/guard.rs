//! Who may ask: programs of this machine, pages of our own, whoever has the token.
//!
//! A page of another site can let a browser ask us: it comes with an Origin that is not ours, or, by a name that its owner lets point
//! at this machine, with a Host that is not ours. Both are refused.

use hyper::header::{AUTHORIZATION, HOST, HeaderMap, ORIGIN};
use hyper::{Method, Response};
use subtle::ConstantTimeEq;

use super::{Body, Policy, answer};

/// Happening a request must show: `Authorization: Bearer TOKEN`.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A token of at least 16 characters; `None` for a shorter one, or one that no header can carry.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let fits = text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}

/// The refusal, if there is one.
#[expect(clippy::result_large_err, reason = "the refusal is the answer that is sent")]
pub(super) fn admit(
    method: &Method,
    headers: &HeaderMap,
    policy: &Policy,
) -> Result<(), Response<Body>> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match &policy.token {
        Some(token) => {
            let shown = text(AUTHORIZATION).and_then(|shown| shown.strip_prefix("Bearer "));
            let is_right =
                shown.is_some_and(|shown| bool::from(shown.as_bytes().ct_eq(token.0.as_bytes())));
            if !is_right {
                return Err(answer::refusal(401, "show the token: Authorization: Bearer TOKEN"));
            }
        }
        None => {
            if !text(HOST).is_none_or(is_own) {
                return Err(answer::refusal(
                    421,
                    "this is 127.0.0.1, localhost or [::1], and no other host",
                ));
            }
        }
    }
    let is_foreign = text(ORIGIN).is_some_and(|origin| {
        let host = origin.strip_prefix("http://");
        !host.is_some_and(|host| {
            Some(host) == text(HOST) && (policy.token.is_some() || is_own(host))
        })
    });
    if is_foreign {
        return Err(answer::refusal(403, "a page of another site has no business here"));
    }
    let is_known = matches!(
        *method,
        Method::GET | Method::HEAD | Method::POST | Method::PUT | Method::PATCH | Method::DELETE
    );
    if is_known { Ok(()) } else { Err(answer::refusal(405, "there is no such method here")) }
}

/// Whether a host's name is this machine's own, whatever the port.
fn is_own(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
}
