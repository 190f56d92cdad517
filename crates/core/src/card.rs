//! The way of an APDU, top-down: bytes → command → channel → instruction → chaining → secure messaging → applet →
//! transaction → segmentation → bytes.
//!
//! Invariants owned here: I-1 (any bytes get an answer), I-16 (no inputs but arguments).

mod applets;
mod digest;
mod session;

use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

use sscard_apdu::{ClassKind, CommandApdu, Protocol, SecureMessaging, StatusWord};
use sscard_commands::ins;
use zeroize::Zeroize;

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

/// What a card says when it is powered: 2 to 33 bytes (ISO/IEC 7816-3 §8).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AnswerToReset {
    bytes: [u8; 33],
    length: usize,
}

/// Power failed, as [`Card::cut_power_after`] asked for, before the card could answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PowerLost;

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
        if let Err(status) = self.process(command, response) {
            response.clear();
            response.extend_from_slice(&status.to_bytes());
        }
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
            nvm.roll_back()?;
        } else {
            nvm.commit()?;
        }
        Ok(())
    }

    /// Powers the card: recovers its memory, draws a new session, answers with the ATR.
    ///
    /// # Errors
    /// [`PowerLost`] when power fails again on the way.
    pub fn power_on(&mut self) -> Result<AnswerToReset, PowerLost> {
        self.start(Interface::Contact)
    }

    /// Powers the card by a contactless reader's field; the ATR is the one such a reader makes up
    /// (PC/SC part 3 §3.1.3.2.3).
    ///
    /// # Errors
    /// [`PowerLost`] when power fails on the way.
    pub fn enter_field(&mut self) -> Result<AnswerToReset, PowerLost> {
        self.start(Interface::Contactless)
    }

    fn start(&mut self, interface: Interface) -> Result<AnswerToReset, PowerLost> {
        self.power_off();
        self.interface = interface;
        self.nvm.restore_power();
        let started = self.nvm.roll_back().and_then(|()| {
            let mut state = self.nvm.array::<32>(CardArea::GENERATOR);
            let (mut successor, session) = Drbg::next_session(state);
            self.nvm.begin();
            let written = self.nvm.write(CardArea::GENERATOR, &successor);
            state.zeroize();
            successor.zeroize();
            self.session = session;
            written.and_then(|()| self.nvm.commit())
        });
        started.map_err(|_| PowerLost)?;
        self.powered = true;
        Ok(self.atr())
    }

    /// Resets the card with power staying on: everything volatile is gone, as at power-on.
    ///
    /// # Errors
    /// [`PowerLost`] when power fails on the way.
    pub fn reset(&mut self) -> Result<AnswerToReset, PowerLost> {
        self.start(self.interface)
    }

    /// Takes the power away between two commands.
    pub fn power_off(&mut self) {
        self.powered = false;
        self.channels = Channels::new();
        self.session = Drbg::from_seed([0; 32]);
    }

    /// Lets the power fail before the `bytes + 1`-th byte written to memory from now on.
    ///
    /// The armed cut is part of the card's value: a clone or a snapshot has it with what is left of it, and
    /// counts on its own; restoring a snapshot brings back the supply as it was then, armed or not. It is not
    /// part of an image, nor of [`Card::digest`].
    pub fn cut_power_after(&mut self, bytes: u64) {
        self.nvm.fail_after(bytes);
    }

    /// Takes back what [`Card::cut_power_after`] asked for: the power stays. A cut that has struck already is
    /// not undone; the card wants [`Card::power_on`].
    pub fn disarm_cut(&mut self) {
        self.nvm.hold_power();
    }

    /// How many bytes may still be written until the cut; `None` when no cut is armed.
    #[must_use]
    pub fn bytes_until_cut(&self) -> Option<u64> {
        self.nvm.allowance()
    }

    /// Whether the card has power.
    #[must_use]
    pub fn is_powered(&self) -> bool {
        self.powered
    }

    /// The ATR, powered or not.
    #[must_use]
    pub fn atr(&self) -> AnswerToReset {
        if self.interface.is_contactless() {
            return AnswerToReset::contactless();
        }
        let length = usize::from(self.nvm.byte(CardArea::ATR)).min(33);
        AnswerToReset { bytes: self.nvm.array(CardArea::ATR.saturating_add(1)), length }
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

impl AnswerToReset {
    /// `3B 88 80 01`, the eight bytes of an ISO/IEC 14443 type A card without historical bytes of
    /// its own, TCK.
    fn contactless() -> Self {
        let mut bytes = [0; 33];
        let answer = [0x3B, 0x80, 0x80, 0x01, 0x01];
        for (place, byte) in bytes.iter_mut().zip(answer) {
            *place = byte;
        }
        Self { bytes, length: answer.len() }
    }
}

impl Deref for AnswerToReset {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }
}

impl fmt::Debug for AnswerToReset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl fmt::Display for PowerLost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("power failed before the card could answer")
    }
}

impl core::error::Error for PowerLost {}

const _: () = {
    const fn is_shareable<T: Send + Sync>() {}
    is_shareable::<Card>();
};
