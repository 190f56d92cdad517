//! The desk: a register, the city's keys, and what is done in the back office.

mod messages;

use std::collections::btree_map::{BTreeMap, Entry};
use std::path::Path;

use chacha20::ChaCha20Rng;
use jiff::civil::Date;
use rand_core::{Rng, SeedableRng};
use sscard_core::{Card, LifeCycle, Profile};
use sscard_profile::{MasterKeys, SocialKeys, built_in};
use sscard_terminal::SoftwareModule;

pub use crate::password::WorkFactor;
pub use messages::Shown;

use crate::file::Made;
use crate::import::Resident;
use crate::issue::{Production, new_card};
use crate::key::SealKey;
use crate::register::{BankRow, CardRow, Durability, Event, Ledger, NewCard, Register};
use crate::rules::refuse;
use crate::text::{check_value, quoted};
use crate::{CardId, HolderId};
use crate::{Cents, DeskError, Papers, Reason, Rule, ServicePoint, Standing};

/// Banks of a new register that names none: data, not code.
const BANKS: [(&str, &str, bool); 4] = [
    ("ABC", "中国农业银行", false),
    ("BOC", "中国银行", false),
    ("CCB", "中国建设银行", false),
    ("ICBC", "中国工商银行", true),
];

/// What a new register is made with.
#[derive(Clone, Debug)]
pub struct NewRegister {
    /// Profile of the cards it issues: a built-in one's name.
    pub profile: String,
    /// Seed of the cards and of the desk's terminal: the same seed makes the same cards. Passwords,
    /// salts and the register's own key never follow from it.
    pub seed: u64,
    /// Work of password hashes.
    pub work: WorkFactor,
    /// Cooperating banks; empty for the four that are built in.
    pub banks: Vec<BankRow>,
    /// How far its changes are when they are answered.
    pub durability: Durability,
}

impl NewRegister {
    /// The four banks that are built in; `ICBC` wants to see the child whose card it activates.
    #[must_use]
    pub fn built_in_banks() -> Vec<BankRow> {
        let row = |(code, name, child_must_be_present): (&str, &str, bool)| BankRow {
            code: code.to_owned(),
            name: name.to_owned(),
            child_must_be_present,
        };
        BANKS.into_iter().map(row).collect()
    }
}

impl Default for NewRegister {
    fn default() -> Self {
        Self {
            profile: "gen3".to_owned(),
            seed: 1,
            work: WorkFactor::DEFAULT,
            banks: Vec::new(),
            durability: Durability::default(),
        }
    }
}

/// The desk of a city.
pub struct Desk {
    pub(crate) register: Register,
    pub(crate) production: Production,
    pub(crate) module: SoftwareModule,
    pub(crate) work: WorkFactor,
    /// The register's own key, once it was needed.
    key: Option<SealKey>,
}

/// What a register was made with, as its settings say.
struct Settings {
    profile: Profile,
    seed: u64,
    work: WorkFactor,
    /// How often it was opened.
    draws: u64,
}

impl Settings {
    fn read(ledger: &Ledger<'_>) -> Result<Self, DeskError> {
        let read = |key: &str| {
            let missing = || DeskError::unsound(format!("it has no setting '{key}'"));
            ledger.setting(key)?.ok_or_else(missing)
        };
        let unsound =
            |key: &str, text: &str| DeskError::unsound(format!("{key} is '{}'", quoted(text)));
        let number = |key: &str| {
            let text = read(key)?;
            text.parse::<u64>().map_err(|_| unsound(key, &text))
        };
        let (profile, work) = (read("profile")?, read("work")?);
        Ok(Self {
            profile: built_in(&profile).ok_or_else(|| unsound("profile", &profile))?,
            seed: number("seed")?,
            work: WorkFactor::from_text(&work).ok_or_else(|| unsound("work", &work))?,
            draws: number("draws")?,
        })
    }
}

impl Desk {
    /// Makes a register where no file is, and its key beside it.
    ///
    /// # Errors
    /// [`DeskError::RegisterExists`], a profile that is none, a bank whose name is no text.
    pub fn create(path: &Path, new: &NewRegister) -> Result<Self, DeskError> {
        let profile = profile(&new.profile)?;
        let built_in = NewRegister::built_in_banks();
        let banks = if new.banks.is_empty() { &built_in } else { &new.banks };
        for bank in banks {
            check_value("code of a bank", &bank.code)?;
            check_value("name of a bank", &bank.name)?;
        }
        let register = Register::create_with(path, new.durability, |ledger| {
            ledger.set("profile", &new.profile)?;
            ledger.set("seed", &new.seed.to_string())?;
            ledger.set("work", &new.work.to_text())?;
            ledger.set("draws", "1")?;
            banks.iter().try_for_each(|bank| ledger.add_bank(bank))
        })?;
        let made = Made::new(path, &["", "-wal", "-shm"]);
        let key = SealKey::read_or_make(&register.key_place())?;
        let settings = Settings { profile, seed: new.seed, work: new.work, draws: 0 };
        made.keep();
        Ok(Self { key: Some(key), ..Self::with(register, settings) })
    }

