//! The issuer's host: checks cryptograms, answers, writes scripts.

use std::collections::BTreeMap;

use sscard_apdu::dol::{self, DolReader};
use sscard_apdu::hex;
use sscard_apdu::tlv::Tag;
use sscard_core::{CryptogramElement, CryptogramPlan, ResponseMethod};
use sscard_crypto::financial::{
    Cipher, DerivationOption, Fold, IssuerApplicationData, arpc_method_1, arpc_method_2, card_key,
    discretionary_mac,
};
use sscard_crypto::{Key, secrets_equal};
use sscard_elements::{
    CardVerificationResults, CryptogramInformationData as Cid, TerminalCapabilities,
    TerminalVerificationResults as Tvr, tag,
};
use sscard_profile::{BankKeyUse, BankKeys, INITIAL_BANK_PIN, IssuerMasterKeys};

use super::script::Binding;
use super::{Cryptogram, DataStore, IssuerReason, IssuerScript};

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
    /// Why the issuer declines, where it says so; between banks nobody does.
    pub reason: Option<IssuerReason>,
    /// The issuer's proof in tag 91: the ARPC; under method 2 its four bytes and the card status update.
    pub arpc: Option<[u8; 8]>,
    /// How the proof is made: under method 1 the response code follows it in tag 91.
    pub response: ResponseMethod,
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
    /// Master keys for cryptograms, MACs and encipherment, of both families.
    pub master_keys: IssuerMasterKeys,
    /// Keys and cryptograms of cards whose profile is known; they count before the master keys.
    pub own: Option<BankKeys>,
    /// What was computed for the latest ARQC.
    pub latest: Latest,
    /// The highest counter that each account's cryptograms had.
    pub seen: SeenCounters,
}

/// Counters (9F36) of right cryptograms, by account number and sequence number.
#[derive(Clone, Default)]
pub struct SeenCounters(BTreeMap<(String, String), u16>);

/// The key of one transaction's cryptograms, kept from the first cryptogram to the second.
#[derive(Default)]
pub struct Latest(Option<KeptKey>);

struct KeptKey {
    /// What it came from: the issuer's master key, or where the issuer knows the card's profile the card's key.
    source: Key,
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
            own: None,
            latest: Latest::default(),
            seen: SeenCounters::default(),
        }
    }
}

/// One card and one transaction, as the issuer knows them.
struct KnownCard<'i> {
    issuer: &'i TestIssuer,
    /// Keys and cryptograms of the card's application, where the issuer knows its profile.
    own: Option<&'i BankKeys>,
    issuer_data: IssuerApplicationData,
    atc: [u8; 2],
    pan: String,
    sequence: String,
}

