//! What the reader is at the other end of.

use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::args::LinkArgs;
use crate::failure::Failure;
use crate::signals;

/// How often signals are looked at.
const TICK: Duration = Duration::from_millis(100);
/// How often a listener is looked at.
const SHORT: Duration = Duration::from_millis(5);

/// What comes from the reader.
pub(super) enum Heard {
    /// It is there: the card gets its power.
    Begin,
    /// So many bytes.
    Bytes(usize),
    /// Nothing more, for longer than the card waits.
    Silence,
    /// Nothing for a while.
    Nothing,
    /// It is gone; `for_good`: no other can come.
    End { for_good: bool },
}

/// A stream of bytes to a reader.
pub(super) trait Wire {
    /// What comes next; it does not wait for long.
    ///
    /// # Errors
    /// The stream cannot be used any more.
    fn hear(&mut self, piece: &mut [u8]) -> Result<Heard, Failure>;

    /// Sends bytes; a reader that is gone is noticed when it is listened to.
    ///
    /// # Errors
    /// The stream cannot be used any more.
    fn say(&mut self, bytes: &[u8]) -> io::Result<()>;
}

/// The stream that is asked for; where it is, is said on `out`.
pub(super) fn open(args: &LinkArgs, out: &mut dyn Write) -> Result<Box<dyn Wire>, Failure> {
    let silence = Duration::from_millis(args.silence);
    if let Some(address) = args.listen {
        if !address.ip().is_loopback() {
            return Err(Failure::Usage(format!(
                "--listen {address}: others could reach the card there: listen on 127.0.0.1 or [::1]"
            )));
        }
        let failed = |error: io::Error| Failure::Input {
            place: format!("--listen {address}"),
            reason: error.to_string(),
        };
        let listener = TcpListener::bind(address).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        writeln!(out, "{}", listener.local_addr().map_err(failed)?)?;
        out.flush()?;
        return Ok(Box::new(Tcp { listener, stream: None, quiet: Quiet::new(silence) }));
    }
    if args.pty {
        return terminal(silence, out);
    }
    if io::stdin().is_terminal() || io::stdout().is_terminal() {
        let reason = "standard input and output are the line: connect both to a reader's program by pipes, or take \
                      --listen or --pty";
        return Err(Failure::Usage(reason.to_owned()));
    }
    Ok(Box::new(Pipe {
        bytes: pipe(),
        has_begun: false,
        left: Vec::new(),
        quiet: Quiet::new(silence),
    }))
}

#[cfg(unix)]
fn terminal(silence: Duration, out: &mut dyn Write) -> Result<Box<dyn Wire>, Failure> {
    let (terminal, name) = super::terminal::Terminal::open(Quiet::new(silence))?;
    writeln!(out, "{name}")?;
    out.flush()?;
    Ok(Box::new(terminal))
}

#[cfg(not(unix))]
fn terminal(_silence: Duration, _out: &mut dyn Write) -> Result<Box<dyn Wire>, Failure> {
    let reason = "this system has no pseudo-terminals: use --listen, or standard input and output";
    Err(Failure::Usage(format!("--pty: {reason}")))
}

/// Whether bytes came that nothing followed yet.
pub(super) struct Quiet {
    silence: Duration,
    is_waited_for: bool,
}

impl Quiet {
    const fn new(silence: Duration) -> Self {
        Self { silence, is_waited_for: false }
    }

    /// How long to wait for bytes.
    pub(super) fn patience(&self) -> Duration {
        if self.is_waited_for { self.silence } else { TICK }
    }

    pub(super) fn bytes(&mut self, count: usize) -> Heard {
        self.is_waited_for = true;
        Heard::Bytes(count)
    }

    pub(super) fn nothing(&mut self) -> Heard {
        let is_silence = core::mem::take(&mut self.is_waited_for);
        if is_silence { Heard::Silence } else { Heard::Nothing }
    }

    pub(super) fn end(&mut self, for_good: bool) -> Heard {
        self.is_waited_for = false;
        Heard::End { for_good }
    }
}

/// Waits, but not beyond a signal.
pub(super) fn sleep(time: Duration) {
    let begun = Instant::now();
    loop {
        let rest = time.saturating_sub(begun.elapsed());
        if rest.is_zero() || signals::caught().is_some() {
            return;
        }
        thread::sleep(rest.min(TICK));
    }
}

/// Standard input and output.
struct Pipe {
    bytes: Receiver<Vec<u8>>,
    has_begun: bool,
    /// What a piece was too short for.
    left: Vec<u8>,
    quiet: Quiet,
}

/// Standard input, read by a thread: it cannot be waited for with an end.
fn pipe() -> Receiver<Vec<u8>> {
    let (sender, bytes) = sync_channel(16);
    thread::spawn(move || {
        let mut piece = [0; 4096];
        loop {
            match io::stdin().lock().read(&mut piece) {
                Ok(0) => return,
                Ok(count) => {
                    let piece = piece.get(..count).unwrap_or(&[]).to_vec();
                    if sender.send(piece).is_err() {
                        return;
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    });
    bytes
}

impl Wire for Pipe {
    fn hear(&mut self, piece: &mut [u8]) -> Result<Heard, Failure> {
        if !core::mem::replace(&mut self.has_begun, true) {
            return Ok(Heard::Begin);
        }
        if self.left.is_empty() {
            match self.bytes.recv_timeout(self.quiet.patience()) {
                Ok(bytes) => self.left = bytes,
                Err(RecvTimeoutError::Timeout) => return Ok(self.quiet.nothing()),
                Err(RecvTimeoutError::Disconnected) => return Ok(self.quiet.end(true)),
            }
        }
        let count = self.left.len().min(piece.len());
        for (to, from) in piece.iter_mut().zip(self.left.drain(..count)) {
            *to = from;
        }
        Ok(self.quiet.bytes(count))
    }

    fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(bytes)?;
        out.flush()
    }
}

/// Connections, one after another.
struct Tcp {
    listener: TcpListener,
    stream: Option<TcpStream>,
    quiet: Quiet,
}

impl Wire for Tcp {
    fn hear(&mut self, piece: &mut [u8]) -> Result<Heard, Failure> {
        let Some(stream) = &mut self.stream else {
            let begun = Instant::now();
            while begun.elapsed() < TICK {
                match self.listener.accept() {
                    Ok((stream, _)) => {
                        let system = |error: io::Error| Failure::Output(error);
                        stream.set_nonblocking(false).map_err(system)?;
                        // A matter of speed only.
                        let _ = stream.set_nodelay(true);
                        self.stream = Some(stream);
                        return Ok(Heard::Begin);
                    }
                    // Nobody yet, or somebody who went again.
                    Err(_) => thread::sleep(SHORT),
                }
            }
            return Ok(Heard::Nothing);
        };
        stream.set_read_timeout(Some(self.quiet.patience())).map_err(Failure::Output)?;
        match stream.read(piece) {
            Ok(count @ 1..) => Ok(self.quiet.bytes(count)),
            Err(error) if is_late(&error) => Ok(self.quiet.nothing()),
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(Heard::Nothing),
            // The end, or a connection that broke.
            Ok(0) | Err(_) => {
                let _ = stream.shutdown(Shutdown::Write);
                self.stream = None;
                Ok(self.quiet.end(false))
            }
        }
    }

    fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(stream) = &mut self.stream {
            // A reader that is gone is noticed by the next reading.
            let _ = stream.write_all(bytes);
        }
        Ok(())
    }
}

/// Nothing came in time.
fn is_late(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
