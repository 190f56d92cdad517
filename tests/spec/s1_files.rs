//! §1.1 to §1.9: names, file tree, FCI, records and files.

use std::fmt::Write as _;

use sscard_core::Structure;
use sscard_core::catalogue::{self, Coding, Item};
use sscard_core::inspect::{FileView, rule_text};
use sscard_profile::{built_in, gbk, synthetic_holder};

use crate::harness::{Desk, SELECT_SSSE, hex};

const CATALOGUE: &str = include_str!("../golden/catalogue.tsv");
const APPLICATIONS: [(&str, &str); 5] = [
    ("DF01", "D15600000500"),
    ("DF02", "D15600000501"),
    ("DF03", "D15600000502"),
    ("DF04", "D15600000503"),
    ("DF07", "D15600000504"),
];

#[test]
fn spec_1_1_ssse_df_name() {
    let name = [&b"sx1.sh."[..], &gbk::encode("社会保障").expect("GBK")].concat();
    assert_eq!(hex(&name), "7378312E73682EC9E7BBE1B1A3D5CF");
    for profile in ["gen1", "gen2", "gen3"] {
        let fci = Desk::t0(profile).data(SELECT_SSSE);
        assert_eq!(fci[4..8], *"840F");
        assert_eq!(fci[8..38], hex(&name));
    }
}

#[test]
fn spec_1_1_ssse_file_identifier_is_ddf1() {
    let mut desk = Desk::t0("gen3");
    let by_name = desk.data(SELECT_SSSE);
    desk.data("00A40000023F00");
    assert_eq!(desk.data("00A4000002DDF1"), by_name);
}

#[test]
fn a12_the_mf_has_no_name() {
    for profile in ["gen1", "gen2", "gen3"] {
        let mut desk = Desk::t0(profile);
        let fci = "6F00";
        assert_eq!(desk.data("00A40000023F00"), fci);
        desk.data(SELECT_SSSE);
        assert_eq!(desk.data("00A40000"), fci);
    }
}

#[test]
fn spec_1_1_application_aids() {
    for profile in ["gen2", "gen3"] {
        for (df, aid) in APPLICATIONS {
            let mut desk = Desk::t0(profile);
            let fci = format!("6F088406{aid}");
            assert_eq!(desk.data(&format!("00A4040006{aid}")), fci);
            desk.data(SELECT_SSSE);
            assert_eq!(desk.data(&format!("00A4000002{df}")), fci);
        }
    }
}

#[test]
fn spec_1_2_fci_of_a_first_and_a_second_generation_card() {
    for profile in ["gen1", "gen2"] {
        let fci = Desk::t0(profile).data(SELECT_SSSE);
        assert_eq!(fci, "6F16840F7378312E73682EC9E7BBE1B1A3D5CFA50388011E");
    }
}

#[test]
fn spec_1_2_fci_of_a_third_generation_card() {
    let fci = Desk::t0("gen3").data(SELECT_SSSE);
    assert_eq!(fci, "6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C03860103");
}

#[test]
fn spec_1_2_algorithm_identifiers() {
    for (algorithm, id) in [("3DES", "01"), ("SSF33", "02"), ("SM4", "03")] {
        let text = format!("base = \"gen3\"\nalgorithm = \"{algorithm}\"");
        let fci = Desk::toml(&text).data(SELECT_SSSE);
        assert!(fci.ends_with(&format!("9F0C038601{id}")), "{algorithm}: {fci}");
    }
}

#[test]
fn spec_1_2_select_of_an_ef_returns_a_status_word_alone() {
    for mut desk in [Desk::t0("gen3"), Desk::t1("gen3")] {
        desk.data(SELECT_SSSE);
        for ef in ["EF05", "EF06", "EF07", "EF08", "EF1E"] {
            assert_eq!(desk.send(&format!("00A4020002{ef}")), "9000");
            assert_eq!(desk.send(&format!("00A4020002{ef}00")), "9000");
        }
    }
}

