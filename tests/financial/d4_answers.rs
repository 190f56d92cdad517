//! docs/standards/financial.md §4.1, §4.3 to §4.5: qPBOC's amounts, cryptograms, answers, signatures.

use sscard_crypto::financial::{certificate, sm_certificate};
use sscard_profile::TestKeys;

use super::bank::{Bank, TERMINAL, UN, objects_table};
use super::d4_qpboc::{ARQC, Answer, OFFLINE, ONLINE, VELOCITY_AAC, read_all, tap};
use crate::harness::{bytes, hex};

#[test]
fn d_4_3_cvn_01_covers_eleven_elements() {
    let (bank, answer) = tap(&[], ONLINE, 500);
    let answer = Answer::parse(&answer);
    let key =
        sscard_crypto::financial::pboc_session_key(bank.cipher(), &bank.card_key("AC"), [0, 1]);
    let data =
        bytes(&format!("000000000500000000000000015600000000000156260101 00{UN}7D00000103900000"));
    let ac = sscard_crypto::financial::application_cryptogram(
        bank.cipher(),
        &key,
        &[&data],
        sscard_crypto::financial::Fold::Left,
    );
    assert_eq!(answer.value(0x9F26), hex(&ac));
    assert_eq!(&answer.value(0x9F10)[..6], "070101");
}

#[test]
fn d_4_3_cvn_17_covers_four() {
    for sm in [false, true] {
        let mut bank = Bank::new("qpboc_cryptogram_version = \"17\"\n");
        bank.terminal.sm = sm;
        bank.terminal.amount = 500;
        let answer = Answer::parse(&bank.qpboc());
        let card = bank.card_key("AC");
        let key = sscard_crypto::financial::pboc_session_key(bank.cipher(), &card, [0, 1]);
        let data = bytes(&format!("000000000500{UN}000190"));
        let ac = sscard_crypto::financial::application_cryptogram(
            bank.cipher(),
            &key,
            &[&data],
            sscard_crypto::financial::Fold::Left,
        );
        assert_eq!(answer.value(0x9F26), hex(&ac));
        assert_eq!(&answer.value(0x9F10)[..6], "070117");
    }
}

#[test]
fn d_4_3_discretionary_data_ids() {
    let balance = [0x00, 0x00, 0x09, 0x95, 0x00];
    let sum = [0x00; 5];
    let limit = [0x00, 0x00, 0x20, 0x00, 0x00];
    let cases: [(u8, &[[u8; 5]], &str); 5] = [
        (1, &[balance], "0A01"),
        (2, &[sum], "0A02"),
        (3, &[balance, sum], "0F03"),
        (4, &[sum, limit], "0F04"),
        (5, &[balance], "0A05"),
    ];
    for (id, amounts, head) in cases {
        let mut bank = Bank::new(&format!("discretionary_data = {id}\n"));
        bank.terminal.amount = 500;
        let answer = Answer::parse(&bank.qpboc());
        let mac = bank.expected_mac([0, 1], amounts);
        let expected = format!("{head}{}{}", hex(&amounts.concat()), hex(&mac));
        assert_eq!(&answer.value(0x9F10)[16..], expected, "{id}");
    }
    let mut bank = Bank::new("discretionary_data = 0\n");
    assert_eq!(Answer::parse(&bank.qpboc()).value(0x9F10).len(), 16);
}

#[test]
fn d_4_4_answer_online_and_declined_has_no_afl() {
    let online = [0x82, 0x9F36, 0x57, 0x9F10, 0x9F26, 0x5F34, 0x9F6C, 0x9F5D, 0x5F20];
    let (_, answer) = tap(&[], [0x20, 0x80, 0, 0], 500);
    let answer = Answer::parse(&answer);
    assert_eq!((answer.tags(), answer.cvr()), (online.to_vec(), ARQC));
    let (_, answer) = tap(&[(0x9F79, "000000000100")], OFFLINE, 500);
    let answer = Answer::parse(&answer);
    assert_eq!((answer.tags(), answer.cvr()), (online.to_vec(), VELOCITY_AAC));
    let (_, answer) = tap(&[(0x9F5D, "00")], [0x20, 0x80, 0, 0], 500);
    assert!(!Answer::parse(&answer).tags().contains(&0x9F5D));
}

