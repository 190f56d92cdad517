//! The purse's and the banks' parts of a card as tables of a profile.

use std::fmt::Write as _;

use encoding_rs::GBK;
use sscard_apdu::tlv::Writer;
use sscard_core::inspect::{AccountContent, AccountKeyView};
use sscard_core::{
    Card, CryptogramElement, CryptogramPlan, DirectoryState, FinancialApplication, Path,
    ResponseMethod, SmSupport,
};
use sscard_crypto::financial::CryptogramScheme;
use sscard_elements::tag;

use super::{hex, line, quoted};
use crate::bank::known_objects;
use crate::test_keys::TestKeys;

pub(super) fn purse(out: &mut String, card: &Card) {
    let Some(plan) = &card.profile().blueprint().purse else { return };
    let _ = writeln!(out, "\n[purse]");
    line(out, "start_day", &hex(&plan.start_day));
    line(out, "load_type", &hex(&[plan.load_type]));
    line(out, "purchase_type", &hex(&[plan.purchase_type]));
    line(out, "balance_limit", &plan.balance_limit);
    line(out, "pin_for_load", &plan.pin_for_load);
    line(out, "pin_for_purchase", &plan.pin_for_purchase);
    line(out, "pin_for_balance", &plan.pin_for_balance);
}

pub(super) fn financial(out: &mut String, card: &Card) {
    let plan = &card.profile().blueprint().financial;
    if plan.applications.is_empty() {
        return;
    }
    let directory = |state: DirectoryState| match state {
        DirectoryState::Present => "\"present\"",
        DirectoryState::Absent => "\"absent\"",
        DirectoryState::Blocked => "\"blocked\"",
    };
    let _ = writeln!(out, "\n[financial]");
    line(out, "pse", &directory(plan.pse));
    line(out, "ppse", &directory(plan.ppse));
    let contents = card.inspect_account_contents();
    let keys = card.reveal_account_keys();
    let pins = card.reveal_account_pins();
    for ((application, content), pin) in plan.applications.iter().zip(&contents).zip(&pins) {
        let _ = writeln!(out, "\n[[financial.application]]");
        line(out, "pin", &quoted(pin));
        let pair = own_pair(application, content, &keys);
        settings(out, application, content, pair.is_none());
        lists(out, application);
        objects(out, application, content);
        control_information(out, application);
        for (table, algorithm) in [("keys", "3DES"), ("keys.sm4", "SM4")] {
            transaction_keys(out, table, algorithm, application, &keys);
        }
        if let Some((p, q, exponent)) = pair {
            let _ = writeln!(out, "\n[financial.application.icc.rsa]");
            line(out, "p", &p);
            line(out, "q", &q);
            line(out, "exponent", &exponent);
        }
        if let Some(private) = own_sm2(application, &keys) {
            let _ = writeln!(out, "\n[financial.application.icc.sm2]");
            line(out, "private", &private);
        }
        for record in &content.records {
            let _ = writeln!(out, "\n[[financial.application.records]]");
            line(out, "sfi", &record.sfi);
            line(out, "record", &record.number);
            let mut whole = Vec::new();
            Writer::new(&mut whole).primitive(tag::RECORD_TEMPLATE, &record.content);
            line(out, "data", &hex(&whole));
        }
    }
}

/// The card's own RSA key, as primes and exponent; none for a pair of the test cards.
fn own_pair(
    plan: &FinancialApplication,
    content: &AccountContent,
    keys: &[AccountKeyView],
) -> Option<(String, String, u32)> {
    let key = keys.iter().find(|key| key.aid == plan.aid.as_bytes() && key.algorithm == "RSA")?;
    let half = usize::from(plan.rsa_modulus).div_ceil(2);
    let test = TestKeys::get().rsa(&format!("card-{}", u32::from(plan.rsa_modulus) * 8));
    if test.is_some_and(|test| *test.private.to_bytes() == *key.value) {
        return None;
    }
    let (p, rest) = key.value.split_at_checked(half)?;
    let q = rest.get(..half)?;
    let exponent = content.records.iter().find_map(|record| {
        sscard_apdu::tlv::find(&record.content, &[tag::ICC_KEY_EXPONENT]).ok().flatten()
    });
    let exponent = if exponent == Some(&[0x01, 0x00, 0x01]) { 65_537 } else { 3 };
    Some((hex(p), hex(q), exponent))
}

