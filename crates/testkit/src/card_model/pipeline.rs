//! The way of a command through the model.
//!
//! # Reference
//! ISO/IEC 7816-4 §5; spec/real-cards.md A8 for what goes first: that an application has no such instruction, or not in this class, is said
//! before the channel, chaining and protection are looked at.

use sscard_apdu::{ClassKind, CommandApdu, SecureMessaging, StatusWord};
use sscard_commands::{
    ANY, DIRECTORY, FINANCIAL, PKI, PSAM, Repertoire, SOCIAL, SOCIAL_WITH_PURSE,
};
use sscard_commands::{class, ins};

use super::answer::{Answer, Unknown};
use super::channel::{Chain, Channel, Selected};
use super::lasting::Lasting;
use super::pieces::{Asked, finish, get_response};
use super::plan::Plan;
use super::select::select;
use super::stand::{Outcome, Plain, Stand};
use super::{CardModel, manage_channel, payment, pki, psam, purse, social};

/// Longest chained data field.
const LONGEST_CHAIN: usize = 0xFFFF;

impl CardModel {
    /// The answer to a command.
    pub(super) fn answer(
        &mut self,
        command: &[u8],
        answered: &[u8],
        expected: &mut Vec<u8>,
    ) -> Result<(), String> {
        match self.judge(command, answered, expected) {
            Ok(settled) => settled,
            Err(status) => {
                expected.clear();
                expected.extend_from_slice(&status.to_bytes());
                Ok(())
            }
        }
    }

    fn judge(
        &mut self,
        command: &[u8],
        answered: &[u8],
        expected: &mut Vec<u8>,
    ) -> Result<Result<(), String>, StatusWord> {
        if self.lasting.is_card_blocked && !self.continues(command) {
            return Err(StatusWord::FUNCTION_NOT_SUPPORTED);
        }
        let refused = |model: &mut Self, status| {
            model.forget_on_basic();
            Err(status)
        };
        let Ok(apdu) = CommandApdu::parse(command) else {
            return refused(self, StatusWord::WRONG_LENGTH);
        };
        if apdu.extended && !self.plan.blueprint.extended_length {
            return refused(self, StatusWord::WRONG_LENGTH);
        }
        if matches!(apdu.class.kind(), ClassKind::Reserved | ClassKind::Invalid) {
            return refused(self, StatusWord::CLASS_NOT_SUPPORTED);
        }
        let base = apdu.class.base();
        let number = apdu.class.channel().number();
        if !self.is_open(number) {
            return Err(self.on_closed(base, apdu.ins));
        }
        let plan = self.plan.clone();
        let protocol = self.protocol();
        let is_plain = apdu.class.secure_messaging() == SecureMessaging::None;
        let repertoire = self.repertoire(number);
        let channel = self.channels[usize::from(number)].get_or_insert_default();
        if apdu.ins == ins::GET_RESPONSE && is_plain && !apdu.class.is_chained() {
            let waits = channel.waiting.length() > 0;
            if base == class::INTERINDUSTRY || (waits && base == channel.class) {
                let lasting = &mut self.lasting;
                let settled =
                    get_response(&plan, lasting, channel, &apdu, protocol, answered, expected);
                return Ok(settled);
            }
        }
        channel.waiting.clear();
        let left = channel.next.take();
        // What the application has, in which class, and how it may come.
        if let Err(status) = admit(repertoire, &apdu) {
            channel.chain = None;
            return Err(status);
        }
        let Some(data) = assemble(channel, &apdu)? else {
            expected.extend_from_slice(&StatusWord::SUCCESS.to_bytes());
            return Ok(Ok(()));
        };
        if base == class::INTERINDUSTRY && apdu.ins == ins::MANAGE_CHANNEL {
            let limit = plan.blueprint.channels;
            let (number, status) = manage_channel::manage(&mut self.channels, &apdu, limit);
            expected.extend(number);
            expected.extend_from_slice(&status.to_bytes());
            return Ok(Ok(()));
        }
        let plain = Plain {
            class: base,
            ins: apdu.ins,
            p1: apdu.p1,
            p2: apdu.p2,
            data: &data,
            ne: apdu.ne,
            protected: !is_plain,
        };
        let session = channel.social;
        let file = channel.pki.file_pointer();
        let selects = base == class::INTERINDUSTRY && apdu.ins == ins::SELECT;
        // A selection moves more than the place in the file system; no answer of one is longer than a short Le can say.
        let unmoved = (selects && (1..256).contains(&apdu.ne)).then(|| channel.clone());
        let mut kept = self.lasting.clone();
        let interface = self.interface;
        let Some(Some(channel)) = self.channels.get_mut(usize::from(number)) else {
            return Err(StatusWord::NO_PRECISE_DIAGNOSIS);
        };
        let mut stand = Stand {
            plan: &plan,
            lasting: &mut self.lasting,
            kept: &mut kept,
            trail: self.trail.as_mut(),
            channel,
            interface,
            left,
        };
        let mut answer = Answer::default();
        let outcome = carry_out(&apdu, plain, selects, &mut stand, &mut answer);
        let status = outcome.unwrap_or_else(|status| {
            answer.clear();
            self.lasting.clone_from(&kept);
            status
        });
        let channel = self.channels[usize::from(number)].get_or_insert_default();
        let asked = Asked {
            protocol,
            lenient_le: plan.blueprint.lenient_le,
            selects,
            with_data: !apdu.data.is_empty(),
            repeatable: !answers_once(&plan, channel.selected, apdu.ins),
            ne: apdu.ne,
            extended: apdu.extended,
        };
        let is_wrong_le = answer_is_refused(&answer, asked);
        let lasting = &mut self.lasting;
        let settled = finish(&plan, lasting, channel, asked, answer, status, answered, expected);
        channel.class = base;
        if is_wrong_le {
            channel.social = session;
            channel.pki.restore_file_pointer(file);
            if let Some(unmoved) = unmoved {
                *channel = unmoved;
                channel.class = base;
            }
            self.lasting = kept;
        }
        Ok(settled)
    }

