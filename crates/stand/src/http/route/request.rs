//! Bodies and queries of requests.

use std::time::Duration;

use hyper::Uri;
use serde::Deserialize;
use serde_json::Value;
use sscard_faults::Fault;

use super::whole::OnceObject;
use crate::problem::Problem;
use crate::stand::Condition;
use crate::workshop::Wanted;

/// The longest wait.
pub(super) const LONGEST: Duration = Duration::from_secs(3_600);
/// Header, three bytes of Lc, 65535 of data, two of Le.
const LONGEST_COMMAND: usize = 65_544;
/// Faults of a slot at a time.
const MOST_FAULTS: usize = 1_000;
/// What a recipe in TOML can have.
const LARGEST_SEED: u64 = i64::MAX as u64;
/// A snapshot's name has no more than this many bytes.
const LONGEST_NAME: usize = 100;
/// A slot is idle when nothing has happened for so long, unless the request says how long.
const IDLE: Duration = Duration::from_millis(500);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Insert {
    card: Option<String>,
    profile: Option<String>,
    seed: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetFaults {
    faults: Vec<String>,
    #[serde(default)]
    seed: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Transmit {
    apdu: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wait {
    r#for: Value,
    #[serde(default = "half_a_minute")]
    timeout_ms: u64,
    pub(super) after: Option<u64>,
}

const fn half_a_minute() -> u64 {
    30_000
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Power {
    pub(super) on: bool,
}

impl Insert {
    /// The card that is wanted; none: the one that lies beside the slot.
    pub(super) fn wanted(self) -> Result<Option<Wanted>, Problem> {
        match (self.card, self.profile, self.seed) {
            (Some(name), None, None) => Ok(Some(Wanted::File(name))),
            (None, Some(profile), seed) => Ok(Some(Wanted::Made { profile, seed })),
            (None, None, None) => Ok(None),
            _ => Err(Problem::Wrong("insert takes a card, or a profile with a seed".into())),
        }
    }
}

impl SetFaults {
    /// The faults, and the seed of what is drawn.
    pub(super) fn wanted(&self) -> Result<(Vec<Fault>, u64), Problem> {
        if self.seed > LARGEST_SEED {
            let said = format!("seed: a whole number from 0 to {LARGEST_SEED} is wanted");
            return Err(Problem::Wrong(said));
        }
        if self.faults.len() > MOST_FAULTS {
            let count = self.faults.len();
            return Err(Problem::Wrong(format!(
                "faults: there are {count}, at most {MOST_FAULTS}"
            )));
        }
        let faults: Result<Vec<Fault>, _> = self.faults.iter().map(|text| text.parse()).collect();
        Ok((faults.map_err(|error| Problem::Wrong(error.to_string()))?, self.seed))
    }
}

impl Transmit {
    pub(super) fn command(&self) -> Result<Vec<u8>, Problem> {
        let plain: String = self.apdu.chars().filter(|digit| *digit != ' ').collect();
        let command = hex::decode(plain).map_err(|_| {
            Problem::Wrong("apdu: pairs of hexadecimal digits are wanted, such as 00A40400".into())
        })?;
        if (4..=LONGEST_COMMAND).contains(&command.len()) {
            return Ok(command);
        }
        let bytes = command.len();
        Err(Problem::Wrong(format!(
            "apdu: {bytes} bytes are no command; it has 4 to {LONGEST_COMMAND}"
        )))
    }
}

impl Wait {
    pub(super) fn patience(&self) -> Duration {
        Duration::from_millis(self.timeout_ms).min(LONGEST)
    }

    pub(super) fn condition(&self) -> Result<Condition, Problem> {
        let said = || {
            Problem::Wrong(
                "for: \"exchange\", \"power\", \"inserted\", \"removed\", \"fault\", \"ready\", \"idle\", {\"command\": HEX}, \
                 {\"ins\": \"B2\"}, {\"event\": KIND} or {\"idle_ms\": N}"
                    .into(),
            )
        };
        match &self.r#for {
            Value::String(kind) => named_condition(kind).ok_or_else(said),
            Value::Object(fields) if fields.len() == 1 => {
                if let Some(kind) = fields.get("event").and_then(Value::as_str) {
                    return named_condition(kind).ok_or_else(said);
                }
                if let Some(start) = fields.get("command").and_then(Value::as_str) {
                    let start = hex::decode(start);
                    return start.map(Condition::Command).map_err(|_| said());
                }
                if let Some(ins) = fields.get("ins").and_then(Value::as_str) {
                    let ins = hex::decode(ins).ok().filter(|ins| ins.len() == 1);
                    return ins
                        .and_then(|ins| ins.first().copied())
                        .map(Condition::Instruction)
                        .ok_or_else(said);
                }
                let quiet = fields.get("idle_ms").and_then(Value::as_u64).ok_or_else(said)?;
                Ok(Condition::Idle(Duration::from_millis(quiet).min(LONGEST)))
            }
            _ => Err(said()),
        }
    }
}

fn named_condition(kind: &str) -> Option<Condition> {
    match kind {
        "exchange" | "power" | "inserted" | "removed" | "fault" => {
            Some(Condition::Kind(kind.to_owned()))
        }
        // Any command.
        "command" => Some(Condition::Kind("exchange".to_owned())),
        "idle" => Some(Condition::Idle(IDLE)),
        "ready" => Some(Condition::Ready),
        _ => None,
    }
}

/// A body in JSON, an object that has each name once; nothing counts as `{}` where that is said.
pub(super) fn read<T: serde::de::DeserializeOwned>(
    body: &[u8],
    may_be_empty: bool,
) -> Result<T, Problem> {
    let body = if body.is_empty() && may_be_empty { b"{}" } else { body };
    let wrong = |error| Problem::Wrong(format!("the request's body: {error}"));
    let OnceObject = serde_json::from_slice(body).map_err(wrong)?;
    serde_json::from_slice(body).map_err(wrong)
}

/// A number of the query, such as `after=12`.
pub(super) fn number(uri: &Uri, name: &str) -> Result<Option<u64>, Problem> {
    let pairs = uri.query().unwrap_or_default().split('&');
    let mut values = pairs.filter_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let Some(value) = values.next() else { return Ok(None) };
    let is_plain = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let number = value.parse().ok().filter(|_| is_plain);
    number.map(Some).ok_or_else(|| Problem::Wrong(format!("{name}: a number is wanted")))
}

pub(super) fn slot_number(text: &str) -> Result<usize, Problem> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain).ok_or_else(|| {
        Problem::Unknown(format!("'{}' is no slot: slots have numbers", text.escape_debug()))
    })
}

/// A snapshot's name: letters, digits, dots, hyphens and low lines.
pub(super) fn snapshot_name(text: &str) -> Result<&str, Problem> {
    let fits = (1..=LONGEST_NAME).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        // In a path they mean something else to many clients.
        && !matches!(text, "." | "..");
    if fits {
        return Ok(text);
    }
    Err(Problem::Wrong(format!(
        "'{}' is no name for a snapshot: letters, digits, dots, hyphens and low lines, at most {LONGEST_NAME}",
        text.escape_debug()
    )))
}
