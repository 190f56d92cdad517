//! The two PINs: challenge, counter, change.

use super::*;

#[test]
fn pki_the_user_s_pin_over_8_and_16_bytes_of_challenge() {
    let mut desk = selected();
    assert_eq!(desk.send("00200181"), "63C6");
    let challenge = bytes(&desk.data("0084000008"));
    let mut block = challenge.clone();
    block.resize(16, 0);
    let proof = hex(&under(*pin_key(&USER).expose(), &block));
    assert_eq!(desk.send(&format!("0020018110{proof}")), "9000");
    assert_eq!(desk.send("00200181"), "9000", "it is verified");
    assert_eq!(verify(&mut desk, 0x81, &USER), "9000");
}

#[test]
fn pki_a_challenge_is_used_up_and_4_bytes_are_too_few() {
    let mut desk = selected();
    let command = proof(&mut desk, 0x81, &USER);
    assert_eq!(desk.send(&command), "9000");
    assert_eq!(desk.send(&command), "6984");
    assert_eq!(desk.send("0084000004").len(), 12);
    assert_eq!(desk.send(&command), "6984");
    assert_eq!(desk.send("00200181"), "9000", "no try was used");
}

#[test]
fn pki_wrong_pins_count_down_and_lock_each_pin_for_itself() {
    for (reference, right) in [(0x81, &USER[..]), (0x00, &ADMINISTRATOR[..])] {
        let mut desk = selected();
        for left in (0..6).rev() {
            assert_eq!(verify(&mut desk, reference, &[0x11, 0x11, 0x11]), format!("63C{left}"));
        }
        assert_eq!(verify(&mut desk, reference, right), "6983");
        let query = format!("002001{reference:02X}");
        assert_eq!(desk.send(&query), "63C0");
        let (other, pin) =
            if reference == 0x81 { (0x00, &ADMINISTRATOR[..]) } else { (0x81, &USER[..]) };
        assert_eq!(verify(&mut desk, other, pin), "9000");
        // The holder's PIN of the social security environment is another one.
        assert_eq!(desk.card.inspect_pin().tries_left, 6);
    }
}

#[test]
fn pki_a_wrong_pin_takes_an_earlier_verification_back() {
    let mut desk = user();
    assert_eq!(verify(&mut desk, 0x81, &[0x11, 0x11, 0x11]), "63C5");
    assert_eq!(desk.send(GENERATE_SIGNATURE), "6982");
    assert_eq!(verify(&mut desk, 0x81, &USER), "9000");
    assert_eq!(desk.send(GENERATE_SIGNATURE), "9000");
}

#[test]
fn pki_verify_with_another_reference_or_length() {
    let mut desk = selected();
    assert_eq!(desk.send("00200182"), "6A88");
    assert_eq!(desk.send("00200081"), "6A86");
    assert_eq!(desk.send("0020018103123456"), "6700", "a PIN is not sent");
    assert_eq!(desk.card.inspect_pki().expect("PKI").user.tries_left, 6);
}

/// `845E010014 enc16 MAC4`.
#[test]
fn pki_the_administrator_changes_his_pin() {
    let mut desk = administrator();
    let new = [0x87, 0x65, 0x43, 0x21];
    let command = protected(&mut desk, &ADMINISTRATOR, "845E0100", Some(&new));
    assert!(command.starts_with("845E010014") && command.len() == 2 * 25, "{command}");
    assert_eq!(desk.send(&command), "9000");
    assert_eq!(desk.send("00200100"), "63C6", "it has to be verified anew");
    assert_eq!(verify(&mut desk, 0x00, &ADMINISTRATOR), "63C5");
    assert_eq!(verify(&mut desk, 0x00, &new), "9000");
}

#[test]
fn pki_the_user_changes_his_pin_and_the_administrator_sets_it_anew() {
    let mut desk = user();
    let new = [0x65, 0x43, 0x21];
    let command = protected(&mut desk, &USER, "845E0181", Some(&new));
    assert_eq!(desk.send(&command), "9000");
    for _ in 0..6 {
        verify(&mut desk, 0x81, &USER);
    }
    assert_eq!(verify(&mut desk, 0x81, &new), "6983");
    let command = protected(&mut desk, &ADMINISTRATOR, "84240181", None);
    assert_eq!(desk.send(&command), "6982", "the administrator's PIN comes first");
    assert_eq!(verify(&mut desk, 0x00, &ADMINISTRATOR), "9000");
    let command = protected(&mut desk, &ADMINISTRATOR, "84240181", None);
    assert_eq!(desk.send(&command), "9000");
    assert_eq!(verify(&mut desk, 0x81, &new), "9000");
    let command = protected(&mut desk, &ADMINISTRATOR, "84240181", Some(&USER));
    assert_eq!(desk.send(&command), "9000");
    assert_eq!(verify(&mut desk, 0x81, &USER), "9000");
}

#[test]
fn pki_change_pin_under_a_wrong_mac_without_challenge_or_with_no_pin_inside() {
    let mut desk = administrator();
    let command = protected(&mut desk, &ADMINISTRATOR, "845E0100", Some(&[0x87, 0x65]));
    let wrong = format!("{}00", &command[..command.len() - 2]);
    assert_eq!(desk.send(&wrong), "6988");
    assert_eq!(desk.send(&command), "6984", "the challenge is used up");
    for no_pin in [&[0x12][..], &[0x12; 9], &[0x1A, 0x23], &[0x12, 0xFF]] {
        let command = protected(&mut desk, &ADMINISTRATOR, "845E0100", Some(no_pin));
        assert_eq!(desk.send(&command), "6A80", "{no_pin:02X?}");
    }
    assert_eq!(desk.send("845E01000400000000"), "6700");
    assert_eq!(desk.send("84240181020000"), "6700");
    let command = protected(&mut desk, &ADMINISTRATOR, "84240100", None);
    assert_eq!(desk.send(&command), "6A88", "nobody unblocks the administrator");
    assert_eq!(desk.send("00200100"), "9000", "and all that took nothing");
}

#[test]
fn pki_a_new_pin_without_a_digit_is_none() {
    let mut desk = administrator();
    for header in ["84240181", "845E0100"] {
        let command = protected(&mut desk, &ADMINISTRATOR, header, Some(&[]));
        assert_eq!(desk.send(&command), "6A80", "{header}");
    }
    assert_eq!(verify(&mut desk, 0x81, &USER), "9000", "it is the old one");
}
