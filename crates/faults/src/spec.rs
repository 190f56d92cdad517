//! A fault as a person writes it: what happens, and when.
//!
//! ```text
//! fault   = [ phase ":" ] action [ "@" when { "," when } ]
//! phase   = "command" | "instead"
//! action  = name [ "=" value ]
//! when    = number | key "=" value
//! ```
//!
//! What enters: text. What leaves: a [`Fault`], or a [`SpecError`] with the place; a fault prints as it is read.

mod parse;
mod print;

use std::time::Duration;

use sscard_apdu::tlv::Tag;
use sscard_apdu::{Aid, FileId, StatusWord};

/// One fault.
#[derive(Clone, PartialEq, Debug)]
pub struct Fault {
    /// Where it strikes.
    pub phase: Phase,
    /// What happens.
    pub action: Action,
    /// When.
    pub when: When,
}

/// Where a fault strikes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Phase {
    /// The answer, after the card has carried the command out.
    #[default]
    Answer,
    /// In the place of the card, which does not see the command (`instead:`).
    Instead,
    /// The command, on its way to the card (`command:`).
    Command,
}

/// What happens.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Action {
    /// `sw=6100`: another status word; the data stay.
    StatusWord(StatusWord),
    /// `data=HEX`: other data; the status word stays. Of a command: its data field, with the Lc that fits.
    Data(Vec<u8>),
    /// `answer=HEX`: these bytes and nothing else, none or one byte included.
    Answer(Vec<u8>),
    /// `truncate=N`: the first N bytes stay of data and status word.
    Truncate(usize),
    /// `extra=HEX`: bytes behind the data, before the status word; of a command, at its end.
    Extra(Vec<u8>),
    /// `flip`, `flip=N`: one bit turned round; N counts from 0, the first byte's highest bit, and `flip` draws it.
    Flip(Option<usize>),
    /// `flip=TAG:N`: one bit of an object's value, counted likewise.
    FlipIn(Tag, usize),
    /// `tlv=KIND`, `tlv=KIND:TAG`: the structure of the data is damaged at an object, a drawn one without a tag.
    ObjectDamage(ObjectDamage, Option<Tag>),
    /// `set=TAG:HEX`: an object gets this value and all lengths around it fit; in a command, where the list that the card gave has it.
    Set(Tag, Vec<u8>),
    /// `add=TAG:HEX`: one object more at the end of the answer's first template, all lengths around it fit.
    Add(Tag, Vec<u8>),
    /// `size=N`: the data are N bytes long: cut, or 00 behind them.
    Size(usize),
    /// `count=XX`: SW2 of 61xx and 6Cxx is this one.
    Count(u8),
    /// `stale`: the answer to the command before it.
    Stale,
    /// `slow=3s`: so much later.
    Slow(Duration),
    /// `mute`: no answer; `mute=stale` leaves the caller's buffer as it was.
    Mute(Buffer),
    /// `remove`, `remove=inside`, `remove=after`: the card is taken away, before it sees the command, before it answers, or when it has.
    Remove(Removal),
    /// `reset`: somebody resets the card before the command.
    Reset,
    /// `cut=N`: the power fails when N bytes have been written.
    Cut(u64),
    /// `atr=HEX`: another answer to reset.
    Atr(Vec<u8>),
}

/// What the caller finds in its buffer when there is no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Buffer {
    /// Nothing.
    #[default]
    Cleared,
    /// What was in it before, as `SCardTransmit` leaves it.
    Stale,
}

/// When the card is taken away.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Removal {
    /// Before it sees the command.
    #[default]
    Before,
    /// After it has carried the command out, before it answers.
    Inside,
    /// After it has answered.
    After,
}

