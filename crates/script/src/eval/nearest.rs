//! What may be meant by a word that is none.

/// The name that is one or two letters away.
pub(super) fn nearest<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let distances = names.map(|name| (distance(wanted, name), name));
    distances.filter(|(distance, _)| *distance <= 2).min().map(|(_, name)| name)
}

/// How many letters have to be put in, taken out or changed.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (above, letter) in a.bytes().enumerate() {
        let mut diagonal = above;
        row[0] = above + 1;
        for (at, other) in b.bytes().enumerate() {
            let changed = diagonal + usize::from(letter != other);
            diagonal = row[at + 1];
            row[at + 1] = changed.min(row[at] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
