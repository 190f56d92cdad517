//! `sscard soak`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

#[derive(ClapArgs)]
pub(crate) struct SoakArgs {
    /// How long, in seconds; 10 without it and --operations.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) seconds: Option<u64>,
    /// Seed of all that is drawn: cards, holders, operations.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Threads; as many as the machine has cores without it.
    #[arg(long, value_name = "T", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// So many operations in all.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) operations: Option<u64>,
    /// Adds what was checked to this file, by version and seed, and goes on where the last soak with this seed has
    /// ended.
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: Option<PathBuf>,
    /// Begins with this card image alone; it stays as it is.
    #[arg(long, value_name = "FILE", conflicts_with = "profile")]
    pub(crate) card: Option<PathBuf>,
    /// Begins with cards of this profile alone: a name, also of docs/fuzzing.md, or a TOML file.
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    /// Carries out the operations of a recipe instead, once.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seconds", "operations", "ledger", "threads"])]
    pub(crate) replay: Option<PathBuf>,
    /// Writes what was found into this folder, too: found.rs, found.apdu, found.toml.
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) output: Option<PathBuf>,
    /// One JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}
