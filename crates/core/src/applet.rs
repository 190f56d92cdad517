//! What an application is: something that is selected and then gives commands their meaning.
//!
//! What enters: a command whose class, chaining and secure messaging are already taken off. What
//! leaves: data in the [`Reply`] and a status word. Applets never see logical channels, Lc, MACs
//! or 61xx.

use alloc::boxed::Box;
use alloc::vec::Vec;

use sscard_apdu::StatusWord;
use sscard_apdu::tlv::{Tag, Writer};

use crate::card::Interface;
use crate::channel::Channel;
use crate::drbg::Drbg;
use crate::nvm::Nvm;
use crate::profile::Profile;
use crate::secure_messaging::Protection;
use crate::social::purse::Begun;

/// A command without its transport: what is left when the card has done its part.
#[derive(Clone, Copy)]
pub struct PlainCommand<'a> {
    /// Class without channel, chaining and secure messaging bits: 00, 80, or a proprietary one.
    pub class: u8,
    /// Instruction.
    pub ins: u8,
    /// First parameter.
    pub p1: u8,
    /// Second parameter.
    pub p2: u8,
    /// Data field; deciphered and without its MAC when the command was protected.
    pub data: &'a [u8],
    /// How many bytes the reader wants; 0 when it asks for none.
    pub ne: usize,
    /// Whether the command came under secure messaging and its MAC was right.
    pub protected: bool,
}

impl core::fmt::Debug for PlainCommand<'_> {
    /// Without data: they may be a PIN.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { class, ins, p1, p2, data, ne, protected } = self;
        write!(f, "{class:02X}{ins:02X}{p1:02X}{p2:02X}, {} bytes, Ne {ne}", data.len())?;
        f.write_str(if *protected { ", protected" } else { "" })
    }
}

/// Where an applet puts the data of its answer.
pub struct Reply<'a>(&'a mut Vec<u8>);

impl<'a> Reply<'a> {
    pub(crate) fn new(buffer: &'a mut Vec<u8>) -> Self {
        Self(buffer)
    }

    /// Appends bytes to the answer.
    pub fn extend(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// Appends BER-TLV objects to the answer.
    pub fn tlv(&mut self) -> Writer<'_> {
        Writer::new(self.0)
    }

    pub(crate) fn buffer(&mut self) -> &mut Vec<u8> {
        self.0
    }
}

/// What an applet may use while it works on one command.
pub struct Context<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) nvm: &'a mut Nvm,
    pub(crate) channel: &'a mut Channel,
    pub(crate) random: &'a mut Drbg,
    pub(crate) interface: Interface,
    /// What the command before this one began in the medical purse.
    pub(crate) begun: Option<Box<Begun>>,
}

impl Context<'_> {
    /// Fills `bytes` from the card's own generator.
    pub fn random(&mut self, bytes: &mut [u8]) {
        self.random.fill(bytes);
    }

    /// Which side of the card the reader talks to.
    #[must_use]
    pub fn interface(&self) -> Interface {
        self.interface
    }
}

/// An application on the card.
///
/// The social security application is an ordinary implementation; an integrator registers an own
/// one with [`Card::register`](crate::Card::register). Its state is part of a clone of the card,
/// not of an image.
pub trait Applet: Send {
    /// Its DF name, 5 to 16 bytes.
    fn aid(&self) -> &[u8];

    /// Answers SELECT; by default the FCI `6F{84 <AID>}`.
    ///
    /// # Errors
    /// A status word that refuses the selection.
    fn select(
        &mut self,
        _context: &mut Context<'_>,
        reply: &mut Reply<'_>,
    ) -> Result<StatusWord, StatusWord> {
        let aid = self.aid();
        reply.tlv().constructed(Tag::new(0x6F), |fci| fci.primitive(Tag::new(0x84), aid));
        Ok(StatusWord::SUCCESS)
    }

    /// Forgets what must not outlive the selection.
    fn deselect(&mut self) {}

    /// Carries out a command. What is written to memory is undone when the answer is an `Err`.
    ///
    /// # Errors
    /// The status word of a refusal; data put into the reply is dropped.
    fn process(
        &mut self,
        command: &PlainCommand<'_>,
        context: &mut Context<'_>,
        reply: &mut Reply<'_>,
    ) -> Result<StatusWord, StatusWord>;

    /// Says how a command under secure messaging is protected, after checking everything that is
    /// refused before the MAC is looked at.
    ///
    /// # Errors
    /// 6882 unless the applet has secure messaging of its own.
    #[doc(hidden)]
    fn protection(
        &self,
        _command: &PlainCommand<'_>,
        _context: &Context<'_>,
    ) -> Result<Protection, StatusWord> {
        Err(StatusWord::SECURE_MESSAGING_NOT_SUPPORTED)
    }

    /// A copy, for a clone of the card.
    fn clone_box(&self) -> Box<dyn Applet>;
}
