//! The functions in steps: what a PSAM would compute is computed by an HSM that the caller asks between two of them.
//!
//! Step 1 powers the card and gives what the HSM needs; the card keeps its power until the last step, an error or another
//! function. Addresses of keys are those that the ministry hands out.

mod messages;

use sscard_apdu::hex;
use sscard_core::KeyId;
use sscard_crypto::secrets_equal;
use sscard_terminal::purse::{self, Amounts};
use sscard_terminal::{PurchaseMac, PursePurchase};

use super::Driver;
use super::basic::is_guarded;
use super::debit::{MEDICAL, Paid, Payment};
use super::files;
use super::pin::{RELOAD, UNBLOCK};
use crate::address::{self, FileAddress};
use crate::code::{DriverCode, DriverError};
use crate::session::Session;
use crate::slots::CardInterface;
use crate::text;
use messages::{
    address_of, algorithm, authentication, cryptogram_length, header, made_elsewhere, request,
    two_challenges,
};

/// A card between two steps.
pub(super) struct Pending {
    pub(super) session: Session,
    step: Step,
}

/// What the next step needs.
enum Step {
    Basic { proof: [u8; 8], original: [u8; 8], external: Option<[u8; 8]> },
    Read { file: FileAddress, key: KeyId, original: [u8; 8] },
    Write { file: FileAddress, key: KeyId, original: [u8; 8] },
    Reload { original: [u8; 8] },
    Unblock { original: [u8; 8] },
    ReloadCommand,
    UnblockCommand,
    Debit { payment: Payment, balance: u32, purchase: PursePurchase },
}

impl Driver {
    /// A first step: what follows keeps the card.
    fn begin(
        &mut self,
        interface: i32,
        card_info: Option<&str>,
        work: impl FnOnce(&mut Self, &mut Session) -> Result<(String, Step), DriverError>,
    ) -> Result<String, DriverError> {
        let mut session = self.open(CardInterface::of(interface)?)?;
        let checked = card_info.map_or(Ok(()), |card_info| session.check(card_info));
        match checked.and_then(|()| work(self, &mut session)) {
            Ok((answer, step)) => {
                self.pending = Some(Pending { session, step });
                Ok(answer)
            }
            Err(error) => {
                drop(self.slots.put_card(session.chip));
                Err(error)
            }
        }
    }

    /// A further step; the card keeps its power when another one follows.
    fn go_on(
        &mut self,
        work: impl FnOnce(&mut Self, &mut Session, Step) -> Result<(String, Option<Step>), DriverError>,
    ) -> Result<String, DriverError> {
        let Some(Pending { mut session, step }) = self.pending.take() else {
            return Err(out_of_order());
        };
        match work(self, &mut session, step) {
            Ok((answer, Some(step))) => {
                self.pending = Some(Pending { session, step });
                Ok(answer)
            }
            ended => {
                let put = self.slots.put_card(session.chip);
                let (answer, _) = ended?;
                put?;
                Ok(answer)
            }
        }
    }

