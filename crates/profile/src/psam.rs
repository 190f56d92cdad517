//! The table `[psam]` of a profile: the card is a terminal's security module.

mod keys;

use serde::Deserialize;
use sscard_apdu::tlv::Writer;
use sscard_apdu::{FileId, Sfi};
use sscard_core::catalogue::{
    PSAM_AID, PSAM_DES, PSAM_KEYS, PSAM_SM4, PSAM_SSF33, PsamClass, PsamKeyEntry, SSSE,
};
use sscard_core::{
    AccessRule, Blueprint, DedicatedFile, ElementaryFile, PsamKeySlot, PsamPlan, Structure,
};
use sscard_crypto::Algorithm;
use sscard_elements::social;

use crate::file::both;
use crate::gbk;
use crate::own::SecretText;
use crate::refusal::LoadError;
use crate::social::{contradiction, value};
use keys::ModuleKeyTable;
pub(crate) use keys::{ModuleKey, OwnModuleKeys};

const DF01: FileId = FileId::new(0xDF01);
/// List of the applications.
const DIRECTORY: FileId = FileId::new(0x0001);
/// The card: version, serial.
const CARD_DATA: FileId = FileId::new(0x0015);
/// The terminal's number.
const TERMINAL: FileId = FileId::new(0x0016);
/// The application: key index, issuer, receiver, dates.
const APPLICATION_DATA: FileId = FileId::new(0x0017);
/// The terminal's counter of purchases.
const COUNTER: FileId = FileId::new(0x0018);

/// What can be set; the card is a security module when the table is there.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PsamFile {
    /// Number of the terminal, 12 digits.
    terminal: Option<String>,
    /// Wrong MACs under the master key until it locks, 1 to 15.
    master_tries: Option<u8>,
    /// The master key in hexadecimal, 16 bytes; the TEST key without it.
    master: Option<SecretText>,
    /// How often keys of class 07 are diversified on the way to a card's key.
    ministry_levels: Option<u8>,
    /// How often keys of class 08 are.
    province_levels: Option<u8>,
    /// How often keys of class 02 are.
    purse_levels: Option<u8>,
    /// Keys of the standard that it lacks.
    without: Option<Vec<String>>,
    /// Keys of one's own, and values of the standard's, by their addresses.
    keys: Option<Vec<ModuleKeyTable>>,
}

impl PsamFile {
    /// What this table says, and what the one below says where it is silent.
    pub(crate) fn over(self, below: Self) -> Self {
        Self {
            terminal: self.terminal.or(below.terminal),
            master_tries: self.master_tries.or(below.master_tries),
            master: self.master.or(below.master),
            ministry_levels: self.ministry_levels.or(below.ministry_levels),
            province_levels: self.province_levels.or(below.province_levels),
            purse_levels: self.purse_levels.or(below.purse_levels),
            without: both(self.without, below.without),
            keys: both(self.keys, below.keys),
        }
    }

    /// Makes a security module of a card's plan: its files and keys in place of a holder's. `catalogue`: whether the
    /// standard's keys are there to begin with.
    pub(crate) fn apply(
        &self,
        blueprint: &mut Blueprint,
        catalogue: bool,
    ) -> Result<OwnModuleKeys, LoadError> {
        if !blueprint.financial.applications.is_empty() || blueprint.purse.is_some() {
            return Err(LoadError::Contradiction {
                setting: "psam".to_owned(),
                reason: "a security module holds no account: leave [financial] and [purse] out"
                    .to_owned(),
            });
        }
        let terminal = self.terminal.as_deref().map(terminal).transpose()?;
        let in_range = |name: &str, number: Option<u8>, most: u8, wanted| match number {
            Some(number) if !(1..=most).contains(&number) => {
                Err(value(&format!("psam.{name}"), &number.to_string(), wanted))
            }
            _ => Ok(()),
        };
        in_range("master_tries", self.master_tries, 15, "a number of tries from 1 to 15")?;
        for (name, levels) in [
            ("ministry_levels", self.ministry_levels),
            ("province_levels", self.province_levels),
            ("purse_levels", self.purse_levels),
        ] {
            in_range(name, levels, 3, "1, 2 or 3 steps on the way to a card's key")?;
        }
        let mut slots = self.slots()?;
        if !catalogue {
            slots.clear();
        }
        let tables = self.keys.as_deref().unwrap_or_default();
        let keys = keys::add(&mut slots, tables, |entry| self.leaves_out(entry))?;
        let master = self.master.as_ref().map(|text| {
            let reason = "a key has 16 bytes in hexadecimal";
            let key = keys::key(text);
            key.ok_or_else(|| contradiction("psam.master".to_owned(), reason))
        });
        blueprint.dfs = dfs(blueprint.algorithm, terminal);
        blueprint.psam = Some(PsamPlan {
            application: DF01,
            terminal: TERMINAL,
            counter: COUNTER,
            master_tries: self.master_tries.unwrap_or(3),
            keys: slots,
        });
        Ok(OwnModuleKeys { master: master.transpose()?, keys })
    }

