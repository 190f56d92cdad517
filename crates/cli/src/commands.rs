//! One module per command of the program.

pub(crate) mod completions;
pub(crate) mod ctl;
pub(crate) mod desk;
pub(crate) mod doctor;
pub(crate) mod emv;
pub(crate) mod evil;
pub(crate) mod exchange;
pub(crate) mod import;
pub(crate) mod inspect;
pub(crate) mod learn;
pub(crate) mod link;
pub(crate) mod man;
pub(crate) mod new;
pub(crate) mod pay;
pub(crate) mod pki;
pub(crate) mod profile;
pub(crate) mod progress;
pub(crate) mod read;
pub(crate) mod readers;
pub(crate) mod repair;
pub(crate) mod run;
pub(crate) mod serve;
pub(crate) mod shell;
pub(crate) mod shrink;
pub(crate) mod side_by_side;
pub(crate) mod soak;
pub(crate) mod trace;
pub(crate) mod transmit;
pub(crate) mod tree;
#[cfg(target_os = "linux")]
pub(crate) mod with;

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use jiff::civil::Date;
use sscard_host::whole_file::{self, Audience};

use crate::failure::Failure;
use crate::outside::shown_path;

/// Upper-case hexadecimal without spaces.
pub(crate) fn hex(bytes: &[u8]) -> String {
    hex::encode_upper(bytes)
}

/// A day of the civil calendar, `YYYY-MM-DD`; today by the local clock without it.
pub(crate) fn date(option: &str, text: Option<&str>) -> Result<Date, Failure> {
    let Some(text) = text else { return Ok(jiff::ZonedDateTime::now().date()) };
    Date::strptime("%Y-%m-%d", text).map_err(|_| {
        let rule = "a date is written YYYY-MM-DD, and there is such a day";
        Failure::Usage(format!("{option} {text}: {rule}"))
    })
}

/// Writes a file whole, or leaves the old one as it was; says what could not be kept of that.
pub(crate) fn write_file(path: &Path, bytes: &[u8], audience: Audience) -> Result<(), Failure> {
    refuse_card(path)?;
    let remarks = whole_file::write(path, bytes, audience)
        .map_err(|source| Failure::Unwritable { path: path.to_owned(), source })?;
    for remark in remarks {
        complain!("sscard: {}: {remark}", shown_path(path));
    }
    Ok(())
}

/// What went wrong first is what the program ends with; the rest is said all the same.
pub(crate) fn both(first: Result<(), Failure>, second: Result<(), Failure>) -> Result<(), Failure> {
    match (first, second) {
        (Err(first), Err(second)) => {
            let is_unread = matches!(&second, Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe);
            if !is_unread {
                complain!("sscard: {second}");
            }
            Err(first)
        }
        (first, second) => first.and(second),
    }
}

/// A file that is written over holds no card: an image is made anew by `new` alone, and kept by whoever
/// uses its card.
pub(crate) fn refuse_card(path: &Path) -> Result<(), Failure> {
    let holds_card = || {
        // A pipe would be waited for.
        let mut start = [0; 6];
        fs::metadata(path).is_ok_and(|there| there.is_file())
            && File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok()
            && &start == b"SSCARD"
    };
    if !holds_card() {
        return Ok(());
    }
    let reason = "it holds a card, which would be overwritten: choose another file";
    Err(Failure::Usage(format!("{}: {reason}", shown_path(path))))
}
