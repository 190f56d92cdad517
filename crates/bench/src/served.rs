//! The API of `sscard serve`: requests a second, snapshots, and what a stream that nobody drains costs a reader.
//!
//! The program itself is measured, beside this one, and the slot in this one.

use std::error::Error;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use sscard_commands::ins;
use sscard_core::Card;
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};
use sscard_stand::{
    Described, Explainer, Origin, PowerChange, Problem, SessionHead, SlotContent, Stand,
    StandEvent, Wanted, Workshop,
};

/// Requests of one measurement, over so many connections at once.
const REQUESTS: u32 = 20_000;
const CONNECTIONS: u32 = 4;
/// Named snapshots that are held, and how often one is taken and one restored.
const HELD: u32 = 1_000;
const SNAPSHOTS: u32 = 2_000;
/// Exchanges in a slot, with and without a listener.
const EXCHANGES: u32 = 2_000;
const CHALLENGE: [u8; 5] = [0x00, ins::GET_CHALLENGE, 0x00, 0x00, 0x08];

/// What the API takes.
#[derive(serde::Serialize)]
pub(crate) struct ApiFigures {
    pub(crate) requests_per_s: f64,
    /// 99 of 100 take no longer, in microseconds.
    pub(crate) snapshot_p99_us: f64,
    pub(crate) restore_p99_us: f64,
    /// An exchange in a slot while a listener takes nothing, by one without it.
    pub(crate) undrained_stream_ratio: f64,
}

impl ApiFigures {
    pub(crate) fn rows(&self) -> [(&'static str, String); 4] {
        [
            ("requests to serve --api", format!("{:.0}/s", self.requests_per_s)),
            ("snapshot over it, p99", format!("{:.0} µs", self.snapshot_p99_us)),
            ("restore over it, p99", format!("{:.0} µs", self.restore_p99_us)),
            (
                "exchange beside an undrained stream, by one without",
                format!("{:.3}", self.undrained_stream_ratio),
            ),
        ]
    }

    pub(crate) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        self.rows().iter().try_for_each(|(name, figure)| writeln!(out, "{name:<52} {figure}"))
    }
}

struct Served {
    program: Child,
    api: SocketAddr,
}

