//! The card as Python has it.

mod changed;
mod commands;

use std::path::PathBuf;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};
use sscard_core::{Card, CardImage, Interface, LifeCycle, Protocol};
use sscard_host::whole_file::{self, Audience};
use sscard_host::{CardFile, Sync, Transport};

use crate::error::{exception, of_card_file, of_file, of_transport};
use crate::held::{Held, SharedCard};
use crate::input::with_bytes;
use crate::json::document;
use crate::profile::{issue, named};

/// A simulated card: a value in memory, or one that is kept in a file.
///
/// It has no power at first. Threads may share it; one command is carried out after the other.
#[pyclass(frozen, module = "sscard", name = "Card", weakref)]
pub(crate) struct PyCard {
    pub(crate) shared: SharedCard,
}

/// A card as it was: memory, session, power.
#[pyclass(frozen, module = "sscard", name = "Snapshot")]
pub(crate) struct PySnapshot {
    card: Card,
}

#[pymethods]
impl PySnapshot {
    /// A number of 64 bits for everything that decides what the card answers.
    #[getter]
    fn digest(&self) -> u64 {
        self.card.digest().value()
    }
}

impl PyCard {
    pub(crate) fn of(card: Card, file: Option<CardFile>) -> PyResult<Self> {
        let held = Held::new(card, file).map_err(|error| of_transport(&error))?;
        Ok(Self { shared: SharedCard::new(held) })
    }

    fn look<R: Send>(&self, py: Python<'_>, look: impl FnOnce(&Card) -> R + Send) -> R {
        self.shared.briefly(py, |held| look(held.card()))
    }

    /// Powers it, and gives its answer to reset.
    fn power<'py>(&self, py: Python<'py>, by: Option<Interface>) -> PyResult<Bound<'py, PyBytes>> {
        let powered = self.shared.briefly(py, |held| {
            let done = match by {
                Some(interface) => held.power_by(interface),
                None => Transport::reset(held),
            };
            done.map(|()| held.atr().to_vec())
        });
        let atr = powered.map_err(|error| of_transport(&error))?;
        Ok(PyBytes::new(py, &atr))
    }
}

#[pymethods]
impl PyCard {
    /// A fresh card of a profile: a built-in one's name, a path, or a `Profile`.
    ///
    /// `seed` says which synthetic holder it belongs to; other keywords are items such as `name="李测甲"`, as those of `sscard new --set`.
    #[new]
    #[pyo3(signature = (profile = None, seed = None, *, state = None, faults = None, **items))]
    fn new(
        profile: Option<&Bound<'_, PyAny>>,
        seed: Option<u64>,
        state: Option<&str>,
        faults: Option<Vec<String>>,
        items: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let profile = match profile {
            Some(profile) => named(profile)?,
            None => Python::attach(|py| named(PyString::new(py, "gen3").as_any()))?,
        };
        let life_cycle = match state {
            None => None,
            Some("produced") => Some(LifeCycle::Deactivated),
            Some("active") => Some(LifeCycle::Activated),
            Some(other) => {
                let words = format!("state {other:?}: it is 'produced' or 'active'");
                return Err(PyValueError::new_err(words));
            }
        };
        let items = items.map_or_else(|| Ok(Vec::new()), Items::extract_items)?;
        let card = Self::of(issue(&profile, seed, &items, life_cycle)?, None)?;
        for fault in faults.iter().flatten() {
            card.set(fault)?;
        }
        Ok(card)
    }

    /// The card of an image file, which stays as it is, whatever becomes of the card.
    #[staticmethod]
    fn load(path: PathBuf) -> PyResult<Self> {
        let card = CardFile::read(&path).map_err(|error| of_card_file(&error))?;
        Self::of(card, None)
    }

    /// The card of an image file in which everything is kept before it is answered. The file is locked as long as the card is there.
    ///
    /// With `sync`, what was answered survives a crash of the operating system, too.
    #[staticmethod]
    #[pyo3(signature = (path, *, sync = false))]
    fn open(path: PathBuf, sync: bool) -> PyResult<Self> {
        let sync = if sync { Sync::Always } else { Sync::Idle };
        let (file, card) = CardFile::open(&path, sync).map_err(|error| of_card_file(&error))?;
        Self::of(card, Some(file))
    }

