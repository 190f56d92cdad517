//! `sscard with`: readers for a program, and what becomes of the program.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sscard_readers::{
    PcscConnection, PcscContext, RemoteContext, ScardError, ShareMode, protocols,
};

use crate::sscard::{SELECT_SSSE, card, ok, path, piped, program};

/// The program; nothing here loads the library, and any file will do.
fn with(args: &[&str], command: &[&str]) -> Command {
    let mut with = program();
    with.env("SSCARD_PCSC_LIBRARY", env!("CARGO_BIN_EXE_sscard"));
    with.env_remove("LD_LIBRARY_PATH").env_remove("JAVA_TOOL_OPTIONS");
    with.arg("with").args(args).arg("--").args(command);
    with
}

fn run(args: &[&str], command: &[&str]) -> (String, String, i32) {
    let output = piped(&mut with(args, command), "");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (text(output.stdout), text(output.stderr), output.status.code().expect("exit code"))
}

/// A program that stays until its standard input ends; its readers are used from here.
struct Staying {
    program: Child,
    said: BufReader<std::process::ChildStdout>,
    context: RemoteContext,
    socket: String,
}

impl Staying {
    fn start(args: &[&str]) -> Self {
        Self::of(&mut with(args, &["sh", "-c", "echo $SSCARD_PCSC_SOCKET; exec cat"]))
    }

    fn of(command: &mut Command) -> Self {
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut program = pipes.spawn().expect("starts");
        let mut said = BufReader::new(program.stdout.take().expect("a pipe"));
        let mut socket = String::new();
        said.read_line(&mut socket).expect("said");
        socket.truncate(socket.trim_end().len());
        let context = RemoteContext::establish(Path::new(&socket)).expect("readers");
        Self { program, said, context, socket }
    }

    fn connect(&self, reader: &str) -> Arc<dyn PcscConnection> {
        let any = protocols::T0 | protocols::T1;
        let connected = self.context.connect(reader, ShareMode::Shared, any, Duration::ZERO);
        connected.expect("connected").expect("free").0
    }

    fn end(mut self) -> (String, i32) {
        drop(self.program.stdin.take());
        let output = self.program.wait_with_output().expect("ends");
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        (stderr, output.status.code().expect("exit code"))
    }
}

fn transmit(connection: &dyn PcscConnection, command: &str) -> Result<String, ScardError> {
    let protocol = connection.status()?.protocol;
    let mut response = String::new();
    let command = hex::decode(command).expect("hex");
    connection.transmit(protocol, &command, &mut |answer| response = hex::encode_upper(answer))?;
    Ok(response)
}

const WRONG_PIN: &str = "0020000003999999";

#[test]
fn the_programs_exit_code_is_the_exit_code() {
    assert_eq!(run(&[], &["true"]), (String::new(), String::new(), 0));
    assert_eq!(run(&[], &["sh", "-c", "exit 42"]), (String::new(), String::new(), 42));
    let (_, stderr, code) = run(&[], &["sh", "-c", "kill -TERM $$"]);
    assert_eq!((stderr.as_str(), code), ("", 143), "as a shell says it");
}

#[test]
fn the_programs_input_and_output_are_its_own() {
    let output = piped(&mut with(&[], &["sh", "-c", "cat; echo aside >&2"]), "something");
    assert_eq!(output.stdout, b"something");
    assert_eq!(output.stderr, b"aside\n");
}

#[test]
fn a_program_that_is_missing_or_none_is_127_and_126() {
    let (_, stderr, code) = run(&[], &["./no-such-program"]);
    assert_eq!(code, 127);
    assert!(stderr.starts_with("sscard: ./no-such-program: No such file"), "{stderr}");
    let (_, stderr, code) = run(&[], &["/"]);
    assert_eq!(code, 126, "{stderr}");
}

