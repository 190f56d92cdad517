//! Personalisation: a profile, a holder and keys become a card.

mod accounts;
mod psam;

use alloc::vec::Vec;
use core::fmt;

use sscard_apdu::bcd;
use sscard_apdu::{FileId, Protocol, atr};
use sscard_crypto::Key;

use crate::access::KeyId;
use crate::account::AccountKeys;
use crate::card::Card;
use crate::catalogue::{self, Coding};
use crate::fs::Records;
use crate::holder::{Holder, HolderError, ItemOverride};
use crate::identifiers::{
    card_identification_code, card_number_check, initialisation_organisation,
};
use crate::nvm::Nvm;
use crate::pin;
use crate::profile::{CardArea, PinArea, PkiKeyPair, Profile, ProfileError, pki_pairs};
use crate::state::{self, DeliveryState, StateError};

/// Identifier of the name extension (姓名扩展) in EF06.
const NAME_EXTENSION: u8 = 0x4E;

pub use psam::PsamKeys;

/// One key of one card.
#[derive(Clone)]
pub struct CardKey {
    /// The DF it belongs to.
    pub application: FileId,
    /// P2 identifier.
    pub id: KeyId,
    /// Version.
    pub version: u8,
    /// The key itself.
    pub key: Key,
}

/// The keys of one card, already diversified for it.
#[derive(Clone, Default)]
pub struct Keys {
    social: Vec<CardKey>,
    accounts: Vec<AccountKeys>,
    pki: Option<[PkiKeyPair; 2]>,
    psam: Option<PsamKeys>,
}

impl Keys {
    /// A set of keys.
    #[must_use]
    pub fn new(keys: Vec<CardKey>) -> Self {
        Self { social: keys, accounts: Vec::new(), psam: None, pki: None }
    }

    /// The same with keys for each payment application of the profile.
    #[must_use]
    pub fn with_accounts(self, accounts: Vec<AccountKeys>) -> Self {
        Self { accounts, ..self }
    }

    /// The same with key pairs of the PKI application, for signatures and for encryption, in the place of the
    /// profile's.
    #[must_use]
    pub fn with_pki(self, pairs: [PkiKeyPair; 2]) -> Self {
        Self { pki: Some(pairs), ..self }
    }

    /// The same with the keys of a terminal's security module.
    #[must_use]
    pub fn with_psam(self, keys: PsamKeys) -> Self {
        Self { psam: Some(keys), ..self }
    }

    /// The key of this application, identifier and version.
    #[must_use]
    pub fn find(&self, application: FileId, id: KeyId, version: u8) -> Option<&Key> {
        self.social
            .iter()
            .find(|key| (key.application, key.id, key.version) == (application, id, version))
            .map(|key| &key.key)
    }
}

/// Why a card cannot be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum PersonalisationError {
    /// The profile has a place for a key that is not given.
    MissingKey(FileId, KeyId),
    /// The holder does not fit the card.
    Holder(HolderError),
    /// The profile's ATR is longer than ISO/IEC 7816-3 allows.
    Atr,
    /// A payment application of the profile has no account, or no keys.
    MissingAccount(u8),
    /// An account does not fit the profile; says what must hold.
    Account(&'static str),
    /// The state that the card is to be handed over in does not fit it; says what must hold.
    State(&'static str),
    /// Key pairs of the PKI application that do not fit.
    Pki(ProfileError),
    /// The profile is a terminal's security module's, and there are no keys for one, or not as many as it has
    /// places.
    MissingPsamKeys,
}

impl fmt::Display for PersonalisationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingKey(application, id) => {
                write!(f, "key {:02X} of {application} is missing", id.0)
            }
            Self::Holder(error) => error.fmt(f),
            Self::Atr => f.write_str("the ATR does not fit into 33 bytes"),
            Self::MissingAccount(index) => {
                write!(f, "payment application {index} has no account or no keys")
            }
            Self::Account(what) => write!(f, "account: {what}"),
            Self::State(what) => write!(f, "state: {what}"),
            Self::Pki(error) => error.fmt(f),
            Self::MissingPsamKeys => {
                f.write_str("the keys of the security module (PSAM) are missing, or not all there")
            }
        }
    }
}

impl core::error::Error for PersonalisationError {}

impl From<HolderError> for PersonalisationError {
    fn from(error: HolderError) -> Self {
        Self::Holder(error)
    }
}

