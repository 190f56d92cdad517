//! Line editing, history and completion: only where a person sits.

use std::io;

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::MemHistory;
use rustyline::validate::Validator;
use rustyline::{CompletionType, Config, Context, Editor, Helper};
use sscard_script::Lines;

use super::complete::{Known, complete};
use super::history::LONGEST;
use super::{Next, Shell};
use crate::failure::Failure;

const PROMPT: &str = "sscard> ";
const CONTINUED: &str = "   ...> ";

#[derive(Default)]
struct Completion(Known);

impl Completer for Completion {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        cursor: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(complete(line, cursor, &self.0))
    }
}

impl Hinter for Completion {
    type Hint = String;
}

impl Highlighter for Completion {}
impl Validator for Completion {}
impl Helper for Completion {}

fn output(error: ReadlineError) -> Failure {
    Failure::Output(io::Error::other(error))
}

impl Shell<'_> {
    /// Talks to a person until `exit` or Ctrl-D. What fails is said, and the next line is read.
    pub(super) fn converse(&mut self) -> Result<(), Failure> {
        let config = Config::builder().completion_type(CompletionType::List);
        let config = config.max_history_size(LONGEST).map_err(output)?.build();
        let kept = MemHistory::with_config(&config);
        let mut editor: Editor<Completion, MemHistory> =
            Editor::with_history(config, kept).map_err(output)?;
        for line in self.history.lines() {
            editor.add_history_entry(line.as_str()).map_err(output)?;
        }
        editor.set_helper(Some(Completion::default()));
        let mut lines = Lines::default();
        loop {
            if let Some(Completion(known)) = editor.helper_mut() {
                known.variables =
                    self.session.names().keys().map(|name| (*name).to_owned()).collect();
                known.snapshots = self.snapshots.keys().cloned().collect();
            }
            self.out.flush()?;
            // A person types: there is time.
            if let Err(failure) = self.session.card_mut().settle() {
                self.tell(&failure, false);
            }
            let line = match editor.readline(if lines.is_empty() { PROMPT } else { CONTINUED }) {
                Ok(line) => line,
                Err(ReadlineError::Interrupted) => {
                    lines.take();
                    continue;
                }
                Err(ReadlineError::Eof) => return Ok(()),
                Err(ReadlineError::Io(error)) if error.kind() == io::ErrorKind::InvalidData => {
                    complain!("sscard: that is not UTF-8 text; nothing was sent");
                    lines.take();
                    continue;
                }
                Err(error) => return Err(output(error)),
            };
            // What is pasted may be several lines.
            for line in line.split('\n') {
                let line = line.strip_suffix('\r').unwrap_or(line);
                let Some(text) = self.complete(&mut lines, line) else { continue };
                for line in self.history.add(&text) {
                    editor.add_history_entry(line).map_err(output)?;
                }
                match self.obey(&text, "<shell>", 1) {
                    Ok(Next::Line) => {}
                    Ok(Next::End) => return Ok(()),
                    Err(trouble) => self.tell(&trouble.failure, trouble.is_shown),
                }
            }
        }
    }
}
