//! Every operation of the desk, from the state before it.

use sscard_desk::{Counter, Desk, DeskError, Done, Ending, NewPerson, PrintedItem, Reason};

use super::session::Deliver;
use crate::desk::acts::HOLDER;
use crate::desk::city::{City, LI, holder_at, visit};

/// What the transaction password is, old and new.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Password {
    /// 123456 before and after.
    Initial,
    /// 123456, then 654321.
    Changed,
    /// Locked, then 123456.
    Reset,
}

/// An operation.
#[derive(Clone, Copy)]
pub(super) struct Case {
    pub(super) prepare: fn(&str) -> City,
    /// Whether the card is on the counter, and the old one.
    pub(super) here: [bool; 2],
    pub(super) password: Password,
    pub(super) act: fn(&mut Desk, &mut Counter<'_>, Deliver<'_>) -> Result<Done, DeskError>,
}

fn active(profile: &str) -> City {
    City::active_of(profile, LI)
}

fn social(profile: &str) -> City {
    let mut city = City::collected_of(profile);
    city.activate(LI, "village", HOLDER).expect("activated");
    city
}

fn locked(profile: &str) -> City {
    let mut city = active(profile);
    city.lock(LI);
    city
}

fn to_boc() -> Reason {
    Reason::NewBank("BOC".to_owned())
}

fn cancelled(profile: &str) -> City {
    let mut city = active(profile);
    city.cancel(LI, "hr-outlet", HOLDER, to_boc(), Ending::PaidOut).expect("cancelled");
    city
}

fn closed(profile: &str) -> City {
    let mut city = cancelled(profile);
    city.close(LI, "bank-branch:ICBC", HOLDER, to_boc()).expect("closed");
    city
}

fn dead(profile: &str, ending: Ending) -> City {
    let mut city = active(profile);
    city.cancel(LI, "hr-outlet", HOLDER, Reason::Death, ending).expect("cancelled");
    city
}

const CASE: Case = Case {
    prepare: active,
    here: [true, false],
    password: Password::Initial,
    act: |desk, counter, _| desk.activate(&holder_at("bank-branch:ICBC"), Some(LI), counter),
};

pub(super) const ACTIVATE_BOTH: Case = Case { prepare: City::collected_of, ..CASE };
pub(super) const ACTIVATE_BOTH_OLD: Case = Case { here: [true, true], ..ACTIVATE_BOTH };
pub(super) const ACTIVATE_SOCIAL: Case = Case {
    act: |desk, counter, _| desk.activate(&holder_at("village"), Some(LI), counter),
    ..ACTIVATE_BOTH
};
pub(super) const ACTIVATE_SOCIAL_OLD: Case = Case { here: [true, true], ..ACTIVATE_SOCIAL };
pub(super) const ACTIVATE_FINANCIAL: Case = Case { prepare: social, ..CASE };
pub(super) const PIN_CHANGE: Case = Case {
    password: Password::Changed,
    act: |desk, counter, _| {
        desk.change_pin(&visit("pharmacy", &[]), Some(LI), counter, "123456", "654321")
    },
    ..CASE
};
pub(super) const PIN_RESET: Case = Case {
    prepare: locked,
    password: Password::Reset,
    act: |desk, counter, _| desk.reset_pin(&holder_at("village"), Some(LI), counter),
    ..CASE
};
pub(super) const QUERY_PIN_CHANGE: Case = Case {
    act: |desk, counter, _| {
        desk.change_query_password(&holder_at("village"), Some(LI), counter, "12345678")
    },
    ..CASE
};
pub(super) const MOBILE_CHANGE: Case = Case {
    act: |desk, counter, _| {
        desk.change_mobile(&holder_at("village"), Some(LI), counter, "13911112222", None)
    },
    ..CASE
};
pub(super) const REPLACE_LOST: Case = Case {
    here: [false, false],
    act: |desk, counter, deliver| {
        let visit = holder_at("card-outlet:ICBC");
        desk.replace(&visit, Some(LI), counter, Reason::Lost, deliver)
    },
    ..CASE
};
pub(super) const REPLACE_DAMAGED: Case = Case {
    act: |desk, counter, deliver| {
        let visit = holder_at("card-outlet:ICBC");
        desk.replace(&visit, Some(LI), counter, Reason::Damaged, deliver)
    },
    ..CASE
};
pub(super) const CHANGE_NAME: Case = Case {
    act: |desk, counter, deliver| {
        let visit = holder_at("card-outlet:ICBC");
        let person = NewPerson { name: "李新名".to_owned(), ..NewPerson::default() };
        let reason = Reason::Changed(PrintedItem::Name);
        desk.change_card(&visit, Some(LI), counter, reason, person, deliver)
    },
    ..CASE
};
pub(super) const BANK_CANCEL: Case = Case {
    act: |desk, counter, _| {
        let visit = holder_at("hr-outlet");
        desk.cancel(&visit, Some(LI), counter, to_boc(), Ending::PaidOut)
    },
    ..CASE
};
pub(super) const BANK_CLOSE: Case = Case {
    prepare: cancelled,
    act: |desk, counter, _| {
        desk.close_account(&holder_at("bank-branch:ICBC"), Some(LI), counter, to_boc())
    },
    ..CASE
};
pub(super) const BANK_CHANGE: Case = Case {
    prepare: closed,
    act: |desk, counter, deliver| {
        let visit = holder_at("card-outlet:BOC");
        desk.change_card(&visit, Some(LI), counter, to_boc(), NewPerson::default(), deliver)
    },
    ..CASE
};
pub(super) const DEATH_PAID_OUT: Case = Case {
    act: |desk, counter, _| {
        desk.cancel(&holder_at("hr-outlet"), Some(LI), counter, Reason::Death, Ending::PaidOut)
    },
    ..CASE
};
pub(super) const DEATH_LATER: Case = Case {
    act: |desk, counter, _| {
        let visit = holder_at("hr-outlet");
        desk.cancel(&visit, Some(LI), counter, Reason::Death, Ending::PaidOutLater)
    },
    ..CASE
};
pub(super) const PAY_OUT: Case =
    Case { prepare: |profile| dead(profile, Ending::PaidOutLater), ..DEATH_PAID_OUT };
pub(super) const CLOSE: Case = Case {
    prepare: |profile| dead(profile, Ending::PaidOut),
    act: |desk, counter, _| {
        desk.close_account(&holder_at("bank-branch:ICBC"), Some(LI), counter, Reason::Death)
    },
    ..CASE
};
