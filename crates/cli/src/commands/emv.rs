//! `sscard emv`: the cryptography of the financial application at the desk, hex in, hex out.

mod ca;
mod decode;

use std::io::Write;
use std::ops::RangeInclusive;

use sscard_crypto::Key;
use sscard_crypto::financial::{
    Cipher, CryptogramScheme, DerivationOption, Fold, SessionKeyScheme, arpc_method_1,
    arpc_method_2, card_key, mac, with_odd_parity,
};

use super::hex;
use crate::args::{CipherName, EmvArgs, EmvCommand, EmvKeyArgs, Scheme};
use crate::failure::Failure;
use crate::secret_input;

pub(crate) fn run(args: &EmvArgs, out: &mut dyn Write) -> Result<(), Failure> {
    match &args.command {
        EmvCommand::Keys { keys, arqc } => show_keys(keys, arqc.as_deref(), out)?,
        EmvCommand::Arqc { keys, data } => writeln!(out, "{}", hex(&keys.cryptogram(data)?))?,
        EmvCommand::Check { keys, data, arqc } => {
            let expected = keys.cryptogram(data)?;
            if array::<8>("--arqc", arqc)? != expected {
                writeln!(out, "wrong: the key and the data give {}", hex(&expected))?;
                return Err(Failure::Cryptogram);
            }
            writeln!(out, "right")?;
        }
        EmvCommand::Ca { profile, form, json } => {
            ca::run(profile.as_deref(), *form, *json, out)?;
        }
        EmvCommand::Decode { values, json } => decode::run(values, *json, out)?,
        EmvCommand::Arpc { keys, data, arqc, arc, csu } => {
            let answer = [arc.as_deref(), csu.as_deref()];
            writeln!(out, "{}", hex(&response(keys, data.as_deref(), arqc, answer)?))?;
        }
        EmvCommand::ScriptMac { keys, arqc, command, mac_length } => {
            let mac = of_script(keys, arqc, command, usize::from(*mac_length))?;
            writeln!(out, "{}", hex(&mac))?;
        }
    }
    Ok(())
}

fn show_keys(keys: &EmvKeyArgs, arqc: Option<&str>, out: &mut dyn Write) -> Result<(), Failure> {
    let needs_cryptogram = keys.scheme.of().script_keys() == SessionKeyScheme::EmvCommon;
    if arqc.is_some() && !needs_cryptogram {
        return Err(usage(
            "--arqc has no effect: this scheme's script keys come out of the counter",
        ));
    }
    let card = keys.card_key()?;
    writeln!(out, "card key:             {}", hex(card.expose()))?;
    if keys.cipher == CipherName::TripleDes {
        writeln!(out, "card key, odd parity: {}", hex(with_odd_parity(&card).expose()))?;
    }
    writeln!(out, "session key:          {}", hex(keys.session_key(&card)?.expose()))?;
    // Of a master key of MACs or of encipherment.
    let arqc = arqc.map(|arqc| array::<8>("--arqc", arqc)).transpose()?;
    match arqc {
        None if needs_cryptogram => {
            writeln!(out, "script session key:   out of the cryptogram, give --arqc")?;
        }
        _ => {
            let key = keys.script_key(&card, arqc.unwrap_or_default())?;
            writeln!(out, "script session key:   {}", hex(key.expose()))?;
        }
    }
    Ok(())
}

/// ARPC method 1, or 2 with visa-cvn18.
fn response(
    keys: &EmvKeyArgs,
    data: Option<&str>,
    arqc: &str,
    [arc, csu]: [Option<&str>; 2],
) -> Result<Vec<u8>, Failure> {
    let is_second = keys.scheme == Scheme::VisaCvn18;
    match (is_second, arc, csu) {
        (true, Some(_), _) => return Err(usage("visa-cvn18 takes --csu, and no --arc")),
        (true, _, None) => return Err(usage("visa-cvn18 takes --csu, four bytes in hexadecimal")),
        (false, _, Some(_)) => return Err(usage("--csu goes with visa-cvn18 alone")),
        (false, None, _) => return Err(usage("this scheme takes --arc, such as 3030 or 00")),
        _ => {}
    }
    data.map(|data| bytes("--data", data)).transpose()?;
    let session = keys.session_key(&keys.card_key()?)?;
    let arqc = array::<8>("--arqc", arqc)?;
    let cipher = keys.cipher();
    if let Some(csu) = csu {
        let csu = array::<4>("--csu", csu)?;
        return Ok(arpc_method_2(cipher, &session, &arqc, csu, &[]).to_vec());
    }
    let arc = response_code(arc.unwrap_or_default())?;
    Ok(arpc_method_1(cipher, &session, &arqc, arc).to_vec())
}

