//! `sscard desk init`, `import`, `batch`: what is done before anybody comes to a counter.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};
use sscard_desk::register::BankRow;
use sscard_desk::{Batch, Desk, DeskError, ImportError, NewRegister, TextEncoding, read_residents};
use sscard_lexicon::shown;

use super::deliver::Folder;
use super::progress::Progress;
use super::{date, print_json};
use crate::args::desk::{BatchArgs, Encoding, ImportArgs, InitArgs};
use crate::failure::Failure;
use crate::outside::shown_path;

/// A new register.
pub(super) fn init(args: &InitArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let path = &args.register.register;
    let banks = banks(&args.bank, &args.child_present)?;
    let new = NewRegister {
        profile: args.profile.clone(),
        seed: args.seed,
        banks,
        ..NewRegister::default()
    };
    let desk = Desk::create(path, &new)?;
    let banks: Vec<_> = desk
        .register()
        .look(|ledger| Ok(ledger.banks()?.into_iter().map(bank_to_json).collect()))?;
    if args.register.json {
        let document = json!({
            "schema": 1,
            "profile": args.profile,
            "seed": args.seed,
            "banks": banks,
        });
        print_json(out, &document)?;
    } else {
        let codes: Vec<_> = banks.iter().filter_map(|bank| bank["code"].as_str()).collect();
        writeln!(
            out,
            "{}: register for {} cards of {}",
            shown_path(path),
            shown(&args.profile),
            shown(&codes.join(", "))
        )?;
    }
    Ok(())
}

fn bank_to_json(bank: BankRow) -> Value {
    json!({
        "code": bank.code,
        "name": bank.name,
        "child_must_be_present": bank.child_must_be_present,
    })
}

/// `CODE=NAME`, each code once.
fn banks(texts: &[String], child_present: &[String]) -> Result<Vec<BankRow>, Failure> {
    let mut banks: Vec<BankRow> = Vec::new();
    for text in texts {
        let refuse = |reason: &str| Failure::Input {
            place: format!("--bank {text}"),
            reason: reason.to_owned(),
        };
        let (code, name) = text.split_once('=').unwrap_or((text, ""));
        let is_code = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_code || name.is_empty() {
            return Err(refuse("a bank is written CODE=NAME, its code in letters and digits"));
        }
        if banks.iter().any(|bank| bank.code == code) {
            return Err(refuse("this code stands there already"));
        }
        banks.push(BankRow {
            code: code.to_owned(),
            name: name.to_owned(),
            child_must_be_present: child_present.iter().any(|bank| bank == code),
        });
    }
    Ok(banks)
}

/// Residents out of CSV: all, or nobody.
pub(super) fn import(args: &ImportArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let today = date("--date", args.day.date.as_deref())?;
    let mut desk = Desk::open(&args.register.register)?;
    let unreadable = |source| Failure::Unreadable { path: args.file.clone(), source };
    let bytes = fs::read(&args.file).map_err(unreadable)?;
    let encoding = match args.encoding {
        Encoding::Detected => TextEncoding::Detected,
        Encoding::Utf8 => TextEncoding::Utf8,
        Encoding::Gbk => TextEncoding::Gbk,
    };
    let json = args.register.json;
    let residents = match read_residents(&bytes, encoding) {
        Ok(residents) => residents,
        Err(error) => return Err(wrong(&args.file, &error, json, out)?),
    };
    let old_cards = residents.iter().filter(|resident| resident.old_card.is_some()).count();
    let mut folder = match &args.old_cards {
        Some(folder) => Some(Folder::open(folder)?),
        None if old_cards > 0 => {
            return Err(Failure::Input {
                place: "--old-cards FOLDER".to_owned(),
                reason: format!("{old_cards} of the residents have an old card: say where it goes"),
            });
        }
        None => None,
    };
    let progress = Progress::start("residents", (old_cards > 0).then_some(old_cards));
    let imported = desk.import(&residents, today, &mut |row, card| {
        progress.step();
        folder.as_mut().map_or(Ok(()), |folder| folder.put(row, &card))
    });
    progress.finish();
    if let (Err(_), Some(folder)) = (&imported, &folder) {
        folder.take_back();
    }
    let imported = match imported {
        Err(DeskError::Import(error)) => return Err(wrong(&args.file, &error, json, out)?),
        other => other?,
    };
    if json {
        let document = json!({ "schema": 1, "imported": imported, "old_cards": old_cards });
        print_json(out, &document)?;
    } else {
        writeln!(out, "{imported} residents imported, {old_cards} of them with an old card")?;
    }
    Ok(())
}

/// What does not fit, every row of it.
fn wrong(
    file: &Path,
    error: &ImportError,
    json: bool,
    out: &mut dyn Write,
) -> Result<Failure, Failure> {
    if let (ImportError::Rows(rows), true) = (error, json) {
        let rows = rows.iter().map(|row| json!({ "line": row.line, "reason": row.reason }));
        let rows: Vec<_> = rows.collect();
        print_json(out, &json!({ "schema": 1, "imported": 0, "wrong_rows": rows }))?;
        return Ok(Failure::Told { exit_code: 3 });
    }
    Ok(Failure::Lines { place: file.display().to_string(), reason: error.to_string() })
}

/// Cards for all who have none yet, as images in a folder.
pub(super) fn batch(args: &BatchArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let today = date("--date", args.day.date.as_deref())?;
    let (opens, closes) =
        (date("--opens", Some(&args.opens))?, date("--closes", Some(&args.closes))?);
    let mut desk = Desk::open(&args.register.register)?;
    let mut folder = Folder::open(&args.cards)?;
    let progress = Progress::start("cards", None);
    let batch = Batch { name: &args.name, opens, closes, to: &args.to };
    let made = desk.batch(&batch, today, &mut |row, card| {
        progress.step();
        folder.put(row, &card)
    });
    progress.finish();
    if made.is_err() {
        folder.take_back();
    }
    let cards = made?;
    if args.register.json {
        let document = json!({
            "schema": 1,
            "batch": args.name,
            "opens": opens.to_string(),
            "closes": closes.to_string(),
            "delivered_to": args.to.to_string(),
            "cards": cards,
        });
        print_json(out, &document)?;
    } else {
        writeln!(
            out,
            "batch {}: {cards} cards delivered to {}, to be collected from {opens} to {closes}",
            shown(&args.name),
            shown(&args.to.to_string())
        )?;
    }
    Ok(())
}
