use super::*;

const RECORDED: &str = "\
Using given card reader: Virtual PCD 00 00
Using T=1 protocol
Using given file: session.txt
reset
> RESET
< OK: 3B 6D 00 00
# the environment
00A40000023F00
> 00 A4 00 00 02 3F 00\x20
< 6F 10 84 0E 31 50 41 59 2E 53 59 53 2E 44 44 46\x20
30 31 90 00 : Normal processing.
00 84 00 \\
00 08
> 00 84 00 00 08
< 11 22 33 44 55 66 77 88 90 00 : Normal processing.
00 20 00 00
> 00 20 00 00
< 63 C6 : Warning.
exit
";

#[test]
fn answers_become_expectations() {
    let imported = of(Dialect::Transcript, RECORDED);
    assert_eq!(
        script(&imported),
        "@protocol T=1\nreset\n> 00A40000023F00\nexpect sw 9000\n\
         expect data 6F10840E315041592E5359532E4444463031\n> 0084000008\nexpect sw 9000\n\
         expect len 8\n> 00200000\nexpect sw 63C6\nexpect len 0\n"
    );
    assert_eq!(
        notes(&imported),
        [
            "line 6: note: the card answered with ATR 3B 6D 00 00; not compared",
            "line 15: note: random bytes: only their number is compared",
            "line 19: note: the recorded file ended here",
        ]
    );
}

#[test]
fn a_row_of_exactly_sixteen_bytes_is_whole() {
    let text = "> 00 B0 00 00\n< 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 90 00 : Normal.\n";
    let expected = "> 00B00000\nexpect sw 9000\nexpect data 000102030405060708090A0B0C0D\n";
    assert_eq!(script(&of(Dialect::Transcript, text)), expected);
}

#[test]
fn what_is_neither_is_named() {
    for (text, said) in [
        ("> 00 A4 0\n", "line 1: '00 A4 0' is not hex in pairs"),
        ("< 90 00 : Normal\n", "line 1: an answer without its command"),
        ("> 00 A4\n< 90 : Short\n", "line 2: the answer is not hex that ends in a status word"),
        ("> 00 A4\n< 90 00\n", "line 2: the answer does not end in ' : meaning'"),
        ("hello\n> 00 A4\n< 90 00 : Normal\n", "line 1: neither a command"),
        ("00B0\n> 00 A4\n< 90 00 : Normal\n", "line 1: neither a command"),
    ] {
        assert!(refused(Dialect::Transcript, text).contains(said), "{text:?}");
    }
}
