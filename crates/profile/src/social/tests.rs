//! What profiles say of the social security side, and what they may not.

use sscard_apdu::FileId;
use sscard_core::catalogue::SSSE;
use sscard_core::{AccessRule, KeyId, Structure};

use crate::{MasterKeys, issue, load, synthetic_holder};

fn refused(lines: &str) -> String {
    load(&format!("base = \"gen2\"\n{lines}\n")).expect_err(lines).to_string()
}

fn card(lines: &str) -> sscard_core::Card {
    let profile =
        load(&format!("base = \"gen2\"\n{lines}\n")).unwrap_or_else(|error| panic!("{error}"));
    issue(&profile, &synthetic_holder(1), &MasterKeys::test()).expect("a card")
}

fn file(card: &sscard_core::Card, path: &str) -> sscard_core::inspect::FileView {
    let files = card.inspect().into_iter().flat_map(|df| df.files);
    files.into_iter().find(|file| file.path == path).unwrap_or_else(|| panic!("{path}"))
}

const OWN: &str = "[[applications]]\ndf = \"DF0A\"\naid = \"D1560000050A\"\nlabel = \"市民服务\"\n\
    [[files]]\ndf = \"DF0A\"\nid = \"EF05\"\nstructure = \"variable\"\nread = \"PIN|KEY:84\"\nupdate = \"KEY:84\"\n\
    records = [\"E1 02 3132\", \"E203414243\"]\nsize = 40\n\
    [[files]]\ndf = \"DF0A\"\nid = \"EF06\"\nstructure = \"cyclic\"\nrecord_length = 2\nrecords_max = 3\n\
    records = [\"0002\", \"0001\"]\n\
    [[files]]\ndf = \"SSSE\"\nid = \"EF0D\"\nstructure = \"fixed\"\nrecords = [\"EA0131\"]\nrecords_max = 2\nupdate = \"KEY:0D\"\n\
    [[keys]]\ndf = \"DF0A\"\nid = \"84\"\nvalue = \"000102030405060708090A0B0C0D0E0F\"\nname = \"UK_CITY\"\n\
    [[keys]]\ndf = \"DF0A\"\nid = \"82\"\nalgorithm = \"DES\"\nvalue = \"0102030405060708\"\n\
    [[keys]]\ndf = \"SSSE\"\nid = \"0D\"\n";

#[test]
fn an_application_of_ones_own_has_files_and_keys() {
    let card = card(OWN);
    let directories = card.inspect();
    let own = directories.iter().find(|df| df.name == "DF0A").expect("DF0A");
    assert_eq!((own.depth, hex::encode_upper(&own.df_name)), (2, "D1560000050A".to_owned()));
    let variable = file(&card, "DF0A/EF05");
    assert_eq!(variable.structure, Structure::LinearVariable { capacity: 40 });
    assert_eq!(variable.read, AccessRule::PinOrKey(KeyId(0x84)));
    assert_eq!(
        variable.records,
        [hex::decode("E1023132").unwrap(), hex::decode("E203414243").unwrap()]
    );
    let cyclic = file(&card, "DF0A/EF06");
    assert_eq!(cyclic.structure, Structure::Cyclic { records: 3, length: 2 });
    assert_eq!(cyclic.records, [[0, 2], [0, 1]], "the newest is number 1");
    let fixed = file(&card, "SSSE/EF0D");
    assert_eq!(
        (fixed.sfi, fixed.structure),
        (0x0D, Structure::LinearFixed { records: 2, length: 3 })
    );
    let keys = card.reveal_keys();
    let key = |df: u16, id| {
        let found = keys.iter().find(|key| key.application.value() == df && key.id == KeyId(id));
        hex::encode_upper(found.expect("a key").key.expose())
    };
    assert_eq!(key(0xDF0A, 0x84), "000102030405060708090A0B0C0D0E0F");
    assert_eq!(
        key(0xDF0A, 0x82),
        "01020304050607080102030405060708",
        "single DES is 3DES with one half twice"
    );
    let names = &card.profile().blueprint().names;
    assert_eq!(names.application(FileId::new(0xDF0A)), Some("市民服务"));
    assert_eq!(names.key(FileId::new(0xDF0A), KeyId(0x84)), Some("UK_CITY"));
}

