//! The state of a card beside its plan, its holder and its keys: what a maker of test cards sets before it
//! hands one over, and what it takes to make the same card again.
//!
//! What enters: a [`DeliveryState`], in which `None` means "as personalisation leaves it". What leaves: the card in
//! that state, or what does not fit it. [`Card::reveal_state`] gives the same of a card that is there.

#[cfg(feature = "financial")]
mod account;

use alloc::vec::Vec;

use sscard_apdu::FileId;
use zeroize::Zeroizing;

use crate::access::KeyId;
use crate::card::Card;
use crate::fs::Records;
use crate::life_cycle::LifeCycle;
use crate::nvm::Nvm;

use crate::profile::{
    ATR_LENGTH, CardArea, PinArea, PkiArea, Profile, PsamArea, PurseArea, Structure,
};

#[cfg(feature = "financial")]
pub use account::PaymentState;

/// A key's counter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyState {
    /// The DF it belongs to.
    pub application: FileId,
    /// Identifier.
    pub id: KeyId,
    /// Version.
    pub version: u8,
    /// Wrong tries left; at 0 it is locked.
    pub tries_left: u8,
}

/// What lies in a file, whatever it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileState {
    /// The DF it lies in.
    pub application: FileId,
    /// The file.
    pub file: FileId,
    /// Bytes of a transparent file, the rest is 00; records one after another, those of a cyclic file the
    /// newest first. Records of a variable file need not be such: what cannot be told apart is one record.
    pub content: Vec<u8>,
}

/// The medical purse; amounts in cents.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct PurseState {
    /// Balance of the personal account.
    pub balance: Option<u32>,
    /// Paid by the holder in the insurance year.
    pub self_paid: Option<u32>,
    /// Paid by the pooled fund in the insurance year.
    pub pooled: Option<u32>,
    /// The insurance year, BCD.
    pub year: Option<[u8; 2]>,
    /// First day of the insurance year, BCD MMDD.
    pub start_day: Option<[u8; 2]>,
    /// Counter of loads.
    pub loads: Option<u16>,
    /// Counter of purchases.
    pub purchases: Option<u16>,
    /// Proof of the last load: its counter (2 bytes), MAC2 (4), TAC (4).
    pub load_proof: Option<[u8; 10]>,
    /// Proof of the last purchase, likewise.
    pub purchase_proof: Option<[u8; 10]>,
}

/// A terminal's security module.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct PsamState {
    /// The terminal's counter of purchases, as it was last given out.
    pub counter: Option<u32>,
    /// Wrong MACs under the master key left; at 0 it is locked.
    pub master_tries_left: Option<u8>,
}

/// The state of a card.
#[derive(Clone, Default)]
pub struct DeliveryState {
    /// Answer to reset, as a whole.
    pub atr: Option<Vec<u8>>,
    /// State of the random number generator.
    pub random: Option<Zeroizing<[u8; 32]>>,
    /// Whether the whole card is blocked.
    pub card_blocked: Option<bool>,
    /// Life cycle of the social security environment.
    pub environment: Option<LifeCycle>,
    /// Wrong PINs left; at 0 the PIN is locked.
    pub pin_tries_left: Option<u8>,
    /// Counters of keys.
    pub keys: Vec<KeyState>,
    /// Content of files.
    pub files: Vec<FileState>,
    /// The medical purse.
    pub purse: PurseState,
    /// The PKI application as it lies in the card: PINs with their tries, key pairs, certificates; at most so long
    /// as [`Card::reveal_state`] gives it, the rest is 00.
    pub pki: Option<Zeroizing<Vec<u8>>>,
    /// The security module, when the card is one.
    pub psam: PsamState,
    /// Payment applications, by their position.
    #[cfg(feature = "financial")]
    pub accounts: Vec<PaymentState>,
}

/// What does not fit the card; says what must hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StateError(pub &'static str);

fn misfit(what: &'static str) -> StateError {
    StateError(what)
}

