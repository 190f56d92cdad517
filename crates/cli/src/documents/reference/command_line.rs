//! `docs/commands.md` out of the command line's own description.

use std::fmt::Write;

use clap::{Arg, Command, CommandFactory};

use crate::args::Args;

const INTRODUCTION: &str = "\
# Commands and options

What `sscard COMMAND --help` says, for all commands on one page. It is made from the program's own description of its command line; a test
compares: `BLESS=1 cargo test -p sscard --bins reference` writes it anew. What commands print with `--json` is in
[json.md](json.md), what their exit codes mean in [exit-codes.md](exit-codes.md). `sscard man COMMAND` prints the same as a manual
page, `sscard completions SHELL` completions for bash, elvish, fish, powershell and zsh.

Where a card can be chosen: `--card FILE` takes an image, whose state is kept, `--reader NAME` (or the variable `SSCARD_READER`) a PC/SC
reader in builds with `--features pcsc`; without either there is a fresh third-generation card.

An option for a PIN takes `-`: a terminal asks for it without echo, else it is a line of standard input, the next one for each
`-`. `read` and `pay` without `--pin` take the variable `SSCARD_PIN`; `--imk` takes `-` and `@FILE` too.
";

/// The page.
pub(super) fn page() -> String {
    let mut program = Args::command();
    program.build();
    let mut page = INTRODUCTION.to_owned();
    describe(&mut page, &program, "sscard");
    page
}

fn describe(page: &mut String, command: &Command, name: &str) {
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        let name = format!("{name} {}", inner.get_name());
        let about = inner.get_about().map(ToString::to_string).unwrap_or_default();
        write!(page, "\n## {name}\n\n{}\n", sentence(&about)).expect("text");
        if !inner.has_subcommands() {
            options(page, inner, &name);
        }
        describe(page, inner, &name);
    }
}

fn options(page: &mut String, command: &Command, name: &str) {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage);
    assert!(usage.starts_with(name), "{usage}");
    write!(page, "\n```text\n{usage}\n```\n").expect("text");
    let shown =
        |arg: &&Arg| !arg.is_hide_set() && arg.get_id() != "help" && arg.get_id() != "version";
    let arguments: Vec<_> = command.get_arguments().filter(shown).collect();
    if arguments.is_empty() {
        return;
    }
    page.push_str("\n| | |\n|---|---|\n");
    for argument in arguments {
        let (form, meaning) = (form(argument), meaning(argument));
        writeln!(page, "| `{}` | {} |", form.replace('|', "\\|"), meaning.replace('|', "\\|"))
            .expect("text");
    }
}

/// `-o, --output FILE`
fn form(argument: &Arg) -> String {
    let takes_value = argument.get_action().takes_values();
    let names = argument.get_value_names().unwrap_or_default();
    let values = names.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let many =
        argument.get_num_args().is_some_and(|range| range.max_values() > range.min_values().max(1));
    let values = if many { format!("{values}…") } else { values };
    let short = argument.get_short().map(|short| format!("-{short}"));
    let long = argument.get_long().map(|long| format!("--{long}"));
    let mut form = short.into_iter().chain(long).collect::<Vec<_>>().join(", ");
    if takes_value {
        form = format!("{form} {values}").trim().to_owned();
    }
    form
}

fn meaning(argument: &Arg) -> String {
    let mut text = sentence(&argument.get_help().map(ToString::to_string).unwrap_or_default());
    let is_flag = !argument.get_action().takes_values();
    let possible = argument.get_possible_values();
    if !is_flag && !possible.is_empty() {
        let values = possible.iter().filter(|value| !value.is_hide_set()).map(|value| {
            let help = value.get_help().map(|help| format!(" ({help})"));
            format!("`{}`{}", value.get_name(), help.unwrap_or_default())
        });
        write!(text, " Values: {}.", values.collect::<Vec<_>>().join(", ")).expect("text");
    }
    let defaults = argument.get_default_values();
    if !is_flag && !defaults.is_empty() {
        let values = defaults.iter().map(|value| format!("`{}`", value.to_string_lossy()));
        write!(text, " Default: {}.", values.collect::<Vec<_>>().join(", ")).expect("text");
    }
    if argument.is_required_set() {
        text.push_str(" Required.");
    }
    text.trim().to_owned()
}

/// Help has no full stop at its end.
fn sentence(text: &str) -> String {
    let text = text.replace('\n', " ");
    if text.is_empty() || text.ends_with(['.', ':', '?']) { text } else { format!("{text}.") }
}
