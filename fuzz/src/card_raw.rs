//! Raw command bytes into a personalised card, each answer held against the oracle.

use sscard_core::{Card, LifeCycle};
use sscard_profile::{MasterKeys, issue, load, synthetic_holder};
use sscard_testkit::oracle;

/// Profiles that the first byte chooses from.
const PROFILES: [&str; 5] = [
    "base = \"gen1\"",
    "base = \"gen2\"\nprotocol = \"T=1\"",
    "base = \"gen3\"",
    "base = \"gen3\"\nprotocol = \"T=1\"\nextended_length = true",
    "base = \"gen2\"\nlenient_le = true",
];

std::thread_local! {
    /// Each profile, activated and deactivated, powered.
    static CARDS: Vec<Card> = PROFILES
        .iter()
        .flat_map(|text| [LifeCycle::Activated, LifeCycle::Deactivated].map(|state| card(text, state)))
        .collect();
}

fn card(text: &str, state: LifeCycle) -> Card {
    let mut holder = synthetic_holder(7);
    holder.life_cycle = state;
    let profile = load(text).expect("a profile of this list");
    let mut card = issue(&profile, &holder, &MasterKeys::test()).expect("a card of this list");
    card.power_on().expect("no cut is armed");
    card
}

/// The first byte chooses the card; then blocks: a length byte (FF: two more bytes of length), the
/// command. An empty block resets the card.
///
/// # Panics
/// When an answer breaks I-1, I-2 or I-3, or a repetition from the same state differs (I-16).
pub fn card_raw(bytes: &[u8]) {
    let Some((which, mut rest)) = bytes.split_first() else { return };
    let mut card = CARDS.with(|cards| cards[usize::from(*which) % cards.len()].clone());
    let mut response = Vec::new();
    while let Some((command, after)) = block(rest) {
        rest = after;
        if command.is_empty() {
            card.reset().expect("no cut is armed");
            continue;
        }
        let expected = oracle::check(&card, command).unwrap_or_else(|error| panic!("{error}"));
        card.transmit(command, &mut response);
        assert_eq!(response, expected, "the same card, the same command, another answer");
    }
}

fn block(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let (length, rest) = match first {
        0xFF => {
            let (length, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        short => (usize::from(*short), rest),
    };
    // What is left of a cut block counts as the block.
    Some(rest.split_at(length.min(rest.len())))
}