#[test]
fn the_directory_lists_what_has_an_aid_and_a_label() {
    let dir = file(&card(OWN), "SSSE/EF1E");
    let last = dir.records.last().map(hex::encode_upper);
    assert_eq!(last.as_deref(), Some("61124F06D1560000050A5008CAD0C3F1B7FECEF1"));
    let hidden = OWN.replacen("label =", "listed = false\nlabel =", 1);
    let dir = file(&card(&hidden), "SSSE/EF1E");
    assert_eq!(dir.records.len(), 5);
}

#[test]
fn names_survive_an_image() {
    let card = card(OWN);
    let mut card = card.clone();
    card.power_off();
    let again = sscard_core::Card::from_image(&card.image()).expect("an image");
    assert_eq!(again.profile().blueprint().names, card.profile().blueprint().names);
    assert_eq!(again.digest(), card.digest());
}

#[test]
fn regional_parts_of_the_catalogue_come_when_they_are_asked_for() {
    let plain = card("");
    assert!(plain.inspect().iter().all(|df| df.name != "DF05" && df.name != "DF06"));
    let with = card("with = [\"DF05\", \"DF06\", \"SSSE/EF0D\"]\n");
    let health = file(&with, "DF05/EF05");
    assert_eq!((health.records.len(), health.read), (33, AccessRule::Free));
    assert_eq!(health.update, AccessRule::Key(KeyId(0x83)));
    assert_eq!(health.structure, Structure::LinearVariable { capacity: 506 });
    assert_eq!(health.records.iter().map(Vec::len).sum::<usize>(), 506);
    let relief = file(&with, "DF06/EF05");
    assert_eq!(
        (relief.records.len(), relief.records.iter().map(Vec::len).sum::<usize>()),
        (5, 167)
    );
    assert_eq!(file(&with, "SSSE/EF0D").update, AccessRule::Key(KeyId(0x0D)));
    let has = |card: &sscard_core::Card, id| {
        card.inspect()
            .iter()
            .any(|df| df.fid == SSSE && df.keys.iter().any(|(key, _)| key.id == KeyId(id)))
    };
    assert!(has(&with, 0x0D) && !has(&plain, 0x0D), "its key comes with the file");
    assert!(
        refused("with = [\"DF01\"]").contains("with[0]: 'DF01' is not DF05, DF06 or SSSE/EF0D")
    );
}

