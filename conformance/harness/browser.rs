//! Headless Chromium, driven through chromedriver by the WebDriver protocol (W3C WebDriver, 2018).

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use super::client::{Client, Reply};
use super::process::{Program, run};
use super::scratch::Scratch;
use super::wait::wait_for;

/// How long a single command may take.
const COMMAND_LIMIT: Duration = Duration::from_secs(40);

/// What has to be on the path.
pub(crate) const TOOLS: [&str; 2] = ["chromium", "chromedriver"];

/// A browser with one window.
#[derive(Debug)]
pub(crate) struct Browser {
    driver: Program,
    address: SocketAddr,
    session: String,
    scratch: Scratch,
}

impl Browser {
    pub(crate) fn start() -> Self {
        let scratch = Scratch::new();
        let driver = Program::start(
            Command::new("chromedriver")
                .arg("--port=0")
                .env("HOME", scratch.path())
                .env("TMPDIR", scratch.path()),
        );
        let address = wait_for("chromedriver's port", COMMAND_LIMIT, || {
            let out = driver.stdout();
            let (_, rest) = out.split_once("started successfully on port ")?;
            let port = rest.split(|c: char| !c.is_ascii_digit()).next()?;
            Some(SocketAddr::from(([127, 0, 0, 1], port.parse().ok()?)))
        });
        let mut browser = Self {
            driver,
            address,
            session: String::new(),
            scratch,
        };
        let answer = browser.command("POST", "/session", &Self::capabilities());
        browser.session = answer["sessionId"].as_str().expect("a session").to_owned();
        browser
    }

    fn capabilities() -> Value {
        json!({ "capabilities": { "alwaysMatch": {
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": { "args": [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required",
                "--window-size=1280,900",
            ] },
        } } })
    }

    /// Opens a page and waits for its `load` event.
    pub(crate) fn open(&self, url: &str) {
        self.session_command("POST", "/url", &json!({ "url": url }));
    }

    /// Runs the body of a function in the page; the value that it returns.
    pub(crate) fn evaluate(&self, script: &str) -> Value {
        self.session_command(
            "POST",
            "/execute/sync",
            &json!({ "script": script, "args": [] }),
        )
    }

    /// The console's lines so far, warnings and errors only.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.session_command("POST", "/se/log", &json!({ "type": "browser" }));
        let lines = log.as_array().cloned().unwrap_or_default();
        lines
            .iter()
            .filter(|line| line["level"] == "SEVERE" || line["level"] == "WARNING")
            .filter_map(|line| line["message"].as_str().map(str::to_owned))
            .collect()
    }

    /// A picture of the window, as PNG.
    pub(crate) fn screenshot(&self) -> Vec<u8> {
        let answer = self.session_command("GET", "/screenshot", &Value::Null);
        self.decode_base64(answer.as_str().expect("base64"))
    }

    /// What an `<img>` or `<video>` shows now, pixel for pixel, as PNG; `None` while it shows
    /// nothing.
    pub(crate) fn frame(&self, selector: &str) -> Option<Vec<u8>> {
        let script = format!(
            "const e = document.querySelector({});
             if (!e) return null;
             const w = e.videoWidth || e.naturalWidth, h = e.videoHeight || e.naturalHeight;
             if (!w || (e.tagName === 'VIDEO' && e.readyState < 2)) return null;
             const c = document.createElement('canvas');
             c.width = w; c.height = h;
             c.getContext('2d').drawImage(e, 0, 0, w, h);
             return c.toDataURL('image/png').split(',')[1];",
            Value::from(selector)
        );
        Some(self.decode_base64(self.evaluate(&script).as_str()?))
    }

    fn decode_base64(&self, text: &str) -> Vec<u8> {
        let encoded = self.scratch.write("base64", text);
        let decoded = run(Command::new("base64").arg("-d").arg(encoded), COMMAND_LIMIT);
        assert!(decoded.success(), "{}", decoded.describe());
        decoded.stdout
    }

    fn session_command(&self, method: &str, path: &str, body: &Value) -> Value {
        self.command(method, &format!("/session/{}{path}", self.session), body)
    }

    /// One command; its `value`.
    fn command(&self, method: &str, path: &str, body: &Value) -> Value {
        let reply = self.exchange(method, path, body);
        let mut answer: Value = serde_json::from_slice(&reply.body).unwrap_or_else(|error| {
            panic!(
                "{method} {path}: {error}: {:?}",
                String::from_utf8_lossy(&reply.body)
            )
        });
        let value = answer["value"].take();
        assert_eq!(
            reply.head.status, 200,
            "{method} {path}: {}: {}",
            value["error"], value["message"]
        );
        value
    }

    fn exchange(&self, method: &str, path: &str, body: &Value) -> Reply {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let mut client = Client::connect(self.address);
        client.patience(COMMAND_LIMIT);
        client.send(format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        ));
        client.reply().unwrap_or_else(|| {
            panic!(
                "chromedriver closed without a reply\n{}",
                self.driver.stderr()
            )
        })
    }
}

impl Drop for Browser {
    /// Ends the browser, which is in a process group of its own, also when the test has failed.
    fn drop(&mut self) {
        let Ok(mut stream) = TcpStream::connect(self.address) else {
            return;
        };
        let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
        let request = format!(
            "DELETE /session/{} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.session, self.address
        );
        let _ = stream.write_all(request.as_bytes());
        let _ = stream.read(&mut [0; 512]);
    }
}
