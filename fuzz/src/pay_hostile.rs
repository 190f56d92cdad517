//! Payments with a card that lies: the terminal ends each of them, and approves no other cryptogram
//! than the card's own.

use sscard_apdu::tlv::Writer;
use sscard_commands::Command;
use sscard_core::{Card, Protocol};
use sscard_elements::{CryptogramInformationData, tag};
use sscard_host::{Disposition, Follow, Transport, TransportError};
use sscard_profile::{MasterKeys, issue, load, synthetic_holder};
use sscard_terminal::payment::{Outcome, Settings, TestIssuer, pay};

/// A terminal, and a card powered for it.
struct Till {
    settings: Settings,
    card: Card,
}

std::thread_local! {
    static TILLS: Vec<Till> = settings().into_iter().map(till).collect();
}

/// Combined, dynamic, static, none; SM; e-cash; qPBOC with either family.
fn settings() -> Vec<Settings> {
    let contact = |method| Settings {
        amount: 500,
        capabilities: [0xE0, 0xE8, method],
        pin: Some("123456".to_owned()),
        ..Settings::default()
    };
    let cash =
        Settings { online: false, electronic_cash: true, floor_limit: u64::MAX, ..contact(0x08) };
    let quick = Settings { contactless: true, ..contact(0x08) };
    vec![
        contact(0x08),
        contact(0x40),
        contact(0x80),
        contact(0x00),
        Settings { sm: true, ..contact(0x08) },
        cash,
        quick.clone(),
        Settings { sm: true, ..quick },
    ]
}

fn till(settings: Settings) -> Till {
    let profile = load("base = \"gen2\"\nprotocol = \"T=1\"").expect("a profile");
    let mut card =
        issue(&profile, &synthetic_holder(7), &MasterKeys::test()).expect("a card of it");
    let powered = if settings.contactless { card.enter_field() } else { card.power_on() };
    powered.expect("no cut is armed");
    Till { settings, card }
}

/// The card, and what is left of the bytes that say how it lies.
struct Liar<'b> {
    card: Card,
    bytes: &'b [u8],
}

impl Liar<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    /// One instruction; none is left when the bytes are.
    fn change(&mut self, response: &mut Vec<u8>) -> Option<()> {
        match self.byte()? {
            // Bits of a byte.
            0x80..=0x9F => {
                let place = usize::from(self.byte()?);
                let bits = self.byte()?;
                if let Some(byte) = response.get_mut(place) {
                    *byte ^= bits;
                }
            }
            // Cut short, the status word stays.
            0xA0..=0xBF => {
                let length = usize::from(self.byte()?);
                let end = response.len().saturating_sub(2);
                response.drain(length.min(end)..end);
            }
            // Other bytes.
            0xC0..=0xDF => {
                let length = usize::from(self.byte()?).min(self.bytes.len());
                let (answer, rest) = self.bytes.split_at(length);
                self.bytes = rest;
                response.clear();
                response.extend_from_slice(answer);
            }
            // Other bytes in the middle.
            0xE0..=0xFF => {
                let place = usize::from(self.byte()?).min(response.len());
                let length = usize::from(self.byte()?).min(self.bytes.len());
                let (inserted, rest) = self.bytes.split_at(length);
                self.bytes = rest;
                response.splice(place..place, inserted.iter().copied());
            }
            _ => {}
        }
        Some(())
    }
}

impl Transport for Liar<'_> {
    fn atr(&self) -> &[u8] {
        &[]
    }

    fn protocol(&self) -> Protocol {
        Protocol::T1
    }

    fn exchange(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        self.card.transmit(command, response);
        self.change(response);
        Ok(())
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        Ok(())
    }

    fn close(self: Box<Self>, _: Disposition) -> Result<(), TransportError> {
        Ok(())
    }
}

/// The first byte chooses terminal and card; then one instruction for each answer: below 80 it passes,
/// 80 changes a byte, A0 cuts, C0 replaces, E0 inserts.
///
/// # Panics
/// When a payment is approved for another transaction than the card's latest, or for another amount
/// than the terminal's, or when the terminal panics.
pub fn pay_hostile(bytes: &[u8]) {
    let Some((which, bytes)) = bytes.split_first() else { return };
    TILLS.with(|tills| {
        let till = &tills[usize::from(*which) % tills.len()];
        let liar = Liar { card: till.card.clone(), bytes };
        let mut liar = Follow::new(liar);
        let paid = pay(&mut liar, &mut TestIssuer::default(), &till.settings);
        let mut card = liar.into_inner().card;
        let Ok(payment) = paid else { return };
        if payment.outcome != Outcome::Approved {
            return;
        }
        let last = payment.second.or(payment.first).expect("an approval has a cryptogram");
        assert_eq!(last.cid.kind(), CryptogramInformationData::TC, "an approval is a TC");
        let mut counter = Vec::new();
        let mut command = Vec::new();
        let get = Command::GetData { tag: tag::TRANSACTION_COUNTER, ne: 256 };
        get.apdu().emit(&mut command).expect("is short");
        card.transmit(&command, &mut counter);
        let mut expected = Vec::new();
        Writer::new(&mut expected).primitive(tag::TRANSACTION_COUNTER, &last.atc);
        expected.extend([0x90, 0x00]);
        assert_eq!(counter, expected, "the card's latest transaction");
        let amount = payment.data.value(tag::AMOUNT_AUTHORISED);
        assert_eq!(amount, Some(&[0, 0, 0, 0, 5, 0][..]), "the terminal's amount");
    });
}
