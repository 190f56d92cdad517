//! Places and contents: selections, P1 and P2 of readings and updates, a new record in the shape of an old one.

use sscard_commands::ins;
use sscard_core::Structure;

use super::pen::{NO_LE, Pen};
use super::{SocialPlace, Truth};
use crate::card_model::social::plan::File;

impl Pen<'_> {
    pub(super) fn select_directory(&mut self, place: u8) {
        let df = self.plan.df(place % self.plan.directories());
        if place & 0x40 == 0 && !df.name.is_empty() {
            return self.plain(0x00, ins::SELECT, [4, 0], &df.name, 0);
        }
        self.plain(
            0x00,
            ins::SELECT,
            [0, 0],
            &df.fid.to_bytes(),
            if place & 0x80 == 0 { 0 } else { NO_LE },
        );
    }

    pub(super) fn select_file(&mut self, place: u8, p1: u8) {
        let fid = self.file(place).map_or([0xEF, place], |file| file.fid.to_bytes());
        self.plain(0x00, ins::SELECT, [p1, 0], &fid, NO_LE);
    }

    /// A file of the current DF.
    pub(super) fn file(&self, place: u8) -> Option<File> {
        let files = self.plan.files(self.session.df);
        files.get(usize::from(place).checked_rem(files.len())?).copied()
    }

    /// The file that a command on records, or on bytes, means: mostly one of that structure.
    pub(super) fn meant(&self, place: SocialPlace, records: bool) -> Option<File> {
        let files = self.plan.files(self.session.df);
        if !place.short {
            return files.get(usize::from(self.session.ef?)).copied();
        }
        let has_records = |file: &&File| !matches!(file.structure, Structure::Transparent { .. });
        let fitting = files.iter().filter(|file| has_records(file) == records);
        match usize::from(place.file >> 3).checked_rem(fitting.clone().count()) {
            Some(at) if place.file & 7 != 0 => fitting.clone().nth(at).copied(),
            _ => self.file(place.file),
        }
    }

    fn sfi(&self, place: SocialPlace, meant: Option<File>) -> u8 {
        if place.short { meant.map_or(place.file & 0x1F, |file| file.sfi) } else { 0 }
    }

    pub(super) fn record_parameters(&self, place: SocialPlace) -> (u8, u8) {
        let mode = place.mode;
        let meant = self.meant(place, true);
        let records = meant.map_or(&[][..], |file| self.lasting.records(file.index));
        let count = u8::try_from(records.len()).unwrap_or(u8::MAX);
        let p1 = match (mode, place.by) {
            // The pointer, or any identifier.
            (_, 0) => 0,
            (4.., _) => (place.at & 0x1F) % count.saturating_add(2),
            (_, 1) => place.at,
            _ => {
                let some = usize::from(place.at).checked_rem(records.len());
                some.map_or(place.at, |at| records[at][0])
            }
        };
        (p1, self.sfi(place, meant) << 3 | mode)
    }

    pub(super) fn binary_parameters(&self, place: SocialPlace) -> (u8, u8) {
        // Small offsets mostly, and the file's end.
        let meant = self.meant(place, false);
        let offset = match (place.by, meant.map(|file| file.structure)) {
            (0, Some(Structure::Transparent { size })) => {
                size.saturating_sub(8).saturating_add(u16::from(place.at & 0x0F))
            }
            (1, _) => u16::from_be_bytes([place.mode, place.at]),
            _ => u16::from(place.at),
        };
        let [high, low] = offset.to_be_bytes();
        match self.sfi(place, meant) {
            0 => (high & 0x7F, low),
            sfi => (0x80 | sfi | if place.at == 0xFF { 0x20 } else { 0x00 }, low),
        }
    }

    /// A record as the one that is there, or that there could be, of other bytes and perhaps of another length.
    pub(super) fn new_record(&self, place: SocialPlace, longer: i8, fill: u8) -> Vec<u8> {
        let Some(file) = self.meant(place, true) else { return vec![fill; 3] };
        if let Structure::Cyclic { length, .. } = file.structure {
            return vec![fill; length.saturating_add_signed(longer).into()];
        }
        let records = self.lasting.records(file.index);
        let (p1, p2) = self.record_parameters(place);
        let old = if p2 & 7 < 4 {
            records.iter().find(|record| record[0] == p1)
        } else {
            records.get(usize::from(p1).saturating_sub(1))
        };
        let tag = old.map_or(if p2 & 7 < 4 && p1 != 0 { p1 } else { fill }, |old| old[0]);
        let length = match file.structure {
            Structure::LinearFixed { length, .. } => usize::from(length),
            _ => old.map_or(usize::from(fill & 0x0F) + 2, |old| old.len()),
        };
        let value = (length.min(200) - 2).saturating_add_signed(longer.into());
        let mut record = vec![fill; value + 2];
        record[0] = tag;
        // A length that lies, now and then.
        record[1] = u8::try_from(value).unwrap_or(0) ^ u8::from(fill == 0x77);
        record
    }

    /// UPDATE, plain or protected.
    pub(super) fn update(
        &mut self,
        ins: u8,
        parameters: [u8; 2],
        data: &[u8],
        cover: Option<Truth>,
        towards: bool,
    ) {
        match cover {
            None => self.plain(0x00, ins, parameters, data, NO_LE),
            Some(_) if towards && self.challenge().is_none() => {
                self.plain(0x00, ins::GET_CHALLENGE, [0, 0], &[], 8);
            }
            Some(truth) => self.protected(0x00, ins, parameters, data, truth),
        }
    }
}
