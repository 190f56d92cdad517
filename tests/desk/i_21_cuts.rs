//! I-21: every operation of the desk is cut at every exchange with a card, before and after the card
//! has carried the command out, at every write of a row, and while a card writes its memory; `resume`
//! is cut too. What remains is the old state or the new one, on paper and on every chip, and money
//! has moved once.

mod cases;
mod session;

use sscard_desk::register::{AccountRow, CardRow};
use sscard_desk::{DeskError, Function, InHand, Reason, Resumed, Standing};

use self::cases::{Case, Password};
use self::session::{Cut, Measure, session};
use super::city::{City, LI, Snapshot};

/// What the register says of LI.
#[derive(PartialEq, Debug)]
struct Books {
    cards: Vec<CardRow>,
    accounts: Vec<AccountRow>,
    name: String,
    mobile: String,
    bank: String,
    cancelled: Option<Reason>,
    query_hash_is: bool,
    sealed_messages: usize,
    medical: (i64, i64),
}

fn query_hash(city: &City) -> String {
    city.desk
        .register()
        .look(|ledger| ledger.holder(LI))
        .expect("holder")
        .query_hash
        .unwrap_or_default()
}

/// The books; `hash` is the query password's hash before everything.
fn books(city: &City, hash: &str) -> Books {
    let holder = city.desk.register().look(|ledger| ledger.holder(LI)).expect("holder");
    let accounts = city.desk.register().look(|ledger| {
        let accounts = ledger.accounts()?;
        Ok(accounts.into_iter().filter(|account| account.holder == holder.id).collect())
    });
    Books {
        cards: city.rows(LI),
        accounts: accounts.expect("accounts"),
        name: holder.person.name,
        mobile: holder.person.mobile,
        bank: holder.person.bank,
        cancelled: holder.cancelled,
        query_hash_is: holder.query_hash.as_deref().unwrap_or_default() == hash,
        sealed_messages: city.messages().iter().filter(|row| row.sealed.is_some()).count(),
        medical: city.medical(),
    }
}

impl Books {
    /// Every cent is on a card or was paid out, once.
    fn check_money(&self) {
        let on_cards: i64 = self.cards.iter().map(|card| card.medical.value()).sum();
        let ended = matches!(self.cancelled, Some(Reason::Death | Reason::Abroad));
        let paid_out: i64 = self
            .accounts
            .iter()
            .map(|account| account.balance.value() + account.paid_out.value())
            .sum();
        let (issued, held) = self.medical;
        assert_eq!(issued, 12345);
        assert_eq!(on_cards + paid_out, issued);
        assert_eq!(held, if ended { paid_out } else { issued });
    }
}

/// Every chip is what its row says.
fn check_chips(city: &mut City, profile: &str, password: Password, is_new: bool) {
    for row in city.rows(LI) {
        let (social, financial) = city.chip(&row.number);
        let (social, financial) = (social.as_str(), financial.as_str());
        let says = format!("{row:?}: {social} {financial}");
        match (row.standing, row.social) {
            (Standing::Recycled, _) => assert_eq!((social, financial), ("6A81", "6A81"), "{says}"),
            (_, Function::Inactive) => assert_eq!(social, "6283", "{says}"),
            (_, Function::Active) => assert_eq!(social, "9000", "{says}"),
            (_, Function::Ended) if row.block_due => {}
            (_, Function::Ended) => assert_eq!(social, "9303", "{says}"),
        }
        if row.standing != Standing::Recycled && row.pan.is_some() {
            match row.financial {
                Function::Active => assert_eq!(financial, "9000", "{says}"),
                Function::Ended if row.block_due => {}
                _ => assert_eq!(financial, "6283", "{says}"),
            }
        }
        if row.standing != Standing::Held || row.social != Function::Active || row.pan.is_none() {
            continue;
        }
        if profile == "gen2" {
            assert_eq!(i64::from(city.purse(&row.number)), row.purse.value(), "{says}");
        }
        match (city.verify(&row.number, "123456").as_str(), password) {
            ("9000", Password::Initial | Password::Changed) => {}
            ("9000", Password::Reset) => assert!(is_new, "{says}"),
            ("6983", Password::Reset) => assert!(!is_new, "{says}"),
            ("63C5", Password::Changed) => {
                assert_eq!(city.verify(&row.number, "654321"), "9000", "{says}");
            }
            (other, _) => panic!("{says}: {other}"),
        }
    }
}

/// A case that was made ready.
struct Sweep {
    case: Case,
    profile: &'static str,
    start: Snapshot,
    numbers: [Option<String>; 2],
    hash: String,
    old: Books,
    new: Books,
    whole: Measure,
    cuts: usize,
}

impl Sweep {
    fn of(case: Case, profile: &'static str) -> Self {
        let city = (case.prepare)(profile);
        let hash = query_hash(&city);
        let old = books(&city, &hash);
        old.check_money();
        let current = city.card_row(LI);
        let before = city.rows(LI).iter().find(|row| Some(row.id) == current.follows).cloned();
        let numbers = [
            case.here[0].then_some(current.number),
            before.filter(|_| case.here[1]).map(|row| row.number),
        ];
        let start = city.snapshot();
        let on_counter = [numbers[0].as_deref(), numbers[1].as_deref()];
        let (end, done, whole) = session(&start, on_counter, Cut::None, case.act);
        done.expect("the whole operation");
        let mut city = end.city();
        let new = books(&city, &hash);
        new.check_money();
        assert!(city.waiting().is_empty());
        check_chips(&mut city, profile, case.password, true);
        Self { case, profile, start, numbers, hash, old, new, whole, cuts: 0 }
    }

