//! Passwords and the mobile number: D12 to D16, D21.

use super::{Plan, State, Step, check_identity, check_in_use, refuse};
use crate::Rule;
use crate::{DeskError, Operation, Papers, PointKind, ServicePoint};

const RESET_PLACES: &str =
    "bank-branch, village, community or convenience-center, with identity checked";

pub(super) fn may_change(state: &State) -> Result<Plan, DeskError> {
    check_in_use(state)?;
    if !state.card_is_here {
        return refuse(Rule::D13, "the card is missing", "the same place, with the card");
    }
    if state.card.tries_left == Some(0) {
        return refuse(
            Rule::D16,
            "the social security function is locked: only a reset of the transaction password opens it",
            RESET_PLACES,
        );
    }
    Ok(Plan::new(Operation::PinChange, &[Rule::D13], &[Step::ChangePin]))
}

pub(super) fn may_reset(papers: Papers, state: &State) -> Result<Plan, DeskError> {
    check_in_use(state)?;
    if !state.card_is_here {
        return refuse(Rule::D16, "the card is missing", RESET_PLACES);
    }
    check_identity(papers, state.is_child, Rule::D16, RESET_PLACES)?;
    Ok(Plan::new(Operation::PinReset, &[Rule::D14, Rule::D16], &[Step::ReloadPin]))
}

pub(super) fn may_change_query_password(papers: Papers, state: &State) -> Result<Plan, DeskError> {
    check_in_use(state)?;
    check_identity(papers, state.is_child, Rule::D14, RESET_PLACES)?;
    Ok(Plan::new(Operation::QueryPinChange, &[Rule::D14], &[Step::SetQueryPassword]))
}

/// At a counter the identity card is shown; kiosk and website ask for the query password \[choice\].
pub(super) fn may_change_mobile(
    at: &ServicePoint,
    papers: Papers,
    state: &State,
) -> Result<Plan, DeskError> {
    let counters = "village, community or convenience-center, with the identity card";
    match at.kind() {
        PointKind::Kiosk | PointKind::Website if !state.query_password_shown => {
            return refuse(Rule::D21, "the query password is missing or wrong", counters);
        }
        PointKind::Kiosk | PointKind::Website => {}
        _ => check_identity(papers, state.is_child, Rule::D21, counters)?,
    }
    Ok(Plan::new(Operation::MobileChange, &[Rule::D21], &[Step::SetMobile]))
}
