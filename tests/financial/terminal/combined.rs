//! docs/standards/financial.md §3: combined cryptograms byte by byte, without the terminal's reading of them.

use sscard_crypto::financial::{sha1, sm3};
use sscard_profile::TestKeys;

use crate::financial::bank::{ARQC, Ac, Bank, TC, UN};
use crate::harness::{bytes, hex};

/// P1 bit 5 of GENERATE AC.
const COMBINED: u8 = 0x10;

/// What a combined answer holds: its objects without 9F4B as they came, the signature, and what is
/// known of the cryptogram but its eight bytes.
struct Combined {
    objects: Vec<u8>,
    signature: Vec<u8>,
    ac: Ac,
}

fn generate(bank: &mut Bank, kind: u8, data: &str) -> Combined {
    let p1 = kind | COMBINED;
    let answer = bank.send(&format!("80AE{p1:02X}00{:02X}{data}00", data.len() / 2));
    let answer = bytes(answer.strip_suffix("9000").expect("9000"));
    let content = match answer[..] {
        [0x77, 0x81, length, ref content @ ..] if content.len() == usize::from(length) => content,
        _ => panic!("{}", hex(&answer)),
    };
    // 9F2701 CID | 9F3602 ATC | 9F4B.. | 9F10..
    assert_eq!((hex(&content[..3]).as_str(), hex(&content[4..7]).as_str()), ("9F2701", "9F3602"));
    let (head, rest) = content.split_at(9);
    assert_eq!(hex(&rest[..2]), "9F4B");
    let (length, rest) = match rest[2..] {
        [0x81, length, ref rest @ ..] => (usize::from(length), rest),
        [length, ref rest @ ..] => (usize::from(length), rest),
        [] => panic!("no length"),
    };
    let (signature, tail) = rest.split_at(length);
    assert_eq!(hex(&tail[..3]), "9F1013");
    Combined {
        objects: [head, tail].concat(),
        signature: signature.to_vec(),
        ac: Ac {
            cid: content[3],
            atc: [content[7], content[8]],
            ac: [0; 8],
            iad: tail[3..].to_vec(),
        },
    }
}

/// First and second combined answer, each with what the hash covers but the objects.
fn both(bank: &mut Bank) -> [(Combined, Vec<u8>); 2] {
    bank.begin();
    let (pdol, cdol1, cdol2) = (bank.pdol(), bank.cdol1(), bank.cdol2("00"));
    let first = generate(bank, ARQC, &cdol1);
    assert_eq!(first.ac.cid, 0x80);
    let second = generate(bank, TC, &cdol2);
    assert_eq!(second.ac.cid, 0x40);
    let asked = bytes(&format!("{pdol}{cdol1}"));
    let asked_twice = bytes(&format!("{pdol}{cdol1}{cdol2}"));
    [(first, asked), (second, asked_twice)]
}

#[test]
fn d_3_cda_sm2() {
    let mut bank = Bank::with(&[]);
    bank.terminal.sm = true;
    let key = TestKeys::get().sm2("card").expect("key").public_key();
    for (Combined { objects, signature, ac }, asked) in both(&mut bank) {
        assert_eq!(signature.len(), 115);
        // 15 | 31 | 07 ATC random | CID | AC | hash | r s.
        let cryptogram = hex(&bank.expected(&ac));
        let hash = hex(&sm3(&[&asked, &objects]));
        assert_eq!(hex(&signature[..5]), format!("153107{}", hex(&ac.atc)));
        assert_eq!(hex(&signature[10..51]), format!("{:02X}{cryptogram}{hash}", ac.cid));
        let rs = signature[51..].try_into().expect("64 bytes");
        assert!(key.verify(&[&signature[..51], &bytes(UN)], rs));
        assert!(!key.verify(&[&signature[..51]], rs), "the unpredictable number is covered");
    }
}

#[test]
fn d_3_cda_rsa() {
    for bits in [1024, 1152] {
        let mut bank = Bank::new(&format!("card_key = {bits}\n"));
        let key = &TestKeys::get().rsa(&format!("card-{bits}")).expect("key").public;
        for (Combined { objects, signature, ac }, asked) in both(&mut bank) {
            assert_eq!(signature.len(), bits / 8);
            let block = key.apply(&signature).expect("below the modulus");
            // 6A | 05 01 25 | 07 ATC random | CID | AC | hash | BB… | hash | BC.
            let cryptogram = hex(&bank.expected(&ac));
            let hash = hex(&sha1(&[&asked, &objects]));
            assert_eq!(hex(&block[..7]), format!("6A05012507{}", hex(&ac.atc)));
            assert_eq!(hex(&block[12..41]), format!("{:02X}{cryptogram}{hash}", ac.cid));
            let (inner, trailer) = block.split_at(block.len() - 21);
            assert!(inner[41..].iter().all(|byte| *byte == 0xBB));
            assert_eq!(hex(trailer), format!("{}BC", hex(&sha1(&[&inner[1..], &bytes(UN)]))));
        }
    }
}
