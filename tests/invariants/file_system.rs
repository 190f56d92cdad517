//! The file system against a model of plain vectors: any sequence of reads and updates gives the
//! bytes and the status words that the model gives.

use proptest::prelude::*;
use sscard_apdu::{FileId, Sfi};
use sscard_core::{
    AccessRule, Blueprint, Card, DedicatedFile, ElementaryFile, Keys, Profile, Protocol, Structure,
    personalise,
};
use sscard_profile::synthetic_holder;

use crate::harness::hex;

const TRANSPARENT: u8 = 1;
const FIXED: u8 = 2;
const VARIABLE: u8 = 3;
const CYCLIC: u8 = 4;
const SIZE: usize = 200;
const CAPACITY: usize = 40;
const RECORDS: usize = 4;
const LENGTH: usize = 6;

/// A card with one file of each structure in its MF, free for all.
fn card() -> Card {
    let structures = [
        (TRANSPARENT, Structure::Transparent { size: SIZE as u16 }),
        (FIXED, Structure::LinearFixed { records: RECORDS as u8, length: LENGTH as u8 }),
        (VARIABLE, Structure::LinearVariable { capacity: CAPACITY as u16 }),
        (CYCLIC, Structure::Cyclic { records: RECORDS as u8, length: LENGTH as u8 }),
    ];
    let files = structures.map(|(sfi, structure)| ElementaryFile {
        fid: FileId::new(0xEF00 | u16::from(sfi)),
        sfi: Sfi::new(sfi).expect("short identifier"),
        structure,
        read: AccessRule::Free,
        update: AccessRule::Free,
        content: Vec::new(),
    });
    let mut blueprint: Blueprint =
        sscard_profile::built_in("gen2").expect("built-in").blueprint().clone();
    blueprint.protocol = Protocol::T1;
    blueprint.financial = sscard_core::FinancialPlan::default();
    blueprint.purse = None;
    blueprint.dfs = vec![DedicatedFile {
        fid: FileId::MASTER_FILE,
        name: Vec::new(),
        parent: None,
        dir: None,
        keys: Vec::new(),
        files: files.to_vec(),
    }];
    let profile = Profile::new(blueprint).expect("profile");
    let mut card = personalise(&profile, &synthetic_holder(1), &Keys::default()).expect("card");
    card.power_on().expect("power");
    card
}

#[derive(Clone, Debug)]
enum Step {
    ReadBytes { offset: u8, ne: u8 },
    UpdateBytes { offset: u8, data: Vec<u8> },
    ReadNumber { sfi: u8, number: u8 },
    ReadTag { sfi: u8, tag: u8 },
    ReadNext { sfi: u8, tag: u8 },
    UpdateNumber { sfi: u8, number: u8, tag: u8, value: Vec<u8> },
    UpdateTag { sfi: u8, tag: u8, value: Vec<u8> },
    AddCyclic { record: Vec<u8> },
    Reset,
}

fn step() -> impl Strategy<Value = Step> {
    let record_file = prop_oneof![Just(FIXED), Just(VARIABLE), Just(CYCLIC)];
    let linear = prop_oneof![Just(FIXED), Just(VARIABLE)];
    let value = prop_oneof![
        3 => prop::collection::vec(any::<u8>(), LENGTH - 2),
        2 => prop::collection::vec(any::<u8>(), 0..30),
    ];
    prop_oneof![
        (0..210_u8, 0..=255_u8).prop_map(|(offset, ne)| Step::ReadBytes { offset, ne }),
        (0..210_u8, prop::collection::vec(any::<u8>(), 1..40))
            .prop_map(|(offset, data)| Step::UpdateBytes { offset, data }),
        (record_file.clone(), 0..6_u8).prop_map(|(sfi, number)| Step::ReadNumber { sfi, number }),
        (linear.clone(), 1..5_u8).prop_map(|(sfi, tag)| Step::ReadTag { sfi, tag }),
        (linear.clone(), 0..5_u8).prop_map(|(sfi, tag)| Step::ReadNext { sfi, tag }),
        (linear.clone(), 1..6_u8, 1..5_u8, value.clone())
            .prop_map(|(sfi, number, tag, value)| Step::UpdateNumber { sfi, number, tag, value }),
        (linear, 1..5_u8, value).prop_map(|(sfi, tag, value)| Step::UpdateTag { sfi, tag, value }),
        prop_oneof![
            4 => prop::collection::vec(any::<u8>(), LENGTH),
            1 => prop::collection::vec(any::<u8>(), 1..10),
        ]
        .prop_map(|record| Step::AddCyclic { record }),
        Just(Step::Reset),
    ]
}

