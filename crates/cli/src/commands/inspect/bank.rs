//! The bank's side: payment directories, records, logs, data objects, keys.

use std::io::{self, Write};

use sscard_apdu::tlv::{Tag, find};
use sscard_core::inspect::{
    AccountContent, AccountKeyView, AccountView, LogView, PaymentDirectoryView,
};
use sscard_core::{Card, DirectoryState};
use sscard_crypto::financial::Cipher;
use sscard_crypto::secrets_equal;
use sscard_elements::tag;
use sscard_lexicon::Meaning;
use sscard_lexicon::financial::{Node, Subject, element, explain, of_list, of_objects};
use sscard_profile::{BankKeyUse, BankKeys, IccKeys, TestKeys};

use crate::commands::{hex, tree};
use crate::documents::inspect::{
    DirectoryEntry, InspectedAccount, InspectedDirectory, InspectedFile, InspectedObject,
    InspectedRecord, RevealedKey,
};
use crate::documents::unit::{Fen, Hex};

/// One record as `files` shows it.
struct Record {
    /// `AID/SFI/record`, both numbers decimal.
    path: String,
    names: Names,
    sfi: u8,
    number: u8,
    structure: &'static str,
    size: String,
    update: &'static str,
    /// What READ RECORD answers.
    bytes: Vec<u8>,
    /// The record without the template 70 around it.
    content: Vec<u8>,
    form: Form,
}

/// In English and Chinese.
type Names = (&'static str, &'static str);

enum Form {
    /// Data objects.
    Objects,
    /// Values that answer a list, behind so many bytes that no list names.
    List { format: Vec<u8>, head: usize },
}

impl Record {
    fn nodes(&self) -> Option<Vec<Node<'_>>> {
        match &self.form {
            Form::Objects => of_objects(&self.content),
            Form::List { format, head } => of_list(format, self.content.get(*head..)?),
        }
    }

    fn head(&self) -> &[u8] {
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

fn of_directory(directory: &PaymentDirectoryView) -> Vec<Record> {
    let entries = directory.entries.iter().filter(|_| directory.has_records);
    let record = |(number, entry): (u8, &Vec<u8>)| Record {
        path: format!("{}/1/{number}", hex(&directory.name)),
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

fn of_account(account: &AccountContent) -> Vec<Record> {
    let aid = hex(&account.aid);
    let records = account.records.iter().map(|record| Record {
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

fn of_log(aid: &str, log: &LogView) -> Vec<Record> {
    let names = if log.head == 0 {
        ("transaction log", "交易日志")
    } else {
        ("load log", "圈存日志")
    };
    let record = |(number, bytes): (u8, &Vec<u8>)| Record {
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

fn file(record: &Record) -> InspectedFile {
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
fn head(record: &Record) -> InspectedRecord {
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

const fn state(state: DirectoryState) -> &'static str {
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
        application: hex(&key.aid),
        id: None,
        version: None,
        algorithm: key.algorithm,
        value: Hex::of(&key.value),
    };
    card.reveal_account_keys().iter().map(key).collect()
}

/// Directories and accounts, as the tree goes on behind the social security application.
pub(super) fn print_tree(out: &mut dyn Write, card: &Card, reveal: bool) -> io::Result<()> {
    for directory in card.inspect_payment_directories() {
        let name = String::from_utf8_lossy(&directory.name).into_owned();
        writeln!(out, "\n{name} {} {}", hex(&directory.name), state(directory.state))?;
        if directory.has_records {
            of_directory(&directory).iter().try_for_each(|record| print_record(out, record))?;
            continue;
        }
        for entry in &directory.entries {
            print_nodes(out, "  ", entry, of_objects(entry))?;
        }
    }
    let keys = if reveal { card.reveal_account_keys() } else { Vec::new() };
    for account in card.inspect_account_contents() {
        writeln!(out, "\n{}", hex(&account.aid))?;
        for key in keys.iter().filter(|key| key.aid == account.aid) {
            let value = hex(&key.value);
            let test = if is_test(&account, key) { " (TEST key)" } else { "" };
            writeln!(out, "  key {} {}  {value}{test}", key.name, key.algorithm)?;
        }
        for (tag, value) in account.tagged() {
            let object = in_tag(tag, value);
            print_nodes(out, "  ", &object, of_objects(&object))?;
        }
        of_account(&account).iter().try_for_each(|record| print_record(out, record))?;
    }
    Ok(())
}

/// Whether everybody has this key: it comes from the test bank's master keys, or is a pair of the test cards.
fn is_test(account: &AccountContent, key: &AccountKeyView) -> bool {
    let usage = match key.name {
        "UDK-AC" => BankKeyUse::Cryptogram,
        "UDK-MAC" => BankKeyUse::Mac,
        "UDK-ENC" => BankKeyUse::Encipherment,
        _ => return is_test_pair(key),
    };
    let object = |tag: Tag| {
        account.records.iter().find_map(|record| find(&record.content, &[tag]).ok().flatten())
    };
    let pan = object(tag::PRIMARY_ACCOUNT_NUMBER).map(hex).unwrap_or_default();
    let sequence = object(tag::SEQUENCE_NUMBER).map(hex).unwrap_or_default();
    let cipher = if key.algorithm == "SM4" { Cipher::Sm4 } else { Cipher::TripleDes };
    let test = BankKeys::test().card(cipher, usage, pan.trim_end_matches('F'), &sequence);
    test.is_ok_and(|test| secrets_equal(test.expose(), &key.value))
}

fn is_test_pair(key: &AccountKeyView) -> bool {
    let pool = (0..IccKeys::POOL).map(|pair| (TestKeys::pool(), pair.to_string()));
    let shared = ["card-1152", "card-1024", "card-768", "card"].map(str::to_owned);
    let known = shared.into_iter().map(|name| (TestKeys::get(), name)).chain(pool);
    known.into_iter().any(|(keys, name)| match key.algorithm {
        "RSA" => {
            keys.rsa(&name).is_some_and(|pair| secrets_equal(&pair.private.to_bytes(), &key.value))
        }
        _ => keys.sm2_private(&name).is_some_and(|private| secrets_equal(&*private, &key.value)),
    })
}

fn in_tag(tag: Tag, value: &[u8]) -> Vec<u8> {
    let mut object = Vec::new();
    sscard_apdu::tlv::Writer::new(&mut object).primitive(tag, value);
    object
}

fn print_record(out: &mut dyn Write, record: &Record) -> io::Result<()> {
    let (en, zh) = record.names;
    writeln!(
        out,
        "  {}  {zh} ({en}): {} {}, read free, update {}",
        record.path, record.structure, record.size, record.update
    )?;
    if !record.head().is_empty() {
        writeln!(out, "    {}", hex(record.head()))?;
    }
    print_nodes(out, "    ", &record.content, record.nodes())
}

/// The objects, else the bytes.
fn print_nodes(
    out: &mut dyn Write,
    margin: &str,
    bytes: &[u8],
    nodes: Option<Vec<Node<'_>>>,
) -> io::Result<()> {
    match nodes {
        Some(nodes) => tree::print(out, margin, &nodes, true),
        None => writeln!(out, "{margin}{}", hex(bytes)),
    }
}
