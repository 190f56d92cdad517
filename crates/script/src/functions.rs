//! The functions of the language, one table: what checks them, runs them and documents them.
//!
//! What enters: arguments as the parameters want them. What leaves: a value. Nothing here knows a
//! card; `random` draws from the script's seed, `atr` is what the reader last said.

mod bank;
mod bytes;
mod cipher;
mod social;

pub(crate) use social::{OWNERS, suite_named};

use chacha20::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use sscard_crypto::Key;

use crate::value::{Arguments, Datum, Parameter};

/// How long a result is, as far as that is known beforehand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResultLength {
    /// As long as an argument.
    As(usize),
    /// So many bytes.
    Exactly(usize),
    /// As many bytes as an argument says.
    Said(usize),
    /// It depends.
    Varies,
}

/// What a function has beside its arguments.
pub struct FunctionContext {
    random: ChaCha20Rng,
    /// The card's answer to reset.
    pub(crate) atr: Vec<u8>,
    /// Whether a card is there; random numbers are not drawn before.
    pub(crate) is_live: bool,
}

impl FunctionContext {
    /// Random numbers from a seed, and no card yet.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { random: ChaCha20Rng::seed_from_u64(seed), atr: Vec::new(), is_live: false }
    }

    /// So many random bytes.
    pub(crate) fn random(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.random.fill_bytes(&mut bytes);
        bytes
    }
}

/// A call on its way.
pub struct Call<'c> {
    /// Its arguments.
    pub arguments: &'c Arguments,
    /// Random numbers and the card's answer to reset.
    pub context: &'c mut FunctionContext,
}

impl Call<'_> {
    fn bytes(&self, at: usize) -> &[u8] {
        self.arguments.bytes(at)
    }

    fn array<const N: usize>(&self, at: usize) -> Result<[u8; N], String> {
        self.arguments.array(at)
    }

    fn key(&self, at: usize) -> Result<Key, String> {
        Ok(Key::new(self.array(at)?))
    }

    fn text(&self, at: usize) -> &str {
        self.arguments.text(at)
    }

    fn length(&self, at: usize) -> usize {
        self.arguments.length(at)
    }
}

type Run = fn(&mut Call<'_>) -> Result<Datum, String>;

/// A function.
pub struct ScriptFunction {
    /// Its name.
    pub name: &'static str,
    /// What it takes, in order.
    pub parameters: &'static [Parameter],
    /// How long its result is.
    pub length: ResultLength,
    /// What it computes.
    pub description: &'static str,
    /// Where that is written.
    pub source: &'static str,
    /// Whether the same arguments always give the same result.
    pub(crate) is_pure: bool,
    pub(crate) run: Run,
}

impl ScriptFunction {
    const fn new(
        name: &'static str,
        parameters: &'static [Parameter],
        length: ResultLength,
        run: Run,
        description: &'static str,
        source: &'static str,
    ) -> Self {
        Self { name, parameters, length, description, source, is_pure: true, run }
    }

    const fn impure(self) -> Self {
        Self { is_pure: false, ..self }
    }

    /// How it is written.
    #[must_use]
    pub fn usage(&self) -> String {
        let parameters: Vec<_> = self.parameters.iter().map(Parameter::signature).collect();
        format!("{}({})", self.name, parameters.join(", "))
    }

    /// Computes.
    ///
    /// # Errors
    /// What the arguments lack.
    pub fn call(
        &self,
        arguments: &Arguments,
        context: &mut FunctionContext,
    ) -> Result<Datum, String> {
        (self.run)(&mut Call { arguments, context })
    }
}

/// All functions, group by group.
pub const GROUPS: &[(&str, &[ScriptFunction])] = &[
    ("Bytes", bytes::FUNCTIONS),
    ("Ciphers and hashes", cipher::FUNCTIONS),
    ("The social security card", social::FUNCTIONS),
    ("The bank card", bank::FUNCTIONS),
];

/// The function of a name.
#[must_use]
pub fn function(name: &str) -> Option<&'static ScriptFunction> {
    GROUPS.iter().flat_map(|(_, functions)| *functions).find(|function| function.name == name)
}

fn found(bytes: impl Into<Vec<u8>>) -> Result<Datum, String> {
    Ok(Datum::Bytes(bytes.into()))
}

#[cfg(test)]
pub(crate) mod tests;
