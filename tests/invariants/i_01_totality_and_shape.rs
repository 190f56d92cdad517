//! I-1, I-2, I-3: any bytes get an answer of the right shape with a status word of the table.

use proptest::prelude::*;
use sscard_apdu::{CommandApdu, ResponseApdu, StatusWord};
use sscard_core::{Card, Protocol};

use crate::harness::{Desk, SELECT_SSSE};

fn answer(card: &mut Card, command: &[u8]) -> Vec<u8> {
    let mut response = Vec::new();
    card.transmit(command, &mut response);
    response
}

/// Status words that any command may get: transport, class, life cycle, memory.
const GENERAL: [u16; 11] =
    [0x9000, 0x6700, 0x6881, 0x6882, 0x6884, 0x6985, 0x6A81, 0x6A86, 0x6D00, 0x6E00, 0x9303];

/// Status words of an instruction beyond the general ones; masks by their first three digits.
fn table(ins: u8) -> &'static [u16] {
    match ins {
        0xA4 => &[0x6283, 0x6A82],
        0xB2 => &[0x6981, 0x6982, 0x6986, 0x6A82, 0x6A83],
        0xB0 => &[0x6981, 0x6982, 0x6986, 0x6A82, 0x6B00],
        0xDC => &[0x6981, 0x6982, 0x6984, 0x6986, 0x6988, 0x6A80, 0x6A82, 0x6A84, 0x6A85],
        0xD6 => &[0x6981, 0x6982, 0x6984, 0x6986, 0x6988, 0x6A82, 0x6A84, 0x6B00],
        0x82 => &[0x63C0, 0x6983, 0x6984, 0x6A88],
        0x88 => &[0x6A88],
        0x20 => &[0x63C0, 0x6983, 0x6984, 0x6A88],
        0x5E => &[0x63C0, 0x6983, 0x6A80],
        0x24 | 0x1E | 0x16 => &[0x6982, 0x6984, 0x6988, 0x6A80],
        0x44 | 0x04 => &[0x6982],
        _ => &[],
    }
}

fn is_in_table(ins: u8, status: StatusWord) -> bool {
    let value = status.value();
    let masked = if status.tries_left().is_some() { 0x63C0 } else { value };
    status.bytes_available().is_some()
        || status.exact_ne().is_some()
        || GENERAL.contains(&value)
        || table(ins).contains(&masked)
}

/// Holds one answer against I-1, I-2 and I-3; `before` is the card before the command.
fn check(before: &Card, command: &[u8]) -> Result<Vec<u8>, TestCaseError> {
    let mut card = before.clone();
    let bytes = answer(&mut card, command);
    let response =
        ResponseApdu::parse(&bytes).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let status = response.status;
    let Ok(apdu) = CommandApdu::parse(command) else {
        prop_assert_eq!(bytes, [0x67, 0x00]);
        return Ok(vec![0x67, 0x00]);
    };
    prop_assert!(is_in_table(apdu.ins, status), "INS {:02X} answered {}", apdu.ins, status);
    let ne = match (apdu.ne, card.protocol()) {
        (0, Protocol::T0) => 256,
        (ne, _) => ne,
    };
    prop_assert!(response.data.len() <= ne, "more data than Ne");
    if (0x64..=0x6F).contains(&status.sw1()) {
        prop_assert!(response.data.is_empty(), "data with {}", status);
    }
    if let Some(available) = status.bytes_available() {
        let piece = answer(&mut card, &[command[0] & 0x03, 0xC0, 0, 0, (available & 0xFF) as u8]);
        prop_assert_eq!(piece.len(), available + 2, "61xx is not exact");
    }
    if let Some(exact) = status.exact_ne() {
        prop_assert!(card.image() == before.image(), "6Cxx has an effect");
        let mut repeated = Vec::new();
        CommandApdu { ne: exact, ..apdu }.emit(&mut repeated).expect("short");
        let again = answer(&mut card, &repeated);
        prop_assert_eq!(again.len(), exact + 2, "6Cxx, then the same with that Le");
        prop_assert_eq!(&again[exact..], &[0x90, 0x00]);
    }
    Ok(bytes)
}

std::thread_local! {
    static CARDS: Vec<Card> = cards();
}

