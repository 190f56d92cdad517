//! Keys on a terminal.

use std::time::Duration;

use crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use crossterm::terminal;

use crate::failure::Failure;

/// What the keys do.
pub(super) const HELP: &str = "keys: e eject, i insert, w swap, s snapshot, r restore (capital \
letters: slot 1), q quit";

/// What a key asks for; the number is the slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Action {
    Eject(usize),
    Help,
    Insert(usize),
    Interrupt,
    Quit,
    Restore(usize),
    Snapshot(usize),
    Swap(usize),
}

/// A terminal that gives single keys; it is as before when this value is gone.
pub(super) struct Keyboard;

impl Keyboard {
    pub(super) fn open() -> Result<Self, Failure> {
        terminal::enable_raw_mode().map_err(Failure::Output)?;
        Ok(Self)
    }

    /// The next key, if one comes in time.
    pub(super) fn next(&self, patience: Duration) -> Result<Option<Action>, Failure> {
        if !event::poll(patience).map_err(Failure::Output)? {
            return Ok(None);
        }
        match event::read().map_err(Failure::Output)? {
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                Ok(action(key.code, key.modifiers))
            }
            _ => Ok(None),
        }
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        // Nothing is left to be done about a terminal that cannot be set back.
        let _ = terminal::disable_raw_mode();
    }
}

fn action(code: KeyCode, modifiers: KeyModifiers) -> Option<Action> {
    let KeyCode::Char(key) = code else { return None };
    if modifiers.contains(KeyModifiers::CONTROL) {
        return (key == 'c').then_some(Action::Interrupt);
    }
    let slot = usize::from(key.is_ascii_uppercase());
    Some(match key.to_ascii_lowercase() {
        'e' => Action::Eject(slot),
        'i' => Action::Insert(slot),
        'w' => Action::Swap(slot),
        's' => Action::Snapshot(slot),
        'r' => Action::Restore(slot),
        'q' => Action::Quit,
        'h' | '?' => Action::Help,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_name_actions_and_slots() {
        let of = |key| action(KeyCode::Char(key), KeyModifiers::NONE);
        assert_eq!(of('e'), Some(Action::Eject(0)));
        assert_eq!(of('E'), Some(Action::Eject(1)));
        assert_eq!(of('q'), Some(Action::Quit));
        assert_eq!(of('x'), None);
        let interrupt = action(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(interrupt, Some(Action::Interrupt));
    }
}
