//! Whoever is at a socket instead of a server of readers: no service, in time, and a sentence that is true.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::Bench;
use crate::wire::{Reply, greet};
use crate::{RemoteContext, ScardError, ServerNotMet};

/// What a person is told of a socket, and it is of that socket.
fn told(socket: &Path) -> String {
    let error = RemoteContext::establish(socket).err().unwrap();
    let text = error.to_string();
    assert_eq!(ScardError::from(error), ScardError::NO_SERVICE);
    text.strip_prefix(&format!("{}: ", socket.display())).unwrap().to_owned()
}

/// What is told of a socket whose server answers like this.
fn told_of(answer: impl FnOnce(UnixStream) + Send + 'static) -> String {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("readers");
    let listener = UnixListener::bind(&socket).unwrap();
    let server = thread::spawn(move || answer(listener.accept().unwrap().0));
    let told = told(&socket);
    server.join().unwrap();
    told
}

/// Takes the greeting first: nobody hangs up with it unread.
fn after_greeting(mut stream: &UnixStream) {
    assert!(stream.read(&mut [0; 64]).unwrap() > 4);
}

/// Waits until the program has gone.
fn until_gone(mut stream: UnixStream) {
    let _ = stream.read_to_end(&mut Vec::new());
}

#[test]
fn a_file_that_is_not_there_and_a_server_that_has_ended() {
    let mut bench = Bench::new();
    let socket = bench.socket();
    assert_eq!(
        told(&socket.with_file_name("none")),
        "there is no such file: the `sscard with` that made it has ended"
    );
    bench.server = None;
    let gone = Instant::now();
    while RemoteContext::establish(&socket).is_ok() {
        assert!(gone.elapsed().as_secs() < 5);
    }
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("readers");
    drop(UnixListener::bind(&socket).unwrap());
    assert_eq!(told(&socket), "nobody serves readers there: the `sscard with` that did has ended");
}

#[test]
fn a_file_and_a_folder_are_no_sockets() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("text");
    fs::write(&file, "text").unwrap();
    for place in [file.as_path(), folder.path()] {
        assert_eq!(told(place), "this is no socket: name the one of a `sscard with`");
    }
    assert_eq!(
        told(&file.join("below")),
        "there is no such file: the `sscard with` that made it has ended"
    );
}

#[test]
fn a_name_that_no_socket_can_have_is_said_to_be_too_long() {
    let long = format!("/{}", "n".repeat(200));
    assert_eq!(
        told(Path::new(&long)),
        "the name of a socket has 107 bytes at most, and this one has 201"
    );
    let longest = format!("/{}", "n".repeat(106));
    assert_eq!(
        told(Path::new(&longest)),
        "there is no such file: the `sscard with` that made it has ended"
    );
}

#[test]
fn a_socket_of_somebody_else_s_is_said_to_be_denied() {
    let denied = "permission denied: only its owner may use a `sscard with`";
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("readers");
    let of_system = |number| {
        let error = std::io::Error::from_raw_os_error(number);
        ServerNotMet::of(&socket, error).to_string()
    };
    assert_eq!(of_system(13), format!("{}: {denied}", socket.display()));
    // This process's files, and all of them.
    for number in [23, 24] {
        assert_eq!(of_system(number), format!("{}: {NO_DESCRIPTORS}", socket.display()));
    }
    let listener = UnixListener::bind(&socket).unwrap();
    fs::set_permissions(&socket, fs::Permissions::from_mode(0o000)).unwrap();
    // Who may do everything may do this, too.
    if UnixStream::connect(&socket).is_err() {
        assert_eq!(told(&socket), denied);
    }
    drop(listener);
}

/// What is said where a process may open no more files.
const NO_DESCRIPTORS: &str =
    "no file descriptor is left for the conversation: close files, or raise `ulimit -n`";

#[test]
fn another_version_garbage_and_whoever_hangs_up() {
    let other = "the `sscard with` there is of another version than this library: use both of one \
                 build";
    assert_eq!(
        told_of(|stream| {
            after_greeting(&stream);
            greet(&stream, &Reply::Failed(0x8010_001D), None).unwrap();
        }),
        other
    );
    let garbage = "whoever listens there serves no readers, or is of another version than this \
                   library: use the `sscard with` of the same build";
    assert_eq!(
        told_of(|mut stream| {
            after_greeting(&stream);
            stream.write_all(b"220 mail.example ready\r\n").unwrap();
        }),
        garbage
    );
    assert_eq!(
        told_of(|mut stream| {
            after_greeting(&stream);
            stream.write_all(&[1, 0, 0, 0, 0xFF]).unwrap();
        }),
        garbage
    );
    let hung_up = "whoever listens there hung up: it serves no readers, or is ending, or has no \
                   memory or file descriptor left";
    assert_eq!(told_of(|stream| after_greeting(&stream)), hung_up);
    assert_eq!(told_of(drop), hung_up);
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("readers");
    let _datagrams = UnixDatagram::bind(&socket).unwrap();
    assert_eq!(told(&socket), garbage);
}

#[test]
fn a_place_for_memory_that_did_not_come_is_a_descriptor_that_was_not_there() {
    assert_eq!(
        told_of(|stream| {
            after_greeting(&stream);
            greet(&stream, &Reply::Number(1), None).unwrap();
        }),
        NO_DESCRIPTORS
    );
}

#[test]
fn whoever_says_nothing_or_next_to_nothing_is_waited_for_some_seconds() {
    let silent = "whoever listens there has not answered for 5 seconds";
    let begun = Instant::now();
    let one = thread::spawn(move || assert_eq!(told_of(until_gone), silent));
    // A byte now and then is no answer.
    let slow = thread::spawn(move || {
        let trickle = |mut stream: UnixStream| {
            let _ = stream.write_all(&[0x80, 0, 0, 0]);
            while stream.write_all(&[0]).is_ok() {
                thread::sleep(Duration::from_millis(300));
            }
        };
        assert_eq!(told_of(trickle), silent);
    });
    // Nor is a queue.
    let queue = thread::spawn(move || {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("readers");
        let _listener = UnixListener::bind(&socket).unwrap();
        assert_eq!(told(&socket), silent);
    });
    [one, slow, queue].into_iter().for_each(|thread| thread.join().unwrap());
    let took = begun.elapsed().as_secs_f64();
    assert!((4.5..8.0).contains(&took), "{took}");
}
