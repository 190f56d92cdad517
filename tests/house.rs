//! The house: an instruction's number and a tag's have one home, and what the table says of an instruction is so everywhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sscard_commands::{ALL, Application, GENERAL_STATUS, Instruction, ins};
use sscard_elements::{SOCIAL, element};
use sscard_lexicon::{command_name, financial, pki, status_meaning};

use crate::harness::{Desk, SELECT_SSSE, bytes};

/// An instruction's number, or a tag's, may stand in so many files.
const FILES: usize = 3;

/// Rust sources of `crates/*/src` without their tests.
fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).expect("folder") {
            let path = entry.expect("entry").path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if name == "tests" || name == "vectors" {
                continue;
            }
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("source");
                let body = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
                let code = |line: &&str| !line.trim_start().starts_with("//");
                let body: Vec<&str> = body.lines().filter(code).collect();
                found.push((path, body.join("\n")));
            }
        }
    }
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut found = Vec::new();
    for entry in fs::read_dir(crates).expect("crates") {
        walk(&entry.expect("entry").path().join("src"), &mut found);
    }
    found
}

/// Hexadecimal numbers of two digits at the beginning of a text, joined by `|`: the pattern of a match arm.
fn alternatives(mut text: &str) -> Vec<u8> {
    let mut found = Vec::new();
    while let Some(number) = text.trim_start_matches([' ', '|', '&']).strip_prefix("0x") {
        let Some(value) = number.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok())
        else {
            break;
        };
        found.push(value);
        text = &number[2..];
    }
    found
}

/// Classes with which a command begins in a source.
const CLASSES: [&str; 10] =
    ["0x00", "0", "0x04", "0x80", "0x84", "0xB0", "cla", "class", "channel", "CLASS"];

/// The instruction numbers of a source, where the position says that it is one.
fn numbers(source: &str) -> Vec<u8> {
    let mut found = Vec::new();
    let mut matched: Option<usize> = None;
    for line in source.lines() {
        let indent = line.len() - line.trim_start().len();
        // The arms of a match on an instruction.
        if line.contains("match") && line.contains("ins") && line.ends_with('{') {
            matched = Some(indent);
        } else if matched.is_some_and(|start| indent <= start && !line.trim().is_empty()) {
            matched = None;
        } else if matched.is_some_and(|start| indent == start + 4) {
            found.extend(alternatives(line));
        }
        for (at, _) in line.match_indices("ins") {
            let rest = line[at + 3..].trim_start_matches([' ', ',', ':', '=', '!', '(']);
            found.extend(alternatives(rest));
        }
        // Byte arrays, tuples of class and instruction, and calls with both.
        for class in CLASSES {
            for open in ["[", "(", "ClassByte::new("] {
                let begin = format!("{open}{class}");
                for (at, _) in line.match_indices(&begin) {
                    let rest = line[at + begin.len()..].trim_start_matches(')');
                    if let Some(rest) = rest.strip_prefix(", ") {
                        // A status word or a tag has four digits; a command's array has a third element.
                        let array = open != "[" || rest.matches(',').count() >= 2;
                        if array && rest.as_bytes().get(4).is_none_or(|b| !b.is_ascii_hexdigit()) {
                            found.extend(alternatives(rest));
                        }
                    }
                }
            }
        }
        // Commands as text.
        for class in ["00", "04", "80", "84", "B0"] {
            for begin in [format!("\"{class}"), format!("\"> {class}")] {
                for (at, _) in line.match_indices(&begin) {
                    let text = line[at + begin.len()..].trim_start();
                    let digits: String = text.chars().filter(|c| *c != ' ').take(4).collect();
                    if let (4, Ok(number)) = (digits.len(), u16::from_str_radix(&digits, 16)) {
                        found.push(number.to_be_bytes()[0]);
                    }
                }
            }
        }
    }
    found
}

