//! Machines made of a few files.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use tempfile::TempDir;

use super::*;

/// A folder that stands for `/`.
struct Fake(TempDir);

impl Fake {
    fn with(files: &[&str]) -> Self {
        let fake = Self(TempDir::new().expect("folder"));
        files.iter().for_each(|file| fake.write(file, ""));
        fake
    }

    fn installed() -> Self {
        Self::with(&[
            "usr/sbin/pcscd",
            "usr/lib/pcsc/drivers/serial/libifdvpcd.so",
            "etc/reader.conf.d/vpcd",
        ])
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.0.path().join(file);
        fs::create_dir_all(path.parent().expect("folder")).expect("folder");
        fs::write(path, text).expect("written");
    }

    /// A socket of pcscd that answers as long as the listener lives.
    fn socket(&self) -> UnixListener {
        fs::create_dir_all(self.0.path().join("run/pcscd")).expect("folder");
        UnixListener::bind(self.0.path().join("run/pcscd/pcscd.comm")).expect("socket")
    }

    /// Somebody listens on 35963 (8C7B): a process of this name, or one that is not seen.
    fn listener(&self, name: Option<&str>) {
        let head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt";
        let line = "   0: 0100007F:8C7B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1";
        self.write("proc/net/tcp", &format!("{head}\n{line}\n"));
        if let Some(name) = name {
            self.write("proc/123/comm", &format!("{name}\n"));
            fs::create_dir_all(self.0.path().join("proc/123/fd")).expect("folder");
            symlink("socket:[4711]", self.0.path().join("proc/123/fd/7")).expect("link");
        }
    }

    /// Check and state of everything that is not good, and the remedies.
    fn complaints(&self) -> Vec<(&'static str, State, String)> {
        examine(&Machine::at(self.0.path()))
            .into_iter()
            .filter(|finding| finding.state != State::Good && finding.check != "build")
            .map(|finding| (finding.check, finding.state, finding.remedy.expect("a remedy")))
            .collect()
    }
}

#[test]
fn a_bare_machine_lacks_package_driver_and_daemon() {
    let expected = [
        ("package", State::Missing, "sudo apt-get install pcscd".to_owned()),
        ("driver", State::Missing, "sudo apt-get install vsmartcard-vpcd".to_owned()),
        ("daemon", State::Missing, START.to_owned()),
    ];
    assert_eq!(Fake::with(&[]).complaints(), expected);
}

#[test]
fn root_is_told_commands_without_sudo() {
    let fake = Fake::with(&[]);
    fake.write("proc/self/status", "Name:\tsscard\nUid:\t1000\t0\t1000\t1000\n");
    let remedies: Vec<_> = fake.complaints().into_iter().map(|(_, _, remedy)| remedy).collect();
    let expected =
        ["apt-get install pcscd", "apt-get install vsmartcard-vpcd", "pcscd --foreground &"];
    assert_eq!(remedies, expected);
    fake.write("proc/self/status", "Name:\tsscard\nUid:\t0\t1000\t0\t0\n");
    assert_eq!(fake.complaints()[0].2, "sudo apt-get install pcscd");
}

#[test]
fn a_driver_without_its_configuration_is_reinstalled() {
    let fake = Fake::with(&["usr/sbin/pcscd", "usr/lib/pcsc/drivers/serial/libifdvpcd.so.0.8"]);
    let remedy = "sudo apt-get install vsmartcard-vpcd --reinstall".to_owned();
    assert_eq!(fake.complaints()[0], ("driver", State::Missing, remedy));
}

#[test]
fn a_daemon_that_does_not_run_is_started() {
    assert_eq!(Fake::installed().complaints(), [("daemon", State::Missing, START.to_owned())]);
}

#[test]
fn a_socket_that_nobody_answers_is_a_daemon_that_is_gone() {
    let fake = Fake::installed();
    drop(fake.socket());
    let findings = examine(&Machine::at(fake.0.path()));
    let daemon = findings.iter().find(|finding| finding.check == "daemon").expect("checked");
    assert!(daemon.text.ends_with("is there, but nothing answers"), "{}", daemon.text);
    assert_eq!(fake.complaints(), [("daemon", State::Missing, START.to_owned())]);
}

#[test]
fn a_daemon_whose_reader_does_not_listen_is_restarted() {
    let fake = Fake::installed();
    let _socket = fake.socket();
    assert_eq!(fake.complaints(), [("port", State::Missing, RESTART.to_owned())]);
}

#[test]
fn a_machine_with_everything_has_no_complaint() {
    let fake = Fake::installed();
    let _socket = fake.socket();
    fake.listener(Some("pcscd"));
    assert_eq!(fake.complaints(), []);
}

#[test]
fn a_taken_port_names_who_took_it() {
    let fake = Fake::installed();
    fake.listener(Some("python3"));
    let findings = examine(&Machine::at(fake.0.path()));
    let port = findings.iter().find(|finding| finding.check == "port").expect("checked");
    assert_eq!(port.text, "35963 is taken by python3 (process 123)");
    assert_eq!(port.remedy.as_deref(), Some(&*format!("kill 123, then {RESTART}")));
}

#[test]
fn a_port_of_another_user_is_taken_unless_pcscd_runs() {
    let fake = Fake::installed();
    fake.listener(None);
    assert!(fake.complaints().iter().any(|(check, ..)| *check == "port"));
    let _socket = fake.socket();
    assert_eq!(fake.complaints(), []);
}

#[test]
fn headers_decide_how_the_build_is_mended() {
    let bare = build(&Machine::at(Fake::with(&[]).0.path()));
    let ready = Fake::with(&["usr/include/PCSC/winscard.h"]);
    let ready = build(&Machine::at(ready.0.path()));
    if cfg!(feature = "pcsc") {
        assert_eq!((bare.state, ready.state), (State::Good, State::Good));
    } else {
        assert_eq!(ready.remedy.as_deref(), Some("cargo build --release --features pcsc"));
        assert!(bare.remedy.is_some_and(|remedy| remedy.contains("libpcsclite-dev")));
    }
}
