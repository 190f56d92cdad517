//! What a card remembers of the readers that talk to it now: a view for those who test readers.
//!
//! Nothing here is secret: PINs and keys are named, never shown, and a challenge went over the wire.

use alloc::vec::Vec;

use sscard_apdu::{Aid, FileId, LogicalChannel};

use super::Card;
use crate::access::{AccessRule, KeyId};
use crate::channel::{Channel, FILE_SYSTEM};
#[cfg(feature = "financial")]
use crate::financial::Transaction;
use crate::residents::Applets;

/// The volatile state of a card by logical channel.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CardSession {
    channels: Vec<ChannelSession>,
}

/// The volatile state of one logical channel.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct ChannelSession {
    /// Its number.
    pub number: LogicalChannel,
    /// Name of the selected application: of the current DF, of a payment application or directory, of an
    /// integrator's applet. `None` for a DF without a name.
    pub application: Option<Aid>,
    /// PINs that are verified.
    pub pins: Vec<VerifiedPin>,
    /// Keys that the terminal has proved by EXTERNAL AUTHENTICATE, in ascending order.
    pub keys: Vec<KeyId>,
    /// The outstanding challenge, 4, 8 or 16 bytes: the latest that was given out and not used.
    pub challenge: Option<Vec<u8>>,
    /// Current DF; `None` while something else than the file system is selected.
    pub df: Option<FileId>,
    /// Current EF.
    pub ef: Option<FileId>,
    /// Current record, from 1.
    pub record: Option<u8>,
    /// How many bytes wait for GET RESPONSE.
    pub pending: usize,
    /// How many bytes of an unfinished command chain are collected; `None` outside one.
    pub chained: Option<usize>,
}

/// Which PIN is verified.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum VerifiedPin {
    /// The PIN of the card, which protects files of the social security application.
    Card,
    /// The PIN of the selected payment application, in the transaction that runs.
    Payment,
    /// The user's PIN of the PKI application.
    PkiUser,
    /// The administrator's PIN of the PKI application.
    PkiAdministrator,
}

impl CardSession {
    /// The open channels by number.
    #[must_use]
    pub fn channels(&self) -> &[ChannelSession] {
        &self.channels
    }

    /// An open channel.
    #[must_use]
    pub fn channel(&self, number: u8) -> Option<&ChannelSession> {
        self.channels.iter().find(|channel| channel.number.number() == number)
    }
}

impl ChannelSession {
    /// Whether this PIN is verified.
    #[must_use]
    pub fn has_verified(&self, pin: VerifiedPin) -> bool {
        self.pins.contains(&pin)
    }
}

impl Card {
    /// What the card remembers until reset, by logical channel: verified PINs, proved keys, the outstanding
    /// challenge, current DF, EF and record. A card without power remembers nothing: there is no channel.
    #[must_use]
    pub fn session(&self) -> CardSession {
        if !self.powered {
            return CardSession::default();
        }
        let channels =
            self.channels.open_ones().map(|(number, channel)| self.view(number, channel));
        CardSession { channels: channels.collect() }
    }

    /// Name of the applet at a position.
    fn name_of(&self, position: u8) -> Option<Aid> {
        let mut residents = Applets::new(&self.profile, &self.registered);
        Aid::new(residents.get(position)?.aid())
    }

    fn view(&self, number: LogicalChannel, channel: &Channel) -> ChannelSession {
        let cursor = channel.cursor;
        let is_file_system = channel.applet == FILE_SYSTEM;
        let df = self.profile.df(cursor.df).filter(|_| is_file_system);
        let ef = cursor.ef.and_then(|ef| self.profile.ef(cursor.df, ef)).filter(|_| is_file_system);
        let (is_paid, payment_challenge) = payment(channel);
        let card_pin = channel.security.satisfies(AccessRule::Pin).then_some(VerifiedPin::Card);
        let challenge = channel.challenge.as_ref().map(|challenge| challenge.given().to_vec());
        ChannelSession {
            number,
            application: match df {
                Some(df) => Aid::new(&df.name),
                None => self.name_of(channel.applet),
            },
            pins: card_pin
                .into_iter()
                .chain(is_paid.then_some(VerifiedPin::Payment))
                .chain(pki_pins(channel))
                .collect(),
            keys: channel.security.keys().collect(),
            challenge: challenge.or(payment_challenge),
            df: df.map(|df| df.fid),
            ef: ef.map(|ef| ef.fid),
            record: (is_file_system && cursor.record != 0).then_some(cursor.record),
            pending: channel.pending.len(),
            chained: channel.chain.collected(),
        }
    }
}

/// PINs that are verified in the PKI application.
#[cfg(feature = "pki")]
fn pki_pins(channel: &Channel) -> impl Iterator<Item = VerifiedPin> {
    let pins = [VerifiedPin::PkiUser, VerifiedPin::PkiAdministrator];
    let verified = pins.into_iter().zip(crate::pki::verified(&channel.state));
    verified.filter_map(|(pin, verified)| verified.then_some(pin))
}

/// There is no PKI application.
#[cfg(not(feature = "pki"))]
fn pki_pins(_: &Channel) -> impl Iterator<Item = VerifiedPin> {
    core::iter::empty()
}

/// Whether the payment that runs has its PIN verified, and its outstanding challenge.
#[cfg(feature = "financial")]
fn payment(channel: &Channel) -> (bool, Option<Vec<u8>>) {
    let payment = channel.state.get::<Transaction>();
    let challenge = payment.and_then(Transaction::outstanding_challenge);
    (payment.is_some_and(Transaction::is_pin_verified), challenge.map(|bytes| bytes.to_vec()))
}

/// There are no payments.
#[cfg(not(feature = "financial"))]
const fn payment(_: &Channel) -> (bool, Option<Vec<u8>>) {
    (false, None)
}