/// The first `length` bytes of a script command's MAC.
fn of_script(
    keys: &EmvKeyArgs,
    arqc: &str,
    command: &str,
    length: usize,
) -> Result<Vec<u8>, Failure> {
    if keys.scheme == Scheme::Pboc && length != 4 {
        return Err(usage("--mac-length: a script MAC of pboc has 4 bytes"));
    }
    let arqc = array::<8>("--arqc", arqc)?;
    let command = bytes("--command", command)?;
    let atc = array::<2>("--atc", &keys.atc)?;
    let session = keys.script_key(&keys.card_key()?, arqc)?;
    let Some((header, data)) = command.split_first_chunk::<5>() else {
        return Err(refuse("--command", "it has at least CLA INS P1 P2 Lc"));
    };
    if usize::from(header[4]) != data.len() + length {
        let reason = format!(
            "Lc must count the data and the {length} bytes of the MAC that is still missing"
        );
        return Err(refuse("--command", &reason));
    }
    // The parts of a script MAC (JR/T 0025.5 annex C.2), not cut to four bytes yet.
    let parts: [&[u8]; 4] = [header, &atc, &arqc, data];
    let whole = mac(keys.cipher(), &session, &parts, keys.fold());
    Ok(whole.into_iter().take(length).collect())
}

fn usage(words: &str) -> Failure {
    Failure::Usage(words.to_owned())
}

impl Scheme {
    const fn of(self) -> CryptogramScheme {
        match self {
            Self::Pboc => CryptogramScheme::Pboc,
            Self::EmvCsk => CryptogramScheme::EmvCsk,
            Self::VisaCvn10 => CryptogramScheme::VisaCvn10,
            Self::VisaCvn18 => CryptogramScheme::VisaCvn18,
        }
    }
}

impl EmvKeyArgs {
    const fn cipher(&self) -> Cipher {
        match self.cipher {
            CipherName::TripleDes => Cipher::TripleDes,
            CipherName::Sm4 => Cipher::Sm4,
            CipherName::Aes => Cipher::Aes,
        }
    }

    const fn fold(&self) -> Fold {
        if self.sm4_fold_xor { Fold::Xor } else { Fold::Left }
    }

    fn card_key(&self) -> Result<Key, Failure> {
        if self.sm4_fold_xor && self.cipher != CipherName::Sm4 {
            return Err(usage("--sm4-fold-xor goes with --cipher sm4 alone"));
        }
        let master = secret_input::key("--imk", &self.imk)?;
        let master = Key::new(array::<16>("--imk", &master)?);
        let pan = digits("--pan", &self.pan, 1..=19, "an account number has 1 to 19 digits")?;
        let psn = digits("--psn", &self.psn, 2..=2, "a sequence number has two digits")?;
        card_key(self.cipher(), DerivationOption::A, &master, &pan, &psn)
            .map_err(|error| refuse("--pan, --psn", &error.to_string()))
    }

    /// The session key of scripts, by the counter or by the cryptogram.
    fn script_key(&self, card: &Key, arqc: [u8; 8]) -> Result<Key, Failure> {
        let atc = array::<2>("--atc", &self.atc)?;
        Ok(self.scheme.of().script_keys().for_script(self.cipher(), card, atc, arqc))
    }

    fn cryptogram(&self, data: &str) -> Result<[u8; 8], Failure> {
        let session = self.session_key(&self.card_key()?)?;
        let data = bytes("--data", data)?;
        Ok(self.scheme.of().cryptogram(self.cipher(), &session, &data, self.fold()))
    }

    fn session_key(&self, card: &Key) -> Result<Key, Failure> {
        let atc = array::<2>("--atc", &self.atc)?;
        let scheme: SessionKeyScheme = self.scheme.of().session_keys();
        Ok(scheme.for_cryptogram(self.cipher(), card, atc, [0; 4]))
    }
}

/// Digits; spaces between them are fine.
fn digits(
    option: &str,
    text: &str,
    count: RangeInclusive<usize>,
    wanted: &str,
) -> Result<String, Failure> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if count.contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(digits);
    }
    Err(refuse(&place(option, text), wanted))
}

/// Two ASCII digits, as they are or in hexadecimal.
fn response_code(text: &str) -> Result<[u8; 2], Failure> {
    match text.as_bytes() {
        [a, b] => Ok([*a, *b]),
        _ => array::<2>("--arc", text),
    }
}

fn array<const N: usize>(option: &str, text: &str) -> Result<[u8; N], Failure> {
    bytes(option, text)?.try_into().map_err(|bytes: Vec<u8>| {
        refuse(option, &format!("it must have {N} bytes, and has {}", bytes.len()))
    })
}

fn bytes(option: &str, text: &str) -> Result<Vec<u8>, Failure> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if let Some(at) = digits.chars().position(|c| !c.is_ascii_hexdigit()) {
        let reason = format!("character {} is not a hexadecimal digit", at + 1);
        return Err(refuse(&place(option, text), &reason));
    }
    hex::decode(&digits).map_err(|_| refuse(&place(option, text), "it has an odd number of digits"))
}

/// An option with its value; not with that of a key, nor with a command that may change a PIN.
fn place(option: &str, text: &str) -> String {
    if matches!(option, "--imk" | "--command") {
        option.to_owned()
    } else {
        format!("{option} {text}")
    }
}

fn refuse(place: &str, reason: &str) -> Failure {
    Failure::Input { place: place.to_owned(), reason: reason.to_owned() }
}
