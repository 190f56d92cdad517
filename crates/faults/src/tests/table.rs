//! Every action under every condition, at bytes that are written here.

use std::time::Duration;

use crate::{After, Before, Fault, Faults, Fired};

/// `READ RECORD 08` with objects as its data, so that everything can be done to it: 70{5A 02 1234, 57 01 99}.
const READ: &str = "00B208000970075A021234570199";
/// The same objects, and more to come.
const OBJECTS: &str = "70075A0212345701996108";

/// Command, answer, seconds since the card was inserted; before the fifth the card is powered again.
const STEPS: [(&str, &str, u64); 6] = [
    ("00A4040008A000000333010101", "6F0A8408A0000003330101019000", 0),
    ("00A4000002EF06", "9000", 1),
    (READ, OBJECTS, 2),
    ("00B0080004", "5F24023012009000", 3),
    ("00A4000002EF05", "9000", 4),
    (READ, OBJECTS, 9),
];

/// Conditions, and at which steps they hold: of the third and the sixth, which are the same command.
const CONDITIONS: [(&str, &[usize]); 20] = [
    ("3", &[3]),
    ("every=3", &[3, 6]),
    ("ins=B2", &[3, 6]),
    ("ins=B2,app=A000000333", &[3]),
    ("ins=B2,app=A000000333010101", &[3]),
    ("ins=B2,app=A000000333010102", &[]),
    ("ins=B2,file=EF06", &[3]),
    ("for=B2", &[3, 6]),
    ("ins=C0,for=B2", &[]),
    ("record=08", &[3, 6]),
    ("record=09", &[]),
    ("ins=B2,nth=2", &[6]),
    ("ins=B2,times=1", &[3]),
    ("ins=B2,p=1", &[3, 6]),
    ("ins=B2,p=0", &[]),
    ("ins=B2,after=5s", &[6]),
    ("ins=B2,power=2", &[6]),
    ("ins=B2,insert=1", &[3, 6]),
    ("ins=B2,insert=2", &[]),
    ("record=08,every=6,nth=1,times=1,p=1,after=9s,power=2,file=EF05", &[6]),
];

/// Those that only an answer tells.
const OF_ANSWERS: [(&str, &[usize]); 4] =
    [("tag=5A", &[3, 6]), ("tag=5F24,ins=B2", &[]), ("status=6108", &[3, 6]), ("status=6A82", &[])];

/// What each action does to the command and its answer, and whether it comes before the answer.
const ACTIONS: [(&str, &str, bool); 53] = [
    ("sw=6100", "70075A0212345701996100", false),
    ("data=0102", "01026108", false),
    ("data=", "6108", false),
    ("answer=90", "90", false),
    ("answer=", "", false),
    ("truncate=3", "70075A", false),
    ("extra=AABB", "70075A021234570199AABB6108", false),
    ("flip=0", "F0075A0212345701996108", false),
    ("flip=71", "70075A0212345701986108", false),
    ("tlv=tag:5A", "70075B0212345701996108", false),
    ("tlv=length:5A", "70075A0312345701996108", false),
    ("tlv=nesting:5A", "70095A045A0212345701996108", false),
    ("tlv=order:5A", "70075701995A0212346108", false),
    ("tlv=double:57", "700A5A0212345701995701996108", false),
    ("tlv=missing:57", "70045A0212346108", false),
    ("tlv=indefinite:57", "70095A021234578099000 06108", false),
    ("tlv=padding:57", "70085A021234005701996108", false),
    ("tlv=long-length:57", "70085A02123457810 1996108", false),
    ("tlv=padding-ff:70", "70095A021234570199FFFF6108", false),
    ("tlv=longer-length:57", "70095A02123457820001996108", false),
    ("tlv=missing:70", "6108", false),
    ("size=2", "70076108", false),
    ("size=11", "70075A02123457019900006108", false),
    ("add=DF20:01", "700B5A021234570199DF2001016108", false),
    ("flip=5A:3", "70075A0202345701996108", false),
    ("set=5A:99", "70065A01995701996108", false),
    ("set=70:", "70006108", false),
    ("count=05", "70075A0212345701996105", false),
    ("stale", "9000", false),
    ("slow=3s", "70075A0212345701996108 after 3s", false),
    ("slow=250ms", "70075A0212345701996108 after 250ms", false),
    ("slow=40us", "70075A0212345701996108 after 40µs", false),
    ("mute", "mute, buffer Cleared", false),
    ("mute=stale", "mute, buffer Stale", false),
    ("remove", "removed, not sent", true),
    ("remove=before", "removed, not sent", true),
    ("remove=inside", "removed", false),
    ("remove=after", "70075A0212345701996108, removed", false),
    ("reset", "reset, not sent", true),
    ("cut=12", "cut after 12: 70075A0212345701996108", true),
    ("instead:sw=6F00", "not sent: 6F00", true),
    ("instead:data=0102", "not sent: 01029000", true),
    ("instead:answer=90", "not sent: 90", true),
    ("instead:stale", "not sent: 9000", true),
    ("instead:slow=3s", "not sent: 9000 after 3s", true),
    ("instead:mute", "not sent: mute, buffer Cleared", true),
    ("command:data=0102", "(00B20800020102) 70075A0212345701996108", true),
    ("command:set=5A:99", "(00B208000870065A0199570199) 70075A0212345701996108", true),
    ("command:truncate=4", "(00B20800) 70075A0212345701996108", true),
    ("command:extra=FF", "(00B208000970075A021234570199FF) 70075A0212345701996108", true),
    ("command:flip=0", "(00B2080009F0075A021234570199) 70075A0212345701996108", true),
    ("command:flip=5A:3", "(00B208000970075A020234570199) 70075A0212345701996108", true),
    ("command:tlv=missing:57", "(00B208000670045A021234) 70075A0212345701996108", true),
];

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text).expect("hex")
}

