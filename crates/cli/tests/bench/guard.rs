//! Who may use the API, and requests that mean it harm.

use std::thread;
use std::time::Duration;

use super::*;
use crate::sscard::run;

#[test]
fn nothing_but_this_machine_is_bound_without_a_token() {
    for place in ["0.0.0.0:0", "[::]:0", "192.0.2.1:7816"] {
        let (out, err, code) = run(&["serve", "--no-driver", "--api", place]);
        assert_eq!((out.as_str(), code), ("", 2), "{place}");
        assert!(err.contains("--api-token"), "{err}");
    }
    for (args, said) in [
        (&["--api", "nowhere"][..], "--api"),
        (&["--api", "unix:"], "unix:PATH"),
        (&["--no-driver"], "--api"),
        (&["--cards", "."], "--api"),
        (&["--api-token", "0123456789abcdef"], "--api"),
        (&["--api", "127.0.0.1:0", "--api-token", "a b"], "--api-token"),
        (&["--api", "127.0.0.1:0", "--api-token", ""], "--api-token"),
        (&["--api", "127.0.0.1:0", "--ready-fd", "77"], "--ready-fd"),
        (&["--slots", "0"], "--slots"),
        (&["--slots", "17"], "--slots"),
    ] {
        let (_, err, code) = run(&[&["serve"], args].concat());
        assert_eq!(code, 2, "{args:?}: {err}");
        assert!(err.contains(said), "{args:?}: {err}");
    }
    let (_, err, code) = run(&["serve", "--api", "127.0.0.1:0", "--cards", "/no/folder"]);
    assert_eq!(code, 3, "{err}");
}

#[test]
fn with_a_token_others_may_reach_it_and_have_to_show_it() {
    let token = "a-token-of-this-test";
    let environment = [("SSCARD_API_TOKEN", token)];
    let by_variable = Bench::start_in(&["--no-driver"], &[], &environment);
    let by_option = Bench::start(&["--api", "0.0.0.0:0", "--api-token", token]);
    for bench in [&by_variable, &by_option] {
        let port = bench.address.port();
        let with = |header: &str| {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
            let request = format!(
                "GET /api/v1/slots HTTP/1.1\r\nHost: bench.example\r\nConnection: close\r\n{header}\r\n"
            );
            stream.write_all(request.as_bytes()).expect("sent");
            let mut text = String::new();
            stream.read_to_string(&mut text).expect("an answer");
            text[9..12].to_owned()
        };
        assert_eq!(with(""), "401");
        assert_eq!(with("Authorization: Bearer a-token-of-this-tesu\r\n"), "401");
        assert_eq!(with(&format!("Authorization: Bearer {token}\r\n")), "200");
        let foreign = format!("Authorization: Bearer {token}\r\nOrigin: http://evil.example\r\n");
        assert_eq!(with(&foreign), "403");
        assert!(!bench.said().contains(token));
    }
}

#[test]
fn pages_of_other_sites_and_other_hosts_are_refused() {
    let bench = Bench::start(&[]);
    let port = bench.address.port();
    let with = |headers: &str| {
        bench.raw(&format!("POST /api/v1/slots/0/eject HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n{headers}\r\n")).0
    };
    for (headers, status) in [
        ("Host: evil.example\r\n", 421),
        ("Host: evil.example:80\r\n", 421),
        ("Host: 127.0.0.1.evil.example\r\n", 421),
        ("Host: localhost.evil.example\r\n", 421),
        ("Host: 192.0.2.1\r\n", 421),
        ("Host: \r\n", 421),
        ("Host: localhost\r\nHost: evil.example\r\n", 400),
        ("Host: localhost\r\nOrigin: http://evil.example\r\n", 403),
        ("Host: localhost\r\nOrigin: null\r\n", 403),
        ("Host: localhost\r\nOrigin: https://localhost\r\n", 403),
        ("Host: localhost\r\nOrigin: http://localhost:1\r\n", 403),
        ("Host: localhost\r\nOrigin: file://\r\n", 403),
    ] {
        assert_eq!(with(headers), status, "{headers}");
    }
    assert_eq!(
        bench.raw("GET http://evil.example/api/v1/slots HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").0,
        421
    );
    assert_eq!(bench.slot()["card"], "built-in gen3", "nothing was ejected");
    let own = format!("Host: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n");
    assert_eq!(with(&own), 200);
    assert_eq!(with(&format!("Host: LOCALHOST:{port}\r\n")), 409, "it is out");
    assert_eq!(with(&format!("Host: [::1]:{port}\r\n")), 409);
}

