//! Orders to a terminal in everything that comes from outside: names of files, arguments, fields of
//! CSV, rows of a register, names on a card, scripts, traces, readers.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use crate::canary::commands::{SSCARD, have_entries};
use crate::canary::hostile::{HOSTILE, Stage, check, script};
use crate::canary::misbehaving;
use crate::canary::served::{CTL, ServedCard};
use crate::desk::city::{CARD, LI};

type Entry = (&'static str, fn(&Stage));

const ENTRIES: &[Entry] = &[
    ("new", |stage| {
        stage.run(&["new", "--set", HOSTILE, "-o", &stage.path("new.img")]);
        stage.run(&["new", "--set", &format!("{HOSTILE}=1"), "-o", &stage.path("new.img")]);
        stage.run(&[
            "new",
            "--set",
            &format!("birth_date={HOSTILE}"),
            "-o",
            &stage.path("new.img"),
        ]);
        stage.run(&["new", "--profile", HOSTILE, "-o", &stage.path("new.img")]);
        stage.run(&["new", "--profile", &stage.path("profile.toml"), "-o", &stage.path("a.img")]);
        stage.run(&["new", "--profile", &stage.path("broken.apdu"), "-o", &stage.path("a.img")]);
        stage.run(&["new", "--seed", HOSTILE, "-o", &stage.path("new.img")]);
        stage.run(&["new", "-o", &stage.path("new.img")]);
        stage.run(&["new", "-o", &stage.path("no/new.img")]);
    }),
    ("evil list", |stage| {
        stage.run(&["evil", "list"]);
    }),
    ("evil show", |stage| {
        stage.run(&["evil", "show", HOSTILE]);
        stage.run(&["read", "--evil", HOSTILE]);
    }),
    ("learn", |stage| {
        stage.run(&["learn", "--alphabet", HOSTILE]);
        stage.run(&["learn", "--profile", HOSTILE]);
        stage.run(&["learn", "--reader", HOSTILE, "--alphabet", "look"]);
        stage.run(&["learn", "--diff", HOSTILE, HOSTILE]);
        stage.write("alphabet.txt", &format!("{HOSTILE}: {HOSTILE}\n"));
        stage.write("input.txt", &format!("a: select {}\n", HOSTILE.replace('\n', "")));
        let state = format!("inputs {}\nstate 0\n  ", HOSTILE.replace(['\n', ' '], ""));
        stage.write("machine.txt", &format!("{state}{HOSTILE} -> 0: {HOSTILE}\n"));
        let answers = HOSTILE.replace(['\n', '\r', '\x1B', '\x07', '\x7F'], "");
        stage.write(
            "whole.txt",
            &format!(
                "# alphabet look on {answers}\ninputs reset\nstate 0\n  reset -> 0: {answers}\n"
            ),
        );
        let text = serde_json::to_string(HOSTILE).expect("JSON");
        let one = format!("{{\"from\": 0, \"input\": {text}, \"output\": {text}, \"to\": 0}}");
        stage.write("machine.json", &format!("{{\"alphabet\": {text}, \"machine\": [{one}]}}"));
        for file in ["alphabet.txt", "input.txt", "profile.toml"] {
            stage.run(&["learn", "--alphabet", &stage.path(file)]);
        }
        for file in ["machine.txt", "whole.txt", "machine.json", "card.img", "script.apdu"] {
            stage.run(&["learn", "--diff", &stage.path(file), &stage.path(file)]);
            stage.run(&["learn", "--diff", &stage.path(file), "gen3", "--alphabet", "look"]);
        }
        stage.run(&["learn", "--profile", &stage.path("profile.toml"), "--alphabet", "look"]);
    }),
    ("profile show", |stage| {
        for more in [&[][..], &["--json"], &["--keys"]] {
            stage.run(&[&["profile", "show", &stage.path("profile.toml")][..], more].concat());
            stage.run(&[&["profile", "show", HOSTILE][..], more].concat());
        }
    }),
    ("profile export", |stage| {
        stage.run(&["profile", "export", "--card", &stage.path("card.img")]);
        stage.run(&["profile", "export", "--card", &stage.path("script.apdu")]);
        stage.run(&["profile", "export", "--card", HOSTILE, "-o", HOSTILE]);
    }),
    ("profile schema", |stage| {
        stage.run(&["profile", "schema"]);
    }),
    ("profile check", |stage| {
        for name in ["profile.toml", "broken.apdu", "nobody"] {
            stage.run(&["profile", "check", &stage.path(name)]);
        }
        stage.run(&["profile", "check", HOSTILE]);
        stage.write("b.toml", "base = \"a\\u001B[2J\"\n");
        stage.run(&["profile", "check", &stage.path("b.toml")]);
        stage.write("c.toml", "\"\\u001B[2J\" = 1\n");
        stage.run(&["profile", "check", &stage.path("c.toml")]);
    }),
    ("read", |stage| {
        for more in [&[][..], &["--json"], &["--all"], &["--all", "--json"]] {
            let card = stage.path("card.img");
            stage.run(&[&["read", "--card", &card][..], more].concat());
            stage.run(&[&["read", "--card", HOSTILE][..], more].concat());
            stage.run(&[&["read", "--reader", HOSTILE][..], more].concat());
            stage.run(&[&["read", "--pin", HOSTILE, "--card", &card][..], more].concat());
            stage.run(
                &[&["read", "--trace", &stage.path("no/t"), "--card", &card][..], more].concat(),
            );
        }
        stage.run(&["read", "--card", &stage.path("script.apdu")]);
        misbehaving::escapes(stage, &["read", "--all"]);
    }),
    ("pki sign", |stage| {
        for more in [&[][..], &["--json"], &["--pin", HOSTILE], &["-o", HOSTILE]] {
            let card = stage.path("card.img");
            stage.run(&[&["pki", "sign", "--card", &card, HOSTILE][..], more].concat());
            stage.run(&[&["pki", "sign", "--card", HOSTILE, &card][..], more].concat());
        }
    }),
    ("pki verify", |stage| {
        let card = stage.path("card.img");
        stage.run(&["pki", "verify", "--card", &card, HOSTILE, HOSTILE]);
        stage.run(&["pki", "verify", "--certificate", HOSTILE, &card, HOSTILE]);
        stage.run(&["pki", "verify", "--certificate", &card, &card, &card]);
    }),
    ("pki certificate", |stage| {
        for more in [&[][..], &["--json"], &["-o", HOSTILE]] {
            let card = stage.path("card.img");
            stage.run(&[&["pki", "certificate", "--card", &card][..], more].concat());
            stage.run(&[&["pki", "certificate", "--card", HOSTILE][..], more].concat());
        }
    }),
    ("soak", |stage| {
        for option in ["--card", "--profile", "--replay", "--ledger", "-o"] {
            stage.run(&["soak", "--operations", "1", option, HOSTILE]);
            stage.run(&["soak", "--operations", "1", option, &stage.path("script.apdu")]);
        }
        stage.write(
            "r.toml",
            "sscard = \"\\u001B[2J\"\ncard = \"gen3, activated, holder 1\"\noperations = []\n",
        );
        stage.run(&["soak", "--replay", &stage.path("r.toml")]);
        stage.write("r.toml", "sscard = \"0.1.0\"\ncard = \"\\u001B[2J\"\noperations = []\n");
        stage.run(&["soak", "--replay", &stage.path("r.toml")]);
        stage.run(&["soak", "--replay", &stage.path("r.toml"), "--profile", "gen3"]);
    }),
    ("inspect", |stage| {
        for more in [&[][..], &["--json"], &["--keys"]] {
            stage.run(&[&["inspect", "--card", &stage.path("card.img")][..], more].concat());
            stage.run(&[&["inspect", "--card", &stage.path("script.apdu")][..], more].concat());
            stage.run(&[&["inspect", "--card", HOSTILE][..], more].concat());
        }
    }),
    ("repair", |stage| {
        let output = stage.path("repaired.img");
        for more in [&[][..], &["--json"]] {
            for card in [stage.path("card.img"), stage.path("script.apdu"), HOSTILE.to_owned()] {
                stage.run(&[&["repair", &card, "-o", &output][..], more].concat());
                stage.run(&[&["repair", &card, "-o", &stage.path(HOSTILE)][..], more].concat());
                stage.run(&[&["repair", &card, "-o", &card][..], more].concat());
            }
        }
    }),
    ("transmit", |stage| {
        stage.run(&["transmit", "00A4040006611B5B336D0A", HOSTILE]);
        stage.run(&["transmit", "00A404000661 1B5B 6D0A07"]);
        stage.run(&["transmit", "--card", &stage.path("card.img"), "00A40400021B0A"]);
        stage.run(&["transmit", "--trace", &stage.path("t.jsonl"), "00A40400021B0A"]);
        stage.file("t.jsonl");
        stage.run(&["transmit", "--reader", HOSTILE, "00A4"]);
        misbehaving::escapes(stage, &["transmit", "00A40400021B0A"]);
    }),
    ("run", |stage| {
        let report = stage.path("report.xml");
        for name in [
            "script.apdu",
            "broken.apdu",
            "rows.apdu",
            "wrong-row.apdu",
            "foreign.txt",
            "nobody.apdu",
        ] {
            let script = stage.path(name);
            stage.run(&["run", &script]);
            stage.run(&["run", "--json", &script]);
            stage.run(&["run", "--report", &report, &script]);
            stage.run(&["run", "--compare", &stage.path("card.img"), &script]);
            stage.run(&["run", "--compare", HOSTILE, &script]);
            stage.run(&["run", "--golden", &stage.path("broken.apdu"), &script]);
            stage.run(&["run", "--card", HOSTILE, &script]);
            stage.run(&["run", "--reader", HOSTILE, &script]);
            stage.run(&["run", "--trace", &stage.path("no/t"), &script]);
        }
        stage.file("report.xml");
        stage.run(&["run", "--dialect", HOSTILE, "--ignore", HOSTILE, &stage.path("script.apdu")]);
        stage.write("fault.apdu", &format!("fault set {}\n", HOSTILE.replace('\n', "")));
        stage.run(&["run", &stage.path("fault.apdu")]);
        misbehaving::escapes(stage, &["run", &stage.path("script.apdu")]);
    }),
    ("link", |stage| {
        // What it writes on standard output else is the card's bytes.
        for option in ["--disturb", "--listen", "--card", "--reader", "--etu"] {
            stage.run(&["link", option, HOSTILE]);
        }
        for option in ["--wire", "--trace"] {
            stage.run(&["link", option, &stage.path(&format!("no/{HOSTILE}"))]);
        }
        stage.run(&["link", "--card", &stage.path("script.apdu")]);
    }),
    ("shell", |stage| {
        let hostile = HOSTILE.replace(['\n', '\r'], "");
        let lines = script("")
            + &format!("snapshot {hostile}\nrestore a{hostile}\nhelp {hostile}\n")
            + &format!("let a = \"{hostile}\"\nvars\nread_card\nhistory\nselekt \x1B\n");
        let card = stage.path("card.img");
        stage.run_with(&["shell", "--keep-going", "--card", &card], lines.as_bytes());
        stage.run_with(&["shell", "--keep-going"], HOSTILE.as_bytes());
        stage.run_with(&["shell", "--profile", HOSTILE], b"reset\n");
        stage.run_with(&["shell", "--state", HOSTILE, "--card", HOSTILE], b"reset\n");
        let lines = format!("fault set {hostile}\nfault set mute@{hostile}\nfault {hostile}\n");
        stage.run_with(&["shell", "--keep-going"], lines.as_bytes());
        misbehaving::escapes(stage, &["shell"]);
    }),
    ("pay", |stage| {
        let pay = |more: &[&str]| {
            stage.run(&[&["pay", "--amount", "1.00"], more].concat());
            stage.run(&[&["pay", "--json", "--amount", "1.00"], more].concat());
        };
        pay(&["--card", &stage.path("card.img")]);
        for option in [
            "--card",
            "--reader",
            "--pin",
            "--online-pin",
            "--aid",
            "--script",
            "--date",
            "--trace",
            "--seed",
            "--ca",
        ] {
            pay(&[option, HOSTILE]);
        }
        pay(&["--ca", &stage.path("script.apdu")]);
        stage.run(&["pay", "--amount", HOSTILE]);
        misbehaving::escapes(stage, &["pay", "--amount", "1.00"]);
    }),
    ("emv keys", |stage| emv(stage, "keys")),
    ("emv arqc", |stage| emv(stage, "arqc")),
    ("emv arpc", |stage| emv(stage, "arpc")),
    ("emv check", |stage| emv(stage, "check")),
    ("emv script-mac", |stage| emv(stage, "script-mac")),
    ("emv ca", |stage| {
        stage.run(&["emv", "ca", "--form", HOSTILE]);
    }),
    ("emv decode", |stage| {
        for args in [
            &[HOSTILE][..],
            &["5F20", HOSTILE],
            &[HOSTILE, "00"],
            &["5F20", "1B5B326A0A07"],
            &["5F200461E28080"],
            &["50041B0A079B"],
        ] {
            stage.run(&[&["emv", "decode"], args].concat());
            stage.run(&[&["emv", "decode", "--json"], args].concat());
        }
    }),
    ("desk init", |stage| {
        stage.desk("init --register @new.db --bank A=%");
        stage.desk("init --register @new2.db --bank %=%");
        stage.desk("init --register @new3.db --profile %");
        stage.desk("init");
    }),
    ("desk import", |stage| {
        let file = stage.path("residents.csv");
        let register = stage.city.path("city.db");
        for more in [&[][..], &["--json"], &["--old-cards", HOSTILE]] {
            stage.run(&[&["desk", "import", &file, "--register", &register][..], more].concat());
        }
        stage.write("columns.csv", &format!("name,{HOSTILE}\na,b\n"));
        stage.run(&["desk", "import", &stage.path("columns.csv"), "--register", &register]);
        stage.desk("import % --date %");
    }),
    ("desk batch", |stage| {
        stage.desk(
            "batch --name % --opens 2026-12-01 --closes 2026-12-31 --to village:% --cards @cards",
        );
        stage.desk("batch --name % --opens % --closes % --to % --cards %");
        stage.desk(
            "batch --name % --opens 2026-12-02 --closes 2026-12-01 --to village --cards @cards",
        );
    }),
    ("desk collect", |stage| {
        stage.desk(&format!("collect --at village --papers identity-card --holder {LI}"));
        stage.desk("collect --at village:% --papers identity-card --holder %");
        stage.desk("collect --at % --papers % --holder %");
    }),
    ("desk activate", |stage| stage.counter("activate")),
    ("desk pin change", |stage| {
        stage.counter("pin change --old 123456 --new 246801");
        stage.counter("pin change --old % --new %");
    }),
    ("desk pin reset", |stage| stage.counter("pin reset")),
    ("desk query-pin", |stage| {
        stage.counter("query-pin --new %");
        stage.counter("query-pin --new 24680135");
    }),
    ("desk mobile", |stage| {
        stage.counter("mobile --mobile %");
        stage.counter("mobile --mobile 13800000009 --query-pin %");
    }),
    ("desk show", |stage| {
        stage.desk("show");
        stage.desk("show --holder %");
        stage.desk("show --register %");
        stage.desk(&format!("show --register @cards/{CARD}.img"));
    }),
    ("desk events", |stage| {
        stage.desk("events");
        stage.desk("events --holder %");
    }),
    ("desk outbox", |stage| stage.desk("outbox")),
    ("desk rules", |stage| stage.desk("rules")),
    ("desk simulate", |stage| {
        stage.desk("simulate --residents % --days %");
        stage.desk("simulate --residents 2 --days 1");
    }),
    ("desk resume", |stage| {
        stage.desk("resume");
        stage.desk("resume --card % --old-card % --cards %");
    }),
    ("desk replace", |stage| {
        stage.counter("replace --reason lost -o %/no");
        stage.counter("replace --reason % -o %");
    }),
    ("desk change", |stage| {
        stage.counter("change --reason name --name % -o %/no");
        stage.counter("change --reason bank --bank % -o %/no");
        stage.counter("change --reason photo --photo % -o %/no");
    }),
    ("desk cancel", |stage| {
        stage.counter("cancel --reason bank --bank %");
        stage.counter("cancel --reason death");
    }),
    ("desk close", |stage| {
        stage.counter("close --reason bank --bank %");
        stage.counter("close");
    }),
    ("import", |stage| {
        for name in ["foreign.txt", "broken.apdu", "nobody"] {
            stage.run(&["import", &stage.path(name)]);
            stage.run(&["import", "--keep-going", "--dialect", "scriptor", &stage.path(name)]);
            stage.run(&["import", "--dialect", "apdu", &stage.path(name)]);
            stage.run(&["import", "--keep-going", "--dialect", "gpshell", &stage.path(name)]);
        }
        stage.run(&["import", "--dialect", HOSTILE, "-o", &stage.path("no/o"), HOSTILE]);
    }),
    ("trace show", |stage| {
        for name in ["trace.jsonl", "broken.jsonl", "nobody"] {
            stage.run(&["trace", "show", &stage.path(name)]);
            stage.run(&["trace", "show", "--json", &stage.path(name)]);
            stage.run(&["trace", "show", "--lenient", &stage.path(name)]);
            stage.run(&["trace", "show", "--from", HOSTILE, &stage.path(name)]);
        }
    }),
    ("trace convert", |stage| {
        for to in ["jsonl", "apdu4j", "markdown", "html", "scriptor"] {
            stage.run(&["trace", "convert", &stage.path("trace.jsonl"), "--to", to, "-o", "-"]);
            stage.run(&[
                "trace",
                "convert",
                &stage.path("trace.jsonl"),
                "--to",
                to,
                "-o",
                &stage.path(to),
            ]);
            stage.file(to);
        }
        stage.run(&["trace", "convert", &stage.path("broken.jsonl"), "-o", &stage.path("c.html")]);
        stage.run(&["trace", "convert", &stage.path("trace.jsonl"), "-o", HOSTILE]);
        stage.run(&["trace", "convert", &stage.path("trace.jsonl"), "-o", &stage.path("no/c.md")]);
    }),
    ("trace diff", |stage| {
        let [a, b, c] = ["trace.jsonl", "other.jsonl", "broken.jsonl"].map(|name| stage.path(name));
        for (left, right) in [(&a, &b), (&b, &a), (&a, &c), (&c, &a)] {
            stage.run(&["trace", "diff", left, right]);
            stage.run(&["trace", "diff", "--json", left, right]);
        }
        stage.run(&["trace", "diff", "--ignore", HOSTILE, &a, &b]);
    }),
    ("trace replay", |stage| {
        for name in ["trace.jsonl", "other.jsonl", "broken.jsonl", "nobody"] {
            stage.run(&["trace", "replay", &stage.path(name)]);
            stage.run(&["trace", "replay", "--json", &stage.path(name)]);
            stage.run(&["trace", "replay", "--card", HOSTILE, &stage.path(name)]);
        }
    }),
    ("readers", |stage| {
        stage.run(&["readers"]);
        stage.run(&["readers", HOSTILE]);
    }),
    ("serve", serve),
    ("with", with),
    ("ctl slots", |stage| ctl(stage, "ctl slots")),
    ("ctl cards", |stage| ctl(stage, "ctl cards")),
    ("ctl insert", |stage| ctl(stage, "ctl insert")),
    ("ctl eject", |stage| ctl(stage, "ctl eject")),
    ("ctl reset", |stage| ctl(stage, "ctl reset")),
    ("ctl power", |stage| ctl(stage, "ctl power")),
    ("ctl reload", |stage| ctl(stage, "ctl reload")),
    ("ctl card", |stage| ctl(stage, "ctl card")),
    ("ctl set", |stage| ctl(stage, "ctl set")),
    ("ctl snapshot", |stage| ctl(stage, "ctl snapshot")),
    ("ctl restore", |stage| ctl(stage, "ctl restore")),
    ("ctl faults", |stage| ctl(stage, "ctl faults")),
    ("ctl transmit", |stage| ctl(stage, "ctl transmit")),
    ("ctl exchanges", |stage| ctl(stage, "ctl exchanges")),
    ("ctl wait", |stage| ctl(stage, "ctl wait")),
    ("ctl events", |stage| ctl(stage, "ctl events")),
    ("doctor", |stage| {
        stage.run(&["doctor", "--root", HOSTILE]);
        stage.run(&["doctor", "--json", "--root", &stage.path("")]);
    }),
    ("completions", |stage| {
        stage.run(&["completions", HOSTILE]);
        for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
            stage.run(&["completions", shell]);
        }
    }),
    ("man", |stage| {
        stage.run(&["man", HOSTILE]);
        stage.run(&["man"]);
    }),
];

