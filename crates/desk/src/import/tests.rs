use super::*;

const HEADER: &str = "name,number,mobile,bank,child,guardian,old_card,medical_balance\n";

fn read(rows: &str) -> Result<Vec<Resident>, ImportError> {
    read_residents(format!("{HEADER}{rows}").as_bytes(), TextEncoding::Detected)
}

#[test]
fn a_row_becomes_a_resident() {
    let residents = read("李测甲,999901198001011211,13800000001,ICBC,,,gen1,123.4\n").unwrap();
    let [resident] = &residents[..] else { panic!("{residents:?}") };
    assert_eq!(resident.line, 2);
    assert_eq!(resident.person.name, "李测甲");
    assert_eq!(resident.medical, Cents::new(12_340));
    assert_eq!(resident.old_card.as_deref(), Some("gen1"));
}

#[test]
fn gbk_is_detected_and_can_be_stated() {
    let text = "姓名,社会保障号码,手机号,合作银行\n李测甲,999901198001011211,13800000001,ICBC\n";
    let bytes = GBK.encode(text).0;
    for encoding in [TextEncoding::Detected, TextEncoding::Gbk] {
        assert_eq!(read_residents(&bytes, encoding).unwrap()[0].person.name, "李测甲");
    }
    assert_eq!(read_residents(&bytes, TextEncoding::Utf8), Err(ImportError::Encoding("UTF-8")));
}

#[test]
fn every_bad_row_is_named_with_its_line() {
    let error = read(
        "李测甲,999901198001011211,13800000001,ICBC,,,,\n\
         ,999901198001011211,13800000001,ICBC,,,,\n\
         李测乙,999901198001011212,13800000001,ICBC,,,,\n\
         李测乙,99990119800101,13800000001,ICBC,,,,\n\
         李测乙,999901198001011211,1380,ICBC,,,,\n\
         李测乙,999901198001011211,13800000001,ICBC,maybe,,,\n\
         李测乙,999901198001011211,13800000001,ICBC,yes,,,\n\
         李测乙,999901198001011211,13800000001,ICBC,,,,5\n\
         李测乙,999901198001011211,13800000001,ICBC,,,gen9,\n\
         李测乙,999901198001011211,13800000001\n\
         李测乙,999901198001011211,13800000001,ICBC,,,,\n",
    )
    .unwrap_err();
    let ImportError::Rows(rows) = &error else { panic!("{error}") };
    let lines: Vec<_> = rows.iter().map(|row| row.line).collect();
    assert_eq!(lines, [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    assert!(
        error.to_string().contains("line 12: number 999901198001011211 already appears in line 2")
    );
    assert!(rows[1].reason.contains("it should be 1"), "{}", rows[1].reason);
}

#[test]
fn columns_are_known_complete_and_single() {
    let of = |header: &str| read_residents(header.as_bytes(), TextEncoding::Utf8).unwrap_err();
    assert!(of("name,number,mobile\n").to_string().contains("column 'bank' is missing"));
    assert!(of("name,name,number\n").to_string().contains("appears twice"));
    assert!(of("name,colour\n").to_string().contains("unknown column 'colour'"));
}

#[test]
fn what_gives_orders_to_a_terminal_is_refused_in_every_column_with_its_line() {
    let good = ["李测甲", "999901198001011211", "13800000001", "ICBC", "", "", "", ""];
    for order in [
        "\u{1B}[31m",
        "\u{7}",
        "\n",
        "\r",
        "\t",
        "\u{7F}",
        "\u{85}",
        "\u{9B}",
        "\u{2028}",
        "\u{202E}",
    ] {
        for at in 0..good.len() {
            for text in [format!("{order}甲"), format!("甲{order}乙"), format!("甲{order}")] {
                let mut row = good.map(str::to_owned);
                row[at] = format!("\"{text}\"");
                let rows = format!("{}\n{}\n", good.join(","), row.join(","));
                let error = read(&rows).unwrap_err();
                let ImportError::Rows(wrong) = &error else { panic!("{error}") };
                let row = &wrong[0];
                assert_eq!((wrong.count(), row.line), (1, 3), "{text:?}: {error}");
                assert!(row.reason.contains("which is not printed"), "{text:?}: {error}");
                assert!(!row.reason.contains(sscard_lexicon::is_order), "{error:?}");
            }
        }
    }
}

#[test]
fn blanks_around_a_field_are_none_of_it() {
    let rows = " 李测甲\u{3000},999901198001011211 , 13800000001,ICBC,,,,\n";
    assert_eq!(read(rows).unwrap()[0].person.name, "李测甲");
}

#[test]
fn one_row_does_not_fit_and_a_million_are_counted() {
    let error = read(",,,,,,,\n").unwrap_err().to_string();
    assert_eq!(
        error,
        "1 of the rows does not fit; nobody was imported\n  line 2: the name is missing"
    );
    let error = read(&",,,,,,,\n".repeat(100_020)).unwrap_err();
    let ImportError::Rows(rows) = &error else { panic!("{error}") };
    assert_eq!((rows.len(), rows.count()), (1_000, 100_020));
    let text = error.to_string();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 22);
    assert_eq!(lines[0], "100020 of the rows do not fit; nobody was imported");
    assert_eq!(lines[20..], ["  line 21: the name is missing", "  ... and 100,000 more"]);
    assert_eq!(
        [7, 999, 1_000, 1_234_567].map(crate::import_error::grouped),
        ["7", "999", "1,000", "1,234,567"]
    );
}

#[test]
fn what_is_quoted_is_no_longer_than_a_line() {
    let error =
        read(&format!("李测甲,{},13800000001,ICBC,,,,\n", "9".repeat(100_000))).unwrap_err();
    assert!(error.to_string().len() < 300, "{error}");
}
