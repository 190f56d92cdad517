//! How cryptograms come about: the settings `scheme`, `cryptogram_version`, `cryptogram_elements`, `arpc_method`;
//! and the table `[financial.fci]`.

use sscard_apdu::dol::DolReader;
use sscard_core::{ControlObject, CryptogramElement, CryptogramPlan, ResponseMethod};
use sscard_crypto::financial::CryptogramScheme;
use sscard_elements::tag;

use super::file::BankFile;
use super::values::{any_bytes, bytes, contradiction, hexadecimal, tag as tag_of, value};
use crate::LoadError;

/// The scheme that a table names; PBOC's without one.
pub(super) fn scheme(file: &BankFile) -> Result<CryptogramScheme, LoadError> {
    match file.scheme.as_deref().unwrap_or("pboc") {
        "pboc" => Ok(CryptogramScheme::Pboc),
        "emv-csk" => Ok(CryptogramScheme::EmvCsk),
        "visa-cvn10" => Ok(CryptogramScheme::VisaCvn10),
        "visa-cvn18" => Ok(CryptogramScheme::VisaCvn18),
        other => Err(value("scheme", other, "pboc, emv-csk, visa-cvn10 or visa-cvn18")),
    }
}

/// How cryptograms come about.
pub(super) fn cryptogram(file: &BankFile) -> Result<CryptogramPlan, LoadError> {
    let scheme = scheme(file)?;
    let mut plan = CryptogramPlan::of(scheme);
    if let Some(text) = &file.cryptogram_version {
        let [version] =
            bytes("cryptogram_version", text, "a byte of 9F10 as two hexadecimal digits")?;
        plan = match (scheme, version) {
            (CryptogramScheme::Pboc, 0x17) => CryptogramPlan::pboc_17(),
            (CryptogramScheme::Pboc, 0x01) => plan,
            (CryptogramScheme::Pboc, _) if file.cryptogram_elements.is_none() => {
                let reason = "PBOC has the versions 01 and 17: say what another one covers in cryptogram_elements";
                return Err(contradiction("cryptogram_version", reason));
            }
            _ => CryptogramPlan { version, ..plan },
        };
    }
    if let Some(text) = &file.cryptogram_elements {
        plan.elements = elements(text)?;
    }
    plan.response = match file.arpc_method {
        None => plan.response,
        Some(1) => ResponseMethod::One,
        Some(2) => ResponseMethod::Two,
        Some(other) => return Err(value("arpc_method", &other.to_string(), "1 or 2")),
    };
    Ok(plan)
}

/// Words: tags and lengths, such as 9F0206 or 8202, and the names CVR, CVR2 (its second byte), 9F10.
fn elements(text: &str) -> Result<Vec<CryptogramElement>, LoadError> {
    let wanted = "tags and lengths with spaces between them, such as 9F0206 9505 8202 9F3602 CVR; or CVR2, 9F10";
    let refuse = || value("cryptogram_elements", text, wanted);
    let mut elements = Vec::new();
    for word in text.split_whitespace() {
        match word {
            "CVR" => elements.push(CryptogramElement::Results),
            "CVR2" => elements.push(CryptogramElement::SecondByteOfResults),
            _ if tag_of(word) == Some(tag::ISSUER_APPLICATION_DATA) => {
                elements.push(CryptogramElement::IssuerData);
            }
            _ => {
                let list = hexadecimal(word).ok_or_else(refuse)?;
                for entry in DolReader::new(&list) {
                    let entry = entry.map_err(|_| refuse())?;
                    elements.push(match (entry.tag, entry.length) {
                        (tag::INTERCHANGE_PROFILE, 2) => CryptogramElement::InterchangeProfile,
                        (tag::TRANSACTION_COUNTER, 2) => CryptogramElement::TransactionCounter,
                        (tag::INTERCHANGE_PROFILE | tag::TRANSACTION_COUNTER, _) => {
                            return Err(contradiction(
                                "cryptogram_elements",
                                "82 and 9F36 have two bytes",
                            ));
                        }
                        (tag, length) => CryptogramElement::Terminal(tag, length),
                    });
                }
            }
        }
    }
    if elements.is_empty() || elements.len() > 32 {
        return Err(refuse());
    }
    Ok(elements)
}

/// Objects of the FCI that other settings have.
const ELSEWHERE: [(sscard_apdu::tlv::Tag, &str); 4] = [
    (tag::DF_NAME, "aid"),
    (tag::APPLICATION_LABEL, "label"),
    (tag::APPLICATION_PRIORITY, "priority"),
    (tag::PDOL, "pdol or pdol_contactless"),
];

/// The table `[financial.fci]`.
pub(super) fn control_information(file: &BankFile) -> Result<Vec<ControlObject>, LoadError> {
    let mut objects = Vec::new();
    let mut total = 0_usize;
    for (name, text) in &file.fci.0 {
        let setting = format!("fci.{name}");
        let tag =
            tag_of(name).ok_or_else(|| value(&setting, name, "a tag as hexadecimal digits"))?;
        if let Some((_, other)) = ELSEWHERE.iter().find(|(known, _)| *known == tag) {
            return Err(contradiction(&setting, format!("tag {tag} has the setting {other}")));
        }
        if tag == tag::APPLICATION_PREFERRED_NAME && file.preferred_name.is_some() {
            let reason = format!("tag {tag} is named here and as financial.preferred_name");
            return Err(contradiction(&setting, reason));
        }
        let value = if text == "absent" { Vec::new() } else { any_bytes(&setting, text)? };
        total = total.saturating_add(value.len()).saturating_add(5);
        if total > 200 {
            return Err(contradiction(&setting, "the objects of an FCI have at most 200 bytes"));
        }
        objects.push(ControlObject { tag, value });
    }
    Ok(objects)
}
