//! Issuer scripts, written with the right MAC mostly.

use sscard_apdu::bcd;
use sscard_apdu::tlv::{Tag, Writer};
use sscard_commands::ins;
use sscard_crypto::financial::{
    encipher_script, pin_change_block, pin_from_format_2, script_mac, with_odd_parity,
};
use sscard_elements::tag;

use super::Live;

/// A script command, as the bytes of a record make it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScriptCommand {
    kind: u8,
    fault: u8,
    value: u8,
    seed: u8,
}

/// What is wrong with a script.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    None,
    Mac,
    NoMac,
    Unprotected,
    Parameters,
    Length,
    Value,
    OtherCounter,
    OtherFamily,
}

/// What PUT DATA may name, with the balance twice.
const TAGS: [Tag; 16] = [
    tag::CASH_BALANCE,
    tag::CASH_BALANCE,
    tag::CASH_BALANCE_LIMIT,
    tag::CASH_SINGLE_LIMIT,
    tag::CASH_RESET_THRESHOLD,
    tag::CARD_CVM_LIMIT,
    tag::CUMULATIVE_LIMIT,
    tag::CUMULATIVE_UPPER_LIMIT,
    tag::DUAL_CUMULATIVE_LIMIT,
    tag::CONVERSION_FACTOR,
    tag::INTERNATIONAL_COUNTRY_LIMIT,
    tag::INTERNATIONAL_CURRENCY_LIMIT,
    tag::LOWER_OFFLINE_LIMIT_OF_CARD,
    tag::UPPER_OFFLINE_LIMIT_OF_CARD,
    tag::DEFAULT_ACTION,
    tag::TRANSACTION_COUNTER,
];
const UNBLOCK: ([u8; 4], Vec<u8>) = ([0x84, ins::APPLICATION_UNBLOCK, 0, 0], Vec::new());
/// PINs that a change brings.
const PINS: [&str; 4] = ["123456", "1234", "000000", "987654321012"];
/// Most bytes of a record that fit into a script.
const LONGEST_RECORD: usize = 240;

impl ScriptCommand {
    pub(super) fn decode([kind, fault, value, seed, ..]: [u8; 7]) -> Self {
        Self { kind, fault, value, seed }
    }

    fn fault(self) -> Fault {
        match self.fault {
            0..=207 => Fault::None,
            208..=215 => Fault::Mac,
            216..=219 => Fault::NoMac,
            220..=223 => Fault::Unprotected,
            224..=229 => Fault::Parameters,
            230..=235 => Fault::Length,
            236..=247 => Fault::Value,
            248..=251 => Fault::OtherCounter,
            252..=255 => Fault::OtherFamily,
        }
    }

    /// Class, instruction, P1 and P2, and what stands in front of the MAC.
    fn command(self, live: &Live<'_>) -> ([u8; 4], Vec<u8>) {
        let is_wrong = self.fault() == Fault::Value;
        match self.kind {
            // A blocked application has no other way back.
            0..=127 if live.held.is_blocked => UNBLOCK,
            0..=95 => self.put_data(live, is_wrong),
            96..=143 => self.update_record(live, is_wrong),
            144..=167 => ([0x84, ins::PIN_UNBLOCK, 0, 0], Vec::new()),
            168..=183 => ([0x84, ins::PIN_UNBLOCK, 0, 1], self.new_pin(live, true, is_wrong)),
            184..=207 => ([0x84, ins::PIN_UNBLOCK, 0, 2], self.new_pin(live, false, is_wrong)),
            208..=215 => ([0x84, ins::APPLICATION_BLOCK, 0, 0], Vec::new()),
            // It is the end of the card.
            224 if self.seed & 0x07 == 0 => ([0x84, ins::CARD_BLOCK, 0, 0], Vec::new()),
            216..=255 => UNBLOCK,
        }
    }

    fn put_data(self, live: &Live<'_>, is_wrong: bool) -> ([u8; 4], Vec<u8>) {
        let tag = TAGS[usize::from(self.kind & 0x0F)];
        let [high, low] = u16::try_from(tag.number()).unwrap_or_default().to_be_bytes();
        let length = live.held.object(tag).map_or(2, <[u8]>::len);
        let value = match length {
            6 if is_wrong => vec![self.seed | 0x0A; 6],
            6 => bcd::n12(self.amount(live, tag)).to_vec(),
            1 => vec![
                [0, 1, 2, 5, 10, 0xFF, self.seed, self.seed & 0x0F][usize::from(self.value & 7)],
            ],
            4 => vec![self.value & 0x73, self.seed & 0x11, self.seed & 0x77, 0x50],
            other => vec![self.seed; other],
        };
        ([0x04, ins::PUT_DATA, high, low], value)
    }

