//! The two slots: the holder's card and the security module, virtual or in readers.
//!
//! What enters: which interface a card is looked for on. What leaves: a powered card behind a [`Link`], which comes back to
//! be put away. A card without a file stays here between two functions, without power.

use std::path::Path;
use std::sync::Arc;

use sscard_core::{Card, Protocol};
use sscard_host::{
    CardFile, CardFileError, Disposition, Follow, InProcess, Sync, Transport, TransportError,
};
use sscard_profile::{MasterKeys, holder_of, issue};
use sscard_terminal::is_contactless;

use crate::code::{DriverCode, DriverError};
use crate::configuration::{CardPlace, CardTable, DriverConfiguration};
use crate::pcsc::{LIBRARY, PcscLibrary, ReaderLink, readers};

/// Where a card is looked for (iType).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CardInterface {
    /// 1: the contacts.
    Contact,
    /// 2: the antenna.
    Contactless,
    /// 3: the contacts first.
    ContactFirst,
    /// 4: the antenna first.
    ContactlessFirst,
}

impl CardInterface {
    /// The interface of a number.
    ///
    /// # Errors
    /// [`DriverCode::Argument`] for any other than 1 to 4.
    pub fn of(number: i32) -> Result<Self, DriverError> {
        match number {
            1 => Ok(Self::Contact),
            2 => Ok(Self::Contactless),
            3 => Ok(Self::ContactFirst),
            4 => Ok(Self::ContactlessFirst),
            _ => Err(DriverError::new(DriverCode::Argument, "iType is 1, 2, 3 or 4")),
        }
    }

    /// Where to look, in this order; `true` is the antenna.
    const fn order(self) -> &'static [bool] {
        match self {
            Self::Contact => &[false],
            Self::Contactless => &[true],
            Self::ContactFirst => &[false, true],
            Self::ContactlessFirst => &[true, false],
        }
    }
}

/// A powered card.
pub(crate) enum Link {
    Virtual(Box<InProcess>),
    Reader(Box<ReaderLink>),
}

impl Transport for Link {
    fn atr(&self) -> &[u8] {
        match self {
            Self::Virtual(card) => card.atr(),
            Self::Reader(card) => card.atr(),
        }
    }

    fn protocol(&self) -> Protocol {
        match self {
            Self::Virtual(card) => card.protocol(),
            Self::Reader(card) => card.protocol(),
        }
    }

    fn exchange(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        match self {
            Self::Virtual(card) => card.exchange(command, response),
            Self::Reader(card) => card.exchange(command, response),
        }
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        match self {
            Self::Virtual(card) => card.reset(),
            Self::Reader(card) => card.reset(),
        }
    }

    fn close(self: Box<Self>, disposition: Disposition) -> Result<(), TransportError> {
        match *self {
            Self::Virtual(card) => card.close(disposition),
            Self::Reader(card) => card.close(disposition),
        }
    }
}

/// A card whose answers are followed as a reader does.
pub(crate) type Chip = Follow<Link>;

/// Both slots, and PC/SC behind them where it is needed.
#[derive(Default)]
pub(crate) struct Slots {
    pcsc: Option<Arc<PcscLibrary>>,
    card: Option<Card>,
    module: Option<Card>,
    /// The reader that the holder's card was last found in.
    reader: Option<String>,
}

fn reader_error(error: &dyn std::fmt::Display) -> DriverError {
    DriverError::new(DriverCode::Reader, error.to_string())
}

impl Slots {
    /// Powers the holder's card.
    pub(crate) fn card(
        &mut self,
        settings: &DriverConfiguration,
        interface: CardInterface,
    ) -> Result<Chip, DriverError> {
        let table = &settings.card;
        let nowhere = || DriverError::new(DriverCode::NoCard, "no card is where it is looked for");
        if table.none || table.place == CardPlace::Nowhere {
            return Err(nowhere());
        }
        if table.file.is_none() && table.profile.is_none() {
            return self.in_reader(settings, interface);
        }
        let is_there = |antenna: &&bool| match table.place {
            CardPlace::Contact => !**antenna,
            CardPlace::Contactless => **antenna,
            _ => true,
        };
        let antenna = *interface.order().iter().find(is_there).ok_or_else(nowhere)?;
        powered(settings, table, &mut self.card, antenna)
    }

    /// Powers what may be a security module; each call offers the next place. `None` when there is no further.
    pub(crate) fn module(
        &mut self,
        settings: &DriverConfiguration,
        attempt: usize,
    ) -> Result<Option<Link>, DriverError> {
        let table = &settings.psam;
        if table.none {
            return Ok(None);
        }
        if table.file.is_some() || table.profile.is_some() {
            let first = (attempt == 0)
                .then(|| powered(settings, table, &mut self.module, false))
                .transpose()?;
            return Ok(first.map(Follow::into_inner));
        }
        if table.reader.is_none()
            && (settings.card.file.is_some() || settings.card.profile.is_some())
        {
            return Ok(None);
        }
        let library = self.library(settings)?;
        let names = readers(&library)?;
        let candidates: Vec<&String> = match &table.reader {
            Some(wanted) => names.iter().filter(|name| name.contains(wanted)).collect(),
            None => names.iter().filter(|name| self.reader.as_ref() != Some(*name)).collect(),
        };
        let Some(name) = candidates.get(attempt) else { return Ok(None) };
        match ReaderLink::connect(&library, name) {
            Ok(link) => Ok(Some(Link::Reader(Box::new(link)))),
            Err(TransportError::NoCard { .. }) => self.module(settings, attempt.saturating_add(1)),
            Err(error) => Err(error.into()),
        }
    }

