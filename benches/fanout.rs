//! What a viewer costs: the real server beside a bare epoll loop that sends the same pictures with
//! one write per viewer and picture. See README.md for the method and the results.
//!
//! `cargo bench --bench fanout [-- --quick] [-- --clients 1,100] [-- --pairs 5]`

#![expect(clippy::print_stdout, reason = "a bench's result is what it prints")]

#[expect(dead_code, reason = "the conformance suite uses the rest of it")]
mod load;

use std::env;
use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use formats::Format;
use load::clip::{Clip, Muxed};
use load::drain::{self, Plan, percentile};
use load::feeder::Feeder;
use load::{bare, process};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// As long as a hub keeps what it has, so that memory measured from then on is the viewers'.
const FILLED: Duration = Duration::from_secs(12);
/// All viewers come within this time.
const ARRIVAL: Duration = Duration::from_secs(2);
const WARM_UP: Duration = Duration::from_secs(2);
const WINDOW: Duration = Duration::from_secs(8);

/// What was asked for.
struct Args {
    clients: Vec<usize>,
    pairs: usize,
    window: Duration,
}

/// One server under one number of viewers.
#[derive(Default, Clone)]
struct Measured {
    cpu_ms: f64,
    delivered: f64,
    first_byte: (Duration, Duration),
    first_picture: (Duration, Duration),
    memory_kib: f64,
    lost: usize,
}

fn main() -> Outcome<()> {
    let words: Vec<String> = env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    match words.first().map(String::as_str) {
        Some("bare-loop") => serve_bare(),
        Some("drain") => drain_and_tell(&words[1..]),
        _ => compare(&parse(&words)?),
    }
}

fn parse(words: &[String]) -> Outcome<Args> {
    let mut args = Args {
        clients: vec![1, 100, 500, 1000],
        pairs: 5,
        window: WINDOW,
    };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value"));
        match word.as_str() {
            "--quick" => {
                args.clients = vec![100, 1000];
                args.pairs = 2;
                args.window = Duration::from_secs(4);
            }
            "--clients" => {
                let list: Result<_, _> = value()?.split(',').map(str::parse).collect();
                args.clients = list?;
            }
            "--pairs" => args.pairs = value()?.parse()?,
            other => return Err(format!("unknown option {other}").into()),
        }
    }
    Ok(args)
}

fn compare(args: &Args) -> Outcome<()> {
    process::raise_file_limit();
    let clip = Arc::new(Clip::encode());
    let flv = clip.mux(Format::Flv)?;
    eprintln!(
        "clip: {} pictures, {:.0} kbit/s; load {}",
        clip.len(),
        clip.bit_rate_bps() / 1000.0,
        process::load()
    );
    let mut rows: Vec<(Vec<Measured>, Vec<Measured>)> =
        vec![Default::default(); args.clients.len()];
    for pair in 0..args.pairs {
        let ours = Ours::start(&clip)?;
        let bare = Bare::start()?;
        for (clients, row) in args.clients.iter().zip(&mut rows) {
            // The one that comes first changes, so that a drift of the machine favours neither.
            for turn in 0..2 {
                if (pair + turn) % 2 == 0 {
                    row.0.push(measure(args, &ours.server, *clients, &flv)?);
                } else {
                    row.1.push(measure(args, &bare.0, *clients, &flv)?);
                }
            }
            let (Some(ours), Some(bare)) = (row.0.last(), row.1.last()) else {
                continue;
            };
            eprintln!(
                "pair {}, {clients} clients: {:.3} and {:.3} ms per client-second; load {}",
                pair + 1,
                ours.cpu_ms,
                bare.cpu_ms,
                process::load()
            );
        }
    }
    print_tables(args, &rows);
    Ok(())
}

