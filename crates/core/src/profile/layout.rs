//! Where everything lies in a card's memory.
//!
//! What differs from card to card (generator, ATR, PIN, keys, the environment's own records) comes
//! first and lies together, so that few pages of a card are its own.

#[cfg(debug_assertions)]
mod watched;

use alloc::vec;
use alloc::vec::Vec;

use sscard_apdu::tlv::Tag;

use super::financial::Log;
use super::pki::CERTIFICATE;
use super::{Blueprint, ElementaryFile, FinancialApplication, Structure};
use crate::access::KeyId;
use crate::life_cycle::LifeCycle;
#[cfg(debug_assertions)]
pub(crate) use watched::Watched;

/// Longest ATR, ISO/IEC 7816-3 §8.1.
pub(crate) const ATR_LENGTH: usize = 33;
/// Longest PIN in bytes: 16 digits.
pub(crate) const PIN_LENGTH: usize = 8;
/// A key's counter and its 16 bytes.
const KEY_SLOT: usize = 17;

/// Addresses of what belongs to the whole card.
pub(crate) struct CardArea;

impl CardArea {
    /// Life cycle of the card.
    pub(crate) const LIFE_CYCLE: usize = 0;
    /// Life cycle of the social security environment.
    pub(crate) const ENVIRONMENT: usize = 1;
    /// State of the random number generator, 32 bytes.
    pub(crate) const GENERATOR: usize = 2;
    /// Length of the ATR, then its bytes.
    pub(crate) const ATR: usize = 34;
}

/// Addresses of the holder's PIN.
pub(crate) struct PinArea;

impl PinArea {
    /// Tries left.
    pub(crate) const TRIES: usize = CardArea::ATR + 1 + ATR_LENGTH;
    /// Length in bytes, then the bytes.
    pub(crate) const LENGTH: usize = Self::TRIES + 1;
    /// The PIN's bytes.
    pub(crate) const VALUE: usize = Self::LENGTH + 1;
}

const KEYS: usize = PinArea::VALUE + PIN_LENGTH;

/// Places within the area of a payment application, from its start.
pub(crate) struct Area;

impl Area {
    /// 00 usable, 01 blocked.
    pub(crate) const STATE: usize = 0;
    /// Offline PIN tries left, tag 9F17.
    pub(crate) const PIN_TRIES: usize = 1;
    /// The PIN as an ISO 9564 format 2 block, 8 bytes.
    pub(crate) const PIN: usize = 2;
    /// Application transaction counter, tag 9F36, 2 bytes.
    pub(crate) const ATC: usize = 10;
    /// ATC of the last online transaction, tag 9F13, 2 bytes.
    pub(crate) const LAST_ONLINE_ATC: usize = 12;
    /// What the last transactions left behind, one bit each.
    pub(crate) const FLAGS: usize = 14;
    /// Issuer script commands after the second GENERATE AC, 0…15.
    pub(crate) const SCRIPTS: usize = 15;
    /// Consecutive offline transactions in another currency.
    pub(crate) const CURRENCY_COUNTER: usize = 16;
    /// Consecutive offline transactions in another country.
    pub(crate) const COUNTRY_COUNTER: usize = 17;
    /// Cumulative offline amount, n12; for qPBOC the cumulative total transaction amount.
    pub(crate) const CUMULATIVE: usize = 18;
    /// Cumulative offline amount in both currencies, n12.
    pub(crate) const DUAL_CUMULATIVE: usize = 24;
    /// 02 while a qPBOC transaction waits for its last record; the six bytes before are not used.
    pub(crate) const UNFINISHED: usize = 36;
    /// Balance, cumulative amount and counter as they were before it, 13 bytes; once it counts, its
    /// ATC in the first two.
    pub(crate) const SAVED: usize = 37;
    /// Card keys for cryptograms, MACs and encipherment: 3DES, then SM4; 16 bytes each.
    pub(crate) const KEYS: usize = 50;
    /// Private SM2 key, 32 bytes.
    pub(crate) const SM2: usize = Self::KEYS + 96;
    /// Private RSA key: p, q, d mod p-1, d mod q-1, q⁻¹ mod p, half a modulus each.
    pub(crate) const RSA: usize = Self::SM2 + 32;
}

/// Places within the medical purse, from its start: the file that 《社会保障（个人）卡规范》 keeps in
/// the card's operating system, then what GET TRANSACTION PROOF answers.
pub(crate) struct PurseArea;

