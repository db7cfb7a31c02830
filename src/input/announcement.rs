//! Rows of announcements.

use crate::ticket::Announcement;
use crate::time::{Instant, Interval};

use super::build::Builder;
use super::instant::InstantReader;
use super::meaning::FieldMeanings;
use super::{Row, RowFault};

/// The places of the columns.
const FROM: usize = 0;
const TO: usize = 1;
const AT: usize = 2;
const SERVICE: usize = 3;

impl Builder<'_> {
    /// Takes an announcement: it begins, ends, and is made at the instants of these columns.
    pub(super) fn announcement_row(
        &mut self,
        row: &Row<'_>,
        [from, to, at]: [&InstantReader<'_>; 3],
        service: Option<&FieldMeanings<'_>>,
    ) -> Result<(), RowFault> {
        let start = self.needed(row, FROM, from)?;
        let end = self.instant(row, TO, to)?.unwrap_or(Instant::LAST);
        let made = self.needed(row, AT, at)?;
        if end < start {
            let (start, end) = (from.words(start), to.words(end));
            let message = format!("what is announced ends at {end}, before it starts at {start}");
            let fault = RowFault::new("announcement_ends_before_start", message, "mend the row");
            return Err(fault.in_column(to.column));
        }
        if start < made {
            let message = format!("this was announced at {}, after its start at {}", at.words(made), from.words(start));
            let help = "mend the row; what is announced so late never counts, and `--on-bad-row skip` leaves it out";
            return Err(RowFault::new("announced_after_start", message, help).in_column(at.column));
        }
        let service = match service.zip(self.cell(row, SERVICE)) {
            None => None,
            Some((meanings, cell)) => match meanings.of(cell, self.names)? {
                Some(name) => Some(self.names.text(name).to_string()),
                // What the source ignores is announced for nobody.
                None => return Ok(()),
            },
        };
        self.log.announcements.push(Announcement { service, span: Interval::new(start, end), at: made });
        Ok(())
    }
}
