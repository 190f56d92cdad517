//! What a payment application keeps without power.

use std::collections::VecDeque;
use std::sync::Arc;

use sscard_apdu::bcd;
use sscard_apdu::tlv::Tag;
use sscard_core::inspect::AccountContent;
use sscard_core::{Card, FinancialApplication, PaymentState};
use sscard_crypto::financial::format_2_block;

/// What a power cut, or the next transaction, finds.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Lasting {
    pub(crate) is_blocked: bool,
    /// The PIN as an ISO 9564 format 2 block.
    pub(crate) pin: [u8; 8],
    /// 9F17.
    pub(crate) tries: u8,
    /// 9F36.
    pub(crate) atc: u16,
    /// 9F13.
    pub(crate) last_online_atc: u16,
    pub(crate) flags: Flags,
    /// Script commands after the second cryptogram, at most 15.
    pub(crate) scripts: u8,
    /// Consecutive offline transactions in another currency.
    pub(crate) currency_counter: u8,
    /// Consecutive offline transactions in another country.
    pub(crate) country_counter: u8,
    /// Cumulative amount in cents.
    pub(crate) sum: u64,
    /// That of both currencies.
    pub(crate) dual_sum: u64,
    pub(crate) quick: Quick,
    /// Values by tag.
    pub(crate) objects: Arc<Vec<(Tag, Vec<u8>)>>,
    /// Values of the templates 70, by SFI and number; in the plan's order.
    pub(crate) records: Arc<Vec<Record>>,
    /// The newest first.
    pub(crate) transaction_log: Arc<VecDeque<Vec<u8>>>,
    /// The newest first.
    pub(crate) load_log: Arc<VecDeque<Vec<u8>>>,
}

/// What the last transactions left behind (JR/T 0025.5 §14.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Flags {
    /// An ARQC was given, and the transaction did not end online.
    pub(crate) online: bool,
    pub(crate) issuer_failed: bool,
    pub(crate) sda_failed: bool,
    pub(crate) dda_failed: bool,
    pub(crate) script_failed: bool,
}

/// A debit of qPBOC, which counts when the last record is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Quick {
    /// Nothing waits.
    None,
    /// It waits: what was there before.
    Waits { balance: [u8; 6], sum: u64, counter: u8 },
    /// That of this ATC has counted.
    Counted([u8; 2]),
}

/// One record of SFI 1…10.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Record {
    pub(crate) sfi: u8,
    pub(crate) number: u8,
    pub(crate) capacity: usize,
    pub(crate) content: Arc<[u8]>,
}

impl Lasting {
    /// The payment applications of a card, in the blueprint's order.
    pub(in crate::card_model) fn all(card: &Card) -> Vec<Arc<Self>> {
        let applications = &card.profile().blueprint().financial.applications;
        let states = card.reveal_state().accounts;
        let contents = card.inspect_account_contents();
        let pins = card.reveal_account_pins();
        let rows = applications.iter().zip(states).zip(contents).zip(pins);
        rows.map(|(((application, state), content), pin)| {
            Arc::new(Self::of(application, &state, &content, &pin))
        })
        .collect()
    }

    fn of(
        application: &FinancialApplication,
        state: &PaymentState,
        content: &AccountContent,
        pin: &str,
    ) -> Self {
        // [`PaymentState::risk`] says what lies where.
        let risk = state.risk.unwrap_or([0; 38]);
        let flags = risk[2];
        let quick = match risk[24] {
            0 if risk[25..27] == [0, 0] => Quick::None,
            0 => Quick::Counted([risk[25], risk[26]]),
            _ => Quick::Waits {
                balance: risk[25..31].try_into().unwrap_or_default(),
                sum: bcd::number(&risk[31..37]),
                counter: risk[37],
            },
        };
        let objects = application.objects.iter().filter_map(|object| {
            let mut held = content.objects.iter();
            // What the card counts itself stands in front of its data objects.
            held.rfind(|(tag, _)| *tag == object.tag).cloned()
        });
        let records = application.records.iter().filter_map(|record| {
            let (sfi, number) = (record.sfi.number(), record.number);
            let mut held = content.records.iter();
            let held = held.find(|held| (held.sfi, held.number) == (sfi, number))?;
            let capacity = usize::from(record.capacity);
            Some(Record { sfi, number, capacity, content: held.content.as_slice().into() })
        });
        let log = |records: &Option<Vec<Vec<u8>>>| {
            Arc::new(records.iter().flatten().cloned().collect::<VecDeque<_>>())
        };
        Self {
            is_blocked: state.blocked.unwrap_or_default(),
            pin: format_2_block(pin).map_or([0; 8], |block| *block),
            tries: state.pin_tries_left.unwrap_or_default(),
            atc: state.atc.unwrap_or_default(),
            last_online_atc: state.last_online_atc.unwrap_or_default(),
            flags: Flags {
                online: flags & 0x01 != 0,
                issuer_failed: flags & 0x02 != 0,
                sda_failed: flags & 0x04 != 0,
                dda_failed: flags & 0x08 != 0,
                script_failed: flags & 0x10 != 0,
            },
            scripts: risk[3],
            currency_counter: risk[4],
            country_counter: risk[5],
            sum: bcd::number(&risk[6..12]),
            dual_sum: bcd::number(&risk[12..18]),
            quick,
            objects: Arc::new(objects.collect()),
            records: Arc::new(records.collect()),
            transaction_log: log(&state.transaction_log),
            load_log: log(&state.load_log),
        }
    }

    /// The value of a data object; `None` when the card has none.
    pub(crate) fn object(&self, tag: Tag) -> Option<&[u8]> {
        let found = self.objects.iter().find(|(known, _)| *known == tag);
        found.map(|(_, value)| value.as_slice())
    }

    /// The value of a data object of this length.
    pub(crate) fn fixed<const N: usize>(&self, tag: Tag) -> Option<[u8; N]> {
        self.object(tag)?.try_into().ok()
    }

    /// An amount among the data objects, in cents.
    pub(crate) fn amount(&self, tag: Tag) -> Option<u64> {
        self.fixed::<6>(tag).map(|value| bcd::number(&value))
    }

    /// A limit of a counter among the data objects.
    pub(crate) fn count(&self, tag: Tag) -> Option<u64> {
        self.fixed::<1>(tag).map(|[value]| value.into())
    }

    /// Writes a data object that is there.
    pub(crate) fn put(&mut self, tag: Tag, value: &[u8]) {
        let objects = Arc::make_mut(&mut self.objects);
        if let Some((_, held)) = objects.iter_mut().find(|(known, _)| *known == tag) {
            value.clone_into(held);
        }
    }

    /// Writes the content of a record that is there.
    pub(crate) fn replace_record(&mut self, sfi: u8, number: u8, content: &[u8]) {
        let records = Arc::make_mut(&mut self.records);
        let place = records.iter_mut().find(|record| (record.sfi, record.number) == (sfi, number));
        if let Some(record) = place {
            record.content = content.into();
        }
    }

    pub(crate) fn record(&self, sfi: u8, number: u8) -> Option<&Record> {
        self.records.iter().find(|record| (record.sfi, record.number) == (sfi, number))
    }
}

/// Adds to a sum: an n12 field goes no further than twelve nines.
pub(crate) fn add(sum: &mut u64, amount: u64) {
    *sum = sum.saturating_add(amount).min(999_999_999_999);
}
