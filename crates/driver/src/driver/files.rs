//! iReadCard and iWriteCard: any items of any files.

use sscard_core::Structure;

use super::Driver;
use crate::address::{self, FileAddress, FilePart};
use crate::code::{DriverCode, DriverError};
use crate::session::Session;
use crate::text;
use crate::value;

impl Driver {
    /// iReadCard: `by_key` is iAuthType 2.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn read_card(
        &mut self,
        interface: i32,
        authentication: i32,
        card_info: &str,
        file_address: &str,
    ) -> Result<String, DriverError> {
        let by_pin = match authentication {
            1 => true,
            2 => false,
            _ => return Err(DriverError::new(DriverCode::Argument, "iAuthType is 1 or 2")),
        };
        let files = address::parse(file_address)?;
        self.with_this_card(interface, card_info, |driver, session| {
            let mut answer = String::new();
            let mut verified = false;
            for file in &files {
                if let Some(rights) = session.wants(file, by_pin)? {
                    if rights.pin && !verified {
                        driver.verify(session)?;
                        verified = true;
                    }
                    if let Some(key) = rights.key {
                        driver.with_module(|module| {
                            session.prove(module)?;
                            session.authenticate(module, file.entry.application, key)
                        })?;
                    }
                }
                answer.push_str(&session.read(file)?);
            }
            Ok(answer)
        })
    }

    /// iWriteCard: the first file that is named, as in the field.
    ///
    /// # Errors
    /// [`DriverError`]; nothing is written before all values are known to fit.
    pub fn write_card(
        &mut self,
        interface: i32,
        card_info: &str,
        file_address: &str,
        data: &str,
    ) -> Result<String, DriverError> {
        let file = first(file_address)?;
        self.with_this_card(interface, card_info, |driver, session| {
            let values = values(session, &file, data)?;
            let key = update_key(&file)?;
            driver.with_module(|module| {
                session.prove(module)?;
                session.authenticate(module, file.entry.application, key)
            })?;
            session.write(&file, &values)?;
            Ok(String::new())
        })
    }
}

/// The one file that a writing function works on.
pub(super) fn first(file_address: &str) -> Result<FileAddress, DriverError> {
    let mut files = address::parse(file_address)?;
    Ok(files.swap_remove(0))
}

/// The key that a file's update wants.
pub(super) fn update_key(file: &FileAddress) -> Result<sscard_core::KeyId, DriverError> {
    file.entry.update.key().ok_or_else(|| {
        let detail = format!("only the card itself writes {}", file.name);
        let status = sscard_apdu::StatusWord::SECURITY_STATUS_NOT_SATISFIED;
        DriverError::new(DriverCode::Refused(status), detail)
    })
}

/// The values of pWriteData for a file, as the card has them.
pub(super) fn values(
    session: &Session,
    file: &FileAddress,
    data: &str,
) -> Result<Vec<Vec<u8>>, DriverError> {
    let unlawful = |detail: &str| DriverError::new(DriverCode::Unlawful, detail);
    let given =
        *address::files(data).first().ok_or_else(|| unlawful("nothing is to be written"))?;
    let behind = given.strip_prefix(file.name.as_str());
    let behind = behind.ok_or_else(|| unlawful("pWriteData is for another file than pFileAddr"))?;
    match &file.part {
        FilePart::Record(_) => {
            let record = behind.strip_prefix(':').or_else(|| behind.strip_prefix('|'));
            let record =
                record.ok_or_else(|| unlawful("a record follows the file's name and :"))?;
            let record = record.strip_suffix('|').unwrap_or(record);
            Ok(vec![value::record_parsed(file.entry, record)?])
        }
        FilePart::Whole => {
            let [bytes] = text::fields(behind.strip_prefix('|').unwrap_or_default())[..] else {
                return Err(unlawful("the bytes of the file are wanted, in hexadecimal"));
            };
            let bytes = text::hexadecimal(bytes)?;
            let Structure::Transparent { size } = file.entry.structure else {
                return Err(unlawful("the file is not transparent"));
            };
            if bytes.len() > usize::from(size) {
                let detail = format!("{} bytes, and the file has {size}", bytes.len());
                return Err(DriverError::new(DriverCode::Length, detail));
            }
            Ok(vec![bytes])
        }
        FilePart::Items(items) => {
            // An empty last value ends the text as the last separator does.
            let behind = behind.strip_prefix('|').ok_or_else(|| unlawful("no values are given"))?;
            let given: Vec<&str> = behind.strip_suffix('|').unwrap_or(behind).split('|').collect();
            if given.len() != items.len() {
                return Err(unlawful("pWriteData has not as many values as pFileAddr has items"));
            }
            let mut values = Vec::with_capacity(items.len());
            for ((tag, _), given) in items.iter().zip(given) {
                let item = session.known.edition.item(file.entry, *tag);
                let item = item.ok_or_else(|| unlawful("there is no such item"))?;
                values.push(value::parsed(item, given)?);
            }
            Ok(values)
        }
    }
}
