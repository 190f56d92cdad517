//! A card that takes its turns: it does nothing before it is told to, and says what it did.
//!
//! ```text
//! script's thread: Paced ──next event──► Lane :the thread that compares
//!                        ◄────turn─────
//!                        ──what it did─►
//! ```

use std::sync::mpsc::{Receiver, Sender, channel};

use sscard_core::Protocol;
use sscard_host::{Disposition, Transport, TransportError};
use sscard_trace::{Event, Exchange, Reset};

const STOPPED: &str = "stopped: the other card did not do the same";

/// Whether a card was only kept from going on.
pub(super) fn is_stop(error: &TransportError) -> bool {
    matches!(error, TransportError::Other { message, .. } if message == STOPPED)
}

/// The end that gives turns. It sees what the card is asked for before the card does.
pub(super) struct Lane {
    said: Receiver<Event>,
    turn: Sender<()>,
}

/// The end that waits for them.
pub(super) struct Paced<T> {
    card: T,
    gate: Gate,
}

pub(super) struct Gate {
    said: Sender<Event>,
    turn: Receiver<()>,
}

pub(super) fn lane() -> (Lane, Gate) {
    let ((said, hears), (turn, waits)) = (channel(), channel());
    (Lane { said: hears, turn }, Gate { said, turn: waits })
}

impl Lane {
    /// What the card will do next, or has just done; nothing when its script has ended.
    pub(super) fn next(&self) -> Option<Event> {
        self.said.recv().ok()
    }

    /// Lets the card do it; what came of it.
    pub(super) fn go(&self) -> Option<Event> {
        self.turn.send(()).ok()?;
        self.next()
    }
}

impl Gate {
    /// Waits for the turn to do what was said.
    pub(super) fn wait(&self, event: Event) -> Result<(), TransportError> {
        let stopped = || TransportError::Other { message: STOPPED.to_owned(), code: None };
        self.said.send(event).map_err(|_| stopped())?;
        self.turn.recv().map_err(|_| stopped())
    }

    fn tell(&self, event: Event) {
        // Who does not listen any more gives no further turn.
        let _ = self.said.send(event);
    }

    /// A card behind this gate.
    pub(super) fn before<T>(self, card: T) -> Paced<T> {
        Paced { card, gate: self }
    }
}

impl<T> Paced<T> {
    pub(super) fn into_inner(self) -> T {
        self.card
    }
}

impl<T: Transport> Transport for Paced<T> {
    fn atr(&self) -> &[u8] {
        self.card.atr()
    }

    fn protocol(&self) -> Protocol {
        self.card.protocol()
    }

    fn transmit(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        response.clear();
        let mut exchange = Exchange { command: command.to_vec(), ..Exchange::default() };
        self.gate.wait(Event::Exchange(exchange.clone()))?;
        let outcome = self.card.transmit(command, response);
        match &outcome {
            Ok(()) => exchange.response = Some(response.clone()),
            Err(error) => exchange.error = Some(error.to_string()),
        }
        self.gate.tell(Event::Exchange(exchange));
        outcome
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.gate.wait(Event::Reset(Reset::default()))?;
        // Without a word the lane ends.
        self.card.reset()?;
        self.gate.tell(Event::Reset(Reset::default()));
        Ok(())
    }

    fn close(self: Box<Self>, _: Disposition) -> Result<(), TransportError> {
        Ok(())
    }
}
