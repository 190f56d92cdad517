use super::*;

#[test]
fn an_instruction_stands_once_in_an_application() {
    for (place, known) in ALL.iter().enumerate() {
        let same = |other: &&Instruction| {
            (other.application, other.class, other.ins)
                == (known.application, known.class, known.ins)
        };
        assert_eq!(ALL.iter().position(|other| same(&other)), Some(place), "{}", known.name);
    }
}

#[test]
fn an_instruction_has_names_parameters_and_its_class() {
    for known in ALL {
        assert!(!known.name.is_empty() && known.name == known.name.to_uppercase().as_str());
        assert!(!known.name_zh.is_ascii(), "{}", known.name);
        assert_eq!(known.parameters.is_empty(), known.application == Foreign, "{}", known.name);
        assert_eq!(known.application == Purse, known.class == class::PURSE, "{}", known.name);
    }
}

#[test]
fn the_same_number_is_another_command_in_the_class_of_the_purse() {
    assert!(is_secret(0x00, ins::RESET_RETRY_COUNTER) && !is_secret(0xB0, ins::DEBIT));
    assert!(!is_secret(0xB1, ins::DEBIT) && is_secret(0xB0, ins::VERIFY));
    assert_eq!(danger(0x00, ins::RESET_RETRY_COUNTER), Danger::Always);
    assert_eq!(danger(0xB0, ins::DEBIT), Danger::Never);
    assert_eq!(danger(0x00, ins::VERIFY), Danger::WithData);
}

#[test]
fn what_is_answered_once() {
    let of = |application| -> alloc::vec::Vec<u8> {
        (0..=0xFF).filter(|ins| answers_once(application, *ins)).collect()
    };
    assert_eq!(of(Financial), [0x88, 0xA8, 0xAE]);
    assert_eq!(of(Purse), [0x28, 0x2A, 0x2C]);
    assert_eq!(of(SocialSecurity), []);
    assert_eq!(of(Psam), [0x70, 0x72, 0xFA]);
}

#[test]
fn secret_and_public_data() {
    let secret: alloc::vec::Vec<u8> = (0..=0xFF).filter(|ins| is_secret(0x00, *ins)).collect();
    assert_eq!(
        secret,
        [0x20, 0x21, 0x24, 0x25, 0x2C, 0x2D, 0x4A, 0x5E, 0xC2, 0xC4, 0xD4, 0xD8, 0xE2, 0xFA]
    );
    let public: alloc::vec::Vec<u8> = (0..=0xFF).filter(|ins| is_public(*ins)).collect();
    assert_eq!(public, [0x70, 0x84, 0xA4, 0xA8, 0xAE, 0xB0, 0xB2, 0xC0, 0xCA]);
    assert_ne!(danger(0x00, ins::ENVELOPE), Danger::Never, "it carries a command");
    assert_eq!(danger(class::READER, 0x00), Danger::WithData, "a direct transmission, too");
    let dangerous: alloc::vec::Vec<u8> =
        (0..=0xFF).filter(|ins| danger(0x00, *ins) == Danger::Always).collect();
    assert_eq!(
        dangerous,
        [0x04, 0x16, 0x18, 0x1E, 0x24, 0x2C, 0x40, 0x5E, 0x82, 0xC2, 0xD4, 0xDA, 0xDB]
    );
}
