//! Reading a social security card: the order of commands that readers in the field use.
//!
//! SELECT the environment → EF05 → INTERNAL AUTHENTICATE → VERIFY, when there is a PIN → EF06, after
//! EXTERNAL AUTHENTICATE with RK_SSSE where the card demands it → the applications, on request.

mod regional;

use sscard_apdu::StatusWord;
use sscard_apdu::simple_tlv;
use sscard_commands::{Command, ins};
use sscard_core::catalogue::{
    APPLICATIONS, ApplicationEntry, Edition, FileEntry, REGIONAL_FILES, applications,
};
use sscard_core::{KeyId, Structure};
use sscard_host::{Follow, Transport};

use crate::atr;
use crate::environment::{Environment, Selected, security};
use crate::{CardReport, CardSecurity, FileReport, ReadError, Record, SecurityModule};

/// What to read.
#[derive(Clone, Copy, Default)]
pub struct ReadOptions<'a> {
    /// Also the applications DF01…DF07 and what cities add, whether the catalogue knows it or not, as far as the module's
    /// keys and the PIN open them.
    pub applications: bool,
    /// The PIN, BCD, which is presented once, before the files; without it files that demand it stay
    /// closed.
    pub pin: Option<&'a [u8]>,
}

/// Reads a card.
///
/// # Errors
/// What kept the environment from being read, by [`ReadError`]. A single file that stays closed is
/// no error: its report says why.
pub fn read_card<T: Transport>(
    card: &mut Follow<T>,
    module: &mut dyn SecurityModule,
    options: ReadOptions<'_>,
) -> Result<CardReport, ReadError> {
    atr::check(card)?;
    let atr = card.atr().to_vec();
    let mut session = Environment::new(card);
    let Selected { deactivated, control_information } = session.open()?;
    let environment = &APPLICATIONS[0];
    let mut files = Vec::new();
    for entry in environment.files.iter().filter(|file| file.fid == 0xEF05) {
        files.push(session.read_file(entry)?);
    }
    // What has no EF05 has the environment's name and is no card: a terminal's module is such.
    let refused = files.iter().find(|file| file.records.is_empty()).and_then(|file| file.refused);
    if let Some(status) = refused {
        let command = "READ RECORD of EF05";
        return Err(ReadError::Refused { command, ins: ins::READ_RECORD, status });
    }
    let code = files.iter().flat_map(|file| &file.records).find(|record| record.tag == 0x01);
    let code = code.map_or(&[][..], |record| &record.value);
    let (algorithm, security) = security(&atr, &control_information, code)?;
    let security = session.check_card(module, &security)?;
    let pin = options.pin.map(|pin| session.verify(pin)).transpose()?;
    let mut report = CardReport { atr, algorithm, deactivated, pin, files };
    if deactivated {
        return Ok(report);
    }
    let mut known = Proved::new();
    for entry in environment.files.iter().filter(|file| file.fid != 0xEF05) {
        let is_holder_data = entry.fid == 0xEF06;
        if is_holder_data || options.applications {
            let file = session.open_and_read(entry, module, &security, &mut known)?;
            report.files.push(file);
        }
    }
    if options.applications {
        for entry in REGIONAL_FILES.iter().filter(|file| file.application == environment.name) {
            let file = session.open_and_read(entry, module, &security, &mut known)?;
            // Most cards have none.
            report.files.extend(Some(file).filter(|file| !file.is_missing()));
        }
        let listed = session.directory_list()?;
        report.files.extend(session.read_other_files(
            environment,
            module,
            &security,
            &mut known,
        )?);
        for application in applications().skip(1) {
            let files = session.read_application(application, module, &security, &mut known)?;
            report.files.extend(files);
        }
        let own = session.read_other_applications(module, &security, &mut known, &listed)?;
        report.files.extend(own);
    }
    Ok(report)
}

/// How many tries the holder's PIN has left, by VERIFY without data, which uses none: `63Cx`; `9000`
/// where no PIN is set, or it was verified; `6983` on some cards when it is locked.
///
/// # Errors
/// Why there is no answer.
pub fn pin_state<T: Transport>(card: &mut Follow<T>) -> Result<StatusWord, ReadError> {
    Environment::new(card).verify(&[])
}

/// Record identifier of the specification version.
const VERSION: u8 = 0x03;

/// The keys that the terminal tried to prove so far, and of which application.
type Proved = Vec<(String, KeyId)>;
type Files = Vec<FileReport>;

/// Which file it is.
struct Place {
    application: String,
    label: Option<String>,
    fid: u16,
    entry: Option<&'static FileEntry>,
}

impl Place {
    fn of(entry: &'static FileEntry) -> Self {
        let application = entry.application.to_owned();
        Self { application, label: None, fid: entry.fid, entry: Some(entry) }
    }

    /// A report on it, still empty.
    fn report(&self) -> FileReport {
        FileReport {
            application: self.application.clone(),
            label: self.label.clone(),
            fid: self.fid,
            entry: self.entry,
            records: Vec::new(),
            bytes: Vec::new(),
            refused: None,
            with_key: false,
        }
    }
}

