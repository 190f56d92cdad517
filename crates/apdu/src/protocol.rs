//! Transmission protocols of the contacts.

/// The transmission protocol a card speaks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Protocol {
    /// Half-duplex characters: answers are fetched by GET RESPONSE (ISO/IEC 7816-3 §10).
    T0,
    /// Half-duplex blocks: answers come directly (ISO/IEC 7816-3 §11).
    T1,
}
