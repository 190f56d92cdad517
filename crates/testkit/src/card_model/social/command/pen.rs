//! Writing a command: header, data, protection under the live challenge.

use sscard_commands::ins;
use sscard_core::KeyId;
use sscard_crypto::{SessionKey, Suite};

use super::Truth;
use crate::card_model::CardModel;
use crate::card_model::channel::Channel;
use crate::card_model::social::form::SEPARATOR;
use crate::card_model::social::lasting::Lasting;
use crate::card_model::social::messaging::messaging_key;
use crate::card_model::social::plan::{KnownKey, Plan};
use crate::card_model::social::session::Session;

/// Stands for no Le.
pub(super) const NO_LE: u8 = 0xFF;

/// What writes a command: the state it is written from, and where it goes.
pub(super) struct Pen<'m> {
    pub(super) plan: &'m Plan,
    pub(super) lasting: &'m Lasting,
    /// The channel, while it is open.
    pub(super) open: Option<&'m Channel>,
    pub(super) session: Session,
    pub(super) number: u8,
    out: &'m mut Vec<u8>,
}

impl<'m> Pen<'m> {
    pub(super) fn new(model: &'m CardModel, number: u8, out: &'m mut Vec<u8>) -> Self {
        let open = model.channels.get(usize::from(number)).and_then(Option::as_ref);
        Self {
            plan: &model.plan.social,
            lasting: &model.lasting.social,
            open,
            session: open.map(|channel| channel.social).unwrap_or_default(),
            number,
            out,
        }
    }

    pub(super) fn challenge(&self) -> Option<&'m [u8]> {
        self.open?.challenge.as_deref()
    }

    /// A command as it is.
    pub(super) fn plain(&mut self, class: u8, ins: u8, [p1, p2]: [u8; 2], data: &[u8], le: u8) {
        self.out.extend([class | self.number, ins, p1, p2]);
        if !data.is_empty() {
            self.out.push(u8::try_from(data.len()).unwrap_or(u8::MAX));
            self.out.extend(data);
        }
        if le != NO_LE {
            self.out.push(le);
        }
    }

    /// A command with a MAC under the live challenge, under zeros where there is none.
    pub(super) fn protected(
        &mut self,
        class: u8,
        ins: u8,
        [p1, p2]: [u8; 2],
        body: &[u8],
        truth: Truth,
    ) {
        let class = class | 0x04;
        let lc = u8::try_from(body.len() + 4).unwrap_or(u8::MAX);
        let session = self.messaging_session(ins);
        let header = [class | self.number, ins, p1, p2, lc];
        let mac = session.map_or([0; 4], |session| session.mac_parts(&[&header, body]));
        let data = spoilt([body, &mac].concat(), truth);
        self.plain(class, ins, [p1, p2], &data, NO_LE);
    }

    fn messaging_session(&self, ins: u8) -> Option<SessionKey> {
        let key = messaging_key(self.plan, self.session.df(), ins)?;
        Some(key.suite?.session_key(&key.key, self.challenge().unwrap_or(&[0; 8])))
    }

    /// The block of a PIN, enciphered; a block of another length for what is not one.
    pub(super) fn encipher(&self, pin: &[u8]) -> Vec<u8> {
        let session = self.messaging_session(ins::PIN_UNBLOCK);
        let enciphered = session.and_then(|session| session.encipher(pin).ok());
        enciphered.unwrap_or_else(|| vec![0; self.plan.suite.map_or(8, Suite::block_length)])
    }

    /// EXTERNAL AUTHENTICATE; version 0 for none.
    pub(super) fn prove(&mut self, id: KeyId, version: u8, key: Option<&KnownKey>, truth: Truth) {
        let original = [0xC5; 8];
        let right = key.and_then(|key| {
            let session = key.suite?.session_key(&key.key, self.challenge()?);
            Some(session.authentication_data(&original))
        });
        let shown = right.unwrap_or([0; 8]);
        let mut data = [&shown[..], &original, &[version]].concat();
        if version == 0 {
            data.pop();
        }
        if truth == Truth::Wrong {
            data[0] ^= 0x01;
        }
        let data = if truth == Truth::Wrong { data } else { spoilt(data, truth) };
        self.plain(0x00, ins::EXTERNAL_AUTHENTICATE, [0, id.0], &data, NO_LE);
    }

    pub(super) fn verify(&mut self, truth: Truth) {
        let pin = spoilt(self.lasting.pin.to_vec(), truth);
        self.plain(0x00, ins::VERIFY, [0, 0], &pin, NO_LE);
    }

    pub(super) fn change(&mut self, new: &[u8], truth: Truth) {
        let old = spoilt(self.lasting.pin.to_vec(), truth);
        let data = [&old, &[SEPARATOR][..], new].concat();
        self.plain(0x80, ins::CHANGE_PIN, [1, 0], &data, NO_LE);
    }
}

/// Data that ends in what proves something, right or wrong.
fn spoilt(mut data: Vec<u8>, truth: Truth) -> Vec<u8> {
    match truth {
        Truth::Right => {}
        Truth::Wrong => {
            if let Some(last) = data.last_mut() {
                *last ^= 0x10;
            }
        }
        Truth::Short => {
            data.pop();
        }
        Truth::Long => data.push(0x00),
    }
    data
}
