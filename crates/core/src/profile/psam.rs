//! The plan of a terminal's security module (PSAM): where its keys go, and in which file it counts.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use sscard_apdu::FileId;

use super::{DedicatedFile, ProfileError, Structure};

/// What makes a card a PSAM.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PsamPlan {
    /// File identifier of the application with the keys.
    #[serde(with = "super::stored::file_id")]
    pub application: FileId,
    /// File identifier of the transparent file whose first six bytes are the terminal's number.
    #[serde(with = "super::stored::file_id")]
    pub terminal: FileId,
    /// File identifier of the transparent file of the application whose first four bytes count the
    /// terminal's purchases.
    #[serde(with = "super::stored::file_id")]
    pub counter: FileId,
    /// Wrong MACs under the master key until it locks, 1…15.
    pub master_tries: u8,
    /// Places for keys.
    pub keys: Vec<PsamKeySlot>,
}

/// A place for one version of one key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PsamKeySlot {
    /// Its address, as hosts name it.
    pub address: u16,
    /// Usage byte, P1 of the commands that load it: levels of diversification (b8…b6), class.
    pub usage: u8,
    /// Identifier, P2 of those commands.
    pub id: u8,
    /// Version, 1 for the first.
    pub version: u8,
}

impl PsamPlan {
    pub(super) fn check(&self, dfs: &[DedicatedFile]) -> Result<(), ProfileError> {
        let application = dfs.iter().find(|df| df.fid == self.application);
        let application = application.ok_or(ProfileError::Psam("its application is missing"))?;
        let has = |files: &DedicatedFile, fid, bytes| {
            files.files.iter().any(|file| {
                file.fid == fid
                    && matches!(file.structure, Structure::Transparent { size } if size >= bytes)
            })
        };
        if !has(application, self.counter, 4) {
            return Err(ProfileError::Psam("its counter's file is missing"));
        }
        if !dfs.iter().any(|df| has(df, self.terminal, 6)) {
            return Err(ProfileError::Psam("the file of the terminal's number is missing"));
        }
        if !(1..=15).contains(&self.master_tries) {
            return Err(ProfileError::Psam("the master key has 1 to 15 tries"));
        }
        if self.keys.len() > 1024 {
            return Err(ProfileError::Psam("it has places for 1,024 keys"));
        }
        for (place, key) in self.keys.iter().enumerate() {
            if !(1..=3).contains(&(key.usage >> 5)) {
                return Err(ProfileError::Psam("a key is diversified once, twice or three times"));
            }
            let name = |key: &PsamKeySlot| (key.usage & 0x1F, key.id, key.version);
            let same =
                |other: &PsamKeySlot| name(other) == name(key) || other.address == key.address;
            if self.keys.iter().position(same) != Some(place) {
                return Err(ProfileError::Psam("two keys have one name or one address"));
            }
        }
        Ok(())
    }
}
