//! An AID that could not be reached is refused; an applet is found and taken off by its AID.

use std::sync::Arc;

use sscard_apdu::Aid;
use sscard_core::{Applet, Card, RegisterError};

use super::counter::{AID, Counter, SELECT, card, on_contacts, plain, send, stored};
use crate::harness::bytes;

fn register(card: &mut Card, aid: &[u8]) -> Result<(), RegisterError> {
    card.register(Box::new(Counter(aid.to_vec())))
}

#[test]
fn a_card_is_send_and_sync() {
    fn is_shareable<T: Send + Sync>() {}
    is_shareable::<Card>();
    is_shareable::<Box<dyn Applet>>();
}

#[test]
fn an_aid_has_5_to_16_bytes() {
    let mut card = plain("gen3");
    let empty = card.image();
    for length in (0..5).chain(17..=20) {
        let refused = register(&mut card, &vec![0xF1; length]);
        assert_eq!(refused, Err(RegisterError::AidLength(length)));
    }
    assert_eq!(card.image(), empty, "a refusal leaves the card as it was");
    for length in 5..=16_u8 {
        let aid = [&[length][..], &vec![0xF1; usize::from(length) - 1]].concat();
        assert_eq!(register(&mut card, &aid), Ok(()), "{length}");
    }
    assert_eq!(card.applets().count(), 12);
}

#[test]
fn a_name_of_the_card_is_taken() {
    for profile in ["gen1", "gen2", "gen3"] {
        let mut card = plain(profile);
        let blueprint = card.profile().blueprint().clone();
        let mut names: Vec<Vec<u8>> = blueprint.dfs.iter().map(|df| df.name.to_vec()).collect();
        if !blueprint.financial.applications.is_empty() {
            names.extend([b"1PAY.SYS.DDF01".to_vec(), b"2PAY.SYS.DDF01".to_vec()]);
        }
        names
            .extend(blueprint.financial.applications.iter().map(|one| one.aid.as_bytes().to_vec()));
        names.retain(|name| name.len() >= 5);
        assert!(names.len() > 2, "{profile}");
        for name in names {
            let aid = Aid::new(&name).expect("an AID");
            assert_eq!(register(&mut card, &name), Err(RegisterError::TakenByCard(aid)));
            for shorter in 5..name.len() {
                // The card would find its own application by this part of its name.
                let refused = register(&mut card, &name[..shorter]);
                let is_hidden = matches!(
                    refused,
                    Err(RegisterError::Hidden(_) | RegisterError::TakenByCard(_))
                );
                assert!(is_hidden, "{profile} {shorter} of {name:02X?}: {refused:?}");
            }
        }
    }
}

#[test]
fn another_applets_aid_is_taken_and_its_beginning_is_not() {
    let mut card = on_contacts();
    let aid = Aid::new(&bytes(AID)).expect("an AID");
    assert_eq!(register(&mut card, &bytes(AID)), Err(RegisterError::TakenByApplet(aid)));
    let longer = [bytes(AID), vec![0x01]].concat();
    assert_eq!(register(&mut card, &longer), Ok(()), "a longer one is reached by its own name");
    card.enter_field().expect("power");
    assert_eq!(send(&mut card, "00A4040007F0636F756E740100"), "009000");
    assert_eq!(send(&mut card, "8016000000"), "010400F0636F756E74019000");
    assert_eq!(send(&mut card, &format!("{SELECT}00")), "009000");
    assert_eq!(send(&mut card, "8016000000"), "010400F0636F756E749000");
    assert_eq!(send(&mut card, "00A4040206F0636F756E7400"), "009000", "the next one");
    assert_eq!(send(&mut card, "8016000000"), "010402F0636F756E749000");
}

/// An applet with so many bytes of zeros.
struct Huge(usize);

impl Applet for Huge {
    fn aid(&self) -> &[u8] {
        b"\xF0huge"
    }
    fn memory(&self) -> Vec<u8> {
        vec![0; self.0]
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

#[test]
fn more_memory_than_a_card_has_is_refused() {
    let mut card = plain("gen3");
    let refused = card.register(Box::new(Huge(0x10_0000)));
    assert_eq!(refused, Err(RegisterError::Memory(0x10_0000)));
    assert_eq!(card.register(Box::new(Huge(0x8_0000))), Ok(()));
}

/// Zeros add nothing to a digest of content: where an applet's memory lies and how long it is counts, too.
#[test]
fn a_digest_knows_how_much_memory_an_applet_has() {
    let digest = |length| {
        let mut card = plain("gen3");
        card.register(Box::new(Huge(length))).expect("registered");
        card.digest()
    };
    assert_eq!(digest(4), digest(4));
    assert_ne!(digest(4), digest(8));
}

#[test]
fn an_applet_is_found_by_its_aid() {
    let card = on_contacts();
    let aid = bytes(AID);
    assert_eq!(card.applet(&aid).expect("found").aid(), aid);
    assert_eq!(card.applet_as::<Counter>(&aid).expect("a counter").0, aid);
    assert!(card.applet(&aid[..5]).is_none());
    struct Other;
    impl Applet for Other {
        fn aid(&self) -> &[u8] {
            b"other"
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
    assert!(card.applet_as::<Other>(&aid).is_none());
}

#[test]
fn an_applet_is_taken_off_with_its_memory() {
    let mut card = card();
    let other = b"\xF0other";
    register(&mut card, other).expect("registered");
    assert_eq!(send(&mut card, &format!("{SELECT}00")), "009000");
    assert_eq!(send(&mut card, "8010000000"), "019000");
    let removed = card.remove(&bytes(AID)).expect("there");
    assert_eq!(removed.memory[..4], [1, 1, 0, 0]);
    let applet: Arc<dyn Applet> = removed.applet.expect("registered");
    assert_eq!(applet.aid(), bytes(AID));
    assert!(card.remove(&bytes(AID)).is_none() && card.applet_memory(&bytes(AID)).is_none());
    assert_eq!(send(&mut card, "8010000000"), "6D00", "the channel stands in the MF");
    assert_eq!(send(&mut card, SELECT), "6A82");
    assert_eq!(send(&mut card, "00A4040006F06F7468657200"), "009000", "the other one moved up");
    assert_eq!(send(&mut card, "8010000000"), "019000");
    assert_eq!(register(&mut card, &bytes(AID)), Ok(()), "the name is free again");
    assert_eq!(stored(&card), [0; 4], "and its memory is new");
    assert_eq!(card.applet_memory(other).expect("memory")[..2], [1, 1]);
}

#[test]
fn a_channel_on_a_later_applet_follows_it() {
    let mut card = card();
    register(&mut card, b"\xF0other").expect("registered");
    assert_eq!(send(&mut card, "00A4040006F06F7468657200"), "009000");
    assert_eq!(send(&mut card, "8010000000"), "019000");
    card.remove(&bytes(AID)).expect("there");
    assert_eq!(send(&mut card, "8010000000"), "029000", "still selected");
}
