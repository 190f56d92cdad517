//! Our card under load: the mix, READ RECORD alone, snapshots.

use std::error::Error;
use std::hint::black_box;

use sscard_commands::ins;
use sscard_core::Card;
use sscard_profile::{MasterKeys, built_in, issue, load, synthetic_holder};

use crate::timing::per_second;

pub(crate) const SELECT_SSSE: &[u8] =
    b"\x00\xA4\x04\x00\x0Fsx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";
/// The three commands of the mix: SELECT EF06 by file identifier, READ RECORD tag 09 (the name
/// extension, 32 bytes with tag and length), VERIFY with the right PIN.
pub(crate) const SELECT_EF06: &[u8] = &[0x00, ins::SELECT, 0x00, 0x00, 0x02, 0xEF, 0x06];
pub(crate) const READ_RECORD: &[u8] = &[0x00, ins::READ_RECORD, 0x09, 0x00, 0x20];
pub(crate) const VERIFY: &[u8] = &[0x00, ins::VERIFY, 0x00, 0x00, 0x03, 0x12, 0x34, 0x56];
pub(crate) const MIX: [&[u8]; 3] = [SELECT_EF06, READ_RECORD, VERIFY];

/// A T=1 gen2 card with the environment selected.
pub(crate) struct Bench {
    card: Card,
    response: Vec<u8>,
}

/// Such a card, without power.
pub(crate) fn t1_card() -> Result<Card, Box<dyn Error>> {
    let profile = load("base = \"gen2\"\nprotocol = \"T=1\"")?;
    Ok(issue(&profile, &synthetic_holder(1), &MasterKeys::test())?)
}

impl Bench {
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        let mut card = t1_card()?;
        card.power_on()?;
        let mut bench = Self { card, response: Vec::with_capacity(300) };
        bench.expect(SELECT_SSSE, 26)?;
        bench.expect(SELECT_EF06, 2)?;
        bench.expect(READ_RECORD, 34)?;
        bench.expect(VERIFY, 2)?;
        Ok(bench)
    }

    /// A figure counts only when the card does the work.
    fn expect(&mut self, command: &[u8], length: usize) -> Result<(), Box<dyn Error>> {
        self.card.transmit(command, &mut self.response);
        let answers = self.response.ends_with(&[0x90, 0x00]);
        if answers && self.response.len() == length {
            Ok(())
        } else {
            Err(format!("{command:02X?} got {:02X?}", self.response).into())
        }
    }

    /// Commands a second, in turns of the three of the mix.
    pub(crate) fn mix(&mut self, rounds: u32) -> f64 {
        let (card, response) = (&mut self.card, &mut self.response);
        3.0 * per_second(rounds, |rounds| {
            for _ in 0..rounds {
                for command in MIX {
                    card.transmit(black_box(command), response);
                    black_box(&*response);
                }
            }
        })
    }

    pub(crate) fn read_record(&mut self, times: u32) -> f64 {
        let (card, response) = (&mut self.card, &mut self.response);
        card.transmit(SELECT_EF06, response);
        per_second(times, |times| {
            for _ in 0..times {
                card.transmit(black_box(READ_RECORD), response);
                black_box(&*response);
            }
        })
    }
}

/// Nanoseconds for a snapshot of a gen3 card in use and going back to it after a command.
pub(crate) fn snapshot_and_restore(times: u32) -> Result<f64, Box<dyn Error>> {
    let mut card = issue(
        &built_in("gen3").ok_or("no profile gen3")?,
        &synthetic_holder(1),
        &MasterKeys::test(),
    )?;
    card.power_on()?;
    let mut response = Vec::new();
    card.transmit(SELECT_SSSE, &mut response);
    card.transmit(VERIFY, &mut response);
    let mut other = card.clone();
    let rate = per_second(times, |times| {
        for _ in 0..times {
            let snapshot = black_box(&card).snapshot();
            other.restore(black_box(&snapshot));
            black_box(&other);
        }
    });
    Ok(1e9 / rate)
}
