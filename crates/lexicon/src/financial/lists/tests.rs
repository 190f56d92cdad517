use super::*;

fn english(notes: Option<Vec<Note>>) -> Vec<String> {
    notes
        .expect("the value has the form")
        .iter()
        .map(|note| format!("{} {}", note.place, note.meaning.en).trim().to_owned())
        .collect()
}

#[test]
fn a_file_locator_names_files_and_records() {
    assert_eq!(
        english(file_locator(&[0x10, 0x01, 0x04, 0x00, 0x18, 0x01, 0x02, 0x01])),
        ["file 2, records 1 to 4, 0 of them signed", "file 3, records 1 to 2, 1 of them signed"]
    );
    assert_eq!(file_locator(&[0x10, 0x01]), None);
}

/// JR/T 0025.6 §9: rules of the built-in card.
#[test]
fn a_cvm_list_reads_rule_by_rule() {
    let list = [0, 0, 0, 0, 0, 0, 0, 0, 0x41, 0x03, 0x42, 0x03, 0x1E, 0x03, 0x1F, 0x00];
    assert_eq!(
        english(verification_methods(&list)),
        [
            "1 plaintext PIN checked by the card, when the terminal supports it; failing goes on to \
             the next",
            "2 enciphered PIN checked by the issuer, when the terminal supports it; failing goes on \
             to the next",
            "3 signature, when the terminal supports it; failing ends it",
            "4 no verification needed, always; failing ends it",
        ]
    );
    let with_amounts = [0, 0, 0x75, 0x30, 0, 0, 0, 5, 0x02, 0x07];
    assert_eq!(
        english(verification_methods(&with_amounts)),
        [
            "X 300.00",
            "Y 0.05",
            "1 enciphered PIN checked by the issuer, in the application's currency and over X; \
             failing ends it"
        ]
    );
    assert_eq!(english(verification_methods(&[0; 8])), ["no rules"]);
    assert_eq!(verification_methods(&[0; 7]), None);
    assert_eq!(verification_methods(&[0; 9]), None);
}

/// A public log of a UnionPay card (JR/T 0025.5 annex A).
#[test]
fn issuer_application_data_of_a_real_card() {
    let iad = [
        0x07, 0x01, 0x17, 0x03, 0xA0, 0x00, 0x00, 0x01, 0x0A, 0x01, 0x00, 0x00, 0x04, 0x99, 0x93,
        0x86, 0x5E, 0xF2, 0x20,
    ];
    assert_eq!(
        english(issuer_data(&iad)),
        [
            "derivation key index 01",
            "cryptogram version 17",
            "card verification results 03A00000",
            "CVR B2b8-7 second GENERATE AC not requested",
            "CVR B2b6-5 first GENERATE AC returned ARQC",
            "algorithm 3DES",
            "e-cash balance 499.93",
            "MAC 865EF220",
        ]
    );
    assert_eq!(issuer_data(&iad[..18]), None, "the length byte must fit");
    assert_eq!(issuer_data(&[0x06; 8]), None);
    assert_eq!(english(issuer_data(&iad[..8])).len(), 6, "without discretionary data");
}

#[test]
fn two_amounts_of_issuer_discretionary_data() {
    let mut data = vec![0x03];
    data.extend([0x00, 0x00, 0x10, 0x00, 0x00]);
    data.extend([0x00, 0x00, 0x00, 0x05, 0x00]);
    data.extend([0xAA, 0xBB, 0xCC, 0xDD]);
    assert_eq!(
        english(Some(discretionary(&data))),
        ["e-cash balance 1000.00", "cumulative offline amount 5.00", "MAC AABBCCDD"]
    );
    data.pop();
    assert_eq!(english(Some(discretionary(&data))).len(), 1, "another length is shown as it is");
}

#[test]
fn card_verification_results_count_the_script_commands() {
    assert_eq!(
        english(Some(card_verification_results(&[0x03, 0x64, 0x10, 0x3A]))),
        [
            "B2b8-7 second GENERATE AC returned TC",
            "B2b6-5 first GENERATE AC returned ARQC",
            "B2b3 offline PIN verification performed",
            "B3b5 new card",
            "B4b4 script failed in the last transaction",
            "B4b2 dynamic data authentication performed",
            "B4b8-5 3 script commands in the last transaction",
        ]
    );
}

#[test]
fn lists_of_objects_and_tags() {
    assert_eq!(
        english(object_list(&[0x9F, 0x02, 0x06, 0x95, 0x05, 0xDF, 0x7F, 0x01])),
        [
            "9F02 amount, authorised, 6 bytes",
            "95 terminal verification results, 5 bytes",
            "DF7F unknown tag, 1 byte"
        ]
    );
    assert_eq!(object_list(&[0x9F]), None);
    assert_eq!(english(tag_list(&[0x82])), ["82 application interchange profile"]);
}

#[test]
fn results_of_verification_and_script() {
    assert_eq!(
        english(verification_results(&[0x41, 0x03, 0x02])),
        [
            "B1 plaintext PIN checked by the card",
            "B2 when the terminal supports it",
            "B3 successful"
        ]
    );
    assert_eq!(
        english(script_result(&[0x21, 0x00, 0x00, 0x00, 0x07])),
        ["B1 script successful, command 1", "script identifier 00000007"]
    );
    assert_eq!(english(log_entry(&[0x0B, 0x0A])), ["file 11, 10 records"]);
}
