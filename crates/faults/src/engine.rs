//! Which faults strike at a command, and what they do to it and to its answer.
//!
//! What enters: each command before it goes to the card, each answer before it goes to the reader, each ATR. What leaves: the
//! same, bent, and what else happens: delay, silence, removal, reset, a power cut. It has no clock and does nothing itself, so a
//! layer around a transport, a served card and a test use the same.

mod bend;

use std::time::Duration;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use sscard_apdu::StatusWord;

use crate::situation::{Interest, Situation};
use crate::spec::{Action, Buffer, Fault, Phase, Removal, When};
use crate::structure;

/// What becomes of a command before the card sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Before {
    /// It goes to the card, bent or not; `cut`: its power fails when so many bytes have been written.
    Send {
        /// Bytes that may still be written.
        cut: Option<u64>,
    },
    /// The card does not see it; this is the answer, after a while.
    Answer {
        /// Data and status word, or what stands for them.
        answer: Vec<u8>,
        /// How long it takes.
        delay: Duration,
    },
    /// The card does not see it, and nothing comes back.
    Mute(Buffer),
    /// The card was taken away.
    Removed,
    /// The card was reset; the command is not sent.
    Reset,
}

/// What becomes of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum After {
    /// It goes to the reader.
    Answer {
        /// How long it takes.
        delay: Duration,
        /// Whether the card is taken away then.
        removed: bool,
    },
    /// Nothing comes back.
    Mute {
        /// What the caller's buffer holds.
        buffer: Buffer,
        /// How long that takes.
        delay: Duration,
    },
    /// The card was taken away before it answered.
    Removed,
}

/// A fault that has struck.
#[derive(Clone, PartialEq, Debug)]
pub struct Fired {
    /// The command's number since the card was inserted; 0 for an answer to reset.
    pub command: u64,
    /// The fault with all that was drawn decided, for exactly this command.
    pub fault: Fault,
}

#[derive(Clone, Debug)]
struct Armed {
    fault: Fault,
    /// How often its conditions held, and how often it struck.
    held: u64,
    struck: u64,
}

/// Faults at work.
#[derive(Clone, Debug)]
pub struct Faults {
    armed: Vec<Armed>,
    situation: Situation,
    /// Seed of what is drawn, and how often something was.
    seed: u64,
    draws: u64,
    fired: Vec<Fired>,
}

impl Faults {
    /// These faults, with what is drawn drawn from the seed. A card is taken as inserted and without power.
    #[must_use]
    pub fn new(faults: impl IntoIterator<Item = Fault>, seed: u64) -> Self {
        let armed: Vec<Armed> =
            faults.into_iter().map(|fault| Armed { fault, held: 0, struck: 0 }).collect();
        let any = |what: fn(&Fault) -> bool| armed.iter().any(|armed| what(&armed.fault));
        let interest = Interest {
            last: any(|fault| fault.action == Action::Stale),
            lists: any(|fault| {
                fault.phase == Phase::Command && matches!(fault.action, Action::Set(..))
            }),
            selection: any(|fault| fault.when.application.is_some() || fault.when.file.is_some()),
        };
        let situation = Situation::new(interest);
        Self { armed, situation, seed, draws: 0, fired: Vec::new() }
    }

    /// None yet, and attentive to whatever faults that come later may ask for ([`Self::replace`]).
    #[must_use]
    pub fn attentive() -> Self {
        let situation = Situation::new(Interest { last: true, lists: true, selection: true });
        Self { armed: Vec::new(), situation, seed: 0, draws: 0, fired: Vec::new() }
    }

    /// Others in the place of these, from the next command on, with a seed of their own. The card stays inserted: its commands stay
    /// counted, and what it has selected stays known.
    pub fn replace(&mut self, faults: impl IntoIterator<Item = Fault>, seed: u64) {
        let Self { armed, situation, .. } = Self::new(faults, seed);
        let interest = &mut self.situation.interest;
        interest.last |= situation.interest.last;
        interest.lists |= situation.interest.lists;
        interest.selection |= situation.interest.selection;
        (self.armed, self.seed, self.draws) = (armed, seed, 0);
        self.fired.clear();
    }

