//! Cards certified under an authority and an issuer of one's own, by value, PEM, file or seed.

use std::sync::Arc;

use sscard_core::Card;
use sscard_host::{Follow, InProcess};
use sscard_profile::{
    AUTHORITY_1984, MasterKeys, authorities, issue, load, load_beside, synthetic_holder,
};
use sscard_terminal::payment::{
    AuthenticationFailure, AuthorityKeys, OfflineAuthentication, Settings, TestIssuer, pay,
};

/// TEST keys, made for this file with OpenSSL: RSA in PKCS #8 (exponent 3) and PKCS #1 (65537), SM2 in SEC 1
/// and PKCS #8, and one on another curve.
const RSA_PKCS_8: &str = "-----BEGIN PRIVATE KEY-----
MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBAOFhRVDHgEyMRMma
xrbreDxRriT5zklCNlksM9oi69ymRZ4f1GrSYuzt5TdL1ELAtzF76baWHf8/v1rv
aDcHozO/UQDVSJ1RTHZrQZ3STmVIxbM8+vz0H4fA04MO5a2FKoTLmf5yOLpHnqHP
oewxUIqth5D8ImWPfQGlJ00OmJH7AgEDAoGBAJZA2OCFADMILdu8hHnyUCg2dBim
iYYsJDtyzTwXR+hu2RQVOEc27J3z7iTdOCyAeiD9Rnm5aVTVKjyfms9abMvpsJd2
5dnCbIeKBqKpNg20eQuQNMAHjUHeMZDRqwGzRKl9Gr38N7wPovF3C2Fsg0KRORo6
Ryy/pq/T5sYh+bxLAkEA+edL7UpKB8hbu4Mf5PPww8AJXIs6LcvJnF/muzrYajv0
SXogywyNhXS08P+6aw+PEW8cPFO/ihTKA6nl3PD5eQJBAObg0bWljKXhT2C0ie+J
X/ZQGIggorr/21cpQxkqUo4HkkZ3wKzYkqq1gqwRH6N8F8JCzWhj4uXuL+OjPf6w
/hMCQQCmmjKeMYav2ufSV2qYoqCCgAY9sibJMoZoP+8nfJBG0qLbpsCHXbOuTc31
/9GctQoLn2goN9UGuIatG+6TS1D7AkEAmes2eRkIbpY06yMGn7DqpDVlsBXB0f/n
j3DXZhw3CVphhE/VyJBhxyOscrYVF6gP1tczmu1B7p7Kl8IpVHX+twJBANt79hzp
GnEuA4CK5ZVO9VjcYgPVtkJ8wd4gXxpicqBj7c46bkHBUNaV37rMF88j1fPt77Sq
Zdfr1XYAvOb1xZ4=
-----END PRIVATE KEY-----
";
const RSA_PKCS_1: &str = "-----BEGIN RSA PRIVATE KEY-----
MIICXQIBAAKBgQCZZ4Pgk5GNfL4g8H3kqXDWq6bGZtHuhhBysXuMq1b1G2DAtKi5
LxwDhq+4Du917BL8VHq3+VDlutcWOUpSFud1LoVAiWnZ0uktablHkE5l4JTDDRwv
TYPg3Bn5BDADDKREPwfTfXFS0T/hGZGRJDcNtO8/tHXTajkse6ak8/PZvQIDAQAB
AoGAaD/BjkeanZVNO+NTGqbPaQNjpebP+ZGf8eGNPa5evNkrKipbkuVh2z+XgLSd
pPyWdmYOs6G5iTUs4Ax05k5sYdePWhGxFZcHMKdUWFEp5k7+Vea+XQOGoB4sYpPu
4lGhnwJZJcT5Cj4sEPb1XUp516hCTOe8F1BbBdhTUG943t0CQQDMXK4dBhYko/Jk
7TiczVvjVcYlcsvIqvmpSwA4CTEVFHTC4BXJppJWRxOvkIvV7sQQrfB/0llidjRp
1Cy71AsTAkEAwCqY74e1//IJD0OnaLSEAk/mMyM1SEyzAHPuJQCFBVz1sTtNB1ui
rm0tHOXk83furDdkolKPtw6s19i7B6HR7wJBAIzEnm6BnckZYUNiICfqUQw0Livn
ejW8iAK0Fe+DbVq+33rIzlk7svtZNFcvsxLmyAlRNyNk6osnLw1iyHmNIx8CQQC2
uMprGHPqRs5ugTnxyZOsTyTogxXrBWM/jvxmmrPhgZ7tQyHfWTa6/Hzk+YRWLTf4
8ULzReX5fi7DnwVYIHppAkA6ajeqtM09QZi6jZRc4llHnAh7r4vGWjzZrtQDR0ud
dVuTgjCTEDhRhCeV5ARcnXYjrp+UP39LToVIe5VFTC2N
-----END RSA PRIVATE KEY-----
";
const SM2_SEC_1: &str = "-----BEGIN EC PARAMETERS-----
BggqgRzPVQGCLQ==
-----END EC PARAMETERS-----
-----BEGIN EC PRIVATE KEY-----
MDECAQEEIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8goAoGCCqBHM9V
AYIt
-----END EC PRIVATE KEY-----
";
const SM2_PKCS_8: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQgwkXABc1CyXjQZCCM
MqMNlhmYigwAbz0ZVzd5d6mTSVqhRANCAARrGBHQ72iFU48QwSZ0bwnKCBL91F9V
4Vuit/+eeGVDBEm6tHa5XAdaulRygKKoEWBcJoExr/kVjCUwA25wKL1H
-----END PRIVATE KEY-----
";
const P_256: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg9m3KjizxpawdqSwc
trpdAPotDUTveHKteRWEe8FrVWqhRANCAAQlrVHjTLyV3V6w7JTrXSWw/puua0i9
+RoYSnMdk2CZZDoC/zRBfsy1l7CQrX43MWBHw+9t+W/gGSydNejwxy8Z
-----END PRIVATE KEY-----
";

