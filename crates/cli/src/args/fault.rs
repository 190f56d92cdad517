//! Faults of a card or its channel, for every command that talks to one.

use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, value_parser};
use sscard_faults::Recipe;

use super::Command;
use crate::commands::{run, shell};
use crate::source::is_in_reader;

/// Misbehaviour on command.
#[derive(ClapArgs)]
#[command(next_help_heading = "Faults")]
pub(crate) struct FaultArgs {
    /// The card misbehaves: what happens, and behind @ when, such as sw=6100@3, slow=3s@5, mute@7, remove@9,
    /// flip@ins=B2, cut=12@4, atr=3B00. docs/faults.md has them all.
    #[arg(long, value_name = "SPEC")]
    pub(crate) fault: Vec<String>,
    /// Faults of a recipe (TOML): what a run came to where the recipe has that (fired), which replays it byte
    /// for byte, else what was asked for (faults).
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
    /// A card that plays a known attack: the recipe of this name, as 'sscard evil list' has them.
    #[arg(long, value_name = "NAME", conflicts_with = "faults")]
    pub(crate) evil: Option<String>,
    /// Seed of what faults draw; without it the recipe's, else 0. What a recipe came to is drawn anew.
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(..=Recipe::LARGEST_SEED))]
    pub(crate) fault_seed: Option<u64>,
    /// Write the recipe of this run: faults, seed, and what struck. With --faults it replays.
    #[arg(long, value_name = "FILE")]
    pub(crate) fault_log: Option<PathBuf>,
    /// A recipe in the place of all these; the card's file stays as it is. What --shrink runs.
    #[arg(long, hide = true, value_name = "FILE")]
    pub(crate) fault_trial: Option<PathBuf>,
}

/// For commands that come to an end, and to an exit code.
#[derive(ClapArgs)]
#[command(next_help_heading = "Faults")]
pub(crate) struct ShrinkArgs {
    /// Run this command again and again, without its output, with fewer and fewer of its faults, and write the smallest
    /// recipe with which it still ends with the same exit code, not 0. A card's file stays as it is.
    #[arg(long, value_name = "FILE")]
    pub(crate) shrink: Option<PathBuf>,
}

/// A smallest recipe that is asked for.
pub(crate) struct Shrinking<'c> {
    /// Where it is written.
    pub(crate) output: &'c Path,
    pub(crate) faults: &'c FaultArgs,
    /// Whether the card is in a reader.
    pub(crate) in_reader: bool,
    /// Whether the command reads standard input.
    pub(crate) reads_input: bool,
    /// What the command would write each time it is run.
    pub(crate) writes: Option<&'static str>,
    /// Whether what its faults came to belongs to one card.
    pub(crate) has_log: bool,
}

impl Command {
    /// The smallest recipe that is asked for, if one is.
    pub(crate) fn shrinking(&self) -> Option<Shrinking<'_>> {
        let trace = |trace: &Option<PathBuf>| trace.as_ref().map(|_| "--trace");
        let (shrink, faults, in_reader, writes) = match self {
            Self::Transmit(args) => {
                (&args.shrink, &args.faults, is_in_reader(&args.card), trace(&args.record.trace))
            }
            Self::Read(args) => {
                (&args.shrink, &args.faults, is_in_reader(&args.card), trace(&args.record.trace))
            }
            Self::Pay(args) => {
                (&args.shrink, &args.faults, is_in_reader(&args.card), trace(&args.record.trace))
            }
            Self::Run(args) => {
                let report = args.report.as_ref().map(|_| "--report");
                let writes = trace(&args.trace).or(report).or(args.bless.then_some("--bless"));
                (&args.shrink, &args.faults, run::is_in_reader(args), writes)
            }
            Self::Shell(args) => {
                (&args.shrink, &args.faults, shell::is_in_reader(args), trace(&args.trace))
            }
            _ => return None,
        };
        let output = shrink.shrink.as_deref().filter(|_| faults.fault_trial.is_none())?;
        let one_card = !matches!(self, Self::Run(args) if args.scripts.len() > 1);
        Some(Shrinking {
            output,
            faults,
            in_reader,
            reads_input: matches!(self, Self::Shell(_)),
            writes: writes.or(faults.fault_log.as_ref().map(|_| "--fault-log")),
            has_log: one_card,
        })
    }
}
