//! What a debug build looks at: whether areas overlap, and where counters lie that move one way only.
//!
//! What enters: a plan and its layout. What leaves: its areas; its counters by address, for the assertions after each command.

use alloc::vec::Vec;
use core::ops::Range;

use sscard_commands::ins;

use super::{
    ATR_LENGTH, Area, CardArea, FinancialLayout, KEY_SLOT, LOAD_LOG_HEAD, Layout, PIN_LENGTH,
    PinArea, PkiArea, PsamArea, PurseArea, footprint, log_size,
};
use crate::profile::{Blueprint, FinancialApplication};

/// A counter and how it may move.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Watched {
    /// Tries left, one byte: falls one at a time, rises by these instructions alone.
    Tries(usize, &'static [u8]),
    /// Counts transactions in two bytes: never falls.
    Counter(usize),
    /// The same in four bytes.
    LongCounter(usize),
}

const BY_AUTHENTICATION: &[u8] = &[ins::EXTERNAL_AUTHENTICATE];
const BY_HOLDER: &[u8] = &[ins::VERIFY, ins::CHANGE_PIN, ins::PIN_UNBLOCK];
const BY_KEY: &[u8] = &[ins::WRITE_KEY];

impl Layout {
    /// With its counters found, and its areas looked at.
    pub(super) fn looked_at(mut self, blueprint: &Blueprint) -> Self {
        debug_assert!(self.is_disjoint(blueprint), "no two areas have a byte in common");
        self.watched = self.counters(blueprint);
        self
    }

    /// The counters of a card. Not those that say whether an application is blocked: see [`Layout::state`].
    pub(super) fn counters(&self, blueprint: &Blueprint) -> Vec<Watched> {
        let mut found = alloc::vec![Watched::Tries(PinArea::TRIES, BY_HOLDER)];
        for (df, plan) in (0..).zip(&blueprint.dfs) {
            let counters = (0..plan.keys.len()).map(|slot| self.key(df, slot));
            let tries = counters.filter(|address| self.state(df) != Some(*address));
            found.extend(tries.map(|address| Watched::Tries(address, BY_AUTHENTICATION)));
        }
        for place in &self.financial {
            let at = |offset: usize| place.base.saturating_add(offset);
            found.push(Watched::Tries(at(Area::PIN_TRIES), BY_HOLDER));
            found.push(Watched::Counter(at(Area::ATC)));
        }
        for counter in [PurseArea::ONLINE, PurseArea::OFFLINE] {
            found.extend(self.purse.map(|purse| Watched::Counter(purse.saturating_add(counter))));
        }
        for pin in [PkiArea::USER, PkiArea::ADMINISTRATOR] {
            found.extend(self.pki.map(|pki| Watched::Tries(pki.saturating_add(pin), BY_HOLDER)));
        }
        if let (Some(plan), Some(psam)) = (&blueprint.psam, self.psam) {
            found.push(Watched::Tries(psam.saturating_add(PsamArea::MASTER_TRIES), BY_KEY));
            let here = (0..).zip(&blueprint.dfs).filter(|(_, df)| df.fid == plan.application);
            let files =
                here.flat_map(|(df, its)| (0..).zip(&its.files).map(move |file| (df, file)));
            let counter = files.filter(|(_, (_, file))| file.fid == plan.counter);
            found
                .extend(counter.map(|(df, (place, _))| Watched::LongCounter(self.file(df, place))));
        }
        found
    }

    /// Whether every area lies within the memory and no two have a byte in common.
    pub(super) fn is_disjoint(&self, blueprint: &Blueprint) -> bool {
        let mut areas = self.areas(blueprint);
        areas.sort_by_key(|area| (area.start, area.end));
        let apart = areas.windows(2).all(|pair| match pair {
            [first, second] => first.end <= second.start,
            _ => true,
        });
        apart && areas.last().is_none_or(|last| last.end <= self.size)
    }

