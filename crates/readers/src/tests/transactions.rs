//! Sharing, transactions, resets.

use super::{AT_ONCE, Bench, connect, select, try_connect};
use crate::{CardDisposition, ScardError, ShareMode};

#[test]
fn a_transaction_keeps_the_others_off_until_it_ends() {
    let bench = Bench::new();
    let [one, other] = bench.contexts();
    for (one, other) in [(&one, &other), (&other, &one)] {
        let (mine, theirs) =
            (connect(one.as_ref(), ShareMode::Shared), connect(other.as_ref(), ShareMode::Shared));
        mine.begin().unwrap();
        mine.begin().unwrap();
        assert!(select(mine.as_ref()).is_ok());
        assert_eq!(select(theirs.as_ref()), Err(ScardError::SHARING_VIOLATION));
        assert_eq!(theirs.begin(), Err(ScardError::SHARING_VIOLATION));
        assert_eq!(theirs.end(CardDisposition::Leave), Err(ScardError::SHARING_VIOLATION));
        let reset = theirs.disconnect(CardDisposition::Reset);
        assert_eq!(reset, Err(ScardError::SHARING_VIOLATION));
        let third = other.connect(super::NAME, ShareMode::Shared, super::ANY, AT_ONCE);
        assert!(third.unwrap().is_none());
        mine.end(CardDisposition::Leave).unwrap();
        assert_eq!(theirs.begin(), Err(ScardError::SHARING_VIOLATION));
        mine.end(CardDisposition::Leave).unwrap();
        theirs.begin().unwrap();
        theirs.end(CardDisposition::Leave).unwrap();
        let none = mine.end(CardDisposition::Leave);
        assert_eq!(none, Err(ScardError::NOT_TRANSACTED));
        mine.disconnect(CardDisposition::Leave).unwrap();
        theirs.disconnect(CardDisposition::Leave).unwrap();
    }
}

#[test]
fn a_reset_is_heard_of_by_the_others_until_they_reconnect() {
    let bench = Bench::new();
    let [one, other] = bench.contexts();
    let (mine, theirs) =
        (connect(one.as_ref(), ShareMode::Shared), connect(other.as_ref(), ShareMode::Shared));
    mine.reconnect(ShareMode::Shared, super::ANY, CardDisposition::Reset).unwrap();
    assert!(select(mine.as_ref()).is_ok());
    assert_eq!(select(theirs.as_ref()), Err(ScardError::RESET_CARD));
    assert_eq!(theirs.status(), Err(ScardError::RESET_CARD));
    assert_eq!(theirs.begin(), Err(ScardError::RESET_CARD));
    theirs.reconnect(ShareMode::Shared, super::ANY, CardDisposition::Leave).unwrap();
    assert!(select(theirs.as_ref()).is_ok());
}

#[test]
fn whoever_ends_a_transaction_with_a_reset_hears_of_it_too() {
    let bench = Bench::new();
    for context in bench.contexts() {
        let mine = connect(context.as_ref(), ShareMode::Shared);
        mine.begin().unwrap();
        mine.end(CardDisposition::Reset).unwrap();
        assert_eq!(select(mine.as_ref()), Err(ScardError::RESET_CARD));
    }
}

#[test]
fn an_exclusive_connection_is_the_only_one() {
    let bench = Bench::new();
    let [one, other] = bench.contexts();
    let mine = connect(one.as_ref(), ShareMode::Exclusive);
    for share in [ShareMode::Shared, ShareMode::Exclusive, ShareMode::Direct] {
        let refused = try_connect(other.as_ref(), share).map(drop);
        assert_eq!(refused, Err(ScardError::SHARING_VIOLATION));
    }
    mine.disconnect(CardDisposition::Leave).unwrap();
    let shared = connect(other.as_ref(), ShareMode::Shared);
    let refused = try_connect(one.as_ref(), ShareMode::Exclusive).map(drop);
    assert_eq!(refused, Err(ScardError::SHARING_VIOLATION));
    drop(shared);
}

#[test]
fn a_context_that_ends_in_a_transaction_leaves_the_card_reset() {
    let bench = Bench::new();
    let [one, other] = bench.contexts();
    let theirs = connect(one.as_ref(), ShareMode::Shared);
    let mine = connect(other.as_ref(), ShareMode::Shared);
    mine.begin().unwrap();
    other.release();
    // A server hears of it a moment later.
    theirs.wait_for_turn(std::time::Duration::from_secs(5));
    let waited = std::time::Instant::now();
    while select(theirs.as_ref()) != Err(ScardError::RESET_CARD) {
        assert!(waited.elapsed().as_secs() < 5);
    }
}

#[test]
fn a_released_context_leaves_the_reader_free_at_once() {
    let bench = Bench::new();
    for _ in 0..50 {
        for context in bench.contexts() {
            let _mine = connect(context.as_ref(), ShareMode::Exclusive);
            context.release();
        }
    }
}
