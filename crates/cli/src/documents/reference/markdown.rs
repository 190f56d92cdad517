//! `docs/json.md` out of the schema.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Map, Value};

use super::Documented;

/// Longer examples are cut, and stand in `tests/json` as a whole.
const LINES: usize = 40;

const INTRODUCTION: &str = "\
# JSON

What `sscard` prints on standard output when a command is given `--json`. This page and [json.schema.json](json.schema.json), a JSON
Schema (2020-12) of the same documents, are made from the program's types; a test compares them, and checks every document below
against the schema: `BLESS=1 cargo test -p sscard --bins reference` writes both anew.

**Form.** One document in UTF-8, with indents, and an end of line; `readers --watch` prints a document a line as things happen,
`trace show` an event a line. Fields stand in the order of their names. A field without a value is `null`; a field that may be absent
says so. Characters that a terminal obeys, and those nobody sees, are escaped.

**What is promised.** `schema` is the version of a document (1; documents without it have version 1 as well). Within a version a field
keeps its name, its type, its unit and its meaning, and is not taken away; fields and values of an enumeration may be added, so a
reader passes over what it does not know. Sentences for people (`meaning`, `message`, `remarks`, `reason`, names) may be worded
differently. Errors go to standard error; the verdict is the [exit code](exit-codes.md), never the text.

A PIN or a key stands in no document, but for `inspect --keys` and what `--unsafe-show-secrets` shows.

Beside these documents the program writes traces, a JSON object a line: [trace.md](trace.md#our-format). `sscard-bench --json`
prints the figures of [performance.md](performance.md).

";

/// Where a type is described.
struct Links<'d>(&'d [Documented]);

impl Links<'_> {
    fn to(&self, name: &str) -> String {
        let document = self.0.iter().find(|document| document.name == name);
        let heading = document.map(|document| heading(document.commands));
        let text = heading.as_deref().unwrap_or(name);
        format!("[{text}](#{})", anchor(text))
    }
}

/// The page; `example` gives a file of `tests/json`.
pub(super) fn page(
    documents: &[Documented],
    definitions: &Map<String, Value>,
    example: &dyn Fn(&str) -> String,
) -> String {
    let links = Links(documents);
    let mut page = INTRODUCTION.to_owned();
    for document in documents {
        writeln!(page, "* {}", links.to(&document.name)).expect("text");
    }
    let is_document = |name: &str| documents.iter().any(|document| document.name == name);
    let mut said = BTreeSet::new();
    for document in documents {
        let heading = heading(document.commands);
        write!(page, "\n## {heading}\n").expect("text");
        section(&mut page, &links, &definitions[&document.name]);
        let mut next = used(&definitions[&document.name]);
        while !next.is_empty() {
            let name = next.remove(0);
            if is_unit(&definitions[&name]) || is_document(&name) || !said.insert(name.clone()) {
                continue;
            }
            write!(page, "\n### {name}\n").expect("text");
            section(&mut page, &links, &definitions[&name]);
            next.extend(used(&definitions[&name]));
        }
        show(&mut page, document.example, &example(document.example));
    }
    page.push_str("\n## Units\n\n| | |\n|---|---|\n");
    for (name, schema) in definitions.iter().filter(|(_, schema)| is_unit(schema)) {
        writeln!(page, "| {} | {} |", unit(name), description(schema)).expect("text");
    }
    page
}

fn heading(commands: &str) -> String {
    let (command, remark) = commands.split_once(", ").unwrap_or((commands, ""));
    match remark {
        "" => format!("{command} --json"),
        remark => format!("{command} --json: {remark}"),
    }
    .replace("trace diff --json: trace replay", "trace diff, trace replay --json")
    .replace("desk collect --json: ", "desk --json: collect, ")
}

/// As GitHub makes it of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// What a type is, and its fields.
fn section(page: &mut String, links: &Links<'_>, schema: &Value) {
    write!(page, "\n{}\n", description(schema)).expect("text");
    if let Some(forms) = schema["anyOf"].as_array() {
        let forms: Vec<_> = forms.iter().map(|form| kind(links, form)).collect();
        write!(page, "\nOne of {}.\n", forms.join(", ")).expect("text");
        return;
    }
    if schema["type"] == "array" {
        write!(page, "\nA {}.\n", kind(links, schema)).expect("text");
        return;
    }
    page.push_str("\n| field | type | meaning |\n|---|---|---|\n");
    let required = |name: &str| {
        schema["required"].as_array().is_some_and(|names| names.iter().any(|one| one == name))
    };
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let absent = if required(name) { "" } else { ", may be absent" };
        writeln!(page, "| `{name}` | {}{absent} | {} |", kind(links, field), description(field))
            .expect("text");
    }
}

/// A type in words.
fn kind(links: &Links<'_>, schema: &Value) -> String {
    if let Some(name) = reference(schema) {
        return match name {
            "Hex" | "Fen" | "Day" => unit(name).to_owned(),
            name => links.to(name),
        };
    }
    if let Some(forms) = schema["anyOf"].as_array() {
        return forms.iter().map(|form| kind(links, form)).collect::<Vec<_>>().join(" or ");
    }
    let names = match &schema["type"] {
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        name => vec![name.as_str().unwrap_or_default()],
    };
    let words = names.iter().map(|name| match *name {
        "string" => "text".to_owned(),
        "integer" if schema["minimum"] == 0 => "number from 0".to_owned(),
        "integer" => "number".to_owned(),
        "number" => "number with a fraction".to_owned(),
        "boolean" => "`true` or `false`".to_owned(),
        "null" => "`null`".to_owned(),
        "array" if schema["maxItems"] == 2 => format!("two of {}", kind(links, &schema["items"])),
        "array" => format!("list of {}", kind(links, &schema["items"])),
        "object" => {
            format!("object, each field a {}", kind(links, &schema["additionalProperties"]))
        }
        other => panic!("no word for {other}"),
    });
    words.collect::<Vec<_>>().join(" or ")
}

/// Types that a type names, in their order.
fn used(schema: &Value) -> Vec<String> {
    if let Some(name) = reference(schema) {
        return vec![name.to_owned()];
    }
    match schema {
        Value::Object(fields) => fields.values().flat_map(used).collect(),
        Value::Array(items) => items.iter().flat_map(used).collect(),
        _ => Vec::new(),
    }
}

fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/$defs/")
}

/// Whether a type is a value with a unit or an encoding.
fn is_unit(schema: &Value) -> bool {
    matches!(schema["type"].as_str(), Some("string" | "integer"))
}

fn unit(name: &str) -> &str {
    match name {
        "Hex" => "hex",
        "Fen" => "cents",
        "Day" => "date",
        other => panic!("no word for {other}"),
    }
}

fn description(schema: &Value) -> String {
    let text = schema["description"].as_str().expect("a comment");
    text.replace('\n', " ").replace('|', "\\|")
}

fn show(page: &mut String, name: &str, example: &str) {
    let lines: Vec<_> = example.lines().collect();
    let path = format!("../crates/cli/tests/json/{name}.json");
    if lines.len() <= LINES {
        write!(page, "\n```json\n{}\n```\n", lines.join("\n")).expect("text");
        return;
    }
    let start = lines[..LINES - 10].join("\n");
    write!(page, "\n```text\n{start}\n…\n```\n\nThe whole of it: [{name}.json]({path})\n")
        .expect("text");
}