/// Writes it into the memory of a card that is being made.
pub(crate) fn write(
    nvm: &mut Nvm,
    profile: &Profile,
    state: &DeliveryState,
) -> Result<(), StateError> {
    if let Some(atr) = &state.atr {
        let length = u8::try_from(atr.len()).map_err(|_| misfit("an ATR has 2 to 33 bytes"))?;
        if !(2..=ATR_LENGTH).contains(&atr.len()) {
            return Err(misfit("an ATR has 2 to 33 bytes"));
        }
        put(nvm, CardArea::ATR, &[length])?;
        put(nvm, CardArea::ATR.saturating_add(1), atr)?;
    }
    if let Some(random) = &state.random {
        put(nvm, CardArea::GENERATOR, &**random)?;
    }
    if let Some(is_blocked) = state.card_blocked {
        let life_cycle = if is_blocked { LifeCycle::CardBlocked } else { LifeCycle::Activated };
        put(nvm, CardArea::LIFE_CYCLE, &[life_cycle.byte()])?;
    }
    if let Some(environment) = state.environment {
        put(nvm, CardArea::ENVIRONMENT, &[environment.byte()])?;
    }
    if let Some(left) = state.pin_tries_left {
        if left > profile.blueprint().pin_tries {
            return Err(misfit("the PIN has more tries left than it has in all"));
        }
        put(nvm, PinArea::TRIES, &[left])?;
    }
    for key in &state.keys {
        write_key(nvm, profile, *key)?;
    }
    for file in &state.files {
        write_file(nvm, profile, file)?;
    }
    write_purse(nvm, profile, &state.purse)?;
    if let Some(pki) = &state.pki {
        let start = profile.layout().pki();
        let start =
            start.ok_or(misfit("the card has no PKI application whose state could be set"))?;
        if pki.len() > PkiArea::LENGTH {
            return Err(misfit("the state of the PKI application is longer than it is"));
        }
        let mut whole = Zeroizing::new(pki.to_vec());
        whole.resize(PkiArea::LENGTH, 0);
        put(nvm, start, &whole)?;
    }
    write_psam(nvm, profile, state.psam)?;
    #[cfg(feature = "financial")]
    account::write(nvm, profile, &state.accounts)?;
    Ok(())
}

fn put(nvm: &mut Nvm, address: usize, bytes: &[u8]) -> Result<(), StateError> {
    nvm.preset(address, bytes).map_err(|_| misfit("the memory is too small"))
}

fn position_of(profile: &Profile, fid: FileId) -> Option<u8> {
    profile.df_positions().find(|position| profile.df(*position).is_some_and(|df| df.fid == fid))
}

fn write_key(nvm: &mut Nvm, profile: &Profile, key: KeyState) -> Result<(), StateError> {
    let missing = misfit("a key whose tries are set is not on the card");
    let df = position_of(profile, key.application).ok_or(missing)?;
    let slots = profile.df(df).map_or(&[][..], |df| &df.keys);
    let place = slots.iter().position(|slot| (slot.id, slot.version) == (key.id, key.version));
    let place = place.ok_or(missing)?;
    if slots.get(place).is_some_and(|slot| key.tries_left > slot.tries) {
        return Err(misfit("a key has more tries left than it has in all"));
    }
    put(nvm, profile.layout().key(df, place), &[key.tries_left])
}

