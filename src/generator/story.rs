//! What happens to one ticket, from its creation until the export is drawn.

use chrono::Datelike;

use crate::calendar::Calendar;
use crate::time::{DAY, HOUR, Instant, SECOND};

use super::desk::{Desk, Level, Pace, Party, Plan, Service, Weight, ZONE, slow_share, weight};
use super::random::Random;

/// What a row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    Created {
        party: Party,
        service: Service,
        weight: Weight,
    },
    /// The receipt that the system sends.
    Receipt,
    Answer,
    UpdateByAgent,
    UpdateByCustomer,
    WaitForCustomer,
    WaitForSupplier,
    Work,
    Reassess {
        weight: Weight,
    },
    Resolve {
        cause: &'static str,
    },
    Reopen,
    Close,
    Cancel,
    Merge,
}

/// How a ticket goes on after its first answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Solved,
    /// Still open when the export is drawn, where it is young enough.
    Open,
    Cancelled,
    Merged,
}

const FATES: [(u32, Fate); 4] = [(945, Fate::Solved), (8, Fate::Open), (26, Fate::Cancelled), (21, Fate::Merged)];

/// Whom a ticket waits for, in this order.
const WAITS: [(u32, &[Event]); 5] = [
    (50, &[]),
    (28, &[Event::WaitForCustomer]),
    (8, &[Event::WaitForCustomer, Event::WaitForCustomer]),
    (11, &[Event::WaitForSupplier]),
    (3, &[Event::WaitForSupplier, Event::WaitForCustomer]),
];

const CAUSES: [(u32, &str); 6] =
    [(31, "Anwendung"), (22, "Bedienung"), (15, "Hardware"), (13, "Netz"), (15, "Lieferant"), (4, "Kundenverschulden")];

/// A ticket being told.
pub(super) struct Story<'d> {
    desk: &'d Desk,
    random: Random,
    party: Party,
    pace: Pace<'d>,
    created: Instant,
    /// The last row's instant.
    at: Instant,
    slow_share: u32,
    rows: Vec<(Instant, Event)>,
}

/// The rows of a ticket of `party` that was created at `created`, in time order.
pub(super) fn tell(desk: &Desk, party: Party, created: Instant, mut random: Random) -> Vec<(Instant, Event)> {
    let service = random.pick(party.services(), Service::Workplace);
    let reported = weight(party, &mut random);
    // Some tickets turn out to be heavier or lighter than they were reported.
    let found = if random.chance(60) { weight(party, &mut random) } else { reported };
    let pace = desk.pace(party, Plan::of(party, service), found);
    let slow_share = slow_share(created.local(ZONE).month());
    let mut story = Story { desk, random, party, pace, created, at: created, slow_share, rows: Vec::new() };
    story.row(created, Event::Created { party, service, weight: reported });
    story.answer(desk.pace(party, Plan::of(party, service), heavier(reported, found)).response);
    if found != reported {
        let after = story.random.between(3, 40) * 60;
        story.go_on(pace.works_in, after, Event::Reassess { weight: found });
    }
    match story.random.pick(&FATES, Fate::Solved) {
        Fate::Open if story.may_stay_open() => story.work(pace.resolution / 4),
        Fate::Solved | Fate::Open => story.solve(),
        Fate::Cancelled => story.give_up(Event::Cancel),
        Fate::Merged => story.give_up(Event::Merge),
    }
    story.rows
}

fn heavier(a: Weight, b: Weight) -> Weight {
    let sum = |weight: Weight| [weight.0, weight.1].into_iter().map(|level: Level| level as u8).sum::<u8>();
    if sum(b) > sum(a) { b } else { a }
}

impl<'d> Story<'d> {
    /// A row at `at`, or just after the row before.
    fn row(&mut self, at: Instant, event: Event) {
        self.at = if self.rows.is_empty() { at } else { at.max(self.at.plus(SECOND)) };
        self.rows.push((self.at, event));
    }

    /// A row after so many seconds of open time.
    fn go_on(&mut self, calendar: &Calendar, seconds: i64, event: Event) {
        let at = later(calendar, self.at, seconds);
        self.row(at, event);
    }