    fn on_counter(&self) -> [Option<&str>; 2] {
        [self.numbers[0].as_deref(), self.numbers[1].as_deref()]
    }

    /// One cut, then `resume`, which may be cut too, then `resume` to the end.
    fn cut(&mut self, first: Cut, second: Cut) {
        let what = format!("{first:?}, then {second:?}");
        let (torn, outcome, _) = session(&self.start, self.on_counter(), first, self.case.act);
        let waits = !torn.city().waiting().is_empty();
        let is_new = waits || outcome.is_ok();
        let mut now = torn;
        for cut in [second, Cut::None] {
            let (resumed, outcome, _) =
                session(&now, self.on_counter(), cut, |desk, counter, deliver| {
                    desk.resume(counter, &mut InHand::new(deliver))
                });
            now = resumed;
            match outcome {
                Ok(outcomes) => {
                    let done = outcomes.iter().all(|one| matches!(one, Resumed::Done(_)));
                    assert!(done, "{what}: {outcomes:?}");
                    break;
                }
                Err(DeskError::Interrupted | DeskError::Transport(_)) => {
                    assert!(!matches!(cut, Cut::None), "{what}: {outcome:?}");
                }
                Err(other) => panic!("{what}: {other}"),
            }
        }
        let mut city = now.city();
        assert!(city.waiting().is_empty(), "{what}");
        let found = books(&city, &self.hash);
        assert_eq!(&found, if is_new { &self.new } else { &self.old }, "{what}");
        check_chips(&mut city, self.profile, self.case.password, is_new);
        self.cuts += 1;
        // What was left as it had been is simply done again.
        if !is_new && self.cuts.is_multiple_of(7) {
            let (now, outcome, _) = session(&now, self.on_counter(), Cut::None, self.case.act);
            outcome.unwrap_or_else(|error| panic!("{what}, then again: {error}"));
            assert_eq!(books(&now.city(), &self.hash), self.new, "{what}, then again");
        }
    }

    fn exchanges(&mut self) {
        let total = self.whole.exchanges;
        for at in 0..total {
            for executes in [false, true] {
                self.cut(Cut::Exchange { at, executes }, Cut::None);
            }
            if at.is_multiple_of(4) {
                let second = Cut::Exchange { at: at * 5 % total, executes: at.is_multiple_of(8) };
                self.cut(Cut::Exchange { at, executes: true }, second);
            }
        }
    }

    fn writes(&mut self) {
        let total = self.whole.writes;
        assert!(total > 0);
        for at in 0..total {
            self.cut(Cut::Write(at), Cut::None);
            self.cut(Cut::Write(at), Cut::Write(at * 3 % total));
        }
    }

    fn power(&mut self) {
        let samples = 12;
        for (old, total) in [(false, self.whole.bytes), (true, self.whole.bytes_of_old)] {
            for sample in 0..samples.min(total) {
                let bytes = total * sample / samples;
                self.cut(Cut::Power { old, bytes }, Cut::None);
                let second = Cut::Power { old, bytes: (total - bytes) / 2 };
                self.cut(Cut::Power { old, bytes }, second);
            }
        }
    }
}

fn sweep(case: Case, profile: &'static str) {
    let mut sweep = Sweep::of(case, profile);
    assert_eq!(sweep.whole.exchanges > 0, sweep.case.here[0]);
    sweep.exchanges();
    sweep.writes();
    sweep.power();
    assert!(sweep.cuts > 3);
}

/// A test for each operation, of cards with the medical purse and without.
macro_rules! sweeps {
    ($($name:ident: $case:ident,)*) => {$(
        mod $name {
            #[test]
            fn i_21_gen2() {
                super::sweep(super::cases::$case, "gen2");
            }

            #[test]
            fn i_21_gen3() {
                super::sweep(super::cases::$case, "gen3");
            }
        }
    )*};
}

sweeps! {
    activate_both: ACTIVATE_BOTH,
    activate_both_old_card_there: ACTIVATE_BOTH_OLD,
    activate_social: ACTIVATE_SOCIAL,
    activate_social_old_card_there: ACTIVATE_SOCIAL_OLD,
    activate_financial: ACTIVATE_FINANCIAL,
    pin_change: PIN_CHANGE,
    pin_reset: PIN_RESET,
    query_pin_change: QUERY_PIN_CHANGE,
    mobile_change: MOBILE_CHANGE,
    replace_lost: REPLACE_LOST,
    replace_damaged: REPLACE_DAMAGED,
    change_name: CHANGE_NAME,
    bank_cancel: BANK_CANCEL,
    bank_close: BANK_CLOSE,
    bank_change: BANK_CHANGE,
    death_paid_out: DEATH_PAID_OUT,
    death_paid_out_later: DEATH_LATER,
    pay_out_later: PAY_OUT,
    close: CLOSE,
}
