//! Recipes: written, replayed byte for byte in another process, refused, made smaller.

use std::fs;

use crate::sscard::{SELECT_SSSE, card, folder, ok, path, piped, program, run};

/// A run that failed, recorded: its recipe, what it said, and what it ended with.
const FAILED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults/failed");

/// A reader at a counter: the environment, its directory, the card's number, how many tries are left, the bank's application.
const VISIT: [&str; 11] = [
    SELECT_SSSE,
    "00C000001E",
    "00A4000002EF05",
    "00B2010012",
    "00B2030006",
    "00B207000B",
    "00200000",
    "00A4040008A000000333010101",
    "00C000004D",
    "80CA9F3605",
    "80CA9F1704",
];

/// What the recorded run's commands come to with these options.
fn visit(options: &[&str]) -> (Vec<u8>, Vec<u8>, Option<i32>) {
    let args = [&["transmit", "--raw", "--check"][..], options, &VISIT].concat();
    let output = piped(program().current_dir(FAILED).args(args), "");
    (output.stdout, output.stderr, output.status.code())
}

#[test]
fn a_recorded_failing_run_replays_byte_for_byte() {
    let read = |name: &str| fs::read(format!("{FAILED}/{name}")).expect(name);
    let files = folder(&[]);
    let log = path(&files, "log.toml");
    if std::env::var_os("BLESS").is_some() {
        let faults = [
            "--fault=flip@p=0.4",
            "--fault=tlv=double@tag=84",
            "--fault=stale@every=5",
            "--fault=mute=stale@11",
        ];
        let (stdout, stderr, _) = visit(
            &[&faults[..], &["--fault-seed=11", "--fault-log", &format!("{FAILED}/recipe.toml")]]
                .concat(),
        );
        fs::write(format!("{FAILED}/stdout.txt"), stdout).expect("written");
        fs::write(format!("{FAILED}/stderr.txt"), stderr).expect("written");
    }
    let (stdout, stderr, code) = visit(&["--faults", "recipe.toml", "--fault-log", &log]);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(text(&stdout), text(&read("stdout.txt")));
    assert_eq!(text(&stderr), text(&read("stderr.txt")));
    assert_eq!(code, Some(5));
    let again = text(&fs::read(log).expect("a recipe"));
    assert_eq!(again, text(&read("recipe.toml")), "the recipe of a replay is the recipe");
    assert_ne!(visit(&[]).0, read("stdout.txt"));
}

#[test]
fn what_was_drawn_is_in_the_recipe_and_replays_elsewhere() {
    let files = folder(&[]);
    let (log, again) = (path(&files, "log.toml"), path(&files, "again.toml"));
    let session =
        [SELECT_SSSE, "00C000001E", "00A4000002EF05", "00B2030006", "00B2010012", "0084000008"];
    let options =
        ["--fault", "tlv=double@tag=84", "--fault", "flip@p=0.6", "--fault", "sw=6283@every=4"];
    let transmit = |more: &[&str]| run(&[&["transmit", "--raw"], more, &session].concat());
    let first = transmit(&[&options[..], &["--fault-seed", "3", "--fault-log", &log]].concat());
    let recipe = fs::read_to_string(&log).expect("a recipe");
    let struck = ["tlv=double:88@2", "flip=80@2", "sw=6283@4", "flip=45@6"].map(|fault| {
        let command = fault.split('@').nth(1).expect("its command");
        format!("\n[[fired]]\ncommand = {command}\nfault = \"{fault}\"\n")
    });
    let asked = "seed = 3\nfaults = [\n    \"tlv=double@tag=84\",\n    \"flip@p=0.6\",\n    \"sw=6283@every=4\",\n]\n";
    assert_eq!(recipe, format!("{asked}{}", struck.concat()));
    assert_eq!(transmit(&["--faults", &log, "--fault-log", &again]), first);
    assert_eq!(fs::read_to_string(&again).expect("a recipe"), recipe);
    // Another seed draws anew; the same one comes to the same.
    assert_eq!(transmit(&["--faults", &log, "--fault-seed", "3"]), first);
    assert_ne!(transmit(&["--faults", &log, "--fault-seed", "4"]).0, first.0);
    // One more fault strikes beside them.
    let (stdout, _, code) = transmit(&["--faults", &log, "--fault", "mute@1"]);
    assert_eq!((stdout.as_str(), code), (format!("> {SELECT_SSSE}\n").as_str(), 5));
}

