//! The driver: what a function of the interface does, with text in and text out.
//!
//! What enters: arguments as text. What leaves: the text for `pOutInfo`, or a [`DriverError`]. Each function powers the card,
//! does its work and takes the power off again, so that nothing stays proved; the steps of one with an HSM belong together.

mod basic;
mod debit;
mod files;
mod hsm;
mod icc;
mod pin;
mod pki;

use sscard_host::Follow;
use sscard_terminal::{ModuleError, Psam, SecurityModule};
use zeroize::Zeroizing;

use crate::code::{DriverCode, DriverError};
use crate::configuration::DriverConfiguration;
use crate::keypad::{self, PinCallback, PinPrompt};
use crate::session::Session;
use crate::slots::{CardInterface, Chip, Slots};
use crate::text;
use hsm::Pending;
use icc::IccHandles;

/// A reader with two slots and a keypad.
#[derive(Default)]
pub struct Driver {
    settings: Option<DriverConfiguration>,
    callback: Option<PinCallback>,
    slots: Slots,
    pending: Option<Pending>,
    icc: IccHandles,
}

impl Driver {
    /// The driver with this configuration.
    #[must_use]
    pub fn new(settings: DriverConfiguration) -> Self {
        Self { settings: Some(settings), ..Self::default() }
    }

    /// Another configuration from now on; without one it is looked for again. Cards that had no file are gone.
    pub fn configure(&mut self, settings: Option<DriverConfiguration>) {
        self.quiet();
        self.slots = Slots::default();
        self.icc = IccHandles::default();
        self.settings = settings;
    }

    /// Where PINs come from.
    pub fn set_callback(&mut self, callback: Option<PinCallback>) {
        self.callback = callback;
    }

    /// The configuration.
    ///
    /// # Errors
    /// Why there is none.
    pub fn settings(&mut self) -> Result<&DriverConfiguration, DriverError> {
        let found = match self.settings.take() {
            Some(found) => found,
            None => DriverConfiguration::find()?,
        };
        Ok(self.settings.insert(found))
    }

    /// Whatever still has power loses it: the steps of an HSM, and what the ICC functions powered.
    fn quiet(&mut self) {
        if let Some(pending) = self.pending.take() {
            drop(self.slots.put_card(pending.session.chip));
        }
        let (card, module) = self.icc.take();
        if let Some(card) = card {
            drop(self.slots.put_card(card));
        }
        if let Some(module) = module {
            drop(self.slots.put_module(module.into_inner()));
        }
    }

    /// Powers the card.
    fn power(&mut self, interface: CardInterface) -> Result<Chip, DriverError> {
        self.quiet();
        let settings = self.settings()?.clone();
        match self.slots.card(&settings, interface) {
            // The service may have been started anew since it was last asked.
            Err(error) if error.code == DriverCode::Reader && self.slots.forget_library() => {
                self.slots.card(&settings, interface)
            }
            powered => powered,
        }
    }

    fn open(&mut self, interface: CardInterface) -> Result<Session, DriverError> {
        let chip = self.power(interface)?;
        Session::open(chip).map_err(|refused| {
            let (chip, error) = *refused;
            drop(self.slots.put_card(chip));
            error
        })
    }

    /// Opens the card, works with it, and takes its power off.
    fn with_card<R>(
        &mut self,
        interface: i32,
        work: impl FnOnce(&mut Self, &mut Session) -> Result<R, DriverError>,
    ) -> Result<R, DriverError> {
        let mut session = self.open(CardInterface::of(interface)?)?;
        let result = work(self, &mut session);
        let put = self.slots.put_card(session.chip);
        let result = result?;
        put?;
        Ok(result)
    }

    /// Opens the card that the caller means.
    fn with_this_card<R>(
        &mut self,
        interface: i32,
        card_info: &str,
        work: impl FnOnce(&mut Self, &mut Session) -> Result<R, DriverError>,
    ) -> Result<R, DriverError> {
        self.with_card(interface, |driver, session| {
            session.check(card_info)?;
            work(driver, session)
        })
    }

    /// Works with the security module.
    fn with_module<R>(
        &mut self,
        work: impl FnOnce(&mut dyn SecurityModule) -> Result<R, DriverError>,
    ) -> Result<R, DriverError> {
        let settings = self.settings()?.clone();
        let mut refused = DriverError::new(DriverCode::NoModule, "there is no security module");
        for attempt in 0_usize.. {
            let Some(link) = self.slots.module(&settings, attempt)? else { break };
            match Psam::open(link) {
                Ok(mut module) => {
                    let result = work(&mut module);
                    self.slots.put_module(module.into_transport())?;
                    return result;
                }
                Err(error @ ModuleError::NotAModule(_)) => refused = error.into(),
                Err(error) => return Err(error.into()),
            }
        }
        Err(refused)
    }

    /// Asks the holder for a PIN.
    fn ask(&mut self, prompt: PinPrompt) -> Result<Zeroizing<String>, DriverError> {
        let callback = self.callback;
        keypad::ask(prompt, callback, &self.settings()?.pin)
    }

    /// Asks for the PIN and shows it to the card.
    fn verify(&mut self, session: &mut Session) -> Result<Zeroizing<String>, DriverError> {
        let digits = self.ask(PinPrompt::Pin)?;
        session.verify(&text::pin(&digits)?)?;
        Ok(digits)
    }

    /// Asks for a new PIN twice.
    fn new_pin(&mut self) -> Result<Zeroizing<String>, DriverError> {
        let digits = self.ask(PinPrompt::New)?;
        text::pin(&digits)?;
        if *self.ask(PinPrompt::Again)? != *digits {
            let detail = "the new PIN was entered differently the second time";
            return Err(DriverError::new(DriverCode::PinsDiffer, detail));
        }
        let settings = self.settings()?;
        if settings.pin.refuse_initial && *digits == settings.initial_pin() {
            let detail = "the configuration refuses the initial PIN as a new one";
            return Err(DriverError::new(DriverCode::InitialPinAgain, detail));
        }
        Ok(digits)
    }
}

/// A transport that its owner has wrapped.
fn followed(link: crate::slots::Link) -> Chip {
    Follow::new(link)
}
