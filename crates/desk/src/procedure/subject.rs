//! Who and what it is about: the cards on the counter against the register.

use crate::chip::{self, Chip, Seen};
use crate::register::{AccountRow, CardRow, HolderRow, Ledger, OperationRow};
use crate::rules::{AccountState, BankView, CardView, Function, Reason, Standing, State};
use crate::{Cents, Desk, DeskError, Operation};

use super::{Counter, Ending, Visit, finish};
use crate::register::NewPerson;

/// The holder, his card, the card before it, his account.
pub(super) struct Subject {
    pub(super) holder: HolderRow,
    pub(super) card: CardRow,
    pub(super) old: Option<CardRow>,
    pub(super) account: Option<AccountRow>,
    pub(super) bank: BankView,
    pub(super) reason: Reason,
    pub(super) person: NewPerson,
    pub(super) ending: Ending,
    pub(super) query_password_shown: bool,
    /// Medical money on all cards.
    medical: Cents,
    tries_left: Option<u8>,
    card_is_here: bool,
    old_card_is_here: bool,
    has_successor: bool,
}

/// The row of a card that was looked at.
fn row_of(ledger: &Ledger<'_>, seen: &Seen) -> Result<Option<CardRow>, DeskError> {
    match &seen.number {
        Some(number) => ledger.card_by_number(number),
        // A blocked card says nothing but its serial.
        None => seen.serial.map_or(Ok(None), |serial| ledger.card_by_serial(serial)),
    }
}

impl Seen {
    /// Whether it is the card of a row.
    pub(super) fn is(&self, row: &CardRow) -> bool {
        match self.serial {
            Some(serial) => serial == row.serial,
            None => self.number.as_ref() == Some(&row.number),
        }
    }

    /// Which card it is, in words.
    pub(super) fn words(&self) -> String {
        match (&self.number, self.serial) {
            (Some(number), _) => number.clone(),
            (None, Some(serial)) => {
                format!("a blocked card with the serial {}", hex::encode_upper(serial))
            }
            (None, None) => "a blocked card that does not say its serial".to_owned(),
        }
    }
}

impl Desk {
    /// Looks who it is. Nothing is written before every card is the one that it has to be; then a
    /// card that is to be blocked at its next contact is blocked.
    pub(super) fn subject(
        &mut self,
        holder: Option<&str>,
        counter: &mut Counter<'_>,
        reason: Reason,
        visit: &Visit,
    ) -> Result<Subject, DeskError> {
        let seen = counter.card.as_mut().map(chip::look).transpose()?;
        let seen_old = counter.old.as_mut().map(chip::look).transpose()?;
        let (mut subject, due) = self.register.look(|ledger| {
            let wanted = holder.map(|number| ledger.holder(number)).transpose()?;
            let card = seen.as_ref().map(|seen| row_of(ledger, seen)).transpose()?.flatten();
            if let (Some(seen), None) = (&seen, &card) {
                let expected = "a card of this register".to_owned();
                return Err(DeskError::WrongCard { found: seen.words(), expected });
            }
            let owner = card.as_ref().map(|card| ledger.holder_by_id(card.holder)).transpose()?;
            if let (Some(wanted), Some(owner), Some(seen)) = (&wanted, &owner, &seen)
                && wanted.id != owner.id
            {
                return Err(DeskError::WrongCard {
                    found: seen.words(),
                    expected: format!("a card of {}", wanted.person.number),
                });
            }
            let holder = owner.or(wanted).ok_or(DeskError::Nobody)?;
            let cards = ledger.cards_of(holder.id)?;
            let card = card.or_else(|| CardRow::current(&cards).cloned());
            let card = card.ok_or_else(|| DeskError::NoCard(holder.person.number.clone()))?;
            let old = card.follows.map(|id| ledger.card(id)).transpose()?;
            if let Reason::NewBank(bank) = &reason {
                ledger.bank(bank)?;
            }
            let found = seen_old.as_ref().map(|seen| row_of(ledger, seen)).transpose()?.flatten();
            // An earlier card that waits to be blocked may lie there where no old card is needed.
            let due = found.clone().filter(|row| {
                old.is_none() && row.block_due && row.holder == holder.id && row.id != card.id
            });
            let is_old =
                old.is_some() && found.as_ref().map(|row| row.id) == old.as_ref().map(|row| row.id);
            if let (Some(seen), None, false) = (&seen_old, &due, is_old) {
                let expected = match &old {
                    Some(old) => format!("the old card {}", old.number),
                    None => "the old card: this card has no predecessor".to_owned(),
                };
                return Err(DeskError::WrongCard { found: seen.words(), expected });
            }
            let waits = |other: &CardRow| {
                other.follows == Some(card.id)
                    && matches!(other.standing, Standing::Held | Standing::Delivered)
            };
            let subject = Subject {
                has_successor: cards.iter().any(waits),
                account: ledger.account_of(holder.id)?,
                bank: ledger.bank(&holder.person.bank)?,
                reason,
                person: NewPerson::default(),
                ending: Ending::default(),
                query_password_shown: false,
                medical: cards.iter().map(|card| card.medical).sum(),
                tries_left: seen.as_ref().and_then(|seen| seen.tries_left),
                card_is_here: seen.is_some(),
                old_card_is_here: seen_old.is_some() && old.is_some(),
                holder,
                card,
                old,
            };
            Ok((subject, due))
        })?;
        if let (Some(mut row), Some(old)) = (due, &mut counter.old) {
            self.block_at_contact(old, &mut row, visit)?;
        }
        if subject.card.block_due
            && let Some(card) = &mut counter.card
        {
            self.block_at_contact(card, &mut subject.card, visit)?;
        }
        Ok(subject)
    }