    /// The card of an image's bytes.
    #[staticmethod]
    fn from_image(image: &Bound<'_, PyAny>) -> PyResult<Self> {
        let image = with_bytes(image, |bytes| Ok(CardImage::from_bytes(bytes.to_vec())))?;
        let card = Card::from_image(&image);
        Self::of(card.map_err(|error| exception("InvalidImage", error))?, None)
    }

    /// A card that is what another one was when the snapshot was taken, with its power and its session.
    #[staticmethod]
    fn from_snapshot(snapshot: &Bound<'_, PySnapshot>) -> PyResult<Self> {
        Self::of(snapshot.get().card.clone(), None)
    }

    /// The card's image: everything that survives without power.
    fn image<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let image = self.look(py, Card::image);
        PyBytes::new(py, image.as_bytes())
    }

    /// Writes the image to a file, which is there as a whole or not at all.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let image = self.look(py, Card::image);
        // Who keeps a card in this file would be written over.
        if CardFile::is_in_use(&path) {
            let words = format!("{}: a card is kept in this file", path.display());
            return Err(exception("CardInUse", words));
        }
        let written = whole_file::write(&path, image.as_bytes(), Audience::Owner);
        written.map(drop).map_err(|error| of_file(&path, &error))
    }

    /// Writes the file of a kept card anew, safe from a crash of the operating system. Nothing for a card in memory.
    fn settle(&self, py: Python<'_>) -> PyResult<()> {
        self.shared.at_length(py, Held::settle).map_err(|error| of_transport(&error))
    }

    /// Puts the card away: it loses its power, and its file, where it has one, is written anew and free for others. It gets no power any
    /// more; what it was can still be looked at. A second time does nothing.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.shared.at_length(py, Held::close).map_err(|error| of_transport(&error))
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyAny>) -> PyResult<()> {
        self.close(py)
    }

    /// Powers the card by its contacts, and gives its answer to reset.
    fn power_on<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        self.power(py, Some(Interface::Contact))
    }

    /// Puts the card into a contactless reader's field, and gives the answer to reset that such a reader makes up.
    fn enter_field<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        self.power(py, Some(Interface::Contactless))
    }

    /// Takes the power away: all that is volatile is gone.
    fn power_off(&self, py: Python<'_>) {
        self.shared.briefly(py, Held::power_off);
    }

    /// Resets the card, or powers it as it was powered last, and gives its answer to reset.
    fn reset<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        self.power(py, None)
    }

    /// The answer to reset, whether the card has power or not.
    #[getter]
    fn atr<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.shared.briefly(py, |held| held.atr().to_vec()))
    }

    /// Whether the card has power.
    #[getter]
    fn powered(&self, py: Python<'_>) -> bool {
        self.look(py, Card::is_powered)
    }

    /// `contact` or `contactless`: what it was powered by last.
    #[getter]
    fn interface(&self, py: Python<'_>) -> &'static str {
        match self.look(py, Card::interface) {
            Interface::Contact => "contact",
            Interface::Contactless => "contactless",
        }
    }

    /// `T=0` or `T=1`.
    #[getter]
    fn protocol(&self, py: Python<'_>) -> &'static str {
        match self.look(py, Card::protocol) {
            Protocol::T0 => "T=0",
            Protocol::T1 => "T=1",
        }
    }

    /// The profile the card was made from.
    #[getter]
    fn profile(&self, py: Python<'_>) -> String {
        self.look(py, |card| card.profile().blueprint().name.to_string())
    }

    /// One command, raw: data and status word come back, and nothing is repeated or followed.
    fn transmit<'py>(&self, command: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let py = command.py();
        with_bytes(command, |command| {
            if let Some(mut held) = self.shared.free().filter(|held| held.is_quick()) {
                held.exchange_here(command).map_err(|error| of_transport(&error))?;
                return Ok(PyBytes::new(py, &held.response));
            }
            // A slow answer is waited for without Python's lock.
            let sent = self
                .shared
                .at_length(py, |held| held.exchange_here(command).map(|()| held.response.clone()));
            let response = sent.map_err(|error| of_transport(&error))?;
            Ok(PyBytes::new(py, &response))
        })
    }

    /// The card as it is: memory, session, power.
    fn snapshot(&self, py: Python<'_>) -> PySnapshot {
        PySnapshot { card: self.look(py, Card::snapshot) }
    }

    /// Goes back to a snapshot of this card or of another one.
    fn restore(&self, snapshot: &Bound<'_, PySnapshot>) -> PyResult<()> {
        let (py, snapshot) = (snapshot.py(), &snapshot.get().card);
        let back = self.shared.briefly(py, |held| held.change(|card| card.restore(snapshot)));
        back.map_err(|error| of_transport(&error))
    }

    /// A card of its own that is what this one is now, in memory.
    fn clone(&self, py: Python<'_>) -> PyResult<Self> {
        Self::of(self.look(py, Card::snapshot), None)
    }

    fn __copy__(&self, py: Python<'_>) -> PyResult<Self> {
        self.clone(py)
    }

    fn __deepcopy__(&self, py: Python<'_>, _memo: &Bound<'_, PyAny>) -> PyResult<Self> {
        self.clone(py)
    }

    /// A number of 64 bits for everything that decides what the card answers: equal cards have equal ones.
    #[getter]
    fn digest(&self, py: Python<'_>) -> u64 {
        self.look(py, |card| card.digest().value())
    }

    /// Everything on the card, as `sscard inspect --json` says it; with `keys` its TEST keys, too.
    #[pyo3(signature = (*, keys = false))]
    fn inspect<'py>(&self, py: Python<'py>, keys: bool) -> PyResult<Bound<'py, PyAny>> {
        let found = self.look(py, Card::snapshot);
        document(py, &sscard_documents::inspect::document(&found, keys))
    }

    /// Changes the card where it stands: the items of `sscard new --set`, and the fields of a profile's `[state]`, such as `pin_tries_left=1` or
    /// `blocked=["SSSE"]`; all or none. Session and power stay.
    #[pyo3(signature = (**fields))]
    fn change(&self, py: Python<'_>, fields: Option<&Bound<'_, PyDict>>) -> PyResult<()> {
        let Some(fields) = fields else { return Ok(()) };
        let text: String = py.import("json")?.call_method1("dumps", (fields,))?.extract()?;
        let changes = serde_json::from_str(&text).map_err(|error| exception("Error", error))?;
        let changed = self.shared.briefly(py, |held| {
            held.change(|card| {
                let before = card.snapshot();
                let changed = changed::change(card, &changes);
                if changed.is_err() {
                    card.restore(&before);
                }
                changed
            })
        });
        let changed = changed.map_err(|error| of_transport(&error))?;
        changed.map_err(|words| exception("InvalidChange", words))
    }

    /// Lets the power fail before byte `written_bytes + 1` that the card writes from now on; `None`: it does not.
    fn power_cut(&self, py: Python<'_>, written_bytes: Option<u64>) {
        let _ = self.shared.briefly(py, |held| {
            held.change(|card| match written_bytes {
                Some(bytes) => card.cut_power_after(bytes),
                None => card.disarm_cut(),
            })
        });
    }

    /// One more fault, such as `mute@7`, in the words of docs/faults.md.
    fn set_fault(&self, fault: &str) -> PyResult<()> {
        self.set(fault)
    }

    /// No fault any more. A card that one of them took away comes back with the next reset.
    fn clear_faults(&self, py: Python<'_>) {
        self.shared.briefly(py, |held| held.faults().clear_faults());
    }

    /// The faults that are set.
    #[getter]
    fn faults(&self, py: Python<'_>) -> Vec<String> {
        self.shared.briefly(py, |held| held.faults().set_faults())
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        self.look(py, |card| {
            let power = if card.is_powered() { "powered" } else { "no power" };
            format!("<Card {} {}>", card.profile().blueprint().name, power)
        })
    }
}

impl PyCard {
    fn set(&self, fault: &str) -> PyResult<()> {
        let set =
            Python::attach(|py| self.shared.briefly(py, |held| held.faults().set_fault(fault)));
        set.map_err(|words| exception("InvalidFault", words))
    }
}

/// Keyword arguments as items of a holder.
trait Items {
    fn extract_items(&self) -> PyResult<Vec<(String, String)>>;
}

impl Items for Bound<'_, PyDict> {
    fn extract_items(&self) -> PyResult<Vec<(String, String)>> {
        self.iter().map(|(name, value)| Ok((name.extract()?, value.str()?.to_string()))).collect()
    }
}
