//! Cards that play known attacks, against our own terminal, reader and issuer: each in every way of using a card, with exactly
//! the outcome and the reason that its recipe states; what is legal is read as from an honest card.

mod beside;
mod table;
mod ways;

use std::collections::BTreeMap;

use sscard_faults::{Catcher, EvilCard, Faults, evil_cards};

use ways::{Used, Verdict, Way};

/// What comes of honest cards, by the way.
fn honest(ways: &[Way]) -> BTreeMap<String, Used> {
    ways.iter().map(|way| (way.name.clone(), way.using(None, Faults::new([], 0)))).collect()
}

#[test]
fn an_honest_card_is_read_and_paid_with_in_every_way() {
    for (way, used) in honest(&ways::all()) {
        let words: Vec<&str> = way.split(' ').collect();
        let expected = match words[0] {
            "read" => "read",
            "purse" => "done",
            _ => "approved",
        };
        assert_eq!(used.verdict, Verdict::new(expected, ""), "{way}");
    }
}

/// What came of an evil card in every way, and what is wrong with that.
fn wrong(card: &EvilCard, ways: &[Way], honest: &BTreeMap<String, Used>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut taken = vec![false; card.right.len()];
    for way in ways {
        let used = way.using(card.recipe.card.as_deref(), card.recipe.replay());
        let place = card.right.iter().position(|right| right.is_of(&way.name));
        let of_honest = &honest[&way.name];
        let expected = match place {
            Some(place) => {
                taken[place] = true;
                let right = &card.right[place];
                Verdict::new(&right.outcome, &right.reason)
            }
            None => of_honest.verdict.clone(),
        };
        let at = format!("{}: {}", card.name, way.name);
        if used.verdict != expected {
            wrong.push(format!("{at}\n     got {}\n  wanted {expected}", used.verdict));
        }
        if place.is_some() && used.fired == 0 && !card.recipe.faults.is_empty() {
            wrong.push(format!("{at}: nothing has struck"));
        }
        // What is legal changes nothing that is read.
        let is_legal = card.caught_by == [Catcher::Legal] && card.recipe.card.is_none();
        if is_legal && place.is_none() && used.read != of_honest.read {
            wrong.push(format!(
                "{at}: something else was read\n  {:?}\n  {:?}",
                used.read, of_honest.read
            ));
        }
    }
    for (right, taken) in card.right.iter().zip(taken) {
        if !taken {
            wrong.push(format!("{}: no way is '{}'", card.name, right.ways));
        }
    }
    wrong
}

#[test]
fn every_evil_card_comes_to_what_its_recipe_states() {
    let ways = ways::all();
    let honest = honest(&ways);
    let (some, others) = evil_cards().split_at(evil_cards().len() / 2);
    let of = |cards: &'static [EvilCard]| -> Vec<String> {
        cards.iter().flat_map(|card| wrong(card, &ways, &honest)).collect()
    };
    let wrong = std::thread::scope(|scope| {
        let others = scope.spawn(|| of(others));
        let mut wrong = of(some);
        wrong.extend(others.join().expect("a thread"));
        wrong
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every fault of every recipe strikes in some way: else the recipe would play nothing.
#[test]
fn every_evil_card_does_something() {
    let ways = ways::all();
    // No terminal of PBOC sends the command.
    let never = ["relay-timing-data"];
    for card in evil_cards().iter().filter(|card| !card.recipe.faults.is_empty()) {
        let fired = ways
            .iter()
            .any(|way| way.using(card.recipe.card.as_deref(), card.recipe.replay()).fired > 0);
        assert_eq!(fired, !never.contains(&card.name.as_str()), "{}", card.name);
    }
}
