//! `sscard desk init`, `import`, `batch`: what is done before anybody comes to a counter.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;

use sscard_desk::register::BankRow;
use sscard_desk::{Batch, Desk, DeskError, ImportError, NewRegister, TextEncoding, read_residents};
use sscard_lexicon::shown;

use super::deliver::Folder;
use super::{date, open};
use crate::args::desk::{BatchArgs, Encoding, ImportArgs, InitArgs};
use crate::commands::progress::Progress;
use crate::documents::desk::{
    BatchDocument, ImportDocument, RegisterBank, RegisterDocument, WrongRow, WrongRowsDocument,
};
use crate::documents::{self, SCHEMA, unit::Day};
use crate::failure::Failure;
use crate::outside::shown_path;

/// The bank that wants to see the child, where nobody says another.
const CHILD_PRESENT: &str = "ICBC";
/// A CSV that is longer is none of a city.
const LONGEST: u64 = 0x4000_0000;

/// A new register.
pub(super) fn init(args: &InitArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let path = &args.register.register;
    if sscard_profile::built_in(&args.profile).is_none() {
        // The words are the desk's own.
        return Err(Failure::Usage(DeskError::UnknownProfile(args.profile.clone()).to_string()));
    }
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
        .look(|ledger| Ok(ledger.banks()?.into_iter().map(bank_document).collect()))?;
    if args.register.json {
        let document = RegisterDocument {
            schema: SCHEMA,
            profile: args.profile.clone(),
            seed: args.seed,
            banks,
        };
        documents::print(out, &document)?;
    } else {
        let codes: Vec<_> = banks.iter().map(|bank| bank.code.as_str()).collect();
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

fn bank_document(bank: BankRow) -> RegisterBank {
    RegisterBank {
        code: bank.code,
        name: bank.name,
        child_must_be_present: bank.child_must_be_present,
    }
}

/// `CODE=NAME`, each code once.
fn banks(texts: &[String], child_present: &[String]) -> Result<Vec<BankRow>, Failure> {
    let mut banks: Vec<BankRow> = Vec::new();
    for text in texts {
        let refuse = |reason: &str| Failure::Usage(format!("--bank {}: {reason}", shown(text)));
        let (code, name) = text.split_once('=').unwrap_or((text, ""));
        let is_code = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_code || name.is_empty() {
            return Err(refuse("a bank is written CODE=NAME, its code in letters and digits"));
        }
        if name.contains(sscard_lexicon::is_order) {
            return Err(refuse("its name has a character that is not printed"));
        }
        if banks.iter().any(|bank| bank.code == code) {
            return Err(refuse("this code stands there already"));
        }
        banks.push(BankRow {
            code: code.to_owned(),
            name: name.to_owned(),
            child_must_be_present: false,
        });
    }
    if banks.is_empty() {
        banks = NewRegister::built_in_banks();
    }
    for code in child_present {
        if !banks.iter().any(|bank| bank.code == *code) {
            let code = shown(code);
            return Err(Failure::Usage(format!(
                "--child-present {code}: no bank of this register"
            )));
        }
    }
    let by_default = [CHILD_PRESENT.to_owned()];
    let wanted = if child_present.is_empty() { &by_default[..] } else { child_present };
    for bank in &mut banks {
        bank.child_must_be_present = wanted.contains(&bank.code);
    }
    Ok(banks)
}

/// Residents out of CSV: all, or nobody.
pub(super) fn import(args: &ImportArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let today = date("--date", args.day.date.as_deref())?;
    let mut desk = open(&args.register.register)?;
    let bytes = read(&args.file)
        .map_err(|source| Failure::Unreadable { path: args.file.clone(), source })?;
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
            let have = if old_cards == 1 { "has" } else { "have" };
            return Err(Failure::Usage(format!(
                "--old-cards FOLDER: {old_cards} of the residents {have} an old card: say where it goes"
            )));
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
        documents::print(out, &ImportDocument { schema: SCHEMA, imported, old_cards })?;
    } else {
        let residents = if imported == 1 { "resident" } else { "residents" };
        writeln!(out, "{imported} {residents} imported, {old_cards} of them with an old card")?;
    }
    Ok(())
}

/// A whole file, or what comes through a pipe; a device has no end.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = fs::metadata(path)?.file_type();
        if kind.is_char_device() || kind.is_block_device() {
            return Err(io::Error::other("it is a device, not a file"));
        }
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        return Err(io::Error::other(format!("it has more than {} MiB", LONGEST >> 20)));
    }
    Ok(bytes)
}

/// What does not fit: the first rows, and how many more.
fn wrong(
    file: &Path,
    error: &ImportError,
    json: bool,
    out: &mut dyn Write,
) -> Result<Failure, Failure> {
    if let (ImportError::Rows(rows), true) = (error, json) {
        let told = rows.iter().map(|row| WrongRow { line: row.line, reason: row.reason.clone() });
        let wrong_rows: Vec<_> = told.collect();
        let more = rows.count().saturating_sub(wrong_rows.len() as u64);
        let more_wrong_rows = (more > 0).then_some(more);
        let document =
            WrongRowsDocument { schema: SCHEMA, imported: 0, wrong_rows, more_wrong_rows };
        documents::print(out, &document)?;
        return Ok(Failure::Told { exit_code: 3 });
    }
    Ok(Failure::Lines { place: file.display().to_string(), reason: error.to_string() })
}

/// Cards for all who have none yet, as images in a folder.
pub(super) fn batch(args: &BatchArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let today = date("--date", args.day.date.as_deref())?;
    let (opens, closes) =
        (date("--opens", Some(&args.opens))?, date("--closes", Some(&args.closes))?);
    let mut desk = open(&args.register.register)?;
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
        let document = BatchDocument {
            schema: SCHEMA,
            batch: args.name.clone(),
            opens: Day::of(opens),
            closes: Day::of(closes),
            delivered_to: args.to.to_string(),
            cards,
        };
        documents::print(out, &document)?;
    } else {
        let made = if cards == 1 { "card" } else { "cards" };
        writeln!(
            out,
            "batch {}: {cards} {made} delivered to {}, to be collected from {opens} to {closes}",
            shown(&args.name),
            shown(&args.to.to_string())
        )?;
    }
    Ok(())
}
