//! Exchanges a second through pcscd: our card in its virtual reader, our own transport in front.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sscard_commands::ins;
use sscard_core::Card;
use sscard_host::Transport;
use sscard_host::pcsc::{ConnectOptions, PcscReader};
use sscard_host::vpcd::{self, Slot, SlotRequest};
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};

use crate::timing::{median, per_second};

const READER: &str = "Virtual PCD 00 00";
const GET_CHALLENGE: &[u8] = &[0x00, ins::GET_CHALLENGE, 0x00, 0x00, 0x08];

/// The rate, or why there is none.
pub(crate) fn apdu_per_s() -> Result<f64, String> {
    let profile = built_in("gen3").ok_or("no profile gen3")?;
    let card = issue(&profile, &synthetic_holder(1), &MasterKeys::test())
        .map_err(|error| error.to_string())?;
    rate_of(card, &[], GET_CHALLENGE, 10)
}

/// That of a command with so long an answer, after others; or why there is none.
pub(crate) fn rate_of(
    card: Card,
    before: &[&[u8]],
    command: &[u8],
    length: usize,
) -> Result<f64, String> {
    let slot = Slot::connect(("localhost", vpcd::PORT)).map_err(|error| error.to_string())?;
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| serve(slot, card, &done));
        let rate = measure(before, command, length);
        done.store(true, Ordering::Relaxed);
        rate
    })
}

fn serve(mut slot: Slot, mut card: Card, done: &AtomicBool) {
    let mut response = Vec::new();
    while !done.load(Ordering::Relaxed) {
        let Ok(request) = slot.next(Duration::from_millis(100)) else { return };
        if request != SlotRequest::Idle
            && vpcd::serve(&mut slot, request, &mut card, &mut response).is_err()
        {
            return;
        }
    }
}

fn measure(before: &[&[u8]], command: &[u8], length: usize) -> Result<f64, String> {
    let mut reader = connect()?;
    let mut response = Vec::new();
    for command in before {
        reader.transmit(command, &mut response).map_err(|error| error.to_string())?;
    }
    let mut failure = None;
    let mut rates: Vec<f64> = (0..5)
        .map(|_| {
            per_second(2000, |times| {
                for _ in 0..times {
                    if let Err(error) = reader.transmit(command, &mut response) {
                        failure = Some(error.to_string());
                        return;
                    }
                }
            })
        })
        .collect();
    match failure {
        Some(failure) => Err(failure),
        None if response.len() == length => Ok(median(&mut rates)),
        None => Err(format!("{command:02X?} got {response:02X?}")),
    }
}

/// pcscd notices a card after a moment.
fn connect() -> Result<PcscReader, String> {
    let started = Instant::now();
    loop {
        match PcscReader::connect(READER, ConnectOptions::default()) {
            Ok(reader) => return Ok(reader),
            Err(error) if started.elapsed() > Duration::from_secs(5) => {
                return Err(error.to_string());
            }
            Err(_) => thread::sleep(Duration::from_millis(50)),
        }
    }
}
