//! iReadCardBas: the card's and the holder's basic data.

use sscard_apdu::{StatusWord, hex};
use sscard_core::KeyId;
use sscard_core::catalogue::{self, FileEntry};

use super::Driver;
use crate::code::{DriverCode, DriverError};
use crate::session::{Session, short};
use crate::value;

/// Items of EF05 and EF06.
const ISSUED: u8 = 0x05;
const EXPIRES: u8 = 0x06;
const HOLDER_NUMBER: u8 = 0x08;
const NAME: u8 = 0x09;
const NAME_EXTENSION: u8 = 0x4E;

pub(super) fn file(path: &str) -> Result<&'static FileEntry, DriverError> {
    catalogue::file(path).ok_or_else(|| short("the catalogue"))
}

impl Driver {
    /// iReadCardBas.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn read_basic(&mut self, interface: i32) -> Result<String, DriverError> {
        self.with_card(interface, |driver, session| {
            let terminal = driver.with_module(|module| {
                session.prove(module)?;
                if is_guarded(session)? {
                    session.authenticate(module, "SSSE", KeyId::RK_SSSE)?;
                }
                Ok(module.terminal())
            })?;
            driver.basic(session, terminal)
        })
    }

    /// The answer, once the card lets its holder be read.
    pub(super) fn basic(
        &mut self,
        session: &mut Session,
        terminal: Option<[u8; 6]>,
    ) -> Result<String, DriverError> {
        let (card, holder) = (file("SSSE/EF05")?, file("SSSE/EF06")?);
        let mut day = |tag| -> Result<String, DriverError> {
            let value = session.item(card, tag, 1)?;
            Ok(card.item(tag).map(|item| value::shown(item, &value)).unwrap_or_default())
        };
        let (issued, expires) = (day(ISSUED)?, day(EXPIRES)?);
        let number = text_of(session, holder, HOLDER_NUMBER)?.unwrap_or_default();
        let name = text_of(session, holder, NAME)?.unwrap_or_default();
        // Cards of the first generation have no extension.
        let extension = text_of(session, holder, NAME_EXTENSION)?.unwrap_or_default();
        let settings = self.settings()?;
        let terminal =
            terminal.map_or_else(|| settings.terminal().to_owned(), |id| hex::encode(&id));
        let known = &session.known;
        Ok(format!(
            "{}|{number}|{}|{}|{name}{extension}|{}|{}|{issued}|{expires}|{terminal}|{}|",
            session.division(),
            known.number,
            hex::encode(&known.code),
            session.historical(),
            known.version,
            settings.device(),
        ))
    }
}

/// Whether the holder's data wants a key.
pub(super) fn is_guarded(session: &mut Session) -> Result<bool, DriverError> {
    match session.item(file("SSSE/EF06")?, HOLDER_NUMBER, 1) {
        Ok(_) => Ok(false),
        Err(DriverError {
            code: DriverCode::Refused(StatusWord::SECURITY_STATUS_NOT_SATISFIED),
            ..
        }) => Ok(true),
        Err(error) => Err(error),
    }
}

/// An item of text; `None` when the card does not have it.
fn text_of(
    session: &mut Session,
    entry: &FileEntry,
    tag: u8,
) -> Result<Option<String>, DriverError> {
    match session.item(entry, tag, 1) {
        Ok(value) => Ok(Some(crate::text::of_card(&value))),
        Err(DriverError { code: DriverCode::Refused(StatusWord::RECORD_NOT_FOUND), .. }) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
