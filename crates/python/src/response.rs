//! An answer: data and status word.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use sscard_apdu::StatusWord;
use sscard_lexicon::status_meaning;

use crate::error::exception_with;

/// What a card answered: `data`, `sw`, and what the status word means.
#[pyclass(frozen, module = "sscard", name = "Response")]
pub(crate) struct PyResponse {
    bytes: Vec<u8>,
    status: StatusWord,
    ins: u8,
}

impl PyResponse {
    /// An answer to a command with this instruction.
    pub(crate) fn new(bytes: Vec<u8>, ins: u8) -> Option<Self> {
        let status = StatusWord::from_bytes(*bytes.last_chunk::<2>()?);
        Some(Self { bytes, status, ins })
    }

    fn content(&self) -> &[u8] {
        self.bytes.split_last_chunk::<2>().map_or(&[], |(data, _)| data)
    }
}

#[pymethods]
impl PyResponse {
    /// The data, without the status word.
    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.content())
    }

    /// The status word, such as `0x9000`.
    #[getter]
    fn sw(&self) -> u16 {
        self.status.value()
    }

    /// Whether the status word is 9000.
    #[getter]
    fn ok(&self) -> bool {
        self.status.is_success()
    }

    /// How many tries a PIN or a key has left, where the status word says so (63Cx).
    #[getter]
    fn tries_left(&self) -> Option<u8> {
        self.status.tries_left()
    }

    /// What the status word means, in English.
    #[getter]
    fn meaning(&self) -> String {
        status_meaning(self.status, self.ins).en
    }

    /// What the status word means, in Chinese.
    #[getter]
    fn meaning_zh(&self) -> String {
        status_meaning(self.status, self.ins).zh
    }

    /// The answer itself, or the exception `StatusError` where its status word is not 9000.
    fn check(slf: Py<Self>, py: Python<'_>) -> PyResult<Py<Self>> {
        let this = slf.get();
        if this.status.is_success() {
            return Ok(slf);
        }
        let words = format!("{}: {}", this.status, this.meaning());
        let answer = slf.clone_ref(py);
        Err(exception_with("StatusError", |class| class.call1((words, answer))))
    }

    fn __bytes__<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.bytes)
    }

    fn __len__(&self) -> usize {
        self.bytes.len()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        match other.cast::<Self>() {
            Ok(other) => other.get().bytes == self.bytes,
            Err(_) => other.cast::<PyBytes>().is_ok_and(|other| other.as_bytes() == self.bytes),
        }
    }

    fn __repr__(&self) -> String {
        let data = sscard_apdu::hex::encode(self.content());
        format!("<Response {data}{}{}>", if data.is_empty() { "" } else { " " }, self.status)
    }
}
