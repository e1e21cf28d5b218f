//! The limits that hold: clients and bandwidth, counted at one place and released on every way out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::http::status::RequestError;

/// Counts what is being served against `MaxClients` and `MaxBandwidth`.
#[derive(Debug)]
pub(crate) struct Admission {
    max_clients: u64,
    max_kbps: u64,
    clients: AtomicU64,
    kbps: AtomicU64,
}

impl Admission {
    /// Limits as configured.
    #[must_use]
    pub(crate) const fn new(max_clients: u64, max_kbps: u64) -> Self {
        Self {
            max_clients,
            max_kbps,
            clients: AtomicU64::new(0),
            kbps: AtomicU64::new(0),
        }
    }

    /// Lets a client in that will take `kbps`.
    ///
    /// # Errors
    /// [`RequestError::TooManyClients`] or [`RequestError::TooMuchBandwidth`].
    pub(crate) fn admit(self: &Arc<Self>, kbps: u64) -> Result<Admitted, RequestError> {
        let current = self.clients.fetch_add(1, Ordering::Relaxed) + 1;
        let current_kbps = self.kbps.fetch_add(kbps, Ordering::Relaxed) + kbps;
        // Made before the checks, so that a refusal gives back what was just added.
        let admitted = Admitted {
            admission: Arc::clone(self),
            kbps,
        };
        if current > self.max_clients {
            return Err(RequestError::TooManyClients {
                current,
                limit: self.max_clients,
            });
        }
        if kbps > 0 && current_kbps > self.max_kbps {
            return Err(RequestError::TooMuchBandwidth {
                current_kbps,
                limit_kbps: self.max_kbps,
            });
        }
        Ok(admitted)
    }

    /// Clients being served.
    #[must_use]
    pub(crate) fn clients(&self) -> u64 {
        self.clients.load(Ordering::Relaxed)
    }

    /// Sum of their nominal rates in kbit/s.
    #[cfg(test)]
    fn kbps(&self) -> u64 {
        self.kbps.load(Ordering::Relaxed)
    }
}

/// A client's share, given back when dropped.
#[derive(Debug)]
pub(crate) struct Admitted {
    admission: Arc<Admission>,
    kbps: u64,
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.admission.clients.fetch_sub(1, Ordering::Relaxed);
        self.admission.kbps.fetch_sub(self.kbps, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_hold_and_refusals_leave_nothing_behind() {
        let admission = Arc::new(Admission::new(2, 1000));
        let first = admission.admit(600).unwrap();
        let refused = admission.admit(500).unwrap_err();
        assert_eq!(
            refused,
            RequestError::TooMuchBandwidth {
                current_kbps: 1100,
                limit_kbps: 1000
            }
        );
        let second = admission.admit(400).unwrap();
        let refused = admission.admit(0).unwrap_err();
        assert_eq!(
            refused,
            RequestError::TooManyClients {
                current: 3,
                limit: 2
            }
        );
        assert_eq!((admission.clients(), admission.kbps()), (2, 1000));
        drop((first, second));
        assert_eq!((admission.clients(), admission.kbps()), (0, 0));
    }

    #[test]
    fn what_has_no_rate_is_never_refused_for_bandwidth() {
        let admission = Arc::new(Admission::new(10, 0));
        assert!(admission.admit(0).is_ok());
        assert!(admission.admit(1).is_err());
    }
}
