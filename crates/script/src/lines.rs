//! Statements out of lines, as they are typed.

/// Lines that make up statements: a block goes on until it is closed, a line behind `\\` on the next.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lines {
    text: String,
    blocks: usize,
}

impl Lines {
    /// Adds a line; the text when its statements are complete.
    pub fn push(&mut self, line: &str) -> Option<String> {
        self.text.push_str(line);
        self.text.push('\n');
        let continues = self.scan(line);
        if self.blocks > 0 || continues { None } else { self.take() }
    }

    /// What is there, complete or not.
    pub fn take(&mut self) -> Option<String> {
        self.blocks = 0;
        let text = std::mem::take(&mut self.text);
        (!text.is_empty()).then_some(text)
    }

    /// Whether nothing was begun.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Counts braces outside of strings and comments; whether the next line belongs to this one.
    fn scan(&mut self, line: &str) -> bool {
        let mut in_string = false;
        let mut before = ' ';
        let mut characters = line.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '\\' if characters.peek().is_none() => return true,
                '\\' if in_string => {
                    characters.next();
                }
                '"' => in_string = !in_string,
                _ if in_string => {}
                '#' if matches!(before, ' ' | '\t' | ';' | '{') => return false,
                '{' => self.blocks = self.blocks.saturating_add(1),
                '}' => self.blocks = self.blocks.saturating_sub(1),
                _ => {}
            }
            before = character;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_goes_on_until_it_is_closed() {
        let mut lines = Lines::default();
        assert_eq!(lines.push("case \"a\" {# }"), None);
        assert_eq!(lines.push("}").as_deref(), Some("case \"a\" {# }\n}\n"));
        assert_eq!(lines.push("case \"a { b\" { # {"), None);
        assert_eq!(lines.push("  print \"${x}}\""), None);
        assert!(!lines.is_empty());
        assert_eq!(
            lines.push("}").as_deref(),
            Some("case \"a { b\" { # {\n  print \"${x}}\"\n}\n")
        );
        assert!(lines.is_empty());
    }

    #[test]
    fn a_line_goes_on_behind_a_backslash() {
        let mut lines = Lines::default();
        assert_eq!(lines.push("00 84 \\"), None);
        assert_eq!(lines.push("00 00 08").as_deref(), Some("00 84 \\\n00 00 08\n"));
    }

    #[test]
    fn a_brace_too_many_is_the_parsers_matter() {
        let mut lines = Lines::default();
        assert_eq!(lines.push("}").as_deref(), Some("}\n"));
        assert_eq!(lines.push("reset").as_deref(), Some("reset\n"));
    }
}
