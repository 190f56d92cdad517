//! EMV Book 3 §10.7, Book 1 §12: what an offline terminal declines, what it selects, what it asks for.

use sscard_terminal::payment::{Outcome, Settings, TestIssuer};

use super::liar::{card, honest, pay_card, replaced};
use super::{generate, unreachable};
use crate::harness::hex;

fn offline(electronic_cash: bool) -> Settings {
    Settings {
        amount: 500,
        online: false,
        electronic_cash,
        floor_limit: u64::MAX,
        ..Settings::default()
    }
}

#[test]
fn d_5_a_failed_authentication_is_not_paid_offline() {
    for profile in ["card_key = 0\n", "sm = \"only\"\n"] {
        for electronic_cash in [true, false] {
            let payment =
                honest(card(profile), &offline(electronic_cash), &mut TestIssuer::default());
            assert_eq!(payment.tvr.bytes()[0] & 0x04, 0x04, "{profile}");
            assert!(generate(&payment)[0].starts_with("80AE0000"), "{profile}");
            assert_eq!(payment.outcome, Outcome::Declined, "{profile} e-cash {electronic_cash}");
            assert!(!payment.electronic_cash);
        }
    }
    // The hash is wrong: the certificates are not.
    let mut wrong = replaced(0x9F4B, vec![0x5A; 144]);
    let payment = pay_card(card(""), &offline(true), &mut TestIssuer::default(), &mut wrong);
    assert_eq!(payment.expect("payment").outcome, Outcome::Failed);
    // A terminal that can go online does.
    let online = Settings { online: true, ..offline(true) };
    let payment = honest(card("card_key = 0\n"), &online, &mut TestIssuer::default());
    assert_eq!(payment.first.map(|first| first.kind()), Some("ARQC"));
    assert_eq!((payment.outcome, payment.electronic_cash), (Outcome::Approved, false));
}

#[test]
fn d_5_an_expired_application_pays_no_e_cash() {
    let settings = Settings { date: [0x40, 0x01, 0x01], ..offline(true) };
    let payment = honest(card(""), &settings, &mut unreachable());
    assert_eq!((payment.tvr.bytes()[1] & 0x40, payment.outcome), (0x40, Outcome::Declined));
}

#[test]
fn the_floor_limit_holds_without_terminal_risk_management() {
    let settings = Settings { amount: 1, ..Settings::default() };
    let payment = honest(card("aip = \"7500\"\n"), &settings, &mut TestIssuer::default());
    assert_eq!(payment.first.map(|first| first.kind()), Some("ARQC"));
    assert_eq!(
        (hex(&payment.tvr.bytes()), payment.tsi.bytes()[0] & 0x08),
        ("0000008000".to_owned(), 0)
    );
}

/// Marks the application of this AID as blocked by its answer to SELECT.
fn blocked(aid: &'static [u8]) -> impl FnMut(&[u8], &mut Vec<u8>) {
    move |command, response| {
        let name = command.get(5..).unwrap_or_default();
        let is_selected = command.starts_with(&[0x00, 0xA4, 0x04])
            && (name.starts_with(aid)
                || command.get(3) == Some(&0x00) && aid.starts_with(&name[..name.len() - 1]));
        if is_selected && response.ends_with(&[0x90, 0x00]) {
            let end = response.len() - 2;
            response[end..].copy_from_slice(&[0x62, 0x83]);
        }
    }
}

#[test]
fn book_1_12_4_a_blocked_application_is_no_candidate() {
    const FIRST: &[u8] = &[0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x01];
    let settings = Settings { amount: 500, ..Settings::default() };
    let takes = Settings { takes_blocked: true, ..settings.clone() };
    for pse in ["present", "absent"] {
        let of = |applications| card(&format!("applications = {applications}\npse = \"{pse}\"\n"));
        for (applications, settings, aid, is_blocked) in [
            (2, &settings, "A000000333010102", false),
            (2, &takes, "A000000333010101", true),
            (1, &settings, "A000000333010101", true),
        ] {
            let mut issuer = TestIssuer::default();
            let payment = pay_card(of(applications), settings, &mut issuer, &mut blocked(FIRST));
            let payment = payment.unwrap_or_else(|error| panic!("{pse} {applications}: {error}"));
            assert_eq!((hex(&payment.aid).as_str(), payment.blocked), (aid, is_blocked), "{pse}");
        }
    }
}
