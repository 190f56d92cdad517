//! The tables `[[applications]]`.

use sscard_apdu::FileId;
use sscard_core::DedicatedFile;
use sscard_core::catalogue::{self, ApplicationEntry};

use super::{Social, contradiction, value};
use crate::file::ProfileFile;
use crate::gbk;
use crate::refusal::LoadError;
use crate::rules::{bytes, directory};

/// Bytes of a label: those of tag 50.
const LONGEST_LABEL: usize = 32;

/// The DF of an application of the catalogue, still without keys and files.
pub(super) fn of_catalogue(application: &ApplicationEntry) -> DedicatedFile {
    DedicatedFile {
        fid: FileId::new(application.fid),
        name: application.df_name.to_vec(),
        // The environment lies in the MF, the applications in the environment.
        parent: Some(u8::from(application.fid != catalogue::SSSE.value())),
        dir: None,
        keys: Vec::new(),
        files: Vec::new(),
    }
}

/// Adds and names what the profile says; returns what the DIR file lists.
pub(super) fn add(social: &mut Social, file: &ProfileFile) -> Result<Vec<FileId>, LoadError> {
    let tables = file.applications.as_deref().unwrap_or_default();
    let mut listed: Vec<FileId> =
        social.dfs.iter().skip(2).map(|application| application.fid).collect();
    let mut said = Vec::new();
    for (place, table) in tables.iter().enumerate() {
        let setting = |what: &str| format!("applications[{place}].{what}");
        let wanted = "a DF of the catalogue such as DF01, or a file identifier such as DF0A";
        let fid = directory(&table.df).filter(|fid| *fid != FileId::MASTER_FILE);
        let fid = fid.ok_or_else(|| value(&setting("df"), &table.df, wanted))?;
        if said.contains(&fid) {
            return Err(contradiction(setting("df"), format!("{} stands here twice", table.df)));
        }
        said.push(fid);
        let known = catalogue::applications().find(|known| known.fid == fid.value());
        if !social.dfs.iter().any(|df| df.fid == fid) {
            let parent = parent(social, table.parent.as_deref(), fid)
                .map_err(|reason| contradiction(setting("parent"), reason))?;
            let new = known.map_or_else(
                || DedicatedFile {
                    fid,
                    name: Vec::new(),
                    parent: None,
                    dir: None,
                    keys: Vec::new(),
                    files: Vec::new(),
                },
                of_catalogue,
            );
            social.dfs.push(DedicatedFile { parent: Some(parent), ..new });
            listed.push(fid);
        } else if table.parent.is_some() {
            let reason = "a DF of the catalogue lies where the catalogue has it";
            return Err(contradiction(setting("parent"), reason));
        }
        if let Some(text) = &table.aid {
            let wanted = "a DF name of 5 to 16 bytes in hexadecimal";
            let name = bytes(text).filter(|name| (5..=16).contains(&name.len()));
            let name = name.ok_or_else(|| value(&setting("aid"), text, wanted))?;
            if social.dfs.iter().any(|df| df.name == name && df.fid != fid) {
                let reason = format!("{text} is the name of another DF already");
                return Err(contradiction(setting("aid"), reason));
            }
            if let Some(df) = social.dfs.iter_mut().find(|df| df.fid == fid) {
                df.name = name;
            }
        }
        if let Some(label) = &table.label {
            let length = gbk::encode(label).map(|label| label.len());
            let length =
                length.map_err(|error| contradiction(setting("label"), error.to_string()))?;
            if !(1..=LONGEST_LABEL).contains(&length) {
                return Err(value(&setting("label"), label, "a label of 1 to 32 bytes in GBK"));
            }
            social.names.name_application(fid, label.clone());
        }
        let named = social.dfs.iter().any(|df| df.fid == fid && !df.name.is_empty());
        let has_label = known.is_some() || table.label.is_some();
        let is_listed = table.listed.unwrap_or(listed.contains(&fid) && named && has_label);
        if is_listed && !(named && has_label) {
            let reason = "the DIR file lists an AID and a label: this DF has not both";
            return Err(contradiction(setting("listed"), reason));
        }
        listed.retain(|one| *one != fid);
        // The environment itself has no entry.
        if is_listed && fid != catalogue::SSSE {
            listed.push(fid);
        }
    }
    Ok(listed)
}

/// Position of the DF that a new one lies in.
fn parent(social: &Social, text: Option<&str>, fid: FileId) -> Result<u8, String> {
    let default = if fid == catalogue::SSSE { "MF" } else { "SSSE" };
    let text = text.unwrap_or(default);
    let parent =
        directory(text).ok_or_else(|| format!("'{text}' is not MF, SSSE or another DF"))?;
    let position = social.dfs.iter().position(|df| df.fid == parent);
    let position = position.and_then(|position| u8::try_from(position).ok());
    position.ok_or_else(|| format!("there is no {text} before this DF"))
}
