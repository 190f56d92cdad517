//! From text to tree.
//!
//! Statements end at a line's end, at `;`, or before `}`. `#` begins a comment at a line's start
//! and behind a space; `\` at a line's end continues it.

mod cursor;
mod directive;
mod expect;
mod expr;
mod fault;
mod pieces;

use crate::ast::{
    Bound, CommandText, Script, Span, Statement, StatementKind, VerbArgument, VerbCall,
};
use crate::quote::quoted;
use crate::{ScriptError, SourceText};
use cursor::Cursor;
use pieces::push;

/// Blocks lie in blocks no deeper than this; the same for values in values.
const DEEPEST: usize = 32;
/// Parentheses too, but a value in its printed form has up to two pairs in each level, and one around it.
const DEEPEST_PARENTHESES: usize = 2 * DEEPEST + 2;

/// Parses a script as a whole.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn parse(source: &SourceText) -> Result<Script, Box<ScriptError>> {
    source.has_fitting_lines()?;
    let mut parser =
        Parser { cursor: Cursor::new(&source.text), source, blocks: 0, depth: 0, height: 0 };
    let items = parser.block(false)?;
    Ok(Script { items })
}

type Parsed<T> = Result<T, Box<ScriptError>>;

struct Parser<'s> {
    cursor: Cursor<'s>,
    source: &'s SourceText,
    /// Blocks around this place.
    blocks: usize,
    /// Parentheses and the like around this place.
    depth: usize,
    /// Levels of the latest value.
    height: usize,
}