fn write_file(nvm: &mut Nvm, profile: &Profile, file: &FileState) -> Result<(), StateError> {
    let missing = misfit("a file whose content is set is not on the card");
    let df = position_of(profile, file.application).ok_or(missing)?;
    let files = profile.df(df).map_or(&[][..], |df| &df.files);
    let place = files.iter().position(|known| known.fid == file.file).ok_or(missing)?;
    let place = u8::try_from(place).map_err(|_| missing)?;
    let structure = profile.ef(df, place).map(|file| file.structure).ok_or(missing)?;
    let address = profile.layout().file(df, place);
    let too_long = misfit("a file's content is longer than the file");
    let content = &file.content;
    match structure {
        Structure::Transparent { size } => {
            let mut whole = content.clone();
            if whole.len() > usize::from(size) {
                return Err(too_long);
            }
            whole.resize(size.into(), 0);
            put(nvm, address, &whole)
        }
        Structure::LinearVariable { capacity } => {
            let used = u16::try_from(content.len()).ok().filter(|used| *used <= capacity);
            put(nvm, address, &used.ok_or(too_long)?.to_be_bytes())?;
            put(nvm, address.saturating_add(2), content)
        }
        Structure::LinearFixed { records, length } | Structure::Cyclic { records, length } => {
            let count = content.len().checked_div(length.into()).unwrap_or(0);
            if !content.len().is_multiple_of(length.into()) {
                return Err(misfit("a file's content is no whole number of records"));
            }
            let count =
                u8::try_from(count).ok().filter(|count| *count <= records).ok_or(too_long)?;
            if matches!(structure, Structure::LinearFixed { .. }) {
                put(nvm, address, &[count])?;
                return put(nvm, address.saturating_add(1), content);
            }
            put(nvm, address, &[count, count.saturating_sub(1)])?;
            let oldest_first: Vec<u8> =
                content.rchunks_exact(length.into()).flatten().copied().collect();
            put(nvm, address.saturating_add(2), &oldest_first)
        }
    }
}

fn write_purse(nvm: &mut Nvm, profile: &Profile, purse: &PurseState) -> Result<(), StateError> {
    if *purse == PurseState::default() {
        return Ok(());
    }
    let start =
        profile.layout().purse().ok_or(misfit("the card has no purse whose state could be set"))?;
    let mut put = |offset: usize, bytes: Option<&[u8]>| {
        bytes.map_or(Ok(()), |bytes| put(nvm, start.saturating_add(offset), bytes))
    };
    let number = |amount: Option<u32>| amount.map(u32::to_be_bytes);
    let counter = |count: Option<u16>| count.map(u16::to_be_bytes);
    let limit = profile.blueprint().purse.as_ref().map_or(u32::MAX, |plan| plan.balance_limit);
    if purse.balance.is_some_and(|balance| balance > limit) {
        return Err(misfit("the purse holds more than its limit"));
    }
    put(PurseArea::BALANCE, number(purse.balance).as_ref().map(|bytes| &bytes[..]))?;
    put(PurseArea::SELF_PAID, number(purse.self_paid).as_ref().map(|bytes| &bytes[..]))?;
    put(PurseArea::POOLED, number(purse.pooled).as_ref().map(|bytes| &bytes[..]))?;
    put(PurseArea::ONLINE, counter(purse.loads).as_ref().map(|bytes| &bytes[..]))?;
    put(PurseArea::OFFLINE, counter(purse.purchases).as_ref().map(|bytes| &bytes[..]))?;
    put(PurseArea::YEAR, purse.year.as_ref().map(|bytes| &bytes[..]))?;
    put(PurseArea::START_DAY, purse.start_day.as_ref().map(|bytes| &bytes[..]))?;
    for (offset, proof) in [
        (PurseArea::LOAD_PROOF, &purse.load_proof),
        (PurseArea::PURCHASE_PROOF, &purse.purchase_proof),
    ] {
        if let Some(proof) = proof {
            put(offset, Some(&[0x01]))?;
            put(offset.saturating_add(1), Some(proof))?;
        }
    }
    Ok(())
}

fn write_psam(nvm: &mut Nvm, profile: &Profile, state: PsamState) -> Result<(), StateError> {
    if state == PsamState::default() {
        return Ok(());
    }
    let missing = misfit("the card is no security module whose state could be set");
    let (plan, start) =
        profile.blueprint().psam.as_ref().zip(profile.layout().psam()).ok_or(missing)?;
    if let Some(counter) = state.counter {
        let address = profile.file_address(plan.counter).ok_or(missing)?;
        put(nvm, address, &counter.to_be_bytes())?;
    }
    if let Some(left) = state.master_tries_left {
        if left > plan.master_tries {
            return Err(misfit("the master key has more tries left than it has in all"));
        }
        put(nvm, start.saturating_add(PsamArea::MASTER_TRIES), &[left])?;
    }
    Ok(())
}

