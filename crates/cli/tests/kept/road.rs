//! Roads to a card: programs that are given commands, and the answers that left them.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use sscard_readers::{PcscContext, RemoteContext, ScardError, ShareMode, protocols};
use tempfile::TempDir;

use crate::kept::operations::Operation;

pub(crate) const SSCARD: &str = env!("CARGO_BIN_EXE_sscard");

/// A way to a card that takes commands one by one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Road {
    Run,
    Serve,
    Shell,
    Transmit,
    With,
}

impl Road {
    pub(crate) const ALL: [Self; 5] =
        [Self::Run, Self::Serve, Self::Shell, Self::Transmit, Self::With];
}

/// A program that is on its way, and what it has said.
pub(crate) struct Walk {
    pub(crate) program: Child,
    pub(crate) folder: TempDir,
    /// Where the driver of a server listens.
    driver: std::net::SocketAddr,
    answers: Receiver<Vec<u8>>,
    answered: Vec<Vec<u8>>,
}

impl Walk {
    /// Starts the program with an operation on its card; `limit`: how large a file may become, in bytes.
    pub(crate) fn start(
        road: Road,
        operation: &Operation,
        limit: Option<u64>,
        more: &[&str],
    ) -> Self {
        Self::start_with(road, operation, &operation.commands, limit, more)
    }

    fn start_with(
        road: Road,
        operation: &Operation,
        commands: &[String],
        limit: Option<u64>,
        more: &[&str],
    ) -> Self {
        let folder = TempDir::new().expect("folder");
        let card = folder.path().join("card.img").display().to_string();
        fs::write(&card, &operation.start).expect("written");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let driver = listener.local_addr().expect("address");
        let port = driver.port().to_string();
        let script = folder.path().join("a.apdu").display().to_string();
        let text = format!("@mode raw\n@destructive\n{}\n", commands.join("\n"));
        fs::write(&script, &text).expect("written");
        let mut args: Vec<&str> = match road {
            Road::Run => vec!["run", &script, "--card", &card],
            Road::Serve => vec!["serve", "--quiet", "--port", &port, &card],
            Road::Shell => vec!["shell", "--card", &card],
            Road::Transmit => vec!["transmit", "--raw", "--card", &card],
            Road::With => vec!["with", "--card", &card],
        };
        if road == Road::Transmit {
            args.extend(commands.iter().map(String::as_str));
        }
        args.extend(more);
        if road == Road::With {
            // Says where its readers are, and stays.
            args.extend(["--", "sh", "-c", "echo $SSCARD_PCSC_SOCKET; exec cat > /dev/null"]);
        }
        let mut command = limited(limit);
        let mut program = command
            // Nothing here loads the library: any file will do.
            .env("SSCARD_PCSC_LIBRARY", SSCARD)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(folder.path().join("err")).expect("file"))
            .spawn()
            .expect("starts");
        let mut stdin = program.stdin.take().expect("a pipe");
        let stdout = program.stdout.take().expect("a pipe");
        let (sender, answers) = channel();
        let commands = commands.to_vec();
        match road {
            Road::Serve => {
                thread::spawn(move || {
                    let _stdin = stdin;
                    let _ = drive(&listener, &commands, &sender);
                });
            }
            Road::With => {
                thread::spawn(move || {
                    let _stdin = stdin;
                    let _ = drive_readers(stdout, &commands, &sender);
                });
            }
            Road::Run | Road::Shell | Road::Transmit => {
                thread::spawn(move || {
                    if road == Road::Shell {
                        // A program that was killed reads no more.
                        let _ = stdin.write_all(commands.join("\n").as_bytes());
                        let _ = stdin.write_all(b"\n");
                    }
                });
                thread::spawn(move || {
                    let lines = std::io::BufRead::split(std::io::BufReader::new(stdout), b'\n');
                    for line in lines.map_while(Result::ok) {
                        if let Some(answer) = line.strip_prefix(b"< ") {
                            let _ = sender.send(hex::decode(answer).expect("hex"));
                        }
                    }
                });
            }
        }
        Self { program, folder, driver, answers, answered: Vec::new() }
    }

    /// The same, and then for long what changes nothing: the program is under way when it is killed.
    pub(crate) fn start_long(road: Road, operation: &Operation, more: &[&str]) -> Self {
        let mut commands = operation.commands.clone();
        commands.extend(std::iter::repeat_n("0084000008".to_owned(), 3_000));
        Self::start_with(road, operation, &commands, None, more)
    }

    /// Waits until so many answers have left the program, or it says no more.
    pub(crate) fn wait_for_answers(&mut self, count: usize) {
        while self.answered.len() < count {
            let Ok(answer) = self.answers.recv_timeout(Duration::from_secs(20)) else { return };
            self.answered.push(answer);
        }
    }

    pub(crate) fn card(&self) -> std::path::PathBuf {
        self.folder.path().join("card.img")
    }

    /// Waits for the first answer, if one comes.
    pub(crate) fn wait_for_an_answer(&mut self) {
        self.answered.extend(self.answers.recv_timeout(Duration::from_secs(20)));
    }

    pub(crate) fn kill(&mut self) {
        self.program.kill().expect("killed");
        self.program.wait().expect("ended");
    }

    /// Answers that left the program, which has ended.
    pub(crate) fn answered(mut self) -> (usize, TempDir) {
        self.program.wait().expect("ended");
        // A driver whose card never came waits no longer.
        drop(TcpStream::connect(self.driver));
        while let Ok(answer) = self.answers.recv_timeout(Duration::from_secs(20)) {
            self.answered.push(answer);
        }
        (self.answered.len(), self.folder)
    }
}

