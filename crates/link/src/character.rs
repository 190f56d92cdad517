//! Characters of the line and the time between them (ISO/IEC 7816-3:2006 §7).

/// Elementary time units.
pub type Etu = u64;

/// Least time between the beginnings of two characters of one sender on T=0 (§7.2).
pub const GUARD_TIME: Etu = 12;
/// The same on T=1 when the ATR says nothing else (§11.2).
pub const SHORTEST_GUARD_TIME: Etu = 11;
/// Least time between the beginnings of characters in opposite directions on T=0 (§10.2).
pub const TURN_T0: Etu = 16;
/// The same on T=1, the block guard time (§11.2).
pub const TURN_T1: Etu = 22;

/// One character: eight bits, a parity bit, a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Character {
    /// The byte, in the direct convention whatever the card's is.
    pub byte: u8,
    /// Whether the parity bit fits.
    pub is_sound: bool,
    /// From the beginning of the character before it, whoever sent that.
    pub after: Etu,
}

impl Character {
    /// A sound character.
    #[must_use]
    pub const fn new(byte: u8, after: Etu) -> Self {
        Self { byte, is_sound: true, after }
    }
}

/// The characters of one turn: the first after `turn`, each other after `guard`.
pub(crate) fn turn(bytes: &[u8], turn: Etu, guard: Etu) -> Vec<Character> {
    let times = std::iter::once(turn).chain(std::iter::repeat(guard));
    bytes.iter().zip(times).map(|(byte, after)| Character::new(*byte, after)).collect()
}
