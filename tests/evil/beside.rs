//! What a single use does not show: a refund, a number that can be predicted, a name of fifty bytes.

use sscard_faults::{EvilCard, Misbehaving};
use sscard_host::{Follow, InProcess};
use sscard_profile::{MasterKeys, holder_of, issue, load};
use sscard_terminal::payment::{IssuerReason, Outcome, PaymentReason, Settings, TestIssuer, pay};
use sscard_terminal::{ReadOptions, SoftwareModule, read_card};

fn evil(name: &str) -> Follow<Misbehaving<InProcess>> {
    let card = EvilCard::named(name).expect("a card");
    let text = card.recipe.card.as_deref().unwrap_or("base = \"gen3\"");
    let profile = load(text).expect("a profile");
    let holder = holder_of(&profile, None);
    let made = issue(&profile, &holder, &MasterKeys::test()).expect("a card");
    let inside = InProcess::power_on(made).expect("power");
    Follow::new(Misbehaving::new(inside, card.recipe.replay()))
}

#[test]
fn a_refund_is_checked_like_a_purchase() {
    let settings = Settings {
        amount: 5_000,
        transaction_type: 0x20,
        capabilities: [0xE0, 0xE8, 0xC0],
        ..Settings::default()
    };
    let mut issuer = TestIssuer::default();
    let paid = pay(&mut evil("refund-fixed-cryptogram"), &mut issuer, &settings).expect("paid");
    let reason = PaymentReason::Issuer(IssuerReason::WrongCryptogram);
    assert_eq!((paid.outcome, paid.reason), (Outcome::Failed, Some(reason)));
}

/// The terminal's number is the one that was predicted, so that the cryptogram is right: what tells is the counter.
#[test]
fn a_cryptogram_that_was_fetched_before_is_right_once() {
    let settings = Settings {
        amount: 5_000,
        capabilities: [0xE0, 0xE8, 0xC0],
        unpredictable: [0x00, 0x00, 0x00, 0x01],
        ..Settings::default()
    };
    let profile = load("base = \"gen3\"").expect("a profile");
    let made = issue(&profile, &holder_of(&profile, None), &MasterKeys::test()).expect("a card");
    let mut issuer = TestIssuer::default();
    let mut play = || {
        let inside = InProcess::power_on(made.clone()).expect("power");
        pay(&mut Follow::new(inside), &mut issuer, &settings).expect("paid")
    };
    assert_eq!(play().outcome, Outcome::Approved);
    let again = play();
    let reason = PaymentReason::Issuer(IssuerReason::CounterSeen);
    assert_eq!((again.outcome, again.reason), (Outcome::Declined, Some(reason)));
    let said = again.issuer.expect("asked");
    assert_eq!((said.arqc_ok, said.response_code), (true, *b"59"));
}

/// The list asks for a PIN in the clear, and the card that could not be authenticated gets none.
#[test]
fn no_pin_is_given_away() {
    for methods in [0x80, 0xC0, 0xC8] {
        let settings = Settings {
            amount: 5_000,
            capabilities: [0xE0, 0xE8, methods],
            pin: Some("123456".to_owned()),
            ..Settings::default()
        };
        let mut issuer = TestIssuer::default();
        let paid = pay(&mut evil("cvm-downgrade"), &mut issuer, &settings).expect("paid");
        assert!(paid.exchanges.iter().all(|exchange| exchange.command[1] != 0x20), "{methods:02X}");
        assert_eq!(paid.outcome, Outcome::Declined);
    }
}

#[test]
fn a_name_of_fifty_bytes_is_read_whole() {
    let report =
        read_card(&mut evil("name-full"), &mut SoftwareModule::test(1), ReadOptions::default());
    let report = report.expect("read");
    assert_eq!(report.text(0x09).as_deref(), Some("欧阳上官司马诸葛东方公孙慕容长"));
    assert_eq!(report.text(0x4E).as_deref(), Some("夏侯皇甫尉迟百里南宫"));
}

#[test]
fn names_that_are_like_an_unknown_one_are_shown() {
    let error = EvilCard::named("pin-wedg").expect_err("no card");
    assert_eq!(
        error.to_string(),
        "there is no evil card 'pin-wedg'; near to it: pin-wedge, pin-tries-0, pin-tries-15, pin-tries-ff, pin-state-lost"
    );
    let error = EvilCard::named("zzzzzzzz").expect_err("no card");
    assert_eq!(error.to_string(), "there is no evil card 'zzzzzzzz'; 'sscard evil list' shows all");
    assert_eq!(EvilCard::named("").expect_err("no card").near, [""; 0]);
}
