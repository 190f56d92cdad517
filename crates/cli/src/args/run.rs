//! Arguments of `run`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use crate::own_keys::KeyArgs;

use super::import::ImportOptions;
use super::{FaultArgs, ModuloArgs, ShrinkArgs, SyncArgs};

#[derive(ClapArgs)]
pub(crate) struct RunArgs {
    /// Scripts, of scriptor, apdutool and GPShell too, each with a power cycle of its own; all are checked before the first one runs.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) scripts: Vec<PathBuf>,
    /// Card image; its state is kept. Without it the card that the script names (@card, @profile,
    /// @seed), which stays as it is, else the built-in gen3 card.
    #[arg(long, value_name = "FILE", conflicts_with = "reader")]
    pub(crate) card: Option<PathBuf>,
    /// PC/SC reader, by its name or a part of it; without both options the one that the variable
    /// SSCARD_READER names.
    #[arg(long, value_name = "NAME")]
    pub(crate) reader: Option<String>,
    /// Security module (PSAM) in a second slot, which @slot psam speaks to: a card image whose state is kept, or
    /// a PC/SC reader. Without it the one that the script names (@psam), which stays as it is.
    #[arg(long, value_name = "CARD|READER", conflicts_with = "compare")]
    pub(crate) psam: Option<String>,
    #[command(flatten)]
    pub(crate) sync: SyncArgs,
    #[command(flatten)]
    pub(crate) keys: KeyArgs,
    /// Run on this card too, a card image or a reader, in step with the other one, and stop at the
    /// first difference; exit with 1.
    #[arg(long, value_name = "FILE|NAME", conflicts_with_all = ["bless", "report", "golden", "fault", "faults", "fault_seed", "fault_log", "shrink"])]
    pub(crate) compare: Option<String>,
    #[command(flatten)]
    pub(crate) modulo: ModuloArgs,
    /// Write a JUnit report.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Golden file that the exchanges are compared with; FILE.golden beside a script without it.
    #[arg(long, value_name = "FILE")]
    pub(crate) golden: Option<PathBuf>,
    /// Write the golden file anew; digits that were masked by x stay so.
    #[arg(long)]
    pub(crate) bless: bool,
    /// Write every exchange to a trace file (JSONL); PINs and keys are overwritten.
    #[arg(long, value_name = "FILE", conflicts_with = "compare")]
    pub(crate) trace: Option<PathBuf>,
    /// Commands that may use up tries or block a card in a reader are meant, as @destructive says; scripts
    /// of other programs have no word for it.
    #[arg(long)]
    pub(crate) destructive: bool,
    /// One JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    /// Show PINs.
    #[arg(long)]
    pub(crate) unsafe_show_secrets: bool,
    #[command(flatten)]
    pub(crate) import: ImportOptions,
    #[command(flatten)]
    pub(crate) faults: FaultArgs,
    #[command(flatten)]
    pub(crate) shrink: ShrinkArgs,
}
