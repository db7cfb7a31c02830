//! Longer terms: no money, but an agreement that ends later.

use chrono::{Days, Months, NaiveDate};
use num_traits::Zero;

use crate::money::Fraction;
use crate::plan::clause::Term;
use crate::statement::{Extension, Line};

use super::amount::Worked;

/// A longer term costs nothing.
pub(super) fn worked(term: Term) -> Worked {
    Worked { value: Fraction::zero(), words: format!("the term is {} longer", words(term)) }
}

/// `1 month`, `30 days`.
fn words(term: Term) -> String {
    let (count, what) = match term {
        Term::Months(count) => (count, "month"),
        Term::Days(count) => (count, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// The extension that a line stands for. `last` is the agreement's last day before it.
pub(super) fn of_line(line: Line, term: Term, last: Option<NaiveDate>) -> Extension {
    Extension {
        place: line.reference().clone(),
        month: line.month,
        period: line.period,
        clause: line.clause,
        at: line.at,
        by: words(term),
        ends: last.and_then(|last| later(last, term)),
        version: line.version,
        because: line.because,
        reached: [Some(line.place), line.band].into_iter().flatten().collect(),
    }
}

/// The last day after an extension: the end of a month stays the end of a month.
fn later(last: NaiveDate, term: Term) -> Option<NaiveDate> {
    let day_after = last.succ_opt()?;
    let day_after = match term {
        Term::Months(count) => day_after.checked_add_months(Months::new(count))?,
        Term::Days(count) => day_after.checked_add_days(Days::new(u64::from(count)))?,
    };
    day_after.pred_opt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_month_stays_the_end_of_a_month() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(later(date("2026-12-31"), Term::Months(2)), Some(date("2027-02-28")));
        assert_eq!(later(date("2026-02-28"), Term::Months(1)), Some(date("2026-03-31")));
        assert_eq!(later(date("2026-12-31"), Term::Days(30)), Some(date("2027-01-30")));
    }
}
