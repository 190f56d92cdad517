//! `sscard serve`: cards in the machine's virtual reader.
//!
//! ```text
//! keys, signals ─► run ─► Table of bays ◄─ one thread per slot ◄─► vpcd
//! ```
//! What a command changed is in the card's file before the answer leaves; the image is written anew when
//! its slot has been quiet for a moment, when it leaves its slot, and at the end.

mod bay;
mod keys;
mod slot;

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};
use sscard_host::CardFile;

use crate::args::ServeArgs;
use crate::failure::Failure;
use crate::outside::{Lines, shown_path};
use crate::signals;
use crate::source::built_in_card;
use bay::{Bay, Served};
use keys::{Action, Keyboard};

/// Slots of vpcd's driver.
const SLOTS: usize = 2;
/// How often keys and signals are looked at.
const TICK: Duration = Duration::from_millis(100);

/// So long the last lines may take to be read.
const LAST_LINES: Duration = Duration::from_millis(500);

/// All cards: those in slots, and those that wait.
struct Table {
    bays: Vec<Arc<Mutex<Bay>>>,
    waiting: Vec<Served>,
}

pub(crate) fn run(args: &ServeArgs) -> Result<(), Failure> {
    let mut cards = load(args)?;
    if args.contactless {
        cards.iter_mut().try_for_each(Served::lay_into_field)?;
    }
    let waiting = cards.split_off(cards.len().min(SLOTS));
    let bays: Vec<_> =
        cards.into_iter().map(|card| Arc::new(Mutex::new(Bay::with(card)))).collect();
    let mut table = Table { bays, waiting };
    let stop = Arc::new(AtomicBool::new(false));
    let keyboard = if io::stdin().is_terminal() { Some(Keyboard::open()?) } else { None };
    let line_end = if keyboard.is_some() { "\r\n" } else { "\n" };
    let (lines, writer) = Lines::start();
    let threads: Vec<_> = (0_u16..)
        .zip(&table.bays)
        .map(|(number, bay)| {
            let settings = slot::Settings {
                number,
                host: args.host.clone(),
                port: args.port.saturating_add(number),
                quiet: args.quiet,
                show_secrets: args.unsafe_show_secrets,
                line_end,
                lines: lines.clone(),
            };
            let (bay, stop) = (Arc::clone(bay), Arc::clone(&stop));
            thread::spawn(move || slot::run(&settings, &bay, &stop))
        })
        .collect();
    if keyboard.is_some() {
        complain_on!("{}{line_end}", keys::HELP);
    }
    let signal = loop {
        let action = match &keyboard {
            Some(keyboard) => keyboard.next(TICK)?,
            None => {
                thread::sleep(TICK);
                None
            }
        };
        match action {
            Some(Action::Quit) => break None,
            Some(Action::Interrupt) => break Some(SIGINT),
            Some(action) => complain_on!("{}{line_end}", table.act(action)),
            None => {}
        }
        if let Some(signal) = signals::caught() {
            break Some(signal);
        }
    };
    stop.store(true, Ordering::Relaxed);
    for thread in threads {
        // A slot's thread ends by itself; a panic in it must not keep the others from being saved.
        drop(thread.join());
    }
    drop((keyboard, lines));
    // What is read is read to its end; who does not read does not hold up the end.
    let begun = Instant::now();
    while !writer.is_finished() && begun.elapsed() < LAST_LINES {
        thread::sleep(Duration::from_millis(1));
    }
    table.settle_all()?;
    match signal {
        // The usual way to end a service.
        None | Some(SIGTERM) => Ok(()),
        Some(signal) => Err(Failure::Interrupted { signal, note: "; all cards are saved" }),
    }
}

fn load(args: &ServeArgs) -> Result<Vec<Served>, Failure> {
    if args.cards.is_empty() {
        return Ok(vec![Served::new("built-in gen3".to_owned(), built_in_card()?, None)]);
    }
    args.cards
        .iter()
        .map(|path| {
            let (file, card) = CardFile::open(path, args.sync.into())?;
            Ok(Served::new(shown_path(path), card, Some(file)))
        })
        .collect()
}

impl Table {
    /// Carries out what a key asks for and says what happened.
    fn act(&mut self, action: Action) -> String {
        match action {
            Action::Eject(slot) => self.in_slot(slot, Bay::eject),
            Action::Insert(slot) => self.in_slot(slot, Bay::insert),
            Action::Snapshot(slot) => self.in_slot(slot, Bay::snapshot),
            Action::Restore(slot) => self.in_slot(slot, Bay::restore),
            Action::Swap(slot) => self.swap(slot),
            Action::Help => keys::HELP.to_owned(),
            Action::Quit | Action::Interrupt => String::new(),
        }
    }

    fn in_slot(&self, slot: usize, act: impl FnOnce(&mut Bay) -> String) -> String {
        match self.bays.get(slot) {
            Some(bay) => {
                let said = act(&mut bay.lock().unwrap_or_else(PoisonError::into_inner));
                format!("slot {slot}: {said}")
            }
            None => format!("slot {slot} is not in use"),
        }
    }

    /// Exchanges a slot's card with the one that waits longest, or with the other slot's.
    fn swap(&mut self, slot: usize) -> String {
        let Some(bay) = self.bays.get(slot) else { return format!("slot {slot} is not in use") };
        if !self.waiting.is_empty() {
            let next = self.waiting.remove(0);
            let (old, said) =
                bay.lock().unwrap_or_else(PoisonError::into_inner).exchange(Some(next));
            self.waiting.extend(old);
            return format!("slot {slot}: {said}");
        }
        let other = self.bays.iter().enumerate().find(|(number, _)| *number != slot);
        let Some((number, other)) = other else {
            return "there is no other card: start sscard serve with more of them".to_owned();
        };
        // One lock at a time: each slot's thread sees its card go, then the other's come.
        let (mine, _) = bay.lock().unwrap_or_else(PoisonError::into_inner).exchange(None);
        let (theirs, _) = other.lock().unwrap_or_else(PoisonError::into_inner).exchange(mine);
        let (_, said) = bay.lock().unwrap_or_else(PoisonError::into_inner).exchange(theirs);
        format!("slots {slot} and {number}: swapped, slot {slot}: {said}")
    }

    fn settle_all(&mut self) -> Result<(), Failure> {
        let mut outcome = Ok(());
        for bay in &self.bays {
            let settled = bay.lock().unwrap_or_else(PoisonError::into_inner).settle();
            outcome = outcome.and(settled);
        }
        for card in &mut self.waiting {
            outcome = outcome.and(card.settle());
        }
        outcome
    }
}
