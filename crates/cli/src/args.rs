//! The command line.

mod ctl;
pub(crate) mod desk;
mod emv;
mod evil;
mod fault;
mod import;
mod learn;
mod link;
mod new;
mod pki;
mod profile;
mod read;
mod run;
mod serve;
mod shell;
mod soak;
mod trace;
mod with;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use sscard_host::Sync;

use crate::own_keys::{AuthorityArgs, KeyArgs};

pub(crate) use ctl::{CtlArgs, CtlCommand, OnOff};
pub(crate) use emv::{CaForm, CipherName, EmvArgs, EmvCommand, EmvKeyArgs, Scheme};
pub(crate) use evil::{EvilArgs, EvilCommand};
pub(crate) use fault::{FaultArgs, ShrinkArgs, Shrinking};
pub(crate) use import::ImportArgs;
pub(crate) use learn::{LearnArgs, Learner};
pub(crate) use link::LinkArgs;
pub(crate) use new::{NewArgs, State};
pub(crate) use pki::{CertificateArgs, PkiArgs, PkiCommand, SignArgs, VerifyArgs};
pub(crate) use profile::{ProfileArgs, ProfileCommand};
pub(crate) use read::ReadArgs;
pub(crate) use run::RunArgs;
pub(crate) use serve::ServeArgs;
pub(crate) use shell::ShellArgs;
pub(crate) use soak::SoakArgs;
pub(crate) use trace::{
    ModuloArgs, RecordArgs, ShownRecordArgs, TraceArgs, TraceCommand, TraceInput, TraceReading,
    secrets,
};
pub(crate) use with::{ReaderContent, WithArgs};

pub(crate) const EXIT_CODES: &str = "Exit codes: 0 done; 1 a check failed, the desk refused; 2 wrong usage; 3 an input \
cannot be used (image, profile, hex, CSV, script, trace, register); 4 no service, reader or card; 5 in use by another program, or no answer \
in time; 6 transport or file failure; 7 card reset or removed; 130 interrupted.";

/// Reference simulator of the Chinese social security card with a financial function.
#[derive(Parser)]
#[command(name = "sscard", bin_name = "sscard", version, about, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make a card and write it to an image file.
    New(NewArgs),
    /// Look at profiles: what one makes, what is wrong in it, and the profile of a card that is there.
    Profile(ProfileArgs),
    /// Read a card as a hospital's reader does.
    Read(ReadArgs),
    /// Show everything on a card: files, access rules, counters, records.
    Inspect(InspectArgs),
    /// Take the last sound state out of a damaged card image.
    Repair(RepairArgs),
    /// Send APDUs to a card, in one power cycle.
    Transmit(TransmitArgs),
    /// Run scripts (.apdu) on a card.
    Run(RunArgs),
    /// Talk to a card line by line, in the language of scripts.
    Shell(ShellArgs),
    /// Pay: a whole transaction with terminal and issuer, contact or contactless.
    Pay(PayArgs),
    /// Compute keys, cryptograms and script MACs of bank cards.
    Emv(EmvArgs),
    /// Cards that play known attacks: list them, show one's recipe.
    Evil(EvilArgs),
    /// Learn the state machine of a card from what it answers, and compare two.
    Learn(Box<LearnArgs>),
    /// The PKI application of a card: sign, check signatures, show certificates.
    Pki(PkiArgs),
    /// The issuing desk: a card's whole life, by the rules, in a register.
    Desk(Box<desk::DeskArgs>),
    /// Hold random operations on cards against a model that knows every answer, for as long as asked for.
    Soak(SoakArgs),
    /// Turn a script of another program into one of ours.
    Import(ImportArgs),
    /// Look at recorded sessions: explain, convert, compare, replay.
    Trace(TraceArgs),
    /// List the PC/SC readers of this machine.
    Readers(ReadersArgs),
    /// Put cards into the machine's virtual PC/SC readers (vpcd), and let programs drive them.
    Serve(ServeArgs),
    /// Run a program that speaks PC/SC against cards of its own: without a daemon, without root.
    With(Box<WithArgs>),
    /// Drive the cards of sscard serve --api: eject, insert, change, snapshot, faults, exchanges.
    Ctl(CtlArgs),
    /// A card's contacts as a stream of bytes: T=0 and T=1 over a pipe, TCP or a pseudo-terminal, with errors on
    /// command.
    Link(LinkArgs),
    /// Say what this machine lacks to use PC/SC, and the command that mends it.
    Doctor(DoctorArgs),
    /// Print the completions of a shell.
    Completions(CompletionsArgs),
    /// Print the manual page, of the program or of one command.
    Man(ManArgs),
}