impl PurseArea {
    /// Counter of loads, 2 bytes.
    pub(crate) const ONLINE: usize = 0;
    /// Counter of purchases, 2 bytes.
    pub(crate) const OFFLINE: usize = 2;
    /// Balance of the personal account in cents, 4 bytes.
    pub(crate) const BALANCE: usize = 4;
    /// What the holder paid in the insurance year, in cents, 4 bytes.
    pub(crate) const SELF_PAID: usize = 8;
    /// What the pooled fund paid in the insurance year, in cents, 4 bytes.
    pub(crate) const POOLED: usize = 12;
    /// Insurance year of the two sums, BCD, 2 bytes.
    pub(crate) const YEAR: usize = 16;
    /// First day of the insurance year, BCD MMDD.
    pub(crate) const START_DAY: usize = 18;
    /// Proof of the last load: 01 when there is one, its counter (2), MAC2 (4), TAC (4).
    pub(crate) const LOAD_PROOF: usize = 20;
    /// Proof of the last purchase, likewise.
    pub(crate) const PURCHASE_PROOF: usize = 31;
    const LENGTH: usize = 42;
}

/// Places within the PKI application, from its start. The files lie as READ BINARY gives them.
pub(crate) struct PkiArea;

impl PkiArea {
    /// The user's PIN: tries left, then the key that it stands for, 16 bytes.
    pub(crate) const USER: usize = 0;
    /// The administrator's PIN, likewise.
    pub(crate) const ADMINISTRATOR: usize = 17;
    /// EF0013: tag, length, private key; 00 for none.
    pub(crate) const SIGNATURE_PRIVATE: usize = 34;
    /// EF0015, likewise.
    pub(crate) const ENCRYPTION_PRIVATE: usize = 68;
    /// EF0012: tag, length, X, Y; 00 for none.
    pub(crate) const SIGNATURE_PUBLIC: usize = 102;
    /// EF0014, likewise.
    pub(crate) const ENCRYPTION_PUBLIC: usize = 168;
    /// EF0018.
    pub(crate) const SIGNATURE_CERTIFICATE: usize = 234;
    /// EF0019.
    pub(crate) const ENCRYPTION_CERTIFICATE: usize = Self::SIGNATURE_CERTIFICATE + CERTIFICATE;
    /// All of it.
    pub(crate) const LENGTH: usize = Self::ENCRYPTION_CERTIFICATE + CERTIFICATE;
}

/// Places within a security module's keys, from their start: a key is a byte that says whether it is there,
/// and 16 bytes.
pub(crate) struct PsamArea;

impl PsamArea {
    /// Tries that the master key has left.
    pub(crate) const MASTER_TRIES: usize = 0;
    /// The master key, 16 bytes.
    pub(crate) const MASTER: usize = 1;

    /// Place of the key in this place of the plan: 01 when it is there; its value follows.
    pub(crate) const fn key(place: usize) -> usize {
        place.saturating_add(1).saturating_mul(KEY_SLOT)
    }
}

/// Addresses of one payment application.
pub(crate) struct FinancialLayout {
    /// Start of its [`Area`].
    pub(crate) base: usize,
    /// Tag, address and length of each data object.
    objects: Vec<(Tag, usize, usize)>,
    /// Address of each record: length (1 byte), then the value of its template.
    records: Vec<usize>,
    /// Address of the transaction log: records in use, newest; then the records.
    pub(crate) transaction_log: usize,
    /// Address of the load log, likewise.
    pub(crate) load_log: usize,
}

impl FinancialLayout {
    /// The layout, and the first address behind it.
    fn new(plan: &FinancialApplication, base: usize) -> (Self, usize) {
        let half = usize::from(plan.rsa_modulus).div_ceil(2);
        let mut next = base.saturating_add(Area::RSA).saturating_add(half.saturating_mul(5));
        let mut take = |length: usize| {
            let address = next;
            next = next.saturating_add(length);
            address
        };
        let objects = plan
            .objects
            .iter()
            .map(|object| (object.tag, take(object.value.len()), object.value.len()))
            .collect();
        let records =
            plan.records.iter().map(|record| take(usize::from(record.capacity).saturating_add(1)));
        let records = records.collect();
        let transaction_log = take(log_size(plan.transaction_log.as_ref(), 0));
        let load_log = take(log_size(plan.load_log.as_ref(), LOAD_LOG_HEAD));
        (Self { base, objects, records, transaction_log, load_log }, next)
    }

