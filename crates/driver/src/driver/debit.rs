//! iDoDebit and iReadDebitRecord: the medical purse.
//!
//! pPayInfo is `自付|统筹支付|交易时间|` as the programs of the field have it, or `账户支付|自付|统筹支付|交易时间|` where the
//! personal account pays, too \[choice\]. Amounts are yuan.

use sscard_apdu::{StatusWord, bcd, hex};
use sscard_terminal::purse::{self, Amounts, PurseCounter};

use super::Driver;
use super::basic::file;
use crate::code::{DriverCode, DriverError};
use crate::session::Session;
use crate::text;
use crate::value;

/// Type of a purchase, as the built-in profiles have it.
const PURCHASE: u8 = 0x32;
/// Where the purse is.
pub(super) const MEDICAL: &str = "DF04";

/// What is to be paid, and when.
#[derive(Clone, Copy)]
pub(super) struct Payment {
    pub(super) amounts: Amounts,
    pub(super) time: [u8; 7],
}

impl Payment {
    /// Reads a pPayInfo.
    pub(super) fn parse(pay_info: &str) -> Result<Self, DriverError> {
        let fields = text::fields(pay_info);
        let (account, holder, fund, time) = match fields[..] {
            [holder, fund, time] => ("0", holder, fund, time),
            [account, holder, fund, time] => (account, holder, fund, time),
            _ => {
                let detail = "pPayInfo is [account|]holder|fund|time|";
                return Err(DriverError::new(DriverCode::Unlawful, detail));
            }
        };
        let amounts = Amounts {
            account: text::cents(account)?,
            holder: text::cents(holder)?,
            fund: text::cents(fund)?,
        };
        Ok(Self { amounts, time: text::time(time)? })
    }
}

/// The answer of a payment.
pub(super) struct Paid {
    pub(super) counter: u16,
    pub(super) terminal: [u8; 6],
    pub(super) sequence: u32,
    pub(super) payment: Payment,
    pub(super) balance_before: u32,
    pub(super) certificate: [u8; 4],
}

impl Paid {
    pub(super) fn text(&self) -> String {
        let Amounts { account, holder, fund } = self.payment.amounts;
        let [account_text, holder, fund] = [account, holder, fund].map(text::yuan);
        format!(
            "{:04X}|{}|{:08X}|{}|{account_text}|{holder}|{fund}|{}|{}|",
            self.counter,
            hex::encode(&self.terminal),
            self.sequence,
            hex::encode(&self.payment.time),
            text::yuan(self.balance_before.saturating_sub(account)),
            hex::encode(&self.certificate),
        )
    }
}

impl Driver {
    /// iDoDebit.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn debit(
        &mut self,
        interface: i32,
        card_info: &str,
        pay_info: &str,
    ) -> Result<String, DriverError> {
        let payment = Payment::parse(pay_info)?;
        self.with_this_card(interface, card_info, |driver, session| {
            driver.with_module(|module| session.prove(module))?;
            driver.open_purse(session)?;
            let counter = driver.counter(&payment)?;
            let security = session.security()?;
            let receipt = driver.with_module(|module| {
                let chip = &mut session.chip;
                Ok(purse::purchase(chip, module, &security, &counter, 1, payment.amounts)?)
            })?;
            let paid = Paid {
                counter: receipt.counter,
                terminal: receipt.terminal,
                sequence: receipt.sequence,
                payment,
                balance_before: receipt.balance_before,
                certificate: receipt.certificate,
            };
            Ok(paid.text())
        })
    }

    /// The PIN, unless the initial one may not pay, and the purse's application.
    pub(super) fn open_purse(&mut self, session: &mut Session) -> Result<(), DriverError> {
        let digits = self.verify(session)?;
        let settings = self.settings()?;
        if settings.pin.refuse_initial && *digits == settings.initial_pin() {
            let detail = "the configuration refuses payments with the initial PIN";
            return Err(DriverError::new(DriverCode::InitialPinPays, detail));
        }
        session.select(MEDICAL)
    }

    /// The counter at which a payment takes place, by the configuration.
    pub(super) fn counter(&mut self, payment: &Payment) -> Result<PurseCounter, DriverError> {
        let mut terminal = [0; 6];
        let number = self.settings()?.terminal().to_owned();
        bcd::encode(&number, &mut terminal)
            .map_err(|error| DriverError::new(DriverCode::Argument, error.to_string()))?;
        Ok(PurseCounter { terminal, time: payment.time, kind: PURCHASE })
    }

    /// iReadDebitRecord: the latest first.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn read_debits(&mut self, interface: i32) -> Result<String, DriverError> {
        self.with_card(interface, |driver, session| {
            driver.verify(session)?;
            let entry = file("DF04/EF08")?;
            let mut answer = String::new();
            for number in 1..=u8::MAX {
                let record = match session.record(entry, number) {
                    Ok(record) => record,
                    Err(DriverError {
                        code: DriverCode::Refused(StatusWord::RECORD_NOT_FOUND),
                        ..
                    }) => break,
                    Err(error) => return Err(error),
                };
                let fields = value::split(entry, &record);
                for (place, (item, field)) in fields.into_iter().flatten().enumerate() {
                    let shown = match (place, field) {
                        (4.., [a, b, c, d]) => text::yuan(u32::from_be_bytes([*a, *b, *c, *d])),
                        (1, kind) => hex::encode(kind),
                        _ => value::shown(item, field),
                    };
                    answer.push_str(&shown);
                    answer.push('|');
                }
                answer.push('$');
            }
            Ok(answer)
        })
    }
}
