//! The issuer's host: checks cryptograms, answers, writes scripts.

use sscard_apdu::hex;
use sscard_crypto::financial::{
    Cipher, CryptogramScheme, DerivationOption, Fold, IssuerApplicationData,
    application_cryptogram, arpc_method_1, card_key, discretionary_mac,
};
use sscard_crypto::{Key, secrets_equal};
use sscard_elements::{CardVerificationResults, CryptogramInformationData as Cid, tag};
use sscard_profile::{INITIAL_BANK_PIN, IssuerMasterKeys};

use super::script::Binding;
use super::{Cryptogram, DataStore, IssuerScript};

/// What the terminal asks the issuer.
pub struct AuthorisationRequest<'r> {
    /// The ARQC, or the AAC of a card whose application is to be unblocked.
    pub cryptogram: &'r Cryptogram,
    /// Every data element of the transaction.
    pub data: &'r DataStore,
    /// The PIN that the holder entered for the issuer; its encipherment is not simulated.
    pub online_pin: Option<&'r str>,
}

/// What the issuer answers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Authorisation {
    /// Whether the cryptogram is right.
    pub cryptogram_ok: bool,
    /// Whether the MAC of the issuer discretionary data in tag 9F10 is right; `None` when there is
    /// none, or the issuer does not look.
    pub idd_ok: Option<bool>,
    /// Authorisation response code, tag 8A.
    pub response_code: [u8; 2],
    /// Issuer authentication data, tag 91: ARPC and response code.
    pub arpc: Option<[u8; 8]>,
    /// Scripts, for after the second cryptogram.
    pub scripts: Vec<ScriptTemplate>,
}

/// An issuer script, template 72.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ScriptTemplate {
    /// Identifier, tag 9F18.
    pub identifier: [u8; 4],
    /// Its commands: what they are, and their bytes.
    pub commands: Vec<(String, Vec<u8>)>,
}

/// An issuer's host.
pub trait Issuer {
    /// Answers an authorisation request; `None` when it cannot be reached.
    fn authorise(&mut self, request: &AuthorisationRequest<'_>) -> Option<Authorisation>;

    /// Whether a cryptogram is the one the card should have given; with a second cryptogram the
    /// data are those of CDOL2.
    fn recognises(&self, cryptogram: &Cryptogram, data: &DataStore) -> bool;
}

/// A bank's host, the test bank's unless it has other master keys; it says yes unless it is told
/// otherwise.
pub struct TestIssuer {
    /// Declines with response code 05.
    pub declines: bool,
    /// Cannot be reached.
    pub unreachable: bool,
    /// Sends a wrong response cryptogram.
    pub wrong_arpc: bool,
    /// Sends no response cryptogram.
    pub omits_arpc: bool,
    /// Commands of the script to send; the issuer declines when one does not fit into a command.
    pub scripts: Vec<IssuerScript>,
    /// Identifier of the script, tag 9F18.
    pub script_identifier: [u8; 4],
    /// Sends the scripts with wrong MACs.
    pub wrong_macs: bool,
    /// How SM4 MACs are folded.
    pub fold: Fold,
    /// The PIN CHANGE block takes the card key without adjusted parity.
    pub unadjusted_pin_key: bool,
    /// The account's PIN as the issuer knows it: another one from the terminal is declined with
    /// response code 55. Without it none is checked.
    pub online_pin: Option<String>,
    /// Master keys for cryptograms, MACs and encipherment.
    pub master_keys: IssuerMasterKeys,
    /// What was computed for the latest ARQC.
    pub latest: Latest,
}

/// The key of one transaction's cryptograms, kept from the first cryptogram to the second.
#[derive(Default)]
pub struct Latest(Option<KeptKey>);

struct KeptKey {
    master: Key,
    pan: String,
    sequence: String,
    cipher: Cipher,
    atc: [u8; 2],
    key: Key,
}

impl Default for TestIssuer {
    fn default() -> Self {
        Self {
            declines: false,
            unreachable: false,
            wrong_arpc: false,
            omits_arpc: false,
            scripts: Vec::new(),
            script_identifier: [0x00, 0x00, 0x00, 0x01],
            wrong_macs: false,
            fold: Fold::Left,
            unadjusted_pin_key: false,
            online_pin: Some(INITIAL_BANK_PIN.to_owned()),
            master_keys: IssuerMasterKeys::test(),
            latest: Latest::default(),
        }
    }
}

/// What a master key is for.
#[derive(Clone, Copy)]
enum Usage {
    Cryptogram,
    Mac,
    Encipherment,
}

/// One card and one transaction, as the issuer knows them.
struct KnownCard<'i> {
    issuer: &'i TestIssuer,
    issuer_data: IssuerApplicationData,
    atc: [u8; 2],
    pan: String,
    sequence: String,
}

