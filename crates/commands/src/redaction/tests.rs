//! I-9: which bytes of a command are hidden, in every class and form.

use alloc::vec::Vec;

use super::*;

/// Instructions whose data is a PIN or a key.
const SECRET: [u8; 14] =
    [0x20, 0x21, 0x24, 0x25, 0x2C, 0x2D, 0x4A, 0x5E, 0xC2, 0xC4, 0xD4, 0xD8, 0xE2, 0xFA];
const PIN: [u8; 3] = [0x73, 0x91, 0x46];

fn short(cla: u8, ins: u8) -> Vec<u8> {
    [&[cla, ins, 0x01, 0x02, 3][..], &PIN].concat()
}

fn extended(cla: u8, ins: u8) -> Vec<u8> {
    [&[cla, ins, 0x01, 0x02, 0, 0, 3][..], &PIN].concat()
}

#[test]
fn i_9_only_the_data_of_these_instructions_is_hidden() {
    for ins in 0..=255_u8 {
        let hidden = SECRET.contains(&ins).then_some(5..8);
        assert_eq!(secret_part(&short(0x00, ins)), hidden, "{ins:02X}");
        let hidden = SECRET.contains(&ins).then_some(7..10);
        assert_eq!(secret_part(&extended(0x00, ins)), hidden, "{ins:02X} extended");
    }
}

#[test]
fn i_9_hidden_in_every_class_so_on_every_channel_chained_and_protected() {
    for cla in 0..=255_u8 {
        for ins in SECRET {
            // The medical purse's DEBIT.
            let hides = !(cla & 0xF0 == 0xB0 && ins == 0x2C);
            assert_eq!(secret_part(&short(cla, ins)), hides.then_some(5..8), "{cla:02X}{ins:02X}");
            assert_eq!(
                secret_part(&extended(cla, ins)),
                hides.then_some(7..10),
                "{cla:02X}{ins:02X}"
            );
        }
    }
}

#[test]
fn i_9_each_part_of_a_chain_is_hidden_with_and_without_le() {
    for part in [
        &[0x10, 0x20, 0x00, 0x00, 0x01, 0x73][..],
        &[0x10, 0x20, 0x00, 0x00, 0x01, 0x73, 0x00],
        &[0x90, 0x5E, 0x01, 0x00, 0x01, 0x73],
        &[0x11, 0x24, 0x00, 0x01, 0x01, 0x73],
        &[0x50, 0x20, 0x00, 0x00, 0x01, 0x73],
        &[0x1C, 0x24, 0x00, 0x02, 0x01, 0x73],
    ] {
        assert_eq!(secret_part(part), Some(5..6), "{part:02X?}");
    }
}

#[test]
fn i_9_a_malformed_command_is_hidden_behind_its_header() {
    for (command, hidden) in [
        (&[0x00, 0x20, 0x00, 0x00, 0x09, 0x73, 0x91][..], 4..7),
        (&[0x10, 0x20, 0x00, 0x00, 0x01, 0x73, 0x91, 0x46], 4..8),
        (&[0x00, 0x20, 0x00, 0x00, 0x00, 0x00, 0x09, 0x73], 4..8),
    ] {
        assert_eq!(secret_part(command), Some(hidden), "{command:02X?}");
    }
}

#[test]
fn i_9_a_command_without_data_hides_nothing() {
    for command in [
        &[][..],
        &[0x00],
        &[0x00, 0x20],
        &[0x00, 0x20, 0x00],
        &[0x00, 0x20, 0x00, 0x00],
        &[0x00, 0x20, 0x00, 0x00, 0x00],
    ] {
        assert_eq!(secret_part(command), None, "{command:02X?}");
    }
}

#[test]
fn i_9_what_is_hidden_is_overwritten() {
    let mut command = short(0x00, 0x20);
    assert_eq!(redact(&mut command), Some(5..8));
    assert_eq!(command, [0x00, 0x20, 0x01, 0x02, 3, 0, 0, 0]);
    assert_eq!(redact(&mut [0x00, 0xA4, 0x00, 0x00]), None);
}

#[test]
fn i_9_keys_that_are_loaded_into_a_reader_are_hidden() {
    // PC/SC part 3, LOAD KEYS: six bytes into place 1.
    let load = [&[0xFF, 0x82, 0x00, 0x01, 6][..], &[0xA0; 6]].concat();
    assert_eq!(secret_part(&load), Some(5..11));
    // GENERAL AUTHENTICATE names the place, no key.
    let authenticate = [0xFF, 0x86, 0x00, 0x00, 5, 0x01, 0x00, 0x04, 0x60, 0x01];
    assert_eq!(secret_part(&authenticate), None);
    // UPDATE BINARY to a reader may write the block of a card that holds its keys.
    assert_eq!(secret_part(&short(0xFF, 0xD6)), Some(5..8));
}

