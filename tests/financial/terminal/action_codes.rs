//! EMV Book 3 §10.7: the issuer's action codes and the terminal's, each of denial, online and default,
//! in whole payments; crates/terminal holds each bit of them by itself.

use sscard_terminal::payment::{Outcome, Payment, Settings, TestIssuer};

use super::liar::{card, pay_card, rewrite};
use super::{generate, unreachable};
use crate::harness::hex;

const DEFAULT: u32 = 0x9F0D;
const DENIAL: u32 = 0x9F0E;
const ONLINE: u32 = 0x9F0F;
const NOTHING: [u8; 5] = [0; 5];
/// The one result of these payments: the amount is at the floor limit.
const AT_THE_LIMIT: [u8; 5] = [0, 0, 0, 0x80, 0];

/// The amount is at the floor limit and the application was used online before: TVR 0000008000.
fn settings(online: bool, terminal: [[u8; 5]; 3]) -> Settings {
    Settings {
        amount: 500,
        floor_limit: 500,
        online,
        capabilities: super::DDA,
        action_codes: terminal,
        ..Settings::default()
    }
}

/// Pays with a card whose codes are these; denial, online, default.
fn paid(settings: &Settings, issuer: [[u8; 5]; 3]) -> Payment {
    let mut change = |_: &[u8], response: &mut Vec<u8>| {
        for (tag, code) in [DENIAL, ONLINE, DEFAULT].into_iter().zip(issuer) {
            rewrite(response, tag, &mut |_| Some(code.to_vec()));
        }
    };
    let used = used();
    let paid = pay_card(used, settings, &mut unreachable_or(settings), &mut change);
    paid.unwrap_or_else(|error| panic!("{error}"))
}

fn unreachable_or(settings: &Settings) -> TestIssuer {
    if settings.online { TestIssuer::default() } else { unreachable() }
}

/// A card that offers no offline data authentication and has been online.
fn used() -> sscard_core::Card {
    let mut bank = super::super::bank::Bank::new("aip = \"1C00\"\n");
    bank.online();
    bank.card.power_off();
    bank.card
}

/// P1 of the first GENERATE AC.
fn asked(payment: &Payment) -> String {
    generate(payment)[0][4..6].to_owned()
}

/// TVR of these payments: offline data authentication was not performed, the floor limit was reached.
const RESULTS: &str = "8000008000";

#[test]
fn d_10_7_each_action_code_of_the_issuer_and_of_the_terminal() {
    // denial, online, default of the issuer; default, denial, online of the terminal.
    let hit = AT_THE_LIMIT;
    for (name, online, issuer, terminal, p1) in [
        ("nothing", true, [NOTHING; 3], [NOTHING; 3], "40"),
        ("nothing, offline", false, [NOTHING; 3], [NOTHING; 3], "40"),
        ("issuer denial", true, [hit, NOTHING, NOTHING], [NOTHING; 3], "00"),
        ("issuer denial, offline", false, [hit, NOTHING, NOTHING], [NOTHING; 3], "00"),
        ("denial goes before online", true, [hit, hit, NOTHING], [NOTHING; 3], "00"),
        ("issuer online", true, [NOTHING, hit, NOTHING], [NOTHING; 3], "80"),
        ("issuer online, offline", false, [NOTHING, hit, NOTHING], [NOTHING; 3], "40"),
        ("issuer default", true, [NOTHING, NOTHING, hit], [NOTHING; 3], "40"),
        ("issuer default, offline", false, [NOTHING, NOTHING, hit], [NOTHING; 3], "00"),
        ("terminal denial", true, [NOTHING; 3], [NOTHING, hit, NOTHING], "00"),
        ("terminal denial, offline", false, [NOTHING; 3], [NOTHING, hit, NOTHING], "00"),
        ("terminal online", true, [NOTHING; 3], [NOTHING, NOTHING, hit], "80"),
        ("terminal online, offline", false, [NOTHING; 3], [NOTHING, NOTHING, hit], "40"),
        ("terminal default", true, [NOTHING; 3], [hit, NOTHING, NOTHING], "40"),
        ("terminal default, offline", false, [NOTHING; 3], [hit, NOTHING, NOTHING], "00"),
    ] {
        let payment = paid(&settings(online, terminal), issuer);
        assert_eq!(hex(&payment.tvr.bytes()), RESULTS, "{name}");
        assert_eq!(asked(&payment), p1, "{name}");
        let outcome = if p1 == "00" { Outcome::Declined } else { Outcome::Approved };
        assert_eq!(payment.outcome, outcome, "{name}");
        assert_eq!(payment.issuer.is_some(), p1 == "80", "{name}");
    }
}

