//! Which payment applications a profile has: `[financial]` alone, or with tables `[[financial.application]]`.

use super::file::BankFile;
use super::values::{contradiction, value};
use crate::LoadError;

/// A table `[[financial.application]]` and its position.
pub(super) struct OwnTable {
    position: usize,
    file: BankFile,
}

/// What each application's settings are: its own table, where it has one, over `[financial]`.
///
/// `[financial]` by itself is the first application when it names an AID that no table has, or when
/// `applications` counts one more than there are tables.
pub(super) fn application_tables(
    file: &BankFile,
) -> Result<Vec<(Option<OwnTable>, BankFile)>, LoadError> {
    let mut common = file.clone();
    common.records.note_places("");
    let own = common.application.take().unwrap_or_default();
    let count = common.applications.take().map(usize::from);
    if own.is_empty() {
        let count = count.unwrap_or(1);
        if count > super::AIDS.len() {
            return Err(value("applications", &count.to_string(), "0, 1 or 2"));
        }
        return Ok((0..count).map(|_| (None, common.clone())).collect());
    }
    if own.len() > 8 {
        return Err(contradiction("application", "a card has at most 8 payment applications"));
    }
    for (position, table) in own.iter().enumerate() {
        for setting in ["application", "applications", "pse", "ppse"] {
            if table.says(setting) {
                let reason = "it belongs to the card and stands in [financial]";
                return Err(contradiction(&format!("application[{position}].{setting}"), reason));
            }
        }
    }
    let same = |a: &Option<String>, b: &str| {
        a.as_deref().is_some_and(|a| a.replace(' ', "").eq_ignore_ascii_case(&b.replace(' ', "")))
    };
    let names_own =
        common.aid.as_deref().is_some_and(|aid| !own.iter().any(|table| same(&table.aid, aid)));
    let alone = match count {
        Some(count) if count == own.len() => false,
        Some(count) if count == own.len().saturating_add(1) => true,
        Some(_) => {
            let reason = format!(
                "{} tables [[financial.application]] follow: count them, or them and [financial] as the first",
                own.len()
            );
            return Err(contradiction("applications", reason));
        }
        None => names_own,
    };
    let mut tables = Vec::new();
    if alone {
        tables.push((None, common.clone()));
    }
    for (position, mut table) in own.into_iter().enumerate() {
        table.records.note_places(&format!("application[{position}]."));
        let merged = table.clone().over(common.clone());
        tables.push((Some(OwnTable { position, file: table }), merged));
    }
    Ok(tables)
}

/// An error of an application's settings with the place of the table that says the setting.
pub(super) fn in_table(error: LoadError, own: Option<&OwnTable>) -> LoadError {
    let Some(own) = own else { return error };
    let moved = |setting: String| {
        let Some(rest) = setting.strip_prefix("financial.") else { return setting };
        let first = rest.split(['.', '[']).next().unwrap_or(rest);
        if own.file.says(first) {
            format!("financial.application[{}].{rest}", own.position)
        } else {
            setting
        }
    };
    match error {
        LoadError::Value { setting, value, wanted } => {
            LoadError::Value { setting: moved(setting), value, wanted }
        }
        LoadError::Contradiction { setting, reason } => {
            LoadError::Contradiction { setting: moved(setting), reason }
        }
        other => other,
    }
}
