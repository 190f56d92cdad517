//! Cancellation and closing: D20 and D22.

use super::{
    AccountState, Function, Plan, Reason, State, Step, check_identity, check_valid, refuse,
};
use crate::Rule;
use crate::{DeskError, Operation, Papers, ServicePoint};

/// The rule of a step that may belong to a change of bank: D20 when it does.
pub(super) fn rule_of_order(operation: Operation, state: &State) -> Option<Rule> {
    let is_step = matches!(
        operation,
        Operation::CancelSocial | Operation::CloseAccount | Operation::ChangeCard
    );
    let changes_bank = match &state.cancelled {
        // Who dies meanwhile changes no bank any more.
        Some(Reason::NewBank(_)) => !ends(&state.reason),
        // What it was cancelled for decides, not what somebody says at the counter.
        Some(_) if operation == Operation::CloseAccount => false,
        _ => matches!(state.reason, Reason::NewBank(_)),
    };
    (is_step && changes_bank).then_some(Rule::D20)
}

const fn ends(reason: &Reason) -> bool {
    matches!(reason, Reason::Death | Reason::Abroad)
}

pub(super) fn may_cancel(papers: Papers, state: &State) -> Result<Plan, DeskError> {
    let rule = rule_of_order(Operation::CancelSocial, state).unwrap_or(Rule::D22);
    let ends = ends(&state.reason);
    if !ends && !matches!(state.reason, Reason::NewBank(_)) {
        return refuse(
            Rule::D22,
            "the reason is missing: death, leaving the country, or another bank",
            "hr-outlet",
        );
    }
    if let Reason::NewBank(new) = &state.reason
        && *new == state.bank.code
    {
        return refuse(Rule::D20, format!("{new} is the cooperating bank already"), "hr-outlet");
    }
    let ends_change_of_bank = ends && matches!(state.cancelled, Some(Reason::NewBank(_)));
    if state.card.social == Function::Ended && !ends_change_of_bank {
        // Benefits that were left are paid out by coming again.
        if ends && state.benefits_due > 0 {
            check_identity(papers, state.is_child, rule, "hr-outlet")?;
            return Ok(Plan::new(Operation::CancelSocial, &[Rule::D22], &[Step::PayOut]));
        }
        return refuse(rule, "the social security function is cancelled already", closing(state));
    }
    check_valid(state)?;
    check_identity(papers, state.is_child, rule, "hr-outlet")?;
    let mut steps = vec![Step::CancelSocial];
    if ends {
        steps.push(Step::PayOut);
    }
    Ok(Plan::new(Operation::CancelSocial, &[rule], &steps))
}

/// The account is closed where it is held, after the social security function and the benefits.
pub(super) fn may_close(
    at: &ServicePoint,
    papers: Papers,
    state: &State,
) -> Result<Plan, DeskError> {
    let rule = rule_of_order(Operation::CloseAccount, state).unwrap_or(Rule::D22);
    let bank = &state.bank.code;
    if let Some(here) = at.bank().filter(|here| *here != bank) {
        return refuse(
            rule,
            format!("the account is closed at an outlet of {bank}; this outlet belongs to {here}"),
            closing(state),
        );
    }
    if state.account == AccountState::Closed {
        return refuse(rule, "the account is closed already", closing(state));
    }
    let is_cancelled = match &state.cancelled {
        None => false,
        Some(Reason::NewBank(_)) => rule == Rule::D20,
        Some(_) => true,
    };
    if !is_cancelled {
        return refuse(
            rule,
            "the step before is missing: the HR outlet cancels the social security function",
            "hr-outlet",
        );
    }
    if state.benefits_due > 0 && rule == Rule::D22 {
        return refuse(
            rule,
            format!(
                "the step before is missing: benefits of {}.{:02} are to be paid out",
                state.benefits_due / 100,
                state.benefits_due % 100
            ),
            "hr-outlet",
        );
    }
    check_identity(papers, state.is_child, rule, &closing(state))?;
    let mut steps = vec![Step::CloseAccount];
    if rule == Rule::D22 {
        steps.push(if state.card_is_here { Step::Recycle } else { Step::Invalidate });
    }
    Ok(Plan::new(Operation::CloseAccount, &[rule], &steps))
}

fn closing(state: &State) -> String {
    let bank = &state.bank.code;
    format!("bank-branch:{bank} or card-outlet:{bank}")
}
