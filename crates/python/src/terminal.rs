//! What terminals do with a card: reading, and paying.

use jiff::civil::Date;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use sscard_apdu::{StatusWord, bcd};
use sscard_core::{FinancialOptions, Interface};
use sscard_crypto::financial::Fold;
use sscard_documents::pay as paid;
use sscard_documents::read::{ReadDocument, document};
use sscard_host::{Follow, Transport};
use sscard_terminal::payment::{IssuerScript, Settings, TestIssuer, pay_noting};
use sscard_terminal::{ReadOptions, SoftwareModule, read_card};

use crate::error::{of_payment, of_reading};
use crate::held::{Held, SharedCard};
use crate::input::{day, pin_bytes};
use crate::json;

/// Seed of the terminal's random numbers: the same card reads the same way twice.
const SEED: u64 = 1;

/// The card has power, by this interface; one that has it keeps its session.
fn powered(held: &mut Held, interface: Interface) -> Result<(), sscard_host::TransportError> {
    let card = held.card();
    if card.is_powered() && card.interface() == interface {
        return Ok(());
    }
    held.power_by(interface)
}

/// Reads a card, which is powered if it has no power.
pub(crate) fn read(
    py: Python<'_>,
    shared: &SharedCard,
    pin: Option<&str>,
    all: bool,
    date: Option<&Bound<'_, PyAny>>,
) -> PyResult<ReadDocument> {
    let pin = pin.map(pin_bytes).transpose()?;
    let today = packed(day(date)?, "%Y%m%d").unwrap_or([0; 4]);
    let report = shared.at_length(py, |held| {
        if !held.card().is_powered() {
            Transport::reset(held)?;
        }
        let options = ReadOptions { applications: all, pin: pin.as_deref() };
        read_card(&mut Follow::new(held), &mut SoftwareModule::test(SEED), options)
    });
    let report = report.map_err(|error| of_reading(&error))?;
    let mut remarks = report.remarks(today);
    if let Some(status) = report.pin.filter(|status: &StatusWord| !status.is_success()) {
        remarks.insert(
            0,
            format!("the social security PIN (SSSE) was not accepted: VERIFY answered {status}"),
        );
    }
    if let Some(reason) = report.holder_missing() {
        remarks.insert(0, format!("the holder's data could not be read: {reason}"));
    }
    Ok(document(&report, all, remarks))
}

/// A date as BCD.
fn packed<const N: usize>(date: Date, format: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    bcd::encode(&date.strftime(format).to_string(), &mut bytes).ok()?;
    Some(bytes)
}

/// What is paid, and how.
pub(crate) struct Purchase {
    pub(crate) amount: u64,
    pub(crate) pin: Option<String>,
    pub(crate) contactless: bool,
    pub(crate) online: bool,
    pub(crate) sm: bool,
    pub(crate) aid: Option<Vec<u8>>,
    pub(crate) date: Date,
    pub(crate) seed: u64,
    pub(crate) decline: bool,
    pub(crate) scripts: Vec<String>,
}

impl Purchase {
    fn settings(&self) -> PyResult<Settings> {
        let default = Settings::default();
        let refuse = |words: &str| Err(PyValueError::new_err(words.to_owned()));
        if self.amount > 999_999_999_999 {
            return refuse("an amount has at most 12 digits, the last two of them fen");
        }
        let is_pin = |pin: &String| {
            (4..=12).contains(&pin.len()) && pin.bytes().all(|digit| digit.is_ascii_digit())
        };
        if self.pin.as_ref().is_some_and(|pin| !is_pin(pin)) {
            return refuse("a bank PIN has 4 to 12 digits");
        }
        if self.aid.as_ref().is_some_and(|aid| !(5..=16).contains(&aid.len())) {
            return refuse("an AID has 5 to 16 bytes");
        }
        if self.contactless && !self.scripts.is_empty() {
            return refuse("scripts go over contacts, not through a field");
        }
        let [q1, q2, q3, q4] = default.qualifiers;
        Ok(Settings {
            amount: self.amount,
            date: packed(self.date, "%y%m%d").unwrap_or(default.date),
            unpredictable: unpredictable(self.seed),
            online: self.online,
            electronic_cash: !self.online,
            sm: self.sm,
            contactless: self.contactless,
            floor_limit: if self.online { 0 } else { u64::MAX },
            qualifiers: [if self.online { q1 } else { q1 | 0x08 }, q2, q3, q4],
            pin: self.pin.clone(),
            aid: self.aid.clone(),
            ..default
        })
    }
}

/// The terminal's random number, from the seed, as the program draws it.
fn unpredictable(seed: u64) -> [u8; 4] {
    let mixed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31) ^ 0x5EED_5EED_5EED_5EED;
    let [a, b, c, d, ..] = mixed.wrapping_mul(0xD1B5_4A32_D192_ED03).to_be_bytes();
    [a, b, c, d]
}

/// Pays with a card, which is powered as the payment wants it.
pub(crate) fn pay<'py>(
    py: Python<'py>,
    shared: &SharedCard,
    purchase: Purchase,
) -> PyResult<Bound<'py, PyAny>> {
    let mut settings = purchase.settings()?;
    let scripts = purchase.scripts.iter().map(|text| {
        let script = text.parse::<IssuerScript>();
        script.map_err(|error| PyValueError::new_err(format!("script: {error}")))
    });
    let scripts: Vec<IssuerScript> = scripts.collect::<PyResult<_>>()?;
    settings.takes_blocked = scripts.contains(&IssuerScript::ApplicationUnblock);
    let interface = if purchase.contactless { Interface::Contactless } else { Interface::Contact };
    let mut exchanges = Vec::new();
    let payment = shared.at_length(py, |held| {
        let options = options(held, settings.aid.as_deref());
        let mut issuer = TestIssuer {
            declines: purchase.decline,
            scripts,
            fold: if options.sm4_fold_xor { Fold::Xor } else { Fold::Left },
            unadjusted_pin_key: options.unadjusted_pin_key,
            ..TestIssuer::default()
        };
        powered(held, interface)?;
        pay_noting(&mut Follow::new(held), &mut issuer, &settings, &mut exchanges)
    });
    match payment {
        Ok(payment) => json::document(py, &paid::document(&payment)),
        Err(error) => {
            let document = json::document(py, &paid::broken_document(&error, &exchanges))?;
            Err(of_payment(&error, &document))
        }
    }
}

/// What the card's profile chooses where the standard is open: the test bank has to do the same.
fn options(held: &Held, aid: Option<&[u8]>) -> FinancialOptions {
    let applications = &held.card().profile().blueprint().financial.applications;
    let is_paid_with = |known: &[u8]| aid.is_none_or(|aid| known.starts_with(aid));
    let found = applications.iter().find(|one| is_paid_with(one.aid.as_bytes()));
    found.map_or_else(FinancialOptions::default, |application| application.options)
}
