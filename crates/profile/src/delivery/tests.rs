//! What profiles say of holder and state at delivery.

use sscard_core::{Card, LifeCycle};

use crate::{MasterKeys, holder_of, issue, load, load_beside, synthetic_holder};

fn card(lines: &str) -> Card {
    let text = format!("base = \"gen2\"\n{lines}\n");
    let profile = load(&text).unwrap_or_else(|error| panic!("{error}"));
    issue(&profile, &holder_of(&profile, None), &MasterKeys::test()).expect("a card")
}

fn refused(lines: &str) -> String {
    load(&format!("base = \"gen2\"\n{lines}\n")).expect_err(lines).to_string()
}

fn records(card: &Card, path: &str) -> Vec<Vec<u8>> {
    let files = card.inspect().into_iter().flat_map(|df| df.files);
    files.into_iter().find(|file| file.path == path).expect(path).records
}

fn item(card: &Card, tag: u8) -> Vec<u8> {
    let all = ["SSSE/EF05", "SSSE/EF06"].into_iter().flat_map(|path| records(card, path));
    all.into_iter().find(|record| record[0] == tag).expect("an item")[2..].to_vec()
}

fn answer(card: &mut Card, command: &str) -> String {
    let mut response = Vec::new();
    card.transmit(&hex::decode(command).unwrap(), &mut response);
    hex::encode_upper(response)
}

#[test]
fn the_holder_is_the_profile_s_unless_a_seed_is_given() {
    let lines = "[holder]\nname = \"李测甲\"\nserial = \"00000042\"\ndivision = \"999901\"\npin = \"246813\"\n\
        expiry_date = \"20301231\"\n[holder.items]\n\"0A\" = \"39\"\n";
    let made = card(lines);
    assert_eq!(item(&made, 0x09)[..6], [0xC0, 0xEE, 0xB2, 0xE2, 0xBC, 0xD7]);
    assert_eq!(item(&made, 0x06), [0x20, 0x30, 0x12, 0x31]);
    assert_eq!(item(&made, 0x0A), [0x39]);
    assert_eq!(
        hex::encode(&made.atr()[..]),
        "3b6d00000081535343860099990000004 2".replace(' ', "")
    );
    assert_eq!(made.reveal_pin()[..], [0x24, 0x68, 0x13]);
    let profile = load(&format!("base = \"gen2\"\n{lines}")).unwrap();
    let seeded = holder_of(&profile, Some(3));
    assert_eq!((seeded.serial, seeded.overrides.len()), (synthetic_holder(3).serial, 0));
    assert_eq!(
        holder_of(&load("base = \"gen2\"\n[holder]\nseed = 9").unwrap(), None).serial,
        synthetic_holder(9).serial
    );
}

#[test]
fn records_of_the_holder_s_files_are_the_profile_s() {
    let made =
        card("[[files]]\ndf = \"SSSE\"\nid = \"EF06\"\nrecords = [\"09 02 4141\", \"0A0132\"]\n");
    assert_eq!(records(&made, "SSSE/EF06"), [vec![0x09, 2, 0x41, 0x41], vec![0x0A, 1, 0x32]]);
    assert_ne!(item(&made, 0x01), [0xFF; 16], "the other file keeps its holder");
}

#[test]
fn a_pin_has_fewer_tries_or_is_locked() {
    let mut made = card("[state]\npin_tries_left = 1\n");
    made.power_on().unwrap();
    answer(&mut made, "00A404000F7378312E73682EC9E7BBE1B1A3D5CF00");
    assert_eq!(answer(&mut made, "0020000003000000"), "63C0");
    let locked = card("[state]\npin_tries_left = 0\n");
    assert_eq!(locked.inspect_pin().tries_left, 0);
    let error = refused("[state]\npin_tries_left = 7");
    assert_eq!(error, "3:18: state.pin_tries_left: the PIN has 6 tries in all; 0 is a locked PIN");
}

#[test]
fn a_card_is_handed_over_blocked_or_deactivated_or_expired() {
    assert_eq!(card("[state]\nlife_cycle = \"deactivated\"").life_cycle(), LifeCycle::Deactivated);
    assert_eq!(card("[state]\nblocked = [\"SSSE\"]").life_cycle(), LifeCycle::ApplicationBlocked);
    assert_eq!(card("[state]\nblocked = [\"card\"]").life_cycle(), LifeCycle::CardBlocked);
    let bank = card("[state]\nblocked = [\"A000000333010101\"]");
    assert!(bank.inspect_accounts()[0].blocked);
    assert_eq!(item(&card("[state]\nexpired = true"), 0x06), [0x20, 0x19, 0x12, 0x31]);
    let error = refused("[state]\nblocked = [\"card\", \"A0\"]");
    assert!(error.starts_with("3:20: state.blocked[1]: 'A0' is not card, SSSE, a DF"), "{error}");
}

