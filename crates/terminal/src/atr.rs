//! What a terminal looks at in an answer to reset before it sends anything.

use sscard_apdu::{Atr, Protocol};
use sscard_host::{Transport, TransportError};

use crate::is_contactless;

/// Whether the answer to reset is sound, and offers the protocol that is spoken (ISO/IEC 7816-3 §8). One that a contactless
/// reader made up is none of the card's; without one there is nothing to look at.
///
/// # Errors
/// [`TransportError::Protocol`].
pub(crate) fn check<T: Transport>(card: &T) -> Result<(), TransportError> {
    let atr = card.atr();
    if atr.is_empty() || is_contactless(atr) {
        return Ok(());
    }
    let refused = |reason: &dyn std::fmt::Display| {
        TransportError::Protocol(format!("the card's answer to reset cannot be used: {reason}"))
    };
    let parsed = Atr::parse(atr).map_err(|error| refused(&error))?;
    let (spoken, name) = match card.protocol() {
        Protocol::T0 => (0, "T=0"),
        Protocol::T1 => (1, "T=1"),
    };
    if parsed.protocols().any(|offered| offered == spoken) {
        return Ok(());
    }
    Err(refused(&format_args!("it does not offer {name}, which is spoken")))
}
