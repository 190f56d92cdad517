//! Papers and reasons by the names that the command line takes.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use sscard_desk::{Paper, Reason};

use crate::failure::Failure;

/// Papers by their names, which help and completions list.
pub(super) fn papers() -> impl TypedValueParser<Value = Paper> {
    PossibleValuesParser::new(Paper::ALL.map(Paper::name))
        .try_map(|name| Paper::named(&name).ok_or("no such paper"))
}

/// Reasons by their names. All are taken, and the rules refuse what does not fit; help and
/// completions list those that fit.
pub(super) fn reasons(fit: &'static [&'static str]) -> PossibleValuesParser {
    const ALL: [&str; 10] = [
        "lost",
        "damaged",
        "name",
        "social-security-number",
        "photo",
        "printed-item",
        "misprint",
        "bank",
        "death",
        "abroad",
    ];
    PossibleValuesParser::new(
        ALL.map(|name| clap::builder::PossibleValue::new(name).hide(!fit.contains(&name))),
    )
}

/// The reason of a name that the command line took.
pub(crate) fn reason(name: &str, bank: Option<&str>) -> Result<Reason, Failure> {
    let wrong = || Failure::Usage(format!("--reason {name}: which bank? --bank BANK"));
    Reason::named(name, bank).ok_or_else(wrong)
}