    /// A card that CARD BLOCK ended lets nothing through but the end of a transaction that had begun.
    fn continues(&self, command: &[u8]) -> bool {
        let Ok(apdu) = CommandApdu::parse(command) else { return false };
        let number = usize::from(apdu.class.channel().number());
        let Some(Some(channel)) = self.channels.get(number) else { return false };
        apdu.ins != ins::SELECT
            && matches!(channel.selected, Selected::Payment(_))
            && channel.payment.is_running()
    }

    /// A command that no channel can be read from was one on the basic channel all the same.
    fn forget_on_basic(&mut self) {
        if let Some(Some(basic)) = self.channels.first_mut() {
            basic.next = None;
        }
    }

    fn is_open(&self, number: u8) -> bool {
        self.channels.get(usize::from(number)).is_some_and(Option::is_some)
    }

    /// What is in none of the card's applications is not there on a closed channel either.
    fn on_closed(&self, class: u8, ins: u8) -> StatusWord {
        let blueprint = &self.plan.blueprint;
        let known = match (&blueprint.psam, blueprint.financial.applications.is_empty()) {
            (Some(_), _) => &PSAM,
            (None, true) => &SOCIAL,
            (None, false) => &ANY,
        };
        known.judge(class, ins).err().unwrap_or(StatusWord::LOGICAL_CHANNEL_NOT_SUPPORTED)
    }

    fn repertoire(&self, number: u8) -> &'static Repertoire {
        let Some(Some(channel)) = self.channels.get(usize::from(number)) else { return &SOCIAL };
        match channel.selected {
            Selected::Files if self.plan.blueprint.psam.is_some() => &PSAM,
            Selected::Files if self.plan.social.purse_df() == Some(channel.social.df()) => {
                &SOCIAL_WITH_PURSE
            }
            Selected::Files => &SOCIAL,
            Selected::Pse | Selected::Ppse => &DIRECTORY,
            Selected::Payment(_) => &FINANCIAL,
            Selected::PkiEnvironment | Selected::PkiApplication => &PKI,
        }
    }

    pub(super) fn protocol(&self) -> sscard_core::Protocol {
        match self.interface {
            sscard_core::Interface::Contact => self.plan.blueprint.protocol,
            sscard_core::Interface::Contactless => sscard_core::Protocol::T1,
        }
    }
}