fn profile(tables: &str) -> String {
    format!("base = \"gen3\"\n[financial]\npan = \"6228480000000018\"\n{tables}")
}

/// What the terminal finds that is told the profile's authority.
fn authenticate(text: &str, sm: bool, wish: Option<AuthorityKeys>) -> OfflineAuthentication {
    let profile = load(text).unwrap_or_else(|error| panic!("{error}"));
    let own = authorities(&profile).iter().fold(AuthorityKeys::default(), |keys, authority| {
        let (rsa, sm2) = (authority.rsa.clone().expect("RSA"), authority.sm2.expect("SM2"));
        keys.with_rsa(authority.rid, rsa.0, rsa.1).with_sm2(authority.rid, sm2.0, sm2.1)
    });
    let card: Card = issue(&profile, &synthetic_holder(7), &MasterKeys::test()).expect("card");
    let mut reader = Follow::new(InProcess::power_on(card).expect("power"));
    let authorities = Arc::new(wish.unwrap_or(own));
    let settings = Settings { amount: 100, sm, authorities, ..Settings::default() };
    pay(&mut reader, &mut TestIssuer::default(), &settings).expect("payment").authentication
}

#[test]
fn every_pair_by_seed() {
    let text = profile(
        "[financial.authority]\nrsa_index = \"C1\"\nrsa = { seed = 1, bits = 1152 }\nsm2_index = \"C2\"\nsm2 = { seed = 2 }\n\
         [financial.issuer]\nrsa = { seed = 3, bits = 1024, exponent = 65537 }\nsm2 = { seed = 4 }\nexpiry = \"0631\"\n\
         [financial.icc]\nrsa = { seed = 5, bits = 768 }\nsm2 = { seed = 6 }\n",
    );
    for sm in [false, true] {
        let found = authenticate(&text, sm, None);
        assert!(found.ok, "{found:?}");
        let nobody = authenticate(&text, sm, Some(AuthorityKeys::default()));
        let index = if sm { 0xC2 } else { 0xC1 };
        assert_eq!(nobody.reason, Some(AuthenticationFailure::UnknownAuthority(index)));
    }
}

