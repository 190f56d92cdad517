//! Verbs of several commands: they prove a TEST key of the card, or protect a command with one.

use sscard_apdu::simple_tlv::SimpleTlv;
use sscard_apdu::tlv;
use sscard_commands::ins;
use sscard_core::KeyId;
use sscard_core::catalogue::{self, Edition, SSSE_NAME};
use sscard_elements::social;
use sscard_host::Transport;
use sscard_terminal::{CardSecurity, DiversifiedKey, ModuleError, SecurityModule, security};

use super::{Learnt, Runner, Stop};
use crate::ast::Mode;
use crate::eval::{Fault, Latest};
use crate::functions::suite_named;
use crate::report::ScriptPlace;
use crate::value::Arguments;

/// READ RECORD of the card identification code: item 01 of EF05, 18 bytes.
const READ_CODE: [u8; 5] = [0x00, ins::READ_RECORD, 0x01, 0x28, 0x12];
/// Item 03 of EF05: the specification version.
const VERSION: u8 = 0x03;
const GET_CHALLENGE: [u8; 5] = [0x00, ins::GET_CHALLENGE, 0x00, 0x00, 0x08];

impl Learnt {
    /// Remembers what tells how a card's keys are derived: the FCI that names the SSSE, no other,
    /// and the identification code.
    pub(super) fn from(&mut self, command: &[u8], data: &[u8]) {
        let is_selection = matches!(command.get(1).copied(), Some(ins::SELECT | ins::GET_RESPONSE));
        if is_selection
            && let Ok(name) = tlv::find(data, &[social::FCI_TEMPLATE, social::DF_NAME])
            && name == Some(&SSSE_NAME[..])
        {
            self.control_information = data.to_vec();
        }
        if let (Some(ins::READ_RECORD), Ok(record)) =
            (command.get(1).copied(), SimpleTlv::parse_exact(data))
            && record.tag == 0x01
            && record.value.len() == 16
        {
            self.code = record.value.to_vec();
        }
        // EF05 alone has an item 03 of four bytes.
        if let (Some(ins::READ_RECORD), Ok(record)) =
            (command.get(1).copied(), SimpleTlv::parse_exact(data))
            && record.tag == VERSION
            && record.value.len() == 4
        {
            self.version = Some(record.value.to_vec());
        }
    }
}

