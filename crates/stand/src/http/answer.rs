//! Answers: JSON, pages, refusals.

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Response, header};
use serde_json::{Value, json};

use super::Body;
use crate::problem::Problem;

/// What is no page runs nothing, should a browser take it for one.
const RULES: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// An answer with a body.
pub(crate) fn with(status: u16, kind: &'static str, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Full::new(body.into()).boxed_unsync());
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, RULES),
    ] {
        headers.insert(name, header::HeaderValue::from_static(value));
    }
    response
}

/// An answer in JSON.
pub(crate) fn json_with(status: u16, value: &Value) -> Response<Body> {
    with(status, "application/json", value.to_string())
}

/// A refusal with a sentence.
pub(crate) fn refusal(status: u16, kind: &str, sentence: &str) -> Response<Body> {
    json_with(status, &json!({ "error": sentence, "kind": kind }))
}

/// What could not be done.
pub(crate) fn of_problem(problem: &Problem) -> Response<Body> {
    let status = match problem {
        Problem::Wrong(_) => 422,
        Problem::Unknown(_) => 404,
        Problem::Empty(_) | Problem::InUse(_) | Problem::Conflict(_) | Problem::Lost(_) => 409,
        Problem::Late(_) => 408,
        Problem::Failed(_) => 503,
    };
    refusal(status, problem.kind(), &problem.to_string())
}
