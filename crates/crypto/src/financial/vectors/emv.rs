//! Vectors of EMV and of its building blocks (V5, V6, V8).

use ::sm4::cipher::KeyInit;

use super::*;
use crate::block::encrypt_ecb;

const V5_DATA: &str = "000000010000 000000001000 0840 0000001080 0840 980704 00 11111111 5800 3456 \
    A08003242000";

fn v5_card() -> Key {
    let master = key("12345678123456781234567812345678");
    let card = card_key(Cipher::TripleDes, DerivationOption::A, &master, "1234567890123456", "00");
    with_odd_parity(&card.unwrap())
}

#[test]
fn v5_card_key() {
    assert_eq!(hex(v5_card().expose()), "DCE992BCE398C264F7858AFD4C4A324A");
}

#[test]
fn v5_cryptograms_by_scheme_and_padding() {
    for (scheme, zeros, bit) in [
        (SessionKeyScheme::CardKeyItself, "26C8A1042D1CAF3E", "2263CD868F3E0234"),
        (SessionKeyScheme::EmvCommon, "36DBEE15F36B1E7F", "55BE45DD2C9E0CBF"),
        (SessionKeyScheme::MChip, "9FFD1D52AE0EC0F3", "AC8074C9E62EE6EF"),
    ] {
        let session = scheme.for_cryptogram(Cipher::TripleDes, &v5_card(), [0x34, 0x56], [0x11; 4]);
        let data = bytes(V5_DATA);
        assert_eq!(hex(&mac_algorithm_3(&session, &[&data], Padding::Zeros)), zeros);
        assert_eq!(hex(&mac_algorithm_3(&session, &[&data], Padding::Bit)), bit);
    }
    let visa = CryptogramScheme::VisaCvn10;
    let session = visa.session_key(Cipher::TripleDes, &v5_card(), [0x34, 0x56]);
    let cryptogram = visa.cryptogram(Cipher::TripleDes, &session, &bytes(V5_DATA), Fold::Left);
    assert_eq!(hex(&cryptogram), "26C8A1042D1CAF3E");
    let csk = CryptogramScheme::EmvCsk;
    let session = csk.session_key(Cipher::TripleDes, &v5_card(), [0x34, 0x56]);
    let cryptogram = csk.cryptogram(Cipher::TripleDes, &session, &bytes(V5_DATA), Fold::Left);
    assert_eq!(hex(&cryptogram), "55BE45DD2C9E0CBF");
}

#[test]
fn v5_response_cryptograms() {
    let of = |scheme: SessionKeyScheme| {
        scheme.for_cryptogram(Cipher::TripleDes, &v5_card(), [0x34, 0x56], [0x11; 4])
    };
    for (scheme, arqc, code, expected) in [
        (SessionKeyScheme::CardKeyItself, "26C8A1042D1CAF3E", "3030", "98DE7C7B3D80A831"),
        // M/Chip issuers answer under the card key itself.
        (SessionKeyScheme::CardKeyItself, "AC8074C9E62EE6EF", "0012", "5B5B712F9A644774"),
        (SessionKeyScheme::EmvCommon, "55BE45DD2C9E0CBF", "0012", "01BAE8DE6A0DE9E0"),
    ] {
        let arpc = arpc_method_1(Cipher::TripleDes, &of(scheme), &array(arqc), array(code));
        assert_eq!(hex(&arpc), expected);
    }
    let session = of(SessionKeyScheme::EmvCommon);
    let arqc = array("55BE45DD2C9E0CBF");
    let arpc = arpc_method_2(Cipher::TripleDes, &session, &arqc, array("00120000"), &[]);
    assert_eq!(hex(&arpc), "B4C698B6");
}

const V6_MASTER: &str = "0123456789ABCDEFFEDCBA9876543210";

#[test]
fn v6_master_key_options_a_and_b() {
    let derive = |option, pan: &str, psn: &str| {
        let derived = card_key(Cipher::TripleDes, option, &key(V6_MASTER), pan, psn).unwrap();
        hex(with_odd_parity(&derived).expose())
    };
    use DerivationOption::{A, B};
    assert_eq!(derive(A, "12345678901234567", "01"), "73AD54688CEF2934B0979857E3C719F1");
    assert_eq!(derive(A, "99012345678901234", "45"), "67F8292358083E5EA7AB7FDA58D53B6B");
    assert_eq!(derive(B, "12345678901234567", "01"), "AD406D7F6D7570916D75E5DCAB8CF737");
    // Up to 16 digits option B is option A.
    assert_eq!(derive(B, "1234567890123456", "01"), derive(A, "1234567890123456", "01"));
}

