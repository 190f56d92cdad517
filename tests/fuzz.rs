//! Every seed and every regression of `fuzz/`, replayed on stable Rust.

use std::fs;
use std::path::Path;

use self::targets::{ALL, FuzzTarget};

#[path = "../fuzz/src/lib.rs"]
pub(crate) mod targets;

/// Runs `target` on the files of `fuzz/KIND/NAME`; how many there were.
fn replay(kind: &str, name: &str, target: FuzzTarget) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz").join(kind).join(name);
    let Ok(files) = fs::read_dir(&folder) else { return 0 };
    let mut count = 0;
    for file in files {
        let path = file.expect("entry").path();
        println!("{}", path.display());
        target(&fs::read(&path).expect("read"));
        count += 1;
    }
    count
}

#[test]
fn every_seed_passes_its_target() {
    for (name, target) in ALL {
        assert!(replay("seeds", name, target) >= 3, "{name} has no seeds");
    }
}

#[test]
fn every_regression_stays_mended() {
    for (name, target) in ALL {
        replay("regressions", name, target);
    }
}

/// A cut seed is an ordinary input too.
#[test]
fn every_beginning_of_a_session_passes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/seeds/card_raw/gen3");
    let session = fs::read(path).expect("seed");
    for length in 0..session.len() {
        targets::card_raw(&session[..length]);
    }
}
