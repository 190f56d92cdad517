//! What a card has beside the catalogue: applications and files of its city.
//!
//! No list of them is in the catalogue, so a reader looks: for DFs by their identifiers and by the DIR file, for
//! files by their short identifiers, which are the last digits of `EF0C`, `EF0D`…

use sscard_apdu::StatusWord;
use sscard_apdu::tlv;
use sscard_commands::{Command, Selection};
use sscard_core::catalogue::{self, ApplicationEntry};
use sscard_elements::social;
use sscard_host::Transport;

use super::{Files, Place, Proved};
use crate::environment::Environment;
use crate::{CardSecurity, FileReport, ReadError, SecurityModule};

/// Identifiers that cities give DFs of their own, from the one behind the last of the norms.
const OWN_DFS: std::ops::RangeInclusive<u16> = 0xDF08..=0xDF1F;
/// Short file identifiers that READ RECORD can name.
const SHORT_IDENTIFIERS: std::ops::RangeInclusive<u8> = 1..=30;

/// An application that the DIR file lists.
struct Listed {
    aid: Vec<u8>,
    label: Option<String>,
}

impl<T: Transport> Environment<'_, T> {
    /// Files of the selected application that the catalogue does not know.
    pub(super) fn read_other_files(
        &mut self,
        application: &ApplicationEntry,
        module: &mut dyn SecurityModule,
        security: &CardSecurity,
        known: &mut Proved,
    ) -> Result<Files, ReadError> {
        let mut seen: Vec<u8> =
            catalogue::files_of(application).map(|file| low(file.fid)).collect();
        if application.fid == catalogue::SSSE.value() {
            seen.push(low(catalogue::DIR.value()));
        }
        self.look_for_files(application.name, None, &seen, module, security, known)
    }

    /// Applications in the environment that the catalogue does not know, with all their files. The environment is
    /// selected, or one of its applications.
    pub(super) fn read_other_applications(
        &mut self,
        module: &mut dyn SecurityModule,
        security: &CardSecurity,
        known: &mut Proved,
        list: &[u8],
    ) -> Result<Files, ReadError> {
        let mut listed = entries(list);
        listed.retain(|one| !catalogue::applications().any(|known| known.df_name == one.aid));
        let mut files = Vec::new();
        for fid in OWN_DFS {
            let (status, control_information) = self.select_file(fid)?;
            if !status.is_success() {
                continue;
            }
            let name = tlv::find(&control_information, &[social::FCI_TEMPLATE, social::DF_NAME]);
            let name = name.ok().flatten().unwrap_or_default();
            let place = listed.iter().position(|one| one.aid == name);
            let label = place.map(|place| listed.remove(place)).and_then(|one| one.label);
            let name = format!("{fid:04X}");
            files.extend(self.look_for_files(
                &name,
                label.as_ref(),
                &[],
                module,
                security,
                known,
            )?);
        }
        // Those whose identifier is another one are found by their names.
        for Listed { aid, label } in listed {
            let (status, _) = self.select(&aid)?;
            if status.is_success() {
                let name = sscard_apdu::hex::encode(&aid);
                let found =
                    self.look_for_files(&name, label.as_ref(), &[], module, security, known)?;
                files.extend(found);
            }
        }
        Ok(files)
    }

    /// The DIR file's records, one after another.
    pub(super) fn directory_list(&mut self) -> Result<Vec<u8>, ReadError> {
        let mut list = Vec::new();
        for number in 1..=u8::MAX {
            let p2 = low(catalogue::DIR.value()) << 3 | 4;
            let apdu = Command::ReadRecord { p1: number, p2, ne: 256 }.apdu();
            let (status, record) = self.exchange(apdu)?;
            if !status.is_success() {
                break;
            }
            list.extend_from_slice(record);
        }
        Ok(list)
    }

    fn select_file(&mut self, fid: u16) -> Result<(StatusWord, Vec<u8>), ReadError> {
        let name = &fid.to_be_bytes();
        let apdu = Command::Select { by: Selection::FileId, next: false, name }.apdu();
        let (status, data) = self.exchange(apdu)?;
        Ok((status, data.to_vec()))
    }

    fn look_for_files(
        &mut self,
        application: &str,
        label: Option<&String>,
        seen: &[u8],
        module: &mut dyn SecurityModule,
        security: &CardSecurity,
        known: &mut Proved,
    ) -> Result<Files, ReadError> {
        let mut files = Vec::new();
        for short in SHORT_IDENTIFIERS.filter(|short| !seen.contains(short)) {
            let place = Place {
                application: application.to_owned(),
                label: label.cloned(),
                fid: 0xEF00 | u16::from(short),
                entry: None,
            };
            let file = self.read_unknown(&place)?;
            if file.is_missing() {
                continue;
            }
            let file = match file.refused {
                Some(StatusWord::SECURITY_STATUS_NOT_SATISFIED) => {
                    self.open_unknown(&place, file, module, security, known)?
                }
                _ => file,
            };
            files.push(file);
        }
        Ok(files)
    }

    /// Proves the keys of the application that the terminal was told, one after another, until the file opens. A key
    /// that was not told for it is not tried: a wrong one would cost the card a try.
    fn open_unknown(
        &mut self,
        place: &Place,
        closed: FileReport,
        module: &mut dyn SecurityModule,
        security: &CardSecurity,
        known: &mut Proved,
    ) -> Result<FileReport, ReadError> {
        let mut file = closed;
        for id in module.told_keys(&place.application) {
            let key = (place.application.clone(), id);
            if known.contains(&key) {
                continue;
            }
            self.authenticate(module, security, &place.application, id)?;
            known.push(key);
            file = self.read_unknown(place)?;
            if file.refused != Some(StatusWord::SECURITY_STATUS_NOT_SATISFIED) {
                break;
            }
        }
        Ok(file)
    }

    /// A file of whatever structure.
    fn read_unknown(&mut self, place: &Place) -> Result<FileReport, ReadError> {
        let mut report = place.report();
        self.read_records(&mut report)?;
        if report.refused == Some(StatusWord::COMMAND_INCOMPATIBLE_WITH_FILE_STRUCTURE) {
            report.refused = None;
            self.read_bytes(&mut report, None)?;
        }
        Ok(report)
    }
}

/// Entries of the DIR file: `61{4F AID, 50 label}`.
fn entries(list: &[u8]) -> Vec<Listed> {
    let mut listed = Vec::new();
    for entry in tlv::Reader::new(list).map_while(Result::ok) {
        let value = |tag| tlv::find(entry.value, &[tag]).ok().flatten();
        if entry.tag != social::APPLICATION_TEMPLATE {
            continue;
        }
        if let Some(aid) = value(social::APPLICATION_IDENTIFIER) {
            let label = value(social::APPLICATION_LABEL);
            let label = label.map(sscard_lexicon::text);
            listed.push(Listed { aid: aid.to_vec(), label });
        }
    }
    listed
}

const fn low(fid: u16) -> u8 {
    let [_, low] = fid.to_be_bytes();
    low
}
