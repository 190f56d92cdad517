//! What happens while a script runs, and all of it together afterwards.

use std::borrow::Cow;
use std::time::Duration;

use sscard_apdu::StatusWord;
use sscard_host::{Exchange, Secrets};
use sscard_lexicon::Vocabulary;

use crate::SourceText;
use crate::ast::{ScriptSlot, Span};
use crate::blank::blank;

/// A place of a script.
#[derive(Clone, Copy, Debug)]
pub struct ScriptPlace<'p> {
    /// The script.
    pub source: &'p SourceText,
    /// Where in it.
    pub span: Span,
    /// Whether what is quoted of it holds PINs and keys.
    pub secrets: Secrets,
}

impl ScriptPlace<'_> {
    /// `name:line:column`
    #[must_use]
    pub fn name(&self) -> String {
        let (line, column) = self.source.position(self.span.start);
        format!("{}:{line}:{column}", self.source.name)
    }

    /// The statement as it is written, its first line; PINs and keys as stars unless they are shown.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        let text = self.source.text.get(self.span.start..self.span.end).unwrap_or("");
        let text = text.lines().next().unwrap_or("").trim_end();
        match self.secrets {
            Secrets::Redacted => Cow::Owned(blank(text)),
            Secrets::Shown => Cow::Borrowed(text),
        }
    }
}

/// What was expected and did not come, or could not be computed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// In one line.
    pub message: String,
    /// Expected and found one above the other; may be empty.
    pub difference: String,
}

/// Looks on while a script runs. A trace, a report and a course on the screen are such.
#[allow(unused_variables, reason = "whoever looks on need not care for everything")]
pub trait Observer {
    /// The card was reset; also when the run begins.
    fn reset(&mut self, atr: &[u8]) {}

    /// Commands go to this slot from now on.
    fn slot(&mut self, slot: ScriptSlot) {}

