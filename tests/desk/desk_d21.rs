//! D21: the mobile number is changed at village, community, convenience centre, kiosk or website.

use sscard_desk::{Counter, DeskError, Request, Rule};

use super::acts::{GUARDIAN, HOLDER};
use super::city::{CHILD, City, LI, refusal, refused, visit};

fn mobile(city: &City) -> String {
    city.desk.register().look(|ledger| ledger.holder(LI)).expect("holder").person.mobile
}

#[test]
fn desk_d21_at_three_counters_with_the_identity_card() {
    for place in ["village", "community", "convenience-center"] {
        let mut city = City::collected();
        let done = city.change_mobile(LI, place, HOLDER, None).expect(place);
        assert_eq!((done.operation.as_str(), &done.rules[..]), ("mobile-change", &[Rule::D21][..]));
        assert_eq!(mobile(&city), "13911112222");
        assert_eq!(refused(city.change_mobile(LI, place, &[], None)), Rule::D21);
    }
}

#[test]
fn desk_d21_kiosk_and_website_ask_for_the_query_password() {
    let mut city = City::active(LI);
    let password = city.outbox().remove(0).expect("a password");
    for place in ["kiosk", "website"] {
        for wrong in [None, Some(""), Some("1234567"), Some(&password[1..])] {
            let refusal = refusal(city.change_mobile(LI, place, HOLDER, wrong));
            assert_eq!(refusal.rule, Rule::D21);
            assert_eq!(refusal.missing, "the query password is missing or wrong");
            assert_eq!(
                refusal.who_can_help,
                "village, community or convenience-center, with the identity card"
            );
        }
    }
    assert_eq!(mobile(&city), "13800000001");
    for place in ["kiosk", "website"] {
        city.change_mobile(LI, place, &[], Some(&password)).expect(place);
        assert_eq!(mobile(&city), "13911112222");
    }
}

#[test]
fn desk_d21_before_activation_there_is_no_query_password_to_show() {
    let mut city = City::collected();
    assert_eq!(refused(city.change_mobile(LI, "kiosk", HOLDER, Some(""))), Rule::D21);
    assert_eq!(mobile(&city), "13800000001");
}

#[test]
fn desk_d21_nowhere_else() {
    let mut city = City::active(LI);
    for place in ["bank-branch:ICBC", "card-outlet:ICBC", "pharmacy", "hr-outlet"] {
        let refusal = refusal(city.change_mobile(LI, place, HOLDER, None));
        assert_eq!(refusal.rule, Rule::D21);
        assert_eq!(
            refusal.who_can_help,
            "village, community, convenience-center, kiosk or website"
        );
    }
    assert_eq!(mobile(&city), "13800000001");
}

#[test]
fn desk_d21_a_childs_number_by_the_guardian_and_a_number_has_eleven_digits() {
    let mut city = City::collected();
    assert_eq!(refused(city.change_mobile(CHILD, "village", HOLDER, None)), Rule::D08);
    city.change_mobile(CHILD, "village", GUARDIAN, None).expect("the guardian");
    let visit = visit("village", HOLDER);
    for wrong in ["1391111222", "139111122223", "1391111222a"] {
        let nothing = &mut Counter::empty();
        let outcome = city.desk.perform(
            Request::ChangeMobile { mobile: wrong, query_password: None },
            &visit,
            Some(LI),
            nothing,
        );
        assert!(matches!(outcome, Err(DeskError::BadPassword { .. })), "{outcome:?}");
    }
    assert_eq!(mobile(&city), "13800000001");
}

#[test]
fn desk_d21_the_query_password_goes_to_the_new_number() {
    let mut city = City::collected();
    city.change_mobile(LI, "village", HOLDER, None).expect("changed");
    city.activate(LI, "village", HOLDER).expect("activated");
    assert_eq!(city.messages()[0].mobile, "13911112222");
}
