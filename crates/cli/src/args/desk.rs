//! `sscard desk`.

mod names;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use sscard_desk::{Paper, ServicePoint};

use super::CardArgs;
use crate::own_keys::KeyArgs;
pub(crate) use names::reason;
use names::{papers, reasons};

#[derive(ClapArgs)]
pub(crate) struct DeskArgs {
    #[command(subcommand)]
    pub(crate) command: DeskCommand,
}

#[derive(Subcommand)]
pub(crate) enum DeskCommand {
    /// Make a register.
    Init(InitArgs),
    /// Add residents whose information was collected, from CSV: all of them, or nobody.
    Import(ImportArgs),
    /// Produce cards for all residents who have none yet, and deliver them to one place.
    Batch(BatchArgs),
    /// Hand a card of a batch to its holder.
    Collect(CollectArgs),
    /// Activate a card: both functions at a bank, else the social security function.
    Activate(ActivateArgs),
    /// The transaction password: modify or reset it.
    Pin(PinArgs),
    /// Modify the query password.
    QueryPin(QueryPinArgs),
    /// Replace a lost or damaged card.
    Replace(ReplaceArgs),
    /// Change a card for another one: printed items, or the bank.
    Change(ChangeArgs),
    /// Change the registered mobile number.
    Mobile(MobileArgs),
    /// Cancel the social security function.
    Cancel(CancelArgs),
    /// Close the financial account.
    Close(CloseArgs),
    /// Show holders with their cards, accounts and balances.
    Show(LookArgs),
    /// Show the journal.
    Events(LookArgs),
    /// Show the messages to holders; what is sealed is shown once, then wiped.
    Outbox(RegisterArgs),
    /// Finish what was interrupted.
    Resume(ResumeArgs),
    /// Show which operation is done at which kind of service point, and by which rules.
    Rules(RulesArgs),
    /// Live a city's year with real virtual cards, and check that money, cards and register agree.
    Simulate(SimulateArgs),
}

impl DeskCommand {
    /// Whether a card may be on the counter.
    pub(crate) fn holds_a_card(&self) -> bool {
        matches!(
            self,
            Self::Activate(_)
                | Self::Pin(_)
                | Self::QueryPin(_)
                | Self::Replace(_)
                | Self::Change(_)
                | Self::Mobile(_)
                | Self::Cancel(_)
                | Self::Close(_)
                | Self::Resume(_)
        )
    }
}

#[derive(ClapArgs)]
pub(crate) struct SimulateArgs {
    /// Residents.
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub(crate) residents: u32,
    /// Days.
    #[arg(long, value_name = "M", default_value_t = 120, value_parser = clap::value_parser!(u32).range(0..=36_500))]
    pub(crate) days: u32,
    /// Seed: the same seed, the same city.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// One JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct RegisterArgs {
    /// The register.
    #[arg(long, value_name = "FILE")]
    pub(crate) register: PathBuf,
    /// One JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct DateArgs {
    /// Which day it is, YYYY-MM-DD; today without it.
    #[arg(long, value_name = "DATE")]
    pub(crate) date: Option<String>,
}

/// Somebody at a service point.
#[derive(ClapArgs)]
pub(crate) struct VisitArgs {
    /// Service point: bank-branch:BANK, card-outlet:BANK, village, community, convenience-center,
    /// pharmacy, kiosk, website, hr-outlet; places without a bank may have a name, as village:NAME.
    #[arg(long, value_name = "PLACE")]
    pub(crate) at: ServicePoint,
    /// What is shown, in one list with commas.
    #[arg(long, value_name = "PAPERS", value_delimiter = ',', value_parser = papers())]
    pub(crate) papers: Vec<Paper>,
    #[command(flatten)]
    pub(crate) day: DateArgs,
}

/// Somebody at a service point, with a card or without it.
#[derive(ClapArgs)]
pub(crate) struct CounterArgs {
    #[command(flatten)]
    pub(crate) register: RegisterArgs,
    #[command(flatten)]
    pub(crate) visit: VisitArgs,
    #[command(flatten)]
    pub(crate) card: CardArgs,
    #[command(flatten)]
    pub(crate) keys: KeyArgs,
    /// Social security number of the holder, where no card is there.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) holder: Option<String>,
}

