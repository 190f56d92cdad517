//! Arguments of `new`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

#[derive(ClapArgs)]
pub(crate) struct NewArgs {
    /// gen1, gen2, gen3, a terminal's security module psam-3des or psam-sm4, or a TOML file.
    #[arg(long, value_name = "PROFILE", default_value = "gen3")]
    pub(crate) profile: String,
    /// The bank's account out of personalisation data: groups of EMV CPS, `DGI LENGTH DATA` in hexadecimal
    /// digits, one a line. The rest is that of a built-in profile.
    #[arg(long, value_name = "FILE")]
    pub(crate) dgi: Option<PathBuf>,
    /// Seed of the synthetic holder, the serial and the card's random numbers; without it the profile's holder,
    /// and seed 1 where it names none.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Set an item of EF05 or EF06, such as name=李测甲 or expiry_date=20301231.
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// Whether the social security function is activated; without it as the profile says, and active where it
    /// says nothing.
    #[arg(long, value_enum)]
    pub(crate) state: Option<State>,
    /// Tries that the holder's PIN has left; with 0 it is locked.
    #[arg(long, value_name = "N")]
    pub(crate) pin_tries_left: Option<u8>,
    /// What is blocked at delivery: card, SSSE, a DF in it such as DF04, or a payment application by its AID.
    #[arg(long, value_name = "WHAT")]
    pub(crate) blocked: Vec<String>,
    /// The card has expired: the day until which it is valid is long ago.
    #[arg(long)]
    pub(crate) expired: bool,
    /// Content of a file on the card, whatever it is: SSSE/EF08=photo.jpg.
    #[arg(long, value_name = "PATH=FILE")]
    pub(crate) file: Vec<String>,
    /// Answer to reset as a whole, in hexadecimal.
    #[arg(long, value_name = "HEX")]
    pub(crate) atr: Option<String>,
    /// Where to write the image.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum State {
    /// As it leaves production: deactivated.
    Produced,
    /// Activated.
    Active,
}
