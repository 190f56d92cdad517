//! The terminal's side of the PKI application: what the driver interface of the third generation offers.
//!
//! What enters: a card behind any transport, PINs in BCD, messages. What leaves: keys, certificates, signatures,
//! plaintexts, or an error that names the command and what the card said. Public key operations (verifying,
//! making an envelope) need no card.
//!
//! Source: programs of the field; docs/decisions.md where they are silent.

use sscard_apdu::tlv::Writer;
use sscard_apdu::{ClassByte, CommandApdu, ResponseApdu, StatusWord};
use sscard_commands::{class, ins};
use sscard_crypto::Key;
use sscard_crypto::financial::sm2::{SIGNATURE_LENGTH, Sm2PrivateKey, Sm2PublicKey};
use sscard_crypto::pki::{encipher, pin_key, pin_proof};
use sscard_elements::pki as tag;
use sscard_host::{Follow, Transport, TransportError};
use sscard_lexicon::pki::{describe_command, status_meaning};
use sscard_profile::{CardCertificate, CardCertificateError};
use zeroize::Zeroizing;

/// DF name of the application.
const APPLICATION: &[u8] = b"SS.CERT.ADF1";
/// Length of a certificate's file, and of the pieces it is read and written in.
const FILE: usize = 1020;
const PIECE: usize = 0xFA;

/// One of the two key pairs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PkiPair {
    /// For signatures.
    Signature,
    /// For encryption.
    Encryption,
}

impl PkiPair {
    /// Files of the public key, the private key and the certificate.
    const fn files(self) -> [u16; 3] {
        match self {
            Self::Signature => [0x0012, 0x0013, 0x0018],
            Self::Encryption => [0x0014, 0x0015, 0x0019],
        }
    }
}

/// Whose PIN.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PkiRole {
    /// The user's.
    User,
    /// The administrator's.
    Administrator,
}

impl PkiRole {
    const fn reference(self) -> u8 {
        match self {
            Self::User => 0x81,
            Self::Administrator => 0x00,
        }
    }
}

/// Why something of the PKI application was not done.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PkiError {
    /// The exchange itself failed.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The card has no such application.
    #[error("the card has no PKI application: SELECT SS.CERT.ADF1 answered {0}")]
    NoApplication(StatusWord),
    /// The card refused a command.
    #[error("{command} answered {status}: {meaning}", meaning = status_meaning(*.status, *.ins))]
    Refused {
        /// The command in words.
        command: String,
        /// Its instruction.
        ins: u8,
        /// What the card said.
        status: StatusWord,
    },
    /// An answer does not have its form.
    #[error("{0} answered something else than it should")]
    Malformed(String),
    /// There is no certificate in the file, or none with an SM2 key.
    #[error("the certificate file cannot be used: {0}")]
    Certificate(#[from] CardCertificateError),
    /// What is given cannot be used: a key that is none, nothing to encipher.
    #[error("{0}")]
    Unusable(&'static str),
}

/// The PKI application of a card, selected.
pub struct PkiApplication<'c, T: Transport> {
    card: &'c mut Follow<T>,
}

impl<'c, T: Transport> PkiApplication<'c, T> {
    /// Selects the application.
    ///
    /// # Errors
    /// [`PkiError`].
    pub fn open(card: &'c mut Follow<T>) -> Result<Self, PkiError> {
        let mut application = Self { card };
        let select = plain(class::INTERINDUSTRY, ins::SELECT, [0x04, 0x00]);
        let (status, _) = application.exchange(select.with_data(APPLICATION).with_ne(256))?;
        if !status.is_success() {
            return Err(PkiError::NoApplication(status));
        }
        Ok(application)
    }

    /// How many tries a PIN has left; `None` when it is verified.
    ///
    /// # Errors
    /// [`PkiError`].
    pub fn tries_left(&mut self, role: PkiRole) -> Result<Option<u8>, PkiError> {
        let apdu = plain(class::INTERINDUSTRY, ins::VERIFY, [0x01, role.reference()]);
        let (status, _) = self.exchange(apdu)?;
        match status.tries_left() {
            Some(tries) => Ok(Some(tries)),
            None if status.is_success() => Ok(None),
            None => Err(refused(apdu, status)),
        }
    }

