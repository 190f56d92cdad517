//! What the resource manager asks of a slot and the card in it.

use std::time::Duration;

/// How a card is powered up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PowerUp {
    /// From no power.
    Cold,
    /// With power staying on.
    Warm,
}

/// What came of a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IccOutcome {
    /// An answer, which is in the buffer.
    Answered,
    /// None: the card is mute or was reset, or the answer could not be kept.
    Silent,
    /// None: the card has lost its power.
    Unpowered,
    /// None: the card is gone.
    Removed,
}

/// A slot of a reader. Each call may take as long as the card does; the manager calls with none of its locks held but the one
/// that lets one command at a time to a card.
pub trait IccSlot: Send + Sync {
    /// The card that is in: another number whenever another card, or a card again, is in the slot.
    fn card(&self) -> Option<u64>;

    /// Powers or resets the card; its ATR, none when it does not answer.
    fn power_up(&self, how: PowerUp) -> Option<Vec<u8>>;

    /// Takes its power away.
    fn power_down(&self);

    /// One command. `answer` is cleared and holds data and status word when there is one. A slot that waits for its card asks now
    /// and then whether whoever sent the command `is_there` still, and gives up when not: others want the card.
    fn transmit(
        &self,
        command: &[u8],
        answer: &mut Vec<u8>,
        is_there: &dyn Fn() -> bool,
    ) -> IccOutcome;

    /// Waits until the card is another than `known`, at most so long; the card that is in then.
    fn wait_for_change(&self, known: Option<u64>, patience: Duration) -> Option<u64>;
}
