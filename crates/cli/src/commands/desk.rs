//! `sscard desk`: the issuing desk at the command line.
//!
//! ```text
//! arguments ─► Desk (register) + Counter (cards) ─► Done ─► words or JSON
//!                                             └───► a refusal ─► words or JSON, exit code 1
//! ```

mod back_office;
mod counter;
mod deliver;
mod look;
mod report;
mod rules;
mod simulate;
mod table;

use std::io::Write;
use std::path::Path;

use sscard_desk::{Desk, DeskError, Register};
use sscard_lexicon::{shown, shown_lines};

use super::date;
use crate::args::desk::{DeskArgs, DeskCommand, PinCommand};
use crate::documents;
use crate::failure::Failure;

pub(crate) fn run(args: &DeskArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let outcome = carry_out(&args.command, out);
    if let Err(Failure::Desk(error)) = &outcome
        && args.command.wants_json()
        && let Some(refusal) = report::refusal(error)
    {
        documents::print(out, &refusal)?;
        return Err(Failure::Told { exit_code: 1 });
    }
    outcome.map_err(for_screen)
}

/// What rows and arguments say in an error gives no orders to a terminal.
fn for_screen(failure: Failure) -> Failure {
    // Reasons of rows are quoted where they are made; their lines are the desk's.
    let is_list = matches!(&failure, Failure::Lines { .. } | Failure::Desk(DeskError::Import(_)));
    let text = failure.to_string();
    let shown = if is_list { shown_lines(&text) } else { shown(&text) }.into_owned();
    if shown == text {
        return failure;
    }
    complain!("sscard: {shown}");
    Failure::Told { exit_code: failure.exit_code() }
}

/// The desk of a register; says when others may read it.
fn open(path: &Path) -> Result<Desk, Failure> {
    let desk = Desk::open(path)?;
    tell_exposed(desk.register());
    Ok(desk)
}

fn tell_exposed(register: &Register) {
    for path in register.exposed() {
        let path = path.display().to_string();
        complain!("sscard: {}: others may read it, and its mode cannot be changed", shown(&path));
    }
}

fn carry_out(command: &DeskCommand, out: &mut dyn Write) -> Result<(), Failure> {
    match command {
        DeskCommand::Init(args) => back_office::init(args, out),
        DeskCommand::Import(args) => back_office::import(args, out),
        DeskCommand::Batch(args) => back_office::batch(args, out),
        DeskCommand::Collect(args) => counter::collect(args, out),
        DeskCommand::Activate(args) => counter::activate(args, out),
        DeskCommand::Pin(args) => match &args.command {
            PinCommand::Change { counter, old, new } => counter::change_pin(counter, old, new, out),
            PinCommand::Reset(counter) => counter::reset_pin(counter, out),
        },
        DeskCommand::QueryPin(args) => counter::change_query_password(args, out),
        DeskCommand::Replace(args) => counter::replace(args, out),
        DeskCommand::Change(args) => counter::change(args, out),
        DeskCommand::Mobile(args) => counter::change_mobile(args, out),
        DeskCommand::Cancel(args) => counter::cancel(args, out),
        DeskCommand::Close(args) => counter::close(args, out),
        DeskCommand::Show(args) => look::show(args, out),
        DeskCommand::Events(args) => look::events(args, out),
        DeskCommand::Outbox(args) => look::outbox(args, out),
        DeskCommand::Resume(args) => counter::resume(args, out),
        DeskCommand::Rules(args) => rules::run(args.json, out),
        DeskCommand::Simulate(args) => simulate::run(args, out),
    }
}

impl DeskCommand {
    const fn wants_json(&self) -> bool {
        match self {
            Self::Init(args) => args.register.json,
            Self::Import(args) => args.register.json,
            Self::Batch(args) => args.register.json,
            Self::Collect(args) => args.register.json,
            Self::Activate(args) => args.counter.register.json,
            Self::Pin(args) => match &args.command {
                PinCommand::Change { counter, .. } | PinCommand::Reset(counter) => {
                    counter.register.json
                }
            },
            Self::QueryPin(args) => args.counter.register.json,
            Self::Replace(args) => args.counter.register.json,
            Self::Change(args) => args.counter.register.json,
            Self::Mobile(args) => args.counter.register.json,
            Self::Cancel(args) => args.counter.register.json,
            Self::Close(args) => args.counter.register.json,
            Self::Show(args) | Self::Events(args) => args.register.json,
            Self::Outbox(args) => args.json,
            Self::Resume(args) => args.register.json,
            Self::Rules(args) => args.json,
            Self::Simulate(args) => args.json,
        }
    }
}