/// The card's own private SM2 key; none for that of the test cards.
fn own_sm2(plan: &FinancialApplication, keys: &[AccountKeyView]) -> Option<String> {
    let key = keys.iter().find(|key| key.aid == plan.aid.as_bytes() && key.algorithm == "SM2")?;
    let test = TestKeys::get().sm2_private("card");
    let is_test = test.is_some_and(|test| test[..] == key.value[..]);
    (!is_test).then(|| hex(&key.value))
}

fn settings(
    out: &mut String,
    plan: &FinancialApplication,
    content: &AccountContent,
    is_shared: bool,
) {
    line(out, "aid", &hex(plan.aid.as_bytes()));
    line(out, "label", &quoted(&String::from_utf8_lossy(&plan.label)));
    let name = GBK.decode_without_bom_handling(&plan.preferred_name).0;
    line(out, "preferred_name", &quoted(&name));
    line(out, "priority", &plan.priority);
    let sm = match plan.sm {
        SmSupport::Both => "\"both\"",
        SmSupport::InternationalOnly => "\"no\"",
        SmSupport::SmOnly => "\"only\"",
    };
    line(out, "sm", &sm);
    line(out, "qpboc", &plan.qpboc);
    line(out, "qpboc_cryptogram_version", &hex(&[plan.qpboc_cryptogram_version]));
    let fixed = content.objects.iter().find(|object| object.0 == tag::ISSUER_APPLICATION_DATA);
    if let Some((_, value)) = fixed {
        line(out, "discretionary_data_static", &hex(value));
    } else {
        line(out, "discretionary_data", &plan.discretionary_data);
    }
    line(out, "key_index", &plan.key_index);
    line(out, "pin_tries", &plan.pin_tries);
    line(out, "defaults", &false);
    if is_shared {
        line(out, "card_key", &plan.rsa_modulus.saturating_mul(8));
    }
    let counter = content.objects.iter().find(|object| object.0 == tag::TRANSACTION_COUNTER);
    if let Some((_, atc)) = counter {
        line(out, "atc", &hex(atc));
    }
    let options = &plan.options;
    line(out, "sm4_fold", &if options.sm4_fold_xor { "\"xor\"" } else { "\"left\"" });
    let pin_key = if options.unadjusted_pin_key { "\"unadjusted\"" } else { "\"odd-parity\"" };
    line(out, "pin_change_key", &pin_key);
    for (name, status) in [
        ("status_of_wrong_pdol_data", options.status_of_wrong_pdol_data),
        ("status_before_initiation", options.status_before_initiation),
        ("status_of_balance_over_limit", options.status_of_balance_over_limit),
    ] {
        line(out, name, &hex(&status.to_be_bytes()));
    }
    line(out, "emv_enciphered_pin", &options.enciphered_pin);
    let template = if options.generate_ac_in_77 { "\"77\"" } else { "\"80\"" };
    line(out, "generate_ac_template", &template);
    line(out, "shows_pin_tries", &options.shows_pin_tries);
    line(out, "read_before_initiation", &options.read_before_initiation);
    cryptogram(out, &plan.cryptogram);
}

