//! Every verb's bytes, on both protocols.

use super::*;
use crate::ast::{CommandText, StatementKind};
use crate::eval::Scope;
use crate::functions::FunctionContext;
use crate::value::hex;
use crate::{SourceText, parse};

/// The command of a verb; or what is wrong with it.
fn command(text: &str, protocol: Protocol) -> Result<String, String> {
    let script = parse(&SourceText::new("test.apdu", text)).unwrap();
    let [item] = &script.items[..] else { panic!("{text}") };
    let StatementKind::Command(CommandText::Verb(written)) = &item.kind else { panic!("{text}") };
    let read = Scope::default().arguments(written, &mut FunctionContext::new(1));
    let (verb, arguments, _) = read.map_err(|fault| fault.message)?;
    let Action::One(build) = &verb.action else { panic!("{text}") };
    let mut bytes = Vec::new();
    build(&arguments)?.emit(protocol, &mut bytes)?;
    Ok(hex(&bytes))
}

fn t1(text: &str) -> String {
    command(text, Protocol::T1).unwrap_or_else(|error| panic!("{text}: {error}"))
}

const VECTORS: &[(&str, &str)] = &[
    (
        "load_session_key 48 12 1111111111111111 2222222222222222",
        "BFDE48121011111111111111112222222222222222",
    ),
    (
        "load_session_key 48 12 factors=1111111111111111 random=2222222222222222 version=02",
        "BFDE4812111111111111111111222222222222222202",
    ),
    ("load_key 48 4C 1111111111111111", "BFEC484C081111111111111111"),
    ("cipher 0102030405060708", "80FA000008010203040506070808"),
    ("cipher_mac 0102030405060708", "80FA050008010203040506070804"),
    ("cipher_mac 0102030405060708 part=first", "80FA0700080102030405060708"),
    ("cipher_mac 0102030405060708 next", "80FA0300080102030405060708"),
    ("cipher_mac 0102030405060708 last", "80FA010008010203040506070804"),
    (
        "init_sam A1A2A3A4 0005 account=1000 time=20261124101530 factors=1111111111111111",
        "8070000024A1A2A3A40005000003E8000000000000000032202611241015300100111111111111111108",
    ),
    ("credit_sam A1A2A3A4", "8072000004A1A2A3A4"),
    ("write_key enc=0102 mac=A1A2A3A4", "84D40001060102A1A2A3A4"),
    ("write_key enc=0102 mac=A1A2A3A4 what=master", "84D40100060102A1A2A3A4"),
    ("select SSSE", "00A404000F7378312E73682EC9E7BBE1B1A3D5CF00"),
    ("select PSE", "00A404000E315041592E5359532E444446303100"),
    ("select PPSE", "00A404000E325041592E5359532E444446303100"),
    ("select MF", "00A40000023F0000"),
    ("select DF01", "00A4000002DF0100"),
    ("select EF05", "00A4000002EF0500"),
    ("select A000000333 next", "00A4040205A00000033300"),
    ("select \"sx1.sh.社会保障\"", "00A404000F7378312E73682EC9E7BBE1B1A3D5CF00"),
    ("read_record sfi=5 rec=7", "00B2072C00"),
    ("read_record 5 7 le=11", "00B2072C0B"),
    ("read_record sfi=5 tag=01 le=0x12", "00B2012812"),
    ("read_record tag=09", "00B2090000"),
    ("read_record mode=next", "00B2000200"),
    ("read_record sfi=2 rec=1 mode=all", "00B2011500"),
    ("update_record sfi=6 tag=4E data=4E0131", "00DC4E30034E0131"),
    ("update_record sfi=6 tag=4E data=4E0131 mac=11223344", "04DC4E30074E013111223344"),
    ("update_record sfi=24 mode=previous data=00", "00DC00C30100"),
    ("read_binary sfi=8 offset=4 le=16", "00B0880410"),
    ("read_binary offset=300", "00B0012C00"),
    ("update_binary sfi=8 data=0102", "00D68800020102"),
    ("update_binary offset=1 data=01 mac=11223344", "04D6000105"),
    ("get_challenge", "0084000008"),
    ("get_challenge 16", "0084000010"),
    ("verify", "00200000"),
    ("verify 123456", "0020000003123456"),
    ("verify pin=12345", "002000000312345F"),
    ("verify pin=123456 format=emv", "00200080082612"),
    ("change_pin 123456 654321", "805E010007123456FF654321"),
    ("change_pin old=\"\" new=123456", "805E010004FF123456"),
    (
        "external_authenticate 0A 00112233445566778899AABBCCDDEEFF",
        "0082000A1000112233445566778899AABBCCDDEEFF",
    ),
    (
        "internal_authenticate 00112233445566778899AABBCCDDEEFF",
        "008800001000112233445566778899AABBCCDDEEFF00",
    ),
    ("unblock_pin 11223344", "842400000411223344"),
    ("reload_pin enc=0011223344556677 mac=11223344", "842400010C001122334455667711223344"),
    ("activate_file", "00440000"),
    ("deactivate_file", "00040000"),
    ("get_response 30", "00C000001E"),
    ("manage_channel open", "0070000001"),
    ("manage_channel close 2", "00708002"),
    ("get_balance", "B026000104"),
    ("get_balance fund", "B026000306"),
    ("init_load 1000 112233445566", "B02800010B01000003E811223344556610"),
    ("credit_load time=20261124130509 mac=11223344", "B02A00000B202611241305091122334404"),
    (
        "init_purchase account=100 terminal=112233445566 holder=1 fund=2",
        "B0280101130100000064000000010000000211223344556616",
    ),
    (
        "debit sequence=7 time=20261124130509 mac=11223344",
        "B02C01000F00000007202611241305091122334408",
    ),
    (
        "pki_verify 123456 challenge=11111111111111111111111111111111",
        "00200181104D61FA6D3E408514399231B886F7496C",
    ),
    (
        "pki_verify 12345678 challenge=1111111111111111 administrator",
        "0020010010B1937BA8ED6442C9658B72A0B3921A58",
    ),
    ("pki_tries", "00200181"),
    ("pki_tries administrator", "00200100"),
    ("pki_generate", "8040000008C0020012C2020013"),
    ("pki_generate encryption", "8040000008C0020014C2020015"),
    ("pki_name_key", "80C9820008C0020012C2020013"),
    ("pki_public_key", "80C9828042"),
    (
        "pki_sign 1111111111111111111111111111111111111111111111111111111111111111",
        "002A9E9A20111111111111111111111111111111111111111111111111111111111111111140",
    ),
    (
        "pki_check digest=1111111111111111111111111111111111111111111111111111111111111111 signature=11111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111",
        "002A00A8649A2011111111111111111111111111111111111111111111111111111111111111119E4011111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111",
    ),
    (
        "pki_decipher 11111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111122",
        "002A808662001111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111112200",
    ),
    ("get_proof type=32 counter=0001", "B02E003202000108"),
    ("start_day", "B056010002"),
    ("start_day 0101", "B0560000020101"),
    ("gpo", "80A8000002830000"),
    ("gpo 01020304", "80A800000683040102030400"),
    ("generate_ac arqc 0102", "80AE800002010200"),
    ("generate_ac tc 01 cda", "80AE5000010100"),
    ("get_data 9F36", "80CA9F3600"),
    ("get_data 95", "80CA009500"),
    ("put_data 9F79 000000100000 3F4C891B", "04DA9F790A0000001000003F4C891B"),
    ("issuer_authenticate 21415243527CE78F 3031", "008200000A21415243527CE78F3031"),
    ("app_block 42CA0591", "841E00000442CA0591"),
    ("app_block 42CA0591 p2=01", "841E00010442CA0591"),
    ("app_unblock 42CA0591", "841800000442CA0591"),
    ("card_block 42CA0591", "841600000442CA0591"),
    (
        "pin_change_unblock mac=574676A9 enc=83A739C3D56C1E73CA4E6114050D1077 p2=02",
        "842400021483A739C3D56C1E73CA4E6114050D1077574676A9",
    ),
];

