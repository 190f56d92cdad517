//! The tree of a script.
//!
//! Places in the text do not take part in comparisons: two scripts are equal when they say the
//! same.

/// The protocol a script wants.
pub use sscard_core::Protocol;
/// Whether 61xx and 6Cxx are followed.
pub use sscard_trace::Mode;

/// A place in the text: byte offsets. All places are equal.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl PartialEq for Span {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Span {}

/// A whole script.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Script {
    /// Statements in their order.
    pub items: Vec<Statement>,
}

/// One statement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Statement {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: StatementKind,
}

/// What a statement is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StatementKind {
    /// `@name …`
    Directive(Directive),
    /// `reset`: the card is reset.
    Reset,
    /// `fault …`: the card, or the way to it, misbehaves from here on.
    Fault(FaultRequest),
    /// `exit`: the script ends here, successfully.
    Exit,
    /// A command for the card.
    Command(CommandText),
    /// `expect …`, about the latest response.
    Expect(Expect),
    /// `let name = …`
    Let {
        /// Name.
        name: String,
        /// What it stands for from here on.
        value: Bound,
    },
    /// `print …`
    Print(Expr),
    /// `case "name" { … }`
    Case {
        /// Name; may hold variables.
        name: Text,
        /// Statements.
        body: Vec<Statement>,
    },
    /// `for row in csv "file" { … }`
    For {
        /// Name of the row.
        variable: String,
        /// CSV file, from the script's folder.
        file: String,
        /// Statements.
        body: Vec<Statement>,
    },
    /// `include "file"`
    Include {
        /// Script, from this script's folder.
        path: String,
    },
}

/// What `fault` asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FaultRequest {
    /// `fault set mute@7 …`: these too, each as `sscard_faults` writes it.
    Set(Vec<String>),
    /// `fault clear`: none any more.
    Clear,
    /// `fault list`: those that are set are shown.
    List,
}

/// What a name stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Bound {
    /// The data of a command's response: the command is sent here.
    Command(CommandText),
    /// A value.
    Expr(Expr),
}

/// A directive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Directive {
    /// `@seed N`: seed of random numbers and of a virtual card.
    Seed(u64),
    /// `@profile NAME`, `@profile "FILE"`: the virtual card is made from it.
    Profile(String),
    /// `@state produced|active`: the virtual card's life cycle.
    State(CardState),
    /// `@card "FILE"`: the card is this image.
    Card(String),
    /// `@mode raw|auto`: whether 61xx and 6Cxx are followed.
    Mode(Mode),
    /// `@timeout 5s`, in milliseconds.
    Timeout(u64),
    /// `@protocol T=0|T=1`.
    Protocol(Protocol),
    /// `@on-error stop|continue`: what follows a failed expectation.
    OnError(OnError),
    /// `@destructive`: may use up tries and block the card, on a real reader too.
    Destructive,
    /// `@contactless`: the virtual card lies in a field.
    Contactless,
    /// `@expect sw …`: what every command has to answer that no `expect sw` follows.
    Expect(Vec<SwPattern>),
    /// `@psam NAME`, `@psam "FILE"`: the second slot holds a security module of this profile, or this image.
    Psam(String),
    /// `@slot card|psam`: which slot commands go to.
    Slot(ScriptSlot),
}

/// A slot of a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ScriptSlot {
    /// The card's.
    #[default]
    Card,
    /// The security module's.
    Psam,
}

impl ScriptSlot {
    /// As `@slot` has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Psam => "psam",
        }
    }
}

/// How far a virtual card has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CardState {
    /// As it leaves production: deactivated.
    Produced,
    /// Activated.
    Active,
}

/// What follows a failed expectation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OnError {
    /// The script stops.
    #[default]
    Stop,
    /// The next case begins.
    Continue,
}

/// A command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CommandText {
    /// Bytes as they are written; Lc and Le are the author's.
    Raw(Pieces),
    /// A verb with its arguments; Lc and Le are computed.
    Verb(VerbCall),
}

/// A verb with its arguments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerbCall {
    /// Where it stands.
    pub span: Span,
    /// Its name, such as `read_record`.
    pub name: String,
    /// Its arguments.
    pub arguments: Vec<VerbArgument>,
}

/// An argument: `sfi=5`, or a value by its position.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerbArgument {
    /// Where it stands.
    pub span: Span,
    /// Its name, when it is named.
    pub name: Option<String>,
    /// Its value.
    pub value: Expr,
}

/// Bytes written in pieces: hex, strings, variables, values in parentheses.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Pieces {
    /// Where they stand.
    pub span: Span,
    /// The pieces.
    pub pieces: Vec<Piece>,
    /// Whether `..` ends them: anything may follow. Masks only.
    pub open: bool,
}

/// One piece of bytes.
#[derive(Clone, PartialEq, Eq)]
pub enum Piece {
    /// Hex digits; `x` and `?` stand for any digit in masks.
    Nibbles(Vec<Option<u8>>),
    /// A string: ASCII, and GBK for everything else.
    Text(Text),
    /// `$name` or `(…)`.
    Value(Expr),
}

