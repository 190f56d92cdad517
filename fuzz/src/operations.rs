//! Operations on a card, each answer held against the model's.

use std::cell::RefCell;

use sscard_core::Card;
use sscard_testkit::op::{OpRecord, RECORD, records};
use sscard_testkit::{Bench, CardModel, Model, StartingCard};

std::thread_local! {
    /// What inputs have begun with.
    static STARTS: RefCell<Vec<(StartingCard, Bench<Card, CardModel>)>> = const { RefCell::new(Vec::new()) };
}

/// A bench of the card that the first record chooses.
pub(super) fn start(first: &OpRecord) -> Bench<Card, CardModel> {
    let card = StartingCard::chosen(first);
    STARTS.with_borrow_mut(|starts| {
        let known = starts.iter().position(|(known, _)| *known == card);
        let place = known.unwrap_or_else(|| {
            starts.push((card.clone(), card.bench()));
            starts.len() - 1
        });
        starts[place].1.copy().expect("a card can be copied")
    })
}

/// The first record chooses the card; every other one is an operation. `seen` is told the cells of the model's abstract state after each; how
/// many exchanges and power-ons there were is returned.
///
/// # Panics
/// When an answer had to be another.
pub fn card_ops_seen(bytes: &[u8], seen: &mut dyn FnMut(usize)) -> u64 {
    let mut records = records(bytes);
    let first = records.next().unwrap_or([0; RECORD]);
    let mut bench = start(&first);
    let begun = bench.operations();
    for record in records {
        if let Err(violation) = bench.step(&record) {
            panic!("{violation}");
        }
        bench.model().cells(seen);
    }
    bench.operations() - begun
}

/// The same, with nobody told of cells.
///
/// # Panics
/// When an answer had to be another.
pub fn card_ops(bytes: &[u8]) {
    card_ops_seen(bytes, &mut |_| {});
}
