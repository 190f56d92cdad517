//! The social security card's keys and recipes. Master keys are TEST keys.

use sscard_apdu::FileId;
use sscard_apdu::atr::Atr;
use sscard_core::KeyId;
use sscard_core::catalogue::{all_keys, applications};
use sscard_crypto::card_identification::authentication_code;
use sscard_crypto::{SessionKey, Suite, factor};
use sscard_profile::MasterKeys;

use super::{Call, ResultLength, ScriptFunction, found};
use crate::value::{BYTES, Parameter, ParameterKind};

const SUITES: ParameterKind = ParameterKind::Name(&["3des", "sm4"]);
const SUITE: Parameter = Parameter::required("suite", SUITES);
const KEY: Parameter = Parameter::required("key", ParameterKind::Bytes(16, 16));
const RANDOM: Parameter = Parameter::required("random", ParameterKind::Bytes(4, 16));
const DATA: Parameter = Parameter::required("data", BYTES);
const DIVISION: Parameter = Parameter::required("division", ParameterKind::Digits(6, 6));
/// Where keys live.
pub(crate) const OWNERS: &[&str] =
    &["SSSE", "DF01", "DF02", "DF03", "DF04", "DF05", "DF06", "DF07"];
const OWNER: Parameter = Parameter::required("df", ParameterKind::Name(OWNERS));
const ID: Parameter = Parameter::required("id", ParameterKind::Bytes(1, 1));
const FACTOR: Parameter = Parameter::required("factor", ParameterKind::Bytes(8, 8));

pub(super) const FUNCTIONS: &[ScriptFunction] = &[
    ScriptFunction::new(
        "auth_data",
        &[SUITE, KEY, RANDOM, Parameter::required("original", ParameterKind::Bytes(8, 8))],
        ResultLength::Exactly(8),
        |call| found(session(call)?.authentication_data(&call.array(3)?)),
        "authentication data for original information, under the session key of a random",
        "社会保障卡规范 part 4 §9.3",
    ),
    ScriptFunction::new(
        "card_factor",
        &[Parameter::required("atr", ParameterKind::Bytes(2, 33))],
        ResultLength::Exactly(8),
        |call| {
            let atr = Atr::parse(call.bytes(0)).map_err(|error| error.to_string())?;
            let factor = factor::card(atr.historical_bytes());
            found(factor.ok_or_else(|| "fewer than eight historical bytes".to_owned())?)
        },
        "what a card's keys are diversified by: its last eight historical bytes",
        "part 9 §7.3",
    ),
    ScriptFunction::new(
        "card_key",
        &[SUITE, DIVISION, OWNER, ID, FACTOR],
        ResultLength::Exactly(16),
        |call| {
            let city = city_key(call)?;
            found(*suite(call)?.diversify(&city, &call.array(4)?).expose())
        },
        "TEST key of one card",
        "part 9 §7",
    ),
    ScriptFunction::new(
        "certificate_mac",
        &[SUITE, KEY, DATA],
        ResultLength::Exactly(4),
        |call| found(suite(call)?.certificate_key(&call.key(1)?).mac(call.bytes(2))),
        "the purse's transaction certificate (TAC), by its key without a random",
        "part 7 §12",
    ),
    ScriptFunction::new(
        "city_factor",
        &[DIVISION],
        ResultLength::Exactly(8),
        |call| found(factor::city(&division(call, 0)?)),
        "the factor of a city",
        "part 9 §7.3",
    ),
    ScriptFunction::new(
        "city_key",
        &[SUITE, DIVISION, OWNER, ID],
        ResultLength::Exactly(16),
        |call| found(*city_key(call)?.expose()),
        "TEST key of a city",
        "part 9 §7",
    ),
    ScriptFunction::new(
        "diversify",
        &[SUITE, KEY, FACTOR],
        ResultLength::Exactly(16),
        |call| found(*suite(call)?.diversify(&call.key(1)?, &call.array(2)?).expose()),
        "the key one level below",
        "part 9 §7.1",
    ),
    ScriptFunction::new(
        "identification_mac",
        &[SUITE, KEY, Parameter::required("first", ParameterKind::Bytes(12, 12))],
        ResultLength::Exactly(4),
        |call| found(authentication_code(suite(call)?, &call.key(1)?, &call.array(2)?)),
        "the code at the end of a card identification code, under IRK",
        "docs/decisions.md",
    ),
    ScriptFunction::new(
        "master_key",
        &[OWNER, ID],
        ResultLength::Exactly(16),
        |call| {
            let (application, id) = place(call, 0)?;
            found(*MasterKeys::root(application, id, 1).expose())
        },
        "TEST master key",
        "docs/decisions.md",
    ),
    ScriptFunction::new(
        "province_factor",
        &[DIVISION],
        ResultLength::Exactly(8),
        |call| found(factor::province(&division(call, 0)?)),
        "the factor of a province",
        "part 9 §7.3",
    ),
    ScriptFunction::new(
        "sm_decipher",
        &[SUITE, KEY, RANDOM, DATA],
        ResultLength::Varies,
        |call| {
            let plain = session(call)?.decipher(call.bytes(3));
            found(plain.ok_or_else(|| "no cryptogram of this key and random".to_owned())?.to_vec())
        },
        "what sm_encipher enciphered",
        "part 4 §8.3",
    ),
    ScriptFunction::new(
        "sm_encipher",
        &[SUITE, KEY, RANDOM, DATA],
        ResultLength::Varies,
        |call| found(session(call)?.encipher(call.bytes(3)).map_err(|error| error.to_string())?),
        "data enciphered for secure messaging, its length in front",
        "part 4 §8.3",
    ),
    ScriptFunction::new(
        "sm_mac",
        &[SUITE, KEY, RANDOM, DATA],
        ResultLength::Exactly(4),
        |call| found(session(call)?.mac(call.bytes(3))),
        "MAC under the session key of a random: secure messaging over CLA INS P1 P2 Lc and data, the purse \
         over its amounts",
        "part 4 §8.2, part 7 §12",
    ),
];

pub(crate) fn suite_named(name: &str) -> Suite {
    if name == "sm4" { Suite::Sm4 } else { Suite::TripleDes }
}

fn suite(call: &Call<'_>) -> Result<Suite, String> {
    Ok(suite_named(call.text(0)))
}

fn session(call: &Call<'_>) -> Result<SessionKey, String> {
    Ok(suite(call)?.session_key(&call.key(1)?, call.bytes(2)))
}

fn division(call: &Call<'_>, at: usize) -> Result<[u8; 6], String> {
    call.text(at).as_bytes().try_into().map_err(|_| "a division has six digits".to_owned())
}

/// The application and the key of `df` and `id`; a global key is the environment's.
fn place(call: &Call<'_>, at: usize) -> Result<(FileId, KeyId), String> {
    let id = KeyId(call.arguments.byte(at.saturating_add(1)));
    let owner = if id.is_global() { "SSSE" } else { call.text(at) };
    if !all_keys().any(|key| key.application == owner && key.id == id) {
        return Err(format!("{owner} has no key {:02X}", id.0));
    }
    let application = applications().find(|application| application.name == owner);
    Ok((FileId::new(application.map_or(0, |application| application.fid)), id))
}

fn city_key(call: &Call<'_>) -> Result<sscard_crypto::Key, String> {
    let (application, id) = place(call, 2)?;
    Ok(MasterKeys::test().city(suite(call)?, &division(call, 1)?, application, id, 1))
}
