//! Commands in words: SELECT, READ RECORD, VERIFY and what terminals do.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyString;
use sscard_apdu::CommandApdu;
use sscard_commands::{Command, Selection};
use sscard_core::catalogue::{SSSE_NAME, applications};
use sscard_crypto::financial::format_2_block;
use sscard_host::{Follow, Transport};

use super::PyCard;
use crate::error::{exception, of_transport};
use crate::input::{bytes_or_hex, pin_bytes, with_bytes};
use crate::response::PyResponse;
use crate::terminal::{self, Purchase};
use crate::trace::{Log, PyTrace};
use crate::{json, script};

/// What an expected length of all there is means in a short command.
const ALL: usize = 256;

impl PyCard {
    /// A command whose 61xx and 6Cxx are followed, as readers do.
    fn followed(&self, py: Python<'_>, command: &[u8]) -> PyResult<PyResponse> {
        let ins = command.get(1).copied().unwrap_or_default();
        let sent = self.shared.at_length(py, |held| {
            let mut response = Vec::new();
            Follow::new(held).transmit(command, &mut response).map(|()| response)
        });
        let response = sent.map_err(|error| of_transport(&error))?;
        PyResponse::new(response, ins)
            .ok_or_else(|| exception("ProtocolError", "a response of less than 2 bytes"))
    }

    fn command(&self, py: Python<'_>, command: Command<'_>) -> PyResult<PyResponse> {
        let apdu: CommandApdu<'_> = command.apdu();
        let bytes = apdu.to_vec().map_err(|error| exception("InvalidCommand", error))?;
        self.followed(py, &bytes)
    }
}

/// Names of a card: whether it is a DF name, and its bytes.
fn selection(file: &Bound<'_, PyAny>) -> PyResult<(Selection, Vec<u8>)> {
    let Ok(word) = file.cast::<PyString>() else {
        let bytes = with_bytes(file, |bytes| Ok(bytes.to_vec()))?;
        return Ok((if bytes.len() == 2 { Selection::FileId } else { Selection::Name }, bytes));
    };
    let word = word.to_string();
    Ok(match &*word.to_ascii_uppercase() {
        "SSSE" => (Selection::Name, SSSE_NAME.to_vec()),
        "PSE" => (Selection::Name, b"1PAY.SYS.DDF01".to_vec()),
        "PPSE" => (Selection::Name, b"2PAY.SYS.DDF01".to_vec()),
        "MF" => (Selection::FileId, vec![0x3F, 0x00]),
        name => match applications().find(|application| application.name == name) {
            Some(known) => (Selection::FileId, known.fid.to_be_bytes().to_vec()),
            None => {
                let bytes = bytes_or_hex(file).map_err(|_| {
                    let words = format!(
                        "{word}: a file is SSSE, PSE, PPSE, MF, DF01, two bytes such as EF05, or a DF name"
                    );
                    PyValueError::new_err(words)
                })?;
                (if bytes.len() == 2 { Selection::FileId } else { Selection::Name }, bytes)
            }
        },
    })
}

fn short_identifier(sfi: u8) -> PyResult<u8> {
    let fits = sfi.checked_mul(8).filter(|_| sfi <= 30);
    fits.ok_or_else(|| PyValueError::new_err("a short file identifier is 0 to 30"))
}

#[pymethods]
impl PyCard {
    /// One command, as bytes or hexadecimal digits, with everything it takes to get its whole answer: 61xx and 6Cxx are followed.
    fn send(&self, command: &Bound<'_, PyAny>) -> PyResult<PyResponse> {
        self.followed(command.py(), &bytes_or_hex(command)?)
    }

    /// SELECT: `SSSE`, `PSE`, `PPSE`, `MF`, `DF01`…, a file identifier such as `EF05`, or a DF name or AID, as bytes or in hexadecimal.
    #[pyo3(signature = (file, *, next = false))]
    fn select(&self, file: &Bound<'_, PyAny>, next: bool) -> PyResult<PyResponse> {
        let (by, name) = selection(file)?;
        if by == Selection::Name && !(1..=16).contains(&name.len()) {
            let words = format!("a DF name has 1 to 16 bytes, this has {}", name.len());
            return Err(PyValueError::new_err(words));
        }
        self.command(file.py(), Command::Select { by, next, name: &name })
    }

    /// READ RECORD by number or by tag, of the file with this short identifier or of the current one.
    #[pyo3(signature = (number = None, *, tag = None, sfi = 0))]
    fn read_record(
        &self,
        py: Python<'_>,
        number: Option<u8>,
        tag: Option<u8>,
        sfi: u8,
    ) -> PyResult<PyResponse> {
        let file = short_identifier(sfi)?;
        let (p1, p2) = match (number, tag) {
            (Some(number), None) => (number, file | 4),
            (None, Some(tag)) => (tag, file),
            _ => {
                let words = "a record is named by its number or by its tag, one of both";
                return Err(PyValueError::new_err(words));
            }
        };
        self.command(py, Command::ReadRecord { p1, p2, ne: ALL })
    }

