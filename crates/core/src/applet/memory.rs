//! An applet's own memory, and the PINs and keys in it.

use sscard_apdu::StatusWord;
use sscard_crypto::Key;

use crate::nvm::{Nvm, Region};
use crate::pin::Pin;

/// An applet's own memory. What a command writes counts when it is answered with success or a warning;
/// an error answer, or power that fails at any byte, leaves all of it as it was.
pub struct Memory<'a> {
    nvm: &'a mut Nvm,
    region: Region,
}

impl<'a> Memory<'a> {
    pub(crate) fn new(nvm: &'a mut Nvm, region: Region) -> Self {
        Self { nvm, region }
    }

    /// Its size in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.region.length
    }

    /// Whether the applet asked for none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.region.length == 0
    }

    /// Fills `out` from `offset`.
    ///
    /// # Errors
    /// 6581 when it reaches beyond the memory.
    pub fn read(&self, offset: usize, out: &mut [u8]) -> Result<(), StatusWord> {
        let address = self.region.address(offset, out.len())?;
        for (place, byte) in (address..).zip(out) {
            *byte = self.nvm.byte(place);
        }
        Ok(())
    }

    /// `N` bytes from `offset`.
    ///
    /// # Errors
    /// 6581 when they reach beyond the memory.
    pub fn array<const N: usize>(&self, offset: usize) -> Result<[u8; N], StatusWord> {
        Ok(self.nvm.array(self.region.address(offset, N)?))
    }

    /// Writes at `offset`, in the command's transaction.
    ///
    /// # Errors
    /// 6581 when it reaches beyond the memory, is longer than 65,535 bytes, or is the command's 256th
    /// write. Nothing of the command counts then, whether the error is passed on or not: the card answers 6581.
    pub fn write(&mut self, offset: usize, bytes: &[u8]) -> Result<(), StatusWord> {
        let address = self.place(offset, bytes.len())?;
        Ok(self.nvm.write(address, bytes)?)
    }

    /// Writes one byte past the transaction: an error answer does not undo it. For retry counters, at a
    /// place that the same command does not [`write`](Self::write).
    ///
    /// # Errors
    /// 6581 when it lies beyond the memory.
    pub fn write_through(&mut self, offset: usize, byte: u8) -> Result<(), StatusWord> {
        let address = self.place(offset, 1)?;
        Ok(self.nvm.write_through(address, byte)?)
    }

    /// Where a write goes; outside the memory the whole command fails, whatever the applet makes of it.
    fn place(&mut self, offset: usize, length: usize) -> Result<usize, StatusWord> {
        let place = self.region.address(offset, length);
        if place.is_err() {
            self.nvm.fail();
        }
        Ok(place?)
    }
}

/// A PIN in an applet's own memory: tries left, length, value. Memory of zeros holds a PIN without tries:
/// locked, until it is [set](AppletPin::set).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AppletPin {
    offset: usize,
    tries: u8,
    lengths: (u8, u8),
}

impl AppletPin {
    /// Longest PIN in bytes.
    pub const MAX_LENGTH: u8 = 16;

    /// A PIN at `offset`, of `shortest` to `longest` bytes, the latter at most
    /// [`MAX_LENGTH`](Self::MAX_LENGTH); it locks after `tries` wrong ones, 15 at most.
    #[must_use]
    pub const fn new(offset: usize, tries: u8, shortest: u8, longest: u8) -> Self {
        let longest = if longest > Self::MAX_LENGTH { Self::MAX_LENGTH } else { longest };
        let tries = if tries > 15 { 15 } else { tries };
        Self { offset, tries, lengths: (shortest, longest) }
    }

    /// Bytes it takes in memory.
    #[must_use]
    pub const fn size(self) -> usize {
        // A u8 always fits.
        (self.lengths.1 as usize).saturating_add(2)
    }

    fn at(self, memory: &Memory<'_>) -> Result<Pin, StatusWord> {
        let address = memory.region.address(self.offset, self.size())?;
        Ok(Pin::at(address, self.tries, self.lengths))
    }

    /// Compares; the try is counted before, whatever becomes of the command.
    ///
    /// # Errors
    /// 63Cx wrong, x tries left; 6983 locked; 6700 no length of this PIN; 6581 not in the memory.
    pub fn verify(self, memory: &mut Memory<'_>, presented: &[u8]) -> Result<(), StatusWord> {
        let pin = self.at(memory)?;
        if !pin.has_length(presented) {
            return Err(StatusWord::WRONG_LENGTH);
        }
        pin.verify(memory.nvm, presented)
    }

    /// Sets it and gives all tries back.
    ///
    /// # Errors
    /// 6700 no length of this PIN; 6581 not in the memory.
    pub fn set(self, memory: &mut Memory<'_>, pin: &[u8]) -> Result<(), StatusWord> {
        let place = self.at(memory)?;
        if !place.has_length(pin) {
            return Err(StatusWord::WRONG_LENGTH);
        }
        Ok(place.set(memory.nvm, pin)?)
    }

    /// Gives all tries back; the PIN stays.
    ///
    /// # Errors
    /// 6581 not in the memory.
    pub fn unblock(self, memory: &mut Memory<'_>) -> Result<(), StatusWord> {
        Ok(self.at(memory)?.unblock(memory.nvm)?)
    }

    /// Tries left.
    ///
    /// # Errors
    /// 6581 not in the memory.
    pub fn tries_left(self, memory: &Memory<'_>) -> Result<u8, StatusWord> {
        Ok(self.at(memory)?.tries_left(memory.nvm))
    }
}

/// A key of 16 bytes in an applet's own memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AppletKey {
    offset: usize,
}

impl AppletKey {
    /// Bytes it takes in memory.
    pub const SIZE: usize = 16;

    /// A key at `offset`.
    #[must_use]
    pub const fn new(offset: usize) -> Self {
        Self { offset }
    }

    /// The key.
    ///
    /// # Errors
    /// 6581 not in the memory.
    pub fn value(self, memory: &Memory<'_>) -> Result<Key, StatusWord> {
        let bytes = zeroize::Zeroizing::new(memory.array::<16>(self.offset)?);
        Ok(Key::new(*bytes))
    }

    /// Replaces it.
    ///
    /// # Errors
    /// 6581 not in the memory.
    pub fn set(self, memory: &mut Memory<'_>, key: &Key) -> Result<(), StatusWord> {
        memory.write(self.offset, key.expose())
    }
}
