//! The default records of an account. Where their objects lie is after the perso files of the field: SFI 1 track
//! data, 2 RSA certificates, 3 signed static data, 4 offline limits, 5 e-cash, 8 SM2 certificates.

use sscard_apdu::tlv::Tag;
use sscard_core::{FinancialApplication, Holder, Path};
use sscard_crypto::financial::CryptogramScheme;
use sscard_elements::tag;

use super::draft::{DraftRecord, ISSUER_FRAME, LONGEST, Pending, Value, length};
use super::{SEQUENCE_NUMBER, hex_constant, packed};
use crate::bank::AccountRecipe;
use crate::icc_keys::IccPairs;

pub(super) fn defaults(
    recipe: &AccountRecipe,
    plan: &FinancialApplication,
    holder: &Holder,
    index: u8,
    pairs: &IccPairs,
) -> Vec<DraftRecord> {
    use Value::{Individual, Pending as Later, Shared};
    let record = |sfi, number, objects| DraftRecord::of((sfi, number), objects);
    let has_rsa = pairs.rsa().is_some();
    let (authority, issuer) = recipe.chain.rsa_lengths().unwrap_or((0, 0));
    let mut of_issuer = vec![
        (tag::AUTHORITY_KEY_INDEX, Shared(vec![recipe.chain.rsa_index()])),
        (
            tag::ISSUER_KEY_EXPONENT,
            Shared(
                recipe
                    .chain
                    .rsa_issuer()
                    .map_or(Vec::new(), |pair| pair.public.exponent().bytes().to_vec()),
            ),
        ),
    ];
    if issuer > authority.saturating_sub(ISSUER_FRAME) {
        of_issuer.push((tag::ISSUER_KEY_REMAINDER, Later(Pending::RsaIssuerRemainder)));
    }
    let mut last = vec![(tag::SIGNED_STATIC_DATA, Later(Pending::RsaStatic))];
    if let Some(pair) = pairs.rsa() {
        let exponent = pair.public.exponent().bytes().to_vec();
        let of_card = [
            (tag::ICC_KEY_EXPONENT, Individual(exponent)),
            (tag::ICC_KEY_REMAINDER, Later(Pending::RsaCardRemainder)),
        ];
        // Beside a long signature there is no room for them.
        let remainder = length(Pending::RsaCardRemainder, recipe, pairs);
        let fits = issuer.saturating_add(remainder).saturating_add(14) <= LONGEST;
        if fits { last.extend(of_card) } else { of_issuer.extend(of_card) }
    }
    let mut records = vec![
        record(1, 1, tracks(recipe)),
        record(
            1,
            2,
            vec![
                (tag::IDENTITY_DOCUMENT_NUMBER, Individual(holder.social_security_number.to_vec())),
                (tag::IDENTITY_DOCUMENT_TYPE, Shared(vec![0x00])),
            ],
        ),
        record(
            2,
            3,
            if has_rsa {
                vec![(tag::ICC_CERTIFICATE, Later(Pending::RsaCard))]
            } else {
                Vec::new()
            },
        ),
        record(2, 4, last),
        record(3, 1, static_data(recipe, plan, holder, index)),
        record(8, 2, vec![(tag::SIGNED_STATIC_DATA, Later(Pending::SmStatic))]),
        record(8, 3, vec![(tag::ICC_CERTIFICATE, Later(Pending::SmCard))]),
        record(2, 1, vec![(tag::ISSUER_CERTIFICATE, Later(Pending::RsaIssuer))]),
        record(2, 2, of_issuer),
        // Lower and upper limit of consecutive offline transactions, the terminal's.
        record(
            4,
            1,
            vec![
                (tag::LOWER_OFFLINE_LIMIT, Shared(vec![10])),
                (tag::UPPER_OFFLINE_LIMIT, Shared(vec![20])),
            ],
        ),
        // E-cash issuer authorisation code.
        record(5, 1, vec![(tag::CASH_AUTHORISATION_CODE, Shared(b"ECC001".to_vec()))]),
        record(
            8,
            1,
            vec![
                (tag::AUTHORITY_KEY_INDEX, Shared(vec![recipe.chain.sm2_index()])),
                (tag::ISSUER_CERTIFICATE, Later(Pending::SmIssuer)),
            ],
        ),
    ];
    if pairs.sm2_bytes().is_none() {
        records.retain(|record| !matches!(record.place, (8, 2 | 3)));
    }
    // Another scheme has no SM algorithms unless its profile says so, and no e-cash.
    let is_pboc = plan.cryptogram.scheme == CryptogramScheme::Pboc;
    let has = |path: Path, sm: bool| {
        plan.processing_options.iter().any(|options| options.path == path && options.sm == sm)
    };
    if !is_pboc && !has(Path::Standard, true) {
        records.retain(|record| record.place.0 != 8);
    }
    if !is_pboc && !has(Path::ElectronicCash, false) && !has(Path::Qpboc, false) {
        records.retain(|record| record.place != (5, 1));
    }
    records
}

