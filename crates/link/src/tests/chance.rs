//! Errors by chance, several at a time: the right answers or an error, never wrong answers, and a reset helps.

use proptest::prelude::*;
use sscard_host::Transport;

use super::exchanges::{READ_NAME, SELECT, SELECT_EF06, SELECT_WITH_LE, answers, card, reader};
use super::recovery::CRC;
use crate::{Behaviour, Damage, Disturbance, Sender, Spot};

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        Just(Damage::Parity),
        any::<u8>().prop_filter("nothing happens", |bits| *bits != 0).prop_map(Damage::Bits),
        Just(Damage::Lost),
        Just(Damage::Doubled),
        Just(Damage::WrongChecksum),
        (1_u64..2_000_000).prop_map(Damage::Late),
        (1_u64..40).prop_map(Damage::Early),
    ]
}

fn disturbance(damage: impl Strategy<Value = Damage>) -> impl Strategy<Value = Disturbance> {
    let place = prop_oneof![
        (1_u64..20).prop_map(Spot::Turn),
        (1_u64..200).prop_map(Spot::Character),
        (1_u64..15).prop_map(Spot::AnswerToReset),
    ];
    (any::<bool>(), place, damage).prop_map(|(is_card, place, damage)| {
        let sender = if is_card { Sender::Card } else { Sender::Reader };
        Disturbance { sender, place, damage }
    })
}

fn behaviour() -> Behaviour {
    Behaviour {
        waiting_time_requests: 1,
        information_field_size: Some(9),
        null_bytes: 1,
        ..Behaviour::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_three_errors_on_t1_end_in_right_answers_or_an_error(
        errors in prop::collection::vec(disturbance(damage()), 1..4),
    ) {
        let commands: [&[u8]; 3] = [SELECT_WITH_LE, SELECT_EF06, READ_NAME];
        let plain = answers(&mut card(CRC), &commands).expect("answers");
        let mut reader = reader(CRC, behaviour());
        reader.line_mut().disturb(errors);
        if let Ok(got) = answers(&mut reader, &commands) {
            prop_assert_eq!(&got, &plain);
        }
        reader.line_mut().disturb([]);
        reader.reset().expect("an ATR");
        prop_assert_eq!(answers(&mut reader, &commands).expect("answers"), plain);
    }

    #[test]
    fn parity_errors_on_t0_at_any_places_change_nothing(
        errors in prop::collection::vec(disturbance(Just(Damage::Parity)), 1..6),
    ) {
        let commands: [&[u8]; 3] = [SELECT, SELECT_EF06, READ_NAME];
        let plain = answers(&mut card(""), &commands).expect("answers");
        let mut reader = reader("", behaviour());
        reader.line_mut().disturb(errors);
        prop_assert_eq!(answers(&mut reader, &commands).expect("answers"), plain);
    }
}
