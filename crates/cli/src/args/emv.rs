//! `sscard emv`.

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

#[derive(ClapArgs)]
pub(crate) struct EmvArgs {
    #[command(subcommand)]
    pub(crate) command: EmvCommand,
}

#[derive(Subcommand)]
pub(crate) enum EmvCommand {
    /// The keys of a card and of one transaction.
    Keys {
        #[command(flatten)]
        keys: EmvKeyArgs,
        /// Cryptogram of the first GENERATE AC, 8 bytes: the script session key of emv-csk comes out of
        /// it.
        #[arg(long, value_name = "HEX")]
        arqc: Option<String>,
    },
    /// The application cryptogram over the data: ARQC, TC or AAC.
    Arqc {
        #[command(flatten)]
        keys: EmvKeyArgs,
        /// What the cryptogram covers, in its order.
        #[arg(long, value_name = "HEX")]
        data: String,
    },
    /// The issuer's answer to a cryptogram: ARPC method 1, or 2 with visa-cvn18.
    Arpc {
        #[command(flatten)]
        keys: EmvKeyArgs,
        /// What the cryptogram covered; not needed here.
        #[arg(long, value_name = "HEX")]
        data: Option<String>,
        /// The cryptogram, 8 bytes.
        #[arg(long, value_name = "HEX")]
        arqc: String,
        /// Authorisation response code of all schemes but visa-cvn18: 2 bytes such as 3030, or its two
        /// characters.
        #[arg(long, value_name = "HEX")]
        arc: Option<String>,
        /// Card status update of visa-cvn18, 4 bytes.
        #[arg(long, value_name = "HEX")]
        csu: Option<String>,
    },
    /// Whether a cryptogram is the right one: exit code 1 when it is not.
    Check {
        #[command(flatten)]
        keys: EmvKeyArgs,
        /// What the cryptogram covers, in its order.
        #[arg(long, value_name = "HEX")]
        data: String,
        /// The cryptogram, 8 bytes.
        #[arg(long, value_name = "HEX")]
        arqc: String,
    },
    /// Public keys of the test authority, for terminals that are to believe our cards: --ca of our own,
    /// and other programs'.
    Ca {
        /// Those of the authorities that certify this profile's cards: gen3, or a TOML file.
        #[arg(long, value_name = "PROFILE")]
        profile: Option<String>,
        /// How they are written.
        #[arg(long, value_enum, default_value_t = CaForm::Fields)]
        form: CaForm,
        /// One JSON object, with everything.
        #[arg(long, conflicts_with = "form")]
        json: bool,
    },
    /// What bytes say: a TLV string, or one value.
    ///
    /// One argument is a TLV string, such as a card's answer without its status word. Two arguments
    /// are what the value is, and the value: a tag such as 9F10, or iad, tvr, tsi, cvr, aip, afl,
    /// cvm, auc, ada, cid, ttq, ctq, pdol, cdol1, cdol2, ddol.
    Decode {
        /// Tag or abbreviation, then the value in hexadecimal; or a TLV string alone.
        #[arg(value_name = "HEX", num_args = 1..=2, required = true)]
        values: Vec<String>,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// The MAC of an issuer script command; give the issuer's MAC master key.
    ScriptMac {
        #[command(flatten)]
        keys: EmvKeyArgs,
        /// Cryptogram of the first GENERATE AC, 8 bytes.
        #[arg(long, value_name = "HEX")]
        arqc: String,
        /// The command without its MAC, its Lc counting it: 841E000004.
        #[arg(long, value_name = "HEX")]
        command: String,
        /// Bytes of the MAC: 4, of other schemes than pboc up to 8.
        #[arg(long, value_name = "N", default_value_t = 4,
              value_parser = clap::value_parser!(u8).range(4..=8))]
        mac_length: u8,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CaForm {
    /// A name and a value a line: RID, index, expiry, modulus, exponent, check value, or the point.
    Fields,
    /// RID, index and expiry, and a PUBLIC KEY.
    Pem,
    /// A line of capk.txt of emv-tools and of the Proxmark3's client; RSA alone.
    Capk,
    /// A line of ca-public-keys.txt of emv-bertlv; RSA alone.
    Columns,
}

#[derive(ClapArgs)]
pub(crate) struct EmvKeyArgs {
    /// How keys and cryptogram come about.
    #[arg(long, value_enum, default_value_t = Scheme::Pboc)]
    pub(crate) scheme: Scheme,
    /// Cipher of the keys.
    #[arg(long, value_enum, default_value_t = CipherName::TripleDes)]
    pub(crate) cipher: CipherName,
    /// Issuer master key, 16 bytes; @FILE reads it from a file, - asks for it, or reads a line of
    /// standard input. Others on this machine can see the command line.
    #[arg(long, value_name = "HEX")]
    pub(crate) imk: String,
    /// Account number.
    #[arg(long, value_name = "DIGITS")]
    pub(crate) pan: String,
    /// Account sequence number, two digits.
    #[arg(long, value_name = "NN", default_value = "00")]
    pub(crate) psn: String,
    /// Application transaction counter, 2 bytes.
    #[arg(long, value_name = "HEX")]
    pub(crate) atc: String,
    /// Fold the last SM4 block by xor instead of taking its left half; with --cipher sm4.
    #[arg(long)]
    pub(crate) sm4_fold_xor: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scheme {
    /// PBOC session key, padding 80.
    Pboc,
    /// EMV common session key, padding 80.
    EmvCsk,
    /// Visa CVN 10: the card key itself, padding 00.
    VisaCvn10,
    /// Visa CVN 18: EMV common session key, padding 80, ARPC method 2.
    VisaCvn18,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CipherName {
    /// Two-key triple DES.
    #[value(name = "3des")]
    TripleDes,
    /// SM4.
    Sm4,
    /// AES-128.
    Aes,
}
