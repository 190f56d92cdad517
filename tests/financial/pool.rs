//! Cards with ICC key pairs of their own, out of the card pool: what a terminal makes of them.

use sscard_core::{Card, PersonalisationError};
use sscard_host::{Follow, InProcess};
use sscard_profile::{
    IccKeys, MasterKeys, TestKeys, built_in, issue, issue_with, load, synthetic_holder,
    with_accounts,
};
use sscard_terminal::payment::{AuthenticationMethod, Outcome, Payment, Settings, TestIssuer, pay};

use crate::harness::hex;

fn card(profile: &str, icc_keys: IccKeys) -> Card {
    let profile = load(profile).expect("profile");
    issue_with(&profile, &synthetic_holder(7), &MasterKeys::test(), icc_keys).expect("card")
}

fn payment(card: &Card, settings: &Settings) -> Payment {
    let card = if settings.contactless {
        InProcess::enter_field(card.clone())
    } else {
        InProcess::power_on(card.clone())
    };
    let mut card = Follow::new(card.expect("power"));
    pay(&mut card, &mut TestIssuer::default(), settings).unwrap_or_else(|error| panic!("{error}"))
}

/// A payment whose offline data authentication held, by this method.
fn authenticated(card: &Card, method: AuthenticationMethod, sm: bool) -> Payment {
    let methods = match method {
        AuthenticationMethod::Sda => 0x80,
        AuthenticationMethod::Dda => 0x40,
        AuthenticationMethod::Cda => 0x08,
        AuthenticationMethod::None | AuthenticationMethod::Fdda => 0x00,
    };
    let contactless = method == AuthenticationMethod::Fdda;
    let capabilities = [0xE0, 0xE8, methods];
    let settings = Settings { amount: 500, sm, contactless, capabilities, ..Settings::default() };
    let payment = payment(card, &settings);
    let held = &payment.authentication;
    assert_eq!((held.method, held.sm, held.ok), (method, sm, true), "{:?}", held.reason);
    assert_eq!(payment.outcome, Outcome::Approved, "{method:?}");
    payment
}

fn value(payment: &Payment, tag: u32) -> String {
    hex(payment
        .data
        .value(sscard_apdu::tlv::Tag::from_number(tag))
        .unwrap_or_else(|| panic!("{tag:04X}")))
}

const METHODS: [AuthenticationMethod; 4] = [
    AuthenticationMethod::Sda,
    AuthenticationMethod::Dda,
    AuthenticationMethod::Cda,
    AuthenticationMethod::Fdda,
];

#[test]
fn a_card_of_the_pool_is_authenticated_by_every_method_and_family() {
    let card = card("base = \"gen2\"", IccKeys::Pool(5));
    for method in METHODS {
        authenticated(&card, method, false);
        authenticated(&card, method, true);
    }
}

#[test]
fn the_certificates_are_for_the_drawn_pair() {
    let pool = TestKeys::pool();
    for pair in [0, 5, 15] {
        let card = card("base = \"gen3\"", IccKeys::Pool(pair));
        let name = pair.to_string();
        let payment = authenticated(&card, AuthenticationMethod::Dda, false);
        let modulus = pool.rsa(&name).expect("pair").public.modulus();
        assert_eq!(value(&payment, 0x9F48), hex(&modulus[134..]), "pair {pair}");
        assert_eq!(value(&payment, 0x9F47), "03");
        let payment = authenticated(&card, AuthenticationMethod::Dda, true);
        let certificate = value(&payment, 0x9F46);
        let point = hex(pool.sm2_public(&name).expect("pair"));
        assert_eq!(certificate[40..168], point, "pair {pair}");
    }
}

#[test]
fn two_pairs_differ_in_the_certificate_and_in_nothing_that_the_issuer_signs_beside_it() {
    let [a, b] = [5, 6].map(|pair| card("base = \"gen3\"", IccKeys::Pool(pair)));
    for sm in [false, true] {
        let [a, b] = [&a, &b].map(|card| authenticated(card, AuthenticationMethod::Dda, sm));
        assert_ne!(value(&a, 0x9F46), value(&b, 0x9F46));
        for tag in [0x5A, 0x90, 0x93] {
            assert_eq!(value(&a, tag), value(&b, tag), "{tag:02X}");
        }
    }
}

#[test]
fn both_applications_of_a_card_hold_the_pair() {
    let text = "base = \"gen3\"\n[financial]\napplications = 2\n";
    let card = card(text, IccKeys::Pool(9));
    let modulus = TestKeys::pool().rsa("9").expect("pair").public.modulus();
    for aid in [0x01, 0x02] {
        let aid = vec![0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, aid];
        let settings = Settings { amount: 500, aid: Some(aid), ..Settings::default() };
        let payment = payment(&card, &settings);
        assert!(payment.authentication.ok, "{:?}", payment.authentication.reason);
        assert_eq!(value(&payment, 0x9F48), hex(&modulus[134..]));
    }
}

#[test]
fn rsa_keys_of_another_length_are_the_shared_ones() {
    for bits in [0, 768, 1024] {
        let text = format!("base = \"gen3\"\n[financial]\ncard_key = {bits}\n");
        let [pool, shared] = [IccKeys::Pool(5), IccKeys::Shared].map(|keys| card(&text, keys));
        assert_eq!(pool.image(), shared.image(), "{bits}");
    }
}

#[test]
fn issue_is_issue_with_the_shared_pairs() {
    let profile = built_in("gen3").expect("built-in");
    let plain = issue(&profile, &synthetic_holder(7), &MasterKeys::test()).expect("card");
    assert_eq!(plain.image(), card("base = \"gen3\"", IccKeys::Shared).image());
    assert_ne!(plain.image(), card("base = \"gen3\"", IccKeys::Pool(0)).image());
}

#[test]
fn an_account_that_the_holder_brings_keeps_its_keys() {
    let profile = built_in("gen3").expect("built-in");
    let holder = with_accounts(&profile, &synthetic_holder(7));
    let card = issue_with(&profile, &holder, &MasterKeys::test(), IccKeys::Pool(5)).expect("card");
    authenticated(&card, AuthenticationMethod::Cda, false);
    authenticated(&card, AuthenticationMethod::Cda, true);
    assert_eq!(card.image(), self::card("base = \"gen3\"", IccKeys::Shared).image());
}

#[test]
fn the_pool_has_no_seventeenth_pair() {
    let profile = built_in("gen3").expect("built-in");
    let masters = MasterKeys::test();
    let refused = issue_with(&profile, &synthetic_holder(7), &masters, IccKeys::Pool(16));
    assert_eq!(
        refused.err(),
        Some(PersonalisationError::Account("the card pool has the pairs 0 to 15"))
    );
}
