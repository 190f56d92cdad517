//! A card that is spoken to: which one it is, its files, its rights.
//!
//! What enters: a powered card. What leaves: items as bytes, or a [`DriverError`] with the card's own answer in it.

use sscard_apdu::{Atr, StatusWord, hex};
use sscard_commands::Command;
use sscard_core::catalogue::{self, Edition, FileEntry};
use sscard_core::{AccessRule, KeyId, Structure};
use sscard_crypto::Algorithm;
use sscard_host::Transport;
use sscard_terminal::{CardSecurity, Environment, ReadError, SecurityModule, security};

use crate::address::{FileAddress, FilePart};
use crate::code::{DriverCode, DriverError, expect};
use crate::slots::{Chip, Link};
use crate::text;
use crate::value;

const ENVIRONMENT: &str = "SSSE";
/// Items of EF05.
const CODE: u8 = 0x01;
const VERSION: u8 = 0x03;
const NUMBER: u8 = 0x07;
/// Bytes in one command for a transparent file.
const PIECE: usize = 0xF0;

/// Which card it is, as everybody may read it.
pub(crate) struct Known {
    /// Card identification code.
    pub(crate) code: Vec<u8>,
    /// Card number, at most 9 characters.
    pub(crate) number: String,
    pub(crate) version: String,
    pub(crate) edition: Edition,
    pub(crate) algorithm: Algorithm,
    security: Option<CardSecurity>,
}

/// A card in use.
pub(crate) struct Session {
    pub(crate) chip: Chip,
    pub(crate) known: Known,
    /// The application that is selected.
    current: &'static str,
}

/// What opens a file for reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Rights {
    pub(crate) pin: bool,
    pub(crate) key: Option<KeyId>,
}

impl Session {
    /// Selects the environment and reads which card it is; the card comes back when it is none.
    pub(crate) fn open(mut chip: Chip) -> Result<Self, Box<(Chip, DriverError)>> {
        match look(&mut chip) {
            Ok(known) => Ok(Self { chip, known, current: ENVIRONMENT }),
            Err(error) => Err(Box::new((chip, error))),
        }
    }

