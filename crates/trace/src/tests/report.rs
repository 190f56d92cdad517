//! Reports: the card's tree, escaping, Chinese.

use super::*;

const SSSE: &[u8] = b"\x00\xA4\x04\x00\x0Fsx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";

fn report(export: Export, events: &[TraceEvent]) -> String {
    String::from_utf8(write(export, &header(), events, Secrets::Redacted)).expect("UTF-8")
}

/// A reading of EF06 whose name is a script.
fn hostile() -> Vec<TraceEvent> {
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
    let note = TraceEvent::Exchange(
        Exchange::new(SELECT.to_vec(), Err(TransportError::told("<img src=x onerror=\"1\">")))
            .noted("</style><b>\u{1B}[31m`x`")
            .in_reader("<i>"),
    );
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
fn the_html_report_fits_a_narrow_page() {
    let html = report(Export::Html, &hostile());
    let (_, body) = html.split_once("\nbody {").expect("the style");
    let (body, _) = body.split_once('}').expect("the style");
    assert!(body.contains("overflow-wrap: anywhere;"), "{body}");
    let (_, narrow) = html.split_once("@media (max-width: 700px) {").expect("the style");
    assert!(narrow.contains("table, tbody, tr, td { display: block; }"), "{narrow}");
    assert!(!html.contains("nowrap"), "{html}");
    assert!(html.contains("\n<tr style=\"--depth:0\"><td>09</td><td>name (姓名)</td>"), "{html}");
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

/// A reading of the name in EF06.
fn reading(name: &str) -> Vec<TraceEvent> {
    let mut record = vec![0x09, name.len() as u8];
    record.extend_from_slice(name.as_bytes());
    record.extend_from_slice(&[0x90, 0x00]);
    vec![exchange(SSSE, &[0x90, 0x00]), exchange(&[0x00, 0xB2, 0x09, 0x30, 0x20], &record)]
}

fn reset(atr: &[u8]) -> TraceEvent {
    TraceEvent::Reset(Reset { atr: atr.to_vec(), ..Reset::default() })
}

fn from(reader: &str, mut events: Vec<TraceEvent>) -> Vec<TraceEvent> {
    for event in &mut events {
        match event {
            TraceEvent::Exchange(exchange) => exchange.reader = Some(reader.into()),
            TraceEvent::Reset(reset) => reset.reader = Some(reader.into()),
        }
    }
    events
}

/// What the files section of a Markdown report says of cards and names.
fn cards(header: &Header, events: &[TraceEvent]) -> Vec<String> {
    let text = write(Export::Markdown, header, events, Secrets::Redacted);
    let text = String::from_utf8(text).expect("UTF-8");
    let (_, files) = text.split_once("\n## The ").expect("the files");
    let line = |line: &str| match line.split_once(" = ") {
        Some((_, name)) => Some(name.to_owned()),
        None if line.starts_with("      ") || line.starts_with(['*', ' ']) => None,
        None => (!line.is_empty()).then(|| line.trim_start_matches("## The ").to_owned()),
    };
    files.lines().filter_map(line).collect()
}

const ONE: &str = "card's files as the session showed them (卡内文件)";

#[test]
fn each_card_has_its_own_tree() {
    let events = [reading("ZHANG"), vec![reset(&[0x3B, 0x01, 0xAA])], reading("LI")].concat();
    let html = report(Export::Html, &events);
    let headings: Vec<_> = html.lines().filter(|line| line.starts_with("<h2>")).collect();
    assert_eq!(
        headings,
        [
            "<h2>Course (过程)</h2>",
            "<h2>The files of the card with ATR 3B00 as the session showed them (卡内文件)</h2>",
            "<h2>The files of the card with ATR 3B01AA as the session showed them (卡内文件)</h2>",
        ]
    );
    assert!(
        html.contains("\n<h3>Reset (复位), another card (另一张卡) <code>3B01AA</code></h3>\n"),
        "{html}"
    );
    let (_, files) = html.split_once("<section id=\"files\">").expect("the files");
    let (first, second) = files.split_once("3B01AA").expect("the second card");
    let name = |name: &str| format!("<td>{name}</td></tr>");
    assert_eq!((first.matches(&name("ZHANG")).count(), first.matches(&name("LI")).count()), (1, 0));
    assert_eq!(
        (second.matches(&name("ZHANG")).count(), second.matches(&name("LI")).count()),
        (0, 1)
    );

    let markdown = report(Export::Markdown, &events);
    let (_, files) = markdown.split_once("\n## The ").expect("the files");
    assert_eq!(
        files,
        "files of the card with ATR 3B00 as the session showed them (卡内文件)\n\n\
         * **SSSE 社会保障系统环境**\n\
         \x20 * **EF06** holder data (持卡人基本信息)\n\
         \x20   * tag 09 \n\
         \x20     * **09** name (姓名): `5A48414E47` = ZHANG\n\n\
         ## The files of the card with ATR 3B01AA as the session showed them (卡内文件)\n\n\
         * **SSSE 社会保障系统环境**\n\
         \x20 * **EF06** holder data (持卡人基本信息)\n\
         \x20   * tag 09 \n\
         \x20     * **09** name (姓名): `4C49` = LI\n"
    );
}

#[test]
fn a_reset_of_the_same_card_starts_no_tree() {
    for atr in [&[0x3B, 0x00][..], &[]] {
        let events = [reading("ZHANG"), vec![reset(atr)], reading("LI")].concat();
        assert_eq!(cards(&header(), &events), [ONE, "LI"]);
        let html = report(Export::Html, &events);
        assert!(html.contains("<h2>The card's files as the session showed them (卡内文件)</h2>"));
        assert!(!html.contains("another card"), "{html}");
    }
}

#[test]
fn a_card_that_comes_back_goes_on_with_its_tree() {
    let events = [
        reading("ZHANG"),
        vec![reset(&[0x3B, 0x01, 0xAA])],
        reading("LI"),
        vec![reset(&[0x3B, 0x00])],
        reading("WANG"),
    ];
    assert_eq!(
        cards(&header(), &events.concat()),
        [
            "files of the card with ATR 3B00 as the session showed them (卡内文件)",
            "WANG",
            "files of the card with ATR 3B01AA as the session showed them (卡内文件)",
            "LI",
        ]
    );
}

#[test]
fn the_first_atr_of_a_card_names_it() {
    let unknown = Header { atr: Vec::new(), ..header() };
    let events = [reading("ZHANG"), vec![reset(&[0x3B, 0x00])], reading("LI")].concat();
    assert_eq!(cards(&unknown, &events), [ONE, "LI"]);
}

#[test]
fn readers_have_their_own_cards() {
    let other = from("B", [vec![reset(&[0x3B, 0x01, 0xAA])], reading("LI")].concat());
    for (header, first) in [
        (header(), "files of the card with ATR 3B00 as the session showed them (卡内文件)"),
        (
            Header { atr: Vec::new(), ..header() },
            "files of the card with unknown ATR as the session showed them (卡内文件)",
        ),
    ] {
        let events = [other.clone(), reading("ZHANG"), from("B", reading("WANG"))].concat();
        let second = "files of the card with ATR 3B01AA as the session showed them (卡内文件)";
        assert_eq!(cards(&header, &events), [first, "ZHANG", second, "WANG"]);
    }
    let unknown = Header { atr: Vec::new(), ..header() };
    assert_eq!(cards(&unknown, &other), [ONE, "LI"]);
    let nothing = Header { reader: None, ..unknown };
    assert_eq!(cards(&nothing, &other), [ONE, "LI"]);
    let mut text = Vec::new();
    let mut sink =
        TraceWriter::begin(Export::Markdown, &mut text, &nothing, Secrets::Shown).unwrap();
    other.iter().for_each(|event| sink.event(event).unwrap());
    sink.finish().unwrap();
    drop(sink);
    assert!(!String::from_utf8(text).unwrap().contains("another card"), "there is one card only");
}

#[test]
fn a_trace_of_many_cards_says_that_it_has_more() {
    let mut events = reading("ZHANG");
    for card in 1..=16_u8 {
        events.push(reset(&[0x3B, 0x01, card]));
        events.extend(reading(&format!("LI {card}")));
    }
    let listed = cards(&header(), &events);
    let names: Vec<_> = listed.iter().filter(|line| line.starts_with("LI ")).collect();
    assert_eq!(names.len(), 15);
    assert_eq!(names.last().map(|name| name.as_str()), Some("LI 15"));
    let more = "The trace has more cards than the 16 listed here (仅列出前 16 张卡).";
    assert_eq!(listed.last().map(String::as_str), Some(more));
    assert!(report(Export::Html, &events).contains(&format!("\n<p>{more}</p>\n</section>\n")));
}
