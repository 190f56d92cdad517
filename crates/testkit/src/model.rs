//! What a model has to say: the exact answer to every command, in every state.
//!
//! What enters: commands, what the card answered (for the random bytes in it, and for nothing else), power. What leaves: the answer that
//! had to come. [`CardModel`](crate::CardModel) is the model of the built-in cards; a harness for an applet of one's own brings its own.

use std::fmt::Debug;

use sscard_core::Interface;

use crate::op::OpRecord;

/// A model of a card, written from the rules and not from the card.
pub trait Model: Clone + PartialEq {
    /// A meaningful command of the model's vocabulary.
    type Command: Clone + Debug + PartialEq;

    /// The command that a record of any bytes stands for.
    fn decode(record: &OpRecord) -> Self::Command;

    /// Writes a command with what it needs of the live state of `channel`: the PIN as it is, a valid MAC, the right cryptogram. The class
    /// byte says the channel.
    fn write(&self, command: &Self::Command, channel: u8, out: &mut Vec<u8>);

    /// Takes one exchange: `expected` is cleared and then holds the answer that had to come. Random bytes of `answered` stand in it as
    /// they are, and are kept where the card would keep them.
    ///
    /// # Errors
    /// What is wrong with bytes that cannot be foretold: a signature that does not verify, a key that is none.
    fn exchange(
        &mut self,
        command: &[u8],
        answered: &[u8],
        expected: &mut Vec<u8>,
    ) -> Result<(), String>;

    /// Power comes, or the card is reset: what is volatile is gone. The ATR; `None` when any will do.
    fn power_on(&mut self, interface: Interface) -> Option<Vec<u8>>;

    /// Power goes.
    fn power_off(&mut self);

    /// What the card may be like after its power was cut during this command: as before, as after, and what was written on the way
    /// through every transaction. Without power, all of them.
    fn after_cut(&self, command: &[u8]) -> Vec<Self>;

    /// A few small numbers that say which state this is, for a fuzzer to see new ones: each below [`CELLS`].
    fn cells(&self, cell: &mut dyn FnMut(usize)) {
        let _ = cell;
    }
}

/// How many cells of abstract state there are.
pub const CELLS: usize = 4096;
