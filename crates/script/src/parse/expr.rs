//! Values.

use super::{Parsed, Parser};
use crate::ast::{Expr, Value};

impl Parser<'_> {
    /// `a ^ b || c`: `^` binds tighter.
    pub(super) fn expr(&mut self) -> Parsed<Expr> {
        self.deeper(|parser| parser.operands("||", Self::xor, Value::Concat))
    }

    fn xor(&mut self) -> Parsed<Expr> {
        self.operands("^", Self::atom, Value::Xor)
    }

    fn operands(
        &mut self,
        operator: &str,
        operand: impl Fn(&mut Self) -> Parsed<Expr>,
        join: impl FnOnce(Vec<Expr>) -> Value,
    ) -> Parsed<Expr> {
        self.cursor.skip_blanks();
        let start = self.cursor.offset();
        let first = operand(self)?;
        self.cursor.skip_blanks();
        if !self.cursor.eat_str(operator) {
            return Ok(first);
        }
        let mut highest = self.height;
        let mut all = vec![first];
        loop {
            all.push(operand(self)?);
            highest = highest.max(self.height);
            self.cursor.skip_blanks();
            if !self.cursor.eat_str(operator) {
                break;
            }
        }
        self.raise(highest)?;
        Ok(Expr { span: self.span(start), value: join(all) })
    }

    /// One value, with its slice.
    pub(super) fn atom(&mut self) -> Parsed<Expr> {
        self.cursor.skip_blanks();
        let start = self.cursor.offset();
        let mut expr = self.bare_atom(start)?;
        while self.cursor.eat('[') {
            let from = self.bound()?;
            if !self.cursor.eat_str("..") {
                return Err(self.error(start, "a slice is [from..to], counted in bytes from 0"));
            }
            let to = self.bound()?;
            self.symbol(']')?;
            if from.zip(to).is_some_and(|(from, to)| from > to) {
                return Err(self.error(start, "a slice ends before it begins"));
            }
            self.raise(self.height)?;
            let value = Value::Slice { of: Box::new(expr), from, to };
            expr = Expr { span: self.span(start), value };
        }
        Ok(expr)
    }

    fn bound(&mut self) -> Parsed<Option<usize>> {
        self.cursor.skip_blanks();
        let start = self.cursor.offset();
        let digits = self.cursor.digits();
        self.cursor.skip_blanks();
        if digits.is_empty() {
            return Ok(None);
        }
        match digits.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(self.error(start, format!("{digits} is too large"))),
        }
    }

    fn bare_atom(&mut self, start: usize) -> Parsed<Expr> {
        self.height = 1;
        if self.cursor.eat('(') {
            let inner = self.expr()?;
            self.symbol(')')?;
            return Ok(Expr { span: self.span(start), value: inner.value });
        }
        if self.cursor.eat('$') {
            let path = self.path(start)?;
            return Ok(Expr { span: self.span(start), value: Value::Variable(path) });
        }
        if self.cursor.peek() == Some('"') {
            let text = self.text("a string")?;
            return Ok(Expr { span: self.span(start), value: Value::Text(text) });
        }
        let word = self.cursor.word();
        let value = match word {
            "" => return Err(self.error(start, "a value is missing here")),
            "resp" => Value::Response,
            "sw" => Value::Status,
            "tlv" if self.cursor.peek() != Some('(') => {
                let path = self.tags()?;
                self.cursor.skip_blanks();
                let of = if self.cursor.eat_str("of ") {
                    let of = self.deeper(Self::atom)?;
                    self.raise(self.height)?;
                    Some(Box::new(of))
                } else {
                    None
                };
                Value::Tlv { path, of }
            }
            name if self.cursor.eat('(') => {
                let name = name.to_owned();
                let arguments = self.call_arguments()?;
                Value::Call { name, arguments }
            }
            literal => Value::Literal(literal.to_owned()),
        };
        Ok(Expr { span: self.span(start), value })
    }

    fn call_arguments(&mut self) -> Parsed<Vec<Expr>> {
        let mut arguments = Vec::new();
        self.cursor.skip_blanks();
        if self.cursor.eat(')') {
            return Ok(arguments);
        }
        let mut highest = 0;
        loop {
            arguments.push(self.expr()?);
            highest = highest.max(self.height);
            self.cursor.skip_blanks();
            let start = self.cursor.offset();
            if self.cursor.eat(')') {
                self.raise(highest)?;
                return Ok(arguments);
            }
            if !self.cursor.eat(',') {
                return Err(self.error(start, "',' or ')' is missing here"));
            }
        }
    }
}
