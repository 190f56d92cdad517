//! States as programs see them, and calls that make no sense.

use std::thread;
use std::time::{Duration, Instant};

use super::{AT_ONCE, Bench, NAME, connect};
use crate::{PLUG_AND_PLAY, ReaderQuery, ReaderReport, ScardError, ShareMode, state_bits};

fn query(name: &str, current: u32) -> ReaderQuery {
    ReaderQuery { name: name.to_owned(), current }
}

#[test]
fn a_program_that_knows_nothing_is_told_at_once() {
    let bench = Bench::new();
    for context in bench.contexts() {
        let mut reports = Vec::new();
        let asked = [query(NAME, state_bits::UNAWARE), query(PLUG_AND_PLAY, 0)];
        context.status_change(&asked, &mut reports, None).unwrap();
        assert_eq!(reports[0].event, state_bits::PRESENT | state_bits::CHANGED);
        assert!(reports[0].atr.as_ref().is_some_and(|atr| atr.starts_with(&[0x3B])));
        assert_eq!(reports[1], ReaderReport::default());
    }
}

#[test]
fn nothing_new_is_a_time_out_and_a_report() {
    let bench = Bench::new();
    for context in bench.contexts() {
        let mut reports = Vec::new();
        let asked = [query(NAME, state_bits::PRESENT)];
        for patience in [0, 30] {
            let begun = Instant::now();
            let patience = Duration::from_millis(patience);
            let waited = context.status_change(&asked, &mut reports, Some(patience));
            assert_eq!(waited, Err(ScardError::TIMEOUT));
            assert!(begun.elapsed() >= patience);
            assert_eq!(reports[0].event, state_bits::PRESENT);
        }
        let asked = [query("no such reader", 0)];
        let unknown = context.status_change(&asked, &mut reports, Some(AT_ONCE));
        assert_eq!(unknown, Err(ScardError::UNKNOWN_READER));
    }
}

#[test]
fn a_wait_ends_when_it_is_cancelled() {
    let bench = Bench::new();
    for context in bench.contexts() {
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(50));
                context.cancel().unwrap();
            });
            let mut reports = Vec::new();
            let asked = [query(NAME, state_bits::PRESENT)];
            let waited = context.status_change(&asked, &mut reports, None);
            assert_eq!(waited, Err(ScardError::CANCELLED));
        });
        // With nobody waiting it does nothing.
        context.cancel().unwrap();
        assert_eq!(context.readers().unwrap(), [NAME]);
    }
}

#[test]
fn that_nobody_is_connected_any_more_is_news() {
    let bench = Bench::new();
    for context in bench.contexts() {
        let other = bench.contexts();
        let theirs = connect(other[0].as_ref(), ShareMode::Shared);
        let mut reports = Vec::new();
        let used = state_bits::PRESENT | state_bits::INUSE;
        let waited = context.status_change(&[query(NAME, used)], &mut reports, Some(AT_ONCE));
        assert_eq!((waited, reports[0].event), (Err(ScardError::TIMEOUT), used));
        theirs.disconnect(crate::CardDisposition::Leave).unwrap();
        context.status_change(&[query(NAME, used)], &mut reports, None).unwrap();
        assert_eq!(reports[0].event, state_bits::PRESENT | state_bits::CHANGED);
    }
}

#[test]
fn a_server_that_ends_is_no_service() {
    let mut bench = Bench::new();
    let [_, remote] = bench.contexts();
    let mine = connect(remote.as_ref(), ShareMode::Shared);
    bench.server = None;
    assert_eq!(mine.status(), Err(ScardError::NO_SERVICE));
    assert_eq!(remote.readers(), Err(ScardError::NO_SERVICE));
}
