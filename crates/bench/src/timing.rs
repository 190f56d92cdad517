//! Medians and rates.

use std::time::Instant;

/// How often something runs in a second when `times` runs of it are timed.
pub(crate) fn per_second(times: u32, mut run: impl FnMut(u32)) -> f64 {
    let started = Instant::now();
    run(times);
    f64::from(times) / started.elapsed().as_secs_f64()
}

/// The middle one of the figures; of an even number the lower middle one. 0 of none.
pub(crate) fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len().saturating_sub(1) / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_is_the_middle_one() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), 2.0);
        assert_eq!(median(&mut []), 0.0);
    }
}
