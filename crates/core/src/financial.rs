//! The payment application (PBOC debit or credit, JR/T 0025), and the directories that lead to it.
//!
//! ```text
//! PlainCommand ─► Command ─► Session { plan, memory, transaction } ─► answer
//!                               │ options, records, data objects, PIN
//!                               │ risk ─► first and second cryptogram
//!                               └ issuer: authentication, scripts, logs
//! ```
//!
//! What enters: commands of the selected application. What leaves: answers of JR/T 0025.5 (card),
//! .12 (contactless) and .13 (e-cash). Invariants owned here: I-14 (the counter strictly rises,
//! balances and logs change together) and I-20 (order of a transaction).

mod amount;
mod authentication;
mod command;
mod cryptogram;
mod data_objects;
pub(crate) mod directory;
mod electronic_cash;
mod first_cryptogram;
mod holder_verification;
mod issuer;
mod log;
mod options;
mod qpboc;
mod qpboc_answer;
mod records;
mod risk;
mod script;
mod second_cryptogram;
mod session;
mod transaction;

use sscard_apdu::StatusWord;
use sscard_apdu::tlv::Writer;
use sscard_commands::Application;
use sscard_elements::tag;

use crate::applet::{Applet, Context, PlainCommand, Reply};
use crate::channel::State;
use crate::profile::{Area, FinancialApplication, Path, Profile};
use crate::secure_messaging::Protection;
use command::Command;
pub(crate) use directory::{PPSE, PSE, entry as directory_entry};
use session::Session;
pub(crate) use transaction::Transaction;

/// One payment application of a card, by its position in the plan; it has no state of its own.
#[derive(Clone)]
pub(crate) struct Payment {
    profile: Profile,
    index: u8,
}

impl Payment {
    pub(crate) fn new(profile: Profile, index: u8) -> Self {
        Self { profile, index }
    }
}

impl Applet for Payment {
    fn aid(&self) -> &[u8] {
        self.profile.application(self.index).map_or(&[], |(plan, _)| plan.aid.as_bytes())
    }

    /// Begins anew: whatever transaction was on is over.
    ///
    /// # Status
    /// `9000`; `6283` with the FCI: the application is blocked.
    ///
    /// # Reference
    /// JR/T 0025.5 §6, .1 §11.
    fn select(
        &self,
        _command: &PlainCommand<'_>,
        context: &mut Context<'_>,
        reply: &mut Reply<'_>,
    ) -> Result<StatusWord, StatusWord> {
        let (plan, place) =
            context.profile.application(self.index).ok_or(StatusWord::FILE_NOT_FOUND)?;
        control_information(plan, context.interface.is_contactless(), reply);
        qpboc::restore_unfinished(place, context.nvm)?;
        context.channel.state.set(Transaction::default());
        let is_blocked = context.nvm.byte(place.base.saturating_add(Area::STATE)) != 0;
        Ok(if is_blocked { StatusWord::SELECTED_FILE_DEACTIVATED } else { StatusWord::SUCCESS })
    }

    fn process(
        &self,
        command: &PlainCommand<'_>,
        context: &mut Context<'_>,
        reply: &mut Reply<'_>,
    ) -> Result<StatusWord, StatusWord> {
        let mut session = Session::open(self.index, context)?;
        let protected = command.protected;
        match Command::try_from(command)? {
            Command::GetProcessingOptions { data } => options::get(&mut session, data, reply),
            Command::ReadRecord { number, sfi } => records::read(&mut session, sfi, number, reply),
            Command::GetData { tag } => data_objects::get(&mut session, tag, reply),
            Command::GetChallenge { length } => {
                let mut challenge = [0; 8];
                session.random.fill(&mut challenge);
                session.transaction.challenge = (length == 8).then_some(challenge);
                reply.extend(challenge.get(..length).unwrap_or(&challenge));
                Ok(StatusWord::SUCCESS)
            }
            Command::Verify { block } => holder_verification::verify(&mut session, block),
            Command::VerifyEnciphered { data } => {
                holder_verification::verify_enciphered(&mut session, data)
            }
            Command::InternalAuthenticate { data } => {
                authentication::internal(&mut session, data, reply)
            }
            Command::ExternalAuthenticate { data } => issuer::authenticate(&mut session, data),
            Command::GenerateAc { request, data } => {
                if session.transaction.is_online() {
                    second_cryptogram::generate(&mut session, request, data, reply)
                } else {
                    first_cryptogram::generate(&mut session, request, data, reply)
                }
            }
            Command::Script(script) => script::carry_out(&mut session, command, script, protected),
        }
    }

