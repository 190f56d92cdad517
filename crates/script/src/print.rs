//! From tree to text, so that parsing it again gives the same tree.

use std::fmt::{self, Display};

use crate::ast::{
    Bound, CardState, CommandText, Directive, Expect, Expr, FaultRequest, Mode, OnError, Piece,
    Pieces, Protocol, Script, Statement, StatementKind, SwPattern, Text, TextPart, Value,
};

impl Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        block(f, &self.items, 0)
    }
}

fn block(f: &mut fmt::Formatter<'_>, items: &[Statement], depth: usize) -> fmt::Result {
    for item in items {
        write!(f, "{:1$}", "", depth.saturating_mul(2))?;
        match &item.kind {
            StatementKind::Case { name, body } => {
                braces(f, &format_args!("case {name}"), body, depth)?;
            }
            StatementKind::For { variable, file, body } => {
                let file = literal(file);
                braces(f, &format_args!("for {variable} in csv {file}"), body, depth)?;
            }
            other => writeln!(f, "{other}")?,
        }
    }
    Ok(())
}

fn braces(
    f: &mut fmt::Formatter<'_>,
    head: &fmt::Arguments<'_>,
    body: &[Statement],
    depth: usize,
) -> fmt::Result {
    writeln!(f, "{head} {{")?;
    block(f, body, depth.saturating_add(1))?;
    writeln!(f, "{:1$}}}", "", depth.saturating_mul(2))
}

impl Display for StatementKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directive(directive) => directive.fmt(f),
            Self::Reset => f.write_str("reset"),
            Self::Fault(FaultRequest::Set(faults)) => {
                f.write_str("fault set")?;
                faults.iter().try_for_each(|fault| write!(f, " {fault}"))
            }
            Self::Fault(FaultRequest::Clear) => f.write_str("fault clear"),
            Self::Fault(FaultRequest::List) => f.write_str("fault list"),
            Self::Exit => f.write_str("exit"),
            Self::Command(command) => command.fmt(f),
            Self::Expect(expect) => expect.fmt(f),
            Self::Let { name, value: Bound::Expr(expr) } if begins_like_a_verb(expr) => {
                write!(f, "let {name} = ({expr})")
            }
            Self::Let { name, value: Bound::Expr(expr) } => write!(f, "let {name} = {expr}"),
            Self::Let { name, value: Bound::Command(command) } => {
                write!(f, "let {name} = {command}")
            }
            Self::Print(expr) => write!(f, "print {expr}"),
            Self::Include { path } => write!(f, "include {}", literal(path)),
            Self::Case { name, .. } => write!(f, "case {name} {{ … }}"),
            Self::For { variable, file, .. } => {
                write!(f, "for {variable} in csv {} {{ … }}", literal(file))
            }
        }
    }
}

impl Display for Directive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seed(seed) => write!(f, "@seed {seed}"),
            Self::Profile(profile) => write!(f, "@profile {}", literal(profile)),
            Self::Card(card) => write!(f, "@card {}", literal(card)),
            Self::Mode(Mode::Raw) => f.write_str("@mode raw"),
            Self::Mode(Mode::Auto) => f.write_str("@mode auto"),
            Self::Timeout(time) => write!(f, "@timeout {time}ms"),
            Self::Protocol(Protocol::T0) => f.write_str("@protocol T=0"),
            Self::Protocol(Protocol::T1) => f.write_str("@protocol T=1"),
            Self::OnError(OnError::Stop) => f.write_str("@on-error stop"),
            Self::OnError(OnError::Continue) => f.write_str("@on-error continue"),
            Self::Destructive => f.write_str("@destructive"),
            Self::Contactless => f.write_str("@contactless"),
            Self::State(CardState::Produced) => f.write_str("@state produced"),
            Self::State(CardState::Active) => f.write_str("@state active"),
            Self::Expect(patterns) => write!(f, "@expect sw {}", Alternatives(patterns)),
            Self::Psam(psam) => write!(f, "@psam {}", literal(psam)),
            Self::Slot(slot) => write!(f, "@slot {}", slot.name()),
        }
    }
}

impl Display for CommandText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Raw(pieces) => write!(f, "> {pieces}"),
            Self::Verb(verb) => {
                f.write_str(&verb.name)?;
                for argument in &verb.arguments {
                    f.write_str(" ")?;
                    if let Some(name) = &argument.name {
                        write!(f, "{name}=")?;
                    }
                    operand(f, &argument.value)?;
                }
                Ok(())
            }
        }
    }
}

impl Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sw(patterns) => write!(f, "expect sw {}", Alternatives(patterns)),
            Self::Data(pieces) => write!(f, "expect data {pieces}"),
            Self::Tlv { path, value } => write!(f, "expect tlv {} == {value}", Path(path)),
            Self::Len { from, to } if from == to => write!(f, "expect len {from}"),
            Self::Len { from, to } => write!(f, "expect len {from}..{to}"),
            // Parentheses: the value's first word may be one that expectations begin with.
            Self::Equal { found, wanted } => write!(f, "expect ({found}) == {wanted}"),
        }
    }
}