#[derive(ClapArgs)]
pub(crate) struct InitArgs {
    #[command(flatten)]
    pub(crate) register: RegisterArgs,
    /// Profile of the cards that are issued: gen1, gen2 or gen3.
    #[arg(long, value_name = "PROFILE", default_value = "gen3")]
    pub(crate) profile: String,
    /// Seed of the cards' random numbers: the same seed makes the same cards. Passwords never follow
    /// from it.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// A cooperating bank, such as ICBC=中国工商银行; without any ABC, BOC, CCB and ICBC.
    #[arg(long, value_name = "CODE=NAME")]
    pub(crate) bank: Vec<String>,
    /// A bank that wants to see the child whose card it activates (D08); without any it is ICBC.
    #[arg(long, value_name = "CODE")]
    pub(crate) child_present: Vec<String>,
}

#[derive(ClapArgs)]
pub(crate) struct ImportArgs {
    /// Residents, in CSV with a header: name, number, mobile, bank, and where it applies photo,
    /// child, guardian, old_card, medical_balance.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) register: RegisterArgs,
    /// How the text is encoded.
    #[arg(long, value_enum, default_value_t = Encoding::Detected)]
    pub(crate) encoding: Encoding,
    /// Where the images of old cards are written.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) old_cards: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) day: DateArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Encoding {
    /// UTF-8 when it is that, else GBK.
    Detected,
    /// UTF-8.
    #[value(name = "utf-8")]
    Utf8,
    /// GBK.
    Gbk,
}

#[derive(ClapArgs)]
pub(crate) struct BatchArgs {
    #[command(flatten)]
    pub(crate) register: RegisterArgs,
    /// Name of the batch.
    #[arg(long)]
    pub(crate) name: String,
    /// First day of collection, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    pub(crate) opens: String,
    /// Last day of collection, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    pub(crate) closes: String,
    /// Where the cards are delivered: village, community or convenience-center, with a name or not.
    #[arg(long, value_name = "PLACE")]
    pub(crate) to: ServicePoint,
    /// Where the images of the cards are written, each as its card number.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) cards: PathBuf,
    #[command(flatten)]
    pub(crate) day: DateArgs,
}

#[derive(ClapArgs)]
pub(crate) struct CollectArgs {
    #[command(flatten)]
    pub(crate) register: RegisterArgs,
    #[command(flatten)]
    pub(crate) visit: VisitArgs,
    /// Social security number of the holder.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) holder: String,
}

