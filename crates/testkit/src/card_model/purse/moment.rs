//! Dates and times in BCD, and the insurance year that one falls in.

/// A byte as two decimal digits.
fn decimal(byte: u8) -> Option<u16> {
    let (tens, ones) = (byte >> 4, byte & 0x0F);
    (tens <= 9 && ones <= 9).then(|| u16::from(tens) * 10 + u16::from(ones))
}

/// Whether two bytes are a month and a day of it; 29 February is one.
pub(super) fn is_day([month, day]: [u8; 2]) -> bool {
    const DAYS: [u16; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    match (decimal(month), decimal(day)) {
        (Some(month @ 1..=12), Some(day)) => (1..=DAYS[usize::from(month) - 1]).contains(&day),
        _ => false,
    }
}

/// The insurance year of a moment `YYYYMMDDhhmmss`: the calendar year, or the one before until its first day; `None` when it is no moment.
pub(super) fn insurance_year(time: [u8; 7], first_day: [u8; 2]) -> Option<u16> {
    let [century, year, month, day, hour, minute, second] = time;
    let year = decimal(century)? * 100 + decimal(year)?;
    let is_moment = is_day([month, day])
        && decimal(hour)? < 24
        && decimal(minute)? < 60
        && decimal(second)? < 60;
    let has_begun = [month, day] >= first_day;
    is_moment.then(|| if has_begun { year } else { year.saturating_sub(1) })
}

/// A year in BCD; what stands in its place is no number of a year, so it is kept as it is.
pub(super) fn bcd(year: u16) -> [u8; 2] {
    let pair = |number: u16| u8::try_from(number / 10 * 16 + number % 10).unwrap_or(u8::MAX);
    [pair(year / 100), pair(year % 100)]
}

/// A year from BCD.
pub(super) fn year([century, year]: [u8; 2]) -> u16 {
    decimal(century).unwrap_or(0) * 100 + decimal(year).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_begins_on_its_first_day() {
        let at = |month, day| insurance_year([0x20, 0x26, month, day, 0x12, 0, 0], [0x07, 0x01]);
        assert_eq!([at(0x06, 0x30), at(0x07, 0x01)], [Some(2025), Some(2026)]);
        assert_eq!([at(0x02, 0x29), at(0x02, 0x30), at(0x13, 0x01)], [Some(2025), None, None]);
        assert_eq!(insurance_year([0, 0, 1, 1, 0x23, 0x59, 0x59], [0x07, 0x01]), Some(0));
        assert_eq!(insurance_year([0, 0, 1, 1, 0x24, 0, 0], [0x07, 0x01]), None);
        assert_eq!((bcd(2026), year([0x20, 0x26])), ([0x20, 0x26], 2026));
    }
}
