//! A small city: a register in a folder, residents, and their cards.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};

use jiff::civil::Date;
use sscard_core::Card;
use sscard_desk::register::{AccountRow, CardRow};
use sscard_desk::{
    Batch, Counter, Desk, DeskError, Done, NewRegister, Paper, Papers, Refusal, Request, Resident,
    Rule, ServicePoint, TextEncoding, Visit, WorkFactor, read_residents,
};
use sscard_host::InProcess;
use tempfile::TempDir;

/// An adult at ICBC with an old first-generation card and 123.45 on it.
pub(crate) const LI: &str = "999901198001011211";
/// An adult at BOC without an old card.
pub(crate) const WANG: &str = "999901197502020023";
/// A child at ICBC.
pub(crate) const CHILD: &str = "999901201503030011";
/// A child at BOC.
pub(crate) const OTHER_CHILD: &str = "999901201604040024";

/// A day in the batch's time.
pub(crate) const TODAY: Date = jiff::civil::date(2026, 12, 10);

/// A city between two days: its register file and its cards, to start from again and again.
#[derive(Clone)]
pub(crate) struct Snapshot {
    pub(crate) register: Vec<u8>,
    pub(crate) cards: BTreeMap<String, Card>,
}

impl Snapshot {
    /// The same city in a folder of its own.
    pub(crate) fn city(&self) -> City {
        let folder = folder();
        let path = folder.path().join("register.db");
        std::fs::write(&path, &self.register).expect("written");
        let desk = Desk::open(&path).expect("register");
        City { desk, cards: self.cards.clone(), folder }
    }
}

/// A city that several tests start from.
type Shared = OnceLock<Mutex<Snapshot>>;

fn start(shared: &Shared, make: impl FnOnce() -> City) -> City {
    let made = shared.get_or_init(|| Mutex::new(make().snapshot()));
    made.lock().unwrap_or_else(std::sync::PoisonError::into_inner).city()
}

/// The register, and every card by its number.
pub(crate) struct City {
    pub(crate) desk: Desk,
    pub(crate) cards: BTreeMap<String, Card>,
    pub(crate) folder: TempDir,
}

/// A folder in memory where there is one: a register that is made durable thousands of times is slow
/// on a disk.
fn folder() -> TempDir {
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).expect("a folder")
}

/// The place of a text.
pub(crate) fn at(text: &str) -> ServicePoint {
    text.parse().expect("a service point")
}

/// A visit today.
pub(crate) fn visit(place: &str, papers: &[Paper]) -> Visit {
    Visit { at: at(place), papers: Papers::of(papers), today: TODAY }
}

/// A visit with the holder's identity card.
pub(crate) fn holder_at(place: &str) -> Visit {
    visit(place, &[Paper::IdentityCard])
}

/// The rule that refuses.
pub(crate) fn refused<T: std::fmt::Debug>(outcome: Result<T, DeskError>) -> Rule {
    refusal(outcome).rule
}

/// The refusal: it names the rule, what was missing and who can help.
pub(crate) fn refusal<T: std::fmt::Debug>(outcome: Result<T, DeskError>) -> Refusal {
    let error = outcome.expect_err("refused");
    let refusal = error.refusal().unwrap_or_else(|| panic!("no refusal: {error}")).clone();
    assert!(!refusal.missing.is_empty() && !refusal.who_can_help.is_empty(), "{refusal:?}");
    refusal
}

fn residents() -> Vec<Resident> {
    let check = |body: &str| {
        let digits = body.as_bytes().try_into().expect("17 digits");
        let check = sscard_core::identifiers::social_security_number_check(digits);
        format!("{body}{}", char::from(check.expect("digits")))
    };
    let rows = format!(
        "name,number,mobile,bank,child,guardian,old_card,medical_balance\n\
         李测甲,{LI},13800000001,ICBC,,,gen1,123.45\n\
         王测乙,{WANG},13800000002,BOC,,,,\n\
         赵测丙,{CHILD},13800000003,ICBC,yes,赵测父,,\n\
         钱测丁,{OTHER_CHILD},13800000004,BOC,yes,钱测母,,\n"
    );
    for number in [LI, WANG, CHILD, OTHER_CHILD] {
        assert_eq!(number, check(&number[..17]));
    }
    read_residents(rows.as_bytes(), TextEncoding::Utf8).expect("residents")
}

impl City {
    /// Residents, and a batch delivered to the village; nothing is collected yet.
    pub(crate) fn delivered() -> Self {
        Self::of_profile("gen3")
    }

    /// The same with cards of another profile.
    pub(crate) fn of_profile(profile: &str) -> Self {
        static MADE: [Shared; 2] = [const { OnceLock::new() }; 2];
        start(&MADE[usize::from(profile == "gen3")], || Self::made(profile))
    }

    fn made(profile: &str) -> Self {
        let folder = folder();
        let new = NewRegister {
            profile: profile.to_owned(),
            work: WorkFactor::MINIMUM,
            ..NewRegister::default()
        };
        let mut desk = Desk::create(&folder.path().join("register.db"), &new).expect("register");
        let mut cards = BTreeMap::new();
        let mut deliver = |row: &CardRow, card: Card| {
            cards.insert(row.number.clone(), card);
            Ok(())
        };
        desk.import(&residents(), TODAY, &mut deliver).expect("imported");
        let batch = Batch {
            name: "2026-1",
            opens: jiff::civil::date(2026, 12, 1),
            closes: jiff::civil::date(2026, 12, 31),
            to: &at("village"),
        };
        assert_eq!(desk.batch(&batch, TODAY, &mut deliver).expect("batch"), 4);
        Self { desk, cards, folder }
    }

    /// Everybody has collected the card.
    pub(crate) fn collected() -> Self {
        Self::collected_of("gen3")
    }

