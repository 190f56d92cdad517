//! The social security side of a card: DFs, files, access rules and keys from the catalogue and from what
//! a profile adds, changes and leaves out.

mod applications;
mod files;
mod keys;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use sscard_apdu::tlv::Writer;
use sscard_apdu::{FileId, Sfi};
use sscard_core::catalogue::{
    self, APPLICATIONS, ApplicationEntry, Edition, FileEntry, KEYS, KeyEntry,
    REGIONAL_APPLICATIONS, REGIONAL_FILES, REGIONAL_KEYS,
};
use sscard_core::{
    AccessRule, DedicatedFile, ElementaryFile, KeyAlgorithm, KeyId, KeyPurpose, KeySlot, OwnNames,
    Structure,
};
use sscard_crypto::{Algorithm, Key};
use sscard_elements::social;

use crate::file::ProfileFile;
use crate::gbk;
use crate::refusal::LoadError;
use crate::rules::rule;

/// Versions of a key: cards of the field hold three, so that a city can go over to new ones.
const KEY_VERSIONS: u8 = 3;
/// Versions of a key that a profile may ask for: all keys of a DF have places for that many.
const MOST_KEY_VERSIONS: u8 = 15;
/// Bytes of a DF name.
const LONGEST_NAME: usize = 16;
/// Tries of the block key, whose counter never moves and is shown as 63CF.
const BLOCK_KEY_TRIES: u8 = 15;

/// A key whose value the profile gives.
pub(crate) struct OwnKey {
    pub(crate) application: FileId,
    pub(crate) id: KeyId,
    pub(crate) version: u8,
    pub(crate) key: Key,
}

/// The social security side.
pub(crate) struct Social {
    /// The MF first, then each DF after the one it lies in.
    pub(crate) dfs: Vec<DedicatedFile>,
    /// Names of one's own.
    pub(crate) names: OwnNames,
    /// Keys by value.
    pub(crate) keys: Vec<OwnKey>,
    /// Keys of another algorithm than the card's.
    pub(crate) algorithms: Vec<KeyAlgorithm>,
}

/// Everything that the tables of a profile say of it.
pub(crate) fn social(
    file: &ProfileFile,
    algorithm: Algorithm,
    purse: bool,
) -> Result<Social, LoadError> {
    let selection = Selection::of(file)?;
    let versions = file.key_versions.unwrap_or(KEY_VERSIONS);
    if !(1..=MOST_KEY_VERSIONS).contains(&versions) {
        let wanted = "a number of versions from 1 to 15";
        return Err(value("key_versions", &versions.to_string(), wanted));
    }
    let access = access_rules(file)?;
    let edition =
        file.version.as_deref().map_or(Edition::Later, |text| Edition::of(text.as_bytes()));
    let mut social = Social {
        dfs: vec![master_file(file)?],
        names: OwnNames::default(),
        keys: Vec::new(),
        algorithms: Vec::new(),
    };
    if selection.catalogue {
        let with_purse = |key: &KeyEntry| purse || !key.purpose.is_of_purse();
        for application in selection.applications() {
            let slots = selection.keys(application).filter(|key| with_purse(key));
            let slots = slots.flat_map(|key| slots_of(key, versions, file.key_tries.unwrap_or(3)));
            let files = selection.files(application).filter_map(|entry| {
                let path = path_of(entry);
                let (read, update) = access.get(path.as_str()).copied().unwrap_or_default();
                let file = elementary_file(entry, &path, &selection, edition)?;
                Some(ElementaryFile {
                    read: read.unwrap_or(entry.read),
                    update: update.unwrap_or(entry.update),
                    ..file
                })
            });
            social.dfs.push(DedicatedFile {
                keys: slots.collect(),
                files: files.collect(),
                ..applications::of_catalogue(application)
            });
        }
    }
    let listed = applications::add(&mut social, file)?;
    let list = selection.catalogue.then(|| directory_list(&social, &listed));
    if let Some(environment) = social.dfs.iter_mut().find(|df| df.fid == catalogue::SSSE) {
        environment.dir = Some(Sfi::DIR);
        environment.files.extend(list);
    }
    files::add(&mut social, file)?;
    keys::add(&mut social, file, algorithm)?;
    files::rules_name_keys(&social, file)?;
    Ok(social)
}

