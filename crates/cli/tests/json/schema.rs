//! As much of JSON Schema as `docs/json.schema.json` uses, and strict: a field that it does not name is
//! an error.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

pub(crate) struct Schema {
    definitions: Map<String, Value>,
    documents: Vec<String>,
}

impl Schema {
    pub(crate) fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).expect("a schema");
        let schema: Value = serde_json::from_str(&text).expect("JSON");
        let names = schema["anyOf"].as_array().expect("documents").iter();
        Self {
            documents: names.map(|one| name_of(one).expect("a document").to_owned()).collect(),
            definitions: schema["$defs"].as_object().expect("definitions").clone(),
        }
    }

    /// The types of whole documents.
    pub(crate) fn documents(&self) -> &[String] {
        &self.documents
    }

    /// Where a document is not of a type.
    pub(crate) fn check(&self, of: &str, document: &Value) -> Vec<String> {
        let mut wrong = Vec::new();
        match self.definitions.get(of) {
            Some(schema) => self.value(schema, document, "$", &mut wrong),
            None => wrong.push(format!("no document {of}")),
        }
        wrong
    }

    fn value(&self, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
        if let Some(name) = name_of(schema) {
            let definition = self.definitions.get(name).expect(name);
            return self.value(definition, value, at, wrong);
        }
        if let Some(forms) = ["anyOf", "oneOf"].iter().find_map(|form| schema[form].as_array()) {
            let fits = |form: &&Value| {
                let mut wrong = Vec::new();
                self.value(form, value, at, &mut wrong);
                wrong.is_empty()
            };
            if forms.iter().filter(fits).count() != 1 {
                wrong.push(format!("{at}: {value} is not one of {forms:?}"));
            }
            return;
        }
        let kind = kind(value);
        let named = match &schema["type"] {
            Value::Array(kinds) => kinds.clone(),
            one => vec![one.clone()],
        };
        if !named.iter().any(|name| name == kind) {
            wrong.push(format!("{at}: {value} is {kind}, not {named:?}"));
            return;
        }
        match value {
            Value::Object(fields) => self.object(schema, fields, at, wrong),
            Value::Array(items) => self.array(schema, items, at, wrong),
            Value::String(text) if !is_of_pattern(&schema["pattern"], text) => {
                wrong.push(format!("{at}: '{text}' is not {}", schema["pattern"]));
            }
            Value::Number(number) if schema["minimum"] == 0 && !number.is_u64() => {
                wrong.push(format!("{at}: {number} is negative"));
            }
            _ => {}
        }
    }

    fn object(
        &self,
        schema: &Value,
        fields: &Map<String, Value>,
        at: &str,
        wrong: &mut Vec<String>,
    ) {
        let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
        let missing =
            required.iter().filter_map(Value::as_str).filter(|name| !fields.contains_key(*name));
        wrong.extend(missing.map(|name| format!("{at}.{name} is missing")));
        for (name, value) in fields {
            let place = format!("{at}.{name}");
            match (schema["properties"].get(name), schema.get("additionalProperties")) {
                (Some(field), _) | (None, Some(field @ Value::Object(_))) => {
                    self.value(field, value, &place, wrong);
                }
                _ => wrong.push(format!("{place} is no field of it")),
            }
        }
    }

    fn array(&self, schema: &Value, items: &[Value], at: &str, wrong: &mut Vec<String>) {
        let count = items.len() as u64;
        let (least, most) = (schema["minItems"].as_u64(), schema["maxItems"].as_u64());
        if least.is_some_and(|least| count < least) || most.is_some_and(|most| count > most) {
            wrong.push(format!("{at}: {count} items"));
        }
        for (number, item) in items.iter().enumerate() {
            self.value(&schema["items"], item, &format!("{at}[{number}]"), wrong);
        }
    }
}

/// What a reference names.
fn name_of(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/$defs/")
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The patterns of the schema, by hand.
fn is_of_pattern(pattern: &Value, text: &str) -> bool {
    let is_upper_hex = |byte: u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte);
    match pattern.as_str() {
        None => true,
        Some("^([0-9A-F]{2})*$") => text.len().is_multiple_of(2) && text.bytes().all(is_upper_hex),
        Some("^[0-9]{4}-[0-9]{2}-[0-9]{2}$") => {
            let is_digit = |(at, byte): (usize, u8)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            };
            text.len() == 10 && text.bytes().enumerate().all(is_digit)
        }
        Some(other) => panic!("no such pattern: {other}"),
    }
}

#[test]
fn a_document_that_is_not_of_its_type_is_found() {
    let schema = Schema {
        documents: Vec::new(),
        definitions: serde_json::from_str(
            r##"{ "Doc": { "type": "object", "required": ["a", "b"], "properties": {
                "a": { "type": ["integer", "null"], "minimum": 0 },
                "b": { "type": "array", "items": { "$ref": "#/$defs/Hex" } } } },
               "Hex": { "type": "string", "pattern": "^([0-9A-F]{2})*$" } }"##,
        )
        .expect("a schema"),
    };
    let check = |text: &str| schema.check("Doc", &serde_json::from_str(text).expect("JSON"));
    assert_eq!(check(r#"{ "a": 1, "b": ["6A82", ""] }"#), Vec::<String>::new());
    assert_eq!(check(r#"{ "a": null, "b": [] }"#), Vec::<String>::new());
    for (text, wrong) in [
        (r#"{ "b": [] }"#, "$.a is missing"),
        (r#"{ "a": 1, "b": [], "c": 1 }"#, "$.c is no field of it"),
        (r#"{ "a": -1, "b": [] }"#, "$.a: -1 is negative"),
        (r#"{ "a": 1, "b": ["6a82"] }"#, "$.b[0]: '6a82' is not"),
        (r#"{ "a": "1", "b": [] }"#, "$.a: \"1\" is string, not"),
        (r#"[]"#, "$: [] is array, not"),
    ] {
        let found = check(text);
        assert!(found.len() == 1 && found[0].starts_with(wrong), "{found:?}");
    }
}
