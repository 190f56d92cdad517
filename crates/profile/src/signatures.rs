//! Signatures that were made before: certificates of the test issuer, and of the built-in card.
//!
//! A signature is a function of its key and message, so the committed one is the one that would be
//! computed; a test compares them. Nothing is signed when the program starts.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use sscard_crypto::financial::sm3;

const TEXT: &str = include_str!("../keys/signatures.toml");

/// What is signed, and so by which key.
#[derive(Clone, Copy)]
pub(crate) enum Signed {
    RsaIssuer,
    RsaStatic,
    RsaCard,
    SmIssuer,
    SmStatic,
    SmCard,
}

/// The signature over `message`: the committed one, or the one that `compute` makes.
pub(crate) fn recall(
    what: Signed,
    message: &[&[u8]],
    compute: impl FnOnce() -> Option<Vec<u8>>,
) -> Option<Vec<u8>> {
    let name = name(what, message);
    #[cfg(test)]
    if tests::is_recording() {
        let signature = compute()?;
        tests::record(name, &signature);
        return Some(signature);
    }
    match known().get(&name) {
        Some(signature) => hex::decode(signature).ok(),
        None => compute(),
    }
}

fn name(what: Signed, message: &[&[u8]]) -> String {
    let tag = [what as u8];
    let mut parts: Vec<&[u8]> = vec![&tag];
    parts.extend_from_slice(message);
    let hash = sm3(&parts);
    hex::encode_upper(hash.get(..8).unwrap_or(&hash))
}

fn known() -> &'static BTreeMap<String, String> {
    static KNOWN: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    // The file is part of the program; without it every signature is computed, which takes longer.
    KNOWN.get_or_init(|| toml::from_str(TEXT).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::{built_in, synthetic_holder, with_accounts};

    thread_local! {
        /// While it is there, everything is computed and noted.
        static RECORDED: RefCell<Option<BTreeMap<String, String>>> = const { RefCell::new(None) };
    }

    pub(super) fn is_recording() -> bool {
        RECORDED.with_borrow(Option::is_some)
    }

    pub(super) fn record(name: String, signature: &[u8]) {
        RECORDED.with_borrow_mut(|recorded| {
            recorded.as_mut().unwrap().insert(name, hex::encode_upper(signature));
        });
    }

    /// `BLESS=1` writes the file anew.
    #[test]
    fn committed_signatures_are_those_that_would_be_computed() {
        RECORDED.set(Some(BTreeMap::new()));
        let profile = built_in("gen3").unwrap();
        let holder = with_accounts(&profile, &synthetic_holder(1));
        assert_eq!(holder.accounts.len(), 1);
        let recorded = RECORDED.take().unwrap();
        if std::env::var_os("BLESS").is_some() {
            let mut text = String::from(
                "# TEST signatures: the test issuer's certificates and those of the built-in card,\n\
                 # by a hash of what is signed. Made anew by: BLESS=1 cargo test -p sscard-profile\n",
            );
            for (name, signature) in recorded.iter() {
                text.push_str(&format!("{name} = \"{signature}\"\n"));
            }
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/keys/signatures.toml");
            std::fs::write(path, text).unwrap();
            return;
        }
        assert_eq!(recorded.len(), 6);
        for (name, signature) in recorded.iter() {
            assert_eq!(known().get(name), Some(signature), "{name}: run with BLESS=1");
        }
    }
}
