//! What holds for every script and for every text.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use miette::Diagnostic;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use sscard_script::ast::{
    Bound, CardState, CommandText, Directive, Expect, Expr, FaultRequest, Mode, OnError, Piece,
    Pieces, Protocol, Script, Span, Statement, StatementKind, SwPattern, Text, TextPart, Value,
    VerbArgument, VerbCall,
};
use sscard_script::{SourceText, parse};

const SPAN: Span = Span { start: 0, end: 0 };

fn is_hex(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn name() -> impl Strategy<Value = String> {
    "[A-Za-z_][A-Za-z0-9_]{0,6}"
}

/// A name that is no word of expressions.
fn function() -> impl Strategy<Value = String> {
    name().prop_filter("a word", |name| !matches!(name.as_str(), "resp" | "sw" | "tlv"))
}

fn verb_name() -> impl Strategy<Value = String> {
    let words = ["reset", "exit", "expect", "let", "print", "case", "for", "include"];
    function().prop_filter("a statement", move |name| {
        !is_hex(name) && !words.contains(&name.to_ascii_lowercase().as_str())
    })
}

fn word() -> impl Strategy<Value = String> {
    "[A-Za-z0-9_:选é-][A-Za-z0-9_:.选é-]{0,8}".prop_filter("a word of expressions", |word| {
        !word.contains("..") && !matches!(word.as_str(), "resp" | "sw" | "tlv")
    })
}

fn path() -> impl Strategy<Value = Vec<String>> {
    vec(name(), 1..=2)
}

/// Anything between quotes.
fn anything() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{1,12}", "\\PC{1,6}", any::<String>()]
        .prop_filter("empty", |text| !text.is_empty())
}

fn text() -> impl Strategy<Value = Text> {
    let part =
        prop_oneof![anything().prop_map(TextPart::Literal), path().prop_map(TextPart::Variable)];
    vec(part, 0..4).prop_map(|mut parts| {
        parts.dedup_by(|b, a| matches!((a, b), (TextPart::Literal(_), TextPart::Literal(_))));
        Text { parts }
    })
}

fn tags() -> impl Strategy<Value = Vec<u32>> {
    vec(prop_oneof![0u32..256, 0u32..65536, any::<u32>()], 1..4)
}

fn boxed(value: Value) -> Box<Expr> {
    Box::new(Expr { span: SPAN, value })
}

fn exprs(values: Vec<Value>) -> Vec<Expr> {
    values.into_iter().map(|value| Expr { span: SPAN, value }).collect()
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        word().prop_map(Value::Literal),
        text().prop_map(Value::Text),
        path().prop_map(Value::Variable),
        Just(Value::Response),
        Just(Value::Status),
        tags().prop_map(|path| Value::Tlv { path, of: None }),
    ];
    leaf.prop_recursive(5, 24, 3, |inner| {
        let bounds = (option::of(0..9usize), option::of(9..99usize));
        prop_oneof![
            (inner.clone(), bounds).prop_map(|(of, (from, to))| Value::Slice {
                of: boxed(of),
                from,
                to
            }),
            (tags(), inner.clone()).prop_map(|(path, of)| Value::Tlv { path, of: Some(boxed(of)) }),
            (function(), vec(inner.clone(), 0..3))
                .prop_map(|(name, arguments)| Value::Call { name, arguments: exprs(arguments) }),
            vec(inner.clone(), 2..4).prop_map(|values| Value::Concat(exprs(values))),
            vec(inner, 2..4).prop_map(|values| Value::Xor(exprs(values))),
        ]
    })
}

fn expr() -> impl Strategy<Value = Expr> {
    value().prop_map(|value| Expr { span: SPAN, value })
}

/// No two runs of digits together; something is there.
fn joined(pieces: Vec<Piece>, open: bool) -> Pieces {
    let mut all: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (all.last_mut(), piece) {
            (Some(Piece::Nibbles(before)), Piece::Nibbles(more)) => before.extend(more),
            (_, piece) => all.push(piece),
        }
    }
    Pieces { span: SPAN, pieces: all, open }
}

fn pieces_of(digit: BoxedStrategy<Option<u8>>) -> impl Strategy<Value = Vec<Piece>> {
    let byte = vec(digit, 2..=2);
    let digits = vec(byte, 1..6).prop_map(|bytes| Piece::Nibbles(bytes.concat()));
    let piece = prop_oneof![3 => digits, 1 => text().prop_map(Piece::Text), 1 => expr().prop_map(Piece::Value)];
    vec(piece, 1..4)
}

