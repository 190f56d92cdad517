//! Profiles as a person writes them: TOML over the catalogue.
//!
//! A file names what differs from the catalogue; `base` starts from a built-in profile.

use std::collections::BTreeMap;

use serde::Deserialize;
use sscard_apdu::tlv::Writer;
use sscard_apdu::{FileId, Sfi};
use sscard_core::catalogue::{self, APPLICATIONS, ApplicationEntry, FileEntry, KEYS};
use sscard_core::{
    AccessRule, Blueprint, DedicatedFile, ElementaryFile, KeySlot, PinDigits, Profile, Protocol,
    Structure,
};
use sscard_crypto::Algorithm;
use sscard_elements::social;

use crate::bank::{self, BankFile, Recipes};
use crate::gbk;
use crate::place;
use crate::purse::PurseFile;
use crate::refusal::{self, LoadError, Refusal};

/// The built-in profiles and their files.
pub const BUILT_IN: [(&str, &str); 3] = [
    ("gen1", include_str!("../profiles/gen1.toml")),
    ("gen2", include_str!("../profiles/gen2.toml")),
    ("gen3", include_str!("../profiles/gen3.toml")),
];

/// Versions of a key that a profile may ask for: all keys of a DF have places for that many.
const MOST_KEY_VERSIONS: u8 = 15;
/// Bytes of a DF name.
const LONGEST_NAME: usize = 16;

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileFile {
    name: Option<String>,
    base: Option<String>,
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
    key_tries: Option<u8>,
    key_versions: Option<u8>,
    lenient_le: Option<bool>,
    mf_name: Option<String>,
    without: Option<Vec<String>>,
    access: Option<BTreeMap<String, AccessFile>>,
    financial: Option<BankFile>,
    purse: Option<PurseFile>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccessFile {
    read: Option<String>,
    update: Option<String>,
}

/// A built-in profile by name.
#[must_use]
pub fn built_in(name: &str) -> Option<Profile> {
    let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
    load(text).ok()
}

/// A profile from the text of a TOML file.
///
/// # Errors
/// What is wrong and where the text says it, by [`Refusal`].
pub fn load(text: &str) -> Result<Profile, Refusal> {
    refusal::placed(text, |text| {
        let (blueprint, recipes) = blueprint(&resolve(text)?)?;
        Ok(Profile::with_companion(blueprint, recipes)?)
    })
}

fn resolve(text: &str) -> Result<ProfileFile, LoadError> {
    let file = parse(text)?;
    let Some(base) = &file.base else { return Ok(file) };
    let found = BUILT_IN.iter().find(|(name, _)| name == base);
    let (_, text) = found.ok_or_else(|| LoadError::UnknownBase(base.clone()))?;
    let below = parse(text)?;
    let mut access = below.access.unwrap_or_default();
    access.extend(file.access.unwrap_or_default());
    // Its own first: a place in the list is a place in the text.
    let mut without = file.without.unwrap_or_default();
    without.extend(below.without.unwrap_or_default());
    Ok(ProfileFile {
        name: file.name.or(below.name),
        base: None,
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
        without: Some(without),
        access: Some(access),
        financial: match (file.financial, below.financial) {
            (Some(own), below) => Some(own.over(below.unwrap_or_default())),
            (None, below) => below,
        },
        purse: match (file.purse, below.purse) {
            (Some(own), below) => Some(own.over(below.unwrap_or_default())),
            (None, below) => below,
        },
    })
}

fn parse(text: &str) -> Result<ProfileFile, LoadError> {
    if let Some((at, name, old)) = place::named_twice(text) {
        return Err(LoadError::NamedTwice { at, name, old });
    }
    toml::from_str(text).map_err(|error| LoadError::syntax(&error))
}

fn blueprint(file: &ProfileFile) -> Result<(Blueprint, Recipes), LoadError> {
    let without = file.without.as_deref().unwrap_or_default();
    for (place, path) in without.iter().enumerate() {
        if !is_in_catalogue(path) {
            let setting = format!("without[{place}]");
            return Err(LoadError::UnknownPath { setting, path: path.clone() });
        }
    }
    let access = access_rules(file)?;
    // Without its application or its file there is no purse.
    let is_left_out = without.iter().any(|path| path == "DF04" || path == "DF04/EF08");
    let purse = file.purse.as_ref().filter(|_| !is_left_out);
    let purse = purse.map(PurseFile::plan).transpose()?.flatten();
    let algorithm = algorithm(file.algorithm.as_deref().unwrap_or("SM4"))?;
    let versions = file.key_versions.unwrap_or(1);
    if !(1..=MOST_KEY_VERSIONS).contains(&versions) {
        let wanted = "a number of versions from 1 to 15";
        return Err(value("key_versions", &versions.to_string(), wanted));
    }
    let mut dfs = vec![master_file(file)?];
    for application in &APPLICATIONS {
        if !without.iter().any(|path| path == application.name) {
            dfs.push(directory(application, file, without, &access, purse.is_some()));
        }
    }
    if let Some(environment) = dfs.get_mut(1) {
        environment.dir = Some(Sfi::DIR);
        environment.files.push(directory_list(without));
    }
    let financial = file.financial.as_ref().map(bank::plan).transpose()?;
    let (financial, recipes) = financial.unwrap_or_default();
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
        pin_digits: PinDigits {
            min: file.pin_min_digits.unwrap_or(PinDigits::default().min),
            max: file.pin_max_digits.unwrap_or(PinDigits::default().max),
        },
    };
    Ok((blueprint, recipes))
}

