//! The counter's side of the medical purse in DF04: loads and purchases.
//!
//! What enters: a card on which DF04 is selected and, where the profile asks for it, the PIN
//! verified; the keys of its city. What leaves: receipts whose MACs were checked, or an error that
//! names the command. A transaction whose end was not seen is asked for by [`proof`].
//!
//! Source: 《社会保障（个人）卡规范》 part 5, part 7 §12; docs/decisions.md where the text is silent.

use sscard_apdu::{ResponseApdu, StatusWord};
use sscard_commands::{Command, ins};
use sscard_core::KeyId;
use sscard_crypto::secrets_equal;
use sscard_host::{Follow, Transport, TransportError};
use sscard_lexicon::{describe_command, status_meaning};

use crate::{CardSecurity, ModuleError, PurchaseMac, PursePurchase, SecurityModule};

/// The application that the purse is part of.
const PURSE: &str = "DF04";
const PURCHASE_KEY: KeyId = KeyId(0x87);
const LOAD_KEY: KeyId = KeyId(0x88);
const CERTIFICATE_KEY: KeyId = KeyId(0x89);

/// What every transaction says of the counter it takes place at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PurseCounter {
    /// Terminal number, BCD.
    pub terminal: [u8; 6],
    /// Date and time, BCD YYYYMMDDHHMMSS.
    pub time: [u8; 7],
    /// Type of the transaction, as the card's profile has it: `31` load, `32` purchase.
    pub kind: u8,
}

/// A load that both sides have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LoadReceipt {
    /// Balance afterwards, in cents.
    pub balance: u32,
    /// The card's counter of loads.
    pub counter: u16,
    /// Transaction certificate, checked.
    pub certificate: [u8; 4],
}

/// A purchase that both sides have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PurchaseReceipt {
    /// Balance before it, in cents.
    pub balance_before: u32,
    /// The card's counter of purchases.
    pub counter: u16,
    /// Number of the terminal that took it, BCD.
    pub terminal: [u8; 6],
    /// The terminal's counter.
    pub sequence: u32,
    /// Transaction certificate, checked.
    pub certificate: [u8; 4],
}

/// Amounts of a purchase, in cents.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Amounts {
    /// From the personal account: leaves the purse.
    pub account: u32,
    /// By the holder, in another way.
    pub holder: u32,
    /// By the pooled fund.
    pub fund: u32,
}