impl Command {
    /// Whether a card may be changed on the way: then what becomes of output and signals comes second.
    pub(crate) fn holds_a_card(&self) -> bool {
        match self {
            Self::Read(_)
            | Self::Transmit(_)
            | Self::Run(_)
            | Self::Shell(_)
            | Self::Pay(_)
            | Self::Pki(_)
            | Self::Link(_)
            | Self::Serve(_) => true,
            Self::Desk(args) => args.command.holds_a_card(),
            Self::Trace(args) => matches!(args.command, TraceCommand::Replay { .. }),
            _ => false,
        }
    }

    /// Whether what goes to standard output is a file, and no text.
    pub(crate) fn writes_bytes(&self) -> bool {
        match self {
            Self::Trace(args) => args.command.writes_bytes(),
            _ => false,
        }
    }
}

/// Which card: an image, a reader, or the built-in gen3 card.
#[derive(ClapArgs)]
pub(crate) struct CardArgs {
    /// Card image; its state is kept.
    #[arg(long, value_name = "FILE", conflicts_with = "reader")]
    pub(crate) card: Option<PathBuf>,
    /// PC/SC reader, by its name or a part of it; without both options the one that the variable
    /// SSCARD_READER names.
    #[arg(long, value_name = "NAME")]
    pub(crate) reader: Option<String>,
    #[command(flatten)]
    pub(crate) sync: SyncArgs,
}

/// When a card's file is safe from a crash of the operating system.
#[derive(Clone, Copy, ClapArgs)]
pub(crate) struct SyncArgs {
    /// When what was answered survives a crash of the operating system, too: always before the answer,
    /// or when there is time and at the end. That sscard itself is killed loses nothing either way.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = When::Idle)]
    pub(crate) sync: When,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// Before each answer: slower by a write to the disk.
    Always,
    /// When nothing is asked for a moment, and at the end.
    Idle,
}

impl From<SyncArgs> for Sync {
    fn from(args: SyncArgs) -> Self {
        match args.sync {
            When::Always => Self::Always,
            When::Idle => Self::Idle,
        }
    }
}

#[derive(ClapArgs)]
pub(crate) struct InspectArgs {
    /// Card image; without it the built-in gen3 card.
    #[arg(long, value_name = "FILE")]
    pub(crate) card: Option<PathBuf>,
    /// Show the keys too (TEST keys).
    #[arg(long)]
    pub(crate) keys: bool,
    /// One JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct RepairArgs {
    /// The damaged image; it stays as it is.
    #[arg(value_name = "CARD")]
    pub(crate) card: PathBuf,
    /// Where to write the repaired image.
    #[arg(short, long, value_name = "NEW")]
    pub(crate) output: PathBuf,
    /// One JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct TransmitArgs {
    #[command(flatten)]
    pub(crate) card: CardArgs,
    /// Do not follow 61xx and 6Cxx.
    #[arg(long)]
    pub(crate) raw: bool,
    /// Exit with 1 when a status word is not 9000.
    #[arg(long)]
    pub(crate) check: bool,
    #[command(flatten)]
    pub(crate) record: ShownRecordArgs,
    /// Commands in hexadecimal; spaces inside one argument are fine. Others on this machine can see
    /// the command line.
    #[arg(value_name = "HEX", required = true)]
    pub(crate) commands: Vec<String>,
    #[command(flatten)]
    pub(crate) faults: FaultArgs,
    #[command(flatten)]
    pub(crate) shrink: ShrinkArgs,
}

