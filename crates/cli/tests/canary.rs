//! Two canaries, each through every command that `--help` knows: what comes from outside gives a
//! terminal no orders, and PINs and keys come out nowhere. A command without an entry fails.

mod asked;
mod commands;
mod escapes;
mod found;
mod hostile;
mod misbehaving;
mod secrets;
mod served;