impl Parser<'_> {
    fn error(&self, start: usize, message: impl Into<String>) -> Box<ScriptError> {
        let end = self.cursor.offset().max(start);
        ScriptError::new(self.source, Span { start, end }, message)
    }

    fn span(&self, start: usize) -> Span {
        Span { start, end: self.cursor.offset() }
    }

    fn too_deep(&self, limit: usize) -> Box<ScriptError> {
        self.error(self.cursor.offset(), format!("nested more than {limit} deep"))
    }

    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == DEEPEST_PARENTHESES {
            return Err(self.too_deep(DEEPEST_PARENTHESES));
        }
        let above = self.depth;
        self.depth = above.saturating_add(1);
        let parsed = parse(self);
        self.depth = above;
        parsed
    }

    /// A level on top of the highest of some values.
    fn raise(&mut self, highest: usize) -> Parsed<()> {
        self.height = highest.saturating_add(1);
        if self.height > DEEPEST { Err(self.too_deep(DEEPEST)) } else { Ok(()) }
    }

    /// Statements up to `}` (inside a block) or the end.
    fn block(&mut self, inside: bool) -> Parsed<Vec<Statement>> {
        let mut items = Vec::new();
        loop {
            self.cursor.skip_between();
            let start = self.cursor.offset();
            match self.cursor.peek() {
                None if inside => {
                    return Err(self.error(start, "a block is not closed: '}' is missing"));
                }
                None => return Ok(items),
                Some('}') if inside => {
                    self.cursor.next();
                    return Ok(items);
                }
                Some('}') => {
                    self.cursor.next();
                    return Err(self.error(start, "there is no block that '}' could close"));
                }
                Some(_) => {}
            }
            let kind = self.statement()?;
            items.push(Statement { span: self.span(start), kind });
            self.end_of_statement()?;
        }
    }

    fn end_of_statement(&mut self) -> Parsed<()> {
        self.cursor.skip_blanks();
        match self.cursor.peek() {
            None | Some('\n' | '\r' | ';' | '}') => Ok(()),
            Some(_) => {
                let start = self.cursor.offset();
                // Digits may be a PIN or a key.
                let hide = |c: char| if c.is_ascii_hexdigit() { '*' } else { c };
                let rest = self.cursor.rest_of_line().trim_end();
                let rest: String = match rest.contains(|c: char| c.is_ascii_digit()) {
                    true => rest.chars().map(hide).collect(),
                    false => rest.to_owned(),
                };
                Err(self.error(start, format!("unexpected '{rest}' after the statement")))
            }
        }
    }

    fn statement(&mut self) -> Parsed<StatementKind> {
        let start = self.cursor.offset();
        if self.cursor.eat('@') {
            return self.directive(start).map(StatementKind::Directive);
        }
        if self.cursor.eat('>') {
            return self.raw_command().map(StatementKind::Command);
        }
        if self.cursor.at_hex_word() || matches!(self.cursor.peek(), Some('"' | '$' | '(')) {
            return self.raw_command().map(StatementKind::Command);
        }
        let word = self.cursor.word();
        match word {
            "" => {
                let found = self.cursor.next().unwrap_or(' ');
                Err(self.error(start, format!("a statement cannot begin with '{found}'")))
            }
            // In any case, as scriptor has them.
            word if word.eq_ignore_ascii_case("reset") => Ok(StatementKind::Reset),
            word if word.eq_ignore_ascii_case("exit") => Ok(StatementKind::Exit),
            "fault" => self.fault().map(StatementKind::Fault),
            "expect" => self.expectation().map(StatementKind::Expect),
            "let" => self.binding(),
            "print" => self.expr().map(StatementKind::Print),
            "case" => self.case(),
            "for" => self.rows(),
            "include" => {
                Ok(StatementKind::Include { path: self.plain_string("the script to include")? })
            }
            verb if verb.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') => {
                let name = verb.to_owned();
                self.verb(start, name).map(StatementKind::Command)
            }
            other => {
                let other = quoted(other);
                let message = format!("{other} is neither hex, nor a verb, nor a statement");
                Err(self.error(start, message))
            }
        }
    }

    fn raw_command(&mut self) -> Parsed<CommandText> {
        let pieces = self.pieces(false)?;
        Ok(CommandText::Raw(pieces))
    }

    /// A verb's arguments, up to the statement's end.
    fn verb(&mut self, start: usize, name: String) -> Parsed<CommandText> {
        let mut arguments = Vec::new();
        loop {
            self.cursor.skip_blanks();
            if self.cursor.at_end_of_statement() {
                return Ok(CommandText::Verb(VerbCall { span: self.span(start), name, arguments }));
            }
            let start = self.cursor.offset();
            let name = self.cursor.argument_name().map(str::to_owned);
            let value = self.atom()?;
            push(&mut arguments, VerbArgument { span: self.span(start), name, value });
        }
    }

    fn binding(&mut self) -> Parsed<StatementKind> {
        let name = self.name("a name to let")?;
        self.symbol('=')?;
        self.cursor.skip_blanks();
        let start = self.cursor.offset();
        // A command whose response data is meant: a verb, or bytes behind `>`.
        if self.cursor.eat('>') {
            let command = self.raw_command()?;
            return Ok(StatementKind::Let { name, value: Bound::Command(command) });
        }
        if let Some(verb) = self.cursor.verb_word() {
            let verb = verb.to_owned();
            let command = self.verb(start, verb)?;
            return Ok(StatementKind::Let { name, value: Bound::Command(command) });
        }
        let expr = self.expr()?;
        Ok(StatementKind::Let { name, value: Bound::Expr(expr) })
    }

    fn case(&mut self) -> Parsed<StatementKind> {
        self.cursor.skip_blanks();
        let name = self.text("the case's name")?;
        let body = self.braces()?;
        Ok(StatementKind::Case { name, body })
    }

    fn rows(&mut self) -> Parsed<StatementKind> {
        let variable = self.name("a name for the row")?;
        for wanted in ["in", "csv"] {
            self.cursor.skip_blanks();
            let start = self.cursor.offset();
            if self.cursor.word() != wanted {
                return Err(self.error(start, "rows are: for NAME in csv \"FILE\" { … }"));
            }
        }
        let file = self.plain_string("the CSV file")?;
        let body = self.braces()?;
        Ok(StatementKind::For { variable, file, body })
    }

    fn braces(&mut self) -> Parsed<Vec<Statement>> {
        self.symbol('{')?;
        if self.blocks == DEEPEST {
            return Err(self.too_deep(DEEPEST));
        }
        let around = self.blocks;
        self.blocks = around.saturating_add(1);
        let body = self.block(true);
        self.blocks = around;
        body
    }

    fn name(&mut self, what: &str) -> Parsed<String> {
        self.cursor.skip_blanks();
        let start = self.cursor.offset();
        let name = self.cursor.name().to_owned();
        if name.is_empty() {
            return Err(
                self.error(start, format!("{what} is missing: a letter, then letters, digits, _"))
            );
        }
        Ok(name)
    }

    fn symbol(&mut self, symbol: char) -> Parsed<()> {
        self.cursor.skip_blanks();
        let start = self.cursor.offset();
        if self.cursor.eat(symbol) {
            return Ok(());
        }
        Err(self.error(start, format!("'{symbol}' is missing here")))
    }
}

#[cfg(test)]
mod tests;
