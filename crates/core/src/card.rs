//! The way of an APDU, top-down: bytes → command → channel → instruction → chaining → secure messaging → applet →
//! transaction → segmentation → bytes.
//!
//! Invariants owned here: I-1 (any bytes get an answer), I-16 (no inputs but arguments).

mod applets;
#[cfg(debug_assertions)]
mod assertions;
mod digest;
mod power;
mod session;

use alloc::vec::Vec;
use core::fmt;

use sscard_apdu::{ClassKind, CommandApdu, Protocol, SecureMessaging, StatusWord};
use sscard_commands::ins;

use crate::applet::{Context, PlainCommand, Reply};
use crate::chaining::Assembled;
use crate::channel::Channel;
use crate::drbg::Drbg;
use crate::interface::Interface;
use crate::life_cycle::LifeCycle;
use crate::manage_channel::Channels;
use crate::nvm::Nvm;
use crate::profile::{CardArea, Profile};
use crate::residents::{Applets, Registered};
use crate::secure_messaging::{Protection, unwrap};
use crate::segmentation::{Outgoing, finish, get_response};
use crate::select::select;
pub use applets::{RegisterError, Removed};

pub use digest::CardDigest;
pub use power::{AnswerToReset, PowerLost};
pub use session::{CardSession, ChannelSession, VerifiedPin};

/// First byte of 6Cxx.
const WRONG_LE: u8 = 0x6C;

/// A smart card: a plain value that turns command bytes into response bytes.
///
/// A clone is a snapshot; the same value and the same commands give the same bytes.
pub struct Card {
    profile: Profile,
    nvm: Nvm,
    channels: Channels,
    session: Drbg,
    /// An integrator's own applets, behind those of the profile.
    registered: Vec<Registered>,
    interface: Interface,
    powered: bool,
}

impl Card {
    pub(crate) fn assemble(profile: Profile, nvm: Nvm) -> Self {
        Self {
            profile,
            nvm,
            channels: Channels::new(),
            session: Drbg::from_seed([0; 32]),
            registered: Vec::new(),
            interface: Interface::Contact,
            powered: false,
        }
    }

    /// Answers one command: `response` is cleared and then holds data and status word.
    ///
    /// A card without power says nothing: `response` stays empty before [`Card::power_on`], and
    /// when power fails in the middle.
    #[inline]
    pub fn transmit(&mut self, command: &[u8], response: &mut Vec<u8>) {
        response.clear();
        if !self.powered {
            return;
        }
        #[cfg(debug_assertions)]
        let before = assertions::Before::of(self);
        if let Err(status) = self.process(command, response) {
            response.clear();
            response.extend_from_slice(&status.to_bytes());
        }
        #[cfg(debug_assertions)]
        before.hold(self, command, response);
        if self.nvm.has_lost_power() {
            response.clear();
            self.power_off();
        }
    }

