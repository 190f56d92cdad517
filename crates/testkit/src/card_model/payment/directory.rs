//! The payment directories: `1PAY.SYS.DDF01` with its file, `2PAY.SYS.DDF01` in its control information.
//!
//! # Reference
//! JR/T 0025.1 §12.2, .8 annex A; EMV Book 1 §12.2.2 and Book B §3.3.1.

use sscard_apdu::StatusWord;
use sscard_apdu::tlv::Writer;
use sscard_core::{DirectoryState, FinancialApplication, FinancialPlan};
use sscard_elements::tag;

use crate::card_model::answer::Answer;
use crate::card_model::channel::Selected;
use crate::card_model::stand::{Outcome, Plain, Stand};

pub(in crate::card_model) const PSE: &[u8] = b"1PAY.SYS.DDF01";
pub(in crate::card_model) const PPSE: &[u8] = b"2PAY.SYS.DDF01";
/// P2 of READ RECORD that names the directory file, by number.
const DIRECTORY_FILE: u8 = 1 << 3 | 0x04;

/// What the directories answer.
#[derive(Debug)]
pub(crate) struct Directories {
    pse: Option<Entrance>,
    ppse: Option<Entrance>,
    records: Vec<Vec<u8>>,
}

/// A directory that is on the card.
#[derive(Debug)]
struct Entrance {
    is_blocked: bool,
    information: Vec<u8>,
}

impl Directories {
    pub(in crate::card_model) fn of(plan: &FinancialPlan) -> Self {
        let entrance = |state, name: &[u8], own: &[u8]| {
            let is_there = state != DirectoryState::Absent && !plan.applications.is_empty();
            is_there.then(|| Entrance {
                is_blocked: state == DirectoryState::Blocked,
                information: information(name, own),
            })
        };
        let records = plan.applications.iter().map(|application| {
            let mut record = Vec::new();
            Writer::new(&mut record)
                .constructed(tag::RECORD_TEMPLATE, |list| entry(application, list, true));
            record
        });
        Self {
            pse: entrance(plan.pse, PSE, &of_file(&plan.language)),
            ppse: entrance(plan.ppse, PPSE, &of_list(&plan.applications)),
            records: records.collect(),
        }
    }

    fn entrance(&self, which: Selected) -> Option<&Entrance> {
        if which == Selected::Pse { self.pse.as_ref() } else { self.ppse.as_ref() }
    }
}

fn information(name: &[u8], own: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    Writer::new(&mut whole).constructed(tag::FCI_TEMPLATE, |fci| {
        fci.primitive(tag::DF_NAME, name);
        fci.primitive(tag::FCI_PROPRIETARY, own);
    });
    whole
}

/// `88 01 01, 5F2D, 9F11 01 01`.
fn of_file(language: &[u8]) -> Vec<u8> {
    let mut own = Vec::new();
    let mut out = Writer::new(&mut own);
    out.primitive(tag::SHORT_FILE_IDENTIFIER, &[DIRECTORY_FILE >> 3]);
    if !language.is_empty() {
        out.primitive(tag::LANGUAGE_PREFERENCE, language);
    }
    out.primitive(tag::ISSUER_CODE_TABLE_INDEX, &[0x01]);
    own
}

/// `BF0C{61…}`.
fn of_list(applications: &[FinancialApplication]) -> Vec<u8> {
    let mut own = Vec::new();
    Writer::new(&mut own).constructed(tag::FCI_DISCRETIONARY, |list| {
        for application in applications {
            entry(application, list, false);
        }
    });
    own
}

/// `61{4F AID, 50 label, 87 priority[, 9F12 name]}`.
fn entry(application: &FinancialApplication, list: &mut Writer<'_>, with_name: bool) {
    list.constructed(tag::APPLICATION_TEMPLATE, |out| {
        out.primitive(tag::APPLICATION_IDENTIFIER, application.aid.as_bytes());
        out.primitive(tag::APPLICATION_LABEL, &application.label);
        out.primitive(tag::APPLICATION_PRIORITY, &[application.priority]);
        if with_name && !application.preferred_name.is_empty() {
            out.primitive(tag::APPLICATION_PREFERRED_NAME, &application.preferred_name);
        }
    });
}

/// The answer to its selection: 6283 goes with the control information of a blocked one; 6A82 it is not on the card.
pub(super) fn select(which: Selected, stand: &mut Stand<'_>, answer: &mut Answer) -> Outcome {
    let directories = &stand.plan.directories;
    let entrance = directories.entrance(which).ok_or(StatusWord::FILE_NOT_FOUND)?;
    answer.extend(&entrance.information);
    if entrance.is_blocked {
        return Ok(StatusWord::SELECTED_FILE_DEACTIVATED);
    }
    Ok(StatusWord::SUCCESS)
}

/// READ RECORD of the directory file, which PPSE has not; the only command of a directory.
pub(super) fn process(plain: Plain<'_>, stand: &Stand<'_>, answer: &mut Answer) -> Outcome {
    if plain.protected {
        return Err(StatusWord::SECURE_MESSAGING_NOT_SUPPORTED);
    }
    if !plain.data.is_empty() {
        return Err(StatusWord::WRONG_LENGTH);
    }
    super::records::file_of(plain.p2)?;
    if plain.p2 != DIRECTORY_FILE || stand.channel.selected == Selected::Ppse {
        return Err(StatusWord::FILE_NOT_FOUND);
    }
    let records = &stand.plan.directories.records;
    let place = usize::from(plain.p1).checked_sub(1);
    let record = place.and_then(|place| records.get(place)).ok_or(StatusWord::RECORD_NOT_FOUND)?;
    answer.extend(record);
    Ok(StatusWord::SUCCESS)
}
