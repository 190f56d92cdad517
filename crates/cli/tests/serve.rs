//! `sscard serve` against a driver of our own: no pcscd is needed.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use sscard_core::{Card, CardImage};
use tempfile::TempDir;

const SSCARD: &str = env!("CARGO_BIN_EXE_sscard");
const SELECT_SSSE: &[u8] = b"\x00\xA4\x04\x00\x0Fsx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";
const WRONG_PIN: &[u8] = &[0x00, 0x20, 0x00, 0x00, 0x03, 0x11, 0x11, 0x11];

struct Server {
    program: Child,
    folder: TempDir,
    listener: TcpListener,
}

fn server(options: &[&str]) -> Server {
    let folder = TempDir::new().expect("folder");
    let image = folder.path().join("card.img");
    let made = Command::new(SSCARD).args(["new", "-o"]).arg(&image).output().expect("runs");
    assert!(made.status.success());
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("address").port().to_string();
    let program = Command::new(SSCARD)
        .args(["serve", "--port", &port])
        .args(options)
        .arg(&image)
        .stdin(Stdio::null())
        .stdout(fs::File::create(folder.path().join("out")).expect("file"))
        .stderr(fs::File::create(folder.path().join("err")).expect("file"))
        .spawn()
        .expect("serves");
    Server { program, folder, listener }
}

impl Server {
    /// The driver's end of the next connection, the card powered.
    fn connection(&self) -> TcpStream {
        let (mut stream, _) = self.listener.accept().expect("a card");
        stream.set_nodelay(true).expect("set");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("set");
        stream.write_all(&[0, 1, 1]).expect("power on");
        stream
    }

    fn tries_left(&self) -> u8 {
        let bytes = fs::read(self.folder.path().join("card.img")).expect("image");
        let card = Card::from_image(&CardImage::from_bytes(bytes)).expect("loads");
        card.inspect_pin().tries_left
    }

    fn said(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).expect("UTF-8")
    }

    fn signal(&mut self, signal: &str) -> Option<i32> {
        let id = self.program.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().expect("runs").success());
        self.program.wait().expect("ends").code()
    }

    fn wait_for(&self, what: &str, there: impl Fn(&Self) -> bool) {
        let started = Instant::now();
        while !there(self) {
            assert!(started.elapsed() < Duration::from_secs(10), "{what} does not come");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that failed leaves it running.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

fn exchange(stream: &mut TcpStream, command: &[u8]) -> Vec<u8> {
    let length = u16::try_from(command.len()).expect("short").to_be_bytes();
    stream.write_all(&[&length[..], command].concat()).expect("sent");
    let mut length = [0; 2];
    stream.read_exact(&mut length).expect("length");
    let mut response = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut response).expect("response");
    response
}

#[test]
fn a_lost_connection_is_saved_and_made_anew() {
    let mut server = server(&[]);
    let mut stream = server.connection();
    assert_eq!(exchange(&mut stream, SELECT_SSSE), [0x61, 0x1E]);
    assert_eq!(exchange(&mut stream, WRONG_PIN), [0x63, 0xC5]);
    drop(stream);
    let mut stream = server.connection();
    server.wait_for("the saved try", |server| server.tries_left() == 5);
    assert_eq!(exchange(&mut stream, SELECT_SSSE), [0x61, 0x1E]);
    assert_eq!(exchange(&mut stream, WRONG_PIN), [0x63, 0xC4]);
    assert_eq!(server.signal("-TERM"), Some(0));
    assert_eq!(server.tries_left(), 4);
    assert!(server.said("err").contains("reconnecting"), "{}", server.said("err"));
    let left: Vec<_> = fs::read_dir(server.folder.path()).expect("folder").collect();
    assert_eq!(left.len(), 3, "the image, out and err: nothing stays beside the image");
}

#[test]
fn a_quiet_slot_is_saved_while_the_driver_polls() {
    let server = server(&[]);
    let mut stream = server.connection();
    exchange(&mut stream, SELECT_SSSE);
    exchange(&mut stream, WRONG_PIN);
    let started = Instant::now();
    while server.tries_left() == 6 {
        assert!(started.elapsed() < Duration::from_secs(5), "polling keeps it from being saved");
        stream.write_all(&[0, 1, 4]).expect("ATR wanted");
        let mut atr = [0; 2 + 17];
        stream.read_exact(&mut atr).expect("ATR");
        thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(server.tries_left(), 5);
}

#[test]
fn live_lines_hide_pins_and_polling() {
    let mut quiet = server(&["--quiet"]);
    let mut open = server(&["--unsafe-show-secrets"]);
    let mut hidden = server(&[]);
    for server in [&quiet, &open, &hidden] {
        let mut stream = server.connection();
        exchange(&mut stream, &[4]);
        exchange(&mut stream, SELECT_SSSE);
        exchange(&mut stream, WRONG_PIN);
    }
    for server in [&mut quiet, &mut open, &mut hidden] {
        assert_eq!(server.signal("-INT"), Some(130));
    }
    assert_eq!(quiet.said("out"), "");
    let lines = hidden.said("out");
    assert_eq!(lines.lines().count(), 2, "{lines}");
    assert!(lines.contains("> 0020000003****** < 63C5"), "{lines}");
    assert!(open.said("out").contains("> 0020000003111111 < 63C5"));
}

#[test]
fn a_served_image_is_in_use() {
    let server = server(&[]);
    let _stream = server.connection();
    let image = server.folder.path().join("card.img");
    let output =
        Command::new(SSCARD).args(["inspect", "--card"]).arg(&image).output().expect("runs");
    assert_eq!(output.status.code(), Some(5));
}

#[test]
fn nobody_listening_is_said_once_with_what_to_do() {
    let mut server = server(&[]);
    let address = server.listener.local_addr().expect("address");
    let elsewhere = TcpListener::bind("127.0.0.1:0").expect("a port");
    // Our listener goes; what it had accepted in its queue goes with it.
    server.listener = elsewhere;
    server.wait_for("the word", |server| server.said("err").contains("start pcscd"));
    thread::sleep(Duration::from_millis(1200));
    let said = server.said("err");
    assert_eq!(said.matches("start pcscd").count(), 1, "{said}");
    assert!(said.contains(&address.port().to_string()), "{said}");
    assert_eq!(server.signal("-TERM"), Some(0));
}
