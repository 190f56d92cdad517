//! `sscard evil`: cards that play known attacks.

use std::io::Write;

use sscard_faults::{EvilCard, RightOutcome, evil_cards};
use sscard_lexicon::shown;

use crate::args::{EvilArgs, EvilCommand};
use crate::documents::evil::{EvilListDocument, ListedEvilCard, ListedOutcome};
use crate::documents::{self, SCHEMA};
use crate::failure::Failure;

pub(crate) fn run(args: &EvilArgs, out: &mut dyn Write) -> Result<(), Failure> {
    match &args.command {
        EvilCommand::List { word, json } => {
            let word = word.as_deref().unwrap_or("");
            let cards: Vec<&'static EvilCard> =
                evil_cards().iter().filter(|card| card.name.contains(word)).collect();
            if cards.is_empty() {
                return Err(Failure::Usage(format!(
                    "no evil card has '{}' in its name; 'sscard evil list' shows all",
                    shown(word)
                )));
            }
            if *json { Ok(documents::print(out, &document(&cards))?) } else { list(&cards, out) }
        }
        EvilCommand::Show { name } => {
            let card = EvilCard::named(name).map_err(|error| Failure::Usage(error.to_string()))?;
            Ok(out.write_all(card.text.as_bytes())?)
        }
    }
}

fn list(cards: &[&EvilCard], out: &mut dyn Write) -> Result<(), Failure> {
    let width =
        |text: fn(&EvilCard) -> usize| cards.iter().map(|card| text(card)).max().unwrap_or(0);
    let (names, who) = (width(|card| card.name.len()), width(|card| catchers(card).len()));
    for card in cards {
        writeln!(out, "{:names$}  {:who$}  {}", card.name, catchers(card), card.title)?;
    }
    Ok(())
}

/// Who must catch it, in words.
fn catchers(card: &EvilCard) -> String {
    let names: Vec<&str> = card.caught_by.iter().map(|who| who.name()).collect();
    names.join(", ")
}

fn document(cards: &[&'static EvilCard]) -> EvilListDocument {
    let outcome = |right: &'static RightOutcome| ListedOutcome {
        ways: &right.ways,
        outcome: &right.outcome,
        reason: &right.reason,
    };
    let cards = cards.iter().map(|card| ListedEvilCard {
        name: &card.name,
        title: &card.title,
        attack: &card.attack,
        source: &card.source,
        caught_by: card.caught_by.iter().map(|who| who.name()).collect(),
        faults: card.recipe.faults.iter().map(ToString::to_string).collect(),
        card: card.recipe.card.as_deref(),
        right: card.right.iter().map(outcome).collect(),
    });
    EvilListDocument { schema: SCHEMA, cards: cards.collect() }
}
