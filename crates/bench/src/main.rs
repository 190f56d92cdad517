//! Measures the card: exchanges a second, snapshots, payments, issuing, scripts, bytes, first response.
//!
//! ```text
//! mix, read_record ◄─ card::Bench ─┐ interleaved, median of 9
//! reference mix ◄─ reference::Bench ┘
//! the C interface over the Rust call ◄─ c_interface
//! cards a second ◄─ issue::Desk, two threads
//! a card in a file ◄─ kept
//! the API of served cards ◄─ served, the program beside this one
//! PC/SC without a daemon ◄─ door, this program thrice
//! scripts ◄─ script: parsing, and what the runner adds
//! faults ◄─ faults: none set, and ten
//! bytes per card, first response ◄─ this program, run again in a process of its own
//! ```
//!
//! What leaves: a table, or one JSON object. docs/performance.md says how each figure is made.
#![forbid(unsafe_code)]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a program that measures, and may panic"
)]

mod c_interface;
mod card;
#[cfg(target_os = "linux")]
mod door;
mod faults;
mod figures;
mod fresh_process;
mod issue;
mod kept;
mod payment;
#[cfg(feature = "pcsc")]
mod pcscd;
mod reference;
mod script;
mod served;
mod timing;

use std::error::Error;
use std::io::{self, Write};

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

use crate::figures::Figures;

/// Measures how fast and how small a card is.
#[derive(Parser)]
#[command(name = "sscard-bench")]
struct Args {
    /// One JSON object instead of a table.
    #[arg(long)]
    json: bool,
    /// How often each measurement is repeated; fewer rounds are quicker and say less.
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u8).range(1..=99))]
    rounds: u8,
    /// Only the API of `sscard serve`.
    #[arg(long)]
    served: bool,
    /// Only PC/SC without a daemon.
    #[cfg(target_os = "linux")]
    #[arg(long)]
    door: bool,
    /// What a process that this one started does.
    #[arg(long, value_enum, hide = true)]
    inner: Option<fresh_process::Task>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    if let Some(task) = args.inner {
        return fresh_process::carry_out(task, args.rounds);
    }
    if args.served {
        let figures = served::measure(args.rounds)?.ok_or("build sscard beside it first")?;
        figures.print(&mut io::stdout().lock())?;
        return Ok(());
    }
    #[cfg(target_os = "linux")]
    if args.door {
        let figures = door::measure(args.rounds)?;
        let mut out = io::stdout().lock();
        if args.json {
            serde_json::to_writer_pretty(&mut out, &figures)?;
            writeln!(out)?;
        } else {
            figures.print(&mut out)?;
        }
        return Ok(());
    }
    let style = ProgressStyle::with_template("{bar:30} {msg}")?;
    let progress = ProgressBar::new(Figures::STEPS + u64::from(args.rounds)).with_style(style);
    let figures = Figures::measure(&progress, args.rounds)?;
    progress.finish_and_clear();
    let mut out = io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &figures)?;
        writeln!(out)?;
    } else {
        figures.print(&mut out)?;
    }
    Ok(())
}
