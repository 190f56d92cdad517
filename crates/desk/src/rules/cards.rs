//! Another card: replacement D17 and D18, change of card D19 and D20.

use super::{
    AccountState, Plan, Reason, Standing, State, Step, check_identity, refuse, rule_of_cancellation,
};
use crate::Rule;
use crate::{DeskError, Operation, Papers, ServicePoint};

/// The old card goes when it is there; a lost one is invalidated in the register \[choice\].
fn farewell(state: &State) -> Step {
    if state.card_is_here { Step::Recycle } else { Step::Invalidate }
}

pub(super) fn may_replace(
    at: &ServicePoint,
    papers: Papers,
    state: &State,
) -> Result<Plan, DeskError> {
    let bank = &state.bank.code;
    let outlet = format!("card-outlet:{bank}");
    if let Some(here) = at.bank().filter(|here| *here != bank) {
        return refuse(
            Rule::D17,
            format!(
                "replacement only at a card-service outlet of the original bank {bank}; this outlet belongs to {here}"
            ),
            outlet,
        );
    }
    check_replaceable(state, Rule::D17)?;
    if !matches!(state.reason, Reason::Lost | Reason::Damaged) {
        return refuse(
            Rule::D17,
            "a card is replaced when it is lost or damaged; for anything else it is changed",
            outlet,
        );
    }
    if state.reason == Reason::Damaged && !state.card_is_here {
        return refuse(Rule::D18, "the damaged card is missing: the outlet recycles it", outlet);
    }
    check_identity(papers, state.is_child, Rule::D17, &outlet)?;
    let steps = [farewell(state), Step::IssueCard];
    Ok(Plan::new(Operation::Replace, &[Rule::D17, Rule::D18], &steps))
}

pub(super) fn may_change(
    at: &ServicePoint,
    papers: Papers,
    state: &State,
) -> Result<Plan, DeskError> {
    if let Reason::NewBank(_) = &state.reason {
        return may_change_bank(at, papers, state);
    }
    let bank = &state.bank.code;
    let outlet = format!("card-outlet:{bank}");
    if let Some(here) = at.bank().filter(|here| *here != bank) {
        return refuse(
            Rule::D19,
            format!(
                "change of card only at a card-service outlet of {bank}; this outlet belongs to {here}"
            ),
            outlet,
        );
    }
    check_replaceable(state, Rule::D19)?;
    if !matches!(state.reason, Reason::Changed(_) | Reason::Misprint) {
        return refuse(
            Rule::D19,
            "a printed item that changes or is wrong, or another bank: neither was named",
            format!("{outlet}; a lost or damaged card is replaced there"),
        );
    }
    check_identity(papers, state.is_child, Rule::D19, &outlet)?;
    let steps = [farewell(state), Step::IssueCard];
    Ok(Plan::new(Operation::ChangeCard, &[Rule::D19, Rule::D18], &steps))
}

/// The third step of a change of bank: after the HR outlet's and the original bank's.
fn may_change_bank(at: &ServicePoint, papers: Papers, state: &State) -> Result<Plan, DeskError> {
    let Reason::NewBank(new) = &state.reason else {
        return refuse(Rule::D20, "the newly selected bank was not named", "hr-outlet");
    };
    let (original, outlet) = (&state.bank.code, format!("card-outlet:{new}"));
    if new == original {
        return refuse(Rule::D20, format!("{new} is the cooperating bank already"), outlet);
    }
    match &state.cancelled {
        Some(Reason::NewBank(chosen)) if chosen == new => {}
        Some(Reason::NewBank(chosen)) => {
            return refuse(
                Rule::D20,
                format!("the newly selected bank is {chosen}, not {new}"),
                format!("card-outlet:{chosen}"),
            );
        }
        Some(_) => {
            return refuse(
                Rule::D20,
                "the social security function was cancelled for good, not for another bank",
                "hr-outlet",
            );
        }
        None => {
            return refuse(
                Rule::D20,
                "the first step is missing: the HR outlet cancels the social security function",
                "hr-outlet",
            );
        }
    }
    if state.account != AccountState::Closed {
        return refuse(
            Rule::D20,
            format!("the second step is missing: {original} cancels the financial account"),
            format!("bank-branch:{original} or card-outlet:{original}"),
        );
    }
    if let Some(here) = at.bank().filter(|here| here != new) {
        return refuse(
            Rule::D20,
            format!(
                "the new card is issued at a card-service outlet of the newly selected bank {new}; this outlet belongs to {here}"
            ),
            outlet,
        );
    }
    check_identity(papers, state.is_child, Rule::D20, &outlet)?;
    let steps = [farewell(state), Step::IssueCard];
    Ok(Plan::new(Operation::ChangeCard, &[Rule::D19, Rule::D20], &steps))
}

/// A card that is still the holder's, in use or not.
fn check_replaceable(state: &State, rule: Rule) -> Result<(), DeskError> {
    let outlet = format!("card-outlet:{}", state.bank.code);
    match &state.cancelled {
        None => {}
        Some(Reason::NewBank(new)) => {
            return refuse(
                rule_of_cancellation(state),
                format!("the social security function is cancelled: the next card is {new}'s"),
                format!("card-outlet:{new}, once the account is closed"),
            );
        }
        Some(_) => {
            return refuse(
                rule_of_cancellation(state),
                "the social security function is cancelled: no other card follows",
                "hr-outlet",
            );
        }
    }
    match state.card.standing {
        Standing::Held if state.has_successor => refuse(
            rule,
            "the card has a successor already: it waits to be collected or activated",
            format!("bank-branch:{}, or the place that it was delivered to", state.bank.code),
        ),
        Standing::Held => Ok(()),
        Standing::Delivered => refuse(
            Rule::D01,
            "the card has not been collected yet",
            "the place that the card was delivered to",
        ),
        Standing::Invalid | Standing::Recycled => refuse(
            rule,
            "the card was given up already: its successor waits to be activated",
            outlet,
        ),
    }
}
