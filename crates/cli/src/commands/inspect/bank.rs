//! The bank's side: payment directories, records, logs, data objects, keys.

use std::io::{self, Write};

use sscard_apdu::tlv::{Tag, find};
use sscard_core::Card;
use sscard_core::inspect::{AccountContent, AccountKeyView};
use sscard_crypto::financial::Cipher;
use sscard_crypto::secrets_equal;
use sscard_elements::tag;
use sscard_lexicon::financial::{Node, of_objects};
use sscard_profile::{BankKeyUse, BankKeys, IccKeys, TestKeys};

use crate::commands::{hex, tree};
use crate::documents::inspect::bank::{BankRecord, of_account, of_directory, state};

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

fn print_record(out: &mut dyn Write, record: &BankRecord) -> io::Result<()> {
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