#[test]
fn v6_session_keys() {
    let card = key(V6_MASTER);
    let of = |scheme: SessionKeyScheme| {
        let session = scheme.for_cryptogram(Cipher::TripleDes, &card, [0x00, 0x1C], [0; 4]);
        hex(with_odd_parity(&session).expose())
    };
    assert_eq!(of(SessionKeyScheme::EmvCommon), "E9FB384AF807B940FEDCEA613461B0C4");
    assert_eq!(of(SessionKeyScheme::Emv2000), "E5BF6D1067F194B0A89B7F5D83BC64A2");
    let visa =
        SessionKeyScheme::VisaXor.for_cryptogram(Cipher::TripleDes, &card, [0x00, 0x1C], [0; 4]);
    assert_eq!(hex(with_odd_parity(&visa).expose()), "0123456789ABCDF2FEDCBA987654CDF2");
}

#[test]
fn v6_application_and_response_cryptograms() {
    let des = Cipher::TripleDes;
    let session = key("29B33180E567CE38EA4CBC9D753B0E61");
    let data = bytes("0123456789ABCDEF0123456789ABCDEF");
    let ac = application_cryptogram(des, &session, &[&data], Fold::Left);
    assert_eq!(hex(&ac), "FA624250B008B59A");
    assert_eq!(hex(&arpc_method_1(des, &session, &ac, [0, 0])), "45D4255EEF10C920");
    assert_eq!(hex(&arpc_method_2(des, &session, &ac, [0; 4], &[])), "CB56FA40");
    let session = key("AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBB");
    let data = bytes("000000002000 000000000000 0124 0000008000 0124 110309 00 3804823E 5800 0001");
    let ac = application_cryptogram(des, &session, &[&data], Fold::Left);
    assert_eq!(hex(&ac), "3B76CF10FECD8789");
    let arpc = arpc_method_1(des, &session, &array("1234567890ABCDEF"), [0, 0]);
    assert_eq!(hex(&arpc), "F5E6F44147E2F1B0");
}

#[test]
fn v6_script_macs_and_encipherment() {
    let session = key(V6_MASTER);
    let mac = |data: &str| hex(&mac_algorithm_3(&session, &[&bytes(data)], Padding::Bit));
    assert_eq!(mac("8424000008"), "0BFFF5DF3FAA24E1");
    assert_eq!(mac("8424000008FFFF1234567890123456"), "E07B8DF1B4184282");
    let enciphered = encipher_script_mastercard(&session, &bytes("241234FFFFFFFFFF"));
    assert_eq!(hex(&enciphered), "9859240AE52820C3");
    let block = format_2_block("9999").unwrap();
    let enciphered = encipher_script_emv(&session, &*block);
    assert_eq!(hex(&enciphered), "5A862D1381CCB94822CFDD706A376178");
}

#[test]
fn v6_pin_blocks() {
    let block = visa_pin_block(&key(V6_MASTER), "1234").unwrap();
    assert_eq!(hex(&*block), "041234FF76543210");
    let block = format_2_block("123456789012").unwrap();
    assert_eq!(hex(&*block), "2C123456789012FF");
    assert_eq!(pin_from_format_2(&block).unwrap().as_str(), "123456789012");
    for pin in ["123", "1234567890123", "12a4", ""] {
        assert!(format_2_block(pin).is_none(), "{pin}");
    }
}

#[test]
fn v6_visa_cvn_18_chain() {
    let des = Cipher::TripleDes;
    let derive = |byte: u8| {
        let master = Key::new([byte; 16]);
        let derived =
            card_key(des, DerivationOption::A, &master, "1234567890123456", "00").unwrap();
        with_odd_parity(&derived)
    };
    let (atc, scheme) = ([0x0F, 0xFF], CryptogramScheme::VisaCvn18);
    let session = scheme.session_key(des, &derive(0xAA), atc);
    let data = bytes(
        "000000009999 000000000000 0840 8000048000 0840 991231 01 52BF4585 1800 0FFF 06011203A0B800",
    );
    let arqc = scheme.cryptogram(des, &session, &data, Fold::Left);
    assert_eq!(hex(&arqc), "769577B5ABE9FE62");
    assert_eq!(hex(&arpc_method_2(des, &session, &arqc, [0; 4], &[])), "76503F48");
    let keys = scheme.script_keys();
    let mac_key = keys.for_script(des, &derive(0xBB), atc, arqc);
    let header = array("8418000008");
    let parts: [&[u8]; 3] = [&header as &[u8; 5], &atc, &arqc];
    assert_eq!(hex(&mac_algorithm_3(&mac_key, &parts, Padding::Bit)), "B5CB29759F9C3919");
    let block = visa_pin_block(&derive(0xAA), "9999").unwrap();
    let enciphered = encipher_script(des, &keys.for_script(des, &derive(0xCC), atc, arqc), &*block);
    let enciphered = enciphered.unwrap();
    assert_eq!(hex(&enciphered), "2DC7A061323BA62472BC5308BD291B5F");
    let header = array("8424000218");
    let parts: [&[u8]; 4] = [&header as &[u8; 5], &atc, &arqc, &enciphered];
    assert_eq!(hex(&mac_algorithm_3(&mac_key, &parts, Padding::Bit)), "665B3A927E60661E");
}