impl Drop for Served {
    fn drop(&mut self) {
        // It has nothing to keep.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// All of them; `None` where the program was not built beside this one.
pub(crate) fn measure(rounds: u8) -> Result<Option<ApiFigures>, Box<dyn Error>> {
    let program = std::env::current_exe()?.with_file_name("sscard");
    if !program.exists() {
        return Ok(None);
    }
    let served = Served::start(&program)?;
    let mut rates = Vec::new();
    for _ in 0..rounds {
        rates.push(served.requests_per_s()?);
    }
    let (snapshot_p99_us, restore_p99_us) = served.snapshots_p99_us()?;
    let mut ratios = Vec::new();
    for _ in 0..rounds {
        ratios.push(undrained_ratio()?);
    }
    Ok(Some(ApiFigures {
        requests_per_s: crate::timing::median(&mut rates),
        snapshot_p99_us,
        restore_p99_us,
        undrained_stream_ratio: crate::timing::median(&mut ratios),
    }))
}

impl Served {
    fn start(program: &std::path::Path) -> Result<Self, Box<dyn Error>> {
        let mut program = Command::new(program)
            .args(["serve", "--quiet", "--no-driver", "--api", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(program.stdout.take().ok_or("no pipe")?).read_line(&mut line)?;
        let api = line.trim().trim_start_matches("api http://").trim_end_matches('/').parse()?;
        Ok(Self { program, api })
    }

    fn requests_per_s(&self) -> Result<f64, Box<dyn Error>> {
        let share = REQUESTS / CONNECTIONS;
        let mut connections: Vec<Connection> =
            (0..CONNECTIONS).map(|_| Connection::open(self.api)).collect::<Result<_, _>>()?;
        let started = Instant::now();
        std::thread::scope(|scope| {
            let body = r#"{"apdu":"0084000008"}"#;
            let threads: Vec<_> = connections
                .iter_mut()
                .map(|connection| {
                    scope.spawn(move || -> io::Result<()> {
                        for _ in 0..share {
                            connection.ask("POST", "/api/v1/slots/0/transmit", body)?;
                        }
                        Ok(())
                    })
                })
                .collect();
            threads.into_iter().try_for_each(|thread| thread.join().expect("it measures"))
        })?;
        Ok(f64::from(share * CONNECTIONS) / started.elapsed().as_secs_f64())
    }

    fn snapshots_p99_us(&self) -> Result<(f64, f64), Box<dyn Error>> {
        let mut connection = Connection::open(self.api)?;
        for number in 0..HELD {
            connection.ask("PUT", &format!("/api/v1/slots/0/snapshots/s{number}"), "")?;
            connection.ask("POST", "/api/v1/slots/0/transmit", r#"{"apdu":"0084000008"}"#)?;
        }
        let (mut taken, mut restored) = (Vec::new(), Vec::new());
        for number in 0..SNAPSHOTS {
            let name = (number * 7) % HELD;
            let path = format!("/api/v1/slots/0/snapshots/s{name}");
            let begun = Instant::now();
            connection.ask("PUT", &path, "")?;
            taken.push(begun.elapsed().as_secs_f64() * 1e6);
            let other = (number * 13 + 1) % HELD;
            let path = format!("/api/v1/slots/0/snapshots/s{other}/restore");
            let begun = Instant::now();
            connection.ask("POST", &path, "")?;
            restored.push(begun.elapsed().as_secs_f64() * 1e6);
        }
        Ok((p99(&mut taken), p99(&mut restored)))
    }
}

/// A card's exchange in its slot while a listener takes nothing, by one without: in turns.
fn undrained_ratio() -> Result<f64, Box<dyn Error>> {
    let stand = Stand::new(1, false, Box::new(Nobody), None);
    let profile = built_in("gen3").ok_or("no profile gen3")?;
    let card = issue(&profile, &synthetic_holder(1), &MasterKeys::test())?;
    let slot = stand.slots().first().ok_or("no slot")?;
    slot.insert(SlotContent::new("card".to_owned(), card, None)).1?;
    slot.power_on(Origin::Driver, PowerChange::On)?;
    let exchanges = |count: u32| -> Result<Duration, Box<dyn Error>> {
        let begun = Instant::now();
        for _ in 0..count {
            slot.transmit(Origin::Driver, &CHALLENGE)?;
        }
        Ok(begun.elapsed())
    };
    let (mut with, mut without) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..50 {
        let listener = stand.events().listen();
        with += exchanges(EXCHANGES)?;
        drop(listener);
        without += exchanges(EXCHANGES)?;
    }
    Ok(with.as_secs_f64() / without.as_secs_f64())
}

/// Makes no cards and describes none.
struct Nobody;

fn nobody() -> Problem {
    Problem::Unknown("nobody is asked here".into())
}

impl Workshop for Nobody {
    fn card(&self, _: &Wanted) -> Result<SlotContent, Problem> {
        Err(nobody())
    }

    fn place(&self, _: &str) -> Result<PathBuf, Problem> {
        Err(nobody())
    }

    fn again(&self, _: &SlotContent) -> Result<Option<SlotContent>, Problem> {
        Ok(None)
    }

    fn stock(&self) -> (Vec<String>, Vec<String>) {
        (Vec::new(), Vec::new())
    }

    fn describe(&self, _: &Card, _: Described) -> Value {
        Value::Null
    }

    fn change(&self, _: &mut Card, _: &Value) -> Result<(), Problem> {
        Err(nobody())
    }

    fn head(&self, _: &SessionHead) -> Value {
        Value::Null
    }

    fn explainer(&self, _: Described) -> Box<dyn Explainer> {
        Box::new(Self)
    }
}

impl Explainer for Nobody {
    fn explain(&mut self, _: &StandEvent) -> Option<Value> {
        None
    }
}

fn p99(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() * 99 / 100]
}

/// A connection that is kept.
struct Connection {
    stream: BufReader<TcpStream>,
    host: String,
}

impl Connection {
    fn open(api: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(api)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream), host: api.to_string() })
    }

    /// One request, which is carried out.
    fn ask(&mut self, method: &str, path: &str, body: &str) -> io::Result<()> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let mut length = 0;
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        if !line.starts_with("HTTP/1.1 200") {
            return Err(io::Error::other(line));
        }
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let head = line.trim_end().to_ascii_lowercase();
            if head.is_empty() {
                break;
            }
            if let Some(value) = head.strip_prefix("content-length: ") {
                length = value.parse().map_err(io::Error::other)?;
            }
        }
        let mut rest = vec![0; length];
        self.stream.read_exact(&mut rest)
    }
}
