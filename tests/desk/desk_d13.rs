//! D13: the transaction password is modified at bank, village, community, convenience centre and
//! pharmacy.

use sscard_desk::{Counter, DeskError, Request, Rule};

use super::city::{City, LI, refusal, refused, visit};

#[test]
fn desk_d13_is_modified_at_five_kinds_of_places_without_papers() {
    let mut city = City::active(LI);
    let number = city.card_row(LI).number;
    let mut old = "123456".to_owned();
    for (at, place) in [
        "bank-branch:ICBC",
        "bank-branch:BOC",
        "village",
        "community",
        "convenience-center",
        "pharmacy",
    ]
    .into_iter()
    .enumerate()
    {
        let new = format!("65432{at}");
        let done = city.change_pin(LI, place, &old, &new).expect(place);
        assert_eq!((done.operation.as_str(), &done.rules[..]), ("pin-change", &[Rule::D13][..]));
        assert_eq!(city.verify(&number, &new), "9000");
        assert_eq!(city.verify(&number, &old), "63C5");
        old = new;
    }
}

#[test]
fn desk_d13_not_elsewhere_and_not_without_the_card() {
    let mut city = City::active(LI);
    for place in ["kiosk", "website", "hr-outlet", "card-outlet:ICBC"] {
        let refusal = refusal(city.change_pin(LI, place, "123456", "654321"));
        assert_eq!(refusal.rule, Rule::D13);
        assert_eq!(
            refusal.who_can_help,
            "bank-branch, village, community, convenience-center or pharmacy"
        );
    }
    let visit = visit("pharmacy", &[]);
    let nothing = &mut Counter::empty();
    let outcome = city.desk.perform(
        Request::ChangePin { old: "123456", new: "654321" },
        &visit,
        Some(LI),
        nothing,
    );
    assert_eq!(refused(outcome), Rule::D13);
    let number = city.card_row(LI).number;
    assert_eq!(city.verify(&number, "123456"), "9000");
}

#[test]
fn desk_d13_the_old_password_has_to_be_known() {
    let mut city = City::active(LI);
    let number = city.card_row(LI).number;
    let outcome = city.change_pin(LI, "pharmacy", "123457", "654321");
    assert!(matches!(outcome, Err(DeskError::WrongPassword { tries_left: 5 })), "{outcome:?}");
    assert_eq!(city.verify(&number, "123456"), "9000");
    let waits = city.desk.register().look(|ledger| ledger.operations(None)).expect("operations");
    assert!(waits.is_empty(), "{waits:?}");
}

#[test]
fn desk_d13_a_transaction_password_has_six_digits() {
    let mut city = City::active(LI);
    for (old, new) in
        [("123456", "65432"), ("123456", "6543210"), ("12345", "654321"), ("123456", "65432a")]
    {
        let outcome = city.change_pin(LI, "pharmacy", old, new);
        assert!(matches!(outcome, Err(DeskError::BadPassword { .. })), "{outcome:?}");
    }
    let number = city.card_row(LI).number;
    assert_eq!(city.verify(&number, "123456"), "9000");
}
