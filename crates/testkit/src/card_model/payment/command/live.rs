//! The live state of a payment, and what is right in it.

use sscard_apdu::tlv::Tag;
use sscard_commands::ins;
use sscard_core::{Interface, ResponseMethod};
use sscard_crypto::financial::{arpc_method_1, arpc_method_2};

use super::super::plan::List;
use super::super::{Lasting, Plan, Session, Stage};
use super::{ScriptCommand, Terminal};
use crate::card_model::CardModel;
use crate::card_model::channel::Selected;

/// Response codes of issuers and terminals.
const CODES: [&[u8; 2]; 8] = [b"00", b"00", b"10", b"11", b"01", b"02", b"05", b"Z1"];

/// Plan, state and transaction of the application on a channel; of the first one where there is none.
pub(in crate::card_model) struct Live<'m> {
    pub(in crate::card_model) plan: &'m Plan,
    pub(in crate::card_model) held: &'m Lasting,
    pub(in crate::card_model) session: &'m Session,
    pub(in crate::card_model) contactless: bool,
    /// Whether the channel is there.
    pub(in crate::card_model) is_open: bool,
    /// Whether a payment application is selected.
    pub(in crate::card_model) is_selected: bool,
    /// Whether a payment directory is.
    pub(in crate::card_model) is_directory: bool,
}

impl<'m> Live<'m> {
    /// `None` on a card without payment applications.
    pub(in crate::card_model) fn of(model: &'m CardModel, channel: u8) -> Option<Self> {
        let open = model.channels.get(usize::from(channel)).and_then(Option::as_ref);
        let is_open = open.is_some();
        let channel = open.or(model.channels.first().and_then(Option::as_ref))?;
        let (place, is_selected) = match channel.selected {
            Selected::Payment(place) => (usize::from(place), true),
            _ => (0, false),
        };
        Some(Self {
            plan: model.plan.payments.get(place)?,
            held: model.lasting.payments.get(place)?,
            session: &channel.payment,
            contactless: model.interface == Interface::Contactless,
            is_open,
            is_selected,
            is_directory: matches!(channel.selected, Selected::Pse | Selected::Ppse),
        })
    }

