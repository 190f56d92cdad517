//! A card in pcscd's virtual reader (vpcd), or at any program that plays its driver.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use pyo3::prelude::*;
use sscard_host::vpcd::{self, Slot, SlotRequest};
use sscard_host::{SmartCard, TransportError};

use crate::error::{exception, of_transport};
use crate::served::Served;

/// How long a driver is waited for before it is looked whether the server is to end.
const WAIT: Duration = Duration::from_millis(50);

/// A card that is served in a thread of its own, until `stop`.
#[pyclass(frozen, module = "sscard", name = "Server")]
pub(crate) struct PyServer {
    is_over: Arc<AtomicBool>,
    thread: Mutex<Option<JoinHandle<Result<(), TransportError>>>>,
}

/// Puts a card into the virtual reader whose driver listens at this address: a `Card`, or an object of one's own with the methods of
/// `SmartCard`.
#[pyfunction]
#[pyo3(signature = (card, host = "127.0.0.1", port = 35963))]
pub(crate) fn serve(card: &Bound<'_, PyAny>, host: &str, port: u16) -> PyResult<PyServer> {
    let mut served = Served::of(card)?;
    let slot = card.py().detach(|| Slot::connect((host, port)));
    let slot = slot.map_err(|error| of_transport(&error))?;
    let is_over = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&is_over);
    let address = (host.to_owned(), port);
    let thread = std::thread::Builder::new()
        .name("sscard serve".to_owned())
        .spawn(move || carry(slot, &address, &mut served, &over))
        .map_err(|error| exception("Error", error))?;
    Ok(PyServer { is_over, thread: Mutex::new(Some(thread)) })
}

/// Serves until it is over, or the driver has gone.
fn carry(
    mut slot: Slot,
    address: &(String, u16),
    card: &mut Served,
    is_over: &AtomicBool,
) -> Result<(), TransportError> {
    let mut response = Vec::new();
    while !is_over.load(Ordering::Acquire) {
        let request = match slot.next(WAIT) {
            Ok(request) => request,
            Err(TransportError::Removed) => return Ok(()),
            Err(error) => return Err(error),
        };
        let answered = vpcd::serve(&mut slot, request, card, &mut response);
        let is_silent = request == SlotRequest::Command && response.is_empty();
        match answered {
            Ok(()) if !is_silent => {}
            // A driver that waits for an answer can only be told by the card going away, and coming again.
            Ok(()) | Err(TransportError::Timeout { .. } | TransportError::Reset) => {
                drop(slot);
                SmartCard::power_off(card);
                slot = Slot::connect((address.0.as_str(), address.1))?;
            }
            Err(TransportError::Removed) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[pymethods]
impl PyServer {
    /// Whether the card is still served.
    #[getter]
    fn running(&self) -> bool {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Takes the card out, and raises what ended the serving before, if anything did.
    fn stop(&self, py: Python<'_>) -> PyResult<()> {
        self.is_over.store(true, Ordering::Release);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(thread) = thread else { return Ok(()) };
        match py.detach(|| thread.join()) {
            Ok(ended) => ended.map_err(|error| of_transport(&error)),
            Err(_) => Err(exception("Error", "the thread that served the card has broken off")),
        }
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyAny>) -> PyResult<()> {
        self.stop(py)
    }
}

impl Drop for PyServer {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
    }
}