    /// The seed of what is drawn.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// What has struck since this was asked last, for whoever keeps it himself.
    pub fn take_fired(&mut self) -> Vec<Fired> {
        std::mem::take(&mut self.fired)
    }

    /// Whether nothing can strike.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.armed.is_empty()
    }

    /// The faults, as they were given.
    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.armed.iter().map(|armed| &armed.fault)
    }

    /// What has struck so far.
    #[must_use]
    pub fn fired(&self) -> &[Fired] {
        &self.fired
    }

    /// A card was inserted: commands are counted anew.
    pub fn insert(&mut self) {
        self.situation = Situation::new(self.situation.interest);
    }

    /// The card was powered or reset and sent this ATR, which may become another one.
    pub fn power(&mut self, atr: &mut Vec<u8>) {
        self.situation.power();
        for place in 0..self.armed.len() {
            let is_due = |fault: &Fault| matches!(fault.action, Action::Atr(_));
            if let Some(Fault { action: Action::Atr(other), .. }) =
                self.strike(place, is_due, &[], None)
            {
                atr.clone_from(&other);
                let when = When { power: Some(self.situation.powered), ..When::default() };
                let fault = Fault { phase: Phase::Answer, action: Action::Atr(other), when };
                self.fired.push(Fired { command: 0, fault });
            }
        }
    }

    /// A command on its way to the card; `now` is the time since the card was inserted.
    pub fn command(&mut self, command: &mut Vec<u8>, now: Duration) -> Before {
        self.situation.number = self.situation.number.saturating_add(1);
        self.situation.now = now;
        let (mut cut, mut instead, mut reset, mut removed) = (None, None::<Standing>, false, false);
        for place in 0..self.armed.len() {
            let is_early = |fault: &Fault| fault.phase != Phase::Answer || fault.action.is_early();
            let Some(fault) = self.strike(place, is_early, command, None) else { continue };
            let action = match (fault.phase, fault.action) {
                (Phase::Command, action) => match self.bend_command(command, action) {
                    Some(decided) => decided,
                    None => continue,
                },
                (Phase::Instead, action) => {
                    let standing = instead.get_or_insert_with(Standing::default);
                    standing.take(&action, &self.situation.last);
                    action
                }
                (Phase::Answer, action) => {
                    match action {
                        Action::Cut(written) => cut = Some(written),
                        Action::Reset => reset = true,
                        _ => removed = true,
                    }
                    action
                }
            };
            self.note(fault.phase, action);
        }
        match (removed, reset, instead) {
            (true, ..) => Before::Removed,
            (_, true, _) => Before::Reset,
            (_, _, Some(standing)) => standing.before(),
            (_, _, None) => Before::Send { cut },
        }
    }

    /// The card's answer to this command, as it was sent.
    pub fn answer(&mut self, command: &[u8], answer: &mut Vec<u8>) -> After {
        let (mut delay, mut mute, mut removal) = (Duration::ZERO, None, None);
        let original = self.situation.interest.last.then(|| answer.clone());
        for place in 0..self.armed.len() {
            let is_late = |fault: &Fault| {
                fault.phase == Phase::Answer
                    && !fault.action.is_early()
                    && !matches!(fault.action, Action::Atr(_))
            };
            let Some(fault) = self.strike(place, is_late, command, Some(answer)) else { continue };
            let action = match fault.action {
                Action::Slow(time) => {
                    delay = delay.saturating_add(time);
                    Action::Slow(time)
                }
                Action::Mute(buffer) => {
                    mute = Some(buffer);
                    Action::Mute(buffer)
                }
                Action::Remove(when) => {
                    removal = Some(when);
                    Action::Remove(when)
                }
                action => match self.bend_answer(answer, action) {
                    Some(decided) => decided,
                    None => continue,
                },
            };
            self.note(Phase::Answer, action);
        }
        let known = original.as_deref().unwrap_or(answer);
        self.situation.answered(command, known);
        match (removal, mute) {
            (Some(Removal::Inside | Removal::Before), _) => After::Removed,
            (_, Some(buffer)) => After::Mute { buffer, delay },
            (removal, None) => After::Answer { delay, removed: removal.is_some() },
        }
    }

    fn note(&mut self, phase: Phase, action: Action) {
        let command = self.situation.number;
        let when = When { number: Some(command), ..When::default() };
        self.fired.push(Fired { command, fault: Fault { phase, action, when } });
    }

    /// The fault at a place, when it is one of those and its conditions hold now.
    fn strike(
        &mut self,
        place: usize,
        is_due: impl Fn(&Fault) -> bool,
        command: &[u8],
        answer: Option<&[u8]>,
    ) -> Option<Fault> {
        let armed = self.armed.get_mut(place)?;
        if !is_due(&armed.fault) || !holds(&armed.fault.when, &self.situation, command, answer) {
            return None;
        }
        armed.held = armed.held.saturating_add(1);
        let when = &armed.fault.when;
        if when.nth.is_some_and(|nth| nth != armed.held)
            || when.times.is_some_and(|times| armed.struck >= times)
        {
            return None;
        }
        if let Some(probability) = when.probability
            && self.next() >= share(probability)
        {
            return None;
        }
        let armed = self.armed.get_mut(place)?;
        armed.struck = armed.struck.saturating_add(1);
        Some(armed.fault.clone())
    }

    /// A number below `limit`; 0 of none.
    fn draw(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        let drawn = self.next().checked_rem(limit.into()).unwrap_or(0);
        usize::try_from(drawn).unwrap_or(0)
    }

    /// The next drawn number, below 2^64.
    fn next(&mut self) -> u128 {
        let mut random = ChaCha20Rng::seed_from_u64(self.seed);
        random.set_stream(self.draws);
        self.draws = self.draws.wrapping_add(1);
        random.next_u64().into()
    }
}

