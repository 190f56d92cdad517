//! What the purse keeps without power.

use sscard_core::Card;

use super::moment;

/// Its persistent state; amounts in cents.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Lasting {
    pub(super) balance: u32,
    /// Paid in the year by the holder, and by the pooled fund.
    pub(super) sums: [u32; 2],
    /// The insurance year of the sums.
    pub(super) year: u16,
    /// Its first day, BCD MMDD.
    pub(super) start_day: [u8; 2],
    /// Counters of loads and purchases, as the next one uses them.
    pub(super) counters: [u16; 2],
    /// Proofs of the last load and the last purchase.
    pub(super) proofs: [Option<Proof>; 2],
}

/// Proof of a transaction.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Proof {
    pub(super) counter: u16,
    /// MAC2; unknown where nobody saw the random number that its key is made of.
    pub(super) mac: Option<[u8; 4]>,
    pub(super) certificate: [u8; 4],
}

impl Lasting {
    pub(crate) fn of(card: &Card) -> Self {
        if card.profile().blueprint().purse.is_none() {
            return Self::default();
        }
        let state = card.reveal_state().purse;
        let proof = |bytes: Option<[u8; 10]>| {
            bytes.map(|[c1, c2, m1, m2, m3, m4, certificate @ ..]| Proof {
                counter: u16::from_be_bytes([c1, c2]),
                mac: Some([m1, m2, m3, m4]),
                certificate,
            })
        };
        Self {
            balance: state.balance.unwrap_or_default(),
            sums: [state.self_paid, state.pooled].map(Option::unwrap_or_default),
            year: moment::year(state.year.unwrap_or_default()),
            start_day: state.start_day.unwrap_or_default(),
            counters: [state.loads, state.purchases].map(Option::unwrap_or_default),
            proofs: [state.load_proof, state.purchase_proof].map(proof),
        }
    }
}
