//! Headless Chromium, driven by chromedriver: the WebDriver protocol over plain HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::wait_for;

/// A browser with one page; it ends with this value.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
    /// What the browser keeps.
    _folder: TempDir,
}

/// A request to a server of this machine: status and body.
pub(crate) fn http(port: u16, method: &str, path: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("set");
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).expect("sent");
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).expect("an answer");
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a head");
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    (status, String::from_utf8(body).expect("UTF-8"))
}

impl Browser {
    /// Opens a page in a window of this size.
    pub(crate) fn open(address: &str, width: u32, height: u32) -> Self {
        let mut driver = Command::new("chromedriver")
            .args(["--port=0", "--log-level=SEVERE"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts: apt-get install chromium chromium-driver");
        let mut lines = BufReader::new(driver.stdout.take().expect("piped")).lines();
        let port = lines.find_map(|line| {
            let line = line.expect("UTF-8");
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        // It goes on writing, and nobody reads.
        std::thread::spawn(move || lines.for_each(drop));
        let folder = TempDir::new().expect("folder");
        let port = port.expect("chromedriver's port");
        let wanted = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": { "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=en-US",
            format!("--user-data-dir={}", folder.path().display()), format!("--window-size={width},{height}"),
        ] } } } });
        let (status, body) = http(port, "POST", "/session", &wanted.to_string());
        assert_eq!(status, 200, "{body}");
        let body: Value = serde_json::from_str(&body).expect("JSON");
        let session = body["value"]["sessionId"].as_str().expect("a session").to_owned();
        let browser = Self { driver, port, session, _folder: folder };
        browser.ask("POST", "/url", &json!({ "url": address }));
        browser
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let path = format!("/session/{}{path}", self.session);
        let body = if method == "GET" { String::new() } else { body.to_string() };
        let (status, body) = http(self.port, method, &path, &body);
        assert_eq!(status, 200, "{path}: {body}");
        let mut body: Value = serde_json::from_str(&body).expect("JSON");
        body["value"].take()
    }

    /// What a script in the page returns.
    pub(crate) fn script(&self, script: &str) -> Value {
        self.ask("POST", "/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// The text that a part of the page shows.
    pub(crate) fn text(&self, id: &str) -> String {
        let text = self.script(&format!("return document.getElementById('{id}')?.innerText ?? ''"));
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a part of the page shows this.
    pub(crate) fn shows(&self, id: &str, wanted: &str) {
        wait_for(&format!("'{wanted}' in #{id}"), || self.text(id).contains(wanted));
    }

    /// Waits until a part of the page no longer shows this.
    pub(crate) fn hides(&self, id: &str, unwanted: &str) {
        let started = Instant::now();
        while self.text(id).contains(unwanted) {
            assert!(started.elapsed() < Duration::from_secs(20), "{unwanted} stays in #{id}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Clicks an element as a person does: it has to be there, and not covered.
    pub(crate) fn click(&self, selector: &str) {
        let found =
            self.ask("POST", "/element", &json!({ "using": "css selector", "value": selector }));
        let element = found.as_object().and_then(|found| found.values().next());
        let element = element.and_then(Value::as_str).expect("an element").to_owned();
        self.ask("POST", &format!("/element/{element}/click"), &json!({}));
    }

    /// Presses keys in whatever has the focus.
    pub(crate) fn keys(&self, keys: &str) {
        let presses: Vec<Value> = keys
            .chars()
            .flat_map(|key| {
                let key = key.to_string();
                [
                    json!({ "type": "keyDown", "value": key }),
                    json!({ "type": "keyUp", "value": key }),
                ]
            })
            .collect();
        let actions =
            json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": presses }] });
        self.ask("POST", "/actions", &actions);
    }

    /// What the browser complained of: errors of scripts, refusals by the page's own policy.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.ask("POST", "/se/log", &json!({ "type": "browser" }));
        let entries = log.as_array().cloned().unwrap_or_default();
        entries.iter().map(|entry| entry["message"].to_string()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = TcpStream::connect(("127.0.0.1", self.port)).map(|mut stream| {
            let session = &self.session;
            let request = format!(
                "DELETE /session/{session} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            );
            let _ = stream.write_all(request.as_bytes());
            let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
            // The browser has ended when the answer is there.
            let _ = stream.read(&mut [0; 64]);
        });
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