struct Alternatives<'a>(&'a [SwPattern]);

impl Display for Alternatives<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, pattern) in self.0.iter().enumerate() {
            if number > 0 {
                f.write_str("|")?;
            }
            pattern.fmt(f)?;
        }
        Ok(())
    }
}

impl Display for SwPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|digit| nibble(f, *digit))
    }
}

fn nibble(f: &mut fmt::Formatter<'_>, digit: Option<u8>) -> fmt::Result {
    match digit {
        Some(digit) => write!(f, "{digit:X}"),
        None => f.write_str("x"),
    }
}

struct Path<'a>(&'a [u32]);

impl Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, tag) in self.0.iter().enumerate() {
            let separator = if number > 0 { "/" } else { "" };
            let digits = format!("{tag:X}");
            // Whole bytes.
            let zero = if digits.len().is_multiple_of(2) { "" } else { "0" };
            write!(f, "{separator}{zero}{digits}")?;
        }
        Ok(())
    }
}

impl Display for Pieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, piece) in self.pieces.iter().enumerate() {
            if number > 0 {
                f.write_str(" ")?;
            }
            match piece {
                Piece::Nibbles(nibbles) => {
                    nibbles.iter().try_for_each(|digit| nibble(f, *digit))?;
                }
                Piece::Text(text) => text.fmt(f)?,
                Piece::Value(expr @ Expr { value: Value::Variable(_), .. }) => expr.fmt(f)?,
                Piece::Value(expr) => write!(f, "({expr})")?,
            }
        }
        if self.open {
            f.write_str(if self.pieces.is_empty() { ".." } else { " .." })?;
        }
        Ok(())
    }
}

impl Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for part in &self.parts {
            match part {
                TextPart::Literal(literal) => escaped(f, literal)?,
                TextPart::Variable(path) => write!(f, "${{{}}}", path.join("."))?,
            }
        }
        f.write_str("\"")
    }
}

fn escaped(f: &mut impl fmt::Write, text: &str) -> fmt::Result {
    for character in text.chars() {
        match character {
            '"' | '\\' | '$' => write!(f, "\\{character}")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            other => f.write_char(other)?,
        }
    }
    Ok(())
}

fn literal(text: &str) -> String {
    let mut quoted = String::from("\"");
    // Writing into a string cannot fail.
    let _ = escaped(&mut quoted, text);
    quoted.push('"');
    quoted
}

impl Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Value::Literal(word) => f.write_str(word),
            Value::Text(text) => text.fmt(f),
            Value::Variable(path) => write!(f, "${}", path.join(".")),
            Value::Response => f.write_str("resp"),
            Value::Status => f.write_str("sw"),
            Value::Slice { of, from, to } => {
                operand(f, of)?;
                let bound =
                    |bound: &Option<usize>| bound.map(|n| n.to_string()).unwrap_or_default();
                write!(f, "[{}..{}]", bound(from), bound(to))
            }
            Value::Tlv { path, of: None } => write!(f, "tlv {}", Path(path)),
            Value::Tlv { path, of: Some(of) } => {
                write!(f, "tlv {} of ", Path(path))?;
                operand(f, of)
            }
            Value::Call { name, arguments } => {
                write!(f, "{name}(")?;
                for (number, argument) in arguments.iter().enumerate() {
                    let separator = if number > 0 { ", " } else { "" };
                    write!(f, "{separator}{argument}")?;
                }
                f.write_str(")")
            }
            Value::Concat(operands) => joined(f, operands, " || "),
            Value::Xor(operands) => joined(f, operands, " ^ "),
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, operands: &[Expr], operator: &str) -> fmt::Result {
    for (number, expr) in operands.iter().enumerate() {
        if number > 0 {
            f.write_str(operator)?;
        }
        operand(f, expr)?;
    }
    Ok(())
}

/// A word that is not hex is a command behind `let`.
fn begins_like_a_verb(expr: &Expr) -> bool {
    match &expr.value {
        Value::Literal(word) => !word.bytes().all(|byte| byte.is_ascii_hexdigit()),
        Value::Concat(operands) | Value::Xor(operands) => {
            operands.first().is_some_and(begins_like_a_verb)
        }
        _ => false,
    }
}

/// A value that binds tightly: in parentheses unless it does by itself.
fn operand(f: &mut fmt::Formatter<'_>, expr: &Expr) -> fmt::Result {
    match expr.value {
        Value::Concat(_) | Value::Xor(_) | Value::Tlv { .. } => write!(f, "({expr})"),
        _ => expr.fmt(f),
    }
}
