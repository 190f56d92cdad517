//! PINs and keys in every input: none comes out, on the screen, in a report, in a trace, unless
//! `--unsafe-show-secrets` asks for it.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::canary::commands::{SSCARD, have_entries, said};
use crate::canary::misbehaving;
use crate::canary::served::{CTL, ServedCard};
use crate::desk::city::{CARD, City};

pub(super) const PIN: &str = "739154";
const NEW_PIN: &str = "826017";
const QUERY_PIN: &str = "73915482";
pub(crate) const KEY: &str = "8F3A61D45C2B97E00E79B2C54D16A3F8";
pub(crate) const SELECT: &str = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF";

pub(super) struct Stage {
    folder: TempDir,
    city: City,
}

/// A text without the nanoseconds that a clock said, which have any digits.
fn without_clocks(text: &str) -> String {
    let mut parts = text.split("_ns\":");
    let first = parts.next().unwrap_or_default().to_owned();
    let digits = |c: char| c.is_ascii_digit();
    parts.fold(first, |rest, part| rest + "_ns:" + part.trim_start().trim_start_matches(digits))
}

/// None of the secrets, in whatever letters and with whatever spaces.
fn check(what: &str, bytes: &[u8]) {
    let text = without_clocks(&String::from_utf8_lossy(bytes));
    let packed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let packed = packed.to_uppercase();
    for secret in [PIN, NEW_PIN, QUERY_PIN, KEY, &KEY[..16]] {
        assert!(!packed.contains(secret), "{what}: {secret}: {text}");
        assert!(!text.contains(secret), "{what}: {secret}: {text}");
    }
}

impl Stage {
    fn new() -> Self {
        let stage = Self { folder: TempDir::new().expect("folder"), city: City::active() };
        let change = format!("805E010007123456FF{PIN}");
        said(&["new", "-o", &stage.path("card.img")], b"", &[]);
        said(&["transmit", "--card", &stage.path("card.img"), SELECT, &change], b"", &[]);
        let verify = format!("0020000003{PIN}");
        let trace = stage.path("shown.jsonl");
        said(
            &["transmit", "--unsafe-show-secrets", "--trace", &trace, SELECT, &verify, &change],
            b"",
            &[],
        );
        assert!(fs::read_to_string(&trace).expect("a trace").contains(PIN));
        said(
            &["transmit", "--trace", &stage.path("other.jsonl"), SELECT, "0020000003111111"],
            b"",
            &[],
        );
        stage.write(
            "fails.apdu",
            &format!(
                "let pin = {PIN}\nselect SSSE\nverify pin={PIN}\nexpect sw 1234\n0020000003{PIN}\n\
             case \"a\" {{\n> 10 20 00 00 03 {PIN}\nexpect sw 1234\n}}\n"
            ),
        );
        stage.write(
            "ends.apdu",
            &format!(
                "select SSSE\n@expect sw 1234\nverify pin={PIN}\nchange_pin {PIN} {NEW_PIN}\n"
            ),
        );
        stage.write("wrong.apdu", &format!(
            "verify pin={PIN}x\nverify {PIN} {PIN} {PIN}\nverfy {PIN}\nlet key = {KEY}0\nprint kcv(sm4, {KEY}G)\n\
             002000000{PIN}0\nchange_pin old={PIN} new={NEW_PIN}y\n{PIN}x\n"
        ));
        stage.write(
            "scriptor.txt",
            &format!("00 20 00 00 03 73 91 54\n00 20 00 00 03 73 91 5G\n0020000003{PIN}G\n"),
        );
        stage.write("apdutool.scr", "0x00 0x20 0x00 0x00 0x03 0x73 0x91 0x54;\n0x00 0x20 0x00 0x00 0x03 0x73 0x91 0x54 0x7F\nfoo;\n");
        stage.write("key.txt", &format!("{KEY}G"));
        stage
    }

