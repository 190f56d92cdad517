//! The desk: a register, the city's keys, and what is done in the back office.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use sscard_core::{Card, LifeCycle, Profile};
use sscard_crypto::financial::sm3;
use sscard_profile::{MasterKeys, built_in};
use sscard_terminal::SecurityModule;
use zeroize::Zeroizing;

pub use crate::password::WorkFactor;

use crate::import::Resident;
use crate::issue::{Numbers, Production};
use crate::register::{BankRow, CardRow, Event, Ledger, NewCard, OutboxRow, Register};
use crate::rules::refuse;
use crate::{DeskError, Papers, Reason, Rule, ServicePoint, Standing, password};

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
    /// Seed of everything that is drawn: cards' random numbers, query passwords, salts.
    pub seed: u64,
    /// Work of password hashes.
    pub work: WorkFactor,
    /// Cooperating banks; empty for the four that are built in.
    pub banks: Vec<BankRow>,
}

impl Default for NewRegister {
    fn default() -> Self {
        Self { profile: "gen3".to_owned(), seed: 1, work: WorkFactor::DEFAULT, banks: Vec::new() }
    }
}

/// The desk of a city.
pub struct Desk {
    pub(crate) register: Register,
    pub(crate) production: Production,
    pub(crate) module: SecurityModule,
    pub(crate) random: ChaCha20Rng,
    pub(crate) work: WorkFactor,
}

impl Desk {
    /// Makes a register where no file is.
    ///
    /// # Errors
    /// [`DeskError::RegisterExists`], or a profile that is none.
    pub fn create(path: &Path, new: &NewRegister) -> Result<Self, DeskError> {
        profile(&new.profile)?;
        let mut register = Register::create(path)?;
        register.change(|ledger| {
            ledger.set("profile", &new.profile)?;
            ledger.set("seed", &new.seed.to_string())?;
            ledger.set("work", &new.work.to_text())?;
            ledger.set("draws", "0")?;
            let built_in = BANKS.map(|(code, name, child_must_be_present)| BankRow {
                code: code.to_owned(),
                name: name.to_owned(),
                child_must_be_present,
            });
            let banks = if new.banks.is_empty() { &built_in[..] } else { &new.banks };
            banks.iter().try_for_each(|bank| ledger.add_bank(bank))
        })?;
        Self::with(register)
    }