#[test]
fn pairs_as_pem() {
    for (rsa, sm2) in [(RSA_PKCS_8, SM2_SEC_1), (RSA_PKCS_1, SM2_PKCS_8)] {
        let text = profile(&format!(
            "[financial.issuer]\nrsa.pem = \"\"\"\n{rsa}\"\"\"\nsm2.pem = \"\"\"\n{sm2}\"\"\"\n\
             [financial.icc]\nrsa = {{ seed = 5, bits = 768 }}\n"
        ));
        for sm in [false, true] {
            let found = authenticate(&text, sm, None);
            assert!(found.ok, "{found:?}");
        }
    }
    for (key, pem, refusal) in [
        ("sm2", P_256, "the PEM text holds no private key on the curve SM2"),
        ("sm2", RSA_PKCS_8, "the PEM text holds no private key on the curve SM2"),
        ("rsa", SM2_SEC_1, "a PEM text of an RSA key begins with PRIVATE KEY or RSA PRIVATE KEY"),
        ("rsa", "nothing", "no private key in PEM"),
    ] {
        let text = profile(&format!("[financial.icc]\n{key}.pem = \"\"\"\n{pem}\"\"\"\n"));
        let error = load(&text).expect_err(refusal).to_string();
        assert!(error.contains(refusal), "{error}");
        assert!(error.starts_with("5:1: "), "{error}");
        assert!(!error.contains("MII"), "{error}");
    }
}

#[test]
fn a_file_with_pem_lies_beside_the_profile() {
    let text = profile(
        "[financial.issuer]\nrsa = { file = \"issuer.pem\" }\n[financial.icc]\nrsa = { seed = 5, bits = 768 }\n",
    );
    let read = |name: &str| match name {
        "issuer.pem" => Ok(RSA_PKCS_8.as_bytes().to_vec()),
        _ => Err("no such file".to_owned()),
    };
    assert!(load_beside(&text, &read).is_ok());
    let other = text.replace("issuer.pem", "other.pem");
    let error = load_beside(&other, &read).expect_err("no file").to_string();
    assert_eq!(error, "5:16: financial.issuer.rsa.file: other.pem: no such file");
}

#[test]
fn a_key_is_told_once_and_is_one() {
    for (tables, refusal) in [
        (
            "[financial.icc]\nrsa = { seed = 1, pem = \"\" }",
            "5:1: financial.icc.rsa: a key is told by file, by pem, by p and q, or by seed",
        ),
        (
            "[financial.icc]\nrsa = { seed = 1, bits = 100 }",
            "financial.icc.rsa.bits: a modulus has 512 to 1984 bits",
        ),
        (
            "[financial.icc]\nrsa = { seed = 1, exponent = 5 }",
            "financial.icc.rsa.exponent: EMV has the exponents 3 and 65537",
        ),
        (
            "[financial.icc]\nrsa = { p = \"07\", q = \"0B\" }",
            "financial.icc.rsa: p and q are two primes of one length",
        ),
        (
            "[financial.icc]\nsm2 = { private = \"00\" }",
            "financial.icc.sm2: private is 64 hexadecimal digits",
        ),
        (
            "[financial.icc]\nsm2_index = \"01\"",
            "5:13: financial.icc.sm2_index: this table has no such setting",
        ),
        (
            "[financial.issuer]\nexpiry = \"1349\"",
            "5:10: financial.issuer.expiry: '1349' is not a month as MMYY",
        ),
    ] {
        let error = load(&profile(tables)).expect_err(tables).to_string();
        assert!(error.contains(refusal), "{error}\n instead of {refusal}");
    }
}

/// A card of the test authority needs no keys of its own: its certificates are for its number alone.
#[test]
fn an_own_number_under_the_test_authority() {
    let found = authenticate(&profile(""), false, None);
    assert!(found.ok, "{found:?}");
    let built_in = load(&profile("")).expect("profile");
    assert_eq!(authorities(&built_in)[0].rsa.as_ref().expect("RSA").0, AUTHORITY_1984);
}

/// An issuer's key that is longer than its authority's has a remainder, a long signature leaves no room
/// beside it: every record still fits.
#[test]
fn long_keys_have_their_remainders() {
    let text = profile(
        "[financial.authority]\nrsa = { seed = 11, bits = 1408 }\n[financial.issuer]\nrsa = { seed = 12, bits = 1984 }\n\
         [financial.icc]\nrsa = { seed = 13, bits = 1984 }\n",
    );
    let found = authenticate(&text, false, None);
    assert!(found.ok, "{found:?}");
}
