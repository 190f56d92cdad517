//! Readers of PC/SC in this process: cards come and go, and programs find them through the library `libsscard_pcsc.so`.
//!
//! What enters: cards of Python, and what the server of `sscard-readers` asks. What leaves: answers, and a record of everything.

use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use sscard_host::{SmartCard, TransportError};
use sscard_readers::{IccOutcome, IccSlot, PowerUp, ReaderServer, ResourceManager};
use sscard_trace::ResetKind;

use crate::error::{exception, of_file};
use crate::input::bytes_or_hex;
use crate::served::Served;
use crate::trace::{Log, PyTrace};

/// How long something is waited for at a stretch: so fast a signal is noticed.
const STRETCH: Duration = Duration::from_millis(50);

/// Readers that one server has at most.
const MOST: usize = 16;

/// What happened in a slot, as far as it is waited for.
enum Happened {
    Exchange(Vec<u8>),
    Power,
    Inserted,
    Removed,
}

struct State {
    inside: Option<(u64, Served)>,
    /// The card as Python knows it, inside or beside the slot.
    object: Option<Py<PyAny>>,
    cards: u64,
    powered: bool,
    happened: Vec<Happened>,
    log: Log,
}

/// A slot whose card Python puts in and takes out.
pub(crate) struct ReaderSlot {
    state: Mutex<State>,
    changed: Condvar,
}

impl ReaderSlot {
    fn new() -> Self {
        let log = Log::begin(&[], None);
        let state = State {
            inside: None,
            object: None,
            cards: 0,
            powered: false,
            happened: Vec::new(),
            log,
        };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, state: &mut State, what: Happened) {
        state.happened.push(what);
        self.changed.notify_all();
    }

    /// The card that is in, without the slot's lock: it may be slow, and be taken out meanwhile.
    fn inside(&self) -> Option<(u64, Served)> {
        self.lock().inside.clone()
    }

    fn remove(&self, number: u64) {
        let mut state = self.lock();
        if state.inside.as_ref().is_some_and(|(inside, _)| *inside == number) {
            state.inside = None;
            state.powered = false;
            self.tell(&mut state, Happened::Removed);
        }
    }
}

impl IccSlot for ReaderSlot {
    fn card(&self) -> Option<u64> {
        self.lock().inside.as_ref().map(|(number, _)| *number)
    }

    fn power_up(&self, how: PowerUp) -> Option<Vec<u8>> {
        let (_, mut card) = self.inside()?;
        let done = if how == PowerUp::Warm { card.reset() } else { card.power_on() };
        let atr = done.is_ok().then(|| card.atr());
        let mut state = self.lock();
        let kind = if state.powered { ResetKind::Reset } else { ResetKind::PowerOn };
        state.powered = atr.is_some();
        if let Some(atr) = &atr {
            state.log.power(kind, atr);
            self.tell(&mut state, Happened::Power);
        }
        atr
    }

    fn power_down(&self) {
        let Some((_, mut card)) = self.inside() else { return };
        card.power_off();
        let mut state = self.lock();
        if std::mem::take(&mut state.powered) {
            state.log.power(ResetKind::PowerOff, &[]);
            self.tell(&mut state, Happened::Power);
        }
    }

    fn transmit(
        &self,
        command: &[u8],
        answer: &mut Vec<u8>,
        _is_there: &dyn Fn() -> bool,
    ) -> IccOutcome {
        answer.clear();
        let Some((number, mut card)) = self.inside() else { return IccOutcome::Removed };
        let sent = Instant::now();
        let given = card.transmit(command, answer);
        {
            let mut state = self.lock();
            state.log.exchange(sent, command, given.as_ref().map(|()| &answer[..]));
            self.tell(&mut state, Happened::Exchange(command.to_vec()));
        }
        match given {
            Ok(()) => IccOutcome::Answered,
            // A card whose power fails is in the reader still.
            Err(TransportError::Removed) if card.is_powered() => {
                self.remove(number);
                IccOutcome::Removed
            }
            Err(_) if card.is_powered() => IccOutcome::Silent,
            Err(_) => IccOutcome::Unpowered,
        }
    }

    fn wait_for_change(&self, known: Option<u64>, patience: Duration) -> Option<u64> {
        let inside = |state: &State| state.inside.as_ref().map(|(number, _)| *number);
        let state = self.lock();
        let waited =
            self.changed.wait_timeout_while(state, patience, |state| inside(state) == known);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        inside(&state)
    }
}

/// A reader's slot: cards are put in and taken out, what passes is recorded and can be waited for.
#[pyclass(frozen, module = "sscard", name = "Slot")]
pub(crate) struct PySlot {
    slot: Arc<ReaderSlot>,
    name: String,
}

#[pymethods]
impl PySlot {
    /// The reader's name, as programs find it.
    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    /// The card that is in, or `None`.
    #[getter]
    fn card(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        let state = self.slot.lock();
        state.inside.as_ref().and(state.object.as_ref()).map(|card| card.clone_ref(py))
    }

    /// Puts a card in, by its contacts or into the field; one that is in is taken out before. Without a card it is the one that was taken out last.
    #[pyo3(signature = (card = None, *, contactless = false))]
    fn insert(
        &self,
        py: Python<'_>,
        card: Option<&Bound<'_, PyAny>>,
        contactless: bool,
    ) -> PyResult<()> {
        let object = match card {
            Some(card) => card.clone().unbind(),
            None => {
                let beside = self.slot.lock().object.as_ref().map(|card| card.clone_ref(py));
                beside
                    .ok_or_else(|| exception("Error", "no card lies beside the slot: give one"))?
            }
        };
        let mut served = Served::of(object.bind(py))?;
        self.eject(py);
        py.detach(|| served.put_in(contactless));
        let old = {
            let mut state = self.slot.lock();
            state.cards = state.cards.saturating_add(1);
            state.inside = Some((state.cards, served));
            self.slot.tell(&mut state, Happened::Inserted);
            state.object.replace(object)
        };
        drop(old);
        Ok(())
    }

