//! The report as one HTML file that needs nothing beside it.

use std::fmt::{self, Display};
use std::io::{self, Write};

use sscard_lexicon::is_order;

use super::{CardSeen, Cards, Row, Step, Style};

pub(crate) struct Html;

/// Text as text, in elements and in quoted attributes.
struct Plain<'t>(&'t str);

impl Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '&' => f.write_str("&amp;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            // Nothing in a report turns the text around it, or is hidden in it.
            c if is_order(c) => f.write_str("\u{FFFD}"),
            c => write!(f, "{c}"),
        })
    }
}

const STYLE: &str = include_str!("style.css");

/// Rows deeper than this are not moved further to the right: their labels need room.
const DEEPEST: usize = 6;

impl Style for Html {
    fn begin(&self, out: &mut dyn Write, facts: &[(&str, String)]) -> io::Result<()> {
        writeln!(
            out,
            "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta http-equiv=\"Content-Security-Policy\" \
             content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <title>Card session (卡片会话)</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
             <header>\n<h1>Card session (卡片会话)</h1>\n<dl>"
        )?;
        for (name, value) in facts {
            writeln!(out, "<dt>{name}</dt><dd><code>{}</code></dd>", Plain(value))?;
        }
        writeln!(out, "</dl>\n</header>\n<section id=\"course\">\n<h2>Course (过程)</h2>")
    }

    fn step(&self, out: &mut dyn Write, step: &Step<'_>) -> io::Result<()> {
        let class = if step.good { "good" } else { "bad" };
        let case = step.case.map(|case| format!(", case {case}")).unwrap_or_default();
        writeln!(
            out,
            "<details><summary><span class=\"soft\">{}</span> {} <span class=\"sw {class}\">{}\
             </span></summary>\n<div class=\"soft\">{}{case}</div>",
            step.number,
            Plain(step.words),
            Plain(&step.outcome),
            Plain(&step.time),
        )?;
        for note in &step.notes {
            writeln!(out, "<div class=\"soft\">{}</div>", Plain(note))?;
        }
        writeln!(out, "<div class=\"io\"><code>&gt; {}</code></div>", Plain(&step.command))?;
        table(out, &step.asked)?;
        writeln!(out, "<div class=\"io\"><code>&lt; {}</code></div>", Plain(&step.response))?;
        table(out, &step.answer)?;
        writeln!(out, "</details>")
    }

    fn reset(&self, out: &mut dyn Write, atr: &str, other: bool) -> io::Result<()> {
        let other = if other { ", another card (另一张卡)" } else { "" };
        writeln!(out, "<h3>Reset (复位){other} <code>{}</code></h3>", Plain(atr))
    }

    fn end(&self, out: &mut dyn Write, cards: &Cards) -> io::Result<()> {
        writeln!(out, "</section>\n<section id=\"files\">")?;
        for (heading, card) in cards.listed() {
            writeln!(out, "<h2>{heading}</h2>")?;
            files(out, card)?;
        }
        if let Some(more) = cards.more() {
            writeln!(out, "<p>{more}</p>")?;
        }
        writeln!(out, "</section>\n</body>\n</html>")
    }
}

fn files(out: &mut dyn Write, card: &CardSeen) -> io::Result<()> {
    for directory in &card.directories {
        let name = if directory.name.is_empty() { "not selected" } else { &directory.name };
        writeln!(out, "<h3>{}</h3>", Plain(name))?;
        for file in &directory.files {
            let meaning = file.meaning.as_ref().map(ToString::to_string).unwrap_or_default();
            if !file.name.is_empty() {
                writeln!(out, "<h4>{} {}</h4>", Plain(&file.name), Plain(&meaning))?;
            }
            for part in &file.parts {
                let refused = part.refused.as_deref().unwrap_or_default();
                if !part.name.is_empty() || !refused.is_empty() {
                    writeln!(
                        out,
                        "<div class=\"soft\">{} <span class=\"bad\">{}</span></div>",
                        Plain(&part.name),
                        Plain(refused)
                    )?;
                }
                table(out, &part.rows)?;
            }
        }
    }
    if card.cut {
        writeln!(out, "<p>More was read than is listed here.</p>")?;
    }
    Ok(())
}

fn table(out: &mut dyn Write, rows: &[Row]) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "<table>")?;
    for row in rows {
        write!(
            out,
            "<tr style=\"--depth:{}\"><td>{}</td><td>{}</td><td><code>{}</code></td><td>{}",
            row.depth.min(DEEPEST),
            Plain(&row.label),
            Plain(&row.name),
            Plain(&row.hex),
            Plain(&row.text),
        )?;
        for note in &row.notes {
            write!(out, "<small>{}</small>", Plain(note))?;
        }
        writeln!(out, "</td></tr>")?;
    }
    writeln!(out, "</table>")
}