    /// Blocks a card that became invalid while it was elsewhere (D09, D18).
    fn block_at_contact(
        &mut self,
        chip: &mut Chip<'_>,
        card: &mut CardRow,
        visit: &Visit,
    ) -> Result<(), DeskError> {
        chip::block_social(chip, &mut self.module)?;
        if card.financial == Function::Ended {
            chip::block_financial(chip, visit.today)?;
        }
        self.register.change(|ledger| finish::note_block_at_contact(ledger, visit, card))?;
        (card.social, card.block_due) = (Function::Ended, false);
        Ok(())
    }

    /// What was begun with a card that is lost since is given up for what is done without it: its
    /// replacement, the end, or the same once more \[choice\].
    pub(super) fn check_nothing_pending(
        &self,
        subject: &Subject,
        operation: Operation,
    ) -> Result<(), DeskError> {
        let pending = self.register.look(|ledger| ledger.operations(Some(subject.holder.id)))?;
        let is_given_up = |row: &OperationRow| match operation {
            Operation::Replace => subject.reason == Reason::Lost,
            Operation::CancelSocial => !subject.card_is_here,
            Operation::CloseAccount | Operation::ChangeCard => {
                !subject.card_is_here && row.pending.operation == operation.name()
            }
            _ => false,
        };
        match pending.iter().find(|row| !is_given_up(row)) {
            None => Ok(()),
            Some(row) => Err(DeskError::Pending {
                operation: row.pending.operation.clone(),
                date: row.date.to_string(),
            }),
        }
    }
}

impl Subject {
    /// The same, as rules look at it.
    pub(super) fn state(&self) -> State {
        let ended = matches!(self.holder.cancelled, Some(Reason::Death | Reason::Abroad));
        let ends = ended || matches!(self.reason, Reason::Death | Reason::Abroad);
        State {
            reason: self.reason.clone(),
            bank: self.bank.clone(),
            is_child: self.holder.person.is_child,
            card: CardView {
                standing: self.card.standing,
                social: self.card.social,
                financial: self.card.financial,
                tries_left: self.tries_left,
            },
            card_is_here: self.card_is_here,
            has_old_card: self.old.is_some(),
            old_card_is_here: self.old_card_is_here,
            has_successor: self.has_successor,
            account: self.account.as_ref().map_or(AccountState::Closed, |account| account.state),
            cancelled: self.holder.cancelled.clone(),
            benefits_due: if ends { self.medical.value().unsigned_abs() } else { 0 },
            query_password_shown: self.query_password_shown,
        }
    }
}
