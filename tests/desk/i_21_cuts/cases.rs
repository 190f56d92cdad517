//! Every operation of the desk, from the state before it.

use sscard_desk::{
    Counter, Desk, DeskError, Done, Ending, InHand, NewPerson, PrintedItem, Reason, Request,
};

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
    act: |desk, counter, _| {
        desk.perform(Request::Activate, &holder_at("bank-branch:ICBC"), Some(LI), counter)
    },
};

pub(super) const ACTIVATE_BOTH: Case = Case { prepare: City::collected_of, ..CASE };
pub(super) const ACTIVATE_BOTH_OLD: Case = Case { here: [true, true], ..ACTIVATE_BOTH };
pub(super) const ACTIVATE_SOCIAL: Case = Case {
    act: |desk, counter, _| {
        desk.perform(Request::Activate, &holder_at("village"), Some(LI), counter)
    },
    ..ACTIVATE_BOTH
};
pub(super) const ACTIVATE_SOCIAL_OLD: Case = Case { here: [true, true], ..ACTIVATE_SOCIAL };
pub(super) const ACTIVATE_FINANCIAL: Case = Case { prepare: social, ..CASE };
pub(super) const PIN_CHANGE: Case = Case {
    password: Password::Changed,
    act: |desk, counter, _| {
        desk.perform(
            Request::ChangePin { old: "123456", new: "654321" },
            &visit("pharmacy", &[]),
            Some(LI),
            counter,
        )
    },
    ..CASE
};
pub(super) const PIN_RESET: Case = Case {
    prepare: locked,
    password: Password::Reset,
    act: |desk, counter, _| {
        desk.perform(Request::ResetPin, &holder_at("village"), Some(LI), counter)
    },
    ..CASE
};
pub(super) const QUERY_PIN_CHANGE: Case = Case {
    act: |desk, counter, _| {
        desk.perform(
            Request::ChangeQueryPassword { new: "12345678" },
            &holder_at("village"),
            Some(LI),
            counter,
        )
    },
    ..CASE
};
pub(super) const MOBILE_CHANGE: Case = Case {
    act: |desk, counter, _| {
        desk.perform(
            Request::ChangeMobile { mobile: "13911112222", query_password: None },
            &holder_at("village"),
            Some(LI),
            counter,
        )
    },
    ..CASE
};
pub(super) const REPLACE_LOST: Case = Case {
    here: [false, false],
    act: |desk, counter, deliver| {
        let visit = holder_at("card-outlet:ICBC");
        desk.perform(
            Request::Replace { reason: Reason::Lost, delivery: &mut InHand::new(deliver) },
            &visit,
            Some(LI),
            counter,
        )
    },
    ..CASE
};
pub(super) const REPLACE_DAMAGED: Case = Case {
    act: |desk, counter, deliver| {
        let visit = holder_at("card-outlet:ICBC");
        desk.perform(
            Request::Replace { reason: Reason::Damaged, delivery: &mut InHand::new(deliver) },
            &visit,
            Some(LI),
            counter,
        )
    },
    ..CASE
};
pub(super) const CHANGE_NAME: Case = Case {
    act: |desk, counter, deliver| {
        let visit = holder_at("card-outlet:ICBC");
        let person = NewPerson { name: Some("李新名".to_owned()), ..NewPerson::default() };
        let reason = Reason::Changed(PrintedItem::Name);
        desk.perform(
            Request::ChangeCard { reason, person, delivery: &mut InHand::new(deliver) },
            &visit,
            Some(LI),
            counter,
        )
    },
    ..CASE
};
pub(super) const BANK_CANCEL: Case = Case {
    act: |desk, counter, _| {
        let visit = holder_at("hr-outlet");
        desk.perform(
            Request::Cancel { reason: to_boc(), ending: Ending::PaidOut },
            &visit,
            Some(LI),
            counter,
        )
    },
    ..CASE
};
pub(super) const BANK_CLOSE: Case = Case {
    prepare: cancelled,
    act: |desk, counter, _| {
        desk.perform(
            Request::CloseAccount { reason: to_boc() },
            &holder_at("bank-branch:ICBC"),
            Some(LI),
            counter,
        )
    },
    ..CASE
};
pub(super) const BANK_CHANGE: Case = Case {
    prepare: closed,
    act: |desk, counter, deliver| {
        let visit = holder_at("card-outlet:BOC");
        desk.perform(
            Request::ChangeCard {
                reason: to_boc(),
                person: NewPerson::default(),
                delivery: &mut InHand::new(deliver),
            },
            &visit,
            Some(LI),
            counter,
        )
    },
    ..CASE
};
pub(super) const DEATH_PAID_OUT: Case = Case {
    act: |desk, counter, _| {
        desk.perform(
            Request::Cancel { reason: Reason::Death, ending: Ending::PaidOut },
            &holder_at("hr-outlet"),
            Some(LI),
            counter,
        )
    },
    ..CASE
};
pub(super) const DEATH_LATER: Case = Case {
    act: |desk, counter, _| {
        let visit = holder_at("hr-outlet");
        desk.perform(
            Request::Cancel { reason: Reason::Death, ending: Ending::PaidOutLater },
            &visit,
            Some(LI),
            counter,
        )
    },
    ..CASE
};
pub(super) const PAY_OUT: Case =
    Case { prepare: |profile| dead(profile, Ending::PaidOutLater), ..DEATH_PAID_OUT };
pub(super) const CLOSE: Case = Case {
    prepare: |profile| dead(profile, Ending::PaidOut),
    act: |desk, counter, _| {
        desk.perform(
            Request::CloseAccount { reason: Reason::Death },
            &holder_at("bank-branch:ICBC"),
            Some(LI),
            counter,
        )
    },
    ..CASE
};
