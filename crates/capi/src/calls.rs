//! The functions of the header, by what they are about. Each is a line: pointers are taken, a card is found, something is done.

pub(crate) mod answers;
pub(crate) mod exchange;
pub(crate) mod library;
pub(crate) mod life;
pub(crate) mod power;
