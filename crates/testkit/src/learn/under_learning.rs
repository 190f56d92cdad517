//! Cards under learning: one that is a value and is cloned, and one behind a transport.
//!
//! ```text
//! LearnTarget ─► CardUnderLearning { card, terminal's memory } ─► snapshots, states by their digest, power cuts
//!             └► CardInReader<T: Transport> ─► a reset in front of every word
//! ```
//!
//! What enters: inputs by number. What leaves: answers as text: the status word; of a cryptogram its kind; data where the
//! alphabet says that they count.

use std::fmt::Write;
use std::hash::{Hash, Hasher};

use sscard_apdu::Protocol;
use sscard_core::{Card, DeliveryState};
use sscard_host::{Disposition, Follow, Layer, Transport, TransportError};
use zeroize::Zeroizing;

use super::alphabet::{Alphabet, InputAction};
use super::holdings::CardHoldings;
use super::target::{DoubtfulWord, LearnTarget, LearnTrouble};
use super::terminal::{TerminalMemory, command, take};

/// Words of the search for doubtful answers, and their length.
const WALKS: u64 = 48;
const WALK: usize = 14;
/// What the second card's random numbers come from.
const OTHER_RANDOM: [u8; 32] = [0x5A; 32];
/// What is answered when the power fails.
const POWER_LOST: &str = "no answer";

/// A card and nothing around it, as a transport.
struct BareCard {
    card: Card,
    atr: Vec<u8>,
    sent: u64,
}

impl Transport for BareCard {
    fn atr(&self) -> &[u8] {
        &self.atr
    }

    fn protocol(&self) -> Protocol {
        self.card.protocol()
    }

    fn exchange(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        self.sent += 1;
        self.card.transmit(command, response);
        if self.card.is_powered() { Ok(()) } else { Err(TransportError::Removed) }
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.card.reset().map(drop).map_err(|_| TransportError::Removed)
    }

    fn close(self: Box<Self>, _disposition: Disposition) -> Result<(), TransportError> {
        Ok(())
    }
}

/// A card that is a value: each input goes on from a copy, so nothing is worn out, and the power can be cut.
pub struct CardUnderLearning {
    alphabet: Alphabet,
    holdings: CardHoldings,
    start: Card,
    link: Follow<BareCard>,
    memory: TerminalMemory,
    bytes: [Vec<u8>; 2],
}

impl CardUnderLearning {
    /// The card as it is, with power or without; it is powered on before the first input of every word.
    ///
    /// # Errors
    /// It cannot be powered on, or an input needs what the card does not have: a payment application, a key.
    pub fn new(card: &Card, alphabet: Alphabet) -> Result<Self, LearnTrouble> {
        let holdings = CardHoldings::of_card(card);
        check(&alphabet, &holdings)?;
        let mut start = card.clone();
        start.disarm_cut();
        let atr = start.power_on().map_err(|lost| LearnTrouble(lost.to_string()))?.to_vec();
        let link = Follow::new(BareCard { card: start.clone(), atr, sent: 0 });
        let (memory, bytes) = (TerminalMemory::default(), Default::default());
        Ok(Self { alphabet, holdings, start, link, memory, bytes })
    }

    /// The same card whose random numbers are others.
    fn twin(&self) -> Result<Self, LearnTrouble> {
        let mut card = self.start.clone();
        card.power_off();
        let random = Some(Zeroizing::new(OTHER_RANDOM));
        let state = DeliveryState { random, ..DeliveryState::default() };
        card.set_state(&state).map_err(|error| LearnTrouble(error.0.to_owned()))?;
        Self::new(&card, self.alphabet.clone())
    }

    fn card(&mut self) -> &mut Card {
        &mut self.link.below_mut().card
    }

    /// Answers to a whole word.
    fn answers(&mut self, word: &[usize]) -> Result<Vec<String>, LearnTrouble> {
        self.begin()?;
        let step = |input: &usize| {
            let mut answer = String::new();
            self.step(*input, &mut answer).map(|()| answer)
        };
        word.iter().map(step).collect()
    }

    /// The first place where two cards answer a word differently, with both answers.
    fn differs(
        &mut self,
        twin: &mut Self,
        word: &[usize],
    ) -> Result<Option<(usize, [String; 2])>, LearnTrouble> {
        let both = self.answers(word)?.into_iter().zip(twin.answers(word)?);
        let mut different = both.enumerate().filter(|(_, (first, then))| first != then);
        Ok(different.next().map(|(at, (first, then))| (at, [first, then])))
    }
}

impl LearnTarget for CardUnderLearning {
    type Snapshot = (Card, TerminalMemoryCopy);

    fn inputs(&self) -> Vec<String> {
        self.alphabet.inputs.iter().map(|input| input.name.clone()).collect()
    }

    fn begin(&mut self) -> Result<(), LearnTrouble> {
        let Self { start, link, memory, .. } = self;
        link.below_mut().card.clone_from(start);
        *memory = TerminalMemory::default();
        Ok(())
    }

    fn step(&mut self, input: usize, answer: &mut String) -> Result<(), LearnTrouble> {
        let Self { alphabet, holdings, link, memory, bytes: [sent, response], .. } = self;
        let input = &alphabet.inputs[input];
        let trouble = |error: &dyn std::fmt::Display| LearnTrouble(error.to_string());
        if input.action == InputAction::Reset {
            answer.push_str("reset");
            *memory = TerminalMemory::default();
            return link.reset().map_err(|error| trouble(&error));
        }
        command(&input.action, holdings, memory, sent).map_err(|error| trouble(&error))?;
        if let Some(bytes) = input.cut {
            link.below_mut().card.cut_power_after(bytes);
        }
        let outcome = link.transmit(sent, response);
        let card = &mut link.below_mut().card;
        card.disarm_cut();
        if !card.is_powered() {
            answer.push_str(POWER_LOST);
            *memory = TerminalMemory::default();
            return card.power_on().map(drop).map_err(|lost| trouble(&lost));
        }
        outcome.map_err(|error| trouble(&error))?;
        take(input, response, memory, answer);
        Ok(())
    }

