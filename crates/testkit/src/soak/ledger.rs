//! The ledger: how many operations were held against the model in all, by version and seed.
//!
//! ```text
//! # version  cryptography  seed  runs  operations  seconds  violations
//! 0.1.0      real          7     5123  1234567890  3600     0
//! ```
//!
//! What enters: a file of such lines, apart by white space, and what a soak came to. What leaves: the file with it added. Runs are counted,
//! so that a soak with a seed of the ledger goes on where the last one ended, and no operation counts twice.

use std::fmt::{self, Write};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

use sscard_host::whole_file::{self, Audience};

/// First lines of the file.
const HEAD: &str = "# Operations that sscard soak has held against the model.\n\
                    # version\tcryptography\tseed\truns\toperations\tseconds\tviolations\n";

/// What soaks came to, by version and seed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SoakLedger {
    lines: Vec<LedgerLine>,
}

/// What soaks of one version with one seed came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LedgerLine {
    /// Version of the program.
    pub version: String,
    /// Whether every MAC was right: a build for fuzzers.
    pub is_null: bool,
    /// The seed.
    pub seed: u64,
    /// Runs that were begun: the next soak begins with the one of this number.
    pub runs: u64,
    /// Operations.
    pub operations: u64,
    /// Time, in seconds.
    pub seconds: u64,
    /// Answers that had to be others.
    pub violations: u64,
}

impl LedgerLine {
    /// Nothing yet, of this build.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            is_null: sscard_crypto::NULL_CRYPTO,
            seed,
            runs: 0,
            operations: 0,
            seconds: 0,
            violations: 0,
        }
    }

    fn is_of(&self, other: &Self) -> bool {
        (&self.version, self.is_null, self.seed) == (&other.version, other.is_null, other.seed)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let version = words.next()?.to_owned();
        let is_null = match words.next()? {
            "real" => false,
            "null" => true,
            _ => return None,
        };
        let mut number = || words.next()?.parse().ok();
        let line = Self {
            version,
            is_null,
            seed: number()?,
            runs: number()?,
            operations: number()?,
            seconds: number()?,
            violations: number()?,
        };
        words.next().is_none().then_some(line)
    }
}

impl fmt::Display for LedgerLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { version, seed, runs, operations, seconds, violations, .. } = self;
        let cryptography = if self.is_null { "null" } else { "real" };
        write!(
            f,
            "{version}\t{cryptography}\t{seed}\t{runs}\t{operations}\t{seconds}\t{violations}"
        )
    }
}

/// Why a ledger was not kept.
#[derive(Debug)]
pub enum LedgerError {
    /// This line is none of a ledger.
    Line(usize),
    /// It cannot be read.
    Unreadable(io::Error),
    /// It cannot be written; the old one is as it was.
    Unwritable(io::Error),
}

impl fmt::Display for LedgerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(number) => write!(f, "line {number} is none of a ledger of sscard soak"),
            Self::Unreadable(error) => error.fmt(f),
            Self::Unwritable(error) => write!(f, "it cannot be written: {error}"),
        }
    }
}

impl std::error::Error for LedgerError {}

