//! What is individual to one account of the financial function: records, PIN, balance, keys.

use alloc::string::String;
use alloc::vec::Vec;

use sscard_crypto::Key;
use zeroize::Zeroizing;

use crate::profile::DataObject;

/// The individual data of one payment application; for its keys see [`AccountKeys`].
#[derive(Clone, Default)]
pub struct Account {
    /// Records that differ from the plan's.
    pub records: Vec<AccountRecord>,
    /// Data objects that differ from the plan's.
    pub objects: Vec<DataObject>,
    /// Offline PIN, 4 to 12 digits.
    pub pin: Zeroizing<String>,
    /// The transaction counter (tag 9F36) before the first transaction.
    pub counter: u16,
    /// The counter of the last online transaction (tag 9F13).
    pub last_online_counter: u16,
    /// Wrong PINs left (tag 9F17); `None` for all that the plan has.
    pub pin_tries_left: Option<u8>,
    /// Whether the application is handed over blocked: it works after APPLICATION UNBLOCK.
    pub blocked: bool,
}

/// The content of one record of SFI 1…10.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountRecord {
    /// Short file identifier.
    pub sfi: u8,
    /// Record number.
    pub number: u8,
    /// Value of its template 70.
    pub content: Vec<u8>,
}

/// Card keys of one family of algorithms.
#[derive(Clone)]
pub struct TransactionKeys {
    /// For cryptograms (UDK-AC).
    pub cryptogram: Key,
    /// For MACs (UDK-MAC).
    pub mac: Key,
    /// For encipherment (UDK-ENC).
    pub encipherment: Key,
}

/// The keys of one payment application.
#[derive(Clone)]
pub struct AccountKeys {
    /// Triple DES.
    pub triple_des: TransactionKeys,
    /// SM4.
    pub sm4: TransactionKeys,
    /// Private RSA key: p, q, d mod p-1, d mod q-1, q⁻¹ mod p, half a modulus each; empty for the
    /// plan's.
    pub rsa: Zeroizing<Vec<u8>>,
    /// Private SM2 key, 32 bytes; `None` for the plan's.
    pub sm2: Option<Zeroizing<[u8; 32]>>,
}
