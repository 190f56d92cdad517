//! A verb's arguments.

use super::nearest::nearest;
use super::{Fault, Found, Known, Scope, argument, default};
use crate::ast::{Span, Verb as Written};
use crate::functions::Context;
use crate::value::{Argument, Arguments, Need};
use crate::verbs::{Verb, verb};

impl Scope {
    /// A verb's arguments in the order of its parameters; and whether all are known.
    pub(crate) fn arguments(
        &self,
        written: &Written,
        context: &mut Context,
    ) -> Found<(&'static Verb, Arguments, bool)> {
        let Some(verb) = verb(&written.name) else {
            let message = format!("'{}' is no verb", written.name);
            let end = written.span.start + written.name.len();
            let fault = Fault::new(Span { start: written.span.start, end }, message);
            let names = crate::verbs::GROUPS.iter().flat_map(|(_, verbs)| *verbs);
            return Err(match nearest(&written.name, names.map(|verb| verb.name)) {
                Some(other) => fault.with_advice(format!("is '{other}' meant?")),
                None => fault.with_advice("docs/script.md lists the verbs; hex is sent as it is"),
            });
        };
        let mut read = Arguments(vec![None; verb.parameters.len()]);
        let mut given = vec![false; verb.parameters.len()];
        let mut all_known = true;
        for argument_written in &written.arguments {
            let at =
                position(verb, argument_written.name.as_deref(), &given).map_err(|message| {
                    Fault::new(argument_written.span, message).with_advice(verb.usage())
                })?;
            let parameter = &verb.parameters[at];
            let known = self.value(&argument_written.value, context)?;
            all_known &= matches!(known, Known::Now(_));
            read.0[at] = argument(parameter, &known, argument_written.value.span)?;
            given[at] = true;
        }
        for (at, parameter) in verb.parameters.iter().enumerate() {
            if given[at] {
                continue;
            }
            if parameter.need == Need::Required {
                let message = format!("'{}' lacks {}", verb.name, parameter.name);
                return Err(Fault::new(written.span, message).with_advice(verb.usage()));
            }
            read.0[at] = default(parameter, written.span)?;
        }
        // What will be known later counts as given.
        for (at, given) in given.iter().enumerate() {
            if *given && read.0[at].is_none() {
                read.0[at] = Some(Argument::Bytes(Vec::new()));
            }
        }
        Ok((verb, read, all_known))
    }
}

/// The parameter that an argument is for.
fn position(verb: &Verb, name: Option<&str>, given: &[bool]) -> Result<usize, String> {
    match name {
        Some(name) => {
            let at = verb.parameters.iter().position(|known| known.name == name);
            let at = at.ok_or_else(|| format!("'{}' knows no '{name}'", verb.name))?;
            if given[at] {
                return Err(format!("'{name}' is given twice"));
            }
            Ok(at)
        }
        None => (given.iter().position(|given| !given))
            .ok_or_else(|| format!("'{}' takes no more arguments", verb.name)),
    }
}