/// Why a transaction did not come to its end.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PurseError {
    /// The exchange itself failed; the card may have the transaction, see [`proof`].
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The card refused a command.
    #[error("{command} answered {status}: {meaning}", meaning = status_meaning(*.status, ins::INITIALIZE))]
    Refused {
        /// The command in words.
        command: String,
        /// What the card said.
        status: StatusWord,
    },
    /// A MAC is not the one that a card of this city computes.
    #[error("{0} of the card is wrong: the card is not one of this city's, or another profile's")]
    WrongMac(&'static str),
    /// An answer does not have its length.
    #[error("{command} answered {} instead of {expected}", sscard_lexicon::counted(*found, "byte"))]
    Length {
        /// The command in words.
        command: String,
        /// How many bytes it answers.
        expected: usize,
        /// How many came.
        found: usize,
    },
    /// The security module does not do what the terminal asks of it.
    #[error(transparent)]
    Module(#[from] ModuleError),
}

/// Loads `amount` cents.
///
/// # Errors
/// [`PurseError`]; `Refused` with `6985` more than the purse holds, `6982` the PIN is missing.
pub fn load<T: Transport>(
    card: &mut Follow<T>,
    module: &mut dyn SecurityModule,
    security: &CardSecurity,
    counter: &PurseCounter,
    amount: u32,
) -> Result<LoadReceipt, PurseError> {
    let amount = amount.to_be_bytes();
    let begin = [&[0x01][..], &amount, &counter.terminal].concat();
    let answer: [u8; 16] =
        send(card, &Command::Initialize { purchase: false, data: &begin, ne: 256 })?;
    let [b1, b2, b3, b4, c1, c2, _version, _algorithm, r1, r2, r3, r4, mac @ ..] = answer;
    let before = [b1, b2, b3, b4];
    let key = security.key(PURSE, LOAD_KEY);
    let factor = [r1, r2, r3, r4, c1, c2, 0x80, 0x00];
    let parts: [&[u8]; 4] = [&before, &amount, &[counter.kind], &counter.terminal];
    check(module.mac(key, &factor, &parts)?, &mac, "MAC1")?;
    let parts: [&[u8]; 4] = [&amount, &[counter.kind], &counter.terminal, &counter.time];
    let mac = module.mac(key, &factor, &parts)?;
    let credit = [&counter.time[..], &mac].concat();
    let certificate: [u8; 4] = send(card, &Command::CreditLoad { data: &credit, ne: 256 })?;
    let balance = u32::from_be_bytes(before).saturating_add(u32::from_be_bytes(amount));
    let parts: [&[u8]; 6] = [
        &balance.to_be_bytes(),
        &[c1, c2],
        &amount,
        &[counter.kind],
        &counter.terminal,
        &counter.time,
    ];
    check_certificate(module, security, &parts, certificate)?;
    Ok(LoadReceipt { balance, counter: u16::from_be_bytes([c1, c2]), certificate })
}

/// Pays; `sequence` is the terminal's own counter. A security module that counts itself, or that has the
/// terminal's number, says them instead.
///
/// # Errors
/// [`PurseError`]; `Refused` with `9401` the account holds less, `6982` the PIN is missing.
pub fn purchase<T: Transport>(
    card: &mut Follow<T>,
    module: &mut dyn SecurityModule,
    security: &CardSecurity,
    counter: &PurseCounter,
    sequence: u32,
    amounts: Amounts,
) -> Result<PurchaseReceipt, PurseError> {
    let terminal = module.terminal().unwrap_or(counter.terminal);
    let (balance_before, begun) =
        initialize_purchase(card, &PurseCounter { terminal, ..*counter }, amounts)?;
    let purchase = PursePurchase { sequence: sequence.to_be_bytes(), ..begun };
    let key = security.key(PURSE, PURCHASE_KEY);
    let begun = module.begin_purchase(key, &purchase)?;
    let DebitAnswer { certificate, mac } = debit(card, &begun, &counter.time)?;
    if !module.check_purchase(key, &purchase, &begun, &mac)? {
        return Err(PurseError::WrongMac("MAC2"));
    }
    let [account, holder, fund] = &purchase.amounts;
    let sequence = begun.sequence;
    let parts: [&[u8]; 7] =
        [account, holder, fund, &[counter.kind], &terminal, &sequence, &counter.time];
    check_certificate(module, security, &parts, certificate)?;
    Ok(PurchaseReceipt {
        balance_before,
        counter: u16::from_be_bytes(purchase.counter),
        terminal,
        sequence: u32::from_be_bytes(sequence),
        certificate,
    })
}

/// The first half of a purchase, for whoever has its MAC1 made elsewhere: the account's balance in cents, and what MAC1 is
/// made of, the terminal's counter still 0.
///
/// # Errors
/// As [`purchase`].
pub fn initialize_purchase<T: Transport>(
    card: &mut Follow<T>,
    counter: &PurseCounter,
    amounts: Amounts,
) -> Result<(u32, PursePurchase), PurseError> {
    let amounts = [amounts.account, amounts.holder, amounts.fund].map(u32::to_be_bytes);
    let [account, holder, fund] = &amounts;
    let begin = [&[0x01][..], account, holder, fund, &counter.terminal].concat();
    let answer: [u8; 22] =
        send(card, &Command::Initialize { purchase: true, data: &begin, ne: 256 })?;
    let [b1, b2, b3, b4, .., c1, c2, key_version, algorithm, r1, r2, r3, r4] = answer;
    let purchase = PursePurchase {
        random: [r1, r2, r3, r4],
        counter: [c1, c2],
        key_version,
        algorithm,
        amounts,
        kind: counter.kind,
        terminal: counter.terminal,
        time: counter.time,
        sequence: [0; 4],
    };
    Ok((u32::from_be_bytes([b1, b2, b3, b4]), purchase))
}

/// What the card gives for a debit; both are still to be checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DebitAnswer {
    /// Transaction certificate.
    pub certificate: [u8; 4],
    /// MAC2.
    pub mac: [u8; 4],
}

