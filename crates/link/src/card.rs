//! The card's end of the line: answer to reset, selection of parameters, then characters or blocks.
//!
//! What enters: characters. What leaves: characters, and the error signal of T=0. Everything behind is a `Transport`, so a
//! card of one's own, one with faults or one in a reader can be put on the line.

mod t0;
mod t1;

use sscard_apdu::Protocol;
use sscard_apdu::atr::{Atr, AtrError};
use sscard_commands::class;
use sscard_commands::ins;
use sscard_host::{Transport, TransportError};

use self::t0::CardT0;
use self::t1::CardT1;
use crate::character::{Character, Etu, GUARD_TIME, TURN_T0, TURN_T1, turn};
use crate::parameters::LineParameters;
use crate::pps::{self, Pps};

/// How the card behaves where the standard leaves it a choice; more may come: `..Behaviour::default()`.
#[derive(Clone, Debug)]
pub struct Behaviour {
    /// Whether an instruction brings data (CLA INS P1 P2): T=0 does not tell from its header. [`brings_data`] by default.
    pub brings_data: fn([u8; 4]) -> bool,
    /// NULL bytes (60) before the procedure byte of each command on T=0.
    pub null_bytes: u8,
    /// INS complemented before each byte of data, instead of INS before all of them (T=0).
    pub byte_by_byte: bool,
    /// S(WTX request) before each answer on T=1.
    pub waiting_time_requests: u8,
    /// Their multiplier of the block waiting time.
    pub waiting_time_multiplier: u8,
    /// S(IFS request) with this size before the first answer on T=1.
    pub information_field_size: Option<u8>,
    /// How long the card works on a command, in etu.
    pub working_time: Etu,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            brings_data,
            null_bytes: 0,
            byte_by_byte: false,
            waiting_time_requests: 0,
            waiting_time_multiplier: 1,
            information_field_size: None,
            working_time: 0,
        }
    }
}

/// Whether an instruction of the card's applications brings data: every one does but those that only read, and those with
/// secure messaging bring at least a MAC.
#[must_use]
pub fn brings_data([cla, instruction, ..]: [u8; 4]) -> bool {
    let is_protected = cla & 0x0C != 0 && cla & 0x40 == 0;
    let only_reads = match instruction {
        ins::READ_BINARY
        | ins::READ_RECORD
        | ins::GET_RESPONSE
        | ins::GET_DATA
        | ins::MANAGE_CHANNEL => true,
        ins::GET_CHALLENGE => cla & 0xF0 == class::INTERINDUSTRY,
        ins::GET_BALANCE => true,
        _ => false,
    };
    is_protected || !only_reads
}

/// What the card sends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signal {
    /// A character.
    Character(Character),
    /// The line held low for one to two etu in the guard time: send that character again (T=0, §7.3).
    Error,
}

/// Why the card says nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Mute {
    Silent,
    Failed(TransportError),
}

enum State {
    /// After the ATR: a PPS or the first byte of the first protocol.
    Fresh(Vec<u8>),
    T0(CardT0),
    T1(Box<CardT1>),
    Mute,
}

/// A card on the line.
pub struct CardEnd<T> {
    card: T,
    atr: Vec<u8>,
    parameters: LineParameters,
    behaviour: Behaviour,
    state: State,
    failure: Option<TransportError>,
}

impl<T: Transport> CardEnd<T> {
    /// Puts a powered card on the line.
    ///
    /// # Errors
    /// Its ATR is none.
    pub fn new(card: T, behaviour: Behaviour) -> Result<Self, AtrError> {
        let atr = card.atr().to_vec();
        let parameters = LineParameters::of(&Atr::parse(&atr)?);
        let state = State::Fresh(Vec::new());
        Ok(Self { card, atr, parameters, behaviour, state, failure: None })
    }

    /// RST: the card begins anew and answers.
    ///
    /// # Errors
    /// The card behind cannot be reset, or its ATR is none.
    pub fn reset(&mut self) -> Result<Vec<Character>, TransportError> {
        self.card.reset()?;
        self.atr = self.card.atr().to_vec();
        let atr =
            Atr::parse(&self.atr).map_err(|error| TransportError::Protocol(error.to_string()))?;
        self.parameters = LineParameters::of(&atr);
        self.state = State::Fresh(Vec::new());
        self.failure = None;
        Ok(self.answer_to_reset())
    }

    /// The ATR as it goes over the line; the first character comes 400 to 40,000 clock cycles after RST (§8.1).
    #[must_use]
    pub fn answer_to_reset(&self) -> Vec<Character> {
        turn(&self.atr, GUARD_TIME, GUARD_TIME)
    }

    /// Takes one character.
    pub fn accept(&mut self, character: Character) -> Vec<Signal> {
        let is_repeated = !character.is_sound && self.repeats_characters();
        if is_repeated {
            return vec![Signal::Error];
        }
        let answer = match &mut self.state {
            State::Mute => return Vec::new(),
            State::Fresh(_) => self.begin(character),
            State::T0(t0) => t0.accept(character.byte, &self.behaviour, &mut self.card),
            State::T1(t1) => {
                t1.accept(character.byte, character.is_sound, &self.behaviour, &mut self.card)
            }
        };
        self.signals(answer)
    }

