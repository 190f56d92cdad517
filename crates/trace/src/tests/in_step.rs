//! Two cards that take turns.

use std::thread;

use super::*;

/// Sends as many SELECTs to both cards; how far they went, how many both did alike, and why each session ended.
fn compared(
    cards: [(&[&'static [u8]], usize); 2],
) -> (Steps, usize, [Result<(), TransportError>; 2]) {
    thread::scope(|scope| {
        let (turns, gates) = in_step();
        let mut gates = gates.into_iter();
        let sessions = cards.map(|(answers, count)| {
            let gate = gates.next().expect("two gates");
            let card = Canned(answers.to_vec());
            scope.spawn(move || {
                gate.ready(None)?;
                let mut card = gate.before(card);
                (0..count).try_for_each(|_| card.transmit(&SELECT, &mut Vec::new()))
            })
        });
        let mut alike = 0;
        let steps = turns.compare(Modulo::default(), |_| {
            alike += 1;
            Ok::<_, TransportError>(())
        });
        let ended = sessions.map(|session| session.join().expect("no panic"));
        (steps.expect("nobody fails"), alike, ended)
    })
}

#[test]
fn cards_that_answer_alike_go_through() {
    let answers: &[&[u8]] = &[&[0x90, 0x00], &[0x6A, 0x82]];
    let (steps, alike, ended) = compared([(answers, 2), (answers, 2)]);
    assert_eq!((steps, alike), (Steps { number: 2, end: StepsEnd::Alike }, 2));
    assert_eq!(ended, [Ok(()), Ok(())]);
}

#[test]
fn nothing_is_sent_behind_a_difference() {
    let one: &[&[u8]] = &[&[0x90, 0x00], &[0x6A, 0x82], &[0x90, 0x00]];
    let other: &[&[u8]] = &[&[0x90, 0x00], &[0x6A, 0x81], &[0x90, 0x00]];
    let (steps, alike, ended) = compared([(one, 3), (other, 3)]);
    let StepsEnd::Differs(_, difference) = steps.end else { panic!("{steps:?}") };
    assert_eq!((steps.number, alike, difference.what), (2, 1, What::Status));
    assert!(ended.iter().all(|ended| ended.as_ref().is_err_and(is_stop)), "{ended:?}");
}

#[test]
fn a_session_that_ends_first_is_named() {
    let answers: &[&[u8]] = &[&[0x90, 0x00], &[0x90, 0x00]];
    assert_eq!(compared([(answers, 2), (answers, 1)]).0.end, StepsEnd::Ended(1));
    let (steps, _, ended) = compared([(answers, 2), (&[], 2)]);
    assert_eq!(steps, Steps { number: 1, end: StepsEnd::Broken });
    assert_eq!(ended[1], Err(TransportError::Removed));
}
