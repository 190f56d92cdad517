//! The program `sscard`.
//!
//! What enters: the command line. What leaves: results on stdout, everything else on stderr, an
//! exit code of [`Failure::exit_code`].
#![forbid(unsafe_code)]

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
mod failure;
mod image_file;
mod outside;
mod read_file;
mod secret_input;
mod source;
mod usage;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command};
use crate::failure::Failure;
use crate::outside::{Filter, Filtered};

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return usage::tell(&error),
    };
    let filter = if args.command.writes_bytes() { Filter::bytes() } else { Filter::default() };
    let mut out = Filtered::new(io::stdout().lock(), filter);
    let outcome = match &args.command {
        Command::New(args) => commands::new::run(args, &mut out),
        Command::Read(args) => commands::read::run(args, &mut out),
        Command::Inspect(args) => commands::inspect::run(args, &mut out),
        Command::Transmit(args) => commands::transmit::run(args, &mut out),
        Command::Run(args) => commands::run::run(args, &mut out),
        Command::Shell(args) => commands::shell::run(args, &mut out),
        Command::Pay(args) => commands::pay::run(args, &mut out),
        Command::Emv(args) => commands::emv::run(args, &mut out),
        Command::Desk(args) => commands::desk::run(args, &mut out),
        Command::Import(args) => commands::import::run(args, &mut out),
        Command::Trace(args) => commands::trace::run(args, &mut out),
        Command::Readers(args) => commands::readers::run(args, &mut out),
        Command::Doctor(args) => commands::doctor::run(args, &mut out),
        Command::Completions(args) => commands::completions::run(args, &mut out),
        Command::Man(args) => commands::man::run(args, &mut out),
        Command::Serve(args) => {
            // Slots write from threads of their own.
            drop(out);
            let outcome = commands::serve::run(args);
            return finish(outcome);
        }
    };
    let outcome = outcome.and_then(|()| out.flush().map_err(Failure::Output));
    drop(out);
    finish(outcome)
}

fn finish(outcome: Result<(), Failure>) -> ExitCode {
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
