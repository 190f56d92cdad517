//! `fault SPEC`, `fault set|clear|list`: a fault is read here, so that what is wrong with it is said before anything is sent.

use sscard_faults::Fault;

use super::{Parsed, Parser};
use crate::ast::FaultRequest;

const USAGE: &str = "faults are: fault SPEC …, fault set SPEC …, fault clear, fault list";

impl Parser<'_> {
    pub(super) fn fault(&mut self) -> Parsed<FaultRequest> {
        self.cursor.skip_blanks();
        let start = self.cursor.offset();
        if self.cursor.at_end_of_statement() {
            return Err(self.error(start, USAGE));
        }
        let mut behind = self.cursor.clone();
        let word = behind.word();
        let is_whole = behind.at_end_of_statement() || matches!(behind.peek(), Some(' ' | '\t'));
        match word {
            "set" | "clear" | "list" if is_whole => self.cursor = behind,
            // A fault stands for itself.
            _ => return self.faults().map(FaultRequest::Set),
        }
        match word {
            "set" => self.faults().map(FaultRequest::Set),
            "clear" => Ok(FaultRequest::Clear),
            _ => Ok(FaultRequest::List),
        }
    }

    fn faults(&mut self) -> Parsed<Vec<String>> {
        let mut faults = Vec::new();
        loop {
            self.cursor.skip_blanks();
            let start = self.cursor.offset();
            if self.cursor.at_end_of_statement() {
                return match faults.is_empty() {
                    true => {
                        Err(self.error(start, "the fault is missing, such as: fault set mute@7"))
                    }
                    false => Ok(faults),
                };
            }
            let is_quoted = self.cursor.peek() == Some('"');
            let text = if is_quoted {
                self.plain_string("a fault")?
            } else {
                self.cursor.until_blank().to_owned()
            };
            let fault: Fault = text.parse().map_err(|error: sscard_faults::SpecError| {
                let before: usize =
                    text.chars().take(error.place.saturating_sub(1)).map(char::len_utf8).sum();
                let start = start.saturating_add(before).saturating_add(usize::from(is_quoted));
                self.error(start, error.problem)
            })?;
            faults.push(fault.to_string());
        }
    }
}