/// A string with variables in it: `"row ${row.id}"`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// Its parts; no two literal ones stand together, and none is empty.
    pub parts: Vec<TextPart>,
}

/// A part of a string.
#[derive(Clone, PartialEq, Eq)]
pub enum TextPart {
    /// As it is.
    Literal(String),
    /// `${name}` or `${row.column}`.
    Variable(Vec<String>),
}

/// A value.
#[derive(Clone, PartialEq, Eq)]
pub struct Expr {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// What a value is.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// A word without quotes: hex digits, a number or a name, as the place wants it.
    Literal(String),
    /// A string.
    Text(Text),
    /// `$name` or `$row.column`.
    Variable(Vec<String>),
    /// `resp`: data of the latest response.
    Response,
    /// `sw`: its status word, two bytes.
    Status,
    /// `….[from..to]`: bytes by their offsets; open at either end.
    Slice {
        /// Of what.
        of: Box<Expr>,
        /// First byte.
        from: Option<usize>,
        /// One past the last byte.
        to: Option<usize>,
    },
    /// `tlv 6F/A5/9F0C`, `tlv 84 of $fci`: the value of an object.
    Tlv {
        /// Tags from the outside in.
        path: Vec<u32>,
        /// Of what; the latest response without it.
        of: Option<Box<Expr>>,
    },
    /// `name(…)`.
    Call {
        /// Name of the function.
        name: String,
        /// Its arguments.
        arguments: Vec<Expr>,
    },
    /// `a || b`: one after the other; at least two.
    Concat(Vec<Expr>),
    /// `a ^ b`: byte by byte; at least two.
    Xor(Vec<Expr>),
}

/// What is expected of the latest response.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expect {
    /// `expect sw 9000|61xx|63C?`
    Sw(Vec<SwPattern>),
    /// `expect data …`
    Data(Pieces),
    /// `expect tlv PATH == …`
    Tlv {
        /// Tags from the outside in.
        path: Vec<u32>,
        /// Its value.
        value: Pieces,
    },
    /// `expect len 16`, `expect len 4..32` (both ends belong to it).
    Len {
        /// At least.
        from: usize,
        /// At most.
        to: usize,
    },
    /// `expect A == B`
    Equal {
        /// What was found.
        found: Expr,
        /// What it has to be.
        wanted: Pieces,
    },
}

/// Four hex digits of a status word; `x` and `?` stand for any digit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SwPattern(pub [Option<u8>; 4]);

impl SwPattern {
    /// Whether a status word fits.
    #[must_use]
    pub fn fits(self, status: u16) -> bool {
        let digits = [status >> 12, status >> 8 & 0xF, status >> 4 & 0xF, status & 0xF];
        self.0
            .iter()
            .zip(digits)
            .all(|(wanted, digit)| wanted.is_none_or(|wanted| u16::from(wanted) == digit))
    }
}

/// What is printed of a tree for whoever looks for a fault says where its values stand and of what kind
/// they are, and not what they are: they may be PINs and keys.
mod printed {
    use std::fmt;

    use super::{Expr, Piece, Pieces, Text, TextPart, Value};

    impl fmt::Debug for Expr {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("Expr").field("span", &self.span).field("value", &self.value).finish()
        }
    }

    impl fmt::Debug for Value {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match self {
                Self::Literal(word) => write!(f, "Literal({} characters)", word.chars().count()),
                Self::Text(text) => text.fmt(f),
                Self::Variable(path) => f.debug_tuple("Variable").field(path).finish(),
                Self::Response => f.write_str("Response"),
                Self::Status => f.write_str("Status"),
                Self::Slice { of, from, to } => f
                    .debug_struct("Slice")
                    .field("of", of)
                    .field("from", from)
                    .field("to", to)
                    .finish(),
                Self::Tlv { path, of } => {
                    f.debug_struct("Tlv").field("path", path).field("of", of).finish()
                }
                Self::Call { name, arguments } => f
                    .debug_struct("Call")
                    .field("name", name)
                    .field("arguments", arguments)
                    .finish(),
                Self::Concat(all) => f.debug_tuple("Concat").field(all).finish(),
                Self::Xor(all) => f.debug_tuple("Xor").field(all).finish(),
            }
        }
    }

    impl fmt::Debug for Pieces {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let Self { span, pieces, open } = self;
            let mut printed = f.debug_struct("Pieces");
            printed.field("span", span).field("pieces", pieces).field("open", open).finish()
        }
    }

    impl fmt::Debug for Piece {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match self {
                Self::Nibbles(nibbles) => write!(f, "Nibbles({} digits)", nibbles.len()),
                Self::Text(text) => text.fmt(f),
                Self::Value(expr) => expr.fmt(f),
            }
        }
    }

    impl fmt::Debug for Text {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_tuple("Text").field(&self.parts).finish()
        }
    }

    impl fmt::Debug for TextPart {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match self {
                Self::Literal(text) => write!(f, "Literal({} characters)", text.chars().count()),
                Self::Variable(path) => f.debug_tuple("Variable").field(path).finish(),
            }
        }
    }
}
