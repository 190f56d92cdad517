//! D11: the 8-digit query password goes to the registered mobile number, once.

use sscard_desk::{DeskError, Rule};

use super::acts::HOLDER;
use super::city::{City, LI, WANG, refused};

#[test]
fn desk_d11_the_password_is_shown_once_then_wiped_and_its_hash_is_kept() {
    let mut city = City::active(LI);
    let before = city.messages();
    assert_eq!(before.len(), 1);
    assert_eq!(
        (before[0].mobile.as_str(), before[0].kind.as_str()),
        ("13800000001", "query-password")
    );
    let sealed = before[0].sealed.clone().expect("sealed");
    let shown = city.outbox();
    let [Some(password)] = &shown[..] else { panic!("{shown:?}") };
    assert!(password.len() == 8 && password.bytes().all(|byte| byte.is_ascii_digit()));
    assert!(!sealed.windows(8).any(|bytes| bytes == password.as_bytes()));
    assert_eq!(city.messages()[0].sealed, None);
    assert_eq!(city.outbox(), [None]);
    // The hash knows it: a kiosk asks for it.
    let wrong = if password == "00000000" { "00000001" } else { "00000000" };
    assert_eq!(refused(city.change_mobile(LI, "kiosk", &[], Some(wrong))), Rule::D21);
    city.change_mobile(LI, "kiosk", &[], Some(password)).expect("changed");
    let hash = city
        .desk
        .register()
        .look(|ledger| ledger.holder(LI))
        .expect("holder")
        .query_hash
        .expect("a hash");
    assert!(hash.starts_with("argon2id:8:1$"), "{hash}");
    assert!(!hash.contains(password.as_str()));
}

#[test]
fn desk_d11_nothing_is_sent_before_activation_or_for_the_second_function() {
    let mut city = City::collected();
    assert!(city.outbox().is_empty());
    assert_eq!(refused(city.activate(LI, "bank-branch:BOC", HOLDER)), Rule::D06);
    assert!(city.outbox().is_empty());
    city.activate(LI, "village", HOLDER).expect("activated");
    assert_eq!(city.outbox().len(), 1);
    city.activate(LI, "bank-branch:ICBC", HOLDER).expect("activated");
    assert_eq!(city.outbox(), [None], "the financial function sends none");
}

#[test]
fn desk_d11_each_holder_gets_another_password() {
    let mut city = City::collected();
    city.activate(LI, "village", HOLDER).expect("activated");
    city.activate(WANG, "village", HOLDER).expect("activated");
    let shown = city.outbox();
    assert!(shown[0].is_some() && shown[1].is_some() && shown[0] != shown[1]);
}

#[test]
fn desk_d11_a_query_password_has_eight_digits() {
    let mut city = City::active(LI);
    for wrong in ["1234567", "123456789", "1234567a", "１２３４５６７８"] {
        let outcome = city.change_query_password(LI, "village", HOLDER, wrong);
        assert!(matches!(outcome, Err(DeskError::BadPassword { .. })), "{outcome:?}");
    }
}