    /// The setting that leaves a key of the standard out.
    fn leaves_out(&self, entry: &PsamKeyEntry) -> bool {
        self.without.iter().flatten().any(|name| is(entry, name))
    }

    fn slots(&self) -> Result<Vec<PsamKeySlot>, LoadError> {
        let without = self.without.as_deref().unwrap_or_default();
        for (place, name) in without.iter().enumerate() {
            if !PSAM_KEYS.iter().any(|entry| is(entry, name)) {
                let wanted =
                    "the name of a key, such as RK_SSSE, or DPK/2 for one of the purchase keys";
                return Err(value(&format!("psam.without[{place}]"), name, wanted));
            }
        }
        let levels = |entry: &PsamKeyEntry| match entry.class {
            PsamClass::Ministry => self.ministry_levels.unwrap_or(3),
            PsamClass::Province => self.province_levels.unwrap_or(2),
            PsamClass::Purse => self.purse_levels.unwrap_or(3),
        };
        let here = PSAM_KEYS.iter().filter(|entry| !self.leaves_out(entry));
        let slots =
            here.flat_map(|entry| {
                let usage = entry.class.usage(levels(entry));
                (entry.address..).zip(1..=entry.versions).map(move |(address, version)| {
                    PsamKeySlot { address, usage, id: entry.id, version }
                })
            });
        Ok(slots.collect())
    }
}

/// Whether a name is that of a key: `RK_SSSE`, or `DPK/2` of one of the purchase keys.
fn is(entry: &PsamKeyEntry, name: &str) -> bool {
    name == entry.name || name == format!("{}/{}", entry.name, entry.first)
}

fn terminal(text: &str) -> Result<[u8; 6], LoadError> {
    let digits = text.chars().all(|c| c.is_ascii_digit());
    let bytes = hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.filter(|_| digits).ok_or_else(|| LoadError::Value {
        setting: "psam.terminal".to_owned(),
        value: text.to_owned(),
        wanted: "a terminal number of 12 digits",
    })
}

/// The MF, which with triple DES is the environment itself; the environment; the application.
fn dfs(algorithm: Algorithm, terminal: Option<[u8; 6]>) -> Vec<DedicatedFile> {
    let name = match algorithm {
        Algorithm::TripleDes => &PSAM_DES,
        Algorithm::Ssf33 => &PSAM_SSF33,
        Algorithm::Sm4 => &PSAM_SM4,
    };
    let environment = vec![
        directory(),
        transparent(CARD_DATA, 14, vec![0x01]),
        transparent(TERMINAL, 6, terminal.map(Vec::from).unwrap_or_default()),
    ];
    let application = vec![
        transparent(APPLICATION_DATA, 25, application_data()),
        transparent(COUNTER, 4, Vec::new()),
    ];
    let df = |fid, name: &[u8], parent, dir, files| DedicatedFile {
        fid,
        name: name.to_vec(),
        parent,
        dir,
        keys: Vec::new(),
        files,
    };
    let dir = DIRECTORY.sfi();
    match algorithm {
        Algorithm::TripleDes => vec![
            df(FileId::MASTER_FILE, name, None, dir, environment),
            df(DF01, &PSAM_AID, Some(0), None, application),
        ],
        Algorithm::Ssf33 | Algorithm::Sm4 => vec![
            df(FileId::MASTER_FILE, b"", None, None, Vec::new()),
            df(SSSE, name, Some(0), dir, environment),
            df(DF01, &PSAM_AID, Some(1), None, application),
        ],
    }
}

/// Key index, issuer, receiver (8 each), valid from, valid to \[choice: the form of PBOC's module\]; TEST
/// values.
fn application_data() -> Vec<u8> {
    let mut data = vec![0x01];
    data.extend([0x99, 0x99, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
    data.extend([0x99, 0x99, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
    data.extend([0x20, 0x20, 0x01, 0x01, 0x20, 0x40, 0x12, 0x31]);
    data
}

fn directory() -> ElementaryFile {
    let label = gbk::encode("终端安全模块").unwrap_or_default();
    let mut content = Vec::new();
    Writer::new(&mut content).constructed(social::APPLICATION_TEMPLATE, |entry| {
        entry.primitive(social::APPLICATION_IDENTIFIER, &PSAM_AID);
        entry.primitive(social::APPLICATION_LABEL, &label);
    });
    let capacity = u16::try_from(content.len()).unwrap_or(u16::MAX);
    let structure = Structure::LinearVariable { capacity };
    file(DIRECTORY, structure, content)
}

fn transparent(fid: FileId, size: u16, content: Vec<u8>) -> ElementaryFile {
    file(fid, Structure::Transparent { size }, content)
}

/// Read by everybody, written by the card alone.
fn file(fid: FileId, structure: Structure, content: Vec<u8>) -> ElementaryFile {
    let sfi = fid.sfi().unwrap_or(Sfi::DIR);
    let (read, update) = (AccessRule::Free, AccessRule::Never);
    ElementaryFile { fid, sfi, structure, read, update, content }
}

#[cfg(test)]
mod tests;
