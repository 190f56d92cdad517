//! One row of the dictionary, and its columns.

use core::ops::RangeInclusive;

use sscard_apdu::dol::Alignment;
use sscard_apdu::tlv::Tag;

use crate::Bit;

/// A data element.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Element {
    /// Tag.
    pub tag: Tag,
    /// The field's abbreviation, such as `TVR`, when there is one.
    pub abbreviation: Option<&'static str>,
    /// English name.
    pub en: &'static str,
    /// Chinese name.
    pub zh: &'static str,
    /// Where its value comes from.
    pub source: Source,
    /// How its value is coded.
    pub format: Format,
    /// How many bytes its value has.
    pub length: Length,
    /// Templates that it stands in; none for what is read with GET DATA or belongs to the terminal.
    pub templates: &'static [Tag],
    /// Whether its value comes again when a session is repeated.
    pub volatility: Volatility,
    /// What its value is.
    pub content: Content,
}

impl Element {
    /// Whether its value consists of data elements.
    #[must_use]
    pub const fn is_template(&self) -> bool {
        matches!(self.content, Content::Template)
    }

    /// Whether its value may say nothing that is known here: bytes of a key or a certificate, bits of which none is
    /// set, issuer application data of another scheme.
    #[must_use]
    pub const fn is_opaque(&self) -> bool {
        matches!(self.content, Content::Bytes | Content::Bits(_) | Content::IssuerData)
    }
}

/// Where a value comes from (EMV 4.3 book 3 annex A1, column "source").
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// The card.
    Card,
    /// The terminal.
    Terminal,
    /// The issuer, in an authorisation.
    Issuer,
}

/// How a value is coded (EMV 4.3 book 3 §4.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// `a`: letters.
    A,
    /// `an`: letters and digits.
    An,
    /// `ans`: letters, digits and special characters.
    Ans,
    /// `b`: binary, or a combination of bits.
    B,
    /// `cn`: digits, two to a byte, left-aligned, filled with F.
    Cn,
    /// `n`: digits, two to a byte, right-aligned, filled with 0.
    N,
    /// `var.`: variable; any bits.
    Var,
}

impl Format {
    /// On which side a value is cut or filled when a data object list wants another length (EMV 4.3 book 3 §5.4).
    #[must_use]
    pub const fn alignment(self) -> Alignment {
        match self {
            Self::N => Alignment::Numeric,
            Self::Cn => Alignment::CompressedNumeric,
            _ => Alignment::Other,
        }
    }
}

/// How many bytes a value has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Length(Option<(u8, u8)>);

impl Length {
    pub(crate) const ANY: Self = Self(None);

    pub(crate) const fn exactly(bytes: u8) -> Self {
        Self(Some((bytes, bytes)))
    }

    pub(crate) const fn within(least: u8, most: u8) -> Self {
        Self(Some((least, most)))
    }

    /// Fewest to most, where the dictionary limits them.
    #[must_use]
    pub fn range(self) -> Option<RangeInclusive<usize>> {
        self.0.map(|(least, most)| usize::from(least)..=usize::from(most))
    }

    /// Whether so many bytes are possible.
    #[must_use]
    pub fn admits(self, bytes: usize) -> bool {
        self.range().is_none_or(|range| range.contains(&bytes))
    }
}

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
    pub fn of_element(tag: Tag) -> Self {
        crate::element(tag).map_or(Self::Fixed, |element| element.volatility)
    }
}

/// What a value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Content {
    /// Cents of the transaction's currency, six bytes.
    Amount,
    /// Bits, each with its meaning.
    Bits(&'static [Bit]),
    /// Bytes that say nothing by themselves.
    Bytes,
    /// ISO 3166 numeric.
    Country,
    /// ISO 4217 numeric.
    Currency,
    /// Rules of cardholder verification.
    CvmList,
    /// Method, condition and result of cardholder verification.
    CvmResults,
    /// YYMMDD.
    Date,
    /// Digits, two to a byte.
    Digits,
    /// Files and records, four bytes each.
    FileLocator,
    /// Text in GBK.
    Gbk,
    /// The kind of identity document.
    IdentityType,
    /// Key index, cryptogram version, card verification results, discretionary data.
    IssuerData,
    /// File and number of records of a log.
    LogEntry,
    /// A binary number.
    Number,
    /// Tags with lengths.
    ObjectList,
    /// Digits, two to a byte, filled with F.
    Padded,
    /// Rank among applications.
    Priority,
    /// Result and identifier of an issuer script.
    ScriptResult,
    /// What is never shown.
    Secret,
    /// Tags.
    TagList,
    /// Data elements.
    Template,
    /// ASCII.
    Text,
    /// HHMMSS.
    Time,
    /// Account number, separator D, expiry, service code, discretionary data.
    Track2,
    /// The first two digits of ISO 8583's processing code.
    TransactionType,
}
