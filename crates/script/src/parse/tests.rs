use super::*;
use crate::ast::{Directive, Expect, Expr, Value};

fn of(text: &str) -> Script {
    parse(&SourceText::new("test.apdu", text)).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn error(text: &str) -> String {
    parse(&SourceText::new("test.apdu", text)).expect_err(text).to_string()
}

fn kinds(text: &str) -> Vec<StatementKind> {
    of(text).items.into_iter().map(|item| item.kind).collect()
}

#[test]
fn a_clean_scriptor_file_is_a_script() {
    let text =
        "reset\n# Select MF\n00 A4 00 00 02 3F 00\n00B0000000\n\n00 A4 04 00 \\\n 02 3F 00\n";
    let printed = of(text).to_string();
    assert_eq!(printed, "reset\n> 00A40000023F00\n> 00B0000000\n> 00A40400023F00\n");
}

#[test]
fn commands_are_hex_strings_variables_and_verbs() {
    let text = "> 00 A4 04 00 07 \"sx1.sh.\" 00\nselect A00000000386980701 # by name\n\
                read_record sfi=5 rec=7; verify pin=123456\nlet rnd = get_challenge 8\n\
                00820004 10 $auth ($a ^ resp[0..8])\n";
    assert_eq!(
        of(text).to_string(),
        "> 00A4040007 \"sx1.sh.\" 00\nselect A00000000386980701\nread_record sfi=5 rec=7\n\
         verify pin=123456\nlet rnd = get_challenge 8\n> 0082000410 $auth ($a ^ resp[0..8])\n"
    );
}

#[test]
fn expectations_have_masks() {
    let text = "expect sw 9000|61xx|63C?\nexpect data 6F xx 84 ..\nexpect tlv 6F/84 == $aid\n\
                expect len 16\nexpect len 4..32\nexpect sw[0..1] == 90\nexpect f($a) == $b 0?\n\
                expect data (f($a)) ..\nexpect tlv(84, 00) == 840100\n";
    assert_eq!(
        of(text).to_string(),
        "expect sw 9000|61xx|63Cx\nexpect data 6Fxx84 ..\nexpect tlv 6F/84 == $aid\n\
         expect len 16\nexpect len 4..32\nexpect (sw[0..1]) == 90\nexpect (f($a)) == $b 0x\n\
         expect data (f($a)) ..\nexpect (tlv(84, 00)) == 840100\n"
    );
    let [StatementKind::Expect(Expect::Sw(patterns)), ..] = &kinds(text)[..] else { panic!() };
    assert!(patterns[1].fits(0x6112) && !patterns[1].fits(0x6012));
    assert!(patterns[2].fits(0x63C5) && !patterns[2].fits(0x6305));
}

/// A blank makes the difference between a mask and a function of that name.
#[test]
fn masks_begin_with_parentheses_too() {
    let text = "expect data ($a || $b)\nexpect len($a) == 08\nexpect sw || resp == 9000\n";
    let printed = "expect data ($a || $b)\nexpect (len($a)) == 08\nexpect (sw || resp) == 9000\n";
    assert_eq!(of(text).to_string(), printed);
    assert_eq!(of(printed), of(text));
}

#[test]
fn a_name_is_bound_to_words_in_parentheses_and_to_hex_without() {
    let text = "let a = (word)\nlet b = (word || 00)\nlet c = 00FF\nlet d = word\n";
    assert_eq!(of(text).to_string(), text);
    assert!(matches!(&kinds(text)[1], StatementKind::Let { value: Bound::Expr(_), .. }));
    assert!(matches!(&kinds(text)[3], StatementKind::Let { value: Bound::Command(_), .. }));
}

#[test]
fn blocks_and_rows() {
    let text =
        "for row in csv \"cards.csv\" { case \"row ${row.id}\" { 00A4040000; expect sw 9000 } }";
    assert_eq!(
        of(text).to_string(),
        "for row in csv \"cards.csv\" {\n  case \"row ${row.id}\" {\n    > 00A4040000\n    \
         expect sw 9000\n  }\n}\n"
    );
}

#[test]
fn values_bind_as_written() {
    let text = "let mac = retail_mac($k, $hdr || $data ^ 00FF)\nlet y = tlv 6F/A5/9F0C of $fci\n";
    assert_eq!(
        of(text).to_string(),
        "let mac = retail_mac($k, $hdr || ($data ^ 00FF))\nlet y = tlv 6F/A5/9F0C of $fci\n"
    );
    let [
        StatementKind::Let {
            value: Bound::Expr(Expr { value: Value::Call { arguments, .. }, .. }),
            ..
        },
        _,
    ] = &kinds(text)[..]
    else {
        panic!()
    };
    assert_eq!(arguments.len(), 2);
}

#[test]
fn directives_are_read() {
    let text = "@seed 7\n@profile gen2\n@card \"a.img\"\n@mode auto\n@timeout 5s\n@protocol T=1\n\
                @on-error continue\n@destructive\n@contactless\n@state produced\n@expect sw 9000|61xx\n";
    assert_eq!(kinds(text).len(), 11);
    assert_eq!(kinds(text)[4], StatementKind::Directive(Directive::Timeout(5000)));
}

#[test]
fn errors_say_where_and_what() {
    assert_eq!(error("00A4\n00A40"), "test.apdu:2:1: '00A40' has an odd number of hex digits");
    assert_eq!(
        error("expect sw 900"),
        "test.apdu:1:11: a status word has four digits such as 9000, 61xx, 63C?"
    );
    assert_eq!(error("case \"a\" {\n00A4"), "test.apdu:2:5: a block is not closed: '}' is missing");
    assert_eq!(error("}"), "test.apdu:1:1: there is no block that '}' could close");
    assert_eq!(error("00A4 zz"), "test.apdu:1:6: 'zz' is not hexadecimal");
    assert_eq!(error("00A4 0x"), "test.apdu:1:6: x and ? stand in expectations only");
    assert_eq!(error("@colour red"), "test.apdu:1:1: '@colour' is not a directive");
    assert_eq!(error("print \"abc"), "test.apdu:1:7: a string is not closed");
    assert_eq!(error("选择"), "test.apdu:1:1: '选择' is neither hex, nor a verb, nor a statement");
    assert!(error(&"(".repeat(100)).contains("nested more than 66 deep"));
}
