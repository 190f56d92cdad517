//! D19: a card is changed when a printed item changes or is wrong, or for another bank.

use sscard_desk::{Counter, InHand, NewPerson, PrintedItem, Reason, Request, Rule, Standing};

use super::acts::{HOLDER, facts};
use super::city::{City, LI, WANG, refusal, refused};

fn named(name: &str) -> NewPerson {
    NewPerson { name: Some(name.to_owned()), ..NewPerson::default() }
}

#[test]
fn desk_d19_each_printed_item_is_a_reason() {
    for reason in [
        Reason::Changed(PrintedItem::Name),
        Reason::Changed(PrintedItem::SocialSecurityNumber),
        Reason::Changed(PrintedItem::Photo),
        Reason::Changed(PrintedItem::Other),
        Reason::Misprint,
    ] {
        let mut city = City::active(WANG);
        let old = city.card_row(WANG);
        let person = NewPerson { photo: Some("new.jpg".to_owned()), ..NewPerson::default() };
        let done =
            city.change_card(WANG, "card-outlet:BOC", HOLDER, reason, person).expect("changed");
        assert_eq!(done.rules, [Rule::D19, Rule::D18]);
        assert_eq!(done.card.standing, Standing::Recycled);
        assert_eq!(city.chip(&old.number).0, "6A81");
        let new = done.new_card.expect("a new card");
        assert_eq!(new.follows, Some(old.id));
        assert_eq!(city.chip(&new.number), ("6283".to_owned(), "6283".to_owned()));
        let holder = city.desk.register().look(|ledger| ledger.holder(WANG)).expect("holder");
        assert_eq!(holder.person.photo.as_deref(), Some("new.jpg"));
    }
}

#[test]
fn desk_d19_the_new_name_and_number_are_on_the_new_card_and_in_the_register() {
    let mut city = City::active(WANG);
    let number = "999901197502020031";
    let person = NewPerson { number: Some(number.to_owned()), ..named("王新名") };
    let reason = Reason::Changed(PrintedItem::SocialSecurityNumber);
    let done = city.change_card(WANG, "card-outlet:BOC", HOLDER, reason, person).expect("changed");
    assert_eq!(done.holder, number);
    let holder = city.desk.register().look(|ledger| ledger.holder(number)).expect("holder");
    assert_eq!(holder.person.name, "王新名");
    city.activate(number, "bank-branch:BOC", HOLDER).expect("activated");
    assert_eq!(city.verify(&city.card_row(number).number, "123456"), "9000");
}

#[test]
fn desk_d19_lost_is_no_reason_and_none_is_none() {
    let mut city = City::active(WANG);
    let before = city.rows(WANG);
    for reason in [Reason::None, Reason::Lost, Reason::Damaged, Reason::Death] {
        let outcome =
            city.change_card(WANG, "card-outlet:BOC", HOLDER, reason, NewPerson::default());
        let refusal = refusal(outcome);
        assert_eq!(refusal.rule, Rule::D19);
        assert_eq!(
            refusal.missing,
            "a printed item that changes or is wrong, or another bank: neither was named"
        );
    }
    assert_eq!(city.rows(WANG), before);
}

#[test]
fn desk_d19_only_at_the_banks_card_outlet_and_with_identity() {
    let mut city = City::active(WANG);
    let before = city.rows(WANG);
    let mut change = |place: &str, papers| {
        city.change_card(WANG, place, papers, Reason::Misprint, NewPerson::default())
    };
    let wrong_bank = refusal(change("card-outlet:ICBC", HOLDER));
    assert_eq!(wrong_bank.rule, Rule::D19);
    assert_eq!(
        wrong_bank.missing,
        "change of card only at a card-service outlet of BOC; this outlet belongs to ICBC"
    );
    for place in ["bank-branch:BOC", "village", "hr-outlet", "pharmacy", "website", "kiosk"] {
        assert_eq!(refused(change(place, HOLDER)), Rule::D19, "{place}");
    }
    assert_eq!(refused(change("card-outlet:BOC", &[])), Rule::D19);
    assert_eq!(city.rows(WANG), before);
}

#[test]
fn desk_d19_a_number_that_is_somebody_elses_or_none_is_refused_before_anything_happens() {
    let mut city = City::active(WANG);
    let before = city.rows(WANG);
    let old = city.card_row(WANG).number;
    for number in [LI, "999901197502020024", "12"] {
        let person = NewPerson { number: Some(number.to_owned()), ..NewPerson::default() };
        let reason = Reason::Changed(PrintedItem::SocialSecurityNumber);
        let outcome = city.change_card(WANG, "card-outlet:BOC", HOLDER, reason, person);
        outcome.expect_err("no number for him");
        assert_eq!(city.rows(WANG), before, "{number}");
        assert_eq!(city.chip(&old).0, "9000", "{number}");
        let waits = city.desk.register().look(|ledger| ledger.operations(None));
        assert!(waits.expect("operations").is_empty());
    }
    let name = "长".repeat(30);
    let outcome = city.change_card(WANG, "card-outlet:BOC", HOLDER, Reason::Misprint, named(&name));
    outcome.expect_err("no card holds this name");
    assert_eq!(city.rows(WANG), before);
    assert_eq!(city.chip(&old).0, "9000");
}

#[test]
fn desk_d19_a_card_that_is_not_there_is_invalidated() {
    let mut city = City::active(WANG);
    let visit = super::city::holder_at("card-outlet:BOC");
    city.issue(None, |desk, _, deliver| {
        let nothing = &mut Counter::empty();
        desk.perform(
            Request::ChangeCard {
                reason: Reason::Misprint,
                person: NewPerson::default(),
                delivery: &mut InHand::new(deliver),
            },
            &visit,
            Some(WANG),
            nothing,
        )
    })
    .expect("changed");
    let (standing, .., due) = facts(&city.rows(WANG)[1]);
    assert_eq!((standing, due), (Standing::Invalid, true));
}