impl KnownCard<'_> {
    /// The cipher of the card's keys; schemes that do not name it use triple DES.
    fn cipher(&self) -> Cipher {
        self.issuer_data.algorithm.unwrap_or(Cipher::TripleDes)
    }

    /// How the card's cryptograms come about: what its profile says, else PBOC's version in 9F10.
    fn plan(&self) -> Option<CryptogramPlan> {
        let own = self.own.map(BankKeys::cryptogram);
        match (own, self.issuer_data.version) {
            (Some(own), version) if own.version == version => Some(own.clone()),
            (_, 0x01) if self.issuer_data.algorithm.is_some() => Some(CryptogramPlan::default()),
            (_, 0x17) if self.issuer_data.algorithm.is_some() => Some(CryptogramPlan::pboc_17()),
            _ => None,
        }
    }

    fn card_key(&self, usage: BankKeyUse) -> Option<Key> {
        let cipher = self.cipher();
        if let Some(own) = self.own {
            return own.card(cipher, usage, &self.pan, &self.sequence).ok();
        }
        let masters = &self.issuer.master_keys;
        let master = match usage {
            BankKeyUse::Cryptogram => &masters.cryptogram,
            BankKeyUse::Mac => &masters.mac,
            BankKeyUse::Encipherment => &masters.encipherment,
        };
        card_key(cipher, DerivationOption::A, master, &self.pan, &self.sequence).ok()
    }

    fn session_key(&self, usage: BankKeyUse) -> Option<Key> {
        let card_key = self.card_key(usage)?;
        Some(self.plan()?.scheme.session_key(self.cipher(), &card_key, self.atc))
    }

    /// What the card's key of cryptograms comes from. Without a profile the master key says as much as the card's
    /// key, which takes a derivation.
    fn source(&self) -> Option<Key> {
        match self.own {
            Some(_) => self.card_key(BankKeyUse::Cryptogram),
            None => Some(self.issuer.master_keys.cryptogram.clone()),
        }
    }

    /// The key of a script that answers this cryptogram.
    fn script_key(&self, usage: BankKeyUse, cryptogram: [u8; 8]) -> Option<Key> {
        let keys = self.plan()?.scheme.script_keys();
        Some(keys.for_script(self.cipher(), &self.card_key(usage)?, self.atc, cryptogram))
    }

    /// The key of cryptograms, kept or derived.
    fn cryptogram_key(&self) -> Option<Key> {
        let kept = self.issuer.latest.0.as_ref().filter(|kept| {
            kept.atc == self.atc
                && kept.cipher == self.cipher()
                && kept.pan == self.pan
                && kept.sequence == self.sequence
                && self
                    .source()
                    .is_some_and(|key| secrets_equal(kept.source.expose(), key.expose()))
        });
        kept.map(|kept| kept.key.clone()).or_else(|| self.session_key(BankKeyUse::Cryptogram))
    }

    /// How many bytes of an element the card's list asks for, none when the list lacks it; `None` where the
    /// issuer does not know the list, which then has every element. It does not ask the terminal: between
    /// card and terminal a list can be changed.
    fn asked(&self, data: &DataStore, wanted: Tag) -> Option<u8> {
        let lists = self.own?.lists();
        let is_second = CardVerificationResults::new(self.issuer_data.cvr).second().is_some();
        let (first, second) = match data.value(tag::CDOL1) {
            None => (lists.contactless_pdol.as_deref()?, None),
            Some(_) if is_second => (lists.cdol1.as_deref()?, Some(lists.cdol2.as_deref()?)),
            Some(_) => (lists.cdol1.as_deref()?, None),
        };
        let entries = |list| DolReader::new(list).map_while(Result::ok);
        let mut entries = second.into_iter().flat_map(entries).chain(entries(first));
        Some(entries.find(|entry| entry.tag == wanted).map_or(0, |entry| entry.length))
    }

    /// The cryptogram that the card should have given.
    fn expected(&self, key: &Key, data: &DataStore) -> Option<[u8; 8]> {
        let plan = self.plan()?;
        let cvr = self.issuer_data.cvr;
        let mut message = Vec::with_capacity(64);
        for element in &plan.elements {
            match element {
                CryptogramElement::Terminal(tag, length) => {
                    match self.asked(data, *tag) {
                        // What the card's list lacks counts as zeros.
                        Some(0) => message.extend(core::iter::repeat_n(0, usize::from(*length))),
                        Some(asked) => {
                            message.extend(data.answer(&dol::list(&[(*tag, asked)])).ok()?);
                        }
                        None => message.extend(data.value(*tag)?),
                    }
                }
                CryptogramElement::InterchangeProfile => {
                    message.extend(data.value(tag::INTERCHANGE_PROFILE)?);
                }
                CryptogramElement::TransactionCounter => message.extend(self.atc),
                CryptogramElement::Results => message.extend(cvr),
                CryptogramElement::SecondByteOfResults => message.push(cvr[1]),
                CryptogramElement::IssuerData => message.extend(self.issuer_data.emit()),
            }
        }
        Some(plan.scheme.cryptogram(self.cipher(), key, &message, self.issuer.fold))
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
        let key = self.session_key(BankKeyUse::Mac)?;
        let cipher = (*algorithm)?;
        let expected = discretionary_mac(cipher, &key, self.atc, amounts, self.issuer.fold);
        Some(secrets_equal(&expected, mac))
    }

    fn script(&self, cryptogram: &Cryptogram) -> Option<ScriptTemplate> {
        let binding = Binding {
            cipher: self.cipher(),
            fold: self.issuer.fold,
            unadjusted_pin_key: self.issuer.unadjusted_pin_key,
            mac: &self.script_key(BankKeyUse::Mac, cryptogram.cryptogram)?,
            encipherment: &self.script_key(BankKeyUse::Encipherment, cryptogram.cryptogram)?,
            pin_key: &self.card_key(BankKeyUse::Encipherment)?,
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
        let kind = kind_of(issuer_data.cvr);
        let (pan, sequence) = account(data)?;
        let aid = data.value(tag::DF_NAME).unwrap_or_default();
        let own = self.own.as_ref().map(|keys| keys.of_application(aid));
        let atc = cryptogram.atc;
        let card = KnownCard { issuer: self, own, issuer_data, atc, pan, sequence };
        (kind == cryptogram.cid.kind() && card.plan().is_some()).then_some(card)
    }

    fn answer(&self, request: &AuthorisationRequest<'_>) -> Option<(Authorisation, KeptKey)> {
        let cryptogram = request.cryptogram;
        let card = self.card(cryptogram, request.data)?;
        let key = card.session_key(BankKeyUse::Cryptogram)?;
        let expected = card.expected(&key, request.data)?;
        let cryptogram_ok = secrets_equal(&expected, &cryptogram.cryptogram);
        let wrong_pin = match (request.online_pin, &self.online_pin) {
            (Some(entered), Some(known)) => entered != known,
            _ => false,
        };
        let reason = if !cryptogram_ok {
            Some(IssuerReason::WrongCryptogram)
        } else if self.declines {
            Some(IssuerReason::Unsaid)
        } else if wrong_pin {
            Some(IssuerReason::WrongPin)
        } else {
            self.suspicion(&card, request.data)
        };
        let response_code = match reason {
            None => *b"00",
            Some(IssuerReason::WrongPin) => *b"55",
            Some(IssuerReason::WrongCryptogram | IssuerReason::Unsaid) => *b"05",
            Some(_) => SUSPECTED_FRAUD,
        };
        let idd_ok = card.discretionary_is_right();
        let cipher = card.cipher();
        let response = card.plan()?.response;
        let mut arpc = match response {
            ResponseMethod::One => {
                arpc_method_1(cipher, &key, &cryptogram.cryptogram, response_code)
            }
            ResponseMethod::Two => {
                // Card status update: the issuer approves (EMV Book 3 annex C10, byte 2 bit 8).
                let approved = if response_code == *b"00" { 0x80 } else { 0x00 };
                let update = [0x00, approved, 0x00, 0x00];
                let [a, b, c, d] = arpc_method_2(cipher, &key, &cryptogram.cryptogram, update, &[]);
                let [e, f, g, h] = update;
                [a, b, c, d, e, f, g, h]
            }
        };
        if self.wrong_arpc {
            arpc[0] ^= 0x01;
        }
        let scripts =
            if self.scripts.is_empty() { Vec::new() } else { vec![card.script(cryptogram)?] };
        let arpc = (!self.omits_arpc).then_some(arpc);
        let source = card.source()?;
        let KnownCard { atc, pan, sequence, .. } = card;
        let kept = KeptKey { source, pan, sequence, cipher, atc, key };
        let answer =
            Authorisation { cryptogram_ok, idd_ok, response_code, reason, arpc, response, scripts };
        Some((answer, kept))
    }

    /// What a right cryptogram does not make right: what terminal and card say of each other, and a counter that was
    /// seen before.
    fn suspicion(&self, card: &KnownCard<'_>, data: &DataStore) -> Option<IssuerReason> {
        let terminal = Tvr::new(data.array(tag::TERMINAL_VERIFICATION_RESULTS).unwrap_or_default());
        let results = CardVerificationResults::new(card.issuer_data.cvr);
        let verified: Option<[u8; 3]> = data.array(tag::CVM_RESULTS);
        let by_card = verified.is_some_and(|[method, _, result]| {
            matches!(method & 0x3F, 0x01 | 0x03..=0x05) && result == 0x02
        });
        let by_issuer = verified.is_some_and(|[method, ..]| method & 0x3F == 0x02)
            && terminal.has(Tvr::ONLINE_PIN_ENTERED);
        let failed = Tvr::SDA_FAILED | Tvr::DDA_FAILED | Tvr::CDA_FAILED;
        let has_pin_right = results.has(CardVerificationResults::PIN_PERFORMED)
            && !results.has(CardVerificationResults::PIN_FAILED);
        // Over contacts, at a terminal at which a PIN can be entered: the card's list asks for one.
        let has_pin_pad = verified.is_some()
            && TerminalCapabilities::new(
                data.array(tag::TERMINAL_CAPABILITIES).unwrap_or_default(),
            )
            .has(TerminalCapabilities::PLAINTEXT_PIN | TerminalCapabilities::ONLINE_PIN);
        let atc = u16::from_be_bytes(card.atc);
        let seen = self.seen.0.get(&(card.pan.clone(), card.sequence.clone()));
        if by_card && !has_pin_right {
            Some(IssuerReason::PinNotSeen)
        } else if terminal.has(Tvr::PIN_TRIES_EXCEEDED)
            && !results.has(CardVerificationResults::PIN_TRIES_EXCEEDED)
        {
            Some(IssuerReason::TriesDiffer)
        } else if has_pin_pad && terminal.has(failed) && !by_card && !by_issuer {
            Some(IssuerReason::NotAuthentic)
        } else if seen.is_some_and(|seen| atc <= *seen) {
            Some(IssuerReason::CounterSeen)
        } else {
            None
        }
    }
}

impl Issuer for TestIssuer {
    fn authorise(&mut self, request: &AuthorisationRequest<'_>) -> Option<Authorisation> {
        if self.unreachable {
            return None;
        }
        // A card that the issuer does not know is declined.
        let unknown = Authorisation {
            response_code: *b"05",
            reason: Some(IssuerReason::UnknownCard),
            ..Authorisation::default()
        };
        let (answer, kept) = self.answer(request).unzip();
        if let (Some(kept), Some(true)) =
            (&kept, answer.as_ref().map(|answer: &Authorisation| answer.cryptogram_ok))
        {
            let account = (kept.pan.clone(), kept.sequence.clone());
            let seen = self.seen.0.entry(account).or_default();
            *seen = (*seen).max(u16::from_be_bytes(kept.atc));
        }
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

/// Authorisation response code: suspected fraud (ISO 8583).
const SUSPECTED_FRAUD: [u8; 2] = *b"59";

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
