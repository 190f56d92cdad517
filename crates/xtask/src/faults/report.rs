//! Who found what, as a Markdown table and as JSON.

use std::fmt::Write;

use serde::Serialize;

use super::finder::{Finder, Found, Sort};
use super::table::Fault;

/// One fault and its finders.
#[derive(Serialize)]
pub(crate) struct Row {
    id: String,
    kind: String,
    module: String,
    what: String,
    /// The first of each sort.
    pub(crate) found: Vec<Found>,
    /// Who was asked and saw nothing.
    pub(crate) silent: Vec<String>,
}

impl Row {
    pub(crate) fn new(fault: &Fault) -> Self {
        Self {
            id: fault.id.clone(),
            kind: fault.kind.clone(),
            module: fault.module(),
            what: fault.what.clone(),
            found: Vec::new(),
            silent: Vec::new(),
        }
    }

    fn by(&self, sort: Sort) -> Option<&Found> {
        self.found.iter().find(|found| found.sort == sort)
    }

    /// Whether this finder need not be asked any more.
    pub(crate) fn is_settled(&self, finder: &Finder, is_brief: bool) -> bool {
        if is_brief { !self.found.is_empty() } else { self.by(finder.sort()).is_some() }
    }

    /// How it went, in a line.
    pub(crate) fn words(&self) -> String {
        let words: Vec<_> = self
            .found
            .iter()
            .map(|found| format!("{}, {:.1} s: {}", found.finder, found.seconds, found.detail))
            .collect();
        if words.is_empty() { "FOUND BY NOBODY".to_owned() } else { words.join("; ") }
    }
}

/// The whole run.
#[derive(Serialize)]
pub(crate) struct Summary {
    /// What was said with no fault planted.
    pub(crate) complaints: Vec<String>,
    pub(crate) rows: Vec<Row>,
    /// How long it took, without the build.
    pub(crate) seconds: f64,
}

impl Summary {
    /// Whether silence was kept with nothing planted, and every fault was found.
    pub(crate) fn is_sound(&self) -> bool {
        self.complaints.is_empty() && self.rows.iter().all(|row| !row.found.is_empty())
    }

    fn names(&self, which: impl Fn(&Row) -> bool) -> Vec<&str> {
        self.rows.iter().filter(|row| which(row)).map(|row| row.id.as_str()).collect()
    }

    pub(crate) fn json(&self) -> String {
        #[derive(Serialize)]
        struct Document<'s> {
            planted: usize,
            found: usize,
            found_by_model: usize,
            found_by_tests: usize,
            by_model_alone: Vec<&'s str>,
            by_nobody: Vec<&'s str>,
            #[serde(flatten)]
            summary: &'s Summary,
        }
        let count =
            |which: &dyn Fn(&Row) -> bool| self.rows.iter().filter(|row| which(row)).count();
        let document = Document {
            planted: self.rows.len(),
            found: count(&|row| !row.found.is_empty()),
            found_by_model: count(&|row| row.by(Sort::Model).is_some()),
            found_by_tests: count(&|row| row.by(Sort::Tests).is_some()),
            by_model_alone: self
                .names(|row| row.by(Sort::Model).is_some() && row.by(Sort::Tests).is_none()),
            by_nobody: self.names(|row| row.found.is_empty()),
            summary: self,
        };
        serde_json::to_string_pretty(&document).expect("texts and numbers")
    }

    pub(crate) fn markdown(&self) -> String {
        let mut text = String::from(
            "| fault | kind | where | what is wrong | the model | a test |\n|---|---|---|---|---|---|\n",
        );
        for row in &self.rows {
            let cell = |sort| {
                row.by(sort).map_or_else(
                    || "–".to_owned(),
                    |found| match sort {
                        Sort::Model => format!("{:.1} s", found.seconds),
                        Sort::Tests => format!("{:.1} s: `{}`", found.seconds, found.detail),
                    },
                )
            };
            let Row { id, kind, module, what, .. } = row;
            let (model, tests) = (cell(Sort::Model), cell(Sort::Tests));
            // A text cannot fail to take text.
            let _ = writeln!(text, "| `{id}` | {kind} | `{module}` | {what} | {model} | {tests} |");
        }
        let found = self.rows.len() - self.names(|row| row.found.is_empty()).len();
        let _ = writeln!(text, "\n{found} of {} found, in {:.0} s.", self.rows.len(), self.seconds);
        for complaint in &self.complaints {
            let _ = writeln!(text, "With none planted: {complaint}");
        }
        for id in self.names(|row| row.found.is_empty()) {
            let _ = writeln!(text, "Found by nobody: `{id}`");
        }
        text
    }
}
