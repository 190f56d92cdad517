//! Cards, and the medical money on them.

use jiff::civil::Date;
use rusqlite::Row;

use super::{Ledger, Word};
use crate::{DeskError, Function, ServicePoint, Standing};

impl Word for Standing {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Delivered, "delivered"),
        (Self::Held, "held"),
        (Self::Invalid, "invalid"),
        (Self::Recycled, "recycled"),
    ];
}

impl Word for Function {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::Inactive, "inactive"), (Self::Active, "active"), (Self::Ended, "ended")];
}

/// A card that enters the register.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewCard {
    /// Holder.
    pub holder: i64,
    /// Card number, nine characters.
    pub number: String,
    /// Serial in its historical bytes.
    pub serial: [u8; 4],
    /// Account number of its financial function, or empty.
    pub pan: String,
    /// Bank of its account, or empty.
    pub bank: String,
    /// Batch that it came with.
    pub batch: Option<i64>,
    /// Where it was delivered to.
    pub delivered_to: Option<ServicePoint>,
    /// Whose hands it is in.
    pub standing: Standing,
    /// Whether its functions work already: a card of an earlier generation.
    pub in_use: bool,
    /// The card that it follows.
    pub follows: Option<i64>,
}

/// A card.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CardRow {
    /// Number of the row.
    pub id: i64,
    /// Holder.
    pub holder: i64,
    /// Card number.
    pub number: String,
    /// Serial in its historical bytes.
    pub serial: [u8; 4],
    /// Account number of its financial function, or empty.
    pub pan: String,
    /// Bank of its account, or empty.
    pub bank: String,
    /// Batch that it came with.
    pub batch: Option<i64>,
    /// Where it was delivered to, or empty.
    pub delivered_to: String,
    /// Whose hands it is in.
    pub standing: Standing,
    /// Its social security function.
    pub social: Function,
    /// Its financial function.
    pub financial: Function,
    /// Medical balance in cents.
    pub medical_cents: i64,
    /// What the chip's medical purse holds, in cents.
    pub purse_cents: i64,
    /// The card that it follows, until that one's balance has moved here.
    pub follows: Option<i64>,
    /// Its chip is to be blocked when it comes to a desk.
    pub block_due: bool,
}

fn card(row: &Row<'_>) -> rusqlite::Result<CardRow> {
    Ok(CardRow {
        id: row.get("id")?,
        holder: row.get("holder")?,
        number: row.get("number")?,
        serial: row.get("serial")?,
        pan: row.get("pan")?,
        bank: row.get("bank")?,
        batch: row.get("batch")?,
        delivered_to: row.get("delivered_to")?,
        standing: Standing::read(row, "standing")?,
        social: Function::read(row, "social")?,
        financial: Function::read(row, "financial")?,
        medical_cents: row.get("medical_cents")?,
        purse_cents: row.get("purse_cents")?,
        follows: row.get("follows")?,
        block_due: row.get("block_due")?,
    })
}

