//! What one thread does.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::finding::{Finding, panicked};
use super::{CellSet, Soak, SoakProgress, records_of_run};
use crate::bench::Bench;
use crate::model::Model;
use crate::op::OpRecord;
use crate::subject::TestSubject;

/// So many operations pass before a thread looks up.
const STRETCH: u64 = 128;

/// When to end.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) until: Option<Instant>,
    /// Of this thread.
    pub(super) operations: Option<u64>,
}

/// What a thread has done.
pub(super) struct Done {
    pub(super) operations: u64,
    pub(super) next_run: u64,
    pub(super) states: CellSet,
    pub(super) finding: Option<Finding>,
}

/// Takes every run of its number among the threads, until something ends it.
pub(super) fn work<S: TestSubject, M: Model + 'static>(
    soak: &Soak<S, M>,
    thread: usize,
    limits: Limits,
    progress: &SoakProgress,
) -> Done {
    let mut done =
        Done { operations: 0, next_run: soak.first_run, states: CellSet::default(), finding: None };
    let mut fresh: Vec<Option<Bench<S, M>>> = soak.starts.iter().map(|_| None).collect();
    let mut records = Vec::new();
    let runs = (soak.first_run + thread as u64..).step_by(soak.threads);
    for run in runs {
        if is_over(limits, progress, done.operations) {
            break;
        }
        done.next_run = run + 1;
        let (start, coming) = records_of_run(soak.seed, run, soak.starts.len(), soak.mix);
        let make = &soak.starts[start].make;
        let mut bench = copy(&mut fresh[start], make);
        let begun = bench.operations();
        records.clear();
        let before = done.operations;
        let carried = catch_unwind(AssertUnwindSafe(|| {
            let mut told = 0;
            for record in coming {
                records.push(record);
                bench.step(&record)?;
                bench.model().cells(&mut |cell| done.states.insert(cell));
                let count = bench.operations() - begun;
                if count - told >= STRETCH {
                    progress.operations.fetch_add(count - told, Ordering::Relaxed);
                    told = count;
                    if is_over(limits, progress, before + count) {
                        break;
                    }
                }
            }
            progress.operations.fetch_add(bench.operations() - begun - told, Ordering::Relaxed);
            Ok(())
        }));
        done.operations += bench.operations() - begun;
        if let Err(violation) = carried.unwrap_or_else(|panic| Err(panicked(&*panic))) {
            let start = soak.starts[start].name.clone();
            let records: Vec<OpRecord> = std::mem::take(&mut records);
            done.finding = Some(Finding { start, seed: soak.seed, run, records, violation });
            progress.end();
            break;
        }
    }
    done
}

fn is_over(limits: Limits, progress: &SoakProgress, operations: u64) -> bool {
    progress.is_ended()
        || limits.operations.is_some_and(|most| operations >= most)
        || limits.until.is_some_and(|until| Instant::now() >= until)
}

/// A copy of a fresh bench; one that cannot be copied is made anew.
fn copy<S: TestSubject, M: Model>(
    fresh: &mut Option<Bench<S, M>>,
    make: &dyn Fn() -> Bench<S, M>,
) -> Bench<S, M> {
    let kept = fresh.get_or_insert_with(make);
    match kept.copy() {
        Some(copy) => copy,
        None => fresh.take().unwrap_or_else(make),
    }
}