    fn process(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), StatusWord> {
        let protocol = self.protocol();
        let Self { profile, nvm, channels, session, registered, interface, .. } = self;
        let blueprint = profile.blueprint();
        let is_blocked = nvm.byte(CardArea::LIFE_CYCLE) != LifeCycle::Activated.byte();
        if is_blocked && !is_continued(profile, registered, channels, command) {
            return Err(StatusWord::FUNCTION_NOT_SUPPORTED);
        }
        // 0: bytes become a command.
        let Ok(apdu) = CommandApdu::parse(command) else {
            return Err(channels.refuse(StatusWord::WRONG_LENGTH));
        };
        let mut command = PlainCommand {
            class: apdu.class.base(),
            ins: apdu.ins,
            p1: apdu.p1,
            p2: apdu.p2,
            data: apdu.data,
            ne: apdu.ne,
            protected: false,
        };
        if apdu.extended && !blueprint.extended_length {
            return Err(channels.refuse(StatusWord::WRONG_LENGTH));
        }
        if matches!(apdu.class.kind(), ClassKind::Reserved | ClassKind::Invalid) {
            return Err(channels.refuse(StatusWord::CLASS_NOT_SUPPORTED));
        }
        // 1: its logical channel.
        let interindustry = apdu.class.base() == 0x00;
        let number = apdu.class.channel().number();
        let Some(channel) = channels.open_mut(number) else {
            return Err(on_closed_channel(profile, registered, &apdu));
        };
        if apdu.ins == ins::GET_RESPONSE && channel.answers_in(apdu.class) {
            let parameters = [apdu.p1, apdu.p2];
            let status = get_response(protocol, parameters, apdu.ne, channel, response);
            response.extend_from_slice(&status.to_bytes());
            return Ok(());
        }
        channel.pending.clear();
        let left = channel.for_next.take();
        // 2: whether the application has the instruction, in this class; command chaining.
        let mut applets = Applets::new(profile, registered);
        if let Err(status) = admit(&applets, channel, &apdu) {
            channel.chain.abort();
            return Err(status);
        }
        let collected;
        command.data = match channel.chain.accept(&apdu)? {
            Assembled::Alone => apdu.data,
            Assembled::Part => {
                response.extend_from_slice(&StatusWord::SUCCESS.to_bytes());
                return Ok(());
            }
            Assembled::Whole(whole) => {
                collected = whole;
                &collected
            }
        };
        if interindustry && apdu.ins == ins::MANAGE_CHANNEL {
            let status = channels.manage(&apdu, blueprint.channels, response);
            response.extend_from_slice(&status.to_bytes());
            return Ok(());
        }
        // 3 to 5: secure messaging, meaning, effect in one transaction.
        let before = channel.cursor;
        let selects = interindustry && apdu.ins == ins::SELECT;
        // A selection moves more than the cursor; only a small Le lets it be refused.
        let unmoved = (selects && 0 < apdu.ne && apdu.ne < 0x100).then(|| channel.clone());
        nvm.begin();
        let applet = channel.applet;
        let region = applets.region(applet);
        let interface = *interface;
        let context =
            Context { profile, nvm, channel, random: session, interface, number, region, left };
        let outcome = carry_out(&apdu, &command, selects, &mut applets, context, response);
        let outcome = outcome.and_then(|status| Ok(nvm.failure().map(|()| status)?));
        let status = match outcome {
            Ok(status) => status,
            Err(status) => {
                response.clear();
                nvm.roll_back()?;
                status
            }
        };
        // 6: the answer in pieces that the protocol can carry.
        let outgoing = Outgoing {
            protocol,
            lenient_le: blueprint.lenient_le,
            incoming: selects || !apdu.data.is_empty(),
            with_data: !apdu.data.is_empty(),
            select: selects,
            // Asked only where it decides: when the answer does not fit.
            repeatable: apdu.ne >= response.len() || !applets.answers_once(applet, apdu.ins),
            ne: apdu.ne,
            extended: apdu.extended,
            before,
        };
        finish(outgoing, channel, response, status);
        channel.pending_class = command.class;
        if response.first() == Some(&WRONG_LE) && response.len() == 2 {
            // Nothing has happened yet: the command comes again with the right Le.
            if let Some(unmoved) = unmoved {
                *channel = unmoved;
            }
            nvm.roll_back()?;
        } else {
            nvm.commit()?;
        }
        Ok(())
    }

    /// The protocol the ATR announces; in the field answers come as on T=1.
    #[must_use]
    #[inline]
    pub fn protocol(&self) -> Protocol {
        match self.interface {
            Interface::Contact => self.profile.blueprint().protocol,
            Interface::Contactless => Protocol::T1,
        }
    }

    /// Which side of the card a reader talks to since it was last powered.
    #[must_use]
    pub fn interface(&self) -> Interface {
        self.interface
    }

    /// The profile the card was made from.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Life cycle of the social security function.
    #[must_use]
    pub fn life_cycle(&self) -> LifeCycle {
        match LifeCycle::from_byte(self.nvm.byte(CardArea::LIFE_CYCLE)) {
            LifeCycle::Activated => LifeCycle::from_byte(self.nvm.byte(CardArea::ENVIRONMENT)),
            _ => LifeCycle::CardBlocked,
        }
    }

    /// A copy of the card as it is, volatile state and an armed cut ([`Card::cut_power_after`]) included.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        self.clone()
    }

    /// Goes back to a snapshot, to a cut that was armed then as well; copies into the buffers that are
    /// there.
    pub fn restore(&mut self, snapshot: &Self) {
        self.clone_from(snapshot);
    }

    pub(crate) fn nvm(&self) -> &Nvm {
        &self.nvm
    }

    pub(crate) fn nvm_mut(&mut self) -> &mut Nvm {
        &mut self.nvm
    }
}

