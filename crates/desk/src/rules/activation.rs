//! Activation: D03 to D11.

use super::{
    Function, Plan, State, Step, check_identity, check_valid, refuse, rule_of_cancellation,
};
use crate::Rule;
use crate::{DeskError, Operation, Paper, Papers, PointKind, ServicePoint};

pub(super) fn may(
    operation: Operation,
    at: &ServicePoint,
    papers: Papers,
    state: &State,
) -> Result<Plan, DeskError> {
    let bank = &state.bank.code;
    let branch = format!("bank-branch:{bank}");
    if let Some(here) = at.bank().filter(|here| *here != bank) {
        return refuse(
            Rule::D06,
            format!(
                "activation only at a branch of the selected bank {bank}; this branch belongs to {here}"
            ),
            branch,
        );
    }
    if state.is_child && at.kind() != PointKind::BankBranch {
        return refuse(
            Rule::D08,
            format!("a child's card is activated at a branch of {bank}, not at a {}", at.kind()),
            branch,
        );
    }
    check_valid(state)?;
    let social_wanted = operation != Operation::ActivateFinancial;
    let financial_wanted = operation != Operation::ActivateSocial;
    let rule = if at.kind() == PointKind::BankBranch { Rule::D04 } else { Rule::D05 };
    if state.cancelled.is_some() || state.card.social == Function::Ended {
        let rule = rule_of_cancellation(state);
        return refuse(rule, "the social security function is cancelled", "hr-outlet");
    }
    match state.card.social {
        Function::Active if social_wanted => {
            return refuse(rule, "the social security function is active already", branch);
        }
        Function::Inactive if !social_wanted => {
            return refuse(
                Rule::D04,
                "the social security function is not active: the bank activates both in one step",
                branch,
            );
        }
        _ => {}
    }
    if financial_wanted && state.card.financial != Function::Inactive {
        let found =
            if state.card.financial == Function::Active { "active already" } else { "closed" };
        return refuse(rule, format!("the financial function is {found}"), branch);
    }
    if !state.card_is_here {
        return refuse(rule, "the card is missing", at.to_string());
    }
    check_identity(papers, state.is_child, rule, &at.to_string())?;
    if state.is_child && state.bank.child_must_be_present && !papers.has(Paper::Child) {
        return refuse(
            Rule::D08,
            format!("{} is missing: {bank} wants to see the child", Paper::Child.phrase()),
            branch,
        );
    }
    let mut steps = Vec::new();
    let mut rules = vec![Rule::D03, rule];
    if papers.has(Paper::AgentIdentityCard) {
        rules.push(Rule::D07);
    }
    if state.is_child {
        rules.push(Rule::D08);
    }
    if social_wanted {
        steps.push(Step::ActivateSocial);
    }
    if financial_wanted {
        steps.push(Step::ActivateFinancial);
    }
    if social_wanted {
        if state.has_old_card {
            steps.extend([Step::InvalidateOld, Step::MoveMedicalBalance]);
            rules.extend([Rule::D09, Rule::D10]);
        }
        steps.push(Step::SendQueryPassword);
        rules.extend([Rule::D11, Rule::D12]);
    }
    Ok(Plan { operation, rules, steps })
}
