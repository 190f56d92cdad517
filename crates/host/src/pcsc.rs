//! Cards in the machine's PC/SC readers.
//!
//! Each connection lives on a thread of its own with a context of its own: a call that waits for
//! another program's lock blocks nobody else, and a lock held over several commands borrows
//! nothing. The caller waits with a limit. The card is left as it is unless a reset is asked for,
//! also when the transport is dropped.
//!
//! Traps of the binding that are handled here: `Drop` of a card resets it; `transmit` without a
//! protocol panics; a small buffer loses a response that the card has already given.

mod worker;

use std::ffi::CString;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use pcsc::{Context, Error, ReaderState, Scope, State};
use sscard_core::Protocol;

use crate::{Disposition, ReaderInfo, Transport, TransportError};

/// How to connect.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ConnectOptions {
    /// Whether other programs are kept out for the whole connection.
    pub exclusive: bool,
    /// How long to wait for the card or for another program's lock.
    pub patience: Duration,
    /// Called once when an answer takes longer than two seconds.
    pub on_wait: Option<fn()>,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self { exclusive: false, patience: Duration::from_secs(30), on_wait: None }
    }
}

impl ConnectOptions {
    /// Keeps other programs out for the whole connection.
    #[must_use]
    pub fn exclusive(self) -> Self {
        Self { exclusive: true, ..self }
    }

    /// Waits so long for the card or for another program's lock.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Calls this once when an answer takes longer than two seconds.
    #[must_use]
    pub fn telling(self, on_wait: fn()) -> Self {
        Self { on_wait: Some(on_wait), ..self }
    }
}

/// The readers of this machine.
///
/// # Errors
/// [`TransportError::NoService`] when pcscd does not run.
pub fn readers() -> Result<Vec<ReaderInfo>, TransportError> {
    let context = establish()?;
    let names = names(&context)?;
    let mut states: Vec<_> =
        names.into_iter().map(|name| ReaderState::new(name, State::UNAWARE)).collect();
    if !states.is_empty() {
        context
            .get_status_change(Duration::ZERO, &mut states)
            .map_err(|error| error_of(error, ""))?;
    }
    let infos = states.iter().map(|state| ReaderInfo {
        name: state.name().to_string_lossy().into_owned(),
        atr: state.event_state().contains(State::PRESENT).then(|| state.atr().to_vec()),
        exclusive: state.event_state().contains(State::EXCLUSIVE),
        changes: state.event_count(),
    });
    Ok(infos.collect())
}

fn establish() -> Result<Context, TransportError> {
    Context::establish(Scope::User).map_err(|error| error_of(error, ""))
}

fn names(context: &Context) -> Result<Vec<CString>, TransportError> {
    match context.list_readers_owned() {
        Ok(names) => Ok(names),
        Err(Error::NoReadersAvailable) => Ok(Vec::new()),
        Err(error) => Err(error_of(error, "")),
    }
}

/// A card in a reader.
pub struct PcscReader {
    asks: Sender<Ask>,
    answers: Receiver<Result<Answer, TransportError>>,
    options: ConnectOptions,
    name: String,
    atr: Vec<u8>,
    protocol: Protocol,
    /// An answer was waited for in vain: what comes now belongs to no command that is asked.
    given_up: bool,
}

/// What the connection's thread is asked for.
enum Ask {
    Transmit(Vec<u8>),
    Begin,
    End,
    Reset,
    Close(Disposition),
}

/// What it answers.
enum Answer {
    Connected { atr: Vec<u8>, protocol: Protocol },
    Response(Vec<u8>),
    Done,
}

impl PcscReader {
    /// Connects to the card in the reader whose name is `name`, or contains it when only one does.
    ///
    /// # Errors
    /// Why there is no connection: no service, no such reader, no card, in use.
    pub fn connect(name: &str, options: ConnectOptions) -> Result<Self, TransportError> {
        let context = establish()?;
        let reader = choose(&names(&context)?, name)?;
        drop(context);
        let name = reader.to_string_lossy().into_owned();
        let (asks, asked) = channel();
        let (answering, answers) = channel();
        thread::spawn(move || worker::run(&reader, options.exclusive, &asked, &answering));
        let (atr, protocol) = (Vec::new(), Protocol::T0);
        let mut reader = Self { asks, answers, options, name, atr, protocol, given_up: false };
        match reader.wait()? {
            Answer::Connected { atr, protocol } => {
                (reader.atr, reader.protocol) = (atr, protocol);
                Ok(reader)
            }
            _ => Err(out_of_step()),
        }
    }

