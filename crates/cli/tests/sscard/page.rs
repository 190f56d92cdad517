//! What pages show on a console: commands, and what stands below each.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Commands of a page, each with what stands below it.
pub(crate) fn commands(page: &str) -> Vec<(String, String)> {
    commands_of(page, "console")
}

/// The same of the blocks that are marked so.
pub(crate) fn commands_of(page: &str, mark: &str) -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    for block in page.split(&format!("```{mark}\n")).skip(1) {
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
pub(crate) fn normal(text: &str) -> Vec<String> {
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

pub(crate) fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

pub(crate) fn read(page: &str) -> String {
    fs::read_to_string(root().join(page)).expect(page)
}

/// A folder with the examples in it.
pub(crate) fn folder() -> TempDir {
    let folder = TempDir::new().expect("folder");
    let examples = fs::canonicalize(root().join("examples")).expect("examples");
    symlink(examples, folder.path().join("examples")).expect("a link");
    folder
}

/// Runs a command as somebody would who has the program in the path: stdout and stderr, and whether
/// it ended well.
pub(crate) fn run(folder: &TempDir, command: &str) -> (String, bool) {
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
