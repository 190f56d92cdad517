//! Which directories, files and keys there are, and where: looked up once, numbered through.

use sscard_apdu::FileId;
use sscard_core::{
    AccessRule, Card, DedicatedFile, KeyId, KeyPurpose, KeySlot, PinDigits, Structure,
};
use sscard_crypto::{Key, Suite};

use crate::card_model::select::Target;

/// EF05, which is read even while the environment is deactivated.
const ISSUER_DATA: FileId = FileId::new(0xEF05);
/// The environment.
const ENVIRONMENT: FileId = FileId::new(0xDDF1);
/// The application with the medical purse.
const MEDICAL: FileId = FileId::new(0xDF04);

/// The tree of files.
#[derive(Debug)]
pub(crate) struct Plan {
    dfs: Vec<Directory>,
    purse: Option<u8>,
    environment: Option<u8>,
    pub(super) pin_tries: u8,
    pub(super) pin_digits: PinDigits,
    /// The card's own algorithm; none for one that is not public.
    pub(super) suite: Option<Suite>,
}

#[derive(Debug)]
struct Directory {
    plan: DedicatedFile,
    in_environment: bool,
    files: Vec<File>,
    keys: Vec<KnownKey>,
    fci: Vec<u8>,
}

/// An elementary file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct File {
    /// Place among all files of the card.
    pub(super) index: usize,
    pub(super) fid: FileId,
    pub(super) sfi: u8,
    pub(super) structure: Structure,
    pub(super) read: AccessRule,
    pub(super) update: AccessRule,
    /// Read even while the environment is deactivated.
    pub(super) is_issuer_data: bool,
}

/// A key with its value.
#[derive(Debug)]
pub(crate) struct KnownKey {
    /// Place among all keys of the card.
    pub(crate) index: usize,
    pub(crate) slot: KeySlot,
    /// What it computes with; none where the algorithm is not public.
    pub(crate) suite: Option<Suite>,
    pub(crate) key: Key,
}

impl Plan {
    pub(crate) fn of(card: &Card) -> Self {
        let blueprint = card.profile().blueprint();
        let place = |fid| {
            let found = blueprint.dfs.iter().position(|df| df.fid == fid)?;
            u8::try_from(found).ok()
        };
        let environment = place(ENVIRONMENT);
        let mut revealed = card.reveal_keys().into_iter();
        let (mut files, mut keys) = (0.., 0..);
        let mut dfs: Vec<Directory> = Vec::new();
        for (position, df) in (0..).zip(&blueprint.dfs) {
            let above = df.parent.and_then(|parent| dfs.get(usize::from(parent)));
            let is_environment = environment == Some(position);
            let own_files = df.files.iter().zip(&mut files).map(|(file, index)| File {
                index,
                fid: file.fid,
                sfi: file.sfi.number(),
                structure: file.structure,
                read: file.read,
                update: file.update,
                is_issuer_data: is_environment && file.fid == ISSUER_DATA,
            });
            let own_keys = df.keys.iter().zip(&mut keys).zip(&mut revealed);
            let own_keys = own_keys.map(|((slot, index), revealed)| KnownKey {
                index,
                slot: *slot,
                suite: blueprint.key_algorithm(df.fid, slot.id, slot.version).suite(),
                key: revealed.key,
            });
            dfs.push(Directory {
                in_environment: is_environment || above.is_some_and(|above| above.in_environment),
                files: own_files.collect(),
                keys: own_keys.collect(),
                fci: super::directories::control_information(blueprint, df, is_environment),
                plan: df.clone(),
            });
        }
        Self {
            dfs,
            purse: blueprint.purse.as_ref().and_then(|_| place(MEDICAL)),
            environment,
            pin_tries: blueprint.pin_tries,
            pin_digits: blueprint.pin_digits,
            suite: blueprint.algorithm.suite(),
        }
    }

    /// The DF with the medical purse.
    pub(crate) fn purse_df(&self) -> Option<u8> {
        self.purse
    }

    pub(crate) fn parent(&self, df: u8) -> Option<u8> {
        self.dfs.get(usize::from(df))?.plan.parent
    }

    pub(crate) fn df(&self, df: u8) -> &DedicatedFile {
        &self.dfs[usize::from(df)].plan
    }

    /// How many there are.
    pub(crate) fn directories(&self) -> u8 {
        u8::try_from(self.dfs.len()).unwrap_or(u8::MAX)
    }

    pub(super) fn files(&self, df: u8) -> &[File] {
        &self.dfs[usize::from(df)].files
    }

    pub(crate) fn keys(&self, df: u8) -> &[KnownKey] {
        &self.dfs[usize::from(df)].keys
    }

    pub(super) fn fci(&self, df: u8) -> &[u8] {
        &self.dfs[usize::from(df)].fci
    }

    /// A key as seen from a DF: an identifier below 80 is the environment's. Without a version the first counts (spec/real-cards.md A3).
    pub(crate) fn key(&self, df: u8, id: u8, version: Option<u8>) -> Option<&KnownKey> {
        if !self.is_in_environment(df) {
            return None;
        }
        let owner = if id & 0x80 == 0 { self.environment? } else { df };
        let mut keys = self.keys(owner).iter().filter(|key| key.slot.id == KeyId(id));
        match version {
            None => keys.next(),
            Some(version) => keys.find(|key| key.slot.version == version),
        }
    }

    /// The locking key of an application.
    pub(super) fn lock(&self, df: u8) -> Option<KeyId> {
        let lock = self.keys(df).iter().find(|key| key.slot.purpose == KeyPurpose::Lock);
        lock.map(|key| key.slot.id)
    }

    /// The environment's place: the DF named `sx1.sh.社会保障`.
    pub(crate) fn environment(&self) -> Option<u8> {
        self.environment
    }

    /// Whether a DF is the environment or lies in it.
    pub(crate) fn is_in_environment(&self, df: u8) -> bool {
        self.dfs[usize::from(df)].in_environment
    }

    pub(crate) fn child_directory(&self, parent: u8, fid: [u8; 2]) -> Option<u8> {
        let fid = FileId::from_bytes(fid);
        let is_it = |df: &Directory| df.plan.parent == Some(parent) && df.plan.fid == fid;
        (0..).zip(&self.dfs).find_map(|(place, df)| is_it(df).then_some(place))
    }

    pub(crate) fn child(&self, parent: u8, fid: [u8; 2]) -> Option<Target> {
        let sought = FileId::from_bytes(fid);
        let file = (0..).zip(self.files(parent)).find(|(_, file)| file.fid == sought);
        match file {
            Some((place, _)) => Some(Target::File(parent, place)),
            None => self.child_directory(parent, fid).map(Target::Directory),
        }
    }

    /// The DF itself, its children, its siblings, its parent.
    pub(crate) fn by_identifier(&self, here: u8, fid: [u8; 2]) -> Option<Target> {
        let parent = self.parent(here);
        let is = |df: u8| self.df(df).fid == FileId::from_bytes(fid);
        if fid == FileId::MASTER_FILE.to_bytes() {
            Some(Target::Directory(0))
        } else if is(here) {
            Some(Target::Directory(here))
        } else {
            let sibling = || self.child_directory(parent?, fid).map(Target::Directory);
            let above = || parent.filter(|parent| is(*parent)).map(Target::Directory);
            self.child(here, fid).or_else(sibling).or_else(above)
        }
    }
}
