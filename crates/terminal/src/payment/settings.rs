//! What the terminal is and is to do.

use std::sync::Arc;
use std::time::Duration;

use sscard_profile::RID;

use super::{Authorities, TestAuthorities};

/// What the terminal is and is to do.
#[derive(Clone)]
pub struct Settings {
    /// Amount in the currency's smallest unit (cents), tag 9F02.
    pub amount: u64,
    /// Currency, ISO 4217 numeric, BCD, tag 5F2A.
    pub currency: [u8; 2],
    /// Terminal's country, ISO 3166 numeric, BCD, tag 9F1A.
    pub country: [u8; 2],
    /// Date, BCD YYMMDD, tag 9A.
    pub date: [u8; 3],
    /// Time, BCD HHMMSS, tag 9F21.
    pub time: [u8; 3],
    /// Transaction type, tag 9C: 00 purchase.
    pub transaction_type: u8,
    /// Unpredictable number, tag 9F37.
    pub unpredictable: [u8; 4],
    /// Whether the terminal can reach the issuer.
    pub online: bool,
    /// Whether the terminal supports e-cash (tag 9F7A).
    pub electronic_cash: bool,
    /// Whether the terminal supports the SM algorithms (tag DF69).
    pub sm: bool,
    /// Whether the card lies in the field of a contactless reader.
    pub contactless: bool,
    /// Amount from which a transaction goes online, in cents.
    pub floor_limit: u64,
    /// Terminal capabilities, tag 9F33.
    pub capabilities: [u8; 3],
    /// Terminal transaction qualifiers, tag 9F66.
    pub qualifiers: [u8; 4],
    /// PIN that the holder enters. Without one the terminal has no PIN pad; an empty one is an
    /// entry that the holder skips.
    pub pin: Option<String>,
    /// Application to select; without it the first of the directory that is not blocked.
    pub aid: Option<Vec<u8>>,
    /// Whether a blocked application is as good as another: for a script that takes the block away.
    /// A blocked one is selected anyway when nothing else is there.
    pub takes_blocked: bool,
    /// Terminal action codes: default, denial, online. The default one, DC4000A800, approves neither
    /// without offline data authentication or after a failed one (SDA, DDA, CDA), nor an expired
    /// application, nor above the floor or upper limit, nor what the merchant forced online: what the
    /// built-in card's own says, too, but for CDA `[choice]`.
    pub action_codes: [[u8; 5]; 3],
    /// Whose certificates the terminal trusts; the test authority's, unless it is told otherwise.
    pub authorities: Arc<dyn Authorities>,
    /// Issuer certificates that are good no more; the test authority's list, unless there is another.
    pub revoked: Vec<RevokedCertificate>,
    /// Amount above which a contactless payment needs the holder to be verified (TTQ byte 2 bit 7), in cents: 300.00,
    /// the limit of the built-in cards too `[choice]`.
    pub contactless_limit: u64,
    /// How long a card in the field may take for GET PROCESSING OPTIONS: one that takes longer may lie elsewhere, with
    /// somebody in between (relay). One second `[choice]`, as a payment has half a second (JR/T 0025.12); none is no limit.
    pub relay_limit: Option<Duration>,
    /// The merchant wants the first cryptogram to be this: 00 AAC, 80 ARQC; without it the terminal
    /// decides.
    pub wish: Option<u8>,
}

impl std::fmt::Debug for Settings {
    /// Without the PIN.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("amount", &self.amount)
            .field("date", &self.date)
            .field("online", &self.online)
            .field("electronic_cash", &self.electronic_cash)
            .field("sm", &self.sm)
            .field("contactless", &self.contactless)
            .field("capabilities", &self.capabilities)
            .field("qualifiers", &self.qualifiers)
            .field("pin", &self.pin.as_ref().map(|_| "not shown"))
            .field("aid", &self.aid)
            .finish_non_exhaustive()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            amount: 0,
            currency: [0x01, 0x56],
            country: [0x01, 0x56],
            date: [0x26, 0x01, 0x01],
            time: [0x12, 0x00, 0x00],
            transaction_type: 0x00,
            unpredictable: [0x1E, 0x78, 0xEE, 0xBC],
            online: true,
            electronic_cash: false,
            sm: false,
            contactless: false,
            floor_limit: 0,
            // IC, magnetic stripe, manual; plaintext and online PIN, signature, no CVM; SDA, DDA, CDA.
            capabilities: [0xE0, 0xE8, 0xC8],
            // qPBOC and contact, online PIN, signature; fDDA version 01.
            qualifiers: [0x36, 0x00, 0x00, 0x80],
            pin: None,
            aid: None,
            takes_blocked: false,
            action_codes: [
                [0xDC, 0x40, 0x00, 0xA8, 0x00],
                [0x00, 0x10, 0x00, 0x00, 0x00],
                [0xDC, 0x40, 0x04, 0xF8, 0x00],
            ],
            authorities: Arc::new(TestAuthorities),
            revoked: [0x01, 0x03]
                .map(|authority| RevokedCertificate { rid: RID, authority, serial: REVOKED })
                .to_vec(),
            contactless_limit: 30_000,
            relay_limit: Some(Duration::from_secs(1)),
            wish: None,
        }
    }
}

/// Serial number of the certificate that the test authority has revoked, under both of its keys.
const REVOKED: [u8; 3] = [0x0B, 0xAD, 0x00];

/// An entry of the certificate revocation list (EMV Book 2 §5.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RevokedCertificate {
    /// Registered application provider identifier.
    pub rid: [u8; 5],
    /// Index of the authority's key, tag 8F.
    pub authority: u8,
    /// The certificate's serial number.
    pub serial: [u8; 3],
}
