//! Two writing commands, one behind the other, and a cut in either.
//!
//! In the first: what mends it, and the second as if nothing had happened. In the second: the first stays, whatever its journal
//! left. In both, one after the other.

use sscard_core::{Card, CardDigest, Interface};

use super::{is_exhaustive, kinds, power, send, torn, whole};

/// What a terminal does with a card: brings it so far that the command can be sent, and the command.
pub(crate) type Ready<'s> = Box<dyn Fn(Card) -> (Card, Vec<u8>) + 's>;

/// A writing command with what comes before it.
pub(crate) struct Step<'s> {
    name: &'static str,
    interface: Interface,
    ready: Ready<'s>,
    counts: bool,
    /// Nothing can follow it.
    ends: bool,
}

impl<'s> Step<'s> {
    /// A command over contacts.
    pub(crate) fn new(name: &'static str, ready: impl Fn(Card) -> (Card, Vec<u8>) + 's) -> Self {
        let interface = Interface::Contact;
        Self { name, interface, ready: Box::new(ready), counts: false, ends: false }
    }

    /// It counts a try, so that a cut may leave an erased counter.
    pub(crate) fn counting(self) -> Self {
        Self { counts: true, ..self }
    }

    /// It comes by a reader's field.
    pub(crate) fn contactless(self) -> Self {
        Self { interface: Interface::Contactless, ..self }
    }

    /// It blocks what the others need.
    pub(crate) fn ending(self) -> Self {
        Self { ends: true, ..self }
    }

    /// The card powered for it, and brought so far.
    fn on(&self, mut card: Card) -> (Card, Vec<u8>) {
        card.power_off();
        assert!(power(&mut card, self.interface), "power");
        (self.ready)(card)
    }
}

/// The card behind a command, powered anew.
fn after(card: &Card, command: &[u8], interface: Interface) -> (Vec<u8>, Card) {
    let mut card = card.clone();
    let answer = send(&mut card, command);
    assert!(power(&mut card, interface), "power");
    (answer, card)
}

/// Every pair of these, from a card without power; how many states were looked at.
pub(crate) fn sweep_pairs(start: &Card, steps: &[Step<'_>]) -> u64 {
    let firsts = steps.iter().filter(|step| !step.ends);
    firsts.flat_map(|first| steps.iter().map(move |second| pair(start, first, second))).sum()
}

fn pair(start: &Card, first: &Step<'_>, second: &Step<'_>) -> u64 {
    let name = &*format!("{}, then {}", first.name, second.name);
    let (old, command) = first.on(start.clone());
    let (new, total) = whole(&old, &command, name);
    // Without a cut, from either state: what the second does, and what it leaves behind when it does not happen.
    let outcomes = [old.clone(), new.clone()].map(|mut card| {
        card.power_off();
        let (ready, command) = second.on(card);
        let (answer, done) = after(&ready, &command, second.interface);
        let mut undone = ready.clone();
        assert!(power(&mut undone, second.interface), "power");
        (ready.digest(), answer, done.digest(), undone.digest())
    });
    let (step, inner) = if is_exhaustive() { (1, 211) } else { (17, 211) };
    let mut states = 0;
    for cut in (total % step..total).step_by(step as usize) {
        for kind in kinds(cut, total) {
            let (ready, command) = second.on(torn(&old, &command, cut, kind, name));
            let (answer, done) = after(&ready, &command, second.interface);
            let outcome = outcomes.iter().find(|(digest, ..)| *digest == ready.digest());
            let Some((_, expected, digest, undone)) = outcome else {
                assert!(first.counts, "{name}: cut after {cut}, {kind:?}: neither old nor new");
                assert!(!answer.is_empty(), "{name}: with an erased counter");
                continue;
            };
            assert_eq!(
                (&answer, &done.digest()),
                (expected, digest),
                "{name}: cut after {cut}, {kind:?}"
            );
            states += cuts(&ready, &command, second, inner, cut, [*digest, *undone], name);
        }
    }
    // The second directly behind the first, with whatever it left.
    if first.interface == second.interface {
        let (ready, command) = (second.ready)(new);
        let (_, done) = after(&ready, &command, second.interface);
        let mut undone = ready.clone();
        assert!(power(&mut undone, second.interface), "power");
        states += cuts(&ready, &command, second, step, 0, [done.digest(), undone.digest()], name);
    }
    states
}

fn is_writing(card: &Card, command: &[u8]) -> bool {
    let mut card = card.clone();
    card.cut_power_after(0);
    send(&mut card, command).is_empty()
}

/// Cuts a command at every so many bytes: afterwards it has happened or it has not.
fn cuts(
    ready: &Card,
    command: &[u8],
    by: &Step<'_>,
    step: u64,
    from: u64,
    admitted: [CardDigest; 2],
    name: &str,
) -> u64 {
    if !is_writing(ready, command) {
        return 1;
    }
    let (_, total) = whole(ready, command, name);
    let mut states = 0;
    for cut in (from % step.min(total)..total).step_by(step as usize) {
        for kind in kinds(cut, total) {
            let mut torn = torn(ready, command, cut, kind, name);
            assert!(power(&mut torn, by.interface), "power");
            let is_whole = admitted.contains(&torn.digest());
            // One try counted is all that may be left, or an erased counter.
            assert!(is_whole || by.counts, "{name}: the second cut after {cut}, {kind:?}");
            states += 1;
        }
    }
    states
}
