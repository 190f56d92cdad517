//! An integrator's applets stand inside the card's guarantees.

mod counter;
mod failed_writes;
mod images;
mod registration;
mod services;
mod state;
