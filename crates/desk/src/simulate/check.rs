//! Whether register, accounts and every card's own state agree.

use sscard_commands::ins;
use sscard_core::{Card, LifeCycle};

use super::Report;
use super::person::Phase;
use super::town::{Town, index};
use crate::register::{AccountRow, CardRow};
use crate::{AccountState, Cents, DeskError, Function, Standing};

/// So many faults are named; more are counted.
const NAMED: usize = 20;

impl Town {
    /// Compares everything with everything else.
    pub(super) fn check(mut self) -> Result<Report, DeskError> {
        let (cards, accounts, issued, held, pending) = self.desk.register().look(|ledger| {
            Ok((
                ledger.cards()?,
                ledger.accounts()?,
                ledger.medical_issued()?,
                ledger.medical_held()?,
                ledger.operations(None)?.len(),
            ))
        })?;
        let mut faults = Vec::new();
        if issued != self.credited {
            faults.push(format!(
                "{} cents issued in the register, {} credited",
                issued.value(),
                self.credited.value()
            ));
        }
        if held != issued {
            faults.push(format!("{} cents held of {} issued", held.value(), issued.value()));
        }
        if pending > 0 {
            let wait = if pending == 1 { "operation waits" } else { "operations wait" };
            faults.push(format!("{pending} {wait} to be finished"));
        }
        check_accounts(&accounts, self.paid_out, &mut faults);
        for row in &cards {
            let at = index(row.id)?;
            match self.cards.get(at).and_then(Option::as_ref) {
                Some(card) => faults.extend(disagreement(row, card)),
                None => faults.push(format!("card {} is nowhere", row.number)),
            }
        }
        self.check_passwords(&mut faults)?;
        let count = faults.len();
        faults.truncate(NAMED);
        if count > NAMED {
            faults.push(format!("and {} more", count.saturating_sub(NAMED)));
        }
        Ok(Report {
            cards: cards.len() as u64,
            accounts: accounts.len() as u64,
            medical_issued: issued,
            medical_held: held,
            faults,
            ..self.report
        })
    }

    /// Every card in use opens with the password that its holder knows, unless it is locked.
    fn check_passwords(&mut self, faults: &mut Vec<String>) -> Result<(), DeskError> {
        for person in &self.people {
            if person.busy || !matches!(person.phase, Phase::Social | Phase::Both) {
                continue;
            }
            let Some(card) = self.cards.get(index(person.card)?).and_then(Option::as_ref) else {
                faults.push(format!("the card of {} is nowhere", person.number));
                continue;
            };
            // A copy: looking must not change the card.
            let mut card = card.clone();
            let select =
                [&[0x00, ins::SELECT, 0x04, 0x00, 0x0F][..], &sscard_core::catalogue::SSSE_NAME];
            let verify = hex::decode(format!("0020000003{}", person.pin()))
                .map_err(|_| DeskError::Broken("the simulation, whose password is none,"))?;
            let mut response = Vec::new();
            if card.power_on().is_err() {
                faults.push(format!("the card of {} does not start", person.number));
                continue;
            }
            card.transmit(&select.concat(), &mut response);
            card.transmit(&verify, &mut response);
            if response != [0x90, 0x00] {
                faults.push(format!("the card of {} does not take its password", person.number));
            }
        }
        Ok(())
    }
}

fn check_accounts(accounts: &[AccountRow], paid_out: Cents, faults: &mut Vec<String>) {
    let total = |of: fn(&AccountRow) -> Cents| accounts.iter().map(of).sum::<Cents>();
    let there = total(|account| account.balance.saturating_add(account.paid_out));
    if there != paid_out {
        faults.push(format!(
            "{} cents on and out of accounts, {} were paid to them",
            there.value(),
            paid_out.value()
        ));
    }
    for account in accounts {
        if account.state == AccountState::Closed && account.balance != Cents::ZERO {
            faults.push(format!("account {} is closed with money on it", account.id));
        }
    }
}

