//! `desk … --json`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::unit::{Day, Fen, Hex};

/// A new register.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RegisterDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// Profile of its cards.
    pub(crate) profile: String,
    /// Seed of serial numbers and card random numbers.
    pub(crate) seed: u64,
    /// The banks that issue its cards.
    pub(crate) banks: Vec<RegisterBank>,
}

/// A bank of the register.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RegisterBank {
    /// Its code, as `--at bank-branch:CODE` names it.
    pub(crate) code: String,
    /// Its name.
    pub(crate) name: String,
    /// Whether a child has to come along for financial activation.
    pub(crate) child_must_be_present: bool,
}

/// Residents that were imported.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ImportDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// Residents that are in the register now.
    pub(crate) imported: usize,
    /// Those among them who have a second-generation card.
    pub(crate) old_cards: usize,
}

/// Residents that were not imported: one wrong row, and nobody is.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct WrongRowsDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// 0.
    pub(crate) imported: usize,
    /// The first wrong rows.
    pub(crate) wrong_rows: Vec<WrongRow>,
    /// How many more there are. Absent when there are no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) more_wrong_rows: Option<u64>,
}

/// A row of the CSV that cannot be used.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct WrongRow {
    /// Its line, from 1.
    pub(crate) line: u64,
    /// Why.
    pub(crate) reason: String,
}

/// A batch of cards.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct BatchDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// Name of the batch.
    pub(crate) batch: String,
    /// First day of collection.
    pub(crate) opens: Day,
    /// Last day of collection.
    pub(crate) closes: Day,
    /// The place where they wait.
    pub(crate) delivered_to: String,
    /// Cards that were made.
    pub(crate) cards: usize,
}

/// An operation that was done.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct OperationDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// Its name: `collect`, `activate-both`, `pin-change`…
    pub(crate) operation: String,
    /// The rules of the notice that led to it, `D01` to `D22`.
    pub(crate) rules: Vec<String>,
    /// The holder's social security number.
    pub(crate) holder: String,
    /// Number of the card that it was about.
    pub(crate) card: String,
    /// Number of the card that was issued; `null` when none was.
    pub(crate) new_card: Option<String>,
    /// Medical money that moved or was paid out.
    pub(crate) moved_cents: Fen,
    /// What else there is to say.
    pub(crate) remarks: Vec<String>,
}

/// An operation that was refused (exit code 1).
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RefusalDocument {
    /// Why.
    pub(crate) refused: DeskRefusal,
}

/// A refusal.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct DeskRefusal {
    /// The rule of the notice that refuses, `D01` to `D22`; `null` for a card or a password that is not the
    /// right one, and for an operation that waits.
    pub(crate) rule: Option<String>,
    /// What is missing, in words.
    pub(crate) missing: String,
    /// Where it is done, or who can help.
    pub(crate) who_can_help: String,
}

/// Operations that were interrupted, and finished as far as their cards are there.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ResumeDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// Those that came to their end.
    pub(crate) done: Vec<OperationDocument>,
    /// Those that wait for a card.
    pub(crate) waiting: Vec<WaitingOperation>,
}

/// An operation that waits for a card.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct WaitingOperation {
    /// Its name.
    pub(crate) operation: String,
    /// The day it began.
    pub(crate) date: Day,
    /// Number of the card that is to be presented.
    pub(crate) card: String,
}

/// Holders, cards, accounts and balances.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RegisterContentDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// Holders, all or the one that was asked for.
    pub(crate) holders: Vec<ShownHolder>,
    /// Medical money of the whole register.
    pub(crate) medical_balance_cents: MedicalBalance,
}

/// Medical money; both sums agree in a sound register.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct MedicalBalance {
    /// All that was ever credited.
    pub(crate) issued: Fen,
    /// What is on cards and was paid out.
    pub(crate) held: Fen,
}

/// A holder.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ShownHolder {
    /// Social security number.
    pub(crate) number: String,
    /// Name.
    pub(crate) name: String,
    /// Mobile number.
    pub(crate) mobile: String,
    /// Reference of the photo.
    pub(crate) photo: String,
    /// Whether a child.
    pub(crate) is_child: bool,
    /// The guardian's social security number; empty without one.
    pub(crate) guardian: String,
    /// Code of the selected bank.
    pub(crate) bank: String,
    /// Why the social security function was cancelled; `null` while it was not.
    pub(crate) cancelled: Option<&'static str>,
    /// Code of the bank that is changed to; `null` unless `cancelled` is a change of bank.
    pub(crate) new_bank: Option<String>,
    /// Whether a query password was set.
    pub(crate) has_query_password: bool,
    /// Cards, the newest first.
    pub(crate) cards: Vec<ShownCard>,
    /// Bank account; `null` without one.
    pub(crate) account: Option<ShownAccount>,
    /// Operations that were interrupted.
    pub(crate) pending: Vec<PendingOperation>,
}

