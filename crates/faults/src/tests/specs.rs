use proptest::prelude::*;

use crate::{Fault, Recipe};

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
        "tlv=longer-length:70",
        "tlv=padding-ff:A5",
        "flip=9F46:20@for=B2",
        "command:flip=9F66:3",
        "add=9F38:@tag=6F",
        "size=65536@3",
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
            "sv=****, character 1: there is no fault 'sv'; use sw, data, answer, truncate, size, extra, flip, tlv, set, add, count, stale, slow, mute, remove, reset, cut or atr",
        ),
        (
            "739154",
            "******, character 1: there is no fault '******'; use sw, data, answer, truncate, size, extra, flip, tlv, set, add, count, stale, slow, mute, remove, reset, cut or atr",
        ),
        (
            "command:data=73915@ins=20",
            "command:data=*****@ins=20, character 14: '*****' is not pairs of hexadecimal digits",
        ),
        (
            "command:set=9F66:F600000",
            "command:set=****:*******, character 18: '*******' is not pairs of hexadecimal digits",
        ),
        ("data=73915", "data=73915, character 6: '73915' is not pairs of hexadecimal digits"),
        ("sw", "sw, character 1: sw needs a value, such as sw=6100"),
        ("sw=61", "sw=61, character 4: '61' is not two bytes, four hexadecimal digits"),
        ("mute@0", "mute@0, character 6: '0' is not a number from 1 on"),
        ("slow=3@1", "slow=3@1, character 6: '3' is not a time such as 3s, 250ms or 40us"),
        ("mute@1,ins=2", "mute@1,ins=2, character 12: '2' is not one byte, two hexadecimal digits"),
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
            "command:sw=****, character 9: 'command:' takes data, set, truncate, extra, flip and tlv",
        ),
        (
            "atr=3B00@ins=A4",
            "atr=3B00@ins=A4, character 10: the answer to reset comes before every command: use power, insert, p, nth or times",
        ),
        ("size=70001", "size=70001, character 6: '70001' is not at most 70000 bytes"),
        ("flip=90:x", "flip=90:x, character 9: 'x' is not a bit's number, from 0"),
        ("add=90", "add=90, character 5: '90' is not TAG:HEX, such as 9F6C:8000"),
        ("mute@p=2", "mute@p=2, character 8: '2' is not a probability from 0 to 1"),
        (
            "mute@soon",
            "mute@soon, character 6: there is no condition 'soon'; use a number, every, ins, for, app, file, record, tag, status, nth, times, p, after, power or insert",
        ),
    ] {
        assert_eq!(printed(text), error);
    }
}

#[test]
fn what_a_command_gets_on_its_way_may_be_a_pin() {
    for (text, shown) in [
        ("command:data=739154", "command:data=******"),
        ("command:data=739154@ins=20,app=A000000333", "command:data=******@ins=20,app=A000000333"),
        ("command:extra=739154@3", "command:extra=******@3"),
        ("command:set=9F66:F6004000", "command:set=9F66:F6004000"),
        ("command:flip=1234", "command:flip=1234"),
        ("data=739154", "data=739154"),
    ] {
        assert_eq!(text.parse::<Fault>().expect(text).redacted(), shown);
    }
}

#[test]
fn a_recipe_is_read_as_it_is_written() {
    for text in [
        "seed = 7\nfaults = [\"flip@ins=B2\"]\n",
        "seed = 0\nfaults = []\nfired = []\n",
        "seed = 7\nfaults = [\n    \"flip@ins=B2\",\n    \"slow=3s@5\",\n]\n\n[[fired]]\ncommand = 3\nfault = \"flip=17@3\"\n\n[[fired]]\ncommand = 0\nfault = \"atr=3B00@power=2\"\n",
    ] {
        assert_eq!(Recipe::parse(text).expect("a recipe").to_string(), text);
    }
    let largest = Recipe::new(Vec::new(), Recipe::LARGEST_SEED);
    assert_eq!(Recipe::parse(&largest.to_string()), Ok(largest));
}

#[test]
fn what_is_wrong_in_a_recipe_is_said_with_its_place() {
    for (text, error) in [
        ("seed = 7\nfaults = [\n  \"mute@0\"]", "3:9: mute@0: '0' is not a number from 1 on"),
        (
            "faults = ['社@1']",
            "1:12: 社@1: there is no fault '社'; use sw, data, answer, truncate, size, extra, flip, tlv, set, add, count, stale, slow, mute, remove, reset, cut or atr",
        ),
        ("faults = [\"mu\\u0074e@0\"]", "1:11: mute@0: '0' is not a number from 1 on"),
        (
            "sead = 7",
            "1:1: unknown field `sead`, expected one of `seed`, `faults`, `card`, `evil`, `fired`",
        ),
        (
            "[[fired]]\ncommand = 4\nfault = \"mute@3\"",
            "2:11: command = 4 and the fault mute@3 do not belong together: behind @ stands the command's number, and an answer to reset has command = 0",
        ),
        (
            "[[fired]]\ncommand = 0\nfault = \"mute@3\"",
            "2:11: command = 0 and the fault mute@3 do not belong together: behind @ stands the command's number, and an answer to reset has command = 0",
        ),
        ("faults = [7]", "1:11: invalid type: integer `7`, expected a string"),
    ] {
        assert_eq!(Recipe::parse(text).expect_err(text).to_string(), error);
    }
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
