//! PC/SC without a daemon: READ RECORD in this process, and through a server that two other processes are connected to, one of them
//! busy; against pcscd in the same run.
//!
//! The readers stand in this process, as in `sscard with`. The programs are this one, run again.

use std::error::Error;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use std::{env, hint};

use clap::ValueEnum;
use sscard_host::InProcess;
use sscard_readers::{
    HeldCard, IccSlot, PcscConnection, PcscContext, RemoteContext, ResourceManager, ShareMode,
    protocols, serve,
};

use crate::card::{READ_RECORD, SELECT_EF06, SELECT_SSSE, t1_card};
use crate::fresh_process::Task;
use crate::timing::{median, per_second};

/// Commands of one measurement.
const HERE: u32 = 1_000_000;
const THERE: u32 = 100_000;

/// Where a program finds the readers.
const SOCKET: &str = "SSCARD_BENCH_SOCKET";

/// Commands a second.
#[derive(serde::Serialize)]
pub(crate) struct DoorFigures {
    in_process_per_s: f64,
    served_per_s: f64,
    /// Absent without a running pcscd, or without the feature `pcsc`.
    pcscd_per_s: Option<f64>,
    in_process_by_pcscd: Option<f64>,
    served_by_pcscd: Option<f64>,
}

/// All of them, in turns; the ratios are medians of each turn's own.
pub(crate) fn measure(rounds: u8) -> Result<DoorFigures, Box<dyn Error>> {
    let mut rates = [const { Vec::new() }; 5];
    let [here, there, pcscd, here_by, there_by] = &mut rates;
    for _ in 0..rounds {
        here.push(in_process()?);
        there.push(served()?);
        if let Ok(rate) = through_pcscd() {
            pcscd.push(rate);
            here_by.extend(here.last().map(|here| here / rate));
            there_by.extend(there.last().map(|there| there / rate));
        }
    }
    let known = |rates: &mut Vec<f64>| (!rates.is_empty()).then(|| median(rates));
    Ok(DoorFigures {
        in_process_per_s: median(here),
        served_per_s: median(there),
        pcscd_per_s: known(pcscd),
        in_process_by_pcscd: known(here_by),
        served_by_pcscd: known(there_by),
    })
}

impl DoorFigures {
    pub(crate) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let per_s = |rate: f64| format!("{rate:.0}/s");
        let ratio = |ratio: f64| format!("{ratio:.1}");
        let missing = || "-".to_owned();
        for (name, figure) in [
            ("READ RECORD by PC/SC in the process", per_s(self.in_process_per_s)),
            ("the same, served to two processes, one busy", per_s(self.served_per_s)),
            ("the same through pcscd", self.pcscd_per_s.map_or_else(missing, per_s)),
            ("in the process, by pcscd", self.in_process_by_pcscd.map_or_else(missing, ratio)),
            ("served, by pcscd", self.served_by_pcscd.map_or_else(missing, ratio)),
        ] {
            writeln!(out, "{name:<52} {figure}")?;
        }
        Ok(())
    }
}

fn readers() -> Result<Arc<ResourceManager>, Box<dyn Error>> {
    let slot: Arc<dyn IccSlot> = Arc::new(HeldCard::new(InProcess::power_on(t1_card()?)?));
    Ok(ResourceManager::new([slot]))
}

fn connect(context: &dyn PcscContext) -> Result<Arc<dyn PcscConnection>, Box<dyn Error>> {
    let readers = context.readers()?;
    let reader = readers.first().ok_or("no reader")?;
    let patience = Duration::from_secs(5);
    let connected = context.connect(reader, ShareMode::Shared, protocols::T1, patience)?;
    Ok(connected.ok_or("somebody has a transaction")?.0)
}

/// READ RECORD, a second, by one connection.
fn rate(connection: &dyn PcscConnection, times: u32) -> Result<f64, Box<dyn Error>> {
    let mut length = 0;
    let mut take = |answer: &[u8]| length = hint::black_box(answer).len();
    for command in [SELECT_SSSE, SELECT_EF06, READ_RECORD] {
        connection.transmit(protocols::T1, command, &mut take)?;
    }
    let mut failed = None;
    let rate = per_second(times, |times| {
        for _ in 0..times {
            let sent = connection.transmit(protocols::T1, hint::black_box(READ_RECORD), &mut take);
            failed = sent.err().or(failed);
        }
    });
    match failed {
        Some(failed) => Err(failed.into()),
        None if length == 34 => Ok(rate),
        None => Err(format!("READ RECORD got {length} bytes").into()),
    }
}

fn in_process() -> Result<f64, Box<dyn Error>> {
    let context = readers()?.establish();
    rate(connect(&context)?.as_ref(), HERE)
}

fn served() -> Result<f64, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let socket = folder.path().join("readers");
    let _server = serve(UnixListener::bind(&socket)?, readers()?)?;
    let mut idle = program(Task::DoorIdle, &socket)?;
    // It has said that it is connected.
    idle.stdout.as_mut().ok_or("no pipe")?.read_exact(&mut [0])?;
    let busy = program(Task::DoorBusy, &socket)?.wait_with_output()?;
    drop(idle.stdin.take());
    if !idle.wait()?.success() || !busy.status.success() {
        return Err("a program of the readers failed".into());
    }
    Ok(String::from_utf8(busy.stdout)?.trim().parse()?)
}

fn program(task: Task, socket: &Path) -> Result<Child, Box<dyn Error>> {
    let mut command = Command::new(env::current_exe()?);
    let name = task.to_possible_value().ok_or("a hidden task")?;
    command.args(["--inner", name.get_name()]).env(SOCKET, socket);
    Ok(command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?)
}

/// What a program of the readers does: a rate, or nothing until its input ends.
pub(crate) fn carry_out(is_busy: bool, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let socket = PathBuf::from(env::var_os(SOCKET).ok_or("no socket")?);
    let context = RemoteContext::establish(&socket)?;
    let connection = connect(&context)?;
    if is_busy {
        writeln!(out, "{}", rate(connection.as_ref(), THERE)?)?;
    } else {
        connection.status()?;
        writeln!(out)?;
        out.flush()?;
        io::stdin().read_to_end(&mut Vec::new())?;
    }
    Ok(())
}

#[cfg(feature = "pcsc")]
fn through_pcscd() -> Result<f64, String> {
    let card = t1_card().map_err(|error| error.to_string())?;
    crate::pcscd::rate_of(card, &[SELECT_SSSE, SELECT_EF06], READ_RECORD, 34)
}

#[cfg(not(feature = "pcsc"))]
fn through_pcscd() -> Result<f64, String> {
    Err("built without the feature pcsc".into())
}
