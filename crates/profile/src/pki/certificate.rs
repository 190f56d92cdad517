//! X.509 certificates with SM2 keys (RFC 5280, GM/T 0015): made by the test authority, and read.
//!
//! What enters: a subject, a public key, the authority's key; or bytes of a certificate file. What leaves: DER,
//! the same for the same arguments; or what a certificate says, and whether an authority signed it.

use sscard_crypto::financial::sm2::{SIGNATURE_LENGTH, Sm2PrivateKey, Sm2PublicKey};
use sscard_crypto::financial::sm3;
use x509_cert::Certificate;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder, CertificateBuilder};
use x509_cert::certificate::TbsCertificate;
use x509_cert::der::asn1::{Any, BitString, ObjectIdentifier, Uint};
use x509_cert::der::pem::LineEnding;
use x509_cert::der::{
    DateTime, Decode, Document, Encode, Error, ErrorKind, Header, Reader, SliceReader, Tag,
};
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{
    self, AlgorithmIdentifierOwned, DynSignatureAlgorithmIdentifier, EncodePublicKey,
    SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef,
};
use x509_cert::time::{Time, Validity};

/// id-ecPublicKey.
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// The curve of SM2 (GM/T 0006).
const SM2_CURVE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.301");
/// SM2 signature over SM3 (GM/T 0006).
const SM2_WITH_SM3: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.501");
const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
const ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const SERIAL_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.5");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
/// Organisation in every name that the test authority writes.
const TEST_ORGANISATION: &str = "sscard TEST";

/// Label of a certificate in PEM.
const LABEL: &str = "CERTIFICATE";

/// What a certificate is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CertificateUse {
    /// The authority's own: signs certificates.
    Authority,
    /// Digital signatures, non-repudiation.
    Signature,
    /// Encipherment of keys and data.
    Encryption,
}

/// What is written into a certificate.
pub(crate) struct Request<'r> {
    pub(crate) usage: CertificateUse,
    /// Common name.
    pub(crate) name: &'r str,
    /// The subject's serial number attribute: a social security number; empty for none.
    pub(crate) number: &'r str,
    pub(crate) public: &'r [u8; 64],
    /// First and last day, BCD YYYYMMDD.
    pub(crate) days: [[u8; 4]; 2],
}

/// The signer of certificates: it names its algorithm and its public key to the builder.
struct Authority<'k> {
    key: &'k Sm2PrivateKey,
}

#[derive(Clone)]
struct AuthorityKey([u8; 64]);

impl signature::Keypair for Authority<'_> {
    type VerifyingKey = AuthorityKey;

    fn verifying_key(&self) -> AuthorityKey {
        AuthorityKey(*self.key.public_key().bytes())
    }
}

impl DynSignatureAlgorithmIdentifier for Authority<'_> {
    fn signature_algorithm_identifier(&self) -> spki::Result<AlgorithmIdentifierOwned> {
        Ok(AlgorithmIdentifierOwned { oid: SM2_WITH_SM3, parameters: None })
    }
}

impl EncodePublicKey for AuthorityKey {
    fn to_public_key_der(&self) -> spki::Result<Document> {
        Ok(Document::try_from(public_key_info(&self.0)?.to_der()?)?)
    }
}

/// Names and extensions of a certificate.
struct Content<'r> {
    usage: CertificateUse,
    subject: Name,
    issuer: &'r Name,
}

impl BuilderProfile for Content<'_> {
    fn get_issuer(&self, _: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        _: SubjectPublicKeyInfoRef<'_>,
        _: SubjectPublicKeyInfoRef<'_>,
        tbs: &TbsCertificate,
    ) -> Result<Vec<Extension>, x509_cert::builder::Error> {
        let usage = match self.usage {
            CertificateUse::Authority => KeyUsages::KeyCertSign | KeyUsages::CRLSign,
            CertificateUse::Signature => KeyUsages::DigitalSignature | KeyUsages::NonRepudiation,
            CertificateUse::Encryption => {
                KeyUsages::KeyEncipherment | KeyUsages::DataEncipherment | KeyUsages::KeyAgreement
            }
        };
        let constraints = BasicConstraints {
            ca: self.usage == CertificateUse::Authority,
            path_len_constraint: None,
        };
        let subject = tbs.subject();
        Ok(vec![
            constraints.to_extension(subject, &[])?,
            KeyUsage(usage).to_extension(subject, &[])?,
        ])
    }
}

/// The two numbers of a signature as X.509 has them: a sequence of two.
type Numbers = Vec<Uint>;

/// The certificate in DER, signed by `key`; `None` for a name that X.509 does not take.
pub(crate) fn issue(
    request: &Request<'_>,
    authority: &str,
    key: &Sm2PrivateKey,
) -> Option<Vec<u8>> {
    make(request, authority, key).ok()
}

