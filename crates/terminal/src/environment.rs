//! A session with the social security environment: selection, authentication both ways, protected
//! commands, and which card it is.
//!
//! What enters: a card behind a transport, a security module. What leaves: status words, data, and
//! an [`Identity`].

use sscard_apdu::{ClassByte, CommandApdu, ResponseApdu, StatusWord};
use sscard_commands::{Command, Selection, ins};
use sscard_core::KeyId;
use sscard_core::catalogue::{self, Edition};
use sscard_crypto::{Algorithm, secrets_equal};
use sscard_elements::social;
use sscard_host::{Follow, Transport};

use crate::factor;
use crate::padding;
use crate::{CardSecurity, ModuleError, ReadError, SecurityModule};

/// Which card it is, as everybody may read it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    /// Whether the social security function waits for its activation.
    pub deactivated: bool,
    /// Card number (EF05 tag 07) without filling.
    pub number: String,
    /// What its keys are derived with.
    pub security: CardSecurity,
}

/// The answer to SELECT of the environment.
pub(crate) struct Selected {
    pub(crate) deactivated: bool,
    pub(crate) control_information: Vec<u8>,
}

/// A card whose environment is spoken to.
pub struct Environment<'c, T> {
    card: &'c mut Follow<T>,
    command: Vec<u8>,
    response: Vec<u8>,
    /// Which meanings the card's items have, once its specification version was read.
    pub(crate) edition: Edition,
}

impl<'c, T: Transport> Environment<'c, T> {
    /// A session with the card; nothing is sent yet.
    pub fn new(card: &'c mut Follow<T>) -> Self {
        Self { card, command: Vec::new(), response: Vec::new(), edition: Edition::default() }
    }

    /// SELECT of the environment.
    pub(crate) fn open(&mut self) -> Result<Selected, ReadError> {
        let (status, control_information) = self.select(&catalogue::SSSE_NAME)?;
        let deactivated = match status {
            StatusWord::SUCCESS => false,
            StatusWord::SELECTED_FILE_DEACTIVATED => true,
            StatusWord::APPLICATION_PERMANENTLY_BLOCKED | StatusWord::FUNCTION_NOT_SUPPORTED => {
                return Err(ReadError::Blocked(status));
            }
            _ => return Err(ReadError::NotSocialSecurityCard(status)),
        };
        Ok(Selected { deactivated, control_information })
    }

    /// Selects the environment and reads which card it is.
    ///
    /// # Errors
    /// [`ReadError::Blocked`] when the environment or the card is blocked for good, else what is
    /// wrong with the card.
    pub fn identify(&mut self) -> Result<Identity, ReadError> {
        let Selected { deactivated, control_information } = self.open()?;
        let code = self.item(0x01)?;
        let number = self.item(0x07)?;
        let (_, security) = security(self.card.atr(), &control_information, &code)?;
        let number = String::from_utf8_lossy(&number).trim_end_matches('\0').to_owned();
        Ok(Identity { deactivated, number, security })
    }

    /// The value of one item of EF05.
    fn item(&mut self, tag: u8) -> Result<Vec<u8>, ReadError> {
        let apdu = Command::ReadRecord { p1: tag, p2: 0x05 << 3, ne: 256 }.apdu();
        let (status, record) = self.exchange(apdu)?;
        match record.get(2..) {
            Some(value) if status.is_success() => Ok(value.to_vec()),
            _ => Err(ReadError::Refused {
                command: "READ RECORD of EF05",
                ins: ins::READ_RECORD,
                status,
            }),
        }
    }

