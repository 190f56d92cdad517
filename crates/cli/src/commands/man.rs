//! `sscard man`: manual pages made from the command line's own description.

use std::io::Write;

use clap::CommandFactory;
use clap_mangen::Man;

use crate::args::{Args, ManArgs};
use crate::failure::Failure;

pub(crate) fn run(args: &ManArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let mut program = Args::command();
    program.build();
    let Some(name) = &args.command else { return Ok(Man::new(program).render(out)?) };
    let known: Vec<_> = program.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    let page = program.find_subcommand(name).ok_or_else(|| Failure::Input {
        place: format!("man {name}"),
        reason: format!("there is no such command; there are {}", known.join(", ")),
    })?;
    let page = page.clone().after_help(crate::args::EXIT_CODES);
    Ok(Man::new(page).render(out)?)
}
