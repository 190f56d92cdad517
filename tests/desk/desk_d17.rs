//! D17: a card is replaced at a card-service outlet of the original bank.

use sscard_desk::{Function, InHand, Reason, Request, Rule, Standing};

use super::acts::{HOLDER, facts};
use super::city::{City, LI, refusal, refused};

#[test]
fn desk_d17_the_original_banks_outlet_replaces_and_the_new_card_is_activated_as_before() {
    let mut city = City::active(LI);
    let old = city.card_row(LI);
    let done = city.replace(LI, "card-outlet:ICBC", HOLDER, Reason::Damaged).expect("replaced");
    assert_eq!(done.rules, [Rule::D17, Rule::D18]);
    let new = done.new_card.expect("a new card");
    assert_eq!(facts(&new), (Standing::Held, Function::Inactive, Function::Inactive, 0, false));
    assert_eq!((new.bank.as_deref(), new.follows), (Some("ICBC"), Some(old.id)));
    assert_eq!(city.chip(&new.number), ("6283".to_owned(), "6283".to_owned()));
    city.activate(LI, "bank-branch:ICBC", HOLDER).expect("activated");
    let both = (Standing::Held, Function::Active, Function::Active, 12345, false);
    assert_eq!(facts(&city.card_row(LI)), both);
    assert_eq!(city.verify(&new.number, "123456"), "9000");
}

#[test]
fn desk_d17_another_banks_outlet_refuses_in_these_words() {
    let mut city = City::active(LI);
    let before = city.rows(LI);
    let refusal = refusal(city.replace(LI, "card-outlet:BOC", HOLDER, Reason::Lost));
    assert_eq!(
        format!("{}: {}", refusal.rule, refusal.missing),
        "D17: replacement only at a card-service outlet of the original bank ICBC; this outlet belongs to BOC"
    );
    assert_eq!(refusal.who_can_help, "card-outlet:ICBC");
    assert_eq!(
        refusal.to_string(),
        "D17: replacement only at a card-service outlet of the original bank ICBC; this outlet belongs to BOC (who can help: card-outlet:ICBC)"
    );
    assert_eq!(city.rows(LI), before);
}

#[test]
fn desk_d17_not_at_a_branch_and_not_elsewhere() {
    let mut city = City::active(LI);
    for place in [
        "bank-branch:ICBC",
        "village",
        "community",
        "convenience-center",
        "pharmacy",
        "kiosk",
        "website",
        "hr-outlet",
    ] {
        let refusal = refusal(city.replace(LI, place, HOLDER, Reason::Lost));
        assert_eq!((refusal.rule, refusal.who_can_help.as_str()), (Rule::D17, "card-outlet"));
    }
    assert_eq!(refused(city.replace(LI, "card-outlet:ICBC", &[], Reason::Lost)), Rule::D17);
    let reason = Reason::Changed(sscard_desk::PrintedItem::Name);
    assert_eq!(refused(city.replace(LI, "card-outlet:ICBC", HOLDER, reason)), Rule::D17);
    assert_eq!(city.rows(LI).len(), 2);
}

#[test]
fn desk_d17_an_old_card_whose_successor_waits_is_not_replaced() {
    // Delivered, then collected, then the wrong card of the two on the counter.
    let mut delivered = City::delivered();
    let lost = delivered.without_card("card-outlet:ICBC", HOLDER, |desk, visit, counter| {
        let mut nothing = |_: &_, _| panic!("a card was made");
        desk.perform(
            Request::Replace { reason: Reason::Lost, delivery: &mut InHand::new(&mut nothing) },
            visit,
            Some(LI),
            counter,
        )
    });
    let refusal = refusal(lost);
    assert_eq!(
        (refusal.rule, refusal.missing.as_str()),
        (Rule::D17, "the card has a successor already: it waits to be collected or activated")
    );
    let mut city = City::collected();
    let old = city.rows(LI)[1].number.clone();
    let visit = super::city::holder_at("card-outlet:ICBC");
    let outcome = city.issue(Some(&old), |desk, counter, deliver| {
        desk.perform(
            Request::Replace { reason: Reason::Damaged, delivery: &mut InHand::new(deliver) },
            &visit,
            None,
            counter,
        )
    });
    assert_eq!(refused(outcome), Rule::D17);
    assert_eq!(city.rows(LI).len(), 2);
    assert_eq!(city.chip(&old).0, "9000");
}