    /// One exchange, followed: status word and data.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn exchange(&mut self, apdu: CommandApdu<'_>) -> Result<(StatusWord, &[u8]), ReadError> {
        self.command.clear();
        let malformed = |what, reason: &dyn std::fmt::Display| ReadError::Malformed {
            what,
            reason: reason.to_string(),
        };
        apdu.emit(&mut self.command).map_err(|error| malformed("command", &error))?;
        self.card.transmit(&self.command, &mut self.response)?;
        let answer =
            ResponseApdu::parse(&self.response).map_err(|error| malformed("response", &error))?;
        Ok((answer.status, answer.data))
    }

    /// SELECT by DF name; the FCI too when a warning comes with it.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn select(&mut self, name: &[u8]) -> Result<(StatusWord, Vec<u8>), ReadError> {
        let apdu = Command::Select { by: Selection::Name, next: false, name }.apdu();
        let (status, data) = self.exchange(apdu)?;
        let (mut status, mut data) = (status, data.to_vec());
        if status == StatusWord::SELECTED_FILE_DEACTIVATED && data.is_empty() {
            // On T=0 the FCI behind a warning waits for GET RESPONSE.
            let fetch = Command::GetResponse { ne: 256 }.apdu();
            let (fetched, waiting) = self.exchange(fetch)?;
            if fetched.is_success() {
                data = waiting.to_vec();
            }
            status = StatusWord::SELECTED_FILE_DEACTIVATED;
        }
        Ok((status, data))
    }

    /// INTERNAL AUTHENTICATE: the card proves that it holds its IRK. What comes back is what its keys are
    /// derived with: in the field of a contactless reader the answer also tells the maker, which the ATR
    /// does not.
    ///
    /// # Errors
    /// [`ReadError::NotGenuine`], or why there is no answer.
    pub fn check_card(
        &mut self,
        module: &mut dyn SecurityModule,
        security: &CardSecurity,
    ) -> Result<CardSecurity, ReadError> {
        let (process_factor, original) = (module.random()?, module.random()?);
        let data = [process_factor, original].concat();
        let apdu = Command::InternalAuthenticate { key: 0, data: &data, ne: 8 }.apdu();
        let (status, answer) = self.exchange(apdu)?;
        let command = "INTERNAL AUTHENTICATE";
        if !status.is_success() {
            return Err(ReadError::Refused { command, ins: ins::INTERNAL_AUTHENTICATE, status });
        }
        let answer = answer.to_vec();
        let mut proves = |security: &CardSecurity| -> Result<bool, ReadError> {
            let irk = security.key("SSSE", KeyId::IRK);
            let expected = module.authentication_data(irk, &process_factor, &original)?;
            Ok(secrets_equal(&expected, &answer))
        };
        if proves(security)? {
            return Ok(*security);
        }
        if factor::is_contactless(self.card.atr()) {
            for other in factor::of_other_makers(security.factor) {
                let security = CardSecurity { factor: other, ..*security };
                if proves(&security)? {
                    return Ok(security);
                }
            }
        }
        Err(ReadError::NotGenuine { keys: module.keys().to_owned() })
    }

    /// EXTERNAL AUTHENTICATE: the terminal proves that it holds a key; the card's status word.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn authenticate(
        &mut self,
        module: &mut dyn SecurityModule,
        security: &CardSecurity,
        application: &str,
        id: KeyId,
    ) -> Result<StatusWord, ReadError> {
        let key = security.key(application, id);
        if !module.has(key) {
            return Ok(StatusWord::REFERENCED_DATA_NOT_FOUND);
        }
        let challenge = Command::GetChallenge { ne: 8 }.apdu();
        let (status, challenge) = self.exchange(challenge)?;
        if !status.is_success() {
            return Ok(status);
        }
        let original = module.random()?;
        let data = match module.authentication_data(key, challenge, &original) {
            Ok(data) => [data, original].concat(),
            // A module in a slot says so only now.
            Err(ModuleError::NoKey { .. }) => return Ok(StatusWord::REFERENCED_DATA_NOT_FOUND),
            Err(other) => return Err(other.into()),
        };
        let apdu = Command::ExternalAuthenticate { key: id.0, data: &data }.apdu();
        Ok(self.exchange(apdu)?.0)
    }

    /// A command under secure messaging with STK: GET CHALLENGE, then the command with its MAC.
    /// `enciphered` is plain text that goes enciphered in front of the MAC.
    ///
    /// # Errors
    /// Why there is no answer; [`ReadError::Module`] when the module has no such key.
    pub fn protected(
        &mut self,
        module: &mut dyn SecurityModule,
        security: &CardSecurity,
        [ins, p1, p2]: [u8; 3],
        enciphered: Option<&[u8]>,
    ) -> Result<StatusWord, ReadError> {
        let stk = security.key("SSSE", KeyId::STK);
        if !module.has(stk) {
            return Err(ModuleError::no_key(stk).into());
        }
        let challenge = Command::GetChallenge { ne: 8 }.apdu();
        let (status, challenge) = self.exchange(challenge)?;
        if !status.is_success() {
            return Ok(status);
        }
        let body = enciphered.map(|plain| module.encipher(stk, challenge, plain)).transpose();
        let body = match body {
            Err(ModuleError::Encipher(error)) => {
                return Err(ReadError::Malformed { what: "command", reason: error.to_string() });
            }
            other => other?.unwrap_or_default(),
        };
        let lc = u8::try_from(body.len().saturating_add(4)).unwrap_or(u8::MAX);
        let mac = module.mac(stk, challenge, &[&[0x84, ins, p1, p2, lc], &body])?;
        let data = [&body[..], &mac].concat();
        let apdu = CommandApdu::new(ClassByte::new(0x84), ins, p1, p2).with_data(&data);
        Ok(self.exchange(apdu)?.0)
    }
}

