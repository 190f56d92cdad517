//! The date of a payment.

use crate::failure::Failure;

/// `2026-11-24` as BCD YYMMDD; today without it.
pub(super) fn parse(text: Option<&str>) -> Result<[u8; 3], Failure> {
    let (year, month, day) = match text {
        None => today(),
        Some(text) => written(text).map_err(|reason| Failure::Input {
            place: format!("--date {text}"),
            reason: reason.to_owned(),
        })?,
    };
    let bcd = |number: u64| (((number / 10 % 10) << 4) | (number % 10)) as u8;
    Ok([bcd(year % 100), bcd(month), bcd(day)])
}

fn written(text: &str) -> Result<(u64, u64, u64), &'static str> {
    let parts: Vec<u64> = text
        .split('-')
        .map(|part| part.parse().map_err(|_| "a date is written YYYY-MM-DD"))
        .collect::<Result<_, _>>()?;
    let [year, month, day] = parts[..] else { return Err("a date is written YYYY-MM-DD") };
    if !(1..=12).contains(&month) || day == 0 || day > length(year, month) {
        return Err("there is no such day");
    }
    // Two digits on the card: 50 to 99 are of the last century (EMV Book 4 §6.7.3).
    if !(2000..=2049).contains(&year) {
        return Err("a date lies in the years 2000 to 2049");
    }
    Ok((year, month, day))
}

const fn length(year: u64, month: u64) -> u64 {
    let is_leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Today's date in UTC, by the civil calendar.
fn today() -> (u64, u64, u64) {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let days = now.map_or(0, |since| since.as_secs() / 86_400);
    // Days since 0000-03-01, in eras of 400 years.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read() {
        for (text, bcd) in [
            ("2026-11-24", [0x26, 0x11, 0x24]),
            ("2028-02-29", [0x28, 0x02, 0x29]),
            ("2000-02-29", [0x00, 0x02, 0x29]),
            ("2049-12-31", [0x49, 0x12, 0x31]),
        ] {
            assert_eq!(parse(Some(text)).ok(), Some(bcd), "{text}");
        }
        for (text, words) in [
            ("2026-11", "a date is written YYYY-MM-DD"),
            ("today", "a date is written YYYY-MM-DD"),
            ("2026-13-01", "there is no such day"),
            ("2026-02-29", "there is no such day"),
            ("2026-04-31", "there is no such day"),
            ("2050-01-01", "a date lies in the years 2000 to 2049"),
            ("26-11-24", "a date lies in the years 2000 to 2049"),
        ] {
            let error = parse(Some(text)).expect_err(text).to_string();
            assert_eq!(error, format!("--date {text}: {words}"));
        }
    }
}