fn raw() -> impl Strategy<Value = Pieces> {
    pieces_of((0u8..16).prop_map(Some).boxed()).prop_map(|pieces| joined(pieces, false))
}

fn mask() -> impl Strategy<Value = Pieces> {
    prop_oneof![
        9 => (pieces_of(option::of(0u8..16).boxed()), any::<bool>())
            .prop_map(|(pieces, open)| joined(pieces, open)),
        1 => Just(Pieces { span: SPAN, pieces: Vec::new(), open: true }),
    ]
}

fn status_words() -> impl Strategy<Value = Vec<SwPattern>> {
    vec(prop::array::uniform4(option::of(0u8..16)).prop_map(SwPattern), 1..4)
}

fn command() -> impl Strategy<Value = CommandText> {
    let argument = (option::of(name()), expr()).prop_map(|(name, value)| VerbArgument {
        span: SPAN,
        name,
        value,
    });
    let verb = (verb_name(), vec(argument, 0..4)).prop_map(|(name, arguments)| VerbCall {
        span: SPAN,
        name,
        arguments,
    });
    prop_oneof![raw().prop_map(CommandText::Raw), verb.prop_map(CommandText::Verb)]
}

fn directive() -> impl Strategy<Value = Directive> {
    prop_oneof![
        any::<u64>().prop_map(Directive::Seed),
        anything().prop_map(Directive::Profile),
        anything().prop_map(Directive::Card),
        prop_oneof![Just(Mode::Raw), Just(Mode::Auto)].prop_map(Directive::Mode),
        any::<u64>().prop_map(Directive::Timeout),
        prop_oneof![Just(Protocol::T0), Just(Protocol::T1)].prop_map(Directive::Protocol),
        prop_oneof![Just(OnError::Stop), Just(OnError::Continue)].prop_map(Directive::OnError),
        Just(Directive::Destructive),
        Just(Directive::Contactless),
        Just(Directive::State(CardState::Produced)),
        Just(Directive::State(CardState::Active)),
        status_words().prop_map(Directive::Expect),
    ]
}

fn expect() -> impl Strategy<Value = Expect> {
    prop_oneof![
        status_words().prop_map(Expect::Sw),
        mask().prop_map(Expect::Data),
        (tags(), mask()).prop_map(|(path, value)| Expect::Tlv { path, value }),
        (0..99usize, 0..99usize).prop_map(|(from, more)| Expect::Len { from, to: from + more }),
        (expr(), mask()).prop_map(|(found, wanted)| Expect::Equal { found, wanted }),
    ]
}

fn item(kind: StatementKind) -> Statement {
    Statement { span: SPAN, kind }
}

fn kind() -> impl Strategy<Value = StatementKind> {
    let bound = prop_oneof![command().prop_map(Bound::Command), expr().prop_map(Bound::Expr)];
    let simple = prop_oneof![
        2 => directive().prop_map(StatementKind::Directive),
        1 => Just(StatementKind::Reset),
        1 => prop_oneof![
            Just(FaultRequest::Clear),
            Just(FaultRequest::List),
            Just(FaultRequest::Set(vec!["mute@7".to_owned(), "data=0102@app=A000000333010101".to_owned()])),
        ].prop_map(StatementKind::Fault),
        1 => Just(StatementKind::Exit),
        4 => command().prop_map(StatementKind::Command),
        4 => expect().prop_map(StatementKind::Expect),
        3 => (name(), bound).prop_map(|(name, value)| StatementKind::Let { name, value }),
        1 => expr().prop_map(StatementKind::Print),
        1 => anything().prop_map(|path| StatementKind::Include { path }),
    ];
    simple.prop_recursive(3, 12, 4, |inner| {
        let body = vec(inner.prop_map(item), 0..4);
        prop_oneof![
            (text(), body.clone()).prop_map(|(name, body)| StatementKind::Case { name, body }),
            (name(), anything(), body).prop_map(|(variable, file, body)| StatementKind::For {
                variable,
                file,
                body
            }),
        ]
    })
}

fn script() -> impl Strategy<Value = Script> {
    vec(kind().prop_map(item), 0..8).prop_map(|items| Script { items })
}

