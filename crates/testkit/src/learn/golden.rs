//! A machine as text that a person reviews: for each state the shortest word to it, then a line for each answer and next
//! state with all inputs that get them.
//!
//! ```text
//! # The bank's machine of gen3.
//! inputs select gpo pin
//!
//! state 0 (nothing)
//!   select -> 1: 9000
//!   gpo pin -> 0: 6D00
//! ```
//!
//! What enters: a text, or a machine. What leaves: the other one.

use std::fmt::Write;

use super::mealy::{MealyEdge, MealyError, MealyMachine};
use super::word::shown_word;

/// A machine with the remarks in front of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GoldenMachine {
    /// Lines that begin with `#`, without it.
    pub remarks: Vec<String>,
    /// The machine.
    pub machine: MealyMachine,
}

/// Why a text is no machine.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct GoldenMachineError {
    /// The line, from 1; one behind the last for what is missing.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

impl GoldenMachine {
    /// Reads the text.
    ///
    /// # Errors
    /// The line that cannot be read.
    pub fn parse(text: &str) -> Result<Self, GoldenMachineError> {
        let mut remarks = Vec::new();
        let mut inputs: Vec<String> = Vec::new();
        let mut outputs: Vec<String> = Vec::new();
        let mut rows: Vec<Vec<Option<MealyEdge>>> = Vec::new();
        let mut last = 0;
        for (number, line) in (1..).zip(text.lines()) {
            last = number;
            let wrong =
                |reason: &str| GoldenMachineError { line: number, reason: reason.to_owned() };
            if let Some(remark) = line.strip_prefix('#') {
                remarks.push(remark.trim_start().to_owned());
            } else if let Some(names) = line.strip_prefix("inputs ") {
                inputs = names.split_whitespace().map(str::to_owned).collect();
            } else if let Some(state) = line.strip_prefix("state ") {
                let number = state.split_whitespace().next().and_then(|word| word.parse().ok());
                if number != Some(rows.len()) {
                    return Err(wrong("the states are not numbered from 0 on"));
                }
                rows.push(vec![None; inputs.len()]);
            } else if !line.trim().is_empty() {
                let (names, rest) =
                    line.split_once(" -> ").ok_or_else(|| wrong("INPUTS -> STATE: ANSWER"))?;
                let (to, answer) =
                    rest.split_once(": ").ok_or_else(|| wrong("INPUTS -> STATE: ANSWER"))?;
                let to = to.parse().map_err(|_| wrong("the next state is no number"))?;
                let row = rows.last_mut().ok_or_else(|| wrong("a transition without a state"))?;
                let known = outputs.iter().position(|output| output == answer);
                let output = known.unwrap_or_else(|| {
                    outputs.push(answer.to_owned());
                    outputs.len() - 1
                });
                for name in names.split_whitespace() {
                    let input = inputs.iter().position(|input| input == name);
                    let input = input.ok_or_else(|| wrong(&format!("there is no input {name}")))?;
                    if row[input].replace(MealyEdge { output, to }).is_some() {
                        return Err(wrong(&format!("the input {name} is there twice")));
                    }
                }
            }
        }
        let end =
            |error: MealyError| GoldenMachineError { line: last + 1, reason: error.to_string() };
        let rows = rows.into_iter().enumerate().map(|(state, row)| {
            let row: Option<Vec<MealyEdge>> = row.into_iter().collect();
            row.ok_or(MealyError::Incomplete { state })
        });
        let rows = rows.collect::<Result<_, _>>().map_err(end)?;
        let machine = MealyMachine::new(inputs, outputs, rows).map_err(end)?;
        Ok(Self { remarks, machine })
    }

    /// Writes the text; [`parse`](Self::parse) reads it back.
    #[must_use]
    pub fn text(&self) -> String {
        let machine = &self.machine;
        let mut text = String::new();
        for remark in &self.remarks {
            text.push_str(format!("# {remark}").trim_end());
            text.push('\n');
        }
        text.push_str(&format!("inputs {}\n", machine.inputs().join(" ")));
        let access = machine.access();
        for (state, word) in access.iter().enumerate() {
            let word = word.as_ref().map(|word| shown_word(machine.inputs(), word));
            // Writing to a text cannot fail.
            let _ = writeln!(text, "\nstate {state} {}", word.as_deref().unwrap_or("(never)"));
            let mut lines: Vec<(MealyEdge, Vec<&str>)> = Vec::new();
            for (edge, input) in machine.row(state).iter().zip(machine.inputs()) {
                match lines.iter_mut().find(|(known, _)| known == edge) {
                    Some((_, inputs)) => inputs.push(input),
                    None => lines.push((*edge, vec![input])),
                }
            }
            for (edge, inputs) in lines {
                let answer = machine.answer(edge);
                let _ = writeln!(text, "  {} -> {}: {answer}", inputs.join(" "), edge.to);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# A lamp.\n#\ninputs press look\n\nstate 0 (nothing)\n  press -> 1: click\n  look -> 0: \
                        dark\n\nstate 1 press\n  press -> 0: click\n  look -> 1: light\n";

    #[test]
    fn a_machine_comes_back_from_its_text() {
        let lamp = GoldenMachine::parse(TEXT).unwrap();
        assert_eq!(lamp.remarks, ["A lamp.", ""]);
        assert_eq!(lamp.machine.states(), 2);
        assert_eq!(lamp.machine.run(&[0, 1, 0, 1]), ["click", "light", "click", "dark"]);
        assert_eq!(lamp.text(), TEXT);
    }

    #[test]
    fn what_is_wrong_with_a_text_is_said_with_its_line() {
        for (was, is, message) in [
            ("state 1", "state 2", "line 9: the states are not numbered from 0 on"),
            ("press -> 1: click", "push -> 1: click", "line 6: there is no input push"),
            ("press -> 1: click", "press 1: click", "line 6: INPUTS -> STATE: ANSWER"),
            ("press -> 1: click", "press -> x: click", "line 6: the next state is no number"),
            (
                "press -> 1: click",
                "press -> 2: click",
                "line 12: state 0 leads to a state or an answer",
            ),
            ("press -> 1: click", "look -> 1: click", "line 7: the input look is there twice"),
            ("  look -> 1: light\n", "", "line 11: state 1 does not say what every input does"),
        ] {
            let error = GoldenMachine::parse(&TEXT.replacen(was, is, 1)).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
