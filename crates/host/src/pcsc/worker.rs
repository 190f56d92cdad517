//! The thread that owns one connection.

use std::ffi::CStr;
use std::sync::mpsc::{Receiver, Sender};
use std::thread;
use std::time::Duration;

use pcsc::{Card, Context, Protocols, ShareMode, Transaction};
use sscard_core::Protocol;

use super::{Answer, Ask, error_of, establish};
use crate::{Disposition, TransportError};

/// How often a silent card is looked for, and how long between two looks.
const LOOKS: usize = 10;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

type Reply = Result<Answer, TransportError>;

/// Connects, then answers what is asked until the connection is closed or the other side is gone.
pub(super) fn run(reader: &CStr, exclusive: bool, asked: &Receiver<Ask>, answers: &Sender<Reply>) {
    let name = reader.to_string_lossy();
    let share = if exclusive { ShareMode::Exclusive } else { ShareMode::Shared };
    let connected = establish().and_then(|context: Context| {
        let card = context
            .connect(reader, share, Protocols::ANY)
            .map_err(|error| error_of(error, &name))?;
        Ok(Guard { card: Some(card), share })
    });
    let mut guard = match connected {
        Ok(guard) => guard,
        Err(error) => return drop(answers.send(Err(error))),
    };
    if answers.send(guard.connected()).is_err() {
        return;
    }
    while let Ok(ask) = asked.recv() {
        let next = match ask {
            Ask::Begin => hold(&mut guard, asked, answers),
            Ask::Close(disposition) => {
                drop(answers.send(guard.close(disposition)));
                return;
            }
            Ask::Transmit(command) => answers.send(guard.transmit(&command)),
            Ask::Reset => answers.send(guard.reset()),
            Ask::End => answers.send(Ok(Answer::Done)),
        };
        if next.is_err() {
            return;
        }
    }
}

/// Answers what is asked while other programs are kept out.
fn hold(
    guard: &mut Guard,
    asked: &Receiver<Ask>,
    answers: &Sender<Reply>,
) -> Result<(), std::sync::mpsc::SendError<Reply>> {
    let closing = {
        let Some(card) = guard.card.as_mut() else {
            return answers.send(Err(TransportError::Removed));
        };
        let transaction = match card.transaction2() {
            Ok(transaction) => transaction,
            Err((_, error)) => return answers.send(Err(error_of(error, ""))),
        };
        answers.send(Ok(Answer::Done))?;
        match within(transaction, asked, answers)? {
            Some(closing) => closing,
            None => return Ok(()),
        }
    };
    match closing {
        Closing::Reset => answers.send(guard.reset()),
        Closing::Close(disposition) => answers.send(guard.close(disposition)),
    }
}

/// What ends a held lock other than `End`.
enum Closing {
    Reset,
    Close(Disposition),
}

fn within(
    transaction: Transaction<'_>,
    asked: &Receiver<Ask>,
    answers: &Sender<Reply>,
) -> Result<Option<Closing>, std::sync::mpsc::SendError<Reply>> {
    loop {
        match asked.recv() {
            Ok(Ask::Transmit(command)) => answers.send(exchange(&transaction, &command))?,
            Ok(Ask::Begin) => answers.send(Ok(Answer::Done))?,
            Ok(Ask::End) => {
                let ended = transaction.end(pcsc::Disposition::LeaveCard);
                let ended = ended.map_err(|(held, error)| seen(error, &held));
                answers.send(ended.map(|()| Answer::Done))?;
                return Ok(None);
            }
            Ok(Ask::Reset) => return Ok(Some(Closing::Reset)),
            Ok(Ask::Close(disposition)) => return Ok(Some(Closing::Close(disposition))),
            Err(_) => return Ok(None),
        }
    }
}

fn exchange(card: &Card, command: &[u8]) -> Reply {
    // As large as a response can be: with a smaller one the card would have answered in vain.
    let mut buffer = vec![0; pcsc::MAX_BUFFER_SIZE_EXTENDED];
    match card.transmit(command, &mut buffer) {
        Ok(response) if response.len() < 2 && is_gone(card) => Err(TransportError::Removed),
        Ok(response) => Ok(Answer::Response(response.to_vec())),
        Err(error) => Err(seen(error, card)),
    }
}

/// An error by what a person can do about it; the driver's own words for a card that is gone mean
/// that it is gone.
fn seen(error: pcsc::Error, card: &Card) -> TransportError {
    match error_of(error, "") {
        TransportError::Other { .. } if is_gone(card) => TransportError::Removed,
        error => error,
    }
}

/// Whether a card that gave no answer was taken away. pcscd looks for cards now and then only.
fn is_gone(card: &Card) -> bool {
    use pcsc::Error::{NoSmartcard, ReaderUnavailable, RemovedCard, UnpoweredCard};
    (0..LOOKS).any(|look| {
        if look > 0 {
            thread::sleep(BETWEEN_LOOKS);
        }
        matches!(
            card.status2_owned(),
            Err(NoSmartcard | ReaderUnavailable | RemovedCard | UnpoweredCard)
        )
    })
}

/// A connected card that is left as it is when it goes out of scope.
struct Guard {
    card: Option<Card>,
    share: ShareMode,
}

impl Guard {
    fn card(&mut self) -> Result<&mut Card, TransportError> {
        self.card.as_mut().ok_or(TransportError::Removed)
    }

    fn connected(&mut self) -> Reply {
        let status = self.card()?.status2_owned().map_err(|error| error_of(error, ""))?;
        let protocol = match status.protocol2() {
            Some(pcsc::Protocol::T0) => Protocol::T0,
            Some(pcsc::Protocol::T1) => Protocol::T1,
            _ => return Err(TransportError::Protocol("no protocol was agreed upon".into())),
        };
        Ok(Answer::Connected { atr: status.atr().to_vec(), protocol })
    }

    fn transmit(&mut self, command: &[u8]) -> Reply {
        exchange(self.card()?, command)
    }

    fn reset(&mut self) -> Reply {
        let share = self.share;
        self.card()?
            .reconnect(share, Protocols::ANY, pcsc::Disposition::ResetCard)
            .map_err(|error| error_of(error, ""))?;
        self.connected()
    }

    fn close(&mut self, disposition: Disposition) -> Reply {
        let disposition = match disposition {
            Disposition::Leave => pcsc::Disposition::LeaveCard,
            Disposition::Reset => pcsc::Disposition::ResetCard,
            Disposition::PowerOff => pcsc::Disposition::UnpowerCard,
        };
        let card = self.card.take().ok_or(TransportError::Removed)?;
        card.disconnect(disposition).map_err(|(card, error)| {
            // A second disconnect, in Drop, would reset the card; it is gone anyway.
            std::mem::forget(card);
            error_of(error, "")
        })?;
        Ok(Answer::Done)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if self.card.is_some() {
            drop(self.close(Disposition::Leave));
        }
    }
}