fn master_file(file: &ProfileFile) -> Result<DedicatedFile, LoadError> {
    let name = file.mf_name.as_deref().unwrap_or("1PAY.SYS.DDF01");
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

fn directory(
    application: &ApplicationEntry,
    file: &ProfileFile,
    without: &[String],
    access: &BTreeMap<&str, (Option<AccessRule>, Option<AccessRule>)>,
    purse: bool,
) -> DedicatedFile {
    let tries = file.key_tries.unwrap_or(3);
    let versions = 1..=file.key_versions.unwrap_or(1);
    let has_place = |key: &&catalogue::KeyEntry| {
        key.application == application.name && (purse || !key.purpose.is_of_purse())
    };
    let keys = KEYS.iter().filter(has_place).flat_map(|key| {
        versions.clone().map(|version| KeySlot {
            id: key.id,
            version,
            purpose: key.purpose,
            // The block key's counter never moves and is shown as 63CF.
            tries: if key.purpose == sscard_core::KeyPurpose::Block { 15 } else { tries },
        })
    });
    let files = application.files.iter().filter_map(|entry| {
        let path = path_of(entry);
        if without.contains(&path) {
            return None;
        }
        let (read, update) = access.get(path.as_str()).copied().unwrap_or_default();
        elementary_file(entry, &path, without, read, update)
    });
    DedicatedFile {
        fid: FileId::new(application.fid),
        name: application.df_name.to_vec(),
        // The environment lies in the MF, the applications in the environment.
        parent: Some(u8::from(application.fid != catalogue::SSSE.value())),
        dir: None,
        keys: keys.collect(),
        files: files.collect(),
    }
}

fn elementary_file(
    entry: &FileEntry,
    path: &str,
    without: &[String],
    read: Option<AccessRule>,
    update: Option<AccessRule>,
) -> Option<ElementaryFile> {
    let mut content = Vec::new();
    let has_records =
        matches!(entry.structure, Structure::LinearVariable { .. } | Structure::LinearFixed { .. });
    if has_records {
        for item in entry.items {
            if !without.contains(&format!("{path}/{:02X}", item.tag)) {
                (0..item.count).for_each(|_| item.write_unset(&mut content));
            }
        }
    }
    let fid = FileId::new(entry.fid);
    Some(ElementaryFile {
        fid,
        // Every file of the catalogue has one (tests/spec/s1_files.rs).
        sfi: fid.sfi()?,
        structure: entry.structure,
        read: read.unwrap_or(entry.read),
        update: update.unwrap_or(entry.update),
        content,
    })
}

/// The DIR file: a record `61{4F AID, 50 label}` for each application.
fn directory_list(without: &[String]) -> ElementaryFile {
    let mut content = Vec::new();
    for application in APPLICATIONS.iter().skip(1) {
        if without.iter().any(|path| path == application.name) {
            continue;
        }
        // Every label is in GBK.
        let label = gbk::encode(application.label_zh).unwrap_or_default();
        Writer::new(&mut content).constructed(social::APPLICATION_TEMPLATE, |entry| {
            entry.primitive(social::APPLICATION_IDENTIFIER, application.df_name);
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
        update: AccessRule::Key(sscard_core::KeyId::UK_SSSE),
        content,
    }
}

fn path_of(entry: &FileEntry) -> String {
    format!("{}/{:04X}", entry.application, entry.fid)
}

fn is_in_catalogue(path: &str) -> bool {
    let is_application = APPLICATIONS
        .iter()
        .any(|application| application.name == path && application.fid != catalogue::SSSE.value());
    is_application
        || catalogue::files().any(|file| {
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

fn rule(
    setting: impl Fn() -> String,
    application: &str,
    text: &str,
) -> Result<AccessRule, LoadError> {
    let key = |name: &str| {
        let found = KEYS.iter().find(|key| {
            key.name == name && (key.application == application || key.application == "SSSE")
        });
        found.map(|key| key.id).ok_or_else(|| LoadError::Value {
            setting: setting(),
            value: text.to_owned(),
            wanted: "free, never, PIN, KEY, PIN|KEY or PIN+KEY with a key of this application",
        })
    };
    Ok(match text {
        "free" => AccessRule::Free,
        "never" => AccessRule::Never,
        "PIN" => AccessRule::Pin,
        _ => match (text.strip_prefix("PIN|"), text.strip_prefix("PIN+")) {
            (Some(name), _) => AccessRule::PinOrKey(key(name)?),
            (_, Some(name)) => AccessRule::PinAndKey(key(name)?),
            _ => AccessRule::Key(key(text)?),
        },
    })
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

fn value(setting: &str, value: &str, wanted: &'static str) -> LoadError {
    LoadError::Value { setting: setting.to_owned(), value: value.to_owned(), wanted }
}