/// The 13 historical bytes: T1…T7 of the profile, the first four digits of the division, the
/// serial. Their last eight are the card's diversification factor.
///
/// A profile with extended length announces it in T1…T5 as compact-TLV card capabilities
/// (ISO/IEC 7816-4 §12.1.1.9) \[choice\].
///
/// Source: 《社会保障（个人）卡规范》 part 2, table 16.
#[must_use]
pub fn historical_bytes(profile: &Profile, holder: &Holder) -> [u8; 13] {
    let blueprint = profile.blueprint();
    let [mut t1, mut t2, mut t3, mut t4, mut t5, t6, t7] = blueprint.historical;
    if blueprint.extended_length {
        let channels = blueprint.channels.saturating_sub(1).min(7);
        // Capabilities: every way of selection, one-byte data units, chaining and extended length.
        [t1, t2, t3, t4, t5] = [0x80, 0x73, 0xF7, 0x01, 0xD0 | channels];
    }
    let [t8, t9, _] = bcd::pairs(&holder.division);
    let [t10, t11, t12, t13] = holder.serial;
    [t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, t12, t13]
}

/// The ATR of a card that is made so.
///
/// # Errors
/// [`PersonalisationError::Atr`] when it is too long.
pub fn answer_to_reset(
    profile: &Profile,
    holder: &Holder,
) -> Result<Vec<u8>, PersonalisationError> {
    let mut bytes = Vec::with_capacity(33);
    let historical = historical_bytes(profile, holder);
    let mut builder = atr::Builder::new(&historical).tb1(0x00).tc1(0x00);
    if profile.blueprint().protocol == Protocol::T1 {
        builder = builder.t1(0xFE, 0x45);
    }
    builder.emit(&mut bytes).map_err(|_| PersonalisationError::Atr)?;
    Ok(bytes)
}

/// Makes a card. The same arguments make the same card.
///
/// # Errors
/// A key that the profile wants and `keys` lacks, or a value that does not fit its record.
pub fn personalise(
    profile: &Profile,
    holder: &Holder,
    keys: &Keys,
) -> Result<Card, PersonalisationError> {
    personalise_in(profile, holder, keys, &DeliveryState::default())
}

/// Makes a card that is handed over in this state.
///
/// # Errors
/// As [`personalise`], or a state that does not fit the card.
pub fn personalise_in(
    profile: &Profile,
    holder: &Holder,
    keys: &Keys,
    state: &DeliveryState,
) -> Result<Card, PersonalisationError> {
    let mut nvm = Nvm::new(profile.blank());
    write_card_area(&mut nvm, profile, holder)?;
    write_keys(&mut nvm, profile, keys)?;
    write_accounts(&mut nvm, profile, holder, keys)?;
    write_pki(&mut nvm, profile, keys)?;
    if profile.blueprint().psam.is_some() {
        psam::write(&mut nvm, profile, holder, keys.psam.as_ref())?;
        state::write(&mut nvm, profile, state)
            .map_err(|StateError(what)| PersonalisationError::State(what))?;
        nvm.shrink();
        return Ok(Card::assemble(profile.clone(), nvm));
    }
    let digits = profile.blueprint().pin_digits;
    if !pin::is_well_formed(&holder.pin, digits) {
        return Err(HolderError::Pin(digits).into());
    }
    preset(&mut nvm, PinArea::LENGTH, &[u8::try_from(holder.pin.len()).unwrap_or(0)]);
    preset(&mut nvm, PinArea::VALUE, &holder.pin);
    let is_set = |tag: u8| holder.overrides.iter().any(|item| item.tag == tag);
    for (tag, value) in items(profile, holder, keys).into_iter().filter(|item| !is_set(item.0)) {
        // A profile may leave an item out, but half a name is no name.
        match write_item(&mut nvm, profile, tag, &value) {
            Err(HolderError::NoSuchItem(_)) if tag != NAME_EXTENSION || value.is_empty() => {}
            written => written?,
        }
    }
    for item in &holder.overrides {
        write_item(&mut nvm, profile, item.tag, &item.value)?;
    }
    state::write(&mut nvm, profile, state)
        .map_err(|StateError(what)| PersonalisationError::State(what))?;
    nvm.shrink();
    Ok(Card::assemble(profile.clone(), nvm))
}

fn write_card_area(
    nvm: &mut Nvm,
    profile: &Profile,
    holder: &Holder,
) -> Result<(), PersonalisationError> {
    let builder_bytes = answer_to_reset(profile, holder)?;
    let length = u8::try_from(builder_bytes.len()).map_err(|_| PersonalisationError::Atr)?;
    preset(nvm, CardArea::ATR, &[length]);
    preset(nvm, CardArea::ATR.saturating_add(1), &builder_bytes);
    preset(nvm, CardArea::GENERATOR, &holder.seed);
    preset(nvm, CardArea::ENVIRONMENT, &[holder.life_cycle.byte()]);
    Ok(())
}

fn write_keys(nvm: &mut Nvm, profile: &Profile, keys: &Keys) -> Result<(), PersonalisationError> {
    for position in profile.df_positions() {
        let Some(df) = profile.df(position) else { continue };
        let application = df.fid;
        for (place, slot) in df.keys.iter().enumerate() {
            let key = keys
                .find(application, slot.id, slot.version)
                .ok_or(PersonalisationError::MissingKey(application, slot.id))?;
            let address = profile.layout().key(position, place);
            preset(nvm, address.saturating_add(1), key.expose());
        }
    }
    Ok(())
}

