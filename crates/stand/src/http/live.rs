//! The live stream: server-sent events.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::{Body as HttpBody, Bytes, Frame};
use serde_json::{Value, json};
use sscard_faults::{Fault, Fired};

use super::{Body, answer};
use crate::event::{Happening, Listener, StandEvent};
use crate::stand::Stand;
use crate::workshop::{Described, Explainer};

/// Their media type.
const STREAM: &str = "text/event-stream";

/// So often something is sent, so that a client that is gone is noticed.
const BREATH: Duration = Duration::from_secs(15);

/// Whoever listens, and what it takes to say what the events mean.
struct Told {
    listener: Listener,
    stand: Arc<Stand>,
    how: Described,
    explainers: BTreeMap<usize, Box<dyn Explainer>>,
    begun: bool,
    /// Counts as long as it lives.
    _place: Arc<()>,
}

type Next = Pin<Box<dyn Future<Output = (Told, Bytes)> + Send>>;

struct Live {
    next: Next,
}

/// Streams at a time.
const MOST: usize = 128;

/// Whether an answer is a live stream.
pub(crate) fn is_stream(response: &Response<Body>) -> bool {
    let kind = response.headers().get(hyper::header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind == STREAM)
}

/// A stream of everything from now on, or of what came after an event of this number.
pub(crate) fn stream(stand: &Arc<Stand>, how: Described, after: Option<u64>) -> Response<Body> {
    let listener = match after {
        Some(number) => stand.events().listen_after(number),
        None => stand.events().listen(),
    };
    let places = stand.events().places();
    // One of them is the stand's own.
    if Arc::strong_count(places) > MOST {
        return answer::refusal(429, "busy", "there are too many live streams: end one first");
    }
    let (stand, place) = (Arc::clone(stand), Arc::clone(places));
    let told =
        Told { listener, stand, how, explainers: BTreeMap::new(), begun: false, _place: place };
    let live = Live { next: Box::pin(next(told)) };
    let mut response = answer::with(200, STREAM, Bytes::new());
    *response.body_mut() = live.boxed_unsync();
    response
}

async fn next(mut told: Told) -> (Told, Bytes) {
    if !told.begun {
        // Whoever has this knows that nothing is missed from here on.
        told.begun = true;
        return (told, Bytes::from_static(b": live\n\n"));
    }
    loop {
        if tokio::time::timeout(BREATH, told.listener.wait()).await.is_err() {
            return (told, Bytes::from_static(b": quiet\n\n"));
        }
        let (events, lost) = told.listener.take();
        let mut text = String::new();
        if lost > 0 {
            text.push_str(&format!("event: lost\ndata: {{\"events\":{lost}}}\n\n"));
        }
        for event in events {
            let (number, kind, data) = (event.number, event.what.kind(), told.say(&event));
            text.push_str(&format!("id: {number}\nevent: {kind}\ndata: {data}\n\n"));
        }
        if !text.is_empty() {
            return (told, Bytes::from(text));
        }
    }
}

impl Told {
    /// An event as JSON. What went before in the slot gives it its meaning.
    fn say(&mut self, event: &StandEvent) -> Value {
        let Self { stand, how, explainers, .. } = self;
        let explainer = explainers.entry(event.slot).or_insert_with(|| {
            let mut explainer = stand.workshop().explainer(*how);
            let history = stand.slot(event.slot).map(|slot| slot.history()).unwrap_or_default();
            for before in history.iter().filter(|before| before.number < event.number) {
                explainer.explain(before);
            }
            explainer
        });
        of_event(event, &mut **explainer, *how)
    }
}

impl HttpBody for Live {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.next.as_mut().poll(context) {
            Poll::Ready((told, bytes)) => {
                self.next = Box::pin(next(told));
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

/// A fault as text; what it sends a card in the place of a command's data may be a PIN.
pub(crate) fn of_fault(fault: &Fault, how: Described) -> String {
    match how {
        Described::Openly => fault.redacted(),
        Described::WithSecrets => fault.to_string(),
    }
}

/// An event as JSON.
pub(crate) fn of_event(event: &StandEvent, explainer: &mut dyn Explainer, how: Described) -> Value {
    let mut value = match &event.what {
        Happening::Exchange(_) => of_trace(event, explainer).unwrap_or_else(|| json!({})),
        Happening::Power(powered) => json!({
            "n": powered.n,
            "power": powered.change.name(),
            "atr": hex::encode_upper(&powered.atr),
        }),
        Happening::Inserted(name) => json!({ "card": name }),
        Happening::Removed => json!({}),
        Happening::Fault(Fired { fault, command, .. }) => {
            json!({ "fault": of_fault(fault, how), "command": command })
        }
    };
    if matches!(event.what, Happening::Power(_)) {
        // It ends what went before.
        explainer.explain(event);
    }
    if let Some(object) = value.as_object_mut() {
        object.insert("number".to_owned(), json!(event.number));
        object.insert("slot".to_owned(), json!(event.slot));
        object.insert("kind".to_owned(), json!(event.what.kind()));
        object.insert("at_ms".to_owned(), json!(milliseconds(event.at)));
    }
    value
}

/// An exchange or a change of power in the form of a trace, with the event's number and who it came from.
pub(crate) fn of_trace(event: &StandEvent, explainer: &mut dyn Explainer) -> Option<Value> {
    let mut value = explainer.explain(event)?;
    if let Some(object) = value.as_object_mut() {
        object.insert("number".to_owned(), json!(event.number));
    }
    if let (Some(object), Happening::Exchange(exchanged)) = (value.as_object_mut(), &event.what) {
        object.insert("origin".to_owned(), json!(exchanged.origin.name()));
        object.insert("command_number".to_owned(), json!(exchanged.command_number));
    }
    Some(value)
}

pub(crate) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
