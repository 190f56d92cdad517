//! D10: the old card's medical balance moves to the new card, exactly once, to the cent.

use sscard_desk::register::CardRow;
use sscard_desk::{AccountState, Cents, Reason, Request, Rule, TextEncoding, read_residents};

use super::acts::HOLDER;
use super::city::{City, LI, TODAY, WANG, holder_at, refused};
use crate::harness::SELECT_SSSE;

#[test]
fn desk_d10_the_balance_moves_once_to_the_cent() {
    let mut city = City::collected();
    let cents = |city: &City| {
        city.rows(LI).iter().map(|row| (row.medical.value(), row.purse.value())).collect::<Vec<_>>()
    };
    assert_eq!(cents(&city), [(0, 0), (12345, 0)]);
    let done = city.activate(LI, "village", HOLDER).expect("activated");
    assert_eq!(done.moved.value(), 12345);
    assert!(done.rules.contains(&Rule::D10));
    assert_eq!(cents(&city), [(12345, 0), (0, 0)], "generation 3 has no purse");
    assert_eq!(city.medical(), (12345, 12345));
    // The second activation, of the other function, moves nothing.
    let done = city.activate(LI, "bank-branch:ICBC", HOLDER).expect("activated");
    assert_eq!(done.moved.value(), 0);
    assert_eq!(cents(&city), [(12345, 0), (0, 0)]);
    assert_eq!(city.medical(), (12345, 12345));
}

#[test]
fn desk_d10_the_chips_purse_is_loaded_where_there_is_one() {
    let mut city = City::collected_of("gen2");
    let number = city.card_row(LI).number;
    city.activate(LI, "bank-branch:ICBC", HOLDER).expect("activated");
    let row = city.card_row(LI);
    assert_eq!((row.medical.value(), row.purse.value()), (12345, 12345));
    assert_eq!(city.purse(&number), 12345);
}

#[test]
fn desk_d10_money_credited_before_activation_stays_with_the_card_in_use() {
    let mut city = City::collected();
    city.desk.credit_medical(LI, Cents::new(55), TODAY).expect("credited");
    let cents: Vec<_> = city.rows(LI).iter().map(|row| row.medical.value()).collect();
    assert_eq!(cents, [0, 12400]);
    assert_eq!(city.medical(), (12400, 12400));
    let done = city.activate(LI, "village", HOLDER).expect("activated");
    assert_eq!(done.moved.value(), 12400);
    city.desk.credit_medical(LI, Cents::new(1), TODAY).expect("credited");
    let cents: Vec<_> = city.rows(LI).iter().map(|row| row.medical.value()).collect();
    assert_eq!(cents, [12401, 0]);
    assert_eq!(city.medical(), (12401, 12401));
}

#[test]
fn desk_d10_money_follows_through_two_replacements() {
    let mut city = City::active(LI);
    for _ in 0..2 {
        city.replace(LI, "card-outlet:ICBC", HOLDER, Reason::Lost).expect("replaced");
        city.desk.credit_medical(LI, Cents::new(10), TODAY).expect("credited");
        let new = city.card_row(LI);
        assert_eq!(new.medical.value(), 0, "not activated yet");
    }
    let done = city.activate(LI, "bank-branch:ICBC", HOLDER).expect("activated");
    assert_eq!(done.moved.value(), 12365);
    let cents: Vec<_> = city.rows(LI).iter().map(|row| row.medical.value()).collect();
    assert_eq!(cents, [12365, 0, 0, 0]);
    assert_eq!(city.medical(), (12365, 12365));
}

#[test]
fn desk_d10_nothing_moves_where_nothing_was_activated() {
    let mut city = City::collected();
    let visit = holder_at("bank-branch:BOC");
    let outcome =
        city.with(LI, |desk, counter| desk.perform(Request::Activate, &visit, None, counter));
    assert_eq!(refused(outcome), Rule::D06);
    assert_eq!(city.rows(LI)[1].medical.value(), 12345);
    let done = city.activate(WANG, "bank-branch:BOC", HOLDER).expect("no old card");
    assert_eq!(done.moved.value(), 0);
    let number = city.card_row(LI).number;
    assert_eq!(city.answer(&number, &[SELECT_SSSE]), "6283");
}

/// A newcomer with an old card of generation 1 and so much on it; the old card is kept.
fn newcomer(city: &mut City, balance: &str) -> &'static str {
    const NEW: &str = "999901199001010010";
    let rows = format!(
        "name,number,mobile,bank,old_card,medical_balance\n孙测戊,{NEW},13800000005,ICBC,gen1,{balance}\n"
    );
    let residents = read_residents(rows.as_bytes(), TextEncoding::Utf8).expect("residents");
    let City { desk, cards, .. } = city;
    let mut keep = |row: &CardRow, card| {
        cards.insert(row.number.clone(), card);
        Ok(())
    };
    desk.import(&residents, TODAY, &mut keep).expect("imported");
    NEW
}

#[test]
fn desk_d10_more_than_a_purse_holds_still_moves_in_the_register() {
    let mut city = City::of_profile("gen2");
    let holder = newcomer(&mut city, "20000000.00");
    city.replace(holder, "card-outlet:ICBC", HOLDER, Reason::Damaged).expect("replaced");
    let done = city.activate(holder, "bank-branch:ICBC", HOLDER).expect("activated");
    assert_eq!(done.moved.value(), 2_000_000_000);
    let row = city.card_row(holder);
    assert_eq!((row.medical.value(), row.purse.value()), (2_000_000_000, 1_000_000_000));
    assert_eq!(city.purse(&row.number), 1_000_000_000);
}

#[test]
fn desk_d10_a_successor_of_an_old_generation_has_an_account() {
    let mut city = City::delivered();
    let holder = newcomer(&mut city, "1.00");
    let old = city.card_row(holder).number;
    city.replace(holder, "card-outlet:ICBC", HOLDER, Reason::Damaged).expect("replaced");
    assert_eq!(city.chip(&old).0, "6A81");
    assert_eq!(city.account(holder).state, AccountState::Dormant);
    city.activate(holder, "bank-branch:ICBC", HOLDER).expect("activated");
    assert_eq!(city.account(holder).state, AccountState::Active);
    assert_eq!(city.card_row(holder).medical.value(), 100);
}
