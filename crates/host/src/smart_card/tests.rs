use super::*;
use crate::InProcess;

/// Says what it is told to say.
struct Scripted {
    answers: Vec<Result<Vec<u8>, TransportError>>,
    powered: bool,
    calls: Vec<&'static str>,
}

impl Scripted {
    fn new(answers: Vec<Result<Vec<u8>, TransportError>>) -> Self {
        Self { answers, powered: false, calls: Vec::new() }
    }
}

impl SmartCard for Scripted {
    fn power_on(&mut self) -> Result<(), TransportError> {
        self.calls.push("on");
        self.powered = true;
        Ok(())
    }

    fn power_off(&mut self) {
        self.calls.push("off");
        self.powered = false;
    }

    fn atr(&self) -> Vec<u8> {
        vec![0x3B, 0x80, 0x80, 0x01, 0x01]
    }

    fn transmit(&mut self, _: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        let answer = self.answers.remove(0)?;
        response.extend(answer);
        Ok(())
    }
}

fn card() -> Card {
    let profile = sscard_profile::built_in("gen3").expect("profile");
    let holder = sscard_profile::synthetic_holder(1);
    sscard_profile::issue(&profile, &holder, &sscard_profile::MasterKeys::test()).expect("card")
}

/// The social security environment's name.
const SSSE: &[u8] = b"sx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";
const CHALLENGE: [u8; 5] = [0x00, 0x84, 0x00, 0x00, 0x08];

#[test]
fn a_card_without_a_reset_of_its_own_loses_its_power_and_gets_it_again() {
    let mut card = PoweredCard::power_on(Scripted::new(Vec::new())).expect("powered");
    Transport::reset(&mut card).expect("reset");
    let card = card.into_card();
    assert_eq!(card.calls, ["on", "off", "on", "off"]);
    assert!(!card.powered);
}

#[test]
fn the_protocol_is_the_first_that_the_atr_offers() {
    assert_eq!(Scripted::new(Vec::new()).protocol(), Protocol::T0, "TD1 names T=0, TD2 T=1");
    assert_eq!(first_protocol(&[0x3B, 0x80, 0x01, 0x81]), Protocol::T1);
    assert_eq!(first_protocol(&[0x3B, 0x00]), Protocol::T0, "no TD1");
    assert_eq!(first_protocol(&[]), Protocol::T0, "no ATR");
}

#[test]
fn an_answer_of_less_than_two_bytes_is_none() {
    let answers = vec![Ok(vec![0x90]), Ok(Vec::new()), Ok(vec![0x90, 0x00])];
    let mut card = PoweredCard::power_on(Scripted::new(answers)).expect("powered");
    let mut response = vec![0xAA];
    for _ in 0..2 {
        let sent = card.transmit(&CHALLENGE, &mut response);
        assert!(matches!(sent, Err(TransportError::Protocol(_))), "{sent:?}");
        assert_eq!(response, []);
    }
    card.transmit(&CHALLENGE, &mut response).expect("answer");
    assert_eq!(response, [0x90, 0x00]);
}

#[test]
fn one_of_ours_answers_as_it_does_by_itself() {
    let (mut by_itself, mut served) = (card(), card());
    by_itself.power_on().expect("power");
    SmartCard::power_on(&mut served).expect("power");
    let (mut expected, mut response) = (Vec::new(), Vec::new());
    by_itself.transmit(&CHALLENGE, &mut expected);
    SmartCard::transmit(&mut served, &CHALLENGE, &mut response).expect("answer");
    assert_eq!(response, expected);
    assert_eq!(SmartCard::atr(&served), by_itself.atr().to_vec());
    SmartCard::power_off(&mut served);
    response.clear();
    let sent = SmartCard::transmit(&mut served, &CHALLENGE, &mut response);
    assert_eq!(sent, Err(TransportError::Removed), "a card without power says nothing");
}

#[test]
fn a_kept_card_is_in_its_file_before_it_answers() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("card.img");
    std::fs::write(&path, card().image().as_bytes()).expect("written");
    let (file, card) = crate::CardFile::open(&path, crate::Sync::Idle).expect("a card");
    let mut kept = KeptCard::new(card, file);
    kept.power_on().expect("power");
    let mut response = Vec::new();
    let select = [&[0x00, 0xA4, 0x04, 0x00, 0x0F][..], SSSE].concat();
    kept.transmit(&select, &mut response).expect("answer");
    let wrong_pin = [0x00, 0x20, 0x00, 0x00, 0x03, 0x99, 0x99, 0x99];
    response.clear();
    kept.transmit(&wrong_pin, &mut response).expect("answer");
    assert_eq!(response, [0x63, 0xC5]);
    // As it is now, nothing written anew: the way a killed program leaves it.
    let copy = folder.path().join("copy.img");
    std::fs::copy(&path, &copy).expect("copied");
    let (_, mut copied) = crate::CardFile::open(&copy, crate::Sync::Idle).expect("a card");
    copied.power_on().expect("power");
    copied.transmit(&select, &mut response);
    copied.transmit(&[0x00, 0x20, 0x00, 0x00], &mut response);
    assert_eq!(response, [0x63, 0xC5]);
}

#[test]
fn a_card_in_a_field_is_powered_by_a_field_again() {
    let mut card = card();
    card.enter_field().expect("field");
    SmartCard::power_on(&mut card).expect("power");
    assert_eq!(SmartCard::atr(&card), [0x3B, 0x80, 0x80, 0x01, 0x01]);
}

#[test]
fn a_card_behind_a_transport_says_nothing_without_power() {
    let transport = InProcess::power_on(card()).expect("power");
    let mut behind = CardBehind::new(transport);
    let mut response = Vec::new();
    let sent = behind.transmit(&CHALLENGE, &mut response);
    assert_eq!(sent, Err(TransportError::Removed));
    behind.power_on().expect("power");
    behind.transmit(&CHALLENGE, &mut response).expect("answer");
    assert_eq!(response.len(), 10);
    behind.power_off();
    let sent = behind.transmit(&CHALLENGE, &mut response);
    assert_eq!(sent, Err(TransportError::Removed));
}