/// Whether the selected application has the instruction of a command in its class, and takes it as it comes: in parts, or
/// protected. That it has not goes before how it came.
#[inline]
fn admit(
    applets: &Applets<'_>,
    channel: &Channel,
    apdu: &CommandApdu<'_>,
) -> Result<(), StatusWord> {
    let (class, ins) = (apdu.class.base(), apdu.ins);
    let repertoire = applets.repertoire(channel);
    if let Some(repertoire) = repertoire {
        repertoire.judge(class, ins)?;
    }
    let unprotected = apdu.class.secure_messaging() == SecureMessaging::None;
    if apdu.class.is_chained() {
        let chains = repertoire.is_some_and(|repertoire| repertoire.chains(class, ins));
        if !chains || !unprotected {
            return Err(StatusWord::COMMAND_CHAINING_NOT_SUPPORTED);
        }
    }
    match ins {
        // What was no plain GET RESPONSE is protected.
        ins::GET_RESPONSE if class == 0x00 => Err(StatusWord::CLASS_NOT_SUPPORTED),
        ins::SELECT | ins::MANAGE_CHANNEL if class == 0x00 && !unprotected => {
            Err(StatusWord::SECURE_MESSAGING_NOT_SUPPORTED)
        }
        _ => Ok(()),
    }
}

/// A channel that is not open has no application; but what none of the card's has is not there on it either.
#[cold]
fn on_closed_channel(
    profile: &Profile,
    registered: &[Registered],
    apdu: &CommandApdu<'_>,
) -> StatusWord {
    let has_own = registered.iter().any(|one| one.applet.repertoire().is_none());
    let own = registered.iter().filter_map(|one| one.applet.repertoire());
    let known = core::iter::once(Applets::of_card(profile)).chain(own);
    let judged = known.map(|repertoire| repertoire.judge(apdu.class.base(), apdu.ins));
    match judged.reduce(|first, next| if next.is_ok() { next } else { first }) {
        Some(Err(status)) if !has_own => status,
        _ => StatusWord::LOGICAL_CHANNEL_NOT_SUPPORTED,
    }
}

/// Steps 3 to 5: takes secure messaging off and gives the command to SELECT or to the applet.
#[inline]
fn carry_out(
    apdu: &CommandApdu<'_>,
    command: &PlainCommand<'_>,
    selects: bool,
    applets: &mut Applets<'_>,
    mut context: Context<'_>,
    response: &mut Vec<u8>,
) -> Result<StatusWord, StatusWord> {
    let mut reply = Reply::new(response);
    if selects {
        return select(command, applets, &mut context, &mut reply);
    }
    let position = context.channel.applet;
    let applet = applets.get(position).ok_or(StatusWord::NO_PRECISE_DIAGNOSIS)?;
    let status = match apdu.class.secure_messaging() {
        SecureMessaging::None => applet.process(command, &mut context, &mut reply),
        SecureMessaging::Proprietary => {
            let protected = PlainCommand { protected: true, ..*command };
            match applet.protection(&protected, &mut context)? {
                Protection::OfApplet => applet.process(&protected, &mut context, &mut reply),
                Protection::Challenge(protection) => {
                    let unwrapped = unwrap(apdu, command.data, &protection, context.channel)?;
                    let plain = PlainCommand { data: unwrapped.data(), ..protected };
                    applet.process(&plain, &mut context, &mut reply)
                }
            }
        }
        _ => Err(StatusWord::SECURE_MESSAGING_NOT_SUPPORTED),
    }?;
    applets.judge(position, status)
}

/// Whether a command of a blocked card belongs to what began before it was blocked.
fn is_continued(
    profile: &Profile,
    registered: &[Registered],
    channels: &mut Channels,
    command: &[u8],
) -> bool {
    channels.continued_by(command).is_some_and(|channel| {
        let mut applets = Applets::new(profile, registered);
        applets.get(channel.applet).is_some_and(|applet| applet.is_unfinished(&channel.state))
    })
}

impl Clone for Card {
    fn clone(&self) -> Self {
        Self {
            profile: self.profile.clone(),
            nvm: self.nvm.clone(),
            channels: self.channels.clone(),
            session: self.session.clone(),
            registered: self.registered.clone(),
            interface: self.interface,
            powered: self.powered,
        }
    }

    fn clone_from(&mut self, source: &Self) {
        self.profile.clone_from(&source.profile);
        self.nvm.clone_from(&source.nvm);
        self.channels.clone_from(&source.channels);
        self.session = source.session.clone();
        self.registered.clone_from(&source.registered);
        self.interface = source.interface;
        self.powered = source.powered;
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Card")
            .field("profile", &self.profile)
            .field("powered", &self.powered)
            .finish_non_exhaustive()
    }
}

const _: () = {
    const fn is_shareable<T: Send + Sync>() {}
    is_shareable::<Card>();
};