#[test]
fn spec_1_2_dir_records() {
    let records = [
        "61184F06D15600000500500EB9ABB9B2D3A6D3C3D0C5CFA2C7F8",
        "611A4F06D156000005015010BECDD2B5D3EBCAA7D2B5D0C5CFA2C7F8",
        "61194F06D15600000502500FC9E7BBE1B1A3CFD5D0C5CFA2C7F831",
        "61194F06D15600000503500FC9E7BBE1B1A3CFD5D0C5CFA2C7F832",
        "61184F06D15600000504500EC8CBCAC2C8CBB2C5D0C5CFA2C7F8",
    ];
    for (profile, count) in [("gen1", 4), ("gen2", 5), ("gen3", 5)] {
        let mut desk = Desk::t0(profile);
        desk.data(SELECT_SSSE);
        for (number, record) in (1..).zip(&records[..count]) {
            assert_eq!(desk.data(&format!("00B2{number:02X}F400")), **record);
        }
        assert_eq!(desk.send(&format!("00B2{:02X}F400", count + 1)), "6A83");
    }
}

#[test]
fn spec_1_3_read_record_returns_tag_length_value() {
    let mut desk = Desk::t0("gen2");
    desk.data(SELECT_SSSE);
    desk.data("00A4020002EF05");
    let record = desk.data("00B2010012");
    assert_eq!(record.len(), 36);
    assert!(record.starts_with("0110999900D156000005"), "{record}");
}

#[test]
fn spec_1_3_text_is_filled_with_00() {
    let mut desk = Desk::t0("gen2");
    desk.data(SELECT_SSSE);
    let name = synthetic_holder(7).name;
    let record = format!("091E{}{}", hex(&name), "00".repeat(30 - name.len()));
    assert_eq!(desk.data("00B2093020"), record);
}

#[test]
fn spec_1_3_unset_cn_reads_ff_and_unset_an_reads_00() {
    let mut desk = Desk::t0("gen2");
    desk.data(SELECT_SSSE);
    assert_eq!(desk.data("00B24E3016"), format!("4E14{}", "00".repeat(20)));
    desk.data("0020000003123456");
    desk.data("00A4000002DF01");
    assert_eq!(desk.data("00B20E2805"), "0E03FFFFFF");
    assert_eq!(desk.data("00B2202804"), "20020000");
}

#[test]
fn spec_1_4_issuer_data() {
    for (profile, version) in [("gen1", "1.00"), ("gen2", "2.00"), ("gen3", "3.00")] {
        let mut desk = Desk::t0(profile);
        desk.data(SELECT_SSSE);
        let holder = synthetic_holder(7);
        let serial = hex(&holder.serial);
        let all = desk.data("00B2012D40");
        assert_eq!(all.len(), 2 * 0x40);
        assert_eq!(all[..28], format!("0110999900D156000005{serial}"));
        let tail = [
            "020133".to_owned(),
            format!("0304{}", hex(version.as_bytes())),
            "040C915600000299990099990001".to_owned(),
            "050420240101".to_owned(),
            "060420340101".to_owned(),
            format!("0709{}", hex(&holder.card_number)),
        ]
        .concat();
        assert_eq!(all[36..126], tail);
    }
}

#[test]
fn spec_1_4_holder_data_by_record_number() {
    let holder = synthetic_holder(7);
    let records = [
        format!("0812{}", hex(&holder.social_security_number)),
        format!("091E{}{}", hex(&holder.name), "00".repeat(30 - holder.name.len())),
        format!("4E14{}", "00".repeat(20)),
        format!("0A01{:02X}", holder.sex),
        "0B0101".to_owned(),
        "0C03999901".to_owned(),
        format!("0D04{}", hex(&holder.birth_date)),
    ];
    let mut desk = Desk::t0("gen2");
    desk.data(SELECT_SSSE);
    for (number, record) in (1..).zip(&records) {
        assert_eq!(desk.data(&format!("00B2{number:02X}3400")), *record);
    }
    assert_eq!(desk.send("00B2083400"), "6A83");
    assert_eq!(desk.data("00B201355B"), records.concat());
}

