//! Batches of cards, and what waits for a resident.

use jiff::civil::Date;

use super::{CardRow, Ledger};
use crate::HolderId;
use crate::text::quoted;
use crate::{Collection, DeskError, ServicePoint};

/// A batch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BatchRow {
    /// Number of the row.
    pub id: i64,
    /// Name.
    pub name: String,
    /// First day of collection.
    pub opens: Date,
    /// Last day of collection.
    pub closes: Date,
}

/// A card that waits to be collected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// The card.
    pub card: CardRow,
    /// Where and when.
    pub collection: Collection,
}

/// A date out of the register.
pub(super) fn date(row: &rusqlite::Row<'_>, column: &str) -> rusqlite::Result<Date> {
    let text: String = row.get(column)?;
    text.parse().map_err(|_| super::unsound(column, &text))
}

impl Ledger<'_> {
    pub(crate) fn add_batch(
        &self,
        name: &str,
        opens: Date,
        closes: Date,
    ) -> Result<i64, DeskError> {
        let sql = "INSERT INTO batches (name, opens, closes) VALUES (?1, ?2, ?3)";
        self.add(sql, (name, opens.to_string(), closes.to_string()))
    }

    /// The batch of a name.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn batch(&self, name: &str) -> Result<Option<BatchRow>, DeskError> {
        self.one("SELECT * FROM batches WHERE name = ?1", [name], batch)
    }

    /// The card that waits for a holder, out of the latest batch.
    pub(crate) fn waiting(&self, cards: &[CardRow]) -> Result<Option<Waiting>, DeskError> {
        let delivered = |card: &&CardRow| card.standing == crate::Standing::Delivered;
        let Some(card) = cards.iter().find(delivered) else { return Ok(None) };
        let unsound =
            |what: &str| DeskError::unsound(format!("card {} waits {what}", quoted(&card.number)));
        let id = card.batch.ok_or_else(|| unsound("and is of no batch"))?;
        let delivered_to = ServicePoint::of_row(card.delivered_to.as_deref().unwrap_or_default())
            .map_err(|_| unsound("where no service point is"))?;
        let found = self.one("SELECT * FROM batches WHERE id = ?1", [id], batch)?;
        let batch = found.ok_or_else(|| unsound("in a batch that is not there"))?;
        Ok(Some(Waiting {
            card: card.clone(),
            collection: Collection {
                batch: batch.name,
                opens: batch.opens,
                closes: batch.closes,
                delivered_to,
            },
        }))
    }

    /// Holders that have no card of a batch and no card that could be used yet.
    pub(crate) fn holders_without_card(&self) -> Result<Vec<HolderId>, DeskError> {
        let sql = "SELECT id FROM holders WHERE cancelled = '' AND NOT EXISTS
             (SELECT 1 FROM cards WHERE cards.holder = holders.id AND cards.bank <> '') ORDER BY id";
        self.all(sql, [], |row| row.get(0))
    }
}

fn batch(row: &rusqlite::Row<'_>) -> rusqlite::Result<BatchRow> {
    Ok(BatchRow {
        id: row.get("id")?,
        name: row.get("name")?,
        opens: date(row, "opens")?,
        closes: date(row, "closes")?,
    })
}
