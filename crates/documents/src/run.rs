//! `run --json`, with and without `--compare`.

pub mod outcome;

use serde::Serialize;

pub use outcome::ScriptOutcome;

use crate::trace::FoundDifference;
use crate::unit::Hex;

/// Scripts that were run.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunDocument {
    /// Version of this document: 1.
    pub schema: u32,
    /// Whether all scripts passed.
    pub passed: bool,
    /// Why scripts cannot be used. Only when one cannot, and then nothing was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<Vec<ScriptFault>>,
    /// One entry a script, in their order.
    pub scripts: Vec<RunScript>,
}

/// One script.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunScript {
    /// The file, as it was named.
    pub script: String,
    /// Whether `outcome` is `passed`.
    pub passed: bool,
    /// `passed`; `failed`: an expectation did not hold; `broken`: the card was gone or did not answer;
    /// `error`: the script cannot be used, or something beside it failed; `skipped`: not begun.
    pub outcome: &'static str,
    /// Commands that were sent.
    pub commands: usize,
    /// Expectations that were looked at.
    pub expectations: usize,
    /// How long it took, in microseconds.
    pub duration_us: u64,
    /// Expectations that did not hold.
    pub failures: Vec<ScriptFault>,
    /// Where the card was gone; else `null`.
    pub broken: Option<ScriptFault>,
    /// Why the script cannot be used.
    pub errors: Vec<ScriptFault>,
    /// What failed beside the script: no card, a card that cannot be kept.
    pub error: Option<String>,
    /// What happened, in its order.
    pub steps: Vec<RunStep>,
}

/// Something wrong, and its place in a script.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScriptFault {
    /// The script, as it was named.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub advice: Option<String>,
}

/// One thing that happened; which, its fields say.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
#[expect(missing_docs, reason = "what each holds says it")]
pub enum RunStep {
    Reset(ResetStep),
    Case(CaseStep),
    Exchange(ExchangeStep),
    Expectation(ExpectationStep),
    Print(PrintStep),
}

/// The card was reset.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResetStep {
    /// Answer to reset.
    pub reset: Hex,
}

/// A case of the script.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CaseStep {
    /// Its name.
    pub case: String,
    /// Where it stands, `FILE:LINE:COLUMN`.
    pub place: String,
    /// Whether everything in it held.
    pub passed: bool,
    /// `passed`, `failed`, `broken` or `skipped`, as for a script.
    pub outcome: &'static str,
    /// How long it took, in microseconds.
    pub duration_us: u64,
    /// What happened in it; of a case that was skipped the cases in it.
    pub steps: Vec<RunStep>,
}

/// A command and its response.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExchangeStep {
    /// The command in hexadecimal; stars in the place of a PIN or a key.
    pub command: String,
    /// The response in hexadecimal, status word included; empty without one.
    pub response: String,
    /// The command in words.
    pub name: String,
    /// Status word; `null` without a response.
    pub status: Option<Hex>,
    /// The status word in words.
    pub meaning: Option<String>,
    /// Where the command stands, `FILE:LINE:COLUMN`.
    pub place: String,
    /// How long the card took, in microseconds.
    pub duration_us: u64,
}

/// An expectation.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExpectationStep {
    /// As it is written.
    pub expectation: String,
    /// Where it stands, `FILE:LINE:COLUMN`.
    pub place: String,
    /// Whether it held.
    pub passed: bool,
    /// Why it did not hold.
    pub message: Option<String>,
    /// Expected and found, line by line.
    pub difference: Option<String>,
}

/// A printed line.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PrintStep {
    /// The line.
    pub print: String,
}

/// Scripts that were run on two cards in step.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompareDocument {
    /// Version of this document: 1.
    pub schema: u32,
    /// Whether both cards answered alike and every expectation held.
    pub passed: bool,
    /// One entry a script, up to the first that did not pass.
    pub compared: Vec<ComparedScript>,
}

/// One script on two cards.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ComparedScript {
    /// The file, as it was named.
    pub script: String,
    /// Exchanges that were reached.
    pub exchanges: usize,
    /// Whether both cards answered alike to the end.
    pub equal: bool,
    /// The first difference; `null` without one.
    pub difference: Option<FoundDifference>,
    /// Expectations that did not hold, on the first card and on the second one.
    pub failures: [Vec<ScriptFault>; 2],
    /// Where a card was gone, for the first one and the second one.
    pub broken: [Option<ScriptFault>; 2],
}