    fn environment(&mut self) -> Environment<'_, Link> {
        Environment::new(&mut self.chip)
    }

    /// What its keys are derived with.
    pub(crate) fn security(&self) -> Result<CardSecurity, DriverError> {
        self.known
            .security
            .ok_or_else(|| ReadError::AlgorithmNotAvailable(self.known.algorithm).into())
    }

    /// Historical bytes in hexadecimal.
    pub(crate) fn historical(&self) -> String {
        Atr::parse(self.chip.atr())
            .map(|atr| hex::encode(atr.historical_bytes()))
            .unwrap_or_default()
    }

    /// The code's six digits of the division.
    pub(crate) fn division(&self) -> String {
        hex::encode(self.known.code.get(..3).unwrap_or_default())
    }

    /// Whether the caller means this card: `code|number|`.
    pub(crate) fn check(&self, card_info: &str) -> Result<(), DriverError> {
        let [code, number] = text::fields(card_info)[..] else {
            let detail =
                "pCardInfo is the card identification code and the card number: code|number|";
            return Err(DriverError::new(DriverCode::Unlawful, detail));
        };
        let code = text::hexadecimal(code).ok().filter(|code| code.len() == 16);
        let code = code.ok_or_else(|| {
            let detail = "a card identification code has 32 hexadecimal digits";
            DriverError::new(DriverCode::CodeFormat, detail)
        })?;
        if code == self.known.code && number == self.known.number {
            Ok(())
        } else {
            Err(DriverError::new(DriverCode::OtherCard, "another card is in the reader"))
        }
    }

    /// INTERNAL AUTHENTICATE by the module: the card is one of this city's.
    pub(crate) fn prove(&mut self, module: &mut dyn SecurityModule) -> Result<(), DriverError> {
        let security = self.security()?;
        self.select(ENVIRONMENT)?;
        let proved = self.environment().check_card(module, &security)?;
        self.known.security = Some(proved);
        Ok(())
    }

    /// EXTERNAL AUTHENTICATE by the module.
    pub(crate) fn authenticate(
        &mut self,
        module: &mut dyn SecurityModule,
        application: &'static str,
        key: KeyId,
    ) -> Result<(), DriverError> {
        let security = self.security()?;
        if !module.has(security.key(application, key)) {
            return Err(sscard_terminal::ModuleError::no_key(security.key(application, key)).into());
        }
        self.select(application)?;
        let status = self.environment().authenticate(module, &security, application, key)?;
        if status == StatusWord::REFERENCED_DATA_NOT_FOUND {
            return Err(sscard_terminal::ModuleError::no_key(security.key(application, key)).into());
        }
        expect("EXTERNAL AUTHENTICATE", status)
    }

    /// A command under secure messaging with STK by the module.
    pub(crate) fn protected(
        &mut self,
        module: &mut dyn SecurityModule,
        header: [u8; 3],
        plain: Option<&[u8]>,
    ) -> Result<(), DriverError> {
        let security = self.security()?;
        let status = self.environment().protected(module, &security, header, plain)?;
        expect("PIN UNBLOCK", status)
    }

    /// EXTERNAL AUTHENTICATE with data that was made elsewhere: authentication data ‖ original.
    pub(crate) fn present(
        &mut self,
        application: &'static str,
        key: KeyId,
        data: &[u8],
    ) -> Result<(), DriverError> {
        self.select(application)?;
        let (status, _) = self.send(&Command::ExternalAuthenticate { key: key.0, data })?;
        expect("EXTERNAL AUTHENTICATE", status)
    }

    /// Eight bytes of GET CHALLENGE in an application.
    pub(crate) fn challenge(&mut self, application: &'static str) -> Result<[u8; 8], DriverError> {
        self.select(application)?;
        let (status, data) = self.send(&Command::GetChallenge { ne: 8 })?;
        expect("GET CHALLENGE", status)?;
        data.as_slice().try_into().map_err(|_| short("GET CHALLENGE"))
    }

    /// INTERNAL AUTHENTICATE: what the card makes of factor and original.
    pub(crate) fn proof(
        &mut self,
        factor: &[u8; 8],
        original: &[u8; 8],
    ) -> Result<[u8; 8], DriverError> {
        let data = [*factor, *original].concat();
        let (status, answer) =
            self.send(&Command::InternalAuthenticate { key: 0, data: &data, ne: 8 })?;
        expect("INTERNAL AUTHENTICATE", status)?;
        answer.as_slice().try_into().map_err(|_| short("INTERNAL AUTHENTICATE"))
    }

    /// VERIFY.
    pub(crate) fn verify(&mut self, pin: &[u8]) -> Result<(), DriverError> {
        let (status, _) = self.send(&Command::Verify { reference: 0, pin })?;
        if status.is_success() { Ok(()) } else { Err(DriverError::of_pin(status)) }
    }

    /// SELECT of an application; what its own keys proved is gone when it is another.
    pub(crate) fn select(&mut self, application: &'static str) -> Result<(), DriverError> {
        if self.current == application {
            return Ok(());
        }
        let entry = catalogue::applications().find(|entry| entry.name == application);
        let name = entry.map(|entry| entry.df_name).unwrap_or_default();
        let (status, _) = self.environment().select(name)?;
        expect("SELECT", status)?;
        self.current = application;
        Ok(())
    }

    pub(crate) fn send(
        &mut self,
        command: &Command<'_>,
    ) -> Result<(StatusWord, Vec<u8>), DriverError> {
        let mut environment = self.environment();
        let (status, data) = environment.exchange(command.apdu())?;
        Ok((status, data.to_vec()))
    }

    /// What a file wants of its reader: nothing where it opens by itself.
    pub(crate) fn wants(
        &mut self,
        file: &FileAddress,
        by_pin: bool,
    ) -> Result<Option<Rights>, DriverError> {
        match self.first(file) {
            Err(DriverError {
                code: DriverCode::Refused(StatusWord::SECURITY_STATUS_NOT_SATISFIED),
                ..
            }) => {}
            other => return other.map(|_| None),
        }
        Ok(Some(match file.entry.read {
            AccessRule::Pin => Rights { pin: true, key: None },
            AccessRule::Key(key) => Rights { pin: false, key: Some(key) },
            AccessRule::PinAndKey(key) => Rights { pin: true, key: Some(key) },
            AccessRule::PinOrKey(_) if by_pin => Rights { pin: true, key: None },
            AccessRule::PinOrKey(key) => Rights { pin: false, key: Some(key) },
            // A card may guard its holder's data although the catalogue's generation does not.
            AccessRule::Free | AccessRule::Never => {
                Rights { pin: false, key: Some(KeyId::RK_SSSE) }
            }
        }))
    }

    /// The first thing that is wanted of a file.
    fn first(&mut self, file: &FileAddress) -> Result<(), DriverError> {
        match &file.part {
            FilePart::Items(items) => {
                let (tag, which) = items.first().copied().unwrap_or((0, 1));
                self.item(file.entry, tag, which).map(drop)
            }
            FilePart::Record(number) => self.record(file.entry, *number).map(drop),
            FilePart::Whole => self.bytes(file.entry, 1).map(drop),
        }
    }

    /// A file's answer in the form of its address, values in the place of identifiers.
    pub(crate) fn read(&mut self, file: &FileAddress) -> Result<String, DriverError> {
        let name = &file.name;
        match &file.part {
            FilePart::Items(items) => {
                let mut answer = format!("{name}|");
                for (tag, which) in items {
                    let value = self.item(file.entry, *tag, *which)?;
                    let meaning = self.known.edition.meaning(file.entry, *tag, &value);
                    let shown = meaning.map(|(item, value)| value::shown(item, value));
                    answer.push_str(&shown.unwrap_or_else(|| hex::encode(&value)));
                    answer.push('|');
                }
                answer.push('$');
                Ok(answer)
            }
            FilePart::Record(number) => {
                let record = self.record(file.entry, *number)?;
                Ok(format!("{name}:{}$", value::record_shown(file.entry, &record)))
            }
            FilePart::Whole => {
                let Structure::Transparent { size } = file.entry.structure else {
                    return Err(short("READ BINARY"));
                };
                let bytes = self.bytes(file.entry, size.into())?;
                Ok(format!("{name}|{}|$", hex::encode(&bytes)))
            }
        }
    }

    /// An item's value.
    pub(crate) fn item(
        &mut self,
        entry: &FileEntry,
        tag: u8,
        which: u8,
    ) -> Result<Vec<u8>, DriverError> {
        self.select(entry.application)?;
        let mut mode = 0;
        for _ in 1..which {
            self.raw_record(entry, tag, mode)?;
            mode = 2;
        }
        let record = self.raw_record(entry, tag, mode)?;
        match sscard_apdu::simple_tlv::SimpleTlv::parse_exact(&record) {
            Ok(object) => Ok(object.value.to_vec()),
            Err(_) => Err(short("READ RECORD")),
        }
    }

    /// One record of a cyclic file.
    pub(crate) fn record(&mut self, entry: &FileEntry, number: u8) -> Result<Vec<u8>, DriverError> {
        self.select(entry.application)?;
        self.raw_record(entry, number, 4)
    }

    fn raw_record(&mut self, entry: &FileEntry, p1: u8, mode: u8) -> Result<Vec<u8>, DriverError> {
        let (status, record) =
            self.send(&Command::ReadRecord { p1, p2: sfi(entry) << 3 | mode, ne: 256 })?;
        expect("READ RECORD", status)?;
        Ok(record)
    }

    fn bytes(&mut self, entry: &FileEntry, size: usize) -> Result<Vec<u8>, DriverError> {
        self.select(entry.application)?;
        let mut bytes = Vec::with_capacity(size);
        while bytes.len() < size {
            let ne = size.saturating_sub(bytes.len()).min(PIECE);
            let [p1, p2] = offset(entry, bytes.len());
            let (status, piece) = self.send(&Command::ReadBinary { p1, p2, ne })?;
            expect("READ BINARY", status)?;
            if piece.is_empty() {
                return Err(short("READ BINARY"));
            }
            bytes.extend(piece);
        }
        Ok(bytes)
    }

    /// Writes what was prepared for a file.
    pub(crate) fn write(
        &mut self,
        file: &FileAddress,
        values: &[Vec<u8>],
    ) -> Result<(), DriverError> {
        let entry = file.entry;
        self.select(entry.application)?;
        match &file.part {
            FilePart::Items(items) => {
                for ((tag, which), value) in items.iter().zip(values) {
                    let length = u8::try_from(value.len()).unwrap_or(u8::MAX);
                    let record = [&[*tag, length][..], value].concat();
                    // The first one by its identifier, others by their place in the catalogue.
                    let (p1, mode) =
                        if *which == 1 { (*tag, 0) } else { (place(entry, *tag, *which), 4) };
                    self.update(entry, [p1, mode], &record)?;
                }
                Ok(())
            }
            FilePart::Record(number) => {
                let record = values.first().map(Vec::as_slice).unwrap_or_default();
                // The next record of a cyclic file comes before the latest.
                let place = if *number == 1 { [0, 3] } else { [*number, 4] };
                self.update(entry, place, record)
            }
            FilePart::Whole => {
                let bytes = values.first().map(Vec::as_slice).unwrap_or_default();
                for (number, data) in bytes.chunks(PIECE).enumerate() {
                    let [p1, p2] = offset(entry, number.saturating_mul(PIECE));
                    let command = Command::UpdateBinary { protected: false, p1, p2, data };
                    expect("UPDATE BINARY", self.send(&command)?.0)?;
                }
                Ok(())
            }
        }
    }

    fn update(
        &mut self,
        entry: &FileEntry,
        [p1, mode]: [u8; 2],
        data: &[u8],
    ) -> Result<(), DriverError> {
        let p2 = sfi(entry) << 3 | mode;
        let command = Command::UpdateRecord { protected: false, p1, p2, data };
        expect("UPDATE RECORD", self.send(&command)?.0)
    }
}

