//! `sscard doctor`: what this machine lacks to use PC/SC, each with the command that mends it.
//!
//! What enters: files below `/` and one attempt to connect to pcscd's socket. A working PC/SC is
//! never needed, and no card is disturbed: the virtual reader's ports are looked up in the
//! kernel's table, not connected to.

mod machine;

use std::io::Write;

use sscard_lexicon::shown;

use crate::args::DoctorArgs;
use crate::documents::machine::{DoctorCheck, DoctorDocument};
use crate::documents::{self, SCHEMA};
use crate::failure::Failure;
use machine::{Daemon, Listener, Machine};

const START: &str = "sudo pcscd --foreground &";
const RESTART: &str = "sudo pkill -x pcscd; sudo pcscd --foreground &";

/// One thing that was looked at.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    check: &'static str,
    state: State,
    text: String,
    /// The command that mends it.
    remedy: Option<String>,
}

impl Finding {
    /// Root needs no sudo, and may not have it.
    fn as_root(&mut self) {
        self.remedy = self.remedy.take().map(|remedy| remedy.replace("sudo ", ""));
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Good,
    /// Worth knowing; PC/SC can be used all the same.
    Note,
    Missing,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Note => "note",
            Self::Missing => "missing",
        }
    }
}

pub(crate) fn run(args: &DoctorArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let findings = examine(&Machine::at(&args.root));
    let ready = findings.iter().all(|finding| finding.state != State::Missing);
    if args.json {
        let checks = findings.into_iter().map(|finding| DoctorCheck {
            check: finding.check,
            state: finding.state.name(),
            finding: finding.text,
            remedy: finding.remedy,
        });
        let checks = checks.collect();
        documents::print(out, &DoctorDocument { schema: SCHEMA, ready, checks })?;
    } else {
        for finding in &findings {
            let text = shown(&finding.text);
            writeln!(out, "{:<8} {:<11} {text}", finding.state.name(), finding.check)?;
            if let Some(remedy) = &finding.remedy {
                writeln!(out, "{:21}fix it with: {}", "", shown(remedy))?;
            }
        }
    }
    if ready {
        Ok(())
    } else {
        out.flush()?;
        Err(Failure::NotReady)
    }
}

fn good(check: &'static str, text: impl Into<String>) -> Finding {
    Finding { check, state: State::Good, text: text.into(), remedy: None }
}

fn missing(check: &'static str, text: impl Into<String>, remedy: impl Into<String>) -> Finding {
    Finding { check, state: State::Missing, text: text.into(), remedy: Some(remedy.into()) }
}

fn examine(machine: &Machine) -> Vec<Finding> {
    if !cfg!(target_os = "linux") {
        let text = "PC/SC belongs to this system; the virtual reader (vpcd) is there on Linux only";
        return vec![Finding { state: State::Note, ..good("system", text) }, build(machine)];
    }
    let mut findings = vec![package(machine), driver(machine), build(machine)];
    findings.extend(daemon(machine));
    findings.push(port(machine));
    if machine.is_root() {
        findings.iter_mut().for_each(Finding::as_root);
    }
    findings
}

fn package(machine: &Machine) -> Finding {
    match machine.pcscd() {
        Some(path) => good("package", format!("pcscd is {}", path.display())),
        None => missing("package", "pcscd is not installed", "sudo apt-get install pcscd"),
    }
}

fn driver(machine: &Machine) -> Finding {
    let install = "sudo apt-get install vsmartcard-vpcd";
    match (machine.virtual_reader_driver(), machine.virtual_reader_configuration()) {
        (None, _) => missing("driver", "the virtual reader's driver is not installed", install),
        (Some(driver), false) => missing(
            "driver",
            format!("{} is there, but /etc/reader.conf.d/vpcd is not", driver.display()),
            format!("{install} --reinstall"),
        ),
        (Some(driver), true) => {
            good("driver", format!("the virtual reader's driver is {}", driver.display()))
        }
    }
}

fn build(machine: &Machine) -> Finding {
    if cfg!(feature = "pcsc") {
        return good("build", "this program can use readers");
    }
    let build = "cargo build --release --features pcsc";
    let remedy = if machine.has_headers() {
        build.to_owned()
    } else {
        format!("sudo apt-get install libpcsclite-dev pkg-config && {build}")
    };
    let text = "this program puts cards into readers, but was built without reading from them";
    Finding { state: State::Note, remedy: Some(remedy), ..good("build", text) }
}

fn daemon(machine: &Machine) -> Vec<Finding> {
    match machine.daemon() {
        Daemon::Answers => {
            vec![good("daemon", "pcscd answers"), good("permission", "this user may talk to it")]
        }
        Daemon::Absent => vec![missing("daemon", "pcscd does not run", START)],
        Daemon::Silent => vec![missing(
            "daemon",
            format!("{} is there, but nothing answers", machine.socket().display()),
            START,
        )],
        Daemon::Forbidden => vec![
            good("daemon", "pcscd has a socket"),
            missing(
                "permission",
                format!("this user may not open {}", machine.socket().display()),
                format!("sudo chmod a+rw {}", machine.socket().display()),
            ),
        ],
        Daemon::Unknown(reason) => {
            vec![missing("daemon", format!("{}: {reason}", machine.socket().display()), RESTART)]
        }
    }
}

fn port(machine: &Machine) -> Finding {
    let port = sscard_host::vpcd::PORT;
    let runs = matches!(machine.daemon(), Daemon::Answers | Daemon::Forbidden);
    match machine.listener(port) {
        Listener::Program { name, .. } if name == "pcscd" => {
            good("port", format!("pcscd's virtual reader listens on {port}"))
        }
        Listener::Program { name, process } => missing(
            "port",
            format!("{port} is taken by {name} (process {process})"),
            format!("kill {process}, then {RESTART}"),
        ),
        // Another user's process: the kernel does not say whose.
        Listener::Unknown if runs => {
            good("port", format!("somebody, most likely pcscd, listens on {port}"))
        }
        Listener::Unknown => missing(
            "port",
            format!("{port} is taken by a program of another user"),
            format!("sudo ss -ltnp 'sport = :{port}'"),
        ),
        Listener::Nobody if runs && machine.virtual_reader_driver().is_some() => missing(
            "port",
            format!("pcscd runs, but its virtual reader does not listen on {port}"),
            RESTART,
        ),
        Listener::Nobody => good("port", format!("{port} is free")),
    }
}

#[cfg(all(test, unix))]
mod tests;
