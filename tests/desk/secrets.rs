//! Passwords and keys: none lies in the register's files, and none is shown by `Debug`.

use sscard_core::KeyId;
use sscard_core::catalogue::SSSE;
use sscard_desk::{Counter, Ending, InHand, NewPerson, NewRegister, Reason, Request};
use sscard_profile::MasterKeys;

use super::acts::HOLDER;
use super::city::{City, LI, WANG, holder_at, visit};

/// All bytes of the register: the file, its write-ahead log, its index of that.
fn files(city: &City) -> Vec<u8> {
    let folder = std::fs::read_dir(city.folder.path()).expect("a folder");
    let files: Vec<_> = folder.map(|entry| entry.expect("an entry").path()).collect();
    assert!(files.iter().any(|path| path.to_string_lossy().ends_with("-wal")));
    files.iter().flat_map(|path| std::fs::read(path).expect("read")).collect()
}

fn holds(all: &[u8], secret: &[u8]) -> bool {
    all.windows(secret.len()).any(|window| window == secret)
}

/// A life with every operation, its query passwords as the outbox showed them.
fn life() -> (City, Vec<String>) {
    let mut city = City::collected();
    let mut passwords = Vec::new();
    city.activate(LI, "village", HOLDER).expect("activated");
    passwords.extend(city.outbox().into_iter().flatten());
    city.activate(LI, "bank-branch:ICBC", HOLDER).expect("activated");
    city.activate(WANG, "bank-branch:BOC", HOLDER).expect("activated");
    city.change_pin(LI, "pharmacy", "123456", "918273").expect("changed");
    city.change_query_password(LI, "village", HOLDER, "80706050").expect("changed");
    passwords.push("80706050".to_owned());
    city.lock(LI);
    city.reset_pin(LI, "village", HOLDER).expect("reset");
    city.change_pin(LI, "pharmacy", "123456", "918273").expect("changed");
    city.change_mobile(LI, "kiosk", &[], Some("80706050")).expect("changed");
    city.replace(LI, "card-outlet:ICBC", HOLDER, Reason::Damaged).expect("replaced");
    city.activate(LI, "bank-branch:ICBC", HOLDER).expect("activated");
    let reason = Reason::Misprint;
    city.change_card(WANG, "card-outlet:BOC", HOLDER, reason, NewPerson::default())
        .expect("changed");
    passwords.extend(city.outbox().into_iter().flatten());
    city.cancel(LI, "hr-outlet", HOLDER, Reason::Death, Ending::PaidOut).expect("cancelled");
    city.close(LI, "bank-branch:ICBC", HOLDER, Reason::Death).expect("closed");
    (city, passwords)
}

#[test]
fn desk_no_password_and_no_key_lies_in_the_register() {
    let (city, passwords) = life();
    assert_eq!(passwords.len(), 4);
    let all = files(&city);
    assert!(holds(&all, LI.as_bytes()), "the scan sees what is there");
    for password in &passwords {
        assert!(!holds(&all, password.as_bytes()), "{password}");
    }
    for pin in ["123456", "918273"] {
        // As digits in quotes or alone in a field they would be text; as BCD three bytes are too
        // few to tell from chance, so they are looked for as CHANGE PIN has them.
        let bcd: Vec<u8> = crate::harness::bytes(pin);
        assert!(!holds(&all, &[&bcd[..], &[0xFF]].concat()), "{pin}");
    }
    assert!(!holds(&all, b"918273"));
    let ids = [KeyId::UK_SSSE, KeyId::BK, KeyId::PUK, KeyId::STK];
    for id in ids {
        let root = MasterKeys::root(SSSE, id, 1);
        let key = root.expose();
        assert!(!holds(&all, key), "{id:?}");
        assert!(!holds(&all, crate::harness::hex(key).as_bytes()), "{id:?}");
        assert!(!holds(&all, crate::harness::hex(key).to_lowercase().as_bytes()), "{id:?}");
    }
}

#[test]
fn desk_an_interrupted_operation_keeps_no_password_either() {
    let mut city = City::active(LI);
    let pin_visit = visit("pharmacy", &[]);
    city.desk.register_mut().fail_after(Some(1));
    city.with(LI, |desk, counter| {
        desk.perform(Request::ChangePin { old: "123456", new: "918273" }, &pin_visit, None, counter)
    })
    .expect_err("interrupted");
    city.desk.register_mut().fail_after(None);
    let waiting = city.waiting();
    assert_eq!(waiting.len(), 1);
    let shown = format!("{waiting:?}");
    assert!(!shown.contains("918273") && !shown.contains("123456"), "{shown}");
    assert!(!holds(&files(&city), b"918273"));
    city.desk
        .resume(&mut Counter::empty(), &mut InHand::new(|_, _| panic!("a card was made")))
        .expect("resumed without the card");
    city.desk.register_mut().fail_after(Some(1));
    let query_visit = holder_at("village");
    city.desk
        .perform(
            Request::ChangeQueryPassword { new: "80706050" },
            &query_visit,
            Some(LI),
            &mut Counter::empty(),
        )
        .expect_err("interrupted");
    assert!(!holds(&files(&city), b"80706050"));
}

#[test]
fn desk_a_wiped_message_leaves_no_seal_in_the_register() {
    let mut city = City::active(LI);
    let sealed = city.messages()[0].sealed.clone().expect("sealed");
    city.outbox();
    let register = city.snapshot().register;
    assert!(!holds(&register, &sealed));
}

#[test]
fn desk_debug_shows_no_password_and_no_key() {
    let mut city = City::active(LI);
    let done = city.reset_pin(LI, "village", HOLDER).expect("reset");
    let password = city.outbox().remove(0).expect("a password");
    let holder = city.desk.register().look(|ledger| ledger.holder(LI)).expect("holder");
    let events = city.desk.register().look(|ledger| ledger.events(None)).expect("events");
    let wrong = city.change_pin(LI, "pharmacy", "918273", "918274").expect_err("wrong");
    let refused = city.change_mobile(LI, "kiosk", &[], Some("80706050")).expect_err("refused");
    let bad = city.change_query_password(LI, "village", HOLDER, "8070605").expect_err("bad");
    let shown = format!(
        "{done:?} {holder:?} {events:?} {:?} {:?} {wrong:?} {wrong} {refused:?} {refused} {bad:?} {bad} {:?}",
        city.rows(LI),
        city.messages(),
        NewRegister::default(),
    );
    for secret in [password.as_str(), "918273", "918274", "80706050", "8070605", "123456"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
    let key = MasterKeys::root(SSSE, KeyId::PUK, 1);
    assert!(!shown.to_uppercase().contains(&crate::harness::hex(key.expose())));
}