#[test]
fn an_instruction_number_stands_in_three_files_at_most() {
    let mut homes: BTreeMap<u8, Vec<PathBuf>> = BTreeMap::new();
    for (path, source) in sources() {
        if path.components().any(|part| part.as_os_str() == "catalogue") {
            continue;
        }
        for number in numbers(&source) {
            let files = homes.entry(number).or_default();
            if ALL.iter().any(|known| known.ins == number) && !files.contains(&path) {
                files.push(path.clone());
            }
        }
    }
    let crowded: Vec<_> = homes.iter().filter(|(_, files)| files.len() > FILES).collect();
    assert!(crowded.is_empty(), "write `sscard_commands::ins` instead: {crowded:#02X?}");
}

#[test]
fn the_scan_finds_numbers_where_commands_are() {
    let source = "let a = [0x00, 0xA4, 0x04, 0x00];\nif apdu.ins == 0xB2 {}\n\
                  match command.ins {\n    0x84 | 0x88 => {}\n}\nRequest { ins: 0xAE }\n\
                  ClassByte::new(0x80), 0x5E, 1\nsend(\"00 20 00 00\");\n(0x80, 0x24) => 1\nsw(0x6A88, 0x10)";
    let mut found = numbers(source);
    found.dedup();
    assert_eq!(found, [0xA4, 0xB2, 0x84, 0x88, 0xAE, 0x5E, 0x20, 0x24]);
}

/// The hexadecimal digits of the numbers that a text begins with, joined by commas or `|`.
fn literals(mut text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    while let Some(number) = text.trim_start_matches([' ', ',', '|', '&', '[']).strip_prefix("0x") {
        let digits = number.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(number.len());
        found.push(&number[..digits]);
        text = &number[digits..];
    }
    found
}

/// Calls whose last argument is a tag, and patterns on one.
const TAGS: [&str; 12] = [
    "Tag::from_number(",
    ".value(",
    ".primitive(",
    ".constructed(",
    "tag: ",
    "tag == ",
    "tag != ",
    "begins_with(",
    "need(",
    "template(",
    "in_list(",
    "element(",
];

/// The tags of a source whose numbers are written there.
fn tags(source: &str) -> Vec<u32> {
    let known = |number: u32| {
        let tag = sscard_apdu::tlv::Tag::from_number(number);
        element(tag).is_some() || SOCIAL.iter().any(|element| element.tag == tag)
    };
    let mut found = Vec::new();
    for line in source.lines() {
        // A row of the dictionary.
        let row = line.trim_start().split_once(' ').filter(|(_, name)| {
            name.starts_with(|c: char| c.is_ascii_uppercase()) && line.contains(" \"")
        });
        if let Some((number, _)) = row {
            found.extend(literals(number).iter().filter_map(|n| u32::from_str_radix(n, 16).ok()));
        }
        for (at, _) in line.match_indices("0x") {
            let numbers = literals(&line[at..]);
            // Two bytes as a number, or one after the other.
            let whole = numbers.first().filter(|digits| digits.len() == 4);
            found.extend(whole.and_then(|digits| u32::from_str_radix(digits, 16).ok()));
            if let [first, second, ..] = numbers[..]
                && (first.len(), second.len()) == (2, 2)
                && u8::from_str_radix(first, 16).is_ok_and(|byte| byte & 0x1F == 0x1F)
            {
                found.extend(u32::from_str_radix(&format!("{first}{second}"), 16));
            }
        }
        for begin in TAGS {
            for (at, _) in line.match_indices(begin) {
                let rest = &line[at + begin.len()..];
                let arguments = rest.split(')').next().unwrap_or_default();
                let last = arguments.rsplit(", ").next().unwrap_or_default();
                for text in [rest, last] {
                    let numbers = literals(text).into_iter().filter(|digits| digits.len() == 2);
                    found.extend(numbers.filter_map(|n| u32::from_str_radix(n, 16).ok()));
                }
            }
        }
        // Tags as text: of two bytes, alone or at the beginning of a list of objects.
        for (at, _) in line.match_indices('"') {
            if let Some(digits) = line.get(at + 1..at + 5)
                && ["9F", "5F", "DF", "BF"].iter().any(|first| digits.starts_with(first))
            {
                found.extend(u32::from_str_radix(digits, 16));
            }
        }
    }
    found.retain(|number| known(*number));
    found.sort_unstable();
    found.dedup();
    found
}