#[test]
fn readers_are_filled_in_the_order_of_the_command_line() {
    let (_folder, image) = card(&["--profile", "gen2", "--seed", "5"]);
    let inspected = crate::sscard::json(&["inspect", "--json", "--card", &image]);
    let args = ["--profile", "gen3", "--card", &image, "--profile", "gen1", "--slots", "4"];
    let running = Staying::start(&args);
    let names = ["sscard 00 00", "sscard 01 00", "sscard 02 00", "sscard 03 00"];
    assert_eq!(running.context.readers().expect("readers"), names);
    let atr = |reader| hex::encode_upper(running.connect(reader).status().expect("status").atr);
    assert_eq!(atr("sscard 01 00"), inspected["atr"].as_str().expect("an ATR"));
    let any = protocols::T0 | protocols::T1;
    let empty = running.context.connect(names[3], ShareMode::Shared, any, Duration::ZERO);
    assert_eq!(empty.err(), Some(ScardError::NO_SMARTCARD));
    assert_eq!(running.end(), (String::new(), 0));
}

#[test]
fn what_was_answered_is_in_the_file_though_both_are_killed() {
    let (_folder, image) = card(&[]);
    let mut running = Staying::start(&["--card", &image]);
    let connection = running.connect("sscard 00 00");
    transmit(&*connection, SELECT_SSSE).expect("answer");
    assert_eq!(transmit(&*connection, WRONG_PIN).as_deref(), Ok("63C5"));
    assert_eq!(transmit(&*connection, WRONG_PIN).as_deref(), Ok("63C4"));
    running.program.kill().expect("killed");
    running.program.wait().expect("ended");
    let left = transmit(&*connection, WRONG_PIN);
    assert_eq!(left, Err(ScardError::NO_SERVICE), "there is nobody any more");
    let next = Staying::start(&["--card", &image]);
    let connection = next.connect("sscard 00 00");
    transmit(&*connection, SELECT_SSSE).expect("answer");
    assert_eq!(transmit(&*connection, "00200000").as_deref(), Ok("63C4"));
    assert_eq!(next.end().1, 0);
}

#[test]
fn a_card_that_another_program_has_is_refused_before_the_program_starts() {
    let (_folder, image) = card(&[]);
    let first = Staying::start(&["--card", &image]);
    let (stdout, stderr, code) = run(&["--card", &image], &["echo", "started"]);
    assert_eq!((stdout.as_str(), code), ("", 5));
    assert!(stderr.contains("another sscard is using this card"), "{stderr}");
    assert_eq!(first.end().1, 0);
}

#[test]
fn a_card_in_a_field_has_the_readers_atr() {
    let running = Staying::start(&["--contactless"]);
    let status = running.connect("sscard 00 00").status().expect("status");
    assert_eq!(hex::encode_upper(status.atr), "3B80800101");
    running.end();
}

#[test]
fn faults_strike_and_a_mute_card_is_a_time_out_at_once() {
    let running = Staying::start(&["--fault", "sw=6F00@1", "--fault", "mute@2"]);
    let connection = running.connect("sscard 00 00");
    assert_eq!(
        transmit(&*connection, "0084000004").map(|it| it[8..].to_owned()),
        Ok("6F00".into())
    );
    let begun = Instant::now();
    let mute = transmit(&*connection, "0084000004");
    assert_eq!(mute, Err(ScardError::NOT_TRANSACTED));
    assert!(begun.elapsed() < Duration::from_secs(2), "nobody can free it: it is over at once");
    running.end();
}

#[test]
fn the_api_drives_the_readers_beside_the_program() {
    let script = "echo $SSCARD_PCSC_SOCKET; echo $SSCARD_API; exec cat";
    let mut command = with(&["--api", "127.0.0.1:0"], &["sh", "-c", script]);
    let mut running = Staying::of(&mut command);
    let mut api = String::new();
    running.said.read_line(&mut api).expect("said");
    let api = api.trim_end().to_owned();
    assert!(api.starts_with("http://127.0.0.1:"), "{api}");
    let connection = running.connect("sscard 00 00");
    transmit(&*connection, SELECT_SSSE).expect("answer");
    ok(&["ctl", "--api", &api, "eject"]);
    let gone = transmit(&*connection, SELECT_SSSE);
    assert_eq!(gone, Err(ScardError::REMOVED_CARD));
    ok(&["ctl", "--api", &api, "insert"]);
    let again = running.connect("sscard 00 00");
    assert_eq!(transmit(&*again, SELECT_SSSE).as_deref(), Ok("611E"));
    running.end();
}