#[test]
fn spec_1_4_first_generation_has_no_name_extension() {
    let mut desk = Desk::t0("gen1");
    desk.data(SELECT_SSSE);
    assert_eq!(desk.send("00B24E3016"), "6A83");
    let tags: Vec<_> =
        (1..=6).map(|n| desk.data(&format!("00B2{n:02X}3400"))[..2].to_owned()).collect();
    assert_eq!(tags, ["08", "09", "0A", "0B", "0C", "0D"]);
    assert_eq!(desk.send("00B2073400"), "6A83");
}

#[test]
fn spec_1_9_first_generation_has_neither_photo_nor_df07() {
    let mut desk = Desk::t0("gen1");
    desk.data(SELECT_SSSE);
    assert_eq!(desk.send("00A4020002EF08"), "6A82");
    assert_eq!(desk.send("00A4000002DF07"), "6A82");
    assert_eq!(desk.send("00A4040006D15600000504"), "6A82");
    assert_eq!(desk.send("00A4020002EF07"), "9000");
}

#[test]
fn spec_1_4_fingerprint_and_photo_sizes() {
    let mut desk = Desk::t0("gen3");
    desk.data(SELECT_SSSE);
    assert_eq!(desk.authenticate("SSSE", 0x0A), "9000");
    desk.data("00A4020002EF07");
    assert_eq!(desk.data("00B002FF01"), "00");
    assert_eq!(desk.send("00B0030001"), "6B00");
    desk.data("00A4020002EF08");
    assert_eq!(desk.data("00B00FFF01"), "00");
    assert_eq!(desk.send("00B0100001"), "6B00");
}

#[test]
fn spec_1_5_reserved_files_hold_128h_bytes() {
    let mut desk = Desk::t0("gen3");
    desk.all_ok(&[SELECT_SSSE, "00A4000002DF01"]);
    for ef in ["EF16", "EF17", "EF18", "EF19", "EF1A"] {
        desk.data(&format!("00A4020002{ef}"));
        assert_eq!(desk.data("00B0012701"), "00");
        assert_eq!(desk.send("00B0012801"), "6B00");
    }
}

/// The low byte of a file identifier is the file's short identifier.
#[test]
fn spec_1_4_every_file_has_a_short_identifier() {
    for name in ["gen2", "gen3"] {
        let profile = built_in(name).expect("built in");
        let files: Vec<_> = profile.blueprint().dfs.iter().flat_map(|df| &df.files).collect();
        // And the DIR file.
        assert_eq!(files.len(), catalogue::files().count() + 1, "{name}");
        for file in files {
            assert_eq!(file.fid.to_bytes()[1], file.sfi.number(), "{name} {}", file.fid);
        }
    }
}

#[test]
fn spec_1_4_catalogue() {
    let mut lines = CATALOGUE.lines().filter(|line| !line.starts_with('#'));
    for file in catalogue::files() {
        let path = format!("{}/{:04X}", file.application, file.fid);
        let structure = structure_text(file.structure);
        let read = match (path.as_str(), rule_text(file.application, file.read)) {
            ("SSSE/EF06", free) => free + " (gen3: RK_SSSE)",
            (_, rule) => rule,
        };
        let update = match rule_text(file.application, file.update) {
            never if never == "never" => never + " (card only)",
            rule => rule,
        };
        let line = format!("file\t{path}\t\t{structure}\t\t{}\t{read}\t{update}", file.name_zh);
        assert_eq!(lines.next(), Some(line.as_str()));
        for item in file.items {
            expect_item(&mut lines, &path, "", item);
        }
    }
    assert_eq!(lines.next(), None);
}

fn expect_item<'l>(
    lines: &mut impl Iterator<Item = &'l str>,
    path: &str,
    prefix: &str,
    item: &Item,
) {
    let coding = match item.coding {
        Coding::An => "an",
        Coding::Binary => "b",
        Coding::Cn => "cn",
        Coding::Template => "TLV",
    };
    let mut tag = prefix.to_owned();
    match item.tag {
        0 => tag.push('-'),
        number => write!(tag, "{number:02X}").expect("text"),
    }
    if item.count > 1 {
        write!(tag, "×{}", item.count).expect("text");
    }
    let line = format!("item\t{path}\t{tag}\t{coding}\t{:02X}\t{}\t\t", item.length, item.name_zh);
    assert_eq!(lines.next(), Some(line.as_str()));
    for part in item.parts {
        expect_item(lines, path, &format!("{:02X}/", item.tag), part);
    }
}

