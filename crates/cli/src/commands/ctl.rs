//! `sscard ctl`: drives the cards of `sscard serve --api`.
//!
//! What enters: the command line. What leaves: one request, or one for each command of `transmit`, and its answer as text or as it
//! came; a refusal ends the program with the code that the same thing has elsewhere.

mod fields;
mod text;

use std::io::Write;
use std::ops::ControlFlow;

use serde_json::{Value, json};
use sscard_stand::ApiAddress;
use sscard_stand::client::{Client, ClientError, Method};
use sscard_stand::http::Token;

use super::serve::api::token;
use crate::args::{CtlArgs, CtlCommand, OnOff};
use crate::documents;
use crate::failure::Failure;

/// A request: method, path, body.
struct Asked {
    method: Method,
    path: String,
    body: Option<Value>,
}

pub(crate) fn run(args: &CtlArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let address = address(args)?;
    let token = token(args.api_token.as_deref())?;
    let request = asked(args)?;
    let mut client = Client::connect(&address, token.as_ref().map(Token::expose))?;
    match &args.command {
        CtlCommand::Transmit { commands, check } => {
            transmit(&mut client, args, commands, *check, out)
        }
        CtlCommand::Events { count, .. } => events(client, args, &request.path, *count, out),
        CtlCommand::Reload { all: true } => {
            let slots = ask(&mut client, &get("/api/v1/slots".to_owned()))?;
            let slots = slots.get("slots").and_then(Value::as_array).cloned().unwrap_or_default();
            let has_card = |slot: &&Value| !slot["card"].is_null() || !slot["ejected"].is_null();
            for slot in slots.iter().filter(has_card) {
                let path = format!("/api/v1/slots/{}/reload", slot["slot"]);
                let answer = ask(&mut client, &post(path, None))?;
                show(args, &answer, out)?;
            }
            Ok(())
        }
        _ => show(args, &ask(&mut client, &request)?, out),
    }
}

/// Where the API is: here, or by the environment.
fn address(args: &CtlArgs) -> Result<ApiAddress, Failure> {
    let from_environment = || {
        let text = std::env::var_os("SSCARD_API").filter(|text| !text.is_empty())?;
        Some(("SSCARD_API", text.to_string_lossy().into_owned()))
    };
    let given = args.api.clone().map(|text| ("--api", text)).or_else(from_environment);
    let missing =
        || Failure::Usage("say where sscard serve --api is: --api ADDR, or SSCARD_API".to_owned());
    let (place, text) = given.ok_or_else(missing)?;
    text.parse().map_err(|error| Failure::Usage(format!("{place}: {error}")))
}

fn get(path: String) -> Asked {
    Asked { method: Method::GET, path, body: None }
}

fn post(path: String, body: Option<Value>) -> Asked {
    Asked { method: Method::POST, path, body }
}

/// The request of a subcommand; that of `transmit` is its first.
fn asked(args: &CtlArgs) -> Result<Asked, Failure> {
    let at = |rest: &str| format!("/api/v1/slots/{}{rest}", args.slot);
    let after = |path: String, after: &Option<u64>| match after {
        Some(number) => format!("{path}?after={number}"),
        None => path,
    };
    Ok(match &args.command {
        CtlCommand::Slots => get("/api/v1/slots".to_owned()),
        CtlCommand::Cards => get("/api/v1/cards".to_owned()),
        CtlCommand::Insert { card, profile, seed } => {
            let all = [
                ("card", card.as_ref().map(|name| json!(name))),
                ("profile", profile.as_ref().map(|name| json!(name))),
                ("seed", seed.map(|seed| json!(seed))),
            ];
            let given = all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
            post(at("/insert"), Some(Value::Object(given.collect())))
        }
        CtlCommand::Eject => post(at("/eject"), None),
        CtlCommand::Reset => post(at("/reset"), None),
        CtlCommand::Power { power } => {
            post(at("/power"), Some(json!({ "on": *power == OnOff::On })))
        }
        CtlCommand::Reload { .. } => post(at("/reload"), None),
        CtlCommand::Card => get(at("/card")),
        CtlCommand::Set { fields } => {
            let body = Some(fields::object(fields)?);
            Asked { method: Method::PATCH, path: at("/card"), body }
        }
        CtlCommand::Snapshot { name: None, .. } => get(at("/snapshots")),
        CtlCommand::Snapshot { name: Some(name), forget } => {
            let method = if *forget { Method::DELETE } else { Method::PUT };
            Asked { method, path: at(&format!("/snapshots/{}", in_path(name)?)), body: None }
        }
        CtlCommand::Restore { name } => {
            post(at(&format!("/snapshots/{}/restore", in_path(name)?)), None)
        }
        CtlCommand::Faults { clear: true, .. } => {
            Asked { method: Method::DELETE, path: at("/faults"), body: None }
        }
        CtlCommand::Faults { faults, .. } if faults.is_empty() => get(at("/faults")),
        CtlCommand::Faults { faults, seed, .. } => {
            let body = json!({ "faults": faults, "seed": seed.unwrap_or(0) });
            Asked { method: Method::PUT, path: at("/faults"), body: Some(body) }
        }
        CtlCommand::Transmit { .. } => post(at("/transmit"), None),
        CtlCommand::Exchanges { after: number } => get(after(at("/exchanges"), number)),
        CtlCommand::Wait { condition, timeout_ms, after } => {
            let mut body = json!({ "for": condition_of(condition)?, "timeout_ms": timeout_ms });
            if let (Some(after), Some(fields)) = (after, body.as_object_mut()) {
                fields.insert("after".to_owned(), json!(after));
            }
            post(at("/wait"), Some(body))
        }
        CtlCommand::Events { after: number, .. } => get(after("/api/v1/events".to_owned(), number)),
    })
}

