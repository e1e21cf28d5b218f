//! Opening a connection.

use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use crate::feeder::url::FeedUrl;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    /// The host has no address.
    #[error("cannot find the address of {host}")]
    Resolve {
        /// The name.
        host: String,
        /// What the system said.
        source: io::Error,
    },
    /// Nobody listens there.
    #[error("nothing listens on {authority}")]
    Refused {
        /// Host and port.
        authority: String,
    },
    /// Anything else.
    #[error("cannot connect to {authority}")]
    Failed {
        /// Host and port.
        authority: String,
        /// What the system said.
        source: io::Error,
    },
}

/// Connects to the first of the host's addresses that answers within `timeout` each.
pub(in crate::feeder) fn connect(
    url: &FeedUrl,
    timeout: Duration,
) -> Result<TcpStream, ConnectError> {
    let resolve = |source| ConnectError::Resolve {
        host: url.host.clone(),
        source,
    };
    let addresses = (url.host.as_str(), url.port)
        .to_socket_addrs()
        .map_err(resolve)?;
    let mut last = None;
    for address in addresses.take(MAX_ADDRESSES) {
        match TcpStream::connect_timeout(&address, timeout) {
            Ok(stream) => {
                // A frame must not wait for the acknowledgement of the one before.
                let _best_effort = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(error) => last = Some(error),
        }
    }
    let authority = url.authority();
    Err(match last {
        None => resolve(io::ErrorKind::NotFound.into()),
        Some(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            ConnectError::Refused { authority }
        }
        Some(source) => ConnectError::Failed { authority, source },
    })
}

/// Addresses of one name that are tried.
const MAX_ADDRESSES: usize = 8;
