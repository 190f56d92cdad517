//! Keys of one's own for our reader and payment terminal: `--ca FILE`, `--keys FILE`.
//!
//! What enters: the files. What leaves: the authorities that a terminal trusts, an issuer's keys, a security module; the
//! test ones where no file is given. No message quotes a key.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args as ClapArgs;
use sscard_profile::{BankKeys, ProfileRefusal, SocialKeys, bank_keys, social_keys};
use sscard_terminal::SoftwareModule;
use sscard_terminal::payment::{
    Authorities, AuthorityFields, AuthorityKey, AuthorityKeys, TestAuthorities, authority_keys,
};

use crate::failure::Failure;
use crate::outside::shown_path;
use crate::read_file;

#[derive(ClapArgs)]
pub(crate) struct AuthorityArgs {
    /// Public keys of the certification authorities that the terminal trusts, instead of the test
    /// authority's: what `sscard emv ca` prints, in any of its forms.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

impl AuthorityArgs {
    /// Whose certificates the terminal trusts.
    pub(crate) fn authorities(&self) -> Result<Arc<dyn Authorities>, Failure> {
        let Some(path) = &self.ca else { return Ok(Arc::new(TestAuthorities)) };
        let text = text(path)?;
        let keys = if text.trim_start().starts_with('{') {
            of_json(&text).map_err(|reason| refuse(path, reason))?
        } else {
            authority_keys(&text).map_err(|error| refuse(path, error.to_string()))?
        };
        Ok(Arc::new(keys.into_iter().collect::<AuthorityKeys>()))
    }
}

#[derive(ClapArgs)]
pub(crate) struct KeyArgs {
    /// Keys of your own instead of the TEST keys: a TOML file with the key tables of a profile, `[[keys]]`,
    /// `[[master_keys]]`, [financial.keys], or a whole profile. What it does not name is a TEST key.
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
}

impl KeyArgs {
    /// The keys of the social security side.
    pub(crate) fn social(&self) -> Result<Option<SocialKeys>, Failure> {
        let Some(path) = &self.keys else { return Ok(None) };
        let keys = social_keys(&text(path)?).map_err(|refusal| placed(path, &refusal))?;
        // A file that names none leaves the TEST keys their name.
        Ok(Some(keys.called(format!("those of {}", shown_path(path))))
            .filter(|keys| !keys.is_empty()))
    }

    /// The keys of an issuer, and how its cryptograms come about.
    pub(crate) fn bank(&self) -> Result<Option<BankKeys>, Failure> {
        let Some(path) = &self.keys else { return Ok(None) };
        bank_keys(&text(path)?).map(Some).map_err(|refusal| placed(path, &refusal))
    }

    /// A terminal's security module with them.
    pub(crate) fn module(&self, seed: u64) -> Result<SoftwareModule, Failure> {
        let test = SoftwareModule::test(seed);
        Ok(match self.social()? {
            Some(keys) => test.with_keys(keys),
            None => test,
        })
    }
}

fn placed(path: &Path, refusal: &ProfileRefusal) -> Failure {
    let ProfileRefusal { line, column, error } = refusal;
    let file = path.display().to_string();
    Failure::Placed { file, line: *line, column: *column, reason: error.to_string() }
}

fn text(path: &Path) -> Result<String, Failure> {
    read_file::text(path).map_err(|source| Failure::Unreadable { path: path.to_owned(), source })
}

fn refuse(path: &Path, reason: String) -> Failure {
    Failure::Input { place: shown_path(path).to_string(), reason }
}

/// The document of `emv ca --json`; of its fields those that text has, too.
fn of_json(text: &str) -> Result<Vec<AuthorityKey>, String> {
    let document: serde_json::Value =
        serde_json::from_str(text).map_err(|error| error.to_string())?;
    let keys = document.get("keys").and_then(serde_json::Value::as_array);
    let keys = keys.ok_or("there is no list 'keys'")?;
    let of = |(place, key): (usize, &serde_json::Value)| {
        let fields = key.as_object().ok_or_else(|| format!("keys[{place}] is no object"))?;
        let mut said = AuthorityFields::default();
        for (name, value) in fields.iter().filter(|(name, _)| *name != "pem") {
            if let Some(value) = value.as_str() {
                said.set(name, value).map_err(|reason| format!("keys[{place}]: {reason}"))?;
            }
        }
        said.finish().map_err(|reason| format!("keys[{place}]: {reason}"))
    };
    keys.iter().enumerate().map(of).collect()
}