    /// Issuer scripts carry a MAC over the transaction's own cryptogram; it is checked where the
    /// script is carried out.
    fn protection(
        &self,
        _command: &PlainCommand<'_>,
        _context: &mut Context<'_>,
    ) -> Result<Protection, StatusWord> {
        Ok(Protection::OfApplet)
    }

    /// GENERATE AC, GET PROCESSING OPTIONS and INTERNAL AUTHENTICATE move the transaction on.
    fn answers_once(&self, ins: u8) -> bool {
        sscard_commands::answers_once(Application::Financial, ins)
    }

    /// A payment that began before the card was blocked may end (JR/T 0025.5 §17.5).
    fn is_unfinished(&self, state: &State) -> bool {
        state.get::<Transaction>().is_some_and(Transaction::is_running)
    }
}

/// The FCI: `6F{84, A5{50, 87, 9F38, 5F2D, 9F12, BF0C{9F4D, DF4D}}}` (JR/T 0025.1 table 45), with the
/// profile's own objects in their places or behind.
fn control_information(plan: &FinancialApplication, contactless: bool, reply: &mut Reply<'_>) {
    let pdol = if contactless { &plan.contactless_pdol } else { &plan.pdol };
    let named = |tag| plan.control_information.iter().find(|object| object.tag == tag);
    let put = |own: &mut Writer<'_>, tag, usual: &[u8]| {
        let value = named(tag).map_or(usual, |object| &object.value);
        if !value.is_empty() {
            own.primitive(tag, value);
        }
    };
    let usual = [
        tag::APPLICATION_LABEL,
        tag::APPLICATION_PRIORITY,
        tag::PDOL,
        tag::LANGUAGE_PREFERENCE,
        tag::ISSUER_CODE_TABLE_INDEX,
        tag::APPLICATION_PREFERRED_NAME,
        tag::FCI_DISCRETIONARY,
    ];
    reply.tlv().constructed(tag::FCI_TEMPLATE, |fci| {
        fci.primitive(tag::DF_NAME, plan.aid.as_bytes());
        fci.constructed(tag::FCI_PROPRIETARY, |own| {
            put(own, tag::APPLICATION_LABEL, &plan.label);
            put(own, tag::APPLICATION_PRIORITY, &[plan.priority]);
            put(own, tag::PDOL, pdol);
            put(own, tag::LANGUAGE_PREFERENCE, b"zh");
            let has_name = !plan.preferred_name.is_empty();
            put(own, tag::ISSUER_CODE_TABLE_INDEX, if has_name { &[0x01] } else { &[] });
            put(own, tag::APPLICATION_PREFERRED_NAME, &plan.preferred_name);
            let has_log = plan.transaction_log.is_some() || plan.load_log.is_some();
            if let Some(object) = named(tag::FCI_DISCRETIONARY) {
                if !object.value.is_empty() {
                    own.primitive(tag::FCI_DISCRETIONARY, &object.value);
                }
            } else if has_log {
                own.constructed(tag::FCI_DISCRETIONARY, |logs| log_entries(plan, logs));
            }
            for object in plan.control_information.iter().filter(|one| !usual.contains(&one.tag)) {
                if !object.value.is_empty() {
                    own.primitive(object.tag, &object.value);
                }
            }
        });
    });
}

fn log_entries(plan: &FinancialApplication, out: &mut Writer<'_>) {
    if let Some(log) = &plan.transaction_log {
        out.primitive(tag::TRANSACTION_LOG_ENTRY, &[log.sfi.number(), log.records]);
    }
    if let Some(log) = &plan.load_log {
        out.primitive(tag::LOAD_LOG_ENTRY, &[log.sfi.number(), log.records]);
    }
}

/// Whether an application has a path at all.
fn offers(plan: &FinancialApplication, path: Path) -> bool {
    plan.processing_options.iter().any(|options| options.path == path)
}
