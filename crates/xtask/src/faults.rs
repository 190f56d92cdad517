//! Bug-finding power, measured: realistic faults, planted one at a time, and who finds each.
//!
//! ```text
//! planted/*.toml ─► table ─► weave ─► tree: a copy of the workspace that holds every fault behind a switch
//!                                       │ build: once
//!                                       ▼
//!                     the program sscard, the tests ─► finder: one fault on ─► report: Markdown, JSON
//! ```
//!
//! The sources of the workspace hold no switch: the copy below `target` alone does, and what is shipped is built of the
//! sources. What enters: the table and the workspace as it lies there. What leaves: for each fault its finders and their
//! times; failure when somebody complains with none planted, or nobody with one.

mod build;
mod finder;
mod report;
mod table;
mod tree;
mod watch;
mod weave;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::faults::build::Built;
use crate::faults::finder::{Search, Sort};
use crate::faults::report::{Row, Summary};
use crate::faults::table::{Fault, Table};

/// Plants one fault at a time and says who finds it, and when.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The fault of this name; may be given more than once.
    #[arg(long, value_name = "ID")]
    only: Vec<String>,
    /// The first N faults of the table.
    #[arg(long, value_name = "N")]
    first: Option<usize>,
    /// Seconds that each run of `sscard soak` may take.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Seeds of `sscard soak`, tried one after the other.
    #[arg(long, value_name = "SEED", value_delimiter = ',', default_values_t = [1, 2])]
    seeds: Vec<u64>,
    /// Be content with the first finder: the model before the tests.
    #[arg(long)]
    brief: bool,
    /// Those who are asked; both without it.
    #[arg(long, value_name = "WHO")]
    by: Option<Sort>,
    /// So many faults at a time; 0: one for each processor.
    #[arg(long, default_value_t = 0)]
    jobs: usize,
    /// One JSON object instead of a Markdown table.
    #[arg(long)]
    json: bool,
    /// Names and descriptions, and nothing is built.
    #[arg(long)]
    list: bool,
}

/// The folder of the workspace.
fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).unwrap_or(own).to_path_buf()
}

/// Runs the task: whether none planted was silent and every one planted was found.
///
/// # Errors
/// A table that does not fit the sources, a copy that does not compile, a finder that cannot be run.
pub(crate) fn run(args: &Args) -> Result<bool, String> {
    let begun = Instant::now();
    let table = Table::read()?;
    let chosen = table.choose(&args.only, args.first)?;
    if args.list {
        for fault in chosen {
            println!("{:<36} {:<6} {}", fault.id, fault.kind, fault.what);
        }
        return Ok(true);
    }
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let tree = target.join("planted/tree");
    tree::plant(&root(), &tree, &table)?;
    let search = Search {
        seconds: Duration::from_secs(args.seconds),
        seeds: args.seeds.clone(),
        is_brief: args.brief,
        by: args.by,
    };
    let built = build::build(&tree, &target.join("planted/target"), &chosen, &search)?;
    eprintln!("built in {:.0} s", begun.elapsed().as_secs_f64());
    let jobs = match args.jobs {
        0 => thread::available_parallelism().map_or(1, usize::from),
        jobs => jobs,
    };
    let began = Instant::now();
    let complaints = silence(&built, &search, &chosen, jobs)?;
    let rows = every(&built, &search, &chosen, jobs)?;
    let summary = Summary { rows, complaints, seconds: began.elapsed().as_secs_f64() };
    if args.json {
        println!("{}", summary.json());
    } else {
        print!("{}", summary.markdown());
    }
    Ok(summary.is_sound())
}

/// What the finders say when nothing is planted: nothing, or the rest is worth nothing.
fn silence(
    built: &Built,
    search: &Search,
    chosen: &[&Fault],
    jobs: usize,
) -> Result<Vec<String>, String> {
    let finders = built.silent(search, chosen);
    let found = in_turn(&finders, jobs, |finder| {
        let found = finder.look(None, search, jobs == 1)?;
        eprintln!(
            "none planted: {} {}",
            finder.name(),
            if found.is_some() { "COMPLAINS" } else { "silent" }
        );
        Ok(found.map(|found| format!("{}: {}", finder.name(), found.detail)))
    })?;
    Ok(found.into_iter().flatten().collect())
}

/// Every chosen fault, planted alone.
fn every(
    built: &Built,
    search: &Search,
    chosen: &[&Fault],
    jobs: usize,
) -> Result<Vec<Row>, String> {
    let done = AtomicUsize::new(0);
    in_turn(chosen, jobs, |fault| {
        let mut row = Row::new(fault);
        for finder in built.finders(search, fault) {
            if row.is_settled(&finder, search.is_brief) {
                continue;
            }
            match finder.look(Some(fault), search, jobs == 1)? {
                Some(found) => row.found.push(found),
                None => row.silent.push(finder.name()),
            }
        }
        let place = done.fetch_add(1, Ordering::Relaxed) + 1;
        eprintln!("{place}/{} {}: {}", chosen.len(), fault.id, row.words());
        Ok(row)
    })
}

/// The same work for each of `items`, by `jobs` threads; results in the order of the items.
fn in_turn<I: Sync, T: Send>(
    items: &[I],
    jobs: usize,
    work: impl Fn(&I) -> Result<T, String> + Sync,
) -> Result<Vec<T>, String> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, Result<T, String>)>> = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(place) else { return };
                    let result = work(item);
                    results.lock().expect("no panic while held").push((place, result));
                }
            });
        }
    });
    let mut results = results.into_inner().expect("no panic while held");
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}
