use super::*;
use crate::payment::{Authorities, AuthorityKeys};

const RSA_FORMS: [AuthorityForm; 4] =
    [AuthorityForm::Fields, AuthorityForm::Pem, AuthorityForm::Capk, AuthorityForm::Columns];

fn test_keys() -> Vec<AuthorityKey> {
    AuthorityKey::of_the_test_authority()
}

#[test]
fn what_is_written_is_read_back_in_every_form() {
    let keys = test_keys();
    assert_eq!(keys.iter().map(|key| key.index).collect::<Vec<_>>(), [1, 2, 3]);
    for form in [AuthorityForm::Fields, AuthorityForm::Pem] {
        assert_eq!(authority_keys(&form.write(&keys)).unwrap(), keys, "{form:?}");
    }
    // Two forms know neither SM2 nor, one of them, an expiry.
    assert_eq!(authority_keys(&AuthorityForm::Capk.write(&keys)).unwrap(), keys[..2]);
    let columns = authority_keys(&AuthorityForm::Columns.write(&keys)).unwrap();
    let without: Vec<_> =
        keys[..2].iter().map(|key| AuthorityKey { expiry: None, ..key.clone() }).collect();
    assert_eq!(columns, without);
}

#[test]
fn the_fields_are_those_that_terminals_ask_for() {
    let text = AuthorityForm::Fields.write(&test_keys());
    let first: Vec<_> = text.lines().take(7).map(|line| &line[..10]).collect();
    let names = [
        "rid       ",
        "index     ",
        "expiry    ",
        "algorithm ",
        "modulus   ",
        "exponent  ",
        "check     ",
    ];
    assert_eq!(first, names);
    assert!(text.starts_with("rid       A000000333\nindex     01\nexpiry    491231\n"));
}

#[test]
fn a_line_of_capk_txt_has_its_bytes_apart() {
    let text = AuthorityForm::Capk.write(&test_keys());
    assert_eq!(text.lines().count(), 2);
    let words: Vec<_> = text.lines().next().unwrap().split(' ').collect();
    assert_eq!(words[..5], ["a0:00:00:03:33", "01", "491231", "rsa", "03"]);
    assert_eq!((words[5].len(), words[6], words[7].len()), (248 * 3 - 1, "sha1", 20 * 3 - 1));
}

/// A published key of another program's file: its check value is right, in that order.
#[test]
fn emv_book_2_11_2_the_check_value_is_sha_1_over_rid_index_modulus_exponent() {
    let modulus = "BE9E1FA5E9A803852999C4AB432DB28600DCD9DAB76DFAAA47355A0FE37B1508AC6BF38860D3C6C2E5B12A3CAAF2A700\
                   5A7241EBAA7771112C74CF9A0634652FBCA0E5980C54A64761EA101A114E0F0B5572ADD57D010B7C9C887E104CA4EE12\
                   72DA66D997B9A90B5A6D624AB6C57E73C8F919000EB5F684898EF8C3DBEFB330C62660BED88EA78E909AFF05F6DA627B";
    let text = format!(
        "RID: A000000003\nIndex: 95\nModulus = {modulus}\nExponent = 03\nCheck = \
         EE1511CEC71020A9B90443B37B1D5F6E703030F6\n"
    );
    let keys = authority_keys(&text).unwrap();
    assert_eq!((keys.len(), keys[0].index, keys[0].expiry), (1, 0x95, None));
    let wrong = authority_keys(&text.replace("Index: 95", "Index: 96")).unwrap_err();
    assert!(wrong.to_string().starts_with("line 1: the check value does not fit"), "{wrong}");
}

/// `openssl pkey -pubin -text` reads both.
#[test]
fn public_keys_are_subject_public_key_infos() {
    let keys = test_keys();
    let rsa = keys[0].to_der();
    assert_eq!(rsa[..4], [0x30, 0x82, 0x01, 0x16]);
    let sm2 = keys[2].to_der();
    assert_eq!(sm2.len(), 91);
    assert_eq!(hex::encode(&sm2[..27]), "3059301306072A8648CE3D020106082A811CCF5501822D03420004");
    for key in &keys {
        assert!(AuthorityPublicKey::from_der(&key.to_der()) == Some(key.key.clone()));
        assert!(AuthorityPublicKey::from_der(&key.to_der()[1..]).is_none());
    }
}

#[test]
fn a_file_that_cannot_be_used_says_the_line() {
    for (text, said) in [
        ("", "line 1: there is no key in this file"),
        ("# nothing\n", "line 1: there is no key in this file"),
        ("rid A000000333\nindex 01\n", "line 1: a key without modulus, point or PUBLIC KEY"),
        ("rid A000000333\nindex 0101\n", "line 2: an index has one byte"),
        ("rid A00000033\n", "line 1: a RID has 5 bytes"),
        ("\nrid A000000333\nmodulus 01\n", "line 2: a key without an index"),
        ("rid A000000333\nindex 01\nmodulus 0B\n", "line 1: a modulus without an exponent"),
        (
            "rid A000000333\nindex 01\nmodulus 0B\nexponent 03",
            "line 1: a modulus is odd and has 64 to 248 bytes without a leading zero",
        ),
        ("rid A000000333\nexponent 05", "line 2: an exponent is 03 or 010001"),
        ("rid A000000333\nexpiry 49123A", "line 2: an expiry has six digits, YYMMDD"),
        ("key", "line 1: a line is a name and a value"),
        (
            "rid A000000333\nname me",
            "line 2: 'name' is none of rid, index, expiry, algorithm, modulus, exponent, point, check",
        ),
        ("rid A000000333\nindex 01\npoint 00", "line 1: a point has 64 bytes, X and Y"),
        (BEGIN, "line 1: its key has no line -----END PUBLIC KEY-----"),
        (
            "rid A000000333\nindex 01\n-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----",
            "line 5: this is neither an RSA nor an SM2 key",
        ),
        ("a\tb\tc\td\te", "line 1: a RID has 5 bytes"),
    ] {
        let error = authority_keys(text).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some(said), "{text:?}");
    }
    let mut twice = AuthorityForm::Fields.write(&test_keys()[..1]);
    twice.push_str(
        &AuthorityForm::Pem.write(&test_keys()[..1]).replace("rid ", "# ").replace("index ", "# "),
    );
    let error = authority_keys(&twice).unwrap_err();
    assert_eq!(error.to_string(), "line 1: a key that is given twice");
}

#[test]
fn no_text_makes_it_panic() {
    let whole: String = RSA_FORMS.iter().map(|form| form.write(&test_keys())).collect();
    for end in (0..whole.len()).step_by(7) {
        let _ = authority_keys(&whole[..end]);
    }
}

#[test]
fn a_terminal_trusts_what_a_file_says() {
    let text = AuthorityForm::Fields.write(&test_keys());
    let trusted: AuthorityKeys = authority_keys(&text).unwrap().into_iter().collect();
    let rid = test_keys()[0].rid;
    assert!(trusted.rsa(rid, 1).is_some() && trusted.rsa(rid, 2).is_some());
    assert!(trusted.rsa(rid, 3).is_none() && trusted.sm2(rid, 3).is_some());
    assert!(trusted.rsa([0xA0, 0, 0, 0, 3], 1).is_none());
}
