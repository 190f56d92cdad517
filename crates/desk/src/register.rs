//! The register (登记库): one SQLite file with holders, cards, accounts, batches, a journal, an outbox.
//!
//! ```text
//! Register::change ─► one transaction ─► rows of the modules below
//! ```
//!
//! What enters: facts that rules allowed. What leaves: rows. A change is written whole or not at
//! all; the journal only grows. Invariant owned here: I-21, its register half.

mod accounts;
mod batches;
mod cards;
mod events;
mod holders;
mod operations;
mod outbox;

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension, Params, Row, TransactionBehavior,
};

pub use accounts::AccountRow;
pub use batches::{BatchRow, Waiting};
pub use cards::{CardRow, NewCard};
pub use events::{Event, EventRow};
pub use holders::{BankRow, HolderRow, NewHolder};
pub use operations::{OperationRow, Pending};
pub use outbox::OutboxRow;

use crate::DeskError;

/// `SSDR`: what tells a register from another SQLite file.
const APPLICATION_ID: i32 = 0x5353_4452;
/// Each entry leads from the version of its index to the next.
const MIGRATIONS: [&str; 1] = [include_str!("register/schema.sql")];

/// The register.
pub struct Register {
    db: Connection,
    path: PathBuf,
    /// Writes that still succeed, when a failure is armed.
    allowance: Cell<Option<u64>>,
}

/// One change, or one look: the rows as they are at one moment.
pub struct Ledger<'r> {
    db: &'r Connection,
    allowance: &'r Cell<Option<u64>>,
}

impl Register {
    /// Makes a register where no file is.
    ///
    /// # Errors
    /// [`DeskError::RegisterExists`], or why the file cannot be made.
    pub fn create(path: &Path) -> Result<Self, DeskError> {
        if path.exists() {
            return Err(DeskError::RegisterExists { path: path.to_owned() });
        }
        let db = Connection::open(path).map_err(|error| of(path, &error))?;
        let mut register = Self { db, path: path.to_owned(), allowance: Cell::new(None) };
        register.prepare(0)?;
        Ok(register)
    }

    /// Opens a register.
    ///
    /// # Errors
    /// [`DeskError::NoRegister`], [`DeskError::NotARegister`], [`DeskError::RegisterBusy`].
    pub fn open(path: &Path) -> Result<Self, DeskError> {
        if !path.exists() {
            return Err(DeskError::NoRegister { path: path.to_owned() });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags).map_err(|error| of(path, &error))?;
        let mut register = Self { db, path: path.to_owned(), allowance: Cell::new(None) };
        let number =
            |name: &str| register.db.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
        let id = number("application_id").map_err(|error| of(path, &error))?;
        if id != APPLICATION_ID {
            return Err(DeskError::NotARegister { path: path.to_owned() });
        }
        let version = number("user_version").map_err(|error| of(path, &error))?;
        let version = usize::try_from(version).unwrap_or(usize::MAX);
        if version > MIGRATIONS.len() {
            return Err(DeskError::RegisterTooNew { path: path.to_owned(), version });
        }
        register.prepare(version)?;
        Ok(register)
    }

    /// Settings of the connection, then the migrations from `version` on.
    fn prepare(&mut self, version: usize) -> Result<(), DeskError> {
        let settings =
            "PRAGMA foreign_keys = ON; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
             PRAGMA secure_delete = ON;";
        self.db
            .busy_timeout(Duration::from_secs(5))
            .and_then(|()| self.db.execute_batch(settings))
            .map_err(|error| of(&self.path, &error))?;
        self.db.set_prepared_statement_cache_capacity(64);
        for (at, migration) in MIGRATIONS.iter().enumerate().skip(version) {
            let done = self.db.transaction_with_behavior(TransactionBehavior::Immediate).and_then(
                |transaction| {
                    transaction.execute_batch(migration)?;
                    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
                    transaction.pragma_update(
                        None,
                        "user_version",
                        i32::try_from(at + 1).unwrap_or(i32::MAX),
                    )?;
                    transaction.commit()
                },
            );
            done.map_err(|error| of(&self.path, &error))?;
        }
        Ok(())
    }

