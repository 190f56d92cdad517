//! The control information that a selected payment application gives, which does not change in its life.
//!
//! # Reference
//! JR/T 0025.1 table 45; spec/financial.md §1; docs/profiles.md for an application's own objects.

use sscard_apdu::tlv::{Tag, Writer};
use sscard_core::FinancialApplication;
use sscard_elements::tag;

use super::Account;
use crate::card_model::answer::Answer;

/// The control information for the reader at hand.
pub(super) fn write(account: &Account<'_>, answer: &mut Answer) {
    let [contact, contactless] = &account.plan.control_information;
    answer.extend(if account.is_contactless { contactless } else { contact });
}

/// `6F{84 AID, A5{50, 87, 9F38, 5F2D, 9F11, 9F12, BF0C}}` for readers with contacts or without.
pub(super) fn of(plan: &FinancialApplication, contactless: bool) -> Vec<u8> {
    let mut template = Vec::new();
    let mut out = Writer::new(&mut template);
    for (tag, value) in objects(plan, contactless) {
        if !value.is_empty() {
            out.primitive(tag, &value);
        }
    }
    let mut whole = Vec::new();
    Writer::new(&mut whole).constructed(tag::FCI_TEMPLATE, |fci| {
        fci.primitive(tag::DF_NAME, plan.aid.as_bytes());
        fci.primitive(tag::FCI_PROPRIETARY, &template);
    });
    whole
}

/// The usual ones with an application's own in their places, then its further ones.
fn objects(plan: &FinancialApplication, contactless: bool) -> Vec<(Tag, Vec<u8>)> {
    let pdol = if contactless { &plan.contactless_pdol } else { &plan.pdol };
    let code_table = if plan.preferred_name.is_empty() { Vec::new() } else { vec![0x01] };
    let mut objects = vec![
        (tag::APPLICATION_LABEL, plan.label.clone()),
        (tag::APPLICATION_PRIORITY, vec![plan.priority]),
        (tag::PDOL, pdol.clone()),
        (tag::LANGUAGE_PREFERENCE, b"zh".to_vec()),
        (tag::ISSUER_CODE_TABLE_INDEX, code_table),
        (tag::APPLICATION_PREFERRED_NAME, plan.preferred_name.clone()),
        (tag::FCI_DISCRETIONARY, log_entries(plan)),
    ];
    let usual = objects.len();
    let mut replaced = [false; 7];
    for own in &plan.control_information {
        match objects[..usual].iter().position(|(tag, _)| *tag == own.tag) {
            // The first of a tag counts.
            Some(place) if replaced[place] => {}
            Some(place) => {
                replaced[place] = true;
                objects[place].1.clone_from(&own.value);
            }
            None => objects.push((own.tag, own.value.clone())),
        }
    }
    objects
}

/// Where the logs are, and how many records each has.
fn log_entries(plan: &FinancialApplication) -> Vec<u8> {
    let mut entries = Vec::new();
    let mut out = Writer::new(&mut entries);
    for (tag, log) in
        [(tag::TRANSACTION_LOG_ENTRY, &plan.transaction_log), (tag::LOAD_LOG_ENTRY, &plan.load_log)]
    {
        if let Some(log) = log {
            out.primitive(tag, &[log.sfi.number(), log.records]);
        }
    }
    entries
}
