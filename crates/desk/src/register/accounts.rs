//! Financial accounts, one open one a holder.

use rusqlite::Row;

use super::{Ledger, Word};
use crate::HolderId;
use crate::{AccountState, Cents, DeskError};

impl Word for AccountState {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::Dormant, "dormant"), (Self::Active, "active"), (Self::Closed, "closed")];
}

/// An account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountRow {
    /// Number of the row.
    pub id: i64,
    /// Holder.
    pub holder: HolderId,
    /// Code of its bank.
    pub bank: String,
    /// State.
    pub state: AccountState,
    /// Balance.
    pub balance: Cents,
    /// What its closing paid out.
    pub paid_out: Cents,
}

fn account(row: &Row<'_>) -> rusqlite::Result<AccountRow> {
    Ok(AccountRow {
        id: row.get("id")?,
        holder: row.get("holder")?,
        bank: row.get("bank")?,
        state: AccountState::read(row, "state")?,
        balance: row.get("balance_cents")?,
        paid_out: row.get("paid_out_cents")?,
    })
}

impl Ledger<'_> {
    pub(crate) fn open_account(&self, holder: HolderId, bank: &str) -> Result<i64, DeskError> {
        let sql = "INSERT INTO accounts (holder, bank, state, balance_cents) VALUES (?1, ?2, 'dormant', 0)";
        self.add(sql, (holder, bank))
    }

    /// The latest account of a holder.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn account_of(&self, holder: HolderId) -> Result<Option<AccountRow>, DeskError> {
        let sql = "SELECT * FROM accounts WHERE holder = ?1 ORDER BY id DESC LIMIT 1";
        self.one(sql, [holder], account)
    }

    /// All accounts.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub fn accounts(&self) -> Result<Vec<AccountRow>, DeskError> {
        self.all("SELECT * FROM accounts ORDER BY id", [], account)
    }

    pub(crate) fn set_account(&self, id: i64, state: AccountState) -> Result<(), DeskError> {
        self.write("UPDATE accounts SET state = ?2 WHERE id = ?1", (id, state.word())).map(drop)
    }

    pub(crate) fn credit_account(&self, id: i64, cents: Cents) -> Result<(), DeskError> {
        let sql = "UPDATE accounts SET balance_cents = balance_cents + ?2 WHERE id = ?1";
        self.write(sql, (id, cents)).map(drop)
    }

    /// Closes an account; its balance is paid out.
    pub(crate) fn close_account(&self, id: i64) -> Result<(), DeskError> {
        let sql =
            "UPDATE accounts SET state = 'closed', paid_out_cents = paid_out_cents + balance_cents,
                 balance_cents = 0 WHERE id = ?1";
        self.write(sql, [id]).map(drop)
    }
}
