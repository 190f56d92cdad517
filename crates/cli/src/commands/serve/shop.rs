//! What the stand asks of the program: cards of the folder, new cards, what a card looks like, what exchanges mean.

use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;
use sscard_core::{Card, Profile, Protocol};
use sscard_host::{CardFile, CardFileError, Exchange, Redactor, Sync, TransportError};
use sscard_lexicon::Session;
use sscard_profile::{
    BUILT_IN, BUILT_IN_MODULES, IccKeys, MasterKeys, built_in, change_card, check_state, fields,
    issue_in, state_of,
};
use sscard_stand::{
    Described, Explainer, Happening, PowerChange, Problem, SessionHead, SlotContent, StandEvent,
    Wanted, Workshop,
};
use sscard_trace::{Header, Mode, Reset, ResetKind};

use super::super::{inspect, new, profile};
use crate::documents::{SCHEMA, trace};
use crate::read_file;

/// Cards that are listed.
const LISTED: usize = 1_000;
/// Folders in folders that are looked through.
const DEPTH: usize = 4;

/// Makes and describes cards.
pub(crate) struct Shop {
    pub(crate) folder: Option<PathBuf>,
    pub(crate) contactless: bool,
    pub(crate) sync: Sync,
}

impl Shop {
    /// A card as it goes into a slot: without power, and in a field where that is asked for.
    pub(crate) fn content(
        &self,
        name: String,
        mut card: Card,
        file: Option<CardFile>,
    ) -> Result<SlotContent, Problem> {
        if self.contactless {
            card.enter_field().map_err(|_| Problem::Failed("the card's power fails".into()))?;
        }
        card.power_off();
        Ok(SlotContent::new(name, card, file))
    }

    /// The file of a card below the folder: no other place can be named, and no link leads there.
    fn file(&self, name: &str) -> Result<PathBuf, Problem> {
        let shown = name.escape_debug();
        let Some(folder) = &self.folder else {
            let said =
                format!("there is no file '{shown}': sscard serve --cards DIR gives the folder");
            return Err(Problem::Unknown(said));
        };
        let missing =
            || Problem::Unknown(format!("there is no file '{shown}' in the folder of --cards"));
        if name.is_empty() || name.contains(['\0', '\\']) {
            return Err(missing());
        }
        let mut path = folder.clone();
        for part in Path::new(name).components() {
            let Component::Normal(part) = part else { return Err(missing()) };
            path.push(part);
            let there = fs::symlink_metadata(&path).map_err(|_| missing())?;
            if there.is_symlink() {
                return Err(missing());
            }
        }
        if path.is_file() { Ok(path) } else { Err(missing()) }
    }

    /// A built-in profile, or a TOML file below the folder.
    fn profile(&self, name: &str) -> Result<Profile, Problem> {
        if let Some(profile) = built_in(name) {
            return Ok(profile);
        }
        if name.ends_with(".toml") {
            let path = self.file(name)?;
            // What a profile names lies where cards and profiles lie, and nowhere else.
            let read = |beside: &str| {
                let place = below(name, beside).and_then(|place| self.file(&place).ok());
                let place = place.ok_or_else(|| {
                    "no such file below the folder of --cards; no link is followed".to_owned()
                })?;
                read_file::read(&place).map_err(|error| error.to_string())
            };
            return profile::from_file_beside(&path, &read)
                .map_err(|failure| Problem::Wrong(failure.to_string()));
        }
        let (known, shown) = (built_in_profiles().join(", "), name.escape_debug());
        Err(Problem::Unknown(format!("there is no profile '{shown}'; there are {known}")))
    }

    fn open(&self, name: String, path: &Path) -> Result<SlotContent, Problem> {
        let (file, card) = CardFile::open(path, self.sync).map_err(not_opened)?;
        self.content(name, card, Some(file))
    }
}

impl Workshop for Shop {
    fn card(&self, wanted: &Wanted) -> Result<SlotContent, Problem> {
        match wanted {
            Wanted::File(name) => self.open(name.clone(), &self.file(name)?),
            Wanted::Made { profile: name, seed } => {
                let profile = self.profile(name)?;
                let holder = new::holder(&profile, *seed, None);
                let masters = MasterKeys::test();
                let state = state_of(&profile);
                let card = issue_in(&profile, &holder, &masters, IccKeys::Shared, &state)
                    .map_err(|error| Problem::Failed(error.to_string()))?;
                let seed = seed.unwrap_or(1);
                self.content(format!("{name} seed {seed}"), card, None)
            }
        }
    }

    fn place(&self, name: &str) -> Result<PathBuf, Problem> {
        self.file(name)
    }

    fn again(&self, content: &SlotContent) -> Result<Option<SlotContent>, Problem> {
        let Some(file) = &content.file else { return Ok(None) };
        let (file, card) = file.reopen().map_err(not_opened)?;
        self.content(content.name.clone(), card, Some(file)).map(Some)
    }

    fn stock(&self) -> (Vec<String>, Vec<String>) {
        let (mut cards, mut own) = (Vec::new(), Vec::new());
        if let Some(folder) = &self.folder {
            list(folder, "", DEPTH, &mut cards, &mut own);
        }
        cards.sort();
        own.sort();
        (cards, [built_in_profiles(), own].concat())
    }

    fn describe(&self, card: &Card, how: Described) -> Value {
        inspect::value(card, how == Described::WithSecrets)
    }

