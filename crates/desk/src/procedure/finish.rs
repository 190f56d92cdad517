//! The rows of an operation: one change with its line in the journal and its end.

use sscard_crypto::secrets_equal;
use zeroize::Zeroizing;

use crate::Rule;
use crate::register::{AccountRow, CardRow, Event, HolderRow, Ledger, OperationRow};
use crate::rules::{AccountState, Function, Reason, Standing, Step};
use crate::{CardId, HolderId};
use crate::{Cents, Desk, DeskError, Papers, ServicePoint, password};

use super::{Counter, Done, Values, Visit};
use crate::key::SealKey;
use crate::text::quoted;

/// A query password on its way into the outbox.
struct NewQueryPassword {
    password: Zeroizing<String>,
    hash: String,
}

/// What is known when rows are written.
struct Facts<'f> {
    row: &'f OperationRow,
    holder: HolderRow,
    account: Option<AccountRow>,
    card_is_here: bool,
    old_is_here: bool,
    values: &'f Values,
    query: Option<NewQueryPassword>,
    /// The register's own key, where a message is sealed.
    seal_key: Option<&'f SealKey>,
    reason: Reason,
}

/// What steps leave for the journal and the person.
#[derive(Default)]
struct Outcome {
    moved: Cents,
    remarks: Vec<String>,
}

impl Desk {
    /// Writes everything down at once.
    pub(super) fn finish(
        &mut self,
        row: &OperationRow,
        counter: &Counter<'_>,
        values: &Values,
    ) -> Result<Done, DeskError> {
        // Drawing, hashing and the key take their time: before the register is locked.
        let sends = row.pending.steps.contains(&Step::SendQueryPassword);
        let query = if sends {
            self.seal_key()?;
            Some(password::query_password()?)
        } else {
            values.query_password.clone()
        };
        let query = match query {
            Some(password) => {
                let hash = password::hash(&password, self.work)?;
                debug_assert!(!secrets_equal(hash.as_bytes(), password.as_bytes()));
                Some(NewQueryPassword { password, hash })
            }
            None => None,
        };
        let unsound = |what: &str, text: &str| {
            let what = format!("{what} of an operation is '{}'", quoted(text));
            DeskError::unsound(what).at(self.register.path())
        };
        let place = ServicePoint::of_row(&row.place).map_err(|_| unsound("place", &row.place))?;
        let named = row.papers.split(',').filter(|paper| !paper.is_empty());
        let papers: Option<Papers> = named.map(crate::Paper::named).collect();
        let papers = papers.ok_or_else(|| unsound("papers", &row.papers))?;
        let reason = Reason::from_word(&row.pending.reason)
            .ok_or_else(|| unsound("reason", &row.pending.reason))?
            .unwrap_or_default();
        let (card_is_here, old_is_here) = (counter.card.is_some(), counter.old.is_some());
        let (register, seal_key) = self.register_and_key();
        register.change(|ledger| {
            let facts = Facts {
                row,
                holder: ledger.holder_by_id(row.holder)?,
                account: ledger.account_of(row.holder)?,
                card_is_here,
                old_is_here,
                values,
                query,
                seal_key,
                reason,
            };
            let before = summary(&ledger.card(row.card)?, facts.account.as_ref());
            let mut outcome = Outcome::default();
            for step in &row.pending.steps {
                apply(ledger, *step, &facts, &mut outcome)?;
            }
            let card = ledger.card(row.card)?;
            let mut after = summary(&card, ledger.account_of(row.holder)?.as_ref());
            for remark in &outcome.remarks {
                after.push_str("; ");
                after.push_str(remark);
            }
            ledger.note(&Event {
                date: row.date,
                holder: Some(row.holder),
                card: Some(row.card),
                place: Some(&place),
                papers,
                what: &row.pending.operation,
                rules: &row.pending.rules,
                before,
                after,
            })?;
            if row.id > 0 {
                ledger.end_operation(row.id)?;
            }
            let new_card = row.pending.new_card.map(|id| ledger.card(id)).transpose()?;
            Ok(Done {
                operation: row.pending.operation.clone(),
                rules: row.pending.rules.clone(),
                holder: ledger.holder_by_id(row.holder)?.person.number,
                card,
                new_card,
                moved: outcome.moved,
                remarks: outcome.remarks,
            })
        })
    }
}

fn summary(card: &CardRow, account: Option<&AccountRow>) -> String {
    use crate::register::Word;
    let account = match account {
        Some(account) => format!("{} at {}", account.state.word(), account.bank),
        None => "none".to_owned(),
    };
    format!(
        "card {}, social {}, financial {}, account {account}",
        card.standing.word(),
        card.social.word(),
        card.financial.word()
    )
}

