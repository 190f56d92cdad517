//! What may be meant by a word that is none.

/// The name that is one or two letters away.
pub(super) fn nearest<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let distances = names.map(|name| (distance(wanted, name), name));
    distances.filter(|(distance, _)| *distance <= 2).min().map(|(_, name)| name)
}

/// How many letters have to be put in, taken out or changed.
fn distance(a: &str, b: &str) -> usize {
    // To as much of `b` as each place says, from as much of `a` as was passed.
    let mut row: Vec<usize> = (1..=b.len()).collect();
    for ((letter, mut diagonal), mut left) in a.bytes().zip(0_usize..).zip(1_usize..) {
        for (place, other) in row.iter_mut().zip(b.bytes()) {
            let changed = diagonal.saturating_add(usize::from(letter != other));
            diagonal = *place;
            left = changed.min(left.min(diagonal).saturating_add(1));
            *place = left;
        }
    }
    row.last().copied().unwrap_or(a.len())
}
