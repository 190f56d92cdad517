//! Holders and banks.

use rusqlite::Row;
use serde::{Deserialize, Serialize};

use super::{Ledger, text, unsound};
use crate::HolderId;
use crate::{BankView, DeskError, Reason};

/// A cooperating bank.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BankRow {
    /// Code, such as `ICBC`.
    pub code: String,
    /// Name.
    pub name: String,
    /// Whether it wants to see the child whose card it activates (D08).
    pub child_must_be_present: bool,
}

/// A resident whose information was collected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewHolder {
    /// Social security number, 18 characters.
    pub number: String,
    /// Name.
    pub name: String,
    /// Registered mobile number, eleven digits.
    pub mobile: String,
    /// Photo: its name or hash.
    pub photo: Option<String>,
    /// Guardian of a child.
    pub guardian: Option<String>,
    /// Whether the resident is a child.
    pub is_child: bool,
    /// Code of the selected bank.
    pub bank: String,
}

/// What is printed differently on the next card; what is not said is as before.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct NewPerson {
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Social security number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Photo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<String>,
}

impl NewPerson {
    /// The person as printed from now on.
    pub(crate) fn over(&self, before: &NewHolder) -> NewHolder {
        let or = |new: &Option<String>, old: &String| new.as_ref().unwrap_or(old).clone();
        NewHolder {
            name: or(&self.name, &before.name),
            number: or(&self.number, &before.number),
            photo: self.photo.clone().or_else(|| before.photo.clone()),
            ..before.clone()
        }
    }
}

/// A holder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HolderRow {
    /// Number of the row.
    pub id: HolderId,
    /// What was collected, as it is now.
    pub person: NewHolder,
    /// Why the social security function was cancelled, when it was.
    pub cancelled: Option<Reason>,
    /// Hash of the query password, when there is one.
    pub query_hash: Option<String>,
}

impl Reason {
    /// As the register keeps it.
    pub(crate) fn to_word(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::NewBank(bank) => format!("bank:{bank}"),
            other => other.name().to_owned(),
        }
    }

    /// The reason of a word; the inner `None` for no reason at all, the outer one for no such word.
    pub(crate) fn from_word(word: &str) -> Option<Option<Self>> {
        match word.split_once(':') {
            _ if word.is_empty() => Some(None),
            Some((name, bank)) => Self::named(name, Some(bank)).map(Some),
            None => Self::named(word, None).map(Some),
        }
    }
}

fn holder(row: &Row<'_>) -> rusqlite::Result<HolderRow> {
    let cancelled: String = row.get("cancelled")?;
    Ok(HolderRow {
        id: row.get("id")?,
        person: NewHolder {
            number: row.get("number")?,
            name: row.get("name")?,
            mobile: row.get("mobile")?,
            photo: text(row, "photo")?,
            guardian: text(row, "guardian")?,
            is_child: row.get("is_child")?,
            bank: row.get("bank")?,
        },
        cancelled: Reason::from_word(&cancelled).ok_or_else(|| unsound("cancelled", &cancelled))?,
        query_hash: text(row, "query_hash")?,
    })
}

/// As a column keeps it.
fn or_nothing(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

impl Ledger<'_> {
    /// Adds a bank.
    pub(crate) fn add_bank(&self, bank: &BankRow) -> Result<(), DeskError> {
        let sql = "INSERT INTO banks (code, name, child_must_be_present) VALUES (?1, ?2, ?3)";
        self.write(sql, (&bank.code, &bank.name, bank.child_must_be_present)).map(drop)
    }

    /// All cooperating banks.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub fn banks(&self) -> Result<Vec<BankRow>, DeskError> {
        self.all("SELECT * FROM banks ORDER BY code", [], |row| {
            Ok(BankRow {
                code: row.get("code")?,
                name: row.get("name")?,
                child_must_be_present: row.get("child_must_be_present")?,
            })
        })
    }

    /// A bank as rules look at it.
    pub(crate) fn bank(&self, code: &str) -> Result<BankView, DeskError> {
        let sql = "SELECT child_must_be_present FROM banks WHERE code = ?1";
        let found = self.one(sql, [code], |row| row.get(0))?;
        let child_must_be_present = found.ok_or_else(|| DeskError::UnknownBank(code.to_owned()))?;
        Ok(BankView { code: code.to_owned(), child_must_be_present })
    }

    /// Adds a holder; the row's number.
    pub(crate) fn add_holder(&self, holder: &NewHolder) -> Result<HolderId, DeskError> {
        let sql = "INSERT INTO holders (number, name, mobile, photo, guardian, is_child, bank)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let NewHolder { number, name, mobile, photo, guardian, is_child, bank } = holder;
        let (photo, guardian) = (or_nothing(photo), or_nothing(guardian));
        let id = self.add(sql, (number, name, mobile, photo, guardian, is_child, bank))?;
        Ok(HolderId(id))
    }

    /// The holder of a social security number.
    ///
    /// # Errors
    /// [`DeskError::UnknownHolder`].
    pub fn holder(&self, number: &str) -> Result<HolderRow, DeskError> {
        let found = self.one("SELECT * FROM holders WHERE number = ?1", [number], holder)?;
        found.ok_or_else(|| DeskError::UnknownHolder(number.to_owned()))
    }

    /// The holder of a row.
    ///
    /// # Errors
    /// [`DeskError::Unsound`].
    pub fn holder_by_id(&self, id: HolderId) -> Result<HolderRow, DeskError> {
        let found = self.one("SELECT * FROM holders WHERE id = ?1", [id], holder)?;
        found.ok_or_else(|| {
            DeskError::unsound(format!("there is no holder {id}, whom another row names"))
        })
    }

    /// Whether there is a holder of this number.
    pub(crate) fn has_holder(&self, number: &str) -> Result<bool, DeskError> {
        Ok(self.one("SELECT 1 FROM holders WHERE number = ?1", [number], |_| Ok(()))?.is_some())
    }

    /// All holders, in the order they were added.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub fn holders(&self) -> Result<Vec<HolderRow>, DeskError> {
        self.all("SELECT * FROM holders ORDER BY id", [], holder)
    }

    pub(crate) fn set_mobile(&self, id: HolderId, mobile: &str) -> Result<(), DeskError> {
        self.write("UPDATE holders SET mobile = ?2 WHERE id = ?1", (id, mobile)).map(drop)
    }

    pub(crate) fn set_query_hash(&self, id: HolderId, hash: &str) -> Result<(), DeskError> {
        self.write("UPDATE holders SET query_hash = ?2 WHERE id = ?1", (id, hash)).map(drop)
    }

    pub(crate) fn set_cancelled(&self, id: HolderId, reason: &Reason) -> Result<(), DeskError> {
        let sql = "UPDATE holders SET cancelled = ?2 WHERE id = ?1";
        self.write(sql, (id, reason.to_word())).map(drop)
    }

    /// Name, number and photo as they are printed from now on.
    pub(crate) fn set_printed(&self, id: HolderId, person: &NewHolder) -> Result<(), DeskError> {
        let sql = "UPDATE holders SET name = ?2, number = ?3, photo = ?4 WHERE id = ?1";
        self.write(sql, (id, &person.name, &person.number, or_nothing(&person.photo))).map(drop)
    }

    /// Another bank, and the social security function may work again.
    pub(crate) fn set_bank(&self, id: HolderId, bank: &str) -> Result<(), DeskError> {
        let sql = "UPDATE holders SET bank = ?2, cancelled = '' WHERE id = ?1";
        self.write(sql, (id, bank)).map(drop)
    }
}
