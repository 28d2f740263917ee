//! How long answers take, by method, route and status, as a histogram for Prometheus.
//!
//! Names and buckets are those of the OpenTelemetry conventions for HTTP servers. The labels are
//! bounded: a route is a pattern of ours, a method one of ours, else `_OTHER`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The bounds of the buckets, in seconds.
const BUCKETS: [f64; 14] =
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

const NAME: &str = "http_server_request_duration_seconds";

/// The methods that are told apart.
const METHODS: [&str; 5] = ["GET", "POST", "PATCH", "DELETE", "OPTIONS"];

/// The times of all answers so far.
#[derive(Debug, Default)]
pub struct Figures(Mutex<BTreeMap<Labels, Times>>);

type Labels = (&'static str, String, u16);

#[derive(Debug, Default)]
struct Times {
    counts: [u64; BUCKETS.len()],
    count: u64,
    sum_s: f64,
}

impl Figures {
    /// An answer, from the head of its request to its own.
    pub fn answered(&self, method: &str, route: Option<&str>, status: u16, took: Duration) {
        let method = METHODS.into_iter().find(|known| *known == method).unwrap_or("_OTHER");
        let labels = (method, route.unwrap_or_default().to_owned(), status);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let times = all.entry(labels).or_default();
        let seconds = took.as_secs_f64();
        times.count += 1;
        times.sum_s += seconds;
        let fits = BUCKETS.iter().zip(&mut times.counts).filter(|(bound, _)| seconds <= **bound);
        fits.for_each(|(_, count)| *count += 1);
    }

    /// All of them in the text format of Prometheus.
    pub fn tell(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "# HELP {NAME} From the head of a request to the head of its answer.")?;
        writeln!(text, "# TYPE {NAME} histogram")?;
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for ((method, route, status), times) in all.iter() {
            let labels = format!(
                "http_request_method=\"{method}\",http_route=\"{route}\",\
                 http_response_status_code=\"{status}\""
            );
            for (bound, count) in BUCKETS.iter().zip(times.counts) {
                writeln!(text, "{NAME}_bucket{{{labels},le=\"{bound}\"}} {count}")?;
            }
            writeln!(text, "{NAME}_bucket{{{labels},le=\"+Inf\"}} {}", times.count)?;
            writeln!(text, "{NAME}_sum{{{labels}}} {}", times.sum_s)?;
            writeln!(text, "{NAME}_count{{{labels}}} {}", times.count)?;
        }
        Ok(())
    }
}