#[test]
fn every_verb_has_its_bytes() {
    for (text, wanted) in VECTORS {
        // Two rows are completed here, to stay on their lines.
        let wanted = match *text {
            "update_binary offset=1 data=01 mac=11223344" => format!("{wanted}0111223344"),
            "verify pin=123456 format=emv" => format!("{wanted}3456FFFFFFFF"),
            _ => (*wanted).to_owned(),
        };
        assert_eq!(t1(text), wanted, "{text}");
    }
}

#[test]
fn every_verb_has_a_vector() {
    for verb in GROUPS.iter().flat_map(|(_, verbs)| *verbs) {
        let composite =
            matches!(verb.action, Action::Authenticate | Action::Protected | Action::WriteItem);
        let known = VECTORS.iter().any(|(text, _)| text.split(' ').next() == Some(verb.name));
        assert!(composite || known, "{}", verb.name);
    }
}

#[test]
fn on_t_0_no_le_stands_behind_data() {
    let t0 = |text| command(text, Protocol::T0).unwrap();
    assert_eq!(t0("select MF"), "00A40000023F00");
    assert_eq!(t0("gpo 01"), "80A8000003830101");
    assert_eq!(t0("get_challenge 8"), "0084000008");
    assert_eq!(t0("read_record sfi=5 rec=1"), "00B2012C00");
    let long = format!("update_binary data={}", "00".repeat(256));
    assert!(t1(&long).starts_with("00D60000000100"));
    assert!(command(&long, Protocol::T0).unwrap_err().starts_with("T=0 carries 255 bytes"));
}

