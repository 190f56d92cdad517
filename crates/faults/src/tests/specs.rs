use proptest::prelude::*;

use crate::{Fault, Recipe, RecipeError};

fn printed(text: &str) -> String {
    text.parse::<Fault>().map_or_else(|error| error.to_string(), |fault| fault.to_string())
}

#[test]
fn every_action_is_read_and_printed() {
    for text in [
        "sw=6100@3",
        "data=0102@app=A000000333010101",
        "answer=90",
        "answer=",
        "truncate=1@2",
        "extra=00FF",
        "flip@ins=B2",
        "flip=17@5",
        "tlv=indefinite:70@file=EF0A,record=01",
        "tlv=order",
        "tlv=long-length:5A",
        "set=9F6C:8000@tag=9F6C",
        "count=05@status=6110,nth=2",
        "stale@every=3,times=2",
        "slow=3s@5",
        "slow=250ms",
        "slow=40us",
        "mute@7",
        "mute=stale@7",
        "remove@9",
        "remove=inside",
        "remove=after",
        "reset@p=0.25",
        "cut=12@4",
        "atr=3B00",
        "atr=3B00@power=2",
        "instead:sw=6F00@after=2s",
        "command:set=9F66:F6000000@ins=A8",
    ] {
        assert_eq!(printed(text), text);
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (text, error) in [
        (
            "sv=6100",
            "sv=6100, character 1: there is no fault 'sv'; use sw, data, answer, truncate, extra, flip, tlv, set, count, stale, slow, mute, remove, reset, cut or atr",
        ),
        ("sw", "sw, character 1: sw needs a value: sw=…"),
        ("sw=61", "sw=61, character 4: '61' is not two bytes, four hexadecimal digits"),
        ("mute@0", "mute@0, character 6: '0' is not a number from 1 on"),
        ("slow=3@1", "slow=3@1, character 6: '3' is not a time such as 3s, 250ms or 40us"),
        ("mute@1,ins=2", "mute@1,ins=2, character 12: '2' is not pairs of hexadecimal digits"),
        ("mute@ins=A4,ins=B2", "mute@ins=A4,ins=B2, character 13: 'ins' stands here a second time"),
        (
            "remove@tag=5A",
            "remove@tag=5A, character 8: this happens before there is an answer, so it cannot ask for tag or status",
        ),
        (
            "instead:flip",
            "instead:flip, character 9: 'instead:' takes sw, data, answer, stale, slow and mute",
        ),
        (
            "command:sw=9000",
            "command:sw=9000, character 9: 'command:' takes data, set, truncate, extra, flip and tlv",
        ),
        (
            "atr=3B00@ins=A4",
            "atr=3B00@ins=A4, character 10: the answer to reset comes before every command: use power, p, nth or times",
        ),
        ("mute@p=2", "mute@p=2, character 8: '2' is not a probability from 0 to 1"),
        (
            "mute@soon",
            "mute@soon, character 6: 'soon' says no time; use a number, every, ins, app, file, record, tag, status, nth, times, p, after or power",
        ),
    ] {
        assert_eq!(printed(text), error);
    }
}

#[test]
fn a_recipe_is_read_as_it_is_written() {
    let text = "seed = 7\nfaults = [\"flip@ins=B2\", \"slow=3s@5\"]\n\n[[fired]]\ncommand = 3\nfault = \"flip=17@3\"\n";
    let recipe = Recipe::parse(text).expect("a recipe");
    assert_eq!(recipe.to_string(), text);
    let wrong = Recipe::parse("seed = 7\nfaults = [\n  \"mute@0\"]");
    assert!(matches!(wrong, Err(RecipeError::Fault { line: 3, .. })), "{wrong:?}");
    assert!(matches!(Recipe::parse("sead = 7"), Err(RecipeError::Syntax(_))));
}

#[test]
fn shrinking_leaves_what_is_needed() {
    let faults = (1..=20).map(|n| format!("mute@{n}").parse().expect("a fault")).collect();
    let recipe = Recipe::new(faults, 1);
    let needed = ["mute@3", "mute@17"];
    let mut runs = 0;
    let smallest = recipe.shrink(|recipe| {
        runs += 1;
        let has = |wanted: &&str| recipe.faults.iter().any(|fault| fault.to_string() == **wanted);
        needed.iter().all(has)
    });
    let left: Vec<String> = smallest.faults.iter().map(ToString::to_string).collect();
    assert_eq!(left, needed);
    assert!(runs < 100, "{runs}");
}

proptest! {
    #[test]
    fn any_text_is_a_fault_or_an_error(text in ".{0,40}") {
        if let Ok(fault) = text.parse::<Fault>() {
            prop_assert_eq!(fault.to_string().parse::<Fault>(), Ok(fault));
        }
    }

    #[test]
    fn nearly_faults_are_faults_or_errors(text in "(instead:|command:)?(sw|data|flip|set|tlv|cut|atr)=?[0-9A-Fa-z:]{0,6}(@[a-z0-9=,]{0,12})?") {
        if let Ok(fault) = text.parse::<Fault>() {
            prop_assert_eq!(fault.to_string().parse::<Fault>(), Ok(fault));
        }
    }
}
