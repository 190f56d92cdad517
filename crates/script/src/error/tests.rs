use miette::{GraphicalReportHandler, GraphicalTheme};

use super::*;

fn report(text: &str, part: &str, secrets: Secrets) -> String {
    let start = text.find(part).unwrap();
    let span = Span { start, end: start + part.len() };
    let source = Source::new("a\n\u{1B}.apdu", text);
    let error = ScriptError::new(&source, span, "it\nfailed\u{9B}").with_advice("do\u{202E}");
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor());
    let mut report = String::new();
    handler.render_report(&mut report, &*error.with_secrets(secrets)).unwrap();
    report
}

#[test]
fn an_excerpt_shows_no_pin_unless_it_is_asked_to() {
    let text = "select SSSE\nverify pin=739154\nexpect sw 9000\n0020000003739154\nreset\n";
    let hidden = report(text, "expect sw 9000", Secrets::Redacted);
    assert!(hidden.contains(" 2 │ verify pin=******\n"), "{hidden}");
    assert!(hidden.contains(" 3 │ expect sw 9000\n") && hidden.contains("──┬──"), "{hidden}");
    assert!(hidden.contains(" 4 │ 0020000003******\n"), "{hidden}");
    let shown = report(text, "expect sw 9000", Secrets::Shown);
    assert!(shown.contains("verify pin=739154") && shown.contains("0020000003739154"), "{shown}");
    let continued = "verify \\\n\\\n739154\nreset\n";
    let hidden = report(continued, "reset", Secrets::Redacted);
    assert!(hidden.contains(" 3 │ ******\n"), "{hidden}");
}

#[test]
fn a_report_gives_a_terminal_no_orders() {
    let text = "print \"\u{1B}[2J\u{9B}\u{7}\"\r\nselekt\u{202E} SSSE\r\nreset\r\n";
    let found = report(text, "selekt\u{202E} SSSE", Secrets::Redacted);
    assert!(!found.contains(|c| c != '\n' && sscard_lexicon::is_order(c)), "{found}");
    assert!(found.contains("a\\n\\u{1b}.apdu:2:1: it\\nfailed\\u{9b}"), "{found}");
    assert!(found.contains(" 1 │ print \"\\u{1b}[2J\\u{9b}\\u{7}\"\n"), "{found}");
    assert!(found.contains(" 2 │ selekt\\u{202e} SSSE\n"), "{found}");
    assert!(found.contains("help: do\\u{202e}"), "{found}");
}

#[test]
fn of_a_line_without_end_what_is_near_is_shown() {
    let text = format!("{}here{}", "00".repeat(9_000), "11".repeat(9_000));
    let found = report(&text, "here", Secrets::Redacted);
    assert!(found.contains("00here11") && found.len() < 6_000, "{}", found.len());
}
