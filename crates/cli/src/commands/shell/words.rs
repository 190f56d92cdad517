//! The shell's own words, beside the language of scripts.

use sscard_core::Card;
use sscard_lexicon::shown;
use sscard_script::ast::Mode;
use sscard_terminal::{ReadOptions, SoftwareModule, read_card};

use super::{Next, Shell, Text, Trouble, help};
use crate::commands::{hex, inspect, read};
use crate::failure::Failure;

/// The medical purse, whatever is selected.
const PURSE: &str = "case \"purse\" { @mode auto
  select SSSE
  expect sw xxxx
  select DF04
  expect sw 9000
  get_balance account
  expect sw 9000
  get_balance holder
  expect sw 9000
  get_balance fund
  expect sw 9000
}
";

/// The bank application, whatever is selected.
const ACCOUNT: &str = "case \"account\" { @mode auto
  select A000000333
  expect sw 9000
  get_data 9F79
  expect sw xxxx
  get_data 9F36
  expect sw xxxx
  get_data 9F13
  expect sw xxxx
  get_data 9F17
  expect sw xxxx
}
";

/// A word of the shell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Word {
    Account,
    Atr,
    Cut,
    Exit,
    Help,
    History,
    Inspect,
    Mode,
    Purse,
    ReadCard,
    Restore,
    Snapshot,
    Vars,
}

/// Words, how they are written, and what they do.
pub(super) const WORDS: &[(&str, Word, &str, &str)] = &[
    (
        "account",
        Word::Account,
        "account",
        "the bank application: e-cash balance, counters, PIN tries",
    ),
    ("atr", Word::Atr, "atr", "the card's answer to reset"),
    ("cut", Word::Cut, "cut N", "the power fails after N more bytes written to a virtual card"),
    ("exit", Word::Exit, "exit", "the end; the card keeps its state"),
    ("help", Word::Help, "help [NAME]", "all of it, or one verb, function or word"),
    ("history", Word::History, "history", "lines that were typed, without PINs and keys"),
    (
        "inspect",
        Word::Inspect,
        "inspect",
        "everything on a virtual card, as sscard inspect shows it",
    ),
    ("mode", Word::Mode, "mode [raw|auto]", "whether 61xx and 6Cxx are followed"),
    ("purse", Word::Purse, "purse", "balances of the medical purse, after VERIFY"),
    ("quit", Word::Exit, "quit", "the same as exit"),
    ("read_card", Word::ReadCard, "read_card", "what a reader sees, as sscard read shows it"),
    ("restore", Word::Restore, "restore [NAME]", "a virtual card as it was at a snapshot"),
    ("snapshot", Word::Snapshot, "snapshot [NAME]", "keeps a virtual card as it is now"),
    ("vars", Word::Vars, "vars", "names and what they stand for"),
];

/// The word that a line begins with, and what stands behind it.
pub(super) fn of(line: &str) -> Option<(Word, Vec<&str>)> {
    let mut parts = line.split_whitespace().take_while(|part| !part.starts_with('#'));
    let first = parts.next()?;
    let (_, word, ..) = WORDS.iter().find(|(name, ..)| *name == first)?;
    Some((*word, parts.collect()))
}

