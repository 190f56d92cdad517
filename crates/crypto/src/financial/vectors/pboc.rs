//! Vectors of PBOC cards in the field (V1 to V4).

use super::*;

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
        algorithm: Some(Cipher::TripleDes),
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

#[test]
fn v2_issuer_application_data_of_a_second_card() {
    // The answer of GENERATE AC in format 1: CID, ATC, cryptogram, 9F10.
    let answer = bytes("801E 80 0001 9576389A2C9E7534 07000103A03002010A010000000000B0992D81");
    let [0x80, 0x1E, value @ ..] = &answer[..] else { panic!("{answer:02X?}") };
    assert_eq!((value.len(), &value[..3]), (0x1E, &[0x80, 0x00, 0x01][..]));
    let data = IssuerApplicationData::parse(&value[11..]).unwrap();
    let expected = IssuerApplicationData {
        key_index: 0,
        version: 1,
        cvr: array("03A03002"),
        algorithm: Some(Cipher::TripleDes),
        discretionary: bytes("01 0000000000 B0992D81"),
    };
    assert_eq!(data, expected);
    assert_eq!(data.emit(), value[11..]);
    let card = key("40BF52BFD9AD67456B078A19011A1391");
    let session = pboc_session_key(Cipher::TripleDes, &card, array(&hex(&value[1..3])));
    let balance = array(&hex(&data.discretionary[1..6]));
    let mac = discretionary_mac(Cipher::TripleDes, &session, [0, 1], &[balance], Fold::Left);
    assert_eq!(data.discretionary[6..], mac);
    for length in 0..value.len() - 11 {
        let cut = IssuerApplicationData::parse(&value[11..][..length]);
        assert_eq!(cut.is_some(), length == 8, "{length}: only the data may be missing");
    }
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
    let issuer = sm2::Sm2PublicKey::from_bytes(&array(V3_ISSUER)).unwrap();
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
    let issuer = sm2::Sm2PublicKey::from_bytes(&array(V3_ISSUER)).unwrap();
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
fn v3_issuer_certificate_under_another_authority() {
    // The authority's key is not published: everything before the signature is read, and the
    // signature of any other authority refused.
    let head = "12 31048951 1240 654321 04 00 11 40";
    let signature = "6E54BE0958CEC44C2EE2803A1704632483F2DB507A8E21492CD9AE673FC5A9F9 \
        7DBABA2486B1DBAA6BDAB0403BC15C1BD2B2DCFDE4C2B1D350020FF181131488";
    let certificate = [bytes(head), bytes(V3_ISSUER), bytes(signature)].concat();
    assert_eq!(certificate.len(), 142);
    let pan = bytes("3104895199900000003F");
    let other = sm2::Sm2PublicKey::from_bytes(&array(V3_ISSUER)).unwrap();
    let verify = |certificate: &[u8]| {
        sm_certificate::verify_issuer_certificate(&other, certificate, &pan).map(|_| ())
    };
    use certificate::CertificateError::{Algorithm, Format, Hash, Length};
    assert_eq!(verify(&certificate), Err(Hash));
    for length in 0..certificate.len() {
        assert_eq!(verify(&certificate[..length]), Err(Length), "{length}");
    }
    assert_eq!(verify(&[&certificate[..], &[0]].concat()), Err(Length));
    for (at, error) in [(0, Format), (10, Algorithm), (11, Algorithm), (12, Algorithm)] {
        let mut changed = certificate.clone();
        changed[at] ^= 0x01;
        assert_eq!(verify(&changed), Err(error), "byte {at}");
    }
}

#[test]
fn v4_sm3_of_gbt_32905() {
    let digest = "66C7F0F462EEEDD9D1F2D46BDC10E4E24167C4875CF2F7A2297DA02B8F4BA8E0";
    assert_eq!(hex(&sm3(&[b"a", b"bc"])), digest);
}
