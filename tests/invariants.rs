//! The invariants of a card and of what stands around it, one module each.

mod file_system;
mod i_01_totality_and_shape;
pub(crate) mod i_04_tear;
mod i_08_volatile_state;
mod i_09_secrets;
mod i_10_wiped;
mod i_11_secure_messaging;
mod i_12_access;
mod i_13_life_cycle;
mod i_15_channels;
mod i_15_opened_channels;
mod i_16_determinism;
mod i_18_images;
mod i_19_host;
mod i_22_changes;