    fn snapshot(&self) -> Option<Self::Snapshot> {
        Some((self.link.below().card.clone(), TerminalMemoryCopy(self.memory.clone())))
    }

    fn restore(&mut self, (card, memory): &Self::Snapshot) {
        self.card().clone_from(card);
        self.memory.clone_from(&memory.0);
    }

    fn identity(&self) -> Option<u128> {
        let mut hasher = std::hash::DefaultHasher::new();
        self.memory.hash(&mut hasher);
        let card = self.link.below().card.digest().value();
        Some(u128::from(card) << 64 | u128::from(hasher.finish()))
    }

    /// Walks side by side with a card whose random numbers are others: where the two answer differently, they tell of
    /// those.
    fn doubtful(&mut self) -> Result<Option<DoubtfulWord>, LearnTrouble> {
        let count = self.alphabet.inputs.len();
        let mut twin = self.twin()?;
        let pairs = (0..count).flat_map(|one| (0..count).map(move |other| vec![one, other]));
        let words: Vec<Vec<usize>> =
            pairs.chain((1..=WALKS).map(|seed| walk(seed, count))).collect();
        for mut word in words {
            let Some((at, mut answers)) = self.differs(&mut twin, &word)? else { continue };
            word.truncate(at + 1);
            // Without what does not matter.
            let mut place = 0;
            while place + 1 < word.len() {
                let mut shorter = word.clone();
                shorter.remove(place);
                match self.differs(&mut twin, &shorter)? {
                    Some((at, shown)) => {
                        shorter.truncate(at + 1);
                        (word, answers) = (shorter, shown);
                    }
                    None => place += 1,
                }
            }
            return Ok(Some(DoubtfulWord { word, answers }));
        }
        Ok(None)
    }

    fn sent(&self) -> u64 {
        self.link.below().sent
    }
}

/// What the terminal remembers at a snapshot.
#[derive(Clone)]
pub struct TerminalMemoryCopy(TerminalMemory);

/// A word of so many inputs' numbers, the same for the same seed.
fn walk(seed: u64, inputs: usize) -> Vec<usize> {
    let inputs = u64::try_from(inputs).unwrap_or(u64::MAX);
    let mut state = seed;
    let step = |_| {
        // The generator of Knuth's MMIX; its high bits are the good ones.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((state >> 33) % inputs).unwrap_or(0)
    };
    (0..WALK).map(step).collect()
}

/// Whether every input can be made for a card.
fn check(alphabet: &Alphabet, holdings: &CardHoldings) -> Result<(), LearnTrouble> {
    let mut bytes = Vec::new();
    let memory = TerminalMemory::default();
    for input in &alphabet.inputs {
        command(&input.action, holdings, &memory, &mut bytes)
            .map_err(|error| LearnTrouble(format!("the input {}: {error}", input.name)))?;
    }
    Ok(())
}

/// A card behind a transport: nothing is taken back, a word begins with a reset.
pub struct CardInReader<T> {
    alphabet: Alphabet,
    holdings: CardHoldings,
    link: Follow<T>,
    memory: TerminalMemory,
    bytes: [Vec<u8>; 2],
    sent: u64,
}

impl<T: Transport> CardInReader<T> {
    /// The card with what its terminal holds.
    ///
    /// # Errors
    /// An input that a reader cannot do, which is a power cut, or one that needs what the terminal does not hold.
    pub fn new(
        transport: T,
        alphabet: Alphabet,
        holdings: CardHoldings,
    ) -> Result<Self, LearnTrouble> {
        if let Some(cut) = alphabet.inputs.iter().find(|input| input.cut.is_some()) {
            let why = "a reader cannot cut the power of its card after so many bytes";
            return Err(LearnTrouble(format!("the input {}: {why}", cut.name)));
        }
        check(&alphabet, &holdings)?;
        let (memory, bytes) = (TerminalMemory::default(), Default::default());
        Ok(Self { alphabet, holdings, link: Follow::new(transport), memory, bytes, sent: 0 })
    }
}

impl<T: Transport> LearnTarget for CardInReader<T> {
    type Snapshot = std::convert::Infallible;

    fn inputs(&self) -> Vec<String> {
        self.alphabet.inputs.iter().map(|input| input.name.clone()).collect()
    }

    fn begin(&mut self) -> Result<(), LearnTrouble> {
        self.memory = TerminalMemory::default();
        self.link.reset().map_err(|error| LearnTrouble(error.to_string()))
    }

    fn step(&mut self, input: usize, answer: &mut String) -> Result<(), LearnTrouble> {
        let input = &self.alphabet.inputs[input];
        if input.action == InputAction::Reset {
            let _ = write!(answer, "reset");
            return self.begin();
        }
        let Self { holdings, link, memory, bytes: [sent, response], .. } = self;
        let trouble = |error: &dyn std::fmt::Display| LearnTrouble(error.to_string());
        command(&input.action, holdings, memory, sent).map_err(|error| trouble(&error))?;
        self.sent += 1;
        link.transmit(sent, response).map_err(|error| trouble(&error))?;
        take(input, response, memory, answer);
        Ok(())
    }

    fn snapshot(&self) -> Option<Self::Snapshot> {
        None
    }

    fn restore(&mut self, snapshot: &Self::Snapshot) {
        match *snapshot {}
    }

    fn sent(&self) -> u64 {
        self.sent
    }
}
