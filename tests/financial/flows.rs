//! Whole transactions of the built-in card, as a terminal sees them.

use sscard_host::{Follow, InProcess};
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};
use sscard_terminal::payment::{Outcome, Payment, Settings, TestIssuer, pay};

fn run(settings: &Settings, issuer: &mut TestIssuer) -> Payment {
    let profile = built_in("gen2").expect("built-in");
    let card = issue(&profile, &synthetic_holder(7), &MasterKeys::test()).expect("card");
    let card =
        if settings.contactless { InProcess::enter_field(card) } else { InProcess::power_on(card) };
    let payment = pay(&mut Follow::new(card.expect("power")), issuer, settings);
    payment.unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn an_online_purchase_with_the_right_pin_is_approved() {
    let settings = Settings { amount: 1234, pin: Some("123456".to_owned()), ..Settings::default() };
    let payment = run(&settings, &mut TestIssuer::default());
    assert_eq!(payment.outcome, Outcome::Approved);
}

#[test]
fn an_online_purchase_under_sm_algorithms_is_approved() {
    let settings =
        Settings { amount: 1234, sm: true, pin: Some("123456".to_owned()), ..Settings::default() };
    let payment = run(&settings, &mut TestIssuer::default());
    assert_eq!(payment.outcome, Outcome::Approved);
}

#[test]
fn an_offline_purchase_takes_e_cash() {
    let settings = Settings {
        amount: 1234,
        online: false,
        electronic_cash: true,
        floor_limit: 1_000_000,
        ..Settings::default()
    };
    let payment = run(&settings, &mut TestIssuer::default());
    assert_eq!(payment.outcome, Outcome::Approved);
}

#[test]
fn a_contactless_5_00_is_approved() {
    for sm in [false, true] {
        let settings = Settings { amount: 500, contactless: true, sm, ..Settings::default() };
        let payment = run(&settings, &mut TestIssuer::default());
        assert_eq!(payment.outcome, Outcome::Approved);
        assert!(payment.authentication.ok);
    }
}
