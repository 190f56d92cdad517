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
}
