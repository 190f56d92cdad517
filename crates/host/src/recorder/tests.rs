//! I-9: which bytes of a command are hidden, in every class and form.

use super::*;

/// Instructions whose data is a PIN or a key.
const SECRET: [u8; 9] = [0x20, 0x21, 0x24, 0x25, 0x2C, 0x2D, 0x5E, 0xD4, 0xD8];
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

/// A card that answers everything with this.
struct Answers(Result<Vec<u8>, TransportError>);

impl Transport for Answers {
    fn atr(&self) -> &[u8] {
        &[0x3B, 0x00]
    }

    fn protocol(&self) -> Protocol {
        Protocol::T0
    }

    fn transmit(&mut self, _: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        response.clear();
        self.0.clone().map(|answer| response.extend(answer))
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        Ok(())
    }

    fn close(self: Box<Self>, _: Disposition) -> Result<(), TransportError> {
        Ok(())
    }
}

#[test]
fn i_9_what_is_hidden_is_not_stored_whatever_the_card_answers() {
    for answer in [Ok(vec![0x90, 0x00]), Ok(vec![0x63, 0xC5]), Err(TransportError::Removed)] {
        let mut recorder = Recorder::new(Answers(answer.clone()), Secrets::Redacted);
        let mut shown = Recorder::new(Answers(answer.clone()), Secrets::Shown);
        for cla in [0x00, 0x10, 0x84, 0x94] {
            let command = short(cla, 0x20);
            let _ = recorder.transmit(&command, &mut Vec::new());
            let _ = shown.transmit(&command, &mut Vec::new());
        }
        assert_eq!(recorder.exchanges().len(), 4);
        for (one, all) in recorder.take().into_iter().zip(shown.take()) {
            assert_eq!((&one.command[5..], one.redacted.clone()), (&[0; 3][..], Some(5..8)));
            assert_eq!((&all.command[5..], all.redacted.clone()), (&PIN[..], None));
            assert_eq!(one.command_hex()[2..], *"20010203******");
            assert_eq!((&one.response, one.status()), (&answer, all.status()));
        }
        assert!(recorder.exchanges().is_empty(), "taken once");
    }
}