/// Algorithm and key derivation of a card, out of its ATR, FCI and card identification code. Of a card in the field of
/// a contactless reader the maker is a guess, which [`Environment::check_card`] puts right.
///
/// # Errors
/// [`ReadError::Malformed`], or an algorithm that is not available.
pub fn security(
    atr: &[u8],
    control_information: &[u8],
    code: &[u8],
) -> Result<(Algorithm, CardSecurity), ReadError> {
    let division = division(code)?;
    let algorithm = algorithm(control_information, &division)?;
    let suite = algorithm.suite().ok_or(ReadError::AlgorithmNotAvailable(algorithm))?;
    Ok((algorithm, CardSecurity { suite, division, factor: factor::of_card(atr, code)? }))
}

/// First three bytes of the card identification code as digits.
fn division(code: &[u8]) -> Result<[u8; 6], ReadError> {
    let malformed = || ReadError::Malformed {
        what: "the card identification code",
        reason: "it does not begin with the six digits of a division".to_owned(),
    };
    let bytes = code.first_chunk::<3>().ok_or_else(malformed)?;
    let mut digits = [0; 6];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[b'0' | byte >> 4, b'0' | byte & 0x0F]);
    }
    if digits.iter().all(u8::is_ascii_digit) { Ok(digits) } else { Err(malformed()) }
}

/// The algorithm: template 86 in 9F0C of the FCI; without it SSF33 in Beijing (11), else 3DES.
fn algorithm(control_information: &[u8], division: &[u8; 6]) -> Result<Algorithm, ReadError> {
    let malformed = |reason: String| ReadError::Malformed { what: "the FCI", reason };
    let path = [social::FCI_TEMPLATE, social::PROPRIETARY_TEMPLATE, social::ISSUER_DATA];
    let own =
        padding::find(control_information, &path).map_err(|error| malformed(error.to_string()))?;
    let named = match own {
        Some(own) => padding::find(own, &[social::ALGORITHM_IDENTIFIER])
            .map_err(|error| malformed(error.to_string()))?,
        None => None,
    };
    match named {
        Some(id) => id
            .first()
            .and_then(|id| Algorithm::from_id(*id))
            .ok_or_else(|| malformed("it names no known algorithm".to_owned())),
        None if division.starts_with(b"11") => Ok(Algorithm::Ssf33),
        None => Ok(Algorithm::TripleDes),
    }
}
