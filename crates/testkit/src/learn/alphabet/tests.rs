//! Alphabets as text.

use super::*;

fn refused(text: &str) -> String {
    Alphabet::parse("test", text).unwrap_err().to_string()
}

#[test]
fn every_built_in_alphabet_is_sound_and_the_two_named_ones_have_their_sizes() {
    for (name, text, _) in BUILT_IN_ALPHABETS {
        assert_eq!(Alphabet::parse(name, text).map(|alphabet| alphabet.name).as_deref(), Ok(name));
    }
    let size = |name| Alphabet::built_in(name).map(|alphabet| alphabet.inputs.len());
    assert_eq!(size("bank"), Some(14));
    assert_eq!(size("social"), Some(20));
    assert_eq!(size("money"), None);
}

#[test]
fn an_input_has_a_name_and_a_command_and_remarks_are_passed_over() {
    let text = "# a remark\n\n tries : show apdu 80 CA 9F 17 00 # its data count\ncut: cut 1 payment-pin wrong\n";
    let alphabet = Alphabet::parse("test", text).unwrap();
    let [tries, cut] = &alphabet.inputs[..] else { panic!("{alphabet:?}") };
    assert_eq!(tries.name, "tries");
    assert_eq!(tries.action, InputAction::Apdu(vec![0x80, 0xCA, 0x9F, 0x17, 0x00]));
    assert!(tries.shows_data);
    assert_eq!(tries.wear(), None);
    assert_eq!(cut.action, InputAction::PaymentPin { right: false });
    assert_eq!((cut.cut, cut.wear()), (Some(1), Some(InputWear::Power)));
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    for (text, message) in [
        ("", "line 0: an alphabet has at least one input"),
        ("\nselect", "line 2: an input is NAME: COMMAND"),
        ("a b: gpo", "line 1: a name is letters, digits, - _ . without spaces"),
        ("a: gpo\na: reset", "line 2: the input a is there twice"),
        ("a:", "line 1: a command is missing: reset, apdu"),
        ("a: fly", "line 1: there is no command 'fly': reset, apdu"),
        ("a: 739154", "line 1: there is no command: reset, apdu"),
        ("a: pin 739154", "line 1: it is right or wrong, and not"),
        ("a: generate-ac", "line 1: it is written: generate-ac arqc|tc|aac [unable]"),
        ("a: generate-ac arpc", "line 1: it is arqc, tc or aac, and not 'arpc'"),
        ("a: pin maybe", "line 1: it is right or wrong, and not 'maybe'"),
        ("a: apdu 00A4", "line 1: apdu: a command has at least four bytes"),
        ("a: apdu 00A40", "line 1: an odd number of hexadecimal digits"),
        ("a: select A0", "line 1: the name of an application has 5 to 16 bytes"),
        ("a: challenge 5", "line 1: it is written: challenge 4|8|16"),
        ("a: authenticate XK right", "line 1: there is no key 'XK'; they are called as in"),
        ("a: script 8424 right", "line 1: CLA INS P1 P2 and the data, without their length"),
        ("a: cut x gpo", "line 1: it is written: cut BYTES, the bytes that are still written"),
        ("a: cut 1 reset", "line 1: cut: a reset without an answer is no input; cut a command"),
    ] {
        let error = refused(text);
        assert!(error.starts_with(message), "{error}");
    }
}

#[test]
fn what_wears_a_card_is_known() {
    let wearing = |name: &str| -> Vec<String> {
        let alphabet = Alphabet::built_in(name).unwrap();
        alphabet.wearing().map(|(input, wear)| format!("{}: {wear}", input.name)).collect()
    };
    assert_eq!(wearing("look"), Vec::<String>::new());
    assert!(wearing("payment").contains(&"gpo: uses up the transaction counter".to_owned()));
    assert!(wearing("bank").contains(&"wrong-pin: uses up tries".to_owned()));
    assert!(wearing("bank").contains(&"cut-pin: cuts the power".to_owned()));
    let raw = Alphabet::parse("raw", "a: apdu 0020000003123456\nb: apdu 00B0").err();
    assert!(raw.is_some());
    let raw = Alphabet::parse("raw", "a: apdu 0020000003123456\nb: apdu 00B0850000").unwrap();
    let worn: Vec<&str> = raw.wearing().map(|(input, _)| input.name.as_str()).collect();
    assert_eq!(worn, ["a"], "what is not known to be harmless is not");
}
