//! Which request does what.

mod request;
mod whole;

use std::sync::Arc;

use hyper::body::Bytes;
use hyper::http::request::Parts;
use hyper::{Method, Response};
use serde_json::{Value, json};
use sscard_core::Interface;

use super::{Body, Service, answer, live};
use crate::event::{Origin, PowerChange};
use crate::problem::Problem;
use crate::slot::{CardSlot, Given};
use crate::stand::{Condition, Stand};
use request::{Insert, Power, SetFaults, Transmit, Wait, number, read, slot_number, snapshot_name};

enum Refusal {
    Problem(Problem),
    /// The place takes these methods.
    Method(&'static str),
    NoPlace,
    /// Too many wait.
    Busy,
}

/// Requests that wait at a time.
const MOST_WAITING: usize = 64;

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

pub(super) async fn route(service: &Service, head: &Parts, body: &Bytes) -> Response<Body> {
    let path = head.uri.path();
    let method = if head.method == Method::HEAD { &Method::GET } else { &head.method };
    if *method == Method::GET {
        match path {
            "/" => return super::page::answer(service.pages.page),
            "/openapi.json" => {
                return answer::with(200, "application/json", service.pages.description);
            }
            "/api/v1/events" => {
                return match events_after(head) {
                    Ok(after) => live::stream(&service.stand, service.policy.described(), after),
                    Err(problem) => answer::of_problem(&problem),
                };
            }
            _ => {}
        }
    }
    let refusal = match dispatch(service, method, head, body).await {
        Ok(value) => return answer::json_with(200, &value),
        Err(refusal) => refusal,
    };
    match refusal {
        Refusal::Problem(problem) => answer::of_problem(&problem),
        Refusal::Method(allowed) => {
            let said = format!("this place takes {allowed}, and no other method");
            let mut response = answer::refusal(405, "method", &said);
            if let Ok(allowed) = allowed.parse() {
                response.headers_mut().insert(hyper::header::ALLOW, allowed);
            }
            response
        }
        Refusal::Busy => {
            answer::refusal(429, "busy", "too many requests wait for something: end one first")
        }
        Refusal::NoPlace => {
            let said = "there is nothing here: GET /openapi.json says what there is";
            answer::refusal(404, "place", said)
        }
    }
}

/// The event after which a stream begins: a browser that lost one says it in a header.
fn events_after(head: &Parts) -> Result<Option<u64>, Problem> {
    let header = head.headers.get("last-event-id").and_then(|value| value.to_str().ok());
    match header.and_then(|value| value.parse().ok()) {
        Some(number) => Ok(Some(number)),
        None => number(&head.uri, "after"),
    }
}

async fn dispatch(
    service: &Service,
    method: &Method,
    head: &Parts,
    body: &Bytes,
) -> Result<Value, Refusal> {
    let stand = &service.stand;
    let path = head.uri.path();
    if path == "/api/v1/cards" {
        only(method, &[Method::GET], "GET")?;
        let (cards, profiles) = stand.workshop().stock();
        return Ok(json!({ "cards": cards, "profiles": profiles }));
    }
    let Some(rest) = path.strip_prefix("/api/v1/slots") else {
        return Err(match path {
            "/" | "/openapi.json" | "/api/v1/events" => Refusal::Method("GET"),
            _ => Refusal::NoPlace,
        });
    };
    let mut parts = rest.split('/');
    if parts.next() != Some("") {
        return Err(Refusal::NoPlace);
    }
    let parts: Vec<&str> = parts.collect();
    let Some((first, rest)) = parts.split_first() else {
        only(method, &[Method::GET], "GET")?;
        let slots: Vec<Value> = stand.slots().iter().map(|slot| of_slot(service, slot)).collect();
        return Ok(json!({ "slots": slots, "event": stand.events().latest() }));
    };
    let slot = stand.slot(slot_number(first)?)?;
    match rest {
        ["card"] => return card(service, slot, method, body),
        ["snapshots", rest @ ..] => return snapshots(service, slot, method, rest),
        ["faults"] => return faults(service, method, slot, body),
        ["transmit"] => {
            only(method, &[Method::POST], "POST")?;
            return transmit(slot, &read::<Transmit>(body, false)?.command()?).await;
        }
        ["exchanges"] => {
            only(method, &[Method::GET], "GET")?;
            return exchanges(service, slot, number(&head.uri, "after")?).await;
        }
        ["wait"] => {
            only(method, &[Method::POST], "POST")?;
            return wait(service, slot, &read(body, false)?).await;
        }
        [] => only(method, &[Method::GET], "GET")?,
        [act @ ("insert" | "eject" | "reset" | "reload" | "power")] => {
            only(method, &[Method::POST], "POST")?;
            perform(stand, slot, act, body)?;
        }
        _ => return Err(Refusal::NoPlace),
    }
    Ok(of_slot(service, slot))
}

/// What is done to a slot and its card by hand.
fn perform(stand: &Stand, slot: &CardSlot, act: &str, body: &Bytes) -> Result<(), Problem> {
    match act {
        "insert" => match read::<Insert>(body, true)?.wanted()? {
            Some(wanted) => stand.insert(slot.number(), &wanted),
            None => slot.insert_again(),
        },
        "eject" => slot.eject(),
        "reload" => stand.reload(slot.number()),
        "power" if !read::<Power>(body, false)?.on => slot.power_off(),
        _ => slot.power_on(Origin::Api, PowerChange::Reset).map(drop),
    }
}

fn card(
    service: &Service,
    slot: &CardSlot,
    method: &Method,
    body: &Bytes,
) -> Result<Value, Refusal> {
    let workshop = service.stand.workshop();
    if *method == Method::PATCH {
        let mut changes: Value = read(body, false)?;
        let fields = changes.as_object_mut();
        // The clock is the slot's: a card has none.
        let clock = fields.and_then(|fields| fields.remove("clock"));
        let clock = clock.as_ref().map(clock_of).transpose()?;
        slot.change(clock, |card| workshop.change(card, &changes))?;
    } else {
        only(method, &[Method::GET], "GET, PATCH")?;
    }
    Ok(slot.look(|card| workshop.describe(card, service.policy.described()))?)
}

/// Milliseconds since the card was inserted.
fn clock_of(value: &Value) -> Result<std::time::Duration, Problem> {
    let wanted = || Problem::Wrong("clock: milliseconds since the card was inserted".into());
    value.as_u64().map(std::time::Duration::from_millis).ok_or_else(wanted)
}

fn snapshots(
    service: &Service,
    slot: &CardSlot,
    method: &Method,
    rest: &[&str],
) -> Result<Value, Refusal> {
    match rest {
        [] => only(method, &[Method::GET], "GET")?,
        [name] if *method == Method::DELETE => slot.forget_snapshot(snapshot_name(name)?)?,
        [name] => {
            only(method, &[Method::PUT, Method::POST], "PUT, POST, DELETE")?;
            slot.take_snapshot(snapshot_name(name)?)?;
        }
        [name, "restore"] => {
            only(method, &[Method::POST, Method::PUT], "POST, PUT")?;
            slot.restore_snapshot(snapshot_name(name)?)?;
            return Ok(of_slot(service, slot));
        }
        _ => return Err(Refusal::NoPlace),
    }
    Ok(json!({ "snapshots": slot.view().snapshots }))
}

fn faults(
    service: &Service,
    method: &Method,
    slot: &CardSlot,
    body: &Bytes,
) -> Result<Value, Refusal> {
    let how = service.policy.described();
    match *method {
        Method::PUT => {
            let (faults, seed) = read::<SetFaults>(body, false)?.wanted()?;
            slot.set_faults(faults, seed);
        }
        Method::DELETE => slot.set_faults(Vec::new(), 0),
        _ => only(method, &[Method::GET], "GET, PUT, DELETE")?,
    }
    let (faults, seed, fired) = slot.faults_set();
    let faults: Vec<String> = faults.iter().map(|fault| live::of_fault(fault, how)).collect();
    let fired: Vec<Value> = fired
        .into_iter()
        .map(
            |fired| json!({ "command": fired.command, "fault": live::of_fault(&fired.fault, how) }),
        )
        .collect();
    Ok(json!({ "faults": faults, "seed": seed, "fired": fired }))
}

async fn transmit(slot: &CardSlot, command: &[u8]) -> Result<Value, Refusal> {
    let outcome = slot.transmit(Origin::Api, command)?;
    match outcome.given {
        Given::Answer { response, delay, .. } => {
            if !delay.is_zero()
                && tokio::time::timeout(delay, slot.freed(outcome.ticket)).await.is_ok()
            {
                let said = "the card was removed or reset before it answered";
                return Err(Problem::Lost(said.into()).into());
            }
            Ok(json!({ "response": hex::encode_upper(response) }))
        }
        Given::Nothing(why) => {
            let text = why.text().to_owned();
            Err(match why {
                crate::event::NoAnswer::Mute => Problem::Late(text),
                _ => Problem::Lost(text),
            }
            .into())
        }
    }
}

async fn exchanges(
    service: &Service,
    slot: &Arc<CardSlot>,
    after: Option<u64>,
) -> Result<Value, Refusal> {
    let (stand, slot, how) =
        (Arc::clone(&service.stand), Arc::clone(slot), service.policy.described());
    // Some thousand exchanges take their time; others are served meanwhile.
    let explained = tokio::task::spawn_blocking(move || {
        let mut explainer = stand.workshop().explainer(how);
        let mut events = Vec::new();
        for event in slot.history() {
            let explained = live::of_trace(&event, &mut *explainer);
            if after.is_none_or(|after| event.number > after) {
                events.extend(explained);
            }
        }
        let mut document = stand.workshop().head(&stand.head(&slot));
        if let Some(fields) = document.as_object_mut() {
            fields.insert("events".to_owned(), Value::Array(events));
        }
        document
    });
    explained.await.map_err(|_| Problem::Failed("the exchanges cannot be told".into()).into())
}

async fn wait(service: &Service, slot: &Arc<CardSlot>, wanted: &Wait) -> Result<Value, Refusal> {
    let condition = wanted.condition()?;
    let _place = Arc::clone(&service.waiting);
    // One of them is the service's own, one this request's.
    if Arc::strong_count(&service.waiting) > MOST_WAITING + 1 {
        return Err(Refusal::Busy);
    }
    let stand = &service.stand;
    let event = stand.wait(slot.number(), &condition, wanted.after, wanted.patience()).await?;
    Ok(match event {
        Some(event) => {
            let how = service.policy.described();
            let mut explainer = stand.workshop().explainer(how);
            for before in slot.history().iter().filter(|before| before.number < event.number) {
                explainer.explain(before);
            }
            live::of_event(&event, &mut *explainer, how)
        }
        None => {
            let kind = if condition == Condition::Ready { "ready" } else { "idle" };
            json!({ "kind": kind, "slot": slot.number() })
        }
    })
}

fn of_slot(service: &Service, slot: &CardSlot) -> Value {
    let (stand, how) = (&service.stand, service.policy.described());
    let view = slot.view();
    let interface = view.interface.map(|interface| match interface {
        Interface::Contact => "contact",
        Interface::Contactless => "contactless",
    });
    let (inside, beside) = match view.card {
        Some((name, true)) => (Some(name), None),
        Some((name, false)) => (None, Some(name)),
        None => (None, None),
    };
    let (faults, ..) = slot.faults_set();
    let faults: Vec<String> = faults.iter().map(|fault| live::of_fault(fault, how)).collect();
    json!({
        "slot": slot.number(),
        "card": inside,
        "ejected": beside,
        "powered": view.powered,
        "ready": stand.is_ready(slot),
        "interface": interface,
        "atr": (!view.atr.is_empty()).then(|| hex::encode_upper(&view.atr)),
        "snapshots": view.snapshots,
        "commands": view.commands,
        "clock_ms": inside_clock(slot),
        "faults": faults,
    })
}

/// The slot's clock; none without a card in it.
fn inside_clock(slot: &CardSlot) -> Option<u64> {
    slot.generation().map(|_| live::milliseconds(slot.view().clock))
}

fn only(method: &Method, taken: &[Method], said: &'static str) -> Result<(), Refusal> {
    if taken.contains(method) { Ok(()) } else { Err(Refusal::Method(said)) }
}
