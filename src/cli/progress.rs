//! How far long work has come: a line on a terminal, nothing in a pipe.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::input::Progress;

/// What takes less than this is not worth a line.
const PATIENCE: Duration = Duration::from_secs(1);

/// A line that shows rows, speed and the time left.
pub struct Line {
    began: Instant,
    bytes: u64,
    bar: Option<ProgressBar>,
}

impl Line {
    /// For work on so many bytes.
    #[expect(clippy::disallowed_methods, reason = "how long somebody waits decides no figure")]
    pub fn new(bytes: u64) -> Line {
        Line { began: Instant::now(), bytes, bar: None }
    }

    /// Shows how far it has come; a terminal alone sees it.
    pub fn show(&mut self, progress: Progress) {
        if self.bar.is_none() && self.began.elapsed() < PATIENCE {
            return;
        }
        let (bytes, began) = (self.bytes, self.began);
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr());
            bar.with_style(style()).with_elapsed(began.elapsed())
        });
        bar.set_message(format!("{} rows", progress.rows));
        bar.set_position(progress.bytes);
    }
}

impl Drop for Line {
    /// Results begin on an empty line.
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style() -> ProgressStyle {
    let form = "{wide_bar} {msg}, {decimal_bytes_per_sec}, {eta} left";
    ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_bar())
}
