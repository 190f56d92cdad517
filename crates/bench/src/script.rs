//! Scripts: how fast they are parsed, and what the runner adds to an exchange.

use sscard_commands::ins;
use std::error::Error;
use std::fmt::Write;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use sscard_host::{InProcess, Secrets, Transport};
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};
use sscard_script::ast::{Bound, StatementKind};
use sscard_script::{Options, Program, SourceText, Target, check, parse};

use crate::timing::per_second;

/// Lines of the script.
const LINES: usize = 100_000;
/// Commands of the script that is run.
const RUN: u32 = 30_000;

/// A script and how many commands it has.
pub(crate) struct Bench {
    source: SourceText,
    commands: u32,
}

impl Bench {
    /// The script, parsed once and counted.
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        let source = SourceText::new("bench.apdu", &text(LINES)?);
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

fn commands(source: &SourceText) -> Result<u32, Box<dyn Error>> {
    let script = parse(source)?;
    let is_command = |kind: &StatementKind| {
        matches!(
            kind,
            StatementKind::Command(_) | StatementKind::Let { value: Bound::Command(_), .. }
        )
    };
    Ok(u32::try_from(script.items.iter().filter(|item| is_command(&item.kind)).count())?)
}

/// Ten lines with six commands.
fn text(lines: usize) -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    for number in 0..lines / 10 {
        let byte = number % 256;
        writeln!(text, "# card {number}")?;
        writeln!(
            text,
            "00 {:02X} 04 00 0F 73 78 31 2E 73 68 2E C9 E7 BB E1 B1 A3 D5 CF",
            ins::SELECT
        )?;
        writeln!(text, "  expect sw 9000|61xx")?;
        writeln!(text, "00{:02X}{byte:02X}2C00", ins::READ_RECORD)?;
        writeln!(text, "  expect data 07 09 54 xx {byte:02X} ..")?;
        writeln!(text, "read_record sfi=5 rec={byte}")?;
        writeln!(text, "verify pin=123456")?;
        writeln!(text, "  expect sw 9000 # and not 63Cx")?;
        writeln!(text, "let rnd = get_challenge 8")?;
        writeln!(
            text,
            "> 00 {:02X} 00 04 10 $rnd {byte:02X} \"1PAY\" 00",
            ins::EXTERNAL_AUTHENTICATE
        )?;
    }
    Ok(text)
}

/// A script of so many commands, in threes: hex, a verb, hex with a variable.
fn challenges(commands: u32) -> String {
    let mut text = String::from("let length = 08\nselect SSSE\n");
    for number in 0..commands {
        let command = match number % 3 {
            0 => format!("00 {:02X} 00 00 08\n", ins::GET_CHALLENGE),
            1 => "get_challenge 8\n".to_owned(),
            _ => format!("> 00 {:02X} 00 00 $length\n", ins::GET_CHALLENGE),
        };
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{command}  expect sw 9000");
    }
    text
}

/// What the runner adds to an exchange, in nanoseconds: the same commands with and without it.
pub(crate) fn runner_ns_per_apdu() -> Result<f64, Box<dyn Error>> {
    let read = |_: &Path| Err("no file".to_owned());
    let program = Program::parse(SourceText::new("bench.apdu", &challenges(RUN)), &read)
        .map_err(|_| "the script does not parse")?;
    let program = check(program, Target::Virtual).map_err(|_| "the script is wrong")?;
    let options = Options::new(Secrets::Redacted, Target::Virtual);
    let started = Instant::now();
    let summary = sscard_script::run(&program, powered()?, options, &mut ());
    let with = started.elapsed();
    if !summary.passed() {
        return Err("the script failed".into());
    }
    let mut card = powered()?;
    let (command, mut response) = ([0x00, ins::GET_CHALLENGE, 0x00, 0x00, 0x08], Vec::new());
    card.transmit(&[0x00, ins::SELECT, 0x00, 0x00, 0x02, 0xDD, 0xF1], &mut response)?;
    let started = Instant::now();
    for _ in 0..RUN {
        card.transmit(black_box(&command), &mut response)?;
    }
    let without = started.elapsed();
    Ok((with.as_secs_f64() - without.as_secs_f64()) * 1e9 / f64::from(RUN))
}

fn powered() -> Result<InProcess, Box<dyn Error>> {
    let profile = built_in("gen3").ok_or("no profile gen3")?;
    let card = issue(&profile, &synthetic_holder(1), &MasterKeys::test())?;
    Ok(InProcess::power_on(card)?)
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