#[derive(ClapArgs)]
pub(crate) struct ActivateArgs {
    #[command(flatten)]
    pub(crate) counter: CounterArgs,
    /// The card before it, when it is there too; without it that one is blocked at its next contact.
    #[arg(long, value_name = "FILE")]
    pub(crate) old_card: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub(crate) struct PinArgs {
    #[command(subcommand)]
    pub(crate) command: PinCommand,
}

#[derive(Subcommand)]
pub(crate) enum PinCommand {
    /// Modify the transaction password; the old one is known.
    Change {
        #[command(flatten)]
        counter: Box<CounterArgs>,
        /// The old transaction password, six digits; - asks for it, or reads a line of standard
        /// input. Others on this machine can see the command line.
        #[arg(long, value_name = "DIGITS")]
        old: String,
        /// The new transaction password, six digits; - likewise, the line after the old one's.
        #[arg(long, value_name = "DIGITS")]
        new: String,
    },
    /// Reset the transaction password to 123456; a locked function works again.
    Reset(Box<CounterArgs>),
}

#[derive(ClapArgs)]
pub(crate) struct QueryPinArgs {
    #[command(flatten)]
    pub(crate) counter: CounterArgs,
    /// The new query password, eight digits; - asks for it, or reads a line of standard input. Others
    /// on this machine can see the command line.
    #[arg(long, value_name = "DIGITS")]
    pub(crate) new: String,
}

#[derive(ClapArgs)]
pub(crate) struct ReplaceArgs {
    #[command(flatten)]
    pub(crate) counter: CounterArgs,
    /// Why.
    #[arg(long, value_parser = reasons(&["lost", "damaged"]))]
    pub(crate) reason: String,
    /// Where the image of the new card is written.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

#[derive(ClapArgs)]
pub(crate) struct ChangeArgs {
    #[command(flatten)]
    pub(crate) counter: CounterArgs,
    /// Why.
    #[arg(long, value_parser = reasons(&["name", "social-security-number", "photo", "printed-item", "misprint", "bank"]))]
    pub(crate) reason: String,
    /// The newly selected bank.
    #[arg(long, value_name = "BANK", required_if_eq("reason", "bank"))]
    pub(crate) bank: Option<String>,
    /// Name on the new card.
    #[arg(long, required_if_eq("reason", "name"))]
    pub(crate) name: Option<String>,
    /// Social security number on the new card.
    #[arg(long, required_if_eq("reason", "social-security-number"))]
    pub(crate) number: Option<String>,
    /// Photo on the new card: its name or hash.
    #[arg(long, required_if_eq("reason", "photo"))]
    pub(crate) photo: Option<String>,
    /// Where the image of the new card is written.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

#[derive(ClapArgs)]
pub(crate) struct MobileArgs {
    #[command(flatten)]
    pub(crate) counter: CounterArgs,
    /// The new mobile number, eleven digits.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) mobile: String,
    /// The query password, which kiosk and website ask for; - asks for it, or reads a line of standard
    /// input. Others on this machine can see the command line.
    #[arg(long, value_name = "DIGITS")]
    pub(crate) query_pin: Option<String>,
}

#[derive(ClapArgs)]
pub(crate) struct CancelArgs {
    #[command(flatten)]
    pub(crate) counter: CounterArgs,
    /// Why.
    #[arg(long, value_parser = reasons(&["death", "abroad", "bank"]))]
    pub(crate) reason: String,
    /// The newly selected bank.
    #[arg(long, value_name = "BANK", required_if_eq("reason", "bank"))]
    pub(crate) bank: Option<String>,
    /// When the remaining benefits are paid out to the account.
    #[arg(long, value_enum, default_value_t = PayOut::Now)]
    pub(crate) pay_out: PayOut,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PayOut {
    /// At once.
    Now,
    /// At another visit for the same reason.
    Later,
}

#[derive(ClapArgs)]
pub(crate) struct CloseArgs {
    #[command(flatten)]
    pub(crate) counter: CounterArgs,
    /// Why; what the cancellation said without it.
    #[arg(long, value_parser = reasons(&["death", "abroad", "bank"]))]
    pub(crate) reason: Option<String>,
    /// The newly selected bank.
    #[arg(long, value_name = "BANK", required_if_eq("reason", "bank"))]
    pub(crate) bank: Option<String>,
}

#[derive(ClapArgs)]
pub(crate) struct LookArgs {
    #[command(flatten)]
    pub(crate) register: RegisterArgs,
    /// Social security number of one holder.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) holder: Option<String>,
}

#[derive(ClapArgs)]
pub(crate) struct ResumeArgs {
    #[command(flatten)]
    pub(crate) register: RegisterArgs,
    #[command(flatten)]
    pub(crate) card: CardArgs,
    #[command(flatten)]
    pub(crate) keys: KeyArgs,
    /// The card before it, when it is there too.
    #[arg(long, value_name = "FILE")]
    pub(crate) old_card: Option<PathBuf>,
    /// Where images of new cards are written, each as its card number; else where they were to go. An
    /// image that lies there already is taken.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) cards: Option<PathBuf>,
    /// The same, as one file.
    #[arg(short, long, value_name = "FILE", conflicts_with = "cards")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub(crate) struct RulesArgs {
    /// One JSON array.
    #[arg(long)]
    pub(crate) json: bool,
}
