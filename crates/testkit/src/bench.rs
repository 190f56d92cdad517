//! A card and its model side by side: every answer is held against the model's.
//!
//! What enters: operations. What leaves: nothing, or the [`Violation`] of the first answer that had to be another. After a power cut the card
//! may be one of several; each stays a possibility until an answer rules it out.

use std::fmt;

use sscard_apdu::hex;
use sscard_core::Interface;

use crate::model::Model;
use crate::op::{CommandDamage, Op, OpRecord};
use crate::subject::TestSubject;

/// Most possibilities that are kept apart; no further cut is made before some are ruled out.
const MOST_RIVALS: usize = 12;

/// A card under test and the models it may be like.
#[derive(Clone, Debug)]
pub struct Bench<S, M> {
    subject: S,
    rivals: Vec<M>,
    saved: Option<(S, Vec<M>)>,
    cut: bool,
    operations: u64,
    answered: Vec<u8>,
    expected: Vec<u8>,
    written: Vec<u8>,
}

/// An answer that had to be another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// The command; empty for power.
    pub command: Vec<u8>,
    /// What came.
    pub answered: Vec<u8>,
    /// What had to come.
    pub expected: Vec<u8>,
    /// What is wrong, where bytes do not say it.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [command, answered, expected] =
            [&self.command, &self.answered, &self.expected].map(|bytes| hex::encode(bytes));
        write!(f, "{command} got {answered}, expected {expected}")?;
        if self.what.is_empty() { Ok(()) } else { write!(f, ": {}", self.what) }
    }
}

impl std::error::Error for Violation {}

impl<S: TestSubject, M: Model> Bench<S, M> {
    /// A card, powered or not, and a model of it in the same state.
    pub fn new(subject: S, model: M) -> Self {
        Self {
            subject,
            rivals: vec![model],
            saved: None,
            cut: false,
            operations: 0,
            answered: Vec::new(),
            expected: Vec::new(),
            written: Vec::new(),
        }
    }

    /// A bench of its own with card and model as they are; `None` when the card cannot be copied.
    pub fn copy(&self) -> Option<Self> {
        let saved = match &self.saved {
            Some((card, models)) => Some((card.snapshot()?, models.clone())),
            None => None,
        };
        Some(Self {
            subject: self.subject.snapshot()?,
            rivals: self.rivals.clone(),
            saved,
            cut: self.cut,
            operations: self.operations,
            answered: Vec::new(),
            expected: Vec::new(),
            written: Vec::new(),
        })
    }

    /// Exchanges and power-ons that were held against the model so far.
    pub fn operations(&self) -> u64 {
        self.operations
    }

    /// The card.
    pub fn subject(&self) -> &S {
        &self.subject
    }

    /// The model it is most likely like.
    pub fn model(&self) -> &M {
        &self.rivals[0]
    }

    /// Carries out what a record stands for.
    ///
    /// # Errors
    /// The answer that had to be another.
    pub fn step(&mut self, record: &OpRecord) -> Result<(), Violation> {
        self.apply(&Op::decode(record, M::decode))
    }

    /// Carries out an operation.
    ///
    /// # Errors
    /// The answer that had to be another.
    pub fn apply(&mut self, op: &Op<M::Command>) -> Result<(), Violation> {
        match op {
            Op::Send { channel, command, damage, follow } => {
                let mut bytes = std::mem::take(&mut self.written);
                bytes.clear();
                self.rivals[0].write(command, *channel, &mut bytes);
                let outcome = match damage {
                    CommandDamage::None => self.carry(&bytes, *follow),
                    damage => damage
                        .apply(bytes.clone())
                        .iter()
                        .try_for_each(|bytes| self.carry(bytes, *follow)),
                };
                self.written = bytes;
                outcome
            }
            Op::Raw(bytes) => self.carry(bytes, false),
            Op::Reset(interface) => self.power_on(*interface),
            Op::Cut(bytes) => {
                if self.rivals.len() <= MOST_RIVALS {
                    self.cut = self.subject.cut_power_after(u64::from(*bytes));
                }
                Ok(())
            }
            Op::Snapshot => {
                if let Some(copy) = self.subject.snapshot() {
                    self.saved = Some((copy, self.rivals.clone()));
                }
                Ok(())
            }
            Op::Restore => {
                if let Some((card, models)) = &self.saved {
                    self.subject.restore(card);
                    self.rivals.clone_from(models);
                    self.subject.hold_power();
                    self.cut = false;
                }
                Ok(())
            }
            Op::Clock(seconds) => {
                self.subject.wait(*seconds);
                Ok(())
            }
        }
    }