    /// Shows a PIN, BCD: not itself, but what it makes of the card's challenge.
    ///
    /// # Errors
    /// [`PkiError`]; `Refused` with `63Cx` wrong, x tries left; `6983` locked.
    pub fn verify(&mut self, role: PkiRole, pin: &[u8]) -> Result<(), PkiError> {
        let challenge = self.challenge(16)?;
        let proof = pin_proof(&pin_key(pin), &challenge);
        let apdu = plain(class::INTERINDUSTRY, ins::VERIFY, [0x01, role.reference()]);
        self.send(apdu.with_data(&proof)).map(drop)
    }

    /// Changes a PIN that is verified.
    ///
    /// # Errors
    /// [`PkiError`]; `Refused` with `6982` not verified.
    pub fn change_pin(&mut self, role: PkiRole, old: &[u8], new: &[u8]) -> Result<(), PkiError> {
        self.protected(old, [ins::CHANGE_PIN, 0x01, role.reference()], Some(new))
    }

    /// Gives the user's PIN its tries back, and a new value if one is given; after the administrator's PIN,
    /// which is given again.
    ///
    /// # Errors
    /// [`PkiError`]; `Refused` with `6982` not verified.
    pub fn unblock(&mut self, administrator: &[u8], new: Option<&[u8]>) -> Result<(), PkiError> {
        let reference = PkiRole::User.reference();
        self.protected(administrator, [ins::PIN_UNBLOCK, 0x01, reference], new)
    }

    /// Has a new pair generated; the public key. After a PIN.
    ///
    /// # Errors
    /// [`PkiError`].
    pub fn generate(&mut self, pair: PkiPair) -> Result<Sm2PublicKey, PkiError> {
        let files = named(pair);
        self.send(plain(class::PROPRIETARY, ins::GENERATE_KEY_PAIR, [0, 0]).with_data(&files))?;
        self.public_key(pair)
    }

    /// The public key of a pair.
    ///
    /// # Errors
    /// [`PkiError`]; `Refused` with `6A88` no such pair.
    pub fn public_key(&mut self, pair: PkiPair) -> Result<Sm2PublicKey, PkiError> {
        let files = named(pair);
        let apdu = plain(class::PROPRIETARY, ins::GET_PUBLIC_KEY, [0x82, 0x00]);
        self.send(apdu.with_data(&files))?;
        let apdu = plain(class::PROPRIETARY, ins::GET_PUBLIC_KEY, [0x82, 0x80]).with_ne(66);
        let file = self.send(apdu)?;
        let key = sscard_apdu::tlv::find(&file, &[tag::PUBLIC_KEY]).ok().flatten();
        let key = key.and_then(|key| key.try_into().ok());
        key.and_then(Sm2PublicKey::from_bytes).ok_or_else(|| malformed(apdu))
    }

