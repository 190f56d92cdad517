//! A card as a profile: a complete TOML text that makes the same card.
//!
//! What enters: a card. What leaves: settings, files with their records, keys and PINs in the clear, and the
//! state. The catalogue is left out (`catalogue = false`), so that the text says everything itself.

mod bank;
mod psam;
mod social;
mod state;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use sscard_apdu::Protocol;
use sscard_core::{Card, Holder, Keys, Profile, answer_to_reset};

use crate::{MasterKeys, synthetic_holder};

/// A complete profile of a card or of a security module, keys and PINs among it: `new` makes the same card of it.
#[must_use]
pub fn export(card: &Card) -> String {
    let blueprint = card.profile().blueprint();
    let holder = holder(card);
    let mut text =
        String::from("# Made by `sscard profile export`: it holds the card's keys and PINs.\n");
    let out = &mut text;
    line(out, "name", &quoted(&blueprint.name));
    line(out, "version", &quoted(&String::from_utf8_lossy(&blueprint.version)));
    line(out, "algorithm", &quoted(blueprint.algorithm.name()));
    line(out, "announce_algorithm", &blueprint.announces_algorithm);
    line(out, "authenticated_identification", &blueprint.authenticated_identification);
    line(out, "protocol", &quoted(if blueprint.protocol == Protocol::T1 { "T=1" } else { "T=0" }));
    line(out, "extended_length", &blueprint.extended_length);
    line(out, "historical", &hex(&blueprint.historical));
    line(out, "channels", &blueprint.channels);
    line(out, "lenient_le", &blueprint.lenient_le);
    line(out, "catalogue", &false);
    if answer_to_reset(card.profile(), &holder).ok().as_deref() != Some(&card.atr()[..]) {
        line(out, "atr", &hex(&card.atr()));
    }
    if let Some(plan) = &blueprint.psam {
        psam::module(out, card, plan, &holder);
        return text;
    }
    line(out, "pin_tries", &blueprint.pin_tries);
    line(out, "pin_min_digits", &blueprint.pin_digits.min);
    line(out, "pin_max_digits", &blueprint.pin_digits.max);
    let master = blueprint.dfs.first().map_or(&[][..], |df| &df.name);
    line(out, "mf_name", &quoted(&String::from_utf8_lossy(master)));
    social::keys(out, card);
    social::applications(out, card);
    let raw = social::files(out, card);
    state::holder(out, card, &holder);
    state::state(out, card, &raw);
    if let Some(pki) = &blueprint.pki {
        out.push_str("\n[pki]\nkeys = \"none\"\n");
        line(out, "pin_tries", &pki.user.tries);
        line(out, "administrator_pin_tries", &pki.administrator.tries);
    }
    bank::purse(out, card);
    bank::financial(out, card);
    text
}

/// The TEST keys that this card has, or would have if its profile named none of its own: those that are derived from the TEST
/// master keys with its serial and division.
#[must_use]
pub fn test_keys_of(card: &Card) -> Keys {
    // Without what stands beside the profile, where its own keys are.
    let plain = Profile::new(card.profile().blueprint().clone());
    let plain = plain.unwrap_or_else(|_| card.profile().clone());
    MasterKeys::test().keys_of(&plain, &holder(card))
}

/// Division and serial of a card, as its ATR and its identification code say them; of a module, its card data.
fn holder(card: &Card) -> Holder {
    let mut holder = synthetic_holder(1);
    let atr = card.atr();
    let historical = sscard_apdu::atr::Atr::parse(&atr).ok();
    let historical = historical.map(|atr| atr.historical_bytes().to_vec()).unwrap_or_default();
    let Some([high, low, serial @ ..]) = historical.last_chunk::<6>() else { return holder };
    holder.serial = *serial;
    let records = card.inspect().into_iter().flat_map(|df| df.files).flat_map(|file| file.records);
    let code = records.into_iter().find(|record| record.starts_with(&[0x01, 0x10]));
    let last = code.and_then(|code| match code.get(2..5) {
        Some([a, b, last]) if [a, b] == [high, low] => Some(*last),
        _ => None,
    });
    let last = last.or_else(|| psam::last_of_division(card, [*high, *low]));
    let digits = hex::encode([*high, *low, last.unwrap_or(0)]);
    if digits.bytes().all(|digit| digit.is_ascii_digit())
        && let Ok(division) = digits.as_bytes().try_into()
    {
        (holder.division, holder.initialised_in) = (division, division);
    }
    holder
}

fn line(out: &mut String, name: &str, value: &dyn std::fmt::Display) {
    // A string takes whatever is written.
    let _ = writeln!(out, "{name} = {value}");
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A TOML string of hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    format!("\"{}\"", hex::encode_upper(bytes))
}
