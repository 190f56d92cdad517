//! Which request does what.

use std::time::Duration;

use hyper::body::Bytes;
use hyper::{Method, Response, Uri};
use serde::Deserialize;
use serde_json::{Value, json};
use sscard_core::Interface;

use super::{Body, Service, answer, live};
use crate::problem::Problem;
use crate::slot::{CardSlot, Given, Origin};
use crate::stand::Condition;
use crate::workshop::{Described, Wanted};

/// The longest wait.
const LONGEST: Duration = Duration::from_secs(3_600);
/// Most snapshots of a slot are bounded by their names: no more than this many bytes each.
const LONGEST_NAME: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Insert {
    card: Option<String>,
    profile: Option<String>,
    seed: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetFaults {
    faults: Vec<String>,
    #[serde(default)]
    seed: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Transmit {
    apdu: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wait {
    r#for: Value,
    timeout_ms: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Power {
    on: bool,
}

/// A method that a place does not take.
struct Elsewhere(&'static str);

enum Refusal {
    Problem(Problem),
    Method(Elsewhere),
    NoPlace,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

pub(super) async fn route(
    service: &Service,
    method: &Method,
    uri: &Uri,
    body: &Bytes,
) -> Response<Body> {
    let path = uri.path();
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    if *method == Method::GET {
        match path {
            "/" => return answer::with(200, "text/html; charset=utf-8", service.pages.page),
            "/openapi.json" => {
                return answer::with(200, "application/json", service.pages.description);
            }
            "/api/v1/events" => return live::stream(service.stand.events()),
            _ => {}
        }
    }
    match dispatch(service, method, path, body).await {
        Ok(value) => answer::json_with(200, &value),
        Err(Refusal::Problem(problem)) => answer::of_problem(&problem),
        Err(Refusal::Method(Elsewhere(allowed))) => {
            let mut response =
                answer::refusal(405, &format!("this place takes {allowed}, not {method}"));
            if let Ok(allowed) = allowed.parse() {
                response.headers_mut().insert(hyper::header::ALLOW, allowed);
            }
            response
        }
        Err(Refusal::NoPlace) => {
            answer::refusal(404, "there is nothing here: GET /openapi.json says what there is")
        }
    }
}

async fn dispatch(
    service: &Service,
    method: &Method,
    path: &str,
    body: &Bytes,
) -> Result<Value, Refusal> {
    let stand = &service.stand;
    let Some(rest) = path.strip_prefix("/api/v1/slots") else {
        return Err(if matches!(path, "/" | "/openapi.json" | "/api/v1/events") {
            Refusal::Method(Elsewhere("GET"))
        } else {
            Refusal::NoPlace
        });
    };
    let mut parts = rest.split('/');
    if parts.next() != Some("") {
        return Err(Refusal::NoPlace);
    }
    let parts: Vec<&str> = parts.collect();
    let (number, rest) = match parts.split_first() {
        None => {
            only(method, &[Method::GET], "GET")?;
            let slots: Vec<Value> = stand.slots().iter().map(|slot| of_slot(slot)).collect();
            return Ok(json!({ "slots": slots }));
        }
        Some((number, rest)) => (slot_number(number)?, rest),
    };
    let slot = stand.slot(number)?;
    match rest {
        [] => {
            only(method, &[Method::GET], "GET")?;
        }
        ["insert"] => {
            only(method, &[Method::POST], "POST")?;
            match wanted(&read::<Insert>(body, true)?)? {
                Some(wanted) => stand.insert(number, &wanted)?,
                None => slot.insert_again()?,
            }
        }
        ["eject"] => {
            only(method, &[Method::POST], "POST")?;
            slot.eject()?;
        }
        ["reset"] => {
            only(method, &[Method::POST], "POST")?;
            let atr = slot.power_on()?;
            return Ok(json!({ "atr": hex::encode_upper(atr) }));
        }
        ["reload"] => {
            only(method, &[Method::POST], "POST")?;
            slot.eject()?;
            slot.insert_again()?;
        }
        ["power"] => {
            only(method, &[Method::POST], "POST")?;
            if read::<Power>(body, false)?.on {
                slot.power_on()?;
            } else {
                slot.power_off()?;
            }
        }
        ["card"] => {
            if *method == Method::PATCH {
                let changes: Value = read(body, false)?;
                slot.change(|card| stand.workshop().change(card, &changes))?;
            } else {
                only(method, &[Method::GET], "GET, PATCH")?;
            }
            let how = if service.policy.shows_secrets {
                Described::WithSecrets
            } else {
                Described::Openly
            };
            return Ok(slot.look(|card| stand.workshop().describe(card, how))?);
        }
        ["snapshots"] => {
            only(method, &[Method::GET], "GET")?;
            return Ok(json!({ "snapshots": slot.snapshots() }));
        }
        ["snapshots", name] => {
            let name = named(name)?;
            if *method == Method::DELETE {
                slot.forget_snapshot(&name)?;
            } else {
                only(method, &[Method::PUT, Method::POST], "PUT, DELETE")?;
                slot.take_snapshot(&name)?;
            }
            return Ok(json!({ "snapshots": slot.snapshots() }));
        }
        ["snapshots", name, "restore"] => {
            only(method, &[Method::POST], "POST")?;
            slot.restore_snapshot(&named(name)?)?;
        }
        ["faults"] => return faults(method, slot, body),
        ["transmit"] => {
            only(method, &[Method::POST], "POST")?;
            return transmit(slot, &read::<Transmit>(body, false)?).await;
        }
        ["exchanges"] => {
            only(method, &[Method::GET], "GET")?;
            return Ok(stand.workshop().explain(&slot.exchanges()));
        }
        ["wait"] => {
            only(method, &[Method::POST], "POST")?;
            let wait: Wait = read(body, false)?;
            let condition = condition(&wait.r#for)?;
            let patience = Duration::from_millis(wait.timeout_ms).min(LONGEST);
            let event = stand.wait(number, &condition, patience).await?;
            return Ok(
                event.map_or_else(|| json!({ "kind": "idle" }), |event| live::of_event(&event))
            );
        }
        _ => return Err(Refusal::NoPlace),
    }
    Ok(of_slot(slot))
}

fn faults(method: &Method, slot: &CardSlot, body: &Bytes) -> Result<Value, Refusal> {
    match *method {
        Method::PUT => {
            let wanted: SetFaults = read(body, false)?;
            let faults: Result<Vec<sscard_faults::Fault>, _> =
                wanted.faults.iter().map(|text| text.parse()).collect();
            let faults = faults.map_err(|error| Problem::Wrong(error.to_string()))?;
            slot.set_faults(faults, wanted.seed);
        }
        Method::DELETE => slot.set_faults(Vec::new(), 0),
        _ => only(method, &[Method::GET], "GET, PUT, DELETE")?,
    }
    let (faults, seed, fired) = slot.faults_set();
    let fired: Vec<Value> = fired
        .into_iter()
        .map(|(command, fault)| json!({ "command": command, "fault": fault }))
        .collect();
    Ok(json!({ "faults": faults, "seed": seed, "fired": fired }))
}

async fn transmit(slot: &CardSlot, wanted: &Transmit) -> Result<Value, Refusal> {
    let command = hex::decode(&wanted.apdu)
        .map_err(|_| Problem::Wrong("apdu: pairs of hexadecimal digits are wanted".into()))?;
    if !(4..=65_544).contains(&command.len()) {
        let bytes = command.len();
        return Err(Problem::Wrong(format!("apdu: {bytes} bytes are no command")).into());
    }
    match slot.transmit(Origin::Api, &command)? {
        Given::Answer { response, delay, .. } => {
            tokio::time::sleep(delay).await;
            Ok(json!({ "response": hex::encode_upper(response) }))
        }
        Given::Nothing => Err(Problem::Late("the card does not answer".into()).into()),
        Given::Gone => Err(Problem::Conflict("the card was removed".into()).into()),
    }
}

fn of_slot(slot: &CardSlot) -> Value {
    let inserted = slot.inserted();
    let interface = slot.interface().map(|interface| match interface {
        Interface::Contact => "contact",
        Interface::Contactless => "contactless",
    });
    json!({
        "slot": slot.number(),
        "card": inserted.as_ref().map(|(name, ..)| name),
        "powered": inserted.as_ref().is_some_and(|(.., powered)| *powered),
        "interface": interface,
        "atr": slot.atr().ok().map(hex::encode_upper),
        "snapshots": slot.snapshots(),
    })
}

fn only(method: &Method, taken: &[Method], said: &'static str) -> Result<(), Refusal> {
    if taken.contains(method) { Ok(()) } else { Err(Refusal::Method(Elsewhere(said))) }
}

fn slot_number(text: &str) -> Result<usize, Problem> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain).ok_or_else(|| {
        Problem::Unknown(format!("'{}' is no slot: slots have numbers", text.escape_debug()))
    })
}

/// A snapshot's name: letters, digits, dots, hyphens and low lines.
fn named(text: &str) -> Result<String, Problem> {
    let fits = (1..=LONGEST_NAME).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if fits {
        Ok(text.to_owned())
    } else {
        Err(Problem::Wrong(format!(
            "'{}' is no name for a snapshot: letters, digits, dots, hyphens and low lines, at most {LONGEST_NAME}",
            text.escape_debug()
        )))
    }
}

fn wanted(insert: &Insert) -> Result<Option<Wanted>, Problem> {
    match (&insert.card, &insert.profile, insert.seed) {
        (Some(name), None, None) => Ok(Some(Wanted::File(name.clone()))),
        (None, Some(profile), seed) => {
            Ok(Some(Wanted::Made { profile: profile.clone(), seed: seed.unwrap_or(1) }))
        }
        (None, None, None) => Ok(None),
        _ => Err(Problem::Wrong("insert takes a card, or a profile with a seed".into())),
    }
}

fn condition(wanted: &Value) -> Result<Condition, Problem> {
    let said = || {
        Problem::Wrong(
            "for: \"exchange\", \"power\", \"inserted\", \"removed\", \"fault\", \"idle\", {\"command\": HEX} or {\"idle_ms\": N}"
                .into(),
        )
    };
    match wanted {
        Value::String(kind) => match kind.as_str() {
            "exchange" | "power" | "inserted" | "removed" | "fault" => {
                Ok(Condition::StandEvent(kind.clone()))
            }
            "idle" => Ok(Condition::Idle(Duration::from_millis(500))),
            _ => Err(said()),
        },
        Value::Object(fields) if fields.len() == 1 => {
            if let Some(start) = fields.get("command").and_then(Value::as_str) {
                let start = hex::decode(start);
                return start.map(Condition::Command).map_err(|_| said());
            }
            let quiet = fields.get("idle_ms").and_then(Value::as_u64).ok_or_else(said)?;
            Ok(Condition::Idle(Duration::from_millis(quiet).min(LONGEST)))
        }
        _ => Err(said()),
    }
}

/// A body in JSON; nothing counts as `{}` where that is said.
fn read<T: serde::de::DeserializeOwned>(body: &[u8], may_be_empty: bool) -> Result<T, Problem> {
    let body = if body.is_empty() && may_be_empty { b"{}" } else { body };
    serde_json::from_slice(body)
        .map_err(|error| Problem::Wrong(format!("the request's body: {error}")))
}