    /// Nothing came for so long: a command or block that was not finished is given up.
    pub fn silence(&mut self, lasting: Etu) -> Vec<Signal> {
        let answer = match &mut self.state {
            State::T1(t1) if lasting > self.parameters.character_waiting_time() => t1.silence(),
            State::T0(t0) if lasting > self.parameters.work_waiting_time() => {
                t0.forget();
                Vec::new()
            }
            _ => Vec::new(),
        };
        self.signals(Ok(answer))
    }

    /// Whether a silence of this length makes it give up a command that is not finished (T=0).
    pub(crate) fn gives_up(&self, lasting: Etu) -> bool {
        matches!(&self.state, State::T0(t0) if t0.has_begun() && lasting > self.parameters.work_waiting_time())
    }

    /// What holds on the line now.
    #[must_use]
    pub fn parameters(&self) -> &LineParameters {
        &self.parameters
    }

    /// The protocol that is spoken; `None` after the ATR, when a PPS may come, and for a card that is silent.
    #[must_use]
    pub fn spoken(&self) -> Option<Protocol> {
        match self.state {
            State::T0(_) => Some(Protocol::T0),
            State::T1(_) => Some(Protocol::T1),
            State::Fresh(_) | State::Mute => None,
        }
    }

    /// The ATR.
    #[must_use]
    pub fn atr(&self) -> &[u8] {
        &self.atr
    }

    /// Why the card behind the line no longer answers.
    #[must_use]
    pub fn failure(&self) -> Option<&TransportError> {
        self.failure.as_ref()
    }

    /// The card behind the line.
    pub fn card_mut(&mut self) -> &mut T {
        &mut self.card
    }

    /// Gives the card back.
    pub fn into_card(self) -> T {
        self.card
    }

    /// §11.2: T=1 has neither error signal nor repetition of characters; nor has what begins it.
    fn repeats_characters(&self) -> bool {
        match &self.state {
            State::T0(_) => true,
            State::Fresh(_) => self.parameters.protocol == Protocol::T0,
            State::T1(_) | State::Mute => false,
        }
    }

    /// The first byte after the ATR decides; the bytes of a PPS are collected.
    fn begin(&mut self, character: Character) -> Result<Vec<u8>, Mute> {
        let State::Fresh(collected) = &mut self.state else { return Err(Mute::Silent) };
        let byte = character.byte;
        if collected.is_empty() && byte != pps::INITIAL {
            return self.enter(character);
        }
        collected.push(byte);
        let is_whole = collected.get(1).is_some_and(|pps0| collected.len() >= Pps::length(*pps0));
        if !is_whole {
            return Ok(Vec::new());
        }
        let collected = core::mem::take(collected);
        let atr = Atr::parse(&self.atr).map_err(|_| Mute::Silent)?;
        let answer = Pps::parse(&collected).and_then(|request| request.answer(&atr));
        // A request with another checksum, or for what is not offered, gets no answer (§9.3).
        let answer = answer.ok_or(Mute::Silent)?;
        self.parameters.protocol = if answer.protocol == 1 { Protocol::T1 } else { Protocol::T0 };
        if let Some((fi, di)) = answer.rates.and(atr.fi().zip(atr.di())) {
            (self.parameters.fi, self.parameters.di) = (fi, di);
        }
        self.state = self.protocol();
        Ok(answer.to_bytes())
    }

    fn protocol(&self) -> State {
        match self.parameters.protocol {
            Protocol::T0 => State::T0(CardT0::default()),
            Protocol::T1 => State::T1(Box::new(CardT1::new(self.parameters.checked))),
        }
    }

    fn enter(&mut self, character: Character) -> Result<Vec<u8>, Mute> {
        self.state = self.protocol();
        match &mut self.state {
            State::T0(t0) => t0.accept(character.byte, &self.behaviour, &mut self.card),
            State::T1(t1) => {
                t1.accept(character.byte, character.is_sound, &self.behaviour, &mut self.card)
            }
            State::Fresh(_) | State::Mute => Err(Mute::Silent),
        }
    }

    fn signals(&mut self, answer: Result<Vec<u8>, Mute>) -> Vec<Signal> {
        match answer {
            Ok(bytes) => {
                let turn_time = match self.parameters.protocol {
                    Protocol::T0 => TURN_T0,
                    Protocol::T1 => TURN_T1,
                };
                let first = turn_time.saturating_add(self.behaviour.working_time);
                let characters = turn(&bytes, first, self.parameters.card_guard_time());
                characters.into_iter().map(Signal::Character).collect()
            }
            Err(mute) => {
                self.state = State::Mute;
                if let Mute::Failed(error) = mute {
                    self.failure = Some(error);
                }
                Vec::new()
            }
        }
    }
}
