//! `include/SSCardDriver.h` says what the library exports, function by function. That it compiles is seen where the example in C is
//! built (`.ci/driver`).
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![allow(non_snake_case, reason = "the library's name is the field's")]

use std::fs;
use std::path::Path;

fn text(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// White space as one blank, none inside brackets and before stars.
fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").replace("( ", "(").replace(" )", ")").replace(", )", ")").replace(",)", ")")
}

/// A Rust type as C has it; text is without const, as in the field.
fn c_type(rust: &str) -> &'static str {
    match rust {
        "c_int" => "int ",
        "c_long" => "long ",
        "c_uchar" => "unsigned char ",
        "*const c_char" | "*mut c_char" => "char *",
        "*const c_uchar" | "*mut c_uchar" => "unsigned char *",
        "Option<PinCallback>" => "SSCardDriver_PinCallback ",
        other => panic!("no type of C for {other}"),
    }
}

/// The prototypes of the functions that a source exports.
fn exported(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in source.split("#[unsafe(no_mangle)]").skip(1) {
        let (_, signature) = part.split_once(" fn ").expect("a function");
        let (name, rest) = signature.split_once('(').expect("arguments");
        let (arguments, result) = rest.split_once(')').expect("an end");
        assert!(result.trim_start().starts_with("-> c_long"), "{name} returns a long");
        assert!(part.contains("extern \"system\""), "{name}");
        let arguments = arguments.split(',').map(str::trim).filter(|argument| !argument.is_empty());
        let arguments: Vec<String> = arguments
            .map(|argument| {
                let (name, kind) = argument.split_once(": ").expect("a type");
                format!("{}{name}", c_type(kind))
            })
            .collect();
        found.push(format!("{name}({});", arguments.join(", ")));
    }
    found
}

#[test]
fn the_header_has_what_the_library_exports_and_nothing_else() {
    let header = text("include/SSCardDriver.h");
    let declared: Vec<String> = header
        .lines()
        .filter_map(|line| line.strip_prefix("long SSCARD_DRIVER_CALL "))
        .map(plain)
        .collect();
    let mut built = Vec::new();
    for source in
        ["interface", "interface/hsm", "interface/pki", "interface/reader", "interface/own"]
    {
        built.extend(exported(&text(&format!("src/{source}.rs"))));
    }
    assert_eq!(built.len(), 38);
    for prototype in &built {
        assert!(declared.contains(prototype), "the header lacks {prototype}");
    }
    for prototype in &declared {
        assert!(built.contains(prototype), "the library lacks {prototype}");
    }
}

#[test]
fn the_header_s_rooms_are_the_library_s() {
    let header = text("include/SSCardDriver.h");
    for (name, value) in [
        ("ROOM", SSCardDriver::interface::ROOM),
        ("LARGE_ROOM", SSCardDriver::interface::LARGE_ROOM),
        ("LONGEST_ARGUMENT", SSCardDriver::interface::LONGEST_ARGUMENT),
    ] {
        let line = format!("#define SSCARD_DRIVER_{name} {value}\n");
        assert!(header.contains(&line), "{line}");
    }
}
