//! I-21 where the cards do not all come back: a card that is lost in the middle of an operation, an
//! old card that is left at home, a new card that cannot be handed out.

use sscard_desk::{
    AccountState, Cents, Counter, Desk, DeskError, Done, Ending, Function, InHand, NewPerson,
    Reason, Request, Resumed, Rule, Standing,
};
use sscard_host::{FaultInjector, FaultPlan, InProcess, TransportError};

use super::acts::{HOLDER, facts};
use super::city::{City, LI, TODAY, holder_at, refused};

/// Lets an operation break off after so many exchanges with the holder's card; the last command is
/// carried out, its answer is lost.
fn break_off(
    city: &mut City,
    after: usize,
    old: Option<&str>,
    act: impl FnOnce(&mut Desk, &mut Counter<'_>) -> Result<Done, DeskError>,
) {
    let number = city.card_row(LI).number;
    let plan = FaultPlan::new(after, TransportError::Removed).executing(true).staying(true);
    let card = InProcess::power_on(city.cards.remove(&number).expect("a card")).expect("power");
    let mut card = FaultInjector::new(card, plan);
    let mut old_card =
        old.map(|old| InProcess::power_on(city.cards.remove(old).expect("a card")).expect("power"));
    {
        let mut counter = Counter::empty().with_card(&mut card);
        if let Some(old) = &mut old_card {
            counter = counter.with_old_card(old);
        }
        let outcome = act(&mut city.desk, &mut counter);
        assert!(matches!(outcome, Err(DeskError::Transport(_))), "{outcome:?}");
    }
    city.cards.insert(number, card.into_inner().into_card());
    if let (Some(old), Some(card)) = (old, old_card) {
        city.cards.insert(old.to_owned(), card.into_card());
    }
    assert_eq!(city.waiting().len(), 1);
}

fn nothing(_: &sscard_desk::register::CardRow, _: sscard_core::Card) -> Result<(), DeskError> {
    panic!("a card was made")
}

/// `resume` without any card.
fn resume(city: &mut City) -> Vec<Resumed> {
    city.desk.resume(&mut Counter::empty(), &mut InHand::new(nothing)).expect("resumed")
}

/// What `after` has to be so that ACTIVATE FILE is the command whose answer is lost.
const ACTIVATED: usize = 18;

fn activation_broke_off(city: &mut City, with_old: bool) -> [String; 2] {
    let numbers = [0, 1].map(|at| city.rows(LI)[at].number.clone());
    let visit = holder_at("village");
    break_off(city, ACTIVATED, with_old.then_some(numbers[1].as_str()), |desk, counter| {
        desk.perform(Request::Activate, &visit, None, counter)
    });
    numbers
}

#[test]
fn i_21_what_waits_for_its_card_says_so_and_nothing_else_is_done_meanwhile() {
    let mut city = City::collected();
    let [new, _] = activation_broke_off(&mut city, false);
    let outcomes = resume(&mut city);
    let [Resumed::Waits { operation, date, card }] = &outcomes[..] else { panic!("{outcomes:?}") };
    assert_eq!((operation.as_str(), *date, card), ("activate-social", TODAY, &new));
    let outcome = city.change_mobile(LI, "village", HOLDER, None);
    assert!(matches!(outcome, Err(DeskError::Pending { .. })), "{outcome:?}");
    let damaged = city.replace(LI, "card-outlet:ICBC", HOLDER, Reason::Damaged);
    assert!(matches!(damaged, Err(DeskError::Pending { .. })), "{damaged:?}");
    let outcomes = city
        .with(LI, |desk, counter| desk.resume(counter, &mut InHand::new(nothing)))
        .expect("resumed");
    assert!(matches!(outcomes[..], [Resumed::Done(_)]));
    assert_eq!(city.card_row(LI).medical.value(), 12345);
}

#[test]
fn i_21_another_card_does_not_finish_it_and_loses_nothing() {
    let mut city = City::collected();
    activation_broke_off(&mut city, false);
    let other = city.card_row(super::city::WANG).number;
    let outcomes = city
        .with_cards(&other, None, |desk, counter| desk.resume(counter, &mut InHand::new(nothing)))
        .expect("resumed");
    assert!(matches!(outcomes[..], [Resumed::Waits { .. }]), "{outcomes:?}");
    assert_eq!(city.chip(&other).0, "6283");
    assert_eq!(city.waiting().len(), 1);
}

#[test]
fn i_21_an_old_card_that_is_at_home_by_then_is_blocked_at_its_next_contact() {
    let mut city = City::collected();
    let [new, old] = activation_broke_off(&mut city, true);
    assert_eq!(city.chip(&new).0, "9000");
    city.with(LI, |desk, counter| desk.resume(counter, &mut InHand::new(nothing)))
        .expect("resumed");
    let invalid = (Standing::Invalid, Function::Ended, Function::Inactive, 0, true);
    assert_eq!(facts(&city.rows(LI)[1]), invalid);
    assert_eq!(city.chip(&old).0, "9000");
    let visit = holder_at("village");
    let outcome = city.with_cards(&old, None, |desk, counter| {
        desk.perform(Request::ResetPin, &visit, None, counter)
    });
    assert_eq!(refused(outcome), Rule::D09);
    assert_eq!(city.chip(&old).0, "9303");
}

#[test]
fn i_21_somebody_elses_old_card_at_resume_is_refused_before_anything_happens() {
    let mut city = City::collected();
    let [new, _] = activation_broke_off(&mut city, true);
    let other = city.card_row(super::city::WANG).number;
    let outcome = city.with_cards(&new, Some(&other), |desk, counter| {
        desk.resume(counter, &mut InHand::new(nothing))
    });
    assert!(matches!(outcome, Err(DeskError::WrongCard { .. })), "{outcome:?}");
    assert_eq!(city.waiting().len(), 1);
    assert_eq!(city.chip(&other).0, "6283");
}

#[test]
fn i_21_a_card_lost_while_it_was_activated_is_replaced_and_the_money_comes_along() {
    for with_old in [false, true] {
        let mut city = City::collected();
        let [new, old] = activation_broke_off(&mut city, with_old);
        city.replace(LI, "card-outlet:ICBC", HOLDER, Reason::Lost).expect("replaced");
        assert!(city.waiting().is_empty());
        let rows = city.rows(LI);
        assert_eq!(rows.len(), 3);
        let lost = (Standing::Invalid, Function::Ended, Function::Ended, 0, true);
        assert_eq!(facts(&rows[1]), lost);
        assert_eq!(rows[0].follows, Some(rows[2].id), "the one that has the money");
        // An old card that was there may be blocked: its row says so.
        let first = match with_old {
            true => (Standing::Invalid, Function::Ended, Function::Inactive, 12345, true),
            false => (Standing::Held, Function::Active, Function::Inactive, 12345, false),
        };
        assert_eq!(facts(&rows[2]), first);
        let latest = rows[0].number.clone();
        let visit = holder_at("village");
        let done = city
            .with_cards(&latest, None, |desk, counter| {
                desk.perform(Request::Activate, &visit, None, counter)
            })
            .expect("activated");
        assert_eq!(done.moved.value(), 12345);
        assert_eq!(city.medical(), (12345, 12345));
        for given_up in [&new, &old] {
            let outcome = city.with_cards(given_up, None, |desk, counter| {
                desk.perform(Request::ResetPin, &visit, None, counter)
            });
            assert_eq!(refused(outcome), Rule::D09);
            assert_eq!(city.chip(given_up).0, "9303");
        }
    }
}

#[test]
fn i_21_a_card_lost_while_it_was_cancelled_is_cancelled_without_it() {
    for reason in [Reason::Death, Reason::NewBank("BOC".to_owned())] {
        let mut city = City::active(LI);
        let number = city.card_row(LI).number;
        let visit = holder_at("hr-outlet");
        break_off(&mut city, 18, None, |desk, counter| {
            desk.perform(
                Request::Cancel { reason: reason.clone(), ending: Ending::PaidOut },
                &visit,
                None,
                counter,
            )
        });
        assert_eq!(city.chip(&number).0, "9303", "the answer was lost, not the command");
        city.without_card("hr-outlet", HOLDER, |desk, visit, counter| {
            desk.perform(
                Request::Cancel { reason: reason.clone(), ending: Ending::PaidOut },
                visit,
                Some(LI),
                counter,
            )
        })
        .expect("cancelled");
        assert!(city.waiting().is_empty());
        let (_, social, _, _, due) = facts(&city.rows(LI)[0]);
        assert_eq!((social, due), (Function::Ended, true));
        assert_eq!(city.medical(), (12345, 12345));
    }
}

#[test]
fn i_21_a_card_lost_at_the_end_is_closed_without_it() {
    let mut city = City::active(LI);
    city.cancel(LI, "hr-outlet", HOLDER, Reason::Death, Ending::PaidOut).expect("cancelled");
    let visit = holder_at("bank-branch:ICBC");
    break_off(&mut city, 10, None, |desk, counter| {
        desk.perform(Request::CloseAccount { reason: Reason::Death }, &visit, None, counter)
    });
    let lost = city.replace(LI, "card-outlet:ICBC", HOLDER, Reason::Lost);
    assert_eq!(refused(lost), Rule::D22, "no card follows");
    city.without_card("bank-branch:ICBC", HOLDER, |desk, visit, counter| {
        desk.perform(Request::CloseAccount { reason: Reason::Death }, visit, Some(LI), counter)
    })
    .expect("closed");
    assert!(city.waiting().is_empty());
    let row = (Standing::Invalid, Function::Ended, Function::Ended, 0, true);
    assert_eq!(facts(&city.rows(LI)[0]), row);
    assert_eq!(city.account(LI).state, AccountState::Closed);
    assert_eq!(city.account(LI).paid_out.value(), 12345);
}

#[test]
fn i_21_a_card_lost_while_it_was_changed_is_changed_without_it() {
    let mut city = City::active(LI);
    let visit = holder_at("card-outlet:ICBC");
    break_off(&mut city, 12, None, |desk, counter| {
        desk.perform(
            Request::ChangeCard {
                reason: Reason::Misprint,
                person: NewPerson::default(),
                delivery: &mut InHand::new(&mut nothing),
            },
            &visit,
            None,
            counter,
        )
    });
    let done = city
        .issue(None, |desk, counter, deliver| {
            let person = NewPerson::default();
            desk.perform(
                Request::ChangeCard {
                    reason: Reason::Misprint,
                    person,
                    delivery: &mut InHand::new(deliver),
                },
                &visit,
                Some(LI),
                counter,
            )
        })
        .expect("changed");
    assert!(city.waiting().is_empty());
    let new = done.new_card.expect("a new card").number;
    let done = city
        .with_cards(&new, None, |desk, counter| {
            desk.perform(Request::Activate, &holder_at("village"), None, counter)
        })
        .expect("activated");
    assert_eq!(done.moved.value(), 12345);
    let held = city.rows(LI).iter().filter(|row| row.standing == Standing::Held).count();
    assert_eq!(held, 1);
    assert_eq!(city.medical(), (12345, 12345));
}

#[test]
fn i_21_a_new_card_that_cannot_be_handed_out() {
    let full = |_: &sscard_desk::register::CardRow, _| {
        Err(DeskError::Delivery("no space left".to_owned()))
    };
    // Nothing was done to the old card: as if nobody had come.
    let mut city = City::active(LI);
    let before = city.rows(LI);
    let visit = holder_at("card-outlet:ICBC");
    let nobody = &mut Counter::empty();
    let outcome = city.desk.perform(
        Request::Replace { reason: Reason::Lost, delivery: &mut InHand::new(full) },
        &visit,
        Some(LI),
        nobody,
    );
    assert!(matches!(outcome, Err(DeskError::Delivery(_))), "{outcome:?}");
    assert_eq!((city.rows(LI), city.waiting().len()), (before, 0));
    // The old card is recycled already: the new one is made once there is space.
    let number = city.card_row(LI).number;
    let outcome = city.with(LI, |desk, counter| {
        desk.perform(
            Request::Replace { reason: Reason::Damaged, delivery: &mut InHand::new(full) },
            &visit,
            None,
            counter,
        )
    });
    assert!(matches!(outcome, Err(DeskError::Delivery(_))), "{outcome:?}");
    assert_eq!((city.chip(&number).0.as_str(), city.waiting().len()), ("6A81", 1));
    let mut made = Vec::new();
    city.with_cards(&number, None, |desk, counter| {
        desk.resume(
            counter,
            &mut InHand::new(|row, _| {
                made.push(row.number.clone());
                Ok(())
            }),
        )
    })
    .expect("resumed");
    assert!(city.waiting().is_empty());
    assert_eq!(made, [city.card_row(LI).number]);
    assert_eq!(city.rows(LI)[1].standing, Standing::Recycled);
}

#[test]
fn i_21_money_credited_while_an_activation_waits_moves_with_the_rest() {
    for profile in ["gen2", "gen3"] {
        let mut city = City::collected_of(profile);
        let visit = holder_at("village");
        break_off(&mut city, ACTIVATED, None, |desk, counter| {
            desk.perform(Request::Activate, &visit, None, counter)
        });
        city.desk.credit_medical(LI, Cents::new(55), TODAY).expect("credited");
        city.with(LI, |desk, counter| desk.resume(counter, &mut InHand::new(nothing)))
            .expect("resumed");
        let row = city.card_row(LI);
        assert_eq!(row.medical.value(), 12400);
        assert_eq!(row.purse.value(), if profile == "gen2" { 12345 } else { 0 });
        assert_eq!(city.medical(), (12400, 12400));
    }
}
