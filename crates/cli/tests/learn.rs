//! `sscard learn`: the machine of a card as text, document and graph, and two of them compared.

use std::collections::BTreeSet;
use std::fs;

use crate::sscard::{folder, json, ok, path, run};

/// A card with a PIN of three tries, and inputs that only it counts in.
const TRIES: &str = "select: select SSSE\nwrong: pin wrong\nright: pin right\n";

#[test]
fn the_bank_is_learnt_as_the_interface_says() {
    let learnt = json(&["learn", "--alphabet", "bank", "--json"]);
    let number = |field: &str| learnt[field].as_u64().expect(field);
    assert_eq!((number("inputs"), number("depth"), number("states")), (14, 3, 70));
    let machine = learnt["machine"].as_array().expect("a list");
    assert_eq!(number("transitions"), 70 * 14);
    assert_eq!(machine.len(), 70 * 14);
    assert!(number("queries") > 0 && number("apdus") > number("queries"));
    assert!(learnt["seconds"].as_f64().expect("a time") > 0.0);
    let inputs: BTreeSet<&str> =
        machine.iter().filter_map(|transition| transition["input"].as_str()).collect();
    assert_eq!(inputs.len(), 14);
    assert_eq!(
        machine[0],
        serde_json::json!({"from": 0, "input": "select", "output": "9000", "to": 1})
    );
}

#[test]
fn both_algorithms_print_the_same_machine_every_time() {
    let folder = folder(&[]);
    let file = path(&folder, "tries.txt");
    fs::write(&file, TRIES).expect("written");
    let learn = |more: &[&str]| {
        let text = ok(&[&["learn", "--alphabet", &file][..], more].concat());
        let (remarks, machine) = text.split_once("inputs ").expect("a machine");
        assert_eq!(remarks.lines().count(), 3);
        machine.to_owned()
    };
    let machine = learn(&[]);
    assert!(machine.starts_with("select wrong right\n\nstate 0 (nothing)\n  select -> 1: 9000\n"));
    assert_eq!(learn(&["--algorithm", "ttt"]), machine);
    assert_eq!(learn(&["--algorithm", "lsharp", "--depth", "4"]), machine);
}

#[test]
fn a_graph_is_written_beside() {
    let folder = folder(&[]);
    let (file, graph) = (path(&folder, "tries.txt"), path(&folder, "tries.dot"));
    fs::write(&file, TRIES).expect("written");
    ok(&["learn", "--alphabet", &file, "--dot", &graph]);
    let graph = fs::read_to_string(&graph).expect("a graph");
    assert!(graph.starts_with("digraph \"") && graph.ends_with("}\n"), "{graph}");
    assert!(graph.contains("  0 -> 1 [label=\"select / 9000\"];\n"), "{graph}");
}

#[test]
fn two_cards_differ_by_the_shortest_word_that_shows_it() {
    let folder = folder(&[]);
    let (file, three) = (path(&folder, "tries.txt"), path(&folder, "three.toml"));
    fs::write(&file, TRIES).expect("written");
    fs::write(&three, "base = \"gen3\"\npin_tries = 3\n").expect("written");
    let (stdout, stderr, code) = run(&["learn", "--diff", "gen3", &three, "--alphabet", &file]);
    assert_eq!((stderr.as_str(), code), ("sscard: the machines differ\n", 1));
    let word =
        "the shortest word on which they differ:\n  select  9000  9000\n! wrong   63C5  63C2\n";
    assert!(stdout.contains(word), "{stdout}");
    let same = run(&["learn", "--diff", "gen2", "gen3", "--alphabet", &file]);
    assert!(same.0.ends_with("both answer every word of their common inputs alike\n"), "{same:?}");
    assert_eq!(same.2, 0);
}

#[test]
fn a_machine_is_kept_as_text_or_document_and_names_its_alphabet() {
    let folder = folder(&[]);
    let (text, document) = (path(&folder, "look.txt"), path(&folder, "look.json"));
    fs::write(&text, ok(&["learn", "--alphabet", "look"])).expect("written");
    fs::write(&document, ok(&["learn", "--alphabet", "look", "--json"])).expect("written");
    for other in [&document, "gen3"] {
        let (stdout, stderr, code) = run(&["learn", "--diff", &text, other]);
        assert_eq!((stderr.as_str(), code), ("", 0), "{stdout}");
    }
    let card = path(&folder, "card.img");
    ok(&["new", "--state", "produced", "-o", &card]);
    let before = fs::read(&card).expect("a card");
    let found = run(&["learn", "--diff", &document, &card, "--json"]);
    assert_eq!(found.2, 1);
    assert_eq!(fs::read(&card).expect("a card"), before, "a card that is learnt stays as it is");
}

#[test]
fn a_card_in_a_reader_is_not_worn_by_accident() {
    for (more, said) in [
        (
            &["--alphabet", "bank", "--destructive"][..],
            "alphabet bank: cut-pin cuts the power, and a reader cannot do that",
        ),
        (&["--alphabet", "payment"], "alphabet payment wears the card in the reader"),
        (
            &["--alphabet", "payment", "--destructive"],
            "the alphabet enters a PIN, and a wrong one costs a try: say the right one with --payment-pin",
        ),
    ] {
        let (stdout, stderr, code) =
            run(&[&["learn", "--reader", "no such reader"], more].concat());
        assert_eq!((stdout.as_str(), code), ("", 2), "{stderr}");
        assert!(stderr.starts_with(&format!("sscard: {said}")), "{stderr}");
    }
    let look = run(&["learn", "--reader", "no such reader", "--alphabet", "look"]);
    assert_ne!(look.2, 2, "nothing wears: the reader itself is looked for");
}

#[test]
fn what_has_no_machine_is_said_so() {
    let folder = folder(&[]);
    let file = path(&folder, "own.txt");
    let learn = |text: &str, more: &[&str]| {
        fs::write(&file, text).expect("written");
        let (stdout, stderr, code) = run(&[&["learn", "--alphabet", &file][..], more].concat());
        assert_eq!((stdout.as_str(), code), ("", 3), "{stderr}");
        stderr
    };
    let random = learn("ask: show challenge 8\n", &[]);
    assert!(
        random.contains("the same inputs were answered in two ways: after \"ask\""),
        "{random}"
    );
    let counter = "select: select payment\ngpo: gpo\natc: show apdu 80CA9F3600\n";
    let endless = learn(counter, &["--depth", "2", "--most-states", "20"]);
    assert!(endless.contains("more than 20 states: an answer holds something without end"));
    let wrong = learn("a: reset\nb: fly\n", &[]);
    assert!(wrong.contains("own.txt:2:1: there is no command 'fly'"), "{wrong}");
    let (_, stderr, code) = run(&["learn", "--profile", "gen1"]);
    let said = "sscard: alphabet bank: the input select: the card has no payment application that could be used\n";
    assert_eq!((stderr.as_str(), code), (said, 3));
}
