//! Cross-crate and conformance tests: one test per clause, rule or invariant, named after it.

mod applets;
mod architecture;
mod citations;
mod codec;
mod desk;
mod financial;
mod from_outside;
mod fuzz;
mod golden;
mod harness;
mod invariants;
mod spec;
mod terminal;