impl Ledger<'_> {
    /// Number that the next card's row gets.
    pub(crate) fn next_card(&self) -> Result<i64, DeskError> {
        Ok(self.sum("SELECT max(id) FROM cards")?.saturating_add(1))
    }

    pub(crate) fn add_card(&self, new: &NewCard) -> Result<i64, DeskError> {
        let sql = "INSERT INTO cards (holder, number, serial, pan, bank, batch, delivered_to, standing, social, financial,
                 medical_cents, follows)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, ?11)";
        let delivered = new.delivered_to.as_ref().map(ToString::to_string).unwrap_or_default();
        let social = if new.in_use { Function::Active } else { Function::Inactive };
        let has_bank = !new.bank.is_empty();
        let financial = if new.in_use && has_bank { Function::Active } else { Function::Inactive };
        self.add(
            sql,
            (
                new.holder,
                &new.number,
                new.serial,
                &new.pan,
                &new.bank,
                new.batch,
                delivered,
                new.standing.word(),
                social.word(),
                financial.word(),
                new.follows,
            ),
        )
    }

    /// Takes back a card that nobody has made.
    pub(crate) fn remove_card(&self, id: i64) -> Result<(), DeskError> {
        self.write("DELETE FROM cards WHERE id = ?1", [id]).map(drop)
    }

    /// The card of a row.
    ///
    /// # Errors
    /// [`DeskError::Unsound`].
    pub fn card(&self, id: i64) -> Result<CardRow, DeskError> {
        let found = self.one("SELECT * FROM cards WHERE id = ?1", [id], card)?;
        found.ok_or_else(|| {
            DeskError::unsound(format!("there is no card {id}, which another row names"))
        })
    }

    /// The card of a number.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn card_by_number(&self, number: &str) -> Result<Option<CardRow>, DeskError> {
        self.one("SELECT * FROM cards WHERE number = ?1", [number], card)
    }

    /// The card of a serial.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn card_by_serial(&self, serial: [u8; 4]) -> Result<Option<CardRow>, DeskError> {
        self.one("SELECT * FROM cards WHERE serial = ?1", [serial], card)
    }

    /// All cards of a holder, the newest first.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub fn cards_of(&self, holder: i64) -> Result<Vec<CardRow>, DeskError> {
        self.all("SELECT * FROM cards WHERE holder = ?1 ORDER BY id DESC", [holder], card)
    }

    /// All cards.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub fn cards(&self) -> Result<Vec<CardRow>, DeskError> {
        self.all("SELECT * FROM cards ORDER BY id", [], card)
    }

    pub(crate) fn set_standing(
        &self,
        id: i64,
        standing: Standing,
        block_due: bool,
    ) -> Result<(), DeskError> {
        let sql = "UPDATE cards SET standing = ?2, block_due = ?3 WHERE id = ?1";
        self.write(sql, (id, standing.word(), block_due)).map(drop)
    }

    pub(crate) fn set_functions(
        &self,
        id: i64,
        social: Function,
        financial: Function,
    ) -> Result<(), DeskError> {
        let sql = "UPDATE cards SET social = ?2, financial = ?3 WHERE id = ?1";
        self.write(sql, (id, social.word(), financial.word())).map(drop)
    }

    /// Moves the whole medical balance from one card to another; how much it was, in cents.
    pub(crate) fn move_medical(&self, from: i64, to: i64) -> Result<i64, DeskError> {
        let cents = self.card(from)?.medical_cents;
        let take = "UPDATE cards SET medical_cents = medical_cents - ?2 WHERE id = ?1";
        let give =
            "UPDATE cards SET medical_cents = medical_cents + ?2, follows = NULL WHERE id = ?1";
        self.write(take, (from, cents))?;
        self.write(give, (to, cents))?;
        Ok(cents)
    }

    pub(crate) fn set_purse(&self, id: i64, cents: i64) -> Result<(), DeskError> {
        self.write("UPDATE cards SET purse_cents = ?2 WHERE id = ?1", (id, cents)).map(drop)
    }

    /// Credits medical money to a card.
    pub(crate) fn credit_medical(
        &self,
        date: Date,
        holder: i64,
        card: i64,
        cents: i64,
    ) -> Result<(), DeskError> {
        let give = "UPDATE cards SET medical_cents = medical_cents + ?2 WHERE id = ?1";
        self.write(give, (card, cents))?;
        self.medical_entry(date, holder, "credited", cents)
    }

    /// Takes all medical money off a card, to be paid out; how much it was, in cents.
    pub(crate) fn take_medical(&self, date: Date, card: &CardRow) -> Result<i64, DeskError> {
        if card.medical_cents > 0 {
            self.write("UPDATE cards SET medical_cents = 0 WHERE id = ?1", [card.id])?;
            self.medical_entry(date, card.holder, "paid-out", card.medical_cents)?;
        }
        Ok(card.medical_cents)
    }

    fn medical_entry(
        &self,
        date: Date,
        holder: i64,
        kind: &str,
        cents: i64,
    ) -> Result<(), DeskError> {
        let sql = "INSERT INTO medical_entries (date, holder, kind, cents) VALUES (?1, ?2, ?3, ?4)";
        self.write(sql, (date.to_string(), holder, kind, cents)).map(drop)
    }

    /// All medical money ever credited, in cents.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn medical_issued(&self) -> Result<i64, DeskError> {
        self.sum("SELECT sum(cents) FROM medical_entries WHERE kind = 'credited'")
    }

    /// Medical money on living holders' cards and paid out to accounts, in cents.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn medical_held(&self) -> Result<i64, DeskError> {
        let on_cards =
            "SELECT sum(medical_cents) FROM cards JOIN holders ON holders.id = cards.holder
             WHERE holders.cancelled NOT IN ('death', 'abroad')";
        let paid_out = "SELECT sum(cents) FROM medical_entries WHERE kind = 'paid-out'";
        Ok(self.sum(on_cards)?.saturating_add(self.sum(paid_out)?))
    }
}
