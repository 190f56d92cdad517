//! `sscard link`: a card's contacts as a stream of bytes.
//!
//! ```text
//! pipe, TCP, pseudo-terminal ─► Wire ─► Stream ─► Line ─► CardEnd ─► Source        each turn:
//!                                                  └─► WireLog ─► --wire, notes of --trace
//! ```

#[cfg(unix)]
mod terminal;
mod wire;

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use signal_hook::consts::SIGTERM;
use sscard_host::{Exchange, Recorder, Secrets};
use sscard_link::{
    Behaviour, CardEnd, Damage, Disturbance, Line, LineParameters, Sender, Stream, WireEntry,
    WireLog,
};
use sscard_trace::{Mode, Recording};

use self::wire::{Heard, Wire};
use crate::args::{LinkArgs, secrets};
use crate::failure::Failure;
use crate::outside::create_private;
use crate::signals;
use crate::source::{Source, is_in_reader};

type Card<'s> = Recorder<&'s mut Source>;

pub(crate) fn run(args: &LinkArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let faults = args.faults.misbehaviour(is_in_reader(&args.card))?;
    let mut wire = wire::open(args, out)?;
    let mut source = Source::open_for(&args.card, false, &faults)?;
    let session = serve(args, &mut source, &mut *wire);
    super::both(session, source.close())
}

fn serve(args: &LinkArgs, source: &mut Source, wire: &mut dyn Wire) -> Result<(), Failure> {
    let secrets = secrets(args.record.unsafe_show_secrets);
    let log = Log::open(args, source, secrets)?;
    let behaviour = Behaviour {
        null_bytes: args.null_bytes,
        byte_by_byte: args.byte_by_byte,
        waiting_time_requests: args.wtx,
        waiting_time_multiplier: args.wtx_multiplier,
        information_field_size: args.ifs,
        working_time: args.working_time,
        ..Behaviour::default()
    };
    let card = CardEnd::new(Recorder::new(source, Secrets::Shown), behaviour);
    let card = card.map_err(|error| Failure::Input {
        place: "the card's answer to reset".to_owned(),
        reason: error.to_string(),
    })?;
    let mut line = Line::new(card);
    line.record();
    line.disturb(args.disturb.iter().copied());
    if args.etu == 0 && args.disturb.iter().any(takes_time) {
        complain!("sscard: late and early are in the log alone: --etu gives an etu a time");
    }
    let mut session = Session {
        stream: Stream::new(line),
        etu: Duration::from_micros(args.etu),
        log,
        is_fresh: true,
        has_told: false,
    };
    let end = session.follow(wire, args.once);
    let Session { mut stream, log, .. } = session;
    let parameters = *stream.line_mut().card().parameters();
    let failure = stream.line_mut().card().failure().cloned();
    let written = log.finish(&parameters);
    let end = match end {
        Ok(Some(SIGTERM)) => Ok(()),
        Ok(Some(signal)) => Err(Failure::Interrupted { signal, note: "; the card is kept" }),
        Ok(None) => failure.map_or(Ok(()), |failure| Err(failure.into())),
        Err(error) => Err(error),
    };
    super::both(end, written)
}

fn takes_time(one: &Disturbance) -> bool {
    matches!(one.damage, Damage::Late(_) | Damage::Early(_))
}

/// One card on one line, connection after connection.
struct Session<'s> {
    stream: Stream<Card<'s>>,
    etu: Duration,
    log: Log,
    /// Whether the card was powered for the connection that comes.
    is_fresh: bool,
    /// Whether it was told that the card has failed.
    has_told: bool,
}

