//! The card that a command works with: an image, a reader, or the built-in card.

use std::fs::File;
use std::io::LineWriter;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use sscard_core::{Card, Profile};
use sscard_faults::{Faults, Misbehaving};
use sscard_host::{
    CardFile, Disposition, Follow, InProcess, Layer, Recorder, Secrets, Sync, Transport,
    TransportError,
};
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};
use sscard_trace::{Mode, Recording};

use crate::args::{CardArgs, RecordArgs, secrets};
use crate::commands::both;
use crate::failure::Failure;
use crate::misbehaviour::Misbehaviour;
use crate::outside::create_private;
use crate::signals;

/// Seed of the built-in card.
const BUILT_IN_SEED: u64 = 1;

/// A powered card and where it goes afterwards.
pub(crate) struct Source {
    link: Link,
    trace: Option<Trace>,
    misbehaviour: Misbehaviour,
}

/// A trace file, of one slot or of two.
#[derive(Clone)]
struct Trace {
    path: PathBuf,
    /// Until it is finished.
    recording: Arc<Mutex<Option<Recording<LineWriter<File>>>>>,
    /// The reader, where it is not the trace's own.
    reader: Option<Arc<str>>,
}

impl Trace {
    fn with(&self, write: impl FnOnce(&mut Recording<LineWriter<File>>, Option<&Arc<str>>)) {
        let mut recording = self.recording.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(recording) = recording.as_mut() {
            write(recording, self.reader.as_ref());
        }
    }

    fn finish(self) -> Result<(), Failure> {
        let recording = self.recording.lock().unwrap_or_else(PoisonError::into_inner).take();
        let path = self.path;
        let finished = recording.map_or(Ok(()), Recording::finish);
        finished.map_err(|source| Failure::Trace { path, source })
    }
}

enum Link {
    InProcess(Box<Misbehaving<InProcess>>),
    #[cfg(feature = "pcsc")]
    Reader(Box<Misbehaving<sscard_host::pcsc::PcscReader>>),
}

/// How long a slow card's time is waited for at a stretch: so fast a signal is noticed.
const NAP: Duration = Duration::from_millis(20);

/// A slow card's time, unless a signal asks for the end.
fn nap(mut time: Duration) -> Result<(), TransportError> {
    while !time.is_zero() {
        if signals::caught().is_some() {
            return Err(TransportError::Interrupted);
        }
        let nap = time.min(NAP);
        thread::sleep(nap);
        time -= nap;
    }
    Ok(())
}

/// A virtual card, whose power can be cut while it writes.
fn virtual_link(card: InProcess) -> Link {
    let cut = |card: &mut InProcess, written| match written {
        Some(written) => card.card_mut().cut_power_after(written),
        None => card.card_mut().disarm_cut(),
    };
    let card = Misbehaving::new(card, Faults::default()).cutting(cut).waiting(nap);
    Link::InProcess(Box::new(card))
}

/// A card whose exchanges are recorded and may be followed.
pub(crate) type Recorded<'s> = Follow<Recorder<&'s mut Source>>;

/// A fresh gen3 card for the synthetic holder of seed 1.
pub(crate) fn built_in_card() -> Result<Card, Failure> {
    let profile = built_in("gen3").ok_or_else(|| Failure::Input {
        place: "built-in profile gen3".to_owned(),
        reason: "it is missing".to_owned(),
    })?;
    issue(&profile, &synthetic_holder(BUILT_IN_SEED), &MasterKeys::test()).map_err(|error| {
        Failure::Input { place: "built-in card".to_owned(), reason: error.to_string() }
    })
}

/// The reader that is named, here or by the environment.
fn reader(args: &CardArgs) -> Option<String> {
    let from_environment = || {
        // A name that is no UTF-8 is that of no reader: it is looked for and not found.
        let name = std::env::var_os("SSCARD_READER").filter(|name| !name.is_empty())?;
        Some(name.to_string_lossy().into_owned())
    };
    args.reader.clone().or_else(from_environment)
}

/// Whether the card that is named, here or by the environment, is one in a reader.
pub(crate) fn is_in_reader(args: &CardArgs) -> bool {
    args.card.is_none() && reader(args).is_some()
}

/// A card by its contacts, or in the field of a contactless reader.
fn powered(card: Card, contactless: bool) -> Result<InProcess, TransportError> {
    if contactless { InProcess::enter_field(card) } else { InProcess::power_on(card) }
}

impl Source {
    /// Loads, connects or makes the card and powers it.
    pub(crate) fn open(args: &CardArgs) -> Result<Self, Failure> {
        Self::open_on(args, false)
    }

    /// The card that is named, if one is. `by_environment`: the reader of the environment counts as
    /// named.
    pub(crate) fn open_named(
        args: &CardArgs,
        by_environment: bool,
    ) -> Result<Option<Self>, Failure> {
        let by_environment = by_environment && reader(args).is_some();
        if args.card.is_none() && args.reader.is_none() && !by_environment {
            return Ok(None);
        }
        Ok(Some(Self::open(args)?))
    }

