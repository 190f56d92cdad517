//! No profile makes a card panic: texts put together out of settings that fit and settings that do not.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::fuzz::targets::profile_toml;

/// One of these.
fn one(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(words).prop_map(str::to_owned)
}

fn hex(most: usize) -> impl Strategy<Value = String> {
    vec(any::<u8>(), 0..=most)
        .prop_map(|bytes| bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>())
}

fn directory() -> impl Strategy<Value = String> {
    prop_oneof![
        9 => one(&["SSSE", "DF01", "DF04"]),
        1 => one(&["MF", "DF05", "DF0A", "DF0B", "3F00", "DDF1", "nothing"]),
    ]
}

fn file_identifier() -> impl Strategy<Value = String> {
    prop_oneof![
        9 => one(&["EF05", "EF06", "EF08", "EF0C", "EF0D", "EF0E"]),
        1 => one(&["EF1E", "EF1F", "EF00", "3F00", "DF01", "E"]),
    ]
}

fn rule() -> impl Strategy<Value = String> {
    one(&["free", "never", "PIN", "KEY:0D", "KEY:84", "PIN|KEY:04", "PIN+RK_SSSE", "RK1_DF01", "x"])
}

fn record() -> impl Strategy<Value = String> {
    let whole = (1_u8..=0xFE, vec(any::<u8>(), 0..8)).prop_map(|(tag, value)| {
        let value: String = value.iter().map(|byte| format!("{byte:02X}")).collect();
        format!("{tag:02X}{:02X}{value}", value.len() / 2)
    });
    prop_oneof![4 => whole, 1 => hex(6)]
}

/// A line of a table, there now and then.
fn maybe(line: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop_oneof![3 => Just(String::new()), 1 => line]
}

fn application() -> impl Strategy<Value = String> {
    (
        prop_oneof![4 => one(&["DF0A", "DF0B", "DF0C"]), 1 => directory()],
        maybe(hex(17).prop_map(|aid| format!("aid = \"{aid}\"\n"))),
        maybe(one(&["", "市民", "a"]).prop_map(|label| format!("label = \"{label}\"\n"))),
        maybe(directory().prop_map(|parent| format!("parent = \"{parent}\"\n"))),
        maybe(any::<bool>().prop_map(|listed| format!("listed = {listed}\n"))),
    )
        .prop_map(|(df, aid, label, parent, listed)| {
            format!("[[applications]]\ndf = \"{df}\"\n{aid}{label}{parent}{listed}")
        })
}

/// Lines that fit their structure.
fn fitting() -> impl Strategy<Value = String> {
    let transparent = (0_u16..600, hex(20)).prop_map(|(more, data)| {
        let size = usize::from(more) + data.len() / 2;
        format!("structure = \"transparent\"\nsize = {size}\ndata = \"{data}\"\n")
    });
    let record = (1_u8..=0xFE, hex(8))
        .prop_map(|(tag, value)| format!("{tag:02X}{:02X}{value}", value.len() / 2));
    let variable = (vec(record, 0..4), 0_usize..30).prop_map(|(records, more)| {
        let size = records.concat().len() / 2 + more;
        format!("structure = \"variable\"\nsize = {size}\nrecords = {records:?}\n")
    });
    let fixed = (vec((1_u8..=0xFE, any::<u16>()), 0..3), 3_u8..9).prop_map(|(records, most)| {
        let records: Vec<_> =
            records.iter().map(|(tag, value)| format!("{tag:02X}02{value:04X}")).collect();
        format!("structure = \"fixed\"\nrecord_length = 4\nrecords_max = {most}\nrecords = {records:?}\n")
    });
    let cyclic = (vec(any::<u32>(), 0..3), 3_u8..9).prop_map(|(records, most)| {
        let records: Vec<_> = records.iter().map(|value| format!("{value:08X}")).collect();
        format!("structure = \"cyclic\"\nrecord_length = 4\nrecords_max = {most}\nrecords = {records:?}\n")
    });
    prop_oneof![transparent, variable, fixed, cyclic]
}

/// Lines that fit or do not.
fn any_lines() -> impl Strategy<Value = String> {
    let structure = one(&["transparent", "fixed", "variable", "cyclic"]);
    (
        maybe(structure.prop_map(|name| format!("structure = \"{name}\"\n"))),
        maybe((0_u16..600).prop_map(|size| format!("size = {size}\n"))),
        maybe(any::<u8>().prop_map(|length| format!("record_length = {length}\n"))),
        maybe(any::<u8>().prop_map(|most| format!("records_max = {most}\n"))),
        maybe((0_u8..33).prop_map(|sfi| format!("sfi = {sfi}\n"))),
        maybe(vec(record(), 0..4).prop_map(|records| format!("records = {records:?}\n"))),
        maybe(hex(20).prop_map(|data| format!("data = \"{data}\"\n"))),
    )
        .prop_map(|(structure, size, length, most, sfi, records, data)| {
            [structure, size, length, most, sfi, records, data].concat()
        })
}

