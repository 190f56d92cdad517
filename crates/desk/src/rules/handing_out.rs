//! Handing out: D01, D02.

use jiff::civil::Date;

use super::{check_identity, refuse};
use crate::Rule;
use crate::{DeskError, Paper, Papers, ServicePoint};

/// The card that waits for a resident, as far as the rules look at it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Collection {
    /// Name of the batch.
    pub batch: String,
    /// First day of collection.
    pub opens: Date,
    /// Last day of collection.
    pub closes: Date,
    /// Where the card was delivered to.
    pub delivered_to: ServicePoint,
}

/// Whether a resident may collect a card; `waiting` is what batches have for him and not given yet.
///
/// # Errors
/// [`DeskError::Refused`]: D02 nothing waits for him, D01 another place or another day.
pub fn may_collect(
    at: &ServicePoint,
    today: Date,
    waiting: Option<&Collection>,
) -> Result<(), DeskError> {
    let Some(waiting) = waiting else {
        return refuse(
            Rule::D02,
            "there is no card for this resident in this batch: next batch",
            "the next batch, once the resident's information is collected",
        );
    };
    let Collection { batch, opens, closes, delivered_to } = waiting;
    if !at.is_where(delivered_to) {
        return refuse(
            Rule::D01,
            format!("the card of batch {batch} was delivered to {delivered_to}, not to {at}"),
            delivered_to.to_string(),
        );
    }
    if today < *opens || today > *closes {
        let which = if today < *opens { "has not begun" } else { "has ended" };
        return refuse(
            Rule::D01,
            format!(
                "collection of batch {batch} {which}: it is possible from {opens} to {closes}, today is {today}"
            ),
            format!("{delivered_to}, from {opens} to {closes}; later the next batch"),
        );
    }
    Ok(())
}

/// Who may take a card with him: the holder, an agent (D07), a child's guardian \[choice\].
pub(crate) fn check_collector(
    at: &ServicePoint,
    papers: Papers,
    is_child: bool,
) -> Result<(), DeskError> {
    let place = format!("{at}, with the identity card of the holder, or of a child's guardian");
    if is_child && papers.has(Paper::GuardianIdentityCard) {
        return Ok(());
    }
    check_identity(papers, false, Rule::D01, &place)
}
