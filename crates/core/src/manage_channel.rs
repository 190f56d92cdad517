//! The logical channels of a card, and MANAGE CHANNEL that opens and closes them.

use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;

use sscard_apdu::{CommandApdu, LogicalChannel, StatusWord};

use crate::channel::{Channel, State};

const SELECT: u8 = 0xA4;

/// Open channels by number; the basic channel 0 is always open.
#[derive(Hash)]
pub(crate) struct Channels(Vec<Option<Channel>>);

impl Clone for Channels {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }

    fn clone_from(&mut self, source: &Self) {
        self.0.clone_from(&source.0);
    }
}

impl Channels {
    pub(crate) fn new() -> Self {
        Self(vec![Some(Channel::new())])
    }

    /// The open channels by number.
    pub(crate) fn open_ones(&self) -> impl Iterator<Item = (LogicalChannel, &Channel)> {
        let numbers = (0..=u8::MAX).map_while(LogicalChannel::new);
        numbers.zip(&self.0).filter_map(|(number, channel)| Some((number, channel.as_ref()?)))
    }

    #[inline]
    pub(crate) fn open_mut(&mut self, number: u8) -> Option<&mut Channel> {
        self.0.get_mut(usize::from(number))?.as_mut()
    }

    /// The channel of a command that is no SELECT.
    pub(crate) fn continued_by(&mut self, command: &[u8]) -> Option<&Channel> {
        let apdu = CommandApdu::parse(command).ok().filter(|apdu| apdu.ins != SELECT)?;
        self.open_mut(apdu.class.channel().number()).map(|channel| &*channel)
    }

    /// Leaves an applet that is taken off the card; those behind it move up.
    pub(crate) fn forget(&mut self, position: u8) {
        for channel in self.0.iter_mut().flatten() {
            match channel.applet.cmp(&position) {
                Ordering::Less => {}
                Ordering::Equal => *channel = Channel::new(),
                Ordering::Greater => channel.applet = channel.applet.saturating_sub(1),
            }
        }
    }

    /// The basic channel's part in refusing a command that says no channel: it was one all the same.
    pub(crate) fn refuse(&mut self, status: StatusWord) -> StatusWord {
        if let Some(basic) = self.open_mut(0) {
            basic.for_next = State::default();
        }
        status
    }

    fn is_open(&self, number: u8) -> bool {
        self.0.get(usize::from(number)).is_some_and(Option::is_some)
    }

    fn open(&mut self, number: u8) {
        let needed = usize::from(number).saturating_add(1);
        if self.0.len() < needed {
            self.0.resize_with(needed, || None);
        }
        if let Some(place) = self.0.get_mut(usize::from(number)) {
            *place = Some(Channel::new());
        }
    }

    fn close(&mut self, number: u8) {
        if let Some(place) = self.0.get_mut(usize::from(number)) {
            *place = None;
        }
    }

    /// MANAGE CHANNEL (INS 70): opens a channel with the MF selected, or closes one.
    ///
    /// # Status
    /// `9000`; `6C01` a number is to be returned and Le is not 01; `6881` the channel to close is
    /// not open; `6A81` no channel is left, or the one asked for is open; `6A86` other P1 P2, or
    /// the basic channel is to be closed; `6700` with data.
    ///
    /// # Reference
    /// ISO/IEC 7816-4 §11.1.2.
    pub(crate) fn manage(
        &mut self,
        apdu: &CommandApdu<'_>,
        limit: u8,
        response: &mut Vec<u8>,
    ) -> StatusWord {
        if !apdu.data.is_empty() {
            return StatusWord::WRONG_LENGTH;
        }
        match (apdu.p1, apdu.p2) {
            (0x00, 0x00) => {
                let Some(free) = (1..limit).find(|number| !self.is_open(*number)) else {
                    return StatusWord::FUNCTION_NOT_SUPPORTED;
                };
                if apdu.ne != 1 {
                    return StatusWord::with_exact_ne(1);
                }
                self.open(free);
                response.push(free);
            }
            (0x00, number) if number >= limit || self.is_open(number) => {
                return StatusWord::FUNCTION_NOT_SUPPORTED;
            }
            (0x00, number) => self.open(number),
            (0x80, number) => {
                let number = if number == 0 { apdu.class.channel().number() } else { number };
                if number == 0 {
                    return StatusWord::INCORRECT_P1_P2;
                }
                if !self.is_open(number) {
                    return StatusWord::LOGICAL_CHANNEL_NOT_SUPPORTED;
                }
                self.close(number);
            }
            _ => return StatusWord::INCORRECT_P1_P2,
        }
        StatusWord::SUCCESS
    }
}
