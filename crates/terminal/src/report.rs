//! What reading a card brought to light.

use sscard_apdu::StatusWord;
use sscard_commands::ins;
use sscard_core::AccessRule;
use sscard_core::catalogue::{FileEntry, Item};
use sscard_crypto::Algorithm;
use sscard_lexicon::{item_text, status_meaning};

/// A card as a reader sees it.
#[derive(Clone, Debug)]
pub struct CardReport {
    /// ATR.
    pub atr: Vec<u8>,
    /// The algorithm that the environment names, or that follows from the card's province.
    pub algorithm: Algorithm,
    /// Whether the environment is deactivated: the holder's data cannot be read then.
    pub deactivated: bool,
    /// What the card answered to the PIN, when one was presented.
    pub pin: Option<StatusWord>,
    /// The files that were tried, in the order of the catalogue.
    pub files: Vec<FileReport>,
}

/// One file as it was read.
#[derive(Clone, Debug)]
pub struct FileReport {
    /// Its application: `SSSE`, `DF01`, or the identifier of one that the catalogue does not know, `DF0A`, else its AID.
    pub application: String,
    /// What the DIR file calls an application that the catalogue does not know.
    pub label: Option<String>,
    /// Its identifier; of a file that the catalogue does not know EF and the short identifier.
    pub fid: u16,
    /// Its entry in the catalogue, when it has one.
    pub entry: Option<&'static FileEntry>,
    /// Its records, in the order of their numbers.
    pub records: Vec<Record>,
    /// Its bytes, when it is transparent.
    pub bytes: Vec<u8>,
    /// Why it was not read.
    pub refused: Option<StatusWord>,
    /// Whether a key was proved for it, since it did not open without.
    pub with_key: bool,
}

/// One record.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its item, when the catalogue knows it.
    pub item: Option<&'static Item>,
    /// Its identifier; 0 in a cyclic file.
    pub tag: u8,
    /// Its value.
    pub value: Vec<u8>,
}

impl FileReport {
    /// Application and identifier: `SSSE/EF05`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}/{:04X}", self.application, self.fid)
    }

    /// Whether the card has no such file.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.refused == Some(StatusWord::FILE_NOT_FOUND)
    }
}

impl CardReport {
    /// The text of an item of the environment (EF05, EF06); `None` when it was not read.
    #[must_use]
    pub fn text(&self, tag: u8) -> Option<String> {
        let records = self
            .files
            .iter()
            .filter(|file| file.application == "SSSE")
            .flat_map(|file| &file.records);
        records.filter(|record| record.tag == tag).find_map(Record::text)
    }
}

impl CardReport {
    /// Why the holder's data is not all there; `None` when it is.
    #[must_use]
    pub fn holder_missing(&self) -> Option<String> {
        if self.deactivated {
            return Some("the card is deactivated (未启用)".to_owned());
        }
        let is_holder = |file: &&FileReport| file.application == "SSSE" && file.fid == HOLDER_FILE;
        match self.files.iter().find(is_holder) {
            None => Some("SSSE/EF06 was not read".to_owned()),
            Some(FileReport { refused: Some(status), .. }) => {
                let meaning = status_meaning(*status, ins::READ_RECORD);
                Some(format!("READ RECORD of SSSE/EF06 answered {status}: {meaning}"))
            }
            Some(file) if file.records.is_empty() => Some("SSSE/EF06 has no records".to_owned()),
            Some(_) => None,
        }
    }

    /// What of the card's data is not as it should be: a card that has expired by `today` (YYYYMMDD
    /// in BCD), days that are in no calendar, bytes that are no text, a version that no standard knows, and what the
    /// card lets see without the right, or keeps closed in spite of it.
    #[must_use]
    pub fn remarks(&self, today: [u8; 4]) -> Vec<String> {
        let mut remarks: Vec<String> = self.strange_version().into_iter().collect();
        for file in &self.files {
            remarks.extend(self.strange_access(file));
        }
        for file in &self.files {
            let path = file.path();
            for record in &file.records {
                let Some(item) = record.item else { continue };
                let wrong = sscard_lexicon::item_faults(item, &record.value);
                remarks.extend(wrong.into_iter().map(|wrong| {
                    format!(
                        "{path} {:02X} {} ({}): {wrong}",
                        record.tag, item.name_zh, item.name_en
                    )
                }));
                let is_expiry = path == "SSSE/EF05" && record.tag == EXPIRY;
                if let (true, Some(day)) = (is_expiry, record.value.first_chunk::<4>())
                    && sscard_lexicon::is_day(*day)
                    && *day < today
                {
                    let digits = item_text(item, &record.value);
                    remarks.push(format!("the card has expired: it was valid until {digits}"));
                }
            }
        }
        remarks
    }
}

impl CardReport {
    /// What is wrong with the specification version; an unset one is that of the first generation.
    fn strange_version(&self) -> Option<String> {
        let mut issuer_data =
            self.files.iter().filter(|file| file.path() == "SSSE/EF05").peekable();
        issuer_data.peek()?;
        let mut records = issuer_data.flat_map(|file| &file.records);
        let version = records.find(|record| record.tag == VERSION);
        match version.map(|version| &version.value[..]) {
            None => Some(
                "the card has no specification version (SSSE/EF05 03): it is read as one of 2.00".to_owned(),
            ),
            Some([] | [0x00 | 0xFF | b' ', ..] | [b'1'..=b'3', b'.', b'0', ..]) => None,
            Some(_) => version.and_then(Record::text).map(|text| {
                format!("the specification version '{text}' (SSSE/EF05 03) is none that is known: 1.00, 2.00, 3.00")
            }),
        }
    }

