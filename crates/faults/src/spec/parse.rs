//! Reading a fault.

use std::str::FromStr;
use std::time::Duration;

use sscard_apdu::tlv::Tag;
use sscard_apdu::{Aid, FileId, StatusWord};

use super::{Action, Buffer, Fault, ObjectDamage, Phase, Removal, SpecError, When};

const ACTIONS: &str = "sw, data, answer, truncate, size, extra, flip, tlv, set, add, count, stale, slow, mute, remove, reset, cut or atr";
const CONDITIONS: &str = "a number, every, ins, for, app, file, record, tag, status, nth, times, p, after, power or insert";
const STRUCTURES: [(&str, ObjectDamage); 11] = [
    ("tag", ObjectDamage::Tag),
    ("length", ObjectDamage::Length),
    ("nesting", ObjectDamage::Nesting),
    ("order", ObjectDamage::Order),
    ("double", ObjectDamage::Double),
    ("missing", ObjectDamage::Missing),
    ("indefinite", ObjectDamage::Indefinite),
    ("padding", ObjectDamage::Padding),
    ("padding-ff", ObjectDamage::PaddingOnes),
    ("long-length", ObjectDamage::LongLength),
    ("longer-length", ObjectDamage::LongerLength),
];

/// A part of the text and where it begins.
#[derive(Clone, Copy)]
struct Part<'t> {
    text: &'t str,
    /// Bytes before it.
    start: usize,
}

type Problem = (usize, String);

impl<'t> Part<'t> {
    fn problem(self, problem: impl Into<String>) -> Problem {
        (self.start, problem.into())
    }

    fn wants(self, wanted: &str) -> Problem {
        self.problem(format!("'{}' is not {wanted}", self.text.escape_debug()))
    }

    fn no_condition(self) -> Problem {
        let text = self.text.escape_debug();
        self.problem(format!("there is no condition '{text}'; use {CONDITIONS}"))
    }

    fn split(self, mark: char) -> (Self, Option<Self>) {
        match self.text.split_once(mark) {
            Some((before, behind)) => {
                let start = self.start.saturating_add(before.len()).saturating_add(mark.len_utf8());
                (Self { text: before, ..self }, Some(Self { text: behind, start }))
            }
            None => (self, None),
        }
    }

    fn hex(self) -> Result<Vec<u8>, Problem> {
        hex::decode(self.text).map_err(|_| self.wants("pairs of hexadecimal digits"))
    }

    fn number<T: FromStr>(self, wanted: &str) -> Result<T, Problem> {
        let is_plain = self.text.bytes().all(|byte| byte.is_ascii_digit());
        self.text.parse().ok().filter(|_| is_plain).ok_or_else(|| self.wants(wanted))
    }

    fn positive(self) -> Result<u64, Problem> {
        let wanted = "a number from 1 on";
        match self.number(wanted)? {
            0 => Err(self.wants(wanted)),
            number => Ok(number),
        }
    }

    fn byte(self) -> Result<u8, Problem> {
        match hex::decode(self.text).as_deref() {
            Ok([byte]) => Ok(*byte),
            _ => Err(self.wants("one byte, two hexadecimal digits")),
        }
    }

    fn word(self) -> Result<u16, Problem> {
        match hex::decode(self.text).as_deref() {
            Ok([first, second]) => Ok(u16::from_be_bytes([*first, *second])),
            _ => Err(self.wants("two bytes, four hexadecimal digits")),
        }
    }

    fn tag(self) -> Result<Tag, Problem> {
        self.text.parse().map_err(|_| self.wants("a tag such as 5A or 9F36"))
    }

    fn duration(self) -> Result<Duration, Problem> {
        let wanted = "a time such as 3s, 250ms or 40us";
        let digits = self.text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = self.text.split_at_checked(digits).unwrap_or((self.text, ""));
        let number: u64 = number.parse().map_err(|_| self.wants(wanted))?;
        match unit {
            "s" => Ok(Duration::from_secs(number)),
            "ms" => Ok(Duration::from_millis(number)),
            "us" => Ok(Duration::from_micros(number)),
            _ => Err(self.wants(wanted)),
        }
    }
}

impl FromStr for Fault {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        fault(text).map_err(|(start, problem)| {
            let place = text.get(..start).map_or(0, |before| before.chars().count());
            let text = text.escape_debug().to_string();
            let is_shown = may_be_shown(&text);
            SpecError {
                place: place.saturating_add(1),
                problem: if is_shown { problem } else { without_secrets(&problem) },
                text: match text.as_str() {
                    "" => "''".to_owned(),
                    _ if is_shown => text,
                    _ => hidden(&text),
                },
            }
        })
    }
}

