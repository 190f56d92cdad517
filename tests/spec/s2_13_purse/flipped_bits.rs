//! I-11 for the purse: a command with one bit changed moves no money.

use super::{commands, desk, load};
use crate::harness::{bytes, hex};

#[test]
fn i_11_every_flipped_bit_of_credit_load_and_debit() {
    let mut used = desk();
    load(&mut used, 10_000);
    let before = used.card.inspect_purse();
    for (name, desk, command) in commands(&used) {
        if name == "UPDATE START DAY" {
            continue;
        }
        let command = bytes(&command);
        // After the header and before Le.
        for bit in 5 * 8..(command.len() - 1) * 8 {
            // The high half of the terminal's counter goes into no session key and no MAC1 (part 7
            // §12); the TAC covers it.
            let free = name == "DEBIT" && bit / 8 < 7;
            let mut flipped = command.clone();
            flipped[bit / 8] ^= 0x80 >> (bit % 8);
            let mut other = desk.clone();
            let answer = other.send(&hex(&flipped));
            if free {
                let right = desk.clone().send(&hex(&command));
                assert!(answer.ends_with("9000") && answer[..8] != right[..8], "bit {bit}");
                continue;
            }
            // A time with a digit above 9 or out of the calendar is none, whatever its MAC.
            assert!(matches!(&*answer, "9302" | "6A80"), "{name}, bit {bit}: {answer}");
            assert_eq!(other.card.inspect_purse(), before, "{name}, bit {bit}");
            assert_eq!(other.send(&hex(&command)), "6901", "{name}, bit {bit}: begun anew");
        }
    }
}
