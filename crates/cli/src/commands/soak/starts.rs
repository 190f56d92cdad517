//! What a soak begins with: the cards of the test kit, those of one profile, or one image.

use std::path::Path;
use std::sync::Arc;

use sscard_core::Card;
use sscard_host::CardFile;
use sscard_profile::{MasterKeys, issue};
use sscard_testkit::StartingCard;
use sscard_testkit::starting_card::PROFILES;

use crate::args::{SoakArgs, State};
use crate::commands::new;
use crate::failure::Failure;
use crate::outside::shown_path;

/// A card to begin with.
pub(super) struct StartCard {
    pub(super) name: String,
    pub(super) make: Arc<dyn Fn() -> Card + Send + Sync>,
    /// First lines of a script on it.
    pub(super) head: String,
    /// Whether its name says all.
    pub(super) is_listed: bool,
}

/// Cards of a profile of one's own, and for a state the holders of each.
const HOLDERS: u64 = 4;

pub(super) fn starts(args: &SoakArgs) -> Result<Vec<StartCard>, Failure> {
    if let Some(path) = &args.card {
        return Ok(vec![image(path)?]);
    }
    let all = StartingCard::all(args.seed);
    match &args.profile {
        None => Ok(all.into_iter().map(listed).collect()),
        Some(name) if PROFILES.iter().any(|(known, _)| known == name) => {
            Ok(all.into_iter().filter(|card| card.profile() == name).map(listed).collect())
        }
        Some(name) => {
            (args.seed..).take(4).zip(1..=HOLDERS).map(|(seed, _)| own(name, seed)).collect()
        }
    }
}

/// The card of this name.
pub(super) fn named(args: &SoakArgs, name: &str) -> Result<StartCard, Failure> {
    if let Ok(card) = name.parse::<StartingCard>() {
        return Ok(listed(card));
    }
    let refuse =
        |reason: &str| Failure::Input { place: name.to_owned(), reason: reason.to_owned() };
    if let Some(path) = &args.card {
        return Ok(StartCard { name: name.to_owned(), ..image(path)? });
    }
    let Some(profile) = &args.profile else {
        return Err(refuse("the recipe is of another card: say which by --card or --profile"));
    };
    let holder = name.rsplit_once(", holder ").and_then(|(_, holder)| holder.parse().ok());
    let holder = holder.ok_or_else(|| refuse("the recipe's card has no holder's seed"))?;
    Ok(StartCard { name: name.to_owned(), ..own(profile, holder)? })
}

fn listed(card: StartingCard) -> StartCard {
    StartCard {
        name: card.to_string(),
        head: card.script_head(),
        make: Arc::new(move || card.card()),
        is_listed: true,
    }
}

fn image(path: &Path) -> Result<StartCard, Failure> {
    let card = CardFile::read(path)?;
    let name = shown_path(path);
    Ok(StartCard {
        head: format!("@card \"{name}\"\n"),
        name,
        make: Arc::new(move || card.clone()),
        is_listed: false,
    })
}

/// The card of a profile that somebody wrote.
fn own(name: &str, seed: u64) -> Result<StartCard, Failure> {
    let profile = new::profile(name)?;
    let holder = new::holder(&profile, Some(seed), None::<State>);
    let card = issue(&profile, &holder, &MasterKeys::test())
        .map_err(|error| Failure::Input { place: name.to_owned(), reason: error.to_string() })?;
    Ok(StartCard {
        name: format!("{name}, holder {seed}"),
        head: format!("@profile \"{name}\"\n@seed {seed}\n"),
        make: Arc::new(move || card.clone()),
        is_listed: false,
    })
}