/// The program, with a limit to the size of its files where there is one.
pub(crate) fn limited(limit: Option<u64>) -> Command {
    let Some(bytes) = limit else { return Command::new(SSCARD) };
    let mut command = Command::new("bash");
    // `exec` in a shell of its own: the limit is the program's alone. 1 KiB is the unit of bash.
    command.args(["-c", &format!("ulimit -f {}; exec \"$0\" \"$@\"", bytes / 1024), SSCARD]);
    command
}

/// What a program does by PC/SC, with the readers of this socket.
fn drive_readers(
    said: impl Read,
    commands: &[String],
    answers: &std::sync::mpsc::Sender<Vec<u8>>,
) -> Result<(), ScardError> {
    let mut socket = String::new();
    // A program that is killed says nothing.
    let _ = std::io::BufRead::read_line(&mut std::io::BufReader::new(said), &mut socket);
    let context = RemoteContext::establish(std::path::Path::new(socket.trim_end()))?;
    let connected =
        context.connect("sscard 00 00", ShareMode::Shared, protocols::T0, Duration::ZERO)?;
    let (connection, protocol) = connected.expect("nobody else is there");
    for command in commands {
        let command = hex::decode(command).expect("hex");
        let mut take = |answer: &[u8]| drop(answers.send(answer.to_vec()));
        connection.transmit(protocol, &command, &mut take)?;
    }
    Ok(())
}

/// The driver's end: each answer as it comes, until there is none.
fn drive(
    listener: &TcpListener,
    commands: &[String],
    sender: &std::sync::mpsc::Sender<Vec<u8>>,
) -> std::io::Result<()> {
    let (mut stream, _) = listener.accept()?;
    stream.set_nodelay(true)?;
    stream.write_all(&[0, 1, 1])?;
    for command in commands {
        let answer = exchange(&mut stream, &hex::decode(command).expect("hex"))?;
        if sender.send(answer).is_err() {
            break;
        }
    }
    // The card stays in the slot until the program ends.
    stream.read(&mut [0]).map(drop)
}

fn exchange(stream: &mut TcpStream, command: &[u8]) -> std::io::Result<Vec<u8>> {
    let length = u16::try_from(command.len()).expect("short").to_be_bytes();
    stream.write_all(&[&length[..], command].concat())?;
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let mut response = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut response)?;
    Ok(response)
}
