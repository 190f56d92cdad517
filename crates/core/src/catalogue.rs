//! Every file, item and key of the social security application: the one source of their names,
//! lengths, types, access rules and key identifiers.
//!
//! Generation 2 (人社信息函〔2012〕37号, tables 3–9); what generation 1 calls by another name is in [`Edition`], what else
//! another generation changes is data in its profile. Items are written on a card as simple-TLV records, `an` items filled with 00 and `cn`
//! items with FF while they are unset.

mod df01;
mod df02;
mod df03;
mod df04;
mod df07;
mod edition;
mod keys;
mod psam;
mod regional;
mod ssse;

use alloc::vec::Vec;

use sscard_apdu::FileId;

use crate::access::AccessRule;
use crate::profile::{ENVIRONMENT, Structure};
pub use edition::Edition;
pub use keys::{KEYS, KeyEntry, all_keys, key_name};
pub use psam::{
    PSAM_AID, PSAM_DES, PSAM_KEYS, PSAM_SM4, PSAM_SSF33, PsamClass, PsamKeyEntry, psam_key,
    psam_key_of,
};
pub use regional::{REGIONAL_APPLICATIONS, REGIONAL_FILES, REGIONAL_KEYS};

/// How an item's bytes are coded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Coding {
    /// `an`: ASCII or GBK text, left-aligned, filled with 00.
    An,
    /// `b`: binary.
    Binary,
    /// `cn`: BCD digits, left-aligned, filled with nibbles F.
    Cn,
    /// A template of further items, each with tag and length.
    Template,
}

/// One item: a record of a linear file, a field of a cyclic record, or a part of a template.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Item {
    /// Record identifier; 0 for a field of a cyclic record.
    pub tag: u8,
    /// How the value is coded.
    pub coding: Coding,
    /// Length of the value in bytes.
    pub length: u8,
    /// How many records of this kind the file holds.
    pub count: u8,
    /// Chinese name.
    pub name_zh: &'static str,
    /// English name.
    pub name_en: &'static str,
    /// The items inside a template.
    pub parts: &'static [Self],
}

impl Item {
    const fn plain(
        tag: u8,
        coding: Coding,
        length: u8,
        name_zh: &'static str,
        name_en: &'static str,
    ) -> Self {
        Self { tag, coding, length, count: 1, name_zh, name_en, parts: &[] }
    }

    const fn an(tag: u8, length: u8, name_zh: &'static str, name_en: &'static str) -> Self {
        Self::plain(tag, Coding::An, length, name_zh, name_en)
    }

    const fn binary(tag: u8, length: u8, name_zh: &'static str, name_en: &'static str) -> Self {
        Self::plain(tag, Coding::Binary, length, name_zh, name_en)
    }

    const fn cn(tag: u8, length: u8, name_zh: &'static str, name_en: &'static str) -> Self {
        Self::plain(tag, Coding::Cn, length, name_zh, name_en)
    }

    const fn template(
        tag: u8,
        count: u8,
        length: u8,
        name_zh: &'static str,
        name_en: &'static str,
        parts: &'static [Self],
    ) -> Self {
        Self { tag, coding: Coding::Template, length, count, name_zh, name_en, parts }
    }

    /// Appends the item as an unset record: tag, length, value.
    pub fn write_unset(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[self.tag, self.length]);
        if self.coding == Coding::Template {
            for part in self.parts {
                part.write_unset(out);
            }
        } else {
            let fill = if self.coding == Coding::Cn { 0xFF } else { 0x00 };
            out.resize(out.len().saturating_add(usize::from(self.length)), fill);
        }
    }
}

/// One elementary file of the catalogue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FileEntry {
    /// `SSSE`, `DF01`…`DF04` or `DF07`.
    pub application: &'static str,
    /// File identifier, `EF05`…; its low byte is the short identifier.
    pub fid: u16,
    /// Structure and size.
    pub structure: Structure,
    /// Chinese name.
    pub name_zh: &'static str,
    /// English name.
    pub name_en: &'static str,
    /// Who may read.
    pub read: AccessRule,
    /// Who may update.
    pub update: AccessRule,
    /// Its records, or the fields of one cyclic record.
    pub items: &'static [Item],
}