fn after(delay: Duration) -> String {
    if delay.is_zero() { String::new() } else { format!(" after {delay:?}") }
}

/// What becomes of each step.
fn played(faults: &mut Faults) -> Vec<String> {
    faults.power(&mut vec![0x3B, 0x00]);
    let mut outcomes = Vec::new();
    for (number, (command, answer, seconds)) in (1..).zip(STEPS) {
        if number == 5 {
            faults.power(&mut vec![0x3B, 0x00]);
        }
        let mut sent = bytes(command);
        let mut said = String::new();
        match faults.command(&mut sent, Duration::from_secs(seconds)) {
            Before::Send { cut } => {
                if let Some(written) = cut {
                    said = format!("cut after {written}: ");
                }
            }
            Before::Answer { answer, delay } => {
                outcomes.push(format!("not sent: {}{}", hex::encode_upper(answer), after(delay)));
                continue;
            }
            Before::Mute(buffer) => {
                outcomes.push(format!("not sent: mute, buffer {buffer:?}"));
                continue;
            }
            Before::Removed => {
                outcomes.push("removed, not sent".to_owned());
                continue;
            }
            Before::Reset => {
                outcomes.push("reset, not sent".to_owned());
                continue;
            }
        }
        if sent != bytes(command) {
            said = format!("({}) ", hex::encode_upper(&sent));
        }
        let mut answer = bytes(answer);
        said += &match faults.answer(&sent, &mut answer) {
            After::Answer { delay, removed } => {
                let removed = if removed { ", removed" } else { "" };
                format!("{}{}{removed}", hex::encode_upper(&answer), after(delay))
            }
            After::Mute { buffer, delay } => format!("mute, buffer {buffer:?}{}", after(delay)),
            After::Removed => "removed".to_owned(),
        };
        outcomes.push(said);
    }
    outcomes
}

#[test]
fn every_action_strikes_when_its_condition_holds_and_never_else() {
    let mut strikes = 0;
    for (action, bent, is_early) in ACTIONS {
        for (condition, steps) in CONDITIONS.into_iter().chain(OF_ANSWERS) {
            let text = format!("{action}@{condition}");
            let fault = text.parse::<Fault>();
            let is_of_answer = OF_ANSWERS.iter().any(|(known, _)| *known == condition);
            if is_early && is_of_answer {
                let refusal = fault.expect_err(&text).to_string();
                assert!(refusal.ends_with("so it cannot ask for tag or status"), "{refusal}");
                continue;
            }
            let mut faults = Faults::new([fault.expect(&text)], 1);
            let plain = STEPS.map(|(_, answer, _)| answer.to_owned());
            let mut wanted = plain.to_vec();
            for step in steps {
                wanted[step - 1] = bent.replace(' ', "");
            }
            let found = played(&mut faults);
            let found: Vec<String> = found.iter().map(|said| said.replace(' ', "")).collect();
            assert_eq!(found, wanted, "{text}");
            let fired: Vec<u64> = faults.fired().iter().map(|fired| fired.command).collect();
            let numbers: Vec<u64> = steps.iter().map(|step| *step as u64).collect();
            assert_eq!(fired, numbers, "{text}");
            strikes += fired.len();
        }
    }
    // Each of them 21 times, and 4 times by what only an answer tells, unless it comes before that.
    assert_eq!(strikes, 53 * 21 + 36 * 4);
}

