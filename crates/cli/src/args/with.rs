//! `sscard with`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, ArgMatches, Args as ClapArgs, FromArgMatches, value_parser};

use super::{FaultArgs, SyncArgs};

/// What lies in a reader.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum ReaderContent {
    /// A card in a file, which keeps what becomes of it.
    File(PathBuf),
    /// A new card of this profile, which nobody keeps.
    New(String),
}

/// `--card` and `--profile`, in the order of the command line.
pub(crate) struct Contents(pub(crate) Vec<ReaderContent>);

const CARD: &str = "card";
const PROFILE: &str = "profile";

impl ClapArgs for Contents {
    fn augment_args(command: clap::Command) -> clap::Command {
        let card = clap::Arg::new(CARD)
            .long(CARD)
            .value_name("FILE")
            .action(ArgAction::Append)
            .value_parser(value_parser!(PathBuf))
            .help(
                "A card image in the next reader, which keeps what becomes of it. Cards and profiles fill the readers in \
                 the order in which they stand; without either there is one reader with a new gen3 card",
            );
        let profile = clap::Arg::new(PROFILE)
            .long(PROFILE)
            .value_name("PROFILE")
            .action(ArgAction::Append)
            .help(
                "A new card in the next reader, of a built-in profile or a TOML file; nobody keeps it",
            );
        command.arg(card).arg(profile)
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Contents {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let places = |name| matches.indices_of(name).into_iter().flatten();
        let cards = matches.get_many::<PathBuf>(CARD).into_iter().flatten();
        let profiles = matches.get_many::<String>(PROFILE).into_iter().flatten();
        let cards = places(CARD).zip(cards.cloned().map(ReaderContent::File));
        let profiles = places(PROFILE).zip(profiles.cloned().map(ReaderContent::New));
        let mut all: Vec<_> = cards.chain(profiles).collect();
        all.sort_by_key(|(place, _)| *place);
        Ok(Self(all.into_iter().map(|(_, content)| content).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[derive(ClapArgs)]
pub(crate) struct WithArgs {
    #[command(flatten)]
    pub(crate) contents: Contents,
    /// Seed of holder, serial and random numbers of the first new card; the next has the next. Without
    /// it the profile's holder, else 1.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// As many readers, at most 16: those without a card are empty, for cards that the API inserts.
    #[arg(long, value_name = "N", value_parser = value_parser!(u8).range(1..=16))]
    pub(crate) slots: Option<u8>,
    /// As in a contactless reader's field: its ATR, and payments by qPBOC.
    #[arg(long)]
    pub(crate) contactless: bool,
    /// Serve an API by HTTP (docs/api.md) beside the program: HOST:PORT of this machine, such as
    /// 127.0.0.1:7816, or unix:PATH. The program finds the address in the variable SSCARD_API, so port
    /// 0, which is any free one, will do.
    #[arg(long, value_name = "ADDR")]
    pub(crate) api: Option<String>,
    /// Token that every request to the API has to show, at least 16 characters; without the option the
    /// variable SSCARD_API_TOKEN counts.
    #[arg(long, value_name = "TOKEN")]
    pub(crate) api_token: Option<String>,
    /// Folder of card images that the API may insert.
    #[arg(long = "cards", value_name = "DIR", requires = "api")]
    pub(crate) folder: Option<PathBuf>,
    /// Write exchanges, power and resets of all readers to a trace file (JSONL); PINs and keys are
    /// overwritten.
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) sync: SyncArgs,
    /// Show PINs and keys: in the trace, and in the API's cards, exchanges and events.
    #[arg(long, visible_alias = "keys")]
    pub(crate) unsafe_show_secrets: bool,
    #[command(flatten)]
    pub(crate) faults: FaultArgs,
    /// The program and its arguments, behind two dashes.
    #[arg(required = true, last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}