#[test]
fn d_4_4_answer_offline_with_a_key_of_1152_bits() {
    let (mut bank, answer) = tap(&[], ONLINE, 500);
    let answer = Answer::parse(&answer);
    assert_eq!(answer.tags(), [0x82, 0x94, 0x9F36, 0x9F26, 0x9F10, 0x57, 0x9F6C]);
    let last = read_all(&mut bank, &answer);
    // Signature, available amount, card authentication data, beside the record's own 9F74.
    assert!(last.contains("9F74064543433030319F4B8190"), "{last}");
    assert!(last.contains("9F5D060000000995009F690801"), "{last}");
}

#[test]
fn d_4_4_answer_offline_with_a_key_of_1024_bits() {
    let mut bank = Bank::new("card_key = 1024\n");
    bank.terminal.amount = 500;
    let answer = Answer::parse(&bank.qpboc());
    assert_eq!(answer.tags(), [0x82, 0x94, 0x9F36, 0x9F26, 0x9F10, 0x57, 0x9F4B, 0x9F6C, 0x9F5D]);
    assert_eq!(answer.value(0x9F4B).len(), 256);
    assert!(answer.value(0x94).len() / 8 <= 4, "at most four entries");
    let last = read_all(&mut bank, &answer);
    assert!(last.starts_with("70149F74064543433030319F690801"), "{last}");
    assert!(last.len() / 2 - 4 <= 32, "at most 32 bytes");
}

#[test]
fn d_4_5_fdda_version_00_has_no_9f69() {
    let mut bank = Bank::new("card_key = 1024\n");
    bank.terminal = super::bank::Terminal { amount: 500, qualifiers: [0x20, 0, 0, 0], ..TERMINAL };
    let answer = Answer::parse(&bank.qpboc());
    assert_eq!(answer.value(0x9F4B).len(), 256);
    assert_eq!(read_all(&mut bank, &answer), "70099F74064543433030319000");
}

const OPTION: [(u16, &str); 3] =
    [(0x9F54, "000000000500"), (0x9F5C, "000000000600"), (0x9F79, "000000000300")];

#[test]
fn d_4_1_9f5d_and() {
    let objects = [&[(0x9F68, "41000000")][..], &OPTION].concat();
    let (mut bank, answer) = tap(&objects, ONLINE, 200);
    let last = read_all(&mut bank, &Answer::parse(&answer));
    assert!(last.contains("9F5D06000000000400"), "9F5C less what was spent: {last}");
    assert_eq!(bank.data(0x9F5D), "000000000400");
    // Without an upper limit the lower one counts.
    let objects = [(0x9F68, "41000000"), (0x9F54, "000000000500"), (0x9F5C, "absent")];
    assert_eq!(Bank::with(&objects).data(0x9F5D), "000000000500");
}

#[test]
fn d_4_1_9f5d_or() {
    let objects = [&[(0x9F68, "21000000")][..], &OPTION].concat();
    let (mut bank, answer) = tap(&objects, ONLINE, 400);
    let last = read_all(&mut bank, &Answer::parse(&answer));
    assert!(last.contains("9F5D06000000000500"), "300 and 600 less 400: {last}");
    assert_eq!(bank.data(0x9F5D), "000000000500");
    assert_eq!(bank.data(0x9F79), "000000000300");
}

#[test]
fn d_4_1_9f5d_none() {
    let objects = [&[(0x9F68, "01000000")][..], &OPTION].concat();
    let (mut bank, answer) = tap(&objects, ONLINE, 200);
    assert_eq!(Answer::parse(&answer).value(0x9F5D), "000000000000");
    assert_eq!(bank.data(0x9F5D), "000000000000");
}

#[test]
fn d_4_1_9f5d_is_shown_when_it_is_personalised_1() {
    let low_value = [&[(0x9F68, "81000000")][..], &OPTION].concat();
    assert_eq!(Bank::with(&low_value).data(0x9F5D), "000000000300");
    for value in ["00", "absent"] {
        assert_eq!(Bank::with(&[(0x9F5D, value)]).send("80CA9F5D00"), "6A88", "{value}");
    }
}

#[test]
fn d_4_3_cvn_17_of_arqc_and_aac() {
    let poor = objects_table(&[(0x9F79, "000000000100")]);
    for (objects, qualifiers, byte) in [("", [0x20, 0x80, 0, 0], "A0"), (&poor[..], OFFLINE, "80")]
    {
        let mut bank = Bank::new(&format!("qpboc_cryptogram_version = \"17\"\n{objects}"));
        (bank.terminal.qualifiers, bank.terminal.amount) = (qualifiers, 500);
        let answer = Answer::parse(&bank.qpboc());
        let card = bank.card_key("AC");
        let key = sscard_crypto::financial::pboc_session_key(bank.cipher(), &card, [0, 1]);
        let data = bytes(&format!("000000000500{UN}0001{byte}"));
        let ac = sscard_crypto::financial::application_cryptogram(
            bank.cipher(),
            &key,
            &[&data],
            sscard_crypto::financial::Fold::Left,
        );
        assert_eq!(answer.value(0x9F26), hex(&ac), "{byte}");
        assert_eq!(&answer.value(0x9F10)[..10], format!("07011703{byte}"));
    }
}

