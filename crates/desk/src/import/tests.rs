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
    assert_eq!(resident.medical_cents, 12_340);
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
        error.to_string().contains("line 12: number 999901198001011211 stands in line 2 already")
    );
    assert!(rows[1].reason.contains("it should be 1"), "{}", rows[1].reason);
}

#[test]
fn columns_are_known_complete_and_single() {
    let of = |header: &str| read_residents(header.as_bytes(), TextEncoding::Utf8).unwrap_err();
    assert!(of("name,number,mobile\n").to_string().contains("column 'bank' is missing"));
    assert!(of("name,name,number\n").to_string().contains("stands there twice"));
    assert!(of("name,colour\n").to_string().contains("unknown column 'colour'"));
}
