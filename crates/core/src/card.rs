//! The way of an APDU, top-down: bytes → command → channel → chaining → secure messaging → applet →
//! transaction → segmentation → bytes.
//!
//! Invariants owned here: I-1 (any bytes get an answer), I-16 (no inputs but arguments).

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

use sscard_apdu::{ClassKind, CommandApdu, SecureMessaging, StatusWord};
use zeroize::Zeroize;

use crate::applet::{Applet, Context, PlainCommand, Reply};
use crate::chaining::Assembled;
use crate::drbg::Drbg;
use crate::life_cycle::LifeCycle;
use crate::manage_channel::Channels;
use crate::nvm::Nvm;
use crate::profile::{CardArea, Profile, Protocol};
use crate::secure_messaging::unwrap;
use crate::segmentation::{Outgoing, finish, get_response};
use crate::select::select;
use crate::social::SocialSecurity;

const GET_RESPONSE: u8 = 0xC0;
const MANAGE_CHANNEL: u8 = 0x70;
const SELECT: u8 = 0xA4;

/// A smart card: a plain value that turns command bytes into response bytes.
///
/// A clone is a snapshot; the same value and the same commands give the same bytes.
pub struct Card {
    profile: Profile,
    nvm: Nvm,
    channels: Channels,
    session: Drbg,
    applets: Vec<Box<dyn Applet>>,
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
            applets: vec![Box::new(SocialSecurity)],
            powered: false,
        }
    }

    /// Adds an integrator's own applet behind those that are there.
    pub fn register(&mut self, applet: Box<dyn Applet>) {
        self.applets.push(applet);
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
        let Self { profile, nvm, channels, session, applets, .. } = self;
        let blueprint = profile.blueprint();
        if nvm.byte(CardArea::LIFE_CYCLE) != LifeCycle::Activated.byte() {
            return Err(StatusWord::FUNCTION_NOT_SUPPORTED);
        }
        // 0: bytes become a command.
        let Ok(apdu) = CommandApdu::parse(command) else { return Err(StatusWord::WRONG_LENGTH) };
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
            return Err(StatusWord::WRONG_LENGTH);
        }
        if matches!(apdu.class.kind(), ClassKind::Reserved | ClassKind::Invalid) {
            return Err(StatusWord::CLASS_NOT_SUPPORTED);
        }
        // 1: its logical channel.
        let interindustry = apdu.class.base() == 0x00;
        let unprotected = apdu.class.secure_messaging() == SecureMessaging::None;
        let channel = channels
            .open_mut(apdu.class.channel().number())
            .ok_or(StatusWord::LOGICAL_CHANNEL_NOT_SUPPORTED)?;
        if interindustry && unprotected && apdu.ins == GET_RESPONSE {
            let parameters = [apdu.p1, apdu.p2];
            let status = get_response(blueprint.protocol, parameters, apdu.ne, channel, response);
            response.extend_from_slice(&status.to_bytes());
            return Ok(());
        }
        channel.pending.clear();
        // 2: command chaining.
        if apdu.class.is_chained() && !unprotected {
            return Err(StatusWord::COMMAND_CHAINING_NOT_SUPPORTED);
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
        if interindustry && unprotected && apdu.ins == MANAGE_CHANNEL {
            let status = channels.manage(&apdu, blueprint.channels, response);
            response.extend_from_slice(&status.to_bytes());
            return Ok(());
        }
        // 3 to 5: secure messaging, meaning, effect in one transaction.
        let before = channel.cursor;
        let selects = interindustry && unprotected && apdu.ins == SELECT;
        nvm.begin();
        let context = Context { profile, nvm, channel, random: session };
        let outcome = carry_out(&apdu, &command, selects, applets, context, response);
        let status = match outcome {
            Ok(status) => {
                nvm.commit()?;
                status
            }
            Err(status) => {
                response.clear();
                nvm.roll_back()?;
                status
            }
        };
        // 6: the answer in pieces that the protocol can carry.
        let outgoing = Outgoing {
            protocol: blueprint.protocol,
            lenient_le: blueprint.lenient_le,
            incoming: selects || !apdu.data.is_empty(),
            select: selects,
            ne: apdu.ne,
            extended: apdu.extended,
            before,
        };
        finish(outgoing, channel, response, status);
        Ok(())
    }

    /// Powers the card: recovers its memory, draws a new session, answers with the ATR.
    ///
    /// # Errors
    /// [`PowerLost`] when power fails again on the way.
    pub fn power_on(&mut self) -> Result<AnswerToReset, PowerLost> {
        self.power_off();
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
        self.power_on()
    }

    /// Takes the power away between two commands.
    pub fn power_off(&mut self) {
        self.powered = false;
        self.channels = Channels::new();
        self.session = Drbg::from_seed([0; 32]);
        for applet in &mut self.applets {
            applet.deselect();
        }
    }

    /// Lets the power fail before the `bytes + 1`-th byte written to memory from now on.
    pub fn cut_power_after(&mut self, bytes: u64) {
        self.nvm.fail_after(bytes);
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
        let length = usize::from(self.nvm.byte(CardArea::ATR)).min(33);
        AnswerToReset { bytes: self.nvm.array(CardArea::ATR.saturating_add(1)), length }
    }

    /// The protocol the ATR announces.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.profile.blueprint().protocol
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

    /// A copy of the card as it is, volatile state included.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        self.clone()
    }

    /// Goes back to a snapshot; copies into the buffers that are there.
    pub fn restore(&mut self, snapshot: &Self) {
        self.clone_from(snapshot);
    }

    pub(crate) fn nvm(&self) -> &Nvm {
        &self.nvm
    }
}

/// Steps 3 to 5: takes secure messaging off and gives the command to SELECT or to the applet.
#[inline]
fn carry_out(
    apdu: &CommandApdu<'_>,
    command: &PlainCommand<'_>,
    selects: bool,
    applets: &mut [Box<dyn Applet>],
    mut context: Context<'_>,
    response: &mut Vec<u8>,
) -> Result<StatusWord, StatusWord> {
    let mut reply = Reply::new(response);
    if selects {
        return select(command, applets, &mut context, &mut reply);
    }
    let applet = applets
        .get_mut(usize::from(context.channel.applet))
        .ok_or(StatusWord::NO_PRECISE_DIAGNOSIS)?;
    match apdu.class.secure_messaging() {
        SecureMessaging::None => applet.process(command, &mut context, &mut reply),
        SecureMessaging::Proprietary => {
            let protected = PlainCommand { protected: true, ..*command };
            let protection = applet.protection(&protected, &context)?;
            let unwrapped = unwrap(apdu, command.data, &protection, context.channel)?;
            let plain = PlainCommand { data: unwrapped.data(), ..protected };
            applet.process(&plain, &mut context, &mut reply)
        }
        _ => Err(StatusWord::SECURE_MESSAGING_NOT_SUPPORTED),
    }
}

impl Clone for Card {
    fn clone(&self) -> Self {
        Self {
            profile: self.profile.clone(),
            nvm: self.nvm.clone(),
            channels: self.channels.clone(),
            session: self.session.clone(),
            applets: self.applets.iter().map(|applet| applet.clone_box()).collect(),
            powered: self.powered,
        }
    }

    fn clone_from(&mut self, source: &Self) {
        self.profile.clone_from(&source.profile);
        self.nvm.clone_from(&source.nvm);
        self.channels.clone_from(&source.channels);
        self.session = source.session.clone();
        self.applets.clear();
        self.applets.extend(source.applets.iter().map(|applet| applet.clone_box()));
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
    const fn is_send<T: Send>() {}
    is_send::<Card>();
};
