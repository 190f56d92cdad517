//! I-9: what is hidden is not stored.

use sscard_core::Protocol;

use super::*;

const PIN: [u8; 3] = [0x73, 0x91, 0x46];

fn short(cla: u8, ins: u8) -> Vec<u8> {
    [&[cla, ins, 0x01, 0x02, 3][..], &PIN].concat()
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

    fn exchange(&mut self, _: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
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
