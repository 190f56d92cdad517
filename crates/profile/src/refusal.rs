//! Why a profile cannot be used, and where its text says so.

use sscard_core::{HolderError, PersonalisationError, ProfileError};

use crate::fields;
use crate::place;

/// Why a text makes no profile, with the place of what is wrong. Shown as `LINE:COLUMN: reason`.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[error("{line}:{column}: {error}")]
pub struct ProfileRefusal {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub error: LoadError,
}

/// Why a profile cannot be used.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The text is not TOML, or a key or its type is wrong.
    #[error("{message}")]
    Syntax {
        /// Byte of the text.
        at: usize,
        /// What the reader of TOML says.
        message: String,
    },
    /// A setting by its name and by its old one.
    #[error("{name} and {old} name the same setting: leave {old} out, it is the old name")]
    NamedTwice {
        /// Byte of the text at which the later of the two stands.
        at: usize,
        /// Its name.
        name: &'static str,
        /// Its old name.
        old: &'static str,
    },
    /// `base` names no built-in profile.
    #[error(
        "base: there is no built-in profile '{0}'; use gen1, gen2, gen3, psam-3des or psam-sm4"
    )]
    UnknownBase(String),
    /// A value that a setting does not admit.
    #[error("{setting}: '{value}' is not {wanted}")]
    Value {
        /// The setting as TOML writes it, such as `financial.objects.9F79` or `files[0].id`.
        setting: String,
        /// What was given.
        value: String,
        /// What is possible.
        wanted: &'static str,
    },
    /// Settings that cannot stand together, or one that is missing.
    #[error("{setting}: {reason}")]
    Contradiction {
        /// The setting that has to change, as TOML writes it.
        setting: String,
        /// What contradicts what, or what is missing.
        reason: String,
    },
    /// A path that is not in the catalogue.
    #[error(
        "{setting}: there is no '{path}' in the catalogue; a path is DF01, DF01/EF05 or DF01/EF05/20"
    )]
    UnknownPath {
        /// The setting.
        setting: String,
        /// The path.
        path: String,
    },
    /// The values together do not make a card.
    #[error("the profile is not valid: {0}")]
    Profile(#[from] ProfileError),
    /// The plan is sound, and the holder, the keys or the state that stand beside it do not fit it.
    #[error("no card can be made of it: {error}")]
    Card {
        /// Byte of the text that is to blame.
        at: usize,
        /// What does not fit.
        error: PersonalisationError,
    },
}

impl LoadError {
    pub(crate) fn syntax(error: &toml::de::Error) -> Self {
        // It quotes keys as they are meant, ends of lines and all; a message is one line.
        let shown = |c: char| {
            let (escaped, plain) =
                if c.is_control() { (Some(c.escape_default()), None) } else { (None, Some(c)) };
            escaped.into_iter().flatten().chain(plain)
        };
        let message = error.message().chars().flat_map(shown).collect();
        Self::Syntax { at: error.span().map_or(0, |span| span.start), message }
    }

    /// Byte of the text at which it stands.
    fn at(&self, text: &str) -> usize {
        match self {
            Self::Syntax { at, .. } | Self::NamedTwice { at, .. } | Self::Card { at, .. } => *at,
            Self::UnknownBase(_) => place::of(text, &["base"]),
            Self::Value { setting, .. }
            | Self::Contradiction { setting, .. }
            | Self::UnknownPath { setting, .. } => place::of(text, &[setting]),
            Self::Profile(error) => place::of(text, settings_of(*error)),
        }
    }
}

/// The settings that such an error may come from.
fn settings_of(error: ProfileError) -> &'static [&'static str] {
    match error {
        ProfileError::Channels(_) => &["channels"],
        ProfileError::PinTries(_) => &["pin_tries"],
        ProfileError::PinDigits(_) => &["pin_min_digits", "pin_max_digits"],
        ProfileError::Key(_) => &["key_tries", "keys"],
        ProfileError::ExtendedLengthNeedsT1 => &["extended_length", "protocol"],
        ProfileError::Tree => &["key_versions", "applications", "keys", "mf_name"],
        ProfileError::TooLarge(_) | ProfileError::File(_) => &["files"],
        ProfileError::Financial(_) => &["financial"],
        ProfileError::Purse(what) if what.contains("MMDD") => &["purse.start_day", "purse"],
        ProfileError::Purse(what) if what.contains("types of their own") => {
            &["purse.purchase_type", "purse.load_type", "purse"]
        }
        ProfileError::Purse(_) => &["purse"],
        ProfileError::Pki(_) => &["pki"],
        ProfileError::Psam(_) => &["psam"],
        // No single setting: the text as a whole.
        _ => &[],
    }
}

/// Why no card can be made of a profile that was loaded from a text, with the place that is to blame.
#[must_use]
pub fn refusal_of(text: &str, error: PersonalisationError) -> ProfileRefusal {
    let of_item = |tag: u8| {
        let known = fields::CARD.iter().chain(&fields::HOLDER);
        let name = known.clone().find(|(_, known)| *known == tag).map(|(name, _)| *name);
        // What does not fit into a name is its extension.
        let name = if tag == NAME_EXTENSION { "name" } else { name.unwrap_or_default() };
        let by_tag = format!("holder.items.{tag:02X}");
        vec![by_tag, format!("holder.{name}"), "state.expired".to_owned(), "files".to_owned()]
    };
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let settings: Vec<String> = match error {
        PersonalisationError::Holder(HolderError::NoSuchItem(tag) | HolderError::TooLong(tag)) => {
            of_item(tag)
        }
        PersonalisationError::Holder(HolderError::Pin(_)) => {
            owned(&["holder.pin", "pin_min_digits"])
        }
        PersonalisationError::Atr => owned(&["historical"]),
        PersonalisationError::Account(_) | PersonalisationError::MissingAccount(_) => {
            owned(&["financial.issuer", "financial.authority", "financial.icc", "financial"])
        }
        PersonalisationError::State(_) => owned(&["state"]),
        PersonalisationError::Pki(_) => owned(&["pki"]),
        PersonalisationError::MissingPsamKeys => owned(&["psam"]),
        PersonalisationError::MissingKey(..) => owned(&["keys"]),
        // No single setting: the text as a whole.
        _ => Vec::new(),
    };
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let at = place::of(text, &settings);
    let (line, column) = place::line_and_column(text, at);
    ProfileRefusal { line, column, error: LoadError::Card { at, error } }
}

/// Record identifier of the name's extension.
const NAME_EXTENSION: u8 = 0x4E;

/// What a reader makes of a text, its error with its place.
pub(crate) fn placed<T>(
    text: &str,
    read: impl FnOnce(&str) -> Result<T, LoadError>,
) -> Result<T, ProfileRefusal> {
    read(text).map_err(|error| {
        let (line, column) = place::line_and_column(text, error.at(text));
        ProfileRefusal { line, column, error }
    })
}