/// Cards in different states and on both protocols.
fn cards() -> Vec<Card> {
    let mut all = Vec::new();
    for mut desk in [Desk::t0("gen1"), Desk::t0("gen3"), Desk::t1("gen2"), Desk::t1("gen3")] {
        all.push(desk.card.clone());
        desk.all_ok(&[SELECT_SSSE]);
        all.push(desk.card.clone());
        desk.all_ok(&["00A4000002EF05"]);
        all.push(desk.card.clone());
        desk.all_ok(&["0020000003123456", "00A4000002DF04"]);
        assert_eq!(desk.authenticate("DF04", 0x86), "9000");
        desk.challenge();
        all.push(desk.card);
    }
    let mut deactivated = Desk::t0("gen2");
    deactivated.all_ok(&[SELECT_SSSE]);
    assert_eq!(deactivated.authenticate("SSSE", 0x04), "9000");
    deactivated.all_ok(&["00040000"]);
    all.push(deactivated.card);
    let mut extended = Desk::toml("base = \"gen2\"\nprotocol = \"T=1\"\nextended_length = true");
    extended.all_ok(&[SELECT_SSSE]);
    all.push(extended.card);
    all
}

fn instruction() -> impl Strategy<Value = u8> {
    prop_oneof![
        8 => prop::sample::select(vec![
            0x04, 0x16, 0x1E, 0x20, 0x24, 0x44, 0x5E, 0x70, 0x82, 0x84, 0x88, 0xA4, 0xB0, 0xB2,
            0xC0, 0xD6, 0xDC,
        ]),
        1 => any::<u8>(),
    ]
}

fn command() -> impl Strategy<Value = Vec<u8>> {
    let class = prop_oneof![
        6 => Just(0x00_u8),
        2 => prop::sample::select(vec![0x80_u8, 0x84, 0x04, 0x10, 0x01, 0x90]),
        1 => any::<u8>(),
    ];
    let parameter = prop_oneof![3 => 0..=8_u8, 1 => any::<u8>()];
    let body = prop_oneof![
        Just(vec![]),
        any::<u8>().prop_map(|le| vec![le]),
        proptest::collection::vec(any::<u8>(), 1..24)
            .prop_map(|data| { [vec![u8::try_from(data.len()).expect("short")], data].concat() }),
        Just(vec![2, 0xEF, 0x05]),
        Just(vec![2, 0xDF, 0x04]),
        Just(vec![3, 0x12, 0x34, 0x56]),
        proptest::collection::vec(any::<u8>(), 0..12),
    ];
    (class, instruction(), parameter.clone(), parameter, body)
        .prop_map(|(class, ins, p1, p2, body)| [vec![class, ins, p1, p2], body].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn i_1_i_2_i_3_sequences_of_commands(commands in proptest::collection::vec(command(), 1..12), which in 0_usize..18) {
        let mut card = CARDS.with(|cards| cards[which].clone());
        for command in commands {
            let expected = check(&card, &command)?;
            prop_assert_eq!(answer(&mut card, &command), expected);
        }
    }

    #[test]
    fn i_1_any_bytes_get_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut card = Desk::t0("gen3").card;
        prop_assert!(answer(&mut card, &bytes).len() >= 2);
    }
}

#[test]
fn i_1_every_length_up_to_70000_gets_an_answer() {
    let mut card = Desk::t1("gen3").card;
    let long = vec![0; 70_000];
    for length in (0..600).chain([65_535, 65_544, 65_548, 70_000]) {
        assert!(answer(&mut card, &long[..length]).len() >= 2, "{length}");
    }
}

#[test]
fn i_1_every_header_gets_an_answer_of_the_table() {
    for mut desk in [Desk::t0("gen3"), Desk::t1("gen2")] {
        desk.all_ok(&[SELECT_SSSE]);
        let card = desk.card;
        for class in 0..=0xFF_u8 {
            for ins in 0..=0xFF_u8 {
                for tail in [&[][..], &[0], &[1, 0]] {
                    let command = [&[class, ins, 0, 0], tail].concat();
                    check(&card, &command)
                        .unwrap_or_else(|error| panic!("{command:02X?}: {error}"));
                }
            }
        }
    }
}

#[test]
fn i_2_pieces_concatenate_to_the_whole() {
    let mut whole = Desk::toml("base = \"gen2\"\nprotocol = \"T=1\"\nextended_length = true");
    let mut pieces = Desk::t0("gen2");
    for (aid, all) in [("D15600000501", "00B20105"), ("D15600000502", "00B20105")] {
        let file = if aid.ends_with('1') { "EF05" } else { "EF06" };
        for desk in [&mut whole, &mut pieces] {
            desk.all_ok(&[SELECT_SSSE, "0020000003123456"]);
            desk.all_ok(&[&format!("00A4040006{aid}"), &format!("00A4000002{file}")]);
        }
        let direct = whole.send(&format!("{all}000000"));
        assert!(direct.ends_with("9000"));
        assert!(direct.len() > 2 * 258);
        assert_eq!(pieces.follow(&format!("{all}00")), direct);
    }
}
