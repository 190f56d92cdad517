//! Cards that come and go, and cards that do not answer.

use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::{AT_ONCE, Bench, NAME, connect, select, try_connect};
use crate::{
    CardDisposition, IccOutcome, IccSlot, PowerUp, ReaderQuery, ScardError, ShareMode, reader_bits,
    state_bits,
};

/// T=0, nothing else.
const ATR: [u8; 2] = [0x3B, 0x00];

/// What a slot's card does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    Card,
    /// It answers neither reset nor command.
    Mute,
    /// It is gone with the next command.
    Loose,
    /// It has no power after the next command.
    Weak,
    /// It has none, and answers when it has.
    Off,
    /// It says nothing as long as somebody waits for it.
    Waiting,
}

#[derive(Default)]
struct Stub {
    inside: Mutex<(u64, Option<Inside>)>,
    changed: Condvar,
}

impl Stub {
    fn put(&self, inside: Inside) {
        let mut now = self.inside.lock().unwrap();
        *now = (now.0 + 1, Some(inside));
        self.changed.notify_all();
    }

    fn inside(&self) -> Inside {
        self.inside.lock().unwrap().1.unwrap_or(Inside::Nothing)
    }
}

impl IccSlot for Stub {
    fn card(&self) -> Option<u64> {
        let (number, inside) = *self.inside.lock().unwrap();
        inside.filter(|inside| *inside != Inside::Nothing).map(|_| number)
    }

    fn power_up(&self, _: PowerUp) -> Option<Vec<u8>> {
        let mut inside = self.inside.lock().unwrap();
        if inside.1 == Some(Inside::Off) {
            inside.1 = Some(Inside::Card);
        }
        let is_mute = matches!(inside.1, None | Some(Inside::Nothing | Inside::Mute));
        (!is_mute).then(|| ATR.to_vec())
    }

    fn power_down(&self) {}

    fn transmit(&self, _: &[u8], answer: &mut Vec<u8>, is_there: &dyn Fn() -> bool) -> IccOutcome {
        answer.clear();
        match self.inside() {
            Inside::Waiting => {
                while is_there() {
                    thread::sleep(Duration::from_millis(5));
                }
                IccOutcome::Silent
            }
            Inside::Weak => {
                self.inside.lock().unwrap().1 = Some(Inside::Off);
                IccOutcome::Unpowered
            }
            Inside::Off => IccOutcome::Unpowered,
            Inside::Card => {
                answer.extend([0x90, 0x00]);
                IccOutcome::Answered
            }
            Inside::Mute => IccOutcome::Silent,
            Inside::Loose | Inside::Nothing => {
                self.put(Inside::Nothing);
                IccOutcome::Removed
            }
        }
    }

    fn wait_for_change(&self, known: Option<u64>, patience: Duration) -> Option<u64> {
        let now = self.inside.lock().unwrap();
        let _ = self.changed.wait_timeout_while(now, patience, |(number, inside)| {
            let there = inside.filter(|inside| *inside != Inside::Nothing);
            there.map(|_| *number) == known
        });
        self.card()
    }
}

fn bench(inside: Inside) -> (Arc<Stub>, Bench) {
    let stub = Arc::new(Stub::default());
    stub.put(inside);
    let bench = Bench::with(vec![Arc::clone(&stub) as Arc<dyn IccSlot>]);
    (stub, bench)
}

/// What is said of the reader within two seconds, to a program that believes `current`.
fn told(context: &dyn crate::PcscContext, current: u32) -> u32 {
    let mut reports = Vec::new();
    let asked = [ReaderQuery { name: NAME.to_owned(), current }];
    context.status_change(&asked, &mut reports, Some(Duration::from_secs(2))).unwrap();
    reports[0].event
}

