//! The table of instructions: the one home of what a command is.
//!
//! What enters: an application, a class and an instruction byte, or a whole command. What leaves: its
//! [`Instruction`] (names, class, parameters, which data are secret, whether it may block, whether its answer can
//! be had twice, its status words), a [`Command`] with its fields, or the [`secret_part`] of its bytes.
//!
//! ```
//! use sscard_apdu::CommandApdu;
//! use sscard_commands::{Command, Selection};
//!
//! let select = Command::Select { by: Selection::FileId, next: false, name: &[0x3F, 0x00] };
//! let mut bytes = Vec::new();
//! select.apdu().emit(&mut bytes).unwrap();
//! let apdu = CommandApdu::parse(&bytes).unwrap();
//! assert_eq!(Command::parse(&apdu), Some(select));
//! ```
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used,
        reason = "a test fails by panicking"
    )
)]

#[cfg(test)]
extern crate alloc;

pub mod class;
mod command;
pub mod ins;
mod instruction;
mod redaction;
mod repertoire;
mod table;

pub use command::{Command, CryptogramType, Selection};
pub use instruction::{Application, Danger, Instruction, Parameters, Secrecy};
pub use redaction::{SecretAnswers, redact, secret_part};
pub use repertoire::{ANY, DIRECTORY, FINANCIAL, PKI, PSAM, Repertoire, SOCIAL, SOCIAL_WITH_PURSE};
pub use table::{
    ALL, GENERAL_STATUS, answers_once, danger, instruction, is_answer_secret, is_public, is_secret,
    social,
};
