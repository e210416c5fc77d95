//! What benches that print figures need: CPU time, peak of memory, options.

use credcast::evaluate::cpu_seconds_of_stat;

/// CPU seconds of this process so far; NaN where the system does not tell.
pub(crate) fn cpu_seconds() -> f64 {
    std::fs::read_to_string("/proc/self/stat").ok().and_then(|stat| cpu_seconds_of_stat(&stat)).unwrap_or(f64::NAN)
}

/// Peak of resident memory in MB; NaN where the system does not tell.
pub(crate) fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok()).map_or(f64::NAN, |kb| kb / 1024.0)
}

/// The word behind `name` on the command line.
pub(crate) fn option<'a>(args: &'a [String], name: &str) -> Option<&'a str> {
    args.iter().position(|arg| arg == name).and_then(|place| args.get(place + 1)).map(String::as_str)
}
