//! The worked profiles of bank cards, issued and paid by the program; personalisation data.

use std::fs;
use std::path::Path;

use crate::sscard::{folder, ok, path, run};

fn example(name: &str) -> String {
    format!("{}/../../examples/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_banks_own_card_is_paid_with_its_keys() {
    let folder = folder(&[]);
    let (profile, card) = (example("bank-card.toml"), path(&folder, "bank.img"));
    ok(&["new", "--profile", &profile, "-o", &card]);
    let pay =
        ["pay", "--card", &card, "--amount", "12.34", "--pin", "135790", "--date", "2027-01-02"];
    let (stdout, stderr, code) =
        run(&[&pay[..], &["--online-pin", "135790", "--keys", &profile]].concat());
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("issuer: ARQC right, response code 00"), "{stdout}");
    assert!(stdout.ends_with("approved: 12.34 CNY\n"), "{stdout}");
    // A bank with other keys does not know it.
    let (stdout, _, code) = run(&pay);
    assert_eq!(code, 1, "{stdout}");
    assert!(stdout.contains("issuer: ARQC WRONG"), "{stdout}");
    // The keys shown are the card's, and no TEST keys of ours.
    let shown = ok(&["inspect", "--card", &card, "--keys"]);
    let key = shown.lines().find(|line| line.contains("UDK-AC 3DES")).expect("key");
    assert!(!key.contains("TEST"), "{key}");
    let key = shown.lines().find(|line| line.contains("UDK-AC SM4")).expect("key");
    assert!(key.ends_with("(TEST key)"), "{key}");
}

#[test]
fn a_card_of_another_scheme_is_paid_under_its_authority() {
    let folder = folder(&[]);
    let (profile, card) = (example("foreign-emv.toml"), path(&folder, "foreign.img"));
    ok(&["new", "--profile", &profile, "-o", &card]);
    let authority = path(&folder, "authority.txt");
    fs::write(&authority, ok(&["emv", "ca", "--profile", &profile])).expect("written");
    let (stdout, stderr, code) = run(&[
        "pay",
        "--card",
        &card,
        "--aid",
        "F00000000101",
        "--amount",
        "1",
        "--pin",
        "2468",
        "--keys",
        &profile,
        "--ca",
        &authority,
        "--date",
        "2027-01-02",
    ]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("issuer: ARQC right, response code 00"), "{stdout}");
}

#[test]
fn personalisation_data_make_a_card_or_say_what_is_wrong() {
    let folder = folder(&[("wrong.dgi", "# one\n0101 03 7000\n")]);
    let (wrong, card) = (path(&folder, "wrong.dgi"), path(&folder, "card.img"));
    let (stdout, stderr, code) = run(&["new", "--dgi", &wrong, "-o", &card]);
    let said = format!("sscard: {wrong}:2:6: DGI 0101: LENGTH says 3 bytes, and DATA has 2\n");
    assert_eq!((stdout.as_str(), stderr, code), ("", said, 3));
    assert!(!Path::new(&card).exists());
    let (_, stderr, code) = run(&["new", "--dgi", &wrong, "--profile", "own.toml", "-o", &card]);
    assert_eq!(code, 3);
    assert!(stderr.contains("beside --dgi it is a built-in profile"), "{stderr}");
    ok(&["new", "--dgi", &example("bank-card.dgi"), "-o", &card]);
    let shown = ok(&["inspect", "--card", &card]);
    assert!(shown.contains("9999991234567890128=35122200000000000"), "{shown}");
    // What is exported makes the same card.
    let (again, export) = (path(&folder, "again.img"), path(&folder, "export.toml"));
    fs::write(&export, ok(&["profile", "export", "--card", &card])).expect("written");
    ok(&["new", "--profile", &export, "-o", &again]);
    let all = |card: &str| ok(&["inspect", "--card", card, "--keys", "--json"]);
    assert_eq!(all(&again), all(&card));
}
