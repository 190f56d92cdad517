//! Secure messaging: a protected command with one bit turned round, and one that comes a second time (I-11).

use sscard_testkit::card_model::CardCommand;
use sscard_testkit::op::{Op, RECORD, records};
use sscard_testkit::{CardModel, Model};

use super::operations::start;

/// The first record chooses the card; every other one is an operation, as in `card_ops`. A protected command is sent to copies of the card with
/// single bits of it turned round, and after it has passed once more: each answer is the model's, and none is a success.
///
/// # Panics
/// When an answer had to be another, or a forged or repeated command succeeds.
pub fn secure_messaging(bytes: &[u8]) {
    let mut records = records(bytes);
    let first = records.next().unwrap_or([0; RECORD]);
    let mut bench = start(&first);
    for record in records {
        let mut protected = Vec::new();
        let mut comes_once = true;
        if let Op::Send { command, channel, .. } = Op::decode(&record, CardModel::decode) {
            bench.model().write(&command, channel, &mut protected);
            comes_once = !matches!(command, CardCommand::Payment(_));
        }
        let is_protected = protected.len() > 9 && matches!(protected[0] & 0xFC, 0x04 | 0x84);
        if !is_protected {
            bench.step(&record).unwrap_or_else(|violation| panic!("{violation}"));
            continue;
        }
        let mut passed = bench.subject().clone();
        passed.disarm_cut();
        let mut answer = Vec::new();
        passed.transmit(&protected, &mut answer);
        let succeeds = answer.ends_with(&[0x90, 0x00]);
        if succeeds {
            // Data and MAC; bits of the header make it another command.
            let bits = (protected.len() - 5) * 8;
            for step in 0..4 {
                let bit = (usize::from(record[RECORD - 1]) * 4 + step * 37) % bits;
                let mut forged = protected.clone();
                forged[5 + bit / 8] ^= 1 << (bit % 8);
                let mut copy = bench.subject().clone();
                copy.disarm_cut();
                copy.transmit(&forged, &mut answer);
                assert!(!answer.ends_with(&[0x90, 0x00]), "forged: {forged:02X?}");
            }
            passed.transmit(&protected, &mut answer);
            assert!(!comes_once || !answer.ends_with(&[0x90, 0x00]), "repeated: {protected:02X?}");
        }
        let mut checked = bench.copy().expect("a card can be copied");
        for _ in 0..2 {
            let sent = checked.apply(&Op::Raw(protected.clone()));
            sent.unwrap_or_else(|violation| panic!("{violation}"));
        }
        bench.step(&record).unwrap_or_else(|violation| panic!("{violation}"));
    }
}
