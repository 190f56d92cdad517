//! `--fault` and its like in every command that talks to a card: what it does to bytes, how the command ends, what is refused.

use std::fs;

use crate::sscard::{SELECT_SSSE, card, folder, json, ok, path, piped, program, run, script};

mod recipes;
mod scripts;

/// The first three exchanges of a session; the environment's FCI has 30 bytes, EF06 nothing but a status word.
const SESSION: [&str; 3] = [SELECT_SSSE, "00C000001E", "00A4000002EF06"];
const FCI: &str = "6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C038601039000";
const SELECT_BANK: &str = "00A4040008A000000333010101";

/// The answers of `transmit --raw`, its stderr, its exit code.
fn answers(faults: &[&str], commands: &[&str]) -> (Vec<String>, String, i32) {
    let faults = faults.iter().flat_map(|fault| ["--fault", fault]);
    let args: Vec<&str> =
        ["transmit", "--raw"].into_iter().chain(faults).chain(commands.iter().copied()).collect();
    let (stdout, stderr, code) = run(&args);
    let answers = stdout.lines().filter_map(|line| line.strip_prefix("< "));
    (answers.map(str::to_owned).collect(), stderr, code)
}

/// Answers of a session that comes to its end.
fn answered(fault: &str, commands: &[&str]) -> Vec<String> {
    let (answers, stderr, code) = answers(&[fault], commands);
    assert_eq!((stderr.as_str(), code), ("", 0), "{fault}");
    answers
}

#[test]
fn an_answer_is_bent_to_the_byte() {
    assert_eq!(answered("sw=6F00@9", &SESSION), ["611E", FCI, "9000"]);
    let data = &FCI[..60];
    for (fault, second) in [
        ("sw=6100@2", format!("{data}6100")),
        ("data=0102@2", "01029000".to_owned()),
        ("truncate=3@2", FCI[..6].to_owned()),
        ("extra=AABB@2", format!("{data}AABB9000")),
        ("flip=0@2", format!("EF{}", &FCI[2..])),
        ("tlv=missing:84@tag=84", format!("6F0B{}", &FCI[38..])),
        ("set=88:02@ins=C0", FCI.replace("88011E", "880102")),
        ("stale@2", "611E".to_owned()),
        ("slow=10ms@2", FCI.to_owned()),
        ("instead:sw=6F00@2", "6F00".to_owned()),
        ("instead:data=0102@2", "01029000".to_owned()),
        ("command:set=84:00@2", FCI.to_owned()),
    ] {
        assert_eq!(answered(fault, &SESSION), ["611E", &second, "9000"], "{fault}");
    }
    assert_eq!(answered("count=05@1", &SESSION)[0], "6105");
    assert_eq!(answered("command:truncate=5@2", &SESSION)[1], FCI);
    assert_eq!(answered("command:data=EF07@3", &SESSION)[2], "9000");
}

#[test]
fn the_words_of_the_field_do_what_they_say() {
    // The data of any answer while the application is selected; its status word stays, also of an error.
    let fault = "data=DF01@app=A000000333010101";
    let commands =
        [SELECT_BANK, "80CA9F3600", "80CA9F1704", "00B2FF0C00", SELECT_SSSE, "0084000008"];
    let plain = answered("sw=6F00@9", &commands);
    assert_eq!(plain[..5], ["614D", "6C05", "9F1701039000", "6A83", "611E"]);
    let with_data = ["614D", "DF016C05", "DF019000", "DF016A83", "DF01611E"];
    let got = answered(fault, &commands);
    assert_eq!(got[..5], with_data, "SELECT is answered before, or where it leaves from");
    assert_eq!(got[5], plain[5]);
}

#[test]
fn a_bit_of_what_an_instruction_answers_falls_over() {
    let plain = answered("sw=6F00@9", &SESSION);
    let bent = answered("flip@ins=C0", &SESSION);
    let differs = |left: &str, right: &str| {
        let bytes = |text: &str| hex::decode(text).expect("hex");
        let pairs = bytes(left).into_iter().zip(bytes(right));
        pairs.map(|(left, right)| (left ^ right).count_ones()).sum::<u32>()
    };
    assert_eq!((plain[0].clone(), plain[2].clone()), (bent[0].clone(), bent[2].clone()));
    assert_eq!((differs(&plain[1], &bent[1]), plain[1].len()), (1, bent[1].len()));
    assert!(bent[1].ends_with("9000"));
    assert_eq!(answered("flip@ins=C0", &SESSION), bent, "the same seed");
    let args = ["transmit", "--raw", "--fault", "flip@ins=C0", "--fault-seed", "2"];
    let other = ok(&[&args[..], &SESSION].concat());
    assert!(!other.contains(&bent[1]), "another seed");
}

