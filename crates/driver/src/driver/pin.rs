//! iVerifyPIN, iChangePIN, iReloadPIN, iUnblockPIN.

use sscard_commands::{Command, ins};
use sscard_core::KeyId;
use zeroize::Zeroizing;

use super::Driver;
use crate::code::DriverError;
use crate::keypad::PinPrompt;
use crate::text;

/// Headers of RELOAD PIN and UNBLOCK PIN behind the class.
pub(super) const RELOAD: [u8; 3] = [ins::PIN_UNBLOCK, 0x00, 0x01];
pub(super) const UNBLOCK: [u8; 3] = [ins::PIN_UNBLOCK, 0x00, 0x00];

impl Driver {
    /// iVerifyPIN.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn verify_pin(&mut self, interface: i32) -> Result<String, DriverError> {
        self.with_card(interface, |driver, session| {
            driver.verify(session)?;
            Ok(String::new())
        })
    }

    /// iChangePIN.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn change_pin(&mut self, interface: i32) -> Result<String, DriverError> {
        self.with_card(interface, |driver, session| {
            let old = text::pin(&driver.ask(PinPrompt::Old)?)?;
            let new = text::pin(&driver.new_pin()?)?;
            let pins = Zeroizing::new([&old[..], &[0xFF], &new].concat());
            let (status, _) = session.send(&Command::ChangePin { pins: &pins })?;
            if status.is_success() { Ok(String::new()) } else { Err(DriverError::of_pin(status)) }
        })
    }

    /// iReloadPIN: a new PIN without the old one.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn reload_pin(&mut self, interface: i32, card_info: &str) -> Result<String, DriverError> {
        self.with_this_card(interface, card_info, |driver, session| {
            // Whether there is a module with the key is known before the holder is asked.
            driver.with_module(|module| {
                session.prove(module)?;
                session.authenticate(module, "SSSE", KeyId::PUK)
            })?;
            let new = text::pin(&driver.new_pin()?)?;
            driver.with_module(|module| session.protected(module, RELOAD, Some(&new)))?;
            Ok(String::new())
        })
    }

    /// iUnblockPIN: all tries again.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn unblock_pin(&mut self, interface: i32, card_info: &str) -> Result<String, DriverError> {
        self.with_this_card(interface, card_info, |driver, session| {
            driver.with_module(|module| {
                session.prove(module)?;
                session.authenticate(module, "SSSE", KeyId::PUK)?;
                session.protected(module, UNBLOCK, None)
            })?;
            Ok(String::new())
        })
    }
}