#[test]
fn a_trace_has_the_exchanges_without_pins() {
    let folder = tempfile::TempDir::new().expect("folder");
    let trace = path(&folder, "trace.jsonl");
    let running = Staying::start(&["--trace", &trace]);
    let connection = running.connect("sscard 00 00");
    transmit(&*connection, SELECT_SSSE).expect("answer");
    transmit(&*connection, WRONG_PIN).expect("answer");
    running.end();
    let shown = ok(&["trace", "show", &trace]);
    assert!(shown.contains("0020000003******"), "{shown}");
    assert!(shown.contains("63C5"), "{shown}");
}

#[test]
fn what_it_adds_to_the_environment_stands_before_what_was_there() {
    let script = "echo $LD_LIBRARY_PATH; echo $JAVA_TOOL_OPTIONS; ls -L $LIBPCSCLITE_DELEGATE";
    let mut command = with(&[], &["sh", "-c", script]);
    command.env("LD_LIBRARY_PATH", "/opt/lib").env("JAVA_TOOL_OPTIONS", "-Xmx1g");
    let output = piped(&mut command, "");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let lines: Vec<&str> = said.lines().collect();
    let folder = lines[0].strip_suffix(":/opt/lib").expect("our folder first");
    let library = format!("{folder}/libpcsclite.so.1");
    assert_eq!(lines[1], format!("-Xmx1g -Dsun.security.smartcardio.library={library}"));
    assert_eq!(lines[2], library);
    assert!(!Path::new(folder).exists(), "the folder is gone with the program");
}

#[test]
fn a_missing_library_is_said_before_anything_is_started() {
    let mut command = with(&[], &["echo", "started"]);
    let output = piped(command.env("SSCARD_PCSC_LIBRARY", "/no/such/library.so"), "");
    assert_eq!((output.stdout.as_slice(), output.status.code()), (&b""[..], Some(3)));
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(stderr.contains("SSCARD_PCSC_LIBRARY is /no/such/library.so"), "{stderr}");
}

#[test]
fn a_signal_to_it_is_the_programs_and_the_card_is_put_down() {
    let (_folder, image) = card(&[]);
    let script =
        "trap 'echo ended; exit 9' TERM; echo $SSCARD_PCSC_SOCKET; while :; do sleep 0.05; done";
    let mut running = Staying::of(&mut with(&["--card", &image], &["sh", "-c", script]));
    let connection = running.connect("sscard 00 00");
    transmit(&*connection, SELECT_SSSE).expect("answer");
    transmit(&*connection, WRONG_PIN).expect("answer");
    let pid = running.program.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill").success());
    let mut last = String::new();
    running.said.read_line(&mut last).expect("said");
    assert_eq!(last, "ended\n");
    assert_eq!(running.end().1, 9);
    let shown = fs::read(&image).expect("the image");
    assert!(shown.starts_with(b"SSCARD"));
}

#[test]
fn the_program_can_show_the_token_of_the_api() {
    let token = "a-token-of-some-length";
    let args = ["--api", "127.0.0.1:0", "--api-token", token];
    let said = run(&args, &[env!("CARGO_BIN_EXE_sscard"), "ctl", "slots"]);
    assert_eq!(said.2, 0, "{}", said.1);
    assert!(said.0.contains("built-in gen3"), "{}", said.0);
}

/// What a terminal sends reaches the program by itself.
#[test]
fn an_interrupt_that_somebody_sends_comes_once() {
    let script = "trap 'echo once' INT; echo $SSCARD_PCSC_SOCKET; \
                  for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.05; done";
    let mut running = Staying::of(&mut with(&[], &["sh", "-c", script]));
    let pid = running.program.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill").success());
    let mut said = String::new();
    std::io::Read::read_to_string(&mut running.said, &mut said).expect("said");
    assert_eq!(said, "once\n");
    assert_eq!(running.end().1, 0);
}

#[test]
fn folders_that_killed_programs_left_are_swept() {
    let place = tempfile::TempDir::new().expect("folder");
    let mut command = with(&[], &["sh", "-c", "echo $SSCARD_PCSC_SOCKET; exec cat"]);
    let mut killed = Staying::of(command.env("TMPDIR", place.path()));
    killed.program.kill().expect("killed");
    killed.program.wait().expect("ended");
    let left = || {
        let entries = fs::read_dir(place.path()).expect("a folder");
        entries.map(|entry| entry.expect("an entry").path()).collect::<Vec<_>>()
    };
    let [folder] = left().try_into().expect("one is left");
    // A young one may be about to listen.
    piped(with(&[], &["true"]).env("TMPDIR", place.path()), "");
    assert_eq!(left(), std::slice::from_ref(&folder));
    let touched = Command::new("touch").args(["-d", "2 minutes ago"]).arg(&folder).status();
    assert!(touched.expect("touch").success());
    piped(with(&[], &["true"]).env("TMPDIR", place.path()), "");
    assert_eq!(left(), Vec::<std::path::PathBuf>::new());
}

