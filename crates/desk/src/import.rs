//! Residents out of CSV: read whole, every bad row named, all or nothing.
//!
//! What enters: bytes in UTF-8 or GBK. What leaves: [`Resident`]s, or every row that does not fit
//! with its line and its reason.

use std::collections::BTreeMap;

use encoding_rs::GBK;
use sscard_core::identifiers::social_security_number_check;
use sscard_profile::{BUILT_IN, gbk};

use crate::import_error::TOLD;
use crate::register::NewPerson;
use crate::register::{Ledger, NewHolder};
use crate::text::{self, check_value, quoted};
use crate::{Cents, DeskError, ImportError, RowErrors};

/// Bytes that NAME and NAME EXTENSION hold together.
const LONGEST_NAME: usize = 50;
/// Columns by their names in English and Chinese.
const COLUMNS: [(&str, &str); 9] = [
    ("name", "姓名"),
    ("number", "社会保障号码"),
    ("mobile", "手机号"),
    ("bank", "合作银行"),
    ("photo", "照片"),
    ("child", "儿童"),
    ("guardian", "监护人"),
    ("old_card", "旧卡"),
    ("medical_balance", "医保余额"),
];

/// How the text is encoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum TextEncoding {
    /// UTF-8 when it is valid UTF-8, else GBK.
    #[default]
    Detected,
    /// UTF-8.
    Utf8,
    /// GBK.
    Gbk,
}

/// A row that fits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resident {
    /// Line in the file.
    pub line: u64,
    /// Who it is.
    pub person: NewHolder,
    /// Profile of the card of an earlier generation that the resident has.
    pub old_card: Option<String>,
    /// Medical balance on that card.
    pub medical: Cents,
}

/// Reads residents.
///
/// # Errors
/// [`ImportError`].
pub fn read_residents(bytes: &[u8], encoding: TextEncoding) -> Result<Vec<Resident>, ImportError> {
    let text = decoded(bytes, encoding)?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header =
        reader.headers().map_err(|error| ImportError::Columns(quoted(&error.to_string())))?;
    let columns = columns(header)?;
    let width = header.len();
    let (mut residents, mut wrong) = (Vec::new(), RowErrors::default());
    let mut seen = BTreeMap::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                wrong.add(line, quoted(&error.to_string()));
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        // A column that is not there is an empty one.
        let field =
            |name: &str| columns.get(name).and_then(|at| record.get(*at)).map_or("", trimmed);
        let found = if record.len() == width {
            resident(line, &field)
        } else {
            Err(format!("{} fields instead of {width}", record.len()))
        };
        match found {
            Ok(resident) => match seen.insert(resident.person.number.clone(), line) {
                Some(first) => {
                    let number = resident.person.number;
                    wrong.add(line, format!("number {number} already appears in line {first}"));
                }
                None if wrong.is_empty() => residents.push(resident),
                // Nobody will be imported.
                None => residents = Vec::new(),
            },
            Err(reason) => wrong.add(line, reason),
        }
    }
    if wrong.is_empty() { Ok(residents) } else { Err(ImportError::Rows(wrong)) }
}

/// Without the blanks around it. Other space is no blank: it is looked at like any character.
fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\u{A0}', '\u{3000}'])
}

fn decoded(bytes: &[u8], encoding: TextEncoding) -> Result<String, ImportError> {
    let utf8 = || {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        std::str::from_utf8(bytes).map(str::to_owned)
    };
    let gbk = || GBK.decode_without_bom_handling_and_without_replacement(bytes).map(String::from);
    match encoding {
        TextEncoding::Utf8 => utf8().map_err(|_| ImportError::Encoding("UTF-8")),
        TextEncoding::Gbk => gbk().ok_or(ImportError::Encoding("GBK")),
        TextEncoding::Detected => {
            utf8().ok().or_else(gbk).ok_or(ImportError::Encoding("UTF-8, not GBK"))
        }
    }
}

/// Positions of the columns by their English names.
fn columns(header: &csv::StringRecord) -> Result<BTreeMap<&'static str, usize>, ImportError> {
    let mut columns = BTreeMap::new();
    for (at, title) in header.iter().map(trimmed).enumerate() {
        let known = COLUMNS.iter().find(|(en, zh)| *en == title || *zh == title);
        let Some((name, _)) = known else {
            let names = COLUMNS.map(|(en, zh)| format!("{en} ({zh})")).join(", ");
            return Err(ImportError::Columns(format!(
                "unknown column '{}'; there are {names}",
                quoted(title)
            )));
        };
        if columns.insert(*name, at).is_some() {
            return Err(ImportError::Columns(format!("column '{title}' appears twice")));
        }
    }
    for wanted in ["name", "number", "mobile", "bank"] {
        if !columns.contains_key(wanted) {
            return Err(ImportError::Columns(format!("column '{wanted}' is missing")));
        }
    }
    Ok(columns)
}

