//! `sscard emv`: the cryptography of the financial application at the desk, hex in, hex out.

mod decode;

use std::io::Write;

use sscard_crypto::Key;
use sscard_crypto::financial::{
    Cipher, CryptogramScheme, DerivationOption, Fold, SessionKeyScheme, arpc_method_1,
    arpc_method_2, card_key, script_mac, with_odd_parity,
};

use super::hex;
use crate::args::{CipherName, EmvArgs, EmvCommand, EmvKeyArgs, Scheme};
use crate::failure::Failure;

pub(crate) fn run(args: &EmvArgs, out: &mut dyn Write) -> Result<(), Failure> {
    match &args.command {
        EmvCommand::Keys(keys) => {
            let card = keys.card_key()?;
            writeln!(out, "card key:             {}", hex(card.expose()))?;
            writeln!(out, "card key, odd parity: {}", hex(with_odd_parity(&card).expose()))?;
            writeln!(out, "session key:          {}", hex(keys.session_key(&card)?.expose()))?;
        }
        EmvCommand::Arqc { keys, data } => writeln!(out, "{}", hex(&keys.cryptogram(data)?))?,
        EmvCommand::Check { keys, data, arqc } => {
            let expected = keys.cryptogram(data)?;
            if array::<8>("--arqc", arqc)? != expected {
                writeln!(out, "wrong: the key and the data give {}", hex(&expected))?;
                return Err(Failure::Cryptogram);
            }
            writeln!(out, "right")?;
        }
        EmvCommand::Decode { values, json } => decode::run(values, *json, out)?,
        EmvCommand::Arpc { keys, arqc, arc, csu, .. } => {
            let session = keys.session_key(&keys.card_key()?)?;
            let arqc = array::<8>("--arqc", arqc)?;
            match (keys.scheme, arc, csu) {
                (Scheme::VisaCvn18, _, Some(csu)) => {
                    let csu = array::<4>("--csu", csu)?;
                    let arpc = arpc_method_2(keys.cipher(), &session, &arqc, csu, &[]);
                    writeln!(out, "{}", hex(&arpc))?;
                }
                (Scheme::VisaCvn18, _, None) => {
                    return Err(refuse("visa-cvn18", "it takes --csu, four bytes in hexadecimal"));
                }
                (_, Some(arc), _) => {
                    let arc = response_code(arc)?;
                    let arpc = arpc_method_1(keys.cipher(), &session, &arqc, arc);
                    writeln!(out, "{}", hex(&arpc))?;
                }
                (_, None, _) => {
                    return Err(refuse("--arc", "this scheme takes --arc, such as 3030 or 00"));
                }
            }
        }
        EmvCommand::ScriptMac { keys, arqc, command } => {
            let arqc = array::<8>("--arqc", arqc)?;
            let command = bytes("--command", command)?;
            let atc = array::<2>("--atc", &keys.atc)?;
            let card = keys.card_key()?;
            let session =
                keys.scheme.of().script_keys().for_script(keys.cipher(), &card, atc, arqc);
            let Some((header, data)) = command.split_first_chunk::<5>() else {
                return Err(refuse("--command", "it has at least CLA INS P1 P2 Lc"));
            };
            if usize::from(header[4]) != data.len() + 4 {
                return Err(refuse(
                    "--command",
                    "Lc must count the data and the four bytes of the MAC that is still missing",
                ));
            }
            let mac = script_mac(keys.cipher(), &session, *header, atc, &arqc, data, keys.fold());
            writeln!(out, "{}", hex(&mac))?;
        }
    }
    Ok(())
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
        let master = Key::new(array::<16>("--imk", &self.imk)?);
        card_key(self.cipher(), DerivationOption::A, &master, &self.pan, &self.psn)
            .map_err(|error| refuse("--pan, --psn", &error.to_string()))
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

/// Two ASCII digits, as they are or in hexadecimal.
fn response_code(text: &str) -> Result<[u8; 2], Failure> {
    match text.as_bytes() {
        [a, b] => Ok([*a, *b]),
        _ => array::<2>("--arc", text),
    }
}

fn array<const N: usize>(option: &str, text: &str) -> Result<[u8; N], Failure> {
    bytes(option, text)?
        .try_into()
        .map_err(|_| refuse(&format!("{option} {text}"), &format!("it must have {N} bytes")))
}

fn bytes(option: &str, text: &str) -> Result<Vec<u8>, Failure> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if let Some(at) = digits.chars().position(|c| !c.is_ascii_hexdigit()) {
        let reason = format!("character {} is not a hexadecimal digit", at + 1);
        return Err(refuse(&format!("{option} {text}"), &reason));
    }
    hex::decode(&digits)
        .map_err(|_| refuse(&format!("{option} {text}"), "it has an odd number of digits"))
}

fn refuse(place: &str, reason: &str) -> Failure {
    Failure::Input { place: place.to_owned(), reason: reason.to_owned() }
}
