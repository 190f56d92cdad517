//! What is selected on one channel, and what its bytes mean there.

use sscard_apdu::tlv::Tag;
use sscard_apdu::{CommandApdu, FileId, SecureMessaging, Sfi, StatusWord};
use sscard_commands::ins;
use sscard_core::catalogue::{self, Edition, FileEntry, applications};
use sscard_elements::tag;

use super::Place;
use crate::financial::Node;
use crate::{Meaning, Vocabulary, fields, financial, pki, social};

/// Lists and locators of the card that later commands and answers are read by.
const REMEMBERED: [Tag; 6] = [
    tag::PDOL,
    tag::CDOL1,
    tag::CDOL2,
    tag::DDOL,
    tag::TRANSACTION_LOG_ENTRY,
    tag::TRANSACTION_LOG_FORMAT,
];

#[derive(Clone, Debug, Default)]
pub(super) struct Channel {
    pub(super) application: Vocabulary,
    directory: Directory,
    pub(super) file: Option<u16>,
    lists: Vec<(Tag, Vec<u8>)>,
    /// The command whose answer GET RESPONSE fetches.
    pub(super) waiting: Option<Vec<u8>>,
    cryptograms: u8,
}

/// Which directory is selected.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
enum Directory {
    /// Nothing was selected yet.
    #[default]
    Unknown,
    MasterFile,
    Social(&'static catalogue::ApplicationEntry),
    /// By name, known or not.
    Named(Vec<u8>),
    /// By an identifier that is not in the catalogue.
    Numbered(u16),
}

impl Channel {
    /// Takes note of a SELECT that succeeded; whether this is one.
    pub(super) fn select(
        &mut self,
        original: &CommandApdu<'_>,
        command: &[u8],
        status: Option<StatusWord>,
    ) -> bool {
        if original.class.base() != 0x00 || original.ins != ins::SELECT {
            return false;
        }
        let done = status.is_some_and(|status| {
            status.is_success() || status.value() == 0x6283 || status.bytes_available().is_some()
        });
        // GET RESPONSE selects nothing anew.
        if !done || command.get(1) != Some(&ins::SELECT) {
            return done;
        }
        let before = self.application;
        self.application = self.application.after(command, status);
        let directory = match (original.p1, original.data) {
            (0x04, name) => {
                let known = applications().find(|known| known.df_name == name);
                Some(known.map_or_else(|| Directory::Named(name.to_vec()), Directory::Social))
            }
            (_, []) | (_, [0x3F, 0x00]) => Some(Directory::MasterFile),
            (_, &[high, low]) => {
                let fid = u16::from_be_bytes([high, low]);
                let here = self.application == Vocabulary::Pki;
                match applications().find(|known| known.fid == fid) {
                    _ if here && fid == pki::IDENTIFIER => {
                        Some(Directory::Named(pki::APPLICATION.to_vec()))
                    }
                    Some(known) => Some(Directory::Social(known)),
                    None if matches!(high, 0xDF | 0xDD) => Some(Directory::Numbered(fid)),
                    None => {
                        self.file = Some(fid);
                        None
                    }
                }
            }
            _ => Some(Directory::Unknown),
        };
        if let Some(directory) = directory {
            if directory != self.directory || before != self.application {
                self.lists.clear();
            }
            self.directory = directory;
            self.file = None;
            self.cryptograms = 0;
        }
        true
    }

    /// The short identifier of the file that a command addresses, or the current one's number.
    pub(super) fn number(&self, apdu: &CommandApdu<'_>) -> Option<u16> {
        let short = match apdu.ins {
            ins::READ_RECORD | ins::UPDATE_RECORD => Sfi::from_record_p2(apdu.p2),
            ins::READ_BINARY | ins::UPDATE_BINARY => Sfi::from_binary_p1(apdu.p1),
            _ => None,
        };
        // A file that is read by its short identifier becomes the current one.
        short.map(|sfi| u16::from(sfi.number())).or(self.file)
    }

