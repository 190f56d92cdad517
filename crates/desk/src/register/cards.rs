//! Cards, and the medical money on them.

use jiff::civil::Date;
use rusqlite::Row;

use super::{Ledger, Word, text};
use crate::{CardId, HolderId};
use crate::{Cents, DeskError, Function, ServicePoint, Standing};

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
    pub holder: HolderId,
    /// Card number, nine characters.
    pub number: String,
    /// Serial in its historical bytes.
    pub serial: [u8; 4],
    /// Account number of its financial function.
    pub pan: Option<String>,
    /// Bank of its account.
    pub bank: Option<String>,
    /// Batch that it came with.
    pub batch: Option<i64>,
    /// Where it was delivered to.
    pub delivered_to: Option<ServicePoint>,
    /// Whose hands it is in.
    pub standing: Standing,
    /// Whether its functions work already: a card of an earlier generation.
    pub in_use: bool,
    /// The card that it follows.
    pub follows: Option<CardId>,
}

/// A card.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CardRow {
    /// Number of the row.
    pub id: CardId,
    /// Holder.
    pub holder: HolderId,
    /// Card number.
    pub number: String,
    /// Serial in its historical bytes.
    pub serial: [u8; 4],
    /// Account number of its financial function.
    pub pan: Option<String>,
    /// Bank of its account.
    pub bank: Option<String>,
    /// Batch that it came with.
    pub batch: Option<i64>,
    /// Where it was delivered to.
    pub delivered_to: Option<String>,
    /// Whose hands it is in.
    pub standing: Standing,
    /// Its social security function.
    pub social: Function,
    /// Its financial function.
    pub financial: Function,
    /// Medical balance.
    pub medical: Cents,
    /// What the chip's medical purse holds.
    pub purse: Cents,
    /// The card that it follows, until that one's balance has moved here.
    pub follows: Option<CardId>,
    /// Its chip is to be blocked when it comes to a desk.
    pub block_due: bool,
}

impl CardRow {
    /// The card that a holder has: the latest in his hands, else the latest that waits, else the latest.
    pub(crate) fn current(cards: &[Self]) -> Option<&Self> {
        let of = |standing| cards.iter().find(move |card| card.standing == standing);
        of(Standing::Held).or_else(|| of(Standing::Delivered)).or_else(|| cards.first())
    }
}

fn card(row: &Row<'_>) -> rusqlite::Result<CardRow> {
    Ok(CardRow {
        id: row.get("id")?,
        holder: row.get("holder")?,
        number: row.get("number")?,
        serial: row.get("serial")?,
        pan: text(row, "pan")?,
        bank: text(row, "bank")?,
        batch: row.get("batch")?,
        delivered_to: text(row, "delivered_to")?,
        standing: Standing::read(row, "standing")?,
        social: Function::read(row, "social")?,
        financial: Function::read(row, "financial")?,
        medical: row.get("medical_cents")?,
        purse: row.get("purse_cents")?,
        follows: row.get("follows")?,
        block_due: row.get("block_due")?,
    })
}

