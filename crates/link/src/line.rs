//! The line between a reader and a card: time, and whatever happens to characters on the way.
//!
//! What enters: the reader's characters, and how long it listens. What leaves: the card's characters, each with its time, or
//! silence; on request a record of everything that went over the line.

use std::collections::VecDeque;

use sscard_apdu::Protocol;
use sscard_host::{Transport, TransportError};

use crate::block::ErrorDetection;
use crate::card::{CardEnd, Signal};
use crate::character::{Character, Etu, SHORTEST_GUARD_TIME};
use crate::disturbance::{Counters, Disturbance, Passed};

/// Who sends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sender {
    /// The reader, to the card.
    Reader,
    /// The card, to the reader.
    Card,
}

/// Something that went over the line.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum LineEvent {
    /// A character, as it arrived.
    Character {
        /// Who sent it.
        sender: Sender,
        /// What arrived, with the time since the character before.
        character: Character,
    },
    /// A character that was sent and never arrived.
    Lost {
        /// Who sent it.
        sender: Sender,
        /// What was sent.
        byte: u8,
    },
    /// The next character of this sender did not leave it so: bits of it were turned round, or it comes a second time.
    Altered {
        /// Who sent it.
        sender: Sender,
    },
    /// The receiver signalled a parity error: the character comes again (T=0).
    ErrorSignal {
        /// Who had sent the character.
        sender: Sender,
    },
    /// Nothing came for as long as the card waits: it no longer knows of the command that had begun (T=0).
    GivenUp,
    /// Nothing came for as long as the reader listened.
    Silence {
        /// How long, in etu.
        lasting: Etu,
    },
    /// RST.
    Reset,
}

/// A card and the line to it.
pub struct Line<T> {
    card: CardEnd<T>,
    /// What the card has sent and the reader has not heard yet.
    waiting: VecDeque<Character>,
    disturbances: Vec<Disturbance>,
    counters: Counters,
    now: Etu,
    events: Option<Vec<(Etu, LineEvent)>>,
}

impl<T: Transport> Line<T> {
    /// A line to this card, which has just sent its ATR.
    pub fn new(card: CardEnd<T>) -> Self {
        let mut line = Self {
            card,
            waiting: VecDeque::new(),
            disturbances: Vec::new(),
            counters: Counters::default(),
            now: 0,
            events: None,
        };
        line.take_in_atr(line.card.answer_to_reset());
        line
    }

    /// What is to happen on the way; each disturbance happens once. Turns and characters are counted from here, and anew from
    /// each answer to reset, which counts as neither.
    pub fn disturb(&mut self, disturbances: impl IntoIterator<Item = Disturbance>) {
        let is_unheard = self.now == 0 && self.counters.heard == 0;
        self.disturbances = disturbances.into_iter().collect();
        self.counters = Counters::default();
        if is_unheard {
            self.waiting.clear();
            self.take_in_atr(self.card.answer_to_reset());
        }
    }

    /// Disturbances that have not happened yet.
    #[must_use]
    pub fn disturbances_left(&self) -> &[Disturbance] {
        &self.disturbances
    }

    /// From now on everything is recorded.
    pub fn record(&mut self) {
        self.events.get_or_insert_default();
    }

    /// What was recorded, each with its time since the line began; nothing of it stays.
    pub fn take_events(&mut self) -> Vec<(Etu, LineEvent)> {
        self.events.as_mut().map(core::mem::take).unwrap_or_default()
    }

    /// Time since the line began, in etu.
    #[must_use]
    pub fn now(&self) -> Etu {
        self.now
    }

    /// The card's end.
    #[must_use]
    pub fn card(&self) -> &CardEnd<T> {
        &self.card
    }

    /// The card's end, to be changed.
    pub fn card_mut(&mut self) -> &mut CardEnd<T> {
        &mut self.card
    }

    /// RST: what was on its way is gone; the ATR waits to be heard.
    ///
    /// # Errors
    /// The card cannot be reset.
    pub fn reset(&mut self) -> Result<(), TransportError> {
        self.waiting.clear();
        self.note(LineEvent::Reset);
        let answer = self.card.reset()?;
        self.counters = Counters::default();
        self.take_in_atr(answer);
        Ok(())
    }

