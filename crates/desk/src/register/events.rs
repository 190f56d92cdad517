//! The journal: who, where, what, before, after.

use jiff::civil::Date;

use super::Ledger;
use super::batches::date;
use crate::{CardId, HolderId};
use crate::{DeskError, Papers, Rule, ServicePoint};

/// Something that happened.
pub struct Event<'e> {
    /// Day.
    pub date: Date,
    /// Holder, when it is about one.
    pub holder: Option<HolderId>,
    /// Card, when it is about one.
    pub card: Option<CardId>,
    /// Where; `None` in the back office.
    pub place: Option<&'e ServicePoint>,
    /// What was shown.
    pub papers: Papers,
    /// What was done.
    pub what: &'e str,
    /// By which rules.
    pub rules: &'e [Rule],
    /// How it was.
    pub before: String,
    /// How it is.
    pub after: String,
}

/// A line of the journal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventRow {
    /// Its number.
    pub id: i64,
    /// Day.
    pub date: Date,
    /// Social security number of the holder, when it is about one.
    pub holder: Option<String>,
    /// Card number, when it is about one.
    pub card: Option<String>,
    /// Where.
    pub place: String,
    /// What was shown.
    pub papers: String,
    /// What was done.
    pub what: String,
    /// By which rules.
    pub rules: String,
    /// How it was.
    pub before: String,
    /// How it is.
    pub after: String,
}

impl Ledger<'_> {
    pub(crate) fn note(&self, event: &Event<'_>) -> Result<i64, DeskError> {
        let sql =
            "INSERT INTO events (date, holder, card, place, papers, what, rules, before, after)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let place = event.place.map_or_else(|| "back-office".to_owned(), ToString::to_string);
        let rules: Vec<_> = event.rules.iter().map(|rule| rule.id()).collect();
        self.add(
            sql,
            (
                event.date.to_string(),
                event.holder,
                event.card,
                place,
                event.papers.to_string(),
                event.what,
                rules.join(","),
                &event.before,
                &event.after,
            ),
        )
    }

    /// The journal, of one holder or of all, in its order.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn events(&self, holder: Option<HolderId>) -> Result<Vec<EventRow>, DeskError> {
        let sql = "SELECT events.*, holders.number AS holder_number, cards.number AS card_number
             FROM events LEFT JOIN holders ON holders.id = events.holder
             LEFT JOIN cards ON cards.id = events.card
             WHERE ?1 IS NULL OR events.holder = ?1 ORDER BY events.id";
        self.all(sql, [holder], |row| {
            Ok(EventRow {
                id: row.get("id")?,
                date: date(row, "date")?,
                holder: row.get("holder_number")?,
                card: row.get("card_number")?,
                place: row.get("place")?,
                papers: row.get("papers")?,
                what: row.get("what")?,
                rules: row.get("rules")?,
                before: row.get("before")?,
                after: row.get("after")?,
            })
        })
    }
}
