//! Profiles as a person writes them: TOML over the catalogue.
//!
//! A file names what differs from the catalogue; `base` starts from a built-in profile.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use sscard_core::{Blueprint, PinDigits, Profile, Protocol};
use sscard_crypto::Algorithm;

use crate::bank::{self, BankFile};
use crate::companion::Companion;
use crate::own::{ApplicationTable, FileTable, KeyTable};
use crate::pki::PkiFile;
use crate::place;
use crate::psam::PsamFile;
use crate::purse::PurseFile;
use crate::refusal::{self, LoadError, Refusal};
use crate::social::{Social, social, value};

/// The built-in profiles of holders' cards and their files.
pub const BUILT_IN: [(&str, &str); 3] = [
    ("gen1", include_str!("../profiles/gen1.toml")),
    ("gen2", include_str!("../profiles/gen2.toml")),
    ("gen3", include_str!("../profiles/gen3.toml")),
];
/// The built-in profiles of terminals' security modules (PSAM) and their files.
pub const BUILT_IN_MODULES: [(&str, &str); 2] = [
    ("psam-3des", include_str!("../profiles/psam-3des.toml")),
    ("psam-sm4", include_str!("../profiles/psam-sm4.toml")),
];

/// The text of a built-in profile, of a card or of a module.
fn text_of(name: &str) -> Option<&'static str> {
    let mut all = BUILT_IN.iter().chain(&BUILT_IN_MODULES);
    all.find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// What a profile says, its base's settings among its own once it is resolved.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfileFile {
    name: Option<String>,
    base: Option<String>,
    pub(crate) catalogue: Option<bool>,
    version: Option<String>,
    algorithm: Option<String>,
    announce_algorithm: Option<bool>,
    authenticated_identification: Option<bool>,
    protocol: Option<String>,
    extended_length: Option<bool>,
    historical: Option<String>,
    channels: Option<u8>,
    pin_tries: Option<u8>,
    pin_min_digits: Option<u8>,
    pin_max_digits: Option<u8>,
    pub(crate) key_tries: Option<u8>,
    pub(crate) key_versions: Option<u8>,
    lenient_le: Option<bool>,
    pub(crate) mf_name: Option<String>,
    pub(crate) with: Option<Vec<String>>,
    pub(crate) without: Option<Vec<String>>,
    pub(crate) access: Option<BTreeMap<String, AccessFile>>,
    financial: Option<BankFile>,
    purse: Option<PurseFile>,
    pki: Option<PkiFile>,
    pub(crate) applications: Option<Vec<ApplicationTable>>,
    pub(crate) files: Option<Vec<FileTable>>,
    pub(crate) keys: Option<Vec<KeyTable>>,
    psam: Option<PsamFile>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessFile {
    pub(crate) read: Option<String>,
    pub(crate) update: Option<String>,
}

/// A built-in profile by name.
#[must_use]
pub fn built_in(name: &str) -> Option<Profile> {
    load(text_of(name)?).ok()
}

/// A profile from the text of a TOML file.
///
/// # Errors
/// What is wrong and where the text says it, by [`Refusal`].
pub fn load(text: &str) -> Result<Profile, Refusal> {
    load_in(text, Path::new(""))
}

/// The same; the files that the text names lie in this folder, where they are not named from the root.
///
/// # Errors
/// What is wrong and where the text says it, by [`Refusal`]; a file that cannot be read.
pub fn load_in(text: &str, folder: &Path) -> Result<Profile, Refusal> {
    refusal::placed(text, |text| {
        let mut file = resolve(text)?;
        if let Some(financial) = &mut file.financial {
            financial.read_files(folder)?;
        }
        let (mut blueprint, companion) = blueprint(&file)?;
        if let Some(psam) = &file.psam {
            psam.apply(&mut blueprint)?;
        }
        Ok(Profile::with_companion(blueprint, companion)?)
    })
}

