//! Every script of `examples/` on the virtual card.

use std::fs;
use std::path::PathBuf;

use crate::sscard::program;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples"))
}

/// All scripts, by their names.
fn scripts() -> Vec<String> {
    let entries = fs::read_dir(folder()).expect("examples");
    let names =
        entries.map(|entry| entry.expect("entry").file_name().into_string().expect("UTF-8"));
    let mut scripts: Vec<_> = names.filter(|name| name.ends_with(".apdu")).collect();
    scripts.sort();
    scripts
}

#[test]
fn every_example_runs_on_the_virtual_card() {
    let scripts = scripts();
    assert!(scripts.len() >= 14, "{scripts:?}");
    for name in scripts {
        let path = folder().join(&name);
        let output = program().arg("run").arg(&path).output().expect("runs");
        let said = String::from_utf8_lossy(&output.stdout);
        let complained = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {said}{complained}");
        assert!(said.contains(": passed: "), "{name}: {said}");
    }
}
