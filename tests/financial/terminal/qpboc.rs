//! docs/standards/financial.md §4 as the terminal sees it: fDDA, restrictions, what follows a failure.

use sscard_elements::tag;
use sscard_terminal::payment::{AuthenticationFailure, Outcome, Payment, Settings, TestIssuer};

use super::liar::{card, honest, pay_card, removed, replaced};
use crate::harness::hex;

fn settings() -> Settings {
    Settings { amount: 500, contactless: true, ..Settings::default() }
}

/// A card with these qualifiers (tag 9F6C), whose signature is wrong.
fn unsigned(ctq: &str, settings: &Settings, issuer: &mut TestIssuer) -> Payment {
    let card = card(&format!("[financial.objects]\n9F6C = \"{ctq}\"\n"));
    let mut signature = replaced(0x9F4B, vec![0x5A; 144]);
    let payment = pay_card(card, settings, issuer, &mut signature).expect("payment");
    assert!(!payment.authentication.ok);
    assert_eq!(payment.tvr.bytes()[0], 0x08);
    payment
}

#[test]
fn d_4_5_a_terminal_of_version_01_demands_9f69() {
    let payment = honest(card(""), &settings(), &mut TestIssuer::default());
    assert_eq!(payment.outcome, Outcome::Approved);
    assert_eq!(
        payment.data.value(tag::CARD_AUTHENTICATION_DATA).map(|related| related[0]),
        Some(0x01)
    );
    // The card falls back to version 00.
    let version_00 = || card("[financial.objects]\n9F69 = \"absent\"\n");
    let payment = honest(version_00(), &settings(), &mut TestIssuer::default());
    assert_eq!(
        payment.authentication.reason,
        Some(AuthenticationFailure::Missing(tag::CARD_AUTHENTICATION_DATA))
    );
    assert_eq!((payment.outcome, payment.tvr.bytes()[0]), (Outcome::Declined, 0x28));
    let of_00 = Settings { qualifiers: [0x36, 0x00, 0x00, 0x00], ..settings() };
    let payment = honest(version_00(), &of_00, &mut TestIssuer::default());
    assert_eq!((payment.outcome, payment.authentication.ok), (Outcome::Approved, true));
    // Another version.
    let mut other = |_: &[u8], response: &mut Vec<u8>| {
        super::liar::rewrite(response, 0x9F69, &mut |value| Some([&[0x02], &value[1..]].concat()));
    };
    let payment = pay_card(card(""), &settings(), &mut TestIssuer::default(), &mut other);
    let payment = payment.expect("payment");
    let reason = AuthenticationFailure::Mismatch("tag 9F69 is not of version 01");
    assert_eq!(payment.authentication.reason, Some(reason));
    assert_eq!(payment.outcome, Outcome::Declined);
}

#[test]
fn d_4_4_an_approval_without_a_signature_is_none() {
    let mut without = removed(0x9F4B);
    let payment = pay_card(card(""), &settings(), &mut TestIssuer::default(), &mut without);
    let payment = payment.expect("payment");
    assert_eq!(
        payment.authentication.reason,
        Some(AuthenticationFailure::Missing(tag::SIGNED_DYNAMIC_DATA))
    );
    assert_eq!(payment.outcome, Outcome::Declined);
}

#[test]
fn d_4_1_ctq_b6_goes_online() {
    // The issuer sees the TC and decides.
    let payment = unsigned("2000", &settings(), &mut TestIssuer::default());
    let first = payment.first.expect("cryptogram");
    assert_eq!((payment.outcome, first.kind()), (Outcome::Approved, "TC"));
    let issuer = payment.issuer.expect("asked");
    assert_eq!((issuer.arqc_ok, issuer.response_code), (true, *b"00"));
    let mut declines = TestIssuer { declines: true, ..TestIssuer::default() };
    let payment = unsigned("2000", &settings(), &mut declines);
    assert_eq!(payment.outcome, Outcome::Declined);
    let mut silent = TestIssuer { unreachable: true, ..TestIssuer::default() };
    assert_eq!(unsigned("2000", &settings(), &mut silent).outcome, Outcome::Declined);
    // Terminals that cannot go online, and cards that do not ask for it.
    let offline = Settings { online: false, ..settings() };
    let offline_only = Settings { qualifiers: [0x3E, 0x00, 0x00, 0x80], ..settings() };
    for (ctq, settings) in [("2000", offline), ("2000", offline_only), ("0000", settings())] {
        let payment = unsigned(ctq, &settings, &mut TestIssuer::default());
        assert_eq!((payment.outcome, payment.issuer), (Outcome::Declined, None));
    }
}

#[test]
fn d_4_1_ctq_b5_terminates() {
    let payment = unsigned("1000", &settings(), &mut TestIssuer::default());
    assert_eq!((payment.outcome, payment.issuer), (Outcome::TryContact, None));
    assert_eq!(payment.outcome.name(), "try_contact");
    // Both bits: online goes first, and the contact reader when there is no way online.
    let payment = unsigned("3000", &settings(), &mut TestIssuer::default());
    assert_eq!(payment.outcome, Outcome::Approved);
    let offline = Settings { online: false, ..settings() };
    let payment = unsigned("3000", &offline, &mut TestIssuer::default());
    assert_eq!(payment.outcome, Outcome::TryContact);
    // No contact interface.
    let qualifiers = [0x26, 0x00, 0x00, 0x80];
    let payment =
        unsigned("1000", &Settings { qualifiers, ..settings() }, &mut TestIssuer::default());
    assert_eq!(payment.outcome, Outcome::Declined);
}

#[test]
fn d_4_4_an_expired_application_is_declined_before_the_debit() {
    // 5F24 is 340101.
    let good = Settings { date: [0x34, 0x01, 0x01], ..settings() };
    let payment = honest(card(""), &good, &mut TestIssuer::default());
    assert_eq!(payment.outcome, Outcome::Approved);
    let expired = Settings { date: [0x34, 0x01, 0x02], ..settings() };
    let payment = honest(card(""), &expired, &mut TestIssuer::default());
    assert_eq!((payment.outcome, payment.tvr.bytes()[1]), (Outcome::Declined, 0x40));
    let last = payment.exchanges.last().map(|exchange| hex(&exchange.command));
    assert_eq!(last.as_deref(), Some("00B2011C00"), "the record before the last, of file 5");
    assert!(
        !payment.exchanges.iter().any(|exchange| exchange.command.starts_with(&[0, 0xB2, 1, 0x2C]))
    );
}
