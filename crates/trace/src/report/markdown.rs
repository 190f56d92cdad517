//! The report as Markdown.

use std::fmt::{self, Display};
use std::io::{self, Write};

use sscard_lexicon::is_order;

use super::{CardSeen, Cards, Row, Step, Style};

pub(crate) struct Markdown;

/// Text that neither Markdown nor HTML inside it gives a meaning to.
struct Plain<'t>(&'t str);

impl Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Blanks before a text would make code of it.
        let text = self.0.trim_start();
        let number = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
        text.char_indices().try_for_each(|(at, c)| match c {
            // At its beginning: a list, a rule, a heading.
            '-' | '+' | '=' if at == 0 => write!(f, "\\{c}"),
            '.' | ')' if at > 0 && at == number => write!(f, "\\{c}"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '&' => f.write_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!' => write!(f, "\\{c}"),
            c if is_order(c) => f.write_str("\u{FFFD}"),
            c => write!(f, "{c}"),
        })
    }
}

impl Style for Markdown {
    fn begin(&self, out: &mut dyn Write, facts: &[(&str, String)]) -> io::Result<()> {
        writeln!(out, "# Card session (卡片会话)\n")?;
        for (name, value) in facts {
            writeln!(out, "* {name}: {}", Plain(value))?;
        }
        writeln!(out, "\nThe card's files are at the end (文件在末尾).\n\n## Course (过程)\n")
    }

    fn step(&self, out: &mut dyn Write, step: &Step<'_>) -> io::Result<()> {
        let case = step.case.map(|case| format!(", case {case}")).unwrap_or_default();
        writeln!(out, "### {}. {}\n", step.number, Plain(step.words))?;
        writeln!(out, "{}{case}\n", step.time)?;
        for note in &step.notes {
            writeln!(out, "{}\n", Plain(note))?;
        }
        writeln!(out, "```text\n> {}\n< {}\n```\n", step.command, step.response)?;
        rows(out, 0, &step.asked)?;
        writeln!(out, "\n**{}**\n", Plain(&step.outcome))?;
        rows(out, 0, &step.answer)?;
        writeln!(out)
    }

    fn reset(&self, out: &mut dyn Write, atr: &str, other: bool) -> io::Result<()> {
        let other = if other { ", another card (另一张卡)" } else { "" };
        writeln!(out, "### Reset (复位){other}\n\nATR {atr}\n")
    }

    fn end(&self, out: &mut dyn Write, cards: &Cards) -> io::Result<()> {
        for (at, (heading, card)) in cards.listed().into_iter().enumerate() {
            let between = if at == 0 { "" } else { "\n" };
            writeln!(out, "{between}## {heading}\n")?;
            files(out, card)?;
        }
        if let Some(more) = cards.more() {
            writeln!(out, "\n{more}")?;
        }
        Ok(())
    }
}

fn files(out: &mut dyn Write, card: &CardSeen) -> io::Result<()> {
    for directory in &card.directories {
        let name = if directory.name.is_empty() { "not selected" } else { &directory.name };
        writeln!(out, "* **{}**", Plain(name))?;
        for file in &directory.files {
            let meaning = file.meaning.as_ref().map(ToString::to_string).unwrap_or_default();
            let mut depth = 1;
            if !file.name.is_empty() {
                writeln!(out, "  * **{}** {}", Plain(&file.name), Plain(&meaning))?;
                depth = 2;
            }
            for part in &file.parts {
                let refused = part.refused.as_deref().unwrap_or_default();
                let indent = "  ".repeat(depth);
                if !part.name.is_empty() || !refused.is_empty() {
                    writeln!(out, "{indent}* {} {}", Plain(&part.name), Plain(refused))?;
                }
                let deeper = usize::from(!part.name.is_empty());
                rows(out, depth.saturating_add(deeper), &part.rows)?;
            }
        }
    }
    if card.cut {
        writeln!(out, "* more was read than is listed here")?;
    }
    Ok(())
}

fn rows(out: &mut dyn Write, depth: usize, rows: &[Row]) -> io::Result<()> {
    for row in rows {
        let indent = "  ".repeat(depth.saturating_add(row.depth));
        write!(out, "{indent}*")?;
        if !row.label.is_empty() {
            write!(out, " **{}**", Plain(&row.label))?;
        }
        if !row.name.is_empty() {
            write!(out, " {}", Plain(&row.name))?;
        }
        if !row.hex.is_empty() {
            write!(out, ": `{}`", row.hex)?;
        }
        if !row.text.is_empty() {
            write!(out, " = {}", Plain(&row.text))?;
        }
        writeln!(out)?;
        for note in &row.notes {
            writeln!(out, "{indent}  * {}", Plain(note))?;
        }
    }
    Ok(())
}
