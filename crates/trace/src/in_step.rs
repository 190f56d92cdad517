//! Two cards in step: each does nothing before it is told to, says what it is asked for and what it did; at the first
//! difference neither is sent anything more.
//!
//! ```text
//! one session's thread: Paced ──what it is asked──► Turns :the thread that compares
//!                             ◄──────turn──────────
//!                             ──what came of it───►
//! ```
//!
//! What is random on every card may differ, as in a comparison of traces. What a session computes of it differs too: of
//! the answers to such commands only status words and lengths are compared. Answers to reset are not compared.

mod gate;

pub use gate::{Gate, Paced, is_stop};

use crate::{Comparison, Difference, Exchange, Modulo, TraceEvent, What};
use gate::Lane;

/// Gives turns to two sessions.
pub struct Turns {
    lanes: [Lane; 2],
}

/// How far two cards went in step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Steps {
    /// The exchange that was reached, counted from 1.
    pub number: usize,
    /// What ended it.
    pub end: StepsEnd,
}

/// What ends two sessions in step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StepsEnd {
    /// Both are through.
    Alike,
    /// This one is through, 0 or 1; the other one goes on.
    Ended(usize),
    /// The cards were asked, or answer, differently.
    Differs(Box<[TraceEvent; 2]>, Difference),
    /// A card is gone, or was never there.
    Broken,
    /// Both cards are the one in this reader.
    SameReader,
}

/// Turns, and the gates of the two sessions that wait for them.
#[must_use]
pub fn in_step() -> (Turns, [Gate; 2]) {
    let [(one, first), (two, second)] = [gate::lane(), gate::lane()];
    (Turns { lanes: [one, two] }, [first, second])
}

impl Turns {
    /// Gives turns until both sessions have ended or differ; `alike` sees what both did alike. Then no session gets
    /// another turn.
    ///
    /// # Errors
    /// Those of `alike`; both sessions end then.
    pub fn compare<E>(
        self,
        modulo: Modulo,
        mut alike: impl FnMut([TraceEvent; 2]) -> Result<(), E>,
    ) -> Result<Steps, E> {
        let mut comparison = Comparison::new(modulo);
        let lanes = self.lanes.each_ref();
        let mut number = 0;
        // Both are there before either begins.
        let there = lanes.map(Lane::next);
        let are_there = match &there {
            [Some(TraceEvent::Reset(one)), Some(TraceEvent::Reset(two))] => {
                if one.reader.is_some() && one.reader == two.reader {
                    return Ok(Steps { number, end: StepsEnd::SameReader });
                }
                true
            }
            _ => false,
        };
        let mut next = lanes.map(|lane| if are_there { lane.go() } else { None });
        let end = loop {
            let asked = match next {
                [Some(one), Some(two)] => [one, two],
                [None, None] if are_there => break StepsEnd::Alike,
                [None, None] => break StepsEnd::Broken,
                [None, Some(_)] => break StepsEnd::Ended(0),
                [Some(_), None] => break StepsEnd::Ended(1),
            };
            let counts = asked.iter().any(|event| matches!(event, TraceEvent::Exchange(_)));
            number = number.saturating_add(usize::from(counts));
            if !is_same_question(&asked) {
                let [one, two] = &asked;
                let difference = comparison.compare(one, two);
                let difference = difference.unwrap_or_else(|| Difference::of(What::Command));
                break StepsEnd::Differs(Box::new(asked), difference);
            }
            let [first, second] = lanes;
            let Some(one) = first.go().filter(has_worked) else { break StepsEnd::Broken };
            let Some(two) = second.go().filter(has_worked) else { break StepsEnd::Broken };
            if let Some(difference) = differ(&mut comparison, &one, &two) {
                break StepsEnd::Differs(Box::new([one, two]), difference);
            }
            alike([one, two])?;
            next = lanes.map(Lane::next);
        };
        Ok(Steps { number, end })
    }
}

/// Whether both cards are about to be asked the same, as far as it is not computed.
fn is_same_question(asked: &[TraceEvent; 2]) -> bool {
    match asked {
        [TraceEvent::Exchange(one), TraceEvent::Exchange(two)] => {
            one.command.get(..4) == two.command.get(..4) && one.command.len() == two.command.len()
        }
        [TraceEvent::Reset(_), TraceEvent::Reset(_)] => true,
        _ => false,
    }
}

fn has_worked(event: &TraceEvent) -> bool {
    !matches!(event, TraceEvent::Exchange(exchange) if exchange.response.is_err())
}

/// What both cards did differently.
fn differ(comparison: &mut Comparison, one: &TraceEvent, two: &TraceEvent) -> Option<Difference> {
    let difference = comparison.compare(one, two)?;
    let (What::Command, TraceEvent::Exchange(one), TraceEvent::Exchange(two)) =
        (difference.what, one, two)
    else {
        return Some(difference);
    };
    let length = |exchange: &Exchange| exchange.response.as_ref().ok().map(Vec::len);
    let what = if one.status() != two.status() {
        What::Status
    } else if length(one) != length(two) {
        What::Data
    } else {
        return None;
    };
    Some(Difference { what, offset: None, ignored: Vec::new(), ..difference })
}
