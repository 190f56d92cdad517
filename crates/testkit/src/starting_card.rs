//! The cards that drivers begin with: profiles, protocols, states of delivery, holders.
//!
//! What enters: a seed, or a name. What leaves: a card, and a bench of it and its model. A name says everything, so that a finding can be
//! carried elsewhere.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "its cards are tested; one that cannot be powered is a finding"
)]

use std::fmt;
use std::str::FromStr;

use sscard_core::{Card, Interface, LifeCycle};
use sscard_profile::{MasterKeys, issue, load, synthetic_holder};

use crate::bench::{Bench, Violation};
use crate::card_model::CardModel;
use crate::op::{Op, OpRecord};
use crate::random::Random;

/// Holders a seed draws for each profile and state.
const HOLDERS: u64 = 3;

/// Seed of the holder whose cards fuzzers take.
const FUZZED_HOLDER: u64 = 7;

/// The profiles of drivers: their names, and what they are made from.
pub const PROFILES: [(&str, &str); 12] = [
    ("gen1", "base = \"gen1\"\n"),
    ("gen1-t1", "base = \"gen1\"\nprotocol = \"T=1\"\n"),
    ("gen2", "base = \"gen2\"\n"),
    ("gen2-t1", "base = \"gen2\"\nprotocol = \"T=1\"\n"),
    ("gen3", "base = \"gen3\"\n"),
    ("gen3-t1", "base = \"gen3\"\nprotocol = \"T=1\"\n"),
    ("gen3-extended", "base = \"gen3\"\nprotocol = \"T=1\"\nextended_length = true\n"),
    ("gen2-lenient", "base = \"gen2\"\nlenient_le = true\n"),
    ("gen3-3des", "base = \"gen3\"\nalgorithm = \"3DES\"\n"),
    ("gen3-sm", "base = \"gen3\"\n[financial]\nsm = \"only\"\n"),
    ("psam-3des", "base = \"psam-3des\"\n"),
    ("psam-sm4", "base = \"psam-sm4\"\n"),
];

/// A card as it is delivered to a holder.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct StartingCard {
    profile: &'static str,
    is_activated: bool,
    holder: u64,
}

impl StartingCard {
    /// A card of one of [`PROFILES`], to a synthetic holder of this seed; a security module is always activated.
    #[must_use]
    pub fn new(profile: &str, is_activated: bool, holder: u64) -> Option<Self> {
        let (profile, _) = PROFILES.into_iter().find(|(name, _)| *name == profile)?;
        (is_activated || !profile.starts_with("psam")).then_some(Self {
            profile,
            is_activated,
            holder,
        })
    }

    /// Every profile in every state, each to a few holders whom the seed draws.
    #[must_use]
    pub fn all(seed: u64) -> Vec<Self> {
        let mut random = Random::new(seed);
        let mut all = Vec::new();
        for (profile, _) in PROFILES {
            for _ in 0..HOLDERS {
                let holder = random.next() % 1_000_000;
                // Most of what a card can do it does only when it is activated.
                all.extend(Self::new(profile, true, holder));
            }
            all.extend(Self::new(profile, false, random.next() % 1_000_000));
        }
        all
    }

    /// The card that a fuzzer's input begins with: its first record chooses the profile and the state, always for the same holder.
    #[must_use]
    pub fn chosen(first: &OpRecord) -> Self {
        let [which, is_deactivated, ..] = *first;
        let (profile, _) = PROFILES[usize::from(which) % PROFILES.len()];
        let activated = Self { profile, is_activated: true, holder: FUZZED_HOLDER };
        Self::new(profile, is_deactivated & 1 == 0, FUZZED_HOLDER).unwrap_or(activated)
    }

    /// Its profile's name.
    #[must_use]
    pub fn profile(&self) -> &'static str {
        self.profile
    }

    /// Its profile, as TOML.
    #[must_use]
    pub fn profile_text(&self) -> &'static str {
        let found = PROFILES.into_iter().find(|(name, _)| *name == self.profile);
        found.map_or("", |(_, text)| text)
    }

    /// Whether its social security function is activated at delivery.
    #[must_use]
    pub fn is_activated(&self) -> bool {
        self.is_activated
    }

    /// Seed of its synthetic holder.
    #[must_use]
    pub fn holder(&self) -> u64 {
        self.holder
    }

    /// The card, without power.
    ///
    /// # Panics
    /// Never for a profile of [`PROFILES`].
    #[must_use]
    pub fn card(&self) -> Card {
        let mut holder = synthetic_holder(self.holder);
        if !self.is_activated {
            holder.life_cycle = LifeCycle::Deactivated;
        }
        let profile = load(self.profile_text()).expect("a profile of the list");
        issue(&profile, &holder, &MasterKeys::test()).expect("a card of the list")
    }

    /// The card and its model, powered by the contacts.
    #[must_use]
    pub fn bench(&self) -> Bench<Card, CardModel> {
        powered(self.card())
    }
}

/// Carries out records on the card of this name, held against its model: what a regression test calls.
///
/// # Errors
/// The answer that had to be another.
///
/// # Panics
/// When no card has this name.
pub fn replay(card: &str, records: &[OpRecord]) -> Result<(), Violation> {
    let card: StartingCard = card.parse().unwrap_or_else(|error| panic!("{error}"));
    let mut bench = card.bench();
    records.iter().try_for_each(|record| bench.step(record))
}

/// A card as it is and its model, powered by the contacts.
///
/// # Panics
/// When the first answer to reset is not the model's.
#[must_use]
pub fn powered(card: Card) -> Bench<Card, CardModel> {
    let model = CardModel::of(&card);
    let mut bench = Bench::new(card, model);
    bench.apply(&Op::Reset(Interface::Contact)).expect("an answer to reset");
    bench
}

/// `gen3-t1, activated, holder 7`.
impl fmt::Display for StartingCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.is_activated { "activated" } else { "deactivated" };
        write!(f, "{}, {state}, holder {}", self.profile, self.holder)
    }
}

/// A name that no card begins with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoStartingCard(pub String);

impl fmt::Display for NoStartingCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is none of the cards: PROFILE, activated or deactivated, holder N", self.0)
    }
}

impl std::error::Error for NoStartingCard {}

impl FromStr for StartingCard {
    type Err = NoStartingCard;

    fn from_str(text: &str) -> Result<Self, NoStartingCard> {
        let parse = || {
            let mut parts = text.split(", ");
            let profile = parts.next()?;
            let is_activated = match parts.next()? {
                "activated" => true,
                "deactivated" => false,
                _ => return None,
            };
            let holder = parts.next()?.strip_prefix("holder ")?.parse().ok()?;
            Self::new(profile, is_activated, holder).filter(|_| parts.next().is_none())
        };
        parse().ok_or_else(|| NoStartingCard(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_starting_card_is_made_and_named() {
        let all = StartingCard::all(1);
        assert_eq!(all.len(), 12 * 3 + 10);
        for card in all {
            assert_eq!(card.to_string().parse(), Ok(card.clone()));
            assert!(card.card().power_on().is_ok(), "{card}");
        }
    }

    #[test]
    fn a_name_of_no_card_is_refused() {
        for name in ["", "gen3", "gen4, activated, holder 1", "psam-sm4, deactivated, holder 1"] {
            assert_eq!(name.parse::<StartingCard>(), Err(NoStartingCard(name.to_owned())));
        }
        assert!("gen3, activated, holder 1, more".parse::<StartingCard>().is_err());
    }
}
