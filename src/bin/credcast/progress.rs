//! A sign of life on the terminal, for work that takes longer than a second.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::args::Common;

/// How long work may take in silence.
const PATIENCE: Duration = Duration::from_secs(1);

/// A bar over `steps` that appears after a second and goes when dropped. On anything but a terminal it never appears.
pub(crate) struct Progress {
    bar: ProgressBar,
    stop: Option<Sender<()>>,
    shower: Option<JoinHandle<()>>,
}

impl Progress {
    pub(crate) fn new(steps: u64, what: &str, common: &Common) -> Self {
        // Hidden at first: a visible bar is drawn at its first step, however soon that is.
        let bar =
            ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::hidden()).with_message(what.to_owned());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} [{bar:20}] {pos}/{len} {elapsed}") {
            bar.set_style(style.progress_chars("=> "));
        }
        // indicatif hides standard error unless it is a terminal.
        if common.quiet || ProgressDrawTarget::stderr().is_hidden() {
            return Self { bar, stop: None, shower: None };
        }
        let (stop, stopped) = channel();
        let shown = bar.clone();
        let shower = std::thread::spawn(move || {
            if stopped.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                shown.set_draw_target(ProgressDrawTarget::stderr());
                shown.enable_steady_tick(Duration::from_millis(100));
                // Holds the thread until the work is done.
                let _ = stopped.recv();
            }
        });
        Self { bar, stop: Some(stop), shower: Some(shower) }
    }

    /// One step is done; `what` comes next.
    pub(crate) fn step(&self, what: &str) {
        self.bar.set_message(what.to_owned());
        self.bar.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(shower) = self.shower.take() {
            // A shower that panicked has nothing left to show.
            let _ = shower.join();
        }
        self.bar.finish_and_clear();
    }
}