    /// Where the register lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Lets the writing of rows fail after `writes` more of them, as if the program ended there.
    pub fn fail_after(&mut self, writes: Option<u64>) {
        self.allowance.set(writes);
    }

    /// How many writes are left before the armed failure.
    #[must_use]
    pub fn writes_until_failure(&self) -> Option<u64> {
        self.allowance.get()
    }

    /// One change: all of it is written, or nothing.
    ///
    /// # Errors
    /// What `change` says, or why it cannot be written.
    pub fn change<T>(
        &mut self,
        change: impl FnOnce(&Ledger<'_>) -> Result<T, DeskError>,
    ) -> Result<T, DeskError> {
        let path = &self.path;
        let transaction = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| of(path, &error))?;
        let value = change(&Ledger { db: &transaction, allowance: &self.allowance })
            .map_err(|error| error.at(path))?;
        transaction.commit().map_err(|error| of(path, &error))?;
        Ok(value)
    }

    /// One look.
    ///
    /// # Errors
    /// What `look` says, or why nothing can be read.
    pub fn look<T>(
        &self,
        look: impl FnOnce(&Ledger<'_>) -> Result<T, DeskError>,
    ) -> Result<T, DeskError> {
        look(&Ledger { db: &self.db, allowance: &self.allowance })
            .map_err(|error| error.at(&self.path))
    }
}

/// An SQLite error in the words of the desk.
fn of(path: &Path, error: &rusqlite::Error) -> DeskError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            DeskError::RegisterBusy { path }
        }
        Some(ErrorCode::NotADatabase) => DeskError::NotARegister { path },
        Some(ErrorCode::DatabaseCorrupt) => DeskError::RegisterCorrupt { path },
        _ => DeskError::Register { path, reason: error.to_string() },
    }
}

impl From<rusqlite::Error> for DeskError {
    fn from(error: rusqlite::Error) -> Self {
        of(Path::new(""), &error)
    }
}

impl Ledger<'_> {
    /// Writes rows; how many were written.
    fn write(&self, sql: &str, values: impl Params) -> Result<usize, DeskError> {
        match self.allowance.get() {
            Some(0) => return Err(DeskError::Interrupted),
            Some(left) => self.allowance.set(Some(left - 1)),
            None => {}
        }
        Ok(self.db.prepare_cached(sql)?.execute(values)?)
    }

    /// Writes one new row; its number.
    fn add(&self, sql: &str, values: impl Params) -> Result<i64, DeskError> {
        self.write(sql, values)?;
        Ok(self.db.last_insert_rowid())
    }

    fn one<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, DeskError> {
        Ok(self.db.prepare_cached(sql)?.query_row(values, read).optional()?)
    }

    fn all<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, DeskError> {
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map(values, read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// A sum of cents; nothing is 0.
    fn sum(&self, sql: &str) -> Result<i64, DeskError> {
        Ok(self.one(sql, [], |row| row.get::<_, Option<i64>>(0))?.flatten().unwrap_or(0))
    }

    /// A setting of the register.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn setting(&self, key: &str) -> Result<Option<String>, DeskError> {
        self.one("SELECT value FROM settings WHERE key = ?1", [key], |row| row.get(0))
    }

    /// Sets a setting.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub fn set(&self, key: &str, value: &str) -> Result<(), DeskError> {
        let sql = "INSERT INTO settings (key, value) VALUES (?1, ?2)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        self.write(sql, [key, value]).map(drop)
    }
}

/// A text column that stands for a closed set of words.
pub(crate) trait Word: Sized + Copy + 'static {
    /// All of them with their words.
    const WORDS: &'static [(Self, &'static str)];

    fn word(self) -> &'static str
    where
        Self: PartialEq,
    {
        Self::WORDS.iter().find(|(value, _)| *value == self).map_or("", |(_, word)| word)
    }

    fn read(row: &Row<'_>, column: &str) -> rusqlite::Result<Self> {
        let text: String = row.get(column)?;
        let found = Self::WORDS.iter().find(|(_, word)| *word == text).map(|(value, _)| *value);
        found.ok_or(rusqlite::Error::InvalidColumnName(format!("{column}: '{text}'")))
    }
}