    /// A data element as it was given last in this transaction.
    pub(super) fn given(&self, tag: Tag) -> Option<&'m [u8]> {
        let (plan, session) = (self.plan, self.session);
        let first = || plan.cdol1.value(tag, &session.cdol1);
        let options = || plan.pdol(session.contactless).value(tag, &session.pdol);
        plan.cdol2.value(tag, &session.cdol2).or_else(first).or_else(options)
    }

    /// The cryptogram that the issuer's answer and its scripts are bound to.
    pub(super) fn cryptogram(&self) -> [u8; 8] {
        self.session.issuer.map_or([0; 8], |issuer| issuer.cryptogram)
    }

    /// A response code: the issuer's own once it has answered, now and then that of a terminal that could not go online.
    pub(super) fn code(&self, choice: u8) -> [u8; 2] {
        match choice {
            0..=15 => *b"Y3",
            16..=47 => *b"Z3",
            _ => *CODES[usize::from(choice & 0x07)],
        }
    }

    /// Issuer authentication data: right mostly.
    pub(super) fn proof(&self, choice: u8, out: &mut Vec<u8>) {
        let start = out.len();
        let cryptogram = self.cryptogram();
        let keys = self.plan.keys(self.session.sm);
        let scheme = &self.plan.application.cryptogram;
        let key = scheme.scheme.session_key(keys.cipher, &keys.cryptogram, self.session.atc);
        match scheme.response {
            ResponseMethod::One => {
                let code = *CODES[usize::from(choice & 0x07)];
                out.extend(arpc_method_1(keys.cipher, &key, &cryptogram, code));
                out.extend(code);
            }
            ResponseMethod::Two => {
                let update = [0x03, if choice & 0x07 < 5 { 0x80 } else { 0x00 }, 0, 0];
                out.extend(arpc_method_2(keys.cipher, &key, &cryptogram, update, &[]));
                out.extend(update);
            }
        }
        match choice >> 4 {
            // Wrong, in the cryptogram or in the code.
            0..=2 => out[start] ^= 1,
            3 => out[start + 9 - usize::from(scheme.response == ResponseMethod::Two) * 2] ^= 1,
            _ => {}
        }
    }

    pub(super) fn options(&self, terminal: Terminal, channel: u8, out: &mut Vec<u8>) {
        let list = self.plan.pdol(self.contactless);
        // The application of a new transaction knows nothing of the last.
        let mut data = vec![0x83, u8::try_from(list.length).unwrap_or(u8::MAX)];
        if list.length > 0x7F {
            data.insert(1, 0x81);
        }
        terminal.fill(self, list, &mut data);
        command([0x80 | channel, ins::GET_PROCESSING_OPTIONS, 0, 0], &data, true, out);
    }

    pub(super) fn sign(&self, terminal: Terminal, channel: u8, out: &mut Vec<u8>) {
        let mut data = Vec::new();
        terminal.fill(self, &self.plan.ddol, &mut data);
        command([channel, ins::INTERNAL_AUTHENTICATE, 0, 0], &data, true, out);
    }

    pub(super) fn generate(
        &self,
        p1: u8,
        second: bool,
        terminal: Terminal,
        channel: u8,
        out: &mut Vec<u8>,
    ) {
        let list: &List = if second { &self.plan.cdol2 } else { &self.plan.cdol1 };
        let mut data = Vec::new();
        terminal.fill(self, list, &mut data);
        command([0x80 | channel, ins::GENERATE_AC, p1, 0], &data, true, out);
    }

    pub(super) fn answer(&self, choice: u8, channel: u8, out: &mut Vec<u8>) {
        let mut data = Vec::new();
        self.proof(choice, &mut data);
        // The issuer's own, up to six bytes; now and then too little.
        match choice & 0x0F {
            0x0F => data.truncate(8 + usize::from(choice >> 7)),
            0x0E => data.extend([0x5A; 6]),
            0x0D => data.extend([0x5A; 7]),
            _ => {}
        }
        command([channel, ins::EXTERNAL_AUTHENTICATE, 0, 0], &data, false, out);
    }

    /// The next step of the transaction; nothing when it is a selection.
    pub(super) fn proceed(
        &self,
        choice: u8,
        terminal: Terminal,
        script: ScriptCommand,
        channel: u8,
        out: &mut Vec<u8>,
    ) -> bool {
        match self.session.stage {
            _ if !self.is_selected => return false,
            Stage::Selected => self.options(terminal, channel, out),
            Stage::Initiated => {
                let p1 = match choice {
                    // Combined with a signature, which takes its time.
                    0 => 0x50,
                    1 => 0x90,
                    2..=31 => {
                        self.verify(choice << 3, terminal.seed(), channel, out);
                        return true;
                    }
                    32..=139 => 0x40,
                    140..=239 => 0x80,
                    _ => 0x00,
                };
                self.generate(p1, false, terminal, channel, out);
            }
            Stage::Online => {
                let is_answered =
                    self.session.issuer.is_some_and(|issuer| issuer.is_right.is_some());
                if choice >= 232 {
                    script.write(self, channel, out);
                } else if !is_answered && choice & 0x03 != 0 {
                    self.answer(terminal.seed(), channel, out);
                } else {
                    let p1 = match choice >> 2 {
                        0 => 0x50,
                        1..=7 => 0x00,
                        _ => 0x40,
                    };
                    self.generate(p1, true, terminal, channel, out);
                }
            }
            Stage::Ended | Stage::EndedAtOnce if self.session.quick.is_some() && choice < 192 => {
                self.read(0, 0, channel, out);
            }
            Stage::Ended | Stage::EndedAtOnce if self.session.issuer.is_some() && choice < 144 => {
                script.write(self, channel, out);
            }
            Stage::Ended | Stage::EndedAtOnce => return false,
        }
        true
    }
}

/// A command with data, and with an Le of 00 where it has data to give.
pub(in crate::card_model) fn command(header: [u8; 4], data: &[u8], gives: bool, out: &mut Vec<u8>) {
    out.extend(header);
    if !data.is_empty() {
        out.push(u8::try_from(data.len()).unwrap_or(u8::MAX));
        out.extend_from_slice(data);
    }
    if gives {
        out.push(0);
    }
}