fn make(
    request: &Request<'_>,
    authority: &str,
    key: &Sm2PrivateKey,
) -> Result<Vec<u8>, x509_cert::builder::Error> {
    let issuer = name(authority, "")?;
    let subject = name(request.name, request.number)?;
    let [first, last] = request.days;
    let validity = Validity::new(moment(first, false)?, moment(last, true)?);
    let hash = sm3(&[request.public, &[request.usage as u8]]);
    let mut serial = *hash.first_chunk::<8>().unwrap_or(&[1; 8]);
    // Positive, and of eight bytes.
    serial[0] = serial[0] & 0x3F | 0x40;
    let content = Content { usage: request.usage, subject, issuer: &issuer };
    let mut builder = CertificateBuilder::new(
        content,
        SerialNumber::new(&serial)?,
        validity,
        public_key_info(request.public)?,
    )?;
    let signer = Authority { key };
    let message = builder.finalize(&signer)?;
    // The same certificate, the same signature: the nonce is a hash of what is signed.
    let nonce = sm3(&[b"TEST certificate nonce", &message]);
    let signature = key.sign(&[&message], &nonce);
    let signature = signature.ok_or(Error::from(ErrorKind::Failed))?;
    let numbers = encoded(&signature)?;
    let certificate = builder.assemble(BitString::from_bytes(&numbers)?, &signer)?;
    Ok(certificate.to_der()?)
}

fn name(common: &str, number: &str) -> Result<Name, Error> {
    let parts = [
        (COUNTRY, Tag::PrintableString, "CN"),
        (ORGANISATION, Tag::Utf8String, TEST_ORGANISATION),
        (SERIAL_NUMBER, Tag::PrintableString, number),
        (COMMON_NAME, Tag::Utf8String, common),
    ];
    let mut names = RdnSequence::default();
    for (oid, tag, text) in parts.into_iter().filter(|(.., text)| !text.is_empty()) {
        let value = Any::new(tag, text.as_bytes())?;
        names
            .push(RelativeDistinguishedName::try_from(vec![AttributeTypeAndValue { oid, value }])?);
    }
    Name::from_der(&names.to_der()?)
}

/// The first or the last second of a day.
fn moment([y1, y2, month, day]: [u8; 4], last: bool) -> Result<Time, Error> {
    let number = |byte: u8| (byte >> 4).saturating_mul(10).saturating_add(byte & 0x0F);
    let year = u16::from(number(y1)).saturating_mul(100).saturating_add(number(y2).into());
    let (hour, minute, second) = if last { (23, 59, 59) } else { (0, 0, 0) };
    Ok(Time::from(DateTime::new(year, number(month), number(day), hour, minute, second)?))
}

fn public_key_info(key: &[u8; 64]) -> Result<SubjectPublicKeyInfoOwned, Error> {
    let point = [&[0x04][..], key].concat();
    Ok(SubjectPublicKeyInfoOwned {
        algorithm: AlgorithmIdentifierOwned {
            oid: EC_PUBLIC_KEY,
            parameters: Some(Any::encode_from(&SM2_CURVE)?),
        },
        subject_public_key: BitString::from_bytes(&point)?,
    })
}

/// A certificate with an SM2 key, as it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CardCertificate {
    der: Vec<u8>,
    subject: String,
    issuer: String,
    serial: Vec<u8>,
    days: [String; 2],
    public: [u8; 64],
    /// Where what is signed lies in `der`.
    signed: std::ops::Range<usize>,
    signature: [u8; SIGNATURE_LENGTH],
}

/// Why bytes are no certificate with an SM2 key.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CardCertificateError {
    /// No certificate in DER.
    #[error("not an X.509 certificate: {0}")]
    Der(String),
    /// Its key is none of SM2, or its signature is of another algorithm.
    #[error("{0} is not SM2")]
    NotSm2(&'static str),
}