    /// Sends a command; with `follow` fetches what waits and repeats what had a wrong Le.
    fn carry(&mut self, command: &[u8], follow: bool) -> Result<(), Violation> {
        self.exchange(command)?;
        if !follow {
            return Ok(());
        }
        // More pieces than any answer of the built-in cards has.
        for _ in 0..8 {
            let Some([sw1, sw2]) = self.answered.last_chunk::<2>().copied() else { return Ok(()) };
            let again = match sw1 {
                // On the channel of the command.
                0x61 => vec![command.first().map_or(0, |class| class & 0x03), 0xC0, 0, 0, sw2],
                0x6C if self.answered.len() == 2 && command.len() > 4 => {
                    let mut again = command.to_vec();
                    if let Some(le) = again.last_mut() {
                        *le = sw2;
                    }
                    if again == command {
                        return Ok(());
                    }
                    again
                }
                _ => return Ok(()),
            };
            self.exchange(&again)?;
        }
        Ok(())
    }

    fn exchange(&mut self, command: &[u8]) -> Result<(), Violation> {
        self.operations += 1;
        self.subject.transmit(command, &mut self.answered);
        if self.cut && self.answered.is_empty() {
            return self.after_cut(command);
        }
        self.hold(command)
    }

    /// Keeps the models that agree with what came.
    fn hold(&mut self, command: &[u8]) -> Result<(), Violation> {
        let Self { rivals, answered, expected, .. } = self;
        if let [model] = rivals.as_mut_slice() {
            let judged = model.exchange(command, answered, expected);
            return verdict(command, answered, expected, judged);
        }
        let mut first = None;
        rivals.retain_mut(|model| {
            let judged = model.exchange(command, answered, expected);
            let verdict = verdict(command, answered, expected, judged);
            let holds = verdict.is_ok();
            if first.is_none() {
                first = verdict.err();
            }
            holds
        });
        self.distinct();
        match first {
            Some(violation) if self.rivals.is_empty() => Err(violation),
            _ => Ok(()),
        }
    }

    fn distinct(&mut self) {
        let mut kept: Vec<M> = Vec::with_capacity(self.rivals.len());
        for model in self.rivals.drain(..) {
            if !kept.contains(&model) {
                kept.push(model);
            }
        }
        self.rivals = kept;
    }

    fn after_cut(&mut self, command: &[u8]) -> Result<(), Violation> {
        self.cut = false;
        let models = std::mem::take(&mut self.rivals);
        self.rivals = models.iter().flat_map(|model| model.after_cut(command)).collect();
        self.distinct();
        self.power_on(Interface::Contact)
    }

    fn power_on(&mut self, interface: Interface) -> Result<(), Violation> {
        self.operations += 1;
        let atr = match self.subject.power_on(interface) {
            // The power failed once more, on the way.
            None if self.cut => {
                self.cut = false;
                self.subject.hold_power();
                self.subject.power_on(interface)
            }
            atr => atr,
        };
        let violation = |answered: &[u8], expected: Vec<u8>| Violation {
            command: Vec::new(),
            answered: answered.to_vec(),
            expected,
            what: "power on".into(),
        };
        let Some(atr) = atr else { return Err(violation(&[], Vec::new())) };
        for model in &mut self.rivals {
            if let Some(expected) = model.power_on(interface)
                && expected != atr
            {
                return Err(violation(&atr, expected));
            }
        }
        Ok(())
    }
}

fn verdict(
    command: &[u8],
    answered: &[u8],
    expected: &[u8],
    judged: Result<(), String>,
) -> Result<(), Violation> {
    if judged.is_ok() && answered == expected {
        return Ok(());
    }
    Err(Violation {
        command: command.to_vec(),
        answered: answered.to_vec(),
        expected: expected.to_vec(),
        what: judged.err().unwrap_or_default(),
    })
}
