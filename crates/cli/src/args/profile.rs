//! `sscard profile`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

#[derive(ClapArgs)]
pub(crate) struct ProfileArgs {
    #[command(subcommand)]
    pub(crate) command: ProfileCommand,
}

#[derive(Subcommand)]
pub(crate) enum ProfileCommand {
    /// Whether a profile makes a card: exit code 3 and FILE:LINE:COLUMN of what is wrong when it does not.
    Check {
        /// TOML file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Show the card that a profile makes, as inspect shows a card.
    Show {
        /// gen1, gen2, gen3, or a TOML file.
        #[arg(value_name = "PROFILE")]
        profile: String,
        /// Show the keys too (TEST keys).
        #[arg(long)]
        keys: bool,
        /// One JSON object, that of inspect.
        #[arg(long)]
        json: bool,
    },
    /// Print a complete profile of a card, keys and PINs in the clear: new --profile makes the same card of it.
    Export {
        /// Card image; without it the built-in gen3 card.
        #[arg(long, value_name = "FILE")]
        card: Option<PathBuf>,
        /// Where to write the profile, for its owner alone; to stdout without it.
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Print the JSON schema of profiles, for editors.
    Schema,
}
