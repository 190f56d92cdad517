//! `sscard import`.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args as ClapArgs, ValueEnum};
use sscard_dialect::{Dialect, Le};

/// How scripts of other programs are read.
#[derive(ClapArgs)]
pub(crate) struct ImportOptions {
    /// What the script is written in; seen from its name and content without this.
    #[arg(long, value_name = "DIALECT", value_parser = dialects())]
    pub(crate) dialect: Option<Dialect>,
    /// What becomes of the Le that Java Card scripts always write.
    #[arg(long, value_enum, default_value_t = LeRule::Keep)]
    pub(crate) le: LeRule,
    /// Take comments of Java Card scripts such as "// 90 00", right behind a command, for
    /// expectations.
    #[arg(long)]
    pub(crate) adopt_comments: bool,
    /// Leave out what cannot be expressed, instead of failing; it is listed either way.
    #[arg(long)]
    pub(crate) keep_going: bool,
}

impl ImportOptions {
    /// The library's options, with this process's environment.
    pub(crate) fn options(&self) -> sscard_dialect::ImportOptions {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        let le = match self.le {
            LeRule::Keep => Le::Keep,
            LeRule::Drop => Le::Drop,
            LeRule::Zero => Le::Zero,
        };
        let environment = std::env::vars_os().filter_map(text).collect();
        let options = sscard_dialect::ImportOptions::default();
        let mut options = options.with_le(le).with_environment(environment);
        options.dialect = self.dialect;
        options.adopt_comments = self.adopt_comments;
        options.keep_going = self.keep_going;
        options
    }
}

fn dialects() -> impl TypedValueParser<Value = Dialect> {
    PossibleValuesParser::new(Dialect::ALL.map(|(name, _)| name)).map(|wanted| {
        let found = Dialect::ALL.into_iter().find(|(name, _)| *name == wanted);
        found.map_or(Dialect::Apdu, |(_, dialect)| dialect)
    })
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LeRule {
    /// Leave it out behind data.
    Drop,
    /// Send it as it is written.
    Keep,
    /// Send 00: as much as there is.
    Zero,
}

#[derive(ClapArgs)]
pub(crate) struct ImportArgs {
    /// Script of scriptor, apdutool (.scr) or GPShell, or what scriptor printed.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Where to write the script; to stdout without it.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) import: ImportOptions,
}