    /// iReadCardBas_HSM_Step1.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn read_basic_step_1(&mut self, interface: i32) -> Result<String, DriverError> {
        self.begin(interface, None, |_, session| {
            let guarded = is_guarded(session)?;
            let (original, factor) = (session.challenge("SSSE")?, session.challenge("SSSE")?);
            let proof = session.proof(&factor, &original)?;
            let external = guarded.then(|| two_challenges(session, "SSSE")).transpose()?;
            let [external_factor, external_original] =
                external.map_or([String::new(), String::new()], |two| two.map(|b| hex::encode(&b)));
            let answer = format!(
                "{}|{}|{}|{}|{}|{}|{external_factor}|{external_original}|",
                session.division(),
                session.historical(),
                algorithm(session),
                hex::encode(&session.known.code),
                hex::encode(&factor),
                hex::encode(&original),
            );
            let external = external.map(|[_, original]| original);
            Ok((answer, Step::Basic { proof, original, external }))
        })
    }

    /// iReadCardBas_HSM_Step2.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn read_basic_step_2(&mut self, key: &str) -> Result<String, DriverError> {
        self.go_on(|driver, session, step| {
            let Step::Basic { proof, original, external } = step else {
                return Err(out_of_order());
            };
            let fields = text::fields(key);
            let (internal, present) = match (fields[..].as_ref(), external) {
                ([internal, external, ..], Some(_)) => (*internal, Some(*external)),
                ([internal, ..], None) => (*internal, None),
                _ => {
                    let detail = "pKey is internal and, for a card that asks for it, external authentication: 32 digits|32 digits|";
                    return Err(DriverError::new(DriverCode::Unlawful, detail));
                }
            };
            let internal: [u8; 16] = text::bytes_of(internal)?;
            if !secrets_equal(&internal, &[proof, original].concat()) {
                let detail = "the HSM computes another authentication than the card";
                return Err(DriverError::new(DriverCode::OtherHsm, detail));
            }
            if let (Some(data), Some(original)) = (present, external) {
                let data = authentication(data, &original)?;
                session.present("SSSE", KeyId::RK_SSSE, &data)?;
            }
            Ok((driver.basic(session, None)?, None))
        })
    }

    /// iReadCard_HSM_Step1; the first file, for which one key is proved.
    ///
    /// # Errors
    /// [`DriverCode::NoHsmNeeded`] when the file opens without a key.
    pub fn read_card_step_1(
        &mut self,
        interface: i32,
        card_info: &str,
        file_address: &str,
    ) -> Result<String, DriverError> {
        let mut files = address::parse(file_address)?;
        let file = files.swap_remove(0);
        self.begin(interface, Some(card_info), |driver, session| {
            let rights = session.wants(&file, false)?;
            let Some((rights, key)) = rights.and_then(|rights| Some((rights, rights.key?))) else {
                let detail = "no key is needed for this file: call iReadCard";
                return Err(DriverError::new(DriverCode::NoHsmNeeded, detail));
            };
            if rights.pin {
                driver.verify(session)?;
            }
            let (answer, original) = request(session, file.entry.application, key)?;
            Ok((answer, Step::Read { file, key, original }))
        })
    }

    /// iReadCard_HSM_Step2.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn read_card_step_2(&mut self, key: &str) -> Result<String, DriverError> {
        self.go_on(|_, session, step| {
            let Step::Read { file, key: id, original } = step else {
                return Err(out_of_order());
            };
            let data = authentication(key, &original)?;
            session.present(file.entry.application, id, &data)?;
            Ok((session.read(&file)?, None))
        })
    }

    /// iWriteCard_HSM_Step1.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn write_card_step_1(
        &mut self,
        interface: i32,
        card_info: &str,
        file_address: &str,
    ) -> Result<String, DriverError> {
        let file = files::first(file_address)?;
        let key = files::update_key(&file)?;
        self.begin(interface, Some(card_info), |_, session| {
            let (answer, original) = request(session, file.entry.application, key)?;
            Ok((answer, Step::Write { file, key, original }))
        })
    }

    /// iWriteCard_HSM_Step2.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn write_card_step_2(&mut self, key: &str, data: &str) -> Result<String, DriverError> {
        self.go_on(|_, session, step| {
            let Step::Write { file, key: id, original } = step else {
                return Err(out_of_order());
            };
            let values = files::values(session, &file, data)?;
            let proof = authentication(key, &original)?;
            session.present(file.entry.application, id, &proof)?;
            session.write(&file, &values)?;
            Ok((String::new(), None))
        })
    }

    /// iReloadPIN_HSM_Step1.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn reload_pin_step_1(
        &mut self,
        interface: i32,
        card_info: &str,
    ) -> Result<String, DriverError> {
        self.begin(interface, Some(card_info), |_, session| {
            let (answer, original) = request(session, "SSSE", KeyId::PUK)?;
            Ok((answer, Step::Reload { original }))
        })
    }

    /// iReloadPIN_HSM_Step2: the new PIN is asked for and goes to the HSM.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn reload_pin_step_2(&mut self, key: &str) -> Result<String, DriverError> {
        self.go_on(|driver, session, step| {
            let Step::Reload { original } = step else { return Err(out_of_order()) };
            session.present("SSSE", KeyId::PUK, &authentication(key, &original)?)?;
            let digits = driver.new_pin()?;
            let body = cryptogram_length(session, text::pin(&digits)?.len())?;
            let factor = session.challenge("SSSE")?;
            let answer = format!(
                "{}|{}|{}|{}|{}|",
                algorithm(session),
                address_of("SSSE", KeyId::STK, 1),
                hex::encode(&factor),
                header(RELOAD, body),
                *digits
            );
            Ok((answer, Some(Step::ReloadCommand)))
        })
    }

    /// iReloadPIN_HSM_Step3: the command that the HSM made.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn reload_pin_step_3(&mut self, command: &str) -> Result<String, DriverError> {
        self.go_on(|_, session, step| {
            let Step::ReloadCommand = step else { return Err(out_of_order()) };
            made_elsewhere(session, command, RELOAD, &[12, 20])?;
            Ok((String::new(), None))
        })
    }

    /// iUnblockPIN_HSM_Step1.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn unblock_pin_step_1(
        &mut self,
        interface: i32,
        card_info: &str,
    ) -> Result<String, DriverError> {
        self.begin(interface, Some(card_info), |_, session| {
            let (answer, original) = request(session, "SSSE", KeyId::PUK)?;
            Ok((answer, Step::Unblock { original }))
        })
    }

    /// iUnblockPIN_HSM_Step2.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn unblock_pin_step_2(&mut self, key: &str) -> Result<String, DriverError> {
        self.go_on(|_, session, step| {
            let Step::Unblock { original } = step else { return Err(out_of_order()) };
            session.present("SSSE", KeyId::PUK, &authentication(key, &original)?)?;
            let factor = session.challenge("SSSE")?;
            let answer = format!(
                "{}|{}|{}|{}|",
                algorithm(session),
                address_of("SSSE", KeyId::STK, 1),
                hex::encode(&factor),
                header(UNBLOCK, 4),
            );
            Ok((answer, Some(Step::UnblockCommand)))
        })
    }

    /// iUnblockPIN_HSM_Step3.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn unblock_pin_step_3(&mut self, command: &str) -> Result<String, DriverError> {
        self.go_on(|_, session, step| {
            let Step::UnblockCommand = step else { return Err(out_of_order()) };
            made_elsewhere(session, command, UNBLOCK, &[4])?;
            Ok((String::new(), None))
        })
    }

    /// iDoDebit_HSM_Step1: `alg|key address|random|counter|holder|fund|type and terminal|time|account|`. The parts of MAC1
    /// are account, holder, fund, type and terminal, time; the account stands last, since programs of the field
    /// put 00000000 there themselves.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn debit_step_1(
        &mut self,
        interface: i32,
        card_info: &str,
        pay_info: &str,
    ) -> Result<String, DriverError> {
        let payment = Payment::parse(pay_info)?;
        self.begin(interface, Some(card_info), |driver, session| {
            driver.open_purse(session)?;
            let counter = driver.counter(&payment)?;
            let (balance, purchase) =
                purse::initialize_purchase(&mut session.chip, &counter, payment.amounts)?;
            let [account, holder, fund] = &purchase.amounts;
            let answer = [
                algorithm(session),
                address_of(MEDICAL, KeyId(0x87), purchase.key_version),
                hex::encode(&purchase.random),
                hex::encode(&purchase.counter),
                hex::encode(holder),
                hex::encode(fund),
                hex::encode(&[&[purchase.kind][..], &purchase.terminal].concat()),
                hex::encode(&purchase.time),
                hex::encode(account),
            ];
            let answer = answer.map(|field| field + "|").concat();
            Ok((answer, Step::Debit { payment, balance, purchase }))
        })
    }

    /// iDoDebit_HSM_Step2: `terminal's counter|time|MAC1|`; MAC2 stands behind the answer, for the HSM to check.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn debit_step_2(&mut self, key: &str) -> Result<String, DriverError> {
        self.go_on(|_, session, step| {
            let Step::Debit { payment, balance, purchase } = step else {
                return Err(out_of_order());
            };
            let [sequence, time, mac] = text::fields(key)[..] else {
                let detail = "pKey is the terminal's counter, the time and MAC1: 8 digits|14 digits|8 digits|";
                return Err(DriverError::new(DriverCode::Unlawful, detail));
            };
            let begun =
                PurchaseMac { sequence: text::bytes_of(sequence)?, mac: text::bytes_of(mac)? };
            if text::bytes_of::<7>(time)? != purchase.time {
                let detail = "the time is another than in step 1";
                return Err(DriverError::new(DriverCode::Unlawful, detail));
            }
            let answer = purse::debit(&mut session.chip, &begun, &purchase.time)?;
            let paid = Paid {
                counter: u16::from_be_bytes(purchase.counter),
                terminal: purchase.terminal,
                sequence: u32::from_be_bytes(begun.sequence),
                payment: Payment { amounts: Amounts { ..payment.amounts }, ..payment },
                balance_before: balance,
                certificate: answer.certificate,
            };
            Ok((format!("{}{}|", paid.text(), hex::encode(&answer.mac)), None))
        })
    }
}

fn out_of_order() -> DriverError {
    let detail = "this step follows another one, and nothing may come between them";
    DriverError::new(DriverCode::NotConnected, detail)
}
