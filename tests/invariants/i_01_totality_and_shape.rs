//! I-1, I-2, I-3: any bytes get an answer of the right shape with a status word of the table.

use proptest::prelude::*;
use sscard_core::Card;
use sscard_testkit::check;

use crate::harness::{Desk, SELECT_SSSE};

fn answer(card: &mut Card, command: &[u8]) -> Vec<u8> {
    let mut response = Vec::new();
    card.transmit(command, &mut response);
    response
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
    for mut module in [Desk::t0("psam-3des"), Desk::t1("psam-sm4")] {
        all.push(module.card.clone());
        module.all_ok(&["00A4040006D15600000590", "0084000008"]);
        all.push(module.card.clone());
        let block = if module.card.profile().blueprint().name == "psam-3des" { 8 } else { 16 };
        let data = "11".repeat(16 + block);
        module.all_ok(&[&format!("BFDE4812{:02X}{data}", 16 + block)]);
        all.push(module.card.clone());
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
            0xC0, 0xD6, 0xDC, 0x72, 0xD4, 0xDE, 0xEC, 0xFA,
        ]),
        1 => any::<u8>(),
    ]
}

fn command() -> impl Strategy<Value = Vec<u8>> {
    let class = prop_oneof![
        6 => Just(0x00_u8),
        2 => prop::sample::select(vec![0x80_u8, 0x84, 0x04, 0x10, 0x01, 0x90, 0xBF]),
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
            let expected = check(&card, &command).map_err(|error| TestCaseError::fail(error.to_string()))?;
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