/// What the card should hold.
struct Model {
    bytes: Vec<u8>,
    /// Records by short identifier; the newest of a cyclic file comes first.
    files: [Vec<Vec<u8>>; 5],
    /// Current file and record number.
    current: Option<(u8, usize)>,
}

impl Model {
    fn new() -> Self {
        Self { bytes: vec![0; SIZE], files: Default::default(), current: None }
    }

    fn records(&mut self, sfi: u8) -> &mut Vec<Vec<u8>> {
        &mut self.files[usize::from(sfi)]
    }

    fn here(&self, sfi: u8) -> usize {
        self.current.filter(|(current, _)| *current == sfi).map_or(0, |(_, number)| number)
    }

    fn position(&self, sfi: u8, after: usize, tag: u8) -> Option<usize> {
        let records = &self.files[usize::from(sfi)];
        (after..records.len()).find(|at| tag == 0 || records[*at][0] == tag)
    }

    fn read(&self, sfi: u8, position: Option<usize>) -> Result<Vec<u8>, &'static str> {
        let found = position.and_then(|at| self.files[usize::from(sfi)].get(at).cloned());
        found.ok_or("6A83")
    }

    /// The number of the record that was written.
    fn write(
        &mut self,
        sfi: u8,
        at: Option<usize>,
        record: Vec<u8>,
    ) -> Result<usize, &'static str> {
        let records = &self.files[usize::from(sfi)];
        if let Some(at) = at
            && records[at][0] != record[0]
        {
            return Err("6A80");
        }
        match sfi {
            FIXED if record.len() != LENGTH => return Err("6700"),
            FIXED if at.is_none() && records.len() == RECORDS => return Err("6A84"),
            _ => {}
        }
        let used: usize = records.iter().map(Vec::len).sum();
        let freed = at.map_or(0, |at| records[at].len());
        if sfi == VARIABLE && used - freed + record.len() > CAPACITY {
            return Err("6A84");
        }
        let records = self.records(sfi);
        let at = match at {
            Some(at) => {
                records[at] = record;
                at
            }
            None => {
                records.push(record);
                records.len() - 1
            }
        };
        Ok(at + 1)
    }

    /// A file that is reached by a number becomes current; its record pointer stays.
    fn enter(&mut self, sfi: u8) {
        self.current = Some((sfi, self.here(sfi)));
    }

    /// Data and status word of a step.
    fn answer(&mut self, step: &Step) -> Result<Vec<u8>, &'static str> {
        match step {
            Step::ReadBytes { offset, ne } => {
                let rest = self.bytes.get(usize::from(*offset)..).filter(|rest| !rest.is_empty());
                let ne = if *ne == 0 { 256 } else { usize::from(*ne) };
                let rest = rest.ok_or("6B00")?;
                let data = rest[..ne.min(rest.len())].to_vec();
                if self.here(TRANSPARENT) == 0 {
                    self.current = Some((TRANSPARENT, 0));
                }
                Ok(data)
            }
            Step::UpdateBytes { offset, data } => {
                let offset = usize::from(*offset);
                if offset >= SIZE {
                    return Err("6B00");
                }
                if offset + data.len() > SIZE {
                    return Err("6700");
                }
                self.bytes[offset..offset + data.len()].copy_from_slice(data);
                self.current = Some((TRANSPARENT, 0));
                Ok(Vec::new())
            }
            Step::ReadNumber { sfi, number } => {
                let number = if *number == 0 { self.here(*sfi) } else { usize::from(*number) };
                let record = self.read(*sfi, number.checked_sub(1))?;
                self.enter(*sfi);
                Ok(record)
            }
            Step::ReadTag { sfi, tag } | Step::ReadNext { sfi, tag } => {
                let after = if let Step::ReadNext { .. } = step { self.here(*sfi) } else { 0 };
                let position = self.position(*sfi, after, *tag);
                let record = self.read(*sfi, position)?;
                self.current = position.map(|at| (*sfi, at + 1));
                Ok(record)
            }
            Step::UpdateNumber { sfi, number, tag, value } => {
                let at = usize::from(*number) - 1;
                let at = (at < self.files[usize::from(*sfi)].len()).then_some(at);
                self.write(*sfi, at, simple_tlv(*tag, value))?;
                self.enter(*sfi);
                Ok(Vec::new())
            }
            Step::UpdateTag { sfi, tag, value } => {
                let at = self.position(*sfi, 0, *tag);
                let number = self.write(*sfi, at, simple_tlv(*tag, value))?;
                self.current = Some((*sfi, number));
                Ok(Vec::new())
            }
            Step::AddCyclic { record } => {
                if record.len() != LENGTH {
                    return Err("6700");
                }
                let records = self.records(CYCLIC);
                records.insert(0, record.clone());
                records.truncate(RECORDS);
                self.current = Some((CYCLIC, 1));
                Ok(Vec::new())
            }
            Step::Reset => {
                self.current = None;
                Ok(Vec::new())
            }
        }
    }
}

