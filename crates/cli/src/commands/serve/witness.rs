//! Who sees all that happens: live lines on standard output, and the trace file.

use std::fs::File;
use std::io::{self, LineWriter};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use sscard_commands::{SecretAnswers, secret_part};
use sscard_faults::Fired;
use sscard_host::{Secrets, starred};
use sscard_lexicon::{Session, shown};
use sscard_stand::{Exchanged, Happening, Origin, StandEvent};
use sscard_trace::{Export, Header, Mode, Sink, TraceEvent, TraceWriter};

use super::shop;
use crate::args::secrets;
use crate::failure::Failure;
use crate::outside::{Lines, create_private};

/// A trace of all slots.
pub(crate) struct SlotTrace {
    path: PathBuf,
    writer: TraceWriter<LineWriter<File>>,
    failed: Option<io::Error>,
}

/// The trace file, as long as it is written.
pub(crate) type SharedTrace = Arc<Mutex<Option<SlotTrace>>>;

impl SlotTrace {
    /// Begins a trace, when one is asked for.
    pub(crate) fn begin(path: Option<&Path>, shows_secrets: bool) -> Result<Option<Self>, Failure> {
        let Some(path) = path else { return Ok(None) };
        crate::commands::refuse_card(path)?;
        let failure = |source| Failure::Trace { path: path.to_owned(), source };
        let out = LineWriter::new(create_private(path).map_err(failure)?);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut header = Header::default();
        header.tool = concat!("sscard ", env!("CARGO_PKG_VERSION")).to_owned();
        header.mode = Some(Mode::Raw);
        header.start_ms = u64::try_from(now.as_millis()).ok();
        let secrets: Secrets = secrets(shows_secrets);
        let writer = TraceWriter::begin(Export::Jsonl, out, &header, secrets).map_err(failure)?;
        Ok(Some(Self { path: path.to_owned(), writer, failed: None }))
    }

    fn event(&mut self, event: &StandEvent) {
        let reader = Some(format!("slot {}", event.slot).into());
        let traced = match &event.what {
            Happening::Exchange(_) => shop::exchange(event).map(|mut one| {
                one.reader = reader;
                TraceEvent::Exchange(one)
            }),
            Happening::Power(_) => shop::reset(event).map(|mut reset| {
                reset.reader = reader;
                TraceEvent::Reset(reset)
            }),
            _ => None,
        };
        if let Some(traced) = traced.filter(|_| self.failed.is_none()) {
            self.failed = self.writer.event(&traced).err();
        }
    }

    /// Ends the trace.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        let finished = self.writer.finish();
        let outcome = self.failed.map_or(finished, Err);
        outcome.map_err(|source| Failure::Trace { path: self.path, source })
    }
}

/// Live lines of all slots.
pub(crate) struct LiveLines {
    pub(super) quiet: bool,
    pub(super) show_secrets: bool,
    pub(super) line_end: &'static str,
    pub(super) lines: Lines,
    /// What each slot's card was told before.
    pub(super) sessions: Vec<Session>,
    /// Which of its answers hold secrets.
    pub(super) answers: Vec<SecretAnswers>,
}

impl LiveLines {
    fn event(&mut self, event: &StandEvent) {
        match &event.what {
            Happening::Exchange(exchanged) if !self.quiet => self.exchange(event.slot, exchanged),
            Happening::Power(_) => {
                if let Some(session) = self.sessions.get_mut(event.slot) {
                    session.reset();
                }
            }
            _ => {}
        }
    }

    /// One live line; PINs are hidden unless they are asked for.
    fn exchange(&mut self, slot: usize, exchanged: &Exchanged) {
        let Some(session) = self.sessions.get_mut(slot) else { return };
        let response = exchanged.response.as_deref();
        let annotation = session.annotate(&exchanged.command, response.ok());
        let hidden = secret_part(&exchanged.command).filter(|_| !self.show_secrets);
        let command = starred(&exchanged.command, hidden.as_ref());
        let origin = if exchanged.origin == Origin::Api { ", api" } else { "" };
        let mut line = format!("slot {slot}{origin}: > {command} < ");
        if let (Ok(response), Some(answers)) = (response, self.answers.get_mut(slot)) {
            let hidden = answers.part(&exchanged.command, response);
            line.push_str(&starred(response, hidden.filter(|_| !self.show_secrets).as_ref()));
        }
        let none = || response.err().map_or("no answer", |why| why.text()).to_owned();
        let meaning = annotation.status.map_or_else(none, |(_, meaning)| meaning.en);
        line.push_str(&format!("  # {}: {meaning}", annotation.command));
        // Any program may have sent this. Nobody has to read along: a closed pipe does not stop the
        // card.
        self.lines.tell(format!("{}{}", shown(&line), self.line_end));
    }
}

/// What faults have done, where it is kept for a recipe.
pub(crate) type SharedFired = Arc<Mutex<Option<Vec<Fired>>>>;

/// Tells lines and trace of everything, and the recipe of faults.
pub(crate) fn witness(
    lines: Option<LiveLines>,
    trace: SharedTrace,
    fired: SharedFired,
) -> sscard_stand::Witness {
    let lines = lines.map(Mutex::new);
    Box::new(move |event| {
        if let Happening::Fault(one) = &event.what
            && let Some(kept) = &mut *fired.lock().unwrap_or_else(PoisonError::into_inner)
        {
            kept.push(one.clone());
        }
        if let Some(trace) = &mut *trace.lock().unwrap_or_else(PoisonError::into_inner) {
            trace.event(event);
        }
        if let Some(lines) = &lines {
            lines.lock().unwrap_or_else(PoisonError::into_inner).event(event);
        }
    })
}
