//! `run --json`, with and without `--compare`.

use serde::Serialize;

use super::trace::FoundDifference;
use super::unit::Hex;

/// Scripts that were run.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RunDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// Whether all scripts passed.
    pub(crate) passed: bool,
    /// Why scripts cannot be used. Only when one cannot, and then nothing was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) errors: Option<Vec<ScriptFault>>,
    /// One entry a script, in their order.
    pub(crate) scripts: Vec<RunScript>,
}

/// One script.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RunScript {
    /// The file, as it was named.
    pub(crate) script: String,
    /// Whether `outcome` is `passed`.
    pub(crate) passed: bool,
    /// `passed`; `failed`: an expectation did not hold; `broken`: the card was gone or did not answer;
    /// `error`: the script cannot be used, or something beside it failed; `skipped`: not begun.
    pub(crate) outcome: &'static str,
    /// Commands that were sent.
    pub(crate) commands: usize,
    /// Expectations that were looked at.
    pub(crate) expectations: usize,
    /// How long it took, in microseconds.
    pub(crate) duration_us: u64,
    /// Expectations that did not hold.
    pub(crate) failures: Vec<ScriptFault>,
    /// Where the card was gone; else `null`.
    pub(crate) broken: Option<ScriptFault>,
    /// Why the script cannot be used.
    pub(crate) errors: Vec<ScriptFault>,
    /// What failed beside the script: no card, a card that cannot be kept.
    pub(crate) error: Option<String>,
    /// What happened, in its order.
    pub(crate) steps: Vec<RunStep>,
}

/// Something wrong, and its place in a script.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ScriptFault {
    /// The script, as it was named.
    pub(crate) file: String,
    /// Line, from 1.
    pub(crate) line: usize,
    /// Column in characters, from 1.
    pub(crate) column: usize,
    /// What is wrong.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) advice: Option<String>,
}

/// One thing that happened; which, its fields say.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub(crate) enum RunStep {
    Reset(ResetStep),
    Case(CaseStep),
    Exchange(ExchangeStep),
    Expectation(ExpectationStep),
    Print(PrintStep),
}

/// The card was reset.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ResetStep {
    /// Answer to reset.
    pub(crate) reset: Hex,
}

/// A case of the script.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct CaseStep {
    /// Its name.
    pub(crate) case: String,
    /// Where it stands, `FILE:LINE:COLUMN`.
    pub(crate) place: String,
    /// Whether everything in it held.
    pub(crate) passed: bool,
    /// `passed`, `failed`, `broken` or `skipped`, as for a script.
    pub(crate) outcome: &'static str,
    /// How long it took, in microseconds.
    pub(crate) duration_us: u64,
    /// What happened in it; of a case that was skipped the cases in it.
    pub(crate) steps: Vec<RunStep>,
}

/// A command and its response.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ExchangeStep {
    /// The command in hexadecimal; stars in the place of a PIN or a key.
    pub(crate) command: String,
    /// The response in hexadecimal, status word included; empty without one.
    pub(crate) response: String,
    /// The command in words.
    pub(crate) name: String,
    /// Status word; `null` without a response.
    pub(crate) status: Option<Hex>,
    /// The status word in words.
    pub(crate) meaning: Option<String>,
    /// Where the command stands, `FILE:LINE:COLUMN`.
    pub(crate) place: String,
    /// How long the card took, in microseconds.
    pub(crate) duration_us: u64,
}

/// An expectation.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ExpectationStep {
    /// As it is written.
    pub(crate) expectation: String,
    /// Where it stands, `FILE:LINE:COLUMN`.
    pub(crate) place: String,
    /// Whether it held.
    pub(crate) passed: bool,
    /// Why it did not hold.
    pub(crate) message: Option<String>,
    /// Expected and found, line by line.
    pub(crate) difference: Option<String>,
}

/// A printed line.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PrintStep {
    /// The line.
    pub(crate) print: String,
}

/// Scripts that were run on two cards in step.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct CompareDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// Whether both cards answered alike and every expectation held.
    pub(crate) passed: bool,
    /// One entry a script, up to the first that did not pass.
    pub(crate) compared: Vec<ComparedScript>,
}

/// One script on two cards.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ComparedScript {
    /// The file, as it was named.
    pub(crate) script: String,
    /// Exchanges that were reached.
    pub(crate) exchanges: usize,
    /// Whether both cards answered alike to the end.
    pub(crate) equal: bool,
    /// The first difference; `null` without one.
    pub(crate) difference: Option<FoundDifference>,
    /// Expectations that did not hold, on the first card and on the second one.
    pub(crate) failures: [Vec<ScriptFault>; 2],
    /// Where a card was gone, for the first one and the second one.
    pub(crate) broken: [Option<ScriptFault>; 2],
}