    /// Most tickets take a part of the usual time, some a good deal more.
    fn share(&mut self, usual: i64, slow_share: u32) -> i64 {
        let percent = if self.random.chance(slow_share) {
            self.random.between(103, 150) + self.random.between(0, 50)
        } else {
            self.random.between(4, 44) + self.random.between(4, 44)
        };
        usual * percent / 100
    }

    fn answer(&mut self, usual: i64) {
        if self.random.chance(300) {
            let at = self.at.plus(self.random.between(4, 50) * SECOND);
            self.row(at, Event::Receipt);
        }
        let seconds = self.share(usual, self.slow_share / 2);
        let at = later(self.pace.answers_in, self.created, seconds);
        self.row(at, Event::Answer);
    }

    /// Work until `total` seconds of open time have gone since the creation, waits left out.
    fn work(&mut self, total: i64) {
        let works_in = self.pace.works_in;
        let used = works_in.open_between(self.created, self.at) / SECOND;
        let mut left = (total - used).max(self.random.between(240, 1_500));
        let waits = self.random.pick(&WAITS, &[]);
        for wait in waits {
            let part = left * self.random.between(10, 70) / 100;
            left -= part;
            self.go_on(works_in, part, *wait);
            self.wait(*wait);
        }
        if self.random.chance(250) {
            let part = left / 2;
            left -= part;
            self.go_on(works_in, part, Event::UpdateByAgent);
        }
        self.at = later(works_in, self.at, left);
    }

    /// Customers and suppliers keep office hours, too.
    fn wait(&mut self, wait: Event) {
        let office = self.desk.office(self.party);
        let doublings = if wait == Event::WaitForCustomer { 8 } else { 6 };
        let base = 900_i64 << self.random.below(doublings);
        let mut seconds = base + base * self.random.between(0, 99) / 100;
        if wait == Event::WaitForCustomer && self.random.chance(25) {
            seconds += self.random.between(80, 160) * HOUR / SECOND;
        }
        if wait == Event::WaitForCustomer && self.random.chance(400) {
            self.go_on(office, seconds, Event::UpdateByCustomer);
            seconds = self.random.between(30, 600);
        }
        self.go_on(office, seconds, Event::Work);
    }

    fn solve(&mut self) {
        let total = self.share(self.pace.resolution, self.slow_share);
        self.work(total);
        self.resolve();
        if self.random.chance(70) {
            self.reopen();
        }
        let at = self.at.plus(6 * DAY);
        self.row(at, Event::Close);
    }

    fn resolve(&mut self) {
        let cause = self.random.pick(&CAUSES, "Anwendung");
        self.row(self.at, Event::Resolve { cause });
    }

    /// Most come back soon, within the five days of the agreement; some after it was closed.
    fn reopen(&mut self) {
        let soon = self.random.chance(720);
        let hours = if soon { self.random.between(2, 110) } else { self.random.between(122, 300) };
        let at = self.at.plus(hours * HOUR + self.random.between(0, 3_599) * SECOND);
        if hours >= 144 {
            self.row(self.at.plus(6 * DAY), Event::Close);
        }
        let office = self.desk.office(self.party);
        let at = office.next_open(at).unwrap_or(at).plus(self.random.between(0, 7_200) * SECOND);
        self.row(at, Event::Reopen);
        let usual = if soon { self.pace.resolution / 3 } else { self.pace.resolution };
        let seconds = self.share(usual, self.slow_share);
        self.at = later(self.pace.works_in, self.at, seconds);
        self.resolve();
    }

    /// Nobody forgets a ticket for months, nor one that hurts for days.
    fn may_stay_open(&self) -> bool {
        let is_late_in_the_year = self.created.local(ZONE).ordinal() > 345;
        is_late_in_the_year && self.pace.resolution > 24 * HOUR / SECOND
    }

    fn give_up(&mut self, event: Event) {
        let seconds = self.pace.resolution * self.random.between(5, 60) / 100;
        self.go_on(self.pace.works_in, seconds, event);
    }
}

/// The instant after so many seconds of open time.
fn later(calendar: &Calendar, at: Instant, seconds: i64) -> Instant {
    let millis = seconds.saturating_mul(SECOND);
    calendar.earliest(calendar.count(at).saturating_add(millis)).unwrap_or(at.plus(millis))
}
