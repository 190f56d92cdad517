//! `sscard emv ca`: the public keys that a terminal needs to believe our cards.

use std::io::Write;

use sscard_terminal::payment::{AuthorityForm, AuthorityKey, AuthorityPublicKey};

use crate::args::CaForm;
use crate::documents::authority::{AuthorityDocument, PrintedAuthorityKey};
use crate::documents::unit::Hex;
use crate::documents::{self, SCHEMA};
use crate::failure::Failure;

pub(super) fn run(form: CaForm, json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let keys = AuthorityKey::of_the_test_authority();
    if json {
        let keys = keys.iter().map(document).collect();
        documents::print(out, &AuthorityDocument { schema: SCHEMA, keys })?;
        return Ok(());
    }
    let (form, has_comments) = match form {
        CaForm::Fields => (AuthorityForm::Fields, true),
        CaForm::Pem => (AuthorityForm::Pem, true),
        CaForm::Capk => (AuthorityForm::Capk, true),
        CaForm::Columns => (AuthorityForm::Columns, false),
    };
    if has_comments {
        writeln!(
            out,
            "# TEST keys: everybody has the private halves. No real terminal may trust them."
        )?;
    }
    out.write_all(form.write(&keys).as_bytes())?;
    Ok(())
}

fn document(key: &AuthorityKey) -> PrintedAuthorityKey {
    let (algorithm, modulus, exponent, point) = match &key.key {
        AuthorityPublicKey::Rsa(rsa) => {
            ("RSA", Some(Hex::of(rsa.modulus())), Some(Hex::of(rsa.exponent().bytes())), None)
        }
        AuthorityPublicKey::Sm2(sm2) => ("SM2", None, None, Some(Hex::of(sm2.bytes()))),
        // The enumeration may grow; a key of another family has no fields here.
        _ => ("", None, None, None),
    };
    PrintedAuthorityKey {
        rid: Hex::of(key.rid),
        index: Hex::of([key.index]),
        algorithm,
        expiry: key.expiry.map(Hex::of),
        modulus,
        exponent,
        check: key.check_value().map(Hex::of),
        point,
        pem: key.to_pem(),
    }
}
