//! The city's year: every operation and every refusal, the same bytes for the same seed, and the
//! documented table.

use sscard_desk::simulate::{RATES, Rate, Report, SimulationSettings, simulate};
use sscard_desk::{Operation, Rule};

fn city(residents: u32, days: u32, seed: u64) -> Report {
    let folder = tempfile::tempdir().expect("folder");
    let register = folder.path().join("register.db");
    simulate(SimulationSettings { residents, days, seed }, &register, &mut |_| {})
        .expect("simulated")
}

/// Issue text: each operation and each refusal at least once per 500 residents and 120 days.
#[test]
fn desk_simulation_has_every_operation_and_every_refusal() {
    for seed in [1, 2, 3] {
        let report = city(500, 120, seed);
        assert!(report.is_consistent(), "{seed}: {:?}", report.faults);
        assert_eq!(report.medical_held, report.medical_issued);
        for operation in Operation::ALL {
            assert!(report.operations.contains_key(operation.name()), "{seed}: no {operation}");
        }
        assert!(report.operations.contains_key(Report::COLLECT));
        // The others say what happens, and refuse nothing.
        let silent = [Rule::D10, Rule::D11, Rule::D12];
        for rule in Rule::ALL.iter().filter(|rule| !silent.contains(rule)) {
            assert!(report.refusals.contains_key(rule), "{seed}: {rule} never refuses");
        }
        assert!(silent.iter().all(|rule| !report.refusals.contains_key(rule)));
    }
}

#[test]
fn desk_simulation_is_the_same_for_the_same_seed() {
    assert_eq!(city(60, 60, 7), city(60, 60, 7));
    assert_ne!(city(60, 60, 7), city(60, 60, 8));
}

#[test]
fn desk_simulation_rates_are_the_documented_ones() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/desk.md");
    let text = std::fs::read_to_string(path).expect("docs/desk.md");
    let rows = text.lines().skip_while(|line| !line.starts_with("| what happens")).skip(2);
    let documented: Vec<_> = rows.take_while(|line| line.starts_with('|')).collect();
    let wanted = RATES.iter().map(|Rate { name, times, after, .. }| match after {
        0 => format!("| {name} | {times} | at once |"),
        after => format!("| {name} | {times} | {after} % of the days |"),
    });
    assert_eq!(documented, wanted.collect::<Vec<_>>());
}
