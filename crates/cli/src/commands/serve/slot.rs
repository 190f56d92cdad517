//! One virtual slot: connects, serves, reconnects, until it is stopped.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use sscard_commands::{SecretAnswers, secret_part};
use sscard_host::TransportError;
use sscard_host::starred;
use sscard_host::vpcd::{Slot, SlotRequest};
use sscard_lexicon::{Session, shown};

use super::bay::Bay;
use crate::outside::Lines;

/// How long one wait for the driver may take; also how fast eject and stop are noticed.
const PATIENCE: Duration = Duration::from_millis(50);
/// Pause between two attempts to connect.
const RETRY: Duration = Duration::from_millis(500);

/// A driver that has seen the card asks for something before this is over.
const SILENCE: Duration = Duration::from_secs(1);

/// What a slot's thread needs to know.
pub(super) struct Settings {
    pub(super) number: u16,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) quiet: bool,
    pub(super) show_secrets: bool,
    pub(super) line_end: &'static str,
    pub(super) lines: Lines,
}

pub(super) fn run(settings: &Settings, bay: &Mutex<Bay>, stop: &AtomicBool) {
    let mut told = String::new();
    while !stop.load(Ordering::Relaxed) {
        let Some(generation) = inserted(bay) else {
            thread::sleep(PATIENCE);
            continue;
        };
        let outcome = match Slot::connect((settings.host.as_str(), settings.port)) {
            Ok(mut slot) => session(settings, bay, stop, generation, &mut slot, &mut told),
            Err(error) => {
                // A service that ends says "reset" first and "refused" from then on: that is one state.
                let advice = "start pcscd with vsmartcard-vpcd; trying again";
                settings.say_once(
                    &mut told,
                    "no service",
                    &format!("{error} (port {}); {advice}", settings.port),
                );
                thread::sleep(RETRY);
                continue;
            }
        };
        match outcome {
            Ok(()) => {}
            Err(TransportError::NotKept(refusal)) => {
                let text = format!("NOT KEPT: {refusal}; out of the slot until it can be kept");
                settings.say(&text);
                wait_until_kept(bay, stop);
            }
            Err(error) => settings.say(&format!("{error}; reconnecting")),
        }
        if let Err(failure) = bay.lock().unwrap_or_else(PoisonError::into_inner).settle() {
            settings.say(&format!("NOT KEPT: {failure}"));
        }
    }
}

/// A card whose file takes nothing is not in the slot.
fn wait_until_kept(bay: &Mutex<Bay>, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        thread::sleep(RETRY);
        let mut bay = bay.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = bay.inserted().is_none_or(|(card, _)| card.try_to_keep().is_ok());
        if kept {
            return;
        }
    }
}

fn inserted(bay: &Mutex<Bay>) -> Option<u64> {
    let mut bay = bay.lock().unwrap_or_else(PoisonError::into_inner);
    bay.inserted().map(|(_, generation)| generation)
}

/// Serves one connection until the card leaves the slot, the driver goes, or all is stopped.
fn session(
    settings: &Settings,
    bay: &Mutex<Bay>,
    stop: &AtomicBool,
    generation: u64,
    slot: &mut Slot,
    told: &mut String,
) -> Result<(), TransportError> {
    let begun = Instant::now();
    let mut response = Vec::new();
    let mut complained = false;
    let mut connected = false;
    let mut words = Session::default();
    let mut answers = SecretAnswers::default();
    while !stop.load(Ordering::Relaxed) {
        let request = slot.next(PATIENCE)?;
        if request == SlotRequest::Idle && !connected {
            if begun.elapsed() > SILENCE {
                settings.say_once(told, "silence", &format!(
                    "waiting for the reader's driver (port {}): it looks at one card a slot, and \
                     another program may have its card in this one",
                    settings.port
                ));
            }
        } else if !connected {
            // The driver has seen the card.
            connected = true;
            told.clear();
            settings.say("connected");
        }
        let mut bay = bay.lock().unwrap_or_else(PoisonError::into_inner);
        let served = match bay.inserted() {
            Some((served, current)) if current == generation => served,
            _ => return Ok(()),
        };
        served.serve(slot, request, &mut response)?;
        match request {
            SlotRequest::Command if !settings.quiet => {
                settings.show(slot.command(), &response, &mut words, &mut answers);
            }
            SlotRequest::PowerOn | SlotRequest::Reset => words.reset(),
            SlotRequest::Atr | SlotRequest::Command | SlotRequest::PowerOff | SlotRequest::Idle => {
            }
        }
        match served.settle_when_quiet() {
            Ok(()) => complained = false,
            Err(failure) if !complained => {
                complained = true;
                settings.say(&format!("NOT KEPT: {failure}; trying again"));
            }
            Err(_) => {}
        }
    }
    Ok(())
}

impl Settings {
    /// Says what lasts, once as long as it lasts.
    fn say_once(&self, told: &mut String, state: &str, text: &str) {
        if told != state {
            self.say(text);
            told.clear();
            told.push_str(state);
        }
    }

    fn say(&self, text: &str) {
        complain_on!("slot {}: {}{}", self.number, shown(text), self.line_end);
    }

    /// One live line; PINs are hidden unless they are asked for.
    fn show(
        &self,
        command: &[u8],
        response: &[u8],
        words: &mut Session,
        answers: &mut SecretAnswers,
    ) {
        let annotation = words.annotate(command, Some(response));
        let hidden = secret_part(command).filter(|_| !self.show_secrets);
        let command_text = starred(command, hidden.as_ref());
        let hidden = answers.part(command, response).filter(|_| !self.show_secrets);
        let response = starred(response, hidden.as_ref());
        let mut line = format!("slot {}: > {command_text} < {response}", self.number);
        let meaning = annotation.status.map_or("no answer".to_owned(), |(_, meaning)| meaning.en);
        line.push_str(&format!("  # {}: {meaning}", annotation.command));
        // Any program may have sent this. Nobody has to read along: a closed pipe does not stop the
        // card.
        self.lines.tell(format!("{}{}", shown(&line), self.line_end));
    }
}