#[test]
fn v6_iso_9797_1_algorithm_3() {
    // Both halves of the pair of keys of the vector: k1 enciphers, k2 deciphers the last block.
    let (k1, k2) = (V6_MASTER, "FEDCBA98765432100123456789ABCDEF");
    let chained = {
        let mut block: [u8; 8] = array("1234567890ABCDEF");
        let k1 = des::TdesEde2::new(key(k1).expose().into());
        encrypt_ecb(&k1, &mut block);
        block[0] ^= 0x80;
        encrypt_ecb(&k1, &mut block);
        let k2 = des::TdesEde2::new(key(k2).expose().into());
        crate::block::decrypt_ecb(&k2, &mut block);
        encrypt_ecb(&k1, &mut block);
        block
    };
    assert_eq!(hex(&chained), "644AA5C915DBDAF8");
}

#[test]
fn v6_hardware_module_chain() {
    let des = Cipher::TripleDes;
    let check_value = |key: &Key| {
        let mut block = [0; 8];
        encrypt_ecb(&des::TdesEde2::new(key.expose().into()), &mut block);
        hex(&block[..2])
    };
    let master = key(V6_MASTER);
    assert_eq!(check_value(&master), "08D7");
    let card = card_key(des, DerivationOption::A, &master, "9901234567890123", "45").unwrap();
    assert_eq!(check_value(&card), "1DA5");
    let r = array("1234567890123456");
    let session = SessionKeyScheme::EmvCommon.for_script(des, &card, [0, 0], r);
    assert_eq!(check_value(&session), "0995");
    let data = bytes("0123456789ABCDEF0123456789ABCDEF");
    let ac = application_cryptogram(des, &session, &[&data], Fold::Left);
    assert_eq!(hex(&ac), "4B46013359B7A58B");
    assert_eq!(hex(&arpc_method_1(des, &card, &ac, [0, 0])), "F8C9CECAABD55AD1");
}

#[test]
fn v8_aes_cmac_of_rfc_4493() {
    let aes = key("2B7E151628AED2A6ABF7158809CF4F3C");
    let message = bytes(
        "6BC1BEE22E409F96E93D7E117393172A AE2D8A571E03AC9C9EB76FAC45AF8E51 \
         30C81C46A35CE411E5FBC1191A0A52EF F69F2445DF4F9B17AD2B417BE66C3710",
    );
    for (length, expected) in [
        (0, "BB1D6929E95937287FA37D129B756746"),
        (16, "070A16B46B4D4144F79BDD9DD04A287C"),
        (40, "DFA66747DE9AE63030CA32611497C827"),
        (64, "51F0BEBF7E3B9D92FC49741779363CFE"),
    ] {
        assert_eq!(hex(&aes_cmac(&aes, &[&message[..length]])), expected);
    }
    assert_eq!(hex(&mac(Cipher::Aes, &aes, &[], Fold::Left)), "BB1D6929E9593728");
}

/// The first message is the one of ANSI X9.9; the others were computed independently.
#[test]
fn mac_algorithm_1_in_both_paddings() {
    let key = array("0123456789ABCDEF");
    let mac = |parts: &[&[u8]], padding| hex(&mac_algorithm_1(&key, parts, padding));
    for (message, zeros, bit) in [
        (&b"Now is the time for all "[..], "70A30640CC76DD8B", "10E1F0F108341B6D"),
        (b"Now is the t", "3FA7E88E0F6E17D1", "2E416077E3F861AC"),
        (b"", "0000000000000000", "CAEE534C523E1E79"),
    ] {
        assert_eq!(mac(&[message], Padding::Zeros), zeros);
        assert_eq!(mac(&[message], Padding::Bit), bit);
        // However it comes in parts.
        for at in 0..=message.len() {
            let (left, right) = message.split_at(at);
            assert_eq!(mac(&[left, right], Padding::Zeros), zeros);
            assert_eq!(mac(&[left, &[], right], Padding::Bit), bit);
        }
    }
    // Algorithm 3 under a key of two equal halves is algorithm 1.
    let message = b"Now is the time for all ";
    let double = Key::new(array("0123456789ABCDEF0123456789ABCDEF"));
    let three = mac_algorithm_3(&double, &[message], Padding::Zeros);
    assert_eq!(hex(&three), mac(&[message], Padding::Zeros));
}