fn emv(stage: &Stage, command: &str) {
    let all =
        ["--imk", "--pan", "--psn", "--atc", "--data", "--arqc", "--arc", "--csu", "--command"];
    let needed =
        ["--imk", "0123456789ABCDEF0123456789ABCDEF", "--pan", "6200000000000000", "--atc", "0001"];
    stage.run(&[&["emv", command], &needed[..]].concat());
    for option in all {
        let at = needed.iter().position(|known| *known == option);
        let mut args = needed.to_vec();
        match at {
            Some(at) => args[at + 1] = HOSTILE,
            None => args.extend([option, HOSTILE]),
        }
        for other in ["--data", "--arqc", "--arc", "--command"] {
            let value = if other == "--arc" { "3030" } else { "0011223344556677" };
            if other != option {
                args.extend([other, value]);
            }
            stage.run(&[&["emv", command], &args[..]].concat());
        }
    }
    let file = format!("@{}", stage.path("script.apdu"));
    stage.run(&["emv", command, "--imk", &file, "--pan", "62", "--atc", "0001", "--arqc", "00"]);
}

/// Any program on the machine may drive the cards.
fn ctl(stage: &Stage, command: &str) {
    let served = ServedCard::start(&stage.path("card.img"));
    let select = format!("00A40400{:02X}{}", HOSTILE.len(), hex::encode(HOSTILE));
    stage.run(&["ctl", "--api", &served.api, "transmit", &select, "1B07"]);
    let (_, all) = CTL.iter().find(|(name, _)| *name == command).expect("it is tried");
    for args in *all {
        let args: Vec<String> = args.iter().map(|arg| arg.replacen('@', HOSTILE, 1)).collect();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        stage.run(&[&["ctl", "--api", &served.api], &args[..]].concat());
        stage.run(&[&["ctl", "--json", "--api", &served.api], &args[..]].concat());
    }
    stage.run(&["ctl", "--api", HOSTILE, "slots"]);
    check(command, &served.end());
}

