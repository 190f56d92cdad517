//! `sscard link`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use sscard_link::Disturbance;

use super::{CardArgs, FaultArgs, ShownRecordArgs};

#[derive(ClapArgs)]
pub(crate) struct LinkArgs {
    #[command(flatten)]
    pub(crate) card: CardArgs,
    /// Wait for connections here, such as 127.0.0.1:7816, one after another; each powers the card. Port 0
    /// takes a free one. Without --listen and --pty standard input and output are the line.
    #[arg(long, value_name = "ADDR", conflicts_with = "pty")]
    pub(crate) listen: Option<SocketAddr>,
    /// Make a pseudo-terminal and print its name; whoever opens it powers the card.
    #[arg(long)]
    pub(crate) pty: bool,
    /// End when the first connection does.
    #[arg(long)]
    pub(crate) once: bool,
    /// What happens on the line: DAMAGE@SENDER,PLACE, such as checksum@card,block=2 (docs/link.md). Each
    /// happens once.
    #[arg(long, value_name = "SPEC")]
    pub(crate) disturb: Vec<Disturbance>,
    /// NULL bytes (60) before the procedure byte of each command on T=0.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) null_bytes: u8,
    /// The complement of INS before each byte of data, instead of INS before all of them (T=0).
    #[arg(long)]
    pub(crate) byte_by_byte: bool,
    /// S(WTX request) before each answer on T=1, so many.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) wtx: u8,
    /// Their multiplier of the block waiting time.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..))]
    pub(crate) wtx_multiplier: u8,
    /// S(IFS request) with this size before the first answer on T=1.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=254))]
    pub(crate) ifs: Option<u8>,
    /// How long the card works on a command, in etu.
    #[arg(long, value_name = "ETU", default_value_t = 0)]
    pub(crate) working_time: u64,
    /// How long an etu takes, in microseconds; with 0 the card's bytes leave at once, and its times are in
    /// the log alone.
    #[arg(long, value_name = "US", default_value_t = 0)]
    pub(crate) etu: u64,
    /// After so many milliseconds of silence the card gives up a block or a command that was not finished,
    /// and asks for a damaged block again.
    #[arg(long, value_name = "MS", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=60_000))]
    pub(crate) silence: u64,
    /// Write what goes over the line to this file: time in etu, sender, characters, name of the block; - is
    /// stderr.
    #[arg(long, value_name = "FILE")]
    pub(crate) wire: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) record: ShownRecordArgs,
    #[command(flatten)]
    pub(crate) faults: FaultArgs,
}