#[test]
fn d_10_7_after_an_arqc_that_cannot_be_sent_default_decides_and_denial_does_not() {
    let hit = AT_THE_LIMIT;
    for (name, issuer, terminal, code) in [
        ("nothing", [NOTHING; 3], [NOTHING; 3], "5933"),
        ("issuer default", [NOTHING, NOTHING, hit], [NOTHING; 3], "5A33"),
        ("terminal default", [NOTHING; 3], [hit, NOTHING, NOTHING], "5A33"),
    ] {
        let mut settings = settings(true, terminal);
        settings.wish = Some(0x80);
        let mut change = |_: &[u8], response: &mut Vec<u8>| {
            for (tag, code) in [DENIAL, ONLINE, DEFAULT].into_iter().zip(issuer) {
                rewrite(response, tag, &mut |_| Some(code.to_vec()));
            }
        };
        let payment = pay_card(used(), &settings, &mut unreachable(), &mut change);
        let payment = payment.unwrap_or_else(|error| panic!("{error}"));
        let second = &generate(&payment)[1];
        let p1 = if code == "5933" { "40" } else { "00" };
        assert_eq!((&second[4..6], &second[10..14]), (p1, code), "{name}");
    }
}

#[test]
fn d_10_7_codes_that_the_card_does_not_have() {
    // No denial code denies nothing; no online and no default code stand for every bit.
    for (tag, online, p1) in
        [(DENIAL, true, "40"), (DENIAL, false, "40"), (ONLINE, true, "80"), (DEFAULT, false, "00")]
    {
        let mut change = |_: &[u8], response: &mut Vec<u8>| {
            for code in [DENIAL, ONLINE, DEFAULT] {
                rewrite(response, code, &mut |_| (code != tag).then(|| NOTHING.to_vec()));
            }
        };
        let settings = settings(online, [NOTHING; 3]);
        let payment = pay_card(used(), &settings, &mut unreachable_or(&settings), &mut change);
        let payment = payment.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(asked(&payment), p1, "{tag:04X} {online}");
    }
}

#[test]
fn d_10_6_floor_limit_at_one_below_and_above() {
    for (amount, tvr) in [(499, "8000000000"), (500, "8000008000"), (501, "8000008000")] {
        let settings = Settings { amount, ..settings(true, [NOTHING; 3]) };
        let payment = paid(&settings, [NOTHING, AT_THE_LIMIT, NOTHING]);
        assert_eq!(hex(&payment.tvr.bytes()), tvr, "{amount}");
        assert_eq!(asked(&payment), if amount < 500 { "40" } else { "80" }, "{amount}");
    }
}

#[test]
fn d_10_7_the_built_in_terminal_denies_a_service_that_is_not_allowed() {
    // Application usage control of cash alone: TVR byte 2 bit 5 is in the terminal's denial code.
    let mut cash_only = |_: &[u8], response: &mut Vec<u8>| {
        rewrite(response, 0x9F07, &mut |_| Some(vec![0xC1, 0x00]));
        rewrite(response, DENIAL, &mut |_| Some(NOTHING.to_vec()));
    };
    let settings = Settings { amount: 500, ..Settings::default() };
    let payment = pay_card(card(""), &settings, &mut TestIssuer::default(), &mut cash_only);
    let payment = payment.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((payment.tvr.bytes()[1] & 0x10, asked(&payment).as_str()), (0x10, "00"));
    assert_eq!(payment.outcome, Outcome::Declined);
}