fn structure_text(structure: Structure) -> String {
    match structure {
        Structure::Cyclic { records, length } => format!("cyclic ≥{records} × {length:02X}"),
        Structure::LinearFixed { records, length } => {
            format!("linear fixed {records} × {length:02X}")
        }
        Structure::LinearVariable { .. } => "linear variable".to_owned(),
        Structure::Transparent { size } => format!("transparent {size:X}"),
    }
}

#[test]
fn spec_1_4_a_card_holds_the_catalogue_with_its_unset_values() {
    for profile in ["gen2", "gen3"] {
        let desk = Desk::t0(profile);
        let views = desk.card.inspect();
        let names: Vec<_> = views.iter().map(|view| view.name.as_str()).collect();
        assert_eq!(names, ["MF", "SSSE", "DF01", "DF02", "DF03", "DF04", "DF07"]);
        let files: Vec<_> =
            views.into_iter().flat_map(|view| view.files).filter(|file| file.sfi != 0x1E).collect();
        let lines: Vec<Vec<&str>> = CATALOGUE
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split('\t').collect())
            .collect();
        let expected: Vec<_> = lines.iter().filter(|line| line[0] == "file").collect();
        assert_eq!(files.len(), expected.len());
        for (file, line) in files.iter().zip(expected) {
            expect_file(profile, file, line, &lines);
        }
    }
}

fn expect_file(profile: &str, file: &FileView, line: &[&str], lines: &[Vec<&str>]) {
    let path = line[1];
    let application = &path[..4];
    assert_eq!(file.path, path);
    assert_eq!(format!("EF{:02X}", file.sfi), path[5..]);
    assert_eq!(structure_text(file.structure), line[3], "{path}");
    let read = match (path, profile) {
        ("SSSE/EF06", "gen3") => "RK_SSSE",
        ("SSSE/EF06", _) => "free",
        _ => line[6],
    };
    assert_eq!(rule_text(application, file.read), read, "{path}");
    let update = line[7].trim_end_matches(" (card only)");
    assert_eq!(rule_text(application, file.update), update, "{path}");
    if let Some(size) = line[3].strip_prefix("transparent ") {
        let size = usize::from_str_radix(size, 16).expect("size");
        assert_eq!(file.bytes, vec![0; size], "{path}");
    }
    if line[3].starts_with("cyclic") {
        assert!(file.records.is_empty(), "{path}");
    }
    if line[3].starts_with("linear") && application != "SSSE" {
        assert_eq!(file.records, unset_records(path, lines), "{path}");
    }
}

/// The unset records of a linear file, from the lines of the catalogue alone.
fn unset_records(path: &str, lines: &[Vec<&str>]) -> Vec<Vec<u8>> {
    let items: Vec<_> = lines.iter().filter(|line| line[0] == "item" && line[1] == path).collect();
    let number = |text: &str| u8::from_str_radix(text, 16).expect("hex");
    let unset = |tag: &str, line: &[&str]| {
        let length = number(line[4]);
        let fill = if line[3] == "cn" { 0xFF } else { 0x00 };
        [&[number(tag), length][..], &vec![fill; length.into()]].concat()
    };
    let mut records = Vec::new();
    for line in items.iter().filter(|line| !line[2].contains('/')) {
        let (tag, count) = line[2].split_once('×').unwrap_or((line[2], "1"));
        let mut record = unset(tag, line);
        if line[3] == "TLV" {
            let inside = items.iter().filter_map(|part| {
                let tag = part[2].strip_prefix(tag)?.strip_prefix('/')?;
                Some(unset(tag, part))
            });
            record.truncate(2);
            record.extend(inside.flatten());
            assert_eq!(record.len(), usize::from(number(line[4])) + 2, "{path} {tag}");
        }
        records.extend(vec![record; count.parse().expect("count")]);
    }
    records
}