    /// The reader's whole name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn ask(&mut self, ask: Ask) -> Result<Answer, TransportError> {
        if self.given_up {
            return Err(self.timeout());
        }
        self.asks.send(ask).map_err(|_| TransportError::Removed)?;
        self.wait()
    }

    /// Waits for the thread's answer; after two seconds the person is told, after `patience` the
    /// connection is given up: a late answer would be taken for the next command's.
    fn wait(&mut self) -> Result<Answer, TransportError> {
        let first = Duration::from_secs(2).min(self.options.patience);
        let answer = match self.answers.recv_timeout(first) {
            Err(RecvTimeoutError::Timeout) => {
                if let Some(tell) = self.options.on_wait {
                    tell();
                }
                self.answers.recv_timeout(self.options.patience.saturating_sub(first))
            }
            answer => answer,
        };
        match answer {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => {
                self.given_up = true;
                Err(self.timeout())
            }
            Err(RecvTimeoutError::Disconnected) => Err(TransportError::Removed),
        }
    }

    fn timeout(&self) -> TransportError {
        let milliseconds = u64::try_from(self.options.patience.as_millis()).unwrap_or(u64::MAX);
        TransportError::Timeout { milliseconds: Some(milliseconds) }
    }
}

impl Transport for PcscReader {
    fn atr(&self) -> &[u8] {
        &self.atr
    }

    fn protocol(&self) -> Protocol {
        self.protocol
    }

    // `transmit` lets no single byte through: vpcd takes one for a word of its own, and pcscd waits for the answer
    // without end.
    fn exchange(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        match self.ask(Ask::Transmit(command.to_vec()))? {
            Answer::Response(bytes) if bytes.len() >= 2 => {
                *response = bytes;
                Ok(())
            }
            Answer::Response(bytes) => Err(TransportError::Protocol(format!(
                "the reader returned {} of a response, which has at least 2 bytes",
                match bytes.len() {
                    1 => "1 byte".to_owned(),
                    count => format!("{count} bytes"),
                }
            ))),
            _ => Err(out_of_step()),
        }
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        match self.ask(Ask::Reset)? {
            Answer::Connected { atr, protocol } => {
                (self.atr, self.protocol) = (atr, protocol);
                Ok(())
            }
            _ => Err(out_of_step()),
        }
    }

    fn begin(&mut self) -> Result<(), TransportError> {
        self.ask(Ask::Begin).map(drop)
    }

    fn end(&mut self) -> Result<(), TransportError> {
        self.ask(Ask::End).map(drop)
    }

    fn close(mut self: Box<Self>, disposition: Disposition) -> Result<(), TransportError> {
        self.ask(Ask::Close(disposition)).map(drop)
    }
}

fn out_of_step() -> TransportError {
    TransportError::Protocol("the reader's thread answered something else".into())
}

fn choose(names: &[CString], wanted: &str) -> Result<CString, TransportError> {
    let listed: Vec<_> = names.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    if let Some((exact, _)) = names.iter().zip(&listed).find(|(_, name)| *name == wanted) {
        return Ok(exact.clone());
    }
    let mut containing = names.iter().zip(&listed).filter(|(_, name)| name.contains(wanted));
    match (containing.next(), containing.next()) {
        (Some((only, _)), None) => Ok(only.clone()),
        (Some((_, first)), Some((_, second))) => {
            let rest = containing.map(|(_, name)| name);
            let found = [first, second].into_iter().chain(rest).cloned().collect();
            Err(TransportError::Ambiguous { wanted: wanted.to_owned(), found })
        }
        _ => Err(TransportError::NoReader { wanted: wanted.to_owned(), found: listed }),
    }
}

/// An error of PC/SC by what a person can do about it; the code is kept.
fn error_of(error: Error, reader: &str) -> TransportError {
    let code = Some(error as u32);
    match error {
        Error::NoService | Error::ServiceStopped => TransportError::NoService {
            service: "PC/SC service",
            reason: format!("{error}; is pcscd running?"),
            code,
        },
        Error::UnknownReader | Error::ReaderUnavailable => {
            TransportError::NoReader { wanted: reader.to_owned(), found: Vec::new() }
        }
        Error::NoSmartcard => TransportError::NoCard { reader: reader.to_owned() },
        Error::SharingViolation => TransportError::Busy { code },
        Error::ResetCard => TransportError::Reset,
        Error::RemovedCard | Error::UnpoweredCard | Error::UnresponsiveCard => {
            TransportError::Removed
        }
        Error::ProtoMismatch => TransportError::Protocol(error.to_string()),
        Error::Timeout => TransportError::Timeout { milliseconds: None },
        other => TransportError::Other { message: other.to_string(), code },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_answer_is_no_answer_to_the_next_command() {
        let (asks, asked) = channel();
        let (answering, answers) = channel();
        thread::spawn(move || {
            while let Ok(Ask::Transmit(command)) = asked.recv() {
                thread::sleep(Duration::from_millis(100));
                let _ = answering.send(Ok(Answer::Response(vec![command[1], 0x90, 0x00])));
            }
        });
        let patience = Duration::from_millis(20);
        let options = ConnectOptions { patience, ..ConnectOptions::default() };
        let (name, atr, protocol) = (String::new(), Vec::new(), Protocol::T1);
        let mut reader =
            PcscReader { asks, answers, options, name, atr, protocol, given_up: false };
        let mut response = Vec::new();
        for command in [[0, 0xAA, 0, 0], [0, 0xBB, 0, 0]] {
            let error = reader.transmit(&command, &mut response).expect_err("too late");
            assert!(matches!(error, TransportError::Timeout { milliseconds: Some(20) }), "{error}");
            assert_eq!(response, []);
            thread::sleep(Duration::from_millis(200));
        }
    }
}
