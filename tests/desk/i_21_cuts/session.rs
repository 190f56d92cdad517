//! One session at a counter that may be cut anywhere.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use sscard_core::{Card, Protocol};
use sscard_desk::register::CardRow;
use sscard_desk::{Counter, Desk, DeskError};
use sscard_host::{Disposition, InProcess, Transport, TransportError};

use crate::desk::city::{City, Snapshot};

/// Where a session ends before its end.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cut {
    /// Nowhere.
    None,
    /// At an exchange: the command does not arrive, or its answer does not.
    Exchange { at: usize, executes: bool },
    /// The program ends before this write of a row.
    Write(u64),
    /// The card, or the old one, loses its power after so many bytes written to its memory.
    Power { old: bool, bytes: u64 },
}

/// What passed until the end.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Measure {
    pub(super) exchanges: usize,
    pub(super) writes: u64,
    pub(super) bytes: u64,
    pub(super) bytes_of_old: u64,
}

/// Counts the exchanges of all cards on the counter.
struct Meter {
    passed: Cell<usize>,
    fails: Option<(usize, bool)>,
}

struct Wire {
    card: InProcess,
    meter: Rc<Meter>,
}

impl Transport for &mut Wire {
    fn atr(&self) -> &[u8] {
        self.card.atr()
    }

    fn protocol(&self) -> Protocol {
        self.card.protocol()
    }

    fn exchange(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        let number = self.meter.passed.get();
        self.meter.passed.set(number + 1);
        match self.meter.fails {
            Some((at, executes)) if number >= at => {
                if executes && number == at {
                    self.card.transmit(command, response)?;
                }
                Err(TransportError::Removed)
            }
            _ => self.card.transmit(command, response),
        }
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.card.reset()
    }

    fn close(self: Box<Self>, _disposition: Disposition) -> Result<(), TransportError> {
        Ok(())
    }
}

pub(super) type Deliver<'d> = &'d mut dyn FnMut(&CardRow, Card) -> Result<(), DeskError>;

/// A session with these cards on the counter; the city after it, what came of it, what passed.
pub(super) fn session<T>(
    start: &Snapshot,
    on_counter: [Option<&str>; 2],
    cut: Cut,
    act: impl FnOnce(&mut Desk, &mut Counter<'_>, Deliver<'_>) -> Result<T, DeskError>,
) -> (Snapshot, Result<T, DeskError>, Measure) {
    let City { mut desk, mut cards, folder } = start.city();
    let fails = match cut {
        Cut::Exchange { at, executes } => Some((at, executes)),
        _ => None,
    };
    let meter = Rc::new(Meter { passed: Cell::new(0), fails });
    let mut wires = [false, true].map(|old| {
        let number = on_counter[usize::from(old)]?;
        let card = cards.remove(number).expect("a card");
        let mut card = InProcess::power_on(card).expect("power");
        let bytes = match cut {
            Cut::Power { old: cut_old, bytes } if cut_old == old => bytes,
            _ => u64::MAX,
        };
        card.card_mut().cut_power_after(bytes);
        Some(Wire { card, meter: meter.clone() })
    });
    let writes = if let Cut::Write(writes) = cut { writes } else { u64::MAX };
    desk.register_mut().fail_after(Some(writes));
    let mut made = BTreeMap::new();
    let mut deliver = |row: &CardRow, card: Card| {
        made.insert(row.number.clone(), card);
        Ok(())
    };
    let outcome = {
        let [card, old] = &mut wires;
        let mut counter = Counter::empty();
        if let Some(card) = card {
            counter = counter.with_card(card);
        }
        if let Some(old) = old {
            counter = counter.with_old_card(old);
        }
        act(&mut desk, &mut counter, &mut deliver)
    };
    let mut measure = Measure { exchanges: meter.passed.get(), ..Measure::default() };
    measure.writes = writes - desk.register().writes_until_failure().expect("armed");
    for (at, (wire, number)) in wires.into_iter().zip(on_counter).enumerate() {
        let (Some(wire), Some(number)) = (wire, number) else { continue };
        let mut card = wire.card.into_card();
        let written = u64::MAX.saturating_sub(card.bytes_until_cut().unwrap_or(0));
        *[&mut measure.bytes, &mut measure.bytes_of_old][at] = written;
        card.cut_power_after(u64::MAX);
        cards.insert(number.to_owned(), card);
    }
    for (number, card) in made {
        // A card that is made again is the same card.
        if let Some(before) = cards.get(&number) {
            assert_eq!(before.image().as_bytes(), card.image().as_bytes(), "{number}");
        }
        cards.insert(number, card);
    }
    (City { desk, cards, folder }.snapshot(), outcome, measure)
}