fn parsed(text: &str) -> Script {
    parse(&SourceText::new("x", text)).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Text that is nearly a script.
fn nearly() -> impl Strategy<Value = String> {
    const PARTS: [&str; 48] = [
        "00A4040000",
        "00 B2 ",
        "0",
        "xx",
        "9000",
        "6F/A5/9F0C",
        "\"text\"",
        "\"${a.b}\"",
        "\"",
        "\\",
        "\\\n",
        "$a",
        "$",
        "${",
        "}",
        "{",
        "(",
        ")",
        "[",
        "]",
        "[0..8]",
        "[..]",
        "..",
        "||",
        "^",
        "==",
        "=",
        "|",
        ",",
        ";",
        "\n",
        "\r\n",
        " ",
        " # ",
        "@",
        "@timeout 5s",
        "@mode raw",
        "expect ",
        "expect sw ",
        "data ",
        "tlv ",
        "of ",
        "let x = ",
        "case \"a\" {",
        "for r in csv \"f\" {",
        "reset",
        "verify pin=",
        "选",
    ];
    vec(prop::sample::select(&PARTS[..]), 0..24).prop_map(|parts| parts.concat())
}

/// Parses; an error points into the text, what parses is printed and parsed alike.
fn any_text(text: &str) {
    match parse(&SourceText::new("x", text)) {
        Ok(script) => {
            let printed = script.to_string();
            let again = parsed(&printed);
            assert_eq!(again, script, "{printed}");
            assert_eq!(again.to_string(), printed);
        }
        Err(error) => {
            let label = error.labels().and_then(|mut labels| labels.next()).expect("a place");
            // In the excerpt, which is what is shown of the text.
            let excerpt = error.source_code().expect("an excerpt");
            assert!(excerpt.read_span(label.inner(), 0, 0).is_ok(), "{error}");
            assert!(!error.message.is_empty());
            let line = text.split('\n').nth(error.line - 1).expect("a line");
            assert!(error.column <= line.chars().count() + 1, "{error}");
        }
    }
}

proptest! {
    #[test]
    fn what_is_printed_parses_to_the_same(script in script()) {
        let printed = script.to_string();
        prop_assert_eq!(parsed(&printed), script, "{}", printed);
    }

    #[test]
    fn any_characters_are_parsed_or_refused_in_their_place(text in any::<String>()) {
        any_text(&text);
    }

    #[test]
    fn anything_near_a_script_is_parsed_or_refused_in_its_place(text in nearly()) {
        any_text(&text);
    }

    #[test]
    fn a_damaged_script_is_parsed_or_refused_in_its_place(
        script in script(),
        at in any::<prop::sample::Index>(),
        put in option::of(any::<char>()),
    ) {
        let mut text: Vec<char> = script.to_string().chars().collect();
        if !text.is_empty() {
            let at = at.index(text.len());
            match put {
                Some(character) => text[at] = character,
                None => text.truncate(at),
            }
        }
        any_text(&String::from_iter(text));
    }
}

/// Ten thousand slices of slices would be a tree too deep for any stack.
#[test]
fn nothing_is_nested_without_limit() {
    for (before, repeated, after) in
        [("print resp", "[..]", ""), ("print ", "tlv 84 of ", "$x"), ("", "case \"\" {", "")]
    {
        let text = format!("{before}{}{after}", repeated.repeat(10_000));
        let error = parse(&SourceText::new("x", &text)).expect_err("too deep").to_string();
        assert!(error.contains("nested more than"), "{error}");
    }
}

/// Printing adds parentheses; what was just allowed stays allowed.
#[test]
fn the_deepest_tree_is_printed_so_that_it_parses() {
    for (before, repeated, middle, closing) in [
        ("print ", "(", "$x", ")"),
        ("print ", "f(", "$x", ")"),
        ("print ", "(00 || 11 ^ ", "$x", ")"),
        ("print ", "tlv 84 of ", "$x", ""),
        ("print $x", "[..]", "", ""),
        ("verify ", "f(", "$x[1..2]", ")"),
        ("00 ", "(tlv 84 of ", "$x[1..2]", ")"),
        ("expect ", "f(", "$x[1..2]", ") == 00"),
    ] {
        let at = |depth: usize| {
            let closing = match closing.split_once(' ') {
                Some((one, rest)) => format!("{} {rest}", one.repeat(depth)),
                None => closing.repeat(depth),
            };
            format!("{before}{}{middle}{closing}", repeated.repeat(depth))
        };
        let parses = |depth: &usize| parse(&SourceText::new("x", &at(*depth))).is_ok();
        let deepest = (1..200).take_while(parses).last().expect("one is allowed");
        assert!(deepest < 199, "{before}{repeated}");
        any_text(&at(deepest));
    }
}
