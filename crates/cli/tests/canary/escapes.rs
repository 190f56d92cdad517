//! Orders to a terminal in everything that comes from outside: names of files, arguments, fields of
//! CSV, rows of a register, names on a card, scripts, traces, readers.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use sscard_lexicon::is_order;
use tempfile::TempDir;

use crate::city::{CARD, City, LI};
use crate::commands::{SSCARD, have_entries, said};

/// ESC, BEL, CSI of C1, a turn of direction, an end of line with what would be a line of its own.
const HOSTILE: &str = "x\x1B[31m\x07\u{9B}2J\u{202E}\nINJECTED\r\x7F\u{2028}\u{E0041}";

struct Stage {
    folder: TempDir,
    city: City,
}

/// What a terminal is sent: text, and nothing that it obeys.
fn check(what: &str, bytes: &[u8]) {
    let text = str::from_utf8(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
    let order = text.chars().find(|c| is_order(*c) && !matches!(c, '\n' | '\t'));
    assert_eq!(order, None, "{what}: {text:?}");
    let injected = text.lines().find(|line| line.trim_start().starts_with("INJECTED"));
    assert_eq!(injected, None, "{what}: {text:?}");
}

impl Stage {
    fn new() -> Self {
        let stage = Self { folder: TempDir::new().expect("folder"), city: City::active() };
        let card = stage.path("card.img");
        let name = "name=李\x1B[31m测\u{202E}\x07";
        let made = said(&["new", "--set", name, "-o", &card], b"", &[]);
        check("new", &made);
        if !Path::new(&card).exists() {
            said(&["new", "-o", &card], b"", &[]);
        }
        stage.write("script.apdu", &script(""));
        stage.write("broken.apdu", &format!("select SSSE\nselekt \"{HOSTILE}\" {HOSTILE}\n"));
        let rows = format!("\"a\",b\n\"{HOSTILE}\",1\n");
        fs::write(stage.folder.path().join("rows.csv"), rows).expect("written");
        stage.write(
            "rows.apdu",
            "for row in csv \"rows.csv\" {\nprint $row.a\ncase \"${row.a}\" {\n\
             let a = $row.a\nreset\n}\n}\n",
        );
        stage.write(
            "wrong-row.apdu",
            "for row in csv \"rows.csv\" {\nread_record sfi=$row.a rec=1\n}\n",
        );
        stage.write("foreign.txt", &format!("00A4000002 3F00\nverify {HOSTILE}\n"));
        stage.write("profile.toml", &format!("base = \"gen3\"\nname = \"a\\u001B{HOSTILE}\"\n"));
        stage.write("residents.csv", &format!(
            "name,number,mobile,bank,old_card\n{HOSTILE},{HOSTILE},{HOSTILE},{HOSTILE},{HOSTILE}\n\
             \"{HOSTILE}\",999901197502020023,13800000002,\"{HOSTILE}\",\n"
        ));
        stage.trace();
        stage.register();
        stage
    }

    /// A file whose name is hostile, too.
    fn path(&self, name: &str) -> String {
        self.folder.path().join(format!("{HOSTILE}{name}")).display().to_string()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("written");
    }

    /// A trace that was recorded by somebody else.
    fn trace(&self) {
        let select = "00A4040006611B5B336D0A";
        let recorded = self.path("recorded.jsonl");
        said(&["transmit", "--trace", &recorded, select, "00B2012C00", "0084000008"], b"", &[]);
        let text = fs::read_to_string(recorded).expect("a trace");
        let mut lines = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let mut line: Value = serde_json::from_str(line).expect("JSON");
            match at {
                0 => line["tool"] = json!(HOSTILE),
                1 => line["note"] = json!(HOSTILE),
                _ => line["err"] = json!(HOSTILE),
            }
            if at > 1 {
                line.as_object_mut().expect("object").remove("rsp");
            }
            line["reader"] = json!(HOSTILE);
            lines.push(line.to_string());
        }
        self.write("trace.jsonl", &(lines.join("\n") + "\n"));
        self.write("other.jsonl", &(lines[..2].join("\n") + "\n"));
        self.write("broken.jsonl", &format!("{}\n{{\"ev\":\"{HOSTILE}\"\n{HOSTILE}\n", lines[0]));
    }

    /// Somebody wrote into the register.
    fn register(&self) {
        let register = rusqlite::Connection::open(self.city.path("city.db")).expect("register");
        let set = |what: &str| register.execute(what, [HOSTILE]).expect("written");
        set("UPDATE holders SET name = ?1, mobile = ?1 || mobile, guardian = ?1, photo = ?1");
        set("UPDATE banks SET name = ?1");
        set("UPDATE cards SET delivered_to = ?1");
        set("UPDATE outbox SET mobile = ?1, kind = ?1");
        set("INSERT INTO events (date, holder, card, place, papers, what, rules, before, after) \
             SELECT date, holder, card, ?1, ?1, ?1, ?1, ?1, ?1 FROM events LIMIT 1");
    }

    fn run(&self, args: &[&str]) -> Vec<u8> {
        self.run_with(args, b"")
    }

    fn run_with(&self, args: &[&str], stdin: &[u8]) -> Vec<u8> {
        let said = said(args, stdin, &[]);
        check(&format!("{args:?}"), &said);
        said
    }

    /// `sscard desk` in the city, as text and as JSON; `@name` is a file of it, `%` what is hostile.
    fn desk(&self, line: &str) {
        let words = |word: &str| match word.strip_prefix('@') {
            Some(name) => self.city.path(name),
            None => word.replace('%', HOSTILE),
        };
        let mut args = vec!["desk".to_owned()];
        args.extend(line.split(' ').map(words));
        if !args.iter().any(|arg| arg == "--register")
            && !line.starts_with("rules")
            && !line.starts_with("simulate")
        {
            args.extend(["--register".to_owned(), self.city.path("city.db")]);
        }
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        self.run(&args);
        self.run(&[&args[..], &["--json"]].concat());
    }

    /// One that needs a card and somebody at a counter: done, refused, and with wrong arguments.
    fn counter(&self, line: &str) {
        let card = format!("--card @cards/{CARD}.img");
        let there = "--at bank-branch:ICBC --papers identity-card --date 2026-12-10";
        self.desk(&format!("{line} {there} {card}"));
        self.desk(&format!("{line} {there} --holder %"));
        self.desk(&format!("{line} {there} --holder {LI}"));
        self.desk(&format!("{line} --at village:% --papers identity-card --date % {card}"));
        self.desk(&format!("{line} {there} --card %"));
        self.desk(&format!("{line} {there} {card} --register %"));
        self.desk(&format!("{line} --at % --papers % --% {card}"));
    }

    /// A file that a run has written.
    fn file(&self, name: &str) {
        check(name, &fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}")));
    }
}