/// What a card says of itself against what the register says of it.
fn disagreement(row: &CardRow, card: &Card) -> Option<String> {
    let social = card.life_cycle();
    let is_blocked = matches!(social, LifeCycle::ApplicationBlocked | LifeCycle::CardBlocked);
    let social_agrees = match (row.standing, row.social) {
        (Standing::Recycled, _) => is_blocked,
        _ if row.block_due => !is_blocked,
        (_, Function::Inactive) => social == LifeCycle::Deactivated,
        (_, Function::Active) => social == LifeCycle::Activated,
        (_, Function::Ended) => is_blocked,
    };
    let account = card.inspect_accounts().into_iter().next();
    let financial_agrees = match (account, row.financial) {
        (None, _) => true,
        (Some(_), _) if social == LifeCycle::CardBlocked || row.bank.is_none() => true,
        (Some(account), Function::Inactive) => account.blocked,
        (Some(account), Function::Active) => !account.blocked,
        (Some(account), Function::Ended) => account.blocked || row.block_due,
    };
    let purse = card.inspect_purse().map_or(Cents::ZERO, |purse| purse.balance.into());
    if social_agrees && financial_agrees && purse == row.purse {
        return None;
    }
    Some(format!(
        "card {}: the register says {:?}, social {:?}, financial {:?}, the card says {}",
        row.number,
        row.standing,
        row.social,
        row.financial,
        social.name()
    ))
}

#[cfg(test)]
mod tests {
    use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};

    use super::*;
    use crate::{CardId, HolderId};

    fn card(profile: &str) -> Card {
        let profile = built_in(profile).unwrap();
        issue(&profile, &synthetic_holder(1), &MasterKeys::test()).unwrap()
    }

    fn row() -> CardRow {
        CardRow {
            id: CardId(1),
            holder: HolderId(1),
            number: "D00000013".to_owned(),
            serial: [0x5D, 0, 0, 1],
            pan: None,
            bank: Some("ICBC".to_owned()),
            batch: None,
            delivered_to: None,
            standing: Standing::Held,
            social: Function::Active,
            financial: Function::Active,
            medical: Cents::ZERO,
            purse: Cents::ZERO,
            follows: None,
            block_due: false,
        }
    }

    #[test]
    fn a_card_that_is_not_as_its_row_says_is_found() {
        let active = card("gen3");
        assert_eq!(disagreement(&row(), &active), None);
        for wrong in [
            CardRow { social: Function::Inactive, ..row() },
            CardRow { social: Function::Ended, ..row() },
            CardRow { financial: Function::Inactive, ..row() },
            CardRow { financial: Function::Ended, ..row() },
            CardRow { standing: Standing::Recycled, ..row() },
            CardRow { purse: Cents::new(1), ..row() },
        ] {
            assert!(disagreement(&wrong, &active).is_some(), "{wrong:?}");
        }
        let due = CardRow { standing: Standing::Invalid, block_due: true, ..row() };
        assert_eq!(disagreement(&due, &active), None);
    }

    #[test]
    fn money_that_is_on_no_account_is_found() {
        let account = AccountRow {
            id: 1,
            holder: HolderId(1),
            bank: "ICBC".to_owned(),
            state: AccountState::Active,
            balance: Cents::new(70),
            paid_out: Cents::new(30),
        };
        let faults = |paid_out| {
            let mut faults = Vec::new();
            check_accounts(std::slice::from_ref(&account), Cents::new(paid_out), &mut faults);
            faults.len()
        };
        assert_eq!((faults(100), faults(99)), (0, 1));
        let closed = AccountRow { state: AccountState::Closed, ..account.clone() };
        let mut found = Vec::new();
        check_accounts(&[closed], Cents::new(100), &mut found);
        assert_eq!(found, ["account 1 is closed with money on it"]);
    }
}
