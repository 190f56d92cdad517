//! Commands by their bytes.

use super::*;
use sscard_profile::CardCertificate;

#[test]
fn pki_ddf_and_adf_are_selected_by_name_and_answer_their_fci() {
    let mut desk = Desk::t0("gen3");
    assert_eq!(desk.send(SELECT_DDF), "6110");
    assert_eq!(desk.send("00C0000010"), "6F0E840C504B492EC9E7BBE1B1A3D5CF9000");
    assert_eq!(desk.send("00A4000002DF01"), "6110");
    assert_eq!(desk.send("00C0000010"), "6F0E840C53532E434552542E414446319000");
    desk.all_ok(&["00A40000023F00", SELECT_ADF, SELECT_DDF]);
}

#[test]
fn pki_files_are_selected_by_identifier_and_nothing_else_is_there() {
    let mut desk = selected();
    for fid in ["0012", "0013", "0014", "0015", "0018", "0019"] {
        assert_eq!(desk.send(&format!("00A4000002{fid}")), "9000");
    }
    for fid in ["0016", "EF05", "DDF1", "DF03"] {
        assert_eq!(desk.send(&format!("00A4000002{fid}")), "6A82", "{fid}");
    }
    desk.all_ok(&[SELECT_DDF]);
    assert_eq!(desk.send("00A40000020012"), "6A82", "the files lie in the ADF");
    desk.all_ok(&["00A40000023F00"]);
    assert_eq!(desk.send("00A4000002DF01"), "6A82", "the ADF lies in the DDF");
}

#[test]
fn pki_a_public_key_is_read_from_its_file_with_66_bytes() {
    let mut desk = selected();
    desk.all_ok(&["00A40000020012"]);
    let file = desk.data("00B0000042");
    assert_eq!(file[..4], *"CA40");
    desk.all_ok(&["80C9820008C0020012C2020013"]);
    assert_eq!(desk.data("80C9828042"), file);
    // By short identifier.
    assert_eq!(desk.data("00B0920042"), file);
    let certificate = CardCertificate::parse(&read(&mut desk, "0018")).expect("a certificate");
    assert_eq!(hex(certificate.public_key()), file[4..]);
}

/// A file of 1,020 bytes, in pieces of FA.
fn read(desk: &mut Desk, fid: &str) -> Vec<u8> {
    desk.all_ok(&[&format!("00A4000002{fid}")]);
    let mut file = Vec::new();
    while file.len() < 1020 {
        let piece = (1020 - file.len()).min(0xFA);
        file.extend(bytes(&desk.data(&format!("00B0{:04X}{piece:02X}", file.len()))));
    }
    file
}

#[test]
fn pki_certificates_have_1020_bytes_and_are_read_and_written_in_pieces_of_fa_and_70() {
    for (step, reference, pin) in [(0xFA, 0x81, &USER[..]), (0x70, 0x00, &ADMINISTRATOR[..])] {
        let mut desk = selected();
        assert_eq!(verify(&mut desk, reference, pin), "9000");
        for fid in ["0018", "0019"] {
            let content: Vec<u8> = (0..1020_u16).map(|n| (n % 251) as u8).collect();
            desk.all_ok(&[&format!("00A4000002{fid}")]);
            for (number, piece) in content.chunks(step).enumerate() {
                let offset = number * step;
                let command = format!("00D6{offset:04X}{:02X}{}", piece.len(), hex(piece));
                assert_eq!(desk.send(&command), "9000");
            }
            assert_eq!(read(&mut desk, fid), content);
            assert_eq!(desk.send("00B003FC01"), "6B00");
            assert_eq!(desk.send("00D603FC0100"), "6B00");
            assert_eq!(desk.send("00D603FB020000"), "6700", "a byte too many");
            assert_eq!(desk.send("00D60000"), "6700", "no data");
        }
    }
}

