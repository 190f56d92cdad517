//! An EMV terminal and the issuer behind it: a whole PBOC transaction over any transport.
//!
//! ```text
//! Settings, Issuer ─► pay ─► selection ─► options, records ─► offline authentication
//!   ─► restrictions, holder, risk, action ─► first AC ─► issuer ─► second AC ─► Payment
//! ```
//!
//! What enters: a card, what the terminal is to do, an issuer. What leaves: a [`Payment`] with every
//! exchange and every data element, or an error that names the command and the tag.

mod authentication;
mod authorities;
mod cardholder;
mod chain;
mod checks;
mod completion;
mod data;
mod issuer;
mod kernel;
mod qpboc;
mod records;
mod results;
mod script;
mod selection;
mod settings;

use sscard_apdu::StatusWord;
use sscard_apdu::tlv::Tag;
use sscard_elements::TerminalTransactionQualifiers;
use sscard_host::{Follow, Transport, TransportError};

pub use authorities::{
    Authorities, AuthorityFields, AuthorityForm, AuthorityKey, AuthorityKeys, AuthorityPublicKey,
    AuthorityTextError, TestAuthorities, authority_keys,
};
pub use data::DataStore;
pub use issuer::{
    Authorisation, AuthorisationRequest, Issuer, ScriptTemplate, SeenCounters, TestIssuer,
};
pub use results::{
    AuthenticationFailure, AuthenticationMethod, Cryptogram, HolderVerification, IssuerAnswer,
    IssuerReason, OfflineAuthentication, Outcome, Payment, PaymentExchange, PaymentReason,
    ScriptResult,
};
pub use script::{IssuerScript, ParseScriptError};
pub use settings::{RevokedCertificate, Settings};

use crate::atr;
use kernel::{Course, Kernel};

/// Why a transaction could not be carried to an outcome.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PaymentError {
    /// The exchange itself failed.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The card has no payment application that the terminal knows, or it is blocked (6A81).
    #[error("{why}: {0}", why = without_application(*.0))]
    NoApplication(StatusWord),
    /// The card refused a command that cannot be done without.
    #[error("{command} answered {status}: {}", .status.meaning())]
    Refused {
        /// The command in words.
        command: &'static str,
        /// What the card said.
        status: StatusWord,
    },
    /// What the card sent cannot be understood.
    #[error("the answer to {command} cannot be used: tag {tag} {reason}")]
    Malformed {
        /// The command in words.
        command: &'static str,
        /// The data element.
        tag: Tag,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// Every SELECT of a blocked card answers 6A81 (JR/T 0025.5 §17.5).
fn without_application(status: StatusWord) -> &'static str {
    match status {
        StatusWord::FUNCTION_NOT_SUPPORTED => "the card is blocked",
        _ => "the card has no payment application",
    }
}

/// Carries out a transaction.
///
/// # Errors
/// [`PaymentError`] when the card breaks off or cannot be understood; a declined transaction is none.
pub fn pay<T: Transport>(
    card: &mut Follow<T>,
    issuer: &mut dyn Issuer,
    settings: &Settings,
) -> Result<Payment, PaymentError> {
    pay_noting(card, issuer, settings, &mut Vec::new())
}

/// The same; of a transaction that breaks off, `exchanges` has what was exchanged until then.
///
/// # Errors
/// As [`pay`].
pub fn pay_noting<T: Transport>(
    card: &mut Follow<T>,
    issuer: &mut dyn Issuer,
    settings: &Settings,
    exchanges: &mut Vec<PaymentExchange>,
) -> Result<Payment, PaymentError> {
    atr::check(card)?;
    let mut kernel = Kernel::new(card, settings, exchanges);
    let mut course = Course::new(selection::select(&mut kernel)?);
    if settings.contactless
        && TerminalTransactionQualifiers::new(settings.qualifiers)
            .has(TerminalTransactionQualifiers::QPBOC)
    {
        return qpboc::transact(kernel, course, issuer);
    }
    records::initiate(&mut kernel, &mut course)?;
    records::read(&mut kernel, &mut course)?;
    authentication::authenticate(&mut kernel, &mut course)?;
    checks::restrict(settings, &kernel.data, &mut kernel.tvr);
    course.holder = cardholder::verify(&mut kernel)?;
    checks::manage_risk(&mut kernel)?;
    let wish = checks::analyse(&mut kernel)?;
    completion::complete(kernel, course, issuer, wish)
}