    fn areas(&self, blueprint: &Blueprint) -> Vec<Range<usize>> {
        let area = |start: usize, length: usize| start..start.saturating_add(length);
        let mut found = alloc::vec![
            area(CardArea::LIFE_CYCLE, 1),
            area(CardArea::ENVIRONMENT, 1),
            area(CardArea::GENERATOR, 32),
            area(CardArea::ATR, ATR_LENGTH.saturating_add(1)),
            area(PinArea::TRIES, 1),
            area(PinArea::LENGTH, 1),
            area(PinArea::VALUE, PIN_LENGTH),
        ];
        for (df, plan) in (0..).zip(&blueprint.dfs) {
            found.extend((0..plan.keys.len()).map(|slot| area(self.key(df, slot), KEY_SLOT)));
            let files = (0..).zip(&plan.files);
            found.extend(
                files.map(|(place, file)| area(self.file(df, place), footprint(file.structure))),
            );
        }
        for (plan, place) in blueprint.financial.applications.iter().zip(&self.financial) {
            place.areas(plan, &mut found);
        }
        found.extend(self.purse.map(|address| area(address, PurseArea::LENGTH)));
        found.extend(self.pki.map(|address| area(address, PkiArea::LENGTH)));
        if let (Some(plan), Some(address)) = (&blueprint.psam, self.psam) {
            found.push(area(address, PsamArea::key(plan.keys.len())));
        }
        found.retain(|area| !area.is_empty());
        found
    }
}

impl FinancialLayout {
    fn areas(&self, plan: &FinancialApplication, found: &mut Vec<Range<usize>>) {
        let area = |start: usize, length: usize| start..start.saturating_add(length);
        let half = usize::from(plan.rsa_modulus).div_ceil(2);
        found.push(area(self.base, Area::RSA.saturating_add(half.saturating_mul(5))));
        found.extend(self.objects.iter().map(|(_, address, length)| area(*address, *length)));
        let records = self.records.iter().zip(&plan.records);
        found.extend(
            records.map(|(at, record)| area(*at, usize::from(record.capacity).saturating_add(1))),
        );
        found.push(area(self.transaction_log, log_size(plan.transaction_log.as_ref(), 0)));
        found.push(area(self.load_log, log_size(plan.load_log.as_ref(), LOAD_LOG_HEAD)));
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use sscard_apdu::{FileId, Protocol};
    use sscard_crypto::Algorithm;

    use super::*;
    use crate::access::KeyId;
    use crate::profile::layout::KEYS;
    use crate::profile::{DedicatedFile, KeyPurpose, KeySlot};

    fn with_one_key() -> Blueprint {
        let key = KeySlot {
            id: KeyId(0x04),
            version: 1,
            purpose: KeyPurpose::ExternalAuthentication,
            tries: 3,
        };
        let environment = DedicatedFile {
            fid: FileId::new(0xDDF1),
            name: Vec::new(),
            parent: None,
            dir: None,
            keys: alloc::vec![key],
            files: Vec::new(),
        };
        Blueprint {
            name: String::new(),
            version: *b"3.00",
            algorithm: Algorithm::Sm4,
            announces_algorithm: false,
            protocol: Protocol::T0,
            extended_length: false,
            historical: [0; 7],
            channels: 1,
            pin_tries: 6,
            lenient_le: false,
            authenticated_identification: false,
            dfs: alloc::vec![environment],
            financial: Default::default(),
            purse: None,
            pin_digits: Default::default(),
            pki: None,
            names: Default::default(),
            psam: None,
            key_algorithms: Vec::new(),
        }
    }

    #[test]
    fn areas_that_overlap_or_reach_out_are_seen() {
        let blueprint = with_one_key();
        let mut layout = Layout::new(&blueprint);
        assert!(layout.is_disjoint(&blueprint));
        layout.purse = Some(layout.size);
        assert!(!layout.is_disjoint(&blueprint), "behind the end");
        layout.size = layout.size.saturating_add(PurseArea::LENGTH);
        assert!(layout.is_disjoint(&blueprint));
        layout.purse = Some(PinArea::VALUE);
        assert!(!layout.is_disjoint(&blueprint), "over the PIN");
    }

    #[test]
    fn pin_and_key_are_counted() {
        let blueprint = with_one_key();
        assert_eq!(
            Layout::new(&blueprint).counters(&blueprint),
            [Watched::Tries(PinArea::TRIES, BY_HOLDER), Watched::Tries(KEYS, BY_AUTHENTICATION)]
        );
    }
}
