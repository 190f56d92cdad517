//! The date of a payment.

use crate::failure::Failure;

/// `2026-11-24` as BCD YYMMDD; today without it.
///
/// The card has two digits for a year: 50 to 99 are of the last century (EMV Book 4 §6.7.3).
pub(super) fn parse(text: Option<&str>) -> Result<[u8; 3], Failure> {
    let date = super::super::date("--date", text)?;
    let bcd = |digits: String| hex::decode(digits).ok()?.try_into().ok();
    let of_century = (2000..=2049).contains(&date.year());
    of_century.then(|| bcd(date.strftime("%y%m%d").to_string())).flatten().ok_or_else(|| {
        Failure::Usage(format!("--date {date}: a date lies in the years 2000 to 2049"))
    })
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
            ("2026-11", "a date is written YYYY-MM-DD, and there is such a day"),
            ("today", "a date is written YYYY-MM-DD, and there is such a day"),
            ("2026-13-01", "a date is written YYYY-MM-DD, and there is such a day"),
            ("2026-02-29", "a date is written YYYY-MM-DD, and there is such a day"),
            ("2050-01-01", "a date lies in the years 2000 to 2049"),
        ] {
            let error = parse(Some(text)).expect_err(text).to_string();
            assert_eq!(error, format!("--date {text}: {words}"));
        }
    }
}
