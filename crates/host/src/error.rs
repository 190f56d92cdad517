//! Why an exchange failed, grouped by what a person can do about it.

use sscard_apdu::EmitError;

use crate::NotKept;

/// A failed exchange; a status word is never one.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// No PC/SC service, no vpcd.
    #[error("no {service}: {reason}")]
    NoService {
        /// What is missing, such as `PC/SC service`.
        service: &'static str,
        /// What was tried and what came back.
        reason: String,
        /// The code of PC/SC, when there is one.
        code: Option<u32>,
    },
    /// The service has no reader of that name.
    #[error("no reader '{wanted}'; there is {}", listed(.found))]
    NoReader {
        /// The name asked for.
        wanted: String,
        /// The readers there are.
        found: Vec<String>,
    },
    /// Several readers have that in their names.
    #[error("'{wanted}' matches several readers: {}; give more of the name", listed(.found))]
    Ambiguous {
        /// The name asked for.
        wanted: String,
        /// The readers it fits.
        found: Vec<String>,
    },
    /// The reader is empty.
    #[error("no card in '{reader}'")]
    NoCard {
        /// Its name.
        reader: String,
    },
    /// Another program holds the card.
    #[error("the card is in use by another program")]
    Busy {
        /// The code of PC/SC, when there is one.
        code: Option<u32>,
    },
    /// Somebody reset the card: what it had proved is gone.
    #[error("the card was reset")]
    Reset,
    /// The card is gone, or has lost its power.
    #[error("the card was removed or lost its power")]
    Removed,
    /// No answer in time.
    #[error("no answer {}", .milliseconds.map_or("in time".to_owned(), |waited| format!("within {waited} ms")))]
    Timeout {
        /// How long was waited, where that is known.
        milliseconds: Option<u64>,
    },
    /// The command is too short to be one; it was not sent.
    #[error("a command has at least 4 bytes, this one has {bytes}: it was not sent")]
    TooShort {
        /// How many bytes it has.
        bytes: usize,
    },
    /// The command has a length that no length field can say; it was not sent.
    #[error("the command cannot be written: {0}")]
    Unwritable(EmitError),
    /// What came back is no response, or the protocol could not be agreed upon.
    #[error("protocol error: {0}")]
    Protocol(String),
    /// What the command changed could not be kept, so it is not answered.
    #[error(transparent)]
    NotKept(NotKept),
    /// A signal asks for the end; the command was not sent.
    #[error("interrupted")]
    Interrupted,
    /// Anything else that PC/SC or the network reports.
    #[error("{message}{}", .code.map(|code| format!(" (code {code:08X})")).unwrap_or_default())]
    Other {
        /// What was reported.
        message: String,
        /// The code of PC/SC, when there is one.
        code: Option<u32>,
    },
}

impl TransportError {
    /// An error of which no more than this is known: as a trace tells it.
    pub fn told(message: impl Into<String>) -> Self {
        Self::Other { message: message.into(), code: None }
    }

    /// What came back has fewer than two bytes.
    pub(crate) fn short_response() -> Self {
        Self::Protocol("a response of less than 2 bytes".into())
    }
}

fn listed(found: &[String]) -> String {
    if found.is_empty() { "none".to_owned() } else { format!("'{}'", found.join("', '")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_say_what_happened_and_what_there_is() {
        let error = TransportError::NoReader { wanted: "A".into(), found: vec!["B".into()] };
        assert_eq!(error.to_string(), "no reader 'A'; there is 'B'");
        let error = TransportError::Other { message: "x".into(), code: Some(0x8010_002F) };
        assert_eq!(error.to_string(), "x (code 8010002F)");
        let timeout = |milliseconds| TransportError::Timeout { milliseconds }.to_string();
        assert_eq!(timeout(Some(250)), "no answer within 250 ms");
        assert_eq!(
            timeout(None),
            "no answer in time",
            "the service gave up, and says not after what"
        );
    }
}
