//! A program that is run for its outcome: until it ends, says what is waited for, or its time is up.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How a run went.
pub(crate) enum Ending {
    /// It ended by itself; the lines it printed.
    Exited(ExitStatus, Vec<String>),
    /// It printed a line that was waited for, and was ended.
    Said(String),
    /// Its time was up, and it was ended.
    Late,
}

/// Runs a program and looks at the lines of its standard output.
///
/// # Errors
/// The program cannot be started.
pub(crate) fn watch(
    mut command: Command,
    limit: Duration,
    waited_for: impl Fn(&str) -> Option<String>,
) -> Result<(Ending, Duration), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let begun = Instant::now();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| format!("{name}: {error}"))?;
    let output = child.stdout.take().ok_or("no output")?;
    let lines = lines(output);
    let mut kept = Vec::new();
    let ending = loop {
        let left = limit.saturating_sub(begun.elapsed());
        match lines.recv_timeout(left) {
            Ok(line) => {
                if let Some(said) = waited_for(&line) {
                    break Ending::Said(said);
                }
                kept.push(line);
            }
            Err(RecvTimeoutError::Timeout) => break Ending::Late,
            Err(RecvTimeoutError::Disconnected) => {
                let status = child.wait().map_err(|error| format!("{name}: {error}"))?;
                break Ending::Exited(status, kept);
            }
        }
    };
    let lasted = begun.elapsed();
    // One that has ended cannot be ended again.
    let _ = child.kill();
    let _ = child.wait();
    Ok((ending, lasted))
}

fn lines(output: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        while output.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            line.clear();
            if sender.send(text).is_err() {
                return;
            }
        }
    });
    receiver
}
