//! What was answered is kept (I-22): every road to a card, killed, signalled, its output closed, its disk
//! full. What a file has to hold afterwards is computed by a card in this process that gets the same
//! commands: the bytes of its image after each of them.

mod disk;
mod files;
mod kill;
mod operations;
mod output;
mod repair;
mod road;
mod saved;
mod signals;
