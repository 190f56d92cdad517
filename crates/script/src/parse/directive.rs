//! Directives.

use super::{Parsed, Parser};
use crate::ast::{CardState, Directive, Mode, OnError, Protocol, ScriptSlot};

const DIRECTIVES: &str = "@seed N, @profile NAME, @state produced|active, @card \"FILE\", @mode raw|auto, @timeout 5s, \
@protocol T=0|T=1, @on-error stop|continue, @destructive, @contactless, @expect sw 9000, @psam NAME, @slot card|psam";

impl Parser<'_> {
    pub(super) fn directive(&mut self, start: usize) -> Parsed<Directive> {
        let name = self.cursor.word();
        self.cursor.skip_blanks();
        let at = self.cursor.offset();
        match name {
            "destructive" => return Ok(Directive::Destructive),
            "contactless" => return Ok(Directive::Contactless),
            "card" => return self.plain_string("the image").map(Directive::Card),
            "profile" if self.cursor.peek() == Some('"') => {
                return self.plain_string("the profile").map(Directive::Profile);
            }
            "psam" if self.cursor.peek() == Some('"') => {
                return self.plain_string("the security module").map(Directive::Psam);
            }
            "expect" => {
                if self.cursor.word() != "sw" {
                    return Err(self.error(at, "the default expectation is: @expect sw 9000"));
                }
                return self.status_words().map(Directive::Expect);
            }
            "protocol" => {
                let protocol = if self.cursor.eat_str("T=0") {
                    Some(Protocol::T0)
                } else if self.cursor.eat_str("T=1") {
                    Some(Protocol::T1)
                } else {
                    None
                };
                return protocol
                    .map(Directive::Protocol)
                    .ok_or_else(|| self.error(at, "the protocol is T=0 or T=1"));
            }
            _ => {}
        }
        let word = self.cursor.word();
        match (name, word) {
            ("seed", word) => match word.parse() {
                Ok(seed) => Ok(Directive::Seed(seed)),
                Err(_) => Err(self.error(at, "the seed is a decimal number")),
            },
            ("profile", word) if !word.is_empty() => Ok(Directive::Profile(word.to_owned())),
            ("psam", word) if !word.is_empty() => Ok(Directive::Psam(word.to_owned())),
            ("slot", "card") => Ok(Directive::Slot(ScriptSlot::Card)),
            ("slot", "psam") => Ok(Directive::Slot(ScriptSlot::Psam)),
            ("mode", "raw") => Ok(Directive::Mode(Mode::Raw)),
            ("mode", "auto") => Ok(Directive::Mode(Mode::Auto)),
            ("state", "produced") => Ok(Directive::State(CardState::Produced)),
            ("state", "active") => Ok(Directive::State(CardState::Active)),
            ("on-error", "stop") => Ok(Directive::OnError(OnError::Stop)),
            ("on-error", "continue") => Ok(Directive::OnError(OnError::Continue)),
            ("timeout", word) => match milliseconds(word) {
                Some(time) => Ok(Directive::Timeout(time)),
                None => Err(self.error(at, "the timeout is a time such as 5s or 500ms")),
            },
            ("mode" | "on-error" | "profile" | "psam" | "slot" | "state", _) => Err(self
                .error(at, format!("'{word}' is nothing that @{name} knows"))
                .with_advice(format!("directives are: {DIRECTIVES}"))),
            _ => Err(self
                .error(start, format!("'@{name}' is not a directive"))
                .with_advice(format!("directives are: {DIRECTIVES}"))),
        }
    }
}

fn milliseconds(text: &str) -> Option<u64> {
    match text.strip_suffix("ms") {
        Some(number) => number.parse().ok(),
        None => text.strip_suffix('s')?.parse::<u64>().ok()?.checked_mul(1000),
    }
}
