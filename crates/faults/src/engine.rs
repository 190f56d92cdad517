//! Which faults strike at a command, and what they do to it and to its answer.
//!
//! What enters: each command before it goes to the card, each answer before it goes to the reader, each ATR. What leaves: the
//! same, bent, and what else happens: delay, silence, removal, reset, a power cut. It has no clock and does nothing itself, so a
//! layer around a transport, a served card and a test use the same.

mod bend;
mod chance;
mod hold;
mod standing;

use std::time::Duration;

use crate::situation::{Interest, Situation};
use crate::spec::{Action, Buffer, Fault, Phase, Removal, When};
use chance::Chance;
use hold::holds;
use standing::Standing;

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
    /// The how-manieth insertion it was, from 1.
    pub insertion: u64,
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

impl Fired {
    /// A fault that says itself when it strikes: what it does not say of command and insertion is 0 and 1.
    #[must_use]
    pub fn of(fault: Fault) -> Self {
        let command = fault.when.number.unwrap_or(0);
        let insertion = fault.when.insertion.unwrap_or(1);
        let when = When { insertion: None, ..fault.when };
        Self { insertion, command, fault: Fault { when, ..fault } }
    }

    /// As a recipe says it: with the insertion, unless it is the first one.
    #[must_use]
    pub fn said(&self) -> Fault {
        let insertion = Some(self.insertion).filter(|insertion| *insertion > 1);
        let when = When { insertion, ..self.fault.when.clone() };
        Fault { when, ..self.fault.clone() }
    }
}

/// Faults at work.
#[derive(Clone, Debug)]
pub struct Faults {
    armed: Vec<Armed>,
    /// All that were ever armed.
    given: Vec<Fault>,
    situation: Situation,
    seed: u64,
    chance: Chance,
    fired: Vec<Fired>,
    /// Whether these are decided already: what a run asks for is in them.
    is_replay: bool,
    /// The card's own answer, while it is bent.
    original: Vec<u8>,
}

impl Default for Faults {
    fn default() -> Self {
        Self::new([], 0)
    }
}

impl Faults {
    /// These faults, with what is drawn drawn from the seed. A card is taken as inserted and without power.
    #[must_use]
    pub fn new(faults: impl IntoIterator<Item = Fault>, seed: u64) -> Self {
        let mut new = Self {
            armed: Vec::new(),
            given: Vec::new(),
            situation: Situation::new(Interest::default()),
            seed,
            chance: Chance::new(seed),
            fired: Vec::new(),
            is_replay: false,
            original: Vec::new(),
        };
        faults.into_iter().for_each(|fault| new.add(fault));
        new
    }

    /// What a run came to, again: [`arm`](Self::arm) and [`clear`](Self::clear) change nothing, since what they did then is in it.
    #[must_use]
    pub fn replaying(fired: impl IntoIterator<Item = Fired>, seed: u64) -> Self {
        let again = |Fired { insertion, fault, .. }: Fired| {
            let when = When { insertion: Some(insertion), ..fault.when };
            Fault { when, ..fault }
        };
        Self { is_replay: true, ..Self::new(fired.into_iter().map(again), seed) }
    }

    /// The same, before the first card is inserted.
    #[must_use]
    pub fn awaiting_a_card(mut self) -> Self {
        self.situation.inserted = 0;
        self
    }

    /// Whether a run is replayed.
    #[must_use]
    pub const fn is_replay(&self) -> bool {
        self.is_replay
    }

    /// The same, for faults that are set while a card is used: they know what was selected before.
    #[must_use]
    pub fn attentive(mut self) -> Self {
        self.situation.interest = Interest { last: true, lists: true, selection: true };
        self
    }

    /// One more fault, from the next command on.
    pub fn arm(&mut self, fault: Fault) {
        if !self.is_replay {
            self.add(fault);
        }
    }

    /// No fault any more, from the next command on; what has struck stays known.
    pub fn clear(&mut self) {
        if !self.is_replay {
            self.armed.clear();
        }
    }

