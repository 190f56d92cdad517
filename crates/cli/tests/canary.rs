//! Two canaries, each through every command that `--help` knows: what comes from outside gives a
//! terminal no orders, and PINs and keys come out nowhere. A command without an entry fails.
#![cfg(unix)]

#[path = "canary/asked.rs"]
mod asked;
#[path = "desk/city.rs"]
#[allow(dead_code, reason = "a part of it is enough here")]
mod city;
#[path = "canary/commands.rs"]
mod commands;
#[path = "canary/escapes.rs"]
mod escapes;
#[path = "canary/found.rs"]
mod found;
#[path = "canary/hostile.rs"]
mod hostile;
#[path = "canary/secrets.rs"]
mod secrets;
mod sscard;
