//! The C interface over the Rust call: READ RECORD on the same card, in turns.

use std::error::Error;
use std::hint::black_box;

use sscard::{slices, sscard_card, sscard_card_free, sscard_power_on};
use sscard_core::Card;

use crate::card::{READ_RECORD, SELECT_EF06, SELECT_SSSE, t1_card};
use crate::timing::per_second;

/// Commands at a stretch: short, so that what slows the machine slows both.
const STRETCH: u32 = 100_000;

/// One card twice: as a value, and behind a handle.
pub(crate) struct Bench {
    card: Card,
    response: Vec<u8>,
    handle: *mut sscard_card,
    buffer: [u8; 258],
}

impl Bench {
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        let mut card = t1_card()?;
        let handle = slices::card_from_image(card.image().as_bytes());
        card.power_on()?;
        if sscard_power_on(handle) != 0 {
            return Err("no card behind the handle".into());
        }
        let mut bench = Self { card, response: Vec::with_capacity(300), handle, buffer: [0; 258] };
        for command in [SELECT_SSSE, SELECT_EF06, READ_RECORD] {
            bench.card.transmit(command, &mut bench.response);
            let length = bench.transmit(command)?;
            if bench.buffer.get(..length) != Some(&bench.response[..]) {
                return Err(format!("{command:02X?}: another answer behind the handle").into());
            }
        }
        Ok(bench)
    }

    fn transmit(&mut self, command: &[u8]) -> Result<usize, &'static str> {
        let (code, length) = slices::transmit(self.handle, command, &mut self.buffer);
        if code == 0 { Ok(length) } else { Err("the handle's card does not answer") }
    }

    /// The time of a READ RECORD over the C interface by that of the Rust call.
    pub(crate) fn ratio(&mut self) -> Result<f64, Box<dyn Error>> {
        let rust = per_second(STRETCH, |times| {
            for _ in 0..times {
                self.card.transmit(black_box(READ_RECORD), &mut self.response);
                black_box(&self.response);
            }
        });
        let mut failed = None;
        let c = per_second(STRETCH, |times| {
            for _ in 0..times {
                failed = self.transmit(black_box(READ_RECORD)).err().or(failed);
                black_box(&self.buffer);
            }
        });
        failed.map_or(Ok(rust / c), |failed| Err(failed.into()))
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        sscard_card_free(self.handle);
    }
}
