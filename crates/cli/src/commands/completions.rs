//! `sscard completions`: what a shell needs to complete our command line.

use std::io::Write;

use clap::CommandFactory;

use crate::args::{Args, CompletionsArgs};
use crate::failure::Failure;

pub(crate) fn run(args: &CompletionsArgs, out: &mut dyn Write) -> Result<(), Failure> {
    // The generator has no way to report a failed write: it gets memory to write to.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "sscard", &mut script);
    Ok(out.write_all(&script)?)
}
