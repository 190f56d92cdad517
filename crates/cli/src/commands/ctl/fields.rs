//! Fields of `ctl set`: `FIELD=VALUE` becomes what the API takes.

use serde_json::{Map, Value, json};

use crate::failure::Failure;

/// Fields that are numbers; all others but these and lists are texts.
const NUMBERS: [&str; 10] = [
    "pin_tries_left",
    "clock",
    "balance",
    "self_paid",
    "pooled",
    "loads",
    "purchases",
    "atc",
    "last_online_atc",
    "seed",
];

/// One object of all fields. A field of a table is named with dots, `purse.balance=1`; of a payment application
/// `accounts.AID.FIELD=1`.
pub(super) fn object(fields: &[String]) -> Result<Value, Failure> {
    let mut all = Map::new();
    for field in fields {
        if field.trim_start().starts_with('{') {
            let wrong = |error| Failure::Usage(format!("{field}: {error}"));
            let given: Map<String, Value> = serde_json::from_str(field).map_err(wrong)?;
            all.extend(given);
            continue;
        }
        let form =
            || Failure::Usage(format!("{field}: it is FIELD=VALUE, such as pin_tries_left=1"));
        let (name, text) = field.split_once('=').ok_or_else(form)?;
        match name.split('.').collect::<Vec<_>>()[..] {
            [name] => {
                all.insert(name.to_owned(), value(name, text)?);
            }
            ["accounts", aid, name] => account(&mut all, aid, name, value(name, text)?),
            [table @ ("purse" | "keys" | "files"), name] => {
                let kind = if table == "keys" { "pin_tries_left" } else { name };
                let value = value(kind, text)?;
                let table = all.entry(table).or_insert_with(|| json!({}));
                if let Some(table) = table.as_object_mut() {
                    table.insert(name.to_owned(), value);
                }
            }
            _ => {
                let rule = "tables are purse, keys, files and accounts.AID";
                return Err(Failure::Usage(format!("{name}: {rule}")));
            }
        }
    }
    Ok(Value::Object(all))
}

fn account(all: &mut Map<String, Value>, aid: &str, name: &str, value: Value) {
    let accounts = all.entry("accounts").or_insert_with(|| json!([]));
    let Some(accounts) = accounts.as_array_mut() else { return };
    let place = accounts.iter().position(|account| account["aid"] == aid);
    let place = place.unwrap_or_else(|| {
        accounts.push(json!({ "aid": aid }));
        accounts.len() - 1
    });
    if let Some(account) = accounts[place].as_object_mut() {
        account.insert(name.to_owned(), value);
    }
}

fn value(name: &str, text: &str) -> Result<Value, Failure> {
    let wrong = |wanted: &str| Failure::Usage(format!("{name}={text}: {wanted} is wanted"));
    if NUMBERS.contains(&name) {
        return text.parse::<u64>().map(|number| json!(number)).map_err(|_| wrong("a number"));
    }
    match name {
        "expired" => text.parse::<bool>().map(Value::Bool).map_err(|_| wrong("true or false")),
        // Of a payment application it is a yes or no, of a card a list.
        "blocked" if matches!(text, "true" | "false") => Ok(json!(text == "true")),
        "blocked" | "transaction_log" | "load_log" => {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            Ok(Value::Array(parts.map(|part| json!(part)).collect()))
        }
        _ => Ok(json!(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fields: &[&str]) -> String {
        let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
        object(&fields).map_or_else(|failure| failure.to_string(), |value| value.to_string())
    }

    #[test]
    fn fields_become_an_object() {
        assert_eq!(
            of(&["pin_tries_left=1", "number=007"]),
            r#"{"number":"007","pin_tries_left":1}"#
        );
        assert_eq!(of(&["blocked=SSSE, DF04"]), r#"{"blocked":["SSSE","DF04"]}"#);
        assert_eq!(of(&["blocked="]), r#"{"blocked":[]}"#);
        assert_eq!(
            of(&["purse.balance=5", "purse.year=2026", "keys.SSSE/06=0"]),
            r#"{"keys":{"SSSE/06":0},"purse":{"balance":5,"year":"2026"}}"#
        );
        assert_eq!(
            of(&["accounts.A0.atc=5", "accounts.A0.blocked=true"]),
            r#"{"accounts":[{"aid":"A0","atc":5,"blocked":true}]}"#
        );
        assert_eq!(of(&[r#"{"expired":true}"#]), r#"{"expired":true}"#);
        assert_eq!(of(&["expired=maybe"]), "expired=maybe: true or false is wanted");
        assert_eq!(of(&["a"]), "a: it is FIELD=VALUE, such as pin_tries_left=1");
    }
}
