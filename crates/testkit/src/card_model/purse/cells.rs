//! Which state the purse is in, in small numbers for a fuzzer.

use crate::card_model::CardModel;
use crate::card_model::channel::{Channel, Next};

/// First cell of purse and pair that has begun: balance, counters, sums, by what the channel left.
const PURSE: usize = 3072;
/// First cell of its last transactions.
const PROOFS: usize = 3136;

/// Nothing, little, much.
fn size(number: u32) -> usize {
    match number {
        0 => 0,
        1..=9999 => 1,
        10_000..=99_999 => 2,
        _ => 3,
    }
}

impl CardModel {
    /// The cells from 3072 to 3199.
    pub(in crate::card_model) fn purse_cells(&self, cell: &mut dyn FnMut(usize)) {
        if self.plan.purse.is_none() {
            return;
        }
        let purse = &self.lasting.purse;
        let begun = match self.basic().and_then(|channel: &Channel| channel.next.as_ref()) {
            Some(Next::Load(load)) => 1 + usize::from(load.random.is_some()),
            Some(Next::Purchase(_)) => 3,
            _ => 0,
        };
        cell(PURSE + begun * 16 + size(purse.balance) * 4 + size(purse.sums[0]));
        let [loads, purchases] = purse.counters.map(|count| usize::from(count.min(3)));
        cell(PROOFS + loads * 16 + purchases * 4 + usize::from(purse.year % 4));
    }
}
