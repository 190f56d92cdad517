//! `sscard emv ca`: the public keys that a terminal needs to believe our cards.

use std::io::Write;

use sscard_profile::authorities;
use sscard_terminal::payment::{AuthorityForm, AuthorityKey, AuthorityPublicKey};

use crate::args::CaForm;
use crate::documents::authority::{AuthorityDocument, PrintedAuthorityKey};
use crate::documents::unit::Hex;
use crate::documents::{self, SCHEMA};
use crate::failure::Failure;

pub(super) fn run(
    profile: Option<&str>,
    form: CaForm,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let keys = match profile {
        Some(name) => of_profile(name)?,
        None => AuthorityKey::of_the_test_authority(),
    };
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
    // Whose keys a profile's own are only its author knows.
    if has_comments && profile.is_none() {
        writeln!(
            out,
            "# TEST keys: everybody has the private halves. No real terminal may trust them."
        )?;
    }
    out.write_all(form.write(&keys).as_bytes())?;
    Ok(())
}

/// The keys that the terminals of a profile's cards need.
fn of_profile(name: &str) -> Result<Vec<AuthorityKey>, Failure> {
    let profile = crate::commands::new::profile(name)?;
    let authorities = authorities(&profile).into_iter().flat_map(|own| {
        let rsa = own.rsa.map(|(index, key)| (index, AuthorityPublicKey::Rsa(key)));
        let sm2 = own.sm2.map(|(index, key)| (index, AuthorityPublicKey::Sm2(key)));
        let keys = rsa.into_iter().chain(sm2);
        keys.map(move |(index, key)| AuthorityKey::new(own.rid, index, key))
    });
    Ok(authorities.collect())
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
