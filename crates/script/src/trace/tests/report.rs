//! Reports: the card's tree, escaping, Chinese.

use super::*;

const SSSE: &[u8] = b"\x00\xA4\x04\x00\x0Fsx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";

fn report(export: Export, events: &[Event]) -> String {
    String::from_utf8(write(export, &header(), events, Secrets::Redacted)).expect("UTF-8")
}

/// A reading of EF06 whose name is a script.
fn hostile() -> Vec<Event> {
    let name = b"\x09\x1E<script>alert('1')</script>\0\0\0";
    vec![
        exchange(SSSE, &[0x90, 0x00]),
        exchange(&[0x00, 0xB2, 0x09, 0x30, 0x20], &[&name[..], &[0x90, 0x00]].concat()),
        exchange(&[0x00, 0xB2, 0x01, 0x3C, 0x00], &[0x69, 0x82]),
    ]
}

#[test]
fn a_script_on_the_card_is_text() {
    let html = report(Export::Html, &hostile());
    assert!(!html.contains("<script"), "{html}");
    assert!(html.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;"), "{html}");
    let markdown = report(Export::Markdown, &hostile());
    assert!(!markdown.contains("<script"), "{markdown}");
    let note = Event::Exchange(Exchange {
        command: SELECT.to_vec(),
        error: Some("<img src=x onerror=\"1\">".to_owned()),
        note: Some("</style><b>\u{1B}[31m`x`".to_owned()),
        reader: Some("<i>".into()),
        ..Exchange::default()
    });
    let header = Header { tool: "<u>".to_owned(), reader: Some("\"><s>".into()), ..header() };
    for export in [Export::Html, Export::Markdown] {
        let text = write(export, &header, std::slice::from_ref(&note), Secrets::Redacted);
        let text = String::from_utf8(text).expect("UTF-8");
        for tag in ["<img", "<b>", "<i>", "<u>", "<s>", "\u{1B}"] {
            assert!(!text.contains(tag), "{tag}: {text}");
        }
    }
}

#[test]
fn the_html_report_needs_nothing_beside_it() {
    let html = report(Export::Html, &hostile());
    for outside in ["http://", "https://", "src=", "<link", "@import", "url("] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert!(
        html.starts_with(
            "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">"
        )
    );
    assert_eq!(html.matches("<details").count(), html.matches("</details>").count());
    assert_eq!(html.matches("<table").count(), html.matches("</table>").count());
    assert_eq!(html.matches("<section").count(), 2);
}

#[test]
fn files_and_records_stand_in_the_card_s_tree() {
    for export in [Export::Html, Export::Markdown] {
        let text = report(export, &hostile());
        let (_, files) = text.split_once("卡内文件").expect("the files");
        for part in ["SSSE 社会保障系统环境", "EF06", "持卡人基本信息", "姓名", "EF07"]
        {
            assert!(files.contains(part), "{part}: {files}");
        }
        assert!(files.contains("6982"), "refused: {files}");
    }
}

#[test]
fn a_reading_that_was_refused_later_stays() {
    let mut events = hostile();
    events.push(exchange(&[0x00, 0xB2, 0x09, 0x30, 0x20], &[0x69, 0x82]));
    let html = report(Export::Html, &events);
    let (_, files) = html.split_once("卡内文件").expect("the files");
    assert!(files.contains("alert"), "{files}");
}

#[test]
fn the_tree_of_a_card_that_never_ends_is_cut() {
    let mut events = vec![exchange(SSSE, &[0x90, 0x00])];
    for file in 0..=30_u8 {
        for number in 0..=255_u8 {
            events.push(exchange(&[0x00, 0xB2, number, file << 3 | 4, 0], &[1, 1, 0x31, 0x90, 0]));
        }
    }
    let html = report(Export::Html, &events);
    assert!(html.contains("More was read than is listed here."));
}
