//! What is hostile: a text, files that hold it, a register and a trace that somebody wrote into.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sscard_lexicon::is_order;
use tempfile::TempDir;

use crate::canary::commands::said;
use crate::desk::city::{CARD, City, LI};

/// ESC, BEL, CSI of C1, a turn of direction, an end of line with what would be a line of its own.
pub(crate) const HOSTILE: &str = "x\x1B[31m\x07\u{9B}2J\u{202E}\nINJECTED\r\x7F\u{2028}\u{E0041}";

pub(crate) struct Stage {
    pub(crate) folder: TempDir,
    pub(crate) city: City,
}

/// What a terminal is sent: text, and nothing that it obeys.
pub(crate) fn check(what: &str, bytes: &[u8]) {
    let text = str::from_utf8(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
    let order = text.chars().find(|c| is_order(*c) && !matches!(c, '\n' | '\t'));
    assert_eq!(order, None, "{what}: {text:?}");
    // A report may wrap a long line behind the written-out end of line, and nowhere else.
    let injected = text.match_indices("INJECTED").any(|(at, _)| {
        let before = text[..at].trim_end_matches(' ');
        before.is_empty() || (before.ends_with('\n') && !before.trim_end().ends_with("\\n"))
    });
    assert!(!injected, "{what}: {text:?}");
}

impl Stage {
    pub(crate) fn new() -> Self {
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
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(format!("{HOSTILE}{name}")).display().to_string()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("written");
    }

    /// A trace that was recorded by somebody else.
    pub(crate) fn trace(&self) {
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
    pub(crate) fn register(&self) {
        let register = rusqlite::Connection::open(self.city.path("city.db")).expect("register");
        let set = |what: &str| register.execute(what, [HOSTILE]).expect("written");
        set("UPDATE holders SET name = ?1, mobile = ?1 || mobile, guardian = ?1, photo = ?1");
        set("UPDATE banks SET name = ?1");
        set("UPDATE cards SET delivered_to = ?1");
        set("UPDATE outbox SET mobile = ?1, kind = ?1");
        set("INSERT INTO events (date, holder, card, place, papers, what, rules, before, after) \
             SELECT date, holder, card, ?1, ?1, ?1, ?1, ?1, ?1 FROM events LIMIT 1");
    }

    pub(crate) fn run(&self, args: &[&str]) -> Vec<u8> {
        self.run_with(args, b"")
    }

    pub(crate) fn run_with(&self, args: &[&str], stdin: &[u8]) -> Vec<u8> {
        let said = said(args, stdin, &[]);
        check(&format!("{args:?}"), &said);
        said
    }

    /// `sscard desk` in the city, as text and as JSON; `@name` is a file of it, `%` what is hostile.
    pub(crate) fn desk(&self, line: &str) {
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
    pub(crate) fn counter(&self, line: &str) {
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
    pub(crate) fn file(&self, name: &str) {
        check(name, &fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}")));
    }
}

/// What a script can say, and a check of it that fails.
pub(crate) fn script(more: &str) -> String {
    let hostile = HOSTILE.replace(['\n', '\r'], "");
    format!(
        "case \"{hostile}\" {{\n> 00 A4 04 00 (len(\"a\x1B\x07\")) \"a\x1B\x07\" # {hostile}\n\
         print \"{hostile}\"\nexpect sw 1234\n}}\n{more}"
    )
}
