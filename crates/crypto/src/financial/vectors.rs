//! Vectors of the field (V1, V2, V3, V5, V6, V8) and own, self-consistent ones (V11 to V13).

use alloc::string::String;
use alloc::vec::Vec;

use super::*;
use crate::Key;
use ::sm4::cipher::KeyInit;

use crate::block::encrypt_ecb;

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        hex.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_digit(16).unwrap() as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn array<const N: usize>(hex: &str) -> [u8; N] {
    bytes(hex).try_into().unwrap()
}

fn key(hex: &str) -> Key {
    Key::new(array(hex))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| alloc::format!("{byte:02X}")).collect()
}

const PAN: &str = "6228000100001";
const ATC: [u8; 2] = [0x02, 0x40];
const IMK_AC: &str = "F0C34A8124CEE0A91A0B034AA97D6EAC";
const IMK_ENC: &str = "D30F45EABC12AC3EF56B0C0D7F8654DE";
const IMK_MAC: &str = "12B1AC4AF070CC35612BFE2D30AB600D";
const AC_DATA: &str = "000000000001 000000000000 0156 0080046000 0156 140701 00 1E78EEBC 7D00 \
    0240 03A04002";

fn udk(cipher: Cipher, master: &str) -> Key {
    card_key(cipher, DerivationOption::A, &key(master), PAN, "01").unwrap()
}

fn session(cipher: Cipher, master: &str) -> Key {
    pboc_session_key(cipher, &udk(cipher, master), ATC)
}

#[test]
fn v1_card_keys() {
    for (master, plain, odd) in [
        (IMK_AC, "014D996FCC8F49157DC8B49E3BCDFD99", "014C986ECD8F49157CC8B59E3BCDFD98"),
        (IMK_ENC, "36B13B54CA7B3D35122CAEA263B7FC1B", "37B03B54CB7A3D34132CAEA262B6FD1A"),
        (IMK_MAC, "4189345AD478091860D3586478D14AB1", "4089345BD579081961D3586479D04AB0"),
    ] {
        let derived = udk(Cipher::TripleDes, master);
        assert_eq!(hex(derived.expose()), plain);
        assert_eq!(hex(with_odd_parity(&derived).expose()), odd);
    }
}

#[test]
fn v1_session_keys() {
    for (master, expected) in [
        (IMK_AC, "D4102725E6E5AD329E55AAB50BF23DA9"),
        (IMK_ENC, "96C3578397877DB5A145B3D8A56E1224"),
        (IMK_MAC, "EA80DA2ED32A471AC343F55484147A0F"),
    ] {
        assert_eq!(hex(session(Cipher::TripleDes, master).expose()), expected);
    }
}

#[test]
fn v1_arqc() {
    let session = session(Cipher::TripleDes, IMK_AC);
    let data = bytes(AC_DATA);
    let arqc = application_cryptogram(Cipher::TripleDes, &session, &[&data], Fold::Left);
    assert_eq!(hex(&arqc), "5D016C91005E7CC2");
    let scheme = CryptogramScheme::Pboc;
    assert_eq!(scheme.cryptogram(Cipher::TripleDes, &session, &data, Fold::Left), arqc);
}

#[test]
fn v1_arpc() {
    let session = session(Cipher::TripleDes, IMK_AC);
    let arpc = arpc_method_1(Cipher::TripleDes, &session, &array("5D016C91005E7CC2"), *b"01");
    assert_eq!(hex(&arpc), "21415243527CE78F");
}

#[test]
fn v1_issuer_application_data() {
    let session = session(Cipher::TripleDes, IMK_MAC);
    let balance = array("0000001000");
    let mac = discretionary_mac(Cipher::TripleDes, &session, ATC, &[balance], Fold::Left);
    assert_eq!(hex(&mac), "D1F61152");
    let data = IssuerApplicationData {
        key_index: 0,
        version: 1,
        cvr: array("03A04002"),
        algorithm: Cipher::TripleDes,
        discretionary: bytes("01 0000001000 D1F61152"),
    };
    let value = "07000103A04002010A010000001000D1F61152";
    assert_eq!(hex(&data.emit()), value);
    assert_eq!(IssuerApplicationData::parse(&bytes(value)), Some(data));
}

