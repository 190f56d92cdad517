use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};

use super::*;
use crate::{key, password, read_residents};

const TODAY: Date = jiff::civil::date(2026, 12, 10);

fn small() -> NewRegister {
    NewRegister { work: WorkFactor::MINIMUM, ..NewRegister::default() }
}

/// As a register of before sealed a message: with a key that follows from its seed.
fn sealed_before(desk: &Desk, message: i64, body: &str) -> Vec<u8> {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&message.to_be_bytes());
    let payload = Payload { msg: body.as_bytes(), aad: b"sscard outbox" };
    let cipher = ChaCha20Poly1305::new(&Key::from(*desk.key_of_before()));
    cipher.encrypt(&Nonce::from(nonce), payload).unwrap()
}

/// A desk with messages of before, and its file.
fn of_before(folder: &tempfile::TempDir, bodies: &[&str]) -> std::path::PathBuf {
    let path = folder.path().join("city.db");
    let mut desk = Desk::create(&path, &small()).unwrap();
    let rows = "name,number,mobile,bank\n李测甲,999901198001011211,13800000001,ICBC\n";
    let residents = read_residents(rows.as_bytes(), crate::TextEncoding::Utf8).unwrap();
    desk.import(&residents, TODAY, &mut |_, _| Ok(())).unwrap();
    let sealed: Vec<_> =
        (1..).zip(bodies).map(|(id, body)| sealed_before(&desk, id, body)).collect();
    let add = |ledger: &Ledger<'_>| {
        for sealed in &sealed {
            let id = ledger.add_message(TODAY, HolderId(1), "13800000001", "query-password")?;
            ledger.set_body(id, Some(sealed))?;
        }
        Ok(())
    };
    desk.register.change(add).unwrap();
    drop(desk);
    // A register of before has no key.
    std::fs::remove_file(key::place(&path)).unwrap();
    path
}

#[test]
fn messages_of_before_are_sealed_with_the_own_key_when_the_register_is_opened() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = of_before(&folder, &["12345678", "87654321"]);
    let mut desk = Desk::open(&path).unwrap();
    let sealed = desk
        .register
        .look(|ledger| {
            let sealed = ledger.sealed()?;
            Ok(sealed)
        })
        .unwrap();
    assert_eq!(sealed.len(), 2);
    let (before, files) = (desk.key_of_before(), std::fs::read(&path).unwrap());
    for (id, body) in &sealed {
        assert!(!key::is_of_before(body));
        assert!(key::open_of_before(&before, *id, body).is_none());
    }
    for (id, body) in [(1, "12345678"), (2, "87654321")] {
        let seal = sealed_before(&desk, id, body);
        assert!(!files.windows(seal.len()).any(|bytes| bytes == seal), "the old seal is wiped");
    }
    let bodies: Vec<_> =
        desk.outbox().unwrap().into_iter().map(|(_, body)| body.unwrap()).collect();
    assert_eq!([bodies[0].as_str(), bodies[1].as_str()], ["12345678", "87654321"]);
}

#[test]
fn what_another_key_sealed_stays_sealed_until_that_key_is_back() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = of_before(&folder, &["12345678"]);
    drop(Desk::open(&path).unwrap());
    let key = key::place(&path);
    let aside = folder.path().join("aside");
    std::fs::rename(&key, &aside).unwrap();
    let mut desk = Desk::open(&path).unwrap();
    let (row, body) = desk.outbox().unwrap().remove(0);
    assert!(body.is_none() && row.sealed.is_some());
    let error = desk.sealed_otherwise(&row).to_string();
    assert!(error.starts_with("message 1 cannot be opened: "), "{error}");
    assert!(error.contains("city.db.key"), "{error}");
    drop(desk);
    std::fs::rename(&aside, &key).unwrap();
    let shown = Desk::open(&path).unwrap().outbox().unwrap();
    assert_eq!(shown[0].1.as_ref().unwrap().as_str(), "12345678");
}

#[test]
fn what_was_not_shown_is_not_wiped() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = of_before(&folder, &["12345678"]);
    let mut desk = Desk::open(&path).unwrap();
    let outcome = desk.show_outbox(|_| Err(DeskError::Nobody));
    assert!(matches!(outcome, Err(DeskError::Nobody)), "{outcome:?}");
    assert!(desk.outbox().unwrap()[0].1.is_some());
    assert!(desk.outbox().unwrap()[0].1.is_none());
    assert_eq!(std::fs::metadata(folder.path().join("city.db-wal")).unwrap().len(), 0);
}

