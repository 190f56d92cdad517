//! `sscard pki`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::{CardArgs, RecordArgs};

#[derive(ClapArgs)]
pub(crate) struct PkiArgs {
    #[command(subcommand)]
    pub(crate) command: PkiCommand,
}

#[derive(Subcommand)]
pub(crate) enum PkiCommand {
    /// Sign a file with the card's signature key.
    Sign(SignArgs),
    /// Check a signature by the card's certificate, or by one in a file.
    Verify(VerifyArgs),
    /// Show a certificate of the card.
    Certificate(CertificateArgs),
}

#[derive(ClapArgs)]
pub(crate) struct SignArgs {
    #[command(flatten)]
    pub(crate) card: CardArgs,
    /// Ask for the user's PIN of the PKI application, or read it from a line of standard input: write
    /// --pin -. Without it the variable SSCARD_PIN counts. A PIN on the command line is refused.
    #[arg(long, value_name = "-")]
    pub(crate) pin: Option<String>,
    /// Where to write the signature in DER, as OpenSSL reads it.
    #[arg(short, long, value_name = "SIGNATURE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) record: RecordArgs,
    /// One JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    /// The file to sign.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[derive(ClapArgs)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    pub(crate) card: CardArgs,
    /// The signer's certificate, DER or PEM; the card is not asked then.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["card", "reader"])]
    pub(crate) certificate: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) record: RecordArgs,
    /// One JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    /// The file that was signed.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The signature: a file as `pki sign -o` writes it, or r and s, 128 hexadecimal digits.
    #[arg(value_name = "SIGNATURE")]
    pub(crate) signature: String,
}

#[derive(ClapArgs)]
pub(crate) struct CertificateArgs {
    #[command(flatten)]
    pub(crate) card: CardArgs,
    /// That of the encryption key; without it that of the signature key.
    #[arg(long)]
    pub(crate) encryption: bool,
    /// That of the test authority, which signs the certificates of test cards; no card is asked.
    #[arg(long, conflicts_with_all = ["card", "reader", "encryption"])]
    pub(crate) authority: bool,
    /// Where to write the certificate, as PEM.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) record: RecordArgs,
    /// One JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}
