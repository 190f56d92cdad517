//! `sscard man`: manual pages made from the command line's own description.

use std::io::Write;

use clap::CommandFactory;
use clap_mangen::Man;

use crate::args::{Args, ManArgs};
use crate::failure::Failure;

pub(crate) fn run(args: &ManArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let mut program = Args::command();
    program.build();
    let mut page = &program;
    for (depth, name) in (1..).zip(&args.command) {
        page = page.find_subcommand(name).ok_or_else(|| {
            let known: Vec<_> = page.get_subcommands().map(clap::Command::get_name).collect();
            let there = match known[..] {
                [] => "it has no commands of its own".to_owned(),
                _ => format!("there are {}", known.join(", ")),
            };
            let named = args.command[..depth].join(" ");
            Failure::Usage(format!("man {named}: there is no such command; {there}"))
        })?;
    }
    if args.command.is_empty() {
        return Ok(Man::new(program).render(out)?);
    }
    let page = page.clone().after_help(crate::args::EXIT_CODES);
    Ok(Man::new(page).render(out)?)
}
