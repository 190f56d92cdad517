//! The cards of a trace: a reset that brings another ATR brings another card.

use std::sync::Arc;

use sscard_lexicon::Annotation;

use super::super::card::CardSeen;
use super::super::{Exchange, Header, Reset};

/// The files of so many cards are kept; a trace with more says so.
const LIMIT: usize = 16;
/// So many readers are told apart; in any other is the card that was used last.
const READERS: usize = 64;

/// The cards by their ATR, in the order in which they came.
pub(crate) struct Cards {
    kept: Vec<(Vec<u8>, CardSeen)>,
    readers: Vec<(Option<Arc<str>>, Inserted)>,
    last: Inserted,
    /// Whether there were more cards than are kept.
    cut: bool,
    /// Whether the header names a reader, or something was of none.
    is_header_used: bool,
}

/// The card in a reader.
#[derive(Clone, Default)]
struct Inserted {
    /// Empty when it is not known.
    atr: Vec<u8>,
    /// Which of the kept cards it is, if it is kept.
    kept: Option<usize>,
}

impl Cards {
    /// The card of the header is in the header's reader.
    pub(super) fn first(header: &Header) -> Self {
        let first = Inserted { atr: header.atr.clone(), kept: Some(0) };
        Self {
            kept: vec![(header.atr.clone(), CardSeen::default())],
            readers: vec![(None, first.clone())],
            last: first,
            cut: false,
            is_header_used: header.reader.is_some(),
        }
    }

    /// Takes note of what an exchange shows of its card.
    pub(super) fn note(&mut self, exchange: &Exchange, annotation: &Annotation<'_>) {
        let reader = exchange.reader.as_ref();
        self.is_header_used |= reader.is_none();
        let inserted = self.inserted(reader);
        let kept = inserted.kept.and_then(|at| self.kept.get_mut(at));
        if let Some((_, card)) = kept {
            card.note(&exchange.command, annotation);
        }
        self.insert(reader, inserted);
    }

    /// Takes note of a reset, and says whether it brought another card.
    pub(super) fn reset(&mut self, reset: &Reset) -> bool {
        let reader = reset.reader.as_ref();
        let before = self.inserted(reader);
        if reset.atr.is_empty() || reset.atr == before.atr {
            self.insert(reader, before);
            return false;
        }
        let known = self.kept.iter().position(|(atr, _)| *atr == reset.atr);
        // A card that was not reset so far now has an ATR, unless it may be another reader's.
        let shared = self
            .readers
            .iter()
            .filter(|(other, _)| other.is_some() || self.is_header_used)
            .any(|(other, inserted)| other.as_ref() != reader && inserted.kept == before.kept);
        let named = known.is_none() && before.atr.is_empty() && !shared;
        let kept = if let Some(at) = known {
            Some(at)
        } else if named {
            if let Some((atr, _)) = before.kept.and_then(|at| self.kept.get_mut(at)) {
                atr.clone_from(&reset.atr);
            }
            before.kept
        } else if self.kept.len() < LIMIT {
            let at = self.kept.len();
            self.kept.push((reset.atr.clone(), CardSeen::default()));
            Some(at)
        } else {
            self.cut = true;
            None
        };
        self.insert(reader, Inserted { atr: reset.atr.clone(), kept });
        !named
    }

    /// The cards with the headings of their files. A heading is plain in HTML and Markdown.
    pub(super) fn listed(&self) -> Vec<(String, &CardSeen)> {
        // Nothing is known of a card that has neither an ATR nor files.
        let listed = |(atr, card): &&(Vec<u8>, CardSeen)| {
            self.kept.len() == 1 || !atr.is_empty() || !card.directories.is_empty()
        };
        let cards: Vec<_> = self.kept.iter().filter(listed).collect();
        let one = cards.len() == 1;
        let heading = |atr: &[u8]| {
            let whose = match atr {
                _ if one => "card's files".to_owned(),
                [] => "files of the card with unknown ATR".to_owned(),
                atr => format!("files of the card with ATR {}", hex::encode_upper(atr)),
            };
            format!("The {whose} as the session showed them (卡内文件)")
        };
        cards.into_iter().map(|(atr, card)| (heading(atr), card)).collect()
    }

    /// What to say of the cards that are not kept.
    pub(super) fn more(&self) -> Option<String> {
        self.cut.then(|| {
            format!(
                "The trace has more cards than the {LIMIT} listed here (仅列出前 {LIMIT} 张卡)."
            )
        })
    }

    fn inserted(&self, reader: Option<&Arc<str>>) -> Inserted {
        let known = self.readers.iter().find(|(known, _)| known.as_ref() == reader);
        known.map_or(&self.last, |(_, inserted)| inserted).clone()
    }

    fn insert(&mut self, reader: Option<&Arc<str>>, inserted: Inserted) {
        self.last.clone_from(&inserted);
        let place = self.readers.iter_mut().find(|(known, _)| known.as_ref() == reader);
        if let Some((_, place)) = place {
            *place = inserted;
        } else if self.readers.len() < READERS {
            self.readers.push((reader.cloned(), inserted));
        }
    }
}
