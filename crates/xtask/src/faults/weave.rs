//! Faults into a source: each place gets a switch between what stands there and what is wrong.
//!
//! What enters: a source and the places in it. What leaves: the source with `if planted(7) { wrong } else { right }` there,
//! or which place is not to be found, or not clearly.

use std::ops::Range;

use super::table::Edit;

/// A place and the number of its fault.
pub(crate) type Numbered = (u32, Edit);

/// A source without blanks, and where each byte of it stood.
struct Compact {
    bytes: Vec<u8>,
    places: Vec<usize>,
}

fn compact(text: &str) -> Compact {
    let kept = text.bytes().enumerate().filter(|(_, byte)| !byte.is_ascii_whitespace());
    let (places, bytes) = kept.unzip();
    Compact { bytes, places }
}

impl Compact {
    /// Where a text stands from `start` on, blanks aside.
    fn find(&self, text: &str, start: usize) -> Vec<Range<usize>> {
        let wanted = compact(text).bytes;
        if wanted.is_empty() {
            return Vec::new();
        }
        let windows = self.bytes.windows(wanted.len()).enumerate().skip(start);
        let found = windows.filter(|(_, window)| *window == wanted.as_slice());
        found.map(|(place, _)| place..place + wanted.len()).collect()
    }

    /// The range of the source that a range of this covers.
    fn in_source(&self, range: &Range<usize>) -> Option<Range<usize>> {
        Some(*self.places.get(range.start)?..*self.places.get(range.end.checked_sub(1)?)? + 1)
    }
}

/// Where a place is in its source.
///
/// # Errors
/// It is not there, or could be more than one.
pub(crate) fn locate(source: &str, edit: &Edit) -> Result<Range<usize>, String> {
    // Inline tests are not what is planted in.
    let body = source.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let body = compact(body);
    let quoted = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let start = match &edit.after {
        None => 0,
        Some(after) => match body.find(after, 0).as_slice() {
            [only] => only.end,
            found => return Err(format!("`{}` stands {} times", quoted(after), found.len())),
        },
    };
    let found = body.find(&edit.right, start);
    match found.as_slice() {
        [only] => body.in_source(only),
        [first, ..] if edit.after.is_some() => body.in_source(first),
        found => return Err(format!("`{}` stands {} times", quoted(&edit.right), found.len())),
    }
    .ok_or_else(|| format!("`{}` is empty", quoted(&edit.right)))
}

/// The source with a switch at each place, by the number of its fault.
///
/// # Errors
/// As [`locate`]; places that overlap without being the same.
pub(crate) fn weave(source: &str, edits: &[Numbered]) -> Result<String, String> {
    let mut places: Vec<(Range<usize>, Vec<&Numbered>)> = Vec::new();
    for numbered in edits {
        let range =
            locate(source, &numbered.1).map_err(|error| format!("{}: {error}", numbered.1.file))?;
        match places.iter_mut().find(|(known, _)| *known == range) {
            Some((_, same)) => same.push(numbered),
            None => places.push((range, vec![numbered])),
        }
    }
    places.sort_by_key(|(range, _)| range.start);
    let mut woven = String::with_capacity(source.len() * 2);
    let mut done = 0;
    for (range, here) in places {
        let overlapping = || format!("{} overlaps another place", source[range.clone()].trim());
        woven.push_str(source.get(done..range.start).ok_or_else(overlapping)?);
        woven.push_str(&switch(&source[range.clone()], &here));
        done = range.end;
    }
    woven.push_str(&source[done..]);
    Ok(woven)
}

fn switch(right: &str, here: &[&Numbered]) -> String {
    let is_statement = right.ends_with([';', '}']);
    let mut text = String::new();
    for (number, edit) in here {
        // The crate that holds the switch cannot name itself from outside.
        let home = if edit.file.starts_with("crates/apdu/") { "crate" } else { "::sscard_apdu" };
        text.push_str(&format!("if {home}::planted({number}) {{ {} }} else ", edit.wrong));
    }
    text.push_str(&format!("{{ {right} }}"));
    if is_statement { text } else { format!("({text})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(after: Option<&str>, right: &str, wrong: &str) -> Edit {
        Edit {
            file: "crates/core/src/pin.rs".to_owned(),
            after: after.map(str::to_owned),
            right: right.to_owned(),
            wrong: wrong.to_owned(),
        }
    }

    const SOURCE: &str =
        "fn a() -> bool {\n    count(\n        left)?;\n    left == 0\n}\nfn b() { left == 0 }\n";

    #[test]
    fn a_statement_becomes_a_switch_and_blanks_do_not_count() {
        let woven = weave(SOURCE, &[(7, edit(None, "count(left)?;", ""))]).expect("found");
        assert!(
            woven.contains("if ::sscard_apdu::planted(7) {  } else { count(\n        left)?; }\n"),
            "{woven}"
        );
    }

    #[test]
    fn an_expression_becomes_one_in_brackets() {
        let woven =
            weave(SOURCE, &[(1, edit(Some("fn b()"), "left == 0", "false"))]).expect("found");
        assert!(
            woven.ends_with(
                "fn b() { (if ::sscard_apdu::planted(1) { false } else { left == 0 }) }\n"
            )
        );
    }

    #[test]
    fn two_faults_share_a_place() {
        let both =
            [(1, edit(None, "count(left)?;", "")), (2, edit(None, "count(left)?;", "count(1)?;"))];
        let woven = weave(SOURCE, &both).expect("found");
        assert!(woven.contains(
            "planted(1) {  } else if ::sscard_apdu::planted(2) { count(1)?; } else { count("
        ));
    }

    #[test]
    fn a_place_that_is_not_there_or_not_clear_is_an_error() {
        let error = |edit| weave(SOURCE, &[(1, edit)]).expect_err("not to be found");
        assert!(error(edit(None, "left == 1", "")).ends_with("`left == 1` stands 0 times"));
        assert!(error(edit(None, "left == 0", "")).ends_with("`left == 0` stands 2 times"));
        assert!(error(edit(Some("fn c"), "left", "")).ends_with("`fn c` stands 0 times"));
    }

    #[test]
    fn places_that_overlap_are_an_error() {
        let both = [(1, edit(None, "count(left)?;", "")), (2, edit(None, "count(left)", "1"))];
        assert!(weave(SOURCE, &both).expect_err("overlaps").ends_with("overlaps another place"));
    }
}