    fn in_reader(
        &mut self,
        settings: &DriverConfiguration,
        interface: CardInterface,
    ) -> Result<Chip, DriverError> {
        let library = self.library(settings)?;
        let names = readers(&library)?;
        if names.is_empty() {
            return Err(reader_error(&"PC/SC has no reader"));
        }
        let wanted = settings.card.reader.as_deref();
        let module = settings.psam.reader.as_deref();
        let mut candidates = names.iter().filter(|name| {
            wanted.is_none_or(|wanted| name.contains(wanted))
                && !module.is_some_and(|module| wanted.is_none() && name.contains(module))
        });
        let mut second = None;
        let mut empty = None;
        let [first, ..] = interface.order() else { return Err(reader_error(&"no interface")) };
        let found = loop {
            let Some(name) = candidates.next() else { break None };
            match ReaderLink::connect(&library, name) {
                Ok(link) if is_contactless(link.atr()) == *first => break Some(link),
                Ok(link) => second = second.or(Some(link)),
                Err(error @ TransportError::NoCard { .. }) => empty = Some(error),
                Err(error) => return Err(error.into()),
            }
        };
        let second = second.filter(|_| interface.order().len() > 1);
        let Some(link) = found.or(second) else {
            return Err(empty.map_or_else(
                || match wanted {
                    Some(wanted) => {
                        TransportError::NoReader { wanted: wanted.to_owned(), found: names.clone() }
                            .into()
                    }
                    None => DriverError::new(DriverCode::NoCard, "no card on this interface"),
                },
                DriverError::from,
            ));
        };
        self.reader = Some(link.reader().to_owned());
        Ok(Follow::new(Link::Reader(Box::new(link))))
    }

    fn library(&mut self, settings: &DriverConfiguration) -> Result<Arc<PcscLibrary>, DriverError> {
        if let Some(library) = &self.pcsc {
            return Ok(Arc::clone(library));
        }
        let name = settings.pcsc.library.as_deref().unwrap_or(LIBRARY);
        let loaded = PcscLibrary::load(name).map_err(|error| match error {
            Ok(refused) => refused.into(),
            Err(loader) => DriverError::new(DriverCode::Library, loader),
        })?;
        let library = Arc::new(loaded);
        self.pcsc = Some(Arc::clone(&library));
        Ok(library)
    }

    /// Takes the power off the holder's card.
    pub(crate) fn put_card(&mut self, card: Chip) -> Result<(), DriverError> {
        put_away(card.into_inner(), &mut self.card)
    }

    /// Takes the power off the security module.
    pub(crate) fn put_module(&mut self, module: Link) -> Result<(), DriverError> {
        put_away(module, &mut self.module)
    }

    /// A connection to a service that is gone is of no use; whether there was one.
    pub(crate) fn forget_library(&mut self) -> bool {
        self.pcsc.take().is_some()
    }
}

fn put_away(link: Link, own: &mut Option<Card>) -> Result<(), DriverError> {
    match link {
        // What has no file stays in this process.
        Link::Virtual(card) if own.is_some() => {
            *own = Some(card.into_card());
            Ok(())
        }
        Link::Virtual(card) => Ok(card.close(Disposition::PowerOff)?),
        Link::Reader(card) => Ok(card.close(Disposition::PowerOff)?),
    }
}

/// A virtual card with power, from its file or from what this process keeps.
fn powered(
    settings: &DriverConfiguration,
    table: &CardTable,
    own: &mut Option<Card>,
    antenna: bool,
) -> Result<Chip, DriverError> {
    let power =
        |card| if antenna { InProcess::enter_field(card) } else { InProcess::power_on(card) };
    let link = if let Some(file) = &table.file {
        let (file, card) = CardFile::open(&settings.path(file), Sync::Idle).map_err(|error| {
            let code = match error {
                CardFileError::Image { .. } => DriverCode::NoAnswer,
                _ => DriverCode::Reader,
            };
            DriverError::new(code, error.to_string())
        })?;
        power(card)?.keep_in(file)?
    } else {
        let card = match own {
            Some(card) => card.clone(),
            None => own.insert(made(settings, table)?).clone(),
        };
        power(card)?
    };
    Ok(Follow::new(Link::Virtual(Box::new(link))))
}

/// A new card of a profile.
fn made(settings: &DriverConfiguration, table: &CardTable) -> Result<Card, DriverError> {
    let named = table.profile.as_deref().unwrap_or("gen3");
    let folder = settings.path(Path::new(""));
    let profile = sscard_profile::named(named, &folder).map_err(|error| reader_error(&error))?;
    let holder = holder_of(&profile, table.seed);
    issue(&profile, &holder, &MasterKeys::test()).map_err(|error| reader_error(&error))
}
