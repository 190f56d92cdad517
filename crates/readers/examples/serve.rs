//! Serves the cards of files to other processes: `serve SOCKET FILE...`, until its input ends.
#![allow(clippy::expect_used, reason = "an example may panic")]

use std::io::{self, Read};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;

use sscard_host::{CardFile, InProcess, Sync};
use sscard_readers::{HeldCard, IccSlot, ResourceManager, serve};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let socket = arguments.next().expect("a path for the socket");
    let mut slots: Vec<Arc<dyn IccSlot>> = Vec::new();
    for file in arguments {
        let (file, card) = CardFile::open(Path::new(&file), Sync::Idle)?;
        let card = InProcess::power_on(card)?.keep_in(file)?;
        slots.push(Arc::new(HeldCard::new(card)));
    }
    let server = serve(UnixListener::bind(socket)?, ResourceManager::new(slots))?;
    io::stdin().read_to_end(&mut Vec::new())?;
    drop(server);
    Ok(())
}