impl SoakLedger {
    /// Reads one; a file that is not there is an empty one.
    ///
    /// # Errors
    /// What cannot be read.
    pub fn read(path: &Path) -> Result<Self, LedgerError> {
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(&text),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(LedgerError::Unreadable(error)),
        }
    }

    /// Reads the text of one.
    ///
    /// # Errors
    /// The first line that is none.
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        let lines = (1..).zip(text.lines().map(str::trim));
        let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let parse = |(number, line)| LedgerLine::parse(line).ok_or(LedgerError::Line(number));
        Ok(Self { lines: lines.map(parse).collect::<Result<_, _>>()? })
    }

    /// Adds to the ledger in a file, and writes it whole: what others add meanwhile stays. The ledger as it is now.
    ///
    /// # Errors
    /// What cannot be read or written; then the file is as it was.
    pub fn keep(path: &Path, done: &LedgerLine) -> Result<Self, LedgerError> {
        let _lock = lock(path);
        let mut ledger = Self::read(path)?;
        ledger.add(done);
        let written = whole_file::write(path, ledger.to_string().as_bytes(), Audience::Everybody);
        written.map_err(LedgerError::Unwritable)?;
        Ok(ledger)
    }

    /// Adds what a soak came to; its runs are those that were begun in all.
    pub fn add(&mut self, done: &LedgerLine) {
        match self.lines.iter_mut().find(|line| line.is_of(done)) {
            Some(line) => {
                line.runs = line.runs.max(done.runs);
                line.operations += done.operations;
                line.seconds += done.seconds;
                line.violations += done.violations;
            }
            None => self.lines.push(done.clone()),
        }
    }

    /// The run that a soak of this build with this seed begins with.
    #[must_use]
    pub fn next_run(&self, seed: u64) -> u64 {
        let wanted = LedgerLine::new(seed);
        self.lines.iter().find(|line| line.is_of(&wanted)).map_or(0, |line| line.runs)
    }

    /// Its lines.
    #[must_use]
    pub fn lines(&self) -> &[LedgerLine] {
        &self.lines
    }

    /// Operations in all, with real cryptography or without.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.lines.iter().map(|line| line.operations).sum()
    }

    /// Violations in all.
    #[must_use]
    pub fn violations(&self) -> u64 {
        self.lines.iter().map(|line| line.violations).sum()
    }
}

impl fmt::Display for SoakLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEAD)?;
        for line in &self.lines {
            write!(f, "{line}")?;
            f.write_char('\n')?;
        }
        Ok(())
    }
}

/// Keeps others from adding at the same time, where the system can lock a folder.
fn lock(path: &Path) -> Option<File> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = File::open(folder.unwrap_or(Path::new("."))).ok()?;
    folder.lock().ok()?;
    Some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(seed: u64, runs: u64, operations: u64) -> LedgerLine {
        LedgerLine { runs, operations, seconds: 2, ..LedgerLine::new(seed) }
    }

    #[test]
    fn what_is_added_stands_there_by_version_and_seed() {
        let mut ledger = SoakLedger::default();
        ledger.add(&line(7, 10, 1000));
        ledger.add(&line(8, 5, 500));
        ledger.add(&LedgerLine { violations: 1, ..line(7, 25, 1500) });
        ledger.add(&LedgerLine { version: "0.0.9".to_owned(), ..line(7, 3, 30) });
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(
            ledger.to_string(),
            format!(
                "{HEAD}{version}\treal\t7\t25\t2500\t4\t1\n{version}\treal\t8\t5\t500\t2\t0\n0.0.9\treal\t7\t3\t30\t2\t0\n"
            )
        );
        assert_eq!(SoakLedger::parse(&ledger.to_string()).expect("its own text"), ledger);
        assert_eq!((ledger.operations(), ledger.violations()), (3030, 1));
        assert_eq!((ledger.next_run(7), ledger.next_run(9)), (25, 0));
    }

    #[test]
    fn a_line_that_is_none_has_its_number() {
        for text in ["0.1.0 real 7 1 2 3", "0.1.0 some 7 1 2 3 4", "0.1.0 real 7 1 2 3 4 5", "x"] {
            let text = format!("# head\n\n{text}\n");
            assert_eq!(
                SoakLedger::parse(&text).expect_err("none").to_string(),
                LedgerError::Line(3).to_string()
            );
        }
    }

    #[test]
    fn two_who_add_at_the_same_time_both_count() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger");
        std::thread::scope(|scope| {
            for seed in 0..4 {
                let path = &path;
                scope.spawn(move || {
                    for runs in 1..=25 {
                        SoakLedger::keep(path, &line(seed, runs, 10)).expect("kept");
                    }
                });
            }
        });
        let ledger = SoakLedger::read(&path).expect("read");
        assert_eq!((ledger.lines().len(), ledger.operations()), (4, 1000));
        assert_eq!(ledger.next_run(3), 25);
    }
}
