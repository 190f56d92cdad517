use super::*;

const SSSE: &[u8] = b"\x00\xA4\x04\x00\x0Fsx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";
const PAY: &[u8] = &[0, 0xA4, 4, 0, 8, 0xA0, 0, 0, 3, 0x33, 1, 1, 1, 0];

fn outline(nodes: &[Node<'_>]) -> Vec<String> {
    let line = |node: &Node<'_>| {
        let text = node.explained.text.clone().unwrap_or_default();
        format!("{}{:02X} {text}", "  ".repeat(node.depth), node.tag.number())
    };
    nodes.iter().map(line).collect()
}

#[test]
fn a_record_has_the_name_of_the_selected_file() {
    let mut session = Session::default();
    session.annotate(SSSE, Some(&[0x90, 0x00]));
    let selected = session.annotate(&[0, 0xA4, 0, 0, 2, 0xEF, 6], Some(&[0x90, 0x00]));
    assert_eq!(selected.case, Some("3S"));
    let place = selected.place.expect("place");
    assert_eq!(place.directory, "SSSE 社会保障系统环境");
    assert_eq!(place.file.as_deref(), Some("EF06"));
    let read = session.annotate(&[0, 0xB2, 9, 0, 6], Some(b"\x09\x04\xD5\xC5\xC8\xFD\x90\x00"));
    assert_eq!(read.command, "READ RECORD tag 09 姓名");
    assert_eq!(outline(&read.answer), ["09 张三"]);
    assert_eq!(read.place.expect("place").part.as_deref(), Some("tag 09"));
    // By short identifier, without selecting the file.
    let read = session.annotate(&[0, 0xB2, 1, 0x2C, 3], Some(b"\x02\x013\x90\x00"));
    let place = read.place.expect("place");
    assert_eq!(place.file.as_deref(), Some("EF05"));
    assert_eq!(place.name.expect("name").zh, "发卡机构数据");
    // That made it the current one.
    let read = session.annotate(&[0, 0xB2, 3, 0x00, 6], Some(b"\x03\x043.00\x90\x00"));
    assert_eq!(read.place.expect("place").file.as_deref(), Some("EF05"));
}

#[test]
fn an_answer_in_pieces_is_that_of_its_command() {
    let mut session = Session::default();
    let first = session.annotate(PAY, Some(&[0x61, 0x09]));
    assert!(first.answer.is_empty());
    let fci = [0x6F, 0x05, 0x84, 0x03, 1, 2, 3, 0x90, 0x00];
    let second = session.annotate(&[0, 0xC0, 0, 0, 9], Some(&fci));
    assert_eq!(outline(&second.answer), ["6F ", "  84 "]);
    assert!(second.asked.is_empty());
    assert_eq!(second.place.expect("place").directory, "A000000333010101");

    session.annotate(PAY, Some(&[0x6F, 0x05, 0x84, 0x61, 0x04]));
    let last = session.annotate(&[0, 0xC0, 0, 0, 4], Some(&[0x03, 1, 2, 3, 0x90, 0x00]));
    assert_eq!(outline(&last.answer), ["6F ", "  84 "]);
}

#[test]
fn a_wrong_le_of_get_response_does_not_lose_the_command() {
    let mut session = Session::default();
    session.annotate(PAY, Some(&[0x61, 0x07]));
    session.annotate(&[0, 0xC0, 0, 0, 9], Some(&[0x6C, 0x07]));
    let last =
        session.annotate(&[0, 0xC0, 0, 0, 7], Some(&[0x6F, 5, 0x84, 3, 1, 2, 3, 0x90, 0x00]));
    assert_eq!(outline(&last.answer), ["6F ", "  84 "]);
}

