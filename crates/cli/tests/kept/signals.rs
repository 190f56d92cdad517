//! Signals: every command that holds a card ends in order, with its state kept.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::kept::operations::{all, image_of};
use crate::kept::road::SSCARD;
use crate::sscard::path;

const SIGNALS: [(&str, i32); 4] = [("INT", 130), ("TERM", 143), ("HUP", 129), ("QUIT", 131)];

fn send(program: &Child, signal: &str) {
    let id = program.id().to_string();
    let sent = Command::new("kill").args([&format!("-{signal}"), &id]).status();
    assert!(sent.expect("runs").success());
}

/// A script that goes on for longer than the test waits.
fn endless(folder: &tempfile::TempDir) -> String {
    let script = path(folder, "long.apdu");
    let text =
        format!("@mode raw\n{}\n{}", crate::sscard::SELECT_SSSE, "0084000008\n".repeat(400_000));
    fs::write(&script, text).expect("written");
    script
}

#[test]
fn run_ends_in_order_on_every_signal() {
    for (signal, code) in SIGNALS {
        let folder = tempfile::TempDir::new().expect("folder");
        let (card, script) = (path(&folder, "card.img"), endless(&folder));
        let wrong = format!("@destructive\n{}\n0020000003111111\n", crate::sscard::SELECT_SSSE);
        let text = fs::read_to_string(&script).expect("text").replacen(
            "@mode raw\n",
            &format!("@mode raw\n{wrong}"),
            1,
        );
        fs::write(&script, text).expect("written");
        fs::write(&card, &all()[0].start).expect("written");
        let mut program = Command::new(SSCARD)
            .args(["run", &script, "--card", &card])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut lines = BufReader::new(program.stdout.take().expect("a pipe")).lines();
        assert!(lines.by_ref().map_while(Result::ok).any(|line| line == "< 63C5"));
        let reader = std::thread::spawn(move || lines.map_while(Result::ok).count());
        send(&program, signal);
        let begun = Instant::now();
        let output = program.wait_with_output().expect("ends");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{signal}: {said}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{signal}");
        assert!(said.contains("interrupted"), "{signal}: {said}");
        reader.join().expect("read");
        assert_eq!(image_of(card.as_ref()), all()[0].states[2], "{signal}");
        // In order: the image alone, with nothing behind it.
        assert_eq!(fs::read(&card).expect("image"), all()[0].states[2], "{signal}");
    }
}

#[test]
fn a_shell_that_waits_for_a_line_ends_on_every_signal() {
    for (signal, code) in SIGNALS {
        let folder = tempfile::TempDir::new().expect("folder");
        let card = path(&folder, "card.img");
        fs::write(&card, &all()[0].start).expect("written");
        let mut program = Command::new(SSCARD)
            .args(["shell", "--card", &card])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        let mut stdin = program.stdin.take().expect("a pipe");
        writeln!(stdin, "{}\n0020000003111111", crate::sscard::SELECT_SSSE).expect("written");
        let lines = BufReader::new(program.stdout.take().expect("a pipe")).lines();
        let mut lines = lines.map_while(Result::ok);
        assert!(lines.any(|line| line.contains("63C5")), "{signal}");
        send(&program, signal);
        assert_eq!(program.wait().expect("ends").code(), Some(code), "{signal}");
        assert_eq!(image_of(card.as_ref()), all()[0].states[2], "{signal}");
        drop(stdin);
    }
}

#[test]
fn serve_ends_in_order_on_every_signal() {
    for (signal, code) in [("INT", 130), ("TERM", 0), ("HUP", 129), ("QUIT", 131)] {
        let folder = tempfile::TempDir::new().expect("folder");
        let card = path(&folder, "card.img");
        fs::write(&card, &all()[0].start).expect("written");
        let mut program = Command::new(SSCARD)
            .args(["serve", "--port", "1", &card])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut lines = BufReader::new(program.stderr.take().expect("a pipe")).lines();
        let first = lines.next().expect("a line").expect("UTF-8");
        assert!(first.contains("trying again"), "{first}");
        send(&program, signal);
        assert_eq!(program.wait().expect("ends").code(), Some(code), "{signal}");
        assert_eq!(fs::read(&card).expect("image"), all()[0].start, "{signal}");
    }
}

#[test]
fn whoever_waits_for_a_pin_ends_on_a_signal_and_the_card_is_as_it_was() {
    for command in [&["read", "--pin", "-"][..], &["pay", "--amount", "1", "--pin", "-"]] {
        for (signal, code) in [("INT", 130), ("TERM", 143)] {
            let folder = tempfile::TempDir::new().expect("folder");
            let card = path(&folder, "card.img");
            fs::write(&card, &all()[0].start).expect("written");
            let mut program = Command::new(SSCARD)
                .args(command)
                .args(["--card", &card])
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("starts");
            // Waiting for its end would close it.
            let _stdin = program.stdin.take();
            // It has to have come so far that it waits; a signal before that is the system's.
            std::thread::sleep(Duration::from_millis(500));
            send(&program, signal);
            let begun = Instant::now();
            assert_eq!(program.wait().expect("ends").code(), Some(code), "{command:?} {signal}");
            assert!(begun.elapsed() < Duration::from_secs(5), "{command:?} {signal}");
            assert_eq!(fs::read(&card).expect("image"), all()[0].start, "{command:?} {signal}");
        }
    }
}
