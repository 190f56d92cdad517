//! What a profile calls what the catalogue does not know, for people who look at the card.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use sscard_apdu::FileId;

use crate::access::KeyId;

/// Names of one's own: the card itself shows none of them but the labels in the DIR file, which are
/// content like any other.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct OwnNames {
    applications: Vec<(u16, String)>,
    files: Vec<(u16, u16, String)>,
    keys: Vec<(u16, u8, String)>,
}

impl OwnNames {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.applications.is_empty() && self.files.is_empty() && self.keys.is_empty()
    }

    /// The label of a DF.
    #[must_use]
    pub fn application(&self, df: FileId) -> Option<&str> {
        self.applications.iter().find(|(known, _)| *known == df.value()).map(|known| &*known.1)
    }

    /// The name of a file of a DF.
    #[must_use]
    pub fn file(&self, df: FileId, file: FileId) -> Option<&str> {
        let place = (df.value(), file.value());
        self.files.iter().find(|known| (known.0, known.1) == place).map(|known| &*known.2)
    }

    /// The name of a key of a DF.
    #[must_use]
    pub fn key(&self, df: FileId, id: KeyId) -> Option<&str> {
        let place = (df.value(), id.0);
        self.keys.iter().find(|known| (known.0, known.1) == place).map(|known| &*known.2)
    }

    /// Names a DF.
    pub fn name_application(&mut self, df: FileId, name: String) {
        self.applications.push((df.value(), name));
    }

    /// Names a file of a DF.
    pub fn name_file(&mut self, df: FileId, file: FileId, name: String) {
        self.files.push((df.value(), file.value(), name));
    }

    /// Names a key of a DF.
    pub fn name_key(&mut self, df: FileId, id: KeyId, name: String) {
        self.keys.push((df.value(), id.0, name));
    }
}