#[test]
fn a_file_holds_whatever_the_profile_says() {
    let made = card(
        "[state.files]\n\"SSSE/EF08\" = \"FFD8FF\"\n\"SSSE/EF06\" = \"0902C0 0A05 31\"\n\"DF04/EF08\" = \"\"\n",
    );
    let photo =
        made.inspect().into_iter().flat_map(|df| df.files).find(|file| file.path == "SSSE/EF08");
    assert_eq!(photo.unwrap().bytes[..4], [0xFF, 0xD8, 0xFF, 0]);
    // Half a character, then a record that says more than there is: it ends with the file.
    let all = records(&made, "SSSE/EF06");
    assert_eq!(all, [vec![0x09, 2, 0xC0, 0x0A], vec![0x05, 0x31]]);
    let mut made = made;
    made.power_on().unwrap();
    answer(&mut made, "00A404000F7378312E73682EC9E7BBE1B1A3D5CF00");
    assert_eq!(answer(&mut made, "00B2023400"), "6C02");
    assert_eq!(answer(&mut made, "00B2023402"), "05319000");
    for (lines, words) in [
        (
            "\"SSSE/EF09\" = \"00\"",
            "3:15: state.files.\"SSSE/EF09\": there is no file 'SSSE/EF09' on this card",
        ),
        ("\"SSSE/EF05\" = \"0\"", "its bytes are hexadecimal"),
        ("\"DF04/EF08\" = \"00\"", "DF04/EF08 holds records of 28 bytes, this is 1"),
        (
            "\"SSSE/EF08\" = \"@photo.jpg\"",
            "3:15: state.files.\"SSSE/EF08\": photo.jpg: a profile that is no file",
        ),
    ] {
        let error = refused(&format!("[state.files]\n{lines}"));
        assert!(error.contains(words), "{error}");
    }
    let text = "base = \"gen2\"\n[state.files]\n\"SSSE/EF08\" = \"@photo.jpg\"\n";
    let read = |name: &str| if name == "photo.jpg" { Ok(vec![1, 2]) } else { Err("no".to_owned()) };
    assert!(load_beside(text, &read).is_ok());
}

#[test]
fn keys_and_purse_have_their_state() {
    let made = card(
        "[state.keys]\n\"SSSE/06\" = 0\n[state.purse]\nbalance = 12345\nloads = 2\nyear = \"2026\"\n\
         load_proof = \"00010203040506070809\"\n",
    );
    let purse = made.inspect_purse().unwrap();
    assert_eq!((purse.balance, purse.loads, purse.year), (12345, 2, [0x20, 0x26]));
    let keys = made.reveal_state().keys;
    assert!(keys.iter().any(|key| key.id.0 == 0x06 && key.tries_left == 0));
    for (lines, words) in [
        (
            "[state.keys]\n\"SSSE/0C\" = 1",
            "3:13: state.keys.\"SSSE/0C\": there is no key 'SSSE/0C'",
        ),
        ("[state.keys]\n\"SSSE/06\" = 4", "this key has 3 tries in all"),
        (
            "[purse]\nbalance_limit = 5\n[state.purse]\nbalance = 6",
            "5:11: state.purse.balance: the purse holds at most 5",
        ),
        (
            "[purse]\npresent = false\n[state.purse]\nbalance = 6",
            "state.purse: this card has no purse",
        ),
        ("[[state.accounts]]\naid = \"A0\"", "3:7: state.accounts[0].aid: 'A0' is not the AID"),
        (
            "[[state.accounts]]\naid = \"A000000333010101\"\npin_tries_left = 4",
            "4:18: state.accounts[0].pin_tries_left: this PIN has 3 tries in all",
        ),
        (
            "[[state.accounts]]\naid = \"A000000333010101\"\ntransaction_log = [\"00\"]",
            "4:20: state.accounts[0].transaction_log[0]: a record of this log has 45 bytes",
        ),
        ("[holder]\npin = \"12\"", "3:7: holder.pin: the PIN has 3 to 16 digits"),
        ("[holder]\nserial = \"12\"", "3:10: holder.serial: '12' is not a serial"),
        ("[holder]\nname = \"😀\"", "3:8: holder.name:"),
        (
            "without = [\"SSSE/EF06/4E\"]\n[holder]\nname_extension = \"李\"",
            "4:18: holder.name_extension: this card has no item 4E",
        ),
        (
            "[holder]\nexpiry_date = \"20301231\"\n[state]\nexpired = true",
            "5:11: state.expired: holder.expiry_date",
        ),
        ("atr = \"3B\"", "2:7: atr: '3B' is not an ATR of 2 to 33 bytes"),
    ] {
        let error = refused(lines);
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn an_atr_of_ones_own_is_a_whole_and_its_factor_is_watched() {
    let text = "base = \"gen2\"\natr = \"3B00\"\n";
    let profile = load(text).unwrap();
    let holder = holder_of(&profile, None);
    let made = issue(&profile, &holder, &MasterKeys::test()).unwrap();
    assert_eq!(made.atr()[..], [0x3B, 0x00]);
    let warnings = |text: &str| {
        let profile = load(text).unwrap();
        crate::warnings(&profile, &holder, &crate::state_of(&profile))
    };
    assert!(warnings(text)[0].contains("do not end in 86009999790776A7"), "{:?}", warnings(text));
    assert!(warnings("base = \"gen2\"\natr = \"0000\"\n")[0].contains("it is no ATR"));
    let own = hex::encode(
        &issue(&load("base = \"gen2\"").unwrap(), &holder, &MasterKeys::test()).unwrap().atr()[..],
    );
    assert!(warnings(&format!("base = \"gen2\"\natr = \"{own}\"\n")).is_empty());
}

#[test]
fn an_application_is_handed_over_blocked_by_itself() {
    let mut made = card("[state]\nblocked = [\"DF04\"]\n");
    made.power_on().unwrap();
    answer(&mut made, "00A404000F7378312E73682EC9E7BBE1B1A3D5CF00");
    assert_eq!(answer(&mut made, "00A4000002DF04"), "9303");
    assert!(answer(&mut made, "00A4000002DF03").starts_with("61"));
}
