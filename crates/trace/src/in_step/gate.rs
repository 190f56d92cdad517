//! A card that takes its turns.

use std::sync::mpsc::{Receiver, Sender, channel};

use sscard_host::{Disposition, Layer, Transport, TransportError};

use crate::{Exchange, Reset, TraceEvent};

const STOPPED: &str = "stopped: the other card behaved differently";

/// Whether a session ended only because its turn did not come.
#[must_use]
pub fn is_stop(error: &TransportError) -> bool {
    matches!(error, TransportError::Other { message, .. } if message == STOPPED)
}

/// The end that gives turns. It sees what the card is asked for before the card does.
pub(super) struct Lane {
    said: Receiver<TraceEvent>,
    turn: Sender<()>,
}

/// A card behind a gate: it is asked only when its turn has come.
pub struct Paced<T> {
    card: T,
    gate: Gate,
}

/// The end that waits for turns.
pub struct Gate {
    said: Sender<TraceEvent>,
    turn: Receiver<()>,
}

pub(super) fn lane() -> (Lane, Gate) {
    let ((said, hears), (turn, waits)) = (channel(), channel());
    (Lane { said: hears, turn }, Gate { said, turn: waits })
}

impl Lane {
    /// What the card will do next, or has just done; nothing when its script has ended.
    pub(super) fn next(&self) -> Option<TraceEvent> {
        self.said.recv().ok()
    }

    /// Lets the card do it; what came of it.
    pub(super) fn go(&self) -> Option<TraceEvent> {
        self.turn.send(()).ok()?;
        self.next()
    }
}

impl Gate {
    /// The card is there, in this reader if it is in one; waits until the other one is there too.
    ///
    /// # Errors
    /// The other one never comes ([`is_stop`]).
    pub fn ready(&self, reader: Option<&str>) -> Result<(), TransportError> {
        self.wait(TraceEvent::Reset(Reset { reader: reader.map(Into::into), ..Reset::default() }))
    }

    /// Waits for the turn to do what was said.
    fn wait(&self, event: TraceEvent) -> Result<(), TransportError> {
        let stopped = || TransportError::Other { message: STOPPED.to_owned(), code: None };
        self.said.send(event).map_err(|_| stopped())?;
        self.turn.recv().map_err(|_| stopped())
    }

    fn tell(&self, event: TraceEvent) {
        // Who does not listen any more gives no further turn.
        let _ = self.said.send(event);
    }

    /// A card behind this gate.
    #[must_use]
    pub fn before<T>(self, card: T) -> Paced<T> {
        Paced { card, gate: self }
    }
}

impl<T> Paced<T> {
    /// Takes the card out.
    pub fn into_inner(self) -> T {
        self.card
    }
}

impl<T: Transport> Layer for Paced<T> {
    type Inner = T;

    fn below(&self) -> &T {
        &self.card
    }

    fn below_mut(&mut self) -> &mut T {
        &mut self.card
    }

    fn on_transmit(
        &mut self,
        command: &[u8],
        response: &mut Vec<u8>,
    ) -> Result<(), TransportError> {
        response.clear();
        let mut exchange = Exchange::new(command, Err(TransportError::told("not sent yet")));
        self.gate.wait(TraceEvent::Exchange(exchange.clone()))?;
        let outcome = self.card.transmit(command, response);
        exchange.response = outcome.clone().map(|()| response.clone());
        self.gate.tell(TraceEvent::Exchange(exchange));
        outcome
    }

    fn on_reset(&mut self) -> Result<(), TransportError> {
        self.gate.wait(TraceEvent::Reset(Reset::default()))?;
        // Without a word the lane ends.
        self.card.reset()?;
        self.gate.tell(TraceEvent::Reset(Reset::default()));
        Ok(())
    }

    /// Whoever took the card's turns decides what becomes of it.
    fn on_close(self: Box<Self>, _: Disposition) -> Result<(), TransportError> {
        Ok(())
    }
}
