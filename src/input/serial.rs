//! Dates as the numbers that a workbook keeps: days since its epoch, the time of day as a part of one.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use crate::time::DAY;

/// Where a workbook begins to count days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Epoch {
    /// 1 is 1900-01-01, and 60 a 29 February that never was.
    Of1900,
    /// 0 is 1904-01-01.
    Of1904,
}

/// The day that the calendar of 1900 has and the world had not.
const FALSE_LEAP_DAY: i64 = 60;

/// How many digits after the point count; a cell holds some seventeen in all.
const DIGITS: usize = 20;

/// What a wall clock showed at a serial number such as `45723.74305555556`, to the millisecond, half a millisecond rounded up.
/// None for what is no day: a time alone, 29 February 1900, or anything after the year 9999.
pub(super) fn wall(number: &str, epoch: Epoch) -> Option<NaiveDateTime> {
    let (days, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let days: i64 = days.parse().ok()?;
    let digits = fraction.get(..DIGITS).unwrap_or(fraction);
    let part: i128 = digits.parse().ok()?;
    let whole = 10_i128.checked_pow(u32::try_from(digits.len()).ok()?)?;
    let millis = (part * i128::from(DAY) * 2 + whole) / (whole * 2);
    let first = match epoch {
        Epoch::Of1904 => NaiveDate::from_ymd_opt(1904, 1, 1)?,
        Epoch::Of1900 if days < 1 || days == FALSE_LEAP_DAY => return None,
        Epoch::Of1900 if days < FALSE_LEAP_DAY => NaiveDate::from_ymd_opt(1899, 12, 31)?,
        Epoch::Of1900 => NaiveDate::from_ymd_opt(1899, 12, 30)?,
    };
    let is_day = (0..=2_958_465).contains(&days);
    let midnight = first.checked_add_signed(TimeDelta::try_days(days).filter(|_| is_day)?)?.and_time(NaiveTime::MIN);
    midnight.checked_add_signed(TimeDelta::milliseconds(i64::try_from(millis).ok()?))
}

/// A wall time as the text of a cell.
pub(super) fn words(wall: NaiveDateTime) -> String {
    let form = match (wall.time() == NaiveTime::MIN, wall.and_utc().timestamp_subsec_millis()) {
        (true, _) => "%Y-%m-%d",
        (_, 0) => "%Y-%m-%d %H:%M:%S",
        _ => "%Y-%m-%d %H:%M:%S%.3f",
    };
    wall.format(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(number: &str, epoch: Epoch) -> String {
        wall(number, epoch).map_or_else(|| "no day".to_string(), words)
    }

    #[test]
    fn serials_are_read_as_excel_shows_them() {
        for (number, shown) in [
            ("1", "1900-01-01"),
            ("59", "1900-02-28"),
            ("60", "no day"),
            ("61", "1900-03-01"),
            ("0.5", "no day"),
            ("-1", "no day"),
            ("45723", "2025-03-07"),
            ("45723.743055555555", "2025-03-07 17:50:00"),
            ("45723.99999999", "2025-03-07 23:59:59.999"),
            ("45723.999999999", "2025-03-08"),
            ("2958465", "9999-12-31"),
            ("2958466", "no day"),
            ("1741366200", "no day"),
        ] {
            assert_eq!(told(number, Epoch::Of1900), shown, "{number}");
        }
        assert_eq!(told("44261.743055555555", Epoch::Of1904), "2025-03-07 17:50:00");
        assert_eq!(told("0", Epoch::Of1904), "1904-01-01");
    }

    #[test]
    fn every_second_of_a_day_comes_back() {
        // The shortest decimals of n/86400 to fifteen digits, as a workbook has them.
        for second in 0..86_400_u64 {
            let part = (u128::from(second) * 10_u128.pow(11) * 2 + 86_400) / (2 * 86_400);
            let at = wall(&format!("45723.{part:011}"), Epoch::Of1900).unwrap();
            let midnight = NaiveDate::from_ymd_opt(2025, 3, 7).unwrap().and_time(NaiveTime::MIN);
            assert_eq!(at - midnight, TimeDelta::seconds(i64::try_from(second).unwrap()));
        }
    }
}