impl<'p, T: Transport> Runner<'p, '_, T> {
    /// `authenticate key [df] [code] [suite]`
    pub(super) fn authenticate(
        &mut self,
        arguments: &Arguments,
        mode: Mode,
        place: ScriptPlace<'p>,
    ) -> Result<(), Stop> {
        let security = self.security(arguments, [2, 3], mode, place)?;
        let id = arguments.byte(0);
        let key = self.key(&security, arguments.text(1), id, place)?;
        let Some(challenge) = self.challenge(mode, place)? else { return Ok(()) };
        let module = &mut self.session.module;
        let proof = module.random().and_then(|original| {
            Ok([module.authentication_data(key, &challenge, &original)?, original].concat())
        });
        let data = self.or_refused(proof, place)?;
        let command = [&[0x00, ins::EXTERNAL_AUTHENTICATE, 0x00, id, 0x10][..], &data].concat();
        self.send(&command, mode, place)
    }

    /// `protected ins p1 p2 [data] [enc] [cla] [key] [df] [code] [suite]`
    pub(super) fn protected(
        &mut self,
        arguments: &Arguments,
        mode: Mode,
        place: ScriptPlace<'p>,
    ) -> Result<(), Stop> {
        let security = self.security(arguments, [8, 9], mode, place)?;
        let key = self.key(&security, arguments.text(7), arguments.byte(6), place)?;
        let Some(challenge) = self.challenge(mode, place)? else { return Ok(()) };
        let mut body = arguments.bytes(3).to_vec();
        if arguments.has(4) {
            let enciphered = self.session.module.encipher(key, &challenge, arguments.bytes(4));
            body.extend(self.or_refused(enciphered, place)?);
        }
        let lc = u8::try_from(body.len().saturating_add(4));
        let lc = self.or_fault(lc.map_err(|_| "more than 251 bytes of data".to_owned()), place)?;
        let header =
            [arguments.byte(5), arguments.byte(0), arguments.byte(1), arguments.byte(2), lc];
        let mac = self.session.module.mac(key, &challenge, &[&header, &body]);
        let mac = self.or_refused(mac, place)?;
        self.send(&[&header[..], &body, &mac].concat(), mode, place)
    }

    /// `write_item df ef tag value [version]`
    pub(super) fn write_item(
        &mut self,
        arguments: &Arguments,
        mode: Mode,
        place: ScriptPlace<'p>,
    ) -> Result<(), Stop> {
        let version = match (arguments.has(4), &self.session.learnt.version) {
            (true, _) => arguments.text(4).as_bytes().to_vec(),
            (false, Some(version)) => version.clone(),
            (false, None) => {
                let message = "the card's version is not known: read record 03 of EF05 first, or say version=\"1.00\"";
                return self.or_fault(Err(message.to_owned()), place);
            }
        };
        let (df, ef, tag) = (arguments.text(0), arguments.bytes(1), arguments.byte(2));
        let path = format!("{df}/{}", sscard_apdu::hex::encode(ef));
        let stored = match catalogue::file(&path) {
            None => Err(format!("the norms have no file {path}")),
            Some(file) if file.item(tag).is_none() => {
                Err(format!("the norms have no item {tag:02X} in {path}"))
            }
            Some(file) => {
                let stored = Edition::of(&version).stored(file, tag, arguments.bytes(3));
                stored.ok_or_else(|| {
                    "the value is longer than the item of a card of this version".to_owned()
                })
            }
        };
        let stored = self.or_fault(stored, place)?;
        let length = u8::try_from(stored.len().saturating_add(2));
        let length = length.map_err(|_| "an item has at most 253 bytes".to_owned());
        let length = self.or_fault(length, place)?;
        let sfi = ef.last().map_or(0, |low| low << 3);
        let record = [&[tag, length.saturating_sub(2)][..], &stored].concat();
        let header = [0x00, ins::UPDATE_RECORD, tag, sfi, length];
        self.send(&[&header[..], &record].concat(), mode, place)
    }

    /// GET CHALLENGE; nothing when the card refuses it: its answer is the verb's then.
    fn challenge(&mut self, mode: Mode, place: ScriptPlace<'p>) -> Result<Option<Vec<u8>>, Stop> {
        self.send(&GET_CHALLENGE, mode, place)?;
        Ok(match &self.session.scope.latest {
            Latest::Now(challenge, 0x9000) => Some(challenge.clone()),
            _ => None,
        })
    }

    fn security(
        &mut self,
        arguments: &Arguments,
        [code, suite]: [usize; 2],
        mode: Mode,
        place: ScriptPlace<'p>,
    ) -> Result<CardSecurity, Stop> {
        let given = arguments.bytes(code).to_vec();
        if given.is_empty() && self.session.learnt.code.is_empty() {
            self.send(&READ_CODE, mode, place)?;
        }
        let code = if given.is_empty() { &self.session.learnt.code } else { &given };
        if code.is_empty() {
            let message =
                "the card identification code is not known: select SSSE first, or say code=…";
            self.or_fault::<()>(Err(message.to_owned()), place)?;
        }
        if !arguments.has(suite) && self.session.learnt.control_information.is_empty() {
            // Guessing costs a try.
            let message = "the algorithm is not known: the answer of SELECT SSSE was not seen; fetch it with \
                           get_response, or say suite=…";
            self.or_fault::<()>(Err(message.to_owned()), place)?;
        }
        let code = if given.is_empty() { &self.session.learnt.code } else { &given };
        let found =
            security(&self.session.context.atr, &self.session.learnt.control_information, code);
        let (_, mut security) = self.or_fault(found.map_err(|error| error.to_string()), place)?;
        if arguments.has(suite) {
            security.suite = suite_named(arguments.text(suite));
        }
        Ok(security)
    }

    fn key<'c>(
        &mut self,
        security: &'c CardSecurity,
        owner: &'c str,
        id: u8,
        place: ScriptPlace<'p>,
    ) -> Result<DiversifiedKey<'c>, Stop> {
        let key = security.key(owner, KeyId(id));
        if self.session.module.has(key) {
            return Ok(key);
        }
        self.or_fault(Err(format!("{} has no key {id:02X}", key.application)), place)
    }

    fn or_refused<V>(
        &mut self,
        value: Result<V, ModuleError>,
        place: ScriptPlace<'p>,
    ) -> Result<V, Stop> {
        self.or_fault(value.map_err(|error| error.to_string()), place)
    }

    fn or_fault<V>(&mut self, value: Result<V, String>, place: ScriptPlace<'p>) -> Result<V, Stop> {
        self.or_failed(value.map_err(|message| Fault::new(place.span, message)), place.source)
    }
}
