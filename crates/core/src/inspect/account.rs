//! What the bank's side of a card holds: directories, records, data objects, logs, and keys.

use alloc::vec::Vec;

use sscard_apdu::bcd;
use sscard_apdu::dol;
use sscard_apdu::tlv::{Tag, Writer};
use sscard_elements::tag;
use zeroize::Zeroizing;

use super::PinView;
use crate::card::Card;
use crate::financial::{PPSE, PSE, directory_entry};
use crate::nvm::Nvm;
use crate::profile::{
    Area, DirectoryState, FinancialApplication, FinancialLayout, LOAD_LOG_HEAD, Log,
};

/// A payment directory, PSE or PPSE.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PaymentDirectoryView {
    /// Its name, such as `1PAY.SYS.DDF01`.
    pub name: Vec<u8>,
    /// Whether SELECT finds it.
    pub state: DirectoryState,
    /// Its entries, a template 61 each: those of the PSE are the records of its file 1, those of
    /// the PPSE stand in its FCI.
    pub entries: Vec<Vec<u8>>,
    /// Whether the entries are records.
    pub has_records: bool,
}

/// One record of a payment application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountRecordView {
    /// Short file identifier.
    pub sfi: u8,
    /// Record number.
    pub number: u8,
    /// Most bytes that its template can have.
    pub capacity: u16,
    /// Value of its template 70.
    pub content: Vec<u8>,
}

/// A log of a payment application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogView {
    /// Short file identifier.
    pub sfi: u8,
    /// How many records it can hold.
    pub capacity: u8,
    /// Bytes of a record in front of what the format says: 14 of the load log, else none.
    pub head: usize,
    /// Bytes of a record.
    pub length: usize,
    /// The data object list of 9F4F or DF4F.
    pub format: Vec<u8>,
    /// Its records, the newest first.
    pub records: Vec<Vec<u8>>,
}

/// Everything that a payment application holds beside keys and PIN.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountContent {
    /// Its AID.
    pub aid: Vec<u8>,
    /// Its records of SFI 1…10.
    pub records: Vec<AccountRecordView>,
    /// Counters, formats and data objects by tag, as the card holds them.
    pub objects: Vec<(Tag, Vec<u8>)>,
    /// Transaction log and load log, those that it has.
    pub logs: Vec<LogView>,
}

/// A key of a payment application.
#[derive(Clone)]
pub struct AccountKeyView {
    /// The application's AID.
    pub aid: Vec<u8>,
    /// `UDK-AC`, `UDK-MAC`, `UDK-ENC` or `ICC private key`.
    pub name: &'static str,
    /// `3DES`, `SM4`, `RSA` or `SM2`.
    pub algorithm: &'static str,
    /// The key; of RSA p, q, d mod p-1, d mod q-1, q⁻¹ mod p, half a modulus each.
    pub value: Zeroizing<Vec<u8>>,
}

/// The state of a payment application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountView {
    /// Its AID.
    pub aid: Vec<u8>,
    /// Whether every cryptogram is an AAC.
    pub blocked: bool,
    /// Wrong PINs left, and in all.
    pub pin: PinView,
    /// Application transaction counter.
    pub atc: u16,
    /// Counter at the last online transaction.
    pub last_online_atc: u16,
    /// E-cash balance in cents.
    pub balance: Option<u64>,
}

fn bytes(nvm: &Nvm, address: usize, length: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(length);
    nvm.read_into(address, length, &mut bytes);
    bytes
}

impl Card {
    /// The payment applications, in the profile's order.
    #[must_use]
    pub fn inspect_accounts(&self) -> Vec<AccountView> {
        let profile = self.profile();
        let accounts = (0..u8::MAX).map_while(|index| profile.application(index));
        let view = |(plan, place): (&FinancialApplication, &FinancialLayout)| {
            let at = |offset: usize| place.base.saturating_add(offset);
            let word = |offset: usize| self.nvm().word(at(offset));
            let balance = place.object(tag::CASH_BALANCE);
            AccountView {
                aid: plan.aid.as_bytes().to_vec(),
                blocked: self.nvm().byte(at(Area::STATE)) != 0,
                pin: PinView {
                    tries_left: self.nvm().tries(at(Area::PIN_TRIES)),
                    tries_max: plan.pin_tries,
                },
                atc: word(Area::ATC),
                last_online_atc: word(Area::LAST_ONLINE_ATC),
                balance: balance.map(|(address, _)| bcd::number(&self.nvm().array::<6>(address))),
            }
        };
        accounts.map(view).collect()
    }

    /// The payment directories, none on a card without a financial function.
    #[must_use]
    pub fn inspect_payment_directories(&self) -> Vec<PaymentDirectoryView> {
        let plan = &self.profile().blueprint().financial;
        if plan.applications.is_empty() {
            return Vec::new();
        }
        let entries = |has_records| {
            let entry = |application| {
                let mut entry = Vec::new();
                directory_entry(application, &mut Writer::new(&mut entry), has_records);
                entry
            };
            plan.applications.iter().map(entry).collect()
        };
        let view = |name: &[u8], state, has_records| PaymentDirectoryView {
            name: name.to_vec(),
            state,
            entries: entries(has_records),
            has_records,
        };
        let both = [view(PSE, plan.pse, true), view(PPSE, plan.ppse, false)];
        both.into_iter().filter(|view| view.state != DirectoryState::Absent).collect()
    }

