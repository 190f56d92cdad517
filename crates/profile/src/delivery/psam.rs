//! The table `[state.psam]`, and what else of `[state]` a security module has.

use sscard_core::{Blueprint, PsamState};

use super::StateTable;
use crate::refusal::LoadError;
use crate::rules::{directory, identifier};
use crate::social::contradiction;

/// A module has no holder, and a holder's card no terminal's counter.
pub(super) fn fits(table: &StateTable, blueprint: &Blueprint) -> Result<(), LoadError> {
    let Some(plan) = &blueprint.psam else {
        return match table.psam {
            Some(_) => {
                let reason = "this card is no security module (PSAM)";
                Err(contradiction("state.psam".to_owned(), reason))
            }
            None => Ok(()),
        };
    };
    if let Some(setting) = table.of_a_holder() {
        let reason = "a security module (PSAM) has no such thing";
        return Err(contradiction(setting.to_owned(), reason));
    }
    let names_counter = |path: &&String| {
        let file = path.split_once('/');
        file.is_some_and(|(df, file)| {
            (directory(df), identifier(file)) == (Some(plan.application), Some(plan.counter))
        })
    };
    let counter = table.psam.as_ref().and_then(|psam| psam.counter);
    let named = table.files.iter().flatten().map(|(path, _)| path).find(names_counter);
    if let (Some(_), Some(path)) = (counter, named) {
        let reason = format!("state.files.\"{path}\" holds the counter, too: leave one out");
        return Err(contradiction("state.psam.counter".to_owned(), reason));
    }
    Ok(())
}

/// The state of a module.
pub(super) fn read(table: &StateTable, blueprint: &Blueprint) -> Result<PsamState, LoadError> {
    let (Some(table), Some(plan)) = (&table.psam, &blueprint.psam) else {
        return Ok(PsamState::default());
    };
    let most = plan.master_tries;
    if table.master_tries_left.is_some_and(|left| left > most) {
        let reason = format!("the master key has {most} tries in all; 0 is a locked key");
        return Err(contradiction("state.psam.master_tries_left".to_owned(), reason));
    }
    Ok(PsamState { counter: table.counter, master_tries_left: table.master_tries_left })
}
