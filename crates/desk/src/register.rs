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
mod failure;
mod holders;
mod operations;
mod outbox;

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Params, Row, TransactionBehavior};

pub use accounts::AccountRow;
pub use batches::{BatchRow, Waiting};
pub use cards::{CardRow, NewCard};
pub use events::{Event, EventRow};
pub use holders::{BankRow, HolderRow, NewHolder, NewPerson};
pub use operations::{OperationRow, Pending};
pub use outbox::OutboxRow;

pub(crate) use failure::unsound;

use crate::file::{Made, beside, new_file, owner_only};
use crate::{Cents, DeskError};
use failure::of;

/// `SSDR`: what tells a register from another SQLite file.
const APPLICATION_ID: i32 = 0x5353_4452;
/// Each entry leads from the version of its index to the next.
const MIGRATIONS: [&str; 1] = [include_str!("register/schema.sql")];

/// Tables with the columns that this version reads and writes.
const TABLES: [(&str, &str); 10] = [
    ("settings", "key, value"),
    ("banks", "code, name, child_must_be_present"),
    ("holders", "id, number, name, mobile, photo, guardian, is_child, bank, cancelled, query_hash"),
    ("batches", "id, name, opens, closes"),
    (
        "cards",
        "id, holder, number, serial, pan, bank, batch, delivered_to, standing, social, financial,
         medical_cents, purse_cents, follows, block_due",
    ),
    ("accounts", "id, holder, bank, state, balance_cents, paid_out_cents"),
    ("medical_entries", "id, date, holder, kind, cents"),
    ("events", "id, date, holder, card, place, papers, what, rules, before, after"),
    ("outbox", "id, date, holder, mobile, kind, sealed"),
    ("operations", "id, date, holder, card, old_card, place, papers, plan"),
];

/// How far a change of the register is when it is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Durability {
    /// On the disk: a loss of power leaves it. What an operation is about is there before the card's
    /// first change, so that no card is ever ahead of its register.
    #[default]
    Disk,
    /// With the operating system: a program that is killed leaves it, a loss of power may not. For a
    /// register that is thrown away with its program, as a simulation's is: nobody resumes it.
    System,
}

/// The register.
pub struct Register {
    db: Connection,
    path: PathBuf,
    /// The file itself, where the path is a link to it.
    real: PathBuf,
    /// Files of it that others may read, and whose mode cannot be changed.
    exposed: Vec<PathBuf>,
    /// Writes that still succeed, when a failure is armed.
    allowance: Cell<Option<u64>>,
}

/// One change, or one look: the rows as they are at one moment.
pub struct Ledger<'r> {
    db: &'r Connection,
    allowance: &'r Cell<Option<u64>>,
}

impl Register {
    /// Makes a register where no file is, for its owner alone.
    ///
    /// # Errors
    /// [`DeskError::RegisterExists`], or why the file cannot be made.
    pub fn create(path: &Path) -> Result<Self, DeskError> {
        Self::create_with(path, Durability::Disk, |_| Ok(()))
    }

    /// The same, with what `fill` writes as its first rows. The file is made aside and takes its name
    /// when it is whole; of one that cannot be made nothing stays.
    pub(crate) fn create_with(
        path: &Path,
        durability: Durability,
        fill: impl FnOnce(&Ledger<'_>) -> Result<(), DeskError>,
    ) -> Result<Self, DeskError> {
        // A journal that lies there would be read as this register's.
        for end in ["", "-wal", "-shm", "-journal"] {
            let file = beside(path, end);
            if fs::symlink_metadata(&file).is_ok() {
                return Err(DeskError::RegisterExists { path: file });
            }
        }
        let unwritable = |error: std::io::Error| DeskError::Register {
            path: path.to_owned(),
            reason: format!("it cannot be made: {}", error.kind()),
        };
        let draft = new_file(path).map_err(unwritable)?;
        let allowance = Cell::new(None);
        {
            let db = connect(draft.path()).map_err(|error| of(path, &error))?;
            let settings = "PRAGMA foreign_keys = ON; PRAGMA journal_mode = MEMORY;
                 PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY;";
            db.execute_batch(settings).map_err(|error| of(path, &error))?;
            migrate(&db, 0, |db| fill(&Ledger { db, allowance: &allowance }))
                .map_err(|error| error.at(path))?;
            db.close().map_err(|(_, error)| of(path, &error))?;
        }
        draft.keep(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                DeskError::RegisterExists { path: path.to_owned() }
            }
            _ => unwritable(error),
        })?;
        let made = Made::new(path, &["", "-wal", "-shm"]);
        let register = Self::open_with(path, durability)?;
        made.keep();
        Ok(register)
    }

    /// Opens a register. Files of it that others may read are for their owner alone from then on.
    ///
    /// # Errors
    /// [`DeskError::NoRegister`], [`DeskError::NotARegister`], [`DeskError::OtherSchema`],
    /// [`DeskError::RegisterBusy`].
    pub fn open(path: &Path) -> Result<Self, DeskError> {
        Self::open_with(path, Durability::Disk)
    }

    pub(crate) fn open_with(path: &Path, durability: Durability) -> Result<Self, DeskError> {
        let Ok(real) = fs::canonicalize(path) else {
            return Err(DeskError::NoRegister { path: path.to_owned() });
        };
        if !real.is_file() {
            return Err(DeskError::NotARegister { path: path.to_owned() });
        }
        let db = connect(&real).map_err(|error| of(path, &error))?;
        let version = check(&db).map_err(|error| error.at(path))?;
        let mut register = Self {
            db,
            path: path.to_owned(),
            exposed: ["", "-wal", "-shm", "-journal"]
                .map(|end| beside(&real, end))
                .into_iter()
                .filter(|file| !owner_only(file))
                .collect(),
            real,
            allowance: Cell::new(None),
        };
        register.prepare(durability, version)?;
        Ok(register)
    }

    /// Settings of the connection, and what is new in this version.
    fn prepare(&mut self, durability: Durability, version: usize) -> Result<(), DeskError> {
        let synchronous = match durability {
            Durability::Disk => "FULL",
            Durability::System => "OFF",
        };
        let settings = format!(
            "PRAGMA foreign_keys = ON; PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous};
             PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;"
        );
        self.db.execute_batch(&settings).map_err(|error| of(&self.path, &error))?;
        self.db.set_prepared_statement_cache_capacity(64);
        migrate(&self.db, version, |_| Ok(())).map_err(|error| error.at(&self.path))
    }

    /// Files of the register that others may read, and whose mode cannot be changed.
    #[must_use]
    pub fn exposed(&self) -> &[PathBuf] {
        &self.exposed
    }

    /// Where its own key lies.
    pub(crate) fn key_place(&self) -> PathBuf {
        crate::key::place(&self.real)
    }

    /// Nothing of what was wiped stays in the write-ahead log, unless another program reads it now.
    pub(crate) fn empty_log(&self) -> Result<(), DeskError> {
        let done = self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        done.map_err(|error| of(&self.path, &error))
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

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(Duration::from_secs(5))?;
    Ok(db)
}

