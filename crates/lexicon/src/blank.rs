//! Text as it is quoted in messages: with stars in the places of PINs and keys.
//!
//! It goes by words, not by the tree: what is quoted is often what cannot be parsed, and of any
//! program's language. `[choice]` Better a star too many than a PIN.

use sscard_commands::is_secret;

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

/// The same text, character by character, with `*` for what may be a PIN or a key. `is_statement` knows the words that
/// a statement of the text's language begins with; behind others, which may be slips of the finger, more is hidden.
#[must_use]
pub fn blank(text: &str, is_statement: impl Fn(&str) -> bool) -> String {
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
            end = words.get(..at).and_then(<[_]>::last).map_or(end, |last| last.end);
            telling = Telling::Secret;
            continue;
        }
        at = at.saturating_add(1);
        let is_variable = chars.get(..word.start).is_some_and(|before| before.ends_with(&['$']));
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
        telling = telling.max(said_by(content, chars.get(word.end).copied()));
        if begins && !is_hex(content) && !is_statement(&content.iter().collect::<String>()) {
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
    for ((_, start), end) in chars.iter().zip(0..).zip(1..).filter(|((c, _), _)| is_part(c)) {
        match words.last_mut() {
            Some(word) if word.end == start => word.end = end,
            _ => words.push(Word { start, end }),
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

fn said_by(word: &[char], mark: Option<char>) -> Telling {
    let word: String = word.iter().flat_map(|c| c.to_lowercase()).collect();
    let is_telling = TELLING.iter().any(|telling| word.contains(telling))
        || mark == Some('=') && matches!(word.as_str(), "old" | "new" | "enc" | "imk" | "master");
    match word.as_str() {
        _ if is_telling => Telling::Secret,
        "let" | "print" => Telling::Value,
        // A fault that gives a command other data.
        "command" if mark == Some(':') => Telling::Value,
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
        places.extend(word.end.saturating_sub(digits(content).len())..word.end);
        end = word.end;
        at = at.saturating_add(1);
    }
    let byte = |from: usize| {
        let digit = |place: &usize| chars.get(*place)?.to_digit(16);
        let [high, low] = places.get(from..)?.first_chunk()?;
        u8::try_from(digit(high)? << 4 | digit(low)?).ok()
    };
    let is_secret = places.len() >= 8 && is_secret(byte(0)?, byte(2)?);
    is_secret.then(|| Hidden { places: places.split_off(HEADER.min(places.len())), words: at })
}
