//! Arguments of `shell`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use crate::own_keys::KeyArgs;

use super::{CardArgs, FaultArgs, ShrinkArgs, State};

#[derive(ClapArgs)]
pub(crate) struct ShellArgs {
    #[command(flatten)]
    pub(crate) card: CardArgs,
    /// Security module (PSAM) in a second slot, which @slot psam speaks to: a card image whose state is kept, or
    /// a PC/SC reader.
    #[arg(long, value_name = "CARD|READER")]
    pub(crate) psam: Option<String>,
    #[command(flatten)]
    pub(crate) keys: KeyArgs,
    /// Make a card of this profile: gen1, gen2, gen3, or a TOML file. Nobody keeps it.
    #[arg(long, value_name = "PROFILE", conflicts_with_all = ["card", "reader"])]
    pub(crate) profile: Option<String>,
    /// Make a card that is activated, or only produced. Nobody keeps it.
    #[arg(long, value_enum, conflicts_with_all = ["card", "reader"])]
    pub(crate) state: Option<State>,
    /// The virtual card lies in the field of a contactless reader.
    #[arg(long)]
    pub(crate) contactless: bool,
    /// From a pipe: go on behind a statement that failed. The exit code is that of the first one.
    #[arg(long)]
    pub(crate) keep_going: bool,
    /// Write every exchange to a trace file (JSONL); PINs and keys are overwritten.
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Show PINs, on the screen and in the trace.
    #[arg(long)]
    pub(crate) unsafe_show_secrets: bool,
    #[command(flatten)]
    pub(crate) faults: FaultArgs,
    #[command(flatten)]
    pub(crate) shrink: ShrinkArgs,
}