#[test]
fn values_that_answer_a_list_get_their_tags() {
    let mut session = Session::default();
    let fci =
        [0x6F, 0x0B, 0x84, 0x01, 0xA0, 0xA5, 0x06, 0x9F, 0x38, 0x03, 0x9F, 0x7A, 0x01, 0x90, 0x00];
    session.annotate(PAY, Some(&fci));
    let gpo = [0x80, 0xA8, 0, 0, 3, 0x83, 0x01, 0x01, 0];
    let asked = session.annotate(&gpo, Some(&[0x80, 0x06, 0x7D, 0, 8, 1, 1, 0, 0x90, 0x00]));
    assert_eq!(outline(&asked.asked), ["9F7A 1"]);
    assert_eq!(outline(&asked.answer), ["80 ", "  82 ", "  94 "]);
    // CDOL1 asks for the unpredictable number, CDOL2 for the response code.
    let lists = [0x70, 0x09, 0x8C, 3, 0x9F, 0x37, 4, 0x8D, 2, 0x8A, 2, 0x90, 0x00];
    session.annotate(&[0, 0xB2, 1, 0x0C, 0], Some(&lists));
    let answer = [0x80, 0x0B, 0x80, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 0x90, 0x00];
    let first = session.annotate(&[0x80, 0xAE, 0x80, 0, 4, 1, 2, 3, 4, 0], Some(&answer));
    assert_eq!(outline(&first.asked), ["9F37 "]);
    let second = session.annotate(&[0x80, 0xAE, 0x40, 0, 2, 0x30, 0x30, 0], Some(&answer));
    assert_eq!(outline(&second.asked), ["8A 00"]);
}

#[test]
fn a_protected_command_ends_in_its_mac() {
    let mut session = Session::default();
    session.annotate(PAY, Some(&[0x90, 0x00]));
    let put = [0x04, 0xDA, 0x9F, 0x79, 0x0A, 0, 0, 0, 0, 0x10, 0, 1, 2, 3, 4];
    let annotation = session.annotate(&put, Some(&[0x90, 0x00]));
    assert_eq!(outline(&annotation.asked), ["9F79 10.00", "00 "]);
    assert_eq!(annotation.asked[1].volatility, crate::Volatility::Random);
}

#[test]
fn the_log_is_read_by_its_format() {
    let mut session = Session::default();
    let fci = [0x6F, 8, 0xA5, 6, 0xBF, 0x0C, 3 + 2, 0x9F, 0x4D, 2, 0x0B, 0x0A, 0x90, 0x00];
    let mut fci = fci.to_vec();
    (fci[1], fci[3]) = (10, 8);
    session.annotate(PAY, Some(&fci));
    session.annotate(&[0x80, 0xCA, 0x9F, 0x4F, 0], Some(&[0x9F, 0x4F, 2, 0x9A, 3, 0x90, 0x00]));
    let log = session.annotate(&[0, 0xB2, 1, 0x5C, 0], Some(&[0x26, 0x11, 0x24, 0x90, 0x00]));
    assert_eq!(outline(&log.answer), ["9A 2026-11-24"]);
}

#[test]
fn channels_have_selections_of_their_own_and_a_reset_takes_them_away() {
    let mut session = Session::default();
    session.annotate(PAY, Some(&[0x90, 0x00]));
    let on_one = session.annotate(&[0x01, 0xB2, 1, 0x0C, 0], Some(&[0x6A, 0x82]));
    assert_eq!(on_one.application, Vocabulary::SocialSecurity);
    let on_basic = session.annotate(&[0x00, 0xB2, 1, 0x0C, 0], Some(&[0x6A, 0x82]));
    assert_eq!(on_basic.application, Vocabulary::Financial);
    session.reset();
    let after = session.annotate(&[0x00, 0xB2, 1, 0x0C, 0], Some(&[0x6A, 0x82]));
    assert_eq!(after.application, Vocabulary::SocialSecurity);
}

#[test]
fn a_command_without_a_response_and_a_malformed_one_have_words_too() {
    let mut session = Session::default();
    let annotation = session.annotate(&[0, 0x84, 0, 0, 8], None);
    assert_eq!((annotation.command.as_str(), annotation.status), ("GET CHALLENGE 8 bytes", None));
    let annotation = session.annotate(&[0, 0x84], Some(&[0x67, 0x00]));
    assert_eq!(annotation.command, "malformed command");
    assert_eq!(annotation.status.expect("status").1.en, "wrong length");
    // Too short for a status word.
    assert_eq!(session.annotate(&[0, 0x84, 0, 0, 8], Some(&[0x90])).status, None);
}
