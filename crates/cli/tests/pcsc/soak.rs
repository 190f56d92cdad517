//! 100,000 exchanges, the card leaving and coming back a hundred times.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use sscard_core::{Card, CardImage};
use sscard_host::pcsc::{ConnectOptions, PcscReader};
use sscard_host::vpcd::{self, Slot, SlotRequest};
use sscard_host::{Disposition, Transport};
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};

use super::road::is_with;
use super::{
    READER_IN_USE, SELECT_SSSE, Server, bytes, hex, ok, reader, served, start_pcscd, wait_for,
};

const BLOCKS: u64 = 100;
const PER_BLOCK: u64 = 1000;
/// Growth that counts as flat, in KiB.
const FLAT: u64 = 4096;

/// The card in its slot until `eject`; every command is counted.
fn serve(card: &mut Card, eject: &AtomicBool, served: &AtomicU64) {
    let mut slot = Slot::connect(("localhost", vpcd::PORT)).expect("vpcd listens");
    let mut response = Vec::new();
    while !eject.load(Ordering::Relaxed) {
        let request = slot.next(Duration::from_millis(20)).expect("pcscd is there");
        if request != SlotRequest::Idle {
            vpcd::serve(&mut slot, request, card, &mut response).expect("answered");
            served.fetch_add(u64::from(request == SlotRequest::Command), Ordering::Relaxed);
        }
    }
}

fn is_in() -> bool {
    sscard_host::pcsc::readers()
        .is_ok_and(|readers| readers.iter().any(|r| r.name == reader() && r.atr.is_some()))
}

fn resident_kib(process: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a size");
    line.split_whitespace().next().expect("a number").parse().expect("a number")
}

/// The PIN that block `n` leaves behind: six digits in three bytes.
fn pin(n: u64) -> String {
    format!("{:06}", 123_456 + n)
}

#[test]
fn a_hundred_thousand_exchanges_lose_nothing_and_leave_memory_flat() {
    let sizes = if is_with() { under_sscard_with() } else { through_pcscd() };
    let (warm, end) = (sizes[9], sizes[sizes.len() - 1]);
    println!("{warm:?} KiB after 10 blocks, {end:?} KiB at the end");
    assert!(end.0 < warm.0 + FLAT && end.1 < warm.1 + FLAT, "{warm:?} {end:?}");
}

/// Sizes of this program and of the one that holds the card, after each block.
fn under_sscard_with() -> Vec<(u64, u64)> {
    let mut served = served(&["gen3"]);
    let with = served.program.process().id().to_string();
    let Server::With(program) = &served.program else { panic!("the other road") };
    let mut sent = 0;
    let mut sizes = Vec::new();
    for block in 0..BLOCKS {
        let now = exchange(block);
        assert_eq!(program.commands(), now, "in block {block}");
        sent += now;
        program.eject(0);
        wait_for("the removal", || !is_in());
        program.insert(0);
        wait_for("the card", is_in);
        sizes.push((resident_kib("self"), resident_kib(&with)));
    }
    assert!(sent >= BLOCKS * PER_BLOCK);
    sizes
}

/// The same through pcscd.
fn through_pcscd() -> Vec<(u64, u64)> {
    let _turn = READER_IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
    start_pcscd();
    wait_for("the empty reader", || !is_in());
    let daemon = ok("pgrep", &["--oldest", "--exact", "pcscd"]).trim().to_owned();
    let profile = built_in("gen3").expect("built-in");
    let card = issue(&profile, &synthetic_holder(1), &MasterKeys::test()).expect("card");
    let image = Mutex::new(card.image());
    let served = AtomicU64::new(0);
    let mut sent = 0;
    let mut sizes = Vec::new();
    for block in 0..BLOCKS {
        let eject = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut stored = image.lock().expect("image");
                let bytes = stored.as_bytes().to_vec();
                let mut card = Card::from_image(&CardImage::from_bytes(bytes)).expect("loads");
                serve(&mut card, &eject, &served);
                *stored = card.image();
            });
            wait_for("the card", is_in);
            sent += exchange(block);
            eject.store(true, Ordering::Relaxed);
        });
        wait_for("the removal", || !is_in());
        assert_eq!(served.load(Ordering::Relaxed), sent, "after block {block}");
        sizes.push((resident_kib("self"), resident_kib(&daemon)));
    }
    assert!(sent >= BLOCKS * PER_BLOCK);
    sizes
}

/// One block; its PIN is the one that the block before left on the card.
fn exchange(block: u64) -> u64 {
    let mut card = PcscReader::connect(reader(), ConnectOptions::default()).expect("connects");
    let mut response = Vec::new();
    let mut sent = 0;
    let mut expect = |command: &str, answer: &str| {
        card.transmit(&bytes(command), &mut response).expect("answer");
        assert_eq!(hex(&response), answer, "block {block}: {command}");
        sent += 1;
    };
    expect(SELECT_SSSE, "611E");
    expect("0020000003999999", "63C5");
    expect(&format!("0020000003{}", pin(block)), "9000");
    for _ in 0..PER_BLOCK / 2 - 2 {
        expect("00A4000002EF05", "9000");
        expect("00B2030006", "0304332E30309000");
    }
    expect(&format!("805E010007{}FF{}", pin(block), pin(block + 1)), "9000");
    Box::new(card).close(Disposition::Leave).expect("left");
    sent
}
