//! What the register and its key protect, and what of their rows reaches a screen.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::desk::city::{City, LI, card};

fn mode(city: &City, name: &str) -> u32 {
    fs::metadata(city.path(name)).expect(name).permissions().mode() & 0o777
}

#[test]
fn a_register_is_for_its_owner_alone_whatever_the_umask() {
    let city = City::new();
    let (_, stderr, code) = city.run_after("umask 000", "init --register @open.db");
    assert_eq!((code, stderr.as_str()), (0, ""));
    // Another program keeps it open, so that its journal stays.
    let db = rusqlite::Connection::open(city.path("open.db")).expect("opened");
    db.query_row("SELECT count(*) FROM banks", [], |row| row.get::<_, i64>(0)).expect("read");
    let csv = format!("name,number,mobile,bank\n李测甲,{LI},13800000001,ICBC\n");
    fs::write(city.path("one.csv"), csv).expect("written");
    let (_, stderr, code) = city.run_after("umask 000", "import @one.csv --register @open.db");
    assert_eq!((code, stderr.as_str()), (0, ""));
    for name in ["open.db", "open.db-wal", "open.db-shm", "open.db.key"] {
        assert_eq!(mode(&city, name), 0o600, "{name}");
    }
    assert!(!city.files().iter().any(|name| name.contains("tmp")), "{:?}", city.files());
}

#[test]
fn a_register_that_others_may_read_is_tightened_when_it_is_opened() {
    let city = City::active();
    for command in ["show", "events", "outbox", "resume"] {
        fs::set_permissions(city.path("city.db"), fs::Permissions::from_mode(0o644)).expect("set");
        city.ok(command);
        assert_eq!(mode(&city, "city.db"), 0o600, "{command}");
    }
}

#[test]
fn a_copy_of_the_register_alone_opens_no_message() {
    let city = City::active();
    let copy = city.copy();
    fs::remove_file(copy.path("city.db.key")).expect("removed");
    let (stdout, stderr, code) = copy.run("outbox --json");
    let document: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!((&document["messages"][0]["body"], code), (&Value::Null, 3));
    assert!(
        stderr.contains("message 1 cannot be opened: it was sealed with a key that is not in"),
        "{stderr}"
    );
    assert!(stderr.contains("city.db.key"), "{stderr}");
    assert!(copy.run("outbox").0.contains("(sealed with another key)"));
    // A copy that goes on gets a key of its own, and the old message waits for the old key.
    copy.ok(&format!("pin reset --at village --papers identity-card --card {}", card()));
    fs::copy(city.path("city.db.key"), copy.path("city.db.key")).expect("copied");
    assert!(copy.json("outbox")["messages"][0]["body"].is_string());
}

#[test]
fn a_query_password_does_not_follow_from_the_seed() {
    let body = || {
        let city = City::active();
        city.json("outbox")["messages"][0]["body"].as_str().expect("a body").to_owned()
    };
    assert_ne!(body(), body());
}

#[test]
fn a_message_that_nobody_saw_is_not_wiped() {
    let city = City::active();
    let (_, _, code) = city.run_after("exec > /dev/full", "outbox");
    assert_eq!(code, 6);
    let body = city.json("outbox")["messages"][0]["body"].clone();
    assert!(body.is_string(), "{body}");
}

#[test]
fn nothing_of_a_wiped_message_stays_in_the_files() {
    let city = City::active();
    let db = rusqlite::Connection::open(city.path("city.db")).expect("opened");
    let sealed: Vec<u8> =
        db.query_row("SELECT sealed FROM outbox", [], |row| row.get(0)).expect("sealed");
    drop(db);
    let holds = |city: &City| {
        let files = city.files().into_iter().filter(|name| name.starts_with("city.db"));
        files
            .map(|name| fs::read(city.path(&name)).expect("read"))
            .any(|bytes| bytes.windows(sealed.len()).any(|window| window == sealed))
    };
    assert!(holds(&city));
    city.ok("outbox");
    assert!(!holds(&city));
}