    pub(super) fn entry(&self, apdu: &CommandApdu<'_>) -> Option<&'static FileEntry> {
        let Directory::Social(application) = self.directory else { return None };
        // The low byte of a file identifier is the short identifier.
        let number = self.number(apdu)? & 0xFF;
        catalogue::files_of(application).find(|file| file.fid & 0xFF == number)
    }

    /// The name of the file that a command addresses.
    fn name(&self, apdu: &CommandApdu<'_>) -> Option<Meaning> {
        if self.application == Vocabulary::Pki {
            return pki::file_name(FileId::new(self.number(apdu)?));
        }
        self.entry(apdu).map(|file| Meaning::new(file.name_zh, file.name_en))
    }

    pub(super) fn place(&self, apdu: &CommandApdu<'_>, selected: bool) -> Option<Place> {
        let here =
            || Place { directory: self.directory.to_string(), file: None, name: None, part: None };
        if selected {
            let file = self.file.map(|fid| FileId::new(fid).to_string());
            let name = self.name(apdu);
            return Some(Place { file, name, ..here() });
        }
        let part = match (apdu.class.base(), apdu.ins) {
            (0x00, ins::READ_RECORD | ins::UPDATE_RECORD) if apdu.p2 & 0x04 != 0 => {
                Some(format!("record {}", apdu.p1))
            }
            (0x00, ins::READ_RECORD | ins::UPDATE_RECORD) => Some(format!("tag {:02X}", apdu.p1)),
            (0x00, ins::READ_BINARY | ins::UPDATE_BINARY) if apdu.p1 & 0x80 != 0 => {
                Some(format!("from {}", apdu.p2))
            }
            (0x00, ins::READ_BINARY | ins::UPDATE_BINARY) => {
                Some(format!("from {}", u16::from_be_bytes([apdu.p1, apdu.p2])))
            }
            (0x80 | 0x00, ins::GET_DATA | ins::PUT_DATA) => {
                return Some(Place { part: Some(format!("{}", object(apdu))), ..here() });
            }
            _ => return None,
        };
        let name = self.name(apdu);
        let file = self.number(apdu).map(|number| match self.application {
            Vocabulary::Financial => format!("file {number}"),
            Vocabulary::Pki => FileId::new(number).to_string(),
            Vocabulary::SocialSecurity if number < 0x100 => format!("EF{number:02X}"),
            Vocabulary::SocialSecurity => FileId::new(number).to_string(),
        });
        Some(Place { file, name, part, ..here() })
    }

    fn list(&self, tag: Tag) -> Option<&[u8]> {
        self.lists.iter().find(|(known, _)| *known == tag).map(|(_, list)| &list[..])
    }

    pub(super) fn asked<'a>(
        &self,
        edition: Edition,
        application: Vocabulary,
        apdu: &CommandApdu<'a>,
        file: Option<&FileEntry>,
    ) -> Vec<Node<'a>> {
        if application == Vocabulary::Pki {
            return pki::of_command(apdu);
        }
        let financial = application == Vocabulary::Financial;
        let fixed = fields::of_command(apdu, financial);
        if !fixed.is_empty() {
            return fixed;
        }
        let (data, mac) = match apdu.class.secure_messaging() {
            SecureMessaging::None => (apdu.data, None),
            _ => match apdu.data.split_last_chunk::<4>() {
                Some((data, mac)) => (data, Some(&mac[..])),
                None => (apdu.data, None),
            },
        };
        let list = match (financial, apdu.ins) {
            (true, ins::GET_PROCESSING_OPTIONS) => self.list(tag::PDOL),
            (true, ins::GENERATE_AC) if self.cryptograms == 0 => self.list(tag::CDOL1),
            (true, ins::GENERATE_AC) => self.list(tag::CDOL2),
            (true, ins::INTERNAL_AUTHENTICATE) => self.list(tag::DDOL),
            _ => None,
        };
        let mut nodes = match (list, apdu.ins) {
            // Tag 83 and its length stand before the values.
            (Some(list), ins::GET_PROCESSING_OPTIONS) => {
                financial::of_list(list, data.get(2..).unwrap_or(&[])).unwrap_or_default()
            }
            (Some(list), _) => financial::of_list(list, data).unwrap_or_default(),
            (None, ins::GET_PROCESSING_OPTIONS | ins::UPDATE_RECORD) if financial => {
                financial::of_objects(data).unwrap_or_default()
            }
            (None, ins::PUT_DATA) => match object(apdu) {
                tag if tag.number() == 0 => Vec::new(),
                tag => vec![Node::leaf(0, tag, data)],
            },
            (None, ins::UPDATE_RECORD) => social::of_records(edition, file, data),
            _ => Vec::new(),
        };
        nodes.extend(mac.map(fields::mac));
        nodes
    }

