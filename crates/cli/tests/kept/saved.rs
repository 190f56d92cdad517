//! What is kept of a card, and for whom: the image after each script, its permissions, the verdict of
//! `transmit --check`.

use std::fs;

use crate::sscard::{SELECT_SSSE, card, folder, json, ok, path, run};

/// Tries that the PIN has left, as the file says.
fn tries(image: &str) -> u64 {
    json(&["inspect", "--card", image, "--json"])["pins"][0]["tries_left"].as_u64().expect("number")
}

const WRONG: &str = "select SSSE\nverify pin=111111\n";

#[test]
fn the_card_is_saved_after_each_script_and_the_next_begins_with_it() {
    let (_card, image) = card(&[]);
    let scripts = folder(&[
        ("a.apdu", &format!("{WRONG}expect sw 63C5\n")),
        ("b.apdu", &format!("select SSSE\nverify\nexpect sw 63C5\n{WRONG}expect sw 63C4\n")),
        ("c.apdu", "select SSSE\nverify\nexpect sw 63C4\n"),
    ]);
    let names = ["a.apdu", "b.apdu", "c.apdu"].map(|name| path(&scripts, name));
    ok(&["run", "--card", &image, &names[0], &names[1], &names[2]]);
    assert_eq!(tries(&image), 4);
}

#[test]
fn what_a_script_did_is_saved_when_it_or_a_later_one_fails() {
    let (_card, image) = card(&[]);
    let scripts = folder(&[
        ("good.apdu", &format!("{WRONG}expect sw 63Cx\n")),
        ("bad.apdu", &format!("{WRONG}expect sw 9000\n")),
        ("never.apdu", &format!("{WRONG}expect sw 63Cx\n")),
    ]);
    let [good, bad, never] =
        ["good.apdu", "bad.apdu", "never.apdu"].map(|name| path(&scripts, name));
    let (_, stderr, code) = run(&["run", "--card", &image, &good, &bad, &never]);
    assert_eq!(code, 1, "{stderr}");
    assert_eq!(tries(&image), 4, "the good one and the bad one, and not the one behind it");
    let (_, _, code) = run(&["run", "--card", &image, &bad]);
    assert_eq!((code, tries(&image)), (1, 3));
}

#[test]
fn each_script_powers_the_card_anew() {
    let (_card, image) = card(&[]);
    let scripts = folder(&[
        ("a.apdu", "select SSSE\nverify pin=123456\nexpect sw 9000\n"),
        ("b.apdu", "00B2010012\nexpect sw 6986\nselect DF01\nexpect sw 6A82\n"),
    ]);
    let names = ["a.apdu", "b.apdu"].map(|name| path(&scripts, name));
    ok(&["run", "--card", &image, &names[0], &names[1]]);
}

#[test]
fn transmit_check_looks_at_every_answer() {
    let bad = "00A4000002EF77";
    for (commands, code) in [
        (&[SELECT_SSSE, "0084000008"][..], 0),
        (&[bad, SELECT_SSSE], 1),
        (&[SELECT_SSSE, bad], 1),
        (&[SELECT_SSSE, bad, "0084000008"], 1),
        (&[bad, SELECT_SSSE, "0084000008", "0084000004"], 1),
        // A warning is no success.
        (&[SELECT_SSSE, "0020000003111111", "0084000008"], 1),
    ] {
        let (stdout, stderr, found) = run(&[&["transmit", "--check"], commands].concat());
        assert_eq!(found, code, "{commands:?}: {stderr}");
        let sent = stdout.lines().filter(|line| line.starts_with('>')).count();
        assert!(sent >= commands.len(), "all are sent: {stdout}");
        assert_eq!(run(&[&["transmit"], commands].concat()).2, 0, "{commands:?}");
    }
    // Raw, 61xx stands for itself.
    assert_eq!(run(&["transmit", "--check", "--raw", SELECT_SSSE]).2, 1);
    assert_eq!(run(&["transmit", "--check", "--raw", "0084000008"]).2, 0);
}

#[test]
fn transmit_check_saves_the_card_whatever_it_says() {
    let (_card, image) = card(&[]);
    let wrong = "0020000003111111";
    let said = run(&["transmit", "--check", "--card", &image, SELECT_SSSE, wrong, "0084000008"]);
    assert_eq!((said.2, tries(&image)), (1, 5));
}

#[cfg(unix)]
mod permissions {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &str) -> u32 {
        fs::metadata(path).expect("there").permissions().mode() & 0o777
    }

    fn set_mode(path: &str, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("own file");
    }

    #[test]
    fn a_new_image_is_its_owners_alone() {
        for args in [&[][..], &["--profile", "gen1"], &["--state", "produced"]] {
            let (_card, image) = card(args);
            assert_eq!(mode(&image), 0o600, "{args:?}: keys and a PIN are in it");
        }
    }

    #[test]
    fn every_command_that_writes_a_card_leaves_its_permissions() {
        let scripts = folder(&[("a.apdu", &format!("{WRONG}expect sw 63Cx\n"))]);
        let script = path(&scripts, "a.apdu");
        for wanted in [0o600, 0o640, 0o644, 0o400, 0o660] {
            let (_card, image) = card(&["--profile", "gen2"]);
            set_mode(&image, wanted);
            let before = fs::read(&image).expect("image");
            let changing: [&[&str]; 3] = [
                &["transmit", "--card", &image, SELECT_SSSE, "0020000003111111"],
                &["run", "--card", &image, &script],
                &["pay", "--card", &image, "--amount", "5.00"],
            ];
            for command in changing {
                let _ = run(command);
                assert_eq!(mode(&image), wanted, "{command:?}");
            }
            if wanted & 0o200 != 0 {
                assert_ne!(fs::read(&image).expect("image"), before, "something was written");
            }
        }
    }

    #[test]
    fn commands_that_read_a_card_leave_file_and_permissions() {
        let (_card, image) = card(&[]);
        set_mode(&image, 0o640);
        let before = fs::read(&image).expect("image");
        ok(&["inspect", "--card", &image, "--keys"]);
        assert_eq!((mode(&image), fs::read(&image).expect("image")), (0o640, before));
    }
}
