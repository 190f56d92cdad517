//! ICC_Reader_…: the reader below, card by card and command by command.
//!
//! Slot 01 is the holder's card, 11 the security module; 02 to 0F and 12 to 1F are slots without a card. Answers are
//! followed (61xx, 6Cxx), as readers of the field do.

use std::ffi::c_long;

use sscard_host::Transport;

use super::{Driver, followed};
use crate::code::{DriverCode, DriverError};
use crate::slots::{CardInterface, Chip};

/// The most bytes that an answer has.
const ICC_ANSWER: usize = 258;
/// The longest command with short length fields.
const LONGEST_COMMAND: usize = 261;

/// Open handles, and what they powered.
#[derive(Default)]
pub(super) struct IccHandles {
    open: Vec<c_long>,
    last: c_long,
    card: Option<Chip>,
    module: Option<Chip>,
}

impl IccHandles {
    pub(super) fn take(&mut self) -> (Option<Chip>, Option<Chip>) {
        (self.card.take(), self.module.take())
    }
}

/// A slot with a card.
#[derive(Clone, Copy, PartialEq, Eq)]
enum IccSlot {
    Card,
    Module,
}

fn slot(number: u8) -> Result<IccSlot, DriverError> {
    match number {
        0x01 => Ok(IccSlot::Card),
        0x11 => Ok(IccSlot::Module),
        0x02..=0x0F | 0x12..=0x1F => {
            Err(DriverError::new(DriverCode::NoCard, "there is nothing in this slot"))
        }
        _ => Err(DriverError::new(DriverCode::Argument, "a slot is 01 to 0F or 11 to 1F")),
    }
}

impl Driver {
    /// ICC_Reader_Open: a handle.
    ///
    /// # Errors
    /// [`DriverCode::Argument`] for a name that is none of a device.
    pub fn icc_open(&mut self, device: &str) -> Result<c_long, DriverError> {
        let is_port = ["COM", "USB", "LPT"].iter().any(|port| {
            device.strip_prefix(port).is_some_and(|n| matches!(n.as_bytes(), [b'1'..=b'9']))
        });
        if device != "AUTO" && !is_port {
            let detail = "a device is AUTO, COMn, USBn or LPTn, n from 1 to 9";
            return Err(DriverError::new(DriverCode::Argument, detail));
        }
        self.settings()?;
        self.icc.last = self.icc.last.checked_add(1).unwrap_or(1);
        self.icc.open.push(self.icc.last);
        Ok(self.icc.last)
    }

    fn icc_check(&self, handle: c_long) -> Result<(), DriverError> {
        if self.icc.open.contains(&handle) {
            Ok(())
        } else {
            let detail = "ICC_Reader_Open did not give this handle, or it was closed";
            Err(DriverError::new(DriverCode::NotConnected, detail))
        }
    }

    /// ICC_Reader_Close; the cards lose their power with the last handle.
    ///
    /// # Errors
    /// [`DriverCode::NotConnected`].
    pub fn icc_close(&mut self, handle: c_long) -> Result<(), DriverError> {
        self.icc_check(handle)?;
        self.icc.open.retain(|open| *open != handle);
        if self.icc.open.is_empty() {
            self.quiet();
        }
        Ok(())
    }

    /// ICC_Reader_PowerOn: the answer to reset.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn icc_power_on(&mut self, handle: c_long, number: u8) -> Result<Vec<u8>, DriverError> {
        self.icc_check(handle)?;
        let settings = self.settings()?.clone();
        let chip = match slot(number)? {
            IccSlot::Card => {
                if let Some(pending) = self.pending.take() {
                    drop(self.slots.put_card(pending.session.chip));
                }
                if let Some(card) = self.icc.card.take() {
                    drop(self.slots.put_card(card));
                }
                let chip = self.slots.card(&settings, CardInterface::ContactFirst)?;
                self.icc.card.insert(chip)
            }
            IccSlot::Module => {
                if let Some(module) = self.icc.module.take() {
                    drop(self.slots.put_module(module.into_inner()));
                }
                let link = self.slots.module(&settings, 0)?.ok_or_else(|| {
                    DriverError::new(DriverCode::NoCard, "there is no security module")
                })?;
                self.icc.module.insert(followed(link))
            }
        };
        Ok(chip.atr().to_vec())
    }

    fn icc_powered(&mut self, number: u8) -> Result<&mut Option<Chip>, DriverError> {
        Ok(match slot(number)? {
            IccSlot::Card => &mut self.icc.card,
            IccSlot::Module => &mut self.icc.module,
        })
    }

    /// ICC_Reader_PowerOff.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn icc_power_off(&mut self, handle: c_long, number: u8) -> Result<(), DriverError> {
        self.icc_check(handle)?;
        let Some(chip) = self.icc_powered(number)?.take() else { return Ok(()) };
        match slot(number)? {
            IccSlot::Card => self.slots.put_card(chip),
            IccSlot::Module => self.slots.put_module(chip.into_inner()),
        }
    }

    /// ICC_Reader_GetStatus: there is a card with power.
    ///
    /// # Errors
    /// [`DriverCode::NotPowered`] for a card without, [`DriverCode::NoCard`] for none.
    pub fn icc_status(&mut self, handle: c_long, number: u8) -> Result<(), DriverError> {
        self.icc_check(handle)?;
        if self.icc_powered(number)?.is_some() {
            return Ok(());
        }
        // Looking is the only way that serves every reader; another function's card is not disturbed by it.
        let not_powered = DriverError::new(DriverCode::NotPowered, "the card has no power");
        if self.pending.is_some() && slot(number)? == IccSlot::Card {
            return Err(not_powered);
        }
        self.icc_power_on(handle, number)?;
        self.icc_power_off(handle, number)?;
        Err(not_powered)
    }

    /// ICC_Reader_Application: one command, its answer with the status word.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn icc_application(
        &mut self,
        handle: c_long,
        number: u8,
        command: &[u8],
    ) -> Result<Vec<u8>, DriverError> {
        self.icc_check(handle)?;
        if !(4..=LONGEST_COMMAND).contains(&command.len()) {
            let detail = "a command has 4 to 261 bytes";
            return Err(DriverError::new(DriverCode::Argument, detail));
        }
        let Some(chip) = self.icc_powered(number)? else {
            let detail = "the card has no power: call ICC_Reader_PowerOn";
            return Err(DriverError::new(DriverCode::NotPowered, detail));
        };
        let mut response = Vec::new();
        chip.transmit(command, &mut response)?;
        if response.len() > ICC_ANSWER {
            let detail =
                format!("the answer has {} bytes, and there is room for 258", response.len());
            return Err(DriverError::new(DriverCode::Checksum, detail));
        }
        Ok(response)
    }
}