/// The rows of one step.
fn apply(
    ledger: &Ledger<'_>,
    step: Step,
    facts: &Facts<'_>,
    outcome: &mut Outcome,
) -> Result<(), DeskError> {
    let row = facts.row;
    let card = ledger.card(row.card)?;
    match step {
        Step::ActivateSocial => ledger.set_functions(card.id, Function::Active, card.financial),
        Step::ActivateFinancial => {
            ledger.set_functions(card.id, card.social, Function::Active)?;
            match &facts.account {
                Some(account) => ledger.set_account(account.id, AccountState::Active),
                None => Ok(()),
            }
        }
        Step::InvalidateOld => invalidate_old(ledger, facts, outcome),
        Step::MoveMedicalBalance => move_balance(ledger, facts, outcome),
        Step::SendQueryPassword => send_query_password(ledger, facts, outcome),
        Step::ChangePin | Step::ReloadPin => Ok(()),
        Step::SetQueryPassword => {
            let query = facts.query.as_ref().ok_or(DeskError::NoHash)?;
            ledger.set_query_hash(row.holder, &query.hash)
        }
        Step::IssueCard => issue(ledger, facts, outcome),
        Step::Recycle => {
            ledger.set_functions(card.id, Function::Ended, Function::Ended)?;
            ledger.set_standing(card.id, Standing::Recycled, false)
        }
        Step::Invalidate => {
            invalidate(ledger, &card)?;
            // The account goes on with the card that follows: this one pays no more [choice].
            ledger.set_functions(card.id, Function::Ended, Function::Ended)
        }
        Step::SetMobile => ledger.set_mobile(row.holder, &facts.values.mobile),
        Step::CancelSocial => {
            ledger.set_functions(card.id, Function::Ended, card.financial)?;
            ledger.set_standing(card.id, card.standing, !facts.card_is_here)?;
            let is_other = |other: &&CardRow| {
                other.id != card.id
                    && matches!(other.standing, Standing::Held | Standing::Delivered)
            };
            for other in ledger.cards_of(row.holder)?.iter().filter(is_other) {
                invalidate(ledger, other)?;
            }
            ledger.set_cancelled(row.holder, &facts.reason)
        }
        Step::PayOut => pay_out(ledger, facts, outcome),
        Step::CloseAccount => {
            ledger.set_functions(card.id, card.social, Function::Ended)?;
            if !facts.card_is_here {
                ledger.set_standing(card.id, card.standing, true)?;
            }
            let Some(account) = &facts.account else { return Ok(()) };
            let account = ledger.account_of(account.holder)?.unwrap_or_else(|| account.clone());
            if account.balance.is_positive() {
                outcome.remarks.push(format!("{} paid out at closing", account.balance));
            }
            ledger.close_account(account.id)
        }
    }
}

/// A card that is not here is invalid from now on, and is blocked at its next contact.
fn invalidate(ledger: &Ledger<'_>, card: &CardRow) -> Result<(), DeskError> {
    ledger.set_functions(card.id, Function::Ended, card.financial)?;
    ledger.set_standing(card.id, Standing::Invalid, true)
}

/// Ends an operation whose card will not come any more. An old card that was there with it may be
/// blocked already.
pub(super) fn give_up(ledger: &Ledger<'_>, row: &OperationRow) -> Result<(), DeskError> {
    if row.pending.old_card_was_here
        && row.pending.steps.contains(&Step::InvalidateOld)
        && let Some(old) = row.old_card
    {
        invalidate(ledger, &ledger.card(old)?)?;
    }
    ledger.end_operation(row.id)
}

fn invalidate_old(
    ledger: &Ledger<'_>,
    facts: &Facts<'_>,
    outcome: &mut Outcome,
) -> Result<(), DeskError> {
    let Some(old) = facts.row.old_card else { return Ok(()) };
    let old = ledger.card(old)?;
    if old.standing == Standing::Recycled {
        return Ok(());
    }
    ledger.set_functions(old.id, Function::Ended, old.financial)?;
    ledger.set_standing(old.id, Standing::Invalid, !facts.old_is_here)?;
    let how = if facts.old_is_here { "is blocked" } else { "is blocked at its next contact" };
    outcome.remarks.push(format!("the old card {} is invalid and {how}", old.number));
    Ok(())
}

