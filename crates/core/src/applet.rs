//! What an application is: something that is selected and then gives commands their meaning.
//!
//! What enters: a command whose class, chaining and secure messaging are already taken off. What
//! leaves: data in the [`Reply`] and a status word. Applets never see logical channels, Lc, MACs
//! or 61xx.

mod context;
mod memory;

use alloc::vec::Vec;
use core::any::Any;

use sscard_apdu::StatusWord;
use sscard_apdu::tlv::Writer;
use sscard_commands::Repertoire;
use sscard_elements::tag;

use crate::channel::State;
use crate::secure_messaging::Protection;
pub use context::Context;
pub use memory::{AppletKey, AppletPin, Memory};

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

/// An application on the card.
///
/// The social security application is an ordinary implementation; an integrator registers an own
/// one with [`Card::register`](crate::Card::register). An applet is a plain value that does not change: what lasts lies in its
/// [`memory`](Context::memory), which survives power cuts, is undone by an error answer and goes into images; what lasts until the
/// next selection is its [`state`](Context::state) on the channel. All clones of a card share it.
pub trait Applet: Any + Send + Sync {
    /// Its DF name, 5 to 16 bytes; asked for once, when it is registered.
    fn aid(&self) -> &[u8];

    /// What its memory holds when it is first put on a card; the length is the memory's size for good.
    fn memory(&self) -> Vec<u8> {
        Vec::new()
    }

    /// Answers SELECT, of which `command` has P1, P2 and the name as far as it was given; by default the
    /// FCI `6F{84 <AID>}`.
    ///
    /// # Errors
    /// A status word that refuses the selection: the application before it stays selected.
    fn select(
        &self,
        _command: &PlainCommand<'_>,
        _context: &mut Context<'_>,
        reply: &mut Reply<'_>,
    ) -> Result<StatusWord, StatusWord> {
        let aid = self.aid();
        reply.tlv().constructed(tag::FCI_TEMPLATE, |fci| fci.primitive(tag::DF_NAME, aid));
        Ok(StatusWord::SUCCESS)
    }

    /// Another application is selected on the channel; its state there is dropped after this.
    fn deselect(&self, _context: &mut Context<'_>) {}

    /// The instructions it has, when the card is to answer all others for it: 6E00 in another class, 6D00 where there
    /// is none. Those that may come in parts say so there; without it no command of the applet is chained (6884), and
    /// [`process`](Self::process) gets every instruction.
    fn repertoire(&self) -> Option<&Repertoire> {
        None
    }

    /// Carries out a command. What is written to memory is undone when the answer is an error
    /// (64xx…6Fxx), whichever way it is returned.
    ///
    /// # Errors
    /// The status word of a refusal; data put into the reply is dropped.
    fn process(
        &self,
        command: &PlainCommand<'_>,
        context: &mut Context<'_>,
        reply: &mut Reply<'_>,
    ) -> Result<StatusWord, StatusWord>;

    /// Says how a command under secure messaging (class 84) is protected, after checking everything that
    /// is refused before the MAC is looked at; see [`Context::protection_by`].
    ///
    /// # Errors
    /// 6882 unless the applet has secure messaging of its own.
    fn protection(
        &self,
        _command: &PlainCommand<'_>,
        _context: &mut Context<'_>,
    ) -> Result<Protection, StatusWord> {
        Err(StatusWord::SECURE_MESSAGING_NOT_SUPPORTED)
    }

    /// Whether the answer to this instruction cannot be given a second time, because the command moves the
    /// channel's state on: a wrong Le then gets 61xx instead of 6Cxx.
    fn answers_once(&self, _ins: u8) -> bool {
        false
    }

    /// Whether what this state has begun may end although the card was blocked meanwhile.
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "the card's own applets alone have such a state")]
    fn is_unfinished(&self, _state: &State) -> bool {
        false
    }
}