#[test]
fn v2_session_key_and_mac_of_a_second_card() {
    let card = key("40BF52BFD9AD67456B078A19011A1391");
    let session = pboc_session_key(Cipher::TripleDes, &card, [0, 1]);
    assert_eq!(hex(session.expose()), "85FF218BB721253B726B8F8BFFA4326E");
    let mac = discretionary_mac(Cipher::TripleDes, &session, [0, 1], &[[0; 5]], Fold::Left);
    assert_eq!(hex(&mac), "B0992D81");
}

const V3_ISSUER: &str = "B373D53F680BD2963D568F758899C71A8A94AE11B424726BD6A2FF9D1BADDFD1 \
    DB4A60086D30AD4F2A950DA602035A325A28AA294476C34E0E99AB6ED2CABE19";
const V3_STATIC: &str = "5A0A3104895199900000003F5F24034012315F25032104165F3401009F0702FF008E0C0000\
    00000000000002031F005F280201569F0D05D86004A8009F0E0500109800009F0F05D86804F8009F4A01828C1B9F0206\
    9F03069F1A0295055F2A029A039C019F37049F21039F4E148D1A8A029F02069F03069F1A0295055F2A029A039F21039C\
    019F3704 7C00";
const V3_STATIC_2: &str = "5A0A3104895199900000003F5F24034012315F25032104169F0702FF008E0A0000000000\
    0000001F009F0D05D8603CA8009F0E0500108000009F0F05D8683CF8009F4A01828C1B9F02069F03069F1A0295055F2A\
    029A039C019F37049F21039F4E148D1A8A029F02069F03069F1A0295055F2A029A039F21039C019F3704 7C00";
const V3_CARD: &str = "14 3104895199900000003F 1240 000031 04 00 11 40 \
    307E7978B05F376E1155351E115771040E1F463133AE426E34B3303CAD50C7C7 \
    724E44A8FA5C11933AA7B1F57A1C49F389E6A785C9F08B07594A35AF4144826F";

#[test]
fn v3_signed_static_data() {
    let issuer = sm2::PublicKey::from_bytes(&array(V3_ISSUER)).unwrap();
    let first = "13 3105 4D99FB6D0AFBE701D19D246ADD50FDC7E88885F788606AAF0460CE408309894F \
        B83A05301814E61715F7CA2629A1B475C450ACA92C4F50C103EADEE032667C5F";
    let second = "13 3105 D9BB25091F26EE4E3E61EA48EBD4D2AFA41CA481FC39ECC2055B7C182DCCEED8 \
        46531013A0D5000C531BC0936ABA808594B10FF7EEE33F0873F7DF09B7EAFEED";
    for (signed, data) in [(first, V3_STATIC), (second, V3_STATIC_2)] {
        let verified = sm_certificate::verify_static_data(&issuer, &bytes(signed), &bytes(data));
        assert_eq!(verified, Ok([0x31, 0x05]));
        let mut wrong = bytes(data);
        wrong[0] ^= 1;
        let verified = sm_certificate::verify_static_data(&issuer, &bytes(signed), &wrong);
        assert_eq!(verified, Err(certificate::CertificateError::Hash));
    }
}

#[test]
fn v3_card_certificate() {
    let issuer = sm2::PublicKey::from_bytes(&array(V3_ISSUER)).unwrap();
    let first = "DE70E59AD7D2F9215D1685AFFE4864F5C631188CF9C9BC2055F537EFB37D5EFB \
        7AECBC3F0826CA2579008464D0863DBDDB3F9219DBBF04A0B4BC67DA4EE36358";
    let second = "3B2AC5A4EB022D19681012BD93D1D3EDDB9A7FF75832D869C0AD8F56A575463E \
        96CCF5CA21F11A5391B29489364FC03F1713FEF57B694B40F0A3D16AB6A72986";
    let pan = bytes("3104895199900000003F");
    for (signature, data) in [(first, V3_STATIC), (second, V3_STATIC_2)] {
        let certificate = [bytes(V3_CARD), bytes(signature)].concat();
        assert_eq!(certificate.len(), 148);
        let (key, validity) =
            sm_certificate::verify_card_certificate(&issuer, &certificate, &bytes(data), &pan)
                .unwrap();
        assert_eq!(hex(key.bytes()), hex(&bytes(V3_CARD)[20..]));
        assert_eq!(validity.expiry, [0x12, 0x40]);
        assert_eq!(validity.serial, [0x00, 0x00, 0x31]);
    }
}

#[test]
fn v4_sm3_of_gbt_32905() {
    let digest = "66C7F0F462EEEDD9D1F2D46BDC10E4E24167C4875CF2F7A2297DA02B8F4BA8E0";
    assert_eq!(hex(&sm3(&[b"a", b"bc"])), digest);
}

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

