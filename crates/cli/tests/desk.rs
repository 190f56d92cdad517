//! `sscard desk` as a user runs it.

mod bad_input;
pub(crate) mod city;
mod delivery;
mod looks;
mod operations;
#[cfg(unix)]
mod secrets;
