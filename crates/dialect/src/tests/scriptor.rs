use super::*;

/// What both dialects make of a text.
fn both(text: &str) -> (String, String) {
    (script(&of(Dialect::Scriptor, text)), script(&of(Dialect::ScriptorCompat, text)))
}

#[test]
fn a_clean_file_means_the_same_in_both_dialects_and_in_ours() {
    let text = "reset\n# Select MF\n00 A4 00 00 02 3F 00\n\n00B0000000\n00 A4 04 00 02 \\\n3F 00\n\
                00A4000002\\\nDF01\nReset\nexit\n";
    let expected = "reset\n> 00A40000023F00\n> 00B0000000\n> 00A40400023F00\n> 00A4000002DF01\nreset\n\
                    exit\n";
    assert_eq!(both(text), (expected.to_owned(), expected.to_owned()));
    let ours = parse(&SourceText::new("x", text)).expect("parses");
    assert_eq!(ours.to_string(), expected);
    assert_eq!(notes(&of(Dialect::Scriptor, text)), [""; 0]);
}

#[test]
fn exit_in_any_line_ends_the_compatible_one_and_is_told_in_the_other() {
    let text = "00A4000000\n# do not exit\n00B0000000\n";
    assert_eq!(both(text), ("> 00A4000000\n> 00B0000000\n".into(), "> 00A4000000\nexit\n".into()));
    assert_eq!(
        notes(&of(Dialect::Scriptor, text)),
        ["line 2: warning: scriptor ends here: the line holds \"exit\""]
    );
}

#[test]
fn reset_within_a_line_resets_for_the_compatible_one() {
    let text = "  # reset the card\n# reset\n00A4000000\n";
    assert_eq!(both(text), ("> 00A4000000\n".into(), "reset\n> 00A4000000\n".into()));
    assert_eq!(
        notes(&of(Dialect::Scriptor, text)),
        ["line 1: warning: scriptor resets the card here: the line holds \"reset\""]
    );
    assert!(refused(Dialect::Scriptor, "preset\n").contains("line 1: 'preset' is not hex"));
    assert_eq!(script(&of(Dialect::ScriptorCompat, "preset\n")), "reset\n");
}

#[test]
fn where_scriptor_dies_the_compatible_one_fails() {
    for (text, wrong) in [
        ("00 A4 00 00 00 # MF\n", "#"),
        ("00A4 0000\n", "00A4"),
        ("00 A4  00 00\n", ""),
        (" 00 A4 00 00\n", ""),
        ("00\tA40000\n", "\\tA"),
        ("00A40000\r\n", "\\r"),
        ("00A4000\n", "0"),
        ("00A4040\\\n00\n", "0\\\\"),
    ] {
        let said = refused(Dialect::ScriptorCompat, text);
        assert!(
            said.contains(&format!("aborts here: '{wrong}' is not a pair")),
            "{text:?}: {said}"
        );
    }
}

#[test]
fn what_scriptor_dies_of_is_told_where_we_read_it() {
    let text = "00A4 0000\r\n00 B0 00 00 00 # all\r\n";
    assert_eq!(script(&of(Dialect::Scriptor, text)), "> 00A40000\n> 00B0000000\n");
    assert_eq!(
        notes(&of(Dialect::Scriptor, text)),
        [
            "line 1: note: scriptor fails on lines ending in CR LF",
            "line 1: note: scriptor fails on digits that are neither pairs with one space between \
             them nor pairs without any",
            "line 2: note: scriptor knows comments in the first column only and aborts here",
        ]
    );
}

#[test]
fn a_command_goes_on_over_comments_and_resets() {
    let text = "00 A4 04 00 02 \\\n# the MF\n\n3F 00\n";
    let expected = "> 00A40400023F00\n";
    assert_eq!(both(text), (expected.to_owned(), expected.to_owned()));
    let text = "00 A4 \\\nreset\n04 00\n";
    assert_eq!(script(&of(Dialect::ScriptorCompat, text)), "reset\n> 00A40400\n");
    assert!(refused(Dialect::Scriptor, text).contains("line 1: the continued command"));
}

#[test]
fn a_command_that_does_not_end_is_not_sent() {
    let text = "00B0000000\n00 A4 \\\n";
    assert!(refused(Dialect::Scriptor, text).contains("line 2: the continued command"));
    let imported = of(Dialect::ScriptorCompat, text);
    assert_eq!(script(&imported), "> 00B0000000\n");
    assert_eq!(
        notes(&imported),
        ["line 2: warning: scriptor never sends this command: its continuation is missing"]
    );
}
