//! What a developer may see of a card that a reader may not: all files, counters and states.
//!
//! Nothing here changes the card. Keys come only from [`Card::reveal_keys`], the PIN never.

#[cfg(feature = "financial")]
mod account;
#[cfg(feature = "pki")]
mod pki;
mod psam;

use alloc::string::String;
use alloc::vec::Vec;

use sscard_apdu::FileId;
use sscard_crypto::{Algorithm, Key};
use zeroize::Zeroizing;

use crate::access::{AccessRule, KeyId};
use crate::card::Card;
use crate::catalogue::{applications, key_name};
use crate::fs::Records;
use crate::personalise::CardKey;
use crate::pin::Pin;
use crate::profile::{KeySlot, PurseArea, Structure};

#[cfg(feature = "financial")]
pub use account::{
    AccountContent, AccountKeyView, AccountRecordView, AccountView, LogView, PaymentDirectoryView,
};

#[cfg(feature = "pki")]
pub use pki::{PkiContent, PkiFileView, PkiPrivateKey, PkiView};
pub use psam::PsamView;

/// One DF with everything in it.
#[derive(Clone, Debug)]
pub struct DirectoryView {
    /// `MF`, `SSSE`, `DF01`…
    pub name: String,
    /// File identifier.
    pub fid: FileId,
    /// DF name.
    pub df_name: Vec<u8>,
    /// How deep it lies; the MF is 0.
    pub depth: usize,
    /// Its files.
    pub files: Vec<FileView>,
    /// Its keys' slots and their tries left.
    pub keys: Vec<(KeySlot, u8)>,
}

/// One EF with its content.
#[derive(Clone, Debug)]
pub struct FileView {
    /// `SSSE/EF05`.
    pub path: String,
    /// File identifier.
    pub fid: FileId,
    /// Short identifier.
    pub sfi: u8,
    /// Structure and size.
    pub structure: Structure,
    /// Who may read.
    pub read: AccessRule,
    /// Who may update.
    pub update: AccessRule,
    /// Its records by number, tags and lengths included.
    pub records: Vec<Vec<u8>>,
    /// Its bytes, when it is transparent.
    pub bytes: Vec<u8>,
}

/// The PIN's counter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PinView {
    /// Wrong entries left.
    pub tries_left: u8,
    /// Wrong entries in all.
    pub tries_max: u8,
}

/// The state of the medical purse; amounts in cents.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PurseView {
    /// Balance of the personal account.
    pub balance: u32,
    /// Paid by the holder in the insurance year.
    pub self_paid: u32,
    /// Paid by the pooled fund in the insurance year.
    pub pooled: u32,
    /// Insurance year of both sums, BCD; 0000 before the first purchase.
    pub year: [u8; 2],
    /// First day of the insurance year, BCD MMDD.
    pub start_day: [u8; 2],
    /// Loads so far.
    pub loads: u16,
    /// Purchases so far.
    pub purchases: u16,
}

/// Name of a DF: the catalogue's, `MF`, or its file identifier.
#[must_use]
pub fn directory_name(fid: FileId) -> String {
    if fid == FileId::MASTER_FILE {
        return String::from("MF");
    }
    match applications().find(|application| application.fid == fid.value()) {
        Some(application) => String::from(application.name),
        None => alloc::format!("{fid}"),
    }
}

/// An access rule as a profile writes it: `free`, `PIN|RK1_DF01`, `never`, `KEY:0D`.
#[must_use]
pub fn rule_text(application: &str, rule: AccessRule) -> String {
    let name = |id: KeyId| match key_name(application, id) {
        Some(name) => String::from(name),
        None => alloc::format!("KEY:{:02X}", id.0),
    };
    match rule {
        AccessRule::Free => String::from("free"),
        AccessRule::Never => String::from("never"),
        AccessRule::Pin => String::from("PIN"),
        AccessRule::Key(key) => name(key),
        AccessRule::PinOrKey(key) => alloc::format!("PIN|{}", name(key)),
        AccessRule::PinAndKey(key) => alloc::format!("PIN+{}", name(key)),
    }
}