/// Every row that a person may see holds orders to a terminal, as one edited by hand may.
const EDITED: &str = "
    DROP TRIGGER events_stay;
    UPDATE holders SET name = name || char(27) || '[31m' || char(10) || 'x' || char(155) || char(8238),
        mobile = mobile || char(7), photo = char(27), guardian = char(8232);
    UPDATE cards SET delivered_to = 'village:' || char(27) || char(10);
    UPDATE accounts SET bank = bank;
    UPDATE events SET place = place || char(27) || char(10) || 'y', what = what || char(8238),
        before = before || char(27) || char(10), after = after || char(155), papers = papers || char(7);
    UPDATE outbox SET kind = kind || char(27) || char(10) || 'z', mobile = mobile || char(8294);
    UPDATE operations SET plan = replace(plan, 'replace', 'repl' || '\\u001b[31m\\nace');
";

#[test]
fn no_row_gives_orders_to_a_terminal() {
    let city = City::active();
    crate::desk::delivery::break_off(&city);
    city.edit(EDITED);
    let card = card();
    let is_order = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    for line in [
        "show",
        "events",
        "outbox",
        &format!("show --holder {LI}"),
        "resume",
        &format!("pin reset --at village --papers identity-card --card {card}"),
        &format!("collect --at village --papers identity-card --holder {LI}"),
        "collect --at village --papers identity-card --holder 999901197502020023",
        &format!("mobile --at village --papers identity-card --holder {LI} --mobile 13900000009"),
        &format!("resume --card {card}"),
    ] {
        let (stdout, stderr, _) = city.run(line);
        for text in [&stdout, &stderr] {
            assert!(!text.contains(is_order), "{line}: {text:?}");
            let begins = |word: &str| text.lines().any(|row| row.starts_with(word));
            assert!(
                !begins("x") && !begins("y") && !begins("z") && !begins("ace"),
                "{line}: {text:?}"
            );
        }
        assert!(!stdout.is_empty() || !stderr.is_empty(), "{line}");
    }
}

#[test]
fn a_register_of_another_schema_is_a_sentence_for_every_command() {
    let city = City::active();
    city.edit("ALTER TABLE holders RENAME COLUMN mobile TO phone");
    let before = fs::read(city.path("city.db")).expect("read");
    let card = card();
    for line in [
        "show",
        "events",
        "outbox",
        "resume",
        "import @residents.csv",
        "batch --name 9 --opens 2026-12-01 --closes 2026-12-31 --to village --cards @cards",
        &format!("collect --at village --holder {LI}"),
        &format!("activate --at village --card {card}"),
        &format!("pin reset --at village --card {card}"),
    ] {
        let (stdout, stderr, code) = city.run(line);
        assert_eq!((stdout.as_str(), code), ("", 3), "{line}: {stderr}");
        assert_eq!(
            stderr,
            format!(
                "sscard: {}: the register lacks this program's tables: the table 'holders' is \
                 missing, or one of its columns; nothing was changed in it\n",
                city.path("city.db")
            )
        );
    }
    assert_eq!(fs::read(city.path("city.db")).expect("read"), before);
}

#[test]
fn an_init_that_fails_leaves_nothing_behind() {
    let city = City::new();
    fs::create_dir(city.path("locked")).expect("a folder");
    fs::write(city.path("stale.db-wal"), "frames").expect("written");
    fs::write(city.path("odd.db.key"), "a letter").expect("written");
    std::os::unix::fs::symlink("nowhere", city.path("link.db")).expect("linked");
    let before = city.files();
    // No file may have more than so many blocks of 1024 bytes: a full disk.
    for blocks in [0, 1, 4, 16, 31] {
        let setup = format!("trap '' XFSZ; ulimit -f {blocks}");
        let (stdout, stderr, code) = city.run_after(&setup, "init --register @full.db");
        assert_eq!((stdout.as_str(), code), ("", 6), "{blocks}: {stderr}");
        assert!(stderr.ends_with("; nothing was changed in it\n"), "{blocks}: {stderr}");
        assert_eq!(city.files(), before, "{blocks}");
    }
    for (line, code) in [
        ("init --register @nowhere/city.db", 6),
        ("init --register @city.db", 3),
        ("init --register @stale.db", 3),
        ("init --register @odd.db", 3),
        ("init --register @link.db", 3),
        ("init --register @locked", 3),
        ("init --register @a.db --bank A", 2),
        ("init --register @a.db --profile none", 2),
    ] {
        let (stdout, stderr, found) = city.run(line);
        assert_eq!((stdout.as_str(), found), ("", code), "{line}: {stderr}");
        assert_eq!(city.files(), before, "{line}");
    }
    assert_eq!(fs::read(city.path("odd.db.key")).expect("read"), b"a letter");
}
