//! The beginning of an operation: what `resume` needs is in the register before a chip is touched.

use std::path::Path;

use crate::issue;
use crate::register::{NewCard, OperationRow, Pending};
use crate::rules::{Plan, Reason, Standing, State, Step};
use crate::{Desk, DeskError};

use super::{Subject, Visit, finish};

impl Desk {
    /// Writes down what begins, and keeps a place for a new card.
    pub(super) fn begin(
        &mut self,
        subject: &Subject,
        state: &State,
        plan: &Plan,
        visit: &Visit,
        goes_to: Option<&Path>,
    ) -> Result<OperationRow, DeskError> {
        let production = &self.production;
        let limit = production.profile.blueprint().purse.as_ref().map(|purse| purse.balance_limit);
        self.register.change(|ledger| {
            for given_up in ledger.operations(Some(subject.holder.id))? {
                finish::give_up(ledger, &given_up)?;
            }
            let mut new_card = None;
            if plan.steps.contains(&Step::IssueCard) {
                let numbers = production.numbers(&production.profile, ledger.next_card()?)?;
                let bank = match &state.reason {
                    Reason::NewBank(bank) => bank,
                    _ => &subject.holder.person.bank,
                };
                let card = NewCard {
                    bank: Some(bank.clone()),
                    follows: subject.card.follows.or(Some(subject.card.id)),
                    // Nobody has it before everything else is done.
                    ..issue::new_card(subject.holder.id, numbers, Standing::Invalid)
                };
                new_card = Some(ledger.add_card(&card)?);
            }
            let mut row = operation_row(subject, state, plan, visit, limit);
            row.pending.new_card = new_card;
            row.pending.goes_to = goes_to.map(Path::to_owned);
            row.id = ledger.begin_operation(&row)?;
            Ok(row)
        })
    }
}

/// An operation as the register keeps it; `purse_limit` is what the new card's purse may hold, when
/// it has one.
pub(super) fn operation_row(
    subject: &Subject,
    state: &State,
    plan: &Plan,
    visit: &Visit,
    purse_limit: Option<u32>,
) -> OperationRow {
    let moves = plan.steps.contains(&Step::MoveMedicalBalance);
    let old = subject.old.as_ref().filter(|_| moves);
    // The register is the truth: a purse that cannot hold all of it holds what it can [choice].
    let purse_cents = old
        .zip(purse_limit)
        .map(|(old, limit)| old.medical.saturating_add(subject.card.medical).min(limit.into()));
    OperationRow {
        id: 0,
        date: visit.today,
        holder: subject.holder.id,
        card: subject.card.id,
        old_card: subject.old.as_ref().map(|old| old.id),
        place: visit.at.to_string(),
        papers: visit.papers.to_string(),
        pending: Pending {
            operation: plan.operation.name().to_owned(),
            steps: plan.steps.clone(),
            rules: plan.rules.clone(),
            reason: state.reason.to_word(),
            card_was_here: state.card_is_here,
            old_card_was_here: state.old_card_is_here,
            purse_cents,
            new_card: None,
            goes_to: None,
            person: subject.person.clone(),
        },
    }
}
