//! `sscard pay`: a whole transaction, annotated.

mod course;

use std::io::Write;

use sscard_host::Follow;
use sscard_script::trace::Mode;
use sscard_terminal::payment::{IssuerScript, Outcome, Settings, TestIssuer, pay};

use super::print_json;
use crate::args::{Authentication, PayArgs};
use crate::failure::Failure;
use crate::source::Source;

pub(crate) fn run(args: &PayArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let settings = settings(args)?;
    let scripts: Vec<IssuerScript> = args
        .script
        .iter()
        .map(|text| {
            text.parse().map_err(|error| Failure::Input {
                place: "--script".to_owned(),
                reason: format!("{error}"),
            })
        })
        .collect::<Result<_, _>>()?;
    let mut issuer = TestIssuer { declines: args.decline, scripts, ..TestIssuer::default() };
    let mut source = Source::open_on(&args.card, args.contactless)?;
    source = source.traced(&args.record, Mode::Auto)?;
    let paid = pay(&mut Follow::new(&mut source), &mut issuer, &settings);
    // What the card remembers of a broken transaction is kept, too.
    source.close()?;
    let payment = paid?;
    if args.json {
        print_json(out, &course::to_json(&payment))?;
    } else {
        course::print(out, &payment, settings.amount)?;
    }
    if payment.outcome == Outcome::Failed { Err(Failure::Payment) } else { Ok(()) }
}

fn settings(args: &PayArgs) -> Result<Settings, Failure> {
    let default = Settings::default();
    let [first, second, third] = default.capabilities;
    let methods = match args.authentication {
        Authentication::Cda => 0xC8,
        Authentication::Dda => 0xC0,
        Authentication::Sda => 0x80,
        Authentication::None => 0x00,
    };
    let [q1, q2, q3, q4] = default.qualifiers;
    if let Some(pin) = &args.pin
        && (!(4..=12).contains(&pin.len()) || pin.bytes().any(|byte| !byte.is_ascii_digit()))
    {
        return Err(Failure::Input {
            place: "--pin".to_owned(),
            reason: "a bank PIN has 4 to 12 digits".to_owned(),
        });
    }
    Ok(Settings {
        amount: amount(&args.amount)?,
        date: date(args.date.as_deref())?,
        unpredictable: unpredictable(args.seed),
        online: !args.offline,
        electronic_cash: args.offline,
        sm: args.sm,
        contactless: args.contactless,
        floor_limit: if args.offline { u64::MAX } else { 0 },
        capabilities: [first, second, methods | third & 0x37],
        qualifiers: [if args.offline { q1 | 0x08 } else { q1 }, q2, q3, q4],
        pin: args.pin.clone(),
        ..default
    })
}

/// `12.34` as 1234 cents.
fn amount(text: &str) -> Result<u64, Failure> {
    let parse = || {
        let (whole, cents) = text.split_once('.').unwrap_or((text, "00"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(cents) || whole.len() > 10 || cents.len() > 2 {
            return None;
        }
        let cents = format!("{cents:0<2}");
        Some(whole.parse::<u64>().ok()? * 100 + cents.parse::<u64>().ok()?)
    };
    parse().ok_or_else(|| Failure::Input {
        place: format!("--amount {text}"),
        reason: "an amount is at most 10 digits with two decimals, such as 12.34".to_owned(),
    })
}

/// `2026-11-24` as BCD YYMMDD; today without it.
fn date(text: Option<&str>) -> Result<[u8; 3], Failure> {
    let (year, month, day) = match text {
        None => today(),
        Some(text) => {
            let refuse = || Failure::Input {
                place: format!("--date {text}"),
                reason: "a date is written YYYY-MM-DD, in this century".to_owned(),
            };
            let parts: Vec<u64> = text
                .split('-')
                .map(|part| part.parse().map_err(|_| refuse()))
                .collect::<Result<_, _>>()?;
            match parts[..] {
                [year @ 2000..=2099, month @ 1..=12, day @ 1..=31] => (year, month, day),
                _ => return Err(refuse()),
            }
        }
    };
    let bcd = |number: u64| (((number / 10 % 10) << 4) | (number % 10)) as u8;
    Ok([bcd(year % 100), bcd(month), bcd(day)])
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

/// The terminal's random number, from the seed.
fn unpredictable(seed: u64) -> [u8; 4] {
    let mixed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31) ^ 0x5EED_5EED_5EED_5EED;
    let [a, b, c, d, ..] = mixed.wrapping_mul(0xD1B5_4A32_D192_ED03).to_be_bytes();
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_in_yuan_and_fen() {
        for (text, cents) in [("12.34", 1234), ("5", 500), ("0.5", 50), ("0.05", 5)] {
            assert_eq!(amount(text).ok(), Some(cents), "{text}");
        }
        for text in ["", ".", "1.234", "-1", "1,00", "12345678901"] {
            assert!(amount(text).is_err(), "{text}");
        }
    }

    #[test]
    fn dates_are_read() {
        assert_eq!(date(Some("2026-11-24")).ok(), Some([0x26, 0x11, 0x24]));
        for text in ["26-11-24", "2026-13-01", "2026-11", "today"] {
            assert!(date(Some(text)).is_err(), "{text}");
        }
    }
}