#[test]
fn d_4_4_sm2_signature_in_the_gpo_answer() {
    let mut bank = Bank::new("");
    (bank.terminal.sm, bank.terminal.amount) = (true, 500);
    let answer = Answer::parse(&bank.qpboc());
    assert_eq!(answer.tags(), [0x82, 0x94, 0x9F36, 0x9F26, 0x9F10, 0x57, 0x9F4B, 0x9F6C, 0x9F5D]);
    assert_eq!(answer.value(0x94), "400103001801010128010100");
    assert_eq!(answer.value(0x9F4B).len(), 2 * 69);
    assert_eq!(&answer.value(0x9F4B)[..10], "1503020001");
    let last = read_all(&mut bank, &answer);
    assert_eq!(&last[..30], "70149F74064543433030319F690801");
    assert_eq!(last.len(), 2 * (0x14 + 2 + 2));
}

/// A qPBOC transaction of 5.00: signature of 9F4B, and the value of 9F69 in the last record.
fn signed(profile: &str, sm: bool, version: u8) -> (Vec<u8>, Option<String>) {
    let mut bank = Bank::new(profile);
    let qualifiers = [0x20, 0x00, 0x00, version << 7];
    bank.terminal = super::bank::Terminal { amount: 500, sm, qualifiers, ..TERMINAL };
    let answer = Answer::parse(&bank.qpboc());
    let last = read_all(&mut bank, &answer);
    let last = bytes(last.strip_suffix("9000").expect("9000"));
    let record = sscard_apdu::tlv::Reader::new(&last).next().expect("70").expect("TLV");
    let of_record = |tag: u32| {
        let mut objects = sscard_apdu::tlv::Reader::new(record.value).map(|o| o.expect("TLV"));
        objects.find(|object| object.tag.number() == tag).map(|object| object.value.to_vec())
    };
    let signature = of_record(0x9F4B).unwrap_or_else(|| bytes(answer.value(0x9F4B)));
    let data = of_record(0x9F69).map(|data| hex(&data));
    if let Some(data) = &data {
        assert_eq!((&data[..2], &data[10..]), ("01", &*format!("{}00", answer.value(0x9F6C))));
    }
    (signature, data)
}

fn verify(profile: &str, sm: bool, signature: &[u8], message: &str) -> bool {
    let keys = TestKeys::get();
    let opened = if sm {
        let key = keys.sm2("card").expect("key").public_key();
        sm_certificate::verify_dynamic_data(key, signature, &bytes(message))
    } else {
        let bits = profile.trim_start_matches("card_key = ").trim();
        let key = &keys.rsa(&format!("card-{bits}")).expect("key").public;
        certificate::verify_dynamic_data(key, signature, &bytes(message))
    };
    opened.is_ok_and(|dynamic| dynamic == [0x02, 0x00, 0x01])
}

const SIGNERS: [(&str, bool); 4] = [
    ("card_key = 768\n", false),
    ("card_key = 1024\n", false),
    ("card_key = 1152\n", false),
    ("card_key = 1152\n", true),
];

#[test]
fn d_4_5_fdda_version_00() {
    for (profile, sm) in SIGNERS {
        let (signature, data) = signed(profile, sm, 0);
        assert_eq!(data, None);
        assert!(verify(profile, sm, &signature, UN), "{profile}");
        assert!(!verify(profile, sm, &signature, &format!("{UN}0000000005000156")));
    }
}

#[test]
fn d_4_5_fdda_version_01() {
    for (profile, sm) in SIGNERS {
        let (signature, data) = signed(profile, sm, 1);
        let data = data.expect("9F69");
        let message = format!("{UN}0000000005000156{data}");
        assert!(verify(profile, sm, &signature, &message), "{profile}");
        assert!(!verify(profile, sm, &signature, UN), "{profile}");
        // Every element counts.
        for nibble in 0..message.len() {
            let mut other = message.clone();
            let flipped = if &other[nibble..=nibble] == "0" { "1" } else { "0" };
            other.replace_range(nibble..=nibble, flipped);
            assert!(!verify(profile, sm, &signature, &other), "{profile}: nibble {nibble}");
        }
    }
}