/// What a script can say, and a check of it that fails.
fn script(more: &str) -> String {
    let hostile = HOSTILE.replace(['\n', '\r'], "");
    format!(
        "case \"{hostile}\" {{\n> 00 A4 04 00 (len(\"a\x1B\x07\")) \"a\x1B\x07\" # {hostile}\n\
         print \"{hostile}\"\nexpect sw 1234\n}}\n{more}"
    )
}

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
    }),
    ("inspect", |stage| {
        for more in [&[][..], &["--json"], &["--keys"]] {
            stage.run(&[&["inspect", "--card", &stage.path("card.img")][..], more].concat());
            stage.run(&[&["inspect", "--card", &stage.path("script.apdu")][..], more].concat());
            stage.run(&[&["inspect", "--card", HOSTILE][..], more].concat());
        }
    }),
    ("transmit", |stage| {
        stage.run(&["transmit", "00A4040006611B5B336D0A", HOSTILE]);
        stage.run(&["transmit", "00A404000661 1B5B 6D0A07"]);
        stage.run(&["transmit", "--card", &stage.path("card.img"), "00A40400021B0A"]);
        stage.run(&["transmit", "--trace", &stage.path("t.jsonl"), "00A40400021B0A"]);
        stage.file("t.jsonl");
        stage.run(&["transmit", "--reader", HOSTILE, "00A4"]);
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
        ] {
            pay(&[option, HOSTILE]);
        }
        stage.run(&["pay", "--amount", HOSTILE]);
    }),
    ("emv keys", |stage| emv(stage, "keys")),
    ("emv arqc", |stage| emv(stage, "arqc")),
    ("emv arpc", |stage| emv(stage, "arpc")),
    ("emv check", |stage| emv(stage, "check")),
    ("emv script-mac", |stage| emv(stage, "script-mac")),
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

/// Any program on the machine can send a card a command.
fn serve(stage: &Stage) {
    stage.run(&["serve", "--port", HOSTILE]);
    stage.run(&["serve", HOSTILE]);
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
