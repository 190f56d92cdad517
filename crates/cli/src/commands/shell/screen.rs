//! Every exchange as it happens: what the command is made of, what the answer says, how long it took.

use std::io::{self, Write};
use std::time::Duration;

use sscard_apdu::{Case, CommandApdu};
use sscard_host::Exchange;
use sscard_lexicon::{Annotation, Session, Vocabulary, shown};
use sscard_script::ast::ScriptSlot;
use sscard_script::report::{Failure, Observer, ScriptPlace};

use crate::commands::{hex, tree};

/// Writes what happens as it happens.
pub(super) struct Screen<'o> {
    out: &'o mut dyn Write,
    /// What the card was asked before.
    said: &'o mut Session,
    outcome: io::Result<()>,
}

impl<'o> Screen<'o> {
    pub(super) fn new(out: &'o mut dyn Write, said: &'o mut Session) -> Self {
        Self { out, said, outcome: Ok(()) }
    }

    /// The first line that could not be written.
    pub(super) fn into_result(self) -> io::Result<()> {
        self.outcome
    }

    fn write(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        if self.outcome.is_ok() {
            self.outcome = write(self.out);
        }
    }
}

/// Case, Lc and Le: what the card's interface makes of the bytes.
fn parsed(command: &[u8]) -> String {
    let apdu = match CommandApdu::parse(command) {
        Ok(apdu) => apdu,
        Err(error) => return format!("no case: {error}"),
    };
    let case = match apdu.case() {
        Case::One => "case 1",
        Case::Two => "case 2",
        Case::Three => "case 3",
        Case::Four => "case 4",
    };
    let mut text = case.to_owned();
    if apdu.extended {
        text.push_str(" extended");
    }
    if !apdu.data.is_empty() {
        text.push_str(&format!(", Lc {}", apdu.data.len()));
    }
    if apdu.ne > 0 {
        text.push_str(&format!(", Le {}", apdu.ne));
    }
    text
}

fn time(duration: Duration) -> String {
    match duration.as_micros() {
        micros @ 0..1000 => format!("{micros} µs"),
        micros => format!("{}.{} ms", micros / 1000, micros % 1000 / 100),
    }
}

fn print(
    out: &mut dyn Write,
    exchange: &Exchange,
    response: Option<&[u8]>,
    said: &Annotation<'_>,
) -> io::Result<()> {
    writeln!(out, "> {}", exchange.command_hex())?;
    // A malformed command with a PIN is not shown, its length neither.
    match &exchange.redacted {
        Some(hidden) if hidden.start < 5 => writeln!(out, "# malformed, and not shown")?,
        _ => writeln!(out, "# {}", parsed(&exchange.command))?,
    }
    tree::print(out, "#   ", &said.asked, false)?;
    let took = time(exchange.duration.unwrap_or_default());
    if response.is_none() {
        return writeln!(out, "# no answer ({took})");
    }
    writeln!(out, "< {}", exchange.response_hex())?;
    match &said.status {
        Some((status, meaning)) => {
            writeln!(out, "# {}: {status} {meaning} ({took})", said.command)?;
        }
        None => writeln!(out, "# {} ({took})", said.command)?,
    }
    tree::print(out, "#   ", &said.answer, false)
}

impl Observer for Screen<'_> {
    fn reset(&mut self, atr: &[u8]) {
        *self.said = Session::default();
        self.write(|out| writeln!(out, "# ATR {}", hex(atr)));
    }

    fn slot(&mut self, slot: ScriptSlot) {
        *self.said = Session::default();
        self.write(|out| writeln!(out, "# slot {}", slot.name()));
    }

    fn exchange(&mut self, exchange: &Exchange, _: Vocabulary, _: ScriptPlace<'_>) {
        let response = exchange.response.as_deref().ok();
        let said = self.said.annotate(&exchange.command, response);
        if self.outcome.is_ok() {
            self.outcome = print(self.out, exchange, response, &said);
        }
    }

    fn expectation(&mut self, failure: Option<&Failure>, place: ScriptPlace<'_>) {
        let Some(failure) = failure else { return };
        self.write(|out| {
            let (message, place) = (shown(&failure.message), place.name());
            writeln!(out, "FAILED {message} ({})", shown(&place))?;
            failure.difference.lines().try_for_each(|line| writeln!(out, "  {}", shown(line)))
        });
    }

    fn print(&mut self, text: &str, _: ScriptPlace<'_>) {
        self.write(|out| writeln!(out, "{}", shown(text)));
    }

    fn case_begins(&mut self, name: &str, _: ScriptPlace<'_>) {
        self.write(|out| writeln!(out, "case {}", shown(name)));
    }

    fn case_ends(&mut self, passed: bool, _: Duration) {
        self.write(|out| writeln!(out, "{}", if passed { "ok" } else { "not ok" }));
    }
}