    pub(super) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("written");
    }

    fn run(&self, args: &[&str]) {
        self.run_with(args, b"");
    }

    pub(super) fn run_with(&self, args: &[&str], stdin: &[u8]) {
        check(&format!("{args:?}"), &said(args, stdin, &[("SSCARD_PIN", PIN)]));
    }

    pub(super) fn file(&self, name: &str) {
        check(name, &fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}")));
    }

    /// `sscard desk` at a counter, as text and as JSON, with these lines of input.
    fn desk(&self, line: &str, stdin: &str) {
        let card = self.city.path(&format!("cards/{CARD}.img"));
        let register = self.city.path("city.db");
        let there =
            ["--at", "bank-branch:ICBC", "--papers", "identity-card", "--date", "2026-12-10"];
        let words: Vec<_> = line.split(' ').collect();
        let args =
            [&["desk"], &words[..], &there, &["--card", &card, "--register", &register]].concat();
        self.run_with(&args, stdin.as_bytes());
        self.run_with(&[&args[..], &["--json"]].concat(), stdin.as_bytes());
    }

    /// A look at the register, or a command that takes no secret.
    fn look(&self, line: &str) {
        let register = self.city.path("city.db");
        let args = [&line.split(' ').collect::<Vec<_>>()[..], &["--register", &register]].concat();
        self.run(&args);
        self.run(&[&args[..], &["--json"]].concat());
    }
}