    /// Opens a register. Messages that a version of before sealed, with a key that everyone has, are
    /// sealed with the register's own.
    ///
    /// # Errors
    /// Why it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, DeskError> {
        let mut register = Register::open(path)?;
        // Each opening draws from a stream of its own, so that no number is drawn twice.
        let (settings, sealed) = register.change(|ledger| {
            let settings = Settings::read(ledger)?;
            ledger.set("draws", &settings.draws.saturating_add(1).to_string())?;
            Ok((settings, ledger.sealed()?))
        })?;
        let mut desk = Self::with(register, settings);
        desk.seal_again(&sealed)?;
        Ok(desk)
    }

    fn with(register: Register, settings: Settings) -> Self {
        let Settings { profile, seed, work, draws } = settings;
        let mut random = ChaCha20Rng::seed_from_u64(seed);
        random.set_stream(u64::MAX.saturating_sub(draws));
        let module = SoftwareModule::test(random.next_u64());
        let production = Production { profile, masters: MasterKeys::test(), seed };
        Self { register, production, module, work, key: None }
    }

    /// The desk with keys that count before the TEST keys, for cards whose keys are others'.
    #[must_use]
    pub fn with_keys(self, keys: SocialKeys) -> Self {
        Self { module: self.module.with_keys(keys), ..self }
    }

    /// The register, to look at.
    #[must_use]
    pub fn register(&self) -> &Register {
        &self.register
    }

    /// The register, to let it fail.
    pub fn register_mut(&mut self) -> &mut Register {
        &mut self.register
    }

    /// Profile of the cards that are issued.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.production.profile
    }

    /// Adds residents, all or none; `deliver` takes the cards of an earlier generation that rows ask
    /// for. How many were added.
    ///
    /// # Errors
    /// [`DeskError::Import`] names every row that does not fit.
    pub fn import(
        &mut self,
        residents: &[Resident],
        today: Date,
        deliver: &mut dyn FnMut(&CardRow, Card) -> Result<(), DeskError>,
    ) -> Result<usize, DeskError> {
        let production = &self.production;
        self.register.change(|ledger| {
            crate::import::check(ledger, residents)?;
            // Cards share their profile's memory only when it is one profile.
            let mut profiles = BTreeMap::new();
            for resident in residents {
                let holder = ledger.add_holder(&resident.person)?;
                let mut card = None;
                if let Some(generation) = &resident.old_card {
                    let profile = match profiles.entry(generation) {
                        Entry::Occupied(known) => known.into_mut(),
                        Entry::Vacant(place) => place.insert(profile(generation)?),
                    };
                    let id = ledger.next_card()?;
                    let numbers = production.numbers(profile, id)?;
                    let new = NewCard {
                        follows: None,
                        in_use: true,
                        // The old generation's account is not the desk's.
                        bank: None,
                        ..new_card(holder, numbers, Standing::Held)
                    };
                    card = Some(ledger.add_card(&new)?);
                    let made = production.make(
                        profile,
                        id,
                        &resident.person,
                        today,
                        LifeCycle::Activated,
                    )?;
                    deliver(&ledger.card(id)?, made)?;
                    if resident.medical.is_positive() {
                        ledger.credit_medical(today, holder, id, resident.medical)?;
                    }
                }
                note(ledger, today, holder, card, "import", "collected")?;
            }
            Ok(residents.len())
        })
    }

    /// Produces a batch for all residents who have no card yet; `deliver` takes the cards. How many
    /// were produced.
    ///
    /// # Errors
    /// [`DeskError::BatchExists`], [`DeskError::BatchDays`], or what `deliver` says.
    pub fn batch(
        &mut self,
        batch: &Batch<'_>,
        today: Date,
        deliver: &mut dyn FnMut(&CardRow, Card) -> Result<(), DeskError>,
    ) -> Result<usize, DeskError> {
        let Batch { name, opens, closes, to } = *batch;
        if opens > closes {
            let (opens, closes) = (opens.to_string(), closes.to_string());
            return Err(DeskError::BatchDays { opens, closes });
        }
        check_value("name of the batch", name)?;
        if !to.kind().hands_out() {
            return refuse(
                Rule::D01,
                format!(
                    "cards are handed out at villages, communities and convenience centres, not at a {}",
                    to.kind()
                ),
                "village, community or convenience-center",
            );
        }
        let production = &self.production;
        self.register.change(|ledger| {
            if ledger.batch(name)?.is_some() {
                return Err(DeskError::BatchExists(name.to_owned()));
            }
            let id = ledger.add_batch(name, opens, closes)?;
            let mut rows = Vec::new();
            for holder in ledger.holders_without_card()? {
                let holder = ledger.holder_by_id(holder)?;
                let follows = ledger.cards_of(holder.id)?.first().map(|card| card.id);
                let card = NewCard {
                    batch: Some(id),
                    delivered_to: Some(to.clone()),
                    follows,
                    bank: Some(holder.person.bank.clone()),
                    ..new_card(
                        holder.id,
                        production.numbers(&production.profile, ledger.next_card()?)?,
                        Standing::Delivered,
                    )
                };
                let card = ledger.add_card(&card)?;
                ledger.open_account(holder.id, &holder.person.bank)?;
                note(ledger, today, holder.id, Some(card), "batch", &format!("delivered to {to}"))?;
                rows.push((ledger.card(card)?, holder.person));
            }
            for some in rows.chunks(CHUNK) {
                for (row, card) in some.iter().zip(make_all(production, some, today)?) {
                    deliver(&row.0, card)?;
                }
            }
            Ok(rows.len())
        })
    }

    /// Credits medical money to a holder's card, as the insurance does every month.
    ///
    /// # Errors
    /// [`DeskError::UnknownHolder`], a holder without a card, or one whose benefit business has ended.
    pub fn credit_medical(
        &mut self,
        holder: &str,
        cents: Cents,
        today: Date,
    ) -> Result<(), DeskError> {
        self.register.change(|ledger| {
            let holder = ledger.holder(holder)?;
            if matches!(holder.cancelled, Some(Reason::Death | Reason::Abroad)) {
                return refuse(Rule::D22, "the benefit business has ended", "hr-outlet");
            }
            let cards = ledger.cards_of(holder.id)?;
            let card = CardRow::current(&cards)
                .ok_or_else(|| DeskError::NoCard(holder.person.number.clone()))?;
            // A successor that is not activated yet gets nothing: the money would lie in two places.
            let card = card.follows.unwrap_or(card.id);
            ledger.credit_medical(today, holder.id, card, cents)
        })
    }
}

