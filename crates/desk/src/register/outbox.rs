//! Messages to registered mobile numbers: no real SMS. A sealed body is read once, then wiped.

use jiff::civil::Date;

use super::Ledger;
use super::batches::date;
use crate::DeskError;
use crate::HolderId;

/// A message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutboxRow {
    /// Its number.
    pub id: i64,
    /// Day.
    pub date: Date,
    /// Holder.
    pub holder: HolderId,
    /// Where it goes.
    pub mobile: String,
    /// What it is, such as `query-password`.
    pub kind: String,
    /// The sealed body; `None` once it was shown.
    pub sealed: Option<Vec<u8>>,
}

impl Ledger<'_> {
    /// Adds a message without a body; its number, which the body is sealed with.
    pub(crate) fn add_message(
        &self,
        date: Date,
        holder: HolderId,
        mobile: &str,
        kind: &str,
    ) -> Result<i64, DeskError> {
        let sql = "INSERT INTO outbox (date, holder, mobile, kind) VALUES (?1, ?2, ?3, ?4)";
        self.add(sql, (date.to_string(), holder, mobile, kind))
    }

    pub(crate) fn set_body(&self, id: i64, sealed: Option<&[u8]>) -> Result<(), DeskError> {
        self.write("UPDATE outbox SET sealed = ?2 WHERE id = ?1", (id, sealed)).map(drop)
    }

    /// Sealed bodies with the numbers of their messages.
    pub(crate) fn sealed(&self) -> Result<Vec<(i64, Vec<u8>)>, DeskError> {
        let sql = "SELECT id, sealed FROM outbox WHERE sealed IS NOT NULL ORDER BY id";
        self.all(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// All messages, in their order.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub fn outbox(&self) -> Result<Vec<OutboxRow>, DeskError> {
        self.all("SELECT * FROM outbox ORDER BY id", [], |row| {
            Ok(OutboxRow {
                id: row.get("id")?,
                date: date(row, "date")?,
                holder: row.get("holder")?,
                mobile: row.get("mobile")?,
                kind: row.get("kind")?,
                sealed: row.get("sealed")?,
            })
        })
    }
}