fn cryptogram(out: &mut String, plan: &CryptogramPlan) {
    let scheme = match plan.scheme {
        CryptogramScheme::Pboc => "\"pboc\"",
        CryptogramScheme::EmvCsk => "\"emv-csk\"",
        CryptogramScheme::VisaCvn10 => "\"visa-cvn10\"",
        CryptogramScheme::VisaCvn18 => "\"visa-cvn18\"",
    };
    line(out, "scheme", &scheme);
    let usual = CryptogramPlan::of(plan.scheme);
    if plan.version != usual.version {
        line(out, "cryptogram_version", &hex(&[plan.version]));
    }
    if plan.elements != usual.elements {
        let words = plan.elements.iter().map(|element| match element {
            CryptogramElement::Terminal(tag, length) => format!("{tag}{length:02X}"),
            CryptogramElement::InterchangeProfile => format!("{}02", tag::INTERCHANGE_PROFILE),
            CryptogramElement::TransactionCounter => format!("{}02", tag::TRANSACTION_COUNTER),
            CryptogramElement::Results => "CVR".to_owned(),
            CryptogramElement::SecondByteOfResults => "CVR2".to_owned(),
            CryptogramElement::IssuerData => tag::ISSUER_APPLICATION_DATA.to_string(),
        });
        line(out, "cryptogram_elements", &quoted(&words.collect::<Vec<_>>().join(" ")));
    }
    if plan.response != usual.response {
        line(out, "arpc_method", &if plan.response == ResponseMethod::Two { 2 } else { 1 });
    }
}

fn lists(out: &mut String, plan: &FinancialApplication) {
    line(out, "pdol", &hex(&plan.pdol));
    line(out, "pdol_contactless", &hex(&plan.contactless_pdol));
    // The records hold the other lists. The AIP is one for all paths.
    if let Some(options) = plan.processing_options.first() {
        line(out, "aip", &hex(&options.aip));
    }
    let has = |path| plan.processing_options.iter().any(|options| options.path == path);
    line(out, "e_cash", &has(Path::ElectronicCash));
    for options in &plan.processing_options {
        let name = match (options.path, options.sm) {
            (Path::Standard, false) => "afl",
            (Path::Standard, true) => "afl_sm",
            (Path::ElectronicCash, false) => "afl_e_cash",
            (Path::ElectronicCash, true) => "afl_e_cash_sm",
            // They stay in the plan of a card that does not offer the path.
            (Path::Qpboc, _) if !plan.qpboc => continue,
            (Path::Qpboc, false) => "afl_qpboc",
            (Path::Qpboc, true) => "afl_qpboc_sm",
        };
        line(out, name, &hex(&options.afl));
    }
}

fn objects(out: &mut String, plan: &FinancialApplication, content: &AccountContent) {
    let _ = writeln!(out, "\n[financial.application.objects]");
    let is_counter = |wanted: sscard_apdu::tlv::Tag| {
        [
            tag::TRANSACTION_COUNTER,
            tag::LAST_ONLINE_COUNTER,
            tag::PIN_TRY_COUNTER,
            tag::ISSUER_APPLICATION_DATA,
        ]
        .contains(&wanted)
    };
    for (tag, value) in content.objects.iter().filter(|object| !is_counter(object.0)) {
        line(out, &tag.to_string(), &hex(value));
    }
    let held = |wanted| plan.objects.iter().any(|object| object.tag == wanted);
    for tag in known_objects().filter(|tag| !held(*tag)) {
        line(out, &tag.to_string(), &"\"absent\"");
    }
}

fn control_information(out: &mut String, plan: &FinancialApplication) {
    if plan.control_information.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n[financial.application.fci]");
    for object in &plan.control_information {
        let value = if object.value.is_empty() { quoted("absent") } else { hex(&object.value) };
        line(out, &object.tag.to_string(), &value);
    }
}

fn transaction_keys(
    out: &mut String,
    table: &str,
    algorithm: &str,
    plan: &FinancialApplication,
    keys: &[AccountKeyView],
) {
    let of_card =
        keys.iter().filter(|key| key.aid == plan.aid.as_bytes() && key.algorithm == algorithm);
    let _ = writeln!(out, "\n[financial.application.{table}]");
    for key in of_card {
        let name = match key.name {
            "UDK-AC" => "card_ac",
            "UDK-MAC" => "card_mac",
            "UDK-ENC" => "card_enc",
            _ => continue,
        };
        line(out, name, &hex(&key.value));
    }
}
