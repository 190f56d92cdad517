//! The issuer's host: checks cryptograms, answers, writes scripts.

use sscard_crypto::financial::{
    Cipher, CryptogramScheme, DerivationOption, Fold, IssuerApplicationData,
    application_cryptogram, arpc_method_1, card_key,
};
use sscard_crypto::{Key, secrets_equal};
use sscard_profile::bank_master_key;

use super::script::Binding;
use super::{Cryptogram, DataStore, IssuerScript};

/// What the terminal asks the issuer.
pub struct AuthorisationRequest<'r> {
    /// The ARQC, or the AAC of a card whose application is to be unblocked.
    pub cryptogram: &'r Cryptogram,
    /// Every data element of the transaction.
    pub data: &'r DataStore,
}

/// What the issuer answers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Authorisation {
    /// Whether the cryptogram is right.
    pub cryptogram_ok: bool,
    /// Authorisation response code, tag 8A.
    pub response_code: [u8; 2],
    /// Issuer authentication data, tag 91: ARPC and response code.
    pub arpc: Option<[u8; 8]>,
    /// Script commands before the second cryptogram, then after it: what they are, and their bytes.
    pub scripts: Vec<(String, Vec<u8>)>,
}

/// An issuer's host.
pub trait Issuer {
    /// Answers an authorisation request; `None` when it cannot be reached.
    fn authorise(&mut self, request: &AuthorisationRequest<'_>) -> Option<Authorisation>;

    /// Whether a cryptogram is the one the card should have given; with a second cryptogram the
    /// data are those of CDOL2.
    fn recognises(&self, cryptogram: &Cryptogram, data: &DataStore) -> bool;
}

/// The test bank's host, with its master keys; it says yes unless it is told otherwise.
pub struct TestIssuer {
    /// Declines with response code 05.
    pub declines: bool,
    /// Cannot be reached.
    pub unreachable: bool,
    /// Sends a wrong response cryptogram.
    pub wrong_arpc: bool,
    /// Sends no response cryptogram.
    pub omits_arpc: bool,
    /// Scripts to send.
    pub scripts: Vec<IssuerScript>,
    /// Sends the scripts with wrong MACs.
    pub wrong_macs: bool,
    /// How SM4 MACs are folded.
    pub fold: Fold,
    /// Master keys for cryptograms, MACs and encipherment.
    pub master_keys: [Key; 3],
}

impl Default for TestIssuer {
    fn default() -> Self {
        Self {
            declines: false,
            unreachable: false,
            wrong_arpc: false,
            omits_arpc: false,
            scripts: Vec::new(),
            wrong_macs: false,
            fold: Fold::Left,
            master_keys: ["AC", "MAC", "ENC"].map(bank_master_key),
        }
    }
}

/// The card's keys, and those of its transaction.
struct CardKeys {
    cipher: Cipher,
    cryptogram: Key,
    mac: Key,
    encipherment: Key,
    pin: Key,
}

impl TestIssuer {
    fn keys(&self, cryptogram: &Cryptogram, data: &DataStore) -> Option<CardKeys> {
        let issuer_data = IssuerApplicationData::parse(&cryptogram.issuer_data)?;
        let cipher = issuer_data.algorithm;
        let (pan, sequence) = account(data)?;
        let derive =
            |master: &Key| card_key(cipher, DerivationOption::A, master, &pan, &sequence).ok();
        let [ac, mac, enc] = &self.master_keys;
        let session = |key: &Key| CryptogramScheme::Pboc.session_key(cipher, key, cryptogram.atc);
        let pin = derive(enc)?;
        Some(CardKeys {
            cipher,
            cryptogram: session(&derive(ac)?),
            mac: session(&derive(mac)?),
            encipherment: session(&pin),
            pin,
        })
    }

    /// The cryptogram that the card should have given.
    fn expected(&self, cryptogram: &Cryptogram, data: &DataStore) -> Option<[u8; 8]> {
        let keys = self.keys(cryptogram, data)?;
        let issuer_data = IssuerApplicationData::parse(&cryptogram.issuer_data)?;
        let [_, second, ..] = issuer_data.cvr;
        let atc = &cryptogram.atc;
        let mut message: Vec<&[u8]> = Vec::new();
        let value = |tag| data.value(tag);
        if issuer_data.version == 0x17 {
            message.extend([value(0x9F02)?, value(0x9F37)?, atc]);
            let last = [second];
            message.push(&last);
            return Some(application_cryptogram(
                keys.cipher,
                &keys.cryptogram,
                &message,
                self.fold,
            ));
        }
        for tag in [0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37, 0x82] {
            message.push(value(tag)?);
        }
        message.extend([&atc[..], &issuer_data.cvr]);
        Some(application_cryptogram(keys.cipher, &keys.cryptogram, &message, self.fold))
    }

    fn scripts(&self, keys: &CardKeys, cryptogram: &Cryptogram) -> Vec<(String, Vec<u8>)> {
        let binding = Binding {
            cipher: keys.cipher,
            fold: self.fold,
            mac: &keys.mac,
            encipherment: &keys.encipherment,
            pin_key: &keys.pin,
            atc: cryptogram.atc,
            cryptogram: cryptogram.cryptogram,
        };
        let commands = self.scripts.iter().filter_map(|script| {
            let mut command = script.command(&binding)?;
            if let (true, Some(last)) = (self.wrong_macs, command.last_mut()) {
                *last ^= 0x01;
            }
            Some((script.name(), command))
        });
        commands.collect()
    }
}

impl Issuer for TestIssuer {
    fn authorise(&mut self, request: &AuthorisationRequest<'_>) -> Option<Authorisation> {
        if self.unreachable {
            return None;
        }
        let cryptogram_ok = self.recognises(request.cryptogram, request.data);
        let approves = cryptogram_ok && !self.declines;
        let response_code = if approves { *b"00" } else { *b"05" };
        let Some(keys) = self.keys(request.cryptogram, request.data) else {
            return Some(Authorisation { response_code, ..Authorisation::default() });
        };
        let mut arpc = arpc_method_1(
            keys.cipher,
            &keys.cryptogram,
            &request.cryptogram.cryptogram,
            response_code,
        );
        if self.wrong_arpc {
            arpc[0] ^= 0x01;
        }
        Some(Authorisation {
            cryptogram_ok,
            response_code,
            arpc: (!self.omits_arpc).then_some(arpc),
            scripts: self.scripts(&keys, request.cryptogram),
        })
    }

    fn recognises(&self, cryptogram: &Cryptogram, data: &DataStore) -> bool {
        self.expected(cryptogram, data)
            .is_some_and(|expected| secrets_equal(&expected, &cryptogram.cryptogram))
    }
}

/// PAN and sequence number, out of tag 5A and 5F34 or track 2 (57).
fn account(data: &DataStore) -> Option<(String, String)> {
    let digits =
        |bytes: &[u8]| -> String { bytes.iter().map(|byte| format!("{byte:02X}")).collect() };
    let pan = match data.value(0x5A) {
        Some(pan) => digits(pan).trim_end_matches('F').to_owned(),
        None => digits(data.value(0x57)?).split('D').next()?.to_owned(),
    };
    let sequence = data.value(0x5F34).map(digits).unwrap_or_default();
    Some((pan, sequence))
}
