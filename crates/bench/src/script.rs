//! Parsing scripts: hex lines, verbs and expectations as their authors mix them.

use std::error::Error;
use std::fmt::Write;
use std::hint::black_box;

use sscard_script::ast::{Bound, Kind};
use sscard_script::{Source, parse};

use crate::timing::per_second;

/// Lines of the script.
const LINES: usize = 100_000;

/// A script and how many commands it has.
pub(crate) struct Bench {
    source: Source,
    commands: u32,
}

impl Bench {
    /// The script, parsed once and counted.
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        let source = Source::new("bench.apdu", &text(LINES)?);
        let commands = commands(&source)?;
        Ok(Self { source, commands })
    }

    /// Commands parsed in a second.
    pub(crate) fn parsed_per_s(&self) -> f64 {
        per_second(self.commands, |_| {
            // It was parsed before.
            let _ = black_box(parse(black_box(&self.source)));
        })
    }
}

fn commands(source: &Source) -> Result<u32, Box<dyn Error>> {
    let script = parse(source)?;
    let is_command =
        |kind: &Kind| matches!(kind, Kind::Command(_) | Kind::Let { value: Bound::Command(_), .. });
    Ok(u32::try_from(script.items.iter().filter(|item| is_command(&item.kind)).count())?)
}

/// Ten lines with six commands.
fn text(lines: usize) -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    for number in 0..lines / 10 {
        let byte = number % 256;
        writeln!(text, "# card {number}")?;
        writeln!(text, "00 A4 04 00 0F 73 78 31 2E 73 68 2E C9 E7 BB E1 B1 A3 D5 CF")?;
        writeln!(text, "  expect sw 9000|61xx")?;
        writeln!(text, "00B2{byte:02X}2C00")?;
        writeln!(text, "  expect data 07 09 54 xx {byte:02X} ..")?;
        writeln!(text, "read_record sfi=5 rec={byte}")?;
        writeln!(text, "verify pin=123456")?;
        writeln!(text, "  expect sw 9000 # and not 63Cx")?;
        writeln!(text, "let rnd = get_challenge 8")?;
        writeln!(text, "> 00 82 00 04 10 $rnd {byte:02X} \"1PAY\" 00")?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_has_six_commands_in_ten_lines() {
        let bench = Bench::new().expect("parses");
        assert_eq!(bench.commands as usize, LINES / 10 * 6);
    }
}
