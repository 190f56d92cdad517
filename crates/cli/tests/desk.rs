//! `sscard desk` as a user runs it.

#[path = "desk/bad_input.rs"]
mod bad_input;
#[path = "desk/city.rs"]
mod city;
#[path = "desk/delivery.rs"]
mod delivery;
#[path = "desk/looks.rs"]
mod looks;
#[path = "desk/operations.rs"]
mod operations;
#[cfg(unix)]
#[path = "desk/secrets.rs"]
mod secrets;
mod sscard;
