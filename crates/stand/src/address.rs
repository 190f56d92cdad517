//! Where an API is: an address of a machine, or a socket of the file system.

use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::str::FromStr;

/// Where an API is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ApiAddress {
    /// A port of a machine.
    Tcp(SocketAddr),
    /// A socket of the file system.
    Unix(PathBuf),
}

/// No address of an API.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("'{0}' is no address: HOST:PORT such as 127.0.0.1:7816, or unix:PATH")]
pub struct AddressError(String);

impl FromStr for ApiAddress {
    type Err = AddressError;

    /// `HOST:PORT`, the same as `http://HOST:PORT/`, or `unix:PATH`.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let wrong = || AddressError(text.escape_debug().to_string());
        if let Some(path) = text.strip_prefix("unix:") {
            let is_path = !path.is_empty() && !path.contains('\0');
            return if is_path { Ok(Self::Unix(PathBuf::from(path))) } else { Err(wrong()) };
        }
        let place = text.strip_prefix("http://").unwrap_or(text);
        let place = place.strip_suffix('/').unwrap_or(place);
        if let Ok(address) = place.parse() {
            return Ok(Self::Tcp(address));
        }
        let found: Vec<SocketAddr> = place.to_socket_addrs().map_err(|_| wrong())?.collect();
        // A name that has an address of each kind is meant by the older one, as most programs take it.
        let first = found.iter().find(|address| address.is_ipv4()).or(found.first());
        first.copied().map(Self::Tcp).ok_or_else(wrong)
    }
}

impl fmt::Display for ApiAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "http://{address}/"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}
