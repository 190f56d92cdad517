//! The program `sscard` as its users run it: one test program, so that it is linked once.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[cfg(unix)]
mod bench;
#[cfg(unix)]
mod canary;
mod compare;
mod conformance;
mod desk;
mod emv;
mod evil;
mod examples;
mod faults;
mod golden;
mod image_file;
mod import;
mod inspect;
#[cfg(unix)]
mod json;
#[cfg(unix)]
mod kept;
mod learn;
#[cfg(unix)]
mod link;
mod own_bank;
mod payment;
mod pki;
mod profile;
mod program;
mod psam;
mod read;
#[cfg(unix)]
mod readme;
mod report;
mod run;
mod serve;
mod shell;
#[cfg(unix)]
mod shell_terminal;
mod sscard;
mod tools;
mod trace;
#[cfg(unix)]
mod typed;
#[cfg(unix)]
mod with;