fn tracks(recipe: &AccountRecipe) -> Vec<(Tag, Value)> {
    let name = recipe.holder_name.clone().unwrap_or_else(|| b"TEST/CARDHOLDER".to_vec());
    let mut objects = vec![
        (tag::TRACK_2_EQUIVALENT_DATA, Value::Pending(Pending::Track2)),
        (tag::CARDHOLDER_NAME, Value::Shared(name)),
    ];
    if let Some(code) = recipe.service_code {
        objects.push((tag::SERVICE_CODE, Value::Shared(code.to_vec())));
    }
    objects
}

/// The record that offline data authentication signs.
fn static_data(
    recipe: &AccountRecipe,
    plan: &FinancialApplication,
    holder: &Holder,
    index: u8,
) -> Vec<(Tag, Value)> {
    let date = |date: [u8; 4]| date.get(1..).unwrap_or_default().to_vec();
    let mut signed_tags = Vec::new();
    tag::INTERCHANGE_PROFILE.emit(&mut signed_tags);
    let own = |tag: Tag| {
        recipe.statics.iter().find(|(known, _)| *known == tag).map(|(_, value)| value.clone())
    };
    let shared = |tag: Tag, default: &str| {
        (tag, Value::Shared(own(tag).unwrap_or_else(|| hex_constant(default))))
    };
    let dated = |tag: Tag, default: [u8; 4]| {
        (tag, own(tag).map_or_else(|| Value::Individual(date(default)), Value::Shared))
    };
    let list = |tag: Tag, list: &[u8]| (tag, Value::Shared(list.to_vec()));
    let mut objects = vec![
        (tag::PRIMARY_ACCOUNT_NUMBER, Value::Individual(packed(&recipe.number(holder, index)))),
        (
            tag::SEQUENCE_NUMBER,
            Value::Shared(hex_constant(recipe.sequence.as_deref().unwrap_or(SEQUENCE_NUMBER))),
        ),
        dated(tag::EXPIRATION_DATE, holder.expiry_date),
        dated(tag::EFFECTIVE_DATE, holder.issue_date),
        shared(tag::ISSUER_COUNTRY, "0156"),
        shared(tag::USAGE_CONTROL, "FF00"),
        shared(tag::APPLICATION_VERSION, "0030"),
        shared(tag::CVM_LIST, super::CVM_LIST),
        shared(tag::ISSUER_ACTION_CODE_DEFAULT, "D86004A800"),
        shared(tag::ISSUER_ACTION_CODE_DENIAL, "0010980000"),
        shared(tag::ISSUER_ACTION_CODE_ONLINE, "D86804F800"),
        (tag::STATIC_DATA_TAG_LIST, Value::Shared(signed_tags)),
        list(tag::CDOL1, &plan.cdol1),
        list(tag::CDOL2, &plan.cdol2),
        list(tag::DDOL, &plan.ddol),
    ];
    objects.extend(own(tag::TDOL).map(|list| (tag::TDOL, Value::Shared(list))));
    objects
}