#[test]
fn a_tag_s_number_stands_in_three_files_at_most() {
    let mut homes: BTreeMap<u32, Vec<PathBuf>> = BTreeMap::new();
    for (path, source) in sources() {
        for number in tags(&source) {
            homes.entry(number).or_default().push(path.clone());
        }
    }
    assert!(homes.len() > 160, "the dictionary itself is scanned: {}", homes.len());
    let crowded: Vec<_> = homes.iter().filter(|(_, files)| files.len() > FILES).collect();
    assert!(crowded.is_empty(), "write `sscard_elements::tag` instead: {crowded:#02X?}");
}

#[test]
fn the_scan_finds_tags_where_data_elements_are() {
    let source = "Tag::from_number(0x70)\nlet list = [0x9F, 0x37, 0x04];\ndata.value(0x95)\nif tag == 0x82 {}\n\
                  matches!(tag, 0x9F02 | 0x5F2A)\nneed(kernel, 0x8F)\nhex(\"9F3602\")\n\
                  0x9F10 ISSUER_APPLICATION_DATA \"IAD\" Card\nlet status = [0x69, 0x82];\nbyte & 0x9F";
    let expected =
        [0x70, 0x82, 0x8F, 0x95, 0x5F2A, 0x9F02, 0x9F10, 0x9F36, 0x9F37].map(|number: u32| number);
    assert_eq!(tags(source), expected);
}

/// A constant of `sscard_elements::tag` is made of its row, so no row can lack one; here what is written twice.
#[test]
fn every_data_element_has_its_row_and_each_name_its_own() {
    let mut names: Vec<(&str, &str)> = sscard_elements::ALL.iter().map(|e| (e.en, e.zh)).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count, "two data elements have the same names");
    for known in sscard_elements::ALL {
        assert_eq!(element(known.tag), Some(known));
    }
}

/// Whether one of this workspace's cards has to know it.
fn ours(known: &&Instruction) -> bool {
    known.application != Application::Foreign
}

/// A card with the application selected.
fn selected(application: Application) -> Desk {
    let mut desk = Desk::t1("gen3");
    match application {
        Application::Financial => desk.all_ok(&["00A4040008A000000333010101"]),
        Application::Purse => {
            desk = Desk::t1("gen2");
            desk.all_ok(&[SELECT_SSSE, "00A4000002DF04"]);
        }
        Application::Pki => desk.all_ok(&["00A404000C53532E434552542E41444631"]),
        Application::Psam => {
            desk = Desk::t1("psam-3des");
            desk.all_ok(&["00A4040006D15600000590"]);
        }
        _ => desk.all_ok(&[SELECT_SSSE]),
    }
    desk
}

#[test]
fn the_card_handles_every_instruction_of_the_table() {
    for known in ALL.iter().filter(ours) {
        // A class of secure messaging is another command to SELECT, and the only one to what is always protected.
        let unknown = [known.class, known.class | 0x04].map(|class| {
            let mut desk = selected(known.application);
            let mut answer = Vec::new();
            desk.card.transmit(&[class, known.ins, 0x00, 0x00], &mut answer);
            answer == [0x6D, 0x00]
        });
        assert_ne!(unknown, [true; 2], "{:?} {}", known.application, known.name);
    }
}

#[test]
fn the_card_handles_no_instruction_that_the_table_lacks() {
    for application in [
        Application::SocialSecurity,
        Application::Purse,
        Application::Financial,
        Application::Pki,
        Application::Psam,
    ] {
        let desk = selected(application);
        let known = |number| ALL.iter().filter(ours).any(|known| known.ins == number);
        for number in (0x00..=0xFF).filter(|number| !known(*number)) {
            for class in [0x00, 0x80, 0xB0] {
                let mut answer = Vec::new();
                desk.card.clone().transmit(&[class, number, 0x00, 0x00], &mut answer);
                let refused = [[0x6D, 0x00], [0x6E, 0x00], [0x67, 0x00]];
                assert!(refused.iter().any(|sw| answer == *sw), "{number:02X}: {answer:02X?}");
            }
        }
    }
}