impl Ledger<'_> {
    /// Number that the next card's row gets.
    pub(crate) fn next_card(&self) -> Result<CardId, DeskError> {
        let last = self.one("SELECT max(id) FROM cards", [], |row| row.get::<_, Option<i64>>(0))?;
        Ok(CardId(last.flatten().unwrap_or(0).saturating_add(1)))
    }

    pub(crate) fn add_card(&self, new: &NewCard) -> Result<CardId, DeskError> {
        let sql = "INSERT INTO cards (holder, number, serial, pan, bank, batch, delivered_to, standing, social, financial,
                 medical_cents, follows)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, ?11)";
        let delivered = new.delivered_to.as_ref().map(ToString::to_string).unwrap_or_default();
        let social = if new.in_use { Function::Active } else { Function::Inactive };
        let has_bank = new.bank.is_some();
        let financial = if new.in_use && has_bank { Function::Active } else { Function::Inactive };
        let id = self.add(
            sql,
            (
                new.holder,
                &new.number,
                new.serial,
                new.pan.as_deref().unwrap_or_default(),
                new.bank.as_deref().unwrap_or_default(),
                new.batch,
                delivered,
                new.standing.word(),
                social.word(),
                financial.word(),
                new.follows,
            ),
        )?;
        Ok(CardId(id))
    }

    /// Takes back a card that nobody has made.
    pub(crate) fn remove_card(&self, id: CardId) -> Result<(), DeskError> {
        self.write("DELETE FROM cards WHERE id = ?1", [id]).map(drop)
    }

    /// The card of a row.
    ///
    /// # Errors
    /// [`DeskError::Unsound`].
    pub fn card(&self, id: CardId) -> Result<CardRow, DeskError> {
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
    pub fn cards_of(&self, holder: HolderId) -> Result<Vec<CardRow>, DeskError> {
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
        id: CardId,
        standing: Standing,
        block_due: bool,
    ) -> Result<(), DeskError> {
        let sql = "UPDATE cards SET standing = ?2, block_due = ?3 WHERE id = ?1";
        self.write(sql, (id, standing.word(), block_due)).map(drop)
    }

    pub(crate) fn set_functions(
        &self,
        id: CardId,
        social: Function,
        financial: Function,
    ) -> Result<(), DeskError> {
        let sql = "UPDATE cards SET social = ?2, financial = ?3 WHERE id = ?1";
        self.write(sql, (id, social.word(), financial.word())).map(drop)
    }

    /// Moves the whole medical balance from one card to another; how much it was.
    pub(crate) fn move_medical(&self, from: CardId, to: CardId) -> Result<Cents, DeskError> {
        let cents = self.card(from)?.medical;
        let take = "UPDATE cards SET medical_cents = medical_cents - ?2 WHERE id = ?1";
        let give =
            "UPDATE cards SET medical_cents = medical_cents + ?2, follows = NULL WHERE id = ?1";
        self.write(take, (from, cents))?;
        self.write(give, (to, cents))?;
        Ok(cents)
    }

    pub(crate) fn set_purse(&self, id: CardId, cents: Cents) -> Result<(), DeskError> {
        self.write("UPDATE cards SET purse_cents = ?2 WHERE id = ?1", (id, cents)).map(drop)
    }

    /// Credits medical money to a card.
    pub(crate) fn credit_medical(
        &self,
        date: Date,
        holder: HolderId,
        card: CardId,
        cents: Cents,
    ) -> Result<(), DeskError> {
        let give = "UPDATE cards SET medical_cents = medical_cents + ?2 WHERE id = ?1";
        self.write(give, (card, cents))?;
        self.medical_entry(date, holder, "credited", cents)
    }

    /// Takes all medical money off a card, to be paid out; how much it was.
    pub(crate) fn take_medical(&self, date: Date, card: &CardRow) -> Result<Cents, DeskError> {
        if card.medical.is_positive() {
            self.write("UPDATE cards SET medical_cents = 0 WHERE id = ?1", [card.id])?;
            self.medical_entry(date, card.holder, "paid-out", card.medical)?;
        }
        Ok(card.medical)
    }

    fn medical_entry(
        &self,
        date: Date,
        holder: HolderId,
        kind: &str,
        cents: Cents,
    ) -> Result<(), DeskError> {
        let sql = "INSERT INTO medical_entries (date, holder, kind, cents) VALUES (?1, ?2, ?3, ?4)";
        self.write(sql, (date.to_string(), holder, kind, cents)).map(drop)
    }

    /// All medical money ever credited.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn medical_issued(&self) -> Result<Cents, DeskError> {
        self.sum("SELECT sum(cents) FROM medical_entries WHERE kind = 'credited'")
    }

    /// Medical money on living holders' cards and paid out to accounts.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn medical_held(&self) -> Result<Cents, DeskError> {
        let on_cards =
            "SELECT sum(medical_cents) FROM cards JOIN holders ON holders.id = cards.holder
             WHERE holders.cancelled NOT IN ('death', 'abroad')";
        let paid_out = "SELECT sum(cents) FROM medical_entries WHERE kind = 'paid-out'";
        Ok(self.sum(on_cards)?.saturating_add(self.sum(paid_out)?))
    }
}
