//! A program on the crate `pcsc` 2.9 that knows nothing of us: under `sscard with` it finds our cards.
//!
//! `sscard with -- cargo run --package sscard-host --features pcsc --example pcsc_crate`
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "an example, which may panic"
)]

use pcsc::{Context, Disposition, MAX_BUFFER_SIZE, Protocols, Scope, ShareMode};

const SELECT: &[u8] = b"\x00\xA4\x04\x00\x0Fsx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";

fn main() {
    let context = Context::establish(Scope::User).expect("PC/SC");
    let readers = context.list_readers_owned().expect("readers");
    let reader = readers.first().expect("a reader");
    let mut card = context.connect(reader, ShareMode::Shared, Protocols::ANY).expect("a card");
    let transaction = card.transaction().expect("a transaction");
    let mut room = [0; MAX_BUFFER_SIZE];
    let mut response = transaction.transmit(SELECT, &mut room).expect("an answer").to_vec();
    if let [.., 0x61, waiting] = response[..] {
        let fetch = [0x00, 0xC0, 0x00, 0x00, waiting];
        response = transaction.transmit(&fetch, &mut room).expect("an answer").to_vec();
    }
    transaction.end(Disposition::LeaveCard).map_err(|(_, error)| error).expect("ended");
    assert!(response.ends_with(&[0x90, 0x00]), "{response:02X?}");
    println!("{}: {} bytes of the environment", reader.to_string_lossy(), response.len());
    // Whoever only drops a card resets it.
    card.disconnect(Disposition::LeaveCard).map_err(|(_, error)| error).expect("left");
}
