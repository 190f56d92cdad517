//! `sscard serve`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::{FaultArgs, SyncArgs};

#[derive(ClapArgs)]
pub(crate) struct ServeArgs {
    /// Card images: one for each virtual slot, more wait to be swapped in. Without any, the built-in gen3
    /// card.
    #[arg(value_name = "CARD")]
    pub(crate) cards: Vec<PathBuf>,
    /// Where vpcd listens.
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) host: String,
    /// Port of the first slot; the others follow.
    #[arg(long, default_value_t = sscard_host::vpcd::PORT)]
    pub(crate) port: u16,
    /// Virtual slots, at most 16: as many as the installed vpcd has; Debian's has 2.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=16))]
    pub(crate) slots: u16,
    /// As in a contactless reader's field: its ATR, and payments by qPBOC.
    #[arg(long)]
    pub(crate) contactless: bool,
    /// Serve an API by HTTP (docs/api.md): HOST:PORT of this machine, such as 127.0.0.1:7816, or
    /// unix:PATH. Port 0 is any free one. The address is said on standard output.
    #[arg(long, value_name = "ADDR")]
    pub(crate) api: Option<String>,
    /// Token that every request has to show, at least 16 characters; only with one can others than
    /// this machine reach the API. Others on this machine can see the command line; without the option
    /// the variable SSCARD_API_TOKEN counts.
    #[arg(long, value_name = "TOKEN")]
    pub(crate) api_token: Option<String>,
    /// Folder of card images that the API may insert.
    #[arg(long = "cards", value_name = "DIR", requires = "api")]
    pub(crate) folder: Option<PathBuf>,
    /// No virtual reader: cards are used by the API alone.
    #[arg(long, requires = "api")]
    pub(crate) no_driver: bool,
    /// Write the line "ready" to this file descriptor once the readers have seen their cards.
    #[arg(long, value_name = "N")]
    pub(crate) ready_fd: Option<u32>,
    /// Say "ready" on standard output once the readers have seen their cards, and end with 5 when they
    /// have not within so many seconds, 30 without a number.
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "30")]
    pub(crate) wait_ready: Option<u64>,
    /// Write exchanges, power and resets of all slots to a trace file (JSONL); PINs and keys are
    /// overwritten.
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) sync: SyncArgs,
    /// No line per exchange.
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Show PINs and keys: in the lines, in the trace, and in the API's cards, exchanges and events.
    #[arg(long, visible_alias = "keys")]
    pub(crate) unsafe_show_secrets: bool,
    #[command(flatten)]
    pub(crate) faults: FaultArgs,
}
