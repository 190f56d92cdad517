//! What came of it: operations and refusals, for people and as JSON.

use std::io::{self, Write};

use sscard_desk::register::CardRow;
use sscard_desk::{AccountState, DeskError, Done, Function, Rule, Standing};
use sscard_lexicon::shown;

use crate::documents::SCHEMA;
use crate::documents::desk::{DeskRefusal, OperationDocument, RefusalDocument};
use crate::documents::unit::Fen;

/// An operation as a document.
pub(super) fn document(done: &Done) -> OperationDocument {
    OperationDocument {
        schema: SCHEMA,
        operation: done.operation.clone(),
        rules: done.rules.iter().map(|rule| rule.id()).collect(),
        holder: done.holder.clone(),
        card: done.card.number.clone(),
        new_card: done.new_card.as_ref().map(|card| card.number.clone()),
        moved_cents: Fen::of(done.moved),
        remarks: done.remarks.clone(),
    }
}

/// What was done, by which rules; how the card is now; what else there is to say.
pub(super) fn print(out: &mut dyn Write, done: &Done) -> io::Result<()> {
    writeln!(out, "{}: done ({})", shown(&done.operation), ids(&done.rules))?;
    let (number, holder) = (shown(&done.card.number), shown(&done.holder));
    writeln!(out, "  card {number} of {holder}: {}", state(&done.card))?;
    done.remarks.iter().try_for_each(|remark| writeln!(out, "  {}", shown(remark)))
}

fn ids(rules: &[Rule]) -> String {
    let ids: Vec<_> = rules.iter().map(|rule| rule.id()).collect();
    ids.join(" ")
}

/// How a card is, in words.
fn state(card: &CardRow) -> String {
    format!(
        "{}, social security function {}, financial function {}",
        standing(card.standing),
        function(card.social),
        function(card.financial)
    )
}

/// A refusal as a document; a card or a password that is not the right one is refused by
/// no rule of the notice. `None` for what is no refusal.
pub(super) fn refusal(error: &DeskError) -> Option<RefusalDocument> {
    let (rule, missing, who_can_help) = match error {
        DeskError::Refused(refusal) => {
            (Some(refusal.rule.id()), refusal.missing.clone(), refusal.who_can_help.as_str())
        }
        DeskError::WrongCard { .. } => {
            (None, error.to_string(), "the same place, with the right card")
        }
        DeskError::WrongPassword { .. } => (
            None,
            error.to_string(),
            "the holder, who knows it; else a reset of the transaction password, with identity checked",
        ),
        DeskError::Pending { .. } => {
            (None, error.to_string(), "sscard desk resume, with the cards that it is about")
        }
        _ => return None,
    };
    let who_can_help = who_can_help.to_owned();
    Some(RefusalDocument { refused: DeskRefusal { rule, missing, who_can_help } })
}

pub(super) const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Delivered => "delivered",
        Standing::Held => "held",
        Standing::Invalid => "invalid",
        Standing::Recycled => "recycled",
    }
}

pub(super) const fn function(function: Function) -> &'static str {
    match function {
        Function::Inactive => "inactive",
        Function::Active => "active",
        Function::Ended => "ended",
    }
}

pub(super) const fn account(state: AccountState) -> &'static str {
    match state {
        AccountState::Dormant => "dormant",
        AccountState::Active => "active",
        AccountState::Closed => "closed",
    }
}
