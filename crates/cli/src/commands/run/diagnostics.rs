//! Errors with the place in the script, on stderr.

use std::io::{self, IsTerminal};

use miette::{GraphicalReportHandler, GraphicalTheme};
use sscard_script::{MOST_ERRORS, ScriptError};

use crate::outside;

/// Columns of a report; a terminal wraps for itself.
const WIDTH: usize = 120;

fn handler() -> GraphicalReportHandler {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || !io::stderr().is_terminal();
    let theme = if plain { GraphicalTheme::unicode_nocolor() } else { GraphicalTheme::unicode() };
    GraphicalReportHandler::new_themed(theme).with_width(WIDTH).with_links(false)
}

/// More of a kind are counted.
const MOST: usize = 20;

/// Prints errors, the first of many.
pub(crate) fn print<'e>(errors: impl IntoIterator<Item = &'e ScriptError>) {
    let handler = handler();
    first_of(errors, "error", |error| {
        let mut text = String::new();
        match handler.render_report(&mut text, error) {
            // Nothing of an error but its colours is an order.
            Ok(()) => outside::complain_in_colour(&text),
            Err(_) => complain!("{error}"),
        }
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
