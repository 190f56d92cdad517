//! D10: the old card's medical balance moves to the new card, exactly once, to the cent.

use sscard_desk::{Reason, Rule};
use sscard_host::{Follow, InProcess};

use super::acts::HOLDER;
use super::city::{City, LI, TODAY, WANG, holder_at, refused};
use crate::harness::SELECT_SSSE;

/// What the chip's purse says, in cents.
fn purse(city: &mut City, number: &str) -> u32 {
    let card = city.cards.remove(number).expect("a card");
    let mut card = Follow::new(InProcess::power_on(card).expect("power"));
    let mut response = Vec::new();
    let name = sscard_core::catalogue::APPLICATIONS
        .iter()
        .find(|application| application.fid == 0xDF04)
        .expect("DF04")
        .df_name;
    for name in [&sscard_core::catalogue::SSSE_NAME[..], name] {
        let select = [&[0x00, 0xA4, 0x04, 0x00, name.len() as u8], name].concat();
        sscard_host::Transport::transmit(&mut card, &select, &mut response).expect("answer");
        assert!(response.ends_with(&[0x90, 0x00]), "{response:02X?}");
    }
    let balance = sscard_terminal::purse::balance(&mut card).expect("a purse");
    city.cards.insert(number.to_owned(), card.into_inner().into_card());
    balance
}

#[test]
fn desk_d10_the_balance_moves_once_to_the_cent() {
    let mut city = City::collected();
    let cents = |city: &City| {
        city.rows(LI).iter().map(|row| (row.medical_cents, row.purse_cents)).collect::<Vec<_>>()
    };
    assert_eq!(cents(&city), [(0, 0), (12345, 0)]);
    let done = city.activate(LI, "village", HOLDER).expect("activated");
    assert_eq!(done.moved_cents, 12345);
    assert!(done.rules.contains(&Rule::D10));
    assert_eq!(cents(&city), [(12345, 0), (0, 0)], "generation 3 has no purse");
    assert_eq!(city.medical(), (12345, 12345));
    // The second activation, of the other function, moves nothing.
    let done = city.activate(LI, "bank-branch:ICBC", HOLDER).expect("activated");
    assert_eq!(done.moved_cents, 0);
    assert_eq!(cents(&city), [(12345, 0), (0, 0)]);
    assert_eq!(city.medical(), (12345, 12345));
}

#[test]
fn desk_d10_the_chips_purse_is_loaded_where_there_is_one() {
    let mut city = City::collected_of("gen2");
    let number = city.card_row(LI).number;
    city.activate(LI, "bank-branch:ICBC", HOLDER).expect("activated");
    let row = city.card_row(LI);
    assert_eq!((row.medical_cents, row.purse_cents), (12345, 12345));
    assert_eq!(purse(&mut city, &number), 12345);
}

#[test]
fn desk_d10_money_credited_before_activation_stays_with_the_card_in_use() {
    let mut city = City::collected();
    city.desk.credit_medical(LI, 55, TODAY).expect("credited");
    let cents: Vec<_> = city.rows(LI).iter().map(|row| row.medical_cents).collect();
    assert_eq!(cents, [0, 12400]);
    assert_eq!(city.medical(), (12400, 12400));
    let done = city.activate(LI, "village", HOLDER).expect("activated");
    assert_eq!(done.moved_cents, 12400);
    city.desk.credit_medical(LI, 1, TODAY).expect("credited");
    let cents: Vec<_> = city.rows(LI).iter().map(|row| row.medical_cents).collect();
    assert_eq!(cents, [12401, 0]);
    assert_eq!(city.medical(), (12401, 12401));
}

#[test]
fn desk_d10_money_follows_through_two_replacements() {
    let mut city = City::active(LI);
    for _ in 0..2 {
        city.replace(LI, "card-outlet:ICBC", HOLDER, Reason::Lost).expect("replaced");
        city.desk.credit_medical(LI, 10, TODAY).expect("credited");
        let new = city.card_row(LI);
        assert_eq!(new.medical_cents, 0, "not activated yet");
    }
    let done = city.activate(LI, "bank-branch:ICBC", HOLDER).expect("activated");
    assert_eq!(done.moved_cents, 12365);
    let cents: Vec<_> = city.rows(LI).iter().map(|row| row.medical_cents).collect();
    assert_eq!(cents, [12365, 0, 0, 0]);
    assert_eq!(city.medical(), (12365, 12365));
}

#[test]
fn desk_d10_nothing_moves_where_nothing_was_activated() {
    let mut city = City::collected();
    let visit = holder_at("bank-branch:BOC");
    let outcome = city.with(LI, |desk, counter| desk.activate(&visit, None, counter));
    assert_eq!(refused(outcome), Rule::D06);
    assert_eq!(city.rows(LI)[1].medical_cents, 12345);
    let done = city.activate(WANG, "bank-branch:BOC", HOLDER).expect("no old card");
    assert_eq!(done.moved_cents, 0);
    let number = city.card_row(LI).number;
    assert_eq!(city.answer(&number, &[SELECT_SSSE]), "6283");
}
