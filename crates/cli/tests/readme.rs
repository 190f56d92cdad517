//! What the README and the pages of `docs/` show on a console is what the program prints.
//!
//! Blocks marked `console` are run one after the other in one folder. `console reader` needs pcscd,
//! `console tshark` Wireshark, `console person` somebody who types: they have tests of their own.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Commands of a page, each with what stands below it.
fn commands(page: &str) -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    for block in page.split("```console\n").skip(1) {
        let mut is_continued = false;
        for line in block.split("```").next().unwrap_or_default().lines() {
            match (line.strip_prefix("$ "), commands.last_mut()) {
                (Some(command), _) => commands.push((command.to_owned(), String::new())),
                (None, Some((command, _))) if is_continued => {
                    command.push('\n');
                    command.push_str(line);
                }
                (None, Some((_, expected))) => {
                    expected.push_str(line);
                    expected.push('\n');
                }
                (None, None) => panic!("'{line}' before the first command"),
            }
            is_continued = line.ends_with('\\');
        }
    }
    commands
}

/// Lines without times and without blanks at their ends.
fn normal(text: &str) -> Vec<String> {
    let line = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let is_unit = |word: Option<&&str>| {
            word.is_some_and(|word| matches!(word.trim_end_matches(')'), "µs" | "ms" | "s"))
        };
        let words = words.iter().enumerate().map(|(at, word)| {
            let number = word.trim_start_matches('(');
            let is_number = !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            if is_number && is_unit(words.get(at + 1)) {
                word.replace(number, "N")
            } else {
                (*word).to_owned()
            }
        });
        words.collect::<Vec<_>>().join(" ").trim_end().to_owned()
    };
    text.lines().map(line).collect()
}

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn read(page: &str) -> String {
    fs::read_to_string(root().join(page)).expect(page)
}

/// A folder with the examples in it.
fn folder() -> TempDir {
    let folder = TempDir::new().expect("folder");
    let examples = fs::canonicalize(root().join("examples")).expect("examples");
    symlink(examples, folder.path().join("examples")).expect("a link");
    folder
}

/// Runs a command as somebody would who has the program in the path: stdout and stderr, and whether
/// it ended well.
fn run(folder: &TempDir, command: &str) -> (String, bool) {
    let program = Path::new(env!("CARGO_BIN_EXE_sscard"));
    let programs = program.parent().expect("a folder").display().to_string();
    let path = format!("{programs}:{}", std::env::var("PATH").unwrap_or_default());
    let output = Command::new("bash")
        .args(["-e", "-c", &format!("exec 2>&1 < /dev/null; {command}")])
        .env("PATH", path)
        .env("SSCARD", program)
        .env("XDG_STATE_HOME", folder.path())
        .env_remove("SSCARD_READER")
        .current_dir(folder.path())
        .output()
        .expect("runs");
    (String::from_utf8(output.stdout).expect("UTF-8"), output.status.success())
}

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
