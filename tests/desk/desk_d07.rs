//! D07: an agent brings the holder's identity card and his own, original and photocopy.

use sscard_desk::{Counter, Paper, Request, Rule, Standing};

use super::acts::AGENT;
use super::city::{City, LI, WANG, refusal, refused, visit};

const WITHOUT: [(&[Paper], &str); 3] = [
    (
        &[Paper::IdentityCard, Paper::AgentIdentityCard],
        "the photocopy of the agent's identity card is missing",
    ),
    (&[Paper::IdentityCard, Paper::AgentPhotocopy], "the agent's identity card is missing"),
    (&[Paper::AgentIdentityCard, Paper::AgentPhotocopy], "the holder's identity card is missing"),
];

#[test]
fn desk_d07_an_agent_with_all_three_activates() {
    for place in ["bank-branch:BOC", "village"] {
        let mut city = City::collected();
        let done = city.activate(WANG, place, AGENT).expect("activated");
        assert!(done.rules.contains(&Rule::D07));
        let event = city.desk.register().look(|ledger| ledger.events(None)).expect("events");
        let papers = &event.last().expect("an event").papers;
        assert_eq!(papers, "identity-card,agent-identity-card,agent-photocopy");
    }
}

#[test]
fn desk_d07_one_paper_less_and_an_agent_activates_nothing() {
    let mut city = City::collected();
    for place in ["bank-branch:BOC", "community"] {
        for (papers, missing) in WITHOUT {
            let refusal = refusal(city.activate(WANG, place, papers));
            assert_eq!((refusal.rule, refusal.missing.as_str()), (Rule::D07, missing));
            assert_eq!(refusal.who_can_help, place);
        }
    }
    let number = city.card_row(WANG).number;
    assert_eq!(city.chip(&number), ("6283".to_owned(), "6283".to_owned()));
}

#[test]
fn desk_d07_holds_for_everything_else_where_identity_is_checked() {
    let mut city = City::active(LI);
    for (papers, _) in WITHOUT {
        assert_eq!(refused(city.reset_pin(LI, "village", papers)), Rule::D07);
        let query = city.change_query_password(LI, "village", papers, "12345678");
        assert_eq!(refused(query), Rule::D07);
        assert_eq!(refused(city.change_mobile(LI, "village", papers, None)), Rule::D07);
        let lost = city.replace(LI, "card-outlet:ICBC", papers, sscard_desk::Reason::Lost);
        assert_eq!(refused(lost), Rule::D07);
        let death = sscard_desk::Reason::Death;
        let outcome = city.without_card("hr-outlet", papers, |desk, visit, counter| {
            desk.perform(
                Request::Cancel { reason: death, ending: sscard_desk::Ending::PaidOut },
                visit,
                Some(LI),
                counter,
            )
        });
        assert_eq!(refused(outcome), Rule::D07);
    }
    city.reset_pin(LI, "village", AGENT).expect("reset");
    city.change_mobile(LI, "village", AGENT, None).expect("changed");
}

#[test]
fn desk_d07_an_agent_collects_with_all_three_only() {
    let mut city = City::delivered();
    for (papers, _) in WITHOUT {
        assert_eq!(
            refused(city.desk.perform(
                Request::Collect,
                &visit("village", papers),
                Some(WANG),
                &mut Counter::empty()
            )),
            Rule::D07
        );
    }
    let card = city
        .desk
        .perform(Request::Collect, &visit("village", AGENT), Some(WANG), &mut Counter::empty())
        .expect("collected")
        .card;
    assert_eq!(card.standing, Standing::Held);
    let nothing = &mut Counter::empty();
    let outcome =
        city.desk.perform(Request::Activate, &visit("village", AGENT), Some(WANG), nothing);
    assert_eq!(refused(outcome), Rule::D05, "not without the card");
}
