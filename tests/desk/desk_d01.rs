//! D01: a card is collected where it was delivered, from the opening day to the closing day.

use jiff::civil::{Date, date};
use sscard_desk::{Counter, DeskError, Paper, Request, Rule, Standing, Visit};

use super::acts::HOLDER;
use super::city::{CHILD, City, LI, TODAY, WANG, refusal, refused, visit};

fn on(day: Date, place: &str) -> Visit {
    Visit { today: day, ..visit(place, HOLDER) }
}

fn collect(city: &mut City, visit: &Visit, holder: &str) -> Result<Standing, DeskError> {
    city.desk
        .perform(Request::Collect, visit, Some(holder), &mut Counter::empty())
        .map(|done| done.card.standing)
}

#[test]
fn desk_d01_is_possible_on_the_first_and_on_the_last_day() {
    for day in [date(2026, 12, 1), date(2026, 12, 31)] {
        let mut city = City::delivered();
        assert_eq!(city.rows(LI)[0].standing, Standing::Delivered);
        assert_eq!(collect(&mut city, &on(day, "village"), LI).expect("collected"), Standing::Held);
        let event = city.desk.register().look(|ledger| ledger.events(None)).expect("events");
        let event = event.last().expect("an event");
        assert_eq!((event.what.as_str(), event.rules.as_str()), ("collect", "D01"));
        assert_eq!((event.before.as_str(), event.after.as_str()), ("card delivered", "card held"));
        assert_eq!((event.place.as_str(), event.papers.as_str()), ("village", "identity-card"));
    }
}

#[test]
fn desk_d01_the_day_before_and_the_day_after_are_refused() {
    let mut city = City::delivered();
    for (day, begun) in [(date(2026, 11, 30), "has not begun"), (date(2027, 1, 1), "has ended")] {
        let refusal = refusal(collect(&mut city, &on(day, "village"), LI));
        assert_eq!(refusal.rule, Rule::D01);
        assert_eq!(
            refusal.missing,
            format!(
                "collection of batch 2026-1 {begun}: it is possible from 2026-12-01 to 2026-12-31, today is {day}"
            )
        );
        assert_eq!(
            refusal.who_can_help,
            "village, from 2026-12-01 to 2026-12-31; later the next batch"
        );
    }
    assert_eq!(city.rows(LI)[0].standing, Standing::Delivered);
}

#[test]
fn desk_d01_another_place_has_not_got_the_card() {
    let mut city = City::delivered();
    for place in ["community", "convenience-center", "bank-branch:ICBC", "card-outlet:ICBC"] {
        let refusal = refusal(collect(&mut city, &on(date(2026, 12, 10), place), LI));
        assert_eq!(refusal.rule, Rule::D01);
        assert_eq!(
            refusal.missing,
            format!("the card of batch 2026-1 was delivered to village, not to {place}")
        );
    }
    assert_eq!(city.rows(LI)[0].standing, Standing::Delivered);
}

#[test]
fn desk_d01_without_the_identity_card_nothing_is_handed_out() {
    let mut city = City::delivered();
    assert_eq!(
        refused(city.desk.perform(
            Request::Collect,
            &visit("village", &[]),
            Some(LI),
            &mut Counter::empty()
        )),
        Rule::D01
    );
    let guardian = visit("village", &[Paper::GuardianIdentityCard]);
    assert_eq!(
        refused(city.desk.perform(Request::Collect, &guardian, Some(WANG), &mut Counter::empty())),
        Rule::D01,
        "an adult has no guardian"
    );
    city.desk
        .perform(Request::Collect, &guardian, Some(CHILD), &mut Counter::empty())
        .expect("a child's guardian");
    assert_eq!(city.rows(WANG)[0].standing, Standing::Delivered);
}

#[test]
fn desk_d01_a_card_is_not_activated_before_it_is_collected() {
    let mut city = City::delivered();
    let number = city.rows(WANG)[0].number.clone();
    let visit = visit("bank-branch:BOC", HOLDER);
    let outcome = city.with_cards(&number, None, |desk, counter| {
        desk.perform(Request::Activate, &visit, None, counter)
    });
    assert_eq!(refused(outcome), Rule::D01);
    assert_eq!(city.chip(&number), ("6283".to_owned(), "6283".to_owned()));
}

#[test]
fn desk_d01_a_batch_is_delivered_where_cards_are_handed_out() {
    let mut city = City::delivered();
    let batch = sscard_desk::Batch {
        name: "2026-2",
        opens: TODAY,
        closes: TODAY,
        to: &super::city::at("kiosk"),
    };
    let outcome = city.desk.batch(&batch, TODAY, &mut |_, _| Ok(()));
    assert_eq!(refused(outcome), Rule::D01);
}