/// A card of the register.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ShownCard {
    /// Card number.
    pub(crate) number: String,
    /// Serial number of the chip, 4 bytes.
    pub(crate) serial: Hex,
    /// Number of the bank account (PAN).
    pub(crate) account_number: String,
    /// Code of the issuing bank.
    pub(crate) bank: String,
    /// The place where it was delivered.
    pub(crate) delivered_to: String,
    /// `delivered`, `held`, `invalid` or `recycled`.
    pub(crate) standing: &'static str,
    /// Social security function: `inactive`, `active` or `ended`.
    pub(crate) social: &'static str,
    /// Financial function: `inactive`, `active` or `ended`.
    pub(crate) financial: &'static str,
    /// Balance of medical money.
    pub(crate) medical_cents: Fen,
    /// Balance of the purse.
    pub(crate) purse_cents: Fen,
    /// Whether it is to be blocked when a reader next sees it.
    pub(crate) block_due: bool,
}

/// A bank account.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ShownAccount {
    /// Code of the bank.
    pub(crate) bank: String,
    /// `dormant`, `active` or `closed`.
    pub(crate) state: &'static str,
    /// Balance.
    pub(crate) balance_cents: Fen,
    /// What was paid out when it was closed.
    pub(crate) paid_out_cents: Fen,
}

/// An operation that was interrupted.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PendingOperation {
    /// Its name.
    pub(crate) operation: String,
    /// The day it began.
    pub(crate) date: Day,
}

/// The journal.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct EventsDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// What was done, in its order.
    pub(crate) events: Vec<ShownRegisterEvent>,
}

/// An entry of the journal.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ShownRegisterEvent {
    /// Its number, from 1.
    pub(crate) id: i64,
    /// The day.
    pub(crate) date: Day,
    /// What was done.
    pub(crate) what: String,
    /// Where.
    pub(crate) place: String,
    /// The holder's social security number; `null` where it is about nobody.
    pub(crate) holder: Option<String>,
    /// Number of the card; `null` where it is about none.
    pub(crate) card: Option<String>,
    /// The rules that led to it.
    pub(crate) rules: Vec<String>,
    /// The papers that were presented.
    pub(crate) papers: Vec<String>,
    /// What it was before, in words; empty for what is new.
    pub(crate) before: String,
    /// What it is now, in words.
    pub(crate) after: String,
}

/// Messages to holders. A body is shown once.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct OutboxDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// The messages, in their order.
    pub(crate) messages: Vec<ShownMessage>,
}

/// A message.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ShownMessage {
    /// Its number, from 1.
    pub(crate) id: i64,
    /// The day.
    pub(crate) date: Day,
    /// The holder's social security number.
    pub(crate) holder: String,
    /// The mobile number that it goes to.
    pub(crate) mobile: String,
    /// What it is about.
    pub(crate) kind: String,
    /// Its text; `null` when it was shown before, or is sealed with another key.
    pub(crate) body: Option<String>,
}

/// A cell of the table: one operation at one kind of place.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct CapabilityEntry {
    /// The operation.
    pub(crate) operation: &'static str,
    /// The kind of place.
    pub(crate) service_point: &'static str,
    /// Whether it is done there.
    pub(crate) allowed: bool,
    /// The rules that say so; where it is not allowed, the first is the one that refuses.
    pub(crate) rules: Vec<String>,
}

/// Which operation is done where: a cell for each operation at each kind of place.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct CapabilitiesDocument(pub(crate) Vec<CapabilityEntry>);

/// A simulated city's year: the same options give the same bytes.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct SimulationDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// Residents at the start.
    pub(crate) residents: u32,
    /// Days.
    pub(crate) days: u32,
    /// Seed.
    pub(crate) seed: u64,
    /// Operations that were done, by name.
    pub(crate) operations: BTreeMap<&'static str, u64>,
    /// Refusals, by rule.
    pub(crate) refusals: BTreeMap<String, u64>,
    /// Cards ever made.
    pub(crate) cards: u64,
    /// Accounts ever opened.
    pub(crate) accounts: u64,
    /// Medical money.
    pub(crate) medical_balance_cents: MedicalBalance,
    /// Whether money, cards and register agree.
    pub(crate) consistent: bool,
    /// Where they do not agree.
    pub(crate) faults: Vec<String>,
}
