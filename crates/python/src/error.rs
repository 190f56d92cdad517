//! Exceptions: those of `sscard.exceptions`, each with the library's own words, and Python's own for files.

use std::fmt::Display;
use std::io;
use std::path::Path;

use pyo3::exceptions::{PyKeyboardInterrupt, PyOSError};
use pyo3::prelude::*;
use sscard_host::{CardFileError, TransportError};
use sscard_terminal::ReadError;
use sscard_terminal::payment::PaymentError;

/// An exception of the package.
pub(crate) fn exception(name: &str, words: impl Display) -> PyErr {
    exception_with(name, |class| class.call1((words.to_string(),)))
}

/// The same, made by its class.
pub(crate) fn exception_with(
    name: &str,
    make: impl for<'py> FnOnce(Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>>,
) -> PyErr {
    Python::attach(|py| {
        let class = py.import("sscard.exceptions").and_then(|module| module.getattr(name));
        class.and_then(make).map_or_else(|error| error, PyErr::from_value)
    })
}

/// `OSError` or what it is for this reason, with the file.
pub(crate) fn of_file(path: &Path, source: &io::Error) -> PyErr {
    let path = path.as_os_str().to_owned();
    match source.raw_os_error() {
        Some(code) => {
            let words = source.to_string();
            let words = words.split(" (os error").next().unwrap_or_default().to_owned();
            PyOSError::new_err((code, words, path))
        }
        None => PyOSError::new_err(format!("{}: {source}", path.to_string_lossy())),
    }
}

/// A failed exchange.
pub(crate) fn of_transport(error: &TransportError) -> PyErr {
    let name = match error {
        TransportError::Removed => "CardRemoved",
        TransportError::Timeout { .. } => "Mute",
        TransportError::Reset => "CardReset",
        TransportError::NotKept(_) => "NotKept",
        TransportError::TooShort { .. } | TransportError::Unwritable(_) => "InvalidCommand",
        TransportError::Protocol(_) => "ProtocolError",
        // A signal's handler may have raised something of its own.
        TransportError::Interrupted => {
            return Python::attach(|py| {
                PyErr::take(py).unwrap_or_else(|| PyKeyboardInterrupt::new_err(()))
            });
        }
        _ => "TransportError",
    };
    exception(name, error)
}

/// A card's file that cannot be used.
pub(crate) fn of_card_file(error: &CardFileError) -> PyErr {
    match error {
        CardFileError::Unreadable { path, source } => of_file(path, source),
        CardFileError::InUse { .. } => exception("CardInUse", error),
        _ => exception("InvalidImage", error),
    }
}

/// A card that cannot be read.
pub(crate) fn of_reading(error: &ReadError) -> PyErr {
    match error {
        ReadError::Transport(error) => of_transport(error),
        _ => exception("ReadFailed", error),
    }
}

/// A payment that broke off; its document says what was exchanged until then.
pub(crate) fn of_payment(error: &PaymentError, document: &Bound<'_, PyAny>) -> PyErr {
    let made = match error {
        PaymentError::Transport(error) => of_transport(error),
        _ => exception("PaymentBroken", error),
    };
    let py = document.py();
    // Every exception of the package takes attributes.
    let _ = made.value(py).setattr("document", document);
    made
}