/// How the structure of an object is damaged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ObjectDamage {
    /// Another tag.
    Tag,
    /// A length that does not fit.
    Length,
    /// The object inside an object of the same tag.
    Nesting,
    /// The object behind the one that follows it.
    Order,
    /// The object twice.
    Double,
    /// The object left out.
    Missing,
    /// Length 80, and 0000 at its end.
    Indefinite,
    /// 00 before the object, which is legal.
    Padding,
    /// FFFF at the end of the object's value, which is legal in a template.
    PaddingOnes,
    /// The length in one byte more than it needs, which is legal.
    LongLength,
    /// The length in two bytes more than it needs, which is legal.
    LongerLength,
}

/// When a fault strikes: all that is given must hold.
#[derive(Clone, PartialEq, Debug, Default)]
#[non_exhaustive]
pub struct When {
    /// `N`: the n-th command since the card was inserted; every command on the wire counts.
    pub number: Option<u64>,
    /// `every=N`: each n-th command.
    pub every: Option<u64>,
    /// `ins=B2`.
    pub ins: Option<u8>,
    /// `for=A8`: it is answered to this instruction: GET RESPONSE to the one that it fetches for.
    pub fetched: Option<u8>,
    /// `app=AID`: while this application is selected; a part from its beginning does.
    pub application: Option<Aid>,
    /// `file=EF06`: while this file is selected, or its short identifier is used.
    pub file: Option<FileId>,
    /// `record=09`: a record command with this P1.
    pub record: Option<u8>,
    /// `tag=5A`: the object is in the answer.
    pub tag: Option<Tag>,
    /// `status=6A82`: the answer has this status word.
    pub status: Option<StatusWord>,
    /// `nth=K`: only the k-th time that all else holds.
    pub nth: Option<u64>,
    /// `times=K`: at most so often.
    pub times: Option<u64>,
    /// `p=0.1`: by chance.
    pub probability: Option<f64>,
    /// `after=3s`: since the card was inserted.
    pub after: Option<Duration>,
    /// `power=K`: since the k-th time the card was powered, until the next one; counted from its insertion.
    pub power: Option<u64>,
    /// `insert=K`: since the k-th time a card was inserted, until the next one.
    pub insertion: Option<u64>,
}

/// Why a text is no fault.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{text}, character {place}: {problem}")]
pub struct SpecError {
    /// The text.
    pub text: String,
    /// Where, counted from 1.
    pub place: usize,
    /// What is wrong, and what would be right.
    pub problem: String,
}

/// Why a card in a reader takes no `cut`.
pub(crate) const NO_CUT: &str = "the power of a card in a reader cannot be cut while it writes: use remove=inside, which loses \
the answer and the power, or a virtual card";

impl Fault {
    /// As it is written, with `*` for bytes that a command gets on its way: they may be a PIN or a key. The value of an object
    /// (`set`) is neither.
    #[must_use]
    pub fn redacted(&self) -> String {
        let text = self.to_string();
        match (self.phase, &self.action) {
            (Phase::Command, Action::Data(_) | Action::Extra(_)) => {
                let (what, when) = text.split_once('@').unwrap_or((&text, ""));
                let mark = if when.is_empty() { "" } else { "@" };
                format!("{}{mark}{when}", parse::hidden(what))
            }
            _ => text,
        }
    }

    /// Why the channel to a card in a reader cannot do this, if it cannot: nobody sees how many bytes such a card has written.
    #[must_use]
    pub const fn not_in_a_reader(&self) -> Option<&'static str> {
        match self.action {
            Action::Cut(_) => Some(NO_CUT),
            _ => None,
        }
    }
}

impl Action {
    /// Whether it is decided before the card sees the command.
    #[must_use]
    pub const fn is_early(&self) -> bool {
        matches!(self, Self::Remove(Removal::Before) | Self::Reset | Self::Cut(_))
    }
}

impl When {
    /// Whether it asks for what only an answer tells.
    #[must_use]
    pub const fn needs_answer(&self) -> bool {
        self.tag.is_some() || self.status.is_some()
    }
}