impl Card {
    /// The state of the card, with what it takes to make the same one: for developers with test cards, on their
    /// explicit wish. Its files are all there, and the counters of all keys.
    #[must_use]
    pub fn reveal_state(&self) -> DeliveryState {
        let (nvm, profile) = (self.nvm(), self.profile());
        let mut keys = Vec::new();
        let mut files = Vec::new();
        for position in profile.df_positions() {
            let Some(df) = profile.df(position) else { continue };
            for (place, slot) in df.keys.iter().enumerate() {
                keys.push(KeyState {
                    application: df.fid,
                    id: slot.id,
                    version: slot.version,
                    tries_left: nvm.tries(profile.layout().key(position, place)),
                });
            }
            for (place, file) in (0..).zip(&df.files) {
                let address = profile.layout().file(position, place);
                let mut content = Vec::new();
                match file.structure {
                    Structure::Transparent { size } => {
                        nvm.read_into(address, size.into(), &mut content);
                    }
                    structure => {
                        for record in (Records { address, structure }).iter(nvm) {
                            nvm.read_into(record.address, record.length, &mut content);
                        }
                    }
                }
                files.push(FileState { application: df.fid, file: file.fid, content });
            }
        }
        DeliveryState {
            atr: Some(self.atr().to_vec()),
            random: Some(Zeroizing::new(nvm.array(CardArea::GENERATOR))),
            card_blocked: Some(nvm.byte(CardArea::LIFE_CYCLE) == LifeCycle::CardBlocked.byte()),
            environment: Some(LifeCycle::from_byte(nvm.byte(CardArea::ENVIRONMENT))),
            pin_tries_left: Some(nvm.tries(PinArea::TRIES)),
            keys,
            files,
            purse: profile
                .layout()
                .purse()
                .map_or_else(PurseState::default, |start| purse(nvm, start)),
            pki: profile.layout().pki().map(|start| {
                let mut area = Zeroizing::new(Vec::with_capacity(PkiArea::LENGTH));
                nvm.read_into(start, PkiArea::LENGTH, &mut area);
                let used = area.iter().rposition(|byte| *byte != 0);
                area.truncate(used.map_or(0, |last| last.saturating_add(1)));
                area
            }),
            psam: self.inspect_psam().map_or_else(PsamState::default, |psam| PsamState {
                counter: Some(psam.counter),
                master_tries_left: Some(psam.master_tries_left),
            }),
            #[cfg(feature = "financial")]
            accounts: account::states(self),
        }
    }

    /// Puts the card into another state, as if it had come so far by itself: what is `None` stays. Power and session stay, too.
    ///
    /// # Errors
    /// What does not fit; the card may be changed in part then.
    pub fn set_state(&mut self, state: &DeliveryState) -> Result<(), StateError> {
        let profile = self.profile().clone();
        write(self.nvm_mut(), &profile, state)
    }

    /// The holder's PIN, BCD, as [`Card::reveal_state`] shows the rest.
    #[must_use]
    pub fn reveal_pin(&self) -> Zeroizing<Vec<u8>> {
        let mut pin = Zeroizing::new(Vec::new());
        let length = self.nvm().byte(PinArea::LENGTH);
        self.nvm().read_into(PinArea::VALUE, usize::from(length), &mut pin);
        pin
    }
}

fn purse(nvm: &Nvm, start: usize) -> PurseState {
    let at = |offset: usize| start.saturating_add(offset);
    let amount = |offset| Some(u32::from_be_bytes(nvm.array(at(offset))));
    let proof = |offset: usize| {
        (nvm.byte(at(offset)) != 0).then(|| nvm.array::<10>(at(offset).saturating_add(1)))
    };
    PurseState {
        balance: amount(PurseArea::BALANCE),
        self_paid: amount(PurseArea::SELF_PAID),
        pooled: amount(PurseArea::POOLED),
        year: Some(nvm.array(at(PurseArea::YEAR))),
        start_day: Some(nvm.array(at(PurseArea::START_DAY))),
        loads: Some(nvm.word(at(PurseArea::ONLINE))),
        purchases: Some(nvm.word(at(PurseArea::OFFLINE))),
        load_proof: proof(PurseArea::LOAD_PROOF),
        purchase_proof: proof(PurseArea::PURCHASE_PROOF),
    }
}