#[test]
fn a_recipe_is_its_owners_and_holds_no_pin() {
    let files = folder(&[]);
    let log = path(&files, "log.toml");
    let pin = "123456";
    let options = ["--fault", "command:flip@ins=20", "--fault", "stale@ins=20"];
    let more = ["--pin", pin, "--fault-log", &log];
    run(&[&["read"], &options[..], &more].concat());
    let recipe = fs::read_to_string(&log).expect("a recipe");
    assert_eq!(recipe.matches("fault = \"command:flip=").count(), 1, "the PIN was bent: {recipe}");
    assert_eq!(recipe.matches("fault = \"stale@").count(), 1, "{recipe}");
    assert!(!recipe.contains(pin), "{recipe}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&log).expect("there").permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_recipe_is_written_however_the_run_ends() {
    let files = folder(&[]);
    let log = path(&files, "log.toml");
    for (fault, code, recipe) in [
        ("sw=6F00@9", 0, "seed = 0\nfaults = [\"sw=6F00@9\"]\nfired = []\n"),
        (
            "mute@1",
            5,
            "seed = 0\nfaults = [\"mute@1\"]\n\n[[fired]]\ncommand = 1\nfault = \"mute@1\"\n",
        ),
        (
            "remove",
            7,
            "seed = 0\nfaults = [\"remove\"]\n\n[[fired]]\ncommand = 1\nfault = \"remove@1\"\n",
        ),
        (
            "atr=3B00",
            0,
            "seed = 0\nfaults = [\"atr=3B00\"]\n\n[[fired]]\ncommand = 0\nfault = \"atr=3B00@power=1\"\n",
        ),
    ] {
        let (_, _, ended) = run(&["transmit", "--fault", fault, "--fault-log", &log, SELECT_SSSE]);
        assert_eq!(ended, code, "{fault}");
        assert_eq!(fs::read_to_string(&log).expect("a recipe"), recipe);
    }
    let (_, _, code) = run(&["read", "--fault", "mute@7", "--fault-log", &log]);
    assert_eq!(code, 5);
    assert!(
        fs::read_to_string(&log).expect("a recipe").contains("command = 7\nfault = \"mute@7\"")
    );
    run(&["pay", "--amount", "1", "--fault", "remove@5", "--fault-log", &log]);
    assert!(
        fs::read_to_string(&log).expect("a recipe").contains("command = 5\nfault = \"remove@5\"")
    );
}

#[test]
fn a_wrong_recipe_is_refused_with_its_place() {
    let files = folder(&[("a.apdu", "select SSSE\n")]);
    let (recipe, apdu) = (path(&files, "r.toml"), path(&files, "a.apdu"));
    for (text, problem) in [
        (
            "seed = 1\nfaults = [\n  \"mute@1\",\n  \"sw=61@3\",\n]\n",
            "4:7: sw=61@3: '61' is not two bytes, four hexadecimal digits",
        ),
        (
            "sead = 1\n",
            "1:1: unknown field `sead`, expected one of `seed`, `faults`, `card`, `evil`, `fired`",
        ),
        ("faults = [7]\n", "1:11: invalid type: integer `7`, expected a string"),
        (
            "seed = -1\n",
            "1:8: invalid value: integer `-1`, expected a whole number from 0 to 9223372036854775807",
        ),
        ("faults = [\"mute@1\"", "1:19: unclosed array, expected `]`"),
        (
            "faults = [\"command:data=739154g\"]\n",
            "1:25: command:data=******g: '******g' is not pairs of hexadecimal digits",
        ),
    ] {
        fs::write(&recipe, text).expect("written");
        for command in [
            &["transmit", SELECT_SSSE][..],
            &["read"],
            &["pay", "--amount", "1"],
            &["run", &apdu],
            &["shell"],
        ] {
            let (stdout, stderr, code) = run(&[command, &["--faults", &recipe]].concat());
            let wanted = format!("sscard: {recipe}:{problem}\n");
            assert_eq!((stdout.as_str(), stderr, code), ("", wanted, 3), "{command:?}");
        }
    }
    let (_, stderr, code) = run(&["read", "--faults", "/nowhere/r.toml"]);
    assert_eq!(code, 3);
    assert!(stderr.starts_with("sscard: /nowhere/r.toml: "), "{stderr}");
}

#[test]
fn nothing_that_is_read_is_written_over() {
    let (files, image) = card(&[]);
    let recipe = path(&files, "r.toml");
    fs::write(&recipe, "faults = [\"mute@1\"]\n").expect("written");
    for (option, file) in [
        ("--fault-log", &recipe),
        ("--shrink", &recipe),
        ("--fault-log", &image),
        ("--shrink", &image),
    ] {
        let before = fs::read(file).expect("there");
        let (_, stderr, code) = run(&["read", "--faults", &recipe, option, file]);
        assert_eq!(code, 2, "{option} {file}: {stderr}");
        assert_eq!(fs::read(file).expect("there"), before);
    }
    let files = folder(&[("a.apdu", "select SSSE\n"), ("b.apdu", "select SSSE\n")]);
    let (a, b) = (path(&files, "a.apdu"), path(&files, "b.apdu"));
    let (_, stderr, code) = run(&["run", &a, &b, "--fault-log", &path(&files, "log.toml")]);
    assert_eq!(
        (stderr.as_str(), code),
        ("sscard: --fault-log: one recipe belongs to one script\n", 2)
    );
    let (_, _, code) = run(&["run", &a, &b, "--fault", "sw=6F00@1"]);
    assert_eq!(code, 0, "each script has the faults from its beginning");
}

#[test]
fn the_smallest_recipe_is_found() {
    let (files, image) = card(&[]);
    let (recipe, small, apdu) =
        (path(&files, "r.toml"), path(&files, "s.toml"), path(&files, "a.apdu"));
    let faults: Vec<String> = (1..=9).map(|n| format!("\"slow=1ms@{n}\"")).collect();
    let text =
        format!("faults = [{}, \"flip=0@2\", \"sw=6A82@3\", \"sw=9000@4\"]\n", faults.join(", "));
    fs::write(&recipe, text).expect("written");
    fs::write(
        &apdu,
        "select SSSE\n> 00C000001E\n> 00A4000002EF06\nexpect sw 9000\n> 0020000003111111\n",
    )
    .expect("written");
    let before = fs::read(&image).expect("there");
    let stdout = ok(&["run", &apdu, "--card", &image, "--faults", &recipe, "--shrink", &small]);
    assert!(stdout.starts_with(&format!("{small}: 1 of 5 faults, exit code 1, ")), "{stdout}");
    let wanted =
        "seed = 0\nfaults = [\"sw=6A82@3\"]\n\n[[fired]]\ncommand = 3\nfault = \"sw=6A82@3\"\n";
    assert_eq!(fs::read_to_string(&small).expect("a recipe"), wanted);
    assert_eq!(fs::read(&image).expect("there"), before, "the card's file stays as it is");
    let (_, _, code) = run(&["run", &apdu, "--faults", &small]);
    assert_eq!(code, 1, "it still fails");
}

#[test]
fn every_command_shrinks_by_its_exit_code() {
    let files = folder(&[("a.apdu", "select SSSE\n> 00C000001E\n")]);
    let (small, apdu) = (path(&files, "s.toml"), path(&files, "a.apdu"));
    let harmless = ["--fault", "slow=1ms@1", "--fault", "slow=1ms@p=0.9", "--fault", "extra=@2"];
    for (command, stdin, fault, code) in [
        (&["transmit", SELECT_SSSE, "00C000001E"][..], "", "mute@2", 5),
        (&["read"], "", "remove@7", 7),
        (&["read", "--pin", "-"], "123456\n", "sw=63C5@ins=20", 1),
        (&["pay", "--amount", "1"], "", "mute@5", 5),
        (&["run", &apdu], "", "reset@2", 7),
        (&["shell"], "select SSSE\n> 00C000001E\n", "remove@2", 7),
    ] {
        let args = [command, &harmless[..], &["--fault", fault, "--shrink", &small]].concat();
        let output = piped(program().args(&args), stdin);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(
            (text(&output.stderr).as_str(), output.status.code()),
            ("", Some(0)),
            "{args:?}"
        );
        let said = text(&output.stdout);
        assert!(said.starts_with(&format!("{small}: 1 of ")), "{said}");
        assert!(said.contains(&format!(" faults, exit code {code}, ")), "{said}");
        let recipe = fs::read_to_string(&small).expect("a recipe");
        assert_eq!(recipe.matches("[[fired]]").count(), 1, "{recipe}");
        let action = fault.split('@').next().expect("an action");
        assert!(recipe.contains(&format!("fault = \"{action}@")), "{recipe}");
        let again = piped(program().args(command).args(["--faults", &small]), stdin);
        assert_eq!(again.status.code(), Some(code), "{command:?}");
    }
}

#[test]
fn what_cannot_be_shrunk_is_said() {
    let files = folder(&[]);
    let (small, other) = (path(&files, "s.toml"), path(&files, "o"));
    for (more, wanted, code) in [
        (
            &["--fault", "slow=1ms@1"][..],
            "--shrink: the command does not fail with these faults: its exit code is 0",
            1,
        ),
        (&[], "--shrink: there is nothing to leave out: give --faults, --evil or --fault", 2),
        (
            &["--fault", "mute@1", "--trace", &other],
            "--shrink: the command is run many times: leave out --trace",
            2,
        ),
        (
            &["--fault", "mute@1", "--fault-log", &other],
            "--shrink: the command is run many times: leave out --fault-log",
            2,
        ),
        (
            &["--fault", "mute@1", "--reader", "nobody"],
            "--shrink: a card in a reader is another one after each run: use a virtual card",
            2,
        ),
    ] {
        let (_, stderr, ended) = run(&[&["read"], more, &["--shrink", &small]].concat());
        assert_eq!((stderr, ended), (format!("sscard: {wanted}\n"), code), "{more:?}");
        assert!(!fs::exists(&small).expect("known"), "{more:?}");
    }
    let (stdout, stderr, code) = run(&[
        "transmit",
        "--fault",
        "slow=1ms@1",
        "--shrink",
        &small,
        "--check",
        "00A40000021234",
    ]);
    assert_eq!(code, 0);
    assert!(stdout.contains("0 of 1 fault, exit code 1, "), "{stdout}");
    assert_eq!(stderr, "sscard: the command ends with exit code 1 without any fault\n");
    assert_eq!(
        fs::read_to_string(&small).expect("a recipe"),
        "seed = 0\nfaults = []\nfired = []\n"
    );
}