#[test]
fn without_a_condition_an_action_strikes_at_every_command() {
    for (action, ..) in ACTIONS {
        let mut faults = Faults::new([action.parse().expect("a fault")], 1);
        let strikes = |faults: &Faults| faults.fired().len();
        played(&mut faults);
        // What is not in the bytes cannot be done to them.
        let wanted = match action {
            "count=05" => 2,
            "flip=71" => 3,
            "flip=0" => 4,
            "command:set=5A:99" | "command:tlv=missing:57" => 2,
            "command:flip=0" | "stale" | "instead:stale" => 5,
            "flip=5A:3" | "command:flip=5A:3" => 2,
            text if text.starts_with("add=") => 3,
            text if text.starts_with("tlv=") || text.starts_with("set=") => 2,
            _ => 6,
        };
        assert_eq!(strikes(&faults), wanted, "{action}");
    }
}

#[test]
fn what_cannot_be_done_has_not_struck() {
    for (text, step) in
        [("flip=70@times=1", 1), ("count=05@times=1", 3), ("tlv=order:5A@times=1", 3)]
    {
        let mut faults = Faults::new([text.parse().expect("a fault")], 1);
        played(&mut faults);
        let fired: Vec<u64> = faults.fired().iter().map(|fired| fired.command).collect();
        assert_eq!(fired, [step], "{text}");
    }
}

#[test]
fn another_answer_to_reset_comes_when_its_condition_holds() {
    for (condition, times) in [
        ("", &[1, 2, 3, 4][..]),
        ("@power=2", &[2]),
        ("@nth=3", &[3]),
        ("@times=2", &[1, 2]),
        ("@p=1", &[1, 2, 3, 4]),
        ("@p=0", &[]),
        ("@power=2,p=1,nth=1,times=1", &[2]),
        ("@insert=1", &[1, 2, 3, 4]),
        ("@insert=2", &[]),
    ] {
        let text = format!("atr=3B6000{condition}");
        let mut faults = Faults::new([text.parse().expect("a fault")], 1);
        let bent: Vec<u64> = (1..=4)
            .filter(|_| {
                let mut atr = vec![0x3B, 0x00];
                faults.power(&mut atr);
                assert!(atr == [0x3B, 0x00] || atr == [0x3B, 0x60, 0x00]);
                atr.len() == 3
            })
            .collect();
        assert_eq!(bent, times, "{text}");
        let fired: Vec<String> = faults.fired().iter().map(|one| one.fault.to_string()).collect();
        let wanted: Vec<String> = times.iter().map(|n| format!("atr=3B6000@power={n}")).collect();
        assert_eq!(fired, wanted, "{text}");
    }
    for condition in
        ["3", "every=3", "ins=A4", "app=A000000333", "file=EF06", "record=08", "after=1s"]
    {
        let refusal = format!("atr=3B00@{condition}").parse::<Fault>().expect_err(condition);
        assert!(refusal.problem.starts_with("the answer to reset comes before every command"));
    }
}

#[test]
fn what_is_drawn_is_drawn_from_the_seed_and_said() {
    for (fault, seed, fired) in [
        ("flip@3", 1, "flip=26@3"),
        ("flip@3", 2, "flip=46@3"),
        ("tlv=missing@3", 1, "tlv=missing:57@3"),
        ("tlv=missing@3", 2, "tlv=missing:5A@3"),
        ("tlv=order@3", 1, "tlv=order:5A@3"),
        ("command:flip@3", 1, "command:flip=26@3"),
    ] {
        let mut faults = Faults::new([fault.parse().expect("a fault")], seed);
        let once = played(&mut faults);
        let [struck] = faults.fired() else { panic!("{fault}") };
        assert_eq!(struck.fault.to_string(), fired, "{fault}, seed {seed}");
        let again = played(&mut Faults::new([struck.fault.clone()], 0));
        assert_eq!(once, again, "{fault}, seed {seed}");
    }
    let held = |seed| -> Vec<u64> {
        let mut faults = Faults::new(["mute@p=0.5".parse().expect("a fault")], seed);
        played(&mut faults);
        faults.fired().iter().map(|fired| fired.command).collect()
    };
    assert_eq!((held(1), held(2)), (vec![2, 4, 6], vec![1, 2, 5]));
}