    /// Takes the card out; it loses its power. Nothing where none is in.
    fn eject(&self, py: Python<'_>) {
        let Some((number, mut card)) = self.slot.inside() else { return };
        py.detach(|| {
            self.slot.remove(number);
            // A card that is busy loses its power when it is done.
            card.power_off();
        });
    }

    /// What passed so far, or since `clear`.
    #[getter]
    fn trace(&self) -> PyTrace {
        PyTrace::of(self.slot.lock().log.clone())
    }

    /// How many things have happened: exchanges, changes of power, insertions, removals. `wait_for` takes it as `after`.
    #[getter]
    fn events(&self) -> usize {
        self.slot.lock().happened.len()
    }

    /// Forgets what passed; a trace that was taken before stays.
    fn clear(&self) {
        let mut state = self.slot.lock();
        state.log = Log::begin(&[], None);
    }

    /// Waits until an `exchange`, `power`, `inserted` or `removed` happens, or has happened after the event of that number; of an exchange
    /// also for one whose command begins with these bytes. Gives the number of events until then.
    #[pyo3(signature = (what, *, command = None, after = None, timeout = 30.0))]
    fn wait_for(
        &self,
        py: Python<'_>,
        what: &str,
        command: Option<&Bound<'_, PyAny>>,
        after: Option<usize>,
        timeout: f64,
    ) -> PyResult<usize> {
        if !["exchange", "power", "inserted", "removed"].contains(&what) {
            let words = format!("{what}: an exchange, power, inserted or removed is waited for");
            return Err(PyValueError::new_err(words));
        }
        let command = command.map(bytes_or_hex).transpose()?.unwrap_or_default();
        let patience = Duration::try_from_secs_f64(timeout)
            .map_err(|error| PyValueError::new_err(format!("timeout: {error}")))?;
        let is_it = |happened: &Happened| match (happened, what) {
            (Happened::Exchange(sent), "exchange") => sent.starts_with(&command),
            (Happened::Power, "power")
            | (Happened::Inserted, "inserted")
            | (Happened::Removed, "removed") => true,
            _ => false,
        };
        let begun = Instant::now();
        let mut looked = after.unwrap_or_else(|| self.slot.lock().happened.len());
        loop {
            let found = py.detach(|| {
                let state = self.slot.lock();
                let waited = self.slot.changed.wait_timeout_while(
                    state,
                    STRETCH.min(patience.saturating_sub(begun.elapsed())),
                    |state| !state.happened.iter().skip(looked).any(is_it),
                );
                let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
                let found = state.happened.iter().skip(looked).position(is_it);
                let next = found.map(|at| looked.saturating_add(at).saturating_add(1));
                looked = looked.max(state.happened.len());
                next
            });
            if let Some(next) = found {
                return Ok(next);
            }
            py.check_signals()?;
            if begun.elapsed() >= patience {
                let words = format!("{what}: it has not come within {timeout} s");
                return Err(exception("Late", words));
            }
        }
    }

    fn __repr__(&self) -> String {
        let is_in = self.slot.lock().inside.is_some();
        format!("<Slot {:?}{}>", self.name, if is_in { "" } else { " empty" })
    }
}

/// Readers that programs find through a Unix socket, as long as this object is there.
#[pyclass(frozen, module = "sscard", name = "Readers")]
pub(crate) struct PyReaders {
    server: Mutex<Option<ReaderServer>>,
    slots: Vec<Py<PySlot>>,
    socket: PathBuf,
}

#[pymethods]
impl PyReaders {
    /// So many empty readers at a socket, which is made; its folder is to be the owner's alone.
    #[new]
    #[pyo3(signature = (socket, slots = 1))]
    fn new(py: Python<'_>, socket: PathBuf, slots: usize) -> PyResult<Self> {
        if !(1..=MOST).contains(&slots) {
            return Err(PyValueError::new_err(format!("there are 1 to {MOST} readers")));
        }
        let listener = UnixListener::bind(&socket).map_err(|error| of_file(&socket, &error))?;
        let own: Vec<Arc<ReaderSlot>> =
            std::iter::repeat_with(|| Arc::new(ReaderSlot::new())).take(slots).collect();
        let manager =
            ResourceManager::new(own.iter().map(|slot| Arc::clone(slot) as Arc<dyn IccSlot>));
        let server = sscard_readers::serve(listener, manager);
        let server = server.map_err(|error| of_file(&socket, &error))?;
        let slots = own.into_iter().enumerate().map(|(number, slot)| {
            Py::new(py, PySlot { slot, name: format!("sscard {number:02X} 00") })
        });
        let slots = slots.collect::<PyResult<Vec<_>>>()?;
        Ok(Self { server: Mutex::new(Some(server)), slots, socket })
    }

    /// The slots, the first one's reader is `sscard 00 00`.
    #[getter]
    fn slots(&self, py: Python<'_>) -> Vec<Py<PySlot>> {
        self.slots.iter().map(|slot| slot.clone_ref(py)).collect()
    }

    /// The socket, which programs find by the variable `SSCARD_PCSC_SOCKET`.
    #[getter]
    fn socket(&self) -> String {
        self.socket.to_string_lossy().into_owned()
    }

    /// Ends the service: programs that are connected hear that there is none.
    fn close(&self, py: Python<'_>) {
        let server = self.server.lock().unwrap_or_else(PoisonError::into_inner).take();
        py.detach(|| drop(server));
    }
}
