//! A card that is changed by named fields.

use serde_json::{Map, Value};
use sscard_core::Card;
use sscard_profile::{change_card, check_state, fields};

/// Whether a field is an item of EF05 or EF06, by its name or its tag.
fn is_item(name: &str) -> bool {
    let named = fields::CARD.iter().chain(&fields::HOLDER).any(|(known, _)| *known == name);
    named || (name.len() == 2 && u8::from_str_radix(name, 16).is_ok())
}

/// Changes a card by items and fields of its state; where it fails the card may be changed in part.
pub(super) fn change(card: &mut Card, changes: &Map<String, Value>) -> Result<(), String> {
    let (mut items, mut state) = (Vec::new(), Map::new());
    for (name, value) in changes {
        match value {
            Value::String(text) if is_item(name) => items.push((name.as_str(), text.clone())),
            Value::Number(number) if is_item(name) => {
                items.push((name.as_str(), number.to_string()));
            }
            _ if is_item(name) => return Err(format!("{name}: a text is wanted")),
            _ => {
                // What says no name is said with it.
                check_state(serde_json::json!({ name: value })).map_err(|error| {
                    if error.contains(name.as_str()) { error } else { format!("{name}: {error}") }
                })?;
                state.insert(name.clone(), value.clone());
            }
        }
    }
    let items: Vec<(&str, &str)> =
        items.iter().map(|(name, text)| (*name, text.as_str())).collect();
    change_card(card, &items, Value::Object(state))
}
