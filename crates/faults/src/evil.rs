//! Cards that play a known attack, by name.
//!
//! What enters: nothing; the recipes are files beside this crate, `recipes/NAME.toml`, for people to review. What leaves: each with
//! where the attack is told of, who must catch it, and what a right terminal, reader or issuer comes to.

mod list;

use std::sync::OnceLock;

use serde::Deserialize;

use crate::recipe::Recipe;

/// A card that plays an attack, or what looks like one and is legal.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct EvilCard {
    /// Its name, such as `pin-wedge`.
    pub name: String,
    /// What happens, in one line.
    pub title: String,
    /// The attack, as the list of attacks calls it.
    pub attack: String,
    /// Where it is told of.
    pub source: String,
    /// Who must catch it.
    pub caught_by: Vec<Catcher>,
    /// What comes of it, in the first place that fits; where none does, what comes of an honest card.
    pub right: Vec<RightOutcome>,
    /// Its faults and its card.
    pub recipe: Recipe,
    /// The file.
    pub text: &'static str,
}

/// Who must catch an attack.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Catcher {
    /// The payment terminal.
    Terminal,
    /// The reader of social security cards, and what drives it.
    Reader,
    /// The issuer, when it is asked or when the payment reaches it.
    Issuer,
    /// Nobody at the counter: the law.
    Nobody,
    /// There is nothing to catch: a card may do this, and who stumbles over it is wrong.
    Legal,
}

impl Catcher {
    /// `terminal`, `reader`, `issuer`, `nobody`, `legal`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Reader => "reader",
            Self::Issuer => "issuer",
            Self::Nobody => "nobody",
            Self::Legal => "legal",
        }
    }

    /// For people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Nobody => "nobody but the law",
            Self::Legal => "nothing to catch: it is legal",
            other => other.name(),
        }
    }
}

/// What comes of an attack in some ways of using the card.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RightOutcome {
    /// Words that a way has, such as `contact CDA`, `contactless offline`, `read gen3`; empty for all.
    pub ways: String,
    /// How it ends: `approved`, `declined`, `failed`, `try_contact`; `broken`: it broke off; `read`.
    pub outcome: String,
    /// Why, as the program says it; empty when there is nothing to say.
    #[serde(default)]
    pub reason: String,
}

impl RightOutcome {
    /// Whether it is about this way.
    #[must_use]
    pub fn is_of(&self, way: &str) -> bool {
        self.ways.split_whitespace().all(|word| way.split_whitespace().any(|own| own == word))
    }
}

/// The table `[evil]` of a recipe.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EvilFile {
    name: String,
    title: String,
    attack: String,
    source: String,
    caught_by: Vec<Catcher>,
    #[serde(default)]
    right: Vec<RightOutcome>,
}

/// A recipe's file; the rest of it is the recipe.
#[derive(Deserialize)]
struct Named {
    evil: EvilFile,
}

/// No card has this name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("there is no evil card '{}'{}", .name.escape_debug(), near_words(.near))]
pub struct UnknownEvilCard {
    /// What was asked for.
    pub name: String,
    /// Names that are like it, the nearest first.
    pub near: Vec<&'static str>,
}

fn near_words(near: &[&str]) -> String {
    match near {
        [] => "; 'sscard evil list' shows all".to_owned(),
        near => format!("; near to it: {}", near.join(", ")),
    }
}

/// All evil cards, in the order of the list of attacks.
#[must_use]
pub fn evil_cards() -> &'static [EvilCard] {
    static CARDS: OnceLock<Vec<EvilCard>> = OnceLock::new();
    CARDS.get_or_init(|| list::TEXTS.iter().filter_map(|text| EvilCard::parse(text)).collect())
}

impl EvilCard {
    /// The card of this name.
    ///
    /// # Errors
    /// [`UnknownEvilCard`], with names like it.
    pub fn named(name: &str) -> Result<&'static Self, UnknownEvilCard> {
        let found = evil_cards().iter().find(|card| card.name == name);
        found.ok_or_else(|| UnknownEvilCard { name: name.to_owned(), near: near(name) })
    }

    fn parse(text: &'static str) -> Option<Self> {
        let recipe = Recipe::parse(text).ok()?;
        let Named { evil } = toml::from_str(text).ok()?;
        let EvilFile { name, title, attack, source, caught_by, right } = evil;
        Some(Self { name, title, attack, source, caught_by, right, recipe, text })
    }

    /// What comes of it in this way of using the card; `None` when it is what comes of an honest one.
    #[must_use]
    pub fn right_in(&self, way: &str) -> Option<&RightOutcome> {
        self.right.iter().find(|right| right.is_of(way))
    }
}

/// Names that have a word in common with this one, or differ in a few letters.
fn near(name: &str) -> Vec<&'static str> {
    /// Names that are shown.
    const MOST: usize = 5;
    let distance = |own: &str| strsim::damerau_levenshtein(own, name);
    let mut near: Vec<&'static str> = evil_cards()
        .iter()
        .map(|card| card.name.as_str())
        .filter(|own| {
            let has_word =
                name.len() > 2 && own.split('-').any(|word| name.split('-').any(|n| n == word));
            has_word || own.contains(name) && name.len() > 2 || distance(own) <= own.len() / 3
        })
        .collect();
    near.sort_by_key(|own| distance(own));
    near.truncate(MOST);
    near
}