    fn change(&self, card: &mut Card, changes: &Value) -> Result<(), Problem> {
        let wrong = |text: &str| Problem::Wrong(text.to_owned());
        let changes = changes.as_object().ok_or_else(|| {
            wrong("a card is changed by an object of fields, such as {\"pin_tries_left\": 1}")
        })?;
        let is_item = |name: &str| {
            fields::CARD.iter().chain(&fields::HOLDER).any(|(known, _)| *known == name)
                || (name.len() == 2 && u8::from_str_radix(name, 16).is_ok())
        };
        let mut items = Vec::new();
        let mut state = serde_json::Map::new();
        for (name, value) in changes {
            match value {
                Value::String(text) if is_item(name) => items.push((name.as_str(), text.clone())),
                Value::Number(number) if is_item(name) => {
                    items.push((name.as_str(), number.to_string()));
                }
                _ if is_item(name) => return Err(wrong(&format!("{name}: a text is wanted"))),
                _ => {
                    // What says no name is said with it.
                    check_state(serde_json::json!({ name: value })).map_err(|error| {
                        let has_name = error.contains(name.as_str());
                        wrong(&if has_name { error } else { format!("{name}: {error}") })
                    })?;
                    state.insert(name.clone(), value.clone());
                }
            }
        }
        let items: Vec<(&str, &str)> =
            items.iter().map(|(name, value)| (*name, value.as_str())).collect();
        change_card(card, &items, Value::Object(state)).map_err(Problem::Wrong)
    }

    fn head(&self, head: &SessionHead) -> Value {
        let mut header = Header::default();
        header.tool = concat!("sscard ", env!("CARGO_PKG_VERSION")).to_owned();
        header.atr.clone_from(&head.atr);
        header.protocol = head.protocol.map(|protocol| match protocol {
            0 => Protocol::T0,
            _ => Protocol::T1,
        });
        header.mode = Some(Mode::Raw);
        header.reader = Some(format!("slot {}", head.slot).into());
        header.start_ms = Some(head.start_ms);
        serde_json::json!({
            "schema": SCHEMA,
            "format": "live",
            "header": serde_json::to_value(trace::header_document(&header)).unwrap_or_default(),
        })
    }

    fn explainer(&self, how: Described) -> Box<dyn Explainer> {
        Box::new(Told { session: Session::default(), redactor: Redactor::default(), how })
    }
}

fn not_opened(error: CardFileError) -> Problem {
    match error {
        CardFileError::InUse { .. } => Problem::InUse(error.to_string()),
        other => Problem::Wrong(other.to_string()),
    }
}

/// The name below the folder of what a file of this name there calls `beside`; none outside the folder.
fn below(name: &str, beside: &str) -> Option<String> {
    let mut parts: Vec<&str> = name.split('/').collect();
    parts.pop();
    if beside.starts_with('/') {
        return None;
    }
    for part in beside.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn built_in_profiles() -> Vec<String> {
    BUILT_IN.iter().chain(&BUILT_IN_MODULES).map(|(name, _)| (*name).to_owned()).collect()
}

/// Names of card images and of profiles below a folder.
fn list(
    folder: &Path,
    before: &str,
    depth: usize,
    cards: &mut Vec<String>,
    profiles: &mut Vec<String>,
) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if cards.len().max(profiles.len()) >= LISTED {
            return;
        }
        let Ok(name) = entry.file_name().into_string() else { continue };
        let Ok(kind) = entry.file_type() else { continue };
        let name = format!("{before}{name}");
        if kind.is_dir() && depth > 1 {
            list(&entry.path(), &format!("{name}/"), depth - 1, cards, profiles);
        } else if kind.is_file() && name.ends_with(".toml") {
            profiles.push(name);
        } else if kind.is_file() && is_card(&entry.path()) {
            cards.push(name);
        }
    }
}

fn is_card(path: &Path) -> bool {
    let mut start = [0; 6];
    let read = fs::File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && &start == b"SSCARD"
}

/// An exchange of the stand as traces and reports have it.
pub(super) fn exchange(event: &StandEvent) -> Option<Exchange> {
    let Happening::Exchange(exchanged) = &event.what else { return None };
    let response = exchanged.response.clone().map_err(|why| TransportError::told(why.text()));
    let nanoseconds = u64::try_from(event.at.as_nanos()).unwrap_or(u64::MAX);
    let exchange = Exchange::new(exchanged.command.clone(), response);
    Some(exchange.at(nanoseconds).took(exchanged.took))
}

/// A change of power as traces have it.
pub(super) fn reset(event: &StandEvent) -> Option<Reset> {
    let Happening::Power(powered) = &event.what else { return None };
    let mut reset = Reset::default();
    reset.t_ns = u64::try_from(event.at.as_nanos()).unwrap_or(u64::MAX);
    reset.atr.clone_from(&powered.atr);
    reset.kind = match powered.change {
        PowerChange::On => ResetKind::PowerOn,
        PowerChange::Reset => ResetKind::Reset,
        PowerChange::Off => ResetKind::PowerOff,
    };
    Some(reset)
}

struct Told {
    session: Session,
    redactor: Redactor,
    how: Described,
}

impl Explainer for Told {
    fn explain(&mut self, event: &StandEvent) -> Option<Value> {
        match &event.what {
            Happening::Exchange(exchanged) => {
                let mut exchange = exchange(event)?;
                if self.how == Described::Openly {
                    self.redactor.redact(&mut exchange);
                }
                let response = exchange.response.as_deref().ok();
                let annotation = self.session.annotate(&exchange.command, response);
                let document = trace::exchange_document(exchanged.n, &exchange, &annotation);
                serde_json::to_value(document).ok()
            }
            Happening::Power(powered) => {
                self.session.reset();
                let document = trace::reset_document(powered.n, &reset(event)?);
                serde_json::to_value(document).ok()
            }
            _ => None,
        }
    }
}
