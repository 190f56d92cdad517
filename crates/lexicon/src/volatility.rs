//! Which values differ from one session to the next.

use sscard_apdu::tlv::Tag;

/// Whether a value comes again when a session is repeated.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Volatility {
    /// The same state gives the same value.
    #[default]
    Fixed,
    /// Counted up from transaction to transaction.
    Counter,
    /// Random, or computed from something random: challenges, cryptograms, MACs, signatures.
    Random,
}

impl Volatility {
    /// That of a data element.
    #[must_use]
    pub const fn of_element(tag: Tag) -> Self {
        match tag.number() {
            // Unpredictable numbers, cryptograms, signatures, issuer authentication data.
            0x91 | 0x9F26 | 0x9F37 | 0x9F4B | 0x9F4C => Self::Random,
            // ATC, last online ATC, PIN tries, the terminal's sequence counter.
            0x9F13 | 0x9F17 | 0x9F36 | 0x9F41 => Self::Counter,
            _ => Self::Fixed,
        }
    }
}