/// What it says of cards, faults, places and the program; a trace that it cannot write.
fn with(stage: &Stage) {
    for option in [
        "--card",
        "--profile",
        "--seed",
        "--slots",
        "--api",
        "--api-token",
        "--trace",
        "--fault",
        "--faults",
        "--evil",
        "--fault-seed",
        "--fault-log",
    ] {
        stage.run(&["with", &format!("{option}={HOSTILE}"), "--", "true"]);
    }
    stage.run(&["with", "--trace", &stage.path("no/a\u{1B}[2J"), "--", "true"]);
    // The program's name, and the library's place.
    stage.run(&["with", "--", HOSTILE]);
    stage.run(&["with", HOSTILE]);
    for library in [HOSTILE, SSCARD] {
        let output = Command::new(SSCARD)
            .args(["with", "--", HOSTILE])
            .env("SSCARD_PCSC_LIBRARY", library)
            .output()
            .expect("runs");
        check("with", &output.stdout);
        check("with", &output.stderr);
    }
}

/// Any program on the machine can send a card a command.
fn serve(stage: &Stage) {
    stage.run(&["serve", "--port", HOSTILE]);
    stage.run(&["serve", HOSTILE]);
    // What it refuses.
    for option in ["--fault", "--faults", "--fault-seed", "--fault-log"] {
        stage.run(&["serve", &format!("{option}={HOSTILE}")]);
        stage.run(&["serve", "--slots", "1", &format!("{option}={}", stage.path("no/a\u{1B}[2J"))]);
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("address").port().to_string();
    let mut program = Command::new(SSCARD)
        .args(["serve", "--port", &port, &stage.path("card.img")])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("serves");
    let (mut driver, _) = listener.accept().expect("a card");
    driver.write_all(&[0, 1, 1]).expect("power");
    let select = b"\x00\xA4\x04\x00\x09a\x1B[2J\x07\r\nI";
    for command in [&select[..], &[0x00, 0xB2, 0x01, 0x2C, 0x00], &[0x1B, 0x07]] {
        let length = u16::try_from(command.len()).expect("short").to_be_bytes();
        driver.write_all(&[&length[..], command].concat()).expect("sent");
        let mut length = [0; 2];
        driver.read_exact(&mut length).expect("an answer");
        let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
        driver.read_exact(&mut answer).expect("an answer");
    }
    drop((driver, listener));
    let id = program.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().expect("runs").success());
    let (mut out, mut err) = (Vec::new(), Vec::new());
    program.stdout.take().expect("a pipe").read_to_end(&mut out).expect("read");
    program.stderr.take().expect("a pipe").read_to_end(&mut err).expect("read");
    program.wait().expect("ends");
    check("serve", &out);
    check("serve", &err);
    let out = String::from_utf8(out).expect("UTF-8");
    assert!(out.contains("SELECT a\\u{1b}[2J\\u{7}\\r\\nI"), "{out}");
}

#[test]
fn nothing_from_outside_gives_a_terminal_orders() {
    let names: Vec<_> = ENTRIES.iter().map(|(name, _)| *name).collect();
    have_entries(&names);
    let stage = Stage::new();
    for (name, entry) in ENTRIES {
        entry(&stage);
        // What is no option, no command, and too much.
        let words: Vec<_> = name.split(' ').collect();
        for wrong in [format!("--{HOSTILE}"), HOSTILE.to_owned(), format!("-{HOSTILE}")] {
            stage.run(&[&words[..], &[&wrong, &wrong, &wrong]].concat());
        }
    }
    stage.run(&[HOSTILE]);
}

#[test]
fn what_is_not_utf_8_is_shown_too() {
    use std::os::unix::ffi::OsStrExt;
    let name = std::ffi::OsStr::from_bytes(b"a\xFF\x9B\x1B.img");
    for command in ["inspect", "read"] {
        let output =
            Command::new(SSCARD).args([command, "--card"]).arg(name).output().expect("runs");
        check(command, &output.stderr);
        assert!(!output.stderr.is_empty());
    }
}