fn resolve(text: &str) -> Result<ProfileFile, LoadError> {
    let file = parse(text)?;
    let Some(base) = &file.base else { return Ok(file) };
    let text = text_of(base).ok_or_else(|| LoadError::UnknownBase(base.clone()))?;
    let below = parse(text)?;
    let mut access = below.access.unwrap_or_default();
    access.extend(file.access.unwrap_or_default());
    Ok(ProfileFile {
        name: file.name.or(below.name),
        base: None,
        catalogue: file.catalogue.or(below.catalogue),
        version: file.version.or(below.version),
        algorithm: file.algorithm.or(below.algorithm),
        announce_algorithm: file.announce_algorithm.or(below.announce_algorithm),
        authenticated_identification: file
            .authenticated_identification
            .or(below.authenticated_identification),
        protocol: file.protocol.or(below.protocol),
        extended_length: file.extended_length.or(below.extended_length),
        historical: file.historical.or(below.historical),
        channels: file.channels.or(below.channels),
        pin_tries: file.pin_tries.or(below.pin_tries),
        pin_min_digits: file.pin_min_digits.or(below.pin_min_digits),
        pin_max_digits: file.pin_max_digits.or(below.pin_max_digits),
        key_tries: file.key_tries.or(below.key_tries),
        key_versions: file.key_versions.or(below.key_versions),
        lenient_le: file.lenient_le.or(below.lenient_le),
        mf_name: file.mf_name.or(below.mf_name),
        with: both(file.with, below.with),
        without: both(file.without, below.without),
        access: Some(access),
        financial: match (file.financial, below.financial) {
            (Some(own), below) => Some(own.over(below.unwrap_or_default())),
            (None, below) => below,
        },
        purse: match (file.purse, below.purse) {
            (Some(own), below) => Some(own.over(below.unwrap_or_default())),
            (None, below) => below,
        },
        pki: match (file.pki, below.pki) {
            (Some(own), below) => Some(own.over(below.unwrap_or_default())),
            (None, below) => below,
        },
        applications: both(file.applications, below.applications),
        files: both(file.files, below.files),
        keys: both(file.keys, below.keys),
        psam: match (file.psam, below.psam) {
            (Some(own), below) => Some(own.over(below.unwrap_or_default())),
            (None, below) => below,
        },
    })
}

/// Its own first: a place in the list is a place in the text.
fn both<T>(own: Option<Vec<T>>, below: Option<Vec<T>>) -> Option<Vec<T>> {
    let mut all = own.unwrap_or_default();
    all.extend(below.unwrap_or_default());
    Some(all)
}

fn parse(text: &str) -> Result<ProfileFile, LoadError> {
    if let Some((at, name, old)) = place::named_twice(text) {
        return Err(LoadError::NamedTwice { at, name, old });
    }
    toml::from_str(text).map_err(|error| LoadError::syntax(&error))
}

fn blueprint(file: &ProfileFile) -> Result<(Blueprint, Companion), LoadError> {
    let without = file.without.as_deref().unwrap_or_default();
    // Without its application or its file there is no purse.
    let is_left_out = without.iter().any(|path| path == "DF04" || path == "DF04/EF08");
    let purse = file.purse.as_ref().filter(|_| !is_left_out);
    let purse = purse.map(PurseFile::plan).transpose()?.flatten();
    let algorithm = algorithm(file.algorithm.as_deref().unwrap_or("SM4"))?;
    let Social { dfs, names, keys } = social(file, algorithm, purse.is_some())?;
    let financial = file.financial.as_ref().map(bank::plan).transpose()?;
    let (financial, recipes) = financial.unwrap_or_default();
    let companion = Companion { keys, recipes };
    let blueprint = Blueprint {
        name: file.name.clone().unwrap_or_else(|| "custom".to_owned()),
        version: version(file.version.as_deref().unwrap_or("3.00"))?,
        algorithm,
        announces_algorithm: file.announce_algorithm.unwrap_or(true),
        protocol: protocol(file.protocol.as_deref().unwrap_or("T=0"))?,
        extended_length: file.extended_length.unwrap_or(false),
        historical: historical(file.historical.as_deref().unwrap_or("00815353438600"))?,
        channels: file.channels.unwrap_or(4),
        pin_tries: file.pin_tries.unwrap_or(6),
        lenient_le: file.lenient_le.unwrap_or(false),
        authenticated_identification: file.authenticated_identification.unwrap_or(false),
        dfs,
        financial,
        purse,
        pki: file.pki.as_ref().map(PkiFile::plan).transpose()?.flatten(),
        pin_digits: PinDigits {
            min: file.pin_min_digits.unwrap_or(PinDigits::default().min),
            max: file.pin_max_digits.unwrap_or(PinDigits::default().max),
        },
        names,
        psam: None,
    };
    Ok((blueprint, companion))
}

fn algorithm(text: &str) -> Result<Algorithm, LoadError> {
    [Algorithm::TripleDes, Algorithm::Ssf33, Algorithm::Sm4]
        .into_iter()
        .find(|algorithm| algorithm.name() == text)
        .ok_or_else(|| value("algorithm", text, "3DES, SSF33 or SM4"))
}

fn protocol(text: &str) -> Result<Protocol, LoadError> {
    match text {
        "T=0" => Ok(Protocol::T0),
        "T=1" => Ok(Protocol::T1),
        _ => Err(value("protocol", text, "T=0 or T=1")),
    }
}

fn version(text: &str) -> Result<[u8; 4], LoadError> {
    let wanted = "four ASCII characters such as 3.00";
    let ascii = text.is_ascii().then(|| text.as_bytes().try_into().ok()).flatten();
    ascii.ok_or_else(|| value("version", text, wanted))
}

fn historical(text: &str) -> Result<[u8; 7], LoadError> {
    let wanted = "seven bytes T1…T7 as 14 hexadecimal digits";
    hex::decode(text)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| value("historical", text, wanted))
}