fn write_accounts(
    nvm: &mut Nvm,
    profile: &Profile,
    holder: &Holder,
    keys: &Keys,
) -> Result<(), PersonalisationError> {
    for index in 0..u8::MAX {
        let Some((plan, place)) = profile.application(index) else { break };
        let position = usize::from(index);
        let account = holder.accounts.get(position).zip(keys.accounts.get(position));
        let (account, keys) = account.ok_or(PersonalisationError::MissingAccount(index))?;
        accounts::write(nvm, plan, place, account, keys)?;
    }
    Ok(())
}

/// The card's own key pairs, when it has any.
fn write_pki(nvm: &mut Nvm, profile: &Profile, keys: &Keys) -> Result<(), PersonalisationError> {
    let (Some(pairs), Some(address)) = (&keys.pki, profile.layout().pki()) else { return Ok(()) };
    for pair in pairs {
        pair.check().map_err(PersonalisationError::Pki)?;
    }
    pki_pairs(pairs.each_ref(), |offset, bytes| {
        preset(nvm, address.saturating_add(offset), bytes);
    });
    Ok(())
}

/// The items of EF05 and EF06 by record identifier.
fn items(profile: &Profile, holder: &Holder, keys: &Keys) -> [(u8, Vec<u8>); 14] {
    let blueprint = profile.blueprint();
    let authentication = blueprint
        .key_algorithm(catalogue::SSSE, KeyId::IRK, 1)
        .suite()
        .filter(|_| blueprint.authenticated_identification)
        .zip(keys.find(catalogue::SSSE, KeyId::IRK, 1));
    let code = card_identification_code(&holder.division, holder.serial, authentication);
    let organisation = initialisation_organisation(
        &holder.division,
        &holder.initialised_in,
        holder.organisation_sequence,
    );
    let mut number = holder.card_number.to_vec();
    number.extend(card_number_check(&holder.card_number));
    [
        (0x01, code.to_vec()),
        (0x02, Vec::from([holder.class])),
        (0x03, blueprint.version.to_vec()),
        (0x04, organisation.to_vec()),
        (0x05, holder.issue_date.to_vec()),
        (0x06, holder.expiry_date.to_vec()),
        (0x07, number),
        (0x08, holder.social_security_number.to_vec()),
        (0x09, holder.name.clone()),
        (NAME_EXTENSION, holder.name_extension.clone()),
        (0x0A, Vec::from([holder.sex])),
        (0x0B, Vec::from([holder.ethnicity])),
        (0x0C, bcd::pairs(&holder.birthplace).to_vec()),
        (0x0D, holder.birth_date.to_vec()),
    ]
}

fn write_item(nvm: &mut Nvm, profile: &Profile, tag: u8, value: &[u8]) -> Result<(), HolderError> {
    let environment = profile.environment().ok_or(HolderError::NoSuchItem(tag))?;
    let files = profile.df(environment).map_or(&[][..], |df| &df.files);
    for (position, file) in (0..).zip(files) {
        let records = Records {
            address: profile.layout().file(environment, position),
            structure: file.structure,
        };
        let Some(record) = records.iter(nvm).find(|record| record.tag == Some(tag)) else {
            continue;
        };
        let item = catalogue::files()
            .filter(|entry| entry.application == "SSSE" && entry.fid == file.fid.value())
            .find_map(|entry| entry.item(tag));
        let fill = if item.is_some_and(|item| item.coding == Coding::Cn) { 0xFF } else { 0x00 };
        let mut padded = value.to_vec();
        padded.resize(padded.len().max(record.length.saturating_sub(2)), fill);
        let length = u8::try_from(padded.len()).map_err(|_| HolderError::TooLong(tag))?;
        let mut data = Vec::from([tag, length]);
        data.append(&mut padded);
        return records.replace(nvm, record, &data).map_err(|_| HolderError::TooLong(tag));
    }
    Err(HolderError::NoSuchItem(tag))
}

impl Card {
    /// Puts other items into EF05 and EF06, as at personalisation.
    ///
    /// # Errors
    /// [`HolderError`]; the card may be changed in part then.
    pub fn set_items(&mut self, items: &[ItemOverride]) -> Result<(), HolderError> {
        let profile = self.profile().clone();
        items
            .iter()
            .try_for_each(|item| write_item(self.nvm_mut(), &profile, item.tag, &item.value))
    }
}

/// Addresses come from the layout, so a preset never misses the memory.
fn preset(nvm: &mut Nvm, address: usize, bytes: &[u8]) {
    let placed = nvm.preset(address, bytes);
    debug_assert!(placed.is_ok(), "the layout covers {address}");
}
