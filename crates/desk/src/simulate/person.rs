//! A resident as the simulation remembers him.

use chacha20::ChaCha20Rng;
use rand_core::Rng;
use sscard_core::identifiers::social_security_number_check;

use crate::register::NewHolder;
use crate::{CardId, Cents, Paper, Papers, Resident};

/// Banks that residents select.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Bank {
    Abc,
    Boc,
    Ccb,
    Icbc,
}

impl Bank {
    const fn drawn(number: u32) -> Self {
        match number % 4 {
            0 => Self::Abc,
            1 => Self::Boc,
            2 => Self::Ccb,
            _ => Self::Icbc,
        }
    }

    /// The one that its customers change to.
    pub(super) const fn next(self) -> Self {
        match self {
            Self::Abc => Self::Boc,
            Self::Boc => Self::Ccb,
            Self::Ccb => Self::Icbc,
            Self::Icbc => Self::Abc,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Abc => "ABC",
            Self::Boc => "BOC",
            Self::Ccb => "CCB",
            Self::Icbc => "ICBC",
        }
    }
}

/// Days of birth, 28 a month, over 60 years of adults.
const ADULT_BIRTHDAYS: u32 = 60 * 12 * 28;
/// And over 13 years of children.
const CHILD_BIRTHDAYS: u32 = 13 * 12 * 28;

/// How far somebody is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    /// In the register, in no batch yet.
    Registered,
    /// A card waits.
    Waiting,
    /// Has a card that is not activated.
    Inactive,
    /// The social security function works.
    Social,
    /// Both functions work.
    Both,
    /// Under way to another bank.
    Moving,
    /// Dead or abroad.
    Gone,
}

/// A resident.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) number: String,
    pub(super) is_child: bool,
    pub(super) bank: Bank,
    pub(super) phase: Phase,
    /// Row of the card in his hands.
    pub(super) card: CardId,
    /// Row of the card before it, when it is still in his hands.
    pub(super) old_card: Option<CardId>,
    pub(super) pin: [u8; 6],
    pub(super) query_password: Option<u32>,
    /// Something is planned that must not be disturbed.
    pub(super) busy: bool,
}

impl Person {
    pub(super) fn bank(&self) -> &'static str {
        self.bank.name()
    }

    pub(super) fn another_bank(&self) -> &'static str {
        self.bank.next().name()
    }

    /// Everything that could be asked for.
    pub(super) fn papers(&self) -> Papers {
        if self.is_child {
            Papers::of(&[
                Paper::HouseholdRegister,
                Paper::GuardianRelation,
                Paper::GuardianIdentityCard,
                Paper::Child,
            ])
        } else {
            Papers::of(&[Paper::IdentityCard])
        }
    }

    pub(super) fn pin(&self) -> String {
        digits(&self.pin)
    }
}

/// A password as it is typed.
pub(super) fn digits(pin: &[u8; 6]) -> String {
    pin.iter().map(|digit| char::from(b'0'.saturating_add(*digit))).collect()
}

/// The `index`-th resident: nobody has his number twice.
pub(super) fn resident(index: u32, random: &mut ChaCha20Rng) -> (Resident, Person) {
    let is_child = index % 10 == 3;
    let (first_year, day, round) = if is_child {
        (2012_u32, index % CHILD_BIRTHDAYS, index / CHILD_BIRTHDAYS)
    } else {
        (1950, index % ADULT_BIRTHDAYS, index / ADULT_BIRTHDAYS)
    };
    let from_one = |number: u32| number.saturating_add(1);
    let (order, year) = (from_one(round % 999), first_year.saturating_add(day / 336));
    let (month, day) = (from_one(day / 28 % 12), from_one(day % 28));
    // Two districts more for cities of more than twenty million.
    let district = from_one(index / 20_000_000);
    let body = format!("99990{district}{year:04}{month:02}{day:02}{order:03}");
    let digits: Option<&[u8; 17]> = body.as_bytes().try_into().ok();
    // Seventeen digits, whatever the index: a number without its check character is nobody's.
    let check = digits.and_then(social_security_number_check).unwrap_or(b'?');
    let number = format!("{body}{}", char::from(check));
    let bank = Bank::drawn(random.next_u32());
    let has_old_card = !is_child && random.next_u32() % 10 < 6;
    let surname =
        "赵钱孙李周吴郑王冯陈".chars().nth(random.next_u32() as usize % 10).unwrap_or('李');
    let stem = "甲乙丙丁戊己庚辛壬癸".chars().nth(random.next_u32() as usize % 10).unwrap_or('甲');
    let medical = if has_old_card { Cents::from(random.next_u32() % 500_000) } else { Cents::ZERO };
    let resident = Resident {
        line: u64::from(index).saturating_add(2),
        person: NewHolder {
            number: number.clone(),
            name: format!("{surname}测{stem}"),
            mobile: format!("138{index:08}"),
            photo: None,
            guardian: is_child.then(|| format!("{surname}测父")),
            is_child,
            bank: bank.name().to_owned(),
        },
        old_card: has_old_card
            .then(|| if index.is_multiple_of(2) { "gen1" } else { "gen2" }.to_owned()),
        medical,
    };
    let person = Person {
        number,
        is_child,
        bank,
        phase: Phase::Registered,
        card: CardId(0),
        old_card: None,
        pin: [1, 2, 3, 4, 5, 6],
        query_password: None,
        busy: false,
    };
    (resident, person)
}
