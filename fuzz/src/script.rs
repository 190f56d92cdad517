//! Text as a script, in every dialect.

use sscard_dialect::{Dialect, ImportOptions, read};
use sscard_script::{Script, SourceText, parse};

/// What parses is printed so that it parses to the same; what does not is refused in a place of its own;
/// what is imported is a script like any other.
///
/// # Panics
/// When one of these is not so.
pub fn script_parser(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    match parse(&SourceText::new("text", text)) {
        Ok(script) => printed_alike(&script, &script.to_string()),
        Err(error) => {
            assert!(!error.message.is_empty());
            let line = text.split('\n').nth(error.line.saturating_sub(1)).expect("a line");
            assert!(error.column <= line.chars().count() + 1, "{error}");
        }
    }
    for (name, dialect) in Dialect::ALL {
        let options = ImportOptions::of(dialect).keeping_going().adopting_comments();
        let outcome = read("text", text, &options);
        // Our own language is refused whole, with its error.
        assert!(outcome.is_ok() || dialect == Dialect::Apdu, "{name}");
        if let Ok(imported) = outcome {
            printed_alike(&imported.script, &imported.to_apdu(&SourceText::new("text", text)));
        }
    }
}

fn printed_alike(script: &Script, printed: &str) {
    match parse(&SourceText::new("printed", printed)) {
        Ok(again) => assert_eq!(again, *script, "{printed}"),
        Err(error) => panic!("{error}\n{printed}"),
    }
}