#[test]
fn what_does_not_answer_ends_the_command_with_its_code() {
    let removed = "sscard: the card was removed or lost its power\n";
    for (fault, count, stderr, code) in [
        ("mute@2", 1, "sscard: no answer in time\n", 5),
        ("mute=stale@2", 1, "sscard: no answer in time\n", 5),
        ("instead:mute@3", 2, "sscard: no answer in time\n", 5),
        ("remove@3", 2, removed, 7),
        ("remove=inside@3", 2, removed, 7),
        ("remove=after@2", 2, removed, 7),
        ("reset@2", 1, "sscard: the card was reset\n", 7),
        ("cut=0@ins=20", 2, removed, 7),
    ] {
        let (got, said, ended) =
            answers(&[fault], &[SELECT_SSSE, "00C000001E", "0020000003111111"]);
        assert_eq!((got.len(), said.as_str(), ended), (count, stderr, code), "{fault}");
    }
}

#[test]
fn every_command_meets_a_fault() {
    let timed_out = "sscard: no answer in time\n";
    let removed = "sscard: the card was removed or lost its power\n";
    for (args, stderr, code) in [
        (&["transmit", "--fault", "mute@1", SELECT_SSSE][..], timed_out, 5),
        (&["read", "--fault", "mute@7"], timed_out, 5),
        (&["read", "--all", "--fault", "remove@9"], removed, 7),
        (&["read", "--contactless", "--fault", "remove=inside@4"], removed, 7),
        (&["pay", "--amount", "1", "--fault", "mute@3"], timed_out, 5),
        (&["pay", "--amount", "1", "--contactless", "--fault", "remove@3"], removed, 7),
    ] {
        let (_, said, ended) = run(args);
        assert_eq!((said.as_str(), ended), (stderr, code), "{args:?}");
    }
    let (_, said, code) = script("select SSSE\nselect 3F00\n", &["--fault", "mute@2"]);
    assert!(said.contains("a.apdu:2:1: no answer in time"), "{said}");
    assert_eq!(code, 5);
    let output =
        piped(program().args(["shell", "--fault", "remove@2"]), "select SSSE\nselect 3F00\n");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.contains("<stdin>:2:1: the card was removed or lost its power"), "{said}");
    assert_eq!(output.status.code(), Some(7));
}

#[test]
fn a_wrong_answer_reaches_the_terminal() {
    let (stdout, _, code) = run(&["read", "--fault", "sw=6A83@ins=B2"]);
    assert_eq!(code, 1, "{stdout}");
    let (_, stderr, code) = run(&["pay", "--amount", "1", "--fault", "sw=6985@ins=A8"]);
    assert_eq!(code, 1);
    assert!(stderr.contains("6985"), "{stderr}");
}

#[test]
fn another_answer_to_reset_is_what_the_reader_sees() {
    // Inverse convention; the historical bytes, of which its key is made, are its own.
    let atr = "3F6D0000008153534386009999790776A7";
    let stdout = ok(&["read", "--fault", &format!("atr={atr}")]);
    assert!(stdout.starts_with(&format!("ATR        {atr}\n")), "{stdout}");
    let (stdout, stderr, code) =
        run(&["read", "--fault", "atr=3B6D0000008154443286609999790776A7"]);
    let refused =
        "internal authentication failed: the card is not one of this city's (keys are TEST keys)";
    assert_eq!((stdout.as_str(), stderr, code), ("", format!("sscard: {refused}\n"), 1));
    let text = "print hex(atr())\nreset\nprint hex(atr())\nreset\nprint hex(atr())\n";
    let (stdout, ..) = script(text, &["--fault", "atr=3B00@power=2"]);
    let own = "3B6D0000008153534386009999790776A7";
    let printed: Vec<&str> = stdout.lines().filter(|line| line.starts_with("3B")).collect();
    assert_eq!(printed, [own, "3B00", own]);
}

#[test]
fn a_slow_card_takes_its_time() {
    let begun = std::time::Instant::now();
    answered("slow=300ms@2", &SESSION);
    assert!(begun.elapsed() >= std::time::Duration::from_millis(300));
}

#[test]
fn a_power_cut_is_the_cards_own_and_its_file_stays_sound() {
    let tries = |image: &str| {
        json(&["inspect", "--card", image, "--json"])["pins"][0]["tries_left"]
            .as_u64()
            .expect("a number")
    };
    let wrong = "0020000003111111";
    for bytes in 0..12 {
        let (_folder, image) = card(&[]);
        let fault = format!("cut={bytes}@2");
        let args =
            ["transmit", "--card", &image, "--raw", "--fault", &fault, SELECT_SSSE, wrong, wrong];
        let (_, stderr, code) = run(&args);
        // Whatever was written until then: the card in its file is one, and its tries go down only.
        assert!([5, 6].contains(&tries(&image)) || code == 0, "{bytes}: {stderr}");
        if bytes == 0 {
            assert_eq!(
                (stderr.as_str(), code),
                ("sscard: the card was removed or lost its power\n", 7)
            );
            assert_eq!(tries(&image), 6, "nothing was written");
        }
        ok(&["read", "--card", &image]);
        ok(&["transmit", "--card", &image, "--check", SELECT_SSSE]);
    }
    // The try that a lost answer used is used.
    let (_folder, image) = card(&[]);
    let (_, _, code) =
        run(&["transmit", "--card", &image, "--fault", "remove=inside@ins=20", SELECT_SSSE, wrong]);
    assert_eq!((code, tries(&image)), (7, 5));
    let (_, _, code) =
        run(&["transmit", "--card", &image, "--fault", "remove@ins=20", SELECT_SSSE, wrong]);
    assert_eq!((code, tries(&image)), (7, 5), "a card that is gone saw nothing");
    ok(&["transmit", "--card", &image, "--fault", "instead:sw=9000@ins=20", SELECT_SSSE, wrong]);
    assert_eq!(tries(&image), 5, "nor one that something stands for");
}

