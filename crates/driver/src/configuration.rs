//! Where the card, the security module and the PIN come from: `SSCardDriver.toml`.
//!
//! What enters: the file that `SSCARD_DRIVER_CONFIG` names, else the one beside the library, else nothing. What leaves: a
//! [`DriverConfiguration`]; relative paths in it are taken from the file's folder.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::code::{DriverCode, DriverError};
use crate::text::CallerEncoding;

/// Names the file.
pub(crate) const CONFIG_VARIABLE: &str = "SSCARD_DRIVER_CONFIG";
/// The file beside the library.
const FILE: &str = "SSCardDriver.toml";

/// What can be set.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DriverConfiguration {
    /// How Chinese text is coded in arguments and outputs.
    pub encoding: CallerEncoding,
    /// Number of the terminal, 12 digits, where no security module says it.
    pub terminal: Option<String>,
    /// What the terminal's device is called (终端设备号).
    pub device: Option<String>,
    /// The holder's card.
    pub card: CardTable,
    /// The security module.
    pub psam: CardTable,
    /// The PC/SC library.
    pub pcsc: PcscTable,
    /// What is entered at the keypad.
    pub pin: PinTable,
    #[serde(skip)]
    folder: PathBuf,
}

/// Where a card comes from: an image, a built-in profile, or a reader of PC/SC.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CardTable {
    /// The card's file; what it answered is kept there.
    pub file: Option<PathBuf>,
    /// A built-in profile or a profile's file: the card lives as long as the process.
    pub profile: Option<String>,
    /// Which holder such a card has.
    pub seed: Option<u64>,
    /// Part of a reader's name.
    pub reader: Option<String>,
    /// Where a virtual card lies.
    pub place: CardPlace,
    /// There is none.
    pub none: bool,
}

/// Where a virtual card lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CardPlace {
    /// Wherever it is looked for.
    #[default]
    Both,
    /// In the contact slot.
    Contact,
    /// On the antenna.
    Contactless,
    /// Nowhere: it was taken away.
    Nowhere,
}

/// The PC/SC library.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PcscTable {
    /// Name or path, for the system's loader.
    pub library: Option<String>,
}

/// What is entered at the keypad. Digits; `cancel` and `timeout` are a holder who does not.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PinTable {
    /// The PIN, also as the old one.
    pub pin: Option<String>,
    /// The new one.
    pub new: Option<String>,
    /// The new one once more; as `new` without it.
    pub again: Option<String>,
    /// The PIN that cards are issued with.
    pub initial: Option<String>,
    /// Whether the initial PIN is refused for payments and as a new PIN.
    pub refuse_initial: bool,
}

impl DriverConfiguration {
    /// Reads a configuration.
    ///
    /// # Errors
    /// [`DriverCode::Argument`] with the place and what is wrong there.
    pub fn parse(text: &str) -> Result<Self, DriverError> {
        let read: Self = toml::from_str(text)
            .map_err(|error| DriverError::new(DriverCode::Argument, error.to_string()))?;
        let wrong = |what: &str| Err(DriverError::new(DriverCode::Argument, what.to_owned()));
        for table in [&read.card, &read.psam] {
            let named =
                [table.file.is_some(), table.profile.is_some(), table.reader.is_some(), table.none];
            if named.iter().filter(|named| **named).count() > 1 {
                return wrong("name one of file, profile, reader and none, not several");
            }
            if table.seed.is_some() && table.profile.is_none() {
                return wrong("seed: it makes a card of a profile: name one");
            }
        }
        if read.terminal.as_ref().is_some_and(|number| !is_terminal(number)) {
            return wrong("terminal: a terminal's number has 12 digits");
        }
        Ok(read)
    }

    /// The configuration that this process is started with.
    ///
    /// # Errors
    /// [`DriverCode::Reader`] when the file cannot be read or is none: there is no reader then.
    pub fn find() -> Result<Self, DriverError> {
        let named = env::var_os(CONFIG_VARIABLE).filter(|name| !name.is_empty());
        let beside = || {
            let path = crate::place::own_folder()?.join(FILE);
            path.exists().then_some(path)
        };
        let Some(path) = named.map(PathBuf::from).or_else(beside) else {
            return Ok(Self::default());
        };
        let text = fs::read_to_string(&path).map_err(|error| {
            DriverError::new(DriverCode::Reader, format!("{}: {error}", path.display()))
        })?;
        let read = Self::parse(&text).map_err(|error| {
            DriverError::new(DriverCode::Reader, format!("{}: {}", path.display(), error.detail))
        })?;
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Self { folder, ..read })
    }

    /// A path of the file, seen from its folder.
    pub(crate) fn path(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }

    /// The terminal's number.
    pub(crate) fn terminal(&self) -> &str {
        self.terminal.as_deref().unwrap_or("000000000000")
    }

    /// The device's name.
    pub(crate) fn device(&self) -> &str {
        self.device.as_deref().unwrap_or("sscard")
    }

    /// The PIN that cards are issued with.
    pub(crate) fn initial_pin(&self) -> &str {
        self.pin.initial.as_deref().unwrap_or("123456")
    }
}

fn is_terminal(number: &str) -> bool {
    number.len() == 12 && number.bytes().all(|digit| digit.is_ascii_digit())
}
