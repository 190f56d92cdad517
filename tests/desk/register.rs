//! The register as a file: busy, damaged, foreign, too new; its journal only grows.

use std::path::PathBuf;

use sscard_desk::register::Register;
use sscard_desk::{DeskError, NewRegister};

use super::acts::HOLDER;
use super::city::{City, LI};

/// A register with some weeks in it, closed.
fn closed() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::TempDir::new().expect("folder");
    let path = folder.path().join("register.db");
    std::fs::write(&path, City::active(LI).snapshot().register).expect("written");
    (folder, path)
}

fn bytes(path: &PathBuf) -> Vec<u8> {
    std::fs::read(path).expect("read")
}

#[test]
fn desk_register_that_another_program_writes_is_busy_and_nothing_is_lost() {
    let mut city = City::active(LI);
    let mut other = Register::open(city.desk.register().path()).expect("a second connection");
    let path = city.desk.register().path().to_owned();
    let before = city.rows(LI);
    let outcome = other
        .change(|_| Ok(city.change_mobile(LI, "village", HOLDER, None)))
        .expect("it holds the lock meanwhile");
    match outcome {
        Err(DeskError::RegisterBusy { path: named }) => assert_eq!(named, path),
        other => panic!("{other:?}"),
    }
    assert_eq!(city.rows(LI), before);
    let holder = city.desk.register().look(|ledger| ledger.holder(LI)).expect("readable");
    assert_eq!(holder.person.mobile, "13800000001");
    city.change_mobile(LI, "village", HOLDER, None).expect("afterwards it works");
}

#[test]
fn desk_register_of_another_kind_is_refused_and_untouched() {
    let (_folder, path) = closed();
    for text in ["not a database, but long enough to have a header: ".repeat(40), String::new()] {
        std::fs::write(&path, &text).expect("written");
        let outcome = Register::open(&path).map(drop);
        assert!(matches!(outcome, Err(DeskError::NotARegister { .. })), "{outcome:?}");
        assert_eq!(bytes(&path), text.as_bytes());
    }
    let folder = tempfile::TempDir::new().expect("folder");
    let other = folder.path().join("other.db");
    let db = rusqlite::Connection::open(&other).expect("opened");
    db.execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (1);").expect("written");
    drop(db);
    let before = bytes(&other);
    let outcome = Register::open(&other).map(drop);
    assert!(matches!(outcome, Err(DeskError::NotARegister { .. })), "{outcome:?}");
    assert_eq!(bytes(&other), before);
}

#[test]
fn desk_register_that_is_not_there_or_there_already() {
    let (folder, path) = closed();
    let outcome = Register::open(&folder.path().join("none.db")).map(drop);
    assert!(matches!(outcome, Err(DeskError::NoRegister { .. })), "{outcome:?}");
    let before = bytes(&path);
    let outcome = sscard_desk::Desk::create(&path, &NewRegister::default()).map(drop);
    assert!(matches!(outcome, Err(DeskError::RegisterExists { .. })), "{outcome:?}");
    assert_eq!(bytes(&path), before);
}

#[test]
fn desk_register_of_a_later_version_is_refused_and_untouched() {
    let (_folder, path) = closed();
    let db = rusqlite::Connection::open(&path).expect("opened");
    db.pragma_update(None, "user_version", 2).expect("written");
    drop(db);
    let before = bytes(&path);
    let outcome = Register::open(&path).map(drop);
    assert!(matches!(outcome, Err(DeskError::RegisterTooNew { version: 2, .. })), "{outcome:?}");
    assert_eq!(bytes(&path), before);
}

#[test]
fn desk_register_that_is_damaged_says_so_and_is_not_written() {
    let (_folder, path) = closed();
    let whole = bytes(&path);
    // Every page but the first: what is opened is looked at, and no answer is made up.
    let page = 4096;
    let mut damaged = whole.clone();
    for at in (page..damaged.len()).step_by(page) {
        damaged[at..at + 64].fill(0xA5);
    }
    std::fs::write(&path, &damaged).expect("written");
    let outcome = sscard_desk::Desk::open(&path).map(drop);
    match outcome {
        Err(DeskError::RegisterCorrupt { path: named }) => assert_eq!(named, path),
        other => panic!("{other:?}"),
    }
    assert_eq!(bytes(&path), damaged);
    // Cut off in the middle.
    std::fs::write(&path, &whole[..whole.len() / 2]).expect("written");
    let outcome = sscard_desk::Desk::open(&path).and_then(|desk| {
        desk.register().look(|ledger| Ok((ledger.cards()?, ledger.events(None)?)))
    });
    assert!(matches!(outcome, Err(DeskError::RegisterCorrupt { .. })), "{outcome:?}");
}

#[test]
fn desk_journal_only_grows() {
    let (_folder, path) = closed();
    let db = rusqlite::Connection::open(&path).expect("opened");
    let count = || db.query_row("SELECT count(*) FROM events", [], |row| row.get::<_, i64>(0));
    let before = count().expect("counted");
    assert!(before > 0);
    for statement in [
        "DELETE FROM events",
        "DELETE FROM events WHERE id = 1",
        "UPDATE events SET after = ''",
        "UPDATE events SET id = id + 100",
        "INSERT OR REPLACE INTO events SELECT * FROM events WHERE id = 1",
        "REPLACE INTO events (id, date, place, papers, what, rules, before, after)
             VALUES (1, '', '', '', 'forged', '', '', '')",
    ] {
        let error = db.execute(statement, []).expect_err(statement).to_string();
        assert!(error.contains("the journal only grows"), "{statement}: {error}");
    }
    assert_eq!(count().expect("counted"), before);
}

#[test]
fn desk_register_keeps_its_settings() {
    let city = City::active(LI);
    let db = rusqlite::Connection::open(city.desk.register().path()).expect("opened");
    let mode: String =
        db.query_row("PRAGMA journal_mode", [], |row| row.get(0)).expect("journal mode");
    assert_eq!(mode, "wal");
    let check: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("ok");
    assert_eq!(check, "ok");
    let orphans = db.prepare("PRAGMA foreign_key_check").and_then(|mut all| all.exists([]));
    assert!(!orphans.expect("checked"));
}
