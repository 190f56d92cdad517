//! `sscard evil`.

use clap::{Args as ClapArgs, Subcommand};

#[derive(ClapArgs)]
pub(crate) struct EvilArgs {
    #[command(subcommand)]
    pub(crate) command: EvilCommand,
}

#[derive(Subcommand)]
pub(crate) enum EvilCommand {
    /// Every evil card, one a line: its name, who must catch it, what happens.
    List {
        /// Only those whose name has this in it.
        #[arg(value_name = "WORD")]
        word: Option<String>,
        /// One JSON object, with what comes of each.
        #[arg(long)]
        json: bool,
    },
    /// Print a card's recipe: TOML that --faults takes.
    Show {
        /// Its name.
        #[arg(value_name = "NAME")]
        name: String,
    },
}