fn move_balance(
    ledger: &Ledger<'_>,
    facts: &Facts<'_>,
    outcome: &mut Outcome,
) -> Result<(), DeskError> {
    let (Some(old), card) = (facts.row.old_card, facts.row.card) else { return Ok(()) };
    let cents = ledger.move_medical(old, card)?;
    outcome.moved = outcome.moved.saturating_add(cents);
    outcome.remarks.push(format!("medical balance of {} moved from the old card", cents));
    match facts.row.pending.purse_cents {
        Some(cents) => ledger.set_purse(card, cents),
        None => Ok(()),
    }
}

/// The message leaves the system sealed, and is opened once.
fn send_query_password(
    ledger: &Ledger<'_>,
    facts: &Facts<'_>,
    outcome: &mut Outcome,
) -> Result<(), DeskError> {
    let query = facts.query.as_ref().ok_or(DeskError::NoHash)?;
    let (row, mobile) = (facts.row, &facts.holder.person.mobile);
    ledger.set_query_hash(row.holder, &query.hash)?;
    let message = ledger.add_message(row.date, row.holder, mobile, "query-password")?;
    let key = facts.seal_key.ok_or(DeskError::Unsealed(message))?;
    let sealed = key.seal(message, &query.password)?;
    ledger.set_body(message, Some(&sealed))?;
    outcome.remarks.push(format!("query password sent to {}", masked(mobile)));
    Ok(())
}

/// `138****0001`.
fn masked(mobile: &str) -> String {
    match (mobile.get(..3), mobile.get(mobile.len().saturating_sub(4)..)) {
        (Some(start), Some(end)) if mobile.len() > 7 => format!("{start}****{end}"),
        _ => "****".to_owned(),
    }
}

fn issue(ledger: &Ledger<'_>, facts: &Facts<'_>, outcome: &mut Outcome) -> Result<(), DeskError> {
    let (row, holder) = (facts.row, &facts.holder);
    let Some(new) = row.pending.new_card else { return Ok(()) };
    ledger.set_standing(new, Standing::Held, false)?;
    ledger.set_printed(holder.id, &row.pending.person.over(&holder.person))?;
    if let Reason::NewBank(bank) = &facts.reason {
        ledger.set_bank(holder.id, bank)?;
        ledger.open_account(holder.id, bank)?;
    } else if facts.account.is_none() {
        // The card before was of a generation whose account is not the desk's.
        ledger.open_account(holder.id, &holder.person.bank)?;
    }
    outcome.remarks.push(format!("card {} is issued, not activated yet", ledger.card(new)?.number));
    Ok(())
}

/// The benefits that remain go to the account, from whichever card they are on.
fn pay_out(ledger: &Ledger<'_>, facts: &Facts<'_>, outcome: &mut Outcome) -> Result<(), DeskError> {
    let mut cents = Cents::ZERO;
    for card in ledger.cards_of(facts.row.holder)? {
        cents = cents.saturating_add(ledger.take_medical(facts.row.date, &card)?);
    }
    if cents.is_positive() {
        // Without an open account one is opened to be paid into [choice].
        let open = facts.account.as_ref().filter(|account| account.state != AccountState::Closed);
        let account = match open {
            Some(account) => account.id,
            None => ledger.open_account(facts.holder.id, &facts.holder.person.bank)?,
        };
        ledger.credit_account(account, cents)?;
        outcome.remarks.push(format!("benefits of {} paid out to the account", cents));
    }
    outcome.moved = outcome.moved.saturating_add(cents);
    Ok(())
}

/// A card was handed out.
pub(super) fn note_collection(
    ledger: &Ledger<'_>,
    visit: &Visit,
    holder: HolderId,
    card: CardId,
) -> Result<(), DeskError> {
    let event = Event {
        date: visit.today,
        holder: Some(holder),
        card: Some(card),
        place: Some(&visit.at),
        papers: visit.papers,
        what: "collect",
        rules: &[Rule::D01],
        before: "card delivered".to_owned(),
        after: "card held".to_owned(),
    };
    ledger.note(&event).map(drop)
}

/// A card that was invalid already was blocked when it came to a desk.
pub(super) fn note_block_at_contact(
    ledger: &Ledger<'_>,
    visit: &Visit,
    card: &CardRow,
) -> Result<(), DeskError> {
    ledger.set_functions(card.id, Function::Ended, card.financial)?;
    ledger.set_standing(card.id, card.standing, false)?;
    let event = Event {
        date: visit.today,
        holder: Some(card.holder),
        card: Some(card.id),
        place: Some(&visit.at),
        papers: visit.papers,
        what: "block-at-contact",
        rules: &[Rule::D09],
        before: "invalid in the register".to_owned(),
        after: "blocked".to_owned(),
    };
    ledger.note(&event).map(drop)
}
