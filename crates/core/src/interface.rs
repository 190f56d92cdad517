//! Which side of the card a reader talks to.

/// Which side of the card a reader talks to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Interface {
    /// The contacts (ISO/IEC 7816-3).
    #[default]
    Contact,
    /// The antenna (ISO/IEC 14443-4).
    Contactless,
}

impl Interface {
    pub(crate) const fn is_contactless(self) -> bool {
        matches!(self, Self::Contactless)
    }
}
