//! What a terminal says in answer to the card's lists.

use sscard_apdu::bcd;
use sscard_apdu::tlv::Tag;
use sscard_elements::tag;

use super::Live;

/// A terminal, as the bytes of a record make it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Terminal {
    amount: u8,
    money: u8,
    flags: u8,
    results: u8,
    qualifiers: u8,
    seed: u8,
}

/// Currencies and countries beside the card's own.
const CODES: [[u8; 2]; 4] = [[0x08, 0x40], [0x00, 0x00], [0x09, 0x78], [0x01, 0x56]];

impl Terminal {
    pub(super) fn decode(rest: [u8; 7]) -> Self {
        let [amount, money, flags, results, qualifiers, seed, _] = rest;
        Self { amount, money, flags, results, qualifiers, seed }
    }

    pub(super) fn seed(self) -> u8 {
        self.seed
    }

    /// Appends the data that answer a list; what was given before is mostly said again.
    pub(super) fn fill(self, live: &Live<'_>, list: &super::super::plan::List, out: &mut Vec<u8>) {
        for (tag, place) in &list.entries {
            let end = out.len() + place.len();
            match live.given(*tag).filter(|_| self.flags & 0xC0 != 0xC0 && is_kept(*tag)) {
                Some(value) => out.extend_from_slice(value),
                None => self.value(live, *tag, out),
            }
            out.resize(end, 0);
        }
    }

    fn value(self, live: &Live<'_>, tag: Tag, out: &mut Vec<u8>) {
        match tag {
            tag::AMOUNT_AUTHORISED => out.extend(self.amount(live)),
            tag::AMOUNT_OTHER => out.extend(bcd::n12(if self.flags & 0x20 == 0 { 0 } else { 100 })),
            tag::TRANSACTION_CURRENCY => {
                out.extend(code(live.held.object(tag::RISK_CURRENCY), self.money & 0x0F));
            }
            tag::TERMINAL_COUNTRY => {
                out.extend(code(live.held.object(tag::RISK_COUNTRY), self.money >> 4));
            }
            tag::TERMINAL_VERIFICATION_RESULTS => out.extend(self.results()),
            tag::TRANSACTION_DATE => out.extend([0x26, 0x11, self.seed & 0x17]),
            tag::TRANSACTION_TIME => out.extend([0x12, self.seed & 0x57, 0x01]),
            tag::TRANSACTION_TYPE => out.push(if self.flags & 0x10 == 0 { 0x00 } else { 0x60 }),
            tag::UNPREDICTABLE_NUMBER => {
                out.extend([self.seed, self.amount, self.qualifiers, self.money]);
            }
            tag::CASH_SUPPORT_INDICATOR => out.push(u8::from(self.flags & 0x01 != 0)),
            tag::SM_SUPPORT_INDICATOR => out.push(match self.flags & 0x0E {
                0x0E => 0x02,
                bits => u8::from(bits & 0x02 != 0),
            }),
            tag::TERMINAL_QUALIFIERS => out.extend(self.qualifiers()),
            tag::RESPONSE_CODE => out.extend(live.code(self.seed)),
            tag::ISSUER_AUTHENTICATION_DATA => live.proof(self.seed, out),
            tag::MERCHANT_NAME => out.extend(b"SYNTHETIC SHOP"),
            _ => out.push(self.seed),
        }
    }

    /// Small ones, so that counters and sums come to their limits; and those beside a limit.
    fn amount(self, live: &Live<'_>) -> [u8; 6] {
        let held = live.held;
        let object = |tag| held.amount(tag).unwrap_or(0);
        let near = |limit: u64| (limit + u64::from(self.seed % 3)).saturating_sub(1);
        let cents = match self.amount {
            0..=127 => u64::from(self.amount) * 100 + u64::from(self.seed),
            128..=135 => 0,
            136..=151 => near(object(tag::CASH_BALANCE)),
            152..=167 => near(object(tag::CASH_SINGLE_LIMIT)),
            168..=175 => near(object(tag::CARD_CVM_LIMIT)),
            176..=187 => near(object(tag::CUMULATIVE_LIMIT).saturating_sub(held.sum)),
            188..=199 => near(object(tag::CUMULATIVE_UPPER_LIMIT).saturating_sub(held.sum)),
            200..=211 => near(object(tag::DUAL_CUMULATIVE_LIMIT).saturating_sub(held.dual_sum)),
            212..=219 => {
                near(object(tag::CASH_BALANCE).saturating_sub(object(tag::CASH_RESET_THRESHOLD)))
            }
            220..=227 => near(object(tag::CUMULATIVE_UPPER_LIMIT).saturating_sub(held.dual_sum)),
            228..=247 => u64::from(self.seed) * 1_000,
            248..=251 => 999_999_999_999,
            // No digits: an adder takes them all the same.
            _ => return [self.seed; 6],
        };
        bcd::n12(cents)
    }

    /// Mostly nothing; failed data authentication now and then.
    fn results(self) -> [u8; 5] {
        let first = match self.results {
            0..=199 => 0x00,
            200..=211 => 0x40,
            212..=223 => 0x08,
            224..=235 => 0x04,
            236..=243 => 0x4C,
            other => other,
        };
        [first, 0, self.results & 0x01, 0, 0]
    }

    /// qPBOC mostly, with the wishes of a terminal.
    fn qualifiers(self) -> [u8; 4] {
        let first = match self.qualifiers >> 5 {
            0..=2 => 0x20,
            3 => 0x28,
            4 => 0x36,
            5 => 0x2E,
            6 => 0x40,
            _ => self.results,
        };
        let second = self.qualifiers << 3 & 0x40 | self.qualifiers << 4 & 0x80;
        [
            first,
            second & self.qualifiers << 5,
            0,
            if self.qualifiers & 1 == 0 { 0x00 } else { 0x80 },
        ]
    }
}

/// Whether a terminal says the same of it as before; its number and its results differ by nature.
fn is_kept(tag: Tag) -> bool {
    !matches!(
        tag,
        tag::TERMINAL_VERIFICATION_RESULTS
            | tag::UNPREDICTABLE_NUMBER
            | tag::RESPONSE_CODE
            | tag::ISSUER_AUTHENTICATION_DATA
    )
}

/// The card's own code mostly.
fn code(own: Option<&[u8]>, choice: u8) -> [u8; 2] {
    match (own.and_then(|own| <[u8; 2]>::try_from(own).ok()), choice) {
        (Some(own), 0..=9) => own,
        _ => CODES[usize::from(choice & 0x03)],
    }
}