/// Whether nobody's PIN or key can be in it: what a command gets on its way may be one, and so may what is no fault at all.
fn may_be_shown(text: &str) -> bool {
    let what = text.split('@').next().unwrap_or("");
    let action = what.strip_prefix("instead:").unwrap_or(what);
    let name = action.split('=').next().unwrap_or("");
    ACTIONS.split([',', ' ']).any(|known| known == name && !known.is_empty() && known != "or")
}

/// Digits as stars, from four on.
pub(super) fn hidden(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        let (run, behind) = rest.split_at_checked(digits).unwrap_or(("", rest));
        let is_secret = digits >= 4 && run.bytes().any(|byte| byte.is_ascii_digit());
        if is_secret {
            out.extend(std::iter::repeat_n('*', digits));
        } else {
            out.push_str(run);
        }
        let mut characters = behind.chars();
        out.extend(characters.next());
        rest = characters.as_str();
    }
    out
}

/// What a problem quotes of the text, hidden.
fn without_secrets(problem: &str) -> String {
    match problem
        .split_once('\'')
        .and_then(|(before, rest)| Some((before, rest.rsplit_once('\'')?)))
    {
        Some((before, (quoted, behind))) => format!("{before}'{}'{behind}", hidden(quoted)),
        None => problem.to_owned(),
    }
}

fn fault(text: &str) -> Result<Fault, Problem> {
    let (what, when_part) = Part { text, start: 0 }.split('@');
    let (before, behind) = what.split(':');
    let (phase, action_part) = match (before.text, behind) {
        ("instead", Some(rest)) => (Phase::Instead, rest),
        ("command", Some(rest)) => (Phase::Command, rest),
        _ => (Phase::Answer, what),
    };
    let action = action(action_part)?;
    let when = when_part.map_or_else(|| Ok(When::default()), conditions)?;
    match phase {
        Phase::Instead if !can_stand_for_a_card(&action) => {
            return Err(
                action_part.problem("'instead:' takes sw, data, answer, stale, slow and mute")
            );
        }
        Phase::Command if !can_bend_a_command(&action) => {
            return Err(
                action_part.problem("'command:' takes data, set, truncate, extra, flip and tlv")
            );
        }
        _ => {}
    }
    let place = when_part.unwrap_or(action_part);
    if when.needs_answer() && (phase != Phase::Answer || action.is_early()) {
        return Err(place.problem(
            "this happens before there is an answer, so it cannot ask for tag or status",
        ));
    }
    let of_commands = When {
        power: None,
        insertion: None,
        probability: None,
        times: None,
        nth: None,
        ..when.clone()
    };
    if matches!(action, Action::Atr(_)) && of_commands != When::default() {
        return Err(place.problem(
            "the answer to reset comes before every command: use power, insert, p, nth or times",
        ));
    }
    Ok(Fault { phase, action, when })
}

const fn can_stand_for_a_card(action: &Action) -> bool {
    matches!(
        action,
        Action::StatusWord(_)
            | Action::Data(_)
            | Action::Answer(_)
            | Action::Stale
            | Action::Slow(_)
            | Action::Mute(_)
    )
}

const fn can_bend_a_command(action: &Action) -> bool {
    matches!(
        action,
        Action::Data(_)
            | Action::Set(..)
            | Action::Truncate(_)
            | Action::Extra(_)
            | Action::Flip(_)
            | Action::FlipIn(..)
            | Action::ObjectDamage(..)
    )
}

fn action(part: Part<'_>) -> Result<Action, Problem> {
    let (name, value) = part.split('=');
    let given = |such_as: &str| {
        value.ok_or_else(|| {
            name.problem(format!("{0} needs a value, such as {0}={such_as}", name.text))
        })
    };
    let alone = |action: Action| match value {
        Some(value) => Err(value.problem(format!("{} takes no value", name.text))),
        None => Ok(action),
    };
    match name.text {
        "sw" => Ok(Action::StatusWord(StatusWord::new(given("6100")?.word()?))),
        "data" => Ok(Action::Data(given("0102")?.hex()?)),
        "answer" => Ok(Action::Answer(given("9000")?.hex()?)),
        "truncate" => Ok(Action::Truncate(given("3")?.number("a number of bytes")?)),
        "extra" => Ok(Action::Extra(given("00")?.hex()?)),
        "flip" => {
            let wanted = "a bit's number, from 0";
            match value.map(|value| value.split(':')) {
                None => Ok(Action::Flip(None)),
                Some((bit, None)) => Ok(Action::Flip(Some(bit.number(wanted)?))),
                Some((tag, Some(bit))) => Ok(Action::FlipIn(tag.tag()?, bit.number(wanted)?)),
            }
        }
        "tlv" => structure(given("missing:5A")?),
        "set" => {
            let (tag, value) = object(given("9F6C:8000")?)?;
            Ok(Action::Set(tag, value))
        }
        "add" => {
            let (tag, value) = object(given("9F6C:8000")?)?;
            Ok(Action::Add(tag, value))
        }
        "size" => match given("256")?.number("a number of bytes")? {
            size @ 0..=LARGEST => Ok(Action::Size(size)),
            _ => Err(given("256")?.wants("at most 70000 bytes")),
        },
        "count" => Ok(Action::Count(given("05")?.byte()?)),
        "stale" => alone(Action::Stale),
        "slow" => Ok(Action::Slow(given("3s")?.duration()?)),
        "mute" => match value.map(|value| value.text) {
            None => Ok(Action::Mute(Buffer::Cleared)),
            Some("stale") => Ok(Action::Mute(Buffer::Stale)),
            Some(_) => Err(given("stale")?.wants("stale")),
        },
        "remove" => match value.map(|value| value.text) {
            None | Some("before") => Ok(Action::Remove(Removal::Before)),
            Some("inside") => Ok(Action::Remove(Removal::Inside)),
            Some("after") => Ok(Action::Remove(Removal::After)),
            Some(_) => Err(given("after")?.wants("before, inside or after")),
        },
        "reset" => alone(Action::Reset),
        "cut" => Ok(Action::Cut(given("12")?.number("a number of bytes written")?)),
        "atr" => Ok(Action::Atr(given("3B00")?.hex()?)),
        other => {
            Err(name
                .problem(format!("there is no fault '{}'; use {ACTIONS}", other.escape_debug())))
        }
    }
}

