//! A city in a folder: a register, three residents, a batch.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::sscard::run;

/// An adult at ICBC with an old card and 123.45 on it.
pub(crate) const LI: &str = "999901198001011211";
/// An adult at BOC without one.
pub(crate) const WANG: &str = "999901197502020023";
/// A child at ICBC.
pub(crate) const CHILD: &str = "999901201503030011";

/// Their cards.
pub(crate) const OLD: &str = "D00000013";
pub(crate) const CARD: &str = "D00000021";
pub(crate) const CARD_OF_WANG: &str = "D0000003X";

pub(crate) struct City {
    pub(crate) folder: TempDir,
}

impl City {
    /// An empty register.
    pub(crate) fn new() -> Self {
        let city = Self { folder: TempDir::new().expect("folder") };
        city.ok("init");
        city
    }

    /// Residents and their cards, waiting in the village.
    pub(crate) fn delivered() -> Self {
        let city = Self::new();
        let residents =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/desk/residents.csv");
        fs::copy(residents, city.folder.path().join("residents.csv")).expect("residents");
        city.ok("import @residents.csv --old-cards @old");
        city.ok("batch --name 2026-1 --opens 2026-12-01 --closes 2026-12-31 --to village --cards @cards");
        city
    }

    /// Li has collected the card.
    pub(crate) fn collected() -> Self {
        let city = Self::delivered();
        city.ok(&format!("collect --at village --papers identity-card --holder {LI}"));
        city
    }

    /// Both functions of Li's card work.
    pub(crate) fn active() -> Self {
        let city = Self::collected();
        city.ok(&format!(
            "activate --at bank-branch:ICBC --papers identity-card --card {}",
            card()
        ));
        city
    }

    /// Path of a file in the folder.
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Runs `sscard desk` on 2026-12-10; `@name` is a file in the folder.
    pub(crate) fn run(&self, line: &str) -> (String, String, i32) {
        run(&self.words(line).iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The same with words that may hold anything.
    pub(crate) fn run_words(&self, line: &str, more: &[&str]) -> (String, String, i32) {
        let mut words = self.words(line);
        words.extend(more.iter().map(|word| (*word).to_owned()));
        run(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The same after `setup` of a shell.
    #[cfg(unix)]
    pub(crate) fn run_after(&self, setup: &str, line: &str) -> (String, String, i32) {
        let program = env!("CARGO_BIN_EXE_sscard");
        let output = Command::new("bash")
            .args(["-c", &format!("{setup}\nexec \"$0\" \"$@\"")])
            .arg(program)
            .args(self.words(line))
            .output()
            .expect("bash");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        (text(output.stdout), text(output.stderr), output.status.code().unwrap_or(-1))
    }

    /// Changes rows of the register as somebody would by hand.
    pub(crate) fn edit(&self, sql: &str) {
        let db = rusqlite::Connection::open(self.path("city.db")).expect("opened");
        db.execute_batch(sql).expect("changed");
    }

    /// Names of the files in the folder.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).expect("a folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<_> = names.map(|name| name.to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn words(&self, line: &str) -> Vec<String> {
        let mut words: Vec<String> = vec!["desk".to_owned()];
        words.extend(line.split(' ').map(|word| match word.strip_prefix('@') {
            Some(name) => self.path(name),
            None => word.to_owned(),
        }));
        let command = line.split(' ').next().unwrap_or_default();
        if command != "rules" && !words.iter().any(|word| word == "--register") {
            words.extend(["--register".to_owned(), self.path("city.db")]);
        }
        let dated = !["init", "show", "events", "outbox", "resume", "rules"].contains(&command);
        if dated && !words.iter().any(|word| word == "--date") {
            words.extend(["--date".to_owned(), "2026-12-10".to_owned()]);
        }
        words
    }

    /// The same city in another folder.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self { folder: TempDir::new().expect("folder") };
        fs::create_dir(copy.path("cards")).expect("folder");
        for name in ["city.db".to_owned(), "city.db.key".to_owned(), card()[1..].to_owned()] {
            fs::copy(self.path(&name), copy.path(&name)).expect("copied");
        }
        copy
    }

    /// Runs `sscard desk` and kills it.
    pub(crate) fn kill_after(&self, line: &str, time: Duration) {
        let mut program = Command::new(env!("CARGO_BIN_EXE_sscard"))
            .args(self.words(line))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("runs");
        std::thread::sleep(time);
        program.kill().expect("killed");
        program.wait().expect("ended");
    }

    pub(crate) fn ok(&self, line: &str) -> String {
        let (stdout, stderr, code) = self.run(line);
        assert_eq!((code, stderr.as_str()), (0, ""), "{line}");
        stdout
    }

    /// The same with `--json`.
    pub(crate) fn json(&self, line: &str) -> Value {
        serde_json::from_str(&self.ok(&format!("{line} --json"))).expect("one JSON document")
    }

    /// What `refused` says; without `--json` stderr says the same.
    pub(crate) fn refused(&self, line: &str) -> Value {
        let (stdout, stderr, code) = self.run(line);
        assert_eq!((stdout.as_str(), code), ("", 1), "{line}: {stderr}");
        let (stdout, no_words, code) = self.run(&format!("{line} --json"));
        assert_eq!((no_words.as_str(), code), ("", 1), "{line}: {stdout}");
        let document: Value = serde_json::from_str(&stdout).expect("one JSON document");
        assert_eq!(keys(&document), ["refused"]);
        let refused = &document["refused"];
        assert_eq!(keys(refused), ["missing", "rule", "who_can_help"]);
        let text = |key: &str| refused[key].as_str().expect("text").to_owned();
        let expected = match refused["rule"].as_str() {
            Some(rule) => {
                format!(
                    "sscard: {rule}: {} (who can help: {})\n",
                    text("missing"),
                    text("who_can_help")
                )
            }
            None => format!("sscard: {}\n", text("missing")),
        };
        assert_eq!(stderr, expected);
        refused.clone()
    }

    /// The rule that refuses.
    pub(crate) fn rule(&self, line: &str) -> String {
        self.refused(line)["rule"].as_str().expect("a rule").to_owned()
    }

    /// Everything that the register holds.
    pub(crate) fn state(&self) -> (Value, Value) {
        (self.json("show"), self.json("events"))
    }
}

/// Li's card in the folder of a city, as an argument.
pub(crate) fn card() -> String {
    format!("@cards/{CARD}.img")
}

pub(crate) fn keys(value: &Value) -> Vec<String> {
    value.as_object().expect("object").keys().cloned().collect()
}
