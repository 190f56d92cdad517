//! Profiles as a person writes them: TOML over the catalogue.
//!
//! A file names what differs from the catalogue; `base` starts from a built-in profile.

use std::collections::BTreeMap;

use serde::Deserialize;
use sscard_core::catalogue::SSSE;
use sscard_core::{Blueprint, PinDigits, Profile, Protocol};
use sscard_crypto::Algorithm;

use crate::bank::{self, BankFile};
use crate::companion::Companion;
use crate::delivery::{HolderTable, StateTable, delivery};
use crate::own::{ApplicationTable, FileTable, KeyTable};
use crate::pki::PkiFile;
use crate::place;
use crate::psam::{OwnModuleKeys, PsamFile};
use crate::purse::PurseFile;
use crate::refusal::{self, LoadError, ProfileRefusal};
use crate::rules::{directory, identifier};
use crate::social::{Social, contradiction, social, value};
use crate::twice;

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

/// A profile: what differs from the catalogue, or from its base.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfileFile {
    /// Name of the profile: `inspect` shows it.
    name: Option<String>,
    /// The built-in profile to start from: gen1, gen2, gen3, psam-3des, psam-sm4.
    base: Option<String>,
    /// Whether the standard's applications, files and keys are there to begin with.
    pub(crate) catalogue: Option<bool>,
    /// Norm version in EF05 tag 03: four characters such as 3.00.
    pub(crate) version: Option<String>,
    /// Algorithm of the social security function: 3DES, SSF33, SM4.
    algorithm: Option<String>,
    /// Whether the environment's FCI names the algorithm (9F0C).
    announce_algorithm: Option<bool>,
    /// Whether the card identification code ends in an authentication code.
    authenticated_identification: Option<bool>,
    /// T=0 or T=1.
    protocol: Option<String>,
    /// Extended length fields; T=1 only.
    extended_length: Option<bool>,
    /// T1…T7 of the historical bytes, 14 hexadecimal digits.
    historical: Option<String>,
    /// Logical channels, 1 to 20.
    channels: Option<u8>,
    /// Tries of the holder's PIN, 3 to 15.
    pin_tries: Option<u8>,
    /// Fewest digits of the PIN, 3 to 16.
    pin_min_digits: Option<u8>,
    /// Most digits of the PIN, 3 to 16.
    pin_max_digits: Option<u8>,
    /// Tries of each key, 1 to 15.
    pub(crate) key_tries: Option<u8>,
    /// Versions of each key, 1 to 15.
    pub(crate) key_versions: Option<u8>,
    /// On T=0 a wrong Le gets what fits, not 6Cxx.
    lenient_le: Option<bool>,
    /// DF name of the MF, at most 16 bytes; empty for none.
    pub(crate) mf_name: Option<String>,
    /// What cities add: DF05, DF06, SSSE/EF0D.
    pub(crate) with: Option<Vec<String>>,
    /// What is left out of the catalogue: DF07, SSSE/EF08, SSSE/EF06/4E.
    pub(crate) without: Option<Vec<String>>,
    /// Who may read and update a file of the catalogue, by its path.
    pub(crate) access: Option<BTreeMap<String, AccessFile>>,
    /// The bank's side.
    financial: Option<BankFile>,
    /// The medical purse of DF04.
    purse: Option<PurseFile>,
    /// The PKI application.
    pub(crate) pki: Option<PkiFile>,
    /// DFs of one's own, and other names for those of the catalogue.
    pub(crate) applications: Option<Vec<ApplicationTable>>,
    /// Files of one's own, and files of the catalogue that are otherwise.
    pub(crate) files: Option<Vec<FileTable>>,
    /// Keys of one's own, and values of those of the catalogue.
    pub(crate) keys: Option<Vec<KeyTable>>,
    /// Answer to reset as a whole, hexadecimal.
    atr: Option<String>,
    /// Who holds the card.
    pub(crate) holder: Option<HolderTable>,
    /// The state in which it is handed over.
    pub(crate) state: Option<StateTable>,
    /// A terminal's security module.
    psam: Option<PsamFile>,
    /// Paths of `access` that the text itself has, and not its base.
    #[serde(skip)]
    pub(crate) own_access: Vec<String>,
}

#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessFile {
    pub(crate) read: Option<String>,
    pub(crate) update: Option<String>,
}

