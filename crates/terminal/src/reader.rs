//! Reading a social security card: the order of commands that readers in the field use.
//!
//! SELECT the environment → EF05 → INTERNAL AUTHENTICATE → EF06, after EXTERNAL AUTHENTICATE with
//! RK_SSSE where the card demands it → the applications, on request.

use sscard_apdu::atr::Atr;
use sscard_apdu::simple_tlv;
use sscard_apdu::tlv::{self, Tag};
use sscard_apdu::{ClassByte, CommandApdu, ResponseApdu, StatusWord};
use sscard_core::catalogue::{self, APPLICATIONS, Application, FileEntry};
use sscard_core::{AccessRule, KeyId, Structure};
use sscard_crypto::{Algorithm, factor, secrets_equal};
use sscard_host::{Follow, Transport};

use crate::{CardReport, CardSecurity, FileReport, ReadError, Record, SecurityModule};

/// What to read.
#[derive(Clone, Copy, Default)]
pub struct ReadOptions<'a> {
    /// Also the applications DF01…DF07, as far as the module's keys and the PIN open them.
    pub applications: bool,
    /// The PIN, BCD; without it files that demand it stay closed.
    pub pin: Option<&'a [u8]>,
}

/// Reads a card.
///
/// # Errors
/// What kept the environment from being read, by [`ReadError`]. A single file that stays closed is
/// no error: its report says why.
pub fn read_card<T: Transport>(
    card: &mut Follow<T>,
    module: &mut SecurityModule,
    options: ReadOptions<'_>,
) -> Result<CardReport, ReadError> {
    let atr = card.atr().to_vec();
    let mut session = Session { card, response: Vec::new(), command: Vec::new() };
    let (status, control_information) = session.select(&catalogue::SSSE_NAME)?;
    let deactivated = match status {
        StatusWord::SUCCESS => false,
        StatusWord::SELECTED_FILE_DEACTIVATED => true,
        StatusWord::APPLICATION_PERMANENTLY_BLOCKED | StatusWord::FUNCTION_NOT_SUPPORTED => {
            return Err(ReadError::Blocked(status));
        }
        _ => return Err(ReadError::NotSocialSecurityCard(status)),
    };
    let environment = &APPLICATIONS[0];
    let mut files = Vec::new();
    for entry in environment.files.iter().filter(|file| file.fid == 0xEF05) {
        files.push(session.read_file(entry)?);
    }
    let code = files.iter().flat_map(|file| &file.records).find(|record| record.tag == 0x01);
    let division = division(code.map_or(&[], |record| &record.value))?;
    let algorithm = algorithm(&control_information, &division)?;
    let suite = algorithm.suite().ok_or(ReadError::AlgorithmNotAvailable(algorithm))?;
    let security = CardSecurity { suite, division, factor: card_factor(&atr)? };
    session.check_card(module, &security)?;
    let mut report = CardReport { atr, algorithm, deactivated, files };
    if deactivated {
        return Ok(report);
    }
    let mut known = Proved::default();
    for entry in environment.files.iter().filter(|file| file.fid != 0xEF05) {
        let is_holder_data = entry.fid == 0xEF06;
        if is_holder_data || options.applications {
            let file = session.open_and_read(entry, module, &security, options, &mut known)?;
            report.files.push(file);
        }
    }
    if options.applications {
        for application in APPLICATIONS.iter().skip(1) {
            let files =
                session.read_application(application, module, &security, options, &mut known)?;
            report.files.extend(files);
        }
    }
    Ok(report)
}

/// What the terminal has proved to the card so far.
#[derive(Default)]
struct Proved {
    pin: Option<StatusWord>,
    keys: Vec<(&'static str, KeyId, StatusWord)>,
}

struct Session<'c, T> {
    card: &'c mut Follow<T>,
    command: Vec<u8>,
    response: Vec<u8>,
}

