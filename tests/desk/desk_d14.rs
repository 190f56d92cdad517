//! D14: the transaction password is reset, and the query password modified, at bank, village,
//! community and convenience centre; the pharmacy does neither.

use sscard_desk::Rule;

use super::acts::HOLDER;
use super::city::{City, LI, refusal, refused};

const PLACES: [&str; 5] =
    ["bank-branch:ICBC", "bank-branch:ABC", "village", "community", "convenience-center"];
const ELSEWHERE: [&str; 5] = ["pharmacy", "kiosk", "website", "hr-outlet", "card-outlet:ICBC"];

#[test]
fn desk_d14_the_transaction_password_is_reset_at_four_kinds_of_places() {
    let mut city = City::active(LI);
    let number = city.card_row(LI).number;
    for place in PLACES {
        city.change_pin(LI, "pharmacy", "123456", "654321").expect("changed");
        let done = city.reset_pin(LI, place, HOLDER).expect(place);
        assert_eq!(done.rules, [Rule::D14, Rule::D16]);
        assert_eq!(city.verify(&number, "123456"), "9000", "{place}");
    }
}

#[test]
fn desk_d14_the_pharmacy_resets_nothing() {
    let mut city = City::active(LI);
    city.change_pin(LI, "pharmacy", "123456", "654321").expect("changed");
    for place in ELSEWHERE {
        let refusal = refusal(city.reset_pin(LI, place, HOLDER));
        assert_eq!(refusal.rule, Rule::D14);
        assert_eq!(refusal.who_can_help, "bank-branch, village, community or convenience-center");
    }
    let number = city.card_row(LI).number;
    assert_eq!(city.verify(&number, "654321"), "9000");
}

#[test]
fn desk_d14_the_query_password_is_modified_there_too_without_the_card() {
    let mut city = City::active(LI);
    for (at, place) in PLACES.into_iter().enumerate() {
        let new = format!("1234567{at}");
        let done = city.change_query_password(LI, place, HOLDER, &new).expect(place);
        assert_eq!(
            (done.operation.as_str(), &done.rules[..]),
            ("query-pin-change", &[Rule::D14][..])
        );
        city.change_mobile(LI, "kiosk", &[], Some(&new)).expect("it is the password now");
    }
    let old = city.change_mobile(LI, "kiosk", &[], Some("12345670"));
    assert_eq!(refused(old), Rule::D21, "the one before is not");
}

#[test]
fn desk_d14_the_pharmacy_does_not_modify_the_query_password() {
    let mut city = City::active(LI);
    let hash = |city: &City| {
        city.desk.register().look(|ledger| ledger.holder(LI)).expect("holder").query_hash
    };
    let before = hash(&city);
    for place in ELSEWHERE {
        let outcome = city.change_query_password(LI, place, HOLDER, "12345678");
        assert_eq!(refused(outcome), Rule::D14, "{place}");
    }
    let nobody = city.change_query_password(LI, "village", &[], "12345678");
    assert_eq!(refused(nobody), Rule::D14);
    assert_eq!(hash(&city), before);
}