impl Shell<'_> {
    /// Does what a word of the shell asks for.
    pub(super) fn word(&mut self, word: Word, rest: &[&str]) -> Result<Next, Trouble> {
        match (word, rest) {
            (Word::Exit, []) => return Ok(Next::End),
            (Word::Atr, []) => writeln!(self.out, "{}", hex(self.session.atr()))?,
            (Word::Vars, []) => {
                for (name, value) in self.session.names() {
                    writeln!(self.out, "{name} = {}", shown(&value))?;
                }
            }
            (Word::Mode, []) => {
                let mode = match self.session.mode() {
                    Mode::Raw => "raw",
                    Mode::Auto => "auto",
                };
                writeln!(self.out, "{mode}")?;
            }
            (Word::Mode, ["raw"]) => self.session.set_mode(Mode::Raw),
            (Word::Mode, ["auto"]) => self.session.set_mode(Mode::Auto),
            (Word::Snapshot, [] | [_]) => self.snapshot(rest.first().copied().unwrap_or(""))?,
            (Word::Restore, [] | [_]) => self.restore(rest.first().copied().unwrap_or(""))?,
            (Word::Cut, [bytes]) => {
                let bytes = bytes.parse().map_err(|_| wrong(word))?;
                self.card("the power of a card in a reader is the reader's")?
                    .cut_power_after(bytes);
            }
            (Word::ReadCard, []) if !self.session.may_harm() => {
                let reason = "read_card authenticates itself to the card, with TEST keys: on a card \
                              in a reader that may use up tries; say @destructive first";
                return Err(Failure::Usage(reason.to_owned()).into());
            }
            (Word::ReadCard, []) => {
                let mut module = SoftwareModule::test(read::TERMINAL_SEED);
                if let Some(keys) = &self.keys {
                    module = module.with_keys(keys.clone());
                }
                let options = ReadOptions { applications: false, pin: None };
                let report = self.session.speak(
                    |card| read_card(card, &mut module, options),
                    |exchange| {
                        let response = exchange.response.as_deref().ok();
                        self.said.annotate(&exchange.command, response);
                    },
                )?;
                read::print_table(self.out, &report, false)?;
            }
            (Word::Inspect, []) => {
                let card = self.card("a card in a reader shows what it is asked for: read_card")?;
                let card = card.snapshot();
                inspect::print_tree(self.out, &card, false)?;
            }
            (Word::Purse, []) => return self.statements(Text::new("purse", PURSE)),
            (Word::Account, []) => return self.statements(Text::new("account", ACCOUNT)),
            (Word::History, []) => {
                for (number, line) in (1..).zip(self.history.lines()) {
                    writeln!(self.out, "{number:5}  {}", shown(line))?;
                }
            }
            (Word::Help, []) => help::all(self.out)?,
            (Word::Help, [name]) => {
                if !help::of(self.out, name)? {
                    let message =
                        format!("'{name}' is neither a statement, a verb, a function nor a word");
                    return Err(Failure::Usage(message).into());
                }
            }
            _ => return Err(wrong(word).into()),
        }
        Ok(Next::Line)
    }

    /// The virtual card.
    fn card(&mut self, instead: &str) -> Result<&mut Card, Failure> {
        let message = format!("this is for virtual cards: {instead}");
        self.session.card_mut().card_mut().ok_or(Failure::Usage(message))
    }

    fn snapshot(&mut self, name: &str) -> Result<(), Failure> {
        let card = self.card("nobody can copy one in a reader")?.snapshot();
        let mark = self.session.mark();
        self.snapshots.insert(name.to_owned(), (card, mark, self.said.clone()));
        writeln!(self.out, "# snapshot {name}taken", name = shown(&spaced(name)))?;
        Ok(())
    }

    fn restore(&mut self, name: &str) -> Result<(), Failure> {
        let card = self.session.card_mut().card_mut();
        let Some((kept, mark, said)) = self.snapshots.get(name) else {
            let message = format!("there is no snapshot {}yet", spaced(name));
            return Err(Failure::Usage(message));
        };
        if let Some(card) = card {
            card.restore(kept);
            self.session.return_to(mark);
            self.said = said.clone();
            self.session.card_mut().keep().map_err(Failure::Transport)?;
        }
        let name = if name.is_empty() { "the snapshot" } else { name };
        writeln!(self.out, "# back at {}", shown(name))?;
        Ok(())
    }
}

fn spaced(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!("{name} ") }
}

fn wrong(word: Word) -> Failure {
    let usage = WORDS.iter().find(|(_, known, ..)| *known == word).map_or("", |known| known.2);
    Failure::Usage(format!("it is written: {usage}"))
}