    /// The card, where it is a virtual one.
    pub(crate) fn card_mut(&mut self) -> Option<&mut Card> {
        match &mut self.link {
            Link::InProcess(card) => Some(card.as_mut().below_mut().card_mut()),
            #[cfg(feature = "pcsc")]
            Link::Reader(_) => None,
        }
    }

    /// Keeps what became of the card by other ways than commands.
    pub(crate) fn keep(&mut self) -> Result<(), TransportError> {
        match &mut self.link {
            Link::InProcess(card) => card.as_mut().below_mut().keep(None),
            #[cfg(feature = "pcsc")]
            Link::Reader(_) => Ok(()),
        }
    }

    /// Uses a moment in which nobody waits: what was kept is put where a crash of the operating system
    /// leaves it.
    pub(crate) fn settle(&mut self) -> Result<(), Failure> {
        match &mut self.link {
            Link::InProcess(card) => Ok(card.as_mut().below_mut().settle()?),
            #[cfg(feature = "pcsc")]
            Link::Reader(_) => Ok(()),
        }
    }

    /// The same, by its contacts or in the field of a contactless reader.
    pub(crate) fn open_on(args: &CardArgs, contactless: bool) -> Result<Self, Failure> {
        if args.card.is_none()
            && let Some(reader) = reader(args)
        {
            return Self::connect(&reader, None);
        }
        match &args.card {
            Some(path) => Self::open_image(path, contactless, args.sync.into()),
            None => Self::of_card(built_in_card()?, contactless),
        }
    }

    /// The same with faults; a trial of them leaves the card's file as it is.
    pub(crate) fn open_for(
        args: &CardArgs,
        contactless: bool,
        faults: &Misbehaviour,
    ) -> Result<Self, Failure> {
        let is_built_in = args.card.is_none() && !is_in_reader(args);
        let source = match (&args.card, faults.card()?.filter(|_| is_built_in)) {
            (Some(path), _) if faults.is_trial() => {
                Self::of_card(CardFile::read(path)?, contactless)
            }
            (_, Some(own)) => Self::of_card(own, contactless),
            _ => {
                if !is_built_in {
                    faults.say_card_stays();
                }
                Self::open_on(args, contactless)
            }
        };
        Ok(source?.misbehaving(faults))
    }

    /// An image whose state is kept.
    pub(crate) fn open_image(path: &Path, contactless: bool, sync: Sync) -> Result<Self, Failure> {
        let (file, card) = CardFile::open(path, sync)?;
        let card = powered(card, contactless)?.keep_in(file)?;
        Ok(Self::of(virtual_link(card)))
    }

    /// A security module: an image whose state is kept, where there is a file of this name, else a reader.
    pub(crate) fn open_module(
        which: &str,
        sync: Sync,
        faults: &Misbehaviour,
    ) -> Result<Self, Failure> {
        let path = Path::new(which);
        let is_path = path.exists() || path.extension().is_some_and(|ending| ending == "img");
        match is_path {
            true if faults.is_trial() => Self::of_card(CardFile::read(path)?, false),
            true => Self::open_image(path, false, sync),
            false => Self::connect(which, None),
        }
    }

    /// A card that nobody keeps.
    pub(crate) fn of_card(card: Card, contactless: bool) -> Result<Self, Failure> {
        Ok(Self::of(virtual_link(powered(card, contactless)?)))
    }

    /// The card in a reader; `patience` with another program and with the card.
    #[cfg(feature = "pcsc")]
    pub(crate) fn connect(reader: &str, patience: Option<Duration>) -> Result<Self, Failure> {
        use sscard_host::pcsc::{ConnectOptions, PcscReader};
        let tell = || complain!("sscard: waiting: another program holds the card");
        let mut options = ConnectOptions::default().telling(tell);
        options.patience = patience.unwrap_or(options.patience);
        let reader = PcscReader::connect(reader, options)?;
        let reader = Misbehaving::new(reader, Faults::default()).waiting(nap);
        Ok(Self::of(Link::Reader(Box::new(reader))))
    }

    #[cfg(not(feature = "pcsc"))]
    pub(crate) fn connect(_reader: &str, _patience: Option<Duration>) -> Result<Self, Failure> {
        Err(Failure::NoPcsc)
    }

    /// The card's profile, where it is known: not that of a card in a reader.
    pub(crate) fn profile(&self) -> Option<&Profile> {
        match &self.link {
            Link::InProcess(card) => Some(card.as_ref().below().card().profile()),
            #[cfg(feature = "pcsc")]
            Link::Reader(_) => None,
        }
    }