    /// Opens a register.
    ///
    /// # Errors
    /// Why it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, DeskError> {
        Self::with(Register::open(path)?)
    }

    fn with(mut register: Register) -> Result<Self, DeskError> {
        // Each opening draws from a stream of its own, so that no number is drawn twice.
        let [profile_name, seed, work, draws] = register.change(|ledger| {
            let read = |key: &str| Ok::<_, DeskError>(ledger.setting(key)?.unwrap_or_default());
            let draws = read("draws")?;
            let next = draws.parse::<u64>().unwrap_or(0).saturating_add(1);
            ledger.set("draws", &next.to_string())?;
            Ok([read("profile")?, read("seed")?, read("work")?, draws])
        })?;
        let seed = seed.parse().unwrap_or(0);
        let mut random = ChaCha20Rng::seed_from_u64(seed);
        random.set_stream(u64::MAX - draws.parse::<u64>().unwrap_or(0));
        let module = SecurityModule::test(random.next_u64());
        let production =
            Production { profile: profile(&profile_name)?, masters: MasterKeys::test(), seed };
        let work = WorkFactor::from_text(&work).unwrap_or(WorkFactor::DEFAULT);
        Ok(Self { register, production, module, random, work })
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
                    if !profiles.contains_key(generation) {
                        profiles.insert(generation, profile(generation)?);
                    }
                    let profile = &profiles[generation];
                    let id = ledger.next_card()?;
                    let numbers = production.numbers(profile, id);
                    let new = NewCard {
                        follows: None,
                        in_use: true,
                        // The old generation's account is not the desk's.
                        bank: String::new(),
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
                    if resident.medical_cents > 0 {
                        ledger.credit_medical(today, holder, id, resident.medical_cents)?;
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
                    bank: holder.person.bank.clone(),
                    ..new_card(
                        holder.id,
                        production.numbers(&production.profile, ledger.next_card()?),
                        Standing::Delivered,
                    )
                };
                let card = ledger.add_card(&card)?;
                ledger.open_account(holder.id, &holder.person.bank)?;
                note(ledger, today, holder.id, Some(card), "batch", &format!("delivered to {to}"))?;
                rows.push((ledger.card(card)?, holder.person));
            }
            for some in rows.chunks(CHUNK) {
                for (row, card) in some.iter().zip(make_all(production, some, today)) {
                    deliver(&row.0, card?)?;
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
        cents: u32,
        today: Date,
    ) -> Result<(), DeskError> {
        self.register.change(|ledger| {
            let holder = ledger.holder(holder)?;
            if matches!(holder.cancelled, Some(Reason::Death | Reason::Abroad)) {
                return refuse(Rule::D22, "the benefit business has ended", "hr-outlet");
            }
            let cards = ledger.cards_of(holder.id)?;
            let card = crate::procedure::current(&cards)
                .ok_or_else(|| DeskError::NoCard(holder.person.number.clone()))?;
            // A successor that is not activated yet gets nothing: the money would lie in two places.
            let card = card.follows.unwrap_or(card.id);
            ledger.credit_medical(today, holder.id, card, cents.into())
        })
    }

    /// The messages, each sealed body opened, shown, and wiped.
    ///
    /// # Errors
    /// [`DeskError::Seal`].
    pub fn outbox(&mut self) -> Result<Vec<Shown>, DeskError> {
        let key = self.seal_key();
        self.register.change(|ledger| {
            let rows = ledger.outbox()?;
            let shown = rows.into_iter().map(|row| {
                let body = match &row.sealed {
                    Some(sealed) => {
                        ledger.set_body(row.id, None)?;
                        Some(password::open(&key, row.id, sealed)?)
                    }
                    None => None,
                };
                Ok((row, body))
            });
            shown.collect()
        })
    }

    /// Key of sealed messages: derived from a TEST key of the city, so it is not in the register.
    pub(crate) fn seal_key(&self) -> Zeroizing<[u8; 32]> {
        let root = MasterKeys::root(sscard_core::catalogue::SSSE, sscard_core::KeyId::STK, 1);
        Zeroizing::new(sm3(&[b"sscard outbox", root.expose(), &self.production.seed.to_be_bytes()]))
    }
}

/// A message and its body, which is shown once.
type Shown = (OutboxRow, Option<Zeroizing<String>>);

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

/// Makes cards on all cores; in the order of their rows.
fn make_all(production: &Production, rows: &[Row], today: Date) -> Vec<Result<Card, DeskError>> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = rows.len().div_ceil(cores).max(1);
    let make = |(card, person): &Row| {
        production.make(&production.profile, card.id, person, today, LifeCycle::Deactivated)
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = rows
            .chunks(share)
            .map(|rows| scope.spawn(move || rows.iter().map(make).collect::<Vec<_>>()))
            .collect();
        let made = threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default());
        made.collect()
    })
}

fn profile(name: &str) -> Result<Profile, DeskError> {
    built_in(name).ok_or_else(|| DeskError::UnknownProfile(name.to_owned()))
}

/// A card that is only produced, in somebody's hands.
pub(crate) fn new_card(holder: i64, numbers: Numbers, standing: Standing) -> NewCard {
    let Numbers { number, serial, pan } = numbers;
    NewCard {
        holder,
        number,
        serial,
        pan,
        bank: String::new(),
        batch: None,
        delivered_to: None,
        standing,
        in_use: false,
        follows: None,
    }
}

fn note(
    ledger: &Ledger<'_>,
    date: Date,
    holder: i64,
    card: Option<i64>,
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