impl Card {
    /// All DFs in the order of the profile.
    #[must_use]
    pub fn inspect(&self) -> Vec<DirectoryView> {
        let positions = self.profile().df_positions();
        positions.filter_map(|position| self.inspect_directory(position)).collect()
    }

    fn inspect_directory(&self, position: u8) -> Option<DirectoryView> {
        let profile = self.profile();
        let df = profile.df(position)?;
        let name = directory_name(df.fid);
        let mut depth = 0_usize;
        let mut above = df.parent;
        while let Some(parent) = above {
            depth = depth.saturating_add(1);
            above = profile.df(parent)?.parent;
        }
        let files = (0..).zip(&df.files).map(|(place, file)| {
            let address = profile.layout().file(position, place);
            let records = Records { address, structure: file.structure };
            let read = |address, length| {
                let mut bytes = Vec::new();
                self.nvm().read_into(address, length, &mut bytes);
                bytes
            };
            FileView {
                path: alloc::format!("{name}/{}", file.fid),
                fid: file.fid,
                sfi: file.sfi.number(),
                structure: file.structure,
                read: file.read,
                update: file.update,
                records: records
                    .iter(self.nvm())
                    .map(|record| read(record.address, record.length))
                    .collect(),
                bytes: match file.structure {
                    Structure::Transparent { size } => read(address, usize::from(size)),
                    _ => Vec::new(),
                },
            }
        });
        let files = files.collect();
        let keys =
            df.keys.iter().enumerate().map(|(place, slot)| {
                (*slot, self.nvm().byte(profile.layout().key(position, place)))
            });
        let keys = keys.collect();
        let fid = df.fid;
        Some(DirectoryView { name, fid, df_name: df.name.clone(), depth, files, keys })
    }

    /// The PIN's counter.
    #[must_use]
    pub fn inspect_pin(&self) -> PinView {
        PinView {
            tries_left: Pin::of_card(self.profile()).tries_left(self.nvm()),
            tries_max: self.profile().blueprint().pin_tries,
        }
    }

    /// The medical purse, when the card has one.
    #[must_use]
    pub fn inspect_purse(&self) -> Option<PurseView> {
        let start = self.profile().layout().purse()?;
        let at = |offset: usize| start.saturating_add(offset);
        let amount = |offset: usize| u32::from_be_bytes(self.nvm().array(at(offset)));
        Some(PurseView {
            balance: amount(PurseArea::BALANCE),
            self_paid: amount(PurseArea::SELF_PAID),
            pooled: amount(PurseArea::POOLED),
            year: self.nvm().array(at(PurseArea::YEAR)),
            start_day: self.nvm().array(at(PurseArea::START_DAY)),
            loads: self.nvm().word(at(PurseArea::ONLINE)),
            purchases: self.nvm().word(at(PurseArea::OFFLINE)),
        })
    }

    /// The bytes of a key as people write it: 8 of single DES, which the card holds as two equal halves of triple DES,
    /// else all 16.
    #[must_use]
    pub fn shown_key<'k>(&self, key: &'k CardKey) -> &'k [u8] {
        let (left, right) = key.key.expose().split_at(8);
        let blueprint = self.profile().blueprint();
        let algorithm = blueprint.key_algorithm(key.application, key.id, key.version);
        let is_single = algorithm == Algorithm::TripleDes && left == right;
        if is_single { left } else { key.key.expose() }
    }

    /// All keys in the clear: for developers with test keys, on their explicit wish.
    #[must_use]
    pub fn reveal_keys(&self) -> Vec<CardKey> {
        let profile = self.profile();
        let mut keys = Vec::new();
        for position in profile.df_positions() {
            let Some(df) = profile.df(position) else { continue };
            for (place, slot) in df.keys.iter().enumerate() {
                let address = profile.layout().key(position, place).saturating_add(1);
                let value = Zeroizing::new(self.nvm().array::<16>(address));
                keys.push(CardKey {
                    application: df.fid,
                    id: slot.id,
                    version: slot.version,
                    key: Key::new(*value),
                });
            }
        }
        keys
    }
}