/// What of the catalogue a card has.
struct Selection<'f> {
    catalogue: bool,
    with: &'f [String],
    without: &'f [String],
}

impl<'f> Selection<'f> {
    fn of(file: &'f ProfileFile) -> Result<Self, LoadError> {
        let with = file.with.as_deref().unwrap_or_default();
        let without = file.without.as_deref().unwrap_or_default();
        for (place, path) in without.iter().enumerate() {
            if !is_in_catalogue(path) {
                let setting = format!("without[{place}]");
                return Err(LoadError::UnknownPath { setting, path: path.clone() });
            }
        }
        for (place, path) in with.iter().enumerate() {
            if !regional().any(|known| known == *path) {
                let wanted = "DF05, DF06 or SSSE/EF0D";
                return Err(value(&format!("with[{place}]"), path, wanted));
            }
        }
        Ok(Self { catalogue: file.catalogue.unwrap_or(true), with, without })
    }

    fn leaves_out(&self, path: &str) -> bool {
        self.without.iter().any(|known| known == path)
    }

    fn takes_in(&self, path: &str) -> bool {
        self.with.iter().any(|known| known == path) && !self.leaves_out(path)
    }

    fn applications(&self) -> impl Iterator<Item = &'static ApplicationEntry> {
        let standard = APPLICATIONS.iter().filter(|one| !self.leaves_out(one.name));
        standard.chain(REGIONAL_APPLICATIONS.iter().filter(|one| self.takes_in(one.name)))
    }

    fn files(
        &self,
        application: &'static ApplicationEntry,
    ) -> impl Iterator<Item = &'static FileEntry> {
        let standard = application.files.iter().filter(|file| !self.leaves_out(&path_of(file)));
        let added = REGIONAL_FILES
            .iter()
            .filter(|file| file.application == application.name && self.takes_in(&path_of(file)));
        standard.chain(added)
    }

    fn keys(
        &self,
        application: &'static ApplicationEntry,
    ) -> impl Iterator<Item = &'static KeyEntry> {
        let is_of = |key: &&KeyEntry| key.application == application.name;
        // Keys of a regional file come with it, those of a regional application with the application.
        let added = REGIONAL_KEYS.iter().filter(is_of).filter(|key| {
            let by_file = REGIONAL_FILES.iter().filter(|file| file.update.key() == Some(key.id));
            let mut by_file = by_file.filter(|file| file.application == key.application).peekable();
            by_file.peek().is_none() || by_file.any(|file| self.takes_in(&path_of(file)))
        });
        KEYS.iter().filter(is_of).chain(added)
    }
}

fn slots_of(key: &KeyEntry, versions: u8, tries: u8) -> impl Iterator<Item = KeySlot> + use<> {
    let (id, purpose) = (key.id, key.purpose);
    let tries = if purpose == KeyPurpose::Block { BLOCK_KEY_TRIES } else { tries };
    let last = if key.has_versions() { versions } else { 1 };
    (1..=last).map(move |version| KeySlot { id, version, purpose, tries })
}

fn master_file(file: &ProfileFile) -> Result<DedicatedFile, LoadError> {
    let name = file.mf_name.as_deref().unwrap_or_default();
    if name.len() > LONGEST_NAME {
        return Err(value("mf_name", name, "a DF name of at most 16 bytes"));
    }
    Ok(DedicatedFile {
        fid: FileId::MASTER_FILE,
        name: name.as_bytes().to_vec(),
        parent: None,
        dir: None,
        keys: Vec::new(),
        files: Vec::new(),
    })
}