impl FileEntry {
    /// The item with this record identifier, at the top level of the file.
    #[must_use]
    pub fn item(&self, tag: u8) -> Option<&'static Item> {
        self.items.iter().find(|item| item.tag == tag)
    }

    /// Whether `path` (`DF04/EF05`) names this file.
    #[must_use]
    pub fn is_at(&self, path: &str) -> bool {
        path.split_once('/').is_some_and(|(application, file)| {
            application == self.application
                && u16::from_str_radix(file, 16).is_ok_and(|fid| fid == self.fid)
        })
    }
}

/// One directory of the social security environment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ApplicationEntry {
    /// `SSSE`, `DF01`…
    pub name: &'static str,
    /// File identifier.
    pub fid: u16,
    /// DF name: the environment's own name or an AID under RID `D156000005`.
    pub df_name: &'static [u8],
    /// Label in the DIR file; empty for the environment itself.
    pub label_zh: &'static str,
    /// English label.
    pub label_en: &'static str,
    /// Its files.
    pub files: &'static [FileEntry],
}

/// File identifier of the social security system environment (社会保障系统环境).
pub const SSSE: FileId = ENVIRONMENT;
/// `sx1.sh.` followed by 社会保障 in GBK: the environment's DF name, 15 bytes.
pub const SSSE_NAME: [u8; 15] = *b"sx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";
/// File identifier of the DIR file \[choice\]; its short identifier 1E is in the environment's FCI.
pub const DIR: FileId = FileId::new(0xEF1E);

/// The environment and its applications, in the order of the DIR file.
pub const APPLICATIONS: [ApplicationEntry; 6] = [
    application("SSSE", 0xDDF1, &SSSE_NAME, "社会保障系统环境", "environment", ssse::FILES),
    application("DF01", 0xDF01, &AID_00, "公共应用信息区", "public information", df01::FILES),
    application("DF02", 0xDF02, &AID_01, "就业与失业信息区", "employment", df02::FILES),
    application("DF03", 0xDF03, &AID_02, "社会保险信息区1", "social insurance 1", df03::FILES),
    application("DF04", 0xDF04, &AID_03, "社会保险信息区2", "social insurance 2", df04::FILES),
    application("DF07", 0xDF07, &AID_04, "人事人才信息区", "talent", df07::FILES),
];

const AID_00: [u8; 6] = [0xD1, 0x56, 0x00, 0x00, 0x05, 0x00];
const AID_01: [u8; 6] = [0xD1, 0x56, 0x00, 0x00, 0x05, 0x01];
const AID_02: [u8; 6] = [0xD1, 0x56, 0x00, 0x00, 0x05, 0x02];
const AID_03: [u8; 6] = [0xD1, 0x56, 0x00, 0x00, 0x05, 0x03];
const AID_04: [u8; 6] = [0xD1, 0x56, 0x00, 0x00, 0x05, 0x04];

const fn application(
    name: &'static str,
    fid: u16,
    df_name: &'static [u8],
    label_zh: &'static str,
    label_en: &'static str,
    files: &'static [FileEntry],
) -> ApplicationEntry {
    ApplicationEntry { name, fid, df_name, label_zh, label_en, files }
}

/// The applications of the standard, then those of [`REGIONAL_APPLICATIONS`].
pub fn applications() -> impl Iterator<Item = &'static ApplicationEntry> {
    APPLICATIONS.iter().chain(&REGIONAL_APPLICATIONS)
}

/// The files of the standard, in the order of the catalogue.
pub fn files() -> impl Iterator<Item = &'static FileEntry> {
    APPLICATIONS.iter().flat_map(|application| application.files)
}

/// What cities add: the files of the regional applications, then those of [`REGIONAL_FILES`].
pub fn regional_files() -> impl Iterator<Item = &'static FileEntry> {
    REGIONAL_APPLICATIONS.iter().flat_map(|application| application.files).chain(REGIONAL_FILES)
}

/// The files of an application, those that cities add among them.
pub fn files_of(
    application: &ApplicationEntry,
) -> impl Iterator<Item = &'static FileEntry> + use<> {
    let name = application.name;
    let regional = REGIONAL_FILES.iter().filter(move |file| file.application == name);
    application.files.iter().chain(regional)
}

/// The file at `path`, such as `SSSE/EF05` or `DF05/EF05`.
#[must_use]
pub fn file(path: &str) -> Option<&'static FileEntry> {
    files().chain(regional_files()).find(|file| file.is_at(path))
}
