//! The live stream: server-sent events.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::{Body as HttpBody, Bytes, Frame};
use serde_json::{Value, json};

use super::{Body, answer};
use crate::event::{Events, Happening, Listener, StandEvent};
use crate::slot::{Exchanged, Origin};

/// So often something is sent, so that a client that is gone is noticed.
const BREATH: Duration = Duration::from_secs(15);

type Next = Pin<Box<dyn Future<Output = (Listener, Bytes)> + Send>>;

struct Live {
    next: Next,
}

/// A stream of everything from now on.
pub(crate) fn stream(events: &Events) -> Response<Body> {
    let live = Live { next: Box::pin(next(events.listen())) };
    let mut response = answer::with(200, "text/event-stream", Bytes::new());
    *response.body_mut() = live.boxed_unsync();
    response
}

async fn next(mut listener: Listener) -> (Listener, Bytes) {
    loop {
        if tokio::time::timeout(BREATH, listener.wait()).await.is_err() {
            return (listener, Bytes::from_static(b": quiet\n\n"));
        }
        let (events, lost) = listener.take();
        let mut text = String::new();
        if lost > 0 {
            text.push_str(&format!("event: lost\ndata: {{\"events\":{lost}}}\n\n"));
        }
        for event in events {
            let (number, kind, data) = (event.number, event.what.kind(), of_event(&event));
            text.push_str(&format!("id: {number}\nevent: {kind}\ndata: {data}\n\n"));
        }
        if !text.is_empty() {
            return (listener, Bytes::from(text));
        }
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
            Poll::Ready((listener, bytes)) => {
                self.next = Box::pin(next(listener));
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

/// An event as JSON.
pub(crate) fn of_event(event: &Arc<StandEvent>) -> Value {
    let mut value = match &event.what {
        Happening::Exchange(exchanged) => of_exchange(exchanged),
        Happening::Power(on) => json!({ "on": on }),
        Happening::Inserted(name) => json!({ "card": name }),
        Happening::Removed => json!({}),
        Happening::Fault { fault, command } => json!({ "fault": fault, "command": command }),
    };
    if let Some(object) = value.as_object_mut() {
        object.insert("slot".to_owned(), json!(event.slot));
        object.insert("kind".to_owned(), json!(event.what.kind()));
        object.insert("at_ms".to_owned(), json!(milliseconds(event.at)));
    }
    value
}

fn of_exchange(exchanged: &Exchanged) -> Value {
    // PINs and keys go over no live stream.
    let mut shown = sscard_host::Exchange::new(exchanged.command.clone(), Ok(Vec::new()));
    shown.redact();
    json!({
        "number": exchanged.number,
        "origin": match exchanged.origin {
            Origin::Driver => "driver",
            Origin::Api => "api",
        },
        "command": shown.command_hex(),
        "response": exchanged.response.as_ref().map(hex::encode_upper),
    })
}

pub(crate) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
