//! Expressions to values: while a script runs, and beforehand with answers that are not known yet.
//!
//! The same code does both, so what a check lets through means the same when it runs.

mod arguments;
mod cells;
mod fault;
mod nearest;

use std::sync::Arc;

use sscard_apdu::tlv::{self, Tag};
use sscard_lexicon::{counted, shown};

use crate::ast::{Expr, Piece, Pieces, Span, Text, TextPart, Value};
use crate::functions::FunctionContext;
use crate::mask::Mask;
use crate::program::Table;
use crate::value::Datum;

use cells::operands;
pub(crate) use fault::Fault;
use nearest::nearest;

/// A value, or that there will be one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Known {
    /// It will be so long, if that is known.
    Later(Option<usize>),
    /// This.
    Now(Datum),
}

/// What a name stands for.
#[derive(Clone, Debug)]
pub(crate) enum Binding {
    Row(Arc<Table>, usize),
    Value(Known),
}

/// The latest response.
#[derive(Clone, Debug, Default)]
pub(crate) enum Latest {
    /// There will be one.
    Later,
    /// No command was sent.
    #[default]
    None,
    /// Data and status word.
    Now(Vec<u8>, u16),
}

/// Names and the latest response.
#[derive(Clone, Default)]
pub(crate) struct Scope {
    names: Vec<(String, Binding)>,
    pub(crate) latest: Latest,
}

/// Longer values are nothing that a card is told, and grow without end.
const LONGEST: usize = 0x10_0000;

fn too_long(span: Span) -> Fault {
    Fault::new(span, format!("a value has at most {LONGEST} bytes"))
}

/// Bytes of pieces, as far as they are known from the start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Beginning {
    pub(crate) bytes: Vec<u8>,
    pub(crate) is_all: bool,
}

type Found<T> = Result<T, Fault>;

impl Scope {
    /// Where a block begins: what is let in it is forgotten behind it.
    pub(crate) fn depth(&self) -> usize {
        self.names.len()
    }

    pub(crate) fn forget(&mut self, depth: usize) {
        self.names.truncate(depth);
    }

    /// Forgets what names stood for that were let anew from `depth` on: a session lives long.
    pub(crate) fn compact(&mut self, depth: usize) {
        let (old, new) = self.names.split_at(depth.min(self.names.len()));
        let is_new = |name: &str| new.iter().any(|(other, _)| other == name);
        let mut keep = old.iter().map(|(name, _)| !is_new(name)).collect::<Vec<_>>().into_iter();
        self.names.retain(|_| keep.next().unwrap_or(true));
    }

