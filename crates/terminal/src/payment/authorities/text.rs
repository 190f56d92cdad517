//! Keys of certification authorities as text, in the forms that terminals are set up with.
//!
//! What enters: a text in any of the forms of [`AuthorityForm`]; which it is, it says itself. What leaves: the keys, or
//! the line that cannot be used and why.

use base64ct::{Base64, Encoding};
use sscard_apdu::hex;
use sscard_crypto::financial::rsa::{Exponent, RsaPublicKey};
use sscard_crypto::financial::sm2::Sm2PublicKey;

use super::key::{AuthorityKey, AuthorityPublicKey};

/// A form of text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum AuthorityForm {
    /// A name and a value a line, a key behind the other: `rid`, `index`, `algorithm`, `modulus` and
    /// `exponent` or `point`, `check`, `expiry`.
    Fields,
    /// `rid`, `index` and `expiry` as fields, and the key between `BEGIN PUBLIC KEY` and `END PUBLIC KEY`.
    Pem,
    /// A key a line, bytes with colons between them: `capk.txt` of emv-tools and of the Proxmark3's client. RSA alone.
    Capk,
    /// A key a line, five columns with tabs between them: scheme, exponent, index, RID, modulus;
    /// `ca-public-keys.txt` of emv-bertlv. RSA alone.
    Columns,
}

/// A text of authority keys that cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: {reason}")]
#[non_exhaustive]
pub struct AuthorityTextError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub reason: String,
}

const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";

impl AuthorityForm {
    /// The keys as text; what the form cannot say is left out, and a comment says so where the form has
    /// comments.
    #[must_use]
    pub fn write(self, keys: &[AuthorityKey]) -> String {
        let texts: Vec<String> = keys.iter().filter_map(|key| self.one(key)).collect();
        match self {
            Self::Fields | Self::Pem => texts.join("\n"),
            Self::Capk | Self::Columns => texts.concat(),
        }
    }

    fn one(self, key: &AuthorityKey) -> Option<String> {
        let upper = hex::encode;
        let (rid, index) = (upper(&key.rid), upper(&[key.index]));
        let mut lines = vec![format!("rid       {rid}"), format!("index     {index}")];
        let expiry = key.expiry.map(|day| upper(&day));
        lines.extend(expiry.as_ref().map(|day| format!("expiry    {day}")));
        match (self, &key.key) {
            (Self::Fields, AuthorityPublicKey::Rsa(rsa)) => {
                lines.push("algorithm RSA".to_owned());
                lines.push(format!("modulus   {}", upper(rsa.modulus())));
                lines.push(format!("exponent  {}", upper(rsa.exponent().bytes())));
                lines.extend(key.check_value().map(|check| format!("check     {}", upper(&check))));
            }
            (Self::Fields, AuthorityPublicKey::Sm2(sm2)) => {
                lines.push("algorithm SM2".to_owned());
                lines.push(format!("point     {}", upper(sm2.bytes())));
            }
            (Self::Pem, _) => lines.extend(key.to_pem().lines().map(str::to_owned)),
            (Self::Capk, AuthorityPublicKey::Rsa(rsa)) => {
                let apart = |bytes: &[u8]| {
                    let bytes: Vec<String> =
                        bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                    bytes.join(":")
                };
                lines = vec![format!(
                    "{} {:02x} {} rsa {} {} sha1 {}",
                    apart(&key.rid),
                    key.index,
                    expiry.unwrap_or_else(|| "000000".to_owned()),
                    apart(rsa.exponent().bytes()),
                    apart(rsa.modulus()),
                    apart(&key.check_value()?)
                )];
            }
            (Self::Columns, AuthorityPublicKey::Rsa(rsa)) => {
                let exponent = upper(rsa.exponent().bytes());
                let modulus = upper(rsa.modulus());
                lines = vec![format!("{rid}\t{exponent}\t{index}\t{rid}\t{modulus}")];
            }
            (Self::Capk | Self::Columns, AuthorityPublicKey::Sm2(_)) => return None,
        }
        Some(lines.iter().map(|line| format!("{line}\n")).collect())
    }
}

