//! I-19: a card that is removed, reset, silent or late is a typed error, never a hang or a panic.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use sscard_host::vpcd::{Slot, SlotRequest, serve};
use sscard_host::{FaultInjector, FaultPlan, Follow, InProcess, Transport, TransportError};
use sscard_terminal::{ReadError, ReadOptions, SoftwareModule, read_card};

use crate::harness::{Desk, SELECT_SSSE, bytes};

fn errors() -> [TransportError; 5] {
    [
        TransportError::Removed,
        TransportError::Reset,
        TransportError::Timeout { milliseconds: Some(10) },
        TransportError::Busy { code: Some(0x8010_000B) },
        TransportError::Protocol("one byte".into()),
    ]
}

#[test]
fn i_19_reading_ends_with_the_error_wherever_the_transport_fails() {
    for error in errors() {
        for executes in [false, true] {
            for after in 0.. {
                let card = InProcess::power_on(Desk::t0("gen3").card).expect("power");
                let plan = FaultPlan::new(after, error.clone()).executing(executes).staying(true);
                let mut card = Follow::new(FaultInjector::new(card, plan));
                let options = ReadOptions { applications: true, pin: Some(&[0x12, 0x34, 0x56]) };
                let outcome = read_card(&mut card, &mut SoftwareModule::test(1), options);
                match outcome {
                    Err(ReadError::Transport(found)) => assert_eq!(found, error),
                    Ok(_) => {
                        assert!(after > 200, "all of {after} exchanges passed");
                        break;
                    }
                    Err(other) => panic!("exchange {after}: {other}"),
                }
                if after > 40 && !executes {
                    // The rest of the course is walked once, with the answers lost.
                    break;
                }
            }
        }
    }
}

#[test]
fn i_19_a_power_cut_is_a_removed_card() {
    let mut card = InProcess::power_on(Desk::t0("gen3").card).expect("power");
    let mut response = Vec::new();
    card.transmit(&bytes(SELECT_SSSE), &mut response).expect("answer");
    card.card_mut().cut_power_after(0);
    let cut = card.transmit(&bytes("0020000003111111"), &mut response);
    assert_eq!(cut, Err(TransportError::Removed));
    assert!(response.is_empty());
    card.reset().expect("power is back");
    card.transmit(&bytes(SELECT_SSSE), &mut response).expect("answer");
}

/// A driver that talks to one slot as vpcd's does.
fn driver(
    script: impl FnOnce(&mut std::net::TcpStream) + Send + 'static,
) -> (Slot, thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("address");
    let driver = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a card");
        script(&mut stream);
    });
    (Slot::connect(address).expect("connects"), driver)
}

fn message(body: &[u8]) -> Vec<u8> {
    [&u16::try_from(body.len()).expect("short").to_be_bytes()[..], body].concat()
}

fn receive(stream: &mut std::net::TcpStream) -> Vec<u8> {
    let mut length = [0; 2];
    stream.read_exact(&mut length).expect("length");
    let mut body = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut body).expect("body");
    body
}

fn serve_all(slot: &mut Slot, desk: &mut Desk) -> TransportError {
    let mut response = Vec::new();
    loop {
        let served = slot
            .next(Duration::from_millis(20))
            .and_then(|request| serve(slot, request, &mut desk.card, &mut response));
        if let Err(error) = served {
            return error;
        }
    }
}

#[test]
fn vpcd_messages_in_pieces_and_together_are_served() {
    let (mut slot, driver) = driver(|stream| {
        // Power on, ATR wanted and a command in one segment.
        let together = [message(&[1]), message(&[4]), message(&bytes(SELECT_SSSE))].concat();
        stream.write_all(&together).expect("sent");
        assert_eq!(receive(stream)[0], 0x3B);
        assert_eq!(receive(stream), [0x61, 0x1E]);
        for byte in message(&bytes("00C000001E")) {
            stream.write_all(&[byte]).expect("sent");
            thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(receive(stream).len(), 32);
    });
    let mut desk = Desk::t0("gen3");
    assert_eq!(serve_all(&mut slot, &mut desk), TransportError::Removed);
    driver.join().expect("the driver is content");
}

#[test]
fn i_19_a_driver_that_goes_is_a_removed_card_and_nonsense_a_protocol_error() {
    let (mut slot, gone) = driver(|stream| stream.write_all(&[0, 5, 0x00, 0xA4]).expect("sent"));
    let mut desk = Desk::t0("gen3");
    assert_eq!(serve_all(&mut slot, &mut desk), TransportError::Removed);
    gone.join().expect("driver");
    for nonsense in [&[0_u8, 0][..], &[0, 1, 9]] {
        let nonsense = nonsense.to_vec();
        let (mut slot, driver) = driver(move |stream| {
            stream.write_all(&nonsense).expect("sent");
            let _ = stream.read(&mut [0]);
        });
        assert!(matches!(serve_all(&mut slot, &mut desk), TransportError::Protocol(_)));
        drop(slot);
        driver.join().expect("driver");
    }
}

#[test]
fn i_19_a_silent_driver_costs_no_more_than_the_patience() {
    let (mut slot, driver) = driver(|stream| {
        let _ = stream.read(&mut [0]);
    });
    let started = Instant::now();
    assert_eq!(slot.next(Duration::from_millis(30)), Ok(SlotRequest::Idle));
    assert!(started.elapsed() < Duration::from_secs(2));
    drop(slot);
    driver.join().expect("driver");
}

#[test]
fn i_19_nobody_listening_is_no_service() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("address");
    drop(listener);
    let refused = Slot::connect(address).err().expect("nobody listens");
    assert!(matches!(refused, TransportError::NoService { .. }));
}