/// Which drawn numbers, of 2^64, count as this probability.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from 0 to 2^64, and what lies beyond is cut"
)]
fn share(probability: f64) -> u128 {
    (probability * 18_446_744_073_709_551_616.0) as u128
}

/// What stands for the card.
#[derive(Default)]
struct Standing {
    data: Vec<u8>,
    status: Option<StatusWord>,
    whole: Option<Vec<u8>>,
    delay: Duration,
    mute: Option<Buffer>,
}

impl Standing {
    fn take(&mut self, action: &Action, last: &[u8]) {
        match action {
            Action::StatusWord(status) => self.status = Some(*status),
            Action::Data(data) => self.data.clone_from(data),
            Action::Answer(answer) => self.whole = Some(answer.clone()),
            Action::Stale => self.whole = Some(last.to_vec()),
            Action::Slow(time) => self.delay = self.delay.saturating_add(*time),
            Action::Mute(buffer) => self.mute = Some(*buffer),
            _ => {}
        }
    }

    fn before(self) -> Before {
        if let Some(buffer) = self.mute {
            return Before::Mute(buffer);
        }
        let status = self.status.unwrap_or(StatusWord::SUCCESS);
        let answer = self.whole.unwrap_or_else(|| [&self.data[..], &status.to_bytes()].concat());
        Before::Answer { answer, delay: self.delay }
    }
}

fn holds(when: &When, situation: &Situation, command: &[u8], answer: Option<&[u8]>) -> bool {
    let number = situation.number;
    when.number.is_none_or(|wanted| wanted == number)
        && when.every.is_none_or(|every| number != 0 && number.is_multiple_of(every))
        && when.ins.is_none_or(|ins| command.get(1) == Some(&ins))
        && when.record.is_none_or(|record| {
            command.get(2) == Some(&record) && command.get(1).is_some_and(|ins| is_of_records(*ins))
        })
        && when.power.is_none_or(|power| power == situation.powered)
        && when.after.is_none_or(|time| situation.now >= time)
        && when.application.is_none_or(|application| situation.is_in(&application))
        && when.file.is_none_or(|file| situation.is_at(command, file))
        && answer.is_none_or(|answer| holds_of_answer(when, answer))
}

fn holds_of_answer(when: &When, answer: &[u8]) -> bool {
    if !when.needs_answer() {
        return true;
    }
    let Some((data, status)) = answer.split_last_chunk::<2>() else { return false };
    when.status.is_none_or(|wanted| wanted == StatusWord::from_bytes(*status))
        && when.tag.is_none_or(|tag| structure::holds(data, tag))
}

const fn is_of_records(ins: u8) -> bool {
    matches!(ins, sscard_commands::ins::READ_RECORD | sscard_commands::ins::UPDATE_RECORD)
}
