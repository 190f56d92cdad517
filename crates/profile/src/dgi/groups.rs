//! Groups of personalisation data, a line each: `DGI LENGTH DATA`.

use sscard_apdu::tlv::{Reader, Tag};
use zeroize::Zeroizing;

use crate::refusal::{LoadError, ProfileRefusal};

/// One group.
pub(super) struct Group {
    pub(super) dgi: u16,
    pub(super) data: Zeroizing<Vec<u8>>,
    pub(super) line: usize,
    /// Column of its data.
    pub(super) column: usize,
}

pub(super) fn refuse(
    line: usize,
    column: usize,
    setting: &str,
    reason: impl Into<String>,
) -> ProfileRefusal {
    let error = LoadError::Contradiction { setting: setting.to_owned(), reason: reason.into() };
    ProfileRefusal { line, column, error }
}

impl Group {
    pub(super) fn refuse(&self, reason: impl Into<String>) -> ProfileRefusal {
        refuse(self.line, self.column, &format!("DGI {:04X}", self.dgi), reason)
    }

    pub(super) fn hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode_upper(&*self.data))
    }

    /// The objects of its data.
    pub(super) fn objects(&self) -> Result<Vec<(Tag, Vec<u8>)>, ProfileRefusal> {
        objects(&self.data).ok_or_else(|| self.refuse("its data is no row of TLV objects"))
    }
}

pub(super) fn objects(bytes: &[u8]) -> Option<Vec<(Tag, Vec<u8>)>> {
    let object = |object: Result<sscard_apdu::tlv::Tlv<'_>, _>| {
        object.ok().map(|object| (object.tag, object.value.to_vec()))
    };
    Reader::new(bytes).map(object).collect()
}

/// The groups of a text; empty lines and what follows a # are passed over.
pub(super) fn parse(text: &str) -> Result<Vec<Group>, ProfileRefusal> {
    let mut groups: Vec<Group> = Vec::new();
    for (number, line) in (1_usize..).zip(text.lines()) {
        let shown = line.split('#').next().unwrap_or_default();
        let mut words = words(shown);
        let Some((column, word)) = words.next() else { continue };
        let wanted = "a line is DGI, LENGTH and DATA in hexadecimal digits: 0101 04 70025F20";
        let dgi = (word.len() == 4).then(|| u16::from_str_radix(word, 16).ok()).flatten();
        let dgi = dgi.ok_or_else(|| refuse(number, column, "DGI", wanted))?;
        let name = format!("DGI {dgi:04X}");
        let (at_length, length) =
            words.next().ok_or_else(|| refuse(number, column, &name, "LENGTH is missing"))?;
        let length = length_of(length).ok_or_else(|| {
            let reason = "LENGTH is one byte, or FF and two bytes, in hexadecimal digits";
            refuse(number, at_length, &name, reason)
        })?;
        let mut digits = Zeroizing::new(String::new());
        let mut at_data = None;
        for (column, word) in words {
            at_data.get_or_insert(column);
            digits.push_str(word);
        }
        let at_data = at_data.unwrap_or(at_length);
        let data = hex::decode(digits.as_str()).map_err(|_| {
            refuse(number, at_data, &name, "DATA is no even number of hexadecimal digits")
        })?;
        if data.len() != length {
            let reason = format!("LENGTH says {length} bytes, and DATA has {}", data.len());
            return Err(refuse(number, at_length, &name, reason));
        }
        if let Some(before) = groups.iter().find(|group| group.dgi == dgi) {
            let reason = format!("it stands in line {} already", before.line);
            return Err(refuse(number, column, &name, reason));
        }
        groups.push(Group { dgi, data: Zeroizing::new(data), line: number, column: at_data });
    }
    if groups.is_empty() {
        return Err(refuse(1, 1, "DGI", "there is no group in this file"));
    }
    Ok(groups)
}

/// Words with the column in characters, from 1, at which each begins.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    line.split_whitespace().map(move |word| {
        // A word is a part of its line.
        let at = word.as_ptr().addr().saturating_sub(line.as_ptr().addr());
        (line.get(..at).unwrap_or_default().chars().count().saturating_add(1), word)
    })
}

fn length_of(word: &str) -> Option<usize> {
    match (word.len(), word.get(..2)?) {
        (2, _) => usize::from_str_radix(word, 16).ok(),
        (6, "FF" | "ff") => usize::from_str_radix(word.get(2..)?, 16).ok(),
        _ => None,
    }
}
