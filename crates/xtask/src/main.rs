//! What is done to this workspace and is no part of what it ships.
//!
//! `cargo xtask faults` plants one fault at a time and writes who finds it (docs/quality.md).
#![forbid(unsafe_code)]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::panic,
    reason = "a program of ours, for ourselves, that may panic"
)]

mod faults;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Tasks of this workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    Faults(faults::Args),
}

fn main() -> ExitCode {
    let Task::Faults(args) = Args::parse().task;
    match faults::run(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("cargo xtask: {error}");
            ExitCode::from(2)
        }
    }
}
