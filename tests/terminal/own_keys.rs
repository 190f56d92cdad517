//! A city, a bank and an authority with keys of their own: the terminal judges a card by the keys that it
//! was given, not by the TEST keys.

use std::sync::Arc;

use sscard_core::{Card, KeyId, personalise};
use sscard_crypto::Key;
use sscard_crypto::financial::sm2;
use sscard_host::{Follow, InProcess, Transport};
use sscard_profile::{
    AUTHORITY_SM2, IssuerMasterKeys, MasterKeys, RID, TestKeys, load, synthetic_holder,
    with_accounts,
};
use sscard_terminal::payment::{
    AuthenticationFailure, AuthorityKeys, Outcome, Settings, TestAuthorities, TestIssuer, pay,
};
use sscard_terminal::purse::{PurseCounter, PurseError, balance, load as load_purse};
use sscard_terminal::{
    CardSecurity, DiversifiedKey, ModuleError, ReadError, ReadOptions, SecurityModule,
    SoftwareModule, read_card,
};

use crate::harness::{SELECT_SSSE, bytes};

/// A city's roots, which are no TEST keys.
fn city() -> MasterKeys {
    MasterKeys::with_roots("bench keys", |application, id, version| {
        let [a, b] = application.value().to_be_bytes();
        let mut root = [0xC3; 16];
        root[..4].copy_from_slice(&[a, b, id.0, version]);
        Key::new(root)
    })
}

fn bank() -> IssuerMasterKeys {
    let [cryptogram, mac, encipherment] = [0x11, 0x22, 0x33].map(|byte| Key::new([byte; 16]));
    IssuerMasterKeys { cryptogram, mac, encipherment }
}

/// A card of that city and that bank; its certificates are the test authority's.
fn card(profile: &str) -> InProcess {
    let profile = load(profile).expect("profile");
    let holder = with_accounts(&profile, &synthetic_holder(7));
    let accounts = bank().account_keys(&profile, &holder);
    let keys = city().keys_of(&profile, &holder).with_accounts(accounts);
    let card: Card = personalise(&profile, &holder, &keys).expect("card");
    InProcess::power_on(card).expect("power")
}

#[test]
fn a_card_with_own_keys_is_read_with_them_and_a_stranger_without() {
    for profile in ["base = \"gen1\"", "base = \"gen2\"", "base = \"gen3\""] {
        let all = ReadOptions { applications: true, pin: Some(&[0x12, 0x34, 0x56]) };
        let mut reader = Follow::new(card(profile));
        let report = read_card(&mut reader, &mut SoftwareModule::new(city(), 3), all);
        assert!(report.expect("read").text(0x09).is_some(), "{profile}");
        let stranger = read_card(&mut reader, &mut SoftwareModule::test(3), all);
        let stranger = stranger.expect_err("TEST keys");
        assert_eq!(stranger, ReadError::NotGenuine { keys: "TEST keys".to_owned() });
        assert!(stranger.to_string().ends_with("(keys are TEST keys)"));
    }
    let test = sscard_profile::issue(
        &load("base = \"gen3\"").expect("profile"),
        &synthetic_holder(7),
        &MasterKeys::test(),
    );
    let mut reader = Follow::new(InProcess::power_on(test.expect("card")).expect("power"));
    let mut module = SoftwareModule::new(city(), 3);
    let stranger = read_card(&mut reader, &mut module, ReadOptions::default());
    assert_eq!(stranger.err(), Some(ReadError::NotGenuine { keys: "bench keys".to_owned() }));
}

#[test]
fn a_card_with_own_keys_pays_with_its_own_bank() {
    let settings = Settings { amount: 1234, pin: Some("123456".to_owned()), ..Settings::default() };
    let mut own = TestIssuer { master_keys: bank(), ..TestIssuer::default() };
    let paid = pay(&mut Follow::new(card("base = \"gen3\"")), &mut own, &settings);
    assert_eq!(paid.expect("payment").outcome, Outcome::Approved);
    let mut test = TestIssuer::default();
    let paid = pay(&mut Follow::new(card("base = \"gen3\"")), &mut test, &settings);
    let paid = paid.expect("payment");
    assert_ne!(paid.outcome, Outcome::Approved);
    assert_eq!(paid.issuer.map(|answer| answer.arqc_ok), Some(false));
}