#[derive(ClapArgs)]
pub(crate) struct PayArgs {
    #[command(flatten)]
    pub(crate) card: CardArgs,
    /// Amount in yuan, such as 12.34.
    #[arg(long, value_name = "YUAN")]
    pub(crate) amount: String,
    /// Over the antenna, by qPBOC; of a card in a reader its ATR says so without this option.
    #[arg(long)]
    pub(crate) contactless: bool,
    /// PIN that the holder enters; the built-in card's is 123456; - asks for it, or reads a line of
    /// standard input. Others on this machine can see the command line; without the option the
    /// variable SSCARD_PIN counts.
    #[arg(long, value_name = "DIGITS")]
    pub(crate) pin: Option<String>,
    /// The account's PIN as the issuer knows it, which an online PIN is compared with; 123456 without
    /// it; - asks for it, or reads a line of standard input. Others on this machine can see the command
    /// line.
    #[arg(long, value_name = "DIGITS", conflicts_with = "offline")]
    pub(crate) online_pin: Option<String>,
    #[command(flatten)]
    pub(crate) authorities: AuthorityArgs,
    #[command(flatten)]
    pub(crate) keys: KeyArgs,
    /// Application to pay with, such as A000000333010102; without it the first of the directory that
    /// is not blocked.
    #[arg(long, value_name = "HEX")]
    pub(crate) aid: Option<String>,
    /// The terminal cannot reach the issuer, and takes e-cash.
    #[arg(long)]
    pub(crate) offline: bool,
    /// The terminal supports SM2, SM3 and SM4, and the card prefers them.
    #[arg(long)]
    pub(crate) sm: bool,
    /// The issuer declines.
    #[arg(long, conflicts_with = "offline")]
    pub(crate) decline: bool,
    /// Issuer script, in order: application-block, application-unblock, card-block, pin-unblock,
    /// pin-change=NEW, pin-change=OLD:NEW, put-data=TAG:HEX, update-record=SFI:NUMBER:HEX. Scripts go
    /// over contacts, and after an issuer's answer. A PIN may be -, as with --pin.
    #[arg(long, value_name = "SCRIPT", conflicts_with_all = ["contactless", "offline"])]
    pub(crate) script: Vec<String>,
    /// The issuer folds the last SM4 block by xor instead of taking its left half. Of an image and of
    /// the built-in card the profile says so by itself.
    #[arg(long)]
    pub(crate) sm4_fold_xor: bool,
    /// Key of the block in a script pin-change; likewise without it.
    #[arg(long, value_enum, value_name = "KEY", requires = "script")]
    pub(crate) pin_change_key: Option<PinChangeKey>,
    /// The most that the terminal can do of offline data authentication.
    #[arg(long, value_enum, default_value_t = Authentication::Cda)]
    pub(crate) authentication: Authentication,
    /// Date of the transaction, YYYY-MM-DD; today without it.
    #[arg(long, value_name = "DATE")]
    pub(crate) date: Option<String>,
    /// Seed of the terminal's unpredictable number.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    #[command(flatten)]
    pub(crate) record: RecordArgs,
    /// One JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) faults: FaultArgs,
    #[command(flatten)]
    pub(crate) shrink: ShrinkArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Authentication {
    /// Combined with the cryptogram, else dynamic, else static.
    Cda,
    /// Dynamic, else static.
    Dda,
    /// Static.
    Sda,
    /// None.
    None,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PinChangeKey {
    /// Of odd parity.
    OddParity,
    /// As it was derived.
    Unadjusted,
}

#[derive(ClapArgs)]
pub(crate) struct ReadersArgs {
    /// Show what is there, then readers and cards as they come and go, until Ctrl-C.
    #[arg(long)]
    pub(crate) watch: bool,
    /// One JSON object; with --watch one a line.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct DoctorArgs {
    /// One JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    /// Look below this folder instead of /.
    #[arg(long, hide = true, value_name = "FOLDER", default_value = "/")]
    pub(crate) root: PathBuf,
}

#[derive(ClapArgs)]
pub(crate) struct CompletionsArgs {
    /// Which shell.
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(ClapArgs)]
pub(crate) struct ManArgs {
    /// Which command's page, such as `desk activate`; the program's without it.
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
}