impl KnownCard<'_> {
    fn card_key(&self, usage: Usage) -> Option<Key> {
        let masters = &self.issuer.master_keys;
        let master = match usage {
            Usage::Cryptogram => &masters.cryptogram,
            Usage::Mac => &masters.mac,
            Usage::Encipherment => &masters.encipherment,
        };
        let cipher = self.issuer_data.algorithm;
        card_key(cipher, DerivationOption::A, master, &self.pan, &self.sequence).ok()
    }

    fn session_key(&self, usage: Usage) -> Option<Key> {
        let card_key = self.card_key(usage)?;
        let cipher = self.issuer_data.algorithm;
        Some(CryptogramScheme::Pboc.session_key(cipher, &card_key, self.atc))
    }

    /// The key of cryptograms, kept or derived.
    fn cryptogram_key(&self) -> Option<Key> {
        let kept = self.issuer.latest.0.as_ref().filter(|kept| {
            let master = &self.issuer.master_keys.cryptogram;
            secrets_equal(kept.master.expose(), master.expose())
                && kept.atc == self.atc
                && kept.cipher == self.issuer_data.algorithm
                && kept.pan == self.pan
                && kept.sequence == self.sequence
        });
        kept.map(|kept| kept.key.clone()).or_else(|| self.session_key(Usage::Cryptogram))
    }

    /// The cryptogram that the card should have given.
    fn expected(&self, key: &Key, data: &DataStore) -> Option<[u8; 8]> {
        let IssuerApplicationData { version, cvr, algorithm, .. } = self.issuer_data;
        let mut message: Vec<&[u8]> = Vec::with_capacity(11);
        let second = [cvr[1]];
        if version == 0x17 {
            message.extend([
                data.value(tag::AMOUNT_AUTHORISED)?,
                data.value(tag::UNPREDICTABLE_NUMBER)?,
                &self.atc,
                &second,
            ]);
        } else {
            for tag in [
                tag::AMOUNT_AUTHORISED,
                tag::AMOUNT_OTHER,
                tag::TERMINAL_COUNTRY,
                tag::TERMINAL_VERIFICATION_RESULTS,
                tag::TRANSACTION_CURRENCY,
                tag::TRANSACTION_DATE,
                tag::TRANSACTION_TYPE,
                tag::UNPREDICTABLE_NUMBER,
                tag::INTERCHANGE_PROFILE,
            ] {
                message.push(data.value(tag)?);
            }
            message.extend([&self.atc[..], &cvr]);
        }
        Some(application_cryptogram(algorithm, key, &message, self.issuer.fold))
    }

    /// Whether the MAC behind the amounts of the discretionary data is right; other data has none
    /// (JR/T 0025.12 annex A: identifiers 1 to 5).
    fn discretionary_is_right(&self) -> Option<bool> {
        let IssuerApplicationData { algorithm, discretionary, .. } = &self.issuer_data;
        let (rest, mac) = discretionary.split_last_chunk::<4>()?;
        let (amounts, []) = rest.get(1..)?.as_chunks::<5>() else { return None };
        let count = match rest.first()? {
            1 | 2 | 5 => 1,
            3 | 4 => 2,
            _ => return None,
        };
        if amounts.len() != count {
            return None;
        }
        let key = self.session_key(Usage::Mac)?;
        let expected = discretionary_mac(*algorithm, &key, self.atc, amounts, self.issuer.fold);
        Some(secrets_equal(&expected, mac))
    }

    fn script(&self, cryptogram: &Cryptogram) -> Option<ScriptTemplate> {
        let binding = Binding {
            cipher: self.issuer_data.algorithm,
            fold: self.issuer.fold,
            unadjusted_pin_key: self.issuer.unadjusted_pin_key,
            mac: &self.session_key(Usage::Mac)?,
            encipherment: &self.session_key(Usage::Encipherment)?,
            pin_key: &self.card_key(Usage::Encipherment)?,
            atc: self.atc,
            cryptogram: cryptogram.cryptogram,
        };
        let commands = self.issuer.scripts.iter().map(|script| {
            let mut command = script.command(&binding)?;
            if let (true, Some(last)) = (self.issuer.wrong_macs, command.last_mut()) {
                *last ^= 0x01;
            }
            Some((script.name(), command))
        });
        let identifier = self.issuer.script_identifier;
        Some(ScriptTemplate { identifier, commands: commands.collect::<Option<_>>()? })
    }
}

