//! Issuing as a desk does it: cards with both functions and ICC keys out of the pool, on two threads.

use std::error::Error;
use std::hint::black_box;
use std::ops::Range;
use std::thread;
use std::time::Instant;

use sscard_core::{Card, PersonalisationError, Profile};
use sscard_host::{Follow, InProcess};
use sscard_profile::{IccKeys, MasterKeys, built_in, issue_with, synthetic_holder};
use sscard_terminal::payment::{Settings, TestIssuer, pay};

/// A desk of one city.
pub(crate) struct Desk {
    profile: Profile,
    masters: MasterKeys,
}

impl Desk {
    /// With everything that its cards share already there.
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        let profile = built_in("gen3").ok_or("no profile gen3")?;
        let desk = Self { profile, masters: MasterKeys::test() };
        // Every pair of the pool, and a payment: a figure counts only when the card is a good one.
        for card in desk.run(0..u64::from(IccKeys::POOL))? {
            let mut card = Follow::new(InProcess::power_on(card)?);
            for sm in [false, true] {
                let settings = Settings { amount: 1234, sm, ..Settings::default() };
                if !pay(&mut card, &mut TestIssuer::default(), &settings)?.authentication.ok {
                    return Err("an issued card was not authenticated".into());
                }
            }
        }
        Ok(desk)
    }

    /// Cards of these seeds: the first half here, the second half on another thread.
    pub(crate) fn issue(&self, seeds: Range<u64>) -> Result<[Vec<Card>; 2], Box<dyn Error>> {
        let middle = seeds.start.midpoint(seeds.end);
        let (first, second) = thread::scope(|scope| {
            let second = scope.spawn(|| self.run(middle..seeds.end));
            (self.run(seeds.start..middle), second.join())
        });
        let second = second.map_err(|_| "the second thread ended")?;
        Ok([first?, second?])
    }

    fn run(&self, seeds: Range<u64>) -> Result<Vec<Card>, PersonalisationError> {
        seeds
            .map(|seed| {
                let pair = IccKeys::Pool(seed.to_le_bytes()[0] % IccKeys::POOL);
                issue_with(&self.profile, &synthetic_holder(seed), &self.masters, pair)
            })
            .collect()
    }

    /// Cards a second.
    pub(crate) fn per_second(&self, seeds: Range<u64>) -> Result<f64, Box<dyn Error>> {
        let start = Instant::now();
        let cards = self.issue(seeds)?;
        let elapsed = start.elapsed().as_secs_f64();
        let count = u32::try_from(cards.iter().map(Vec::len).sum::<usize>())?;
        black_box(cards);
        Ok(f64::from(count) / elapsed)
    }
}
