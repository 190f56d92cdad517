//! What is tested: anything that answers commands and can lose its power.
//!
//! What enters: command bytes and power. What leaves: response bytes; nothing when there is no power.

use sscard_core::{Card, Interface};
use sscard_host::Transport;

/// A card under test.
///
/// [`Card`] is one; [`Carried`] makes one of any [`Transport`].
pub trait TestSubject: Sized {
    /// Answers one command: `response` is cleared, then holds data and status word; it stays empty when the card has no power, or
    /// loses it on the way.
    fn transmit(&mut self, command: &[u8], response: &mut Vec<u8>);

    /// Powers or resets it by this interface and says the ATR; `None`: it has no such interface, or the power failed again.
    fn power_on(&mut self, interface: Interface) -> Option<Vec<u8>>;

    /// Takes the power away between two commands.
    fn power_off(&mut self);

    /// Lets the power fail before the `bytes + 1`-th byte written from now on; `false` when it cannot.
    fn cut_power_after(&mut self, _bytes: u64) -> bool {
        false
    }

    /// The power stays, whatever was asked for.
    fn hold_power(&mut self) {}

    /// A copy of the card as it is; `None` when it cannot be copied.
    fn snapshot(&self) -> Option<Self> {
        None
    }

    /// Goes back to a snapshot.
    fn restore(&mut self, snapshot: &Self);

    /// Whether its clock can be set, in seconds; a card without one takes no notice.
    fn wait(&mut self, _seconds: u32) {}
}

impl TestSubject for Card {
    fn transmit(&mut self, command: &[u8], response: &mut Vec<u8>) {
        Self::transmit(self, command, response);
    }

    fn power_on(&mut self, interface: Interface) -> Option<Vec<u8>> {
        let answer = match interface {
            Interface::Contact => Self::power_on(self),
            Interface::Contactless => self.enter_field(),
        };
        answer.ok().map(|atr| atr.to_vec())
    }

    fn power_off(&mut self) {
        Self::power_off(self);
    }

    fn cut_power_after(&mut self, bytes: u64) -> bool {
        Self::cut_power_after(self, bytes);
        true
    }

    fn hold_power(&mut self) {
        self.disarm_cut();
    }

    fn snapshot(&self) -> Option<Self> {
        Some(self.clone())
    }

    fn restore(&mut self, snapshot: &Self) {
        self.clone_from(snapshot);
    }
}

/// A card behind a transport: it can be reset and asked, not copied and not cut.
#[derive(Debug)]
pub struct Carried<T>(pub T);

impl<T: Transport> TestSubject for Carried<T> {
    fn transmit(&mut self, command: &[u8], response: &mut Vec<u8>) {
        if self.0.transmit(command, response).is_err() {
            response.clear();
        }
    }

    fn power_on(&mut self, _: Interface) -> Option<Vec<u8>> {
        self.0.reset().ok().map(|()| self.0.atr().to_vec())
    }

    fn power_off(&mut self) {}

    fn restore(&mut self, _: &Self) {}
}
