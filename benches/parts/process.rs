//! What the system says of a process (Linux, `/proc`): of its id, or of `self`.

use std::fmt::Display;

/// How long it has worked, in microseconds: user and system time, in hundredths of a second.
pub fn worked_us(process: impl Display) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let behind_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = behind_name.split_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() * 10_000.0
}

/// One of the sizes in its status, such as `VmRSS:`, in MiB; none when it has ended.
pub fn mib(process: impl Display, name: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1_024.0)
}
