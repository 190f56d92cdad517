use alloc::vec::Vec;

use super::*;

#[test]
fn every_tag_stands_once_and_in_order() {
    for table in [ALL, SOCIAL, PKI] {
        assert!(table.iter().zip(&table[1..]).all(|(one, next)| one.tag < next.tag));
    }
    assert!(ALL.len() >= 165);
    assert_eq!(element(tag::TERMINAL_VERIFICATION_RESULTS).unwrap().abbreviation, Some("TVR"));
    assert_eq!(element(Tag::from_number(0x9F0C)), None);
    assert_eq!(social_element(social::ISSUER_DATA).unwrap().en, "issuer's own data");
}

#[test]
fn abbreviations_are_found_in_any_case() {
    assert_eq!(element_named("tvr").map(|found| found.tag.number()), Some(0x95));
    assert_eq!(element_named("IAD").map(|found| found.tag.number()), Some(0x9F10));
    assert_eq!(element_named("-"), None);
}

#[test]
fn a_template_is_what_its_tag_says() {
    for element in ALL.iter().chain(SOCIAL).chain(PKI) {
        assert!(!element.is_template() || element.tag.is_constructed(), "{}", element.tag);
        for template in element.templates {
            // The answer of format 1 has its elements bare, and 9F0C holds one though it is primitive.
            let known = super::element(*template).or_else(|| social_element(*template));
            assert!(known.is_some(), "{} in {template}", element.tag);
        }
        let (en, zh) = (element.en, element.zh);
        assert!(!en.is_empty() && en.is_ascii() && !zh.is_empty(), "{}", element.tag);
    }
}

#[test]
fn bits_lie_in_the_field_and_are_as_long_as_its_length_says() {
    for element in ALL {
        let Content::Bits(bits) = element.content else { continue };
        let length = element.length.range().expect("a bit field has a length");
        for bit in bits {
            assert!((1..=*length.end()).contains(&bit.byte), "{} {}", element.tag, bit.en);
            assert!(bit.mask != 0 && bit.value & !bit.mask == 0, "{} {}", element.tag, bit.en);
            assert!(!bit.en.is_empty() && !bit.zh.is_empty());
        }
    }
    let cvr: Vec<usize> = CardVerificationResults::BITS.iter().map(|bit| bit.byte).collect();
    assert!(cvr.is_sorted() && cvr.iter().all(|byte| (2..=4).contains(byte)));
}

#[test]
fn bits_are_set_asked_for_and_cleared() {
    type Tvr = TerminalVerificationResults;
    let mut results = Tvr::default();
    results.set(Tvr::EXPIRED | Tvr::NEW_CARD);
    assert_eq!(results.bytes(), [0x00, 0x48, 0x00, 0x00, 0x00]);
    assert!(results.has(Tvr::EXPIRED | Tvr::CDA_FAILED) && !results.has(Tvr::CDA_FAILED));
    results.clear(Tvr::EXPIRED);
    assert_eq!(results, Tvr::NEW_CARD);
}

#[test]
fn card_verification_results_name_both_cryptograms() {
    type Cid = CryptogramInformationData;
    let mut results = CardVerificationResults::default();
    results.set_first(Cid::ARQC);
    assert_eq!((results.bytes(), results.first()), ([0x03, 0xA0, 0x00, 0x00], Cid::ARQC));
    assert_eq!(results.second(), None);
    results.set_second(Cid::TC);
    assert_eq!(results.second(), Some(Cid::TC));
    results.set_scripts(3);
    results.set(CardVerificationResults::DDA_PERFORMED);
    assert_eq!((results.bytes(), results.scripts()), ([0x03, 0x60, 0x00, 0x32], 3));
    assert_eq!(Cid::new([0x89]).kind(), Cid::ARQC);
}

#[test]
fn lengths_and_alignments() {
    let amount = element(tag::AMOUNT_AUTHORISED).unwrap();
    assert!(amount.length.admits(6) && !amount.length.admits(5));
    assert!(element(tag::APPLICATION_LABEL).unwrap().length.admits(40));
    use sscard_apdu::dol::Alignment;
    assert_eq!(amount.format.alignment(), Alignment::Numeric);
    assert_eq!(
        element(tag::PRIMARY_ACCOUNT_NUMBER).unwrap().format.alignment(),
        Alignment::CompressedNumeric
    );
}