    /// The certificate of a pair.
    ///
    /// # Errors
    /// [`PkiError`]; `Certificate` when there is none.
    pub fn certificate(&mut self, pair: PkiPair) -> Result<CardCertificate, PkiError> {
        let [_, _, file] = pair.files();
        self.select_file(file)?;
        let mut bytes = Vec::with_capacity(FILE);
        while bytes.len() < FILE {
            let wanted = FILE.saturating_sub(bytes.len()).min(PIECE);
            let offset = u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes();
            let apdu = plain(class::INTERINDUSTRY, ins::READ_BINARY, offset).with_ne(wanted);
            let piece = self.send(apdu)?;
            if piece.is_empty() {
                return Err(malformed(apdu));
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(CardCertificate::parse(&bytes)?)
    }

    /// Writes a certificate, the rest of its file filled with 00. After a PIN.
    ///
    /// # Errors
    /// [`PkiError`]; `Unusable` when it is longer than its file.
    pub fn write_certificate(&mut self, pair: PkiPair, der: &[u8]) -> Result<(), PkiError> {
        let mut bytes = der.to_vec();
        if bytes.len() > FILE {
            return Err(PkiError::Unusable("a certificate file has 1,020 bytes"));
        }
        bytes.resize(FILE, 0);
        let [_, _, file] = pair.files();
        self.select_file(file)?;
        for (number, piece) in bytes.chunks(PIECE).enumerate() {
            let offset = u16::try_from(number.saturating_mul(PIECE)).unwrap_or(u16::MAX);
            let apdu = plain(class::INTERINDUSTRY, ins::UPDATE_BINARY, offset.to_be_bytes());
            self.send(apdu.with_data(piece))?;
        }
        Ok(())
    }

    /// Signs a message: `r ‖ s`. After the user's PIN.
    ///
    /// # Errors
    /// [`PkiError`]; `Refused` with `6982` the PIN is not verified, `6A88` no pair.
    pub fn sign(&mut self, message: &[u8]) -> Result<[u8; SIGNATURE_LENGTH], PkiError> {
        let digest = self.public_key(PkiPair::Signature)?.message_digest(&[message]);
        let apdu =
            plain(class::INTERINDUSTRY, ins::PERFORM_SECURITY_OPERATION, [0x9E, 0x9A]).with_ne(64);
        let answer = self.send(apdu.with_data(&digest))?;
        answer.as_slice().try_into().map_err(|_| malformed(apdu))
    }

    /// Deciphers what was enciphered for the card's encryption pair, X ‖ Y ‖ C3 ‖ C2. After the user's PIN.
    ///
    /// # Errors
    /// [`PkiError`]; `Refused` with `6A80` it is for another key.
    pub fn decipher(&mut self, cipher: &[u8]) -> Result<Zeroizing<Vec<u8>>, PkiError> {
        let data = [&[0x00][..], cipher].concat();
        let apdu = plain(class::INTERINDUSTRY, ins::PERFORM_SECURITY_OPERATION, [0x80, 0x86]);
        self.send(apdu.with_data(&data).with_ne(256))
    }

    /// Opens an envelope that [`seal`] made for the card's encryption pair. After the user's PIN.
    ///
    /// # Errors
    /// [`PkiError`]; `Unusable` when it is no envelope.
    pub fn open_envelope(&mut self, envelope: &[u8]) -> Result<Zeroizing<Vec<u8>>, PkiError> {
        const NONE: PkiError = PkiError::Unusable("this is no envelope");
        let (head, data) = envelope.split_first_chunk::<SEALED_KEY>().ok_or(NONE)?;
        let key = self.decipher(head)?;
        let key = Key::new(*key.first_chunk().filter(|_| key.len() == 16).ok_or(NONE)?);
        sscard_crypto::pki::open(&key, data).ok_or(NONE)
    }

    /// Brings an encryption pair to the card, the private key under a session key that only the card's
    /// signature pair can open. After a PIN. Both nonces are random.
    ///
    /// # Errors
    /// [`PkiError`].
    pub fn import(
        &mut self,
        pair: &Sm2PrivateKey,
        session: &Key,
        nonce: &[u8; 32],
    ) -> Result<(), PkiError> {
        let signature = self.public_key(PkiPair::Signature)?;
        let envelope = signature.encrypt(session.expose(), nonce);
        let envelope = envelope.ok_or(PkiError::Unusable("the nonce is unusable"))?;
        let [_, opener, _] = PkiPair::Signature.files();
        let [public, private, _] = PkiPair::Encryption.files();
        let data =
            objects(&[(tag::PRIVATE_KEY_FILE, &opener.to_be_bytes()), (tag::INPUT, &envelope)]);
        let apdu = plain(class::PROPRIETARY, ins::OPEN_ENVELOPE, [0x00, 0x01]).with_ne(16);
        let opened = self.send(apdu.with_data(&data))?;
        let data = objects(&[(tag::INPUT, &opened)]);
        let apdu = plain(class::PROPRIETARY, ins::IMPORT_SESSION_KEY, [0x02, 0x10]);
        self.send(apdu.with_data(&data))?;
        let data = objects(&[
            (tag::PUBLIC_KEY_FILE, &public.to_be_bytes()),
            (tag::PUBLIC_KEY, pair.public_key().bytes()),
        ]);
        let apdu = plain(class::PROPRIETARY, ins::IMPORT_KEY, [0x40, 0x00]);
        self.send(apdu.with_data(&data))?;
        let mut enciphered = pair.to_bytes();
        encipher(session, enciphered.as_mut());
        let data = objects(&[
            (tag::PRIVATE_KEY_FILE, &private.to_be_bytes()),
            (tag::PRIVATE_KEY, enciphered.as_ref()),
        ]);
        let apdu = plain(class::PROPRIETARY, ins::IMPORT_KEY, [0xC0, 0x01]);
        self.send(apdu.with_data(&data)).map(drop)
    }

    fn select_file(&mut self, file: u16) -> Result<(), PkiError> {
        let fid = file.to_be_bytes();
        self.send(plain(class::INTERINDUSTRY, ins::SELECT, [0, 0]).with_data(&fid)).map(drop)
    }

    fn challenge(&mut self, length: usize) -> Result<Zeroizing<Vec<u8>>, PkiError> {
        let apdu = plain(class::INTERINDUSTRY, ins::GET_CHALLENGE, [0, 0]).with_ne(length);
        let challenge = self.send(apdu)?;
        if challenge.len() == length { Ok(challenge) } else { Err(malformed(apdu)) }
    }

    /// A command under secure messaging with the key of a PIN.
    fn protected(
        &mut self,
        pin: &[u8],
        [ins, p1, p2]: [u8; 3],
        new: Option<&[u8]>,
    ) -> Result<(), PkiError> {
        let challenge = self.challenge(8)?;
        let session = sscard_crypto::Suite::Sm4.session_key(&pin_key(pin), &challenge);
        let body = match new {
            Some(new) => session.encipher(new).map_err(|_| PkiError::Unusable("no such PIN"))?,
            None => Vec::new(),
        };
        let lc = u8::try_from(body.len().saturating_add(4)).unwrap_or(u8::MAX);
        let header = [class::PROPRIETARY_PROTECTED, ins, p1, p2, lc];
        let data = [&body[..], &session.mac_parts(&[&header, &body])].concat();
        self.send(plain(class::PROPRIETARY_PROTECTED, ins, [p1, p2]).with_data(&data)).map(drop)
    }

    /// One command that has to be answered 9000.
    fn send(&mut self, apdu: CommandApdu<'_>) -> Result<Zeroizing<Vec<u8>>, PkiError> {
        let (status, data) = self.exchange(apdu)?;
        if status.is_success() { Ok(data) } else { Err(refused(apdu, status)) }
    }

    fn exchange(
        &mut self,
        apdu: CommandApdu<'_>,
    ) -> Result<(StatusWord, Zeroizing<Vec<u8>>), PkiError> {
        let command = Zeroizing::new(emitted(apdu)?);
        let mut response = Zeroizing::new(Vec::new());
        self.card.transmit(&command, &mut response)?;
        let answer = ResponseApdu::parse(&response).map_err(|_| {
            TransportError::Protocol("the response has fewer than two bytes".to_owned())
        })?;
        Ok((answer.status, Zeroizing::new(answer.data.to_vec())))
    }
}

/// Length of the enciphered key in front of an envelope's data.
const SEALED_KEY: usize = 64 + 32 + 16;

/// An envelope that only the card with this encryption key opens: a fresh key of 16 bytes enciphered for it, and
/// `data` under that key, SM4 in CBC, padded \[choice\]. `key` and `nonce` are random. `None` for an unusable
/// nonce.
#[must_use]
pub fn seal(public: &Sm2PublicKey, data: &[u8], key: &Key, nonce: &[u8; 32]) -> Option<Vec<u8>> {
    let mut envelope = public.encrypt(key.expose(), nonce)?;
    envelope.extend_from_slice(&sscard_crypto::pki::seal(key, data));
    Some(envelope)
}

/// Tags and values one after another.
fn objects(list: &[(sscard_apdu::tlv::Tag, &[u8])]) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::new());
    for (tag, value) in list {
        Writer::new(&mut bytes).primitive(*tag, value);
    }
    bytes
}

