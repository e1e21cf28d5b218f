//! A TCP proxy that a test can stall: the network between a viewer and the server.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};

/// Copies bytes both ways, while it flows.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    gate: Arc<Gate>,
}

#[derive(Debug, Default)]
struct Gate {
    closed: Mutex<bool>,
    changed: Condvar,
}

impl Proxy {
    pub(crate) fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let address = listener.local_addr().expect("a bound socket");
        let gate = Arc::new(Gate::default());
        let shared = Arc::clone(&gate);
        std::thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let Ok(far) = TcpStream::connect(target) else {
                    continue;
                };
                for (from, to) in [(&near, &far), (&far, &near)] {
                    if let (Ok(from), Ok(to)) = (from.try_clone(), to.try_clone()) {
                        let gate = Arc::clone(&shared);
                        std::thread::spawn(move || copy(from, to, &gate));
                    }
                }
            }
        });
        Self { address, gate }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// No byte passes from now on.
    pub(crate) fn stall(&self) {
        *self.gate.closed.lock().expect("no panic under it") = true;
    }

    /// Bytes pass again.
    pub(crate) fn resume(&self) {
        *self.gate.closed.lock().expect("no panic under it") = false;
        self.gate.changed.notify_all();
    }
}

impl Gate {
    fn wait_open(&self) {
        let closed = self.closed.lock().expect("no panic under it");
        drop(
            self.changed
                .wait_while(closed, |closed| *closed)
                .expect("no panic under it"),
        );
    }
}

fn copy(mut from: TcpStream, mut to: TcpStream, gate: &Gate) {
    let mut buffer = [0; 16384];
    while let Ok(len @ 1..) = from.read(&mut buffer) {
        gate.wait_open();
        if to.write_all(&buffer[..len]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(std::net::Shutdown::Both);
    let _ = to.shutdown(std::net::Shutdown::Both);
}