    /// A file that opened without the right that its generation wants, or that stays closed although the PIN was right.
    fn strange_access(&self, file: &FileReport) -> Option<String> {
        let path = file.path();
        let is_third = self.text(VERSION).is_some_and(|version| version.starts_with('3'));
        if is_third && path == "SSSE/EF06" && !file.with_key && !file.records.is_empty() {
            return Some(format!(
                "{path} was read without a key, and a card of version 3.00 gives it to RK_SSSE alone"
            ));
        }
        let is_verified = self.pin.is_some_and(StatusWord::is_success);
        let wants_pin = file.entry.is_some_and(|entry| {
            matches!(
                entry.read,
                AccessRule::Pin | AccessRule::PinAndKey(_) | AccessRule::PinOrKey(_)
            )
        });
        let is_closed = file.refused == Some(StatusWord::SECURITY_STATUS_NOT_SATISFIED);
        (is_verified && is_closed && wants_pin).then(|| {
            format!("{path} stays closed (6982) although the PIN was right: the card forgot it, or never saw it")
        })
    }
}

/// Record identifier of the specification version.
const VERSION: u8 = 0x03;

/// The file of the holder's data.
const HOLDER_FILE: u16 = 0xEF06;
/// Record identifier of the day until which the card is valid.
const EXPIRY: u8 = 0x06;

impl Record {
    /// The value as text, by the type of its item.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        self.item.map(|item| item_text(item, &self.value))
    }
}

#[cfg(test)]
mod tests {
    use sscard_core::catalogue;

    use super::*;

    const TODAY: [u8; 4] = [0x20, 0x26, 0x11, 0x24];

    fn card(records: &[(&str, u8, &[u8])]) -> CardReport {
        let files = records.iter().map(|(path, tag, value)| {
            let entry = catalogue::file(path).unwrap();
            let record = Record { item: entry.item(*tag), tag: *tag, value: value.to_vec() };
            FileReport {
                application: entry.application.to_owned(),
                label: None,
                fid: entry.fid,
                entry: Some(entry),
                records: vec![record],
                bytes: Vec::new(),
                refused: None,
                with_key: false,
            }
        });
        let files = files.collect();
        let algorithm = Algorithm::Sm4;
        CardReport { atr: Vec::new(), algorithm, deactivated: false, pin: None, files }
    }

    #[test]
    fn a_card_expires_after_its_last_day() {
        let version: (&str, u8, &[u8]) = ("SSSE/EF05", 0x03, b"3.00");
        let of = |day: [u8; 4]| card(&[version, ("SSSE/EF05", 0x06, &day)]).remarks(TODAY);
        assert_eq!(of(TODAY), [""; 0]);
        assert_eq!(of([0x20, 0x26, 0x11, 0x25]), [""; 0]);
        assert_eq!(
            of([0x20, 0x26, 0x11, 0x23]),
            ["the card has expired: it was valid until 20261123"]
        );
        assert_eq!(of([0xFF; 4]), [""; 0], "unset");
        assert_eq!(
            of([0x20, 0x20, 0x13, 0x01]),
            ["SSSE/EF05 06 卡有效期 (expiry date): 20201301 is not a day of the calendar"]
        );
        let elsewhere = card(&[("SSSE/EF06", 0x0D, &[0x19, 0x81, 0x01, 0x01])]);
        assert_eq!(elsewhere.remarks(TODAY), [""; 0], "a birth date is not an expiry");
    }

    #[test]
    fn bytes_that_are_no_text_are_said_and_shown() {
        let card = card(&[("SSSE/EF06", 0x09, b"\xD5\xC5\xFF\0")]);
        assert_eq!(
            card.remarks(TODAY),
            ["SSSE/EF06 09 姓名 (name): 1 byte is not GBK in D5C5FF00"]
        );
        assert_eq!(card.text(0x09).as_deref(), Some("张\\xFF"));
    }

    #[test]
    fn a_holder_that_was_not_read_has_a_reason() {
        let read = card(&[("SSSE/EF06", 0x09, b"\xD5\xC5")]);
        assert_eq!(read.holder_missing(), None);
        let reason = |report: CardReport| report.holder_missing().unwrap();
        assert_eq!(
            reason(CardReport { deactivated: true, ..read.clone() }),
            "the card is deactivated (未启用)"
        );
        assert_eq!(reason(card(&[])), "SSSE/EF06 was not read");
        let mut refused = read.clone();
        refused.files[0].refused = Some(StatusWord::SECURITY_STATUS_NOT_SATISFIED);
        assert_eq!(
            reason(refused),
            "READ RECORD of SSSE/EF06 answered 6982: access rule not met (不满足安全状态)"
        );
        let mut empty = read;
        empty.files[0].records.clear();
        assert_eq!(reason(empty), "SSSE/EF06 has no records");
    }
}
