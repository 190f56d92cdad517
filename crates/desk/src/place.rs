//! Service points (服务网点): where something is done, and whose place it is.

use std::fmt;
use std::str::FromStr;

use crate::text::quoted;

/// Kinds of service points, in the order of the capability table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PointKind {
    /// Branch of a cooperating bank (合作银行网点).
    BankBranch,
    /// Village (村).
    Village,
    /// Community (社区).
    Community,
    /// Convenience centre (便民服务中心).
    ConvenienceCenter,
    /// Pharmacy (定点药店).
    Pharmacy,
    /// Self-service kiosk (自助终端).
    Kiosk,
    /// Website of the human-resources bureau (人社局网站).
    Website,
    /// Human-resources and social-security outlet (人社服务网点).
    HrOutlet,
    /// Bank outlet designated for card service (社保卡服务网点).
    CardOutlet,
}

impl PointKind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::BankBranch,
        Self::Village,
        Self::Community,
        Self::ConvenienceCenter,
        Self::Pharmacy,
        Self::Kiosk,
        Self::Website,
        Self::HrOutlet,
        Self::CardOutlet,
    ];

    /// The name that programs use, such as `bank-branch`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BankBranch => "bank-branch",
            Self::Village => "village",
            Self::Community => "community",
            Self::ConvenienceCenter => "convenience-center",
            Self::Pharmacy => "pharmacy",
            Self::Kiosk => "kiosk",
            Self::Website => "website",
            Self::HrOutlet => "hr-outlet",
            Self::CardOutlet => "card-outlet",
        }
    }

    /// The name in Chinese.
    #[must_use]
    pub const fn name_zh(self) -> &'static str {
        match self {
            Self::BankBranch => "银行网点",
            Self::Village => "村",
            Self::Community => "社区",
            Self::ConvenienceCenter => "便民服务中心",
            Self::Pharmacy => "药店",
            Self::Kiosk => "自助终端",
            Self::Website => "人社局网站",
            Self::HrOutlet => "人社服务网点",
            Self::CardOutlet => "社保卡服务网点",
        }
    }

    /// Whether such a place belongs to a bank.
    #[must_use]
    pub const fn is_of_bank(self) -> bool {
        matches!(self, Self::BankBranch | Self::CardOutlet)
    }

    /// Whether cards are handed out there.
    #[must_use]
    pub const fn hands_out(self) -> bool {
        matches!(self, Self::Village | Self::Community | Self::ConvenienceCenter)
    }

    /// The kind of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for PointKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A service point: its kind, and for places of a bank that bank's code.
///
/// As text `village`, `bank-branch:ICBC`; any other place may have a name: `village:双塘村`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServicePoint {
    kind: PointKind,
    name: String,
}

/// Why a text is no service point.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ParsePlaceError {
    /// No such kind.
    #[error("'{place}' is not a service point; there are {kinds}", place = quoted(_0), kinds = kinds())]
    Kind(String),
    /// A bank's place without the bank.
    #[error("'{0}' belongs to a bank: say which, such as {0}:ICBC")]
    Bank(&'static str),
    /// A name that no register takes.
    #[error("{0}")]
    Name(String),
}

fn kinds() -> String {
    PointKind::ALL.map(PointKind::name).join(", ")
}

impl ServicePoint {
    /// A place of a bank, by the bank's code.
    #[must_use]
    pub fn of_bank(kind: PointKind, bank: &str) -> Self {
        Self { kind, name: bank.to_owned() }
    }

    /// A place without a name of its own.
    #[must_use]
    pub const fn new(kind: PointKind) -> Self {
        Self { kind, name: String::new() }
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> PointKind {
        self.kind
    }

    /// Code of the bank that it belongs to.
    #[must_use]
    pub fn bank(&self) -> Option<&str> {
        self.kind.is_of_bank().then_some(self.name.as_str())
    }

    /// Whether a card delivered to `delivered` is here.
    #[must_use]
    pub fn is_where(&self, delivered: &Self) -> bool {
        self.kind == delivered.kind && (delivered.name.is_empty() || self.name == delivered.name)
    }
}

impl FromStr for ServicePoint {
    type Err = ParsePlaceError;

    fn from_str(text: &str) -> Result<Self, ParsePlaceError> {
        let place = Self::of_row(text)?;
        crate::text::check(&place.name).map_err(ParsePlaceError::Name)?;
        Ok(place)
    }
}

impl ServicePoint {
    /// The place of a row, whatever its name.
    pub(crate) fn of_row(text: &str) -> Result<Self, ParsePlaceError> {
        let (kind, name) = text.split_once(':').unwrap_or((text, ""));
        let kind = PointKind::named(kind).ok_or_else(|| ParsePlaceError::Kind(kind.to_owned()))?;
        if kind.is_of_bank() && name.is_empty() {
            return Err(ParsePlaceError::Bank(kind.name()));
        }
        Ok(Self { kind, name: name.to_owned() })
    }
}

impl fmt::Display for ServicePoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())?;
        if self.name.is_empty() { Ok(()) } else { write!(f, ":{}", self.name) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_and_written_alike() {
        for text in ["village", "village:双塘村", "bank-branch:ICBC", "card-outlet:BOC", "kiosk"]
        {
            assert_eq!(text.parse::<ServicePoint>().unwrap().to_string(), text);
        }
        assert_eq!(
            "bank-branch".parse::<ServicePoint>().unwrap_err().to_string(),
            "'bank-branch' belongs to a bank: say which, such as bank-branch:ICBC"
        );
        let unknown = "town-hall".parse::<ServicePoint>().unwrap_err().to_string();
        assert!(unknown.starts_with("'town-hall' is not a service point; there are bank-branch, "));
    }

    #[test]
    fn a_name_that_gives_orders_is_no_place() {
        for name in ["双\u{1B}[31m塘", "双\n塘", "双\u{9B}塘", "双\u{202E}塘"] {
            let text = format!("village:{name}");
            let error = text.parse::<ServicePoint>().unwrap_err().to_string();
            assert!(error.starts_with("'双\\"), "{error}");
            assert_eq!(ServicePoint::of_row(&text).unwrap().to_string(), text, "an old row");
        }
        let unknown = "town\u{1B}hall".parse::<ServicePoint>().unwrap_err().to_string();
        assert!(unknown.starts_with("'town\\u{1b}hall' is not a service point"), "{unknown}");
    }

    #[test]
    fn a_card_is_where_it_was_delivered() {
        let at = |text: &str| text.parse::<ServicePoint>().unwrap();
        assert!(at("village:甲").is_where(&at("village:甲")));
        assert!(at("village:甲").is_where(&at("village")));
        assert!(!at("village:乙").is_where(&at("village:甲")));
        assert!(!at("community").is_where(&at("village")));
    }
}
