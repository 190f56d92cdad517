//! What it costs that what was answered is kept: a card in a file against one in memory, in turns.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use sscard_commands::ins;
use sscard_core::Card;
use sscard_host::vpcd::{self, Slot};
use sscard_host::{CardFile, KeptCard, SmartCard, Sync};
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};
use tempfile::TempDir;

/// Exchanges of one measurement over the loopback driver, and with each answer on the disk.
const EXCHANGES: u32 = 2_000;
const SYNCED: u32 = 200;
/// Writing commands of the script.
const COMMANDS: u32 = 10_000;
/// A right and a wrong password: each answer changes the card.
const VERIFY: [[u8; 8]; 2] = [
    [0x00, ins::VERIFY, 0x00, 0x00, 0x03, 0x12, 0x34, 0x56],
    [0x00, ins::VERIFY, 0x00, 0x00, 0x03, 0x11, 0x11, 0x11],
];
const SELECT: &[u8] = b"\x00\xA4\x04\x00\x0Fsx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";

/// A card of the default kind.
fn card() -> Result<Card, Box<dyn Error>> {
    let profile = built_in("gen3").ok_or("no profile gen3")?;
    Ok(issue(&profile, &synthetic_holder(1), &MasterKeys::test())?)
}

/// The same in a file.
fn in_file(folder: &TempDir, sync: Sync) -> Result<(CardFile, Card), Box<dyn Error>> {
    let path = folder.path().join("card.img");
    std::fs::write(&path, card()?.image().as_bytes())?;
    Ok(CardFile::open(&path, sync)?)
}

/// Microseconds that the file adds to a VERIFY over the loopback driver.
pub(crate) fn added_us(sync: Sync) -> Result<f64, Box<dyn Error>> {
    let folder = TempDir::new()?;
    let (file, kept) = in_file(&folder, sync)?;
    let times = if sync == Sync::Always { SYNCED } else { EXCHANGES };
    let with = over_driver(KeptCard::new(kept, file), times)?;
    let without = over_driver(card()?, times)?;
    Ok((with - without) * 1e6)
}

/// Seconds that a VERIFY takes over the loopback driver.
fn over_driver(mut card: impl SmartCard, times: u32) -> Result<f64, Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut slot = Slot::connect(listener.local_addr()?)?;
    let (mut stream, _) = listener.accept()?;
    stream.set_nodelay(true)?;
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut response = Vec::new();
            // The driver goes when it has measured.
            while let Ok(request) = slot.next(Duration::from_secs(1)) {
                if vpcd::serve(&mut slot, request, &mut card, &mut response).is_err() {
                    return;
                }
            }
        });
        stream.write_all(&[0, 1, 1])?;
        exchange(&mut stream, SELECT)?;
        let started = Instant::now();
        for number in 0..times {
            exchange(&mut stream, &VERIFY[number as usize % 2])?;
        }
        let taken = started.elapsed().as_secs_f64() / f64::from(times);
        drop(stream);
        Ok(taken)
    })
}

fn exchange(stream: &mut TcpStream, command: &[u8]) -> io::Result<()> {
    let mut message =
        u16::try_from(command.len()).map_err(io::Error::other)?.to_be_bytes().to_vec();
    message.extend_from_slice(command);
    stream.write_all(&message)?;
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let mut response = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut response)
}

/// `sscard run` of a script of writing commands on a card in a file, its image written anew at the end, by the
/// same on the built-in card. `None` where the program was not built beside this one.
pub(crate) fn script_ratio() -> Result<Option<f64>, Box<dyn Error>> {
    let program = std::env::current_exe()?.with_file_name("sscard");
    if !program.exists() {
        return Ok(None);
    }
    let folder = TempDir::new()?;
    let (script, image) = (folder.path().join("a.apdu"), folder.path().join("card.img"));
    let mut text = String::from("@mode auto\nselect SSSE\n");
    for number in 0..COMMANDS {
        let pin = if number % 2 == 0 { "111111" } else { "123456" };
        // Writing into a string cannot fail.
        let _ = writeln!(text, "verify pin={pin}");
    }
    std::fs::write(&script, text)?;
    std::fs::write(&image, card()?.image().as_bytes())?;
    let run = |kept: bool| -> Result<f64, Box<dyn Error>> {
        let mut command = Command::new(&program);
        command.arg("run").arg(&script).stdout(Stdio::null());
        if kept {
            command.arg("--card").arg(&image);
        }
        let started = Instant::now();
        if !command.status()?.success() {
            return Err("sscard run failed".into());
        }
        Ok(started.elapsed().as_secs_f64())
    };
    Ok(Some(run(true)? / run(false)?))
}
