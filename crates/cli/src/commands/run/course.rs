//! The course of a script as a person reads it.

use std::io::{self, Write};
use std::time::Duration;

use sscard_host::Exchange;
use sscard_lexicon::{Vocabulary, shown};
use sscard_script::Summary;
use sscard_script::ast::ScriptSlot;
use sscard_script::report::{Failure, Observer, ScriptPlace, explained};

/// An expectation that did not hold, in lines.
pub(super) fn unmet(failure: &Failure, place: ScriptPlace<'_>) -> Vec<String> {
    let first = format!("FAILED {} ({})", place.text(), place.name());
    let rest = std::iter::once(failure.message.as_str()).chain(failure.difference.lines());
    let lines = std::iter::once(first).chain(rest.map(|line| format!("  {line}")));
    lines.map(|line| shown(&line).into_owned()).collect()
}

/// Writes what happens as it happens.
pub(super) struct Course<'o> {
    out: &'o mut dyn Write,
    depth: usize,
    error: Option<io::Error>,
}

impl<'o> Course<'o> {
    pub(super) fn new(out: &'o mut dyn Write) -> Self {
        Self { out, depth: 0, error: None }
    }

    pub(super) fn begins(&mut self, name: &str) {
        self.line(&format!("# {name}"));
    }

    pub(super) fn ends(&mut self, name: &str, summary: &Summary) {
        let verdict = if summary.passed() { "passed" } else { "failed" };
        let Summary { commands, expectations, .. } = summary;
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        let counts = format!(
            "{commands} command{}, {expectations} expectation{}",
            plural(*commands),
            plural(*expectations)
        );
        let failed = match summary.failures.len() {
            0 => String::new(),
            count => format!(", {count} failed"),
        };
        self.line(&format!("{name}: {verdict}: {counts}{failed}"));
    }

    /// The first line that could not be written.
    pub(super) fn into_result(self) -> io::Result<()> {
        self.error.map_or(Ok(()), Err)
    }

    fn line(&mut self, text: &str) {
        if self.error.is_none() {
            let text = shown(text);
            self.error = writeln!(self.out, "{:1$}{text}", "", self.depth * 2).err();
        }
    }
}

impl Observer for Course<'_> {
    fn reset(&mut self, atr: &[u8]) {
        self.line(&format!("# ATR {}", crate::commands::hex(atr)));
    }

    fn exchange(&mut self, exchange: &Exchange, application: Vocabulary, _: ScriptPlace<'_>) {
        self.line(&format!("> {}", exchange.command_hex()));
        self.line(&format!("< {}", exchange.response_hex()));
        let (words, meaning) = explained(exchange, application);
        match meaning {
            Some((status, meaning)) => self.line(&format!("# {words}: {status} {meaning}")),
            None => self.line(&format!("# {words}")),
        }
    }

    fn slot(&mut self, slot: ScriptSlot) {
        self.line(&format!("# slot {}", slot.name()));
    }

    fn expectation(&mut self, failure: Option<&Failure>, place: ScriptPlace<'_>) {
        let lines = failure.into_iter().flat_map(|failure| unmet(failure, place));
        lines.for_each(|line| self.line(&line));
    }

    fn print(&mut self, text: &str, _: ScriptPlace<'_>) {
        self.line(text);
    }

    fn case_begins(&mut self, name: &str, _: ScriptPlace<'_>) {
        self.line(&format!("case {name}"));
        self.depth += 1;
    }

    fn case_ends(&mut self, passed: bool, _: Duration) {
        self.depth -= 1;
        self.line(if passed { "ok" } else { "not ok" });
    }
}
