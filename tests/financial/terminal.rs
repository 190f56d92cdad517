//! The terminal's own duties: action codes, certificates, fDDA, scripts' results, broken answers.

mod action_codes;
mod certificates;
mod combined;
mod completion;
mod holder;
mod hostile;
mod issuer;
mod liar;
mod malformed;
mod offline;
mod qpboc;

use sscard_elements::tag;
use sscard_terminal::payment::{IssuerScript, Outcome, Payment, Settings, TestIssuer};

use crate::harness::hex;
use liar::{card, honest, pay_card, removed, replaced};

/// Terminal capabilities without combined cryptograms.
const DDA: [u8; 3] = [0xE0, 0xE8, 0xC0];

/// The commands GENERATE AC.
fn generate(payment: &Payment) -> Vec<String> {
    let commands = payment.exchanges.iter().filter(|exchange| exchange.command[1] == 0xAE);
    commands.map(|exchange| hex(&exchange.command)).collect()
}

fn unreachable() -> TestIssuer {
    TestIssuer { unreachable: true, ..TestIssuer::default() }
}

#[test]
fn unable_online_by_default_action_codes() {
    // The floor limit is in the default action codes.
    let settings = Settings { amount: 1234, capabilities: DDA, ..Settings::default() };
    let payment = honest(card(""), &settings, &mut unreachable());
    assert_eq!(hex(&payment.tvr.bytes()), "0008008000");
    let commands = generate(&payment);
    assert!(commands[1].starts_with("80AE0000225A33"), "{commands:?}");
    assert_eq!(payment.outcome, Outcome::Declined);
    assert_eq!(payment.second.map(|second| second.kind()), Some("AAC"));
    assert_eq!(payment.data.value(tag::RESPONSE_CODE), Some(&b"Z3"[..]));
    // A new card is not.
    let settings = Settings { floor_limit: u64::MAX, wish: Some(0x80), ..settings };
    let payment = honest(card(""), &settings, &mut unreachable());
    assert_eq!(hex(&payment.tvr.bytes()), "0008000000");
    let commands = generate(&payment);
    assert!(commands[1].starts_with("80AE4000225933"), "{commands:?}");
    assert_eq!(payment.outcome, Outcome::Approved);
    assert_eq!(payment.data.value(tag::RESPONSE_CODE), Some(&b"Y3"[..]));
}

#[test]
fn unable_online_without_an_issuer_code_any_bit_declines() {
    let settings = Settings {
        amount: 1234,
        capabilities: [0xE0, 0xE8, 0x00],
        floor_limit: u64::MAX,
        wish: Some(0x80),
        action_codes: [[0x00; 5]; 3],
        ..Settings::default()
    };
    let mut zeros = replaced(0x9F0D, vec![0x00; 5]);
    let payment = pay_card(card(""), &settings, &mut unreachable(), &mut zeros).expect("payment");
    assert_eq!(
        (hex(&payment.tvr.bytes()), payment.outcome),
        ("8008000000".to_owned(), Outcome::Approved)
    );
    let mut absent = removed(0x9F0D);
    let payment = pay_card(card(""), &settings, &mut unreachable(), &mut absent).expect("payment");
    assert_eq!(payment.outcome, Outcome::Declined);
    // The terminal's own code suffices.
    let action_codes = [[0x80, 0, 0, 0, 0], [0x00; 5], [0x00; 5]];
    let settings = Settings { action_codes, ..settings };
    let payment = pay_card(card(""), &settings, &mut unreachable(), &mut zeros).expect("payment");
    assert_eq!(payment.outcome, Outcome::Declined);
}

#[test]
fn an_offline_terminal_takes_e_cash_still() {
    let settings = Settings {
        amount: 1234,
        online: false,
        electronic_cash: true,
        floor_limit: u64::MAX,
        ..Settings::default()
    };
    let payment = honest(card(""), &settings, &mut unreachable());
    assert!(payment.electronic_cash);
    assert_eq!((payment.outcome, payment.second), (Outcome::Approved, None));
}

#[test]
fn d_6_df31() {
    let put = || IssuerScript::PutData(tag::LOWER_OFFLINE_LIMIT_OF_CARD, vec![0x05]);
    let refused = || IssuerScript::PutData(tag::RISK_CURRENCY, vec![0x01, 0x56]);
    let many = || (0..16).map(|_| put()).chain([refused()]).collect();
    let cases: [(&str, Vec<IssuerScript>, &str, usize); 4] = [
        ("all good", vec![put(), put(), put()], "20C0FFEE01", 3),
        ("bad at command 2", vec![put(), refused(), put()], "12C0FFEE01", 2),
        ("bad at command 17", many(), "1FC0FFEE01", 17),
        ("no script", vec![], "", 0),
    ];
    let settings = Settings { amount: 500, ..Settings::default() };
    for (name, scripts, expected, sent) in cases {
        let mut issuer = TestIssuer {
            scripts,
            script_identifier: [0xC0, 0xFF, 0xEE, 0x01],
            ..TestIssuer::default()
        };
        let payment = honest(card(""), &settings, &mut issuer);
        assert_eq!(hex(&payment.issuer_script_results.concat()), expected, "{name}");
        assert_eq!(
            payment.data.value(tag::ISSUER_SCRIPT_RESULTS).map(hex).unwrap_or_default(),
            expected,
            "{name}"
        );
        let statuses = payment.scripts.iter().filter(|script| script.status.is_some());
        assert_eq!(statuses.count(), sent, "{name}");
        assert_eq!(payment.tvr.bytes()[4] & 0x10 != 0, expected.starts_with('1'), "{name}");
    }
    // Not sent: the card is out of the field when the issuer answers.
    let mut issuer = TestIssuer { scripts: vec![put(), put()], ..TestIssuer::default() };
    let settings = Settings { amount: 200_000, contactless: true, ..settings };
    let payment = honest(card(""), &settings, &mut issuer);
    assert_eq!(payment.outcome, Outcome::Approved);
    assert_eq!(
        payment.data.value(tag::ISSUER_SCRIPT_RESULTS).map(hex).as_deref(),
        Some("0000000001")
    );
    assert_eq!(payment.scripts.iter().map(|script| script.status).collect::<Vec<_>>(), [None; 2]);
}