#[test]
fn an_insertion_is_a_condition_and_is_replayed_where_it_was() {
    let session = |faults: &mut Faults| {
        let mut outcomes = Vec::new();
        for _ in 0..3 {
            faults.insert();
            let mut atr = vec![0x3B, 0x00];
            faults.power(&mut atr);
            outcomes.push(hex::encode_upper(atr));
            for _ in 0..2 {
                let (mut command, mut answer) = (bytes("0084000004"), bytes("010203049000"));
                assert_eq!(
                    faults.command(&mut command, Duration::ZERO),
                    Before::Send { cut: None }
                );
                faults.answer(&command, &mut answer);
                outcomes.push(hex::encode_upper(answer));
            }
        }
        outcomes
    };
    let texts =
        ["sw=6F01@1,insert=1", "sw=6F02@insert=2,2", "sw=6F03@1,nth=3", "atr=3B01@insert=3"];
    let faults = texts.map(|text| text.parse().expect("a fault"));
    let mut faults = Faults::new(faults, 1).awaiting_a_card();
    let once = session(&mut faults);
    let plain = "010203049000";
    let (first, second, third) = ("010203046F01", "010203046F02", "010203046F03");
    let wanted = ["3B00", first, plain, "3B00", plain, second, "3B01", third, plain];
    assert_eq!(once, wanted);
    let fired: Vec<String> = faults.fired().iter().map(|one| one.said().to_string()).collect();
    let said =
        ["sw=6F01@1", "sw=6F02@2,insert=2", "atr=3B01@power=1,insert=3", "sw=6F03@1,insert=3"];
    assert_eq!(fired, said);
    let fired = faults.fired().iter().cloned();
    assert_eq!(session(&mut Faults::replaying(fired, 0).awaiting_a_card()), once);
}

#[test]
fn several_faults_strike_one_after_the_other() {
    let faults =
        ["slow=1s@3", "truncate=4@3", "extra=FF@3", "sw=6F00@3", "slow=2s@3", "remove=after@3"];
    let mut faults = Faults::new(faults.map(|text| text.parse().expect("a fault")), 1);
    assert_eq!(played(&mut faults)[2], "7007FF6F00 after 3s, removed");
}

#[test]
fn a_selected_application_has_its_whole_name() {
    // By a part of its name, whose answer waits on T=0; and with the answer bent, which the card does not know.
    for (select, answers) in [
        ("00A4040005A000000333", vec!["6F0A8408A0000003330101019000"]),
        ("00A4040005A000000333", vec!["610C", "6F0A8408A0000003330101019000"]),
        ("00A4040005A000000333", vec!["6F0A8408A0000003330101016283"]),
    ] {
        let texts = ["sw=6A82@1", "sw=6F00@app=A000000333010101,ins=B2"];
        let mut faults = Faults::new(texts.map(|text| text.parse().expect("a fault")), 1);
        let mut send = |command: &str, answer: &str| {
            let (mut command, mut answer) = (bytes(command), bytes(answer));
            faults.command(&mut command, Duration::ZERO);
            faults.answer(&command, &mut answer);
            hex::encode_upper(answer)
        };
        for (place, answer) in answers.iter().enumerate() {
            send(if place == 0 { select } else { "00C000000C" }, answer);
        }
        assert_eq!(send("00B2010C00", "70009000"), "70006F00", "{answers:?}");
        assert_eq!(send("00A4040005A000000003", "6A82"), "6A82");
        assert_eq!(send("00B2010C00", "70009000"), "70006F00", "what was not selected");
        assert_eq!(send("00A4040005A000000004", "9000"), "9000");
        assert_eq!(send("00B2010C00", "70009000"), "70009000");
    }
}

#[test]
fn faults_that_come_later_know_what_was_before() {
    let mut faults = Faults::default().attentive();
    let steps = [
        ("00A4040008A000000333010101", "6F0F8408A000000333010101A5039F38009000"),
        ("80CA9F1700", "9F1701039000"),
    ];
    for (command, answer) in steps {
        faults.passed(&bytes(command), &bytes(answer));
    }
    let late = ["stale@3", "sw=6F01@app=A000000333010101,4", "sw=6F02@5"];
    late.iter().for_each(|text| faults.arm(text.parse().expect("a fault")));
    let mut send = || {
        let (mut command, mut answer) = (bytes("80CA9F3600"), bytes("9F360200019000"));
        faults.command(&mut command, Duration::ZERO);
        faults.answer(&command, &mut answer);
        hex::encode_upper(answer)
    };
    let sent: Vec<String> = (0..3).map(|_| send()).collect();
    assert_eq!(sent, ["9F1701039000", "9F360200016F01", "9F360200016F02"]);
    faults.clear();
    assert!(faults.is_empty());
    assert_eq!((faults.fired().len(), faults.given().len()), (3, 3));
}

#[test]
fn a_replay_takes_no_faults_and_keeps_its_own() {
    let fault = |text: &str| text.parse::<Fault>().expect("a fault");
    let mut faults = Faults::replaying([Fired::of(fault("sw=6F00@3"))], 1);
    faults.arm(fault("mute"));
    faults.clear();
    assert_eq!(
        faults.faults().map(ToString::to_string).collect::<Vec<_>>(),
        ["sw=6F00@3,insert=1"]
    );
}
