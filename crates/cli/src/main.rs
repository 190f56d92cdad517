//! The program `sscard`.
//!
//! What enters: the command line. What leaves: results on stdout, everything else on stderr, an
//! exit code of [`Failure::exit_code`].
#![forbid(unsafe_code)]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a program, no library: at worst one run of it ends"
)]
#![cfg_attr(
    test,
    allow(
        clippy::cast_possible_truncation,
        clippy::expect_used,
        clippy::panic,
        clippy::unwrap_used,
        reason = "a test fails by panicking"
    )
)]

/// Writes a line to stderr; that nobody reads it changes no exit code.
macro_rules! complain {
    ($($text:tt)*) => {{
        let text = format!($($text)*);
        crate::outside::complain(format_args!("{text}\n"));
    }};
}

/// The same without an end of line.
macro_rules! complain_on {
    ($($text:tt)*) => {
        crate::outside::complain(format_args!($($text)*))
    };
}

mod args;
mod commands;
mod documents;
mod failure;
mod image_file;
mod misbehaviour;
mod output;
mod outside;
mod own_keys;
mod read_file;
mod secret_input;
mod signals;
mod source;
mod usage;

use std::io;
use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command};
use crate::failure::Failure;
use crate::output::{Loss, Output};
use crate::outside::Filter;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return usage::tell(error),
    };
    let command = &args.command;
    let loss = if command.holds_a_card() { Loss::IsBorne } else { Loss::Ends };
    let filter = if command.writes_bytes() { Filter::bytes() } else { Filter::default() };
    let mut out = Output::new(loss, filter);
    let outcome = prepare(command, &out).and_then(|()| carry_out(command, &mut out));
    // What was said before a failure is said.
    let shown = out.end();
    finish(outcome.and_then(|()| Ok(shown?)), &out)
}

/// What signals do to a program that holds a card, or writes files.
fn prepare(command: &Command, out: &Output) -> Result<(), Failure> {
    signals::survive_file_limits()?;
    // Who asks for a key on a terminal gives the terminal back.
    if command.holds_a_card() || matches!(command, Command::Emv(_) | Command::Soak(_)) {
        let out = out.clone();
        let waits = matches!(command, Command::Serve(_) | Command::Link(_));
        signals::watch(waits, move || out.flush_if_free())?;
    }
    Ok(())
}

fn carry_out(command: &Command, out: &mut Output) -> Result<(), Failure> {
    if let Some(shrinking) = command.shrinking() {
        return commands::shrink::run(&shrinking, out);
    }
    match command {
        Command::New(args) => commands::new::run(args, out),
        Command::Profile(args) => commands::profile::run(args, out),
        Command::Read(args) => commands::read::run(args, out),
        Command::Inspect(args) => commands::inspect::run(args, out),
        Command::Repair(args) => commands::repair::run(args, out),
        Command::Transmit(args) => commands::transmit::run(args, out),
        Command::Run(args) => commands::run::run(args, out),
        Command::Shell(args) => commands::shell::run(args, out),
        Command::Pay(args) => commands::pay::run(args, out),
        Command::Emv(args) => commands::emv::run(args, out),
        Command::Evil(args) => commands::evil::run(args, out),
        Command::Learn(args) => commands::learn::run(args, out),
        Command::Pki(args) => commands::pki::run(args, out),
        Command::Desk(args) => commands::desk::run(args, out),
        Command::Soak(args) => commands::soak::run(args, out),
        Command::Import(args) => commands::import::run(args, out),
        Command::Trace(args) => commands::trace::run(args, out),
        Command::Readers(args) => commands::readers::run(args, out),
        Command::Link(args) => commands::link::run(args, out),
        Command::Doctor(args) => commands::doctor::run(args, out),
        Command::Completions(args) => commands::completions::run(args, out),
        Command::Man(args) => commands::man::run(args, out),
        Command::Serve(args) => commands::serve::run(args),
        #[cfg(target_os = "linux")]
        Command::With(args) => commands::with::run(args),
        #[cfg(not(target_os = "linux"))]
        Command::With(_) => Err(Failure::NotHere),
        Command::Ctl(args) => commands::ctl::run(args, out),
    }
}

/// The verdict is the exit code; that output was lost counts where nothing else went wrong.
fn finish(outcome: Result<(), Failure>, out: &Output) -> ExitCode {
    let outcome = outcome.and_then(|()| out.failure().map_or(Ok(()), |error| Err(error.into())));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads our output has enough of it: no reason to complain.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            let text = failure.to_string();
            if !text.is_empty() {
                complain!("sscard: {text}");
            }
            ExitCode::from(failure.exit_code())
        }
    }
}
