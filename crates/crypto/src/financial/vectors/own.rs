//! Own vectors, self-consistent with an independent implementation (V11 to V13, AES).

use super::*;

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
fn self_consistent_v11_personalisation_keys() {
    let master = key("404142434445464748494A4B4C4D4E4F");
    let derived = |cipher| {
        use PersonalisationKey::{Data, Encipherment, Mac};
        [Encipherment, Mac, Data].map(|which| {
            let key_data = array("112233445566");
            hex(personalisation_key(cipher, &master, key_data, which).expose())
        })
    };
    let sm4 = [
        "A2C4351124D479A47E815481E6A3A3E6",
        "B7D482E6B5F23B1CC0920E5038AE23DD",
        "375EE334EA6E3B86D5AA654B88B98162",
    ];
    assert_eq!(derived(Cipher::Sm4), sm4);
    // The triple DES twin, computed with OpenSSL.
    let triple_des = [
        "4A6553B6B37E03914A2594886BC3CB6C",
        "179287DEE3FA6D07CF1F8959D8D00765",
        "C13881694C4D173FB937D98BBFC68825",
    ];
    assert_eq!(derived(Cipher::TripleDes), triple_des);
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
    let key = sm2::Sm2PrivateKey::from_bytes(&d).unwrap();
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

/// No vector of the field has AES: computed from the formulas of EMV Book 2 annex A1.3, A1.4 and §8
/// by an independent implementation.
#[test]
fn self_consistent_aes_keys() {
    let card = udk(Cipher::Aes, IMK_AC);
    assert_eq!(hex(card.expose()), "DD8C17C033B85B840ABDAC15314AA438");
    let without = card_key(Cipher::Aes, DerivationOption::A, &key(IMK_AC), PAN, "").unwrap();
    assert_eq!(hex(without.expose()), "0A82FEBC77690DC63278CFB219130460");
    let session = pboc_session_key(Cipher::Aes, &card, ATC);
    assert_eq!(hex(session.expose()), "C99902F89B24B51D56D31497FA683058");
    let common = SessionKeyScheme::EmvCommon;
    let session = common.for_cryptogram(Cipher::Aes, &card, ATC, [0; 4]);
    assert_eq!(hex(session.expose()), "69CA6BFCFBEFFE7D8AA37CC48B6DEAA2");
    let script = common.for_script(Cipher::Aes, &card, ATC, array("996219D943BC89AF"));
    assert_eq!(hex(script.expose()), "7122E6FBC7DE05639A0F58A47C891592");
}

#[test]
fn self_consistent_aes_cryptograms() {
    let card = udk(Cipher::Aes, IMK_AC);
    let session = CryptogramScheme::EmvCsk.session_key(Cipher::Aes, &card, ATC);
    let ac = application_cryptogram(Cipher::Aes, &session, &[&bytes(AC_DATA)], Fold::Left);
    assert_eq!(hex(&ac), "996219D943BC89AF");
    assert_eq!(hex(&arpc_method_1(Cipher::Aes, &session, &ac, *b"00")), "54BD3A24F0ABEE76");
    let update = array("00120000");
    assert_eq!(hex(&arpc_method_2(Cipher::Aes, &session, &ac, update, &[])), "1E31EFF3");
}

#[test]
fn a_prepared_sm2_key_signs_as_the_plain_one() {
    let d = array("128B2FA8BD433C6C068C8D803DFF79792A519A55171B1B650C23661D15897263");
    let key = sm2::Sm2PrivateKey::from_bytes(&d).unwrap();
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