    /// Names, the latest last.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, &Binding)> {
        self.names.iter().map(|(name, binding)| (name.as_str(), binding))
    }

    pub(crate) fn bind(&mut self, name: &str, binding: Binding) {
        self.names.push((name.to_owned(), binding));
    }

    /// A value, or how long it will be.
    pub(crate) fn value(&self, expr: &Expr, context: &mut FunctionContext) -> Found<Known> {
        let known = self.evaluated(expr, context).map_err(|fault| {
            // What stands inside says itself whose fault it is.
            if fault.span == expr.span {
                fault.of_cell(self.only_cell(operands(expr)))
            } else {
                fault
            }
        })?;
        let length = match &known {
            Known::Now(Datum::Bytes(bytes)) => bytes.len(),
            Known::Now(Datum::Text(text) | Datum::Word(text)) => text.len(),
            Known::Later(_) => 0,
        };
        if length > LONGEST { Err(too_long(expr.span)) } else { Ok(known) }
    }

    fn evaluated(&self, expr: &Expr, context: &mut FunctionContext) -> Found<Known> {
        Ok(match &expr.value {
            Value::Literal(word) => Known::Now(Datum::Word(word.clone())),
            Value::Text(text) => match self.text(text, expr.span)? {
                Some(text) => Known::Now(Datum::Text(text)),
                None => Known::Later(None),
            },
            Value::Variable(path) => self.variable(path, expr.span)?,
            Value::Response => match &self.latest {
                Latest::None => return Err(no_response(expr.span)),
                Latest::Later => Known::Later(None),
                Latest::Now(data, _) => bytes(data),
            },
            Value::Status => match &self.latest {
                Latest::None => return Err(no_response(expr.span)),
                Latest::Later => Known::Later(Some(2)),
                Latest::Now(_, status) => bytes(&status.to_be_bytes()),
            },
            Value::Slice { of, from, to } => {
                let whole = self.bytes(of, context)?;
                slice(&whole, *from, *to).map_err(|message| Fault::new(expr.span, message))?
            }
            Value::Tlv { path, of } => {
                let whole = match of {
                    Some(of) => self.bytes(of, context)?,
                    None => {
                        let response = Expr { span: expr.span, value: Value::Response };
                        self.bytes(&response, context)?
                    }
                };
                match whole {
                    Ok(whole) => bytes(
                        &object(&whole, path).map_err(|message| Fault::new(expr.span, message))?,
                    ),
                    Err(_) => Known::Later(None),
                }
            }
            Value::Call { name, arguments } => self.call(name, arguments, expr.span, context)?,
            Value::Concat(operands) => {
                let mut joined = Vec::new();
                let mut length = Some(0_usize);
                let mut all_known = true;
                for operand in operands {
                    if joined.len() > LONGEST {
                        return Err(too_long(expr.span));
                    }
                    match self.bytes(operand, context)? {
                        Ok(bytes) => {
                            length = length.map(|length| length.saturating_add(bytes.len()));
                            joined.extend_from_slice(&bytes);
                        }
                        Err(later) => {
                            length =
                                length.zip(later).map(|(sum, later)| sum.saturating_add(later));
                            all_known = false;
                        }
                    }
                }
                if all_known { Known::Now(Datum::Bytes(joined)) } else { Known::Later(length) }
            }
            Value::Xor(operands) => self.xor(operands, expr.span, context)?,
        })
    }

    /// A value as bytes, or how long it will be.
    pub(crate) fn bytes(
        &self,
        expr: &Expr,
        context: &mut FunctionContext,
    ) -> Found<Result<Vec<u8>, Option<usize>>> {
        match self.value(expr, context)? {
            Known::Later(length) => Ok(Err(length)),
            Known::Now(Datum::Bytes(bytes)) => Ok(Ok(bytes)),
            Known::Now(datum) => match datum.bytes() {
                Ok(bytes) => Ok(Ok(bytes.into_owned())),
                Err(message) => Err(Fault::new(expr.span, message).of_cell(self.cell(expr))),
            },
        }
    }

    /// A string with its variables; `None` when one of them is not known yet.
    pub(crate) fn text(&self, text: &Text, span: Span) -> Found<Option<String>> {
        let mut whole = String::new();
        let mut all_known = true;
        for part in &text.parts {
            if whole.len() > LONGEST {
                return Err(too_long(span));
            }
            match part {
                TextPart::Literal(literal) => whole.push_str(literal),
                TextPart::Variable(path) => match self.variable(path, span)? {
                    Known::Now(datum) => whole.push_str(&datum.text()),
                    Known::Later(_) => all_known = false,
                },
            }
        }
        Ok(all_known.then_some(whole))
    }

    fn variable(&self, path: &[String], span: Span) -> Found<Known> {
        let [name, column @ ..] = path else { return Err(Fault::new(span, "a name is missing")) };
        let bound = self.names.iter().rev().find(|(bound, _)| bound == name);
        let Some((_, binding)) = bound else {
            let fault = Fault::new(span, format!("'${name}' is not defined here"));
            return Err(match nearest(name, self.names.iter().map(|(name, _)| name.as_str())) {
                Some(other) => fault.with_advice(format!("is '${other}' meant?")),
                None => fault.with_advice(format!("bind it first: let {name} = …")),
            });
        };
        match (binding, column) {
            (Binding::Value(known), []) => Ok(known.clone()),
            (Binding::Value(_), _) => Err(Fault::new(span, format!("'${name}' is not a row"))),
            (Binding::Row(table, _), []) => {
                let advice = format!("its columns are {}", shown(&table.columns.join(", ")));
                Err(Fault::new(span, format!("'${name}' is a whole row")).with_advice(advice))
            }
            (Binding::Row(table, row), [column, ..]) => {
                let at = table.columns.iter().position(|known| known == column);
                let cell = at.and_then(|at| table.rows.get(*row)?.get(at));
                match (at, cell) {
                    (Some(_), Some(cell)) => Ok(Known::Now(Datum::Word(cell.clone()))),
                    // A table without rows: there is a column and never a cell.
                    (Some(_), None) => Ok(Known::Later(None)),
                    (None, _) => {
                        let advice =
                            format!("its columns are {}", shown(&table.columns.join(", ")));
                        let message = format!("the table has no column '{column}'");
                        Err(Fault::new(span, message).with_advice(advice))
                    }
                }
            }
        }
    }

    fn xor(&self, operands: &[Expr], span: Span, context: &mut FunctionContext) -> Found<Known> {
        let mut sum: Option<Vec<u8>> = None;
        let mut length: Option<usize> = None;
        let mut all_known = true;
        for operand in operands {
            let (bytes, found) = match self.bytes(operand, context)? {
                Ok(bytes) => (Some(bytes.clone()), Some(bytes.len())),
                Err(length) => (None, length),
            };
            if let (Some(length), Some(found)) = (length, found)
                && length != found
            {
                let message = format!("{} cannot be xored with {found}", counted(length, "byte"));
                return Err(Fault::new(span, message));
            }
            length = length.or(found);
            match (&mut sum, bytes) {
                (_, None) => all_known = false,
                (Some(sum), Some(bytes)) => {
                    sum.iter_mut().zip(bytes).for_each(|(byte, other)| *byte ^= other);
                }
                (none, bytes) => *none = bytes,
            }
        }
        Ok(match sum {
            Some(sum) if all_known => Known::Now(Datum::Bytes(sum)),
            _ => Known::Later(length),
        })
    }

    /// Bytes of pieces, up to the first that is not known yet.
    pub(crate) fn beginning(
        &self,
        pieces: &Pieces,
        context: &mut FunctionContext,
    ) -> Found<Beginning> {
        let mask = self.pieces(pieces, context)?;
        let mut beginning = Beginning { bytes: Vec::new(), is_all: mask.1 };
        let (pairs, _) = mask.0.digits.as_chunks::<2>();
        for pair in pairs {
            let [Some(high), Some(low)] = pair else { break };
            beginning.bytes.push(high << 4 | low);
        }
        Ok(beginning)
    }

    /// A mask; and whether all of it is known. It ends where it is not.
    pub(crate) fn pieces(
        &self,
        pieces: &Pieces,
        context: &mut FunctionContext,
    ) -> Found<(Mask, bool)> {
        let mut mask = Mask { digits: Vec::new(), open: pieces.open };
        let mut all_known = true;
        for piece in &pieces.pieces {
            let found = match piece {
                Piece::Nibbles(nibbles) => {
                    if all_known {
                        mask.digits.extend_from_slice(nibbles);
                    }
                    continue;
                }
                Piece::Text(text) => {
                    let expr = Expr { span: pieces.span, value: Value::Text(text.clone()) };
                    self.bytes(&expr, context)?
                }
                Piece::Value(expr) => self.bytes(expr, context)?,
            };
            match found {
                Ok(bytes) if all_known => {
                    let digits = bytes.iter().flat_map(|byte| [Some(byte >> 4), Some(byte & 0x0F)]);
                    mask.digits.extend(digits);
                }
                Ok(_) => {}
                Err(_) => all_known = false,
            }
        }
        Ok((mask, all_known))
    }
}