#[test]
fn the_lexicon_names_every_instruction_and_its_status_words() {
    for known in ALL.iter().filter(ours) {
        let command = [known.class, known.ins, 0x00, 0x00];
        // The financial application is described without logical channels.
        let words = match known.application {
            Application::Financial => financial::describe_command(&command),
            Application::Pki => pki::describe_command(&command),
            _ => command_name(known.class, known.ins).to_owned(),
        };
        assert!(words.starts_with(known.name), "{}: {words}", known.name);
        for status in known.status.iter().chain(GENERAL_STATUS) {
            let word = sscard_apdu::StatusWord::new(*status);
            let meaning = match known.application {
                Application::Financial => financial::status_meaning(word, known.ins),
                Application::Pki => pki::status_meaning(word, known.ins),
                _ => status_meaning(word, known.ins),
            };
            assert!(!meaning.zh.is_ascii() && !meaning.en.is_empty(), "{status:04X}");
        }
    }
}

#[test]
fn recorders_hide_what_the_table_calls_secret() {
    for known in ALL {
        let command = [known.class, known.ins, 0x00, 0x00, 0x02, 0x12, 0x34];
        let hidden = sscard_commands::secret_part(&command).is_some();
        let secret = known.secrecy == sscard_commands::Secrecy::Secret;
        assert!(hidden || !secret, "{}", known.name);
    }
    assert_eq!(sscard_commands::secret_part(&bytes("B02C010001FF")), None);
    assert_eq!(sscard_commands::secret_part(&[0x00, ins::VERIFY, 0, 0, 1, 0x12]), Some(5..6));
}

/// The name of a public type that a line declares.
fn declared(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("pub ")?;
    let kinds = ["struct ", "enum ", "trait ", "type ", "union "];
    let rest = kinds.iter().find_map(|kind| rest.strip_prefix(kind))?;
    rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}

#[test]
fn a_public_type_name_stands_once() {
    let mut homes: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for (path, source) in sources() {
        for name in source.lines().filter_map(declared) {
            homes.entry(name.to_owned()).or_default().push(path.clone());
        }
    }
    assert!(homes.len() > 300, "types are found");
    homes.retain(|_, files| files.len() > 1);
    assert!(homes.is_empty(), "whoever reads one takes it for the other: {homes:#?}");
}

#[test]
fn declarations_are_seen() {
    assert_eq!(declared("    pub struct Exchange<T> {"), Some("Exchange"));
    assert_eq!(declared("pub type Report = u8;"), Some("Report"));
    assert_eq!(declared("pub(crate) struct Own;"), None);
    assert_eq!(declared("pub fn kind() {}"), None);
}

/// The settings of a table of profiles, as its reader names them for who wrote another one.
fn settings(table: &str) -> Vec<String> {
    let error = sscard_profile::load(&format!("{table}no_such_setting = 1\n"));
    let error = error.expect_err("no such setting").to_string();
    let (_, list) = error.split_once("expected one of").expect("a list of settings");
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_setting_of_a_profile_is_documented() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/profiles.md");
    let docs = fs::read_to_string(docs).expect("docs/profiles.md");
    for (table, fewest) in [
        ("", 20),
        ("base = \"gen2\"\n[financial]\n", 20),
        ("[purse]\n", 8),
        ("[pki]\n", 10),
        ("[psam]\n", 6),
        ("[holder]\n", 18),
        ("[state]\n", 9),
        ("[state.purse]\n", 9),
        ("[[state.accounts]]\n", 7),
        ("[[applications]]\n", 5),
        ("[[files]]\n", 12),
        ("[[keys]]\n", 8),
    ] {
        let settings = settings(table);
        assert!(settings.len() >= fewest, "{table}: {settings:?}");
        for setting in settings {
            // A table of its own has a heading or a row with its name in brackets.
            let written = [format!("`{setting}`"), format!("[{setting}"), format!(".{setting}]")];
            assert!(written.iter().any(|name| docs.contains(name)), "{table}{setting}");
        }
    }
}
