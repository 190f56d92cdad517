//! What was answered is kept (I-22): every road to a card, killed, signalled, its output closed, its disk
//! full. What a file has to hold afterwards is computed by a card in this process that gets the same
//! commands: the bytes of its image after each of them.
#![cfg(unix)]

#[path = "kept/disk.rs"]
mod disk;
#[path = "kept/files.rs"]
mod files;
#[path = "kept/kill.rs"]
mod kill;
#[path = "kept/operations.rs"]
mod operations;
#[path = "kept/output.rs"]
mod output;
#[path = "kept/repair.rs"]
mod repair;
#[path = "kept/road.rs"]
mod road;
#[path = "kept/saved.rs"]
mod saved;
#[path = "kept/signals.rs"]
mod signals;
mod sscard;