/// The second half of a purchase that [`initialize_purchase`] began.
///
/// # Errors
/// As [`purchase`]; `Refused` with `9302` MAC1 is wrong.
pub fn debit<T: Transport>(
    card: &mut Follow<T>,
    begun: &PurchaseMac,
    time: &[u8; 7],
) -> Result<DebitAnswer, PurseError> {
    let debit = [&begun.sequence[..], time, &begun.mac].concat();
    let answer: [u8; 8] = send(card, &Command::Debit { data: &debit, ne: 256 })?;
    let [t1, t2, t3, t4, mac @ ..] = answer;
    Ok(DebitAnswer { certificate: [t1, t2, t3, t4], mac })
}

/// The account's balance in cents.
///
/// # Errors
/// [`PurseError`].
pub fn balance<T: Transport>(card: &mut Follow<T>) -> Result<u32, PurseError> {
    Ok(u32::from_be_bytes(send(card, &Command::GetBalance { which: 0x01, ne: 256 })?))
}

/// MAC2 and TAC of the last transaction of a type, when its counter is this one.
///
/// # Errors
/// [`PurseError`]; `Refused` with `9406` when the card has no such transaction.
pub fn proof<T: Transport>(
    card: &mut Follow<T>,
    kind: u8,
    counter: u16,
) -> Result<([u8; 4], [u8; 4]), PurseError> {
    let counter = counter.to_be_bytes();
    let proof = Command::GetTransactionProof { kind, counter: &counter, ne: 256 };
    let answer: [u8; 8] = send(card, &proof)?;
    let [m1, m2, m3, m4, certificate @ ..] = answer;
    Ok(([m1, m2, m3, m4], certificate))
}

fn check(expected: [u8; 4], mac: &[u8], name: &'static str) -> Result<(), PurseError> {
    if secrets_equal(&expected, mac) { Ok(()) } else { Err(PurseError::WrongMac(name)) }
}

fn check_certificate(
    module: &mut dyn SecurityModule,
    security: &CardSecurity,
    parts: &[&[u8]],
    certificate: [u8; 4],
) -> Result<(), PurseError> {
    let key = security.key(PURSE, CERTIFICATE_KEY);
    check(module.certificate(key, parts)?, &certificate, "TAC")
}

/// One exchange whose answer has `N` bytes.
fn send<T: Transport, const N: usize>(
    card: &mut Follow<T>,
    command: &Command<'_>,
) -> Result<[u8; N], PurseError> {
    let apdu = command.apdu();
    let mut command = Vec::with_capacity(apdu.data.len().saturating_add(6));
    let refused = |_| TransportError::Protocol("the command is too long for a short APDU".into());
    apdu.emit(&mut command).map_err(refused)?;
    let mut response = Vec::new();
    card.transmit(&command, &mut response)?;
    let answer = ResponseApdu::parse(&response).map_err(|_| {
        TransportError::Protocol("the response has fewer than two bytes".to_owned())
    })?;
    if answer.status != StatusWord::SUCCESS {
        let command = describe_command(&command);
        return Err(PurseError::Refused { command, status: answer.status });
    }
    answer.data.try_into().map_err(|_| PurseError::Length {
        command: describe_command(&command),
        expected: N,
        found: answer.data.len(),
    })
}
