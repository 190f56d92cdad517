use super::*;

fn kit(text: &str) -> String {
    script(&of(Dialect::JavaCard, text))
}

fn why(text: &str) -> String {
    refused(Dialect::JavaCard, &format!("powerup;\n{text}"))
}

fn le(le: Le, text: &str) -> String {
    let options =
        ImportOptions { dialect: Some(Dialect::JavaCard), le, ..ImportOptions::default() };
    script(&with("x", text, &options))
}

#[test]
fn bytes_are_decimal_hexadecimal_octal_characters_and_strings() {
    let text = "powerup;\n0x80 10 010 0 /* LC */ 7\n  0xfF 'A' \"1PAY\" 255 // last\n 127;\n";
    assert_eq!(kit(text), "reset\n> 800A080007FF4131504159FF7F\n");
}

#[test]
fn keywords_have_any_case_and_comments_stand_anywhere() {
    let text = "/** kit */ PowerUp; // on\nECHO \"hello; // all\";\npowerDown;\nPOWERUP;";
    assert_eq!(kit(text), "reset\nprint \"hello; // all\"\nreset\n");
}

#[test]
fn lc_0_is_left_out_and_le_stays() {
    assert_eq!(kit("powerup;0x80 0x24 0 0 0 0x7F;"), "reset\n> 802400007F\n");
}

#[test]
fn le_is_kept_dropped_or_zero() {
    let text = "powerup; 0x80 0x24 0 0 1 0xAA 0x7F; 0x80 0x26 0 0 0 0x7F;";
    assert_eq!(le(Le::Keep, text), "reset\n> 8024000001AA7F\n> 802600007F\n");
    assert_eq!(le(Le::Drop, text), "reset\n> 8024000001AA\n> 802600007F\n");
    assert_eq!(le(Le::Zero, text), "reset\n> 8024000001AA00\n> 8026000000\n");
}

#[test]
fn lc_is_checked() {
    assert!(why("0x80 0x24 0 0 2 0xAA 0x7F;").contains("line 2: LC is 2, but 1 byte of data"));
    assert!(why("0x80 0x24 0 0 1 0xAA;").contains("line 2: LC is 1, but 0 bytes of data"));
    assert!(why("0x80 0x24 0 0 0;").contains("line 2: LE is missing"));
    assert!(why("0x80 0x24;").contains("line 2: a command is CLA INS P1 P2 LC, data, LE"));
}

#[test]
fn extended_commands_have_three_bytes_of_lc_and_two_of_le() {
    let text = "powerup; extended on; 0 0xB0 0 0 0 1 0; 0 0xD6 0 0 0 0 1 0xAA 2 0; 0 0xB0 0 0 0 8;\n\
                extended off;";
    assert_eq!(kit(text), "reset\n> 00B00000000100\n> 00D60000000001AA0200\n> 00B0000008\n");
    let text = "extended on; 0 0xD6 0 0 0 0 2 0xAA 0 0;";
    assert!(why(text).contains("line 2: LC is 2, but 1 byte of data"));
}

#[test]
fn wrong_bytes_are_named() {
    for (text, said) in [
        ("0x80 256 0 0 0 0;", "256 is more than a byte holds"),
        ("0x80 08 0 0 0 0;", "'08' is not a byte"),
        ("0x80 0xGG 0 0 0 0;", "'0xGG' is not a byte"),
        ("0x80 +1 0 0 0 0;", "'+1' is not a byte"),
        ("0x80 'ab' 0 0 0 0;", "'ab' is not one character"),
        ("0x80 \"\\n\" 0 0 0 0;", "holds characters whose bytes are not established"),
        ("0x80 \"open 0 0 0;\n;", "what begins with \"open 0 0 0; is not closed"),
        ("0x80 0x24 0 0 0 0", "the last statement has no ';'"),
        ("reboot;", "'reboot' is not a command of apdutool"),
        ("delay soon;", "delay has the wrong syntax"),
        ("output loud;", "on or off, not 'loud'"),
        ("open 1;", "open: its syntax is not known"),
        ("#define X 0x80;", "'#define' is not a command of apdutool"),
        ("0x80 /* never;", "is not closed"),
    ] {
        let said_of_it = why(text);
        assert!(said_of_it.contains(said), "{text}: {said_of_it}");
    }
}

#[test]
fn power_is_watched() {
    let imported = of(Dialect::JavaCard, "0 0xB0 0 0 0 8;");
    assert_eq!(script(&imported), "> 00B0000008\n");
    assert_eq!(
        notes(&imported),
        ["line 1: warning: apdutool wants powerup in front of the first command"]
    );
    assert!(why("powerdown;\n0 0xB0 0 0 0 8;").contains("line 3: the card has no power here"));
}

#[test]
fn what_changes_nothing_is_noted() {
    let text = "contacted; powerup;\ndelay 500;\noutput off;\npowerdown;";
    let imported = of(Dialect::JavaCard, text);
    assert_eq!(script(&imported), "reset\n");
    assert_eq!(
        notes(&imported),
        [
            "line 1: note: contacted: as every script begins",
            "line 2: warning: delay: scripts here do not wait",
            "line 3: note: output: concerns what apdutool shows",
            "line 4: note: powerdown: the next powerup resets the card",
        ]
    );
}

#[test]
fn the_field_is_a_directive_at_the_beginning_only() {
    assert_eq!(kit("contactless; powerup;"), "@contactless\nreset\n");
    let said = why("0 0xB0 0 0 0 8; contactless;");
    assert!(said.contains("contactless: the interface cannot change within a script"));
}

#[test]
fn select_takes_an_aid_and_a_channel() {
    let text = "powerup; select //aid/A000000003/98; select //AID/A000000003/ on 2;";
    assert_eq!(kit(text), "reset\nselect A00000000398\n> 02A4040005A00000000300\n");
    assert!(why("select //aid/A0/98;").contains("is not an AID"));
    assert!(why("select //aid/A000000003/98 on 4;").contains("a channel is 0 to 3"));
    assert!(why("select A000000003;").contains("select has the wrong syntax"));
}

#[test]
fn comments_are_adopted_on_request_and_directly_behind_a_command_alone() {
    let text = "powerup;\n// 90 00\n0 0xB0 0 0 0 8;\n// xx 02 .. 90 00 = SW_NO_ERROR\n// 6A 82\n\
                0 0xB0 0 0 0 9; // second run can be 69 82\n0 0x20 0 0 0 0; // 63 C6\n";
    let mut options =
        ImportOptions { dialect: Some(Dialect::JavaCard), ..ImportOptions::default() };
    let imported = with("x", text, &options);
    assert_eq!(script(&imported), "reset\n> 00B0000008\n> 00B0000009\n> 0020000000\n");
    assert_eq!(
        notes(&imported),
        ["line 7: note: 2 comments look like answers; --adopt-comments compares them"]
    );
    options.adopt_comments = true;
    let imported = with("x", text, &options);
    assert_eq!(
        script(&imported),
        "reset\n> 00B0000008\nexpect sw 9000\nexpect data xx02 ..\n> 00B0000009\n> 0020000000\n\
         expect sw 63C6\n"
    );
    assert_eq!(notes(&imported)[0], "line 4: note: expectation adopted from a comment");
}
