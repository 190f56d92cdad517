//! `sscard ctl`: the client of the API.

use clap::{Args as ClapArgs, Subcommand};

#[derive(ClapArgs)]
pub(crate) struct CtlArgs {
    /// Where sscard serve --api is: HOST:PORT or unix:PATH; without the option the variable SSCARD_API
    /// counts.
    #[arg(long, value_name = "ADDR", global = true)]
    pub(crate) api: Option<String>,
    /// The token of sscard serve --api-token. Others on this machine can see the command line; without
    /// the option the variable SSCARD_API_TOKEN counts.
    #[arg(long, value_name = "TOKEN", global = true)]
    pub(crate) api_token: Option<String>,
    /// The slot, from 0 on.
    #[arg(long, value_name = "N", default_value_t = 0, global = true)]
    pub(crate) slot: u16,
    /// The API's answer, one JSON object; of events one a line.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: CtlCommand,
}

#[derive(Subcommand)]
pub(crate) enum CtlCommand {
    /// Show all slots and their cards.
    Slots,
    /// Show the cards and profiles that can be inserted.
    Cards,
    /// Insert a card of the folder of serve --cards, a new card, or the one that was ejected.
    Insert {
        /// Name of a card below the folder; without it and --profile the card that was ejected.
        #[arg(value_name = "CARD", conflicts_with = "profile")]
        card: Option<String>,
        /// A new card of this profile, which is kept nowhere.
        #[arg(long, value_name = "PROFILE")]
        profile: Option<String>,
        /// Seed of the new card's holder, serial and random numbers.
        #[arg(long, value_name = "N", requires = "profile")]
        seed: Option<u64>,
    },
    /// Take the card out; it lies beside the slot.
    Eject,
    /// Reset the card, or give it power.
    Reset,
    /// Give the card power, or take it away.
    Power {
        /// On or off.
        #[arg(value_enum, value_name = "ON|OFF")]
        power: OnOff,
    },
    /// Take the card out, read its file again, and put it in.
    Reload {
        /// In every slot that has a card.
        #[arg(long)]
        all: bool,
    },
    /// Show everything on the card, as inspect --json does.
    Card,
    /// Change the card: fields of a profile's table state, and items of new --set.
    Set {
        /// Such as pin_tries_left=1, name=李测甲, purse.balance=12345, files.SSSE/EF08=00FF,
        /// blocked=SSSE,DF04, clock=60000, or one JSON object.
        #[arg(value_name = "FIELD=VALUE", required = true)]
        fields: Vec<String>,
    },
    /// Take a snapshot of the card, its session included; without a name, list them.
    Snapshot {
        /// Its name.
        #[arg(value_name = "NAME")]
        name: Option<String>,
        /// Forget it.
        #[arg(long, requires = "name")]
        forget: bool,
    },
    /// Go back to a snapshot.
    Restore {
        /// Its name.
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Show the faults that are set and what has struck, or set others in their place.
    Faults {
        /// Faults, such as sw=6100@3 (docs/faults.md).
        #[arg(value_name = "SPEC", conflicts_with = "clear")]
        faults: Vec<String>,
        /// Seed of what is drawn.
        #[arg(long, value_name = "N", requires = "faults")]
        seed: Option<u64>,
        /// No faults any more.
        #[arg(long)]
        clear: bool,
    },
    /// Send commands to the card, in the session that it is in.
    Transmit {
        /// Commands in hexadecimal; spaces inside one argument are fine. Others on this machine can see
        /// the command line.
        #[arg(value_name = "HEX", required = true)]
        commands: Vec<String>,
        /// Exit with 1 when a status word is not 9000.
        #[arg(long)]
        check: bool,
    },
    /// Show what was exchanged, whoever sent it, as trace show does.
    Exchanges {
        /// Only what came after the event of this number.
        #[arg(long, value_name = "N")]
        after: Option<u64>,
    },
    /// Wait for an event, for a command, until nothing happens, or until the reader sees the card.
    Wait {
        /// exchange, power, inserted, removed, fault, idle, ready, idle=MILLISECONDS, or the beginning of
        /// a command in hexadecimal.
        #[arg(value_name = "FOR")]
        condition: String,
        /// So long; exits with 5 when it has not come.
        #[arg(long, value_name = "MILLISECONDS", default_value_t = 30_000)]
        timeout_ms: u64,
        /// Count what came after the event of this number, too.
        #[arg(long, value_name = "N")]
        after: Option<u64>,
    },
    /// Show events of all slots as they happen, until Ctrl-C.
    Events {
        /// End after so many.
        #[arg(long, value_name = "N")]
        count: Option<u64>,
        /// Begin after the event of this number.
        #[arg(long, value_name = "N")]
        after: Option<u64>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum OnOff {
    /// Power.
    On,
    /// No power.
    Off,
}
