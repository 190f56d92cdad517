use super::*;

/// Headline, lines of the excerpt, advice: what a report is made of.
fn report(text: &str, part: &str, secrets: Secrets) -> String {
    let start = text.find(part).unwrap();
    let span = Span { start, end: start + part.len() };
    let source = SourceText::new("a\n\u{1B}.apdu", text);
    let error = ScriptError::new(&source, span, "it\nfailed\u{9B}").with_advice("do\u{202E}");
    let error = error.with_secrets(secrets);
    let label = error.labels().unwrap().next().unwrap();
    let code = error.source_code().unwrap();
    let lines = code.read_span(label.inner(), 1, 1).unwrap();
    let lines = str::from_utf8(lines.data()).unwrap();
    let marked = code.read_span(label.inner(), 0, 0).unwrap();
    let marked = str::from_utf8(marked.data()).unwrap();
    let (from, to) = (label.offset(), label.offset() + label.len());
    assert!(to >= from && !marked.is_empty() || part.is_empty());
    format!("{error}\n{}\n{lines}\n{}", marked.trim_end(), error.help().unwrap())
}

#[test]
fn an_excerpt_shows_no_pin_unless_it_is_asked_to() {
    let text = "select SSSE\nverify pin=739154\nexpect sw 9000\n0020000003739154\nreset\n";
    let hidden = report(text, "expect sw 9000", Secrets::Redacted);
    assert!(hidden.contains("verify pin=******\nexpect sw 9000\n0020000003******\n"), "{hidden}");
    let shown = report(text, "expect sw 9000", Secrets::Shown);
    assert!(shown.contains("verify pin=739154\nexpect sw 9000\n0020000003739154\n"), "{shown}");
    let continued = "verify \\\n\\\n739154\nreset\n";
    let hidden = report(continued, "reset", Secrets::Redacted);
    assert!(hidden.contains("******\nreset"), "{hidden}");
}

#[test]
fn a_report_gives_a_terminal_no_orders() {
    let text = "print \"\u{1B}[2J\u{9B}\u{7}\"\r\nselekt\u{202E} SSSE\r\nreset\r\n";
    let found = report(text, "selekt\u{202E} SSSE", Secrets::Redacted);
    assert!(!found.contains(|c| c != '\n' && sscard_lexicon::is_order(c)), "{found:?}");
    assert_eq!(
        found.lines().collect::<Vec<_>>(),
        [
            "a\\n\\u{1b}.apdu:2:1: it\\nfailed\\u{9b}",
            "selekt\\u{202e} SSSE",
            "print \"\\u{1b}[2J\\u{9b}\\u{7}\"",
            "selekt\\u{202e} SSSE",
            "reset",
            "do\\u{202e}",
        ]
    );
}

#[test]
fn of_a_line_without_end_what_is_near_is_shown() {
    let text = format!("{} here {}", "00".repeat(9_000), "11".repeat(9_000));
    let found = report(&text, "here", Secrets::Redacted);
    assert!(found.contains("00 here 11") && found.len() < 2_000, "{}", found.len());
}
