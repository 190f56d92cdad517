//! Recorded sessions: text files that a person can review, replayed byte by byte.
//!
//! A file has a header (`profile:`, `seed:`), then `>` commands and `<` answers; `reset` is a power
//! cycle and `#` a comment. `BLESS=1 cargo test --workspace golden` writes the answers anew; the
//! difference is to be reviewed.

use std::fs;
use std::path::{Path, PathBuf};

use sscard_core::Card;
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};

use crate::harness::{bytes, hex};

fn sessions() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let entries = fs::read_dir(folder).expect("tests/golden");
    let paths = entries.map(|entry| entry.expect("entry").path());
    let mut sessions: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|kind| kind == "session")).collect();
    sessions.sort();
    sessions
}

fn card(text: &str) -> Card {
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("no {name}")).trim().to_owned()
    };
    let profile = built_in(&field("profile:")).expect("built-in");
    let holder = synthetic_holder(field("seed:").parse().expect("a number"));
    let mut card = issue(&profile, &holder, &MasterKeys::test()).expect("card");
    card.power_on().expect("power");
    card
}

/// The session with the answers that the card gives now.
fn replayed(text: &str) -> String {
    let mut card = card(text);
    let mut out = String::new();
    let mut response = Vec::new();
    for line in text.lines() {
        match line.split_once(' ') {
            Some((">", command)) => {
                card.transmit(&bytes(command), &mut response);
                out += &format!("{line}\n< {}\n", hex(&response));
            }
            Some(("<", _)) => {}
            _ => {
                if line == "reset" {
                    card.power_on().expect("power");
                }
                out += &format!("{line}\n");
            }
        }
    }
    out
}

#[test]
fn golden_sessions_repeat_byte_for_byte() {
    let sessions = sessions();
    assert_eq!(sessions.len(), 3, "one for each generation");
    for path in sessions {
        let text = fs::read_to_string(&path).expect("UTF-8");
        let now = replayed(&text);
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, now).expect("written");
            continue;
        }
        for (number, (recorded, found)) in (1..).zip(text.lines().zip(now.lines())) {
            assert_eq!(found, recorded, "{}:{number}", path.display());
        }
        assert_eq!(now, text, "{}", path.display());
    }
}
