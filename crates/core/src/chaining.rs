//! Command chaining (ISO/IEC 7816-4 §5.3.3): commands with bit 5 of CLA collect data, the last one
//! carries on with all of it.
//!
//! What enters: each command of a channel. What leaves: nothing yet, or the data of the whole.
//! A command that does not continue the chain ends it and counts as itself.

use alloc::vec::Vec;

#[cfg(debug_assertions)]
use sscard_apdu::ClassByte;
use sscard_apdu::{CommandApdu, StatusWord};

/// Longest chained data field; more is 6700.
const LIMIT: usize = 0xFFFF;

/// Data collected so far on one channel.
#[derive(Default, Hash)]
pub(crate) struct Chain {
    header: Option<[u8; 4]>,
    data: Vec<u8>,
}

impl Clone for Chain {
    fn clone(&self) -> Self {
        Self { header: self.header, data: self.data.clone() }
    }

    fn clone_from(&mut self, source: &Self) {
        self.header = source.header;
        self.data.clone_from(&source.data);
    }
}

/// What a command means for the chain.
pub(crate) enum Assembled {
    /// The command stands alone.
    Alone,
    /// A part of a chain: answered 9000, nothing is carried out yet.
    Part,
    /// The last of a chain: carry it out with all the data.
    Whole(Vec<u8>),
}

impl Chain {
    #[inline]
    pub(crate) fn accept(&mut self, apdu: &CommandApdu<'_>) -> Result<Assembled, StatusWord> {
        if self.header.is_none() && !apdu.class.is_chained() {
            return Ok(Assembled::Alone);
        }
        self.collect(apdu)
    }

    fn collect(&mut self, apdu: &CommandApdu<'_>) -> Result<Assembled, StatusWord> {
        let header = [apdu.class.without_chaining().byte(), apdu.ins, apdu.p1, apdu.p2];
        if self.header != Some(header) {
            self.abort();
            if !apdu.class.is_chained() {
                return Ok(Assembled::Alone);
            }
        }
        if self.data.len().saturating_add(apdu.data.len()) > LIMIT {
            self.abort();
            return Err(StatusWord::WRONG_LENGTH);
        }
        self.data.extend_from_slice(apdu.data);
        if apdu.class.is_chained() {
            self.header = Some(header);
            return Ok(Assembled::Part);
        }
        self.header = None;
        Ok(Assembled::Whole(core::mem::take(&mut self.data)))
    }

    /// How many bytes of an unfinished chain there are.
    pub(crate) fn collected(&self) -> Option<usize> {
        self.header.map(|_| self.data.len())
    }

    /// Whether a chain that is not begun has collected nothing, and none has collected too much; its class has no bit of
    /// chaining.
    #[cfg(debug_assertions)]
    pub(crate) fn is_consistent(&self) -> bool {
        match self.header {
            None => self.data.is_empty(),
            Some([class, ..]) => {
                let class = ClassByte::new(class);
                !class.is_chained() && self.data.len() <= LIMIT
            }
        }
    }

    /// A command that is refused ends a chain like any other.
    pub(crate) fn abort(&mut self) {
        self.header = None;
        self.data.clear();
    }
}