impl AuthorityKey {
    /// The key as a `PUBLIC KEY` in PEM (RFC 7468 §13), with line ends.
    #[must_use]
    pub fn to_pem(&self) -> String {
        let text = Base64::encode_string(&self.to_der());
        let mut pem = format!("{BEGIN}\n");
        for piece in text.as_bytes().chunks(64) {
            pem.push_str(&String::from_utf8_lossy(piece));
            pem.push('\n');
        }
        pem.push_str(END);
        pem.push('\n');
        pem
    }
}

/// Reads keys in any form; lines that are empty or begin with `#` are passed over.
///
/// # Errors
/// The first line that cannot be used; a text without a key.
pub fn authority_keys(text: &str) -> Result<Vec<AuthorityKey>, AuthorityTextError> {
    let mut reading = Reading::default();
    for (number, line) in (1..).zip(text.trim_start_matches('\u{FEFF}').lines()) {
        let refuse = |reason: String| AuthorityTextError { line: number, reason };
        reading.line(number, line).map_err(refuse)?;
    }
    reading.end()?;
    if reading.keys.is_empty() {
        let reason = "there is no key in this file".to_owned();
        return Err(AuthorityTextError { line: 1, reason });
    }
    Ok(reading.keys)
}

#[derive(Default)]
struct Reading {
    keys: Vec<AuthorityKey>,
    fields: AuthorityFields,
    /// Where the fields begin.
    begun: usize,
    /// The text of a key that began with `BEGIN`.
    pem: Option<String>,
}

impl Reading {
    fn line(&mut self, number: usize, line: &str) -> Result<(), String> {
        let line = line.trim_end();
        if let Some(text) = &mut self.pem {
            if line.trim() != END {
                text.push_str(line.trim());
                return Ok(());
            }
            let der = Base64::decode_vec(text).map_err(|_| "this is no base64 text")?;
            let key = AuthorityPublicKey::from_der(&der);
            self.fields.key = Some(key.ok_or("this is neither an RSA nor an SM2 key")?);
            self.pem = None;
            return Ok(());
        }
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            return Ok(());
        }
        if trimmed == BEGIN {
            self.pem = Some(String::new());
            return Ok(());
        }
        let columns: Vec<&str> = line.split('\t').collect();
        if let [_, exponent, index, rid, modulus, ..] = columns[..] {
            return self.whole(&[
                ("rid", rid),
                ("index", index),
                ("exponent", exponent),
                ("modulus", modulus),
            ]);
        }
        let words: Vec<&str> = trimmed.split_whitespace().collect();
        if let [rid, index, expiry, "rsa", exponent, modulus, "sha1", check] = words[..] {
            return self.whole(&[
                ("rid", rid),
                ("index", index),
                ("expiry", expiry),
                ("exponent", exponent),
                ("modulus", modulus),
                ("check", check),
            ]);
        }
        let (name, value) = trimmed
            .split_once(|c: char| c.is_whitespace() || matches!(c, ':' | '='))
            .ok_or("a line is a name and a value")?;
        if name.eq_ignore_ascii_case("rid") {
            self.end().map_err(|error| error.reason)?;
        }
        if self.fields == AuthorityFields::default() {
            self.begun = number;
        }
        let value = value.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '='));
        self.fields.set(name, value)
    }

    /// A key that one line says.
    fn whole(&mut self, fields: &[(&str, &str)]) -> Result<(), String> {
        self.end().map_err(|error| error.reason)?;
        let mut key = AuthorityFields::default();
        for (name, value) in fields {
            key.set(name, value)?;
        }
        self.keys.push(key.finish()?);
        Ok(())
    }

    /// The fields so far are a key.
    fn end(&mut self) -> Result<(), AuthorityTextError> {
        let line = self.begun.max(1);
        let refuse = |reason| AuthorityTextError { line, reason };
        if self.pem.is_some() {
            return Err(refuse(format!("its key has no line {END}")));
        }
        let fields = std::mem::take(&mut self.fields);
        if fields != AuthorityFields::default() {
            self.keys.push(fields.finish().map_err(refuse)?);
        }
        Ok(())
    }
}

