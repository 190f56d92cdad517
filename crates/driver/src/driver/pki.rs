//! PKI_SignData, PKI_VerifySign and their relatives: what a card of the third generation does with its certificates.
//!
//! Messages are the caller's bytes as they are; signatures (r ‖ s), certificates (DER) and envelopes are hexadecimal \[choice\].

use sscard_apdu::hex;
use sscard_crypto::Key;
use sscard_crypto::financial::sm2::Sm2PublicKey;
use sscard_profile::CardCertificate;
use sscard_terminal::pki::{PkiApplication, PkiPair, PkiRole, seal};

use super::Driver;
use crate::code::{DriverCode, DriverError};
use crate::slots::{CardInterface, Chip};
use crate::text;

fn unlawful(detail: impl Into<String>) -> DriverError {
    DriverError::new(DriverCode::Unlawful, detail)
}

/// The public key of a certificate in hexadecimal.
fn key_of(certificate: &str) -> Result<Sm2PublicKey, DriverError> {
    let der = text::hexadecimal(certificate)?;
    let certificate = CardCertificate::parse(&der).map_err(|error| unlawful(error.to_string()))?;
    let key = Sm2PublicKey::from_bytes(certificate.public_key());
    key.ok_or_else(|| unlawful("the certificate's key is no point of SM2's curve"))
}

impl Driver {
    fn with_chip<R>(
        &mut self,
        interface: i32,
        work: impl FnOnce(&mut Chip) -> Result<R, DriverError>,
    ) -> Result<R, DriverError> {
        let mut chip = self.power(CardInterface::of(interface)?)?;
        let result = work(&mut chip);
        let put = self.slots.put_card(chip);
        let result = result?;
        put?;
        Ok(result)
    }

    /// PKI_SignData.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn sign_data(
        &mut self,
        pin: &str,
        message: &[u8],
        interface: i32,
    ) -> Result<String, DriverError> {
        let pin = text::pin(pin)?;
        self.with_chip(interface, |chip| {
            let mut application = PkiApplication::open(chip)?;
            application.verify(PkiRole::User, &pin)?;
            let signature = application.sign(message)?;
            Ok(format!("{}|", hex::encode(&signature)))
        })
    }

    /// PKI_VerifySign; without a certificate by that of the card in the reader.
    ///
    /// # Errors
    /// [`DriverCode::Checksum`] when the signature is not the message's.
    pub fn verify_sign(
        &mut self,
        certificate: &str,
        message: &[u8],
        signature: &str,
        interface: i32,
    ) -> Result<String, DriverError> {
        let signature: [u8; 64] = text::bytes_of(signature.strip_suffix('|').unwrap_or(signature))?;
        let key = if certificate.is_empty() {
            self.with_chip(interface, |chip| {
                let mut application = PkiApplication::open(chip)?;
                Ok(application.public_key(PkiPair::Signature)?)
            })?
        } else {
            CardInterface::of(interface)?;
            key_of(certificate.strip_suffix('|').unwrap_or(certificate))?
        };
        if key.verify(&[message], &signature) {
            Ok(String::new())
        } else {
            let detail = "the signature is not one of this message by this key";
            Err(DriverError::new(DriverCode::Checksum, detail))
        }
    }

    /// PKI_EncryptEnvelope; without a certificate for the card in the reader.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn encrypt_envelope(
        &mut self,
        certificate: &str,
        message: &[u8],
        interface: i32,
    ) -> Result<String, DriverError> {
        let key = if certificate.is_empty() {
            self.with_chip(interface, |chip| {
                let mut application = PkiApplication::open(chip)?;
                Ok(application.public_key(PkiPair::Encryption)?)
            })?
        } else {
            CardInterface::of(interface)?;
            key_of(certificate.strip_suffix('|').unwrap_or(certificate))?
        };
        let (mut session, mut nonce) = ([0; 16], [0; 32]);
        for random in [&mut session[..], &mut nonce] {
            getrandom::fill(random).map_err(|error| {
                DriverError::new(DriverCode::Internal, format!("no random numbers: {error}"))
            })?;
        }
        let envelope = seal(&key, message, &Key::new(session), &nonce);
        let envelope = envelope.ok_or_else(|| unlawful("the nonce is unusable"))?;
        Ok(format!("{}|", hex::encode(&envelope)))
    }

    /// PKI_DecryptEnvelope: the message's bytes.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn decrypt_envelope(
        &mut self,
        pin: &str,
        envelope: &str,
        interface: i32,
    ) -> Result<Vec<u8>, DriverError> {
        let pin = text::pin(pin)?;
        let envelope = text::hexadecimal(envelope.strip_suffix('|').unwrap_or(envelope))?;
        self.with_chip(interface, |chip| {
            let mut application = PkiApplication::open(chip)?;
            application.verify(PkiRole::User, &pin)?;
            Ok(application.open_envelope(&envelope)?.to_vec())
        })
    }

    /// PKI_ReadCert: 1 the certificate for signatures, 2 the one for encryption.
    ///
    /// # Errors
    /// [`DriverError`].
    pub fn read_certificate(&mut self, kind: i32, interface: i32) -> Result<String, DriverError> {
        let pair = match kind {
            1 => PkiPair::Signature,
            2 => PkiPair::Encryption,
            _ => return Err(DriverError::new(DriverCode::Argument, "iCertType is 1 or 2")),
        };
        self.with_chip(interface, |chip| {
            let mut application = PkiApplication::open(chip)?;
            Ok(format!("{}|", hex::encode(application.certificate(pair)?.der())))
        })
    }
}
