//! Arguments of `read`.

use clap::Args as ClapArgs;

use super::{CardArgs, FaultArgs, RecordArgs, ShrinkArgs};
use crate::own_keys::KeyArgs;

#[derive(ClapArgs)]
pub(crate) struct ReadArgs {
    #[command(flatten)]
    pub(crate) card: CardArgs,
    /// Also read the applications, DF01 to DF07 and what cities add, and files that the catalogue does not know.
    #[arg(long)]
    pub(crate) all: bool,
    /// The virtual card lies in the field of a contactless reader; of a card in a reader its ATR says so.
    #[arg(long, conflicts_with = "reader")]
    pub(crate) contactless: bool,
    /// The holder's PIN, such as 123456: presented once, before the files; a wrong one uses a try. -
    /// asks for it, or reads a line of standard input. Others on this machine can see the command line;
    /// without the option the variable SSCARD_PIN counts.
    #[arg(long, value_name = "DIGITS")]
    pub(crate) pin: Option<String>,
    #[command(flatten)]
    pub(crate) keys: KeyArgs,
    /// Security module (PSAM) in a second slot, which has the keys in the place of the program: a card image
    /// whose state is kept, or a PC/SC reader by its name or a part of it.
    #[arg(long, value_name = "CARD|READER", conflicts_with = "keys")]
    pub(crate) psam: Option<String>,
    /// The day on which the card is read, YYYY-MM-DD, which tells an expired card; today without it.
    #[arg(long, value_name = "DATE")]
    pub(crate) date: Option<String>,
    #[command(flatten)]
    pub(crate) record: RecordArgs,
    /// One JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) faults: FaultArgs,
    #[command(flatten)]
    pub(crate) shrink: ShrinkArgs,
}