    /// The same with cards of another profile.
    pub(crate) fn collected_of(profile: &str) -> Self {
        static MADE: [Shared; 2] = [const { OnceLock::new() }; 2];
        let make = || Self::of_profile(profile).all_collect();
        start(&MADE[usize::from(profile == "gen3")], make)
    }

    fn all_collect(self) -> Self {
        let mut city = self;
        for holder in [LI, WANG] {
            city.desk
                .perform(
                    Request::Collect,
                    &holder_at("village"),
                    Some(holder),
                    &mut Counter::empty(),
                )
                .expect("collected");
        }
        for child in [CHILD, OTHER_CHILD] {
            let guardian = visit("village", &[Paper::GuardianIdentityCard]);
            city.desk
                .perform(Request::Collect, &guardian, Some(child), &mut Counter::empty())
                .expect("collected");
        }
        city
    }

    /// Both functions of a holder's card work.
    pub(crate) fn active(holder: &str) -> Self {
        Self::active_of("gen3", holder)
    }

    /// The same with cards of another profile.
    pub(crate) fn active_of(profile: &str, holder: &str) -> Self {
        let mut city = Self::collected_of(profile);
        let bank = city.holder_bank(holder);
        let visit = holder_at(&format!("bank-branch:{bank}"));
        city.with(holder, |desk, counter| desk.perform(Request::Activate, &visit, None, counter))
            .expect("activated");
        city
    }

    /// Closes the register, and keeps everything to start from.
    pub(crate) fn snapshot(self) -> Snapshot {
        let Self { desk, cards, folder } = self;
        let path = desk.register().path().to_owned();
        drop(desk);
        let register = std::fs::read(&path).expect("read");
        drop(folder);
        Snapshot { register, cards }
    }

    pub(crate) fn holder_bank(&self, holder: &str) -> String {
        self.desk.register().look(|ledger| ledger.holder(holder)).expect("holder").person.bank
    }

    /// The holder's latest card that is neither recycled nor invalid, else the latest.
    pub(crate) fn card_row(&self, holder: &str) -> CardRow {
        let rows = self.rows(holder);
        let held = rows.iter().find(|row| row.standing == sscard_desk::Standing::Held);
        held.or(rows.first()).expect("a card").clone()
    }

    /// All rows of the holder's cards, the newest first.
    pub(crate) fn rows(&self, holder: &str) -> Vec<CardRow> {
        let look = self.desk.register().look(|ledger| {
            let holder = ledger.holder(holder)?;
            ledger.cards_of(holder.id)
        });
        look.expect("cards")
    }

    pub(crate) fn account(&self, holder: &str) -> AccountRow {
        let look = self.desk.register().look(|ledger| {
            let holder = ledger.holder(holder)?;
            ledger.account_of(holder.id)
        });
        look.expect("account").expect("an account")
    }

    /// Puts the holder's card on the counter for what `act` does.
    pub(crate) fn with<T>(
        &mut self,
        holder: &str,
        act: impl FnOnce(&mut Desk, &mut Counter<'_>) -> Result<T, DeskError>,
    ) -> Result<T, DeskError> {
        let number = self.card_row(holder).number;
        self.with_cards(&number, None, act)
    }

    /// Puts cards on the counter by their numbers.
    pub(crate) fn with_cards<T>(
        &mut self,
        number: &str,
        old: Option<&str>,
        act: impl FnOnce(&mut Desk, &mut Counter<'_>) -> Result<T, DeskError>,
    ) -> Result<T, DeskError> {
        let card = self.cards.remove(number).expect("a card");
        let mut card = InProcess::power_on(card).expect("power");
        let mut old_card = old.map(|old| {
            InProcess::power_on(self.cards.remove(old).expect("a card")).expect("power")
        });
        let outcome = {
            let mut counter = Counter::empty().with_card(&mut card);
            if let Some(old) = &mut old_card {
                counter = counter.with_old_card(old);
            }
            act(&mut self.desk, &mut counter)
        };
        self.cards.insert(number.to_owned(), card.into_card());
        if let (Some(number), Some(card)) = (old, old_card) {
            self.cards.insert(number.to_owned(), card.into_card());
        }
        outcome
    }

    /// Replaces or changes a card at an outlet; the new one is kept here.
    pub(crate) fn issue(
        &mut self,
        number: Option<&str>,
        act: impl FnOnce(
            &mut Desk,
            &mut Counter<'_>,
            &mut dyn FnMut(&CardRow, Card) -> Result<(), DeskError>,
        ) -> Result<Done, DeskError>,
    ) -> Result<Done, DeskError> {
        let mut made = None;
        let mut deliver = |row: &CardRow, card: Card| {
            made = Some((row.number.clone(), card));
            Ok(())
        };
        let outcome = match number {
            Some(number) => {
                self.with_cards(number, None, |desk, counter| act(desk, counter, &mut deliver))
            }
            None => act(&mut self.desk, &mut Counter::empty(), &mut deliver),
        };
        self.cards.extend(made);
        outcome
    }

    /// What a card answers to one command after its power-on.
    pub(crate) fn answer(&mut self, number: &str, commands: &[&str]) -> String {
        let card = self.cards.get_mut(number).expect("a card");
        card.power_on().expect("power");
        let mut response = Vec::new();
        for command in commands {
            card.transmit(&crate::harness::bytes(command), &mut response);
        }
        card.power_off();
        crate::harness::hex(&response)
    }

    /// Medical money: issued and held, in cents.
    pub(crate) fn medical(&self) -> (i64, i64) {
        let look = self
            .desk
            .register()
            .look(|ledger| Ok((ledger.medical_issued()?.value(), ledger.medical_held()?.value())));
        look.expect("sums")
    }
}
