//! A finding on a built-in card as a script that `sscard run` carries out, without a model: each command as it went, and the status word
//! that it had.
//!
//! What a script has no word for is left out or said in a remark: a snapshot that is gone back to (the script goes the way that counts),
//! a change between contacts and field, commands of less than four bytes.

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use sscard_apdu::hex;
use sscard_core::{Card, Interface};

use super::finding::Finding;
use crate::bench::Bench;
use crate::card_model::CardModel;
use crate::model::Model;
use crate::op::Op;
use crate::starting_card::StartingCard;
use crate::subject::TestSubject;

/// What happened to a card.
#[derive(Clone)]
enum Event {
    Sent {
        command: Vec<u8>,
        response: Vec<u8>,
    },
    /// The power failed during this command, so many bytes written after it began.
    Lost {
        command: Vec<u8>,
        left: u64,
    },
    Powered(Interface),
}

/// A card that writes down what happens to it.
#[derive(Clone)]
struct Logged {
    card: Card,
    events: Vec<Event>,
}

impl TestSubject for Logged {
    fn transmit(&mut self, command: &[u8], response: &mut Vec<u8>) {
        let (left, had_power) = (self.card.bytes_until_cut(), self.card.is_powered());
        if had_power {
            // It stands there before a panic, too.
            self.events.push(Event::Sent { command: command.to_vec(), response: Vec::new() });
        }
        self.card.transmit(command, response);
        let sent = self.events.last_mut().filter(|_| had_power);
        match (sent, left) {
            (Some(sent), Some(left)) if response.is_empty() => {
                *sent = Event::Lost { command: command.to_vec(), left };
            }
            (Some(Event::Sent { response: kept, .. }), _) => kept.clone_from(response),
            _ => {}
        }
    }

    fn power_on(&mut self, interface: Interface) -> Option<Vec<u8>> {
        let atr = TestSubject::power_on(&mut self.card, interface);
        self.events.push(Event::Powered(interface));
        atr
    }

    fn power_off(&mut self) {
        TestSubject::power_off(&mut self.card);
    }

    fn cut_power_after(&mut self, bytes: u64) -> bool {
        TestSubject::cut_power_after(&mut self.card, bytes)
    }

    fn hold_power(&mut self) {
        TestSubject::hold_power(&mut self.card);
    }

    fn snapshot(&self) -> Option<Self> {
        Some(self.clone())
    }

    fn restore(&mut self, snapshot: &Self) {
        self.clone_from(snapshot);
    }
}

/// The script of a finding that began with this card, without power; `head` are the lines that make the same card.
#[must_use]
pub fn script(card: &Card, head: &str, finding: &Finding) -> String {
    let model = CardModel::of(card);
    let mut bench = Bench::new(Logged { card: card.clone(), events: Vec::new() }, model);
    // A card that is powered otherwise is a finding without operations.
    let _ = bench.apply(&Op::Reset(Interface::Contact));
    for record in &finding.records {
        let op = Op::decode(record, CardModel::decode);
        let carried = catch_unwind(AssertUnwindSafe(|| bench.apply(&op)));
        if !matches!(carried, Ok(Ok(()))) {
            break;
        }
    }
    let mut text = String::new();
    let Finding { start, seed, run, violation, .. } = finding;
    let title = format!("{start}, seed {seed}, run {run}: {violation}");
    let _ = writeln!(text, "# {}", title.replace(char::is_control, " "));
    text.push_str(head);
    text.push_str("@destructive\n");
    let events = &bench.subject().events;
    // It was powered before the script begins.
    let events = events.split_first().map_or(&[][..], |(_, rest)| rest);
    let last = events.len().saturating_sub(1);
    for (at, event) in events.iter().enumerate() {
        let is_last = at == last && !finding.violation.command.is_empty();
        line(&mut text, event, is_last.then_some(&finding.violation.expected));
    }
    text
}

impl StartingCard {
    /// The first lines of a script that runs on this card. A profile that is no built-in one has to lie beside the script, as `NAME.toml`
    /// with [`StartingCard::profile_text`] in it.
    #[must_use]
    pub fn script_head(&self) -> String {
        let mut text = String::new();
        let (name, profile) = (self.profile(), self.profile_text());
        match profile.lines().collect::<Vec<_>>()[..] {
            [base] => {
                let name = base.split('"').nth(1).unwrap_or(name);
                let _ = writeln!(text, "@profile {name}");
            }
            _ => {
                let lines = profile.trim_end().replace('\n', "\n#     ");
                let _ = writeln!(text, "# {name}.toml, beside this file:\n#     {lines}");
                let _ = writeln!(text, "@profile \"{name}.toml\"");
            }
        }
        let state = if self.is_activated() { "active" } else { "produced" };
        let _ = writeln!(text, "@state {state}\n@seed {}", self.holder());
        text
    }
}

fn line(text: &mut String, event: &Event, wanted: Option<&Vec<u8>>) {
    match event {
        Event::Powered(Interface::Contact) => text.push_str("reset\n"),
        Event::Powered(Interface::Contactless) => {
            text.push_str(
                "# here the card was put into a field, which a script cannot say\nreset\n",
            );
        }
        Event::Lost { command, left } => {
            let command = hex::encode(command);
            let _ = writeln!(
                text,
                "fault set cut={left}@times=1\n> {command}  # no answer: the power fails on the way\nfault clear"
            );
        }
        Event::Sent { command, .. } if command.len() < 4 => {
            let command = hex::encode(command);
            let _ = writeln!(text, "# {command}: too short for a script");
        }
        Event::Sent { command, response } => {
            let _ = writeln!(text, "> {}", hex::encode(command));
            match wanted.unwrap_or(response).split_last_chunk::<2>() {
                Some((data, status)) => {
                    let _ = writeln!(text, "  expect sw {}", hex::encode(status));
                    match (wanted, data) {
                        (None, _) => {}
                        (Some(_), []) => text.push_str("  expect len 0\n"),
                        (Some(_), data) => {
                            let _ = writeln!(text, "  expect data {}", hex::encode(data));
                        }
                    }
                }
                None => text.push_str("# here it went wrong\n"),
            }
        }
    }
}
