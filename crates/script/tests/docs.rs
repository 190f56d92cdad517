//! docs/script.md says what the code does: its tables of verbs and functions are made of the
//! code's own.
//! `BLESS=1` writes them.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use sscard_script::functions::{self, ResultLength, ScriptFunction};
use sscard_script::value::{Need, Parameter};
use sscard_script::verbs::{self, Verb, VerbDanger};

fn document() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/script.md")
}

fn parameters(all: &[Parameter], separator: &str) -> String {
    let shown = all.iter().map(|parameter| {
        let Parameter { name, kind, need } = parameter;
        match need {
            Need::Required => format!("`{name}` {kind}"),
            Need::Optional | Need::Default("") => format!("[`{name}` {kind}]"),
            Need::Default(word) => format!("[`{name}` {kind} = {}]", short(word)),
        }
    });
    let shown: Vec<_> = shown.collect();
    shown.join(separator).replace('|', "\\|")
}

/// Zeros of an initial vector by their number.
fn short(word: &str) -> String {
    let is_zeros = word.len() > 8 && word.bytes().all(|byte| byte == b'0');
    if is_zeros { format!("{} zeros", word.len() / 2) } else { word.to_owned() }
}

fn verb(verb: &Verb) -> String {
    let Verb { name, apdu, description, danger, .. } = verb;
    let mark = match danger {
        VerbDanger::Always => " ⚠",
        VerbDanger::Never => "",
        VerbDanger::With(at) => match verb.parameters.get(*at) {
            Some(parameter) => &format!(" ⚠ with `{}`", parameter.name),
            None => "",
        },
    };
    let apdu = apdu.replace('|', "\\|");
    let parameters = parameters(verb.parameters, "<br>");
    format!("| `{name}`{mark} | {parameters} | {apdu} | {description} |\n")
}

fn function(function: &ScriptFunction) -> String {
    let ScriptFunction { name, description, source, length, .. } = function;
    let argument = |at: usize| function.parameters.get(at).map_or("", |known| known.name);
    let length = match length {
        ResultLength::As(at) => format!("as `{}`", argument(*at)),
        ResultLength::Exactly(length) => length.to_string(),
        ResultLength::Said(at) => format!("`{}`", argument(*at)),
        ResultLength::Varies => "varies".to_owned(),
    };
    let parameters = parameters(function.parameters, ", ");
    format!("| `{name}` | {parameters} | {length} | {description} | {source} |\n")
}

fn tables() -> [(&'static str, String); 2] {
    let mut all = [("verbs", String::new()), ("functions", String::new())];
    let [(_, of_verbs), (_, of_functions)] = &mut all;
    for (group, verbs) in verbs::GROUPS {
        let _ = write!(
            of_verbs,
            "\n### {group}\n\n| verb | parameters | command | what it asks for \
             |\n|---|---|---|---|\n"
        );
        verbs.iter().for_each(|known| of_verbs.push_str(&verb(known)));
    }
    for (group, functions) in functions::GROUPS {
        let _ = write!(
            of_functions,
            "\n### {group}\n\n| function | parameters | bytes | result | source \
             |\n|---|---|---|---|---|\n"
        );
        functions.iter().for_each(|known| of_functions.push_str(&function(known)));
    }
    all
}

#[test]
fn the_tables_of_the_document_are_those_of_the_code() {
    let path = document();
    let written = fs::read_to_string(&path).expect("docs/script.md");
    let mut made = written.clone();
    for (name, table) in tables() {
        let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
        let from = made.find(&begin).expect("the table's beginning") + begin.len();
        let to = made.find(&end).expect("the table's end");
        made.replace_range(from..to, &format!("{table}\n"));
    }
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, made).expect("written");
    } else {
        assert!(
            written == made,
            "docs/script.md is not what the code says: BLESS=1 cargo test -p sscard-script"
        );
    }
}

#[test]
fn the_scripts_of_the_document_are_scripts() {
    let text = fs::read_to_string(document()).expect("docs/script.md");
    let mut scripts = 0;
    for block in text.split("```apdu\n").skip(1) {
        let script = block.split("```").next().unwrap_or("");
        let source = sscard_script::SourceText::new("docs/script.md", script);
        let read = |_: &std::path::Path| Ok(b"id,pin\n1,123456\n".to_vec());
        let program = sscard_script::Program::parse(source, &read)
            .unwrap_or_else(|errors| panic!("{errors:?}\n{script}"));
        sscard_script::check(program, sscard_script::Target::Virtual)
            .unwrap_or_else(|errors| panic!("{errors:?}\n{script}"));
        scripts += 1;
    }
    assert!(scripts >= 3);
}
