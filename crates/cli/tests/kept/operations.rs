//! Operations that change a card, as commands, and the states that they lead through.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;
use sscard_core::{Card, CardImage};

use crate::sscard::{ok, path};

/// Commands, and the card's image before the first and after each of them.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) commands: Vec<String>,
    /// One more than commands: the first is that of the card with power.
    pub(crate) states: Vec<Vec<u8>>,
    /// The card as it lies in the drawer.
    pub(crate) start: Vec<u8>,
}

impl Operation {
    fn new(name: &'static str, profile: &str, commands: Vec<String>) -> Self {
        let start = start(profile);
        let mut card = Card::from_image(&CardImage::from_bytes(start.clone())).expect("loads");
        card.power_on().expect("power");
        let mut states = vec![card.image().as_bytes().to_vec()];
        let mut response = Vec::new();
        for command in &commands {
            card.transmit(&hex::decode(command).expect("hex"), &mut response);
            states.push(card.image().as_bytes().to_vec());
        }
        Self { name, commands, states, start }
    }

    /// What a reader does to a card.
    pub(crate) fn of_read(args: &[&str]) -> Self {
        Self::new("read", "gen3", sent("gen3", args))
    }

    /// Which states a file holds; a state may come twice, when a command changes nothing.
    pub(crate) fn is_at_least(&self, file: &Path, answered: usize) -> bool {
        let there = image_of(file);
        self.states.iter().skip(answered).any(|state| *state == there)
    }

    /// Whether a file holds the state after so many answers and no other.
    pub(crate) fn is_exactly(&self, file: &Path, answered: usize) -> bool {
        image_of(file) == self.states[answered]
    }
}

/// The card in a file, read through its changes, as the bytes of an image alone.
pub(crate) fn image_of(file: &Path) -> Vec<u8> {
    let bytes = fs::read(file).expect("image");
    let card = Card::from_image(&CardImage::from_bytes(bytes));
    card.expect("the file holds a card").image().as_bytes().to_vec()
}

fn start(profile: &str) -> Vec<u8> {
    let folder = tempfile::TempDir::new().expect("folder");
    let card = path(&folder, "card.img");
    ok(&["new", "--profile", profile, "--seed", "7", "-o", &card]);
    fs::read(card).expect("image")
}

/// What the program sends when it does this: the commands of its trace.
fn sent(profile: &str, args: &[&str]) -> Vec<String> {
    let folder = tempfile::TempDir::new().expect("folder");
    let (card, trace) = (path(&folder, "card.img"), path(&folder, "trace.jsonl"));
    fs::write(&card, start(profile)).expect("written");
    let more = ["--card", &card, "--trace", &trace, "--unsafe-show-secrets"];
    ok(&[args, &more].concat());
    let text = fs::read_to_string(trace).expect("trace");
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines.filter_map(|line| Some(line.get("cmd")?.as_str()?.to_owned())).collect()
}

/// Wrong passwords, a changed password, a purse, cryptograms, an issuer's script.
pub(crate) fn all() -> &'static [Operation] {
    static ALL: OnceLock<Vec<Operation>> = OnceLock::new();
    ALL.get_or_init(|| {
        let select = crate::sscard::SELECT_SSSE.to_owned();
        let wrong = vec!["0020000003111111".to_owned(); 6];
        let change = ["123456FF111111", "111111FF222222", "222222FF333333", "333333FF444444"];
        let change = change.map(|data| format!("805E010007{data}"));
        let purse =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/purse_load_and_purchase.apdu");
        let purse = sent("gen2", &["run", purse]);
        let script = [&PAY[..], &["--script", SCRIPT]].concat();
        vec![
            Operation::new("VERIFY wrong", "gen3", [vec![select.clone()], wrong].concat()),
            Operation::new("PIN change", "gen3", [vec![select], change.to_vec()].concat()),
            Operation::new("purse load and debit", "gen2", purse),
            Operation::new("GENERATE AC", "gen3", sent("gen3", &PAY)),
            Operation::new("issuer script", "gen3", sent("gen3", &script)),
        ]
    })
}

/// A payment that is the same each time.
pub(crate) const PAY: [&str; 7] =
    ["pay", "--amount", "12.34", "--pin", "123456", "--date", "2026-11-24"];
/// What its issuer's script does.
pub(crate) const SCRIPT: &str = "put-data=9F79:000000050000";