fn file() -> impl Strategy<Value = String> {
    (
        directory(),
        file_identifier(),
        prop_oneof![5 => fitting(), 1 => any_lines()],
        maybe(rule().prop_map(|rule| format!("read = \"{rule}\"\n"))),
        maybe(rule().prop_map(|rule| format!("update = \"{rule}\"\n"))),
    )
        .prop_map(|(df, id, lines, read, update)| {
            format!("[[files]]\ndf = \"{df}\"\nid = \"{id}\"\n{lines}{read}{update}")
        })
}

fn key() -> impl Strategy<Value = String> {
    let values = one(&["000102030405060708090A0B0C0D0E0F", "0001020304050607", "00"]);
    (
        directory(),
        one(&["00", "02", "05", "0D", "80", "82", "84", "8F", "90", "F"]),
        maybe(any::<u8>().prop_map(|version| format!("version = {version}\n"))),
        maybe(values.prop_map(|value| format!("value = \"{value}\"\n"))),
        maybe(one(&["3DES", "DES", "SM4"]).prop_map(|name| format!("algorithm = \"{name}\"\n"))),
        maybe(
            one(&["external", "mac", "load", "block"])
                .prop_map(|usage| format!("use = \"{usage}\"\n")),
        ),
        maybe((0_u8..17).prop_map(|tries| format!("tries = {tries}\n"))),
    )
        .prop_map(|(df, id, version, value, algorithm, usage, tries)| {
            format!(
                "[[keys]]\ndf = \"{df}\"\nid = \"{id}\"\n{version}{value}{algorithm}{usage}{tries}"
            )
        })
}

fn state() -> impl Strategy<Value = String> {
    let paths =
        one(&["SSSE/EF05", "SSSE/EF06", "SSSE/EF08", "DF04/EF08", "DF01/EF05", "DF0A/EF05"]);
    let keys = one(&["SSSE/06", "SSSE/0A/2", "DF01/83", "DF0A/84"]);
    (
        maybe((0_u8..9).prop_map(|left| format!("pin_tries_left = {left}\n"))),
        maybe(
            vec(one(&["card", "SSSE", "A000000333010101", "x"]), 0..3)
                .prop_map(|blocked| format!("blocked = {blocked:?}\n")),
        ),
        maybe(
            one(&["activated", "deactivated"])
                .prop_map(|name| format!("life_cycle = \"{name}\"\n")),
        ),
        maybe(
            (paths, hex(90))
                .prop_map(|(path, bytes)| format!("[state.files]\n\"{path}\" = \"{bytes}\"\n")),
        ),
        maybe(
            (keys, 0_u8..5).prop_map(|(path, left)| format!("[state.keys]\n\"{path}\" = {left}\n")),
        ),
        maybe(any::<u32>().prop_map(|balance| format!("[state.purse]\nbalance = {balance}\n"))),
    )
        .prop_map(|(pin, blocked, life_cycle, files, keys, purse)| {
            format!("[state]\n{pin}{blocked}{life_cycle}{files}{keys}{purse}")
        })
}

fn profile() -> impl Strategy<Value = String> {
    (
        one(&[
            "base = \"gen1\"\n",
            "base = \"gen2\"\n",
            "base = \"gen3\"\n",
            "catalogue = false\n",
            "",
        ]),
        maybe(one(&["with = [\"DF05\"]\n", "with = [\"DF06\", \"SSSE/EF0D\"]\n"])),
        maybe(one(&["without = [\"SSSE/EF06\"]\n", "without = [\"DF04\"]\n"])),
        maybe(hex(40).prop_map(|atr| format!("atr = \"{atr}\"\n"))),
        vec(application(), 0..3),
        vec(file(), 0..4),
        vec(key(), 0..3),
        maybe(state()),
    )
        .prop_map(|(base, with, without, atr, applications, files, keys, state)| {
            let tables = [applications, files, keys].concat().concat();
            format!("{base}{with}{without}{atr}{tables}{state}")
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_profile_makes_a_card_panic(text in profile()) {
        profile_toml(text.as_bytes());
    }
}

/// The generator is no test of refusals alone.
#[test]
fn some_of_these_profiles_make_cards() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let texts = (0..400).map(|_| profile().new_tree(&mut runner).expect("a text").current());
    let sound = texts.filter(|text| sscard_profile::load(text).is_ok()).count();
    assert!(sound >= 20, "{sound} of 400");
}
