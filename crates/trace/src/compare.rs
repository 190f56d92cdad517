//! Two sessions side by side, modulo what is random.

use std::ops::Range;

use sscard_apdu::tlv::Tag;
use sscard_elements::tag;
use sscard_lexicon::financial::Node;
use sscard_lexicon::{Annotation, Volatility};

use super::{Exchange, Reset, Sessions, TraceEvent};

/// What may differ.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Modulo {
    /// Nothing: every byte counts.
    pub exact: bool,
    /// Transaction counters and tries too, not only what is random.
    pub counters: bool,
    /// Data elements by tag.
    pub tags: Vec<Tag>,
}

/// What differs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum What {
    /// The command's bytes.
    Command,
    /// The response's data.
    Data,
    /// The status word.
    Status,
    /// One has a response, the other has none.
    Response,
    /// The answer to reset.
    Atr,
    /// One is an exchange, the other a reset.
    Kind,
}

impl What {
    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Data => "response data",
            Self::Status => "status word",
            Self::Response => "response",
            Self::Atr => "answer to reset",
            Self::Kind => "kind of event",
        }
    }
}

/// The first difference of two events.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Difference {
    /// What differs.
    pub what: What,
    /// The first byte that differs, from 0, in the command or the response.
    pub offset: Option<usize>,
    /// Bytes that were not compared, in the command or the response of either side.
    pub ignored: Vec<Range<usize>>,
    /// Both in words: the command and the status word.
    pub words: [String; 2],
}

impl Difference {
    /// A difference of which no more is known.
    pub(crate) fn of(what: What) -> Self {
        Self { what, offset: None, ignored: Vec::new(), words: Default::default() }
    }

    fn new(what: What, offset: Option<usize>, words: [String; 2]) -> Self {
        Self { what, offset, ignored: Vec::new(), words }
    }
}

/// Compares two traces event by event.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    modulo: Modulo,
    left: Sessions,
    right: Sessions,
}

impl Comparison {
    /// A comparison modulo what may differ.
    #[must_use]
    pub fn new(modulo: Modulo) -> Self {
        Self { modulo, ..Self::default() }
    }

    /// The difference of the next event of both, if there is one.
    pub fn compare(&mut self, left: &TraceEvent, right: &TraceEvent) -> Option<Difference> {
        self.left.note(left);
        self.right.note(right);
        match (left, right) {
            (TraceEvent::Exchange(left), TraceEvent::Exchange(right)) => {
                self.exchanges(left, right)
            }
            (TraceEvent::Reset(left), TraceEvent::Reset(right)) => {
                // A log that does not say the ATR says nothing against another.
                let unknown = left.atr.is_empty() || right.atr.is_empty();
                let offset = first_difference(&left.atr, &right.atr, &[]).filter(|_| !unknown)?;
                Some(Difference::new(What::Atr, Some(offset), [left, right].map(reset_words)))
            }
            (TraceEvent::Exchange(left), TraceEvent::Reset(right)) => {
                let words = [exchange_words((left, &self.left.annotate(left))), reset_words(right)];
                Some(Difference::new(What::Kind, None, words))
            }
            (TraceEvent::Reset(left), TraceEvent::Exchange(right)) => {
                let words =
                    [reset_words(left), exchange_words((right, &self.right.annotate(right)))];
                Some(Difference::new(What::Kind, None, words))
            }
        }
    }

    fn exchanges(&mut self, left: &Exchange, right: &Exchange) -> Option<Difference> {
        let a = self.left.annotate(left);
        let b = self.right.annotate(right);
        let modulo = &self.modulo;
        let mut ignored: Vec<_> =
            [left, right].iter().filter_map(|exchange| exchange.redacted.clone()).collect();
        ignored.extend(modulo.places(&a.asked, &left.command));
        ignored.extend(modulo.places(&b.asked, &right.command));
        if let Some(offset) = first_difference(&left.command, &right.command, &ignored) {
            let words = [(left, &a), (right, &b)].map(exchange_words);
            return Some(Difference {
                ignored,
                ..Difference::new(What::Command, Some(offset), words)
            });
        }
        let (one, other) = match (&left.response, &right.response) {
            (Ok(one), Ok(other)) => (one, other),
            (Err(_), Err(_)) => return None,
            _ => {
                let words = [(left, &a), (right, &b)].map(exchange_words);
                return Some(Difference::new(What::Response, None, words));
            }
        };
        if a.status.as_ref().map(|status| status.0) != b.status.as_ref().map(|status| status.0) {
            let offset = one.len().checked_sub(2);
            return Some(Difference::new(
                What::Status,
                offset,
                [(left, &a), (right, &b)].map(exchange_words),
            ));
        }
        let mut ignored = modulo.places(&a.answer, one);
        ignored.extend(modulo.places(&b.answer, other));
        ignored.extend([left, right].iter().filter_map(|side| side.redacted_response.clone()));
        let offset = first_difference(one, other, &ignored)?;
        let words = [(left, &a), (right, &b)].map(exchange_words);
        Some(Difference { ignored, ..Difference::new(What::Data, Some(offset), words) })
    }
}

fn exchange_words((exchange, annotation): (&Exchange, &Annotation<'_>)) -> String {
    match &annotation.status {
        None if exchange.response.is_ok() => format!("{}: no status word", annotation.command),
        Some((status, meaning)) => format!("{}: {status} {}", annotation.command, meaning.en),
        None => format!("{}: no response", annotation.command),
    }
}

fn reset_words(_reset: &Reset) -> String {
    "reset".to_owned()
}

impl Modulo {
    /// Where in `bytes` the values stand that may differ.
    fn places(&self, nodes: &[Node<'_>], bytes: &[u8]) -> Vec<Range<usize>> {
        if self.exact {
            return Vec::new();
        }
        nodes.iter().filter_map(|node| within(self.part(node)?, bytes)).collect()
    }

    /// The part of a value that may differ.
    fn part<'a>(&self, node: &Node<'a>) -> Option<&'a [u8]> {
        let all = match node.volatility {
            Volatility::Random => true,
            Volatility::Counter => self.counters,
            Volatility::Fixed => false,
        };
        if all || (node.tag.number() != 0 && self.tags.contains(&node.tag)) {
            return Some(node.value);
        }
        // Issuer application data with discretionary data end in a MAC (JR/T 0025.5 annex A).
        let has_mac = node.tag == tag::ISSUER_APPLICATION_DATA && node.value.len() > 12;
        node.value.last_chunk::<4>().filter(|_| has_mac).map(|mac| &mac[..])
    }
}

/// Where `part` lies in `bytes`, when it is a part of them and no copy.
fn within(part: &[u8], bytes: &[u8]) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(bytes.as_ptr().addr())?;
    let end = start.checked_add(part.len())?;
    (end <= bytes.len()).then_some(start..end)
}

/// The first byte that differs and is not ignored; the length of the shorter one when it is the
/// beginning of the other.
fn first_difference(one: &[u8], other: &[u8], ignored: &[Range<usize>]) -> Option<usize> {
    let is_ignored = |at: &usize| ignored.iter().any(|range| range.contains(at));
    let mut pairs = one.iter().zip(other).enumerate();
    let differs = pairs.find(|(at, (one, other))| one != other && !is_ignored(at));
    let shorter = one.len().min(other.len());
    differs.map(|(at, _)| at).or((one.len() != other.len()).then_some(shorter))
}