    /// What the payment applications hold, in the profile's order.
    #[must_use]
    pub fn inspect_account_contents(&self) -> Vec<AccountContent> {
        let profile = self.profile();
        let accounts = (0..u8::MAX).map_while(|index| profile.application(index));
        accounts.map(|(plan, place)| content(self.nvm(), plan, place)).collect()
    }

    /// The keys of the payment applications in the clear, as [`Card::reveal_keys`] those of the
    /// social security application.
    #[must_use]
    pub fn reveal_account_keys(&self) -> Vec<AccountKeyView> {
        let profile = self.profile();
        let accounts = (0..u8::MAX).map_while(|index| profile.application(index));
        accounts.flat_map(|(plan, place)| keys(self.nvm(), plan, place)).collect()
    }
}

fn content(nvm: &Nvm, plan: &FinancialApplication, place: &FinancialLayout) -> AccountContent {
    let at = |offset: usize| place.base.saturating_add(offset);
    let records = plan.records.iter().enumerate().filter_map(|(position, record)| {
        let address = place.record(position)?;
        let length = usize::from(nvm.byte(address)).min(record.capacity.into());
        let content = bytes(nvm, address.saturating_add(1), length);
        let (sfi, number, capacity) = (record.sfi.number(), record.number, record.capacity);
        Some(AccountRecordView { sfi, number, capacity, content })
    });
    let mut objects = alloc::vec![
        (tag::TRANSACTION_COUNTER, bytes(nvm, at(Area::ATC), 2)),
        (tag::LAST_ONLINE_COUNTER, bytes(nvm, at(Area::LAST_ONLINE_ATC), 2)),
        (tag::PIN_TRY_COUNTER, alloc::vec![nvm.tries(at(Area::PIN_TRIES))]),
    ];
    objects.extend(
        plan.transaction_log.iter().map(|log| (tag::TRANSACTION_LOG_FORMAT, log.format.clone())),
    );
    objects.extend(plan.load_log.iter().map(|log| (tag::LOAD_LOG_FORMAT, log.format.clone())));
    objects.extend(plan.objects.iter().filter_map(|object| {
        let (address, length) = place.object(object.tag)?;
        Some((object.tag, bytes(nvm, address, length)))
    }));
    let transactions =
        plan.transaction_log.as_ref().map(|log| log_view(nvm, log, place.transaction_log, 0));
    let loads = plan.load_log.as_ref().map(|log| log_view(nvm, log, place.load_log, LOAD_LOG_HEAD));
    let mut records: Vec<_> = records.collect();
    records.sort_by_key(|record| (record.sfi, record.number));
    AccountContent {
        aid: plan.aid.as_bytes().to_vec(),
        records,
        objects,
        logs: transactions.into_iter().chain(loads).collect(),
    }
}

/// A log is cyclic: records in use, slot of the newest, then the slots.
fn log_view(nvm: &Nvm, log: &Log, address: usize, head: usize) -> LogView {
    // The format was read when the profile was checked.
    let length = dol::total_length(&log.format).map_or(0, |length| length.saturating_add(head));
    let used = nvm.byte(address).min(log.records);
    let newest = usize::from(nvm.byte(address.saturating_add(1)));
    let slots = usize::from(log.records);
    let record = |back: u8| {
        let slot = newest.saturating_add(slots).saturating_sub(back.into()).checked_rem(slots)?;
        let start = address.saturating_add(2).saturating_add(slot.saturating_mul(length));
        Some(bytes(nvm, start, length))
    };
    LogView {
        sfi: log.sfi.number(),
        capacity: log.records,
        head,
        length,
        format: log.format.clone(),
        records: (0..used).filter_map(record).collect(),
    }
}

fn keys(nvm: &Nvm, plan: &FinancialApplication, place: &FinancialLayout) -> Vec<AccountKeyView> {
    let at = |offset: usize| place.base.saturating_add(offset);
    let held = |name, algorithm, address, length| {
        let value = Zeroizing::new(bytes(nvm, address, length));
        let is_held = value.iter().any(|byte| *byte != 0);
        is_held.then(|| AccountKeyView {
            aid: plan.aid.as_bytes().to_vec(),
            name,
            algorithm,
            value,
        })
    };
    let families = ["3DES", "SM4"].into_iter();
    let kinds = families
        .flat_map(|family| ["UDK-AC", "UDK-MAC", "UDK-ENC"].map(|name| (name, family)))
        .enumerate();
    let symmetric = kinds.filter_map(|(position, (name, family))| {
        held(name, family, at(Area::KEYS).saturating_add(position.saturating_mul(16)), 16)
    });
    let half = usize::from(plan.rsa_modulus).div_ceil(2);
    let private = "ICC private key";
    let rsa = held(private, "RSA", at(Area::RSA), half.saturating_mul(5));
    symmetric.chain(rsa).chain(held(private, "SM2", at(Area::SM2), 32)).collect()
}

impl AccountContent {
    /// Each data object with its tag.
    pub fn tagged(&self) -> impl Iterator<Item = (Tag, &[u8])> {
        self.objects.iter().map(|(tag, value)| (*tag, &value[..]))
    }
}
