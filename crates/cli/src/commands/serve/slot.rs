//! One virtual slot: connects, serves, reconnects, until it is stopped.

use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use sscard_host::TransportError;
use sscard_host::secret_part;
use sscard_host::vpcd::{Request, Slot, serve};
use sscard_lexicon::{Session, shown};

use super::bay::Bay;
use crate::outside;

/// How long one wait for the driver may take; also how fast eject and stop are noticed.
const PATIENCE: Duration = Duration::from_millis(50);
/// Pause between two attempts to connect.
const RETRY: Duration = Duration::from_millis(500);

/// What a slot's thread needs to know.
pub(super) struct Settings {
    pub(super) number: u16,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) quiet: bool,
    pub(super) show_secrets: bool,
    pub(super) line_end: &'static str,
}

pub(super) fn run(settings: &Settings, bay: &Mutex<Bay>, stop: &AtomicBool) {
    let mut told = None;
    while !stop.load(Ordering::Relaxed) {
        let Some(generation) = inserted(bay) else {
            thread::sleep(PATIENCE);
            continue;
        };
        match Slot::connect((settings.host.as_str(), settings.port)) {
            Ok(mut slot) => {
                settings.say("connected");
                told = None;
                let ended = session(settings, bay, stop, generation, &mut slot);
                if let Err(error) = ended {
                    settings.say(&format!("{error}; reconnecting"));
                }
                save(settings, bay);
            }
            Err(error) => {
                // A service that ends says "reset" first and "refused" from then on: that is one state.
                let kind = mem::discriminant(&error);
                if told != Some(kind) {
                    settings.say(&format!(
                        "{error} (port {}); start pcscd with vsmartcard-vpcd; trying again",
                        settings.port
                    ));
                    told = Some(kind);
                }
                thread::sleep(RETRY);
            }
        }
    }
}

fn inserted(bay: &Mutex<Bay>) -> Option<u64> {
    let mut bay = bay.lock().unwrap_or_else(PoisonError::into_inner);
    bay.inserted().map(|(_, generation)| generation)
}

fn save(settings: &Settings, bay: &Mutex<Bay>) {
    let saved = bay.lock().unwrap_or_else(PoisonError::into_inner).save();
    if let Err(failure) = saved {
        settings.say(&format!("NOT SAVED: {failure}"));
    }
}

/// Serves one connection until the card leaves the slot, the driver goes, or all is stopped.
fn session(
    settings: &Settings,
    bay: &Mutex<Bay>,
    stop: &AtomicBool,
    generation: u64,
    slot: &mut Slot,
) -> Result<(), TransportError> {
    let mut response = Vec::new();
    let mut complained = false;
    let mut words = Session::default();
    while !stop.load(Ordering::Relaxed) {
        let request = slot.next(PATIENCE)?;
        let mut bay = bay.lock().unwrap_or_else(PoisonError::into_inner);
        let card = match bay.inserted() {
            Some((card, current)) if current == generation => card,
            _ => return Ok(()),
        };
        serve(slot, request, &mut card.card, &mut response)?;
        match request {
            Request::Command => {
                card.touch();
                if !settings.quiet {
                    settings.show(slot.command(), &response, &mut words);
                }
            }
            Request::PowerOn | Request::Reset => {
                card.touch();
                words.reset();
            }
            Request::Atr | Request::PowerOff | Request::Idle => {}
        }
        match card.save_when_due() {
            Ok(()) => complained = false,
            Err(failure) if !complained => {
                complained = true;
                settings.say(&format!("NOT SAVED: {failure}; trying again"));
            }
            Err(_) => {}
        }
    }
    Ok(())
}

impl Settings {
    fn say(&self, text: &str) {
        complain_on!("slot {}: {}{}", self.number, shown(text), self.line_end);
    }

    /// One live line; PINs are hidden unless they are asked for.
    fn show(&self, command: &[u8], response: &[u8], words: &mut Session) {
        let annotation = words.annotate(command, Some(response));
        let hidden = secret_part(command).filter(|_| !self.show_secrets).unwrap_or(0..0);
        let mut line = format!("slot {}: > ", self.number);
        for (at, byte) in command.iter().enumerate() {
            if hidden.contains(&at) {
                line.push_str("**");
            } else {
                line.push_str(&format!("{byte:02X}"));
            }
        }
        line.push_str(" < ");
        line.push_str(&hex::encode_upper(response));
        let meaning = annotation.status.map_or("no answer".to_owned(), |(_, meaning)| meaning.en);
        line.push_str(&format!("  # {}: {meaning}", annotation.command));
        // Any program may have sent this. Nobody has to read along: a closed pipe does not stop the
        // card.
        outside::tell(&format!("{}{}", shown(&line), self.line_end));
    }
}