#[test]
fn i_9_a_command_inside_a_direct_transmission_is_hidden() {
    let verify = short(0x00, 0x20);
    for header in [
        &[0xFF, 0x00, 0x00, 0x00][..],
        &[0xFF, 0xC2, 0x00, 0x01],
        &[0xFF, 0x70, 0x07, 0x6B],
        &[0xFF, 0xFB, 0x00, 0x00],
    ] {
        let wrapped = [header, &[8], &verify[..]].concat();
        assert_eq!(secret_part(&wrapped), Some(5..13), "{header:02X?}");
    }
    for ins in [0xA4, 0xB0, 0xC0, 0xCA] {
        assert_eq!(secret_part(&short(0xFF, ins)), None, "{ins:02X} is the reader's own");
    }
}

#[test]
fn i_9_answers_with_secrets_are_hidden_and_no_others() {
    let mut answers = SecretAnswers::default();
    let mut part = |command: &[u8]| answers.part(command, &[0x5A, 0x5A, 0x90, 0x00]);
    // HASH of a PIN, the session key of an envelope, what was enciphered.
    for command in [
        &[0x80, 0xC4, 0x01, 0x03][..],
        &[0x80, 0x4E, 0x00, 0x01],
        &[0x00, 0x2A, 0x80, 0x86],
        &[0x81, 0xC4, 0x01, 0x03],
    ] {
        assert_eq!(part(command), Some(0..2), "{command:02X?}");
    }
    // A signature, the answer of another command, what is no command.
    for command in
        [&[0x00, 0x2A, 0x9E, 0x9A][..], &[0x00, 0x84, 0x00, 0x00], &[0x80, 0xC4, 0x01], &[]]
    {
        assert_eq!(part(command), None, "{command:02X?}");
    }
    for ins in 0..=255_u8 {
        let hides = [0x4E, 0xC4].contains(&ins).then_some(0..2);
        if ins != ins::GET_RESPONSE {
            assert_eq!(part(&[0x00, ins, 0x00, 0x00]), hides, "{ins:02X}");
        }
    }
}

#[test]
fn i_9_get_response_fetches_secrets_of_its_channel() {
    let mut answers = SecretAnswers::default();
    let hash = [0x81, 0xC4, 0x01, 0x03, 0x01, 0x00];
    assert_eq!(answers.part(&hash, &[0x61, 0x20]), None, "a status word alone");
    let get = |cla: u8| [cla, 0xC0, 0x00, 0x00, 0x20];
    let data = [0x77, 0x77, 0x61, 0x1E];
    assert_eq!(answers.part(&get(0x00), &data), None, "another channel");
    assert_eq!(answers.part(&get(0x01), &[0x6C, 0x20]), None);
    for _ in 0..2 {
        assert_eq!(answers.part(&get(0x81), &data), Some(0..2), "in parts");
    }
    let mut response = data;
    assert_eq!(answers.redact(&get(0x01), &mut response), Some(0..2));
    assert_eq!(response, [0x00, 0x00, 0x61, 0x1E]);
    assert_eq!(answers.part(&[0x01, 0x84, 0x00, 0x00, 0x08], &data), None);
    assert_eq!(answers.part(&get(0x01), &data), None, "of GET CHALLENGE");
    // A channel from 4 on.
    assert_eq!(answers.part(&[0xCF, 0xC4, 0x01, 0x03], &[0x61, 0x20]), None);
    assert_eq!(answers.part(&get(0x4F), &data), Some(0..2));
    assert_eq!(answers.part(&get(0x0F), &data), None);
}

#[test]
fn i_9_a_pin_whose_length_byte_is_wrong_is_hidden_to_its_last_byte() {
    for (command, hidden) in [
        (&[0x00, 0x20, 0x00, 0x00, 0x02, 0x73, 0x91, 0x46][..], 5..8),
        (&[0x00, 0x20, 0x00, 0x00, 0x04, 0x73, 0x91, 0x46][..], 4..8),
        (&[0x00, 0x20, 0x00, 0x00, 0x01, 0x73, 0x91, 0x46][..], 4..8),
        (&[0x00, 0x20, 0x00, 0x00, 0, 0, 1, 0x73, 0x91, 0x46][..], 7..10),
        // 00 holds no digit that is worth hiding, and is what most commands end in.
        (&[0x00, 0x20, 0x00, 0x00, 0x02, 0x73, 0x91, 0x00][..], 5..7),
    ] {
        assert_eq!(secret_part(command), Some(hidden), "{command:02X?}");
    }
}