/// What a command answered does not have its form.
pub(crate) fn short(command: &str) -> DriverError {
    DriverError::new(
        DriverCode::Checksum,
        format!("what {command} answered does not have its form"),
    )
}

const fn sfi(entry: &FileEntry) -> u8 {
    let [_, low] = entry.fid.to_be_bytes();
    low
}

/// P1 and P2 of a place in a transparent file: the first command names the file.
fn offset(entry: &FileEntry, at: usize) -> [u8; 2] {
    if at == 0 {
        return [0x80 | sfi(entry), 0];
    }
    u16::try_from(at).unwrap_or(u16::MAX).to_be_bytes()
}

/// The number of a record by the catalogue's order.
fn place(entry: &FileEntry, tag: u8, which: u8) -> u8 {
    let before = entry.items.iter().take_while(|item| item.tag != tag);
    before.fold(which, |place, item| place.saturating_add(item.count))
}

fn look(chip: &mut Chip) -> Result<Known, DriverError> {
    let atr = chip.atr().to_vec();
    let mut environment = Environment::new(chip);
    let (status, control_information) = environment.select(&catalogue::SSSE_NAME)?;
    match status {
        StatusWord::SUCCESS | StatusWord::SELECTED_FILE_DEACTIVATED => {}
        StatusWord::APPLICATION_PERMANENTLY_BLOCKED | StatusWord::FUNCTION_NOT_SUPPORTED => {
            return Err(ReadError::Blocked(status).into());
        }
        _ => return Err(ReadError::NotSocialSecurityCard(status).into()),
    }
    let mut item = |tag: u8| -> Result<Vec<u8>, DriverError> {
        let command = Command::ReadRecord { p1: tag, p2: 0x05 << 3, ne: 256 };
        let (status, record) = environment.exchange(command.apdu())?;
        if status == StatusWord::FILE_NOT_FOUND {
            // What has the environment's name and no EF05 is a terminal's module.
            return Err(ReadError::NotSocialSecurityCard(status).into());
        }
        expect("READ RECORD of EF05", status)?;
        Ok(record.get(2..).unwrap_or_default().to_vec())
    };
    let code = item(CODE)?;
    let version = item(VERSION)?;
    let number = text::of_card(&item(NUMBER)?).chars().take(9).collect();
    let (algorithm, security) = match security(&atr, &control_information, &code) {
        Ok((algorithm, security)) => (algorithm, Some(security)),
        Err(ReadError::AlgorithmNotAvailable(algorithm)) => (algorithm, None),
        Err(error) => return Err(error.into()),
    };
    let edition = Edition::of(&version);
    let version = text::of_card(&version);
    Ok(Known { code, number, version, edition, algorithm, security })
}