/// A name that stands in a path as it is.
fn in_path(name: &str) -> Result<&str, Failure> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if !name.is_empty() && name.bytes().all(fits) {
        return Ok(name);
    }
    let rule = "a snapshot's name has letters, digits, dots, hyphens and low lines";
    Err(Failure::Usage(format!("{name}: {rule}")))
}

fn condition_of(text: &str) -> Result<Value, Failure> {
    if let Some(quiet) = text.strip_prefix("idle=") {
        let wrong = || Failure::Usage(format!("{text}: idle=MILLISECONDS, such as idle=500"));
        return quiet.parse::<u64>().map(|quiet| json!({ "idle_ms": quiet })).map_err(|_| wrong());
    }
    match text {
        "exchange" | "power" | "inserted" | "removed" | "fault" | "idle" | "ready" => {
            Ok(json!(text))
        }
        _ if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            Ok(json!({ "command": text }))
        }
        _ => Err(Failure::Usage(format!(
            "{text}: wait for exchange, power, inserted, removed, fault, idle, ready, idle=MILLISECONDS or the beginning of a \
             command in hexadecimal"
        ))),
    }
}

fn ask(client: &mut Client, asked: &Asked) -> Result<Value, Failure> {
    let (status, answer) = client.ask(asked.method.clone(), &asked.path, asked.body.as_ref())?;
    if status == 200 { Ok(answer) } else { Err(refusal(status, &answer)) }
}

/// The failure that a refusal is, with the exit code that the same thing has elsewhere.
fn refusal(status: u16, answer: &Value) -> Failure {
    let exit_code = match answer.get("kind").and_then(Value::as_str) {
        Some("conflict") => 1,
        Some("token" | "foreign") => 2,
        Some("wrong" | "large") => 3,
        Some("unknown" | "empty") => 4,
        Some("in_use" | "late") => 5,
        Some("lost") => 7,
        _ => 6,
    };
    let text = match answer.get("error").and_then(Value::as_str) {
        Some(sentence) => sentence.to_owned(),
        None => format!("the API answers with {status}, and no sentence"),
    };
    Failure::Api { text, exit_code }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let exit_code = match &error {
            ClientError::Nobody { .. } => 4,
            _ => 6,
        };
        Self::Api { text: error.to_string(), exit_code }
    }
}

fn transmit(
    client: &mut Client,
    args: &CtlArgs,
    commands: &[String],
    check: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let path = format!("/api/v1/slots/{}/transmit", args.slot);
    let mut all_good = true;
    for command in commands {
        let answer = ask(client, &post(path.clone(), Some(json!({ "apdu": command }))))?;
        let response = answer.get("response").and_then(Value::as_str).unwrap_or_default();
        all_good &= response.ends_with("9000");
        if args.json {
            documents::print(out, &answer)?;
        } else {
            writeln!(out, "{response}")?;
        }
    }
    if all_good || !check { Ok(()) } else { Err(Failure::Check) }
}

fn events(
    client: Client,
    args: &CtlArgs,
    path: &str,
    count: Option<u64>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut left = count;
    if left == Some(0) {
        return Ok(());
    }
    let mut written = Ok(());
    let refused = client.events(path, |kind, event| {
        written = if args.json {
            documents::line(event).and_then(|mut line| {
                line.push(b'\n');
                out.write_all(&line)
            })
        } else {
            writeln!(out, "{}", text::event(kind, event))
        };
        written = std::mem::replace(&mut written, Ok(())).and_then(|()| out.flush());
        left = left.map(|left| left - 1);
        let is_over = written.is_err() || left == Some(0);
        if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    written?;
    refused.map_or(Ok(()), |(status, answer)| Err(refusal(status, &answer)))
}

fn show(args: &CtlArgs, answer: &Value, out: &mut dyn Write) -> Result<(), Failure> {
    if args.json || matches!(args.command, CtlCommand::Card | CtlCommand::Set { .. }) {
        documents::print(out, answer)?;
    } else {
        text::print(&args.command, answer, out)?;
    }
    Ok(())
}
