//! What reading a card brought to light.

use sscard_apdu::StatusWord;
use sscard_core::catalogue::{FileEntry, Item};
use sscard_crypto::Algorithm;
use sscard_lexicon::item_text;

/// A card as a reader sees it.
#[derive(Clone, Debug)]
pub struct CardReport {
    /// ATR.
    pub atr: Vec<u8>,
    /// The algorithm that the environment names, or that follows from the card's province.
    pub algorithm: Algorithm,
    /// Whether the environment is deactivated: the holder's data cannot be read then.
    pub deactivated: bool,
    /// The files that were tried, in the order of the catalogue.
    pub files: Vec<FileReport>,
}

/// One file as it was read.
#[derive(Clone, Debug)]
pub struct FileReport {
    /// Its entry in the catalogue.
    pub entry: &'static FileEntry,
    /// Its records, in the order of their numbers.
    pub records: Vec<Record>,
    /// Its bytes, when it is transparent.
    pub bytes: Vec<u8>,
    /// Why it was not read.
    pub refused: Option<StatusWord>,
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

impl CardReport {
    /// The text of an item of the environment (EF05, EF06); `None` when it was not read.
    #[must_use]
    pub fn text(&self, tag: u8) -> Option<String> {
        let records = self
            .files
            .iter()
            .filter(|file| file.entry.application == "SSSE")
            .flat_map(|file| &file.records);
        records.filter(|record| record.tag == tag).find_map(Record::text)
    }
}

impl Record {
    /// The value as text, by the type of its item.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        self.item.map(|item| item_text(item, &self.value))
    }
}