impl TestIssuer {
    fn card(&self, cryptogram: &Cryptogram, data: &DataStore) -> Option<KnownCard<'_>> {
        let issuer_data = IssuerApplicationData::parse(&cryptogram.issuer_data)?;
        if !matches!(issuer_data.version, 0x01 | 0x17)
            || kind_of(issuer_data.cvr) != cryptogram.cid.kind()
        {
            return None;
        }
        let (pan, sequence) = account(data)?;
        Some(KnownCard { issuer: self, issuer_data, atc: cryptogram.atc, pan, sequence })
    }

    fn answer(&self, request: &AuthorisationRequest<'_>) -> Option<(Authorisation, KeptKey)> {
        let cryptogram = request.cryptogram;
        let card = self.card(cryptogram, request.data)?;
        let key = card.session_key(Usage::Cryptogram)?;
        let expected = card.expected(&key, request.data)?;
        let cryptogram_ok = secrets_equal(&expected, &cryptogram.cryptogram);
        let wrong_pin = match (request.online_pin, &self.online_pin) {
            (Some(entered), Some(known)) => entered != known,
            _ => false,
        };
        let response_code = match (cryptogram_ok && !self.declines, wrong_pin) {
            (true, false) => *b"00",
            (true, true) => *b"55",
            (false, _) => *b"05",
        };
        let idd_ok = card.discretionary_is_right();
        let cipher = card.issuer_data.algorithm;
        let mut arpc = arpc_method_1(cipher, &key, &cryptogram.cryptogram, response_code);
        if self.wrong_arpc {
            arpc[0] ^= 0x01;
        }
        let scripts =
            if self.scripts.is_empty() { Vec::new() } else { vec![card.script(cryptogram)?] };
        let arpc = (!self.omits_arpc).then_some(arpc);
        let KnownCard { atc, pan, sequence, .. } = card;
        let master = self.master_keys.cryptogram.clone();
        let kept = KeptKey { master, pan, sequence, cipher, atc, key };
        Some((Authorisation { cryptogram_ok, idd_ok, response_code, arpc, scripts }, kept))
    }
}

impl Issuer for TestIssuer {
    fn authorise(&mut self, request: &AuthorisationRequest<'_>) -> Option<Authorisation> {
        if self.unreachable {
            return None;
        }
        // A card that the issuer does not know is declined.
        let unknown = Authorisation { response_code: *b"05", ..Authorisation::default() };
        let (answer, kept) = self.answer(request).unzip();
        self.latest = Latest(kept);
        Some(answer.unwrap_or(unknown))
    }

    fn recognises(&self, cryptogram: &Cryptogram, data: &DataStore) -> bool {
        let expected = || {
            let card = self.card(cryptogram, data)?;
            card.expected(&card.cryptogram_key()?, data)
        };
        expected().is_some_and(|expected| secrets_equal(&expected, &cryptogram.cryptogram))
    }
}

/// The kind of cryptogram that the CVR tells of, as in the CID: the CID itself is not covered by the
/// cryptogram.
fn kind_of(results: [u8; 4]) -> Cid {
    let results = CardVerificationResults::new(results);
    results.second().unwrap_or(results.first())
}

/// PAN and sequence number, out of tag 5A and 5F34 or track 2 (57).
fn account(data: &DataStore) -> Option<(String, String)> {
    let digits = hex::encode;
    let pan = match data.value(tag::PRIMARY_ACCOUNT_NUMBER) {
        Some(pan) => digits(pan).trim_end_matches('F').to_owned(),
        None => digits(data.value(tag::TRACK_2_EQUIVALENT_DATA)?).split('D').next()?.to_owned(),
    };
    let sequence = data.value(tag::SEQUENCE_NUMBER).map(digits).unwrap_or_default();
    Some((pan, sequence))
}
