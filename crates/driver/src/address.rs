//! pFileAddr and pWriteData: files and their items, `SSSEEF06|08|09|$DF01EF15|40:2|$DF02EF07:01$`.
//!
//! What enters: a caller's text. What leaves: entries of the catalogue, or which part is wrong. `40:2` is the second record with
//! the identifier 40, `DF02EF07:01` the record of this number in a cyclic file; both numbers are hexadecimal, as is usual in
//! the field. `MF` and `3F00` are other names of SSSE there.

use sscard_apdu::StatusWord;
use sscard_core::Structure;
use sscard_core::catalogue::{self, FileEntry};

use crate::code::{DriverCode, DriverError};
use crate::text::fields;

/// One file and what of it is meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct FileAddress {
    /// Its name as the caller wrote it.
    pub(crate) name: String,
    pub(crate) entry: &'static FileEntry,
    pub(crate) part: FilePart,
}

/// What of a file is meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum FilePart {
    /// Items: identifier, and which of the records with it.
    Items(Vec<(u8, u8)>),
    /// One record of a cyclic file, the latest is 1.
    Record(u8),
    /// A transparent file.
    Whole,
}

fn unlawful(detail: String) -> DriverError {
    DriverError::new(DriverCode::Unlawful, detail)
}

fn number(text: &str) -> Result<u8, DriverError> {
    let is_hexadecimal = text.bytes().all(|digit| digit.is_ascii_hexdigit());
    let number = u8::from_str_radix(text, 16).ok().filter(|_| is_hexadecimal);
    number.ok_or_else(|| unlawful(format!("'{text}' is not the number of an item or a record")))
}

/// Splits text at `$`.
pub(crate) fn files(text: &str) -> Vec<&str> {
    text.split('$').filter(|file| !file.is_empty()).collect()
}

/// The files of a pFileAddr.
///
/// # Errors
/// [`DriverCode::Unlawful`] for what is no address, `6A82` for a file or item that no card has.
pub(crate) fn parse(text: &str) -> Result<Vec<FileAddress>, DriverError> {
    let files = files(text);
    if files.is_empty() {
        return Err(unlawful("no file is named".to_owned()));
    }
    files.into_iter().map(file).collect()
}

fn file(text: &str) -> Result<FileAddress, DriverError> {
    let fields = fields(text);
    let (head, items) = fields.split_first().ok_or_else(|| unlawful("no file is named".into()))?;
    let (name, record) = match head.split_once(':') {
        Some((name, record)) => (name, Some(number(record)?)),
        None => (*head, None),
    };
    let entry = entry(name)?;
    let part = match (entry.structure, record) {
        (Structure::Cyclic { .. }, Some(record)) if items.is_empty() && record > 0 => {
            FilePart::Record(record)
        }
        (Structure::Cyclic { .. }, _) => {
            return Err(unlawful(format!("{name} is cyclic: name a record, {name}:01$")));
        }
        (_, Some(_)) => return Err(unlawful(format!("{name} is not cyclic"))),
        (Structure::Transparent { .. }, None) if items.len() <= 1 => FilePart::Whole,
        (Structure::Transparent { .. }, None) => {
            return Err(unlawful(format!("{name} has no items")));
        }
        _ if items.is_empty() => return Err(unlawful(format!("no item of {name} is named"))),
        _ => FilePart::Items(items.iter().map(|text| item(entry, text)).collect::<Result<_, _>>()?),
    };
    Ok(FileAddress { name: name.to_owned(), entry, part })
}

fn item(entry: &FileEntry, text: &str) -> Result<(u8, u8), DriverError> {
    let (tag, which) = match text.split_once(':') {
        Some((tag, which)) => (number(tag)?, number(which)?),
        None => (number(text)?, 1),
    };
    let known = entry.item(tag).filter(|item| (1..=item.count).contains(&which));
    known.map(|_| (tag, which)).ok_or_else(|| {
        let detail = format!("{} has no item {text}", entry.name_en);
        DriverError::new(DriverCode::Refused(StatusWord::RECORD_NOT_FOUND), detail)
    })
}

/// The file of a name: application and EF.
fn entry(name: &str) -> Result<&'static FileEntry, DriverError> {
    let (application, file) = name
        .len()
        .checked_sub(4)
        .and_then(|at| name.split_at_checked(at))
        .filter(|(_, file)| file.starts_with("EF"))
        .ok_or_else(|| unlawful(format!("'{name}' is not the name of a file, as SSSEEF05 is")))?;
    let application = match application {
        "SSSE" | "MF" | "3F00" => "SSSE",
        application if application.len() == 4 && application.starts_with("DF") => application,
        _ => return Err(unlawful(format!("'{name}' is not the name of a file, as DF01EF05 is"))),
    };
    catalogue::file(&format!("{application}/{file}")).ok_or_else(|| {
        let detail = format!("no card has a file {name}");
        DriverError::new(DriverCode::Refused(StatusWord::FILE_NOT_FOUND), detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<(String, FilePart)> {
        let files = parse(text).expect("an address");
        files.into_iter().map(|file| (file.name, file.part)).collect()
    }

    #[test]
    fn the_addresses_of_the_field_are_read() {
        let items = |list: &[(u8, u8)]| FilePart::Items(list.to_vec());
        assert_eq!(parts("DF01EF15|40:2|$"), [("DF01EF15".to_owned(), items(&[(0x40, 2)]))]);
        assert_eq!(
            parts("SSSEEF05|06|07|$SSSEEF06|08|09|$"),
            [
                ("SSSEEF05".to_owned(), items(&[(6, 1), (7, 1)])),
                ("SSSEEF06".to_owned(), items(&[(8, 1), (9, 1)]))
            ]
        );
        assert_eq!(parts("3F00EF06|4E|$"), [("3F00EF06".to_owned(), items(&[(0x4E, 1)]))]);
        assert_eq!(parts("MFEF06|0A|$"), [("MFEF06".to_owned(), items(&[(0x0A, 1)]))]);
        assert_eq!(parts("DF04EF08:0A$"), [("DF04EF08".to_owned(), FilePart::Record(10))]);
        assert_eq!(parts("SSSEEF08|01|$"), [("SSSEEF08".to_owned(), FilePart::Whole)]);
        assert_eq!(parts("SSSEEF08$"), [("SSSEEF08".to_owned(), FilePart::Whole)]);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let refused = |text: &str| parse(text).expect_err("no address").code.number();
        for text in [
            "",
            "$",
            "|",
            "SSSEEF06|",
            "SSSEEF06|G1|$",
            "SSSEEF06|+8|$",
            "SSSEEF06|08:01:02|$",
            "XYEF06|08|$",
            "EF06|08|$",
            "SSSEEF06:01$",
            "DF04EF08|01|$",
            "DF04EF08:00$",
            "SSSEEF08|01|02|$",
            "姓名EF06|08|$",
        ] {
            assert_eq!(refused(text), -23, "{text}");
        }
        assert_eq!(refused("DF01EF3F|08|$"), -27266);
        assert_eq!(refused("SSSEEF06|08:2|$"), -27267);
        assert_eq!(refused("SSSEEF06|77|$"), -27267);
    }
}