/// A batch that is to be produced.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'b> {
    /// Name.
    pub name: &'b str,
    /// First day of collection.
    pub opens: Date,
    /// Last day of collection.
    pub closes: Date,
    /// Where the cards are delivered to.
    pub to: &'b ServicePoint,
}

/// So many cards are made at once.
const CHUNK: usize = 512;

type Row = (CardRow, crate::register::NewHolder);

/// Makes cards on all cores; in the order of their rows, and as many.
fn make_all(production: &Production, rows: &[Row], today: Date) -> Result<Vec<Card>, DeskError> {
    on_all_cores(rows, &|(card, person): &Row| {
        production.make(&production.profile, card.id, person, today, LifeCycle::Deactivated)
    })
}

fn on_all_cores<T: Sync, C: Send>(
    rows: &[T],
    make: &(impl Fn(&T) -> Result<C, DeskError> + Sync),
) -> Result<Vec<C>, DeskError> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = rows.len().div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        let threads: Vec<_> = rows
            .chunks(share)
            .map(|rows| scope.spawn(move || rows.iter().map(make).collect::<Result<Vec<_>, _>>()))
            .collect();
        let mut made = Vec::with_capacity(rows.len());
        for thread in threads {
            // A part that ended early has made no cards: without all of them there is no batch.
            let cards = thread.join().map_err(|_| DeskError::Broken("the production of cards"))?;
            made.extend(cards?);
        }
        Ok(made)
    })
}

fn profile(name: &str) -> Result<Profile, DeskError> {
    // A terminal's module is nobody's card.
    let profile = built_in(name).filter(|profile| profile.blueprint().psam.is_none());
    profile.ok_or_else(|| DeskError::UnknownProfile(name.to_owned()))
}

fn note(
    ledger: &Ledger<'_>,
    date: Date,
    holder: HolderId,
    card: Option<CardId>,
    what: &str,
    after: &str,
) -> Result<(), DeskError> {
    let event = Event {
        date,
        holder: Some(holder),
        card,
        place: None,
        papers: Papers::NONE,
        what,
        rules: &[],
        before: String::new(),
        after: after.to_owned(),
    };
    ledger.note(&event).map(drop)
}

#[cfg(test)]
mod tests;
