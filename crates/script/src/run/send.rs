//! A command of the script on its way to the card.

use sscard_host::{Layer, Transport, TransportError};
use sscard_lexicon::these_are;

use super::{Runner, State, Stop};
use crate::ast::{Bound, CommandText, Expect, Mode, Statement, StatementKind};
use crate::eval::{Fault, Latest};
use crate::report::{Failure, ScriptPlace};
use crate::verbs::{Action, is_destructive};

impl<'p, T: Transport> Runner<'p, '_, T> {
    /// Sends a command, and judges its status word when `@expect` stands and no `expect sw`
    /// follows.
    pub(super) fn command(
        &mut self,
        command: &'p CommandText,
        behind: &[Statement],
        state: &State,
        place: ScriptPlace<'p>,
    ) -> Result<(), Stop> {
        match command {
            CommandText::Raw(pieces) => {
                let beginning = self.session.scope.beginning(pieces, &mut self.session.context);
                let bytes = self.or_failed(beginning, place.source)?.bytes;
                if bytes.len() < 4 {
                    let message = format!(
                        "a command has at least CLA INS P1 P2, {}",
                        these_are(bytes.len(), "byte")
                    );
                    return self.failed(Failure { message, difference: String::new() }, place);
                }
                self.send(&bytes, state.mode, place)?;
            }
            CommandText::Verb(written) => {
                let read = self.session.scope.arguments(written, &mut self.session.context);
                let (verb, arguments, _) = self.or_failed(read, place.source)?;
                match &verb.action {
                    Action::One(build) => {
                        let mut bytes = std::mem::take(&mut self.session.command);
                        bytes.clear();
                        let protocol = self.session.card.protocol();
                        let built =
                            build(&arguments).and_then(|plain| plain.emit(protocol, &mut bytes));
                        let built = built.map_err(|message| Fault::new(place.span, message));
                        self.or_failed(built, place.source)?;
                        let sent = self.send(&bytes, state.mode, place);
                        self.session.command = bytes;
                        sent?;
                    }
                    Action::Authenticate => self.authenticate(&arguments, state.mode, place)?,
                    Action::Protected => self.protected(&arguments, state.mode, place)?,
                    Action::WriteItem => self.write_item(&arguments, state.mode, place)?,
                }
            }
        }
        match &state.expected {
            Some(patterns) if !is_judged(behind) => self.expect_status(patterns, place),
            _ => Ok(()),
        }
    }

    /// One command of the script; in auto mode what it takes to get the whole answer.
    pub(super) fn send(
        &mut self,
        command: &[u8],
        mode: Mode,
        place: ScriptPlace<'p>,
    ) -> Result<(), Stop> {
        if !self.session.may_harm() && is_destructive(command) {
            let message = "a destructive command without @destructive: it is not sent".to_owned();
            return self.failed(Failure { message, difference: String::new() }, place);
        }
        self.summary.commands = self.summary.commands.saturating_add(1);
        let sent = match mode {
            Mode::Raw => {
                self.session.card.below_mut().transmit(command, &mut self.session.response)
            }
            Mode::Auto => self.session.card.transmit(command, &mut self.session.response),
        };
        let mut differs = None;
        self.session.hides_answer = false;
        for exchange in self.session.card.below_mut().take() {
            let spoken_to = self.session.application.addressed(&exchange.command);
            self.session.application =
                self.session.application.after(&exchange.command, exchange.status());
            self.session.spoken_to = (spoken_to, exchange.command.get(1).copied().unwrap_or(0));
            self.session.hides_answer |= exchange.redacted_response.is_some();
            self.observer.exchange(&exchange, spoken_to, place);
            if let (Some(golden), None) = (self.golden, &differs) {
                differs = golden.difference(self.exchanges, &exchange);
            }
            self.exchanges = self.exchanges.saturating_add(1);
        }
        if let Err(error) = sent {
            return self.broken(error, place);
        }
        let Some((data, status)) = self.session.response.split_last_chunk::<2>() else {
            let error = TransportError::Protocol("a response of less than 2 bytes".to_owned());
            return self.broken(error, place);
        };
        self.session.learnt.from(command, data);
        self.session.scope.latest = Latest::Now(data.to_vec(), u16::from_be_bytes(*status));
        match differs {
            Some(failure) => {
                self.summary.expectations = self.summary.expectations.saturating_add(1);
                self.failed(failure, place)
            }
            None => Ok(()),
        }
    }
}

/// Whether an `expect sw` follows before the next command.
fn is_judged(behind: &[Statement]) -> bool {
    for item in behind {
        match &item.kind {
            StatementKind::Expect(Expect::Sw(_)) => return true,
            StatementKind::Directive(_)
            | StatementKind::Expect(_)
            | StatementKind::Fault(_)
            | StatementKind::Let { value: Bound::Expr(_), .. }
            | StatementKind::Print(_) => {}
            StatementKind::Case { .. }
            | StatementKind::Command(_)
            | StatementKind::Exit
            | StatementKind::For { .. }
            | StatementKind::Include { .. }
            | StatementKind::Let { value: Bound::Command(_), .. }
            | StatementKind::Reset => return false,
        }
    }
    false
}
