//! The applets of a card by position: the file system's, the financial function's, then an
//! integrator's own.
//!
//! What enters: a position or a name. What leaves: the applet. Those of the profile have no state,
//! so they are made when they are needed and cost nothing in a clone.

use alloc::sync::Arc;

use sscard_apdu::{Aid, StatusWord};
#[cfg(feature = "financial")]
use sscard_commands::DIRECTORY;
use sscard_commands::{ANY, FINANCIAL, PKI, PSAM, Repertoire, SOCIAL, SOCIAL_WITH_PURSE};

use crate::applet::Applet;
use crate::channel::{Channel, FILE_SYSTEM};
#[cfg(feature = "financial")]
use crate::financial::{Payment, directory::Directory};
use crate::nvm::Region;
#[cfg(feature = "pki")]
use crate::pki::Pki;
use crate::profile::Profile;
use crate::psam::Psam;
use crate::social::SocialSecurity;

#[cfg(feature = "financial")]
const PSE: u8 = 1;
#[cfg(feature = "financial")]
const PPSE: u8 = 2;
#[cfg(feature = "financial")]
const FIRST_PAYMENT: u8 = 3;
/// Most applets that a card may have, those of the profile included.
pub(crate) const MAX_POSITIONS: usize = 250;

/// An integrator's applet, its name and its memory.
#[derive(Clone)]
pub(crate) struct Registered {
    pub(crate) aid: Aid,
    pub(crate) applet: Arc<dyn Applet>,
    pub(crate) region: Region,
}

/// All applets of a card, for one command.
pub(crate) struct Applets<'c> {
    profile: &'c Profile,
    registered: &'c [Registered],
    /// One of the financial function's, made when it is asked for.
    made: Option<Resident>,
    /// How many of the positions after the file system are the financial function's.
    financial: u8,
    /// The last position of the profile's applets: the financial function's, then the PKI application's two.
    last: u8,
}

enum Resident {
    #[cfg(feature = "financial")]
    Directory(Directory),
    #[cfg(feature = "financial")]
    Payment(Payment),
}

impl<'c> Applets<'c> {
    #[inline]
    pub(crate) fn new(profile: &'c Profile, registered: &'c [Registered]) -> Self {
        let applications = profile.blueprint().financial.applications.len();
        let financial = match u8::try_from(applications) {
            Ok(0) | Err(_) => 0,
            Ok(count) => count.saturating_add(2),
        };
        let pki = if profile.blueprint().pki.is_some() { 2 } else { 0 };
        let last = financial.saturating_add(pki);
        Self { profile, registered, made: None, financial, last }
    }

    /// Whether no further applet has a position.
    pub(crate) fn is_full(&self) -> bool {
        self.registered.len().saturating_add(self.last.into()) >= MAX_POSITIONS
    }

    /// Positions of the applets that a profile has beside the file system.
    pub(crate) fn of_profile(&self) -> core::ops::RangeInclusive<u8> {
        1..=self.last
    }

    /// Which DF of the PKI application has a position.
    #[cfg(feature = "pki")]
    pub(crate) fn pki(&self, position: u8) -> Option<Pki> {
        let behind = position.checked_sub(self.financial).filter(|_| position <= self.last)?;
        match behind {
            1 => Some(Pki::Environment),
            2 => Some(Pki::Application),
            _ => None,
        }
    }

    /// Position of a DF of the PKI application.
    #[cfg(feature = "pki")]
    pub(crate) fn position_of(&self, df: Pki) -> u8 {
        self.financial.saturating_add(match df {
            Pki::Environment => 1,
            Pki::Application => 2,
        })
    }

    /// Positions of an integrator's applets.
    pub(crate) fn registered(&self) -> core::ops::RangeInclusive<u8> {
        let registered = u8::try_from(self.registered.len()).unwrap_or(u8::MAX);
        self.last.saturating_add(1)..=self.last.saturating_add(registered)
    }

    /// An integrator's applet by its position.
    #[inline]
    pub(crate) fn at(&self, position: u8) -> Option<&'c Registered> {
        let place = position.checked_sub(self.last)?.checked_sub(1)?;
        self.registered.get(usize::from(place))
    }

    /// Memory of the applet at a position; the profile's have none of their own.
    #[inline]
    pub(crate) fn region(&self, position: u8) -> Region {
        match position {
            FILE_SYSTEM => Region::default(),
            _ => self.at(position).map_or_else(Region::default, |one| one.region),
        }
    }

    /// What the application that is selected on a channel has; `None` when it is an integrator's and does not say.
    #[inline]
    pub(crate) fn repertoire(&self, channel: &Channel) -> Option<&'c Repertoire> {
        match channel.applet {
            FILE_SYSTEM if self.profile.purse() == Some(channel.cursor.df) => {
                Some(&SOCIAL_WITH_PURSE)
            }
            FILE_SYSTEM if self.profile.blueprint().psam.is_some() => Some(&PSAM),
            FILE_SYSTEM => Some(&SOCIAL),
            position if position > self.last => self.at(position)?.applet.repertoire(),
            position if position > self.financial => Some(&PKI),
            #[cfg(feature = "financial")]
            PSE | PPSE => Some(&DIRECTORY),
            _ => Some(&FINANCIAL),
        }
    }

    /// What any of the profile's applications has on a channel of its own.
    pub(crate) fn of_card(profile: &Profile) -> &'static Repertoire {
        let blueprint = profile.blueprint();
        match (&blueprint.psam, blueprint.financial.applications.is_empty()) {
            (Some(_), _) => &PSAM,
            (None, true) => &SOCIAL,
            (None, false) => &ANY,
        }
    }

    /// Takes an error for an error, in whichever way an integrator's applet returned it.
    #[inline]
    pub(crate) fn judge(&self, position: u8, status: StatusWord) -> Result<StatusWord, StatusWord> {
        let [first, _] = status.to_bytes();
        match first {
            0x64..=0x6F if self.at(position).is_some() => Err(status),
            _ => Ok(status),
        }
    }

    /// The applet at a position.
    #[inline]
    pub(crate) fn get(&mut self, position: u8) -> Option<&dyn Applet> {
        if position == FILE_SYSTEM {
            return Some(match self.profile.blueprint().psam {
                None => &SocialSecurity,
                Some(_) => &Psam,
            });
        }
        if position > self.last {
            return self.at(position).map(|one| &*one.applet);
        }
        #[cfg(feature = "pki")]
        if let Some(df) = self.pki(position) {
            return Some(match df {
                Pki::Environment => &Pki::Environment,
                Pki::Application => &Pki::Application,
            });
        }
        self.made = match position {
            #[cfg(feature = "financial")]
            PSE => Some(Resident::Directory(Directory::Pse)),
            #[cfg(feature = "financial")]
            PPSE => Some(Resident::Directory(Directory::Ppse)),
            #[cfg(feature = "financial")]
            _ => {
                let index = position.checked_sub(FIRST_PAYMENT)?;
                Some(Resident::Payment(Payment::new(self.profile.clone(), index)))
            }
            #[cfg(not(feature = "financial"))]
            _ => None,
        };
        match *self.made.as_ref()? {
            #[cfg(feature = "financial")]
            Resident::Directory(ref applet) => Some(applet),
            #[cfg(feature = "financial")]
            Resident::Payment(ref applet) => Some(applet),
        }
    }

    /// Whether the answer to this instruction cannot be given a second time.
    #[inline]
    pub(crate) fn answers_once(&mut self, position: u8, ins: u8) -> bool {
        self.get(position).is_some_and(|applet| applet.answers_once(ins))
    }
}