type Entry = (&'static str, fn(&Stage));

/// A command that takes no secret and holds none: the wrong arguments that all get are enough.
const NOTHING: fn(&Stage) = |_| {};

const ENTRIES: &[Entry] = &[
    ("new", |stage| {
        stage.run(&["new", "-o", &stage.path("new.img")]);
    }),
    ("evil list", NOTHING),
    ("evil show", NOTHING),
    ("learn", |stage| {
        stage.write("own.txt", &format!("select: select SSSE\na: apdu 0020000003{PIN}\n"));
        stage.write("wrong.txt", &format!("a: apdu 0020000003{PIN}0\n"));
        let card = stage.path("card.img");
        for alphabet in ["social", &stage.path("own.txt"), &stage.path("wrong.txt")] {
            let learn = ["learn", "--card", &card, "--alphabet", alphabet, "--depth", "1"];
            stage.run(&learn);
            stage.run(&[&learn[..], &["--json"]].concat());
        }
        stage.run(&["learn", "--diff", &card, "gen3", "--alphabet", "social", "--depth", "1"]);
        let reader = ["learn", "--reader", "no reader", "--alphabet", "payment", "--destructive"];
        for option in ["--pin", "--payment-pin", "--keys"] {
            stage.run(&[&reader[..], &[option, PIN]].concat());
            stage.run_with(&[&reader[..], &[option, "-"]].concat(), PIN.as_bytes());
        }
    }),
    ("profile check", NOTHING),
    ("profile show", NOTHING),
    // It says keys and PINs on purpose, as its help tells: those of the built-in card here.
    ("profile export", NOTHING),
    ("profile schema", NOTHING),
    ("read", |stage| {
        let card = stage.path("card.img");
        for (pin, stdin) in [(PIN, ""), ("-", "739154\n"), ("739154x", ""), ("-", "739154x\n")] {
            let trace = stage.path("read.jsonl");
            let read = ["read", "--all", "--card", &card, "--pin", pin, "--trace", &trace];
            stage.run_with(&read, stdin.as_bytes());
            stage.run_with(&[&read[..], &["--json"]].concat(), stdin.as_bytes());
            stage.run_with(&["read", "--card", &card, "--pin", pin], stdin.as_bytes());
        }
        stage.file("read.jsonl");
        let read = ["read", "--card", &stage.path("card.img"), "--pin", "-"];
        misbehaving::secrets(stage, &read, b"739154\n");
    }),
    // With --keys it prints keys: that is what it is for. The built-in test keys, and no PIN.
    ("inspect", |stage| {
        for more in [&[][..], &["--json"], &["--keys"], &["--keys", "--json"]] {
            stage.run(&[&["inspect", "--card", &stage.path("card.img")][..], more].concat());
        }
    }),
    ("repair", |stage| {
        for more in [&[][..], &["--json"]] {
            let (card, output) = (stage.path("card.img"), stage.path("repaired.img"));
            stage.run(&[&["repair", &card, "-o", &output][..], more].concat());
        }
    }),
    ("transmit", |stage| {
        let verify = format!("0020000003{PIN}");
        let trace = stage.path("transmit.jsonl");
        for wrong in ["", "G", "0", "0F", "zz"] {
            stage.run(&["transmit", "--trace", &trace, SELECT, &format!("{verify}{wrong}")]);
        }
        stage.file("transmit.jsonl");
        let put_key = format!("80D8000010{KEY}");
        stage.run(&[
            "transmit",
            SELECT,
            &put_key,
            &format!("1020000003{PIN}"),
            &format!("8424000106{PIN}112233"),
        ]);
        stage.run(&["transmit", "--raw", "--check", SELECT, &verify]);
        misbehaving::secrets(stage, &["transmit", SELECT, &verify], b"");
    }),
    ("link", |stage| {
        let verify: Vec<u8> = hex::decode(format!("0020000003{PIN}")).expect("hexadecimal");
        let (wire, trace) = (stage.path("wire.log"), stage.path("link.jsonl"));
        for damage in ["parity@reader,char=2", "lost@reader,char=1", "double@reader,char=7"] {
            let options = ["link", "--disturb", damage, "--wire", &wire, "--trace", &trace];
            stage.run_with(&options, &verify);
            stage.file("wire.log");
            stage.file("link.jsonl");
        }
        stage.run_with(&["link", "--wire", "-"], &verify);
    }),
    ("run", |stage| {
        let (report, trace) = (stage.path("report.xml"), stage.path("run.jsonl"));
        for name in ["fails.apdu", "ends.apdu", "wrong.apdu", "scriptor.txt", "apdutool.scr"] {
            let script = stage.path(name);
            stage.run(&["run", "--trace", &trace, "--report", &report, &script]);
            stage.run(&["run", "--json", &script]);
            stage.run(&["run", "--keep-going", &script]);
            stage.run(&["run", "--compare", &stage.path("card.img"), &script]);
            stage.run(&["run", "--compare", &stage.path("card.img"), "--json", &script]);
            stage.run(&["run", "--bless", "--golden", &stage.path("golden"), &script]);
        }
        stage.file("report.xml");
        stage.file("run.jsonl");
        misbehaving::secrets(stage, &["run", &stage.path("ends.apdu")], b"");
        stage.write(
            "set.apdu",
            &format!("select SSSE\nfault set command:data={PIN}@ins=20\nfault list\nverify {NEW_PIN}\nexpect sw 6F00\n"),
        );
        stage.write("unset.apdu", &format!("fault set {PIN}\nfault set command:data={PIN}x\n"));
        for name in ["set.apdu", "unset.apdu"] {
            stage.run(&["run", &stage.path(name)]);
            stage.run_with(
                &["shell", "--keep-going"],
                &fs::read(stage.path(name)).expect("a script"),
            );
        }
    }),
    ("shell", |stage| {
        let trace = stage.path("shell.jsonl");
        for name in ["fails.apdu", "ends.apdu", "wrong.apdu"] {
            let lines = fs::read(stage.path(name)).expect("a script");
            stage.run_with(&["shell", "--keep-going", "--trace", &trace], &lines);
        }
        stage.file("shell.jsonl");
        stage.run_with(&["shell"], format!("verify {PIN}x\n").as_bytes());
        let lines = format!("select SSSE\nverify {PIN}\n");
        misbehaving::secrets(stage, &["shell"], lines.as_bytes());
    }),
    ("pay", |stage| {
        let trace = stage.path("pay.jsonl");
        let pay = |more: &[&str], stdin: &str| {
            let args = [&["pay", "--amount", "1.00", "--trace", &trace], more].concat();
            stage.run_with(&args, stdin.as_bytes());
            stage.run_with(&[&args[..], &["--json"]].concat(), stdin.as_bytes());
        };
        pay(&[], "");
        pay(&["--pin", PIN, "--online-pin", NEW_PIN], "");
        pay(
            &["--pin", "-", "--online-pin", "-", "--script", "pin-change=-"],
            "739154\n826017\n73915482\n",
        );
        pay(&["--pin", "739154x"], "");
        pay(&["--online-pin", "739154x"], "");
        for script in [
            "pin-change=739154",
            "pin-change=739154:826017",
            "pin-change=739154x",
            "pin-chnage=739154",
            "pin-change:739154",
        ] {
            pay(&["--script", script], "");
        }
        let options = ["pay", "--amount", "1.00", "--pin", "-"];
        misbehaving::secrets(stage, &options, b"739154\n");
        stage.file("pay.jsonl");
    }),
    ("pki sign", |stage| {
        let trace = stage.path("pki.jsonl");
        let card = stage.path("card.img");
        let sign = ["pki", "sign", "--card", &card, "--trace", &trace];
        let message = stage.path("ends.apdu");
        stage.run(&[&sign[..], &[&message]].concat());
        stage.run(&[&sign[..], &[&message, "--pin", PIN]].concat());
        stage.run_with(&[&sign[..], &[&message, "--pin", "-"]].concat(), b"739154\n");
        stage.run_with(&[&sign[..], &[&message, "--pin", "-", "--json"]].concat(), b"739154x\n");
        stage.file("pki.jsonl");
    }),
    ("pki verify", NOTHING),
    ("pki certificate", NOTHING),
    // It prints keys of a card and of a transaction: that is what it is for. Never the master key.
    ("emv keys", |stage| emv(stage, "keys")),
    ("emv arqc", |stage| emv(stage, "arqc")),
    ("emv arpc", |stage| emv(stage, "arpc")),
    ("emv check", |stage| emv(stage, "check")),
    ("emv script-mac", |stage| emv(stage, "script-mac")),
    // Public keys alone.
    ("emv ca", NOTHING),
    // It says what bytes mean, those that it was given.
    ("emv decode", NOTHING),
    ("desk init", NOTHING),
    ("desk import", NOTHING),
    ("desk batch", NOTHING),
    ("desk collect", NOTHING),
    ("desk activate", |stage| stage.desk("activate", "")),
    ("desk pin change", |stage| {
        stage.desk("pin change --old 123456 --new 739154", "");
        stage.desk("pin change --old 739154 --new 826017", "");
        stage.desk("pin change --old - --new -", "826017\n739154\n");
        stage.desk("pin change --old 739154x --new 826017y", "");
        stage.desk("pin change --old - --new -", "739154\n");
    }),
    ("desk pin reset", |stage| stage.desk("pin reset", "")),
    ("desk query-pin", |stage| {
        stage.desk("query-pin --new 73915482", "");
        stage.desk("query-pin --new -", "73915482\n");
        stage.desk("query-pin --new 73915482x", "");
    }),
    ("desk mobile", |stage| {
        stage.desk("mobile --mobile 13800000009 --query-pin 73915482", "");
        stage.desk("mobile --mobile 13800000009 --query-pin -", "73915482\n");
    }),
    ("desk show", |stage| stage.look("desk show")),
    ("desk events", |stage| stage.look("desk events")),
    // It shows a sealed message once: that is what it is for. None that was typed in.
    ("desk outbox", |stage| stage.look("desk outbox")),
    ("desk rules", NOTHING),
    ("desk simulate", NOTHING),
    ("desk resume", |stage| stage.look("desk resume")),
    ("desk replace", |stage| stage.desk("replace --reason lost -o /nonexistent/card.img", "")),
    ("desk change", |stage| stage.desk("change --reason misprint -o /nonexistent/card.img", "")),
    ("desk cancel", |stage| stage.desk("cancel --reason death", "")),
    ("desk close", |stage| stage.desk("close --reason death", "")),
    // Its cards are synthetic persons' and its PINs the model's own; what it finds is shown as it was sent.
    ("soak", |stage| {
        stage.run(&["soak", "--operations", "1", "--card", &stage.path("card.img")]);
        stage.run(&["soak", "--replay", &stage.path("card.img")]);
    }),
    // A script in, the same script out, PINs and all; what it says of lines holds none.
    ("import", |stage| {
        for (name, dialect) in [
            ("scriptor.txt", "scriptor"),
            ("apdutool.scr", "java-card"),
            ("wrong.apdu", "apdu"),
            ("scriptor.txt", "gpshell"),
        ] {
            stage.run(&[
                "import",
                "--dialect",
                dialect,
                "-o",
                &stage.path("out"),
                &stage.path(name),
            ]);
            let to = stage.path("out2");
            stage.run(&[
                "import",
                "--keep-going",
                "--dialect",
                dialect,
                "-o",
                &to,
                &stage.path(name),
            ]);
        }
    }),
    ("trace show", |stage| {
        stage.run(&["trace", "show", &stage.path("shown.jsonl")]);
        stage.run(&["trace", "show", "--json", &stage.path("shown.jsonl")]);
        stage.write(
            "broken.jsonl",
            &fs::read_to_string(stage.path("shown.jsonl"))
                .expect("a trace")
                .replace(PIN, "73915482G"),
        );
        stage.run(&["trace", "show", &stage.path("broken.jsonl")]);
    }),
    ("trace convert", |stage| {
        for to in ["jsonl", "apdu4j", "markdown", "html", "scriptor", "pcapng"] {
            stage.run(&["trace", "convert", &stage.path("shown.jsonl"), "--to", to, "-o", "-"]);
            stage.run(&[
                "trace",
                "convert",
                &stage.path("shown.jsonl"),
                "--to",
                to,
                "-o",
                &stage.path(to),
            ]);
            stage.file(to);
        }
    }),
    ("trace diff", |stage| {
        for more in [&[][..], &["--json"]] {
            let [a, b] = ["shown.jsonl", "other.jsonl"].map(|name| stage.path(name));
            stage.run(&[&["trace", "diff", &a, &b][..], more].concat());
        }
    }),
    ("trace replay", |stage| {
        stage.run(&["trace", "replay", &stage.path("shown.jsonl")]);
        stage.run(&[
            "trace",
            "replay",
            "--json",
            "--card",
            &stage.path("card.img"),
            &stage.path("shown.jsonl"),
        ]);
    }),
    ("readers", NOTHING),
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
    ("doctor", NOTHING),
    ("completions", NOTHING),
    ("man", NOTHING),
];

fn emv(stage: &Stage, command: &str) {
    let file = format!("@{}", stage.path("key.txt"));
    let right = format!("@{}", stage.path("right.txt"));
    stage.write("right.txt", &format!("{}\n{}\n", &KEY[..16], &KEY[16..]));
    for (imk, stdin) in [
        (KEY, ""),
        (&file, ""),
        (&right, ""),
        ("-", KEY),
        (&KEY[..31], ""),
        (&format!("{KEY}00"), ""),
        (&format!("{KEY}G"), ""),
    ] {
        let args = ["emv", command, "--imk", imk, "--pan", "6200000000000000", "--atc", "0001"];
        for more in [
            &[][..],
            &["--arqc", "0011223344556677"],
            &["--data", "00"],
            &["--arqc", "0011223344556677", "--data", "00"],
            &["--arqc", "0011223344556677", "--arc", "00"],
            &["--arqc", "0011223344556677", "--command", "841E000004"],
        ] {
            stage.run_with(&[&args[..], more].concat(), stdin.as_bytes());
        }
    }
}

/// A PIN in the session, and one in every argument.
fn ctl(stage: &Stage, command: &str) {
    let served = ServedCard::start(&stage.path("card.img"));
    let verify = format!("0020000003{PIN}");
    stage.run(&["ctl", "--api", &served.api, "transmit", SELECT, &verify]);
    let (_, all) = CTL.iter().find(|(name, _)| *name == command).expect("it is tried");
    for args in *all {
        // An argument is on the command line for all to see; what is no place for a secret may be quoted.
        if args.iter().any(|arg| arg.contains('@')) {
            continue;
        }
        stage.run(&[&["ctl", "--api", &served.api], *args].concat());
        stage.run(&[&["ctl", "--json", "--api", &served.api], *args].concat());
    }
    if command == "ctl faults" {
        let fault = format!("command:data={PIN}@ins=20");
        let verify = ["transmit", SELECT, "0020000003111111"];
        for args in [
            &["faults", &fault][..],
            &verify,
            &["faults"],
            &["slots"],
            &["events", "--after", "0", "--count", "6"],
            &["wait", "fault", "--after", "0"],
            &["exchanges"],
        ] {
            stage.run(&[&["ctl", "--api", &served.api], args].concat());
            stage.run(&[&["ctl", "--json", "--api", &served.api], args].concat());
        }
    }
    check(command, &served.end());
}

/// The program is told where its readers are, and uses them here.
fn with(stage: &Stage) {
    use sscard_readers::{PcscContext, RemoteContext, ShareMode, protocols};
    use std::io::{BufRead, BufReader};
    let trace = stage.path("with.jsonl");
    let mut program = Command::new(SSCARD)
        .args(["with", "--trace", &trace, "--fault", &format!("command:data={PIN}@ins=20")])
        .args(["--", "sh", "-c", "echo $SSCARD_PCSC_SOCKET; exec cat"])
        .env("SSCARD_PCSC_LIBRARY", SSCARD)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("runs");
    let mut socket = String::new();
    let mut said = BufReader::new(program.stdout.take().expect("a pipe"));
    said.read_line(&mut socket).expect("said");
    let context = RemoteContext::establish(std::path::Path::new(socket.trim_end())).expect("there");
    let patience = std::time::Duration::ZERO;
    let connected = context
        .connect("sscard 00 00", ShareMode::Shared, protocols::T0, patience)
        .expect("connected");
    let (connection, protocol) = connected.expect("free");
    for command in [&[0, 0x20, 0, 0, 3, 0x73, 0x91, 0x54][..], &[0, 0x84, 0, 0, 4]] {
        connection.transmit(protocol, command, &mut |_| {}).expect("an answer");
    }
    drop(program.stdin.take());
    let output = program.wait_with_output().expect("ends");
    check("with", &output.stderr);
    let written = fs::read(&trace).expect("a trace");
    assert!(String::from_utf8_lossy(&written).contains("0020000003"));
    check("with", &written);
    for option in ["--fault", "--api-token"] {
        stage.run(&["with", &format!("{option}={PIN}"), "--", "true"]);
        stage.run(&["with", &format!("{option}={KEY}"), "--", "true"]);
    }
}

fn serve(_: &Stage) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("address").port().to_string();
    let program = Command::new(SSCARD)
        .args(["serve", "--port", &port, "--fault", &format!("command:data={PIN}@ins=20")])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("serves");
    let (mut driver, _) = listener.accept().expect("a card");
    driver.write_all(&[0, 1, 1, 0, 8, 0, 0x20, 0, 0, 3, 0x73, 0x91, 0x54]).expect("sent");
    let mut answer = [0; 4];
    driver.read_exact(&mut answer).expect("an answer");
    drop((driver, listener));
    let id = program.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().expect("runs").success());
    let output = program.wait_with_output().expect("ends");
    check("serve", &output.stdout);
    check("serve", &output.stderr);
    assert!(String::from_utf8_lossy(&output.stdout).contains("> 0020000003"));
}

#[test]
fn pins_and_keys_come_out_nowhere() {
    let names: Vec<_> = ENTRIES.iter().map(|(name, _)| *name).collect();
    have_entries(&names);
    let stage = Stage::new();
    for (name, entry) in ENTRIES {
        entry(&stage);
        // In a place where none belongs.
        let words: Vec<_> = name.split(' ').collect();
        for secret in [PIN, KEY] {
            stage.run(&[&words[..], &["--nothing", secret]].concat());
            stage.run(&[&words[..], &[&format!("--nothing={secret}")]].concat());
            stage.run(&[&words[..], &[&format!("--json={secret}"), "--help=1"]].concat());
        }
    }
    for name in ["desk", "emv", "trace", "desk pin"] {
        stage.run(&[&name.split(' ').collect::<Vec<_>>()[..], &[KEY]].concat());
    }
    for words in
        [&["readers"][..], &["doctor"], &["desk", "show"], &["emv", "keys"], &["read"], &["pay"]]
    {
        stage.run(&[words, &[PIN]].concat());
        stage.run(&[words, &[KEY]].concat());
    }
    stage.run(&[PIN]);
}
