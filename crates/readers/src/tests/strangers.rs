//! Whoever says what nobody understands, or goes away in the middle: the others go on.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Bench, NAME, connect, select};
use crate::mailbox::Mailbox;
use crate::wire::{Reply, Request, VERSION, Wire, greet, greeting, read};
use crate::{RemoteContext, ScardError, ShareMode, protocols};

/// A conversation with nothing between it and the server.
fn converse(bench: &Bench) -> Wire {
    let stream = UnixStream::connect(bench.socket()).unwrap();
    greet(&stream, &Request::Establish { version: VERSION }, None).unwrap();
    let (reply, file) = greeting(&stream, None).unwrap();
    assert!(matches!(read(&reply).unwrap().0, Reply::Number(_)));
    Wire::new(stream, Mailbox::open(file.unwrap()).unwrap())
}

fn still_serves(bench: &Bench) {
    let context = RemoteContext::establish(&bench.socket()).unwrap();
    let mine = connect(&context, ShareMode::Shared);
    while let Err(error) = select(mine.as_ref()) {
        // A stranger that held a transaction left the card reset.
        assert!([ScardError::RESET_CARD, ScardError::SHARING_VIOLATION].contains(&error));
        let leave = crate::CardDisposition::Leave;
        let _ = mine.reconnect(ShareMode::Shared, super::ANY, leave);
    }
}

#[test]
fn another_version_is_told_that_there_is_no_service() {
    let bench = Bench::new();
    let stream = UnixStream::connect(bench.socket()).unwrap();
    greet(&stream, &Request::Establish { version: VERSION + 1 }, None).unwrap();
    let (reply, file) = greeting(&stream, None).unwrap();
    assert_eq!(read::<Reply<'_>>(&reply).unwrap().0, Reply::Failed(0x8010_001D));
    assert!(file.is_none());
}

#[test]
fn a_context_that_nobody_has_cannot_be_cancelled() {
    let bench = Bench::new();
    let stream = UnixStream::connect(bench.socket()).unwrap();
    greet(&stream, &Request::Cancel { context: 0 }, None).unwrap();
    let (reply, _) = greeting(&stream, None).unwrap();
    assert_eq!(read::<Reply<'_>>(&reply).unwrap().0, Reply::Failed(0x8010_0003));
}

#[test]
fn a_handle_is_its_context_s_alone() {
    let bench = Bench::new();
    let context = RemoteContext::establish(&bench.socket()).unwrap();
    let _mine = connect(&context, ShareMode::Shared);
    let mut stranger = converse(&bench);
    for handle in 0..100 {
        stranger.send(&Request::Begin { handle }, &[]).unwrap();
        let reply: Reply<'_> = read(stranger.receive().unwrap()).unwrap().0;
        assert_eq!(reply, Reply::Failed(ScardError::INVALID_HANDLE.code()));
    }
}

#[test]
fn a_message_that_is_none_ends_the_conversation_and_no_other() {
    let bench = Bench::new();
    let mut stranger = converse(&bench);
    stranger.send(&[0xFF_u8; 20], &[]).unwrap();
    assert!(stranger.receive().is_err());
    still_serves(&bench);
}

#[test]
fn a_program_that_dies_in_a_transaction_leaves_the_card_reset_and_free() {
    let bench = Bench::new();
    let context = RemoteContext::establish(&bench.socket()).unwrap();
    let mine = connect(&context, ShareMode::Shared);
    let mut dying = converse(&bench);
    let request = Request::Connect { reader: NAME, share: 2, protocols: super::ANY, patience: 0 };
    dying.send(&request, &[]).unwrap();
    let Reply::Connected(Some((handle, _))) = read(dying.receive().unwrap()).unwrap().0 else {
        panic!("connected");
    };
    dying.send(&Request::Begin { handle }, &[]).unwrap();
    dying.receive().unwrap();
    assert_eq!(select(mine.as_ref()), Err(ScardError::SHARING_VIOLATION));
    drop(dying);
    mine.wait_for_turn(Duration::from_secs(5));
    let begun = Instant::now();
    while select(mine.as_ref()) == Err(ScardError::SHARING_VIOLATION) {
        assert!(begun.elapsed().as_secs() < 5);
    }
    assert_eq!(select(mine.as_ref()), Err(ScardError::RESET_CARD));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_on_the_socket_are_borne(bytes in vec(any::<u8>(), 0..600)) {
        let bench = Bench::new();
        let mut stream = UnixStream::connect(bench.socket()).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
        let _ = stream.write_all(&bytes);
        let _ = stream.read(&mut [0; 64]);
        drop(stream);
        still_serves(&bench);
    }

    #[test]
    fn any_requests_are_borne(
        requests in vec((0_u8..12, any::<bool>(), any::<u32>(), any::<u32>(), vec(any::<u8>(), 0..40)), 1..60)
    ) {
        let bench = Bench::new();
        let mut stranger = converse(&bench);
        let mut last = 0;
        for (kind, is_known, a, b, tail) in &requests {
            let handle = if *is_known { last } else { *a };
            let (a, b) = (*a % 6, *b % 6);
            let name = if *is_known { NAME } else { "no such reader" };
            let request = match kind {
                0 => Request::Transmit { handle, protocol: a },
                1 | 2 => Request::Connect { reader: name, share: a, protocols: b, patience: 1 },
                3 => Request::Reconnect { handle, share: a, protocols: b, first: a },
                4 => Request::Disconnect { handle, last: b },
                5 => Request::Begin { handle },
                6 => Request::End { handle, last: b },
                7 => Request::Wait { handle, patience: 1 },
                8 => Request::Status { handle },
                9 => Request::Control { handle, code: a },
                10 => Request::SetAttribute { handle, number: b },
                _ => Request::StatusChange { patience: Some(0), queries: vec![(name, a)] },
            };
            stranger.send(&request, tail).unwrap();
            if let Reply::Connected(Some((handle, _))) = read(stranger.receive().unwrap()).unwrap().0 {
                last = handle;
            }
        }
        drop(stranger);
        let begun = Instant::now();
        let [context, _] = bench.contexts();
        // Whoever spoke to the reader itself leaves it so until a reset, as with pcscd.
        let raw = protocols::RAW;
        while !matches!(context.connect(NAME, ShareMode::Exclusive, raw, super::AT_ONCE), Ok(Some(_))) {
            prop_assert!(begun.elapsed().as_secs() < 5);
        }
    }
}
