//! What both ends have agreed upon: protocol, rates, times, sizes (ISO/IEC 7816-3:2006 §8, §10.2, §11.4).

use sscard_apdu::Protocol;
use sscard_apdu::atr::Atr;

use crate::block::ErrorDetection;
use crate::character::{Etu, GUARD_TIME, SHORTEST_GUARD_TIME};

/// Transmission parameters; times are in etu of the rate in use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LineParameters {
    /// The protocol in use.
    pub protocol: Protocol,
    /// Clock rate conversion integer Fi, 372 before a PPS.
    pub fi: u16,
    /// Baud rate adjustment integer Di, 1 before a PPS.
    pub di: u8,
    /// Waiting integer WI of T=0.
    pub waiting_integer: u8,
    /// Block waiting integer BWI of T=1.
    pub block_waiting_integer: u8,
    /// Character waiting integer CWI of T=1.
    pub character_waiting_integer: u8,
    /// Extra guard time N for characters to the card; FF: the least that the protocol has.
    pub extra_guard_time: u8,
    /// Information field size of the card for T=1.
    pub ifsc: u8,
    /// How T=1 checks its blocks.
    pub checked: ErrorDetection,
}

impl LineParameters {
    /// What holds after this ATR until a PPS says otherwise: the default rate, or that of TA1 in specific mode.
    #[must_use]
    pub fn of(atr: &Atr<'_>) -> Self {
        let specific = atr.specific_mode();
        // TA2: bits 1 to 4 name the protocol, bit 5 that TA1 does not count (§8.3).
        let protocol = specific.map_or_else(|| atr.first_protocol(), |ta2| ta2 & 0x0F);
        let uses_ta1 = specific.is_some_and(|ta2| ta2 & 0x10 == 0);
        let rate = uses_ta1.then(|| Some((atr.fi()?, atr.di()?))).flatten();
        let (fi, di) = rate.unwrap_or((372, 1));
        Self {
            protocol: if protocol == 1 { Protocol::T1 } else { Protocol::T0 },
            fi,
            di,
            waiting_integer: atr.waiting_integer(),
            block_waiting_integer: atr.bwi(),
            character_waiting_integer: atr.cwi(),
            extra_guard_time: atr.extra_guard_time(),
            ifsc: atr.ifsc(),
            checked: if atr.uses_crc() { ErrorDetection::Crc } else { ErrorDetection::Lrc },
        }
    }

    /// Work waiting time of T=0, WWT = WI × 960 × Fi/f (§10.2).
    #[must_use]
    pub fn work_waiting_time(&self) -> Etu {
        Etu::from(self.waiting_integer).saturating_mul(960).saturating_mul(self.di.into())
    }

    /// Character waiting time of T=1, CWT = (11 + 2^CWI) etu (§11.4.3).
    #[must_use]
    pub fn character_waiting_time(&self) -> Etu {
        let power = 1_u64.checked_shl(self.character_waiting_integer.into()).unwrap_or(0);
        power.saturating_add(11)
    }

    /// Block waiting time of T=1, BWT = 11 etu + 2^BWI × 960 × 372/f (§11.4.3).
    #[must_use]
    pub fn block_waiting_time(&self) -> Etu {
        let power = 1_u64.checked_shl(self.block_waiting_integer.into()).unwrap_or(0);
        // 372 clock cycles are 372 × Di / Fi etu.
        let cycles = power.saturating_mul(960).saturating_mul(372).saturating_mul(self.di.into());
        cycles.checked_div(self.fi.into()).unwrap_or(cycles).saturating_add(11)
    }

    /// From character to character towards the card (§7.2, §8.3, §11.2).
    #[must_use]
    pub fn guard_time(&self) -> Etu {
        match (self.extra_guard_time, self.protocol) {
            (0xFF, Protocol::T1) => SHORTEST_GUARD_TIME,
            (0xFF, Protocol::T0) => GUARD_TIME,
            (extra, _) => GUARD_TIME.saturating_add(extra.into()),
        }
    }

    /// From character to character of the card.
    #[must_use]
    pub(crate) const fn card_guard_time(&self) -> Etu {
        match self.protocol {
            Protocol::T0 => GUARD_TIME,
            Protocol::T1 => SHORTEST_GUARD_TIME,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> LineParameters {
        LineParameters::of(&Atr::parse(bytes).expect("an ATR"))
    }

    #[test]
    fn s11_4_3_times_of_the_defaults() {
        // TD1 = 81, TD2 = 31, TA3 = FE, TB3 = 45; TCK.
        let parameters = of(&[0x3B, 0x80, 0x81, 0x31, 0xFE, 0x45, 0x8B]);
        assert_eq!(parameters.protocol, Protocol::T1);
        assert_eq!(parameters.ifsc, 0xFE);
        assert_eq!(parameters.character_waiting_time(), 11 + 32);
        assert_eq!(parameters.block_waiting_time(), 11 + 16 * 960);
        assert_eq!(parameters.guard_time(), 12);
    }

    #[test]
    fn s10_2_work_waiting_time_is_9600_etu_by_default() {
        assert_eq!(of(&[0x3B, 0x00]).work_waiting_time(), 9_600);
    }

    #[test]
    fn s8_3_extra_guard_time_255_is_the_least() {
        assert_eq!(of(&[0x3B, 0x40, 0xFF]).guard_time(), 12);
        assert_eq!(of(&[0x3B, 0xC0, 0xFF, 0x01, 0x3E]).guard_time(), 11);
        assert_eq!(of(&[0x3B, 0x40, 0x05]).guard_time(), 17);
    }
}
