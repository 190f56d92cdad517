//! What the README and the pages of `docs/` show on a console is what the program prints.
//!
//! Blocks marked `console` are run one after the other in one folder. `console reader` needs pcscd,
//! `console with` opensc-tool, `console tshark` Wireshark, `console person` somebody who types: they have tests of their own.

use crate::sscard::page::{commands, folder, normal, read, run};

/// Runs what a page shows; how many commands there were.
fn shows(page: &str) -> usize {
    let folder = folder();
    let commands = commands(&read(page));
    for (command, expected) in &commands {
        let (shown, _) = run(&folder, command);
        assert_eq!(normal(&shown), normal(expected), "{page}: {command}");
    }
    commands.len()
}

#[test]
fn the_readme_shows_what_the_program_prints() {
    assert!(shows("README.md") >= 8);
}

#[test]
fn the_first_two_commands_of_the_readme_are_the_first_two_there() {
    let page = read("README.md");
    let first = page.lines().skip_while(|line| *line != "```sh").skip(1).take(3);
    let commands = ["cargo run -- run examples/tour.apdu", "cargo test --workspace", "```"];
    assert!(first.eq(commands), "{page}");
    assert!(page.lines().count() < 160);
}

#[test]
fn the_page_on_the_desk_shows_what_the_program_prints() {
    assert!(shows("docs/desk.md") >= 2);
}

#[test]
fn the_day_at_the_desk_can_be_repeated() {
    let page = read("docs/desk.md");
    let mut days = page.split("```sh\n").filter(|block| block.starts_with("sscard desk init"));
    let day = days.next().and_then(|block| block.split("```").next()).expect("a day");
    let (shown, ended_well) = run(&folder(), day);
    assert!(ended_well, "{shown}");
}

#[test]
fn the_page_on_traces_shows_what_the_program_prints() {
    assert!(shows("docs/trace.md") >= 9);
}

#[test]
fn the_other_pages_show_what_the_program_prints() {
    assert_eq!(shows("docs/program.md"), 3);
    assert_eq!(shows("docs/pay.md"), 2);
    assert_eq!(shows("docs/link.md"), 1);
    assert_eq!(shows("docs/shell.md"), 1);
    assert_eq!(shows("docs/profiles.md"), 5);
    assert_eq!(shows("docs/psam.md"), 5);
}

/// `docs/picture.py` draws the picture; its text is compared as that of a page.
#[test]
fn the_picture_shows_what_the_program_prints() {
    let picture = read("docs/session.svg");
    let lines = picture.lines().filter(|line| line.starts_with("<text "));
    let lines = lines.map(|line| {
        let text = line.split_once('>').and_then(|(_, rest)| rest.strip_suffix("</text>"));
        text.expect("a line").replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
    });
    let session = lines.collect::<Vec<_>>().join("\n");
    let folder = folder();
    let commands = commands(&format!("```console\n{session}\n```"));
    assert_eq!(commands.len(), 4);
    for (command, expected) in &commands {
        let (shown, _) = run(&folder, command);
        assert_eq!(normal(&shown), normal(expected), "docs/session.svg: {command}");
    }
}
