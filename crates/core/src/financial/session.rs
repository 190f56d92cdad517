//! One command's view of a payment application: its plan, its memory, its transaction.

use sscard_apdu::StatusWord;
use sscard_apdu::bcd;
use sscard_apdu::dol::DolReader;
use sscard_apdu::tlv::Tag;
use sscard_crypto::Key;
use sscard_elements::{ApplicationDefaultAction, ApplicationInterchangeProfile, tag};
use zeroize::Zeroizing;

use super::transaction::Transaction;
use crate::applet::Context;
use crate::drbg::Drbg;
use crate::fault::Fault;
use crate::nvm::Nvm;
use crate::profile::{Area, FinancialApplication, FinancialLayout, SmSupport};

/// What a command of a payment application works on.
pub(super) struct Session<'c> {
    pub(super) plan: &'c FinancialApplication,
    pub(super) place: &'c FinancialLayout,
    pub(super) nvm: &'c mut Nvm,
    pub(super) transaction: &'c mut Transaction,
    pub(super) random: &'c mut Drbg,
    pub(super) contactless: bool,
}

/// What earlier transactions left behind; each survives power-off (JR/T 0025.5 §14.1).
#[derive(Clone, Copy)]
pub(super) enum Flag {
    /// An ARQC was given and no second cryptogram ended the transaction.
    Online = 0x01,
    IssuerAuthenticationFailed = 0x02,
    SdaFailed = 0x04,
    DdaFailed = 0x08,
    ScriptFailed = 0x10,
}

/// Which card key.
#[derive(Clone, Copy)]
pub(super) enum KeyUse {
    Cryptogram = 0,
    Mac = 1,
    Encipherment = 2,
}

impl<'c> Session<'c> {
    pub(super) fn open(index: u8, context: &'c mut Context<'_>) -> Result<Self, StatusWord> {
        let (plan, place) =
            context.profile.application(index).ok_or(StatusWord::NO_PRECISE_DIAGNOSIS)?;
        let transaction =
            context.channel.state.get_or_default().ok_or(StatusWord::NO_PRECISE_DIAGNOSIS)?;
        Ok(Self {
            plan,
            place,
            nvm: context.nvm,
            transaction,
            random: context.random,
            contactless: context.interface.is_contactless(),
        })
    }

    pub(super) fn byte(&self, offset: usize) -> u8 {
        self.nvm.byte(self.at(offset))
    }

    /// Tries that the PIN has left.
    pub(super) fn pin_tries(&self) -> u8 {
        self.nvm.tries(self.at(Area::PIN_TRIES))
    }

    pub(super) fn array<const N: usize>(&self, offset: usize) -> [u8; N] {
        self.nvm.array(self.at(offset))
    }

    pub(super) fn set(&mut self, offset: usize, bytes: &[u8]) -> Result<(), Fault> {
        let address = self.at(offset);
        self.nvm.write(address, bytes)
    }

    /// Writes past the transaction; for the retry counter alone.
    pub(super) fn set_through(&mut self, offset: usize, byte: u8) -> Result<(), Fault> {
        let address = self.at(offset);
        self.nvm.write_through(address, byte)
    }

    const fn at(&self, offset: usize) -> usize {
        self.place.base.saturating_add(offset)
    }

    pub(super) fn amount(&self, offset: usize) -> u64 {
        bcd::number(&self.array::<6>(offset))
    }

    pub(super) fn set_amount(&mut self, offset: usize, amount: u64) -> Result<(), Fault> {
        self.set(offset, &bcd::n12(amount))
    }

    pub(super) fn has(&self, flag: Flag) -> bool {
        self.byte(Area::FLAGS) & flag as u8 != 0
    }

    pub(super) fn raise(&mut self, flag: Flag) -> Result<(), Fault> {
        let flags = self.byte(Area::FLAGS) | flag as u8;
        self.set(Area::FLAGS, &[flags])
    }

    pub(super) fn lower(&mut self, flag: Flag) -> Result<(), Fault> {
        let flags = self.byte(Area::FLAGS) & !(flag as u8);
        self.set(Area::FLAGS, &[flags])
    }

    pub(super) fn is_blocked(&self) -> bool {
        self.byte(Area::STATE) != 0
    }

    pub(super) fn set_blocked(&mut self, blocked: bool) -> Result<(), Fault> {
        self.set(Area::STATE, &[u8::from(blocked)])
    }

    /// A card data object of `N` bytes; `None` when the card has none.
    pub(super) fn object<const N: usize>(&self, tag: Tag) -> Option<[u8; N]> {
        let (address, length) = self.place.object(tag)?;
        (length == N).then(|| self.nvm.array(address))
    }

    pub(super) fn set_object(&mut self, tag: Tag, value: &[u8]) -> Result<(), StatusWord> {
        match self.place.object(tag) {
            Some((address, length)) if length == value.len() => {
                Ok(self.nvm.write(address, value)?)
            }
            _ => Err(StatusWord::REFERENCED_DATA_NOT_FOUND),
        }
    }

    /// An amount among the card's data objects.
    pub(super) fn limit(&self, tag: Tag) -> Option<u64> {
        self.object::<6>(tag).map(|value| bcd::number(&value))
    }

    /// A counter limit among the card's data objects.
    pub(super) fn counter_limit(&self, tag: Tag) -> Option<u8> {
        self.object::<1>(tag).map(|[value]| value)
    }

    /// Application default action, tag 9F52; absent counts as 0000.
    pub(super) fn default_action(&self) -> ApplicationDefaultAction {
        self.object(tag::DEFAULT_ACTION).map(ApplicationDefaultAction::new).unwrap_or_default()
    }

    /// Whether the keys are those of SM4: as the transaction began, or because the card has no others.
    pub(super) fn uses_sm(&self) -> bool {
        self.transaction.begun.sm || self.plan.sm == SmSupport::SmOnly
    }

    pub(super) fn card_key(&self, which: KeyUse) -> Key {
        let family = if self.uses_sm() { 48_usize } else { 0 };
        let offset = Area::KEYS.saturating_add(family).saturating_add((which as usize) << 4);
        Key::new(*Zeroizing::new(self.array::<16>(offset)))
    }

    /// A data element of the terminal, zeros when it gave none.
    pub(super) fn terminal<const N: usize>(&self, tag: Tag) -> [u8; N] {
        self.transaction.array(self.plan, tag)
    }

    /// Amount of the transaction, tag 9F02.
    pub(super) fn transaction_amount(&self) -> u64 {
        bcd::number(&self.terminal::<6>(tag::AMOUNT_AUTHORISED))
    }

    /// Whether the issuer can be authenticated: by EXTERNAL AUTHENTICATE, or in the second GENERATE AC.
    pub(super) fn expects_issuer_authentication(&self) -> bool {
        let in_list = || {
            DolReader::new(&self.plan.cdol2)
                .flatten()
                .any(|entry| entry.tag == tag::ISSUER_AUTHENTICATION_DATA)
        };
        self.supports_issuer_authentication() || in_list()
    }

    /// Whether the AIP says that the issuer can be authenticated.
    pub(super) fn supports_issuer_authentication(&self) -> bool {
        self.transaction.begun.aip.has(ApplicationInterchangeProfile::ISSUER_AUTHENTICATION)
    }
}