impl<T: Transport> Environment<'_, T> {
    fn read_application(
        &mut self,
        application: &'static ApplicationEntry,
        module: &mut dyn SecurityModule,
        security: &CardSecurity,
        known: &mut Proved,
    ) -> Result<Vec<FileReport>, ReadError> {
        let (status, _) = self.select(application.df_name)?;
        if !status.is_success() {
            return Ok(Vec::new());
        }
        let files = application.files.iter();
        let files = files.map(|entry| self.open_and_read(entry, module, security, known));
        let mut files = files.collect::<Result<Vec<_>, _>>()?;
        files.extend(self.read_other_files(application, module, security, known)?);
        Ok(files)
    }

    /// VERIFY: presents the PIN, or asks for its tries without data.
    fn verify(&mut self, pin: &[u8]) -> Result<StatusWord, ReadError> {
        let apdu = Command::Verify { reference: 0, pin }.apdu();
        Ok(self.exchange(apdu)?.0)
    }

    /// Proves the key that the file's rule wants, as far as the terminal can, and reads it.
    fn open_and_read(
        &mut self,
        entry: &'static FileEntry,
        module: &mut dyn SecurityModule,
        security: &CardSecurity,
        known: &mut Proved,
    ) -> Result<FileReport, ReadError> {
        let file = self.read_file(entry)?;
        if file.refused != Some(StatusWord::SECURITY_STATUS_NOT_SATISFIED) {
            return Ok(file);
        }
        // A card may guard its holder data although the catalogue's generation does not.
        let key = entry.read.key().unwrap_or(KeyId::RK_SSSE);
        let already = known.iter().any(|(application, id)| {
            *id == key && (application == entry.application || id.is_global())
        });
        if !already {
            self.authenticate(module, security, entry.application, key)?;
            known.push((entry.application.to_owned(), key));
        }
        Ok(FileReport { with_key: true, ..self.read_file(entry)? })
    }

    fn read_file(&mut self, entry: &'static FileEntry) -> Result<FileReport, ReadError> {
        let mut report = Place::of(entry).report();
        match entry.structure {
            Structure::Transparent { size } => {
                self.read_bytes(&mut report, Some(usize::from(size)))?;
            }
            _ => self.read_records(&mut report)?,
        }
        Ok(report)
    }

    fn read_records(&mut self, report: &mut FileReport) -> Result<(), ReadError> {
        let entry = report.entry;
        let [_, sfi] = report.fid.to_be_bytes();
        let is_cyclic =
            entry.is_some_and(|entry| matches!(entry.structure, Structure::Cyclic { .. }));
        let edition = self.edition;
        for number in 1..=u8::MAX {
            let apdu = Command::ReadRecord { p1: number, p2: sfi << 3 | 4, ne: 256 }.apdu();
            let (status, data) = self.exchange(apdu)?;
            match status {
                StatusWord::SUCCESS if is_cyclic => {
                    report.records.push(Record { item: None, tag: 0, value: data.to_vec() });
                }
                StatusWord::SUCCESS => {
                    let record = match (simple_tlv::SimpleTlv::parse_exact(data), entry) {
                        (Ok(record), _) => record,
                        // Of a file that nobody knows it may be a record without tag.
                        (Err(_), None) => {
                            report.records.push(Record {
                                item: None,
                                tag: 0,
                                value: data.to_vec(),
                            });
                            continue;
                        }
                        (Err(error), Some(_)) => {
                            let reason = error.to_string();
                            return Err(ReadError::Malformed { what: "a record", reason });
                        }
                    };
                    let meaning =
                        entry.and_then(|entry| edition.meaning(entry, record.tag, record.value));
                    report.records.push(Record {
                        item: meaning.map(|(item, _)| item),
                        tag: record.tag,
                        value: meaning.map_or(record.value, |(_, value)| value).to_vec(),
                    });
                    if record.tag == VERSION && entry.is_some_and(|entry| entry.is_at("SSSE/EF05"))
                    {
                        self.edition = Edition::of(record.value);
                    }
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

    /// Bytes of a transparent file: so many, or all of it where nobody knows how many there are.
    fn read_bytes(
        &mut self,
        report: &mut FileReport,
        size: Option<usize>,
    ) -> Result<(), ReadError> {
        // The first command names the file, the others go on in the current one.
        let [_, sfi] = report.fid.to_be_bytes();
        while size.is_none_or(|size| report.bytes.len() < size) {
            let offset = u16::try_from(report.bytes.len()).unwrap_or(u16::MAX).to_be_bytes();
            let (p1, p2) = if offset == [0, 0] { (0x80 | sfi, 0) } else { (offset[0], offset[1]) };
            let wanted = size.map_or(256, |size| size.saturating_sub(report.bytes.len()).min(256));
            let apdu = Command::ReadBinary { p1, p2, ne: wanted }.apdu();
            let (status, data) = self.exchange(apdu)?;
            let is_end = size.is_none() && !report.bytes.is_empty() && !status.is_success();
            if is_end || offset[0] & 0x80 != 0 {
                return Ok(());
            }
            let is_short = size.is_none() && data.len() < wanted;
            let gives =
                status.is_success() || size.is_none() && status == StatusWord::END_OF_FILE_REACHED;
            if !gives || data.is_empty() {
                report.refused = Some(status);
                return Ok(());
            }
            report.bytes.extend_from_slice(data);
            if is_short {
                return Ok(());
            }
        }
        Ok(())
    }
}