fn admit(repertoire: &Repertoire, apdu: &CommandApdu<'_>) -> Result<(), StatusWord> {
    let (base, ins) = (apdu.class.base(), apdu.ins);
    repertoire.judge(base, ins)?;
    let is_plain = apdu.class.secure_messaging() == SecureMessaging::None;
    if apdu.class.is_chained() && !(repertoire.chains(base, ins) && is_plain) {
        return Err(StatusWord::COMMAND_CHAINING_NOT_SUPPORTED);
    }
    if base != class::INTERINDUSTRY {
        return Ok(());
    }
    match ins {
        ins::GET_RESPONSE => Err(StatusWord::CLASS_NOT_SUPPORTED),
        ins::SELECT | ins::MANAGE_CHANNEL if !is_plain => {
            Err(StatusWord::SECURE_MESSAGING_NOT_SUPPORTED)
        }
        _ => Ok(()),
    }
}

/// The data of a command with that of the parts before it; nothing when more is to come.
fn assemble(channel: &mut Channel, apdu: &CommandApdu<'_>) -> Result<Option<Vec<u8>>, StatusWord> {
    let header = [apdu.class.without_chaining().byte(), apdu.ins, apdu.p1, apdu.p2];
    let mut data = match channel.chain.take() {
        Some(chain) if chain.header == header => chain.data,
        _ => Vec::new(),
    };
    if data.len() + apdu.data.len() > LONGEST_CHAIN {
        return Err(StatusWord::WRONG_LENGTH);
    }
    data.extend_from_slice(apdu.data);
    if apdu.class.is_chained() {
        channel.chain = Some(Chain { header, data });
        return Ok(None);
    }
    Ok(Some(data))
}

fn carry_out(
    apdu: &CommandApdu<'_>,
    plain: Plain<'_>,
    selects: bool,
    stand: &mut Stand<'_>,
    answer: &mut Answer,
) -> Outcome {
    if selects {
        return select(plain, stand, answer);
    }
    match apdu.class.secure_messaging() {
        SecureMessaging::None | SecureMessaging::Proprietary => {}
        _ => return Err(StatusWord::SECURE_MESSAGING_NOT_SUPPORTED),
    }
    match stand.channel.selected {
        Selected::Files if plain.class == class::PURSE => purse::process(plain, stand, answer),
        Selected::Files if stand.plan.psam.is_some() => psam::process(apdu, plain, stand, answer),
        Selected::Files => social::process(apdu, plain, stand, answer),
        Selected::PkiEnvironment | Selected::PkiApplication => {
            pki::process(apdu, plain, stand, answer)
        }
        Selected::Pse | Selected::Ppse => payment::process_directory(plain, stand, answer),
        Selected::Payment(_) => payment::process(plain, stand, answer),
    }
}

/// Whether the answer moves a state on, and so cannot be given twice: it waits instead of being refused for its Le.
fn answers_once(plan: &Plan, selected: Selected, ins: u8) -> bool {
    use sscard_commands::Application;
    let application = match selected {
        Selected::Files if plan.psam.is_some() => Application::Psam,
        Selected::Files => Application::Purse,
        Selected::Payment(_) => Application::Financial,
        Selected::PkiEnvironment | Selected::PkiApplication => Application::Pki,
        Selected::Pse | Selected::Ppse => return false,
    };
    sscard_commands::answers_once(application, ins)
}

fn answer_is_refused(answer: &Answer, asked: Asked) -> bool {
    super::pieces::is_refused(answer.data.len(), asked)
}

/// Random bytes were seen: the channel keeps what they are for.
pub(super) fn settle(
    plan: &Plan,
    lasting: &mut Lasting,
    channel: &mut Channel,
    what: &Unknown,
    bytes: &[u8],
) -> Result<(), String> {
    match what {
        Unknown::Challenge => channel.challenge = Some(bytes.to_vec()),
        Unknown::Purse(what) => return purse::settle(plan, channel, *what, bytes),
        Unknown::Pki(what) => return pki::settle(lasting, what, bytes),
        Unknown::Free => {}
        Unknown::Payment(what) => return payment::settle(&plan.payments, channel, what, bytes),
    }
    Ok(())
}
