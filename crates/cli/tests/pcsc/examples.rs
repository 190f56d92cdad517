//! The scripts of `examples/` through pcscd.

use super::{READER, SSCARD, run, served_with, text};

/// Each script with the profile of its card; the last ones lie in a contactless field.
const SCRIPTS: [(&str, &str, &[&str]); 13] = [
    ("tour", "gen3", &[]),
    ("read_card", "gen3", &[]),
    ("pin_lock_and_unlock", "gen3", &[]),
    ("external_authentication", "gen3", &[]),
    ("holder_update", "gen3", &[]),
    ("purse_load_and_purchase", "gen2", &[]),
    ("online_purchase", "gen3", &[]),
    ("e_cash_load", "gen3", &[]),
    ("bank_pin_change", "gen3", &[]),
    ("sm4_purchase", "gen3", &[]),
    ("negative_tests", "gen3", &[]),
    ("rows", "gen3", &[]),
    ("contactless_purchase", "gen3", &["--contactless"]),
];

#[test]
fn examples_run_through_pcscd() {
    for (name, profile, options) in SCRIPTS {
        // A fresh card for each.
        let _served = served_with(&[profile], options);
        let path = format!("{}/../../examples/{name}.apdu", env!("CARGO_MANIFEST_DIR"));
        let output = run(SSCARD, &["run", "--reader", READER, &path], "");
        assert!(output.status.success(), "{name}: {}", text(&output));
    }
}