fn optional(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn resident<'r>(line: u64, field: &impl Fn(&str) -> &'r str) -> Result<Resident, String> {
    for (column, _) in COLUMNS {
        text::check(field(column)).map_err(|reason| format!("{column}: {reason}"))?;
    }
    let (name, number, mobile) = (field("name"), field("number"), field("mobile"));
    check_name(name)?;
    check_number(number)?;
    check_mobile(mobile).map_err(str::to_owned)?;
    let bank = field("bank");
    if bank.is_empty() {
        return Err("the bank is missing".to_owned());
    }
    let is_child = match field("child") {
        "" | "no" | "否" | "0" => false,
        "yes" | "是" | "1" => true,
        other => {
            return Err(format!("child: '{}' is neither yes (是) nor no (否)", quoted(other)));
        }
    };
    let guardian = field("guardian");
    if is_child && guardian.is_empty() {
        return Err("a child's guardian is missing".to_owned());
    }
    let old_card = Some(field("old_card")).filter(|profile| !profile.is_empty());
    if let Some(profile) = old_card
        && !BUILT_IN.iter().any(|(name, _)| *name == profile)
    {
        return Err(format!(
            "old_card: '{}' is not one of {}",
            quoted(profile),
            BUILT_IN.map(|(name, _)| name).join(", ")
        ));
    }
    let medical = cents(field("medical_balance"))?;
    if medical.is_positive() && old_card.is_none() {
        return Err("a medical balance needs an old card that it is on".to_owned());
    }
    Ok(Resident {
        line,
        person: NewHolder {
            number: number.to_owned(),
            name: name.to_owned(),
            mobile: mobile.to_owned(),
            photo: optional(field("photo")),
            guardian: optional(guardian),
            is_child,
            bank: bank.to_owned(),
        },
        old_card: old_card.map(str::to_owned),
        medical,
    })
}

/// A name that a card holds.
fn check_name(name: &str) -> Result<(), String> {
    match gbk::encode(name) {
        Ok(bytes) if bytes.is_empty() => Err("the name is missing".to_owned()),
        Ok(bytes) if bytes.len() > LONGEST_NAME => {
            Err(format!("the name has {} bytes, the card holds {LONGEST_NAME}", bytes.len()))
        }
        Ok(_) => Ok(()),
        Err(error) => Err(format!("name: {error}")),
    }
}

/// What is to be printed differently has to fit a card and the register, before the old card is
/// given up for it.
pub(crate) fn check_printed(
    ledger: &Ledger<'_>,
    new: &NewPerson,
    before: &NewHolder,
) -> Result<(), DeskError> {
    let misfit = |what| move |reason| DeskError::BadValue { what, reason };
    for (what, value) in
        [("name", &new.name), ("social security number", &new.number), ("photo", &new.photo)]
    {
        check_value(what, value.as_deref().unwrap_or_default())?;
    }
    if let Some(name) = &new.name {
        check_name(name).map_err(misfit("name"))?;
    }
    if let Some(number) = new.number.as_ref().filter(|number| **number != before.number) {
        check_number(number).map_err(misfit("social security number"))?;
        if ledger.has_holder(number)? {
            let reason = format!("number {number} is in the register already");
            return Err(DeskError::Card { holder: before.number.clone(), reason });
        }
    }
    Ok(())
}

/// 17 digits and the check character of GB 11643.
pub(crate) fn check_number(number: &str) -> Result<(), String> {
    let wrong = || format!("'{}' is not a social security number of 18 characters", quoted(number));
    let bytes: &[u8; 18] = number.as_bytes().try_into().map_err(|_| wrong())?;
    let [body @ .., check] = bytes;
    match social_security_number_check(body) {
        Some(right) if right == *check => Ok(()),
        Some(right) => Err(format!(
            "the check character of number {number} is wrong: it should be {}",
            char::from(right)
        )),
        None => Err(wrong()),
    }
}

/// Eleven digits.
pub(crate) fn check_mobile(mobile: &str) -> Result<(), &'static str> {
    if mobile.len() == 11 && mobile.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(())
    } else {
        Err("a mobile number has eleven digits")
    }
}

/// Yuan with two decimals at most, as cents.
fn cents(text: &str) -> Result<Cents, String> {
    let wrong =
        || format!("medical_balance: '{}' is not an amount in yuan such as 123.45", quoted(text));
    if text.is_empty() {
        return Ok(Cents::ZERO);
    }
    let (yuan, fen) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if yuan.is_empty() || yuan.len() > 9 || fen.len() > 2 || !digits(yuan) || !digits(fen) {
        return Err(wrong());
    }
    format!("{yuan}{fen:0<2}").parse().map(Cents::new).map_err(|_| wrong())
}

/// Rows against the register: numbers that are there already, banks that are none.
pub(crate) fn check(ledger: &Ledger<'_>, residents: &[Resident]) -> Result<(), DeskError> {
    let banks: Vec<_> = ledger.banks()?.into_iter().map(|bank| bank.code).collect();
    let mut wrong = RowErrors::default();
    for Resident { line, person, .. } in residents {
        if !banks.contains(&person.bank) {
            // Codes of an edited register are quoted like any other text.
            let banks = banks.iter().take(TOLD).map(|bank| quoted(bank)).collect::<Vec<_>>();
            let reason =
                format!("bank '{}' is not one of {}", quoted(&person.bank), banks.join(", "));
            wrong.add(*line, reason);
        }
        if ledger.has_holder(&person.number)? {
            wrong.add(
                *line,
                format!("number {} is in the register already", quoted(&person.number)),
            );
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(ImportError::Rows(wrong).into()) }
}

#[cfg(test)]
mod tests;