fn simple_tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    [&[tag, value.len() as u8], value].concat()
}

fn command(step: &Step) -> Vec<u8> {
    let update =
        |p1: u8, p2: u8, data: &[u8]| [&[0x00, 0xDC, p1, p2, data.len() as u8], data].concat();
    match step {
        Step::ReadBytes { offset, ne } => vec![0x00, 0xB0, 0x80 | TRANSPARENT, *offset, *ne],
        Step::UpdateBytes { offset, data } => {
            [&[0x00, 0xD6, 0x80 | TRANSPARENT, *offset, data.len() as u8], &data[..]].concat()
        }
        Step::ReadNumber { sfi, number } => vec![0x00, 0xB2, *number, sfi << 3 | 4, 0],
        Step::ReadTag { sfi, tag } => vec![0x00, 0xB2, *tag, sfi << 3, 0],
        Step::ReadNext { sfi, tag } => vec![0x00, 0xB2, *tag, sfi << 3 | 2, 0],
        Step::UpdateNumber { sfi, number, tag, value } => {
            update(*number, sfi << 3 | 4, &simple_tlv(*tag, value))
        }
        Step::UpdateTag { sfi, tag, value } => update(*tag, sfi << 3, &simple_tlv(*tag, value)),
        Step::AddCyclic { record } => update(0, CYCLIC << 3 | 3, record),
        Step::Reset => Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_sequence_of_reads_and_updates_does_what_the_model_does(
        steps in prop::collection::vec(step(), 1..40)
    ) {
        let (mut card, mut model) = (card(), Model::new());
        for (number, step) in steps.iter().enumerate() {
            let wanted = match model.answer(step) {
                Ok(data) => hex(&data) + "9000",
                Err(status) => status.to_owned(),
            };
            if let Step::Reset = step {
                card = Card::from_image(&card.image()).expect("own image");
                card.power_on().expect("power");
                continue;
            }
            let mut response = Vec::new();
            card.transmit(&command(step), &mut response);
            prop_assert_eq!(hex(&response), wanted, "step {}: {:?}", number, step);
        }
    }
}
