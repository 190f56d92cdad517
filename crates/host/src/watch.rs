//! Readers and cards that come and go.
//!
//! What enters: what the service says now and then, failures too. What leaves: events. The first
//! look reports everything that is there; a service that is gone takes its readers along, and one
//! that is back shows them again. A card that was changed between two looks is seen by the
//! service's own count of changes.

use crate::TransportError;

/// One reader of the machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReaderInfo {
    /// Its name.
    pub name: String,
    /// ATR of the card in it, if there is one.
    pub atr: Option<Vec<u8>>,
    /// Whether another program holds the card alone.
    pub exclusive: bool,
    /// How often a card came or went, as the service counts; 0 where it does not.
    pub changes: u32,
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReaderEvent {
    /// A reader is there.
    ReaderAdded {
        /// Its name.
        reader: String,
    },
    /// A reader is gone.
    ReaderRemoved {
        /// Its name.
        reader: String,
    },
    /// A card is in a reader.
    CardInserted {
        /// The reader's name.
        reader: String,
        /// The card's ATR.
        atr: Vec<u8>,
    },
    /// A card has left a reader.
    CardRemoved {
        /// The reader's name.
        reader: String,
    },
    /// The service does not answer; its readers are gone.
    ServiceLost {
        /// Why.
        reason: String,
    },
    /// The service answers again.
    ServiceBack,
}

/// Remembers the last look and tells what has changed since.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    known: Vec<ReaderInfo>,
    lost: bool,
}

impl Watch {
    /// A watch that has seen nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in what the service says; the events since the last look, removals first.
    pub fn look(&mut self, said: Result<Vec<ReaderInfo>, TransportError>) -> Vec<ReaderEvent> {
        let mut events = Vec::new();
        let now = match said {
            Ok(readers) => {
                if std::mem::take(&mut self.lost) {
                    events.push(ReaderEvent::ServiceBack);
                }
                readers
            }
            Err(error) => {
                if !std::mem::replace(&mut self.lost, true) {
                    events.push(ReaderEvent::ServiceLost { reason: error.to_string() });
                }
                Vec::new()
            }
        };
        let before = std::mem::take(&mut self.known);
        for old in &before {
            let new = now.iter().find(|new| new.name == old.name);
            let same_card = new.is_some_and(|new| new.atr == old.atr && new.changes == old.changes);
            if old.atr.is_some() && !same_card {
                events.push(ReaderEvent::CardRemoved { reader: old.name.clone() });
            }
            if new.is_none() {
                events.push(ReaderEvent::ReaderRemoved { reader: old.name.clone() });
            }
        }
        for new in &now {
            let old = before.iter().find(|old| old.name == new.name);
            if old.is_none() {
                events.push(ReaderEvent::ReaderAdded { reader: new.name.clone() });
            }
            let same_card = old.is_some_and(|old| new.atr == old.atr && new.changes == old.changes);
            if let (Some(atr), false) = (&new.atr, same_card) {
                let (reader, atr) = (new.name.clone(), atr.clone());
                events.push(ReaderEvent::CardInserted { reader, atr });
            }
        }
        self.known = now;
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(name: &str, atr: Option<u8>, changes: u32) -> ReaderInfo {
        let atr = atr.map(|byte| vec![0x3B, byte]);
        ReaderInfo { name: name.into(), atr, exclusive: false, changes }
    }

    fn added(reader: &str) -> ReaderEvent {
        ReaderEvent::ReaderAdded { reader: reader.into() }
    }

    fn removed(reader: &str) -> ReaderEvent {
        ReaderEvent::ReaderRemoved { reader: reader.into() }
    }

    fn inserted(reader: &str, byte: u8) -> ReaderEvent {
        ReaderEvent::CardInserted { reader: reader.into(), atr: vec![0x3B, byte] }
    }

    fn taken(reader: &str) -> ReaderEvent {
        ReaderEvent::CardRemoved { reader: reader.into() }
    }

    #[test]
    fn the_first_look_shows_what_is_there() {
        let mut watch = Watch::new();
        let seen = watch.look(Ok(vec![reader("A", Some(1), 1), reader("B", None, 0)]));
        assert_eq!(seen, [added("A"), inserted("A", 1), added("B")]);
        assert_eq!(watch.look(Ok(vec![reader("A", Some(1), 1), reader("B", None, 0)])), []);
    }

    #[test]
    fn cards_come_and_go() {
        let mut watch = Watch::new();
        watch.look(Ok(vec![reader("A", None, 0)]));
        assert_eq!(watch.look(Ok(vec![reader("A", Some(1), 1)])), [inserted("A", 1)]);
        assert_eq!(watch.look(Ok(vec![reader("A", None, 2)])), [taken("A")]);
    }

    #[test]
    fn a_card_changed_between_two_looks_is_seen() {
        let mut watch = Watch::new();
        watch.look(Ok(vec![reader("A", Some(1), 1)]));
        let same = watch.look(Ok(vec![reader("A", Some(1), 3)]));
        assert_eq!(same, [taken("A"), inserted("A", 1)]);
        let other = watch.look(Ok(vec![reader("A", Some(2), 5)]));
        assert_eq!(other, [taken("A"), inserted("A", 2)]);
    }

    #[test]
    fn readers_come_and_go_with_their_cards() {
        let mut watch = Watch::new();
        watch.look(Ok(vec![reader("A", Some(1), 1)]));
        let seen = watch.look(Ok(vec![reader("B", Some(2), 1)]));
        assert_eq!(seen, [taken("A"), removed("A"), added("B"), inserted("B", 2)]);
    }

    #[test]
    fn a_lost_service_is_said_once_and_shown_again_when_it_is_back() {
        let mut watch = Watch::new();
        watch.look(Ok(vec![reader("A", Some(1), 1)]));
        let lost = || Err(TransportError::Removed);
        let reason = TransportError::Removed.to_string();
        let seen = watch.look(lost());
        assert_eq!(seen, [ReaderEvent::ServiceLost { reason }, taken("A"), removed("A")]);
        assert_eq!(watch.look(lost()), []);
        let seen = watch.look(Ok(vec![reader("A", Some(1), 1)]));
        assert_eq!(seen, [ReaderEvent::ServiceBack, added("A"), inserted("A", 1)]);
    }
}
