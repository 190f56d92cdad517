//! Commands, buffers, faults.

use sscard::{
    sscard_clear_faults, sscard_error as Code, sscard_power_off, sscard_power_on, sscard_reset,
    sscard_transmit,
};

use crate::by_hand::*;

#[test]
fn a_buffer_that_is_too_short_says_what_is_needed_and_nothing_is_done() {
    let card = powered("gen3");
    let before = digest(&card);
    for capacity in 0..10 {
        let (code, length, answer) = transmit_in(card.0, CHALLENGE, capacity);
        refused(
            code,
            Code::SSCARD_E_BUFFER,
            &format!("10 bytes are needed, the buffer has {capacity}"),
        );
        assert_eq!(length, 10);
        assert!(answer.iter().all(|byte| *byte == 0xEE), "nothing is written");
        assert_eq!(digest(&card), before, "nothing was done");
    }
    let (code, length, answer) = transmit_in(card.0, CHALLENGE, 10);
    assert_eq!((code, length), (0, 10));
    assert_ne!(digest(&card), before);
    let fresh = powered("gen3");
    assert_eq!(transmit(&fresh, CHALLENGE), answer, "the first challenge after all");
}

#[test]
fn a_try_is_not_used_up_by_a_buffer_that_is_too_short() {
    let card = powered("gen3");
    transmit(&card, SELECT_SSSE);
    for _ in 0..9 {
        let (code, length, _) = transmit_in(card.0, WRONG_PIN, 1);
        refused(code, Code::SSCARD_E_BUFFER, "2 bytes are needed");
        assert_eq!(length, 2);
    }
    assert_eq!(transmit(&card, WRONG_PIN), [0x63, 0xC5]);
}

#[test]
fn the_answer_may_go_where_the_command_was() {
    let card = powered("gen3");
    let mut both = [0; 258];
    both[..CHALLENGE.len()].copy_from_slice(CHALLENGE);
    let at = both.as_mut_ptr();
    let mut length = both.len();
    // SAFETY: 258 bytes, of which the first are the command.
    let code = unsafe { sscard_transmit(card.0, at, CHALLENGE.len(), at, &mut length) };
    assert_eq!((code, length), (0, 10));
    assert_eq!(both[..10], transmit(&powered("gen3"), CHALLENGE));
}

#[test]
fn any_bytes_get_an_answer() {
    let card = powered("gen3");
    for command in [&[][..], &[0x00], &[0x00, 0xA4, 0x04], &[0xFF; 300]] {
        assert_eq!(transmit(&card, command).len(), 2, "{command:02X?}");
    }
}

#[test]
fn a_mute_card_is_a_code() {
    let card = powered("gen3");
    assert_eq!(set_fault(&card, "mute@2"), 0);
    assert_eq!(transmit(&card, SELECT_SSSE).len(), 2);
    let (code, length, _) = transmit_in(card.0, WRONG_PIN, 258);
    refused(code, Code::SSCARD_E_MUTE, "mute");
    assert_eq!(length, 0);
    assert_eq!(transmit(&card, TRIES), [0x63, 0xC5], "the command was carried out");
}

#[test]
fn a_bent_answer_is_what_comes_back_and_faults_can_be_cleared() {
    let card = powered("gen3");
    assert_eq!(set_fault(&card, "sw=6F00"), 0);
    let answer = transmit(&card, CHALLENGE);
    assert_eq!((answer.len(), &answer[8..]), (10, &[0x6F, 0x00][..]));
    assert_eq!(sscard_clear_faults(card.0), 0);
    assert_eq!(transmit(&card, CHALLENGE)[8..], [0x90, 0x00]);
    refused(set_fault(&card, "sww=6F00"), Code::SSCARD_E_FAULT, "sww");
    assert_eq!(transmit(&card, CHALLENGE)[8..], [0x90, 0x00]);
}

#[test]
fn with_faults_too_a_short_buffer_does_nothing() {
    let card = powered("gen3");
    assert_eq!(set_fault(&card, "sw=6F00@nth=1"), 0);
    let before = digest(&card);
    let (code, length, _) = transmit_in(card.0, CHALLENGE, 9);
    refused(code, Code::SSCARD_E_BUFFER, "10 bytes are needed");
    assert_eq!((length, digest(&card)), (10, before));
    assert_eq!(transmit(&card, CHALLENGE)[8..], [0x6F, 0x00], "it is the first one still");
    assert_eq!(transmit(&card, CHALLENGE)[8..], [0x90, 0x00]);
}

#[test]
fn a_card_that_a_fault_took_away_comes_back_when_faults_are_cleared() {
    let card = powered("gen3");
    assert_eq!(set_fault(&card, "remove@1"), 0);
    refused(transmit_in(card.0, CHALLENGE, 258).0, Code::SSCARD_E_REMOVED, "took the card away");
    refused(transmit_in(card.0, CHALLENGE, 258).0, Code::SSCARD_E_REMOVED, "took the card away");
    refused(sscard_power_on(card.0), Code::SSCARD_E_REMOVED, "sscard_clear_faults");
    refused(sscard_reset(card.0), Code::SSCARD_E_REMOVED, "sscard_clear_faults");
    assert_eq!(sscard_clear_faults(card.0), 0);
    assert_eq!(sscard_power_on(card.0), 0);
    assert_eq!(transmit(&card, CHALLENGE).len(), 10);
}

#[test]
fn a_reset_between_two_commands_is_a_code() {
    let card = powered("gen3");
    transmit(&card, SELECT_SSSE);
    transmit(&card, RIGHT_PIN);
    assert_eq!(set_fault(&card, "reset@1"), 0);
    refused(transmit_in(card.0, WRONG_PIN, 258).0, Code::SSCARD_E_RESET, "not sent");
    transmit(&card, SELECT_SSSE);
    assert_eq!(transmit(&card, TRIES), [0x63, 0xC6]);
}

#[test]
fn a_fault_that_cuts_the_power_is_taken_back_with_it() {
    let card = powered("gen3");
    transmit(&card, SELECT_SSSE);
    assert_eq!(set_fault(&card, "cut=0@1"), 0);
    assert_eq!(transmit(&card, TRIES), [0x63, 0xC6]);
    assert_eq!(sscard_clear_faults(card.0), 0);
    assert_eq!(transmit(&card, WRONG_PIN), [0x63, 0xC5]);
    assert_eq!(set_fault(&card, "cut=0"), 0);
    refused(transmit_in(card.0, WRONG_PIN, 258).0, Code::SSCARD_E_POWER_LOST, "lost its power");
}

#[test]
fn an_answer_to_reset_is_bent_too() {
    let card = new("gen3");
    let right = atr(&card);
    assert_eq!(set_fault(&card, "atr=3B00"), 0);
    assert_eq!(sscard_power_on(card.0), 0);
    assert_eq!(atr(&card), [0x3B, 0x00]);
    sscard_power_off(card.0);
    assert_eq!(atr(&card), right);
}