#[test]
fn self_consistent_v11_sm4_keys() {
    for (master, card, transaction) in [
        (IMK_AC, "7FFAA44D749A5FC72C88CAA85A340D9F", "6F108B43D40C6B098EABB30C4DD50E56"),
        (IMK_ENC, "E7B19C500DAE4778F6CE1DCD8E90ABCA", "0283646F8B70F2520B75590D5074E20F"),
        (IMK_MAC, "D6AF939F659742EE7482B4AD3BE30FE3", "E2B942FD34AA3832A0719593D4737CD2"),
    ] {
        assert_eq!(hex(udk(Cipher::Sm4, master).expose()), card);
        assert_eq!(hex(session(Cipher::Sm4, master).expose()), transaction);
    }
}

#[test]
fn self_consistent_v11_sm4_cryptograms() {
    let session_key = session(Cipher::Sm4, IMK_AC);
    let data = bytes(AC_DATA);
    let ac = |fold| application_cryptogram(Cipher::Sm4, &session_key, &[&data], fold);
    assert_eq!(hex(&ac(Fold::Left)), "520A1DE30C1F85F7");
    assert_eq!(hex(&ac(Fold::Xor)), "E121BB1783721C31");
    let arpc = arpc_method_1(Cipher::Sm4, &session_key, &ac(Fold::Left), *b"00");
    assert_eq!(hex(&arpc), "F2377BD16CB641D5");
    for (byte, expected) in [(0xA0, "517EF614DD7969C7"), (0x90, "8806A8305CF46F37")] {
        let short = [bytes("000000000001 1E78EEBC 0240"), Vec::from([byte])].concat();
        let ac = application_cryptogram(Cipher::Sm4, &session_key, &[&short], Fold::Left);
        assert_eq!(hex(&ac), expected);
    }
}

#[test]
fn self_consistent_v11_sm4_macs_and_scripts() {
    let mac_key = session(Cipher::Sm4, IMK_MAC);
    let balance = array("0000001000");
    let idd = discretionary_mac(Cipher::Sm4, &mac_key, ATC, &[balance], Fold::Left);
    assert_eq!(hex(&idd), "9BA7776C");
    let arqc = array("520A1DE30C1F85F7");
    let script = |header: &str, data: &[u8], fold| {
        hex(&script_mac(Cipher::Sm4, &mac_key, array(header), ATC, &arqc, data, fold))
    };
    let amount = bytes("000000100000");
    assert_eq!(script("04DA9F790A", &amount, Fold::Left), "095CD61F");
    assert_eq!(script("04DA9F790A", &amount, Fold::Xor), "A9392777");
    assert_eq!(script("841E000004", &[], Fold::Left), "0F67FFE4");
    let block = pin_change_block(&udk(Cipher::Sm4, IMK_ENC), "1234", None).unwrap();
    assert_eq!(hex(&*block), "041234FFF251B887");
    let encipherment = session(Cipher::Sm4, IMK_ENC);
    let enciphered = encipher_script(Cipher::Sm4, &encipherment, &*block).unwrap();
    assert_eq!(hex(&enciphered), "D8EE1FC7E03F00AEE35F3F96E62C56E5");
    assert_eq!(script("8424000214", &enciphered, Fold::Left), "0B536533");
    let plain = decipher_script(Cipher::Sm4, &encipherment, &enciphered).unwrap();
    assert_eq!(plain.as_slice(), &*block);
}