#[test]
fn whoever_waits_is_told_of_a_card_that_goes_and_comes_with_the_count() {
    let (stub, bench) = bench(Inside::Card);
    for (round, context) in bench.contexts().iter().enumerate() {
        let before = 2 * round as u32;
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(30));
                stub.put(Inside::Nothing);
            });
            let event = told(context.as_ref(), state_bits::PRESENT | before << 16);
            assert_eq!(event, state_bits::EMPTY | state_bits::CHANGED | (before + 1) << 16);
        });
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(30));
                stub.put(Inside::Card);
            });
            let event = told(context.as_ref(), state_bits::EMPTY | (before + 1) << 16);
            assert_eq!(event, state_bits::PRESENT | state_bits::CHANGED | (before + 2) << 16);
        });
    }
}

#[test]
fn a_card_that_went_and_came_unseen_is_news_by_its_count() {
    let (stub, bench) = bench(Inside::Card);
    let [context, _] = bench.contexts();
    stub.put(Inside::Nothing);
    told(context.as_ref(), state_bits::PRESENT);
    stub.put(Inside::Card);
    told(context.as_ref(), state_bits::EMPTY);
    let event = told(context.as_ref(), state_bits::PRESENT | 1 << 16);
    assert_eq!(event, state_bits::PRESENT | state_bits::CHANGED | 2 << 16);
}

#[test]
fn a_connection_to_a_card_that_is_gone_hears_of_it_and_of_the_next_one() {
    let (stub, bench) = bench(Inside::Card);
    for context in bench.contexts() {
        let mine = connect(context.as_ref(), ShareMode::Shared);
        mine.begin().unwrap();
        stub.put(Inside::Nothing);
        told(context.as_ref(), state_bits::PRESENT);
        assert_eq!(select(mine.as_ref()), Err(ScardError::REMOVED_CARD));
        assert_eq!(mine.status(), Err(ScardError::REMOVED_CARD));
        assert_eq!(mine.end(CardDisposition::Leave), Err(ScardError::REMOVED_CARD));
        for first in [CardDisposition::Leave, CardDisposition::Reset, CardDisposition::Unpower] {
            let again = mine.reconnect(ShareMode::Shared, super::ANY, first);
            assert_eq!(again, Err(ScardError::NO_SMARTCARD));
        }
        stub.put(Inside::Card);
        told(context.as_ref(), state_bits::EMPTY);
        assert_eq!(select(mine.as_ref()), Err(ScardError::RESET_CARD));
        mine.reconnect(ShareMode::Shared, super::ANY, CardDisposition::Leave).unwrap();
        assert_eq!(select(mine.as_ref()), Ok(vec![0x90, 0x00]));
        // The transaction went with the first card.
        assert_eq!(mine.end(CardDisposition::Leave), Err(ScardError::NOT_TRANSACTED));
        mine.disconnect(CardDisposition::Leave).unwrap();
    }
}

#[test]
fn a_card_that_goes_in_the_middle_of_a_command_has_not_transacted_it_and_is_removed_then() {
    let (stub, bench) = bench(Inside::Loose);
    for context in bench.contexts() {
        stub.put(Inside::Loose);
        let begun = Instant::now();
        let mine = loop {
            match try_connect(context.as_ref(), ShareMode::Shared) {
                Ok((mine, _)) => break mine,
                Err(error) => assert!(begun.elapsed().as_secs() < 2, "{error:?}"),
            }
        };
        assert_eq!(select(mine.as_ref()), Err(ScardError::NOT_TRANSACTED));
        assert_eq!(select(mine.as_ref()), Err(ScardError::REMOVED_CARD));
    }
}

#[test]
fn an_empty_reader_takes_a_direct_connection_alone() {
    let (_, bench) = bench(Inside::Nothing);
    for context in bench.contexts() {
        let refused = try_connect(context.as_ref(), ShareMode::Shared).map(drop);
        assert_eq!(refused, Err(ScardError::NO_SMARTCARD));
        let mine = connect(context.as_ref(), ShareMode::Direct);
        let status = mine.status().unwrap();
        assert_eq!((status.state, status.protocol), (reader_bits::ABSENT, 0));
        assert!(status.atr.is_empty());
        assert_eq!(select(mine.as_ref()), Err(ScardError::NO_SMARTCARD));
    }
}