impl Session<'_> {
    /// Until the line ends; the signal that ended it, if one did.
    fn follow(&mut self, wire: &mut dyn Wire, once: bool) -> Result<Option<i32>, Failure> {
        let mut piece = [0; 4096];
        loop {
            if let Some(signal) = signals::caught() {
                return Ok(Some(signal));
            }
            match wire.hear(&mut piece)? {
                Heard::Begin => {
                    if !core::mem::take(&mut self.is_fresh) {
                        self.stream.reset()?;
                        self.has_told = false;
                    }
                    self.answer(wire)?;
                }
                Heard::Bytes(count) => {
                    self.stream.give(piece.get(..count).unwrap_or(&[]));
                    self.answer(wire)?;
                }
                Heard::Silence => {
                    self.stream.be_silent();
                    self.answer(wire)?;
                }
                Heard::Nothing => {}
                Heard::End { for_good } => {
                    // What was broken off may still be a turn, and belongs in the log.
                    self.stream.be_silent();
                    self.answer(wire)?;
                    if for_good || once {
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// Sends what the card has to say, and writes down what went over the line.
    fn answer(&mut self, wire: &mut dyn Wire) -> Result<(), Failure> {
        let bytes = self.stream.take_timed();
        let line = self.stream.line_mut();
        let events = line.take_events();
        let parameters = *line.card().parameters();
        let exchanges = line.card_mut().card_mut().take();
        self.log.write(events, exchanges, &parameters);
        if let (Some(failure), false) = (line.card().failure(), self.has_told) {
            complain!("sscard: the card is silent from here on: {failure}");
            self.has_told = true;
        }
        if self.etu.is_zero() {
            let bytes: Vec<u8> = bytes.into_iter().map(|(_, byte)| byte).collect();
            return wire.say(&bytes).map_err(Failure::Output);
        }
        for (after, byte) in bytes {
            let after = u32::try_from(after).unwrap_or(u32::MAX);
            wire::sleep(self.etu.saturating_mul(after));
            wire.say(&[byte]).map_err(Failure::Output)?;
        }
        Ok(())
    }
}

/// Where it is written down.
struct Log {
    entries: WireLog,
    wire: Option<(PathBuf, Box<dyn Write>)>,
    failed: Option<io::Error>,
    trace: Option<(PathBuf, Recording<io::LineWriter<File>>)>,
    /// An exchange whose answer may still be on its way, and what went over the line for it.
    pending: Option<Exchange>,
    notes: Vec<String>,
    shows_secrets: bool,
}

/// Overwrites a command from this byte on.
fn hide(exchange: &mut Exchange, first: usize) {
    let length = exchange.command.len();
    let first = first.min(length);
    exchange.command.iter_mut().skip(first).for_each(|byte| *byte = 0);
    exchange.redacted = Some(first..length);
}

impl Log {
    fn open(args: &LinkArgs, source: &Source, secrets: Secrets) -> Result<Self, Failure> {
        let wire = match &args.wire {
            None => None,
            Some(path) if path.as_os_str() == "-" => {
                Some((path.clone(), Box::new(io::stderr()) as Box<dyn Write>))
            }
            Some(path) => {
                super::refuse_card(path)?;
                let file = create_private(path)
                    .map_err(|source| Failure::Unwritable { path: path.clone(), source })?;
                Some((path.clone(), Box::new(io::LineWriter::new(file)) as Box<dyn Write>))
            }
        };
        let trace = match &args.record.trace {
            None => None,
            Some(path) => {
                super::refuse_card(path)?;
                let failed = |source| Failure::Trace { path: path.clone(), source };
                let file = io::LineWriter::new(create_private(path).map_err(failed)?);
                let recording =
                    Recording::begin(file, source, Mode::Raw, Some("sscard link"), secrets);
                Some((path.clone(), recording.map_err(failed)?))
            }
        };
        let entries = WireLog::new(secrets);
        Ok(Self {
            entries,
            wire,
            failed: None,
            trace,
            pending: None,
            notes: Vec::new(),
            shows_secrets: secrets == Secrets::Shown,
        })
    }

    fn write(
        &mut self,
        events: Vec<(u64, sscard_link::LineEvent)>,
        exchanges: Vec<Exchange>,
        parameters: &LineParameters,
    ) {
        let entries = self.entries.take(events, parameters);
        self.lines(&entries);
        for entry in entries {
            self.note(&entry);
        }
        for mut exchange in exchanges {
            if let (Some(first), false) = (self.entries.doubt(), self.shows_secrets) {
                hide(&mut exchange, first);
            }
            self.settle_pending();
            self.pending = Some(exchange);
        }
    }

    fn lines(&mut self, entries: &[WireEntry]) {
        let Some((_, out)) = &mut self.wire else { return };
        for entry in entries {
            if self.failed.is_none() {
                self.failed = writeln!(out, "{entry}").err();
            }
        }
    }

    fn note(&mut self, entry: &WireEntry) {
        if self.trace.is_none() {
            return;
        }
        if entry.begins_command() {
            // What the last command was answered with has passed.
            self.settle_pending();
        }
        let sender = match entry.sender {
            Some(Sender::Card) => "<",
            Some(Sender::Reader) => ">",
            None => "-",
        };
        self.notes.push(format!("{} {sender} {}", entry.at, entry.meaning));
    }

    fn settle_pending(&mut self) {
        let (Some(exchange), Some((_, trace))) = (self.pending.take(), &mut self.trace) else {
            return;
        };
        let notes = core::mem::take(&mut self.notes).join("; ");
        trace.add(exchange.noted(notes));
    }

    fn finish(mut self, parameters: &LineParameters) -> Result<(), Failure> {
        self.settle_pending();
        let entries = core::mem::replace(&mut self.entries, WireLog::new(Secrets::Redacted));
        let rest = entries.finish(parameters);
        self.lines(&rest);
        let wire = match (self.wire, self.failed) {
            (Some((path, _)), Some(source)) => Err(Failure::Trace { path, source }),
            (Some((path, mut out)), None) => {
                out.flush().map_err(|source| Failure::Trace { path, source })
            }
            (None, _) => Ok(()),
        };
        let trace = self.trace.map_or(Ok(()), |(path, recording)| {
            recording.finish().map_err(|source| Failure::Trace { path, source })
        });
        super::both(wire, trace)
    }
}