#[test]
fn neither_passwords_nor_salts_follow_from_the_seed_and_cards_do() {
    let folder = tempfile::TempDir::new().unwrap();
    let mut made = Vec::new();
    for name in ["a.db", "b.db"] {
        let mut desk = Desk::create(&folder.path().join(name), &small()).unwrap();
        let rows = "name,number,mobile,bank\n李测甲,999901198001011211,13800000001,ICBC\n";
        let residents = read_residents(rows.as_bytes(), crate::TextEncoding::Utf8).unwrap();
        desk.import(&residents, TODAY, &mut |_, _| Ok(())).unwrap();
        let (to, mut image) = ("village".parse().unwrap(), None);
        let batch = Batch { name: "1", opens: TODAY, closes: TODAY, to: &to };
        desk.batch(&batch, TODAY, &mut |_, card| {
            image = Some(card.image());
            Ok(())
        })
        .unwrap();
        let password = password::query_password().unwrap().to_string();
        let hash = password::hash("12345678", desk.work).unwrap();
        let seal = desk.seal_key().unwrap().seal(1, "12345678").unwrap();
        made.push((image.unwrap(), (password, hash, seal[..12].to_vec())));
    }
    assert_eq!(made[0].0, made[1].0);
    let ((first, second), (salted, other), (key, another)) =
        ((&made[0].1.0, &made[1].1.0), (&made[0].1.1, &made[1].1.1), (&made[0].1.2, &made[1].1.2));
    assert!(first != second && salted != other && key != another);
}

#[test]
fn a_register_that_cannot_be_made_leaves_nothing() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("city.db");
    let names = || -> Vec<_> {
        let entries = std::fs::read_dir(folder.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name()).collect()
    };
    let bank = |name: &str| BankRow {
        code: "A".to_owned(),
        name: name.to_owned(),
        child_must_be_present: false,
    };
    let twice = NewRegister { banks: vec![bank("a"), bank("b")], ..small() };
    assert!(matches!(Desk::create(&path, &twice), Err(DeskError::Unsound { .. })));
    assert!(names().is_empty(), "{:?}", names());
    let hostile = NewRegister { banks: vec![bank("a\u{1B}[31m")], ..small() };
    assert!(matches!(Desk::create(&path, &hostile), Err(DeskError::BadValue { .. })));
    assert!(names().is_empty());
    // What lies where the key goes is nobody's key: it stays, and the register goes.
    std::fs::write(key::place(&path), "a letter").unwrap();
    assert!(matches!(Desk::create(&path, &small()), Err(DeskError::Key { .. })));
    assert_eq!(names(), ["city.db.key"]);
    std::fs::remove_file(key::place(&path)).unwrap();
    // A journal of another register would be read as this one's.
    std::fs::write(folder.path().join("city.db-wal"), "frames").unwrap();
    assert!(matches!(Desk::create(&path, &small()), Err(DeskError::RegisterExists { .. })));
    assert_eq!(names(), ["city.db-wal"]);
}

#[test]
fn a_setting_that_is_none_is_told_and_not_made_up() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("city.db");
    drop(Desk::create(&path, &small()).unwrap());
    let good = std::fs::read(&path).unwrap();
    for (key, value) in [
        ("profile", "gen9"),
        ("seed", "one"),
        ("work", "argon2id:0:0"),
        ("work", "argon2id:4000000000:9"),
        ("draws", ""),
    ] {
        std::fs::write(&path, &good).unwrap();
        let mut register = Register::open(&path).unwrap();
        register.change(|ledger| ledger.set(key, value)).unwrap();
        drop(register);
        let error = Desk::open(&path).map(drop).unwrap_err();
        let DeskError::Unsound { path: named, what } = &error else { panic!("{error}") };
        assert_eq!((named, what), (&path, &format!("{key} is '{value}'")));
    }
}

#[test]
fn a_part_of_the_production_that_breaks_is_an_error_and_loses_no_card_in_silence() {
    let rows: Vec<u32> = (0..50).collect();
    let made = on_all_cores(&rows, &|row| Ok(*row)).unwrap();
    assert_eq!(made, rows);
    let broken = on_all_cores(&rows, &|row| {
        assert_ne!(*row, 49, "this thread is to panic");
        Ok(*row)
    });
    assert!(matches!(broken, Err(DeskError::Broken(_))), "{broken:?}");
    let refused = on_all_cores(&rows, &|row| match row {
        30 => Err(DeskError::Nobody),
        row => Ok(*row),
    });
    assert!(matches!(refused, Err(DeskError::Nobody)), "{refused:?}");
}
