//! `sscard trace`, and `--trace` of the commands that talk to a card.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use sscard_apdu::tlv::Tag;
use sscard_host::Secrets;
use sscard_trace::{Export, Modulo, TraceFormat};

use super::CardArgs;

/// Where exchanges are recorded.
#[derive(ClapArgs)]
pub(crate) struct RecordArgs {
    /// Write every exchange to a trace file (JSONL); PINs and keys are overwritten.
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Keep PINs and keys in the trace.
    #[arg(long, requires = "trace")]
    pub(crate) unsafe_show_secrets: bool,
}

/// The same for a command that shows PINs on the screen, too, when it is asked to.
#[derive(ClapArgs)]
pub(crate) struct ShownRecordArgs {
    /// Write every exchange to a trace file (JSONL); PINs and keys are overwritten.
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Show PINs and keys, on the screen and in the trace.
    #[arg(long)]
    pub(crate) unsafe_show_secrets: bool,
}

impl ShownRecordArgs {
    pub(crate) fn trace(&self) -> RecordArgs {
        RecordArgs { trace: self.trace.clone(), unsafe_show_secrets: self.unsafe_show_secrets }
    }
}

#[derive(ClapArgs)]
pub(crate) struct TraceArgs {
    #[command(subcommand)]
    pub(crate) command: TraceCommand,
}

#[derive(Subcommand)]
pub(crate) enum TraceCommand {
    /// Explain a trace: commands, data elements, status words.
    Show {
        #[command(flatten)]
        input: TraceInput,
        /// Show PINs and keys.
        #[arg(long)]
        unsafe_show_secrets: bool,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Write a trace in another format.
    Convert {
        #[command(flatten)]
        input: TraceInput,
        /// Where to write; - is standard output.
        #[arg(short, long, value_name = "OUT")]
        output: PathBuf,
        /// Format to write; by the extension of OUT without it.
        #[arg(long, value_enum)]
        to: Option<ExportName>,
        /// Keep PINs and keys.
        #[arg(long)]
        unsafe_show_secrets: bool,
    },
    /// Compare two traces; exits with 1 at the first difference.
    Diff {
        /// The one trace.
        #[arg(value_name = "A")]
        left: PathBuf,
        /// The other.
        #[arg(value_name = "B")]
        right: PathBuf,
        #[command(flatten)]
        reading: TraceReading,
        #[command(flatten)]
        modulo: ModuloArgs,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Send a trace's commands to a card; exits with 1 at the first response that differs.
    Replay {
        #[command(flatten)]
        input: TraceInput,
        #[command(flatten)]
        card: CardArgs,
        /// The card lies in the field of a contactless reader.
        #[arg(long, conflicts_with = "reader")]
        contactless: bool,
        /// Commands that may use up tries or block a card in a reader are meant.
        #[arg(long)]
        destructive: bool,
        #[command(flatten)]
        modulo: ModuloArgs,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
}

impl TraceCommand {
    /// Whether what goes to standard output is a file, and no text.
    pub(super) fn writes_bytes(&self) -> bool {
        matches!(self, Self::Convert { to: Some(ExportName::Pcapng), .. })
    }
}

#[derive(ClapArgs)]
pub(crate) struct TraceInput {
    /// The trace; - is standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) reading: TraceReading,
}

/// How traces are read.
#[derive(ClapArgs)]
pub(crate) struct TraceReading {
    /// Format of the trace; told from its first lines without it.
    #[arg(long, value_parser = formats())]
    pub(crate) from: Option<TraceFormat>,
    /// Skip malformed lines and say so, instead of refusing the rest.
    #[arg(long)]
    pub(crate) lenient: bool,
}

/// What may differ: challenges, cryptograms and MACs always, unless --exact.
#[derive(ClapArgs)]
pub(crate) struct ModuloArgs {
    /// Pass over this too: counters (9F36, 9F13, 9F17, 9F41, of the purse), or the tag of a data
    /// element, such as 9A.
    #[arg(long, value_name = "WHAT", value_parser = ignored)]
    pub(crate) ignore: Vec<Ignored>,
    /// Pass over nothing.
    #[arg(long, conflicts_with = "ignore")]
    pub(crate) exact: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ignored {
    Counters,
    Element(Tag),
}

fn ignored(text: &str) -> Result<Ignored, String> {
    if text == "counters" {
        return Ok(Ignored::Counters);
    }
    match u32::from_str_radix(text, 16) {
        Ok(number) if let Some(tag) = Tag::new(number) => Ok(Ignored::Element(tag)),
        _ => Err("it is 'counters' or a tag in hexadecimal".to_owned()),
    }
}

impl From<&ModuloArgs> for Modulo {
    fn from(args: &ModuloArgs) -> Self {
        let tag = |ignored: &Ignored| match ignored {
            Ignored::Counters => None,
            Ignored::Element(tag) => Some(*tag),
        };
        let mut modulo = Self::default();
        modulo.exact = args.exact;
        modulo.counters = args.ignore.contains(&Ignored::Counters);
        modulo.tags = args.ignore.iter().filter_map(tag).collect();
        modulo
    }
}

/// The formats that the library reads.
fn formats() -> impl TypedValueParser<Value = TraceFormat> {
    let all = TraceFormat::ALL.iter();
    let values = all.map(|(_, name, words)| PossibleValue::new(*name).help(*words));
    PossibleValuesParser::new(values).map(|wanted| {
        let found = TraceFormat::ALL.iter().find(|(_, name, _)| *name == wanted);
        found.map_or(TraceFormat::Jsonl, |(format, ..)| *format)
    })
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportName {
    /// sscard's own.
    Jsonl,
    /// Dump of apdu4j.
    Apdu4j,
    /// For Wireshark.
    Pcapng,
    /// A report as text.
    Markdown,
    /// A report for a browser.
    Html,
    /// What scriptor prints.
    Scriptor,
}

impl From<ExportName> for Export {
    fn from(name: ExportName) -> Self {
        match name {
            ExportName::Jsonl => Self::Jsonl,
            ExportName::Apdu4j => Self::Apdu4j,
            ExportName::Pcapng => Self::Pcapng,
            ExportName::Markdown => Self::Markdown,
            ExportName::Html => Self::Html,
            ExportName::Scriptor => Self::Scriptor,
        }
    }
}

/// What the option `--unsafe-show-secrets` asks for.
pub(crate) const fn secrets(shown: bool) -> Secrets {
    if shown { Secrets::Shown } else { Secrets::Redacted }
}
