//! docs/standards/financial.md §1.4: what the first cryptogram leaves in counters, sums and flags, and the
//! comparisons that are not made.

use sscard_core::{Path, Profile};
use sscard_profile::{MasterKeys, issue, load, synthetic_holder};

use super::bank::{AAC, ARQC, Bank, TC, objects_table};
use super::d1_risk::used;

/// Neither the card's first nor its second currency; a country abroad as well.
const ABROAD: u16 = 0x0392;

type Objects<'o> = &'o [(u16, &'o str)];

/// A TC asked for from here on: its kind and CVR.
fn next(bank: &Bank, currency: u16, country: u16) -> (u8, String) {
    let mut bank = bank.clone();
    (bank.terminal.currency, bank.terminal.country) = (currency, country);
    bank.begin();
    let answer = bank.first(TC);
    (answer.kind(), answer.cvr())
}

fn of(kind: u8, cvr: &str) -> (u8, String) {
    (kind, cvr.to_owned())
}

#[test]
fn d_1_4_aac_raises_both_foreign_counters() {
    let mut bank = used(&[(0x9F72, "01"), (0x9F53, "01")]);
    (bank.terminal.currency, bank.terminal.country) = (ABROAD, ABROAD);
    bank.begin();
    assert_eq!(bank.first(AAC).cvr(), "03800000");
    assert_eq!(next(&bank, ABROAD, ABROAD), of(ARQC, "03A02000"));
    assert_eq!(next(&bank, ABROAD, 0x0156), of(ARQC, "03A02000"), "the counter of currencies");
    assert_eq!(next(&bank, 0x0156, ABROAD), of(ARQC, "03A02000"), "the counter of countries");
    assert_eq!(next(&bank, 0x0156, 0x0156), of(TC, "03900000"));
}

#[test]
fn d_1_4_aac_adds_to_no_sum() {
    let mut bank = used(&[(0x9F54, "000000001234"), (0x9F75, "000000001234")]);
    bank.begin();
    bank.first(AAC);
    assert_eq!(next(&bank, 0x0156, 0x0156), of(TC, "03900000"));
}

#[test]
fn d_1_4_arqc_changes_no_counter() {
    let limits =
        [(0x9F72, "01"), (0x9F53, "01"), (0x9F54, "000000001234"), (0x9F75, "000000001234")];
    for place in [ABROAD, 0x0156] {
        let mut bank = used(&limits);
        (bank.terminal.currency, bank.terminal.country) = (place, place);
        bank.begin();
        assert_eq!(bank.first(ARQC).cvr(), "03A00000");
        // The online flag is up, and no limit is passed.
        assert_eq!(next(&bank, place, place), of(ARQC, "03A08000"));
    }
}

#[test]
fn d_1_4_tc_in_the_cards_currency_leaves_the_counter_of_currencies() {
    let mut bank = used(&[(0x9F53, "01")]);
    bank.begin();
    bank.first(TC);
    assert_eq!(next(&bank, ABROAD, 0x0156), of(TC, "03900000"));
}

#[test]
fn d_1_4_tc_dual_sum_in_own_currency() {
    let mut bank = used(&[(0x9F75, "000000002468")]);
    for expected in [of(TC, "03900000"), of(TC, "03900000"), of(ARQC, "03A02000")] {
        assert_eq!(next(&bank, 0x0156, 0x0156), expected);
        bank.begin();
        bank.first(TC);
    }
}

#[test]
fn d_1_4_tc_dual_sum_in_the_second_currency_is_converted() {
    // 12.34 USD at 7.0 are 86.38; 12.34 more are within the limit, one cent above is not.
    for (limit, expected) in
        [("000000009872", of(TC, "03900000")), ("000000009871", of(ARQC, "03A02000"))]
    {
        let mut bank = used(&[(0x9F75, limit), (0x9F73, "10000070")]);
        bank.terminal.currency = 0x0840;
        bank.begin();
        assert_eq!(bank.first(TC).kind(), TC);
        assert_eq!(next(&bank, 0x0156, 0x0156), expected, "{limit}");
    }
}

#[test]
fn d_1_4_tc_in_a_third_currency_leaves_the_dual_sum() {
    let mut bank = used(&[(0x9F75, "000000001234")]);
    bank.terminal.currency = ABROAD;
    bank.begin();
    assert_eq!(bank.first(TC).cvr(), "03900000");
    assert_eq!(next(&bank, 0x0156, 0x0156), of(TC, "03900000"));
}

#[test]
fn d_1_4_comparison_skipped_when_the_card_has_no_element() {
    let none = "000000000000";
    // The missing element, the limits that it would have been compared for, the payment.
    let cases: [(u16, Objects<'_>, u16, u16); 9] = [
        (0x9F58, &[], 0x0156, 0x0156),
        (0x9F53, &[], ABROAD, 0x0156),
        (0x9F72, &[], 0x0156, ABROAD),
        (0x9F57, &[(0x9F72, "00")], 0x0156, ABROAD),
        (0x9F54, &[], 0x0156, 0x0156),
        (0x9F75, &[], 0x0156, 0x0156),
        (0x9F51, &[(0x9F53, "00"), (0x9F54, none), (0x9F75, none)], 0x0156, 0x0156),
        (0x9F76, &[(0x9F53, "FF"), (0x9F75, none)], 0x0840, 0x0156),
        (0x9F73, &[(0x9F53, "FF"), (0x9F75, none)], 0x0840, 0x0156),
    ];
    for (absent, limits, currency, country) in cases {
        let mut objects = limits.to_vec();
        if absent != 0x9F58 {
            objects.push((0x9F58, "FF"));
        }
        // The other of the two sums would stop at these amounts.
        match absent {
            0x9F54 => objects.push((0x9F75, "999999999999")),
            0x9F75 => objects.push((0x9F54, "999999999999")),
            _ => {}
        }
        objects.push((absent, "absent"));
        let mut bank = used(&objects);
        (bank.terminal.currency, bank.terminal.country) = (currency, country);
        bank.terminal.amount = if matches!(absent, 0x9F54 | 0x9F75) { 100_000 } else { 1 };
        for payment in 1..=12 {
            bank.begin();
            let answer = bank.first(TC);
            let seen = (answer.kind(), answer.cvr());
            assert_eq!(seen, of(TC, "03900000"), "without {absent:04X}, payment {payment}");
        }
    }
}

#[test]
fn d_1_4_comparison_skipped_when_the_terminal_gives_no_amount() {
    for (limits, currency) in [
        ([(0x9F54, "000000000000"), (0x9F75, "999999999999")], 0x0156),
        ([(0x9F54, "999999999999"), (0x9F75, "000000000000")], 0x0840),
    ] {
        let mut bank = used(&limits);
        bank.terminal.currency = currency;
        bank.begin();
        assert_eq!(bank.first(TC).cvr(), "03A02000", "above the limit");
        bank.second(TC, "Y3");
        // The sum is above the limit now.
        bank.terminal.amount = 1;
        bank.begin();
        assert_eq!(bank.first(TC).cvr(), "03A0A000");
        bank.terminal.amount = 0;
        bank.begin();
        assert_eq!(bank.first(TC).cvr(), "03A08000", "nothing to compare");
    }
}

/// A card that offers issuer authentication under the SM algorithms alone.
fn half_offered(objects: &[(u16, &str)]) -> Bank {
    let mut bank = Bank::with(objects);
    let text = format!("base = \"gen2\"\nprotocol = \"T=1\"\n{}", objects_table(objects));
    let mut blueprint = load(&text).expect("profile").blueprint().clone();
    for options in &mut blueprint.financial.applications[0].processing_options {
        if options.path == Path::Standard && !options.sm {
            options.aip = [0x79, 0x00];
        }
    }
    let profile = Profile::new(blueprint).expect("blueprint");
    bank.card = issue(&profile, &synthetic_holder(7), &MasterKeys::test()).expect("card");
    bank.card.power_on().expect("power");
    bank
}

#[test]
fn d_1_4_check_2_only_when_the_aip_offers_issuer_authentication() {
    let mut bank = half_offered(&[(0x9F52, "8000")]);
    bank.terminal.sm = true;
    assert!(bank.begin().starts_with("80127D00"));
    bank.first(ARQC);
    assert_eq!(bank.issuer("00"), "9000");
    assert_eq!(bank.issuer("00"), "6985", "the flag is up");
    assert_eq!(bank.second(TC, "00").kind(), TC);
    assert_eq!(next(&bank, 0x0156, 0x0156), of(ARQC, "03A00800"));
    bank.terminal.sm = false;
    assert_eq!(next(&bank, 0x0156, 0x0156), of(TC, "03900000"));
    // A card that never offers it never has the flag.
    let mut bank = Bank::new("aip = \"7900\"\n");
    assert!(bank.begin().starts_with("80127900"));
    bank.first(ARQC);
    for _ in 0..2 {
        assert_eq!(bank.wrong_issuer(), "6985");
    }
    assert_eq!(bank.second(TC, "00").cvr(), "03601000");
    assert_eq!(next(&bank, 0x0156, 0x0156), of(TC, "03900000"));
}