impl CardCertificate {
    /// Reads a certificate from the beginning of `bytes`; what follows it, such as the rest of its file on a
    /// card, does not count.
    ///
    /// # Errors
    /// [`CardCertificateError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, CardCertificateError> {
        let wrong = |error: Error| CardCertificateError::Der(error.to_string());
        let length = whole(bytes).map_err(wrong)?;
        let der = bytes.get(..length).unwrap_or(bytes);
        let certificate = Certificate::from_der(der).map_err(wrong)?;
        let tbs = certificate.tbs_certificate();
        if certificate.signature_algorithm().oid != SM2_WITH_SM3 {
            return Err(CardCertificateError::NotSm2("its signature"));
        }
        let info = tbs.subject_public_key_info();
        let curve = info.algorithm.parameters.as_ref().and_then(|any| any.decode_as().ok());
        let point = info.subject_public_key.as_bytes().and_then(|point| point.strip_prefix(&[4]));
        let public = point.and_then(|point| <[u8; 64]>::try_from(point).ok());
        let public = public.filter(|_| curve == Some(SM2_CURVE));
        let public = public.ok_or(CardCertificateError::NotSm2("its key"))?;
        let numbers = certificate.signature().as_bytes().unwrap_or_default();
        let signature =
            Numbers::from_der(numbers).ok().and_then(|numbers: Numbers| signature(&numbers));
        let signature = signature.ok_or(CardCertificateError::NotSm2("its signature"))?;
        let validity = tbs.validity();
        Ok(Self {
            signed: covered(der).map_err(wrong)?,
            subject: tbs.subject().to_string(),
            issuer: tbs.issuer().to_string(),
            serial: tbs.serial_number().as_bytes().to_vec(),
            days: [validity.not_before, validity.not_after].map(|time| time.to_string()),
            public,
            signature,
            der: der.to_vec(),
        })
    }

    /// Reads a certificate in DER, or in PEM (RFC 7468).
    ///
    /// # Errors
    /// [`CardCertificateError`].
    pub fn parse_any(bytes: &[u8]) -> Result<Self, CardCertificateError> {
        match x509_cert::der::pem::decode_vec(bytes) {
            Ok((LABEL, der)) => Self::parse(&der),
            _ => Self::parse(bytes),
        }
    }

    /// The certificate in PEM (RFC 7468), lines ended by line feeds.
    #[must_use]
    pub fn pem(&self) -> String {
        x509_cert::der::pem::encode_string(LABEL, LineEnding::LF, &self.der).unwrap_or_default()
    }

    /// The certificate in DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The subject's name (RFC 4514).
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The issuer's name (RFC 4514).
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Serial number, most significant byte first.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// From when and until when it is valid, `2024-01-01T00:00:00Z`.
    #[must_use]
    pub fn validity(&self) -> [&str; 2] {
        self.days.each_ref().map(String::as_str)
    }

    /// X and Y of the subject's key.
    #[must_use]
    pub fn public_key(&self) -> &[u8; 64] {
        &self.public
    }

    /// Whether this key signed it; names and dates are not looked at.
    #[must_use]
    pub fn is_signed_by(&self, authority: &Sm2PublicKey) -> bool {
        let signed = self.der.get(self.signed.clone()).unwrap_or_default();
        authority.verify(&[signed], &self.signature)
    }
}

/// Length of the object that bytes begin with.
fn whole(bytes: &[u8]) -> Result<usize, Error> {
    let mut reader = SliceReader::new(bytes)?;
    let header = Header::decode(&mut reader)?;
    let content = usize::try_from(header.length())?;
    let total = usize::try_from(reader.position())?.saturating_add(content);
    if total <= bytes.len() {
        Ok(total)
    } else {
        Err(Error::incomplete(u32::try_from(bytes.len()).unwrap_or(u32::MAX).into()))
    }
}

/// Where the first object within the outermost one lies: what is signed.
fn covered(der: &[u8]) -> Result<std::ops::Range<usize>, Error> {
    let mut reader = SliceReader::new(der)?;
    Header::decode(&mut reader)?;
    let start = usize::try_from(reader.position())?;
    let length = whole(der.get(start..).unwrap_or_default())?;
    Ok(start..start.saturating_add(length))
}

/// A signature `r ‖ s` as a sequence of two integers, as X.509 and OpenSSL have it.
#[must_use]
pub fn signature_to_der(signature: &[u8; SIGNATURE_LENGTH]) -> Vec<u8> {
    encoded(signature).unwrap_or_default()
}

/// `r ‖ s` of a sequence of two integers; `None` when it is none, or one of them is too long.
#[must_use]
pub fn signature_from_der(der: &[u8]) -> Option<[u8; SIGNATURE_LENGTH]> {
    let numbers = Numbers::from_der(der).ok()?;
    signature(&numbers)
}

fn encoded(signature: &[u8; SIGNATURE_LENGTH]) -> Result<Vec<u8>, Error> {
    let (r, s) = signature.split_at(32);
    Numbers::from([Uint::new(r)?, Uint::new(s)?]).to_der()
}

fn signature(numbers: &[Uint]) -> Option<[u8; SIGNATURE_LENGTH]> {
    let mut signature = [0; SIGNATURE_LENGTH];
    let (r, s) = signature.split_at_mut(32);
    let [first, second] = numbers else { return None };
    for (place, number) in [(r, first.as_bytes()), (s, second.as_bytes())] {
        let start = place.len().checked_sub(number.len())?;
        place.get_mut(start..)?.copy_from_slice(number);
    }
    Some(signature)
}