#[test]
fn wrong_places_and_methods_are_refused() {
    let bench = Bench::start(&[]);
    for (method, path, status) in [
        ("GET", "/api/v1", 404),
        ("GET", "/api/v2/slots", 404),
        ("GET", "/api/v1/slots/0/", 404),
        ("GET", "/api/v1/slots//0", 404),
        ("GET", "/api/v1/slots/0/../1", 404),
        ("GET", "/api/v1/slots/0/%2e%2e/1", 404),
        ("GET", "/../../etc/passwd", 404),
        ("GET", "/index.html", 404),
        ("GET", "/api/v1/slotsx", 404),
        ("GET", "/api/v1/slots/0/snapshots/a/b", 404),
        ("GET", "/api/v1/slots/0/transmit/x", 404),
        ("GET", "/api/v1/slots/99999999999999999999999", 404),
        ("GET", "/api/v1/slots/0/transmit", 405),
        ("DELETE", "/api/v1/slots", 405),
        ("PUT", "/api/v1/slots/0/card", 405),
        ("POST", "/api/v1/slots/0/faults", 405),
        ("POST", "/api/v1/events", 405),
        ("POST", "/", 405),
        ("PATCH", "/openapi.json", 405),
        ("OPTIONS", "/api/v1/slots", 405),
        ("TRACE", "/api/v1/slots", 405),
        ("BREW", "/api/v1/slots/0/card", 405),
    ] {
        assert_eq!(bench.refused(method, path, "").0, status, "{method} {path}");
    }
    let (_, head) =
        bench.raw("HEAD /api/v1/slots HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert_eq!(head, "");
    let (status, page) =
        bench.raw("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert_eq!(status, 200);
    assert!(page.starts_with("<!doctype html>"), "{page}");
    let description = bench.ok("GET", "/openapi.json", "");
    assert_eq!(description["openapi"], "3.1.0");
}

#[test]
fn hostile_requests_harm_nobody() {
    let bench = Bench::start(&[]);
    // Three hundred that never say what they want.
    let slow: Vec<TcpStream> = (0..300)
        .map(|_| {
            let mut stream = TcpStream::connect(bench.address).expect("a connection");
            // One that made room for another is gone.
            let _ = stream.write_all(b"POST /api/v1/slots/0/eject HTTP/1.1\r\nHo");
            stream
        })
        .collect();
    assert_eq!(bench.transmit("0084000008").len(), 20);
    let host = format!("Host: {}\r\nConnection: close\r\n", bench.address);
    let large =
        format!("POST /api/v1/slots/0/transmit HTTP/1.1\r\n{host}Content-Length: 2000000\r\n\r\n");
    assert_eq!(bench.raw(&large).0, 413);
    let megabytes = "0".repeat(3_000_000);
    let chunked = format!(
        "POST /api/v1/slots/0/transmit HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\n2dc6c0\r\n{megabytes}\r\n0\r\n\r\n"
    );
    let (status, _) = bench.raw(&chunked);
    assert!(status == 413 || status == 0, "{status}: refused, or cut off while it sends");
    let long = "x".repeat(200_000);
    for request in [
        format!("GET /{long} HTTP/1.1\r\n{host}\r\n"),
        format!("GET / HTTP/1.1\r\nX: {long}\r\n{host}\r\n"),
        "\x16\x03\x01\x02\x00\r\n\r\n".to_owned(),
        "GET / HTTP/9.9\r\n\r\n".to_owned(),
        "\0\0\0\0\r\n\r\n".to_owned(),
        format!("POST /api/v1/slots/0/eject HTTP/1.1\r\n{host}Content-Length: -1\r\n\r\n"),
        format!(
            "POST /api/v1/slots/0/eject HTTP/1.1\r\n{host}Content-Length: 0\r\nContent-Length: 5\r\n\r\n"
        ),
    ] {
        let (status, _) = bench.raw(&request);
        assert!(status == 0 || (400..500).contains(&status), "{status}: {request:.40}");
    }
    let deep = "[".repeat(100_000);
    let (status, _) = bench.refused("PATCH", "/api/v1/slots/0/card", &deep);
    assert_eq!(status, 422);
    assert_eq!(bench.slot()["card"], "built-in gen3");
    drop(slow);
    thread::sleep(Duration::from_millis(50));
    assert_eq!(bench.transmit("0084000008").len(), 20);
}

#[test]
fn streams_that_nobody_reads_are_counted() {
    let bench = Bench::start(&[]);
    let request = format!("GET /api/v1/events HTTP/1.1\r\nHost: {}\r\n\r\n", bench.address);
    let streams: Vec<TcpStream> = (0..140)
        .map(|_| {
            let mut stream = TcpStream::connect(bench.address).expect("a connection");
            stream.write_all(request.as_bytes()).expect("sent");
            stream
        })
        .collect();
    let mut last = &streams[139];
    let mut start = [0; 12];
    last.read_exact(&mut start).expect("an answer");
    assert_eq!(&start, b"HTTP/1.1 429");
    for _ in 0..200 {
        bench.transmit("0084000008");
    }
}

#[test]
fn a_socket_of_the_file_system_is_for_its_owner_and_goes_with_the_server() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().expect("folder");
    let socket = folder.path().join("api");
    let place = format!("unix:{}", socket.display());
    let start = || {
        let mut child = program()
            .args(["serve", "--no-driver", "--wait-ready", "--api", &place])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("serves");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        assert_eq!(lines.next().expect("a line").expect("text"), format!("api {place}"));
        assert_eq!(lines.next().expect("a line").expect("text"), "ready");
        child
    };
    let mut first = start();
    let mode = fs::metadata(&socket).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let (_, err, code) = run(&["serve", "--no-driver", "--api", &place]);
    assert_eq!(code, 5, "{err}");
    let answer = crate::sscard::ok(&["ctl", "--api", &place, "slots"]);
    assert!(
        answer.starts_with("slot 0: built-in gen3, contact, without power, ATR 3B"),
        "{answer}"
    );
    // One that was killed leaves its socket behind; the next takes its place.
    first.kill().expect("killed");
    first.wait().expect("ended");
    assert!(socket.exists());
    let second = start();
    let id = second.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().expect("runs").success());
    let mut second = second;
    assert_eq!(second.wait().expect("ends").code(), Some(0));
    assert!(!socket.exists());
}