    pub(super) fn answer<'a>(
        &self,
        edition: Edition,
        application: Vocabulary,
        original: &CommandApdu<'_>,
        file: Option<&FileEntry>,
        data: &'a [u8],
    ) -> Vec<Node<'a>> {
        if data.is_empty() {
            return Vec::new();
        }
        if application == Vocabulary::Pki {
            return pki::of_answer(original, data);
        }
        let financial = application == Vocabulary::Financial;
        let fixed = fields::of_answer(original, financial, data);
        if !fixed.is_empty() {
            return fixed;
        }
        if financial {
            let log = self
                .list(tag::TRANSACTION_LOG_ENTRY)
                .and_then(<[u8]>::first)
                .copied()
                .map(u16::from);
            if original.ins == ins::READ_RECORD
                && log.is_some()
                && self.number(original) == log
                && let Some(format) = self.list(tag::TRANSACTION_LOG_FORMAT)
            {
                return financial::of_list(format, data).unwrap_or_default();
            }
            return financial::answer_tree(original.ins, data).unwrap_or_default();
        }
        match original.ins {
            ins::SELECT => social::of_objects(data).unwrap_or_default(),
            ins::READ_RECORD => social::of_records(edition, file, data),
            _ => Vec::new(),
        }
    }

    pub(super) fn remember(
        &mut self,
        answer: &[Node<'_>],
        apdu: &CommandApdu<'_>,
        status: Option<StatusWord>,
    ) {
        if self.application != Vocabulary::Financial {
            return;
        }
        for node in answer {
            let tag = node.tag;
            if REMEMBERED.contains(&tag) && !node.template {
                self.lists.retain(|(known, _)| *known != tag);
                self.lists.push((tag, node.value.to_vec()));
            }
        }
        let done =
            status.is_some_and(|status| status.is_success() || status.bytes_available().is_some());
        match apdu.ins {
            ins::GET_PROCESSING_OPTIONS if done => self.cryptograms = 0,
            ins::GENERATE_AC if done => self.cryptograms = self.cryptograms.saturating_add(1),
            _ => {}
        }
    }
}

impl std::fmt::Display for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown => Ok(()),
            Self::MasterFile => write!(f, "MF"),
            Self::Social(application) => write!(f, "{} {}", application.name, application.label_zh),
            Self::Numbered(fid) => write!(f, "{}", FileId::new(*fid)),
            Self::Named(name) => match &name[..] {
                b"1PAY.SYS.DDF01" => write!(f, "PSE"),
                b"2PAY.SYS.DDF01" => write!(f, "PPSE"),
                name if pki::directory_name(name).is_some() => {
                    f.write_str(pki::directory_name(name).unwrap_or_default())
                }
                name => name.iter().try_for_each(|byte| write!(f, "{byte:02X}")),
            },
        }
    }
}

/// The data object of GET DATA and PUT DATA.
fn object(apdu: &CommandApdu<'_>) -> Tag {
    Tag::from_number(u16::from_be_bytes([apdu.p1, apdu.p2]).into())
}
