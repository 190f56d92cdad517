//! Arguments of functions and verbs: which parameter each is for, and what it says.

use super::nearest::nearest;
use super::{Fault, Found, Known, Scope};
use crate::ast::{Expr, Span, VerbCall as Written};
use crate::functions::{FunctionContext, ResultLength, function};
use crate::quote::quoted;
use crate::value::{Argument, Arguments, Datum, Need, Parameter};
use crate::verbs::{Verb, verb};

impl Scope {
    pub(super) fn call(
        &self,
        name: &str,
        arguments: &[Expr],
        span: Span,
        context: &mut FunctionContext,
    ) -> Found<Known> {
        let Some(function) = function(name) else {
            let fault = Fault::new(span, format!("'{name}' is not a function"));
            let names = crate::functions::GROUPS.iter().flat_map(|(_, functions)| *functions);
            return Err(match nearest(name, names.map(|function| function.name)) {
                Some(other) => fault.with_advice(format!("is '{other}' meant?")),
                None => fault.with_advice("docs/script.md lists the functions"),
            });
        };
        let parameters = function.parameters;
        let needed = parameters.iter().filter(|known| known.need == Need::Required).count();
        if !(needed..=parameters.len()).contains(&arguments.len()) {
            let usage = function.usage();
            let message = format!(
                "'{name}' takes {}, not {}",
                span_of(needed, parameters.len()),
                arguments.len()
            );
            return Err(Fault::new(span, message).with_advice(usage));
        }
        let mut read = Arguments(Vec::with_capacity(parameters.len()));
        let mut lengths = Vec::new();
        let mut all_known = true;
        for (parameter, expr) in parameters.iter().zip(arguments) {
            let known = self.value(expr, context)?;
            all_known &= matches!(known, Known::Now(_));
            lengths.push(match &known {
                Known::Later(length) => *length,
                Known::Now(datum) => datum.bytes().ok().map(|bytes| bytes.len()),
            });
            let argument = argument(parameter, &known, expr.span);
            read.0.push(argument.map_err(|fault| fault.of_cell(self.cell(expr)))?);
        }
        for parameter in parameters.iter().skip(arguments.len()) {
            read.0.push(default(parameter, span)?);
        }
        // What is computed beforehand must not draw from the script's random numbers.
        if all_known && (function.is_pure || context.is_live) {
            let value = function.call(&read, context);
            return value
                .map(Known::Now)
                .map_err(|message| Fault::new(span, format!("{name}: {message}")));
        }
        Ok(Known::Later(match function.length {
            ResultLength::As(at) => lengths.get(at).copied().flatten(),
            ResultLength::Exactly(length) => Some(length),
            ResultLength::Said(at) => read.has(at).then(|| read.length(at)),
            ResultLength::Varies => None,
        }))
    }

    /// A verb's arguments in the order of its parameters; and whether all are known.
    pub(crate) fn arguments(
        &self,
        written: &Written,
        context: &mut FunctionContext,
    ) -> Found<(&'static Verb, Arguments, bool)> {
        let Some(verb) = verb(&written.name) else {
            let message = format!("{} is not a verb", quoted(&written.name));
            let end = written.span.start.saturating_add(written.name.len());
            let fault = Fault::new(Span { start: written.span.start, end }, message);
            let names = crate::verbs::GROUPS.iter().flat_map(|(_, verbs)| *verbs);
            return Err(match nearest(&written.name, names.map(|verb| verb.name)) {
                Some(other) => fault.with_advice(format!("is '{other}' meant?")),
                None => fault.with_advice("docs/script.md lists the verbs; hex is sent as it is"),
            });
        };
        let slots = verb.parameters.iter().map(|parameter| Slot { parameter, given: None });
        let mut slots: Vec<Slot> = slots.collect();
        let mut all_known = true;
        for argument_written in &written.arguments {
            let slot =
                slot(verb, argument_written.name.as_deref(), &mut slots).map_err(|message| {
                    Fault::new(argument_written.span, message).with_advice(verb.usage())
                })?;
            let known = self.value(&argument_written.value, context)?;
            all_known &= matches!(known, Known::Now(_));
            let argument = argument(slot.parameter, &known, argument_written.value.span);
            let of_cell = |fault: Fault| fault.of_cell(self.cell(&argument_written.value));
            // What will be known later counts as given.
            let later = || Argument::Bytes(Vec::new());
            slot.given = Some(argument.map_err(of_cell)?.unwrap_or_else(later));
        }
        let mut read = Vec::with_capacity(slots.len());
        for Slot { parameter, given } in slots {
            if given.is_none() && parameter.need == Need::Required {
                let message = format!("'{}' lacks {}", verb.name, parameter.name);
                return Err(Fault::new(written.span, message).with_advice(verb.usage()));
            }
            read.push(match given {
                Some(argument) => Some(argument),
                None => default(parameter, written.span)?,
            });
        }
        Ok((verb, Arguments(read), all_known))
    }
}

/// A parameter, and the argument that was given for it.
struct Slot {
    parameter: &'static Parameter,
    given: Option<Argument>,
}

/// Where an argument belongs.
fn slot<'s>(
    verb: &Verb,
    name: Option<&str>,
    slots: &'s mut [Slot],
) -> Result<&'s mut Slot, String> {
    match name {
        Some(name) => {
            let slot = slots.iter_mut().find(|slot| slot.parameter.name == name);
            let slot = slot.ok_or_else(|| format!("'{}' knows no '{name}'", verb.name))?;
            if slot.given.is_some() {
                return Err(format!("'{name}' is given twice"));
            }
            Ok(slot)
        }
        None => (slots.iter_mut().find(|slot| slot.given.is_none()))
            .ok_or_else(|| format!("'{}' takes no more arguments", verb.name)),
    }
}

fn argument(parameter: &Parameter, known: &Known, span: Span) -> Found<Option<Argument>> {
    let name = parameter.name;
    let wrong = |message: String| Fault::new(span, format!("{name}: {message}"));
    match known {
        Known::Later(length) => parameter.kind.admits(*length).map(|()| None).map_err(wrong),
        Known::Now(datum) => parameter.kind.read(datum).map(Some).map_err(wrong),
    }
}

fn default(parameter: &Parameter, span: Span) -> Found<Option<Argument>> {
    match parameter.need {
        Need::Default(word) => argument(parameter, &Known::Now(Datum::Word(word.to_owned())), span),
        Need::Optional | Need::Required => Ok(None),
    }
}

fn span_of(least: usize, most: usize) -> String {
    match (least, most) {
        (1, 1) => "one argument".to_owned(),
        (least, most) if least == most => format!("{least} arguments"),
        (least, most) => format!("{least} to {most} arguments"),
    }
}