    /// Address and length of a data object.
    pub(crate) fn object(&self, tag: Tag) -> Option<(usize, usize)> {
        self.objects
            .iter()
            .find(|(known, _, _)| *known == tag)
            .map(|(_, address, length)| (*address, *length))
    }

    /// Address of a record by its position in the plan.
    pub(crate) fn record(&self, position: usize) -> Option<usize> {
        self.records.get(position).copied()
    }
}

/// P1 P2 and both balances in front of each load log record (JR/T 0025.13 §10.2).
pub(crate) const LOAD_LOG_HEAD: usize = 14;

fn log_size(log: Option<&Log>, head: usize) -> usize {
    log.map_or(0, |log| {
        let length = sscard_apdu::dol::total_length(&log.format).unwrap_or(0).saturating_add(head);
        length.saturating_mul(log.records.into()).saturating_add(2)
    })
}

/// Addresses of keys and files.
pub(crate) struct Layout {
    /// Address of the first key of each DF.
    keys: Vec<usize>,
    /// Address of the state of each DF that can be blocked by itself: see [`Layout::state`].
    states: Vec<Option<usize>>,
    /// Addresses of the files of each DF.
    files: Vec<Vec<usize>>,
    /// Addresses of the payment applications.
    financial: Vec<FinancialLayout>,
    /// Address of the medical purse, a [`PurseArea`].
    purse: Option<usize>,
    /// Address of the PKI application, a [`PkiArea`].
    pki: Option<usize>,
    /// Address of a security module's keys, a [`PsamArea`].
    psam: Option<usize>,
    size: usize,
    /// Counters that a debug build looks at after each command.
    #[cfg(debug_assertions)]
    watched: Vec<Watched>,
}

impl Layout {
    pub(super) fn new(blueprint: &Blueprint) -> Self {
        let mut next = KEYS;
        let mut keys = Vec::with_capacity(blueprint.dfs.len());
        let mut states = Vec::with_capacity(blueprint.dfs.len());
        for df in &blueprint.dfs {
            keys.push(next);
            let protection = df.keys.iter().position(|key| key.id == KeyId::STK_OF_APPLICATION);
            states
                .push(protection.map(|place| next.saturating_add(place.saturating_mul(KEY_SLOT))));
            next = next.saturating_add(df.keys.len().saturating_mul(KEY_SLOT));
        }
        let mut financial = Vec::with_capacity(blueprint.financial.applications.len());
        for plan in &blueprint.financial.applications {
            let (layout, end) = FinancialLayout::new(plan, next);
            financial.push(layout);
            next = end;
        }
        let purse = blueprint.purse.as_ref().map(|_| {
            let address = next;
            next = next.saturating_add(PurseArea::LENGTH);
            address
        });
        let psam = blueprint.psam.as_ref().map(|plan| {
            let address = next;
            next = next.saturating_add(PsamArea::key(plan.keys.len()));
            address
        });
        let mut files = Vec::with_capacity(blueprint.dfs.len());
        for df in &blueprint.dfs {
            let mut addresses = Vec::with_capacity(df.files.len());
            for file in &df.files {
                addresses.push(next);
                next = next.saturating_add(footprint(file.structure));
            }
            files.push(addresses);
        }
        // Behind everything else: what a profile without it has keeps its place.
        let pki = blueprint.pki.as_ref().map(|_| {
            let address = next;
            next = next.saturating_add(PkiArea::LENGTH);
            address
        });
        let layout = Self {
            keys,
            states,
            files,
            financial,
            purse,
            psam,
            pki,
            size: next,
            #[cfg(debug_assertions)]
            watched: Vec::new(),
        };
        #[cfg(debug_assertions)]
        let layout = layout.looked_at(blueprint);
        layout
    }

    /// Counters that a debug build looks at after each command.
    #[cfg(debug_assertions)]
    pub(crate) fn watched(&self) -> &[Watched] {
        &self.watched
    }

    /// Size of the memory in bytes.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Address of a key's counter; its value follows.
    pub(crate) fn key(&self, df: u8, slot: usize) -> usize {
        self.keys
            .get(usize::from(df))
            .map_or(usize::MAX, |start| start.saturating_add(slot.saturating_mul(KEY_SLOT)))
    }

    /// Address of what says whether an application of the environment is blocked by itself: 00 when it is. It is the
    /// counter of its secure messaging key, which nothing else uses, since no command authenticates with that key.
    #[inline]
    pub(crate) fn state(&self, df: u8) -> Option<usize> {
        self.states.get(usize::from(df)).copied().flatten()
    }

