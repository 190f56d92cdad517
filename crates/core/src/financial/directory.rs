//! The payment directories: PSE (1PAY.SYS.DDF01) with its file, PPSE (2PAY.SYS.DDF01) in its FCI.

use sscard_apdu::StatusWord;
use sscard_apdu::tlv::Writer;
use sscard_elements::tag;

use super::command::{no_data, record_file};
use crate::applet::{Applet, Context, PlainCommand, Reply};
use crate::profile::{DirectoryState, FinancialApplication, FinancialPlan};

pub(crate) const PSE: &[u8] = b"1PAY.SYS.DDF01";
pub(crate) const PPSE: &[u8] = b"2PAY.SYS.DDF01";
/// Short identifier of the directory file.
const FILE: u8 = 1;

/// A payment directory; it has no state.
#[derive(Clone, Copy)]
pub(crate) enum Directory {
    /// For the contact interface.
    Pse,
    /// For the contactless interface.
    Ppse,
}

impl Directory {
    fn state(self, plan: &FinancialPlan) -> DirectoryState {
        if plan.applications.is_empty() {
            return DirectoryState::Absent;
        }
        match self {
            Self::Pse => plan.pse,
            Self::Ppse => plan.ppse,
        }
    }
}

impl Applet for Directory {
    fn aid(&self) -> &[u8] {
        match self {
            Self::Pse => PSE,
            Self::Ppse => PPSE,
        }
    }

    /// The FCI: PSE `6F{84, A5{88 01, 5F2D, 9F11}}`, PPSE `6F{84, A5{BF0C{61…}}}`.
    ///
    /// # Status
    /// `9000`; `6283` with the FCI: blocked; `6A82` not on this card.
    ///
    /// # Reference
    /// JR/T 0025.1 §12.2, .8 annex A.
    fn select(
        &self,
        _command: &PlainCommand<'_>,
        context: &mut Context<'_>,
        reply: &mut Reply<'_>,
    ) -> Result<StatusWord, StatusWord> {
        let plan = &context.profile.blueprint().financial;
        let state = self.state(plan);
        if state == DirectoryState::Absent {
            return Err(StatusWord::FILE_NOT_FOUND);
        }
        reply.tlv().constructed(tag::FCI_TEMPLATE, |fci| {
            fci.primitive(tag::DF_NAME, self.aid());
            fci.constructed(tag::FCI_PROPRIETARY, |own| match self {
                Self::Pse => {
                    own.primitive(tag::SHORT_FILE_IDENTIFIER, &[FILE]);
                    if !plan.language.is_empty() {
                        own.primitive(tag::LANGUAGE_PREFERENCE, &plan.language);
                    }
                    own.primitive(tag::ISSUER_CODE_TABLE_INDEX, &[0x01]);
                }
                Self::Ppse => own.constructed(tag::FCI_DISCRETIONARY, |list| {
                    plan.applications.iter().for_each(|one| entry(one, list, false));
                }),
            });
        });
        Ok(match state {
            DirectoryState::Blocked => StatusWord::SELECTED_FILE_DEACTIVATED,
            _ => StatusWord::SUCCESS,
        })
    }

    /// READ RECORD of the directory file; nothing else.
    ///
    /// # Status
    /// `9000`; `6A82` another file; `6A83` no such record; `6A86`; `6700` there are data; `6882`.
    fn process(
        &self,
        command: &PlainCommand<'_>,
        context: &mut Context<'_>,
        reply: &mut Reply<'_>,
    ) -> Result<StatusWord, StatusWord> {
        no_data(command.data)?;
        if record_file(command.p2)? != FILE || matches!(self, Self::Ppse) {
            return Err(StatusWord::FILE_NOT_FOUND);
        }
        let plan = &context.profile.blueprint().financial;
        let position = usize::from(command.p1).checked_sub(1);
        let application = position
            .and_then(|position| plan.applications.get(position))
            .ok_or(StatusWord::RECORD_NOT_FOUND)?;
        reply.tlv().constructed(tag::RECORD_TEMPLATE, |list| entry(application, list, true));
        Ok(StatusWord::SUCCESS)
    }
}

/// An entry: `61{4F AID, 50 label, 87 priority[, 9F12 name]}`.
pub(crate) fn entry(application: &FinancialApplication, list: &mut Writer<'_>, with_name: bool) {
    list.constructed(tag::APPLICATION_TEMPLATE, |out| {
        out.primitive(tag::APPLICATION_IDENTIFIER, application.aid.as_bytes());
        out.primitive(tag::APPLICATION_LABEL, &application.label);
        out.primitive(tag::APPLICATION_PRIORITY, &[application.priority]);
        if with_name && !application.preferred_name.is_empty() {
            out.primitive(tag::APPLICATION_PREFERRED_NAME, &application.preferred_name);
        }
    });
}
