//! A calendar in words, a line for each thing that it says.

use super::spec::{CalendarSpec, ClosedTime, Hours, WeekLine, Weeks};

impl CalendarSpec {
    /// What it says: of a week by hours its zone and its lines; of one made of others, what each of them says.
    pub fn lines(&self) -> Vec<String> {
        match self {
            CalendarSpec::Always => vec!["open at every instant".to_string()],
            CalendarSpec::Hours(hours) => self::hours(hours),
            CalendarSpec::Both(a, b) => joined("open where both are:", a, b),
            CalendarSpec::Either(a, b) => joined("open where one of them is:", a, b),
            CalendarSpec::Without(inner, closed) => {
                let mut lines = inner.lines();
                lines.push(less(closed));
                lines
            }
        }
    }
}

fn joined(how: &str, a: &CalendarSpec, b: &CalendarSpec) -> Vec<String> {
    std::iter::once(how.to_string()).chain(a.lines()).chain(b.lines()).collect()
}

fn less(closed: &[ClosedTime]) -> String {
    let windows = closed.iter().filter(|time| !time.is_windowless());
    let announced = windows.clone().filter(|time| time.announced.is_some()).count();
    let only = if announced == 0 { String::new() } else { format!(", {announced} of them only if announced") };
    let windowless = closed.iter().any(ClosedTime::is_windowless);
    let whatever = if windowless { ", and what is announced in time" } else { "" };
    format!("less {} stretches of time{only}{whatever}", windows.count())
}

fn hours(hours: &Hours) -> Vec<String> {
    let mut lines = vec![hours.zone.to_string()];
    lines.extend(hours.week.iter().map(week_line));
    for season in &hours.seasons {
        let last = season.last.map_or(String::new(), |last| last.to_string());
        let week = season.week.iter().map(week_line).collect::<Vec<_>>().join("; ");
        lines.push(format!("during {}..{last}: {week}", season.first));
    }
    for list in &hours.holidays {
        lines.push(format!("closed on holidays {} ({} rules)", list.name, list.rules.len()));
    }
    for feed in &hours.feeds {
        let times = if feed.times().is_empty() { String::new() } else { count(feed.times().len(), "time") + ", " };
        let dates = count(feed.dates.len(), "date");
        lines.push(format!("closed on holidays {:?} ({dates}, {times}sha256 {})", feed.file, feed.sha256));
    }
    for (word, dates) in [("closed", &hours.closed), ("open", &hours.open)] {
        for line in dates {
            let last = if line.last == line.first { String::new() } else { format!("..{}", line.last) };
            let span = line.span.map_or(String::new(), |span| format!(" {}", clock_span(span.from, span.to)));
            lines.push(format!("{word} on {}{last}{span}", line.first));
        }
    }
    lines
}

fn count(number: usize, word: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {word}{plural}")
}

fn week_line(line: &WeekLine) -> String {
    let weeks = match line.weeks {
        Weeks::Every => "",
        Weeks::Odd => "odd weeks ",
        Weeks::Even => "even weeks ",
    };
    let days = line.days.iter().map(|day| day.to_string().to_lowercase()).collect::<Vec<_>>().join(",");
    let spans = line.spans.iter().map(|span| clock_span(span.from, span.to)).collect::<Vec<_>>().join(", ");
    format!("{weeks}{days} {spans}")
}

fn clock_span(from: u32, to: u32) -> String {
    let face = |seconds: u32| format!("{:02}:{:02}", seconds / 3_600, seconds / 60 % 60);
    format!("{}-{}", face(from), face(to))
}