fn elementary_file(
    entry: &FileEntry,
    path: &str,
    selection: &Selection<'_>,
    edition: Edition,
) -> Option<ElementaryFile> {
    let mut content = Vec::new();
    let has_records =
        matches!(entry.structure, Structure::LinearVariable { .. } | Structure::LinearFixed { .. });
    if has_records {
        for item in entry.items {
            if !selection.leaves_out(&format!("{path}/{:02X}", item.tag)) {
                let item = edition.this(entry, item);
                (0..item.count).for_each(|_| item.write_unset(&mut content));
            }
        }
    }
    let fid = FileId::new(entry.fid);
    Some(ElementaryFile {
        fid,
        // Every file of the catalogue has one (tests/spec/s1_files.rs).
        sfi: fid.sfi()?,
        structure: edition.structure(entry),
        read: entry.read,
        update: entry.update,
        content,
    })
}

/// The DIR file: a record `61{4F AID, 50 label}` for each application that is listed.
fn directory_list(social: &Social, listed: &[FileId]) -> ElementaryFile {
    let mut content = Vec::new();
    for df in social.dfs.iter().filter(|df| listed.contains(&df.fid)) {
        let known = catalogue::applications().find(|known| known.fid == df.fid.value());
        let own = social.names.application(df.fid);
        let label = own.or(known.map(|known| known.label_zh)).unwrap_or_default();
        // Labels of the catalogue are in GBK, those of one's own are checked.
        let label = gbk::encode(label).unwrap_or_default();
        Writer::new(&mut content).constructed(social::APPLICATION_TEMPLATE, |entry| {
            entry.primitive(social::APPLICATION_IDENTIFIER, &df.name);
            entry.primitive(social::APPLICATION_LABEL, &label);
        });
    }
    ElementaryFile {
        fid: catalogue::DIR,
        sfi: Sfi::DIR,
        structure: Structure::LinearVariable {
            capacity: u16::try_from(content.len()).unwrap_or(u16::MAX),
        },
        read: AccessRule::Free,
        update: AccessRule::Key(KeyId::UK_SSSE),
        content,
    }
}

fn path_of(entry: &FileEntry) -> String {
    format!("{}/{:04X}", entry.application, entry.fid)
}

/// What `with` may name.
fn regional() -> impl Iterator<Item = String> {
    let applications = REGIONAL_APPLICATIONS.iter().map(|one| one.name.to_owned());
    applications.chain(REGIONAL_FILES.iter().map(path_of))
}

fn is_in_catalogue(path: &str) -> bool {
    let is_application = catalogue::applications()
        .any(|application| application.name == path && application.fid != catalogue::SSSE.value());
    is_application
        || catalogue::files().chain(catalogue::regional_files()).any(|file| {
            let at = path_of(file);
            path == at || file.items.iter().any(|item| path == format!("{at}/{:02X}", item.tag))
        })
}

type Rules<'f> = BTreeMap<&'f str, (Option<AccessRule>, Option<AccessRule>)>;

fn access_rules(file: &ProfileFile) -> Result<Rules<'_>, LoadError> {
    let mut rules = Rules::new();
    for (path, access) in file.access.iter().flatten() {
        let entry = catalogue::file(path).ok_or_else(|| LoadError::UnknownPath {
            setting: format!("access.\"{path}\""),
            path: path.clone(),
        })?;
        let parse = |text: &Option<String>, which: &str| {
            let setting = || format!("access.\"{path}\".{which}");
            text.as_deref().map(|text| rule(setting, entry.application, text)).transpose()
        };
        rules.insert(path, (parse(&access.read, "read")?, parse(&access.update, "update")?));
    }
    Ok(rules)
}

pub(crate) fn value(setting: &str, value: &str, wanted: &'static str) -> LoadError {
    LoadError::Value { setting: setting.to_owned(), value: value.to_owned(), wanted }
}

pub(crate) fn contradiction(setting: String, reason: impl Into<String>) -> LoadError {
    LoadError::Contradiction { setting, reason: reason.into() }
}
