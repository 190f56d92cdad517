//! Errors with the place in the script, on stderr.

use std::io::{self, IsTerminal};

use miette::{GraphicalReportHandler, GraphicalTheme};
use sscard_script::ScriptError;

use crate::outside;

/// Columns of a report; a terminal wraps for itself.
const WIDTH: usize = 120;

fn handler() -> GraphicalReportHandler {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || !io::stderr().is_terminal();
    let theme = if plain { GraphicalTheme::unicode_nocolor() } else { GraphicalTheme::unicode() };
    GraphicalReportHandler::new_themed(theme).with_width(WIDTH).with_links(false)
}

/// Prints errors.
pub(crate) fn print(errors: &[ScriptError]) {
    let handler = handler();
    for error in errors {
        let mut text = String::new();
        match handler.render_report(&mut text, error) {
            // Nothing of an error but its colours is an order.
            Ok(()) => outside::complain_in_colour(&text),
            Err(_) => complain!("{error}"),
        }
    }
}

/// Prints warnings, one line each.
pub(crate) fn print_warnings(warnings: &[ScriptError]) {
    for warning in warnings {
        complain!("sscard: warning: {warning}");
    }
}