#[test]
fn what_is_no_fault_is_refused_with_its_place_before_a_card_is_opened() {
    let actions = "sw, data, answer, truncate, size, extra, flip, tlv, set, add, count, stale, slow, mute, remove, reset, cut or atr";
    let image = "/nowhere/card.img";
    for (fault, problem) in [
        ("sv=6100", format!("sv=****, character 1: there is no fault 'sv'; use {actions}")),
        (
            "sw=61@3",
            "sw=61@3, character 4: '61' is not two bytes, four hexadecimal digits".to_owned(),
        ),
        ("mute@0", "mute@0, character 6: '0' is not a number from 1 on".to_owned()),
        (
            "slow=3@5",
            "slow=3@5, character 6: '3' is not a time such as 3s, 250ms or 40us".to_owned(),
        ),
        ("739154", format!("******, character 1: there is no fault '******'; use {actions}")),
        ("", format!("'', character 1: there is no fault ''; use {actions}")),
    ] {
        for command in [
            &["transmit", "--card", image, "00A40000023F00"][..],
            &["read", "--card", image],
            &["pay", "--card", image, "--amount", "1"],
            &["run", "--card", image, "/nowhere/a.apdu"],
            &["shell", "--card", image],
        ] {
            let given = format!("--fault={fault}");
            let (stdout, stderr, code) = run(&[command, &[&given]].concat());
            let wanted = format!("sscard: --fault {problem}\n");
            assert_eq!((stdout.as_str(), stderr, code), ("", wanted, 2), "{command:?}");
        }
    }
    for option in ["--shrink", "--fault-log"] {
        let (stdout, stderr, code) =
            run(&["transmit", "--fault", "mute", option, "-", "00A40000023F00"]);
        let wanted = "-: a recipe is written to a file: name it, ./- if it is to be called so\n";
        assert_eq!((stdout.as_str(), code), ("", 2));
        assert_eq!(stderr, format!("sscard: {option} {wanted}"));
    }
    let (_, stderr, code) =
        run(&["transmit", "--fault-seed", "9223372036854775808", "00A40000023F00"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("9223372036854775807"), "{stderr}");
}

#[test]
fn what_no_channel_can_do_is_refused_for_a_card_in_a_reader() {
    let reason = "the power of a card in a reader cannot be cut while it writes: use remove=inside, which loses the \
                  answer and the power, or a virtual card";
    let wanted = format!("sscard: --fault cut=12@4: {reason}\n");
    let files = folder(&[
        ("r.toml", "faults = [\"mute@1\", \"cut=12@4\"]\n"),
        ("a.apdu", "select SSSE\nfault set mute@1 cut=3@9\n"),
        ("b.apdu", "select SSSE\n"),
    ]);
    let (recipe, b) = (path(&files, "r.toml"), path(&files, "b.apdu"));
    for faults in [["--fault", "cut=12@4"], ["--faults", &recipe]] {
        for command in [
            &["transmit", "--reader", "nobody", "00A40000023F00"][..],
            &["read", "--reader", "nobody"],
            &["pay", "--reader", "nobody", "--amount", "1"],
            &["run", "--reader", "nobody", &b],
            &["shell", "--reader", "nobody"],
        ] {
            let (_, stderr, code) = run(&[command, &faults].concat());
            assert_eq!((stderr.as_str(), code), (wanted.as_str(), 2), "{command:?}");
        }
    }
    let (_, stderr, code) = run(&["run", "--reader", "nobody", &path(&files, "a.apdu")]);
    let unwrapped =
        stderr.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
    assert!(unwrapped.contains(&format!("a.apdu:2:1: cut=3@9: {reason}")), "{stderr}");
    assert_eq!(code, 3);
    // The others are the channel's: here only the reader is missing.
    let (_, _, code) =
        run(&["transmit", "--reader", "nobody", "--fault", "mute@1", "00A40000023F00"]);
    assert_eq!(code, 4);
}

#[test]
fn two_cards_are_compared_without_faults() {
    let files = folder(&[("a.apdu", "select SSSE\n")]);
    let (_, image) = card(&[]);
    let (_, stderr, code) =
        run(&["run", &path(&files, "a.apdu"), "--compare", &image, "--fault", "mute@1"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("--compare"), "{stderr}");
    assert!(fs::read_dir(files.path()).expect("a folder").count() == 1);
}
