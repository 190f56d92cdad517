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
    let module = card.reveal_psam_keys().map(|keys| {
        let value = |key: &sscard_crypto::Key| hex::encode(key.expose());
        let others = keys.keys.iter().map(|key| key.as_ref().map(value));
        (value(&keys.master), others.collect::<Vec<_>>())
    });
    let module = (module, card.inspect_psam());
    format!(
        "{module:#?}\n{:#?}\n{:?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}\n{keys:#?}\n{bank:#?}\n{:?}\n{:#?}",
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
    let text = export(card);
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
    for (name, _) in crate::BUILT_IN.iter().chain(&crate::BUILT_IN_MODULES) {
        same(&made(&format!("base = \"{name}\""), 3));
    }
}

#[test]
fn a_module_in_any_state_is_made_again() {
    let own = "base = \"psam-sm4\"\nprotocol = \"T=1\"\n[holder]\ndivision = \"350203\"\nserial = \"00000042\"\n\
        [state]\nblocked = [\"card\"]\n[state.psam]\ncounter = 4711\nmaster_tries_left = 0\n\
        [state.files]\n\"DF01/0017\" = \"0102\"\n\
        [psam]\nterminal = \"000000000123\"\nmaster = \"000102030405060708090A0B0C0D0E0F\"\nmaster_tries = 5\n\
        ministry_levels = 1\nwithout = [\"PUK\"]\n\
        [[psam.keys]]\naddress = \"004C\"\nvalue = \"101112131415161718191A1B1C1D1E1F\"\n\
        [[psam.keys]]\naddress = \"004D\"\nfree = true\n\
        [[psam.keys]]\naddress = \"0200\"\nusage = \"29\"\nid = \"77\"\nversion = 9\n\
        value = \"202122232425262728292A2B2C2D2E2F\"\n\
        [[psam.keys]]\naddress = \"0201\"\nusage = \"29\"\nid = \"78\"\n";
    let profile = load(own).unwrap_or_else(|error| panic!("{error}"));
    let holder = holder_of(&profile, None);
    let card = issue(&profile, &holder, &MasterKeys::test()).expect("a module");
    let seen = card.inspect_psam().expect("a module");
    assert_eq!((seen.counter, seen.master_tries_left, seen.master_tries_max), (4711, 0, 5));
    assert_eq!(seen.terminal, [0, 0, 0, 0, 0x01, 0x23]);
    let places: Vec<_> = seen.keys.iter().map(|(slot, held)| (slot.address, *held)).collect();
    assert!(places.contains(&(0x004D, false)) && places.contains(&(0x0201, false)));
    assert!(places.contains(&(0x0200, true)) && !places.iter().any(|place| place.0 == 0x0090));
    same(&card);
    // Without a number of its own the terminal's follows the serial.
    let text = export(&made("base = \"psam-3des\"", 5));
    assert!(!text.contains("terminal =") && !text.contains("value ="), "{text}");
}

#[test]
fn a_key_of_another_algorithm_keeps_it() {
    let card = made(
        "base = \"gen2\"\n[[keys]]\ndf = \"SSSE\"\nid = \"0A\"\nalgorithm = \"SM4\"\n\
         value = \"000102030405060708090A0B0C0D0E0F\"\n\
         [[keys]]\ndf = \"DF01\"\nid = \"83\"\nalgorithm = \"SM4\"\n\
         [[keys]]\ndf = \"DF01\"\nid = \"82\"\nalgorithm = \"DES\"\nvalue = \"0102030405060708\"\n",
        1,
    );
    same(&card);
    let other = again(&card);
    assert_eq!(card.profile().blueprint().key_algorithms.len(), 2);
    assert_eq!(
        card.profile().blueprint().key_algorithms,
        other.profile().blueprint().key_algorithms
    );
    let kept = Card::from_image(&card.image()).expect("an image");
    assert_eq!(
        kept.profile().blueprint().key_algorithms,
        card.profile().blueprint().key_algorithms
    );
    assert_eq!(kept.digest(), card.digest());
}

#[test]
fn a_card_with_key_pairs_of_its_own_is_made_again() {
    same(&made(
        "base = \"gen3\"\n[financial.icc]\nsm2 = { seed = 7 }\nrsa = { seed = 5, bits = 1024 }\n",
        1,
    ));
    let profile = load("base = \"gen3\"\n").unwrap();
    let holder = synthetic_holder(6);
    let of_pool =
        crate::issue_with(&profile, &holder, &MasterKeys::test(), crate::IccKeys::Pool(3));
    same(&of_pool.expect("a card"));
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
