//! Operations that have begun at a card and are not written down yet.

use std::path::PathBuf;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::batches::date;
use super::{Ledger, unsound};
use crate::{CardId, HolderId};
use crate::{Cents, DeskError, NewPerson, Rule, Step};

/// What an operation needs to be finished: its plan and its values, never a password.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pending {
    /// Name of the operation.
    pub operation: String,
    /// Its steps.
    pub steps: Vec<Step>,
    /// Its rules.
    pub rules: Vec<Rule>,
    /// What somebody came for.
    pub reason: String,
    /// Whether the card was on the counter.
    pub card_was_here: bool,
    /// Whether the old card was.
    #[serde(default)]
    pub old_card_was_here: bool,
    /// What the new card's purse is to hold, when it is loaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purse_cents: Option<Cents>,
    /// Row of the new card, when one is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_card: Option<CardId>,
    /// What is printed on it from now on.
    #[serde(default)]
    pub person: NewPerson,
    /// Where the image of the new card goes, absolute; a program that ended early may have put it
    /// there. Operations of before have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goes_to: Option<PathBuf>,
}

/// An operation that waits to be finished.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OperationRow {
    /// Its number.
    pub id: i64,
    /// Day it began.
    pub date: Date,
    /// Holder.
    pub holder: HolderId,
    /// The card that it is about.
    pub card: CardId,
    /// The old card.
    pub old_card: Option<CardId>,
    /// Where.
    pub place: String,
    /// What was shown.
    pub papers: String,
    /// What is to be done.
    pub pending: Pending,
}

impl Ledger<'_> {
    pub(crate) fn begin_operation(&self, operation: &OperationRow) -> Result<i64, DeskError> {
        let sql = "INSERT INTO operations (date, holder, card, old_card, place, papers, plan)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let plan = serde_json::to_string(&operation.pending)
            .map_err(|error| DeskError::Plan(error.to_string()))?;
        let OperationRow { date, holder, card, old_card, place, papers, .. } = operation;
        self.add(sql, (date.to_string(), holder, card, old_card, place, papers, plan))
    }

    pub(crate) fn end_operation(&self, id: i64) -> Result<(), DeskError> {
        self.write("DELETE FROM operations WHERE id = ?1", [id]).map(drop)
    }

    /// What waits to be finished, of one holder or of all.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn operations(&self, holder: Option<HolderId>) -> Result<Vec<OperationRow>, DeskError> {
        let sql = "SELECT * FROM operations WHERE ?1 IS NULL OR holder = ?1 ORDER BY id";
        self.all(sql, [holder], |row| {
            let plan: String = row.get("plan")?;
            let pending =
                serde_json::from_str(&plan).map_err(|error| unsound("plan", &error.to_string()))?;
            Ok(OperationRow {
                id: row.get("id")?,
                date: date(row, "date")?,
                holder: row.get("holder")?,
                card: row.get("card")?,
                old_card: row.get("old_card")?,
                place: row.get("place")?,
                papers: row.get("papers")?,
                pending,
            })
        })
    }
}
