//! Scripts: how fast they are parsed, and what the runner adds to an exchange.

use std::error::Error;
use std::fmt::Write;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use sscard_host::{InProcess, Secrets, Transport};
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};
use sscard_script::{Options, Program, Source, Target, check, parse};

/// Commands of the script that is parsed; the third of them are verbs, each has an expectation.
const PARSED: u32 = 30_000;
/// Commands of the script that is run.
const RUN: u32 = 30_000;

/// A script of so many commands, in threes: hex, a verb, hex with a variable.
fn text(commands: u32) -> String {
    let mut text = String::from("let length = 08\nselect SSSE\n");
    for number in 0..commands {
        let command = match number % 3 {
            0 => "00 84 00 00 08\n",
            1 => "get_challenge 8\n",
            _ => "> 00 84 00 00 $length\n",
        };
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{command}  expect sw 9000");
    }
    text
}

/// Commands parsed a second.
pub(crate) fn parsed_per_s() -> Result<f64, Box<dyn Error>> {
    let source = Source::new("bench.apdu", &text(PARSED));
    let started = Instant::now();
    let script = parse(&source)?;
    let elapsed = started.elapsed();
    black_box(script);
    Ok(f64::from(PARSED) / elapsed.as_secs_f64())
}

/// What the runner adds to an exchange, in nanoseconds: the same commands with and without it.
pub(crate) fn runner_ns_per_apdu() -> Result<f64, Box<dyn Error>> {
    let read = |_: &Path| Err("no file".to_owned());
    let program = Program::parse(Source::new("bench.apdu", &text(RUN)), &read)
        .map_err(|_| "the script does not parse")?;
    check(&program, Target::Virtual).map_err(|_| "the script is wrong")?;
    let options = Options { secrets: Secrets::Redacted, target: Target::Virtual, golden: None };
    let started = Instant::now();
    let summary = sscard_script::run(&program, powered()?, options, &mut ());
    let with = started.elapsed();
    if !summary.passed() {
        return Err("the script failed".into());
    }
    let mut card = powered()?;
    let (command, mut response) = ([0x00, 0x84, 0x00, 0x00, 0x08], Vec::new());
    card.transmit(&[0x00, 0xA4, 0x00, 0x00, 0x02, 0xDD, 0xF1], &mut response)?;
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
