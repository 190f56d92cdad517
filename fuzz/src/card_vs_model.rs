//! Two cards of the same value side by side, beside the model: the same commands get the same bytes, whatever was copied in between, and
//! traffic on another channel changes no answer.

use sscard_core::Card;
use sscard_testkit::Model;
use sscard_testkit::op::{Op, OpRecord, RECORD, records};
use sscard_testkit::{Bench, CardModel};

use super::operations::start;

/// Commands without a trace in memory, for channel 3: SELECT, READ RECORD, READ BINARY, VERIFY without data, raw.
const ELSEWHERE: [&[u8]; 6] = [
    &[0x03, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00],
    b"\x03\xA4\x04\x00\x0Fsx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF",
    &[0x03, 0xB2, 0x01, 0x2C, 0x00],
    &[0x03, 0xB0, 0x96, 0x00, 0x04],
    &[0x03, 0x20, 0x00, 0x00],
    &[0x03, 0xC0, 0x00, 0x00, 0x10],
];

/// The first record chooses the card; every other one is an operation, as in `card_ops`. The operation's last byte says what happens beside it:
/// nothing, a copy that answers first, a way to a snapshot and back, traffic elsewhere.
///
/// # Panics
/// When an answer had to be another, or a copy differs (I-15, I-16).
pub fn card_vs_model(bytes: &[u8]) {
    let mut records = records(bytes);
    let first = records.next().unwrap_or([0; RECORD]);
    let mut bench = start(&first);
    for record in records {
        match record[RECORD - 1] & 0x03 {
            1 => copy_answers_alike(&bench, &record),
            2 => {
                let mut other = bench.copy().expect("a card can be copied");
                step(&mut other, &record);
                let there = bench.subject().digest();
                let kept = bench.subject().clone();
                assert_eq!(kept.digest(), there, "a copy is another card");
            }
            3 => elsewhere(&bench, &record),
            _ => {}
        }
        step(&mut bench, &record);
    }
}

fn step(bench: &mut Bench<Card, CardModel>, record: &OpRecord) {
    if let Err(violation) = bench.step(record) {
        panic!("{violation}");
    }
}

fn copy_answers_alike(bench: &Bench<Card, CardModel>, record: &OpRecord) {
    let mut both = [0, 1].map(|_| bench.copy().expect("a card can be copied"));
    both.iter_mut().for_each(|bench| step(bench, record));
    let [one, other] = both.map(|bench| bench.subject().digest());
    assert_eq!(one, other, "the same card, the same operation, another card (I-16)");
}

/// A command on the basic channel, alone and with traffic on channel 3 before it.
fn elsewhere(bench: &Bench<Card, CardModel>, record: &OpRecord) {
    let Op::Send { command, channel: 0, .. } = Op::decode(record, CardModel::decode) else {
        return;
    };
    let mut written = Vec::new();
    bench.model().write(&command, 0, &mut written);
    // What is sent opens or closes channels, or draws random numbers.
    let is_elsewhere = written.first().is_none_or(|class| class & 0x03 != 0);
    if is_elsewhere || matches!(written.get(1), Some(0x70)) {
        return;
    }
    let mut alone = bench.subject().clone();
    alone.disarm_cut();
    let mut crowded = alone.clone();
    let mut ignored = Vec::new();
    for command in ELSEWHERE {
        crowded.transmit(command, &mut ignored);
    }
    let (mut answer, mut other) = (Vec::new(), Vec::new());
    alone.transmit(&written, &mut answer);
    crowded.transmit(&written, &mut other);
    assert_eq!(other, answer, "traffic on channel 3 changed the answer to {written:02X?} (I-15)");
}
