//! What holds for every text in every dialect.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use sscard_dialect::{Dialect, ImportOptions, read};
use sscard_script::{Script, SourceText, parse};

fn parsed(text: &str) -> Script {
    parse(&SourceText::new("x", text)).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Pieces of the languages that are read, in any order.
fn nearly() -> impl Strategy<Value = String> {
    const PARTS: [&str; 24] = [
        " ",
        "\n",
        "\\\n",
        "#",
        "//",
        "/*",
        "*/",
        ";",
        "\"",
        "00 A4 00 00",
        "0x00 0x20",
        "90 00",
        "> ",
        "< ",
        " : ",
        "reset",
        "exit",
        "powerup",
        "powerdown",
        "output on",
        "extended on",
        "send_apdu -APDU ",
        "${A",
        "选",
    ];
    vec(prop::sample::select(&PARTS[..]), 0..24).prop_map(|parts| parts.concat())
}

/// Files that `scriptor` takes as its authors mean them.
fn clean_scriptor() -> impl Strategy<Value = String> {
    let bytes = vec(any::<u8>(), 1..20);
    let line = (bytes, any::<bool>(), any::<bool>(), option::of(1..19usize)).prop_map(
        |(bytes, spaced, upper, cut)| {
            let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            let between = if spaced && digits.len() > 1 { " " } else { "" };
            let text = match cut.filter(|cut| *cut < digits.len()) {
                Some(cut) => {
                    let (first, second) = digits.split_at(cut);
                    // One pair alone has no space and is read like pairs without any.
                    format!("{}{between}\\\n{}", first.join(between), second.join(between))
                }
                None => digits.join(between),
            };
            if upper { text.to_uppercase() } else { text }
        },
    );
    let other =
        prop::sample::select(&["", "  ", "\t", "reset", "Reset", "RESET", "# words", "#"][..]);
    let lines = vec(prop_oneof![3 => line, 1 => other.prop_map(str::to_owned)], 0..12);
    (lines, any::<bool>()).prop_map(|(mut lines, ends)| {
        if ends {
            lines.push("exit".to_owned());
        }
        lines.join("\n")
    })
}

proptest! {
    #[test]
    fn a_clean_scriptor_file_is_the_same_script_in_every_dialect(text in clean_scriptor()) {
        let ours = parsed(&text);
        for dialect in [Dialect::Scriptor, Dialect::ScriptorCompat] {
            let options = ImportOptions::of(dialect);
            let imported = read("x", &text, &options).expect("imports");
            prop_assert_eq!(&imported.script, &ours);
            prop_assert_eq!(&imported.notes, &[]);
        }
        prop_assert_eq!(read("x", &text, &ImportOptions::default()).expect("imports").script, ours);
    }

    #[test]
    fn no_text_makes_an_importer_panic(text in prop_oneof![nearly(), any::<String>(), clean_scriptor()]) {
        for (_, dialect) in Dialect::ALL {
            let options =
                ImportOptions::of(dialect).keeping_going().adopting_comments();
            if let Ok(imported) = read("x", &text, &options) {
                let printed = imported.to_apdu(&SourceText::new("x", &text));
                prop_assert_eq!(parsed(&printed), imported.script, "{}", printed);
            }
        }
    }
}
