//! D16: a locked function works again after a reset, with identity checked.

use sscard_desk::{Counter, Request, Rule};

use super::acts::{AGENT, HOLDER};
use super::city::{City, LI, refusal, refused, visit};

#[test]
fn desk_d16_a_reset_opens_it_with_123456() {
    for (place, papers) in [
        ("village", HOLDER),
        ("community", AGENT),
        ("convenience-center", HOLDER),
        ("bank-branch:ICBC", AGENT),
    ] {
        let mut city = City::active(LI);
        let number = city.card_row(LI).number;
        city.change_pin(LI, "pharmacy", "123456", "654321").expect("changed");
        city.lock(LI);
        city.reset_pin(LI, place, papers).expect(place);
        assert_eq!(city.verify(&number, "654321"), "63C5");
        assert_eq!(city.verify(&number, "123456"), "9000");
        city.change_pin(LI, "pharmacy", "123456", "222222").expect("it works again");
    }
}

#[test]
fn desk_d16_not_without_identity_and_not_at_the_pharmacy() {
    let mut city = City::active(LI);
    city.lock(LI);
    let refusal = refusal(city.reset_pin(LI, "village", &[]));
    assert_eq!(refusal.rule, Rule::D16);
    assert_eq!(refusal.missing, "the holder's identity card is missing");
    assert_eq!(
        refusal.who_can_help,
        "bank-branch, village, community or convenience-center, with identity checked"
    );
    assert_eq!(refused(city.reset_pin(LI, "pharmacy", HOLDER)), Rule::D14);
    let number = city.card_row(LI).number;
    assert_eq!(city.verify(&number, "123456"), "6983");
}

#[test]
fn desk_d16_not_without_the_card_and_no_change_opens_it() {
    let mut city = City::active(LI);
    city.lock(LI);
    let visit = visit("village", HOLDER);
    let outcome = city.desk.perform(Request::ResetPin, &visit, Some(LI), &mut Counter::empty());
    assert_eq!(refused(outcome), Rule::D16);
    assert_eq!(refused(city.change_pin(LI, "village", "123456", "654321")), Rule::D16);
    let number = city.card_row(LI).number;
    assert_eq!(city.verify(&number, "123456"), "6983");
}