    fn add(&mut self, fault: Fault) {
        let interest = &mut self.situation.interest;
        interest.last |= fault.action == Action::Stale;
        interest.lists |= fault.phase == Phase::Command
            && matches!(fault.action, Action::Set(..) | Action::FlipIn(..));
        interest.selection |= fault.when.application.is_some() || fault.when.file.is_some();
        self.given.push(fault.clone());
        self.armed.push(Armed { fault, held: 0, struck: 0 });
    }

    /// All faults that were ever set, cleared or not.
    #[must_use]
    pub fn given(&self) -> &[Fault] {
        &self.given
    }

    /// The seed of what is drawn.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Others in the place of these, from the next command on, with a seed of their own. The card stays inserted: its commands stay
    /// counted, and what it has selected stays known.
    pub fn replace(&mut self, faults: impl IntoIterator<Item = Fault>, seed: u64) {
        self.armed.clear();
        self.given.clear();
        self.fired.clear();
        (self.seed, self.chance, self.is_replay) = (seed, Chance::new(seed), false);
        faults.into_iter().for_each(|fault| self.add(fault));
    }

    /// What has struck since this was asked last, for whoever keeps it himself.
    pub fn take_fired(&mut self) -> Vec<Fired> {
        std::mem::take(&mut self.fired)
    }

    /// Whether nothing can strike.
    #[must_use]
    #[inline]
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
        self.situation.insert();
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
                self.fired.push(Fired { insertion: self.situation.inserted, command: 0, fault });
                self.counted(place);
            }
        }
    }

    /// A command on its way to the card; `now` is the time since the card was inserted.
    pub fn command(&mut self, command: &mut Vec<u8>, now: Duration) -> Before {
        self.situation.number = self.situation.number.saturating_add(1);
        self.situation.now = now;
        self.situation.asked(command);
        let (mut cut, mut instead, mut reset, mut removed) = (None, None::<Standing>, false, false);
        for place in 0..self.armed.len() {
            let is_early = |fault: &Fault| fault.phase != Phase::Answer || fault.action.is_early();
            let Some(fault) = self.strike(place, is_early, command, None) else { continue };
            let action = match (fault.phase, fault.action) {
                (Phase::Command, action) => match self.bend_command(command, action) {
                    Some(decided) => decided,
                    None => continue,
                },
                (Phase::Instead, Action::Stale) if self.situation.last.is_empty() => continue,
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
            self.note(place, fault.phase, action);
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
        let mut is_bent = false;
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
                action => {
                    if !is_bent && self.situation.interest.is_any() {
                        answer.clone_into(&mut self.original);
                        is_bent = true;
                    }
                    match self.bend_answer(answer, action) {
                        Some(decided) => decided,
                        None => continue,
                    }
                }
            };
            self.note(place, Phase::Answer, action);
        }
        let known = if is_bent { &self.original } else { &*answer };
        self.situation.answered(command, known);
        match (removal, mute) {
            (Some(Removal::Inside | Removal::Before), _) => After::Removed,
            (_, Some(buffer)) => After::Mute { buffer, delay },
            (removal, None) => After::Answer { delay, removed: removal.is_some() },
        }
    }

    /// A command that no fault may strike, and its answer: it counts.
    #[inline]
    pub fn passed(&mut self, command: &[u8], answer: &[u8]) {
        self.situation.number = self.situation.number.saturating_add(1);
        self.situation.asked(command);
        if self.situation.interest.is_any() {
            self.situation.answered(command, answer);
        }
    }

    /// The fault at a place has struck.
    fn note(&mut self, place: usize, phase: Phase, action: Action) {
        self.counted(place);
        let command = self.situation.number;
        let when = When { number: Some(command), ..When::default() };
        let fault = Fault { phase, action, when };
        self.fired.push(Fired { insertion: self.situation.inserted, command, fault });
    }

    /// The fault at a place, when it is one of those and its conditions hold now. It has struck when it could be done.
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
            && !self.chance.strikes(probability)
        {
            return None;
        }
        self.armed.get(place).map(|armed| armed.fault.clone())
    }

    fn counted(&mut self, place: usize) {
        if let Some(armed) = self.armed.get_mut(place) {
            armed.struck = armed.struck.saturating_add(1);
        }
    }
}