    /// One exchange of the transport. `application` is the one that the command speaks to.
    fn exchange(&mut self, exchange: &Exchange, application: Vocabulary, place: ScriptPlace<'_>) {}

    /// An expectation, or a value that could not be computed; `failure` when it did not hold.
    fn expectation(&mut self, failure: Option<&Failure>, place: ScriptPlace<'_>) {}

    /// `print`
    fn print(&mut self, text: &str, place: ScriptPlace<'_>) {}

    /// A case begins.
    fn case_begins(&mut self, name: &str, place: ScriptPlace<'_>) {}

    /// The case that began last ends.
    fn case_ends(&mut self, passed: bool, duration: Duration) {}

    /// A case is not run, because something failed before it.
    fn skipped(&mut self, case: &Skipped) {}
}

/// A case that is not run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Skipped {
    /// Its name; variables that nobody knows yet as they are written.
    pub name: String,
    /// Where it stands.
    pub place: String,
    /// The cases in it.
    pub cases: Vec<Self>,
}

/// Nobody looks on.
impl Observer for () {}

/// What happened, as a tree.
#[derive(Clone, Debug, Default)]
pub struct RunReport {
    /// Steps outside of cases, and cases.
    pub steps: Vec<ReportStep>,
    open: Vec<(String, String, Vec<ReportStep>)>,
}

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum ReportStep {
    /// The card was reset.
    Reset {
        /// Its answer.
        atr: Vec<u8>,
    },
    /// A case.
    Case {
        /// Its name.
        name: String,
        /// Where it stands.
        place: String,
        /// What happened in it.
        steps: Vec<Self>,
        /// Whether everything held.
        passed: bool,
        /// How long it took.
        duration: Duration,
    },
    /// An exchange.
    Exchange {
        /// Command and response.
        exchange: Exchange,
        /// What the command speaks to.
        application: Vocabulary,
        /// Where the command stands.
        place: String,
    },
    /// An expectation.
    Expectation {
        /// As it is written.
        text: String,
        /// Where it stands.
        place: String,
        /// Why it did not hold.
        failure: Option<Failure>,
    },
    /// A printed line.
    Print {
        /// It.
        text: String,
    },
    /// A case that was not run.
    Skipped(Skipped),
}

/// A command in words, and what its status word means in the application it spoke to.
#[must_use]
pub fn explained(
    exchange: &Exchange,
    application: Vocabulary,
) -> (String, Option<(StatusWord, String)>) {
    let words = application.describe_command(&exchange.command);
    let ins = exchange.command.get(1).copied().unwrap_or(0);
    let meaning = exchange
        .status()
        .map(|status| (status, application.status_meaning(status, ins).to_string()));
    (words, meaning)
}

impl RunReport {
    fn push(&mut self, step: ReportStep) {
        match self.open.last_mut() {
            Some((_, _, steps)) => steps.push(step),
            None => self.steps.push(step),
        }
    }
}

impl Observer for RunReport {
    fn reset(&mut self, atr: &[u8]) {
        self.push(ReportStep::Reset { atr: atr.to_vec() });
    }

    fn exchange(&mut self, exchange: &Exchange, application: Vocabulary, place: ScriptPlace<'_>) {
        let exchange = exchange.clone();
        self.push(ReportStep::Exchange { exchange, application, place: place.name() });
    }

    fn expectation(&mut self, failure: Option<&Failure>, place: ScriptPlace<'_>) {
        let (text, failure) = (place.text().into_owned(), failure.cloned());
        self.push(ReportStep::Expectation { text, place: place.name(), failure });
    }

    fn print(&mut self, text: &str, _: ScriptPlace<'_>) {
        self.push(ReportStep::Print { text: text.to_owned() });
    }

    fn case_begins(&mut self, name: &str, place: ScriptPlace<'_>) {
        self.open.push((name.to_owned(), place.name(), Vec::new()));
    }

    fn case_ends(&mut self, passed: bool, duration: Duration) {
        if let Some((name, place, steps)) = self.open.pop() {
            self.push(ReportStep::Case { name, place, steps, passed, duration });
        }
    }

    fn skipped(&mut self, case: &Skipped) {
        self.push(ReportStep::Skipped(case.clone()));
    }
}

/// Several look on.
impl<A: Observer, B: Observer> Observer for (A, B) {
    fn reset(&mut self, atr: &[u8]) {
        self.0.reset(atr);
        self.1.reset(atr);
    }

    fn slot(&mut self, slot: ScriptSlot) {
        self.0.slot(slot);
        self.1.slot(slot);
    }

    fn exchange(&mut self, exchange: &Exchange, application: Vocabulary, place: ScriptPlace<'_>) {
        self.0.exchange(exchange, application, place);
        self.1.exchange(exchange, application, place);
    }

    fn expectation(&mut self, failure: Option<&Failure>, place: ScriptPlace<'_>) {
        self.0.expectation(failure, place);
        self.1.expectation(failure, place);
    }

    fn print(&mut self, text: &str, place: ScriptPlace<'_>) {
        self.0.print(text, place);
        self.1.print(text, place);
    }

    fn case_begins(&mut self, name: &str, place: ScriptPlace<'_>) {
        self.0.case_begins(name, place);
        self.1.case_begins(name, place);
    }

    fn case_ends(&mut self, passed: bool, duration: Duration) {
        self.0.case_ends(passed, duration);
        self.1.case_ends(passed, duration);
    }

    fn skipped(&mut self, case: &Skipped) {
        self.0.skipped(case);
        self.1.skipped(case);
    }
}

impl<O: Observer + ?Sized> Observer for &mut O {
    fn reset(&mut self, atr: &[u8]) {
        (**self).reset(atr);
    }

    fn slot(&mut self, slot: ScriptSlot) {
        (**self).slot(slot);
    }

    fn exchange(&mut self, exchange: &Exchange, application: Vocabulary, place: ScriptPlace<'_>) {
        (**self).exchange(exchange, application, place);
    }

    fn expectation(&mut self, failure: Option<&Failure>, place: ScriptPlace<'_>) {
        (**self).expectation(failure, place);
    }

    fn print(&mut self, text: &str, place: ScriptPlace<'_>) {
        (**self).print(text, place);
    }

    fn case_begins(&mut self, name: &str, place: ScriptPlace<'_>) {
        (**self).case_begins(name, place);
    }

    fn case_ends(&mut self, passed: bool, duration: Duration) {
        (**self).case_ends(passed, duration);
    }

    fn skipped(&mut self, case: &Skipped) {
        (**self).skipped(case);
    }
}