impl<T: Transport> Session<'_, T> {
    fn exchange(&mut self, apdu: CommandApdu<'_>) -> Result<(StatusWord, &[u8]), ReadError> {
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

    fn select(&mut self, name: &[u8]) -> Result<(StatusWord, Vec<u8>), ReadError> {
        let apdu =
            CommandApdu::new(ClassByte::new(0), 0xA4, 0x04, 0x00).with_data(name).with_ne(256);
        let (status, data) = self.exchange(apdu)?;
        let (mut status, mut data) = (status, data.to_vec());
        if status == StatusWord::SELECTED_FILE_DEACTIVATED && data.is_empty() {
            // On T=0 the FCI behind a warning waits for GET RESPONSE.
            let fetch = CommandApdu::new(ClassByte::new(0), 0xC0, 0x00, 0x00).with_ne(256);
            let (fetched, waiting) = self.exchange(fetch)?;
            if fetched.is_success() {
                data = waiting.to_vec();
            }
            status = StatusWord::SELECTED_FILE_DEACTIVATED;
        }
        Ok((status, data))
    }

    /// INTERNAL AUTHENTICATE: the card proves that it holds its IRK.
    fn check_card(
        &mut self,
        module: &mut SecurityModule,
        security: &CardSecurity,
    ) -> Result<(), ReadError> {
        let (process_factor, original) = (module.random(), module.random());
        let data = [process_factor, original].concat();
        let apdu =
            CommandApdu::new(ClassByte::new(0), 0x88, 0x00, 0x00).with_data(&data).with_ne(8);
        let (status, answer) = self.exchange(apdu)?;
        let command = "INTERNAL AUTHENTICATE";
        if !status.is_success() {
            return Err(ReadError::Refused { command, ins: 0x88, status });
        }
        let irk = module.key(security, "SSSE", KeyId::IRK).ok_or(ReadError::NotGenuine)?;
        let session = security.suite.session_key(&irk, &process_factor);
        if secrets_equal(&session.authentication_data(&original), answer) {
            Ok(())
        } else {
            Err(ReadError::NotGenuine)
        }
    }

    /// EXTERNAL AUTHENTICATE: the terminal proves that it holds a key.
    fn authenticate(
        &mut self,
        module: &mut SecurityModule,
        security: &CardSecurity,
        application: &str,
        id: KeyId,
    ) -> Result<StatusWord, ReadError> {
        let owner = if id.is_global() { "SSSE" } else { application };
        let Some(key) = module.key(security, owner, id) else {
            return Ok(StatusWord::REFERENCED_DATA_NOT_FOUND);
        };
        let challenge = CommandApdu::new(ClassByte::new(0), 0x84, 0x00, 0x00).with_ne(8);
        let (status, challenge) = self.exchange(challenge)?;
        if !status.is_success() {
            return Ok(status);
        }
        let session = security.suite.session_key(&key, challenge);
        let original = module.random();
        let data = [session.authentication_data(&original), original].concat();
        let apdu = CommandApdu::new(ClassByte::new(0), 0x82, 0x00, id.0).with_data(&data);
        Ok(self.exchange(apdu)?.0)
    }

    fn read_application(
        &mut self,
        application: &'static Application,
        module: &mut SecurityModule,
        security: &CardSecurity,
        options: ReadOptions<'_>,
        known: &mut Proved,
    ) -> Result<Vec<FileReport>, ReadError> {
        let (status, _) = self.select(application.df_name)?;
        if !status.is_success() {
            return Ok(Vec::new());
        }
        let files = application.files.iter();
        files.map(|entry| self.open_and_read(entry, module, security, options, known)).collect()
    }

    /// Proves what the file's rule wants, as far as the terminal can, and reads it.
    fn open_and_read(
        &mut self,
        entry: &'static FileEntry,
        module: &mut SecurityModule,
        security: &CardSecurity,
        options: ReadOptions<'_>,
        known: &mut Proved,
    ) -> Result<FileReport, ReadError> {
        let file = self.read_file(entry)?;
        if file.refused != Some(StatusWord::SECURITY_STATUS_NOT_SATISFIED) {
            return Ok(file);
        }
        let wants_pin = matches!(
            entry.read,
            AccessRule::Pin | AccessRule::PinAndKey(_) | AccessRule::PinOrKey(_)
        );
        if let (true, None, Some(pin)) = (wants_pin, known.pin, options.pin) {
            let apdu = CommandApdu::new(ClassByte::new(0), 0x20, 0x00, 0x00).with_data(pin);
            known.pin = Some(self.exchange(apdu)?.0);
        }
        // A card may guard its holder data although the catalogue's generation does not.
        let key = entry.read.key().unwrap_or(KeyId::RK_SSSE);
        let already = known.keys.iter().any(|(application, id, _)| {
            *id == key && (*application == entry.application || id.is_global())
        });
        if !already {
            let status = self.authenticate(module, security, entry.application, key)?;
            known.keys.push((entry.application, key, status));
        }
        self.read_file(entry)
    }

    fn read_file(&mut self, entry: &'static FileEntry) -> Result<FileReport, ReadError> {
        let mut report =
            FileReport { entry, records: Vec::new(), bytes: Vec::new(), refused: None };
        match entry.structure {
            Structure::Transparent { size } => self.read_bytes(&mut report, usize::from(size))?,
            _ => self.read_records(&mut report)?,
        }
        Ok(report)
    }

    fn read_records(&mut self, report: &mut FileReport) -> Result<(), ReadError> {
        let entry = report.entry;
        let [_, sfi] = entry.fid.to_be_bytes();
        let is_cyclic = matches!(entry.structure, Structure::Cyclic { .. });
        for number in 1..=u8::MAX {
            let apdu = CommandApdu::new(ClassByte::new(0), 0xB2, number, sfi << 3 | 4).with_ne(256);
            let (status, data) = self.exchange(apdu)?;
            match status {
                StatusWord::SUCCESS if is_cyclic => {
                    report.records.push(Record { item: None, tag: 0, value: data.to_vec() });
                }
                StatusWord::SUCCESS => {
                    let record = simple_tlv::SimpleTlv::parse_exact(data).map_err(|error| {
                        ReadError::Malformed { what: "a record", reason: error.to_string() }
                    })?;
                    report.records.push(Record {
                        item: entry.item(record.tag),
                        tag: record.tag,
                        value: record.value.to_vec(),
                    });
                }
                StatusWord::RECORD_NOT_FOUND => return Ok(()),
                refused => {
                    report.refused = Some(refused);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn read_bytes(&mut self, report: &mut FileReport, size: usize) -> Result<(), ReadError> {
        // The first command names the file, the others go on in the current one.
        let [_, sfi] = report.entry.fid.to_be_bytes();
        while report.bytes.len() < size {
            let offset = u16::try_from(report.bytes.len()).unwrap_or(u16::MAX).to_be_bytes();
            let (p1, p2) = if offset == [0, 0] { (0x80 | sfi, 0) } else { (offset[0], offset[1]) };
            let wanted = (size - report.bytes.len()).min(256);
            let apdu = CommandApdu::new(ClassByte::new(0), 0xB0, p1, p2).with_ne(wanted);
            let (status, data) = self.exchange(apdu)?;
            if !status.is_success() || data.is_empty() {
                report.refused = Some(status);
                return Ok(());
            }
            report.bytes.extend_from_slice(data);
        }
        Ok(())
    }
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
        pair.copy_from_slice(&[b'0' + (byte >> 4), b'0' + (byte & 0x0F)]);
    }
    if digits.iter().all(u8::is_ascii_digit) { Ok(digits) } else { Err(malformed()) }
}

/// The algorithm: template 86 in 9F0C of the FCI; without it SSF33 in Beijing (11), else 3DES.
fn algorithm(control_information: &[u8], division: &[u8; 6]) -> Result<Algorithm, ReadError> {
    let malformed = |reason: String| ReadError::Malformed { what: "the FCI", reason };
    let path = [Tag::new(0x6F), Tag::new(0xA5), Tag::new(0x9F0C)];
    let own =
        tlv::find(control_information, &path).map_err(|error| malformed(error.to_string()))?;
    let named = match own {
        Some(own) => {
            tlv::find(own, &[Tag::new(0x86)]).map_err(|error| malformed(error.to_string()))?
        }
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

fn card_factor(atr: &[u8]) -> Result<[u8; 8], ReadError> {
    let malformed = |reason: String| ReadError::Malformed { what: "the ATR", reason };
    let atr = Atr::parse(atr).map_err(|error| malformed(error.to_string()))?;
    factor::card(atr.historical_bytes())
        .ok_or_else(|| malformed("fewer than eight historical bytes".to_owned()))
}
