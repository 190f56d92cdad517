//! `include/sscard.h` is what the source gives; `BLESS=1 cargo test -p sscard-capi --test header` writes it anew.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

/// The header that the source gives.
fn generated() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config =
        cbindgen::Config::from_file(folder.join("cbindgen.toml")).expect("a configuration");
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in [
        "refusal",
        "table",
        "calls/library",
        "calls/life",
        "calls/power",
        "calls/exchange",
        "calls/answers",
    ] {
        builder = builder.with_src(folder.join(format!("src/{source}.rs")));
    }
    let mut header = Vec::new();
    builder.generate().expect("a header").write(&mut header);
    let header = String::from_utf8(header).expect("UTF-8");
    // What Rust calls safety is what a caller in C answers for.
    let header = header.replace("// # Safety\n//", "// The caller answers for this:");
    format!("{}\n", header.trim_start())
}

#[test]
fn the_header_is_what_the_source_gives() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/sscard.h");
    let generated = generated();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&file, &generated).expect("written");
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    let first = found.lines().zip(generated.lines()).find(|(found, generated)| found != generated);
    assert!(
        found == generated,
        "sscard.h is stale: BLESS=1 cargo test -p sscard-capi --test header; the first line that differs: {first:?}"
    );
}
