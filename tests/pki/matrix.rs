//! Every command in every state: what the place and the PINs let through, and the oracle of answers.

use super::*;
use sscard_testkit::oracle;

/// A state of the application.
fn states() -> Vec<(&'static str, Desk)> {
    let mut environment = Desk::t1("gen3");
    environment.all_ok(&[SELECT_DDF]);
    let mut both = user();
    assert_eq!(verify(&mut both, 0x00, &ADMINISTRATOR), "9000");
    let mut locked = selected();
    for _ in 0..6 {
        verify(&mut locked, 0x81, &[0x11, 0x11]);
    }
    let mut empty = Desk::toml("base = \"gen3\"\nprotocol = \"T=1\"\n[pki]\nkeys = \"none\"\n");
    empty.all_ok(&[SELECT_ADF]);
    assert_eq!(verify(&mut empty, 0x81, &USER), "9000");
    vec![
        ("DDF", environment),
        ("ADF", selected()),
        ("user", user()),
        ("administrator", administrator()),
        ("both", both),
        ("locked", locked),
        ("empty", empty),
    ]
}

/// Each command with the answer in each state, in their order.
fn matrix() -> Vec<(String, [&'static str; 7])> {
    let digest = "11".repeat(32);
    let key = "11".repeat(16);
    let row = |command: &str, answers| (command.to_owned(), answers);
    vec![
        row("00200181", ["6985", "63C6", "9000", "63C6", "9000", "63C0", "9000"]),
        row("00200100", ["6985", "63C6", "63C6", "9000", "9000", "63C6", "63C6"]),
        row("00B0920042", ["6985", "9000", "9000", "9000", "9000", "9000", "9000"]),
        row("00B0930022", ["6985", "6982", "6982", "6982", "6982", "6982", "6982"]),
        row("00D698000130", ["6985", "6982", "9000", "9000", "9000", "6982", "9000"]),
        row("00D692000130", ["6985", "6982", "6982", "6982", "6982", "6982", "6982"]),
        row(GENERATE_SIGNATURE, ["6985", "6982", "9000", "9000", "9000", "6982", "9000"]),
        row("8040000008C0020014C2020015", ["6985", "6982", "9000", "9000", "9000", "6982", "9000"]),
        row("80C9820008C0020012C2020013", ["6985", "9000", "9000", "9000", "9000", "9000", "6A88"]),
        row("80C9828042", ["6985", "6985", "6985", "6985", "6985", "6985", "6985"]),
        (format!("002A9E9A20{digest}40"), ["6985", "6982", "9000", "6982", "9000", "6982", "6A88"]),
        (
            format!("002A00A8649A20{digest}9E40{digest}{digest}"),
            ["6985", "6300", "6300", "6300", "6300", "6300", "6A88"],
        ),
        (
            format!("002A80866200{digest}{digest}{digest}AA00"),
            ["6985", "6982", "6A80", "6982", "6A80", "6982", "6A88"],
        ),
        (
            format!("804E000178C2020013C1820070{digest}{digest}{digest}{key}10"),
            ["6985", "6982", "6A80", "6A80", "6A80", "6982", "6A88"],
        ),
        (format!("804A021012C110{key}"), ["6985", "6982", "9000", "9000", "9000", "6982", "9000"]),
        (
            format!("80C2400046C0020014CA40{digest}{digest}"),
            ["6985", "6982", "6A80", "6A80", "6A80", "6982", "6A80"],
        ),
        (
            format!("80C2C00126C2020015CB20{digest}"),
            ["6985", "6982", "6985", "6985", "6985", "6982", "6A88"],
        ),
        row("80C4010305C10312345620", ["6985", "9000", "9000", "9000", "9000", "9000", "9000"]),
        (
            format!("845E010014{key}00000000"),
            ["6985", "6982", "6982", "6984", "6984", "6982", "6982"],
        ),
        (
            format!("845E018114{key}00000000"),
            ["6985", "6982", "6984", "6982", "6984", "6982", "6984"],
        ),
        row("842401810400000000", ["6985", "6982", "6982", "6984", "6984", "6982", "6982"]),
        (format!("0020018110{key}"), ["6985", "6984", "6984", "6984", "6984", "6983", "6984"]),
    ]
}

#[test]
fn pki_every_command_in_every_state() {
    let states = states();
    for (command, expected) in matrix() {
        for ((state, desk), expected) in states.iter().zip(expected) {
            let answer = desk.clone().send(&command);
            assert_eq!(&answer[answer.len() - 4..], expected, "{command} in {state}");
        }
    }
}

/// I-1 to I-3: an answer, of its shape, with a status word of the table, for every P1 and P2 as well.
#[test]
fn pki_every_answer_stands_in_the_table() {
    for (state, desk) in states() {
        for (command, _) in matrix() {
            let whole = bytes(&command);
            for length in [4, 5, whole.len() - 1, whole.len()].map(|length| length.min(whole.len()))
            {
                let checked = oracle::check(&desk.card, &whole[..length]);
                checked.unwrap_or_else(|error| panic!("{state}: {error}"));
            }
            for (p1, p2) in [(0x00, 0x00), (0x01, 0x81), (0x9E, 0x9A), (0xFF, 0xFF), (0x82, 0x80)] {
                let mut other = whole.clone();
                (other[2], other[3]) = (p1, p2);
                let checked = oracle::check(&desk.card, &other);
                checked.unwrap_or_else(|error| panic!("{state}: {error}"));
            }
        }
    }
}

/// Whatever is changed in a command's data, the card answers and its two halves of a pair stay together.
#[test]
fn pki_a_private_key_belongs_to_its_public_one_whatever_comes() {
    let desk = user();
    for (command, _) in matrix() {
        let whole = bytes(&command);
        for place in 5..whole.len() {
            let mut other = whole.clone();
            other[place] ^= 0x01;
            let mut desk = desk.clone();
            desk.send(&hex(&other));
            assert_pairs(&desk.card);
        }
    }
}

/// I-25: each private key that is there belongs to its public one.
pub(super) fn assert_pairs(card: &sscard_core::Card) {
    let view = card.inspect_pki().expect("PKI");
    for key in card.reveal_pki_keys() {
        let private = sscard_crypto::financial::sm2::Sm2PrivateKey::from_bytes(&key.value);
        let public = view.files.iter().find(|file| file.fid.value() + 1 == key.fid.value());
        let public = &public.expect("its file").bytes[..];
        assert_eq!(private.expect("a key").public_key().bytes()[..], *public);
    }
}
