//! Two traces, modulo what is random.

use sscard_apdu::tlv::Tag;

use super::*;

const PAY: &[u8] = &[0, 0xA4, 4, 0, 8, 0xA0, 0, 0, 3, 0x33, 1, 1, 1, 0];

fn first(
    modulo: Modulo,
    left: &[TraceEvent],
    right: &[TraceEvent],
) -> Option<(usize, What, Option<usize>)> {
    let mut comparison = Comparison::new(modulo);
    (1..).zip(left.iter().zip(right)).find_map(|(number, (a, b))| {
        comparison.compare(a, b).map(|difference| (number, difference.what, difference.offset))
    })
}

/// A payment's beginning with this unpredictable number, counter and cryptogram.
fn payment(number: u8, atc: u8, cryptogram: u8) -> Vec<TraceEvent> {
    let generate = [0x80, 0xAE, 0x80, 0, 7, number, 2, 3, 4, 0x26, 0x11, 0x24, 0];
    let answer = [0x80, 0x0B, 0x80, 0, atc, cryptogram, 2, 3, 4, 5, 6, 7, 8, 0x90, 0x00];
    vec![
        exchange(PAY, &[0x90, 0x00]),
        exchange(
            &[0, 0xB2, 1, 0x0C, 0],
            &[0x70, 0x07, 0x8C, 5, 0x9F, 0x37, 4, 0x9A, 3, 0x90, 0x00],
        ),
        exchange(&generate, &answer),
    ]
}

#[test]
fn random_values_may_differ() {
    let (one, other) = (payment(1, 1, 1), payment(9, 1, 9));
    assert_eq!(first(Modulo::default(), &one, &other), None);
    let exact = Modulo { exact: true, ..Modulo::default() };
    assert_eq!(first(exact, &one, &other), Some((3, What::Command, Some(5))));
}

#[test]
fn counters_may_differ_when_asked() {
    let (one, other) = (payment(1, 1, 1), payment(1, 2, 1));
    assert_eq!(first(Modulo::default(), &one, &other), Some((3, What::Data, Some(4))));
    let counters = Modulo { counters: true, ..Modulo::default() };
    assert_eq!(first(counters, &one, &other), None);
}

#[test]
fn a_data_element_may_differ_when_named() {
    let one = payment(1, 1, 1);
    let mut other = payment(1, 1, 1);
    if let TraceEvent::Exchange(exchange) = &mut other[2] {
        exchange.command[11] = 0x25;
    }
    assert_eq!(first(Modulo::default(), &one, &other), Some((3, What::Command, Some(11))));
    let date = Modulo { tags: vec![Tag::from_number(0x9A)], ..Modulo::default() };
    assert_eq!(first(date, &one, &other), None);
}

#[test]
fn challenges_and_macs_may_differ() {
    let one = [
        exchange(&[0, 0x84, 0, 0, 4], &[1, 2, 3, 4, 0x90, 0]),
        exchange(&[0, 0x82, 0, 4, 4, 1, 2, 3, 4], &[0x90, 0]),
        exchange(&[0x04, 0xD6, 0, 0, 5, 0x77, 1, 2, 3, 4], &[0x90, 0]),
    ];
    let other = [
        exchange(&[0, 0x84, 0, 0, 4], &[9, 9, 9, 9, 0x90, 0]),
        exchange(&[0, 0x82, 0, 4, 4, 9, 9, 9, 9], &[0x90, 0]),
        exchange(&[0x04, 0xD6, 0, 0, 5, 0x77, 9, 9, 9, 9], &[0x90, 0]),
    ];
    assert_eq!(first(Modulo::default(), &one, &other), None);
    let data = [exchange(&[0x04, 0xD6, 0, 0, 5, 0x78, 1, 2, 3, 4], &[0x90, 0])];
    assert_eq!(first(Modulo::default(), &one[2..], &data), Some((1, What::Command, Some(5))));
}

#[test]
fn status_lengths_and_missing_responses_differ() {
    let modulo = Modulo::default;
    let a = [exchange(&SELECT, &[1, 2, 0x90, 0x00])];
    assert_eq!(
        first(modulo(), &a, &[exchange(&SELECT, &[1, 2, 0x6A, 0x82])]),
        Some((1, What::Status, Some(2)))
    );
    assert_eq!(
        first(modulo(), &a, &[exchange(&SELECT, &[1, 2, 3, 0x90, 0x00])]),
        Some((1, What::Data, Some(2)))
    );
    let none =
        TraceEvent::Exchange(Exchange::new(SELECT.to_vec(), Err(TransportError::told("gone"))));
    assert_eq!(first(modulo(), &a, std::slice::from_ref(&none)), Some((1, What::Response, None)));
    let reset = |atr: &[u8]| [TraceEvent::Reset(Reset { atr: atr.to_vec(), ..Reset::default() })];
    assert_eq!(first(modulo(), &a, &reset(&[0x3B])), Some((1, What::Kind, None)));
    assert_eq!(first(modulo(), &reset(&[0x3B]), &reset(&[0x3F])), Some((1, What::Atr, Some(0))));
    assert_eq!(first(modulo(), &reset(&[0x3B]), &reset(&[])), None, "not known");
}

#[test]
fn a_redacted_part_equals_any() {
    let plain = exchange(&[0, 0x20, 0, 0, 3, 0x12, 0x34, 0x56], &[0x90, 0]);
    let TraceEvent::Exchange(mut hidden) = plain.clone() else { panic!("an exchange") };
    hidden.redact();
    assert_eq!(first(Modulo::default(), &[plain], &[TraceEvent::Exchange(hidden)]), None);
}
