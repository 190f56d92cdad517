//! A context that is released while another thread uses it: nobody waits for ever.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::{Bench, NAME, connect};
use crate::{PcscContext, ReaderQuery, RemoteContext, ScardError, ShareMode, state_bits};

/// How often a release meets a wait that begins.
const ROUNDS: u64 = 400;

/// A card that stays in: a wait without end.
fn query() -> ReaderQuery {
    ReaderQuery { name: NAME.to_owned(), current: state_bits::PRESENT }
}

/// A wait that the test cannot be held up by; whether it came to its end.
fn in_time(work: impl FnOnce() + Send + 'static) {
    let (done, ended) = mpsc::channel();
    let worker = thread::spawn(move || {
        work();
        let _ = done.send(());
    });
    assert_ne!(
        ended.recv_timeout(Duration::from_secs(60)),
        Err(mpsc::RecvTimeoutError::Timeout),
        "it hangs"
    );
    worker.join().unwrap();
}

fn pause(micros: u64) {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_micros(micros) {
        thread::yield_now();
    }
}

#[test]
fn a_wait_that_is_just_beginning_ends_with_the_release() {
    in_time(|| {
        let bench = Bench::new();
        let mut chance: u64 = 1;
        for round in 0..ROUNDS {
            for context in bench.contexts() {
                chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let longest = if round % 2 == 0 { 30 } else { 1000 };
                let delay = (chance >> 33) % longest;
                thread::scope(|scope| {
                    let waiting = scope.spawn(|| {
                        let current = current(context.as_ref());
                        let query = ReaderQuery { current, ..query() };
                        context.status_change(&[query], &mut Vec::new(), None)
                    });
                    pause(delay);
                    context.release();
                    let waited = waiting.join().unwrap();
                    let ends = [ScardError::CANCELLED, ScardError::INVALID_HANDLE];
                    assert!(waited.is_err_and(|end| ends.contains(&end)), "{waited:?}");
                });
            }
        }
    });
}

/// What the reader is like, so that there is no news.
fn current(context: &dyn PcscContext) -> u32 {
    let mut reports = Vec::new();
    let query = ReaderQuery { name: NAME.to_owned(), current: 0 };
    let _ = context.status_change(&[query], &mut reports, Some(Duration::ZERO));
    reports.first().map_or(state_bits::PRESENT, |report| report.event & !state_bits::CHANGED)
}

#[test]
fn a_wait_that_a_silent_server_does_not_end_is_ended_here() {
    in_time(|| {
        let mut bench = Bench::new();
        let context = RemoteContext::establish(&bench.socket()).unwrap();
        let current = current(&context);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                let query = ReaderQuery { current, ..query() };
                context.status_change(&[query], &mut Vec::new(), None)
            });
            thread::sleep(Duration::from_millis(50));
            // Nobody can be asked to end the wait.
            std::fs::remove_file(bench.socket()).unwrap();
            context.release();
            assert_eq!(waiting.join().unwrap(), Err(ScardError::NO_SERVICE));
        });
        bench.server = None;
    });
}

#[test]
fn what_is_asked_of_a_released_context_is_asked_of_no_context() {
    let bench = Bench::new();
    for context in bench.contexts() {
        let connection = connect(context.as_ref(), ShareMode::Shared);
        context.release();
        assert_eq!(connection.begin(), Err(ScardError::INVALID_HANDLE));
        context.release();
    }
}