/// A server that runs: the process, where it listens, and its memory before the first viewer.
struct Server {
    child: Child,
    address: SocketAddr,
    memory_bytes: u64,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The real server with a feeder; fields drop in this order.
struct Ours {
    _feeder: Feeder,
    server: Server,
    _dir: tempfile::TempDir,
}

impl Ours {
    fn start(clip: &Arc<Clip>) -> Outcome<Self> {
        let dir = tempfile::tempdir()?;
        let config = dir.path().join("server.conf");
        fs::write(
            &config,
            server_config(&dir.path().join("feed1.ffm").display().to_string()),
        )?;
        let binary = env::var_os("FERROCAST_BIN").map_or_else(
            || PathBuf::from(env!("CARGO_BIN_EXE_ferrocast")),
            PathBuf::from,
        );
        let mut child = Command::new(binary)
            .args(["serve", "-f"])
            .arg(&config)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = child.stdout.take().ok_or("no standard output")?;
        let address = listening(stdout, "listening http ")?;
        let feeder = Feeder::start(address, "feed1.ffm", Arc::clone(clip));
        thread::sleep(FILLED);
        let memory_bytes = process::memory_bytes(child.id())?;
        Ok(Self {
            _feeder: feeder,
            server: Server {
                child,
                address,
                memory_bytes,
            },
            _dir: dir,
        })
    }
}

fn server_config(feed_file: &str) -> String {
    format!(
        "HTTPPort 0\nHTTPBindAddress 127.0.0.1\nMaxHTTPConnections 5000\nMaxClients 5000\n\
         MaxBandwidth 100000000\n<Feed feed1.ffm>\nFile {feed_file}\nFileMaxSize 16M\n\
         ACL allow 127.0.0.1\n</Feed>\n<Stream live.flv>\nFeed feed1.ffm\nFormat flv\n\
         VideoCodec libx264\nVideoSize 640x360\nVideoFrameRate 25\nVideoBitRate 1000\n\
         VideoGopSize 50\nNoAudio\n</Stream>\n"
    )
}

/// The bare loop, in a process of its own.
struct Bare(Server);

impl Bare {
    fn start() -> Outcome<Self> {
        let mut child = Command::new(env::current_exe()?)
            .arg("bare-loop")
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().ok_or("no standard output")?;
        let address = listening(stdout, "listening ")?;
        let memory_bytes = process::memory_bytes(child.id())?;
        Ok(Self(Server {
            child,
            address,
            memory_bytes,
        }))
    }
}

/// The address that a server prints. What it prints later goes nowhere.
fn listening(stdout: ChildStdout, prefix: &str) -> Outcome<SocketAddr> {
    let mut lines = BufReader::new(stdout).lines();
    while let Some(line) = lines.next() {
        if let Some(address) = line?.strip_prefix(prefix) {
            let address = address.parse()?;
            thread::spawn(move || lines.for_each(drop));
            return Ok(address);
        }
    }
    Err("the server ended before it listened".into())
}

fn serve_bare() -> Outcome<()> {
    let clip = Clip::encode().mux(Format::Flv)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("listening {}", listener.local_addr()?);
    bare::serve(&listener, &clip)?;
    Ok(())
}

/// Drains as asked for, and tells when the window begins and what was seen.
fn drain_and_tell(words: &[String]) -> Outcome<()> {
    let [server, clients, window_ms, first_picture_bytes] = words else {
        return Err("drain SERVER CLIENTS WINDOW-MS FIRST-PICTURE-BYTES".into());
    };
    let plan = Plan {
        server: server.parse()?,
        path: "/live.flv".to_owned(),
        clients: clients.parse()?,
        arrival: ARRIVAL,
        warm_up: WARM_UP,
        window: Duration::from_millis(window_ms.parse()?),
        first_picture_bytes: first_picture_bytes.parse()?,
    };
    let seen = drain::run(&plan, || {
        println!("window");
        // Who reads it is gone only if the bench was ended.
        let _ = std::io::stdout().flush();
    })?;
    let micros = |list: &[Duration], of_100| percentile(list, of_100).as_micros();
    println!(
        "{} {} {} {} {} {} {}",
        seen.bytes,
        seen.window.as_micros(),
        seen.lost + plan.clients - seen.first_byte.len(),
        micros(&seen.first_byte, 50),
        micros(&seen.first_byte, 99),
        micros(&seen.first_picture, 50),
        micros(&seen.first_picture, 99),
    );
    Ok(())
}

fn measure(args: &Args, server: &Server, clients: usize, flv: &Muxed) -> Outcome<Measured> {
    let mut drain = Command::new(env::current_exe()?)
        .arg("drain")
        .arg(server.address.to_string())
        .arg(clients.to_string())
        .arg(args.window.as_millis().to_string())
        .arg(flv.first_picture_bytes().to_string())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut lines = BufReader::new(drain.stdout.take().ok_or("no standard output")?).lines();
    let mut line = || {
        lines
            .next()
            .ok_or("the viewers ended early")?
            .map_err(Box::<dyn Error>::from)
    };
    line()?;
    let before_ns = process::cpu_ns(server.child.id())?;
    let told = line()?;
    let cpu_ns = process::cpu_ns(server.child.id())? - before_ns;
    let memory_bytes = process::memory_bytes(server.child.id())?;
    drain.wait()?;
    let numbers: Result<Vec<u64>, _> = told.split(' ').map(str::parse).collect();
    let [bytes, window_us, lost, rest @ ..] = &numbers?[..] else {
        return Err("the viewers told too little".into());
    };
    let time = |index: usize| Duration::from_micros(rest.get(index).copied().unwrap_or(0));
    let seconds = *window_us as f64 / 1e6;
    let expected = flv.mean_bytes() * 25.0 * seconds * clients as f64;
    Ok(Measured {
        cpu_ms: cpu_ns as f64 / 1e6 / seconds / clients as f64,
        delivered: *bytes as f64 / expected,
        first_byte: (time(0), time(1)),
        first_picture: (time(2), time(3)),
        memory_kib: memory_bytes.saturating_sub(server.memory_bytes) as f64
            / 1024.0
            / clients as f64,
        lost: usize::try_from(*lost)?,
    })
}

/// Median and spread of what a function tells of each measurement.
fn spread(list: &[Measured], of: impl Fn(&Measured) -> f64, digits: usize) -> String {
    let mut values: Vec<f64> = list.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    let (Some(low), Some(high)) = (values.first(), values.last()) else {
        return "none".to_owned();
    };
    let median = values[values.len() / 2];
    format!("{median:.digits$} ({low:.digits$} to {high:.digits$})")
}

fn print_tables(args: &Args, rows: &[(Vec<Measured>, Vec<Measured>)]) {
    println!(
        "\nload {}; medians of {} pairs, least and most in brackets\n",
        process::load(),
        args.pairs
    );
    println!(
        "| clients | server | CPU ms per client-second | times the bare loop | delivered % | lost |"
    );
    println!("|---|---|---|---|---|---|");
    for (clients, (ours, bare)) in args.clients.iter().zip(rows) {
        let mut ratios = ours.clone();
        for (ratio, bare) in ratios.iter_mut().zip(bare) {
            ratio.cpu_ms /= bare.cpu_ms;
        }
        let ratio = spread(&ratios, |pair| pair.cpu_ms, 2);
        for (name, list, ratio) in [
            ("ferrocast", ours, ratio.as_str()),
            ("bare loop", bare, "1"),
        ] {
            println!(
                "| {clients} | {name} | {} | {ratio} | {} | {} |",
                spread(list, |m| m.cpu_ms, 3),
                spread(list, |m| m.delivered * 100.0, 1),
                list.iter().map(|m| m.lost).sum::<usize>(),
            );
        }
    }
    println!(
        "\n| clients | server | first byte p50 ms | first byte p99 ms | first picture p50 ms | first picture p99 ms | memory KiB per client |"
    );
    println!("|---|---|---|---|---|---|---|");
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    for (clients, (ours, bare)) in args.clients.iter().zip(rows) {
        for (name, list) in [("ferrocast", ours), ("bare loop", bare)] {
            println!(
                "| {clients} | {name} | {} | {} | {} | {} | {} |",
                spread(list, |m| ms(m.first_byte.0), 1),
                spread(list, |m| ms(m.first_byte.1), 1),
                spread(list, |m| ms(m.first_picture.0), 1),
                spread(list, |m| ms(m.first_picture.1), 1),
                spread(list, |m| m.memory_kib, 1),
            );
        }
    }
}