/// A key by the names of its fields, one after another.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AuthorityFields {
    rid: Option<[u8; 5]>,
    index: Option<u8>,
    expiry: Option<[u8; 3]>,
    modulus: Option<Vec<u8>>,
    exponent: Option<Exponent>,
    point: Option<Vec<u8>>,
    algorithm: Option<String>,
    check: Option<Vec<u8>>,
    key: Option<AuthorityPublicKey>,
}

impl AuthorityFields {
    /// Sets a field by its name, as [`AuthorityForm::Fields`] has them; bytes in hexadecimal, spaces and
    /// colons between them are fine.
    ///
    /// # Errors
    /// Why the name or the value cannot be used.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name.to_ascii_lowercase().as_str() {
            "rid" => self.rid = Some(array(value).ok_or("a RID has 5 bytes")?),
            "index" => {
                let [index] = array(value).ok_or("an index has one byte")?;
                self.index = Some(index);
            }
            "expiry" => {
                let day = array(value).filter(|day: &[u8; 3]| is_bcd(day));
                let day = day.ok_or("an expiry has six digits, YYMMDD")?;
                self.expiry = (day != [0; 3]).then_some(day);
            }
            "algorithm" => self.algorithm = Some(value.to_ascii_uppercase()),
            "modulus" => self.modulus = Some(bytes(value).ok_or("a modulus is hexadecimal")?),
            "exponent" => {
                let exponent = bytes(value).and_then(|bytes| Exponent::from_bytes(&bytes));
                self.exponent = Some(exponent.ok_or("an exponent is 03 or 010001")?);
            }
            "point" => self.point = Some(bytes(value).ok_or("a point is hexadecimal")?),
            "check" => self.check = Some(bytes(value).ok_or("a check value is hexadecimal")?),
            other => {
                let known = "rid, index, expiry, algorithm, modulus, exponent, point, check";
                return Err(format!("'{}' is none of {known}", other.escape_debug()));
            }
        }
        Ok(())
    }

    /// The key.
    ///
    /// # Errors
    /// What is missing, or does not fit.
    pub fn finish(self) -> Result<AuthorityKey, String> {
        let rid = self.rid.ok_or("a key without a rid")?;
        let index = self.index.ok_or("a key without an index")?;
        let key = match (self.key, self.modulus, self.point) {
            (Some(key), None, None) => key,
            (None, Some(modulus), None) => {
                let exponent = self.exponent.ok_or("a modulus without an exponent")?;
                let key = RsaPublicKey::new(&modulus, exponent);
                let rule = "a modulus is odd and has 64 to 248 bytes without a leading zero";
                AuthorityPublicKey::Rsa(key.ok_or(rule)?)
            }
            (None, None, Some(point)) => {
                let point: [u8; 64] =
                    point.try_into().map_err(|_| "a point has 64 bytes, X and Y")?;
                let key = Sm2PublicKey::from_bytes(&point);
                AuthorityPublicKey::Sm2(key.ok_or("this is no point of the curve of SM2")?)
            }
            (None, None, None) => {
                return Err("a key without modulus, point or PUBLIC KEY".to_owned());
            }
            _ => return Err("a key that is given twice".to_owned()),
        };
        let family = match &key {
            AuthorityPublicKey::Rsa(_) => "RSA",
            AuthorityPublicKey::Sm2(_) => "SM2",
        };
        if let Some(said) = self.algorithm.filter(|said| said != family) {
            return Err(format!(
                "algorithm {} does not fit: the key is one of {family}",
                said.escape_debug()
            ));
        }
        let key = AuthorityKey { rid, index, key, expiry: self.expiry };
        match (self.check, key.check_value()) {
            (Some(said), Some(right)) if said != right => Err(format!(
                "the check value does not fit RID, index, modulus and exponent, which give {}",
                hex::encode(&right)
            )),
            _ => Ok(key),
        }
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != ':').collect();
    hex::decode(&digits).ok().filter(|bytes| !bytes.is_empty())
}

fn array<const N: usize>(text: &str) -> Option<[u8; N]> {
    bytes(text)?.try_into().ok()
}

fn is_bcd(day: &[u8; 3]) -> bool {
    day.iter().all(|byte| byte >> 4 <= 9 && byte & 0x0F <= 9)
}

#[cfg(test)]
mod tests;
