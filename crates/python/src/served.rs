//! Cards that are served: ours, and objects of Python that take power and commands.

use std::sync::Arc;

use pyo3::exceptions::{PyTimeoutError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyByteArrayMethods, PyBytes};
use sscard_core::{Interface, Protocol};
use sscard_host::{SmartCard, TransportError, first_protocol};

use crate::card::PyCard;
use crate::held::SharedCard;

/// An object with the methods of `sscard.SmartCard`.
struct OwnCard {
    object: Py<PyAny>,
}

/// A card that is served.
#[derive(Clone)]
pub(crate) enum Served {
    Ours(SharedCard),
    Own(Arc<Object>),
}

/// Python's object behind it.
pub(crate) struct Object(OwnCard);

impl Served {
    /// A `Card`, or an object that has its methods of power and `transmit`.
    pub(crate) fn of(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(card) = object.cast::<PyCard>() {
            return Ok(Self::Ours(card.get().shared.clone()));
        }
        for method in ["power_on", "power_off", "transmit", "atr"] {
            if !object.hasattr(method)? {
                let words = format!(
                    "a card has power_on, power_off, atr and transmit: this object has no {method}"
                );
                return Err(PyTypeError::new_err(words));
            }
        }
        Ok(Self::Own(Arc::new(Object(OwnCard { object: object.clone().unbind() }))))
    }

    /// The card is put into a reader.
    pub(crate) fn put_in(&mut self, contactless: bool) {
        let interface = if contactless { Interface::Contactless } else { Interface::Contact };
        match self {
            Self::Ours(card) => card.lock().put_in(interface),
            Self::Own(object) => object.0.power_off(),
        }
    }

    /// Whether the card has power, where that is known.
    pub(crate) fn is_powered(&self) -> bool {
        match self {
            Self::Ours(card) => card.lock().card().is_powered(),
            Self::Own(_) => true,
        }
    }
}

/// What an exception of Python's card means; what nobody expected is told to whoever runs Python.
fn failure(py: Python<'_>, error: PyErr, object: &Bound<'_, PyAny>) -> TransportError {
    let is_ours = |name: &str| {
        let class = py.import("sscard.exceptions").and_then(|module| module.getattr(name));
        class.is_ok_and(|class| error.matches(py, class).unwrap_or(false))
    };
    if is_ours("CardRemoved") {
        return TransportError::Removed;
    }
    if error.is_instance_of::<PyTimeoutError>(py) {
        return TransportError::Timeout { milliseconds: None };
    }
    let told = TransportError::told(error.to_string());
    error.write_unraisable(py, Some(object));
    told
}

impl OwnCard {
    fn call<R>(
        &self,
        call: impl for<'py> FnOnce(&Bound<'py, PyAny>) -> PyResult<R>,
    ) -> Result<R, TransportError> {
        // An interpreter that ends runs nobody's card any more.
        let called = Python::try_attach(|py| {
            let object = self.object.bind(py);
            call(object).map_err(|error| failure(py, error, object))
        });
        called.unwrap_or(Err(TransportError::Removed))
    }

    fn power_off(&self) {
        let _ = self.call(|card| card.call_method0("power_off").map(drop));
    }

    fn atr(&self) -> Vec<u8> {
        let atr = self.call(|card| {
            let atr = card.getattr("atr")?;
            bytes(&if atr.is_callable() { atr.call0()? } else { atr })
        });
        atr.unwrap_or_default()
    }
}

fn bytes(object: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if let Ok(bytes) = object.cast::<PyBytes>() {
        return Ok(bytes.as_bytes().to_vec());
    }
    object
        .cast::<PyByteArray>()
        .map(PyByteArrayMethods::to_vec)
        .map_err(|_| PyTypeError::new_err("a card answers with bytes"))
}

impl SmartCard for Served {
    fn power_on(&mut self) -> Result<(), TransportError> {
        match self {
            Self::Ours(card) => card.power_on(),
            Self::Own(own) => own.0.call(|card| card.call_method0("power_on").map(drop)),
        }
    }

    fn power_off(&mut self) {
        match self {
            Self::Ours(card) => SmartCard::power_off(card),
            Self::Own(own) => own.0.power_off(),
        }
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        match self {
            Self::Ours(card) => SmartCard::reset(card),
            Self::Own(own) => own.0.call(|card| {
                if card.hasattr("reset")? {
                    return card.call_method0("reset").map(drop);
                }
                card.call_method0("power_off")?;
                card.call_method0("power_on").map(drop)
            }),
        }
    }

    fn atr(&self) -> Vec<u8> {
        match self {
            Self::Ours(card) => SmartCard::atr(card),
            Self::Own(own) => own.0.atr(),
        }
    }

    fn transmit(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        match self {
            Self::Ours(card) => SmartCard::transmit(card, command, response),
            Self::Own(own) => {
                let command = command.to_vec();
                let answer = own.0.call(move |card| {
                    let command = PyBytes::new(card.py(), &command);
                    bytes(&card.call_method1("transmit", (command,))?)
                })?;
                if answer.len() < 2 {
                    let words = "the card's answer has less than 2 bytes";
                    return Err(TransportError::Protocol(words.to_owned()));
                }
                *response = answer;
                Ok(())
            }
        }
    }

    fn protocol(&self) -> Protocol {
        match self {
            Self::Ours(card) => SmartCard::protocol(card),
            Self::Own(_) => first_protocol(&self.atr()),
        }
    }
}
