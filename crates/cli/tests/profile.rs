//! `sscard profile`, and what `new --profile` refuses.

use std::fs;
use std::path::Path;

use crate::sscard::{folder, ok, path, run};

/// Both commands refuse it, in the same words and at the same place, and no card is written.
fn refused(text: &str, place: &str, words: &str) {
    let folder = folder(&[("own.toml", text)]);
    let (file, card) = (path(&folder, "own.toml"), path(&folder, "card.img"));
    let said = format!("sscard: {file}:{place}: {words}");
    let (stdout, stderr, code) = run(&["profile", "check", &file]);
    assert!(stderr.starts_with(&said), "{stderr}\nnot\n{said}");
    assert_eq!((stdout.as_str(), code, stderr.lines().count()), ("", 3, 1), "{stderr}");
    let (_, by_new, code) = run(&["new", "--profile", &file, "-o", &card]);
    assert_eq!((by_new, code), (stderr, 3));
    assert!(!Path::new(&card).exists());
}

#[test]
fn a_sound_profile_is_told_in_a_line() {
    let folder = folder(&[("own.toml", "base = \"gen2\"\nname = \"own\"\n")]);
    let file = path(&folder, "own.toml");
    let said = ok(&["profile", "check", &file]);
    assert_eq!(said, format!("{file}: sound, its cards are called own\n"));
}

#[test]
fn what_is_wrong_has_its_line_and_column() {
    refused(
        "base = \"gen2\"\ncolour = \"red\"\n",
        "2:1",
        "unknown field `colour`, expected one of",
    );
    refused("base = \"gen2\"\npin_tries = \"six\"\n", "2:13", "invalid type: string \"six\"");
    refused("base = \"gen2\"\n\n[purse\n", "3:7", "unclosed table");
    refused("name = \"社保\"\nbase = \"gen9\"\n", "2:8", "base: there is no built-in profile");
    refused("base = \"gen2\"\nalgorithm = \"AES\"\n", "2:13", "algorithm: 'AES' is not 3DES");
    refused("channels = 21\n", "1:12", "the profile is not valid: 21 logical channels");
    refused(
        "base = \"gen2\"\nwithout = [\"DF01\", \"DF09\"]\n",
        "2:20",
        "without[1]: there is no 'DF09' in the catalogue",
    );
    refused(
        "base = \"gen2\"\n[access.\"SSSE/EF06\"]\nread = \"PIN\"\nupdate = \"UK9\"\n",
        "4:10",
        "access.\"SSSE/EF06\".update: 'UK9' is not free, never",
    );
    refused(
        "base = \"gen2\"\n[access.\"SSSE/EF66\"]\nread = \"PIN\"\n",
        "2:9",
        "access.\"SSSE/EF66\": there is no 'SSSE/EF66'",
    );
    refused(
        "base = \"gen3\"\nextended_length = true\n",
        "2:19",
        "the profile is not valid: extended length needs protocol T=1",
    );
    refused(
        "base = \"gen2\"\n[financial.objects]\n9F79 = \"00\"\n",
        "3:8",
        "financial.objects.9F79: '00' is not an amount",
    );
    refused(
        "base = \"gen2\"\n[purse]\nstart_day = \"0230\"\n",
        "2:2",
        "the profile is not valid: medical purse: the insurance year begins on a day MMDD",
    );
}

#[test]
fn a_number_out_of_its_range_is_told_the_range() {
    for versions in ["0", "16", "255"] {
        let words = format!("key_versions: '{versions}' is not a number of versions from 1 to 15");
        refused(&format!("key_versions = {versions}\n"), "1:16", &words);
    }
    let words = "mf_name: '1PAY.SYS.DDF01.99' is not a DF name of at most 16 bytes";
    refused("mf_name = \"1PAY.SYS.DDF01.99\"\n", "1:11", words);
}

#[test]
fn an_old_name_beside_the_new_one_is_told() {
    refused(
        "[financial]\nqpboc = true\nquick = false\n",
        "3:1",
        "qpboc and quick name the same setting: leave quick out, it is the old name",
    );
    refused(
        "[financial]\nquick_cryptogram_version = \"01\"\nqpboc_cryptogram_version = \"17\"\n",
        "3:1",
        "qpboc_cryptogram_version and quick_cryptogram_version name the same setting",
    );
}

#[test]
fn a_script_names_the_place_in_its_profile() {
    let folder = folder(&[("own.toml", "base = \"gen2\"\npin_tries = 99\n")]);
    let script = path(&folder, "a.apdu");
    fs::write(&script, "@profile own.toml\nselect SSSE\n").expect("written");
    let (_, stderr, code) = run(&["run", &script]);
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains("own.toml:2:13: the profile is not valid: 99 PIN tries"), "{stderr}");
}
