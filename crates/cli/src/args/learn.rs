//! Arguments of `learn`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use crate::own_keys::KeyArgs;

#[derive(ClapArgs)]
pub(crate) struct LearnArgs {
    /// The inputs: bank, issuer, payment, social, look, or a file of them, see docs/learn.md. Without it bank, or with --diff the
    /// alphabet that a machine's file names.
    #[arg(long, value_name = "FILE|NAME")]
    pub(crate) alphabet: Option<String>,
    /// Card image; it stays as it is. Without it the built-in gen3 card.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["reader", "profile"])]
    pub(crate) card: Option<PathBuf>,
    /// A card of this profile: gen1, gen2, gen3 or a TOML file.
    #[arg(long, value_name = "PROFILE", conflicts_with = "reader")]
    pub(crate) profile: Option<String>,
    /// PC/SC reader, by its name or a part of it. Every word begins with a reset there: it takes long, and what a word leaves
    /// on the card the next one meets.
    #[arg(long, value_name = "NAME")]
    pub(crate) reader: Option<String>,
    /// Inputs that wear a card in a reader are meant: wrong PINs, writing, the transaction counter.
    #[arg(long, requires = "reader")]
    pub(crate) destructive: bool,
    /// PIN of the holder of a card in a reader; - asks for it. Others on this machine can see the command line.
    #[arg(long, value_name = "DIGITS", requires = "reader")]
    pub(crate) pin: Option<String>,
    /// PIN of the bank account of a card in a reader; - asks for it. Others on this machine can see the command line.
    #[arg(long, value_name = "DIGITS", requires = "reader")]
    pub(crate) payment_pin: Option<String>,
    #[command(flatten)]
    pub(crate) keys: KeyArgs,
    /// How hypotheses are made; the machine is the same.
    #[arg(long, value_enum, value_name = "NAME", default_value_t = Learner::Lsharp)]
    pub(crate) algorithm: Learner,
    /// After each state every word of up to so many inputs is tried, and then the words that tell states apart: a
    /// machine with so many states more, less one, is found for certain.
    #[arg(long, value_name = "K", default_value_t = 3, value_parser = clap::value_parser!(u8).range(0..=9))]
    pub(crate) depth: u8,
    /// Give up when there are more states.
    #[arg(long, value_name = "N", default_value_t = 2000)]
    pub(crate) most_states: u32,
    /// Write the graph for Graphviz, without what leaves a state as it is.
    #[arg(long, value_name = "FILE", conflicts_with = "diff")]
    pub(crate) dot: Option<PathBuf>,
    /// Compare two machines instead: files of them (text or JSON), profiles, or card images, which are learnt. Shows the
    /// shortest word on which they differ, and every transition that changed; exit with 1.
    #[arg(long, num_args = 2, value_names = ["A", "B"], conflicts_with_all = ["card", "profile", "reader"])]
    pub(crate) diff: Vec<String>,
    /// One JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Learner {
    /// L#: apartness in a tree of observations.
    Lsharp,
    /// TTT: a discrimination tree.
    Ttt,
}
