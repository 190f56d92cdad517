//! Second cuts of a sweep: the first cut is at every byte, the second, in what mends the first, at every
//! byte only when `SSCARD_EXHAUSTIVE` is set, as `.ci/run` does.

/// Without the setting every so many bytes, from a byte that the first cut says: each distance from the
/// beginning is tried behind some first cut.
const STEP: u64 = 11;

/// Bytes between two second cuts.
pub(crate) fn step() -> u64 {
    if std::env::var_os("SSCARD_EXHAUSTIVE").is_some() { 1 } else { STEP }
}

/// After how many bytes the power is cut the second time, without an end.
pub(crate) fn second_cuts(first: u64) -> impl Iterator<Item = u64> {
    let step = step();
    (0..).map(move |number| first % step + number * step)
}
