//! A card in this process: how it gets its power.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use sscard_core::{Card, Interface};
use sscard_host::{InProcess, Transport, TransportError};
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};

const CHALLENGE: [u8; 5] = [0x00, 0x84, 0x00, 0x00, 0x08];

fn card() -> Card {
    let profile = built_in("gen3").expect("a profile");
    issue(&profile, &synthetic_holder(1), &MasterKeys::test()).expect("a card")
}

fn challenge(card: &mut InProcess) -> Result<Vec<u8>, TransportError> {
    let mut response = Vec::new();
    card.transmit(&CHALLENGE, &mut response).map(|()| response)
}

#[test]
fn a_card_as_it_is_says_nothing_before_a_reset_and_then_what_a_powered_one_says() {
    let mut as_it_is = InProcess::as_it_is(card());
    assert_eq!(as_it_is.atr(), &*card().atr());
    assert_eq!(challenge(&mut as_it_is), Err(TransportError::Removed));
    as_it_is.reset().expect("power");
    let mut powered = InProcess::power_on(card()).expect("power");
    assert_eq!(challenge(&mut as_it_is), challenge(&mut powered));
}

#[test]
fn resets_power_a_card_by_what_is_asked_for_until_something_else_is() {
    let mut card = InProcess::as_it_is(card());
    card.power_by(Interface::Contactless);
    card.reset().expect("a field");
    assert_eq!(card.atr(), [0x3B, 0x80, 0x80, 0x01, 0x01]);
    card.reset().expect("the same field");
    assert_eq!(card.card().interface(), Interface::Contactless);
    card.power_by(Interface::Contact);
    card.reset().expect("the contacts");
    assert_eq!((card.card().interface(), card.atr().len()), (Interface::Contact, 17));
}