#[test]
fn a_file_of_the_catalogue_keeps_what_the_profile_does_not_say() {
    let card = card(
        "[[files]]\ndf = \"SSSE\"\nid = \"EF08\"\nsize = 8\nread = \"free\"\ndata = \"FFD8\"\n",
    );
    let photo = file(&card, "SSSE/EF08");
    assert_eq!(photo.structure, Structure::Transparent { size: 8 });
    assert_eq!((photo.read, photo.update), (AccessRule::Free, AccessRule::Key(KeyId::UK_SSSE)));
    assert_eq!(photo.bytes, [0xFF, 0xD8, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn labels_and_identifiers_of_the_catalogue_may_differ() {
    let card = card("[[applications]]\ndf = \"DF01\"\naid = \"D15600000599\"\nlabel = \"测试\"\n");
    let dir = file(&card, "SSSE/EF1E");
    let entries: Vec<_> = dir.records.iter().map(hex::encode_upper).collect();
    assert!(entries.contains(&"610E4F06D156000005995004B2E2CAD4".to_owned()), "{entries:?}");
}

#[test]
fn without_the_catalogue_there_is_what_the_profile_says() {
    let text = "catalogue = false\n[[applications]]\ndf = \"SSSE\"\n\
        [[files]]\ndf = \"SSSE\"\nid = \"EF05\"\nupdate = \"never\"\nrecords = [\"0302 3132\"]\n\
        [[keys]]\ndf = \"SSSE\"\nid = \"00\"\n";
    let profile = load(text).unwrap_or_else(|error| panic!("{error}"));
    let dfs = &profile.blueprint().dfs;
    assert_eq!((dfs.len(), dfs[1].files.len(), dfs[1].keys.len()), (2, 1, 0x01));
    assert_eq!(dfs[1].name, sscard_core::catalogue::SSSE_NAME);
}

#[test]
fn contradictions_of_files_have_their_line() {
    let own = "[[files]]\ndf = \"SSSE\"\nid = \"EF0D\"\n";
    for (lines, words) in [
        ("", "2:1: files[0].structure: a file of one's own says its structure"),
        ("structure = \"linear\"", "5:13: unknown variant `linear`"),
        (
            "structure = \"variable\"\nsize = 6\nrecords = [\"EA0131\", \"EB020000\"]",
            "7:22: files[0].records[1]: record 2 ends outside of the file: 7 bytes in 6",
        ),
        (
            "structure = \"transparent\"\nsize = 1\ndata = \"0000\"",
            "7:8: files[0].data: the content ends outside of the file: 2 bytes in 1",
        ),
        (
            "structure = \"fixed\"\nrecords_max = 1\nrecords = [\"EA0131\", \"EB0131\"]",
            "7:22: files[0].records[1]: record 2 is outside of the file, which holds 1",
        ),
        (
            "structure = \"fixed\"\nrecords = [\"EA0131\", \"EB023132\"]",
            "6:22: files[0].records[1]: a record has 3 bytes here, this one 4",
        ),
        (
            "structure = \"cyclic\"\nrecord_length = 2\nrecords_max = 9\nrecords = [\"01\", \"0102\"]",
            "8:12: files[0].records[0]: a record has 2 bytes here, this one 1",
        ),
        (
            "structure = \"cyclic\"",
            "files[0].record_length: a file without records says the length",
        ),
        (
            "structure = \"cyclic\"\nrecord_length = 2",
            "files[0].records_max: a file without records says how many",
        ),
        (
            "structure = \"variable\"\nrecords = [\"EA0531\"]",
            "6:12: files[0].records[0]: 'EA0531' is no record",
        ),
        (
            "structure = \"variable\"\nrecords = [\"EAx\"]",
            "files[0].records[0]: 'EAx' is not a record in hex",
        ),
        (
            "structure = \"variable\"\ndata = \"00\"",
            "files[0].data: a variable file has records, no data",
        ),
        (
            "structure = \"transparent\"\nrecords = []",
            "files[0].records: a transparent file has data, no records",
        ),
        (
            "structure = \"transparent\"\nrecords_max = 1",
            "a transparent file has size, no records_max",
        ),
        (
            "structure = \"fixed\"\nsize = 1",
            "a fixed file has record_length and records_max, no size",
        ),
        (
            "structure = \"fixed\"\nrecord_length = 2\nrecords_max = 1",
            "files[0].record_length: '2' is not at least 3",
        ),
        ("structure = \"variable\"\nsfi = 31", "6:7: files[0].sfi: '31' is not a short identifier"),
        (
            "structure = \"variable\"\nsfi = 6",
            "files[0].sfi: short identifier 6 is that of EF06 already",
        ),
        (
            "structure = \"variable\"\nread = \"KEY:0D\"",
            "6:8: files[0].read: the rule names key 0D, but SSSE has none",
        ),
        (
            "structure = \"variable\"\nread = \"RK9\"",
            "6:8: files[0].read: 'RK9' is not free, never",
        ),
        (
            "structure = \"variable\"\n[[files]]\ndf = \"SSSE\"\nid = \"EF0D\"",
            "8:6: files[1].id: SSSE/EF0D stands here twice",
        ),
    ] {
        let error = refused(&format!("{own}{lines}"));
        assert!(error.contains(words), "{lines}: {error}");
    }
    let error = refused(
        "[access.\"SSSE/EF08\"]\nread = \"PIN\"\n[[files]]\ndf = \"SSSE\"\nid = \"EF08\"\nread = \"free\"",
    );
    assert!(
        error.starts_with("7:8: files[0].read: [access.\"SSSE/EF08\"] says it, too"),
        "{error}"
    );
    let error = refused("[[files]]\ndf = \"DF0A\"\nid = \"EF05\"");
    assert!(error.starts_with("3:6: files[0].df: this card has no DF 'DF0A'"), "{error}");
    let error = refused("[[files]]\ndf = \"SSSE\"\nid = \"EF1F\"\nstructure = \"variable\"");
    assert!(error.contains("is no short identifier: say sfi"), "{error}");
}

#[test]
fn contradictions_of_keys_have_their_line_and_show_no_key() {
    let own = "[[keys]]\ndf = \"DF01\"\nid = \"83\"\n";
    for (lines, words) in [
        ("value = \"0102\"", "5:9: keys[0].value: a key of 3DES has 16 bytes in hexadecimal"),
        (
            "algorithm = \"DES\"\nvalue = \"000102030405060708090A0B0C0D0E0F\"",
            "6:9: keys[0].value: a key of DES has 8 bytes in hexadecimal",
        ),
        ("algorithm = \"SSF33\"", "5:13: keys[0].algorithm: 'SSF33' is not 3DES, SM4 or DES"),
        ("version = 0", "5:11: keys[0].version: '0' is not a version from 1 to 255"),
        ("tries = 16", "5:9: keys[0].tries: '16' is not a number of tries from 1 to 15"),
        (
            "[[keys]]\ndf = \"DF01\"\nid = \"83\"",
            "7:6: keys[1].id: key 83 of DF01, version 1, stands here twice",
        ),
    ] {
        let error = refused(&format!("{own}{lines}"));
        assert!(error.contains(words), "{lines}: {error}");
        assert!(!error.contains("0102"), "{error}");
    }
    for id in ["03", "93", "8", "xx"] {
        let error = refused(&format!("[[keys]]\ndf = \"DF01\"\nid = \"{id}\""));
        assert!(error.contains("4:6: keys[0].id"), "{error}");
    }
    assert!(
        refused("[[keys]]\ndf = \"DF0A\"\nid = \"83\"")
            .contains("3:6: keys[0].df: this card has no DF 'DF0A'")
    );
}

#[test]
fn a_security_module_has_no_files_of_a_holder() {
    for (lines, words) in [
        ("[[files]]\ndf = \"SSSE\"\nid = \"EF08\"", "2:3: files: a security module"),
        ("[state]\nexpired = true", "3:11: state.expired: a security module"),
    ] {
        let error = load(&format!("base = \"psam-sm4\"\n{lines}\n")).expect_err(lines).to_string();
        assert!(error.starts_with(words), "{error}");
    }
}

#[test]
fn contradictions_of_applications_have_their_line() {
    for (lines, words) in [
        ("df = \"city\"", "3:6: applications[0].df: 'city' is not a DF"),
        (
            "df = \"DF0A\"\naid = \"D156\"",
            "4:7: applications[0].aid: 'D156' is not a DF name of 5 to 16",
        ),
        (
            "df = \"DF0A\"\naid = \"D15600000501\"",
            "applications[0].aid: D15600000501 is the name of another DF",
        ),
        ("df = \"DF0A\"\nlabel = \"😀\"", "4:9: applications[0].label:"),
        ("df = \"DF0A\"\nlabel = \"\"", "is not a label of 1 to 32 bytes"),
        (
            "df = \"DF0A\"\nlisted = true",
            "4:10: applications[0].listed: the DIR file lists an AID and a label",
        ),
        (
            "df = \"DF0A\"\nparent = \"DF0B\"",
            "4:10: applications[0].parent: there is no DF0B before",
        ),
        ("df = \"DF01\"\nparent = \"MF\"", "a DF of the catalogue lies where the catalogue has it"),
        (
            "df = \"DF0A\"\n[[applications]]\ndf = \"DF0A\"",
            "5:6: applications[1].df: DF0A stands here twice",
        ),
    ] {
        let error = refused(&format!("[[applications]]\n{lines}"));
        assert!(error.contains(words), "{lines}: {error}");
    }
}
