//! CPU time, for those who hold the clock.

/// Ticks per second of the times in `/proc`: `USER_HZ`, 100 on every architecture that Linux runs Rust's standard
/// library on (proc(5), times(2)).
const TICKS_PER_SECOND: f64 = 100.0;

/// CPU seconds of a Linux process, user and system, all threads, from the text of its `/proc/<pid>/stat`.
///
/// `None` if the text has another form. Resolution 0.01 s. The library opens no such file: a program that wants CPU
/// times reads `/proc/self/stat` in the clock that it gives to [`Backtest::clock`](super::Backtest::clock).
///
/// # Examples
/// ```
/// use credcast::evaluate::cpu_seconds_of_stat;
/// let stat = "4711 (a (name) here) R 1 4711 4711 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 1 0 12345 1000 100";
/// assert_eq!(cpu_seconds_of_stat(stat), Some(3.0));
/// ```
#[must_use]
pub fn cpu_seconds_of_stat(stat: &str) -> Option<f64> {
    // The second field is the program's name in parentheses and may hold spaces and parentheses itself.
    let (_, fields) = stat.rsplit_once(')')?;
    // Behind it, utime and stime are the 12th and 13th fields.
    let mut ticks = fields.split_ascii_whitespace().skip(11).map(str::parse::<u32>);
    let (user, system) = (ticks.next()?.ok()?, ticks.next()?.ok()?);
    Some((f64::from(user) + f64::from(system)) / TICKS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_texts_give_no_time() {
        for text in
            ["", "1 (x) R 1 2 3", "1 x R 1 4711 4711 0 -1 4194304 100 0 0 0 250 50", "1 (x) R a a a a a a a a a a a a"]
        {
            assert_eq!(cpu_seconds_of_stat(text), None, "{text}");
        }
    }
}
