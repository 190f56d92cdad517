//! A card whose answers are changed on the way to the terminal.

use sscard_apdu::tlv::{Reader, Tag, Writer};
use sscard_core::{Card, Protocol};
use sscard_host::{Disposition, Follow, InProcess, Transport, TransportError};
use sscard_profile::{MasterKeys, issue, load, synthetic_holder};
use sscard_terminal::payment::{Issuer, Payment, PaymentError, Settings, pay};

/// What is done to an answer: the command, and data with status word.
pub(super) type Change<'c> = &'c mut dyn FnMut(&[u8], &mut Vec<u8>);

/// A card on T=1, where one command is one answer.
pub(super) fn card(financial: &str) -> Card {
    let text = format!("base = \"gen2\"\nprotocol = \"T=1\"\n[financial]\n{financial}");
    issue(&load(&text).expect("profile"), &synthetic_holder(7), &MasterKeys::test()).expect("card")
}

struct Liar<'c> {
    card: InProcess,
    change: Change<'c>,
}

impl Transport for Liar<'_> {
    fn atr(&self) -> &[u8] {
        self.card.atr()
    }

    fn protocol(&self) -> Protocol {
        self.card.protocol()
    }

    fn exchange(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        self.card.transmit(command, response)?;
        (self.change)(command, response);
        Ok(())
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.card.reset()
    }

    fn close(self: Box<Self>, _: Disposition) -> Result<(), TransportError> {
        Ok(())
    }
}

/// A payment with a card that lies.
pub(super) fn pay_card(
    card: Card,
    settings: &Settings,
    issuer: &mut dyn Issuer,
    change: Change<'_>,
) -> Result<Payment, PaymentError> {
    let card =
        if settings.contactless { InProcess::enter_field(card) } else { InProcess::power_on(card) };
    pay(&mut Follow::new(Liar { card: card.expect("power"), change }), issuer, settings)
}

/// A payment with a card that does not.
pub(super) fn honest(card: Card, settings: &Settings, issuer: &mut dyn Issuer) -> Payment {
    let payment = pay_card(card, settings, issuer, &mut |_, _| ());
    payment.unwrap_or_else(|error| panic!("{error}"))
}

/// Gives every object of tag `tag` inside templates another value, `None` takes it out.
pub(super) fn rewrite(
    response: &mut Vec<u8>,
    tag: u32,
    value: &mut dyn FnMut(&[u8]) -> Option<Vec<u8>>,
) {
    let Some((data, status)) = response.split_last_chunk::<2>() else { return };
    let mut out = Vec::new();
    let mut writer = Writer::new(&mut out);
    for template in Reader::new(data) {
        let Ok(template) = template else { return };
        if !template.tag.is_constructed() {
            return;
        }
        writer.constructed(template.tag, |inner| {
            for object in template.children().map_while(Result::ok) {
                if object.tag != Tag::from_number(tag) {
                    inner.primitive(object.tag, object.value);
                } else if let Some(value) = value(object.value) {
                    inner.primitive(object.tag, &value);
                }
            }
        });
    }
    out.extend_from_slice(status);
    *response = out;
}

pub(super) fn replaced(tag: u32, value: Vec<u8>) -> impl FnMut(&[u8], &mut Vec<u8>) {
    move |_, response| rewrite(response, tag, &mut |_| Some(value.clone()))
}

pub(super) fn removed(tag: u32) -> impl FnMut(&[u8], &mut Vec<u8>) {
    move |_, response| rewrite(response, tag, &mut |_| None)
}
