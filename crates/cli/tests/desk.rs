//! `sscard desk` as a user runs it.

#[path = "desk/bad_input.rs"]
mod bad_input;
#[path = "desk/city.rs"]
mod city;
#[path = "desk/looks.rs"]
mod looks;
#[path = "desk/operations.rs"]
mod operations;
mod sscard;
