//! Access rules and places as a profile writes them.

use sscard_apdu::FileId;
use sscard_core::catalogue::{all_keys, applications};
use sscard_core::{AccessRule, KeyId};

use crate::refusal::LoadError;

/// What stands before the identifier of a key that is named by it.
const BY_IDENTIFIER: &str = "KEY:";

/// A rule: `free`, `never`, `PIN`, a key, `PIN|` and `PIN+` with a key; a key by the name that the
/// catalogue gives it, or by its identifier as `KEY:0D`.
pub(crate) fn rule(
    setting: impl Fn() -> String,
    application: &str,
    text: &str,
) -> Result<AccessRule, LoadError> {
    let key = |name: &str| {
        let by_identifier = name.strip_prefix(BY_IDENTIFIER).and_then(byte).map(KeyId);
        let by_name = || {
            let is_of = |owner: &str| owner == application || owner == "SSSE";
            all_keys().find(|key| key.name == name && is_of(key.application)).map(|key| key.id)
        };
        by_identifier.or_else(by_name).ok_or_else(|| LoadError::Value {
            setting: setting(),
            value: text.to_owned(),
            wanted: "free, never, PIN, KEY, PIN|KEY or PIN+KEY with a key of this application, or one's own as \
                     KEY:0D",
        })
    };
    Ok(match text {
        "free" => AccessRule::Free,
        "never" => AccessRule::Never,
        "PIN" => AccessRule::Pin,
        _ => match (text.strip_prefix("PIN|"), text.strip_prefix("PIN+")) {
            (Some(name), _) => AccessRule::PinOrKey(key(name)?),
            (_, Some(name)) => AccessRule::PinAndKey(key(name)?),
            _ => AccessRule::Key(key(text)?),
        },
    })
}

/// A rule as a profile writes it, whatever the catalogue knows of its key.
pub(crate) fn rule_text(rule: AccessRule) -> String {
    let key = |id: KeyId| format!("{BY_IDENTIFIER}{:02X}", id.0);
    match rule {
        AccessRule::Free => "free".to_owned(),
        AccessRule::Never => "never".to_owned(),
        AccessRule::Pin => "PIN".to_owned(),
        AccessRule::Key(id) => key(id),
        AccessRule::PinOrKey(id) => format!("PIN|{}", key(id)),
        AccessRule::PinAndKey(id) => format!("PIN+{}", key(id)),
    }
}

/// A DF by its name (`MF`, `SSSE`, `DF01`) or its file identifier.
pub(crate) fn directory(text: &str) -> Option<FileId> {
    if text == "MF" {
        return Some(FileId::MASTER_FILE);
    }
    let known = applications().find(|application| application.name == text);
    known.map(|application| FileId::new(application.fid)).or_else(|| identifier(text))
}

/// A file identifier of four hexadecimal digits.
pub(crate) fn identifier(text: &str) -> Option<FileId> {
    hex::decode(text).ok()?.try_into().ok().map(FileId::from_bytes)
}

/// A byte of two hexadecimal digits.
pub(crate) fn byte(text: &str) -> Option<u8> {
    match hex::decode(text).ok()?[..] {
        [byte] => Some(byte),
        _ => None,
    }
}

/// Bytes as hexadecimal digits, spaces allowed.
pub(crate) fn bytes(text: &str) -> Option<Vec<u8>> {
    hex::decode(text.chars().filter(|c| !c.is_ascii_whitespace()).collect::<String>()).ok()
}
