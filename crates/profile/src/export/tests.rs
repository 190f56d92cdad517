//! A card that is exported and made anew is the same card.

use sscard_core::Card;

use crate::{MasterKeys, export, holder_of, issue, load, synthetic_holder};

/// What any reader, any terminal and `inspect` could see of a card.
fn all(card: &Card) -> String {
    let keys: Vec<_> = card
        .reveal_keys()
        .iter()
        .map(|key| (key.application, key.id, key.version, hex::encode(key.key.expose())))
        .collect();
    let bank: Vec<_> = card
        .reveal_account_keys()
        .iter()
        .map(|key| (key.aid.clone(), key.name, key.algorithm, hex::encode(&*key.value)))
        .collect();
    format!(
        "{:#?}\n{:?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}\n{keys:#?}\n{bank:#?}\n{:?}\n{:#?}",
        card.atr(),
        card.life_cycle(),
        card.inspect(),
        card.inspect_pin(),
        card.inspect_purse(),
        card.inspect_accounts(),
        card.inspect_account_contents(),
        card.inspect_payment_directories(),
        (card.reveal_state().keys, card.inspect_pki(), card.reveal_state().pki),
    )
}

fn again(card: &Card) -> Card {
    let text = export(card).expect("a card");
    let profile = load(&text).unwrap_or_else(|error| {
        let line = text.lines().nth(error.line - 1).unwrap_or_default();
        panic!("{error}\n{line}")
    });
    issue(&profile, &holder_of(&profile, None), &MasterKeys::test()).expect("the same card")
}

fn same(card: &Card) {
    let other = again(card);
    let (left, right) = (all(card), all(&other));
    if left != right {
        let differs = left.lines().zip(right.lines()).enumerate().find(|(_, (a, b))| a != b);
        panic!("{differs:?}");
    }
}

fn made(text: &str, seed: u64) -> Card {
    let profile = load(text).unwrap_or_else(|error| panic!("{error}"));
    issue(&profile, &synthetic_holder(seed), &MasterKeys::test()).expect("a card")
}

#[test]
fn the_built_in_cards_are_made_again() {
    for (name, _) in crate::BUILT_IN {
        same(&made(&format!("base = \"{name}\""), 3));
    }
}

#[test]
fn the_plan_of_a_card_made_again_is_its_plan() {
    for (name, _) in crate::BUILT_IN {
        let card = made(&format!("base = \"{name}\""), 3);
        let other = again(&card);
        let (left, right) = (card.profile().blueprint(), other.profile().blueprint());
        assert_eq!(left.dfs.len(), right.dfs.len());
        for (a, b) in left.dfs.iter().zip(&right.dfs) {
            assert_eq!(
                (a.fid, &a.name, a.parent, a.dir, &a.keys),
                (b.fid, &b.name, b.parent, b.dir, &b.keys)
            );
        }
        assert_eq!(left.purse, right.purse);
        assert_eq!(left.financial.pse, right.financial.pse);
        for (a, b) in left.financial.applications.iter().zip(&right.financial.applications) {
            assert_eq!(
                (&a.pdol, &a.cdol1, &a.cdol2, &a.ddol),
                (&b.pdol, &b.cdol1, &b.cdol2, &b.ddol)
            );
            assert_eq!(a.processing_options, b.processing_options);
            assert_eq!(
                (&a.options, a.qpboc, a.sm, a.key_index),
                (&b.options, b.qpboc, b.sm, b.key_index)
            );
        }
    }
}

#[test]
fn a_card_in_any_state_is_made_again() {
    let state = "base = \"gen2\"\nwith = [\"DF05\"]\natr = \"3B00\"\n[[applications]]\ndf = \"DF0A\"\nlabel = \"市\"\n\
        [[files]]\ndf = \"DF0A\"\nid = \"EF06\"\nname = \"日志\"\nstructure = \"cyclic\"\nrecord_length = 2\n\
        records_max = 3\nrecords = [\"0002\", \"0001\"]\n\
        [[keys]]\ndf = \"DF0A\"\nid = \"84\"\nname = \"UK\"\nversion = 2\nvalue = \"000102030405060708090A0B0C0D0E0F\"\n\
        [state]\npin_tries_left = 0\nlife_cycle = \"deactivated\"\nblocked = [\"A000000333010101\"]\n\
        [state.files]\n\"SSSE/EF06\" = \"0902C0 0A0531\"\n\"SSSE/EF08\" = \"FFD8\"\n\
        [state.keys]\n\"SSSE/06\" = 1\n\
        [state.purse]\nbalance = 5\nloads = 1\nload_proof = \"00010203040506070809\"\n";
    same(&made(state, 1));
    same(&made("base = \"gen3\"\n[state]\nblocked = [\"card\", \"SSSE\"]\n", 1));
    same(&made(
        "base = \"gen3\"\nprotocol = \"T=1\"\nextended_length = true\nkey_versions = 2\n",
        1,
    ));
    same(&made("base = \"gen3\"\n[financial]\napplications = 2\nsm = \"no\"\nqpboc = false\n", 1));
}

#[test]
fn pins_and_random_numbers_are_the_card_s() {
    let card = made("base = \"gen2\"\n[holder]\npin = \"1357\"\n", 1);
    let profile = load("base = \"gen2\"\n[holder]\npin = \"1357\"\n").unwrap();
    let card = issue(&profile, &holder_of(&profile, Some(4)), &MasterKeys::test()).unwrap_or(card);
    let other = again(&card);
    assert_eq!(*other.reveal_pin(), *card.reveal_pin());
    assert_eq!(other.reveal_account_pins(), card.reveal_account_pins());
    assert_eq!(other.reveal_state().random, card.reveal_state().random);
}
