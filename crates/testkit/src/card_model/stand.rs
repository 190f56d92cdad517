//! What a rule of the model sees while a command is answered.

use sscard_apdu::StatusWord;
use sscard_core::Interface;

use super::channel::{Channel, Next};
use super::lasting::Lasting;
use super::plan::Plan;

/// The plan, what lasts, and the channel of the command.
pub(crate) struct Stand<'m> {
    pub(crate) plan: &'m Plan,
    /// What lasts, as the command leaves it if it is not refused.
    pub(crate) lasting: &'m mut Lasting,
    /// What lasts if it is.
    pub(crate) kept: &'m mut Lasting,
    pub(crate) trail: Option<&'m mut Vec<Lasting>>,
    pub(crate) channel: &'m mut Channel,
    pub(crate) interface: Interface,
    /// What the command before this one left on the channel.
    pub(crate) left: Option<Next>,
}

impl Stand<'_> {
    /// Changes something for good, whatever becomes of the command: a try that is counted before the comparison (I-5).
    pub(crate) fn at_once(&mut self, change: impl Fn(&mut Lasting)) {
        change(self.lasting);
        change(self.kept);
        if let Some(trail) = self.trail.as_deref_mut() {
            trail.push(self.kept.clone());
        }
    }
}

/// A command without channel, chaining and secure messaging.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plain<'a> {
    pub(crate) class: u8,
    pub(crate) ins: u8,
    pub(crate) p1: u8,
    pub(crate) p2: u8,
    pub(crate) data: &'a [u8],
    /// Bytes asked for; 0 for no Le.
    pub(crate) ne: usize,
    /// Whether it came under secure messaging.
    pub(crate) protected: bool,
}

/// A status word: how a command ends; as an error it undoes what the command wrote.
pub(crate) type Outcome = Result<StatusWord, StatusWord>;
