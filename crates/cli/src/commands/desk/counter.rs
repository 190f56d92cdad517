//! The operations at a counter: a visit, cards from files or a reader, what the desk makes of them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use sscard_desk::{Counter, Desk, DeskError, Ending, NewPerson, Reason, Request, Resumed, Visit};
use sscard_lexicon::shown;

use super::deliver::{Output, Resumption};
use super::{date, open, report};
use crate::args::CardArgs;
use crate::args::desk::{
    ActivateArgs, CancelArgs, ChangeArgs, CloseArgs, CollectArgs, CounterArgs, MobileArgs, PayOut,
    QueryPinArgs, ReplaceArgs, ResumeArgs, VisitArgs, reason,
};
use crate::documents::desk::{ResumeDocument, WaitingOperation};
use crate::documents::{self, SCHEMA, unit::Day};
use crate::failure::Failure;
use crate::own_keys::KeyArgs;
use crate::secret_input;
use crate::source::Source;

/// The cards on the counter; each keeps its state, whatever becomes of the operation.
struct Cards {
    card: Option<Source>,
    old: Option<Source>,
}

impl Cards {
    /// `of_holder`: somebody is named, so that no card has to be there.
    fn open(card: &CardArgs, old: Option<&PathBuf>, of_holder: bool) -> Result<Self, Failure> {
        let old =
            old.map(|path| CardArgs { card: Some(path.clone()), reader: None, sync: card.sync });
        Ok(Self {
            card: Source::open_named(card, !of_holder)?,
            old: old.map_or(Ok(None), |old| Source::open_named(&old, false))?,
        })
    }

    fn counter(&mut self) -> Counter<'_> {
        let mut counter = Counter::empty();
        if let Some(card) = &mut self.card {
            counter = counter.with_card(card);
        }
        if let Some(old) = &mut self.old {
            counter = counter.with_old_card(old);
        }
        counter
    }

    fn close(self) -> Result<(), Failure> {
        let card = self.card.map_or(Ok(()), Source::close);
        let old = self.old.map_or(Ok(()), Source::close);
        card.and(old)
    }
}

fn visit(args: &VisitArgs) -> Result<Visit, Failure> {
    Ok(Visit {
        at: args.at.clone(),
        papers: args.papers.iter().copied().collect(),
        today: date("--date", args.day.date.as_deref())?,
    })
}

/// The desk with keys of one's own, when there are any.
fn with_keys(desk: Desk, keys: &KeyArgs) -> Result<Desk, Failure> {
    Ok(match keys.social()? {
        Some(keys) => desk.with_keys(keys),
        None => desk,
    })
}

/// One operation.
fn operate(
    args: &CounterArgs,
    old_card: Option<&PathBuf>,
    request: Request<'_>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let visit = visit(&args.visit)?;
    let mut desk = with_keys(open(&args.register.register)?, &args.keys)?;
    let mut cards = Cards::open(&args.card, old_card, args.holder.is_some())?;
    if cards.card.is_none() && args.holder.is_none() {
        return Err(Failure::Usage(
            "--card FILE, --reader NAME or --holder NUMBER: say which card or whose".to_owned(),
        ));
    }
    let done = desk.perform(request, &visit, args.holder.as_deref(), &mut cards.counter());
    let closed = cards.close();
    if let Err(error) = &done {
        tell_what_waits(&desk, args.holder.as_deref(), error);
    }
    let done = done?;
    closed?;
    if args.register.json {
        documents::print(out, &report::document(&done))?;
    } else {
        report::print(out, &done)?;
    }
    Ok(())
}

/// What an operation that broke off left behind: the register alone knows.
fn tell_what_waits(desk: &Desk, holder: Option<&str>, error: &DeskError) {
    if report::refusal(error).is_some() {
        return;
    }
    let waiting = desk.register().look(|ledger| {
        let holder = holder.map(|number| ledger.holder(number)).transpose()?;
        ledger.operations(holder.map(|holder| holder.id))
    });
    // A register that cannot be read has said so by the error itself.
    for row in waiting.into_iter().flatten() {
        let operation = shown(&row.pending.operation);
        complain!(
            "sscard: {operation} of {} has begun and waits: 'sscard desk resume' finishes it",
            row.date
        );
    }
}

/// D01, D02.
pub(super) fn collect(args: &CollectArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let visit = visit(&args.visit)?;
    let mut desk = open(&args.register.register)?;
    let counter = &mut Counter::empty();
    let done = desk.perform(Request::Collect, &visit, Some(&args.holder), counter)?;
    if args.register.json {
        documents::print(out, &report::document(&done))?;
    } else {
        report::print(out, &done)?;
    }
    Ok(())
}

/// D03 to D12.
pub(super) fn activate(args: &ActivateArgs, out: &mut dyn Write) -> Result<(), Failure> {
    operate(&args.counter, args.old_card.as_ref(), Request::Activate, out)
}

/// D13.
pub(super) fn change_pin(
    args: &CounterArgs,
    old: &str,
    new: &str,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let (old, new) = (secret_input::pin("--old", old)?, secret_input::pin("--new", new)?);
    operate(args, None, Request::ChangePin { old: &old, new: &new }, out)
}