fn bytes(bytes: &[u8]) -> Known {
    Known::Now(Datum::Bytes(bytes.to_vec()))
}

fn no_response(span: Span) -> Fault {
    Fault::new(span, "there is no response yet: no command precedes this")
}

fn slice(
    whole: &Result<Vec<u8>, Option<usize>>,
    from: Option<usize>,
    to: Option<usize>,
) -> Result<Known, String> {
    let start = from.unwrap_or(0);
    let length = match whole {
        Ok(bytes) => Some(bytes.len()),
        Err(length) => *length,
    };
    let Some(length) = length else {
        return Ok(Known::Later(to.map(|to| to.saturating_sub(start))));
    };
    let end = to.unwrap_or(length);
    if start > length || end > length {
        let shown = |bound: Option<usize>| bound.map(|bound| bound.to_string()).unwrap_or_default();
        return Err(format!("[{}..{}] of {}", shown(from), shown(to), counted(length, "byte")));
    }
    match whole {
        Ok(whole) => Ok(bytes(whole.get(start..end).unwrap_or(&[]))),
        Err(_) => Ok(Known::Later(Some(end.saturating_sub(start)))),
    }
}

/// The value of an object.
pub(crate) fn object(bytes: &[u8], path: &[u32]) -> Result<Vec<u8>, String> {
    let tags: Vec<_> = path.iter().map(|tag| Tag::from_number(*tag)).collect();
    let shown = || tags.iter().map(Tag::to_string).collect::<Vec<_>>().join("/");
    match tlv::find(bytes, &tags) {
        Ok(Some(value)) => Ok(value.to_vec()),
        Ok(None) => Err(format!("there is no {} in {}", shown(), described(bytes))),
        Err(error) => Err(format!("no TLV: {error}: {}", described(bytes))),
    }
}

fn described(bytes: &[u8]) -> String {
    match bytes {
        [] => "no data".to_owned(),
        bytes => crate::value::hex(bytes),
    }
}