#[test]
fn self_consistent_v12_triple_des() {
    let des = Cipher::TripleDes;
    for (byte, expected) in [(0xA0, "816E9C8F9BF2BE92"), (0x90, "E8EE69CDFDB256BD")] {
        let short = [bytes("000000000001 1E78EEBC 0240"), Vec::from([byte])].concat();
        let ac = application_cryptogram(des, &session(des, IMK_AC), &[&short], Fold::Left);
        assert_eq!(hex(&ac), expected);
    }
    let (mac_key, arqc) = (session(des, IMK_MAC), array("5D016C91005E7CC2"));
    let script = |header: &str, data: &[u8]| {
        hex(&script_mac(des, &mac_key, array(header), ATC, &arqc, data, Fold::Left))
    };
    assert_eq!(script("04DA9F790A", &bytes("000000100000")), "3F4C891B");
    assert_eq!(script("841E000004", &[]), "42CA0591");
    let plain = udk(des, IMK_ENC);
    let odd = with_odd_parity(&plain);
    for (card, old, block, enciphered, mac, header) in [
        (
            &odd,
            None,
            "041234FF3485C2CB",
            "83A739C3D56C1E73CA4E6114050D1077",
            "574676A9",
            "8424000214",
        ),
        (
            &plain,
            None,
            "041234FF3584C2CA",
            "D7B179CC512C7B78C48BAFEFD63D7B4E",
            "0BA32DC0",
            "8424000214",
        ),
        (
            &odd,
            Some("5678"),
            "526A34FF3485C2CB",
            "FEC9F1E6F6B68407CA4E6114050D1077",
            "60D938B2",
            "8424000114",
        ),
    ] {
        let made = pin_change_block(card, "1234", old).unwrap();
        assert_eq!(hex(&*made), block);
        let sent = encipher_script(des, &session(des, IMK_ENC), &*made).unwrap();
        assert_eq!(hex(&sent), enciphered);
        assert_eq!(script(header, &sent), mac);
        let old = old.map(|old| format_2_block(old).unwrap());
        let recovered = pin_from_change_block(card, &made, old.as_deref()).unwrap();
        assert_eq!(hex(&*recovered), "241234FFFFFFFFFF");
    }
}

#[test]
fn self_consistent_v13_sm2() {
    let d = array("128B2FA8BD433C6C068C8D803DFF79792A519A55171B1B650C23661D15897263");
    let k = array("6CB28D99385C175C94F94E934817663FC176D925DD72B727260DBAAE1FB2F96F");
    let key = sm2::PrivateKey::from_bytes(&d).unwrap();
    let public = key.public_key();
    assert_eq!(
        hex(public.bytes()),
        "D5548C7825CBB56150A3506CD57464AF8A1AE0519DFAF3C58221DC810CAF28DD\
         921073768FE3D59CE54E79A49445CF73FED23086537027264D168946D479533E"
    );
    assert_eq!(
        hex(&sm2::identity_hash(public.bytes())),
        "879215BD4850A48ADB86915F5BAC8C609939D220F55EF4E1982324DA6F628A07"
    );
    let dynamic = bytes("020240");
    let number = bytes("1E78EEBC");
    let signed = sm_certificate::sign_dynamic_data(&key, &k, &dynamic, &number).unwrap();
    assert_eq!(
        hex(&signed),
        "1503020240D5E53030F1DEC9DB83EB3A0FF89F6CE797A8756A5AFF163387BC48DE8DE9BB81\
         8BBD65EE4834459B46BD386775641467DF2DEA6ACB59FFF5538FBB2E2C190ED7"
    );
    let verified = sm_certificate::verify_dynamic_data(public, &signed, &number);
    assert_eq!(verified, Ok(dynamic.clone()));
    let more = bytes("1E78EEBC 000000000001 0156 01A1B2C3D4000000");
    let signed = sm_certificate::sign_dynamic_data(&key, &k, &dynamic, &more).unwrap();
    assert_eq!(
        hex(&signed[5..]),
        "3797B43F2BC60889A688E2A1E6BC442AA205AB075066B76738EE22D371750B08\
         29168F6987F9B3FEE0104F9529C9394227BF22E5283B9C1AC0D288CDC4FA4F9F"
    );
}

#[test]
fn a_prepared_sm2_key_signs_as_the_plain_one() {
    let d = array("128B2FA8BD433C6C068C8D803DFF79792A519A55171B1B650C23661D15897263");
    let key = sm2::PrivateKey::from_bytes(&d).unwrap();
    let prepared = key.prepared();
    let nonces = [
        "0000000000000000000000000000000000000000000000000000000000000001",
        "0000000000000000000000000000000000000000000000000000000000000008",
        "8888888888888888888888888888888888888888888888888888888888888888",
        "7777777777777777777777777777777777777777777777777777777777777777",
        "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54122",
        "F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0",
    ];
    for nonce in nonces.map(array) {
        let signature = key.sign(&[b"message"], &nonce).unwrap();
        assert_eq!(prepared.sign(&[b"message"], &nonce), Some(signature));
        assert!(key.public_key().verify(&[b"message"], &signature));
    }
    assert_eq!(prepared.sign(&[b"message"], &[0x00; 32]), None);
    assert_eq!(prepared.prepared().sign(&[b"message"], &[0xFF; 32]), None);
    assert_eq!(prepared.public_key(), key.public_key());
}