/// The loader splits at colons, Java at blanks, and a socket's name is short: then the folder is another one.
#[test]
fn a_folder_whose_name_would_be_misread_is_not_taken() {
    let folder = tempfile::TempDir::new().expect("folder");
    for name in ["a:b", "a b", "a;b", "a$LIB", "a'b", &"a".repeat(100)] {
        let place = folder.path().join(name);
        fs::create_dir(&place).expect("made");
        let mut command = with(&[], &["sh", "-c", "dirname $SSCARD_PCSC_SOCKET"]);
        let output = piped(command.env("TMPDIR", &place), "");
        let said = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(said.starts_with("/tmp/sscard-with-"), "{name}: {said}");
        assert_eq!(fs::read_dir(&place).expect("a folder").count(), 0, "nothing stays there");
    }
    let mut command = with(&[], &["sh", "-c", "dirname $SSCARD_PCSC_SOCKET"]);
    let output = piped(command.env("TMPDIR", folder.path()), "");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let usual = folder.path().join("sscard-with-");
    assert!(said.starts_with(&usual.display().to_string()), "{said}");
}

#[test]
fn a_mute_card_is_free_when_nobody_waits_for_it_any_more() {
    for fault in ["mute@1", "slow=1000s@1"] {
        let staying = Staying::start(&["--fault", fault, "--api", "127.0.0.1:0"]);
        let waiting = staying.connect("sscard 00 00");
        let begun = Instant::now();
        std::thread::scope(|scope| {
            let sent = scope.spawn(|| transmit(waiting.as_ref(), SELECT_SSSE));
            std::thread::sleep(Duration::from_millis(200));
            assert!(!sent.is_finished(), "{fault}");
            staying.context.release();
            assert_eq!(sent.join().expect("ends"), Err(ScardError::NOT_TRANSACTED));
        });
        let other = RemoteContext::establish(Path::new(&staying.socket)).expect("readers");
        let any = protocols::T0 | protocols::T1;
        let connected = other.connect("sscard 00 00", ShareMode::Shared, any, Duration::ZERO);
        let (card, _) = connected.expect("connected").expect("free");
        assert!(transmit(card.as_ref(), SELECT_SSSE).is_ok(), "{fault}");
        assert!(begun.elapsed().as_secs() < 10, "{fault}");
        assert_eq!(staying.end().1, 0);
    }
}

#[test]
fn a_card_that_lost_its_power_has_it_again_for_the_next_program() {
    let staying = Staying::start(&["--fault", "cut=0@ins=20"]);
    let first = staying.connect("sscard 00 00");
    assert!(transmit(first.as_ref(), SELECT_SSSE).is_ok());
    assert_eq!(transmit(first.as_ref(), WRONG_PIN), Err(ScardError::NOT_TRANSACTED));
    assert_eq!(transmit(first.as_ref(), WRONG_PIN), Err(ScardError::RESET_CARD));
    let next = staying.connect("sscard 00 00");
    assert!(transmit(next.as_ref(), SELECT_SSSE).is_ok());
    staying.end();
}

/// A terminal interrupts all programs in front of it, this one and the program's: it hears of it once, wherever its input comes from.
#[test]
fn a_terminals_interrupt_reaches_the_program_once() {
    let program = env!("CARGO_BIN_EXE_sscard");
    for input in ["/dev/null", "/dev/tty"] {
        let inner = "trap 'echo once' INT; echo begun; for i in 1 2 3 4 5 6 7 8; do sleep 0.05; done; echo ended";
        let outer = format!("{program} with -- sh -c \"{inner}\" < {input}");
        let environment = [("SSCARD_PCSC_LIBRARY", program)];
        let mut session = crate::typed::Typed::new("bash", &["-c", &outer], &environment);
        session.until("begun");
        session.control(b'c');
        let shown = session.until("ended");
        assert_eq!(shown.matches("once").count(), 1, "{input}: {shown}");
    }
}