    pub(super) fn financial(&self, index: usize) -> Option<&FinancialLayout> {
        self.financial.get(index)
    }

    pub(crate) fn purse(&self) -> Option<usize> {
        self.purse
    }

    /// Address of the PKI application.
    pub(crate) fn pki(&self) -> Option<usize> {
        self.pki
    }

    /// Address of a security module's keys.
    pub(crate) fn psam(&self) -> Option<usize> {
        self.psam
    }

    /// Address of a file.
    #[inline]
    pub(crate) fn file(&self, df: u8, position: u8) -> usize {
        self.files
            .get(usize::from(df))
            .and_then(|files| files.get(usize::from(position)))
            .copied()
            .unwrap_or(usize::MAX)
    }

    /// The memory of a card before personalisation.
    pub(super) fn blank_memory(&self, blueprint: &Blueprint) -> Vec<u8> {
        let mut memory = vec![0; self.size];
        let mut put = |address: usize, bytes: &[u8]| {
            let end = address.saturating_add(bytes.len());
            if let Some(place) = memory.get_mut(address..end) {
                place.copy_from_slice(bytes);
            }
        };
        put(CardArea::LIFE_CYCLE, &[LifeCycle::Activated.byte()]);
        put(CardArea::ENVIRONMENT, &[LifeCycle::Activated.byte()]);
        put(PinArea::TRIES, &[blueprint.pin_tries]);
        for (df, plan) in (0..).zip(&blueprint.dfs) {
            for (slot, key) in plan.keys.iter().enumerate() {
                put(self.key(df, slot), &[key.tries]);
            }
            for (position, file) in (0..).zip(&plan.files) {
                let (header, content) = initial(file);
                let address = self.file(df, position);
                put(address, &header);
                put(address.saturating_add(header.len()), content);
            }
        }
        if let (Some(plan), Some(address)) = (&blueprint.purse, self.purse) {
            put(address.saturating_add(PurseArea::START_DAY), &plan.start_day);
        }
        if let (Some(plan), Some(address)) = (&blueprint.pki, self.pki) {
            plan.blank(|offset, bytes| put(address.saturating_add(offset), bytes));
        }
        if let (Some(plan), Some(address)) = (&blueprint.psam, self.psam) {
            put(address.saturating_add(PsamArea::MASTER_TRIES), &[plan.master_tries]);
        }
        for (plan, place) in blueprint.financial.applications.iter().zip(&self.financial) {
            put(place.base.saturating_add(Area::PIN_TRIES), &[plan.pin_tries]);
            put(place.base.saturating_add(Area::SM2), &plan.keys.sm2);
            put(place.base.saturating_add(Area::RSA), &plan.keys.rsa);
            for (object, (_, address, _)) in plan.objects.iter().zip(&place.objects) {
                put(*address, &object.value);
            }
            for (record, address) in plan.records.iter().zip(&place.records) {
                put(*address, &[u8::try_from(record.content.len()).unwrap_or(0)]);
                put(address.saturating_add(1), &record.content);
            }
        }
        memory
    }
}

/// Bytes of management data in front of a file's content, and the content's size:
/// linear variable: bytes in use (2); linear fixed: records (1); cyclic: records, newest (1 + 1).
fn footprint(structure: Structure) -> usize {
    let records = |records: u8, length: u8| usize::from(records).saturating_mul(length.into());
    match structure {
        Structure::Transparent { size } => usize::from(size),
        Structure::LinearVariable { capacity } => usize::from(capacity).saturating_add(2),
        Structure::LinearFixed { records: n, length } => records(n, length).saturating_add(1),
        Structure::Cyclic { records: n, length } => records(n, length).saturating_add(2),
    }
}

fn initial(file: &ElementaryFile) -> (Vec<u8>, &[u8]) {
    let content = file.content.as_slice();
    let header = match file.structure {
        Structure::Transparent { .. } => Vec::new(),
        Structure::LinearVariable { .. } => {
            u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes().to_vec()
        }
        Structure::LinearFixed { length, .. } => {
            let records = content.len().checked_div(length.into()).unwrap_or(0);
            vec![u8::try_from(records).unwrap_or(u8::MAX)]
        }
        Structure::Cyclic { length, .. } => {
            let records = content.len().checked_div(length.into()).unwrap_or(0);
            let records = u8::try_from(records).unwrap_or(u8::MAX);
            // Number of records, slot of the newest.
            vec![records, records.saturating_sub(1)]
        }
    };
    (header, content)
}
