//! `docs/json.md`, `docs/json.schema.json` and `docs/commands.md` are what the types and the command line
//! say. `BLESS=1 cargo test -p sscard --bins reference` writes them anew.

mod command_line;
mod markdown;

use std::fs;
use std::path::PathBuf;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::{
    authority, desk, element, evil, inspect, learn, machine, pay, pki, read, run, soak, trace,
};

/// One document of the program.
struct Documented {
    /// The commands that print it.
    commands: &'static str,
    /// Its type.
    name: String,
    /// Its file in `tests/json`.
    example: &'static str,
}

/// All documents, and the schema of every type in them.
fn documents() -> (Vec<Documented>, Map<String, Value>) {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut all = Vec::new();
    let generator_ref = &mut generator;
    let mut add = |commands, example, name: String| {
        all.push(Documented { commands, name, example });
    };
    macro_rules! documents {
        ($($commands:literal $example:literal $document:ty;)*) => {
            $(add($commands, $example, named::<$document>(generator_ref));)*
        };
    }
    documents! {
        "read" "read" read::ReadDocument;
        "inspect" "inspect-gen1-keys" inspect::InspectDocument;
        "pay" "pay" pay::PaymentDocument;
        "pay, broken off" "pay-broken" pay::BrokenPaymentDocument;
        "pki sign" "pki-sign" pki::SignatureDocument;
        "pki verify" "pki-verify" pki::VerificationDocument;
        "pki certificate" "pki-certificate" pki::CertificateDocument;
        "run" "run" run::RunDocument;
        "run --compare" "compare-differs" run::CompareDocument;
        "emv decode TLV" "emv-decode" element::ElementsDocument;
        "emv decode TAG VALUE" "emv-decode-value" element::ValueDocument;
        "emv ca" "emv-ca" authority::AuthorityDocument;
        "trace show" "trace-show" trace::TraceDocument;
        "trace diff, trace replay" "trace-diff" trace::DiffDocument;
        "desk init" "desk-init" desk::RegisterDocument;
        "desk import" "desk-import" desk::ImportDocument;
        "desk import, wrong rows" "desk-import-wrong" desk::WrongRowsDocument;
        "desk batch" "desk-batch" desk::BatchDocument;
        "desk collect, activate, pin, query-pin, replace, change, mobile, cancel, close" "desk-activate" desk::OperationDocument;
        "desk, refused" "desk-refused" desk::RefusalDocument;
        "desk resume" "desk-resume" desk::ResumeDocument;
        "desk show" "desk-show" desk::RegisterContentDocument;
        "desk events" "desk-events" desk::EventsDocument;
        "desk outbox" "desk-outbox" desk::OutboxDocument;
        "desk rules" "desk-rules" desk::CapabilitiesDocument;
        "desk simulate" "desk-simulate" desk::SimulationDocument;
        "readers" "readers" machine::ReadersDocument;
        "readers --watch" "readers-watch" machine::ReaderEventDocument;
        "doctor" "doctor" machine::DoctorDocument;
        "evil list" "evil-list" evil::EvilListDocument;
        "learn" "learn" learn::LearnDocument;
        "learn --diff" "learn-diff" learn::LearnDiffDocument;
        "repair" "repair" machine::RepairDocument;
        "soak" "soak" soak::SoakDocument;
    }
    (all, generator.take_definitions(true))
}

/// The name under which the generator keeps a type.
fn named<T: JsonSchema>(generator: &mut SchemaGenerator) -> String {
    let reference = generator.subschema_for::<T>();
    let reference = reference.get("$ref").and_then(Value::as_str).expect("a type with a name");
    reference.strip_prefix("#/$defs/").expect("a definition").to_owned()
}

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The file is what was generated, or becomes it.
fn compare(path: &str, generated: &str) {
    let file = root().join(path);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&file, generated).expect("written");
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    let first = found.lines().zip(generated.lines()).find(|(found, generated)| found != generated);
    assert!(
        found == generated,
        "{path} is stale: BLESS=1 cargo test -p sscard --bins reference; the first line that differs: {first:?}"
    );
}

#[test]
fn the_schema_is_that_of_the_types() {
    let (documents, definitions) = documents();
    let names = documents.iter().map(|document| format!("#/$defs/{}", document.name));
    let any: Vec<_> = names.map(|name| json!({ "$ref": name })).collect();
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What sscard prints with --json",
        "anyOf": any,
        "$defs": definitions,
    });
    let text = serde_json::to_string_pretty(&schema).expect("JSON");
    compare("docs/json.schema.json", &format!("{text}\n"));
}

#[test]
fn every_type_of_a_document_is_on_the_page() {
    let (documents, _) = documents();
    let folders =
        ["crates/cli/src/documents", "crates/documents/src"].map(|folder| root().join(folder));
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("a folder"));
    for path in entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file()) {
        let text = fs::read_to_string(&path).expect("UTF-8");
        let public = |line: &'_ str| {
            line.starts_with("pub struct ") || line.starts_with("pub(crate) struct ")
        };
        let types = text
            .lines()
            .filter(|line| public(line))
            .filter_map(|line| line.split("struct ").nth(1));
        let names = types.filter_map(|rest| rest.split([' ', '(']).next());
        for name in names.filter(|name| name.ends_with("Document")) {
            let is_there = documents.iter().any(|document| document.name == name);
            assert!(is_there, "{name} is not among the documents above");
        }
    }
}

#[test]
fn the_page_on_json_is_that_of_the_types() {
    let (documents, definitions) = documents();
    let example = |name: &str| {
        let path = root().join(format!("crates/cli/tests/json/{name}.json"));
        fs::read_to_string(path).unwrap_or_default()
    };
    compare("docs/json.md", &markdown::page(&documents, &definitions, &example));
}

#[test]
fn the_page_on_commands_is_that_of_the_command_line() {
    compare("docs/commands.md", &command_line::page());
}

/// Readers need pcscd; their documents are looked at here.
#[test]
fn readers_are_documented_as_they_are_printed() {
    use super::unit::Hex;
    let readers = machine::ReadersDocument {
        schema: super::SCHEMA,
        readers: vec![
            machine::ShownReader {
                name: "Virtual PCD 00 00".to_owned(),
                atr: Some(Hex::of([0x3B, 0x6D, 0x00, 0x00])),
                exclusive: true,
            },
            machine::ShownReader {
                name: "Virtual PCD 00 01".to_owned(),
                atr: None,
                exclusive: false,
            },
        ],
    };
    let mut printed = Vec::new();
    super::print(&mut printed, &readers).expect("written");
    compare("crates/cli/tests/json/readers.json", std::str::from_utf8(&printed).expect("UTF-8"));
    let event = machine::ReaderEventDocument {
        event: "card_inserted",
        reader: Some("Virtual PCD 00 00".to_owned()),
        atr: Some(Hex::of([0x3B, 0x6D, 0x00, 0x00])),
        reason: None,
    };
    let mut printed = super::line(&event).expect("JSON");
    printed.push(b'\n');
    compare(
        "crates/cli/tests/json/readers-watch.json",
        std::str::from_utf8(&printed).expect("UTF-8"),
    );
}