    /// The card with a recorder and a follower around it; its exchanges as they are.
    pub(crate) fn recorded(&mut self) -> Recorded<'_> {
        Follow::new(Recorder::new(self, Secrets::Shown))
    }

    /// Records every exchange from now on, when that is asked for.
    pub(crate) fn traced(mut self, args: &RecordArgs, mode: Mode) -> Result<Self, Failure> {
        let Some(path) = &args.trace else { return Ok(self) };
        crate::commands::refuse_card(path)?;
        let trace = |source| Failure::Trace { path: path.clone(), source };
        let out = LineWriter::new(create_private(path).map_err(trace)?);
        let secrets = secrets(args.unsafe_show_secrets);
        let recording = Recording::begin(out, &self, mode, Some(self.name()), secrets);
        let recording = recording.map_err(trace)?;
        let recording = Arc::new(Mutex::new(Some(recording)));
        self.trace = Some(Trace { path: path.clone(), recording, reader: None });
        Ok(self)
    }

    /// Records every exchange from now on in the trace of the card in the first slot, when there is one.
    pub(crate) fn traced_beside(mut self, first: &Self) -> Self {
        let name = self.reader().unwrap_or("sscard virtual reader 2").into();
        let beside = |trace: &Trace| Trace { reader: Some(name), ..trace.clone() };
        self.trace = first.trace.as_ref().map(beside);
        let atr = self.atr().to_vec();
        if let Some(trace) = &self.trace {
            trace.with(|recording, reader| recording.reset(reader, &atr));
        }
        self
    }

    /// The reader, where the card is in one.
    pub(crate) fn reader(&self) -> Option<&str> {
        match &self.link {
            Link::InProcess(_) => None,
            #[cfg(feature = "pcsc")]
            Link::Reader(reader) => Some(reader.as_ref().below().name()),
        }
    }

    /// The reader's name.
    fn name(&self) -> &str {
        self.reader().unwrap_or("sscard virtual reader")
    }

    fn of(link: Link) -> Self {
        Self { link, trace: None, misbehaviour: Misbehaviour::default() }
    }

    /// The same card with faults, as if it were inserted now.
    pub(crate) fn misbehaving(mut self, misbehaviour: &Misbehaviour) -> Self {
        let faults = misbehaviour.faults();
        self.link = match self.link {
            Link::InProcess(card) => Link::InProcess(Box::new(card.with_faults(faults))),
            #[cfg(feature = "pcsc")]
            Link::Reader(card) => Link::Reader(Box::new(card.with_faults(faults))),
        };
        self.misbehaviour = misbehaviour.clone();
        self
    }

    /// Takes the power away, puts the card down, and ends the trace and the recipe of what faults did.
    pub(crate) fn close(self) -> Result<(), Failure> {
        let logged = self.misbehaviour.log(match &self.link {
            Link::InProcess(card) => card.at_work(),
            #[cfg(feature = "pcsc")]
            Link::Reader(card) => card.at_work(),
        });
        let closed = match self.link {
            Link::InProcess(card) => card.close(Disposition::PowerOff),
            #[cfg(feature = "pcsc")]
            Link::Reader(card) => card.close(Disposition::PowerOff),
        };
        let outcome = both(closed.map_err(Failure::from), logged);
        // The first slot's ends it.
        let traced = self.trace.filter(|trace| trace.reader.is_none());
        both(outcome, traced.map_or(Ok(()), Trace::finish))
    }

    fn link(&self) -> &(dyn Transport + 'static) {
        match &self.link {
            Link::InProcess(card) => card.as_ref(),
            #[cfg(feature = "pcsc")]
            Link::Reader(reader) => reader.as_ref(),
        }
    }

    fn link_mut(&mut self) -> &mut (dyn Transport + 'static) {
        match &mut self.link {
            Link::InProcess(card) => card.as_mut(),
            #[cfg(feature = "pcsc")]
            Link::Reader(reader) => reader.as_mut(),
        }
    }
}

impl Layer for Source {
    type Inner = dyn Transport;

    fn below(&self) -> &Self::Inner {
        self.link()
    }

    fn below_mut(&mut self) -> &mut Self::Inner {
        self.link_mut()
    }

    fn on_transmit(
        &mut self,
        command: &[u8],
        response: &mut Vec<u8>,
    ) -> Result<(), TransportError> {
        if signals::caught().is_some() {
            response.clear();
            return Err(TransportError::Interrupted);
        }
        let sent = Instant::now();
        let outcome = self.link_mut().transmit(command, response);
        if let Some(trace) = &self.trace {
            let kept = outcome.as_ref().map(|()| &response[..]);
            trace.with(|recording, reader| recording.exchange(reader, sent, command, kept));
        }
        outcome
    }

    fn on_reset(&mut self) -> Result<(), TransportError> {
        self.link_mut().reset()?;
        let atr = self.atr().to_vec();
        if let Some(trace) = &self.trace {
            trace.with(|recording, reader| recording.reset(reader, &atr));
        }
        Ok(())
    }

    /// The source itself decides what becomes of the card.
    fn on_close(self: Box<Self>, _disposition: Disposition) -> Result<(), TransportError> {
        Ok(())
    }
}
