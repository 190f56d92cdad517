//! Programs beside others: forked, killed, without a standard error, with an environment that is wrong.
//!
//! A part of a test that needs an environment of its own is this program once more, with a variable that names the part.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::env;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::ptr::{null, null_mut};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use sscard_host::{SmartCard, TransportError};
use sscard_pcsc::*;
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};
use sscard_readers::{
    HeldCard, IccSlot, PcscContext, RemoteContext, ResourceManager, ScardError, ShareMode,
    protocols, serve,
};

const PART: &str = "SSCARD_TEST_PART";

const NO_SERVICE: Long = 0x8010_001D;

/// This program for one part; without the variables of other tests.
fn part(test: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env(PART, test).stdin(Stdio::null());
    for name in ["SOCKET", "CARDS", "PROFILE", "SEED", "CONTACTLESS", "FAULTS"] {
        command.env_remove(format!("SSCARD_PCSC_{name}"));
    }
    command
}

fn is_part() -> bool {
    env::var_os(PART).is_some()
}

fn passed(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}{stderr}", String::from_utf8_lossy(&output.stdout));
    stderr
}

fn context() -> (Long, Long) {
    let mut context = 0;
    // SAFETY: the place is there.
    let code = unsafe { SCardEstablishContext(2, null(), null(), &raw mut context) };
    (code, context)
}

fn connect(context: Long) -> Long {
    let (mut card, mut protocol) = (0, 0);
    let name = c"sscard 00 00".as_ptr();
    // SAFETY: the places are there, the name ends.
    let code = unsafe { SCardConnect(context, name, 2, 3, &raw mut card, &raw mut protocol) };
    assert_eq!(code, 0);
    card
}

fn image(file: &Path) {
    let profile = built_in("gen3").unwrap();
    let card = issue(&profile, &synthetic_holder(1), &MasterKeys::test()).unwrap();
    fs::write(file, card.image().as_bytes()).unwrap();
}

/// A card that takes its time.
struct Slow;

/// How long.
const SLOW: Duration = Duration::from_millis(1500);

impl SmartCard for Slow {
    fn power_on(&mut self) -> Result<(), TransportError> {
        Ok(())
    }

    fn power_off(&mut self) {}

    fn reset(&mut self) -> Result<(), TransportError> {
        Ok(())
    }

    fn atr(&self) -> Vec<u8> {
        vec![0x3B, 0x00]
    }

    fn transmit(&mut self, _: &[u8], answer: &mut Vec<u8>) -> Result<(), TransportError> {
        thread::sleep(SLOW);
        answer.extend_from_slice(&[0x90, 0x00]);
        Ok(())
    }
}

fn slow_readers() -> Arc<ResourceManager> {
    let slot: Arc<dyn IccSlot> = Arc::new(HeldCard::own(Slow));
    ResourceManager::new([slot])
}

#[test]
fn a_program_that_is_killed_in_a_transaction_frees_the_card_though_its_child_lives() {
    if is_part() {
        let (code, parents) = context();
        assert_eq!(code, 0);
        // Of several contexts each has a socket.
        let (_, another) = context();
        let card = connect(another);
        assert_eq!(SCardIsValidContext(parents), 0);
        assert_eq!(SCardBeginTransaction(card), 0);
        // SAFETY: the child calls nothing but functions that may be called in a child of a process with threads.
        unsafe {
            if libc::fork() == 0 {
                // It lives until the test closes its standard input.
                let mut byte = 0_u8;
                libc::read(0, (&raw mut byte).cast(), 1);
                libc::_exit(0);
            }
            libc::raise(libc::SIGKILL);
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("readers");
    let readers = slow_readers();
    let _server = serve(UnixListener::bind(&socket).unwrap(), readers).unwrap();
    let name = "a_program_that_is_killed_in_a_transaction_frees_the_card_though_its_child_lives";
    let mut killed = part(name);
    killed.env("SSCARD_PCSC_SOCKET", &socket).stdin(Stdio::piped());
    let mut killed = killed.stdout(Stdio::piped()).spawn().unwrap();
    let child_s_life = killed.stdin.take();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&killed.wait().unwrap()), Some(9));
    let context = RemoteContext::establish(&socket).unwrap();
    let any = protocols::T0 | protocols::T1;
    let begun = Instant::now();
    let connected = loop {
        if let Some((card, _)) =
            context.connect("sscard 00 00", ShareMode::Shared, any, Duration::ZERO).unwrap()
        {
            match card.begin() {
                Err(ScardError::SHARING_VIOLATION) => {}
                Ok(()) | Err(ScardError::RESET_CARD) => break true,
                other => panic!("{other:?}"),
            }
        }
        if begun.elapsed().as_secs() >= 5 {
            break false;
        }
        thread::sleep(Duration::from_millis(5));
    };
    drop(child_s_life);
    // The child has lived until now: only with it the pipe ends.
    let mut said = Vec::new();
    killed.stdout.take().unwrap().read_to_end(&mut said).unwrap();
    assert!(connected, "the child of the killed program holds the card");
}

