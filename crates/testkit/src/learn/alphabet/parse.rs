//! The text of an alphabet.

use sscard_apdu::hex;
use sscard_commands::CryptogramType;
use sscard_core::catalogue::{KeyEntry, all_keys, applications};

use super::{AlphabetInput, InputAction};

/// Why a text is no alphabet.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct AlphabetError {
    /// The line, from 1; 0 for the text as a whole.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

const COMMANDS: &str = "reset, apdu, select, challenge, payment-pin, gpo, generate-ac, issuer-authenticate, script, pin, \
                        change-pin, authenticate, protected; show and cut stand in front of one";

pub(super) fn inputs(text: &str) -> Result<Vec<AlphabetInput>, AlphabetError> {
    let mut inputs: Vec<AlphabetInput> = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        let wrong = |reason: String| AlphabetError { line, reason };
        let content = content.split('#').next().unwrap_or_default().trim();
        if content.is_empty() {
            continue;
        }
        let (name, command) =
            content.split_once(':').ok_or_else(|| wrong("an input is NAME: COMMAND".to_owned()))?;
        let name = name.trim();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || !name.chars().all(is_plain) {
            let rule = "a name is letters, digits, - _ . without spaces";
            return Err(wrong(rule.to_owned()));
        }
        if inputs.iter().any(|input| input.name == name) {
            return Err(wrong(format!("the input {name} is there twice")));
        }
        inputs.push(input(name, command).map_err(wrong)?);
    }
    if inputs.is_empty() {
        return Err(AlphabetError { line: 0, reason: "an alphabet has at least one input".into() });
    }
    Ok(inputs)
}

fn input(name: &str, text: &str) -> Result<AlphabetInput, String> {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let (mut shows_data, mut cut) = (false, None);
    loop {
        match words[..] {
            ["show", ..] => {
                shows_data = true;
                words.drain(..1);
            }
            ["cut", bytes, ..] => {
                let rule = "it is written: cut BYTES, the bytes that are still written";
                let bytes = bytes.parse().map_err(|_| rule.to_owned())?;
                cut = Some(bytes);
                words.drain(..2);
            }
            _ => break,
        }
    }
    let action = action(&words)?;
    if cut.is_some() && action == InputAction::Reset {
        return Err("cut: a reset without an answer is no input; cut a command".to_owned());
    }
    Ok(AlphabetInput { name: name.to_owned(), action, shows_data, cut })
}

fn action(words: &[&str]) -> Result<InputAction, String> {
    use InputAction as Do;
    Ok(match words {
        ["reset"] => Do::Reset,
        ["apdu", digits @ ..] if !digits.is_empty() => {
            let bytes = bytes(&digits.concat())?;
            if bytes.len() < 4 {
                return Err("apdu: a command has at least four bytes".to_owned());
            }
            Do::Apdu(bytes)
        }
        ["select", "payment"] => Do::SelectPayment,
        ["select", place] => Do::Select(df_name(place)?),
        ["challenge", length @ ("4" | "8" | "16")] => {
            Do::Challenge(length.parse().unwrap_or_default())
        }
        ["payment-pin", right] => Do::PaymentPin { right: is_right(right)? },
        ["gpo"] => Do::ProcessingOptions,
        ["generate-ac", kind] => Do::GenerateAc { kind: cryptogram(kind)?, unable: false },
        ["generate-ac", kind, "unable"] => Do::GenerateAc { kind: cryptogram(kind)?, unable: true },
        ["issuer-authenticate", right] => Do::IssuerAuthenticate { right: is_right(right)? },
        ["script", digits @ .., right] if !digits.is_empty() => {
            let (header, data) = command(&digits.concat())?;
            Do::Script { header, data, right: is_right(right)? }
        }
        ["pin", "query"] => Do::Pin { right: None },
        ["pin", right] => Do::Pin { right: Some(is_right(right)?) },
        ["change-pin", right] => Do::ChangePin { right: is_right(right)? },
        ["authenticate", name, right] => {
            let entry = key(name)?;
            let (application, key) = (entry.application.to_owned(), entry.id);
            Do::Authenticate { application, key, right: is_right(right)? }
        }
        ["protected", digits @ .., "by", name, right] if !digits.is_empty() => {
            let (header, data) = command(&digits.concat())?;
            let entry = key(name)?;
            let (application, key) = (entry.application.to_owned(), entry.id);
            Do::Protected { header, data, application, key, right: is_right(right)? }
        }
        [] => return Err(format!("a command is missing: {COMMANDS}")),
        [first, ..] => {
            let form = form(first).map_or_else(
                || format!("there is no command{}: {COMMANDS}", quoted(first)),
                |form| format!("it is written: {form}"),
            );
            return Err(form);
        }
    })
}

/// How a command is written.
fn form(name: &str) -> Option<&'static str> {
    [
        "reset",
        "apdu HEX",
        "select payment|mf|SSSE|DF01|…|HEX",
        "challenge 4|8|16",
        "payment-pin right|wrong",
        "gpo",
        "generate-ac arqc|tc|aac [unable]",
        "issuer-authenticate right|wrong",
        "script HEX right|wrong",
        "pin right|wrong|query",
        "change-pin right|wrong",
        "authenticate KEY right|wrong",
        "protected HEX by KEY right|wrong",
    ]
    .into_iter()
    .find(|form| form.split(' ').next() == Some(name))
}

fn is_right(word: &str) -> Result<bool, String> {
    match word {
        "right" => Ok(true),
        "wrong" => Ok(false),
        other => Err(format!("it is right or wrong, and not{}", quoted(other))),
    }
}

fn cryptogram(word: &str) -> Result<CryptogramType, String> {
    match word {
        "arqc" => Ok(CryptogramType::Arqc),
        "tc" => Ok(CryptogramType::Tc),
        "aac" => Ok(CryptogramType::Aac),
        other => Err(format!("it is arqc, tc or aac, and not{}", quoted(other))),
    }
}

fn bytes(digits: &str) -> Result<Vec<u8>, String> {
    hex::decode(digits).map_err(|error| error.to_string())
}

fn command(digits: &str) -> Result<([u8; 4], Vec<u8>), String> {
    let bytes = bytes(digits)?;
    let (header, data) = bytes
        .split_first_chunk::<4>()
        .ok_or("CLA INS P1 P2 and the data, without their length and without a MAC")?;
    if data.len() > 250 {
        return Err("at most 250 bytes of data".to_owned());
    }
    Ok((*header, data.to_vec()))
}

fn df_name(place: &str) -> Result<Vec<u8>, String> {
    if place == "mf" {
        return Ok(Vec::new());
    }
    if let Some(known) = applications().find(|known| known.name.eq_ignore_ascii_case(place)) {
        return Ok(known.df_name.to_vec());
    }
    let name = bytes(place)?;
    if !(5..=16).contains(&name.len()) {
        return Err("the name of an application has 5 to 16 bytes".to_owned());
    }
    Ok(name)
}

fn key(name: &str) -> Result<&'static KeyEntry, String> {
    all_keys().find(|entry| entry.name == name).ok_or_else(|| {
        format!("there is no key{}; they are called as in RK_SSSE or UK1_DF01", quoted(name))
    })
}

/// A word with quotes; nothing where it may be a PIN or a key that stands in a wrong place.
fn quoted(word: &str) -> String {
    let digits = word.chars().filter(char::is_ascii_hexdigit).count();
    let is_word = word.chars().any(|c| c.is_ascii_alphabetic() && !c.is_ascii_hexdigit());
    if is_word && digits < 8 || word.len() < 4 { format!(" '{word}'") } else { String::new() }
}