impl ProfileFile {
    /// A security module has files and keys of its own kind, and no holder who proves himself.
    fn has_nothing_of_a_holder(&self) -> Result<(), LoadError> {
        let has = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|list| !list.is_empty());
        let settings = [
            ("applications", self.applications.as_ref().is_some_and(|tables| !tables.is_empty())),
            ("files", self.files.as_ref().is_some_and(|tables| !tables.is_empty())),
            ("keys", self.keys.as_ref().is_some_and(|tables| !tables.is_empty())),
            ("with", has(&self.with)),
            ("without", has(&self.without)),
            ("access", !self.own_access.is_empty()),
            ("mf_name", self.mf_name.as_ref().is_some_and(|name| !name.is_empty())),
            ("authenticated_identification", self.authenticated_identification == Some(true)),
            ("pin_tries", self.pin_tries.is_some()),
            ("pin_min_digits", self.pin_min_digits.is_some()),
            ("pin_max_digits", self.pin_max_digits.is_some()),
            ("key_tries", self.key_tries.is_some()),
            ("key_versions", self.key_versions.is_some()),
            ("holder.pin", self.holder.as_ref().is_some_and(|holder| holder.pin.is_some())),
        ];
        match settings.into_iter().find(|(_, is_there)| *is_there) {
            Some((setting, _)) => {
                let reason = "a security module (PSAM) has no holder, and files and keys of its own kind, which [psam] \
                              tells: leave it out";
                Err(contradiction(setting.to_owned(), reason))
            }
            None => Ok(()),
        }
    }
}

/// A built-in profile by name.
#[must_use]
pub fn built_in(name: &str) -> Option<Profile> {
    load(text_of(name)?).ok()
}

/// A profile from the text of a TOML file.
///
/// # Errors
/// What is wrong and where the text says it, by [`ProfileRefusal`]; a text that names another file is refused, see
/// [`load_beside`].
pub fn load(text: &str) -> Result<Profile, ProfileRefusal> {
    load_beside(text, &|_| Err("a profile that is no file itself names no other file".to_owned()))
}

/// A profile from the text of a TOML file that may name other files, as `@photo.jpg`; `read` gives what is in
/// them, or says why not.
///
/// # Errors
/// What is wrong and where the text says it, by [`ProfileRefusal`].
pub fn load_beside(
    text: &str,
    read: &dyn Fn(&str) -> Result<Vec<u8>, String>,
) -> Result<Profile, ProfileRefusal> {
    refusal::placed(text, |text| {
        let mut file = resolve(text, read)?;
        if let Some(financial) = &mut file.financial {
            financial.read_files(read)?;
        }
        let (blueprint, companion) = blueprint(&file)?;
        Ok(Profile::with_companion(blueprint, companion)?)
    })
}

fn resolve(
    text: &str,
    read: &dyn Fn(&str) -> Result<Vec<u8>, String>,
) -> Result<ProfileFile, LoadError> {
    let mut file = parse(text)?;
    if let Some(state) = &mut file.state {
        state.read_files(read)?;
    }
    file.own_access = file.access.iter().flat_map(|access| access.keys().cloned()).collect();
    let Some(base) = &file.base else { return Ok(file) };
    let text = text_of(base).ok_or_else(|| LoadError::UnknownBase(base.clone()))?;
    let below = parse(text)?;
    let mut access = below.access.unwrap_or_default();
    access.extend(file.access.unwrap_or_default());
    Ok(ProfileFile {
        own_access: file.own_access,
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
        atr: file.atr.or(below.atr),
        holder: match (file.holder, below.holder) {
            (Some(own), below) => Some(own.over(below.unwrap_or_default())),
            (None, below) => below,
        },
        state: match (file.state, below.state) {
            (Some(own), below) => Some(own.over(below.unwrap_or_default())),
            (None, below) => below,
        },
        psam: match (file.psam, below.psam) {
            (Some(own), below) => Some(own.over(below.unwrap_or_default())),
            (None, below) => below,
        },
    })
}

/// Its own first: a place in the list is a place in the text.
pub(crate) fn both<T>(own: Option<Vec<T>>, below: Option<Vec<T>>) -> Option<Vec<T>> {
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
    let Social { dfs, names, keys, algorithms } = social(file, algorithm, purse.is_some())?;
    let financial = file.financial.as_ref().map(bank::plan).transpose()?;
    let (financial, recipes) = financial.unwrap_or_default();
    let mut blueprint = Blueprint {
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
        key_algorithms: algorithms,
    };
    let psam = match &file.psam {
        Some(psam) => {
            file.has_nothing_of_a_holder()?;
            psam.apply(&mut blueprint, file.catalogue.unwrap_or(true))?
        }
        None => OwnModuleKeys::default(),
    };
    let given = file.files.iter().flatten().filter(|table| table.records.is_some());
    let of_environment = given.filter(|table| directory(&table.df) == Some(SSSE));
    let personal: Vec<_> = of_environment.filter_map(|table| identifier(&table.id)).collect();
    let (holder, state) = (file.holder.as_ref(), file.state.as_ref());
    twice::check(file, &blueprint, &recipes)?;
    let delivery = delivery(holder, state, file.atr.as_deref(), &blueprint, &personal)?;
    Ok((blueprint, Companion { keys, psam, recipes, delivery }))
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