#[test]
fn a_release_that_takes_its_time_holds_up_no_other_context() {
    const NAME: &str = "a_release_that_takes_its_time_holds_up_no_other_context";
    if is_part() {
        let (_, first) = context();
        let card = connect(first);
        let transmits = thread::spawn(move || {
            let (mut answer, mut length) = ([0_u8; 8], 8);
            let command = [0x00, sscard_commands::ins::SELECT, 0x00, 0x00];
            let pci = &raw const g_rgSCardT0Pci;
            let (command, room) = (command.as_ptr(), answer.as_mut_ptr());
            // SAFETY: the places are there.
            unsafe { SCardTransmit(card, pci, command, 4, null_mut(), room, &raw mut length) }
        });
        thread::sleep(SLOW / 5);
        let releases = thread::spawn(move || SCardReleaseContext(first));
        thread::sleep(SLOW / 5);
        let begun = Instant::now();
        let (code, second) = context();
        let took = begun.elapsed();
        assert_eq!((code, SCardReleaseContext(second)), (0, 0));
        assert!(!transmits.is_finished(), "the card was too quick for this test");
        assert!(took < SLOW / 5, "{took:?}");
        assert_eq!((transmits.join().unwrap(), releases.join().unwrap()), (0, 0));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("readers");
    let _server = serve(UnixListener::bind(&socket).unwrap(), slow_readers()).unwrap();
    passed(&part(NAME).env("SSCARD_PCSC_SOCKET", &socket).output().unwrap());
}

/// A program in whose environment this is has no service, and what a person is told.
fn told(variable: &str, value: &str) -> String {
    let name = "what_is_wrong_in_the_environment_is_said";
    passed(&part(name).env(variable, value).output().unwrap())
}

#[test]
fn what_is_wrong_in_the_environment_is_said() {
    if is_part() {
        assert_eq!(context().0, NO_SERVICE);
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.img");
    image(&file);
    let (file, folder) = (file.display().to_string(), folder.path().display().to_string());
    let empty = "sscard: SSCARD_PCSC_CARDS has an empty name: names are separated by one `:`, with \
                 none before the first or after the last\n";
    for cards in [":".to_owned(), format!("{file}:"), format!("{file}::{file}")] {
        assert_eq!(told("SSCARD_PCSC_CARDS", &cards), empty);
    }
    for (first, second) in [(file.clone(), file.clone()), (file, format!("{folder}/./a.img"))] {
        assert_eq!(
            told("SSCARD_PCSC_CARDS", &format!("{first}:{second}")),
            format!("sscard: SSCARD_PCSC_CARDS names {second} twice: a card is in one reader\n")
        );
    }
    for value in ["ja", "yes", "2", "TRUE"] {
        assert_eq!(
            told("SSCARD_PCSC_CONTACTLESS", value),
            format!("sscard: SSCARD_PCSC_CONTACTLESS={value}: 1 or 0 is wanted\n")
        );
    }
    assert_eq!(
        told("SSCARD_PCSC_SOCKET", &folder),
        format!(
            "sscard: SSCARD_PCSC_SOCKET={folder}: this is no socket: name the one of a `sscard with`\n"
        )
    );
}

#[test]
fn a_field_is_there_or_not() {
    const NAME: &str = "a_field_is_there_or_not";
    if is_part() {
        let (code, context) = context();
        assert_eq!(code, 0);
        let mut protocol = 0;
        let (mut card, name) = (0, c"sscard 00 00".as_ptr());
        // SAFETY: the places are there, the name ends.
        let code = unsafe { SCardConnect(context, name, 2, 3, &raw mut card, &raw mut protocol) };
        assert_eq!(code, 0);
        // Without contacts there is no T=0.
        let is_field = env::var("SSCARD_PCSC_CONTACTLESS").is_ok_and(|value| value.len() % 3 == 1);
        let is_field = is_field && env::var("SSCARD_PCSC_CONTACTLESS").unwrap() != "0";
        assert_eq!(protocol, if is_field { 2 } else { 1 });
        return;
    }
    for value in ["1", "true", "0", "false", ""] {
        passed(&part(NAME).env("SSCARD_PCSC_CONTACTLESS", value).output().unwrap());
    }
}

#[test]
fn a_standard_error_that_takes_nothing_changes_no_answer() {
    const NAME: &str = "a_standard_error_that_takes_nothing_changes_no_answer";
    if is_part() {
        // SAFETY: a signal's default is what C programs have.
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
        if env::var_os("SSCARD_TEST_CLOSED").is_some() {
            // SAFETY: nobody owns standard error.
            unsafe { libc::close(2) };
        }
        assert_eq!(context().0, NO_SERVICE);
        return;
    }
    let wrong = || {
        let mut part = part(NAME);
        part.env("SSCARD_PCSC_CARDS", "/nowhere");
        part
    };
    let full = File::options().write(true).open("/dev/full").unwrap();
    passed(&wrong().stderr(full).output().unwrap());
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    passed(&wrong().stderr(writer).output().unwrap());
    passed(&wrong().env("SSCARD_TEST_CLOSED", "1").output().unwrap());
}
