//! `sscard trace`: recorded sessions explained, converted, compared, replayed.

mod convert;
mod diff;
mod input;
mod replay;
pub(crate) mod show;

use std::io::Write;

use crate::args::{TraceArgs, TraceCommand};
use crate::failure::Failure;

pub(crate) fn run(args: &TraceArgs, out: &mut dyn Write) -> Result<(), Failure> {
    match &args.command {
        TraceCommand::Show { input, unsafe_show_secrets, json } => {
            show::run(input, *unsafe_show_secrets, *json, out)
        }
        TraceCommand::Convert { input, output, to, unsafe_show_secrets } => {
            convert::run(input, output, to.map(Into::into), *unsafe_show_secrets, out)
        }
        TraceCommand::Diff { left, right, reading, modulo, json } => {
            diff::run([left, right], reading, modulo, *json, out)
        }
        TraceCommand::Replay { input, card, contactless, destructive, modulo, json } => {
            replay::run(input, card, *contactless, *destructive, modulo, *json, out)
        }
    }
}
