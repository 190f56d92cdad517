//! Errors with the place in the script, on stderr.

mod picture;

use std::io::{self, IsTerminal};

use sscard_script::{MOST_ERRORS, ScriptError};

use crate::outside;
use picture::{COLOURED, PLAIN, picture};

/// More of a kind are counted.
const MOST: usize = 20;

/// Prints errors, the first of many.
pub(crate) fn print<'e>(errors: impl IntoIterator<Item = &'e ScriptError>) {
    let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || !io::stderr().is_terminal();
    let colours = if is_plain { PLAIN } else { COLOURED };
    first_of(errors, "error", |error| {
        // Nothing of an error but its colours is an order.
        outside::complain_in_colour(&picture(error, &colours));
    });
}

/// Prints expectations that did not hold, unless the course on the same screen has shown them.
pub(crate) fn print_unmet(errors: &[ScriptError], is_in_course: bool) {
    let is_one_screen = io::stdout().is_terminal() && io::stderr().is_terminal();
    if !(is_in_course && is_one_screen) {
        print(errors);
    }
}

/// Prints warnings, one line each, the first of many.
pub(crate) fn print_warnings(warnings: &[ScriptError]) {
    first_of(warnings, "warning", |warning| complain!("sscard: warning: {warning}"));
}

/// Says something of the first, and how many there are beside them.
pub(crate) fn first_of<T>(all: impl IntoIterator<Item = T>, what: &str, mut say: impl FnMut(T)) {
    let mut all = all.into_iter();
    all.by_ref().take(MOST).for_each(&mut say);
    let more = all.count();
    match more {
        0 => {}
        1 => complain!("sscard: … and 1 more {what}"),
        // It was not counted to the end.
        more if more + MOST >= MOST_ERRORS => {
            complain!("sscard: … and at least {more} more {what}s");
        }
        more => complain!("sscard: … and {more} more {what}s"),
    }
}
