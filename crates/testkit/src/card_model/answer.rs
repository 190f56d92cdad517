//! An answer as a model makes it: bytes that are known, and holes where the card has random ones.

use std::ops::Range;

use sscard_apdu::tlv::{Tag, Writer};

use super::payment;

/// Data of an answer.
#[derive(Clone, Default, PartialEq, Debug)]
pub(crate) struct Answer {
    pub(crate) data: Vec<u8>,
    pub(crate) holes: Vec<Hole>,
}

/// Bytes of an answer that the card alone knows; 00 stands in their place until they were seen.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Hole {
    pub(crate) place: Range<usize>,
    pub(crate) what: Unknown,
}

/// What random bytes are, and so what becomes of them.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Unknown {
    /// GET CHALLENGE of the file system and of the PKI application: the channel's challenge.
    Challenge,
    /// Of the medical purse.
    Purse(super::purse::Unknown),
    /// Of the PKI application.
    Pki(super::pki::Unknown),
    /// Whatever they are, nothing depends on them.
    Free,
    /// Those of a payment application.
    Payment(payment::Unknown),
}

impl Answer {
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        self.data.extend_from_slice(bytes);
    }

    /// So many random bytes.
    pub(crate) fn hole(&mut self, length: usize, what: Unknown) {
        let start = self.data.len();
        self.data.resize(start + length, 0);
        self.holes.push(Hole { place: start..start + length, what });
    }

    /// The last bytes written are random.
    pub(crate) fn hole_at_end(&mut self, length: usize, what: Unknown) {
        self.hole_before(0, length, what);
    }

    /// So many bytes are random that stand before the last `behind`.
    pub(crate) fn hole_before(&mut self, behind: usize, length: usize, what: Unknown) {
        let end = self.data.len() - behind;
        self.holes.push(Hole { place: end - length..end, what });
    }

    /// What another answer holds, its random bytes included.
    pub(crate) fn append(&mut self, other: Self) {
        let start = self.data.len();
        self.data.extend(other.data);
        let moved = |hole: Hole| Hole {
            place: hole.place.start + start..hole.place.end + start,
            what: hole.what,
        };
        self.holes.extend(other.holes.into_iter().map(moved));
    }

    /// A data object.
    pub(crate) fn object(&mut self, tag: Tag, value: &[u8]) {
        Writer::new(&mut self.data).primitive(tag, value);
    }

    /// A data object, where there is one.
    pub(crate) fn optional(&mut self, tag: Tag, value: Option<&[u8]>) {
        if let Some(value) = value {
            self.object(tag, value);
        }
    }

    /// A data object with a random value.
    pub(crate) fn hidden(&mut self, tag: Tag, length: usize, what: Unknown) {
        self.object(tag, &vec![0; length]);
        self.hole_at_end(length, what);
    }

    /// A data object whose value is another answer.
    pub(crate) fn template(&mut self, tag: Tag, value: Self) {
        let length = value.data.len();
        self.object(tag, &vec![0; length]);
        self.data.truncate(self.data.len() - length);
        self.append(value);
    }

    pub(crate) fn clear(&mut self) {
        self.data.clear();
        self.holes.clear();
    }
}