/// The most bytes that `size` makes: some more than any answer can have.
const LARGEST: usize = 70_000;

/// `TAG:HEX`.
fn object(part: Part<'_>) -> Result<(Tag, Vec<u8>), Problem> {
    let (tag, bytes) = part.split(':');
    let bytes = bytes.ok_or_else(|| part.wants("TAG:HEX, such as 9F6C:8000"))?;
    Ok((tag.tag()?, bytes.hex()?))
}

fn structure(part: Part<'_>) -> Result<Action, Problem> {
    let (kind, tag) = part.split(':');
    let found = STRUCTURES.iter().find(|(name, _)| *name == kind.text);
    let (_, structure) = found.ok_or_else(|| {
        let names: Vec<&str> = STRUCTURES.iter().map(|(name, _)| *name).collect();
        kind.wants(&format!("one of {}", names.join(", ")))
    })?;
    Ok(Action::ObjectDamage(*structure, tag.map(Part::tag).transpose()?))
}

fn conditions(part: Part<'_>) -> Result<When, Problem> {
    let mut when = When::default();
    let mut rest = Some(part);
    while let Some(here) = rest {
        let (one, behind) = here.split(',');
        condition(one, &mut when)?;
        rest = behind;
    }
    Ok(when)
}

fn condition(part: Part<'_>, when: &mut When) -> Result<(), Problem> {
    let (key, value) = part.split('=');
    let Some(value) = value else {
        let is_number = !key.text.is_empty() && key.text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number {
            return Err(key.no_condition());
        }
        return once(&mut when.number, key, key.positive()?);
    };
    match key.text {
        "every" => once(&mut when.every, key, value.positive()?),
        "ins" => once(&mut when.ins, key, value.byte()?),
        "for" => once(&mut when.fetched, key, value.byte()?),
        "app" => {
            let wanted = "an AID or its beginning, 1 to 16 bytes";
            let aid = Aid::try_from(&*value.hex()?).map_err(|_| value.wants(wanted))?;
            once(&mut when.application, key, aid)
        }
        "file" => once(&mut when.file, key, FileId::new(value.word()?)),
        "record" => once(&mut when.record, key, value.byte()?),
        "tag" => once(&mut when.tag, key, value.tag()?),
        "status" => once(&mut when.status, key, StatusWord::new(value.word()?)),
        "nth" => once(&mut when.nth, key, value.positive()?),
        "times" => once(&mut when.times, key, value.positive()?),
        "p" => {
            let probability: Option<f64> = value.text.parse().ok();
            let probability = probability.filter(|p| (0.0..=1.0).contains(p));
            let wanted = "a probability from 0 to 1";
            once(&mut when.probability, key, probability.ok_or_else(|| value.wants(wanted))?)
        }
        "after" => once(&mut when.after, key, value.duration()?),
        "power" => once(&mut when.power, key, value.positive()?),
        "insert" => once(&mut when.insertion, key, value.positive()?),
        _ => Err(key.no_condition()),
    }
}

fn once<T>(place: &mut Option<T>, key: Part<'_>, value: T) -> Result<(), Problem> {
    if place.replace(value).is_some() {
        return Err(key.problem(format!("'{}' stands here a second time", key.text)));
    }
    Ok(())
}

pub(super) fn name_of(structure: ObjectDamage) -> &'static str {
    STRUCTURES.iter().find(|(_, one)| *one == structure).map_or("", |(name, _)| *name)
}
