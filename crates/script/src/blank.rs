//! Quotations of scripts: the statements of the language are known, what is none may be a slip of the finger.

use crate::verbs::verb;

/// The same text, character by character, with `*` for what may be a PIN or a key: what quotes a script or what might
/// become one passes it through here.
#[must_use]
pub fn blank(text: &str) -> String {
    // `fault` is none of them: a number behind it that is no fault may be anything.
    const STATEMENTS: [&str; 8] =
        ["case", "exit", "expect", "for", "include", "let", "print", "reset"];
    sscard_lexicon::blank(text, |word| STATEMENTS.contains(&word) || verb(word).is_some())
}

#[cfg(test)]
mod tests {
    use super::blank;

    #[test]
    fn pins_and_keys_are_stars_in_every_language() {
        for (text, quoted) in [
            ("verify pin=739154", "verify pin=******"),
            ("verify 739154", "verify ******"),
            ("verify \\\n  739154", "verify \\\n  ******"),
            ("verify emv 73915x", "verify emv ******"),
            ("verify pin=１２３４", "verify pin=****"),
            ("change_pin old=739154 new=826017", "change_pin old=****** new=******"),
            ("change_pin 739154 826017", "change_pin ****** ******"),
            ("case \"a\" { verify 739154 }", "case \"a\" { verify ****** }"),
            ("let secret = 739154", "let secret = ******"),
            ("let x = bcd(739154)", "let x = bcd(******)"),
            ("let x = 0123456789ABCDEF", "let x = ****************"),
            ("print kcv(sm4, 0123456789ABCDEF)", "print kcv(sm4, ****************)"),
            ("> 00 20 00 00 03 73 91 54", "> 00 20 00 00 03 ** ** **"),
            ("0020000003739154", "0020000003******"),
            ("10200000 03 7391", "10200000 03 ****"),
            ("84240001 10 1122 # x", "84240001 10 **** # x"),
            ("80D8000003739154", "80D8000003******"),
            ("002000000373915g", "0020000003******"),
            (
                "> 00 20 00 00 (len(bcd(739154))) (bcd(739154))",
                "> 00 20 00 00 (len(bcd(******))) (bcd(******))",
            ),
            ("0x00 0x20 0x00 0x00 0x03 0x73 0x91;", "0x00 0x20 0x00 0x00 0x03 0x** 0x**;"),
            ("send_apdu -sc 0 -APDU 0020000003739154", "send_apdu -sc 0 -APDU 0020000003******"),
            ("open_sc -mac_key 404142434445464748", "open_sc -mac_key ******************"),
            ("select SSSE # the PIN is 739154", "select SSSE # the PIN is ******"),
            ("# 密码 739154", "# 密码 ******"),
            ("739154x", "*******"),
            ("verfy 739154; select 3F00", "verfy ******; select 3F00"),
            ("verfy 739154x", "verfy *******"),
            ("fault set 739154", "fault set ******"),
            ("fault set command:data=739154@ins=20", "fault set command:data=******@ins=20"),
            ("fault set command:data=8F3A61D45C@2", "fault set command:data=**********@2"),
        ] {
            assert_eq!(blank(text), quoted, "{text}");
        }
    }

    #[test]
    fn the_rest_is_quoted_as_it_is() {
        for text in [
            "select 3F00\nexpect sw 9000|63C?\n",
            "select A000000333010101",
            "fault set mute@7 flip@app=A000000333010101,tag=5A slow=3s@ins=B2",
            "00A404000F7378312E73682EC9E7BBE1B1A3D5CF",
            "00 B2 07 2C 00",
            "00A40",
            "verify pin=$pin2\nexpect sw 9000",
            "B02C01000F0102030405060708090A0B0C0D0E0F",
            "expect data 0102030405060708",
            "expect tlv 6F/84 == \"sx1.sz.\" xx ..",
            "read_record sfi=31 rec=1",
            "selekt SSSE",
            "# in 2026 it was 1234",
            "init_load 1000 112233445566",
            "0084000008 # 8 bytes",
            "verify 12; select 3F00".get(10..).unwrap_or(""),
            "for row in csv \"a1234.csv\" { select $row.id }",
        ] {
            assert_eq!(blank(text), text);
        }
    }
}
