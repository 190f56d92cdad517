//! Power cuts everywhere (I-4, I-5): a command that writes is cut in every byte, what mends it is cut again in every byte, and
//! the byte under way becomes what it was, what it should be, or FF.
//!
//! What is found afterwards is the old card or the new one, byte for byte; of a case that counts a try, also the card that has
//! counted it and no more, and the one whose counter was erased, which has no try left.
//!
//! A byte that became what it should be is the cut behind it: only behind the last byte that says something of its own.
//! Second cuts at every byte, and every kind of torn byte at each, only when `SSCARD_EXHAUSTIVE` is set, as `.ci/run` does.

pub(crate) mod pairs;

use sscard_core::{Card, CardDigest, CardImage, Interface, Torn};

/// Without the setting every so many bytes, from a byte that the first cut says: each distance from the
/// beginning is tried behind some first cut.
const STEP: u64 = 11;

/// Whether every cut is tried.
pub(crate) fn is_exhaustive() -> bool {
    std::env::var_os("SSCARD_EXHAUSTIVE").is_some()
}

/// Bytes between two second cuts.
pub(crate) fn step() -> u64 {
    if is_exhaustive() { 1 } else { STEP }
}

/// After how many bytes the power is cut the second time, without an end.
fn second_cuts(first: u64) -> impl Iterator<Item = u64> {
    let step = step();
    (0..).map(move |number| first % step + number * step)
}

/// What the byte under way becomes, at a first cut of so many.
fn kinds(cut: u64, total: u64) -> impl Iterator<Item = Torn> {
    let last = (cut + 1 == total).then_some(Torn::New);
    [Torn::Old, Torn::Erased].into_iter().chain(last)
}

/// The same at a second cut.
fn second_kinds(first: u64, second: u64) -> impl Iterator<Item = Torn> {
    let chosen = if (first + second / step()).is_multiple_of(2) { Torn::Old } else { Torn::Erased };
    let all = is_exhaustive();
    [Torn::Old, Torn::Erased].into_iter().filter(move |torn| all || *torn == chosen)
}

/// A writing command, ready to be sent.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) card: Card,
    pub(crate) command: Vec<u8>,
    /// A command whose effect is admitted too: what a counted try leaves behind.
    pub(crate) counted: Option<Vec<u8>>,
    /// Whether it counts tries, so that a counter may be found erased.
    pub(crate) counts: bool,
}

impl Case {
    /// A command that counts no try.
    pub(crate) fn new(name: &'static str, card: Card, command: Vec<u8>) -> Self {
        Self { name, card, command, counted: None, counts: false }
    }

    /// Its instruction.
    pub(crate) fn ins(&self) -> u8 {
        self.command[1]
    }

    /// A command that counts a try and nothing more, as it is when it is refused.
    pub(crate) fn counting(self) -> Self {
        Self { counts: true, ..self }
    }

    /// A command that counts a try first and gives it back; `counted` leaves behind what a counted try does.
    pub(crate) fn after(self, counted: Vec<u8>) -> Self {
        Self { counts: true, counted: Some(counted), ..self }
    }
}

/// How many bytes a sweep was over, and how many states it looked at.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Swept {
    pub(crate) bytes: u64,
    pub(crate) states: u64,
}

fn send(card: &mut Card, command: &[u8]) -> Vec<u8> {
    let mut response = Vec::new();
    card.transmit(command, &mut response);
    response
}

/// Powers it as it was powered before.
pub(crate) fn power(card: &mut Card, interface: Interface) -> bool {
    match interface {
        Interface::Contactless => card.enter_field().is_ok(),
        _ => card.power_on().is_ok(),
    }
}

/// How many bytes `command` writes, and the card behind it.
fn whole(card: &Card, command: &[u8], name: &str) -> (Card, u64) {
    let mut new = card.clone();
    new.cut_power_after(u64::MAX);
    assert!(!send(&mut new, command).is_empty(), "{name}");
    let total = u64::MAX - new.bytes_until_cut().expect("armed");
    assert!(total > 0, "{name} writes nothing");
    new.disarm_cut();
    (new, total)
}

/// A card cut in a command, without power.
fn torn(card: &Card, command: &[u8], cut: u64, kind: Torn, name: &str) -> Card {
    let mut torn = card.clone();
    torn.tear_power_after(cut, kind);
    assert!(send(&mut torn, command).is_empty(), "{name} answers after a cut");
    assert!(!torn.is_powered());
    torn
}

/// States that are admitted: digests and images.
struct Admitted {
    digests: Vec<CardDigest>,
    images: Vec<CardImage>,
    counts: bool,
}

impl Admitted {
    /// What one to four power cycles make of these: recovery may take several, and the generator moves with each.
    fn of(cards: &[Card], interface: Interface, counts: bool) -> Self {
        let mut admitted = Self { digests: Vec::new(), images: Vec::new(), counts };
        for card in cards {
            let mut card = card.clone();
            for _ in 0..4 {
                assert!(power(&mut card, interface), "power");
                admitted.digests.push(card.digest());
                admitted.images.push(card.image());
            }
        }
        admitted
    }

    fn has(&self, card: &Card) -> bool {
        // Every byte of the memory counts in the digest.
        self.digests.contains(&card.digest())
            || self.counts && self.images.iter().any(|image| has_an_erased_counter(card, image))
    }
}

/// Whether a card is as this image but for one byte, which is FF.
fn has_an_erased_counter(card: &Card, image: &CardImage) -> bool {
    let found = card.image();
    // Behind it all is the checksum.
    let (found, image) = (found.as_bytes(), image.as_bytes());
    let body = found.len() - 4;
    let differing = || found[..body].iter().zip(image).filter(|(found, was)| found != was);
    found.len() == image.len() && differing().count() == 1 && differing().all(|(f, _)| *f == 0xFF)
}

/// Cuts a command everywhere, and what mends it.
pub(crate) fn sweep(case: &Case) -> Swept {
    let Case { name, card: old, command, .. } = case;
    let interface = old.interface();
    let (new, total) = whole(old, command, name);
    let mut cards = vec![old.clone(), new];
    if let Some(counted) = &case.counted {
        let mut tried = old.clone();
        send(&mut tried, counted);
        cards.push(tried);
    }
    let admitted = Admitted::of(&cards, interface, case.counts);
    let mut swept = Swept { bytes: total, states: 0 };
    for first in 0..total {
        for kind in kinds(first, total) {
            let torn = torn(old, command, first, kind, name);
            // As its image has it: nothing volatile helps.
            let torn = Card::from_image(&torn.image()).expect("a torn image loads");
            for (second, again_kind) in
                second_cuts(first).flat_map(|cut| second_kinds(first, cut).map(move |k| (cut, k)))
            {
                let mut again = torn.clone();
                again.tear_power_after(second, again_kind);
                let recovered = power(&mut again, interface);
                again.disarm_cut();
                if !recovered {
                    assert!(power(&mut again, interface), "power");
                }
                assert!(
                    admitted.has(&again),
                    "{name}: cut after {first} bytes ({kind:?}), then after {second} ({again_kind:?}): neither old nor new"
                );
                swept.states += 1;
                if recovered {
                    break;
                }
            }
        }
    }
    swept
}
