//! Figures that only a process of its own can give: this program runs itself again.

use sscard_commands::ins;
use std::error::Error;
use std::io::{self, Write};
use std::process::{Command, Stdio};
use std::time::Instant;
use std::{env, fs};

use clap::ValueEnum;
use sscard_desk::simulate;
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};

use crate::issue::Desk;
use crate::timing::median;

/// Cards whose memory is measured, for each round asked for: 100,000 in nine.
const CARDS: u64 = 11_112;
/// Cards with keys of the pool whose memory is measured, likewise.
const ISSUED: u64 = 2_223;
/// Starts whose median counts.
const STARTS: usize = 50;

/// What the inner process does.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Task {
    /// Makes the default card, answers one SELECT, ends.
    FirstResponse,
    /// Makes many cards and prints by how many bytes the process grew for each.
    BytesPerCard,
    /// The same with cards that a desk issues, keys of the pool and all.
    BytesPerIssuedCard,
    /// Lives a city's year at the desk and prints seconds and the most memory, in MiB.
    City,
    /// Is connected to readers of another process and does nothing.
    #[cfg(target_os = "linux")]
    DoorIdle,
    /// Is connected to them and prints how many commands a second it sends.
    #[cfg(target_os = "linux")]
    DoorBusy,
}

pub(crate) fn carry_out(task: Task, rounds: u8) -> Result<(), Box<dyn Error>> {
    let profile = built_in("gen3").ok_or("no profile gen3")?;
    let masters = MasterKeys::test();
    let (many, issued) = (CARDS * u64::from(rounds), ISSUED * u64::from(rounds));
    let mut out = io::stdout().lock();
    match task {
        Task::FirstResponse => {
            let mut card = issue(&profile, &synthetic_holder(1), &masters)?;
            card.power_on()?;
            let mut response = Vec::new();
            card.transmit(&[0x00, ins::SELECT, 0x00, 0x00, 0x02, 0x3F, 0x00], &mut response);
            out.write_all(&response)?;
        }
        Task::BytesPerCard => {
            // What all cards share is there before the first one is counted.
            let first = issue(&profile, &synthetic_holder(0), &masters)?;
            let mut cards = Vec::with_capacity(usize::try_from(many)?);
            cards.push(first);
            let before = resident_bytes()?;
            for seed in 1..=many {
                cards.push(issue(&profile, &synthetic_holder(seed), &masters)?);
            }
            let grown = resident_bytes()?.saturating_sub(before);
            writeln!(out, "{}", grown / many)?;
            drop(cards);
        }
        Task::BytesPerIssuedCard => {
            let desk = Desk::new()?;
            let before = resident_bytes()?;
            let cards = desk.issue(0..issued)?;
            let grown = resident_bytes()?.saturating_sub(before);
            writeln!(out, "{}", grown / issued)?;
            drop(cards);
        }
        #[cfg(target_os = "linux")]
        Task::DoorIdle => crate::door::carry_out(false, &mut out)?,
        #[cfg(target_os = "linux")]
        Task::DoorBusy => crate::door::carry_out(true, &mut out)?,
        Task::City => {
            let started = Instant::now();
            city()?;
            let peak = peak_mebibytes().map_or_else(|| "-".to_owned(), |peak| peak.to_string());
            writeln!(out, "{:.1} {peak}", started.elapsed().as_secs_f64())?;
        }
    }
    Ok(())
}

/// A year of 10,000 residents, with everything compared at its end.
fn city() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let settings = simulate::SimulationSettings { residents: 10_000, days: 365, seed: 1 };
    let report = simulate::simulate(settings, &folder.path().join("register.db"), &mut |_| {})?;
    if report.is_consistent() { Ok(()) } else { Err(report.faults.join("; ").into()) }
}

/// The most resident memory that this process had, where the system tells it.
fn peak_mebibytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
}

/// Seconds of a city's year at the desk, and the most memory in MiB.
pub(crate) fn city_year() -> Result<(f64, Option<u64>), Box<dyn Error>> {
    let output = again(Task::City)?.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err("the city's register, cards and money do not agree".into());
    }
    let text = String::from_utf8(output.stdout)?;
    let (seconds, peak) = text.trim().split_once(' ').ok_or("no figures of the city")?;
    Ok((seconds.parse()?, peak.parse().ok()))
}

/// Resident memory of this process, where the system tells it (Linux, pages of 4 KiB).
fn resident_bytes() -> Result<u64, Box<dyn Error>> {
    let sizes = fs::read_to_string("/proc/self/smaps_rollup")?;
    let line = sizes.lines().find_map(|line| line.strip_prefix("Rss:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()).ok_or("no Rss")?;
    Ok(kilobytes.parse::<u64>()? * 1024)
}

fn again(task: Task) -> Result<Command, Box<dyn Error>> {
    let mut command = Command::new(env::current_exe()?);
    let name = task.to_possible_value().ok_or("a hidden task")?;
    command.args(["--inner", name.get_name()]).stdin(Stdio::null());
    Ok(command)
}

/// Milliseconds from starting a process to its card's first response: the median.
pub(crate) fn first_response_ms() -> Result<f64, Box<dyn Error>> {
    let mut times = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let mut command = again(Task::FirstResponse)?;
        let started = Instant::now();
        let output = command.output()?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
        // The default card speaks T=0: the FCI of the MF waits.
        if !output.status.success() || !matches!(output.stdout[..], [0x61, _] | [.., 0x90, 0x00]) {
            return Err(format!("first response: {output:?}").into());
        }
    }
    Ok(median(&mut times))
}

/// Bytes by which a process of this task grows for one more card; `None` where the system does not
/// tell.
pub(crate) fn bytes_of(task: Task, rounds: u8) -> Result<Option<u64>, Box<dyn Error>> {
    if !cfg!(target_os = "linux") {
        return Ok(None);
    }
    let mut command = again(task)?;
    command.args(["--rounds", &rounds.to_string()]);
    let output = command.stderr(Stdio::inherit()).output()?;
    Ok(Some(String::from_utf8(output.stdout)?.trim().parse()?))
}