/// D14, D16.
pub(super) fn reset_pin(args: &CounterArgs, out: &mut dyn Write) -> Result<(), Failure> {
    operate(args, None, Request::ResetPin, out)
}

/// D14.
pub(super) fn change_query_password(
    args: &QueryPinArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let new = secret_input::pin("--new", &args.new)?;
    operate(&args.counter, None, Request::ChangeQueryPassword { new: &new }, out)
}

/// D21.
pub(super) fn change_mobile(args: &MobileArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let said = args.query_pin.as_deref();
    let query_pin = said.map(|said| secret_input::pin("--query-pin", said)).transpose()?;
    operate(
        &args.counter,
        None,
        Request::ChangeMobile { mobile: &args.mobile, query_password: query_pin.as_deref() },
        out,
    )
}

/// D17, D18.
pub(super) fn replace(args: &ReplaceArgs, out: &mut dyn Write) -> Result<(), Failure> {
    check_output(&args.output, &args.counter)?;
    let mut output = Output::new(&args.output)?;
    // Another bank, without its name, is no reason for this: the rule refuses it.
    let reason = reason(&args.reason, None).unwrap_or(Reason::None);
    operate(&args.counter, None, Request::Replace { reason, delivery: &mut output }, out)
}

/// D19, D20.
pub(super) fn change(args: &ChangeArgs, out: &mut dyn Write) -> Result<(), Failure> {
    check_output(&args.output, &args.counter)?;
    let mut output = Output::new(&args.output)?;
    let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let person =
        NewPerson { name: text(&args.name), number: text(&args.number), photo: text(&args.photo) };
    let reason = reason(&args.reason, args.bank.as_deref())?;
    operate(&args.counter, None, Request::ChangeCard { reason, person, delivery: &mut output }, out)
}

/// A new card does not take the place of the one on the counter, nor of the register.
fn check_output(output: &Path, args: &CounterArgs) -> Result<(), Failure> {
    let Ok(output) = fs::canonicalize(output) else { return Ok(()) };
    let others = args.card.card.iter().chain([&args.register.register]);
    for other in others {
        if fs::canonicalize(other).is_ok_and(|other| other == output) {
            return Err(Failure::Usage(format!(
                "-o {}: this file is in use here; a new card gets a file of its own",
                output.display()
            )));
        }
    }
    Ok(())
}

/// D20, D22.
pub(super) fn cancel(args: &CancelArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let ending = match args.pay_out {
        PayOut::Now => Ending::PaidOut,
        PayOut::Later => Ending::PaidOutLater,
    };
    let reason = reason(&args.reason, args.bank.as_deref())?;
    operate(&args.counter, None, Request::Cancel { reason, ending }, out)
}

/// D20, D22.
pub(super) fn close(args: &CloseArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let reason = match &args.reason {
        Some(name) => reason(name, args.bank.as_deref())?,
        None => Reason::None,
    };
    operate(&args.counter, None, Request::CloseAccount { reason }, out)
}

/// What was interrupted, as far as its cards are there.
pub(super) fn resume(args: &ResumeArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let mut desk = with_keys(open(&args.register.register)?, &args.keys)?;
    let mut cards = Cards::open(&args.card, args.old_card.as_ref(), false)?;
    let output = args.output.as_deref().map(std::path::absolute).transpose()?;
    let mut resumption =
        Resumption { output: output.as_deref(), folder: args.cards.as_deref(), lie: Vec::new() };
    let resumed = desk.resume(&mut cards.counter(), &mut resumption);
    let closed = cards.close();
    if let Err(error) = &resumed {
        tell_what_waits(&desk, None, error);
    }
    let mut resumed = resumed?;
    closed?;
    for outcome in &mut resumed {
        let Resumed::Done(done) = outcome else { continue };
        let new = done.new_card.as_ref().map(|card| card.number.as_str());
        for (number, file) in &resumption.lie {
            if Some(number.as_str()) == new {
                done.remarks.push(format!("card {number} lies in {}", file.display()));
            }
        }
    }
    if args.register.json {
        let (mut done, mut waiting) = (Vec::new(), Vec::new());
        for outcome in &resumed {
            match outcome {
                Resumed::Done(operation) => done.push(report::document(operation)),
                Resumed::Waits { operation, date, card } => waiting.push(WaitingOperation {
                    operation: operation.clone(),
                    date: Day::of(date),
                    card: card.clone(),
                }),
            }
        }
        documents::print(out, &ResumeDocument { schema: SCHEMA, done, waiting })?;
        return Ok(());
    }
    for outcome in &resumed {
        match outcome {
            Resumed::Done(done) => report::print(out, done)?,
            Resumed::Waits { operation, date, card } => {
                let (operation, card) = (shown(operation), shown(card));
                writeln!(out, "{operation} of {date}: waits for card {card} (--card FILE)")?;
            }
        }
    }
    if resumed.is_empty() {
        writeln!(out, "nothing was interrupted")?;
    }
    Ok(())
}