#[test]
fn pki_a_private_key_is_neither_read_nor_written() {
    let mut desk = user();
    assert_eq!(verify(&mut desk, 0x00, &ADMINISTRATOR), "9000");
    for fid in ["0013", "0015"] {
        desk.all_ok(&[&format!("00A4000002{fid}")]);
        assert_eq!(desk.send("00B0000022"), "6982");
        assert_eq!(desk.send("00D600000100"), "6982");
    }
    desk.all_ok(&["00A40000020012"]);
    assert_eq!(desk.send("00D600000100"), "6982", "keys are generated or imported");
}

/// `80C40103 05 C103 <3 bytes>`: SM3 of 123456h begins 3DE741F445DD357B; of a PIN of four bytes likewise.
#[test]
fn pki_sm3_by_the_card() {
    let mut desk = selected();
    let hash = desk.data("80C4010305C10312345600");
    assert!(hash.starts_with("3DE741F445DD357B"), "{hash}");
    assert_eq!(hash.len(), 64);
    let hash = desk.data("80C4010306C1041234567800");
    assert_eq!(bytes(&hash)[..16], *pin_key(&ADMINISTRATOR).expose());
    assert_eq!(desk.data("80C4010302C10000"), hex(&sscard_crypto::financial::sm3(&[])));
    assert_eq!(desk.send("80C401030512345600"), "6700");
    assert_eq!(desk.send("80C4010303C2011200"), "6A80");
    assert_eq!(desk.send("80C4010403C1011200"), "6A86");
}

#[test]
fn pki_no_current_file_no_such_file_wrong_parameters() {
    let mut desk = selected();
    assert_eq!(desk.send("00B0000042"), "6986");
    assert_eq!(desk.send("00B0960042"), "6A82");
    assert_eq!(desk.send("00B0B20042"), "6A86", "bits 7 and 6 beside a short identifier");
    assert_eq!(desk.send("0084010008"), "6A86");
    assert_eq!(desk.send("0084000005"), "6700");
    assert_eq!(desk.send("80C9828042"), "6985", "no pair was named");
    assert_eq!(desk.send("80C9820008C0020012C2020015"), "6A80", "no pair");
    assert_eq!(desk.send("80C9820008C0020016C2020013"), "6A82");
    assert_eq!(desk.send("80C9820008C0020013C2020012"), "6A80", "the other way round");
    assert_eq!(desk.send("80C9820000"), "6700");
}

#[test]
fn pki_an_instruction_in_another_class_is_6e00_and_an_unknown_one_6d00() {
    let mut desk = selected();
    for command in
        ["8020018100", "80B0000000", "00C4010303C1011200", "00400000", "80840000", "805E0100"]
    {
        assert_eq!(desk.send(command), "6E00", "{command}");
    }
    for command in ["00B2010400", "80AE0000", "00820004", "80500000"] {
        assert_eq!(desk.send(command), "6D00", "{command}");
    }
    assert_eq!(desk.send("B0260001"), "6E00");
    assert_eq!(desk.send("0420018100"), "6882", "no command for secure messaging");
}

#[test]
fn pki_in_the_ddf_there_is_a_challenge_and_nothing_else() {
    let mut desk = Desk::t1("gen3");
    desk.all_ok(&[SELECT_DDF]);
    assert_eq!(desk.send("0084000010").len(), 36);
    for command in ["00200181", "00B0000042", GENERATE_SIGNATURE, "80C4010305C10312345600"] {
        assert_eq!(desk.send(command), "6985", "{command}");
    }
}

#[test]
fn pki_a_wrong_le_leaves_the_current_file() {
    let mut desk = Desk::t0("gen3");
    desk.all_ok(&[SELECT_ADF, "00A40000020012"]);
    // The certificate by its short identifier, with a Le that does not fit.
    assert_eq!(desk.send("00B09800FF").len(), 2 * 257);
    desk.all_ok(&["00A40000020012"]);
    assert_eq!(desk.send("00B09400FF"), "6C42");
    assert_eq!(desk.send("00B0000002"), "CA409000");
    let own = desk.data("00B0920042");
    assert_eq!(desk.data("00B0000042"), own);
}
