//! Killed at any moment: the state after the last answer, or a later one.

use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::kept::operations::{Operation, PAY, SCRIPT, all};
use crate::kept::road::{Road, SSCARD, Walk};
use crate::sscard::path;

/// Trials of the sweep; `.ci/run` asks for more.
fn trials() -> usize {
    std::env::var("SSCARD_KILL_TRIALS").map_or(50, |text| text.parse().expect("a number"))
}

/// Delays from 0 to a second, spread by logarithm; the same for the same trial.
fn delay(trial: usize) -> Duration {
    // The golden ratio spreads trials evenly.
    let place = (trial as f64 * 0.618_033_988_749_895).fract();
    let micros = 1_000_000_f64.powf(place) - 1.0;
    Duration::from_micros(micros as u64)
}

/// A trial of a road that takes commands: what was lost, if anything was.
fn on_road(road: Road, operation: &Operation, trial: usize) -> Option<String> {
    let sync: &[&str] = if trial.is_multiple_of(7) { &["--sync", "always"] } else { &[] };
    let mut walk = Walk::start_long(road, operation, sync);
    // Half of the trials end at some answer, at once or a moment later.
    if trial.is_multiple_of(2) {
        walk.wait_for_answers(trial / 2 % operation.commands.len() + 1);
        thread::sleep(delay(trial).min(Duration::from_millis(20)));
    } else {
        thread::sleep(delay(trial));
    }
    walk.kill();
    let card = walk.card();
    let (answered, _folder) = walk.answered();
    // What only reads follows the operation.
    let answered = answered.min(operation.commands.len());
    let is_kept = if answered == 0 {
        operation.is_at_least(&card, 0)
            || crate::kept::operations::image_of(&card) == operation.start
    } else {
        operation.is_at_least(&card, answered)
    };
    (!is_kept).then(|| format!("{road:?}, {}: lost one of {answered} answers", operation.name))
}

/// A trial of a command that answers at its end.
fn on_command(args: &[&str], operation: &Operation, trial: usize) -> Option<String> {
    let folder = tempfile::TempDir::new().expect("folder");
    let card = path(&folder, "card.img");
    std::fs::write(&card, &operation.start).expect("written");
    let mut program = std::process::Command::new(SSCARD)
        .args(args)
        .args(["--card", &card])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    thread::sleep(delay(trial));
    program.kill().expect("killed");
    let output = program.wait_with_output().expect("ended");
    let file = std::path::Path::new(&card);
    // What it prints is printed when all is answered.
    let answered = if output.stdout.is_empty() { 0 } else { operation.commands.len() };
    let is_kept = operation.is_at_least(file, answered)
        || (answered == 0 && crate::kept::operations::image_of(file) == operation.start);
    (!is_kept).then(|| format!("{args:?}: lost {answered} answers"))
}

#[test]
fn i_22_killed_at_any_moment_no_answer_is_lost() {
    let operations = all();
    let reading = ["read", "--pin", "123456", "--all"];
    let read = Operation::of_read(&reading);
    let script = [&PAY[..], &["--script", SCRIPT]].concat();
    let next = AtomicUsize::new(0);
    let (trials, roads) = (trials(), Road::ALL.len() * operations.len());
    let road = |kind: usize| Road::ALL[kind % Road::ALL.len()];
    let lost: Vec<String> = thread::scope(|scope| {
        let worker = || {
            let mut lost = Vec::new();
            loop {
                let trial = next.fetch_add(1, Ordering::Relaxed);
                if trial >= trials {
                    return lost;
                }
                let kind = trial % (roads + 3);
                lost.extend(match kind.checked_sub(roads) {
                    None => on_road(road(kind), &operations[kind / Road::ALL.len()], trial),
                    Some(0) => on_command(&PAY, &operations[3], trial),
                    Some(1) => on_command(&script, &operations[4], trial),
                    Some(_) => on_command(&reading, &read, trial),
                });
            }
        };
        let workers: Vec<_> = (0..8).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no panic")).collect()
    });
    assert!(lost.is_empty(), "{} of {trials}: {lost:#?}", lost.len());
}

#[test]
fn the_sweep_would_see_a_lost_answer() {
    let operation = &all()[0];
    let folder = tempfile::TempDir::new().expect("folder");
    let card = folder.path().join("card.img");
    std::fs::write(&card, &operation.states[2]).expect("written");
    assert!(operation.is_at_least(&card, 2));
    assert!(!operation.is_at_least(&card, 3));
}

#[test]
fn nothing_stays_beside_a_card_of_a_killed_program() {
    let operation = &all()[0];
    for road in Road::ALL {
        let mut walk = Walk::start(road, operation, None, &[]);
        walk.wait_for_an_answer();
        walk.kill();
        let (_, folder) = walk.answered();
        let names = std::fs::read_dir(folder.path()).expect("folder");
        let mut names: Vec<_> = names.map(|entry| entry.expect("entry").file_name()).collect();
        names.sort();
        assert_eq!(names, ["a.apdu", "card.img", "err"], "{road:?}");
    }
}
