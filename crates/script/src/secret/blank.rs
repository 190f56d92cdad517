//! Scripts as they are quoted in messages: with stars in the places of PINs and keys.
//!
//! It goes by words, not by the tree: what is quoted is often what cannot be parsed, and of any
//! program's language. `[choice]` Better a star too many than a PIN.

use sscard_host::is_secret;

use crate::verbs::verb;

/// Words behind which a digit may be a PIN's or a key's.
const TELLING: [&str; 10] =
    ["pin", "verify", "key", "passw", "secret", "udk", "kcv", "密码", "口令", "密钥"];
/// So many digits may be a PIN where a value is named or shown.
const PIN: usize = 4;
/// Digits of CLA INS P1 P2 Lc.
const HEADER: usize = 10;

/// What the words so far say of the next ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Telling {
    Nothing,
    /// The statement is none that is known: perhaps a slip of the finger, and a PIN behind it.
    Unknown,
    /// A value follows: a long one may be a secret.
    Value,
    Secret,
}

/// A word of a text: its characters.
struct Word {
    start: usize,
    end: usize,
}

/// The same text, character by character, with `*` for what may be a PIN or a key.
pub(crate) fn blank(text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let words = words(&chars);
    let mut telling = Telling::Nothing;
    let mut end = 0;
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let between = chars.get(end..word.start).unwrap_or(&[]);
        let begins = (at == 0 || ends_statement(between)) && !between.contains(&'#');
        if ends_statement(between) {
            telling = Telling::Nothing;
        }
        end = word.end;
        if telling < Telling::Secret
            && let Some(hidden) = of_command(&chars, &words, at)
        {
            at = hidden.words;
            hidden.places.into_iter().for_each(|place| star(&mut chars, place));
            end = words.get(at - 1).map_or(end, |last| last.end);
            telling = Telling::Secret;
            continue;
        }
        at += 1;
        let is_variable = word.start > 0 && matches!(chars.get(word.start - 1), Some('$'));
        let Some(content) = chars.get(word.start..word.end) else { continue };
        let numeric = content.iter().filter(|c| c.is_numeric()).count();
        let hides = match telling {
            Telling::Nothing => is_slip(content),
            Telling::Unknown => {
                is_slip(content) || content.len() >= PIN && numeric == content.len()
            }
            Telling::Value => is_hex(content) && content.len() >= PIN,
            Telling::Secret => is_hex(content) || numeric >= 3,
        };
        if hides && !is_variable {
            (word.start..word.end).for_each(|place| star(&mut chars, place));
            continue;
        }
        telling = telling.max(said_by(content, chars.get(word.end) == Some(&'=')));
        if begins && !is_known(content) {
            telling = telling.max(Telling::Unknown);
        }
    }
    chars.into_iter().collect()
}

fn star(chars: &mut [char], place: usize) {
    if let Some(c) = chars.get_mut(place) {
        *c = '*';
    }
}

fn words(chars: &[char]) -> Vec<Word> {
    let is_part = |c: &char| c.is_alphanumeric() || *c == '_';
    let mut words: Vec<Word> = Vec::new();
    for (at, _) in chars.iter().enumerate().filter(|(_, c)| is_part(c)) {
        match words.last_mut() {
            Some(word) if word.end == at => word.end = at + 1,
            _ => words.push(Word { start: at, end: at + 1 }),
        }
    }
    words
}

/// Whether a statement ends between two words: at an end of line that is not continued, a semicolon
/// or a brace.
fn ends_statement(between: &[char]) -> bool {
    let is_continued = between.contains(&'\\');
    let mut before = ' ';
    between.iter().any(|c| {
        let ends = match c {
            '\n' => !is_continued,
            ';' | '}' => true,
            '{' => before != '$',
            _ => false,
        };
        before = *c;
        ends
    })
}

/// Digits, or so many letters that they are no word: `739154`, `ABCDEFAB`, with 0x in front or not.
fn is_hex(word: &[char]) -> bool {
    let digits = digits(word);
    let is_digit = |c: &char| c.is_ascii_hexdigit() || c.is_numeric();
    let wrong = digits.iter().filter(|c| !is_digit(c)).count();
    let numeric = digits.iter().filter(|c| c.is_numeric()).count();
    match wrong {
        0 => numeric > 0 || digits.len() >= 8,
        // A slip of the finger makes no key a word.
        wrong => wrong <= 2 && digits.len() >= 6 && numeric >= PIN,
    }
}

/// Digits with something else behind them: nothing of the language, and perhaps a PIN.
fn is_slip(word: &[char]) -> bool {
    let numeric = word.iter().take_while(|c| c.is_numeric()).count();
    numeric >= PIN && !word.iter().all(|c| c.is_ascii_hexdigit() || c.is_numeric())
}

fn digits(word: &[char]) -> &[char] {
    match word {
        ['0', 'x' | 'X', digits @ ..] => digits,
        _ => word,
    }
}

/// Whether a statement begins so: with a verb or a word of the language, or with bytes.
fn is_known(word: &[char]) -> bool {
    const STATEMENTS: [&str; 8] =
        ["case", "exit", "expect", "for", "include", "let", "print", "reset"];
    let name: String = word.iter().collect();
    STATEMENTS.contains(&name.as_str()) || verb(&name).is_some() || is_hex(word)
}

fn said_by(word: &[char], is_named: bool) -> Telling {
    let word: String = word.iter().flat_map(|c| c.to_lowercase()).collect();
    let is_telling = TELLING.iter().any(|telling| word.contains(telling))
        || is_named && matches!(word.as_str(), "old" | "new" | "enc" | "imk" | "master");
    match word.as_str() {
        _ if is_telling => Telling::Secret,
        "let" | "print" => Telling::Value,
        _ => Telling::Nothing,
    }
}

/// What of a command is hidden, and the first word behind it.
struct Hidden {
    places: Vec<usize>,
    words: usize,
}

/// Bytes of a command that holds a secret, in one word or in many: `00 20 00 00 03 73 91 54`.
fn of_command(chars: &[char], words: &[Word], first: usize) -> Option<Hidden> {
    let mut places: Vec<usize> = Vec::new();
    let mut at = first;
    let mut end = words.get(first)?.start;
    while let Some(word) = words.get(at) {
        let content = chars.get(word.start..word.end)?;
        let between = chars.get(end..word.start)?;
        let is_apart = |c: &char| matches!(c, ' ' | '\t' | '\\' | '"' | ',' | ':' | '\n' | '\r');
        let goes_on = between.iter().all(is_apart) && !ends_statement(between);
        let is_bytes = is_hex(content) || content.iter().all(char::is_ascii_hexdigit);
        if !goes_on || !is_bytes {
            break;
        }
        places.extend(word.end - digits(content).len()..word.end);
        end = word.end;
        at += 1;
    }
    let byte = |from: usize| {
        let digit = |at: usize| chars.get(*places.get(at)?)?.to_digit(16);
        u8::try_from(digit(from)? << 4 | digit(from + 1)?).ok()
    };
    let is_secret = places.len() >= 8 && is_secret(byte(0)?, byte(2)?);
    is_secret.then(|| Hidden { places: places.split_off(HEADER.min(places.len())), words: at })
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
        ] {
            assert_eq!(blank(text), quoted, "{text}");
        }
    }

    #[test]
    fn the_rest_is_quoted_as_it_is() {
        for text in [
            "select 3F00\nexpect sw 9000|63C?\n",
            "select A000000333010101",
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
