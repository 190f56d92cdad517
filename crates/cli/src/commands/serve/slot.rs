//! The driver's end of one virtual slot: connects, serves, reconnects, until it is stopped.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sscard_host::TransportError;
use sscard_host::vpcd::{Slot, SlotRequest};
use sscard_lexicon::shown;
use sscard_stand::{CardSlot, Given, NoAnswer, Origin, PowerChange, Problem, SlotOutcome, Ticket};

/// How long one wait for the driver may take; also how fast eject and stop are noticed.
const PATIENCE: Duration = Duration::from_millis(50);
/// Pause between two attempts to connect.
const RETRY: Duration = Duration::from_millis(500);
/// So long a card that left is missed: pcscd looks every 400 ms, and of one that is back before it looked it believes that it never went.
const MISSED: Duration = Duration::from_millis(600);

/// A driver that has seen the card asks for something before this is over.
const SILENCE: Duration = Duration::from_secs(1);

/// What a slot's thread needs to know.
pub(super) struct Settings {
    pub(super) number: u16,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) line_end: &'static str,
}

/// Why a connection ends.
enum End {
    Transport(TransportError),
    /// The card's file takes nothing.
    NotKept(String),
    /// The card has left the slot, or all is stopped.
    Left,
    /// The driver waits for an answer that will not come. It waits for an empty one, too, without end: only a connection that ends
    /// frees it, and its program sees the card go and come.
    NoAnswer,
}

impl From<TransportError> for End {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}

impl From<Problem> for End {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Failed(text) => Self::NotKept(text),
            Problem::Lost(_) => Self::NoAnswer,
            _ => Self::Left,
        }
    }
}

pub(super) fn run(settings: &Settings, card: &CardSlot, stop: &AtomicBool) {
    let mut told = String::new();
    while !stop.load(Ordering::Relaxed) {
        let Some(generation) = card.generation() else {
            thread::sleep(PATIENCE);
            continue;
        };
        let slot = match Slot::connect((settings.host.as_str(), settings.port)) {
            Ok(slot) => slot,
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
        match (Session { settings, card, stop, generation, slot }).serve(&mut told) {
            End::Left => stay_away(stop),
            End::NoAnswer => {
                settings.say("no answer; reconnecting");
                stay_away(stop);
            }
            End::NotKept(text) => {
                settings.say(&format!("NOT KEPT: {text}; out of the slot until it can be kept"));
                // A card whose file takes nothing is not in the reader.
                while !stop.load(Ordering::Relaxed) {
                    thread::sleep(RETRY);
                    if card.try_to_keep() {
                        break;
                    }
                }
            }
            End::Transport(error) => settings.say(&format!("{error}; reconnecting")),
        }
        if let Err(problem) = card.settle() {
            settings.say(&format!("NOT KEPT: {problem}"));
        }
    }
}

/// A card that comes again at once is one that never went, to a reader that looks now and then.
fn stay_away(stop: &AtomicBool) {
    let left = Instant::now();
    while !stop.load(Ordering::Relaxed) && left.elapsed() < MISSED {
        thread::sleep(PATIENCE);
    }
}

/// One connection.
struct Session<'s> {
    settings: &'s Settings,
    card: &'s CardSlot,
    stop: &'s AtomicBool,
    generation: u64,
    slot: Slot,
}

impl Session<'_> {
    /// Serves until the card leaves the slot, the driver goes, or all is stopped.
    fn serve(mut self, told: &mut String) -> End {
        let begun = Instant::now();
        let mut connected = false;
        loop {
            let request = match self.next() {
                Ok(request) => request,
                Err(end) => return end,
            };
            if request == SlotRequest::Idle && !connected {
                if begun.elapsed() > SILENCE {
                    self.settings.say_once(told, "silence", &format!(
                        "waiting for the reader's driver (port {}): it looks at one card a slot, and \
                         another program may have its card in this one",
                        self.settings.port
                    ));
                }
            } else if !connected {
                // The driver has seen the card.
                connected = true;
                told.clear();
                self.settings.say("connected");
            }
            if let Err(end) = self.carry_out(request) {
                return end;
            }
        }
    }

    /// The driver's next message.
    fn next(&mut self) -> Result<SlotRequest, End> {
        if self.stop.load(Ordering::Relaxed) || !self.is_there() {
            return Err(End::Left);
        }
        let request = self.slot.next(PATIENCE)?;
        if self.is_there() { Ok(request) } else { Err(End::Left) }
    }

    /// Whether the card that the driver sees is in the slot still.
    fn is_there(&self) -> bool {
        self.card.generation() == Some(self.generation)
    }

    fn carry_out(&mut self, request: SlotRequest) -> Result<(), End> {
        match request {
            SlotRequest::PowerOff => self.card.power_off()?,
            SlotRequest::PowerOn => {
                self.card.power_on(Origin::Driver, PowerChange::On)?;
            }
            SlotRequest::Reset => {
                self.card.power_on(Origin::Driver, PowerChange::Reset)?;
            }
            SlotRequest::Atr => self.slot.answer(&self.card.atr()?)?,
            SlotRequest::Command => {
                let outcome = self.card.transmit(Origin::Driver, self.slot.command())?;
                self.answer(outcome)?;
            }
            SlotRequest::Idle => {}
        }
        Ok(())
    }

    fn answer(&mut self, outcome: SlotOutcome) -> Result<(), End> {
        match outcome.given {
            Given::Answer { response, delay, .. } => {
                if self.is_freed_within(outcome.ticket, delay) {
                    return Err(self.no_answer());
                }
                // An empty answer is waited for as none is.
                if response.is_empty() {
                    return self.be_mute(outcome.ticket);
                }
                Ok(self.slot.answer(&response)?)
            }
            Given::Nothing(NoAnswer::Mute) => self.be_mute(outcome.ticket),
            Given::Nothing(NoAnswer::Removed) => Err(End::Left),
            Given::Nothing(NoAnswer::Unpowered | NoAnswer::Reset) => Err(self.no_answer()),
        }
    }

    fn no_answer(&self) -> End {
        if self.is_there() { End::NoAnswer } else { End::Left }
    }

    /// Waits for a slow answer; whether the card was ejected or reset meanwhile.
    fn is_freed_within(&self, ticket: Ticket, delay: Duration) -> bool {
        let begun = Instant::now();
        loop {
            let rest = delay.saturating_sub(begun.elapsed());
            if rest.is_zero() {
                return false;
            }
            if self.stop.load(Ordering::Relaxed)
                || self.card.wait_until_freed(ticket, rest.min(PATIENCE))
            {
                return true;
            }
        }
    }

    /// Nothing comes until the card is ejected or reset, or the driver itself wants something else of it.
    fn be_mute(&mut self, ticket: Ticket) -> Result<(), End> {
        loop {
            match self.next()? {
                SlotRequest::Idle => {}
                other => return self.carry_out(other),
            }
            if self.card.wait_until_freed(ticket, Duration::ZERO) {
                return Err(self.no_answer());
            }
        }
    }
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
}
