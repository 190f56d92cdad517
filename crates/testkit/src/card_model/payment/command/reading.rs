//! READ RECORD, GET DATA and VERIFY.

use sscard_apdu::tlv::Tag;
use sscard_commands::ins;
use sscard_core::Log;
use sscard_crypto::financial::format_2_block;
use sscard_elements::tag;

use super::super::Challenge;
use super::{Live, command};

/// What every card has, and what none gives.
const TAGS: [Tag; 12] = [
    tag::TRANSACTION_COUNTER,
    tag::LAST_ONLINE_COUNTER,
    tag::PIN_TRY_COUNTER,
    tag::TRANSACTION_LOG_FORMAT,
    tag::LOAD_LOG_FORMAT,
    tag::CASH_BALANCE,
    tag::AVAILABLE_OFFLINE_AMOUNT,
    tag::CARD_AUTHENTICATION_DATA,
    tag::CARD_QUALIFIERS,
    tag::ISSUER_APPLICATION_DATA,
    tag::PRIMARY_ACCOUNT_NUMBER,
    tag::CRYPTOGRAM,
];
/// PINs beside the right one.
const PINS: [&str; 4] = ["000000", "1234", "123456", "999999999999"];

impl Live<'_> {
    /// READ RECORD: of a directory, of the last record that a quick transaction counts with, of any record or log.
    pub(super) fn read(&self, choice: u8, number: u8, channel: u8, out: &mut Vec<u8>) {
        let application = &self.plan.application;
        let planned = &application.records;
        let place = usize::from(number) % planned.len().max(1);
        let any = planned.get(place).map_or((1, 1), |one| (one.sfi.number(), one.number));
        let last = self.session.quick.as_ref().map(|end| end.last);
        let log = |log: &Option<Log>| log.as_ref().map_or(11, |log| log.sfi.number());
        let (sfi, number) = match choice {
            _ if self.is_directory => (if choice < 224 { 1 } else { 2 }, number % 4),
            0..=95 => last.unwrap_or(any),
            96..=159 => any,
            160..=191 => (log(&application.transaction_log), number % 12),
            192..=227 => (log(&application.load_log), number % 12),
            228..=239 => (any.0, number),
            _ => (choice & 0x1F, number & 0x03),
        };
        let p2 = if choice == 255 { number } else { sfi << 3 | 0x04 };
        out.extend([channel, ins::READ_RECORD, number, p2, 0]);
    }

    /// GET DATA.
    pub(super) fn data(&self, choice: u8, channel: u8, out: &mut Vec<u8>) {
        let held = self.held.objects.iter().map(|(tag, _)| *tag);
        let tags = TAGS.into_iter().chain(held);
        let count = TAGS.len() + self.held.objects.len();
        let tag = tags.into_iter().nth(usize::from(choice) % count).unwrap_or(TAGS[0]);
        let [high, low] = u16::try_from(tag.number()).unwrap_or_default().to_be_bytes();
        out.extend([0x80 | channel, ins::GET_DATA, high, low, 0]);
    }

    /// VERIFY: the right PIN mostly.
    pub(super) fn verify(&self, choice: u8, seed: u8, channel: u8, out: &mut Vec<u8>) {
        let mut block = self.held.pin;
        match choice {
            0..=159 => {}
            160..=223 => {
                let other = format_2_block(PINS[usize::from(seed & 0x03)]);
                block = other.map_or(block, |other| *other);
            }
            _ => block[usize::from(seed & 0x07)] ^= 1 << (seed >> 3 & 0x07),
        }
        if self.plan.application.options.enciphered_pin && seed & 0xF0 == 0 {
            return self.verify_enciphered(block, seed, channel, out);
        }
        let length = if choice == 255 { usize::from(seed & 0x0F) } else { block.len() };
        let p2 = if choice == 254 { seed } else { 0x80 };
        let data = &block.repeat(2)[..length];
        command([channel, ins::VERIFY, 0, p2], data, false, out);
    }

    /// `7F | block | challenge | filling` under the card's key.
    fn verify_enciphered(&self, block: [u8; 8], seed: u8, channel: u8, out: &mut Vec<u8>) {
        let header = [channel, ins::VERIFY, 0, 0x88];
        let Some((key, _)) = &self.plan.rsa else { return command(header, &block, false, out) };
        let challenge = match self.session.challenge {
            Challenge::Seen(challenge) => challenge,
            _ => [0; 8],
        };
        let head = if seed & 0x0F == 0x0F { 0x6A } else { 0x7F };
        let mut plain = [&[head][..], &block, &challenge].concat();
        plain.resize(key.modulus().len(), seed);
        let data = key.apply(&plain).unwrap_or(plain);
        let short = usize::from(seed & 0x0F == 0x0E);
        command(header, &data[short..], false, out);
    }
}
