//! A machine by what a person names: a file of it, a profile, a card.

use std::path::Path;

use serde_json::Value;
use sscard_host::CardFile;
use sscard_profile::{BUILT_IN, BUILT_IN_MODULES};
use sscard_testkit::learn::{GoldenMachine, MealyEdge, MealyMachine};

use crate::failure::Failure;
use crate::read_file;

/// Where a machine comes from.
pub(super) enum Origin {
    /// It is in a file already, which may name its alphabet.
    Machine(MealyMachine, Option<String>),
    /// A card that is to be learnt.
    Card(Box<sscard_core::Card>),
}

/// Looks a machine or a card up.
pub(super) fn origin(name: &str) -> Result<Origin, Failure> {
    let path = Path::new(name);
    let is_built_in = BUILT_IN.iter().chain(&BUILT_IN_MODULES).any(|(known, _)| *known == name);
    if is_built_in || path.extension().is_some_and(|ending| ending == "toml") || !path.exists() {
        return Ok(Origin::Card(Box::new(super::made(name)?)));
    }
    let bytes = read_file::read(path)
        .map_err(|source| Failure::Unreadable { path: path.to_owned(), source })?;
    if bytes.starts_with(b"SSCARD") {
        return Ok(Origin::Card(Box::new(CardFile::read(path)?)));
    }
    let refuse = |reason: String| Failure::Input { place: name.to_owned(), reason };
    let text = String::from_utf8(bytes).map_err(|_| {
        refuse("it is no machine (text or JSON), no profile and no card image".to_owned())
    })?;
    if text.trim_start().starts_with('{') {
        let document = serde_json::from_str(&text).map_err(|error| refuse(error.to_string()))?;
        let machine = of_document(&document).map_err(refuse)?;
        let alphabet = document.get("alphabet").and_then(Value::as_str).map(str::to_owned);
        return Ok(Origin::Machine(machine, alphabet));
    }
    let golden = GoldenMachine::parse(&text).map_err(|error| Failure::Placed {
        file: name.to_owned(),
        line: error.line,
        column: 1,
        reason: format!("{}; a machine is what sscard learn prints", error.reason),
    })?;
    let alphabet = golden.remarks.iter().find_map(|remark| {
        let rest = remark.strip_prefix("alphabet ")?;
        rest.split_once(" on ").map(|(alphabet, _)| alphabet.to_owned())
    });
    Ok(Origin::Machine(golden.machine, alphabet))
}

/// The machine in a document of `learn --json`.
fn of_document(document: &Value) -> Result<MealyMachine, String> {
    let list = document.get("machine").and_then(Value::as_array);
    let list =
        list.ok_or("there is no list 'machine': is it a document of sscard learn --json?")?;
    let mut inputs: Vec<String> = Vec::new();
    let mut outputs: Vec<String> = Vec::new();
    let mut rows: Vec<Vec<(usize, MealyEdge)>> = Vec::new();
    for (place, transition) in list.iter().enumerate() {
        let wrong = |field: &str| format!("machine[{place}] has no {field} that can be used");
        let number = |field: &str| {
            let number = transition.get(field).and_then(Value::as_u64);
            let number = number.and_then(|number| usize::try_from(number).ok());
            // No list has more states than transitions.
            number.filter(|number| *number <= list.len()).ok_or_else(|| wrong(field))
        };
        let text =
            |field: &str| transition.get(field).and_then(Value::as_str).ok_or_else(|| wrong(field));
        let numbered = |names: &mut Vec<String>, name: &str| {
            names.iter().position(|known| known == name).unwrap_or_else(|| {
                names.push(name.to_owned());
                names.len() - 1
            })
        };
        let (from, to) = (number("from")?, number("to")?);
        let input = numbered(&mut inputs, text("input")?);
        let output = numbered(&mut outputs, text("output")?);
        if rows.len() <= from {
            rows.resize(from + 1, Vec::new());
        }
        rows[from].push((input, MealyEdge { output, to }));
    }
    let rows = rows.into_iter().enumerate().map(|(state, mut row)| {
        row.sort_by_key(|(input, _)| *input);
        let is_whole = row.iter().map(|(input, _)| *input).eq(0..inputs.len());
        let edges = row.into_iter().map(|(_, edge)| edge).collect();
        is_whole
            .then_some(edges)
            .ok_or_else(|| format!("state {state} does not have every input once"))
    });
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    MealyMachine::new(inputs.clone(), outputs, rows).map_err(|error| error.to_string())
}
