//! The bank's side: payment directories, records, logs, data objects, keys.

use sscard_apdu::tlv::Tag;
use sscard_core::inspect::{
    AccountContent, AccountKeyView, AccountView, LogView, PaymentDirectoryView,
};
use sscard_core::{Card, DirectoryState};
use sscard_elements::tag;
use sscard_lexicon::Meaning;
use sscard_lexicon::financial::{Node, Subject, element, explain, of_list, of_objects};

use super::{
    DirectoryEntry, InspectedAccount, InspectedDirectory, InspectedFile, InspectedObject,
    InspectedRecord, RevealedKey,
};
use crate::element as tree;
use crate::unit::{Fen, Hex};

/// One record as `files` shows it.
pub struct BankRecord {
    /// `AID/SFI/record`, both numbers decimal.
    pub path: String,
    /// In English and Chinese.
    pub names: (&'static str, &'static str),
    sfi: u8,
    number: u8,
    /// Structure of its file.
    pub structure: &'static str,
    /// Bytes, or records × bytes.
    pub size: String,
    /// What it takes to update it.
    pub update: &'static str,
    /// What READ RECORD answers.
    bytes: Vec<u8>,
    /// The record without the template 70 around it.
    pub content: Vec<u8>,
    form: Form,
}

type Names = (&'static str, &'static str);

enum Form {
    /// Data objects.
    Objects,
    /// Values that answer a list, behind so many bytes that no list names.
    List { format: Vec<u8>, head: usize },
}

impl BankRecord {
    /// Its data objects; none where it is no string of such.
    #[must_use]
    pub fn nodes(&self) -> Option<Vec<Node<'_>>> {
        match &self.form {
            Form::Objects => of_objects(&self.content),
            Form::List { format, head } => of_list(format, self.content.get(*head..)?),
        }
    }

    /// What stands before the data objects.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        match self.form {
            Form::Objects => &[],
            Form::List { head, .. } => self.content.get(..head).unwrap_or(&self.content),
        }
    }
}

fn in_template(content: &[u8]) -> Vec<u8> {
    let mut record = Vec::new();
    sscard_apdu::tlv::Writer::new(&mut record).primitive(tag::RECORD_TEMPLATE, content);
    record
}

/// The records of a payment directory.
#[must_use]
pub fn of_directory(directory: &PaymentDirectoryView) -> Vec<BankRecord> {
    let entries = directory.entries.iter().filter(|_| directory.has_records);
    let record = |(number, entry): (u8, &Vec<u8>)| BankRecord {
        path: format!("{}/1/{number}", hex::encode_upper(&directory.name)),
        names: ("payment directory", "支付目录"),
        sfi: 1,
        number,
        structure: "linear variable",
        size: entry.len().to_string(),
        update: "never",
        bytes: in_template(entry),
        content: entry.clone(),
        form: Form::Objects,
    };
    (1..).zip(entries).map(record).collect()
}

/// The records and logs of an account.
#[must_use]
pub fn of_account(account: &AccountContent) -> Vec<BankRecord> {
    let aid = hex::encode_upper(&account.aid);
    let records = account.records.iter().map(|record| BankRecord {
        path: format!("{aid}/{}/{}", record.sfi, record.number),
        names: ("payment record", "应用记录"),
        sfi: record.sfi,
        number: record.number,
        structure: "linear variable",
        size: record.capacity.to_string(),
        update: "issuer script",
        bytes: in_template(&record.content),
        content: record.content.clone(),
        form: Form::Objects,
    });
    records.chain(account.logs.iter().flat_map(|log| of_log(&aid, log))).collect()
}

fn of_log(aid: &str, log: &LogView) -> Vec<BankRecord> {
    let names = if log.head == 0 {
        ("transaction log", "交易日志")
    } else {
        ("load log", "圈存日志")
    };
    let record = |(number, bytes): (u8, &Vec<u8>)| BankRecord {
        path: format!("{aid}/{}/{number}", log.sfi),
        names,
        sfi: log.sfi,
        number,
        structure: "cyclic",
        size: format!("{} × {}", log.capacity, log.length),
        update: "never",
        bytes: bytes.clone(),
        content: bytes.clone(),
        form: Form::List { format: log.format.clone(), head: log.head },
    };
    (1..).zip(&log.records).map(record).collect()
}

/// The records of directories and accounts, for `files`.
pub(super) fn files(card: &Card) -> Vec<InspectedFile> {
    let directories = card.inspect_payment_directories();
    let accounts = card.inspect_account_contents();
    let records = directories.iter().flat_map(of_directory);
    records.chain(accounts.iter().flat_map(of_account)).map(|record| file(&record)).collect()
}