#[test]
fn wrong_arguments_are_refused_by_name() {
    let refused = |text: &str| command(text, Protocol::T1).unwrap_err();
    assert_eq!(refused("reed_record 1"), "'reed_record' is not a verb");
    assert_eq!(refused("read_record sfi=31 rec=1"), "sfi: 31 is not within 0 to 30");
    assert_eq!(refused("read_record sfi=5 sfi=6"), "'sfi' is given twice");
    assert_eq!(refused("read_record colour=5"), "'read_record' knows no 'colour'");
    assert_eq!(refused("activate_file 1"), "'activate_file' takes no more arguments");
    assert_eq!(refused("put_data 9F79"), "'put_data' lacks data");
    assert_eq!(refused("read_record sfi=5"), "which record is meant: rec=7, tag=09, or mode=next");
    assert_eq!(
        refused("read_record sfi=5 rec=1 tag=01"),
        "a record is named by rec or by tag, not by both"
    );
    assert_eq!(refused("verify pin=12a4"), "pin: 0 to 12 digits are wanted: character 3 is none");
    assert_eq!(
        refused("select SSSX"),
        "'SSSX' is not hexadecimal: 'S'; a file is SSSE, PSE, PPSE, MF, two bytes, or a DF name"
    );
    assert_eq!(refused("app_block 112233"), "mac: expected 4 bytes, found 3");
    assert_eq!(
        refused("read_binary sfi=1 offset=256"),
        "with a short identifier the offset is at most 255"
    );
}

#[test]
fn what_uses_up_tries_or_blocks_is_known_by_its_bytes() {
    for (command, expected) in [
        (&[0x00, 0x20, 0x00, 0x00, 0x03, 0x12, 0x34, 0x56][..], true),
        (&[0x00, 0x20, 0x00, 0x00], false),
        (&[0x05, 0xDC, 0x01, 0x2C, 0x04, 1, 2, 3, 4], true),
        (&[0x0C, 0xDC, 0x01, 0x2C, 0x04, 1, 2, 3, 4], true),
        (&[0x8C, 0xDC, 0x01, 0x2C, 0x04, 1, 2, 3, 4], true),
        (&[0x64, 0xDC, 0x01, 0x2C, 0x04, 1, 2, 3, 4], true),
        (&[0x01, 0xDC, 0x01, 0x2C, 0x02, 1, 2], false),
        (&[0x10, 0x2C, 0x00, 0x00, 0x04, 1, 2, 3, 4], true),
        (&[0x41, 0x2C, 0x00, 0x00, 0x04, 1, 2, 3, 4], true),
        (&[0xB0, 0x2C, 0x01, 0x00, 0x0F], false),
        (&[0x00, 0x82, 0x00, 0x0A, 0x10], true),
        (&[0x80, 0x5E, 0x01, 0x00, 0x07], true),
        (&[0x84, 0x24, 0x00, 0x00, 0x04], true),
        (&[0x84, 0x1E, 0x00, 0x00, 0x04], true),
        (&[0x04, 0xDA, 0x9F, 0x79, 0x0A], true),
        (&[0x04, 0xDC, 0x01, 0x2C, 0x05], true),
        (&[0x00, 0xDC, 0x01, 0x2C, 0x05], false),
        (&[0x00, 0xA4, 0x04, 0x00, 0x00], false),
        (&[0xB0, 0x2C, 0x01, 0x00, 0x0F], false),
        (&[0x00, 0x2C, 0x00, 0x00, 0x08], true),
        (&[0x00, 0x84, 0x00, 0x00, 0x08], false),
        (&[], false),
    ] {
        assert_eq!(is_destructive(command), expected, "{command:02X?}");
    }
}
