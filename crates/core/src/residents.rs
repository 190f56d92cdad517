//! The applets of a card by position: the file system's, the financial function's, then an
//! integrator's own.
//!
//! What enters: a position or a name. What leaves: the applet. Those of the profile have no state,
//! so they are made when they are needed and cost nothing in a clone.

use alloc::boxed::Box;

use sscard_commands::{Application, answers_once};

use crate::applet::Applet;
use crate::channel::FILE_SYSTEM;
use crate::financial::Payment;
use crate::financial::directory::Directory;
use crate::profile::Profile;
use crate::social::SocialSecurity;

const PSE: u8 = 1;
const PPSE: u8 = 2;
const FIRST_PAYMENT: u8 = 3;

/// All applets of a card, for one command.
pub(crate) struct Applets<'c> {
    profile: &'c Profile,
    registered: &'c mut [Box<dyn Applet>],
    resident: Resident,
    /// How many of the positions after the file system are the financial function's.
    financial: u8,
}

enum Resident {
    SocialSecurity(SocialSecurity),
    Directory(Directory),
    Payment(Payment),
}

impl<'c> Applets<'c> {
    #[inline]
    pub(crate) fn new(profile: &'c Profile, registered: &'c mut [Box<dyn Applet>]) -> Self {
        let applications = profile.blueprint().financial.applications.len();
        let financial = match u8::try_from(applications) {
            Ok(0) | Err(_) => 0,
            Ok(count) => count.saturating_add(2),
        };
        Self { profile, registered, resident: Resident::SocialSecurity(SocialSecurity), financial }
    }

    /// Positions of the financial function's applets.
    pub(crate) fn financial(&self) -> core::ops::RangeInclusive<u8> {
        1..=self.financial
    }

    /// Positions of an integrator's applets.
    pub(crate) fn registered(&self) -> core::ops::RangeInclusive<u8> {
        let registered = u8::try_from(self.registered.len()).unwrap_or(u8::MAX);
        self.financial.saturating_add(1)..=self.financial.saturating_add(registered)
    }

    /// The applet at a position.
    #[inline]
    pub(crate) fn get_mut(&mut self, position: u8) -> Option<&mut dyn Applet> {
        if position == FILE_SYSTEM {
            return match &mut self.resident {
                Resident::SocialSecurity(applet) => Some(applet),
                other => {
                    *other = Resident::SocialSecurity(SocialSecurity);
                    match other {
                        Resident::SocialSecurity(applet) => Some(applet),
                        _ => None,
                    }
                }
            };
        }
        if position > self.financial {
            let place = usize::from(position).checked_sub(usize::from(self.financial))?;
            let applet = self.registered.get_mut(place.checked_sub(1)?)?;
            return Some(&mut **applet);
        }
        self.resident = match position {
            PSE => Resident::Directory(Directory::Pse),
            PPSE => Resident::Directory(Directory::Ppse),
            _ => {
                let index = position.checked_sub(FIRST_PAYMENT)?;
                Resident::Payment(Payment::new(self.profile.clone(), index))
            }
        };
        Some(match &mut self.resident {
            Resident::SocialSecurity(applet) => applet,
            Resident::Directory(applet) => applet,
            Resident::Payment(applet) => applet,
        })
    }

    /// Whether the answer to this instruction cannot be given a second time.
    pub(crate) fn answers_once(&self, position: u8, ins: u8) -> bool {
        let is_payment = (FIRST_PAYMENT..=self.financial).contains(&position);
        (is_payment && answers_once(Application::Financial, ins))
            // The medical purse's steps; no other instruction of the file system has these numbers.
            || (position == FILE_SYSTEM && answers_once(Application::Purse, ins))
    }
}