#[test]
fn the_terminal_trusts_the_authorities_that_it_was_given() {
    let pay_with = |authorities| {
        let settings = Settings { amount: 1234, sm: true, authorities, ..Settings::default() };
        let mut own = TestIssuer { master_keys: bank(), ..TestIssuer::default() };
        let card = card("base = \"gen3\"");
        pay(&mut Follow::new(card), &mut own, &settings).expect("payment").authentication
    };
    assert!(pay_with(Arc::new(TestAuthorities)).ok);
    let nobody = pay_with(Arc::new(AuthorityKeys::default()));
    assert_eq!(nobody.reason, Some(AuthenticationFailure::UnknownAuthority(AUTHORITY_SM2)));
    let ca = TestKeys::get().sm2("ca").map(sm2::Sm2PrivateKey::public_key).expect("key");
    let listed = AuthorityKeys::default().with_sm2(RID, AUTHORITY_SM2, *ca);
    assert!(pay_with(Arc::new(listed)).ok);
    // The index alone is not the authority, and neither is its application provider.
    let other = sm2::Sm2PrivateKey::from_bytes(&[0x5A; 32]).expect("key");
    let impostor = AuthorityKeys::default().with_sm2(RID, AUTHORITY_SM2, *other.public_key());
    let reason = pay_with(Arc::new(impostor)).reason;
    assert!(matches!(reason, Some(AuthenticationFailure::Certificate(..))), "{reason:?}");
    let elsewhere = AuthorityKeys::default().with_sm2([0xA0; 5], AUTHORITY_SM2, *ca);
    let reason = pay_with(Arc::new(elsewhere)).reason;
    assert_eq!(reason, Some(AuthenticationFailure::UnknownAuthority(AUTHORITY_SM2)));
}

/// A module that lets another one work, and knows what it was asked.
struct Watched {
    module: SoftwareModule,
    asked: Vec<&'static str>,
    is_out_of_order: bool,
}

impl SecurityModule for Watched {
    fn keys(&self) -> &str {
        self.module.keys()
    }

    fn has(&self, key: DiversifiedKey<'_>) -> bool {
        self.module.has(key)
    }

    fn random(&mut self) -> Result<[u8; 8], ModuleError> {
        self.module.random()
    }

    fn authentication_data(
        &mut self,
        key: DiversifiedKey<'_>,
        process_factor: &[u8],
        original: &[u8; 8],
    ) -> Result<[u8; 8], ModuleError> {
        self.asked.push("authentication data");
        self.module.authentication_data(key, process_factor, original)
    }

    fn mac(
        &mut self,
        key: DiversifiedKey<'_>,
        process_factor: &[u8],
        parts: &[&[u8]],
    ) -> Result<[u8; 4], ModuleError> {
        self.asked.push("MAC");
        self.module.mac(key, process_factor, parts)
    }

    fn encipher(
        &mut self,
        key: DiversifiedKey<'_>,
        process_factor: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, ModuleError> {
        self.module.encipher(key, process_factor, plain)
    }

    fn certificate(
        &mut self,
        key: DiversifiedKey<'_>,
        parts: &[&[u8]],
    ) -> Result<[u8; 4], ModuleError> {
        self.asked.push("TAC");
        if self.is_out_of_order {
            return Err(ModuleError::no_key(key));
        }
        self.module.certificate(key, parts)
    }
}

#[test]
fn any_security_module_serves_the_medical_purse() {
    let profile = load("base = \"gen2\"").expect("profile");
    let suite = profile.algorithm().suite().expect("suite");
    let counter = PurseCounter {
        terminal: [0x99, 0x99, 0x00, 0x00, 0x00, 0x01],
        time: [0x20, 0x26, 0x11, 0x24, 0x10, 0x15, 0x30],
        kind: 0x31,
    };
    for is_out_of_order in [false, true] {
        let mut reader = Follow::new(card("base = \"gen2\""));
        let atr = sscard_apdu::Atr::parse(reader.atr()).expect("ATR");
        let factor = sscard_crypto::factor::card(atr.historical_bytes()).expect("factor");
        let security = CardSecurity { suite, division: *b"999900", factor };
        let mut response = Vec::new();
        for command in [SELECT_SSSE, "0020000003123456", "00A4000002DF04"] {
            reader.transmit(&bytes(command), &mut response).expect("in process");
        }
        let module = SoftwareModule::new(city(), 1);
        let mut module = Watched { module, asked: Vec::new(), is_out_of_order };
        let loaded = load_purse(&mut reader, &mut module, &security, &counter, 500);
        assert_eq!(module.asked, ["MAC", "MAC", "TAC"]);
        match loaded {
            Ok(receipt) => assert_eq!((is_out_of_order, receipt.balance), (false, 500)),
            Err(error) => {
                assert!(is_out_of_order);
                let missing = ModuleError::no_key(security.key("DF04", KeyId(0x89)));
                assert_eq!(error, PurseError::Module(missing));
            }
        }
        // The card has it either way.
        assert_eq!(balance(&mut reader), Ok(500));
    }
}
