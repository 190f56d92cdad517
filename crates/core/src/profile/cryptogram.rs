//! What an application's cryptograms are made of: scheme, version, elements.
//!
//! A card and its issuer's host read the same [`CryptogramPlan`].

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use sscard_apdu::tlv::Tag;
use sscard_crypto::financial::CryptogramScheme;
use sscard_elements::tag;

/// One part of what a cryptogram covers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum CryptogramElement {
    /// A data element that the command's list asks for, so many bytes; zeros when the list lacks it.
    Terminal(#[serde(with = "super::stored::tag_number")] Tag, u8),
    /// The application interchange profile of the transaction, 2 bytes.
    InterchangeProfile,
    /// The transaction counter, 2 bytes.
    TransactionCounter,
    /// The card verification results, 4 bytes.
    Results,
    /// The second byte of the card verification results.
    SecondByteOfResults,
    /// The issuer application data whole.
    IssuerData,
}

/// How an issuer proves that it has seen a cryptogram.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum ResponseMethod {
    /// ARPC (8) and response code (2): EMV Book 2 §8.2.1.
    #[default]
    One,
    /// ARPC (4), card status update (4), issuer's own (0…8): EMV Book 2 §8.2.2.
    Two,
}

/// How an application's cryptograms come about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CryptogramPlan {
    /// Session keys and padding.
    #[serde(with = "super::stored::cryptogram_scheme")]
    pub scheme: CryptogramScheme,
    /// Cryptogram version as it stands in 9F10.
    pub version: u8,
    /// What a cryptogram covers, in this order.
    pub elements: Vec<CryptogramElement>,
    /// The issuer's answer.
    pub response: ResponseMethod,
}

/// Amounts, country, results, currency, date, type and number: what every version begins with
/// (EMV Book 2 table 26).
const TERMINAL: [CryptogramElement; 8] = [
    CryptogramElement::Terminal(tag::AMOUNT_AUTHORISED, 6),
    CryptogramElement::Terminal(tag::AMOUNT_OTHER, 6),
    CryptogramElement::Terminal(tag::TERMINAL_COUNTRY, 2),
    CryptogramElement::Terminal(tag::TERMINAL_VERIFICATION_RESULTS, 5),
    CryptogramElement::Terminal(tag::TRANSACTION_CURRENCY, 2),
    CryptogramElement::Terminal(tag::TRANSACTION_DATE, 3),
    CryptogramElement::Terminal(tag::TRANSACTION_TYPE, 1),
    CryptogramElement::Terminal(tag::UNPREDICTABLE_NUMBER, 4),
];

impl Default for CryptogramPlan {
    fn default() -> Self {
        Self::of(CryptogramScheme::Pboc)
    }
}

impl CryptogramPlan {
    /// The plan of a scheme: PBOC's version 01, Visa's 10 and 18, of EMV's common session key the data of
    /// EMV Book 2 table 26.
    #[must_use]
    pub fn of(scheme: CryptogramScheme) -> Self {
        use CryptogramElement::{InterchangeProfile, IssuerData, Results, TransactionCounter};
        let (version, last) = match scheme {
            CryptogramScheme::Pboc => (0x01, Results),
            CryptogramScheme::VisaCvn10 => (0x0A, Results),
            CryptogramScheme::VisaCvn18 => (0x12, IssuerData),
            CryptogramScheme::EmvCsk => (0x01, IssuerData),
        };
        let mut elements = TERMINAL.to_vec();
        elements.extend([InterchangeProfile, TransactionCounter, last]);
        let response = match scheme {
            CryptogramScheme::VisaCvn18 => ResponseMethod::Two,
            _ => ResponseMethod::One,
        };
        Self { scheme, version, elements, response }
    }

    /// PBOC's version 17, which covers amount, number, counter and one byte of the results (JR/T 0025.12
    /// annex A).
    #[must_use]
    pub fn pboc_17() -> Self {
        use CryptogramElement::{SecondByteOfResults, Terminal, TransactionCounter};
        let elements = [
            Terminal(tag::AMOUNT_AUTHORISED, 6),
            Terminal(tag::UNPREDICTABLE_NUMBER, 4),
            TransactionCounter,
            SecondByteOfResults,
        ];
        let elements = elements.to_vec();
        Self { version: 0x17, elements, ..Self::of(CryptogramScheme::Pboc) }
    }

    /// Whether 9F10 has the form of PBOC, which names the algorithm: `07 …`; the other is `06 …`.
    #[must_use]
    pub fn names_algorithm(&self) -> bool {
        self.scheme == CryptogramScheme::Pboc
    }
}
