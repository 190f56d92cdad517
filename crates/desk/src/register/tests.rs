use super::*;

fn synchronous(register: &Register) -> i64 {
    register.db.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap()
}

#[test]
fn a_change_is_on_the_disk_when_it_is_answered_but_for_a_simulation() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("city.db");
    let full = 2;
    assert_eq!(synchronous(&Register::create(&path).unwrap()), full);
    assert_eq!(synchronous(&Register::open(&path).unwrap()), full);
    assert_eq!(synchronous(&Register::open_with(&path, Durability::System).unwrap()), 0);
}

#[test]
fn a_register_of_another_schema_is_told_in_a_sentence_and_is_not_written() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("city.db");
    drop(Register::create(&path).unwrap());
    let good = fs::read(&path).unwrap();
    for (change, table) in [
        ("DROP TABLE operations", "operations"),
        ("ALTER TABLE holders RENAME COLUMN mobile TO phone", "holders"),
        ("ALTER TABLE cards DROP COLUMN block_due", "cards"),
        ("DROP TABLE settings; CREATE TABLE settings (a)", "settings"),
    ] {
        fs::write(&path, &good).unwrap();
        let db = Connection::open(&path).unwrap();
        db.execute_batch(&format!("PRAGMA journal_mode = DELETE; {change}")).unwrap();
        drop(db);
        let before = fs::read(&path).unwrap();
        let error = Register::open(&path).map(drop).unwrap_err().to_string();
        assert_eq!(
            error,
            format!(
                "{}: the register lacks this program's tables: the table '{table}' is \
                 missing, or one of its columns; nothing was changed in it",
                path.display()
            )
        );
        assert_eq!(fs::read(&path).unwrap(), before);
    }
}

#[test]
fn no_statement_and_no_order_of_a_row_is_repeated_in_an_error() {
    let folder = tempfile::TempDir::new().unwrap();
    let register = Register::create(&folder.path().join("city.db")).unwrap();
    let statement = |sql: &str| {
        let look = register.look(|ledger| ledger.one(sql, [], |row| row.get::<_, i64>(0)));
        look.unwrap_err().to_string()
    };
    for sql in [
        "SELECT nothing FROM nowhere",
        "SELEKT 1",
        "SELECT 'text'",
        "INSERT INTO outbox (id, date, holder, mobile, kind) VALUES (1, '', 1, '', '')",
    ] {
        let error = statement(sql);
        assert!(!error.contains("SELE") && !error.contains("INSERT"), "{error}");
        assert!(!error.contains("nowhere") && !error.contains("near"), "{error}");
        assert!(error.ends_with("; nothing was changed in it"), "{error}");
    }
    let row = unsound("standing", "\u{1B}[31m\nheld");
    let text = of(Path::new("city.db"), &row).to_string();
    assert!(text.contains("standing is '\\u{1b}[31m\\nheld'"), "{text}");
}

#[cfg(unix)]
#[test]
fn files_of_a_register_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("city.db");
    let mode = |end: &str| fs::metadata(beside(&path, end)).unwrap().permissions().mode() & 0o777;
    let mut register = Register::create(&path).unwrap();
    register.change(|ledger| ledger.set("a", "b")).unwrap();
    assert_eq!(["", "-wal", "-shm"].map(mode), [0o600; 3]);
    // As a version of before left them.
    for end in ["", "-wal", "-shm"] {
        fs::set_permissions(beside(&path, end), fs::Permissions::from_mode(0o644)).unwrap();
    }
    let other = Register::open(&path).unwrap();
    assert_eq!(["", "-wal", "-shm"].map(mode), [0o600; 3]);
    assert!(other.exposed().is_empty());
}
