//! `sscard desk simulate`: a city's year.

use std::io::Write;

use sscard_desk::simulate::{self, Report, SimulationSettings};
use sscard_lexicon::shown;

use crate::args::desk::SimulateArgs;
use crate::commands::progress::Progress;
use crate::documents::desk::{MedicalBalance, SimulationDocument};
use crate::documents::{self, SCHEMA, unit::Fen};
use crate::failure::Failure;

pub(super) fn run(args: &SimulateArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let settings =
        SimulationSettings { residents: args.residents, days: args.days, seed: args.seed };
    let folder = tempfile::tempdir()?;
    // Making the cards is most of the work of a short simulation: both are steps.
    let total = settings.residents as usize + settings.days as usize;
    let bar = Progress::start("cards and days", Some(total));
    let report = simulate::simulate(settings, &folder.path().join("register.db"), &mut |at| {
        bar.set(match at {
            simulate::Progress::Cards(cards) => cards.min(settings.residents.into()),
            simulate::Progress::Days(days) => u64::from(settings.residents) + u64::from(days),
        });
    });
    bar.finish();
    let report = report.map_err(Failure::Desk)?;
    if args.json {
        documents::print(out, &document(settings, &report))?;
    } else {
        print(out, &report)?;
    }
    if report.is_consistent() { Ok(()) } else { Err(Failure::Told { exit_code: 1 }) }
}

/// No time, duration or path: the same seed gives the same bytes.
fn document(settings: SimulationSettings, report: &Report) -> SimulationDocument {
    SimulationDocument {
        schema: SCHEMA,
        residents: settings.residents,
        days: settings.days,
        seed: settings.seed,
        operations: report.operations.clone(),
        refusals: report.refusals.iter().map(|(rule, times)| (rule.id(), *times)).collect(),
        cards: report.cards,
        accounts: report.accounts,
        medical_balance_cents: MedicalBalance {
            issued: Fen::of(report.medical_issued),
            held: Fen::of(report.medical_held),
        },
        consistent: report.is_consistent(),
        faults: report.faults.clone(),
    }
}

fn print(out: &mut dyn Write, report: &Report) -> Result<(), Failure> {
    let operations =
        report.operations.iter().map(|(name, times)| [(*name).to_owned(), times.to_string()]);
    super::table::print(out, &["operation", "done"], operations)?;
    let refusals = report
        .refusals
        .iter()
        .map(|(rule, times)| [rule.id(), times.to_string(), rule.text().to_owned()]);
    writeln!(out)?;
    super::table::print(out, &["rule", "refused", ""], refusals)?;
    let count =
        |count: u64, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let (cards, accounts) = (count(report.cards, "card"), count(report.accounts, "account"));
    writeln!(out, "\n{cards}, {accounts}")?;
    writeln!(
        out,
        "medical balance: {} issued, {} held",
        report.medical_issued, report.medical_held
    )?;
    if report.is_consistent() {
        writeln!(out, "money, cards and register agree")?;
    } else {
        report.faults.iter().try_for_each(|fault| writeln!(out, "FAULT: {}", shown(fault)))?;
    }
    Ok(())
}