/// The files of a pair as commands name them.
fn named(pair: PkiPair) -> Zeroizing<Vec<u8>> {
    let [public, private, _] = pair.files();
    objects(&[
        (tag::PUBLIC_KEY_FILE, &public.to_be_bytes()),
        (tag::PRIVATE_KEY_FILE, &private.to_be_bytes()),
    ])
}

const fn plain<'a>(class: u8, ins: u8, [p1, p2]: [u8; 2]) -> CommandApdu<'a> {
    CommandApdu::new(ClassByte::new(class), ins, p1, p2)
}

fn emitted(apdu: CommandApdu<'_>) -> Result<Vec<u8>, TransportError> {
    let mut command = Vec::new();
    apdu.emit(&mut command)
        .map_err(|_| TransportError::Protocol("the command is too long for a short APDU".into()))?;
    Ok(command)
}

fn refused(apdu: CommandApdu<'_>, status: StatusWord) -> PkiError {
    let command = emitted(apdu).map(|bytes| describe_command(&bytes)).unwrap_or_default();
    PkiError::Refused { command, ins: apdu.ins, status }
}

fn malformed(apdu: CommandApdu<'_>) -> PkiError {
    PkiError::Malformed(emitted(apdu).map(|bytes| describe_command(&bytes)).unwrap_or_default())
}
