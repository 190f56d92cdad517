//! Memory and identity of an applet in images and in the changes behind them.

use sscard_core::{Card, CardImage, Change, ImageError, RegisterError};

use super::counter::{AID, Counter, SELECT, card, on_contacts, plain, send, stored};
use crate::harness::bytes;

fn counted() -> Card {
    let mut card = card();
    send(&mut card, SELECT);
    assert_eq!(send(&mut card, "8010000000"), "019000");
    card
}

#[test]
fn an_image_keeps_memory_for_an_applet_that_comes_later() {
    let image = counted().image();
    let mut loaded = Card::from_image(&image).expect("loads");
    assert_eq!(loaded.applets().count(), 0);
    let absent: Vec<_> = loaded.absent_applets().collect();
    assert_eq!(absent.iter().map(sscard_apdu::Aid::as_bytes).collect::<Vec<_>>(), [bytes(AID)]);
    assert_eq!(stored(&loaded), [1, 1, 0, 0]);
    assert_eq!(loaded.image(), image, "kept, as it is");
    loaded.enter_field().expect("power");
    assert_eq!(send(&mut loaded, SELECT), "6A82", "nobody answers for it");
    loaded.register(Counter::boxed()).expect("it goes on");
    assert_eq!(loaded.absent_applets().count(), 0);
    assert_eq!(send(&mut loaded, &format!("{SELECT}00")), "009000");
    assert_eq!(send(&mut loaded, "8010000000"), "029000");
}

#[test]
fn kept_memory_of_another_size_is_not_handed_out() {
    struct Larger;
    impl sscard_core::Applet for Larger {
        fn aid(&self) -> &[u8] {
            b"\xF0count"
        }
        fn memory(&self) -> Vec<u8> {
            vec![0; 65]
        }
        fn process(
            &self,
            _: &sscard_core::PlainCommand<'_>,
            _: &mut sscard_core::Context<'_>,
            _: &mut sscard_core::Reply<'_>,
        ) -> Result<sscard_apdu::StatusWord, sscard_apdu::StatusWord> {
            Ok(sscard_apdu::StatusWord::SUCCESS)
        }
    }
    let mut loaded = Card::from_image(&counted().image()).expect("loads");
    let refused = loaded.register(Box::new(Larger));
    assert_eq!(refused, Err(RegisterError::MemorySize { kept: 64, asked: 65 }));
    let removed = loaded.remove(&bytes(AID)).expect("its memory");
    assert!(removed.applet.is_none() && removed.memory[..2] == [1, 1]);
    assert_eq!(loaded.register(Box::new(Larger)), Ok(()));
}

#[test]
fn the_changes_behind_an_image_carry_the_applets_memory() {
    let mut card = card();
    let without = plain("gen3");
    assert_eq!(card.change_since(&without, without.image().end()), Change::Everything);
    let image = card.image();
    let (mut bytes_of_card, mut end) = (image.as_bytes().to_vec(), image.end());
    let mut before = card.clone();
    send(&mut card, SELECT);
    assert_eq!(card.change_since(&before, end), Change::Nothing, "selection is volatile");
    for count in 1..=3 {
        send(&mut card, "8010000000");
        let Change::Entry(entry, next) = card.change_since(&before, end) else {
            panic!("a change of the memory");
        };
        assert!(entry.len() < 60, "{} bytes", entry.len());
        bytes_of_card.extend(entry);
        (end, before) = (next, card.clone());
        let loaded = CardImage::from_bytes(bytes_of_card.clone()).load().expect("loads");
        assert_eq!((stored(&loaded.card), loaded.changes), ([count, count, 0, 0], count.into()));
    }
}

#[test]
fn two_applets_lie_side_by_side_and_a_gap_is_used_again() {
    let mut card = on_contacts();
    for name in [b"\xF0two..", b"\xF0three"] {
        card.register(Box::new(Counter(name.to_vec()))).expect("registered");
    }
    let names = |card: &Card| card.absent_applets().count();
    let loaded = Card::from_image(&card.image()).expect("loads");
    assert_eq!(names(&loaded), 3);
    let size = card.image().as_bytes().len();
    card.remove(b"\xF0two..").expect("there");
    card.register(Box::new(Counter(b"\xF0four.".to_vec()))).expect("registered");
    assert_eq!(card.image().as_bytes().len(), size);
    assert_eq!(Card::from_image(&card.image()).expect("loads").image(), card.image());
    assert!(card.remove(b"\xF0three").is_some() && card.remove(b"\xF0four.").is_some());
    card.remove(&bytes(AID)).expect("there");
    assert_eq!(card.image().as_bytes().len(), plain("gen3").image().as_bytes().len());
}

#[test]
fn an_image_whose_applets_do_not_fit_is_refused() {
    let image = counted().image();
    let good = image.as_bytes().to_vec();
    // The last section is the applet's: tag, length, address, length of the AID, the AID, 64 bytes.
    let address = good.len() - 4 - 64 - 6 - 1 - 4;
    for (at, byte, expected) in [
        (address, 0x7F, ImageError::Memory),
        (address + 3, good[address + 3] ^ 1, ImageError::Memory),
        (address + 4, 4, ImageError::Malformed),
        (address + 4, 17, ImageError::Malformed),
    ] {
        let mut bad = good.clone();
        bad[at] = byte;
        let bad = crate::harness::with_checksum(bad);
        let refused = Card::from_image(&CardImage::from_bytes(bad)).expect_err("refused");
        assert_eq!(refused, expected, "{at}");
    }
}