fn file(record: &BankRecord) -> InspectedFile {
    let records = match record.nodes() {
        Some(nodes) if !nodes.is_empty() => {
            let head = (!record.head().is_empty()).then(|| head(record));
            head.into_iter().chain(nodes.iter().map(|node| object(record.number, node))).collect()
        }
        // What is no string of data objects is shown as it is.
        _ => vec![untagged(record.number, None, &record.bytes)],
    };
    InspectedFile {
        path: record.path.clone(),
        name: Some(record.names.0.into()),
        name_zh: Some(record.names.1.into()),
        sfi: record.sfi,
        structure: record.structure,
        size: record.size.clone(),
        read: "free".to_owned(),
        update: record.update.to_owned(),
        bytes: Some(Hex::of(&record.bytes)),
        records,
    }
}

/// Tag and both balances in front of a load log record.
fn head(record: &BankRecord) -> InspectedRecord {
    let names = ("data object, balance before and after", "数据对象、变更前后余额");
    untagged(record.number, Some(names), record.head())
}

fn untagged(number: u8, names: Option<Names>, value: &[u8]) -> InspectedRecord {
    InspectedRecord {
        number: number.into(),
        tag: None,
        depth: None,
        name: names.map(|(en, _)| en.into()),
        name_zh: names.map(|(_, zh)| zh.into()),
        value: Hex::of(value),
        text: None,
    }
}

fn object(number: u8, node: &Node<'_>) -> InspectedRecord {
    InspectedRecord {
        number: number.into(),
        tag: Some(Hex::written(node.tag)),
        depth: Some(node.depth),
        name: node.name.as_ref().map(|name| name.en.clone().into()),
        name_zh: node.name.as_ref().map(|name| name.zh.clone().into()),
        value: Hex::of(node.value),
        text: node.explained.text.clone(),
    }
}

/// The payment applications, each with its data objects.
pub(super) fn accounts(card: &Card) -> Vec<InspectedAccount> {
    let contents = card.inspect_account_contents();
    let account = |account: &AccountView| InspectedAccount {
        aid: Hex::of(&account.aid),
        blocked: account.blocked,
        atc: account.atc,
        last_online_atc: account.last_online_atc,
        balance_cents: account.balance.map(Fen::of),
        data_objects: data_objects(&contents, &account.aid),
    };
    card.inspect_accounts().iter().map(account).collect()
}

/// The data objects of the account with this AID.
fn data_objects(contents: &[AccountContent], aid: &[u8]) -> Vec<InspectedObject> {
    let account = contents.iter().find(|content| content.aid == aid);
    let object = |(tag, value): (Tag, &[u8])| {
        let name = element(tag).map(Meaning::from);
        let (name, name_zh) = name.map(|name| (name.en, name.zh)).unzip();
        InspectedObject {
            tag: Hex::written(tag),
            name,
            name_zh,
            value: Hex::of(value),
            text: explain(Subject::Element(tag), value).text,
        }
    };
    account.into_iter().flat_map(AccountContent::tagged).map(object).collect()
}

/// PSE and PPSE.
pub(super) fn directories(card: &Card) -> Vec<InspectedDirectory> {
    let directory = |directory: &PaymentDirectoryView| {
        let entries = directory.entries.iter().map(|entry| DirectoryEntry {
            value: Hex::of(entry),
            objects: of_objects(entry).map(|nodes| tree::documents(&nodes)),
        });
        InspectedDirectory {
            path: Hex::of(&directory.name),
            name: String::from_utf8_lossy(&directory.name).into_owned(),
            state: state(directory.state),
            entries: entries.collect(),
        }
    };
    card.inspect_payment_directories().iter().map(directory).collect()
}

/// `present`, `blocked` or `absent`.
#[must_use]
pub const fn state(state: DirectoryState) -> &'static str {
    match state {
        DirectoryState::Absent => "absent",
        DirectoryState::Blocked => "blocked",
        DirectoryState::Present => "present",
    }
}

/// The bank's keys, for `keys`.
pub(super) fn keys(card: &Card) -> Vec<RevealedKey> {
    let key = |key: &AccountKeyView| RevealedKey {
        name: Some(key.name.into()),
        application: hex::encode_upper(&key.aid),
        id: None,
        version: None,
        algorithm: key.algorithm,
        value: Hex::of(&key.value),
    };
    card.reveal_account_keys().iter().map(key).collect()
}