fn number(db: &Connection, pragma: &str) -> Result<i32, DeskError> {
    Ok(db.pragma_query_value(None, pragma, |row| row.get(0))?)
}

/// The version of a register that this program knows; nothing is written.
fn check(db: &Connection) -> Result<usize, DeskError> {
    let path = PathBuf::new;
    if number(db, "application_id")? != APPLICATION_ID {
        return Err(DeskError::NotARegister { path: path() });
    }
    let other = |what: String| DeskError::OtherSchema { path: path(), what };
    let version = number(db, "user_version")?;
    let version = match usize::try_from(version) {
        Ok(version) if version > MIGRATIONS.len() => {
            return Err(DeskError::RegisterTooNew { path: path(), version });
        }
        Ok(version @ 1..) => version,
        _ => return Err(other(format!("its version is {version}"))),
    };
    for (table, columns) in TABLES {
        match db.prepare(&format!("SELECT {columns} FROM {table} LIMIT 0")) {
            Ok(_) => {}
            Err(error) if failure::is_schema(&error) => {
                return Err(other(format!(
                    "the table '{table}' is missing, or one of its columns"
                )));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(version)
}

/// The migrations from `version` on; `fill` adds rows to the last of them.
fn migrate(
    db: &Connection,
    version: usize,
    fill: impl FnOnce(&Connection) -> Result<(), DeskError>,
) -> Result<(), DeskError> {
    let mut fill = Some(fill);
    for (migration, next) in MIGRATIONS.iter().zip(1..).skip(version) {
        db.execute_batch("BEGIN IMMEDIATE")?;
        let done = db
            .execute_batch(migration)
            .and_then(|()| db.pragma_update(None, "application_id", APPLICATION_ID))
            .and_then(|()| db.pragma_update(None, "user_version", next))
            .map_err(DeskError::from)
            .and_then(|()| match fill.take().filter(|_| next as usize == MIGRATIONS.len()) {
                Some(fill) => fill(db),
                None => Ok(()),
            })
            .and_then(|()| Ok(db.execute_batch("COMMIT")?));
        if done.is_err() {
            // The error that led here is the one to tell.
            let _ = db.execute_batch("ROLLBACK");
        }
        done?;
    }
    Ok(())
}

impl Ledger<'_> {
    /// Writes rows; how many were written.
    fn write(&self, sql: &str, values: impl Params) -> Result<usize, DeskError> {
        if let Some(left) = self.allowance.get() {
            self.allowance.set(Some(left.checked_sub(1).ok_or(DeskError::Interrupted)?));
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
    fn sum(&self, sql: &str) -> Result<Cents, DeskError> {
        Ok(self.one(sql, [], |row| row.get::<_, Option<Cents>>(0))?.flatten().unwrap_or_default())
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

/// A text column in which nothing stands for nothing.
fn text(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<String>> {
    let text: String = row.get(column)?;
    Ok(Some(text).filter(|text| !text.is_empty()))
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
        found.ok_or_else(|| unsound(column, &text))
    }
}

#[cfg(test)]
mod tests;