#[test]
fn a_card_that_answers_no_reset_is_mute() {
    let (_, bench) = bench(Inside::Mute);
    for context in bench.contexts() {
        let event = told(context.as_ref(), state_bits::UNAWARE);
        assert_eq!(event, state_bits::PRESENT | state_bits::MUTE | state_bits::CHANGED);
        let refused = try_connect(context.as_ref(), ShareMode::Shared).map(drop);
        assert_eq!(refused, Err(ScardError::UNRESPONSIVE_CARD));
    }
}

#[test]
fn a_command_without_an_answer_is_not_transacted_and_the_next_one_is() {
    let (stub, bench) = bench(Inside::Card);
    for context in bench.contexts() {
        let mine = connect(context.as_ref(), ShareMode::Shared);
        stub.inside.lock().unwrap().1 = Some(Inside::Mute);
        assert_eq!(select(mine.as_ref()), Err(ScardError::NOT_TRANSACTED));
        stub.inside.lock().unwrap().1 = Some(Inside::Card);
        assert_eq!(select(mine.as_ref()), Ok(vec![0x90, 0x00]));
        mine.disconnect(CardDisposition::Leave).unwrap();
    }
}

#[test]
fn a_wait_with_no_patience_looks_and_goes() {
    let (_, bench) = bench(Inside::Card);
    for context in bench.contexts() {
        let mut reports = Vec::new();
        let asked = [ReaderQuery { name: NAME.to_owned(), current: state_bits::PRESENT }];
        let waited = context.status_change(&asked, &mut reports, Some(AT_ONCE));
        assert_eq!(waited, Err(ScardError::TIMEOUT));
    }
}

#[test]
fn a_card_that_lost_its_power_in_a_command_is_powered_by_the_next_connection() {
    for which in 0..2 {
        let (_stub, bench) = bench(Inside::Weak);
        let context = &bench.contexts()[which];
        let (mine, other) = (
            connect(context.as_ref(), ShareMode::Shared),
            connect(context.as_ref(), ShareMode::Shared),
        );
        assert_eq!(select(mine.as_ref()), Err(ScardError::NOT_TRANSACTED));
        for connection in [&mine, &other] {
            assert_eq!(select(connection.as_ref()), Err(ScardError::RESET_CARD));
        }
        assert_eq!(told(context.as_ref(), 0) & state_bits::PRESENT, state_bits::PRESENT);
        let later = connect(context.as_ref(), ShareMode::Shared);
        assert_eq!(select(later.as_ref()), Ok(vec![0x90, 0x00]));
        let leave = CardDisposition::Leave;
        assert_eq!(mine.reconnect(ShareMode::Shared, super::ANY, leave), Ok(1));
        assert_eq!(select(mine.as_ref()), Ok(vec![0x90, 0x00]));
    }
    // Or by whoever connects anew.
    let (_stub, bench) = bench(Inside::Weak);
    let [context, _] = bench.contexts();
    let mine = connect(context.as_ref(), ShareMode::Shared);
    assert_eq!(select(mine.as_ref()), Err(ScardError::NOT_TRANSACTED));
    assert_eq!(mine.reconnect(ShareMode::Shared, super::ANY, CardDisposition::Leave), Ok(1));
    assert_eq!(select(mine.as_ref()), Ok(vec![0x90, 0x00]));
}

#[test]
fn a_card_that_nobody_waits_for_any_more_is_free_for_the_others() {
    let (stub, bench) = bench(Inside::Waiting);
    let begun = Instant::now();
    let [_, context] = bench.contexts();
    let waiting = connect(context.as_ref(), ShareMode::Shared);
    thread::scope(|scope| {
        let sent = scope.spawn(|| select(waiting.as_ref()));
        thread::sleep(Duration::from_millis(50));
        context.release();
        assert_eq!(sent.join().unwrap(), Err(ScardError::NOT_TRANSACTED));
    });
    stub.put(Inside::Card);
    let [_, context] = bench.contexts();
    assert_eq!(select(connect(context.as_ref(), ShareMode::Shared).as_ref()), Ok(vec![0x90, 0]));
    assert!(begun.elapsed().as_secs() < 5);
}