    /// READ BINARY of the file with this short identifier or of the current one.
    #[pyo3(signature = (offset = 0, length = 256, *, sfi = 0))]
    fn read_binary(
        &self,
        py: Python<'_>,
        offset: u16,
        length: usize,
        sfi: u8,
    ) -> PyResult<PyResponse> {
        short_identifier(sfi)?;
        let [high, low] = offset.to_be_bytes();
        let (p1, p2) = match (sfi, high) {
            (0, 0..=0x7F) => (high, low),
            (1.., 0) => (0x80 | sfi, low),
            _ => {
                let words = "an offset is at most 32767, with a short file identifier at most 255";
                return Err(PyValueError::new_err(words));
            }
        };
        if !(1..=65_536).contains(&length) {
            return Err(PyValueError::new_err("a length is 1 to 65536"));
        }
        self.command(py, Command::ReadBinary { p1, p2, ne: length })
    }

    /// GET CHALLENGE: random bytes of the card.
    #[pyo3(signature = (length = 8))]
    fn get_challenge(&self, py: Python<'_>, length: usize) -> PyResult<PyResponse> {
        if !(1..=256).contains(&length) {
            return Err(PyValueError::new_err("a length is 1 to 256"));
        }
        self.command(py, Command::GetChallenge { ne: length })
    }

    /// VERIFY: the PIN, as the social security application takes it or, with `emv`, as a block of format 2. Without one the card says how
    /// many tries are left.
    #[pyo3(signature = (pin = None, *, emv = false))]
    fn verify(&self, py: Python<'_>, pin: Option<&str>, emv: bool) -> PyResult<PyResponse> {
        let reference = if emv { 0x80 } else { 0x00 };
        match pin {
            None => self.command(py, Command::Verify { reference, pin: &[] }),
            Some(pin) if emv => {
                let words = "a PIN of format 2 has 4 to 12 digits";
                let block = format_2_block(pin).ok_or_else(|| PyValueError::new_err(words))?;
                self.command(py, Command::Verify { reference, pin: &*block })
            }
            Some(pin) => self.command(py, Command::Verify { reference, pin: &pin_bytes(pin)? }),
        }
    }

    /// What a hospital's reader reads of the card, as `sscard read --json` says it; `all`: of every application.
    #[pyo3(signature = (*, pin = None, all = false, date = None))]
    fn read<'py>(
        &self,
        py: Python<'py>,
        pin: Option<&str>,
        all: bool,
        date: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let found = terminal::read(py, &self.shared, pin, all, date)?;
        json::document(py, &found)
    }

    /// A payment at a terminal with the test bank behind it, as `sscard pay --json` says it. `amount` is in fen: 1234 is 12.34 CNY.
    #[pyo3(signature = (
        amount, *, pin = None, contactless = false, online = true, sm = false, aid = None, date = None, seed = 1, decline = false,
        scripts = Vec::new()
    ))]
    #[expect(clippy::too_many_arguments, reason = "Python names them")]
    fn pay<'py>(
        &self,
        py: Python<'py>,
        amount: u64,
        pin: Option<String>,
        contactless: bool,
        online: bool,
        sm: bool,
        aid: Option<&Bound<'py, PyAny>>,
        date: Option<&Bound<'py, PyAny>>,
        seed: u64,
        decline: bool,
        scripts: Vec<String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let aid = aid.map(bytes_or_hex).transpose()?;
        let date = crate::input::day(date)?;
        let purchase =
            Purchase { amount, pin, contactless, online, sm, aid, date, seed, decline, scripts };
        terminal::pay(py, &self.shared, purchase)
    }

    /// Runs a script in the language of docs/script.md on this card; the report is as `sscard run --json` says it of one script.
    fn run<'py>(&self, script: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        script::run_on(script, &self.shared)
    }

    /// Records what passes from now on, until `stop_recording`. PINs and keys are hidden when the trace is shown or written, unless it is asked for them.
    fn start_recording(&self, py: Python<'_>) -> PyTrace {
        let log = self.shared.briefly(py, |held| {
            let log = Log::begin(held.atr(), Some(held.card().protocol()));
            held.record(Some(log.clone()));
            log
        });
        PyTrace::of(log)
    }

    /// Ends the recording; the trace stays.
    fn stop_recording(&self, py: Python<'_>) {
        self.shared.briefly(py, |held| drop(held.record(None)));
    }
}
