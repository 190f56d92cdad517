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
            let argument = argument(parameter, &known, argument_written.value.span);
            let of_cell = |fault: Fault| fault.of_cell(self.cell(&argument_written.value));
            read.0[at] = argument.map_err(of_cell)?;
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