    /// What makes a difference: amounts beside the limits, and enough to go on.
    fn amount(self, live: &Live<'_>, tag: Tag) -> u64 {
        let object = |tag| live.held.amount(tag).unwrap_or(0);
        let limit = object(tag::CASH_BALANCE_LIMIT);
        match (tag, self.value & 0x0F) {
            (tag::CASH_BALANCE, 0..=5) => limit.saturating_sub(u64::from(self.seed) * 100),
            (tag::CASH_BALANCE, 6..=7) => limit + u64::from(self.seed & 1),
            (tag::CASH_RESET_THRESHOLD, 0..=7) => u64::from(self.seed) * 10,
            (_, 0..=5) => u64::from(self.seed) * 2_000,
            (_, 6..=7) => 50_000,
            (_, 8..=9) => object(tag),
            (_, 10..=11) => u64::from(self.seed) * 100,
            (_, 12) => 0,
            (_, 13) => object(tag::CASH_BALANCE),
            (_, 14) => 999_999_999_999,
            _ => live.held.sum,
        }
    }

    fn update_record(self, live: &Live<'_>, is_wrong: bool) -> ([u8; 4], Vec<u8>) {
        let records = &live.held.records;
        let Some(record) = records.get(usize::from(self.seed) % records.len().max(1)) else {
            return ([0x04, ins::UPDATE_RECORD, 1, 0x0C], vec![0x70, 0x00]);
        };
        let number = if self.value & 0xF0 == 0xF0 { record.number + 7 } else { record.number };
        let header = [0x04, ins::UPDATE_RECORD, number, record.sfi << 3 | 0x04];
        let mut content = record.content[..record.content.len().min(LONGEST_RECORD)].to_vec();
        match self.value & 0x07 {
            0 => content.clear(),
            1 => content = vec![0x5F, 0x34, 0x01, self.seed],
            2 => content = vec![0x9F, 0x63, 0x02, self.seed, self.value],
            3 => content = [&[0x57, 0x03, self.seed, 0xD2, 0x99], &content[..]].concat(),
            4 => content
                .resize((record.capacity + usize::from(self.seed & 1)).min(LONGEST_RECORD), 0),
            _ => {}
        }
        let mut body = Vec::new();
        let template = if is_wrong && self.seed & 1 == 0 {
            tag::RESPONSE_FORMAT_2
        } else {
            tag::RECORD_TEMPLATE
        };
        Writer::new(&mut body).primitive(template, &content);
        if is_wrong && self.seed & 1 == 1 {
            body.extend([0x5F, 0x34, 0x00]);
        }
        (header, body)
    }

    /// An enciphered block of a new PIN.
    fn new_pin(self, live: &Live<'_>, with_old: bool, is_wrong: bool) -> Vec<u8> {
        let keys = live.plan.keys(live.session.sm);
        let adjusts = !live.session.sm && !live.plan.application.options.unadjusted_pin_key;
        let card = &keys.encipherment;
        let card = if adjusts { with_odd_parity(card) } else { card.clone() };
        let old = pin_from_format_2(&live.held.pin).filter(|_| with_old);
        let pin = PINS[usize::from(self.seed & 0x03)];
        let block = pin_change_block(&card, pin, old.as_ref().map(|old| old.as_str()));
        let mut block = block.map_or([0; 8], |block| *block);
        if is_wrong {
            block[1] ^= 0xFF;
        }
        let scheme = live.plan.application.cryptogram.scheme.script_keys();
        let key =
            scheme.for_script(keys.cipher, &keys.encipherment, live.session.atc, live.cryptogram());
        encipher_script(keys.cipher, &key, &block).unwrap_or_default()
    }

    pub(super) fn write(self, live: &Live<'_>, channel: u8, out: &mut Vec<u8>) {
        let (mut header, mut body) = self.command(live);
        let fault = self.fault();
        match fault {
            Fault::Parameters => header[3] ^= 0x03 | self.seed << 2,
            Fault::Length if body.is_empty() || self.seed & 1 == 0 => body.push(self.seed),
            Fault::Length => drop(body.pop()),
            _ => {}
        }
        let lc = u8::try_from(body.len() + 4).unwrap_or(u8::MAX);
        let [class, ins, p1, p2] = header;
        let sm = live.session.sm != (fault == Fault::OtherFamily);
        let mut atc = live.session.atc;
        atc[1] ^= u8::from(fault == Fault::OtherCounter);
        let keys = live.plan.keys(sm);
        let scheme = live.plan.application.cryptogram.scheme.script_keys();
        let key = scheme.for_script(keys.cipher, &keys.mac, live.session.atc, live.cryptogram());
        let mac = script_mac(
            keys.cipher,
            &key,
            [class, ins, p1, p2, lc],
            atc,
            &live.cryptogram(),
            &body,
            live.plan.fold(),
        );
        if fault != Fault::NoMac {
            body.extend(mac);
        }
        if fault == Fault::Mac
            && let Some(last) = body.last_mut()
        {
            *last ^= 1 << (self.seed & 0x07);
        }
        if fault == Fault::Unprotected {
            header[0] &= !0x04;
        }
        header[0] |= channel;
        super::command(header, &body, false, out);
    }
}
