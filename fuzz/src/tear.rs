//! Power cuts everywhere: every operation once more for each byte that it writes, and the recovery, too, is cut.

use sscard_core::Interface;
use sscard_testkit::op::{Op, RECORD, records};

use super::operations::start;

/// More bytes than any command writes.
const PLENTY: u64 = 1 << 20;
/// Most cuts of one operation; between them it steps over bytes.
const MOST: u64 = 24;

/// The first record chooses the card; every other one is an operation, as in `card_ops`. Before it is carried out for good, a copy of the card
/// is cut at each byte that the operation writes, and once more on its way back.
///
/// # Panics
/// When a card behind a cut is none that the model allows, or an answer had to be another (I-4, I-5).
pub fn tear(bytes: &[u8]) {
    let mut records = records(bytes);
    let first = records.next().unwrap_or([0; RECORD]);
    let mut bench = start(&first);
    for record in records {
        // Cuts of the input's own would be two at a time.
        if matches!(record[0], 247..=249) {
            continue;
        }
        let mut whole = bench.subject().clone();
        whole.cut_power_after(PLENTY);
        let mut probe = bench.copy().expect("a card can be copied");
        probe.step(&record).unwrap_or_else(|violation| panic!("{violation}"));
        let written = written(&bench, &record);
        let stride = written.div_ceil(MOST).max(1);
        for at in (0..written).step_by(usize::try_from(stride).unwrap_or(1)) {
            let mut torn = bench.copy().expect("a card can be copied");
            let cut = Op::Cut(u16::try_from(at).unwrap_or(u16::MAX));
            let again = Op::Reset(Interface::Contact);
            torn.apply(&cut)
                .and_then(|()| torn.step(&record))
                .and_then(|()| torn.apply(&Op::Cut(u16::from(record[RECORD - 1]))))
                .and_then(|()| torn.apply(&again))
                .and_then(|()| torn.apply(&again))
                .and_then(|()| torn.step(&record))
                .unwrap_or_else(|violation| panic!("cut after {at} bytes: {violation}"));
        }
        bench.step(&record).unwrap_or_else(|violation| panic!("{violation}"));
    }
}

/// How many bytes an operation writes.
fn written(
    bench: &sscard_testkit::Bench<sscard_core::Card, sscard_testkit::CardModel>,
    record: &sscard_testkit::op::OpRecord,
) -> u64 {
    use sscard_testkit::{CardModel, Model};
    let Op::Send { command, channel, .. } = Op::decode(record, CardModel::decode) else { return 0 };
    let mut bytes = Vec::new();
    bench.model().write(&command, channel, &mut bytes);
    let mut card = bench.subject().clone();
    card.cut_power_after(PLENTY);
    card.transmit(&bytes, &mut Vec::new());
    card.bytes_until_cut().map_or(0, |left| PLENTY - left)
}