    /// A turn of the reader's: characters that belong together, a block on T=1. Whether the card asked for one of them again
    /// is handled here: it is sent again, four times at most.
    pub fn send(&mut self, characters: Vec<Character>) {
        // Whoever begins to send no longer listens.
        self.waiting.clear();
        let checked = self.card.parameters().checked;
        let Passed { arriving, altered, .. } = self.disturbed(Sender::Reader, characters, checked);
        for (place, mut character) in arriving.into_iter().enumerate() {
            if altered.contains(&place) {
                self.note(LineEvent::Altered { sender: Sender::Reader });
            }
            if !self.waiting.is_empty() {
                // The card has begun to send, and does not listen.
                self.note(LineEvent::Lost { sender: Sender::Reader, byte: character.byte });
                continue;
            }
            for _ in 0..=4 {
                self.pass(character.after);
                if character.after < SHORTEST_GUARD_TIME {
                    // It overlaps the character before.
                    character.is_sound = false;
                }
                self.note(LineEvent::Character { sender: Sender::Reader, character });
                let signals = self.card.accept(character);
                let is_asked_again = signals.contains(&Signal::Error);
                self.take_in(signals);
                if !is_asked_again {
                    break;
                }
                self.note(LineEvent::ErrorSignal { sender: Sender::Reader });
                // At least two etu after the error signal (§7.3).
                character = Character::new(character.byte, 14);
            }
        }
    }

    /// The card's next character, when it begins within `limit`; else silence, and `limit` has passed.
    pub fn hear(&mut self, limit: Etu) -> Option<Character> {
        if self.waiting.is_empty() {
            self.pass_in_silence(limit);
        }
        let next = self.waiting.front_mut();
        let Some(next) = next.filter(|next| next.after <= limit) else {
            if let Some(late) = self.waiting.front_mut() {
                late.after = late.after.saturating_sub(limit);
            }
            self.pass(limit);
            self.note(LineEvent::Silence { lasting: limit });
            return None;
        };
        let mut character = *next;
        self.waiting.pop_front();
        if character.after < SHORTEST_GUARD_TIME && self.counters.heard > 0 {
            character.is_sound = false;
        }
        self.counters.heard = self.counters.heard.saturating_add(1);
        self.pass(character.after);
        self.note(LineEvent::Character { sender: Sender::Card, character });
        Some(character)
    }

    /// Whether the card has sent what nobody has heard yet.
    #[must_use]
    pub fn is_sending(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Nothing is sent for so long: the card may give up what it waits for, and say so.
    pub fn be_silent(&mut self, lasting: Etu) {
        self.pass_in_silence(lasting);
    }

    fn pass_in_silence(&mut self, lasting: Etu) {
        if self.card.gives_up(lasting) {
            self.note(LineEvent::GivenUp);
        }
        let signals = self.card.silence(lasting);
        self.take_in(signals);
    }

    /// The reader's error signal: the character it has just heard comes again (T=0, §7.3).
    pub fn ask_again(&mut self, heard: Character) {
        self.note(LineEvent::ErrorSignal { sender: Sender::Card });
        self.waiting.push_front(Character::new(heard.byte, 14));
    }

    fn take_in(&mut self, signals: Vec<Signal>) {
        let characters: Vec<Character> = signals
            .into_iter()
            .filter_map(|signal| match signal {
                Signal::Character(character) => Some(character),
                Signal::Error => None,
            })
            .collect();
        if characters.is_empty() {
            return;
        }
        let checked = self.card.parameters().checked;
        let passed = self.disturbed(Sender::Card, characters, checked);
        self.waiting.extend(passed.arriving);
    }

    fn take_in_atr(&mut self, sent: Vec<Character>) {
        let passed = Counters::pass_atr(sent.clone(), &mut self.disturbances);
        self.note_lost(Sender::Card, &sent, &passed.lost);
        self.waiting.extend(passed.arriving);
    }

    fn disturbed(
        &mut self,
        sender: Sender,
        characters: Vec<Character>,
        checked: ErrorDetection,
    ) -> Passed {
        let sent = characters.clone();
        let continues = self.card.parameters().protocol == Protocol::T0;
        let passed =
            self.counters.pass(sender, characters, &mut self.disturbances, checked, continues);
        self.note_lost(sender, &sent, &passed.lost);
        passed
    }

    fn note_lost(&mut self, sender: Sender, sent: &[Character], lost: &[usize]) {
        for place in lost {
            if let Some(character) = sent.get(*place) {
                self.note(LineEvent::Lost { sender, byte: character.byte });
            }
        }
    }

    fn pass(&mut self, time: Etu) {
        self.now = self.now.saturating_add(time);
    }

    fn note(&mut self, event: LineEvent) {
        let now = self.now;
        if let Some(events) = &mut self.events {
            events.push((now, event));
        }
    }
}
