//! The API of the served cards: where it is bound, and who may use it.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use sscard_stand::http::{BindError, DESCRIPTION, PAGE, Pages, Policy, Running, Server, Token};
use sscard_stand::{ApiAddress, Stand};

use crate::failure::Failure;

/// A token of fewer characters can be guessed.
const SHORT: usize = 16;

/// Where and for whom the API is.
pub(crate) struct Settings {
    address: ApiAddress,
    policy: Policy,
}

/// The token that is given, here or by the environment.
pub(crate) fn token(option: Option<&str>) -> Result<Option<Token>, Failure> {
    let from_environment = || {
        let text = std::env::var_os("SSCARD_API_TOKEN").filter(|text| !text.is_empty())?;
        Some(("the variable SSCARD_API_TOKEN", text.to_string_lossy().into_owned()))
    };
    let given = option.map(|text| ("--api-token", text.to_owned())).or_else(from_environment);
    let Some((place, text)) = given else { return Ok(None) };
    let wrong = || {
        Failure::Usage(format!("{place}: a token has visible ASCII characters, and at least one"))
    };
    Token::new(&text).map(Some).ok_or_else(wrong)
}

impl Settings {
    /// What is asked for; an address that others than this machine can reach wants a token.
    pub(crate) fn of(
        api: Option<&str>,
        given: Option<&str>,
        shows_secrets: bool,
    ) -> Result<Option<Self>, Failure> {
        let token = token(given)?;
        let Some(text) = api else {
            if given.is_some() {
                return Err(Failure::Usage("--api-token has no effect without --api".to_owned()));
            }
            return Ok(None);
        };
        let address: ApiAddress =
            text.parse().map_err(|error| Failure::Usage(format!("--api: {error}")))?;
        if let (ApiAddress::Tcp(place), None) = (&address, &token)
            && !place.ip().is_loopback()
        {
            return Err(Failure::Usage(format!("--api {text}: {}", BindError::Outside(*place))));
        }
        let mut policy = Policy::open().showing_secrets(shows_secrets);
        if let Some(token) = token {
            if token.expose().len() < SHORT {
                complain!(
                    "sscard: warning: a token of fewer than {SHORT} characters can be guessed"
                );
            }
            policy = policy.with_token(token);
        }
        Ok(Some(Self { address, policy }))
    }

    /// Binds the address and serves; gives where that is.
    pub(crate) fn start(self, stand: &Arc<Stand>) -> Result<(Running, ApiAddress), Failure> {
        let stand = Arc::clone(stand);
        let pages = Pages::new(DESCRIPTION, PAGE);
        let Self { address, policy } = self;
        let server = match &address {
            ApiAddress::Tcp(place) => Server::bind(*place, stand, pages, policy),
            #[cfg(unix)]
            ApiAddress::Unix(path) => Server::bind_unix(path, stand, pages, policy),
            #[cfg(not(unix))]
            ApiAddress::Unix(_) => {
                return Err(Failure::Usage("--api unix: this system has none".to_owned()));
            }
        };
        let server = server.map_err(|error| {
            let exit_code = match &error {
                BindError::System { source, .. } if source.kind() == ErrorKind::AddrInUse => 5,
                _ => 6,
            };
            Failure::Api { text: format!("--api: {error}"), exit_code }
        })?;
        let address = server.address().map_or(address, ApiAddress::Tcp);
        let failed =
            |error: io::Error| Failure::Api { text: format!("--api: {error}"), exit_code: 6 };
        Ok((server.start().map_err(failed)?, address))
    }
}
