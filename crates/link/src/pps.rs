//! Protocol and parameters selection (ISO/IEC 7816-3:2006 §9).

use sscard_apdu::atr::Atr;

/// PPSS: no CLA of T=0 and no NAD of T=1 has this value.
pub const INITIAL: u8 = 0xFF;

/// One request or response.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pps {
    /// The protocol, 0…14.
    pub protocol: u8,
    /// PPS1: Fi and Di as TA1 has them; absent for 372 and 1.
    pub rates: Option<u8>,
    /// PPS2: use of contact SPU.
    pub second: Option<u8>,
    /// PPS3, reserved.
    pub third: Option<u8>,
}

impl Pps {
    /// A request for a protocol at the default rate.
    #[must_use]
    pub const fn new(protocol: u8) -> Self {
        Self { protocol: protocol & 0x0F, rates: None, second: None, third: None }
    }

    /// PPSS, PPS0, what is there of PPS1 to PPS3, PCK.
    #[must_use]
    pub fn to_bytes(self) -> Vec<u8> {
        let places = [(self.rates, 0x10), (self.second, 0x20), (self.third, 0x40)];
        let announced = places.iter().filter(|(byte, _)| byte.is_some());
        let announced = announced.fold(0, |bits, (_, bit)| bits | bit);
        let mut bytes = vec![INITIAL, announced | self.protocol & 0x0F];
        bytes.extend(places.iter().filter_map(|(byte, _)| *byte));
        bytes.push(bytes.iter().fold(0, |sum, byte| sum ^ byte));
        bytes
    }

    /// How many bytes it has, by PPS0.
    #[must_use]
    pub const fn length(pps0: u8) -> usize {
        match (pps0 >> 4 & 0x07).count_ones() {
            0 => 3,
            1 => 4,
            2 => 5,
            _ => 6,
        }
    }

    /// What these bytes say; `None` when they are none or PCK is wrong.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (&[INITIAL, pps0], rest) = bytes.split_first_chunk()? else { return None };
        if bytes.len() != Self::length(pps0) || bytes.iter().fold(0, |sum, byte| sum ^ byte) != 0 {
            return None;
        }
        let mut rest = rest.iter().copied();
        let mut next = |bit: u8| (pps0 & bit != 0).then(|| rest.next()).flatten();
        let (rates, second, third) = (next(0x10), next(0x20), next(0x40));
        Some(Self { protocol: pps0 & 0x0F, rates, second, third })
    }

    /// What a card with this ATR answers: the protocol when it offers it, the rates when they are its own or
    /// the default ones, never PPS2 and PPS3. `None`: it says nothing, and the reader resets it.
    #[must_use]
    pub fn answer(self, atr: &Atr<'_>) -> Option<Self> {
        let is_offered = atr.protocols().any(|protocol| protocol == self.protocol);
        if !is_offered || atr.specific_mode().is_some() {
            return None;
        }
        let own = atr.interface_bytes(1).ta;
        let rates = self.rates.filter(|rates| *rates == 0x11 || Some(*rates) == own);
        Some(Self { rates, second: None, third: None, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s9_2_request_and_response() {
        let request = Pps { rates: Some(0x18), ..Pps::new(1) };
        assert_eq!(request.to_bytes(), [0xFF, 0x11, 0x18, 0xF6]);
        assert_eq!(Pps::parse(&[0xFF, 0x11, 0x18, 0xF6]), Some(request));
        assert_eq!(Pps::parse(&[0xFF, 0x11, 0x18, 0xF7]), None, "PCK");
        assert_eq!(Pps::parse(&[0xFF, 0x11, 0xEE]), None, "PPS1 is announced");
    }

    #[test]
    fn s9_3_the_card_leaves_out_what_it_does_not_take() {
        let atr = Atr::parse(&[0x3B, 0x90, 0x18, 0x01, 0x89]).expect("an ATR");
        let asked = Pps { rates: Some(0x95), second: Some(0x40), ..Pps::new(1) };
        assert_eq!(asked.answer(&atr), Some(Pps::new(1)));
        let own = Pps { rates: Some(0x18), ..Pps::new(1) };
        assert_eq!(own.answer(&atr), Some(own));
        assert_eq!(Pps::new(0).answer(&atr), None, "not offered");
    }
}
