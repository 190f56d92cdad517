//! One script on two cards: the first exchange that differs.
//!
//! Both run for themselves, with what each card answers. What is random on every card is not
//! compared: the data of GET CHALLENGE, of authentications, cryptograms and purse transactions,
//! and of whatever answers commands that differ themselves; their status words and lengths are.

use std::io::{self, Write};

use sscard_host::Exchange;
use sscard_lexicon::Application;
use sscard_script::report::{Observer, Place as At, explained};

use super::{Place, Ready, diagnostics, options};
use crate::args::RunArgs;
use crate::failure::Failure;

#[derive(Default)]
struct Kept(Vec<(Exchange, Application, String)>);

impl Observer for Kept {
    fn exchange(&mut self, exchange: &Exchange, application: Application, place: At<'_>) {
        self.0.push((exchange.clone(), application, place.name()));
    }
}

pub(super) fn run(
    scripts: &[Ready],
    first: &Place,
    other: &str,
    args: &RunArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let second = Place::named(other);
    for script in scripts {
        let name = &script.program.source().name;
        let mut sides = Vec::new();
        for place in [first, &second] {
            let mut source = place.open(&script.program.settings, args)?;
            let mut kept = Kept::default();
            let options = options(script, place.target(args), args);
            let summary = sscard_script::run(&script.program, &mut source, options, &mut kept);
            source.close()?;
            if let Some((error, at)) = summary.broken {
                diagnostics::print(&[at]);
                return Err(Failure::Transport(error));
            }
            sides.push(kept.0);
        }
        let [one, two] = &sides[..] else { continue };
        if let Some(number) = difference(one, two) {
            show(out, number, [one.get(number), two.get(number)])?;
            return Err(Failure::Compared);
        }
        writeln!(out, "{name}: {} exchanges, both cards answer alike", one.len())?;
    }
    Ok(())
}

type Side = Vec<(Exchange, Application, String)>;

/// The number of the first exchange that differs.
fn difference(one: &Side, two: &Side) -> Option<usize> {
    let longest = one.len().max(two.len());
    (0..longest).find(|number| match (one.get(*number), two.get(*number)) {
        (Some((one, ..)), Some((two, ..))) => !alike(one, two),
        _ => true,
    })
}

fn alike(one: &Exchange, two: &Exchange) -> bool {
    let header = |exchange: &Exchange| exchange.command.get(..4).map(<[u8]>::to_vec);
    if header(one) != header(two) || one.command.len() != two.command.len() {
        return false;
    }
    let (Ok(one_answer), Ok(two_answer)) = (&one.response, &two.response) else {
        return one.response == two.response;
    };
    let is_random = match one.command.first_chunk::<2>() {
        Some([_, 0x84 | 0x88 | 0xAE]) | Some([0xB0, 0x28 | 0x2A | 0x2C | 0x2E]) => true,
        _ => one.command != two.command,
    };
    if is_random {
        one_answer.len() == two_answer.len() && one.status() == two.status()
    } else {
        one_answer == two_answer
    }
}

fn show(
    out: &mut dyn Write,
    number: usize,
    sides: [Option<&(Exchange, Application, String)>; 2],
) -> io::Result<()> {
    let place = sides.iter().flatten().next().map_or("", |(_, _, place)| place);
    writeln!(out, "exchange {} differs ({place})", number + 1)?;
    for (side, name) in sides.into_iter().zip(["first", "second"]) {
        match side {
            Some((exchange, application, _)) => {
                let (words, meaning) = explained(exchange, *application);
                writeln!(out, "{name:<7}> {}", exchange.command_hex())?;
                writeln!(out, "       < {}", exchange.response_hex())?;
                let meaning = meaning.map(|(status, meaning)| format!(": {status} {meaning}"));
                writeln!(out, "       # {words}{}", meaning.unwrap_or_default())?;
            }
            None => writeln!(out, "{name:<7}no more exchanges")?,
        }
    }
    Ok(())
}
