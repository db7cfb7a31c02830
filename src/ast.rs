//! What a text says, as a tree: names unresolved, every node with its place.
//!
//! Statements of later editions of the program are in the grammar already; here they are [`Later`], so that the checker
//! can refuse them by name.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Weekday};

use crate::money::Fraction;
use crate::source::{Span, Spanned};
use crate::time::Millis;

/// A name with its place.
pub type Name = Spanned<String>;
/// A text with its place, without its quotes.
pub type Text = Spanned<String>;

/// A file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct File {
    /// Its declarations, in the order written.
    pub items: Vec<Item>,
    /// How its statements lie in each other, broken ones too; what the formatter goes by.
    pub layout: Vec<Piece>,
}

/// A statement's place, and its body's where it has one in braces.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// From its first character to its last, closing brace included.
    pub span: Span,
    /// The statements in its braces.
    pub body: Option<Body>,
}

/// What stands between a statement's braces.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// From the opening brace to the closing one.
    pub span: Span,
    /// The statements.
    pub pieces: Vec<Piece>,
}

/// A declaration of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// `edition 2026`
    Edition(Spanned<i64>),
    /// `use "path"`
    Use(Text),
    /// `source …`
    Source(Source),
    /// `holidays …`
    Holidays(Holidays),
    /// `calendar …`
    Calendar(Calendar),
    /// `agreement …` and `template …`
    Agreement(Agreement),
    /// `test …`
    Test(Test),
    /// `plugin …`
    Plugin(Plugin),
}

/// A statement that this program parses but does not run yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Later {
    /// What it is, as messages name it.
    pub what: String,
    /// Where.
    pub span: Span,
}

// -- plugins

/// `plugin NAME from "file" { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Plugin {
    /// Its name.
    pub name: Name,
    /// Its file, relative to the one that says so.
    pub path: Text,
    /// Its lines.
    pub lines: Vec<Spanned<PluginLine>>,
    /// The whole declaration.
    pub span: Span,
}

/// A line of a plugin.
#[derive(Debug, Clone, PartialEq)]
pub enum PluginLine {
    /// `fuel 2_000_000`
    Fuel(Spanned<i64>),
    /// `memory 16 MiB`, in bytes.
    Memory(Spanned<u64>),
    /// `deadline 10s`
    Deadline(Spanned<Millis>),
    /// `sha256 "…"`
    Sha256(Text),
    /// `kind credit`
    Kind(Name),
    /// `takes weight number, floor money`: names, and what each is.
    Takes(Vec<(Name, Name)>),
}

/// `fair_credit(weight: 1.5, floor: 50 EUR)`
#[derive(Debug, Clone, PartialEq)]
pub struct PluginCall {
    /// The plugin.
    pub plugin: Name,
    /// What it is given.
    pub arguments: Vec<(Name, Spanned<ArgumentValue>)>,
    /// Where.
    pub span: Span,
}

/// What an argument says.
#[derive(Debug, Clone, PartialEq)]
pub enum ArgumentValue {
    /// A number or a percentage, as its fraction.
    Number(Fraction),
    /// An amount.
    Money(Money),
    /// Milliseconds.
    Duration(Millis),
    /// A word, a text or a date.
    Text(String),
}

// -- sources

/// `source NAME { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Its name.
    pub name: Name,
    /// Its lines.
    pub lines: Vec<Spanned<SourceLine>>,
}

/// A line of a source.
#[derive(Debug, Clone, PartialEq)]
pub enum SourceLine {
    /// `format csv`
    Format(Name),
    /// `separator ";"`
    Separator(Text),
    /// `rows from "a[].b[]"`
    RowsFrom(Text),
    /// `one row per ticket`, `outage`, `claim`, `charge` or `announcement`
    OneRowPer(Name),
    /// `each row is a snapshot`
    Snapshot,
    /// `unordered`
    Unordered,
    /// `ticket column "x"`
    Ticket(Text),
    /// `at column "x" …`
    At(InstantColumn),
    /// `event column "x" { … }`
    Event(EventColumn),
    /// `event NAME at column "x" …`
    EventAt(Name, InstantColumn),
    /// `first row is NAME`
    FirstRow(Name),
    /// `field NAME column "x" { … }`
    Field(FieldColumn),
    /// `missing "?", ""`
    Missing(Vec<Text>),
    /// `service column "x"`
    Service(Text, Vec<Mapping>),
    /// `from column "x" …`
    From(InstantColumn),
    /// `to column "x" …`
    To(InstantColumn),
    /// `clause column "x"`
    Clause(Text),
    /// `period column "x"`
    Period(Text),
    /// `amount column "x"`
    Amount(Text),
    /// `currency column "x"`
    Currency(Text),
    /// `customer column "x"`
    Customer(Text, Vec<Mapping>),
}

/// `column "x" as "form" in "zone" later`
#[derive(Debug, Clone, PartialEq)]
pub struct InstantColumn {
    /// The column.
    pub column: Text,
    /// How it is written.
    pub form: Option<Text>,
    /// In which zone.
    pub zone: Option<Text>,
    /// Which of two repeated times: `earlier` or `later`.
    pub repeated: Option<Name>,
}

/// The column that says what happened.
#[derive(Debug, Clone, PartialEq)]
pub struct EventColumn {
    /// The column.
    pub column: Text,
    /// Only rows with these cells speak of events here.
    pub when: Vec<CellIs>,
    /// What its values mean.
    pub values: Vec<Mapping>,
}

/// `column "field" is "status" or "state"`
#[derive(Debug, Clone, PartialEq)]
pub struct CellIs {
    /// The column.
    pub column: Text,
    /// One of these is in it.
    pub texts: Vec<Text>,
}

/// `field NAME column "x" when column "field" is "status" was column "old" now column "status" { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct FieldColumn {
    /// The field.
    pub name: Name,
    /// The column.
    pub column: Text,
    /// Only rows with these cells speak of the field.
    pub when: Vec<CellIs>,
    /// What it was before such a row.
    pub was: Option<Text>,
    /// What it is when the export is made; it has been so from the creation on where no row changes it.
    pub now: Option<Text>,
    /// What its values mean.
    pub values: Vec<Mapping>,
}

/// An entry of a map: what a value means.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    /// The values; none is `otherwise`.
    pub values: Vec<Text>,
    /// What they mean.
    pub meanings: Vec<Meaning>,
    /// Where.
    pub span: Span,
}

/// What a value means.
#[derive(Debug, Clone, PartialEq)]
pub enum Meaning {
    /// `is NAME`
    Is(Name),
    /// `sets FIELD VALUE`
    Sets(Name, Name),
    /// `ignored`
    Ignored,
    /// `kept`
    Kept,
}

// -- calendars

/// `holidays NAME { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Holidays {
    /// Its name.
    pub name: Name,
    /// Its rules.
    pub rules: Vec<HolidayRule>,
}

/// One holiday.
#[derive(Debug, Clone, PartialEq)]
pub struct HolidayRule {
    /// Which date.
    pub date: HolidayDate,
    /// Days added.
    pub shift: i64,
    /// First and last years.
    pub years: Vec<(Option<i32>, Option<i32>)>,
    /// Where it is observed.
    pub observed: Vec<Observed>,
    /// Its label.
    pub label: Option<Text>,
    /// Where.
    pub span: Span,
}

/// Which date a holiday is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum HolidayDate {
    /// `12-25`
    Yearly(u32, u32),
    /// `easter`
    Easter,
    /// `3rd mon of jan`
    Nth(u8, Weekday, u32),
    /// `last mon of may`
    Last(Weekday, u32),
    /// `wed before 11-23`
    Before(Weekday, u32, u32),
    /// `mon after 05-24`
    After(Weekday, u32, u32),
    /// `2025-06-10`
    Once(NaiveDate),
}

/// `observed next mon when sat or sun`
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// The weekday.
    pub on: Weekday,
    /// After the date.
    pub next: bool,
    /// When it falls on one of these.
    pub when: Vec<Weekday>,
}

/// `calendar NAME { … }` or `calendar NAME is a and b`
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    /// Its name.
    pub name: Name,
    /// What it says.
    pub body: CalendarBody,
}

/// What a calendar says.
#[derive(Debug, Clone, PartialEq)]
pub enum CalendarBody {
    /// Lines in braces.
    Lines(Vec<Spanned<CalendarLine>>),
    /// Two calendars or more, joined by `and` (true) or `or` (false).
    Joined(bool, Vec<Name>),
}

/// A line of a calendar.
#[derive(Debug, Clone, PartialEq)]
pub enum CalendarLine {
    /// `timezone "Europe/Berlin"`
    Timezone(Text),
    /// `mon-thu 08:00-12:00, 12:30-18:00`
    Week(WeekLine),
    /// `closed on holidays NAME`
    ClosedOnHolidays(Vec<Name>),
    /// `closed on holidays "feed.ics"`
    Feed(Text),
    /// `closed on 2025-12-24 12:00-24:00`
    Closed(Dates),
    /// `open on 2025-12-07 09:00-13:00`
    Open(Dates),
    /// `during A..B { … }`
    During(NaiveDate, Option<NaiveDate>, Vec<WeekLine>),
    /// `week odd { … }` (true) or `week even { … }`
    Alternate(bool, Vec<WeekLine>),
}

/// Weekdays and their spans, in seconds of the day.
#[derive(Debug, Clone, PartialEq)]
pub struct WeekLine {
    /// The weekdays.
    pub days: Vec<Weekday>,
    /// From and to.
    pub spans: Vec<(u32, u32)>,
    /// Where.
    pub span: Span,
}

/// Dates, or parts of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Dates {
    /// The first.
    pub first: NaiveDate,
    /// The last.
    pub last: NaiveDate,
    /// Parts of each; none: all.
    pub spans: Vec<(u32, u32)>,
}

// -- agreements

/// `agreement NAME … { … }` or `template NAME … { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// Its name.
    pub name: Name,
    /// A template cannot be run on its own.
    pub is_template: bool,
    /// What it extends.
    pub extends: Option<Name>,
    /// Its statements.
    pub statements: Vec<Statement>,
    /// The whole clause.
    pub span: Span,
}

/// What a statement does to an inherited one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modifier {
    /// It is new.
    None,
    /// It takes the place of an inherited one.
    Override,
    /// It drops an inherited one.
    Remove,
}

/// A statement of an agreement.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What it does to an inherited one.
    pub modifier: Modifier,
    /// What it says.
    pub kind: StatementKind,
    /// The place in the paper contract, without the sign.
    pub mark: Option<Text>,
    /// Where.
    pub span: Span,
    /// Its first words, up to the opening brace.
    pub head: Span,
}

/// `supplier NAME from "file" { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Supplier {
    /// Its name, and that of its agreement where the file has several.
    pub name: Name,
    /// The file of its own agreement.
    pub path: Text,
    /// Its lines.
    pub lines: Vec<Spanned<SupplierLine>>,
}

/// What a supplier's block says.
#[derive(Debug, Clone, PartialEq)]
pub enum SupplierLine {
    /// `covers tickets when C`; no condition: all of them.
    Covers(Option<Condition>),
    /// `lead 20%`, as a share of the customer's target.
    Lead(Fraction),
    /// `recover …`
    Recover(Recover),
}

/// What a supplier pays back.
#[derive(Debug, Clone, PartialEq)]
pub enum Recover {
    /// `by margin(share: 80%)`
    By(PluginCall),
    /// An amount.
    Amount(Amount),
}

/// What a statement of an agreement says.
#[derive(Debug, Clone, PartialEq)]
pub enum StatementKind {
    /// `title`, `contract`, `provider`, `customer`: the word and its text.
    Fact(String, Text),
    /// `effective A..B`
    Effective(NaiveDate, Option<NaiveDate>),
    /// `timezone "…"`
    Timezone(Text),
    /// `currency EUR`
    Currency(Name),
    /// `kind customer`
    Kind(Name),
    /// `fee [of SERVICE] MONEY per PERIOD`
    Fee(Option<Name>, Money, Spanned<Period>),
    /// `fee [of SERVICE] from charges`
    FeeFromCharges(Option<Name>),
    /// `review every N months`
    Review(Spanned<i64>),
    /// `months begin on day N`
    MonthsBegin(Spanned<i64>),
    /// `beside NAME`
    Beside(Vec<Name>),
    /// `counted by created`
    CountedBy(Name),
    /// `versioned by breach`
    VersionedBy(Name),
    /// `tickets from NAME`
    TicketsFrom(Name),
    /// `applies when C`
    Applies(Condition),
    /// `field NAME in (…)`
    Field(Name, Vec<Name>),
    /// `priority { P1 when C … }`
    PriorityRules(Vec<PriorityRule>),
    /// `priority { P1, P2 }`
    PriorityField(Vec<Name>),
    /// `priority by PLUGIN(…)`
    PriorityBy(PluginCall),
    /// `supplier NAME from "file" { … }`
    Supplier(Supplier),
    /// `metric NAME { … }`
    Metric(Name, Vec<Spanned<MetricLine>>),
    /// `tier NAME extends T when C { … }`
    Tier(Tier),
    /// `override tier NAME METRIC { … }`
    TierTargets(Name, Targets),
    /// `exclude tickets when C`
    ExcludeTickets(Condition),
    /// `exclude outages when C`
    ExcludeOutages(Condition),
    /// `exclude time A..B as KIND "why"`
    ExcludeTime(ExcludedTime),
    /// `excluded time shortens the agreed time` (true) or `counts as up`
    ExcludedTimeCounts(bool),
    /// `maintenance "name" { … }`
    Maintenance(Text, Vec<Spanned<MaintenanceLine>>),
    /// `availability of SERVICE when C { … }`
    Availability(Availability),
    /// `service mail "Hosted mail" 3 EUR per mailbox per month`: its name and its text.
    Service(Name, Option<Text>),
    /// `outages from NAME`
    OutagesFrom(Name),
    /// `empty counts as met` (true) or `missed`
    EmptyCounts(Name),
    /// `escalate METRIC when C { … }`
    Escalate(Name, Option<Condition>, Vec<Step>),
    /// `penalty NAME { … }` and `incentive NAME { … }`
    Clause(Clause),
    /// `consequences of NAME when C { … }`
    Consequences(Consequences),
    /// `claims from NAME`
    ClaimsFrom(Name),
    /// `charges from NAME`
    ChargesFrom(Name),
    /// `announcements from NAME`
    AnnouncementsFrom(Name),
    /// `claim within 30 days after the period`
    Claim(Claim),
    /// `cap penalties at AMOUNT per PERIOD`; true where it says `carried over`.
    Cap(Amount, Spanned<Period>, bool),
    /// `pay only above AMOUNT per PERIOD`
    PayOnlyAbove(Amount, Option<Spanned<Period>>),
    /// `raise to at least AMOUNT per PERIOD`
    RaiseTo(Amount, Option<Spanned<Period>>),
    /// `combine penalties by …`
    Combine(Spanned<Combine>),
    /// `round half up to 0.01 EUR`
    Round(Spanned<RoundingWord>, Money),
    /// `allow CODE "why"`
    Allow(Name, Text),
    /// `amend from DATE "text" { … }`
    Amend(Amendment),
    /// `remove` and what is known by these words.
    Removed(Vec<Name>),
    /// Parsed, and refused by the checker.
    Later(Later),
}

/// `amend from DATE "text" { … }` and `amend for A..B "text" { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Amendment {
    /// The day from whose midnight on it holds.
    pub first: NaiveDate,
    /// The last day of a season; none: it holds on.
    pub last: Option<NaiveDate>,
    /// The words that say when.
    pub dates: Span,
    /// What it is called.
    pub title: Option<Text>,
    /// What it changes.
    pub statements: Vec<Statement>,
}

/// `exclude time A..B as KIND "why"`
#[derive(Debug, Clone, PartialEq)]
pub struct ExcludedTime {
    /// The first instant.
    pub from: Spanned<Moment>,
    /// The instant after the last; none: no end. A date ends after its last day.
    pub to: Option<Spanned<Moment>>,
    /// What it is called.
    pub kind: Option<Name>,
    /// Why.
    pub why: Option<Text>,
}

/// `availability of SERVICE when C { … }`: how it is measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Availability {
    /// The service.
    pub service: Name,
    /// Which outages count.
    pub when: Option<Condition>,
    /// Its lines.
    pub lines: Vec<Spanned<AvailabilityLine>>,
}

/// A line of an availability.
#[derive(Debug, Clone, PartialEq)]
pub enum AvailabilityLine {
    /// `hours office`
    Hours(Name),
    /// `promise 99.9% per month`
    Promise(Spanned<Fraction>, Spanned<Period>),
    /// `ignore outages shorter than 5m`, or (true) `of at most 5m`
    Ignore(Millis, bool),
    /// `join outages less than 10m apart`
    Join(Millis),
    /// `down when all of (a, b)`
    DownAll(Vec<Name>),
    /// `down when any of (a, b)`
    DownAny(Vec<Name>),
    /// `down when C`
    DownWhen(Condition),
    /// `excluded time shortens the agreed time` (true) or `counts as up`
    ExcludedTime(bool),
    /// `over 720h`
    Over(Millis),
    /// `count whole minutes`
    WholeMinutes,
    /// `round to 2 decimals`
    Decimals(Spanned<i64>),
    /// `despite maintenance` (true) or `despite exclusions`
    Despite(bool),
    /// `measured from tickets when C` (true) or `measured from outages`
    MeasuredFrom(bool, Option<Condition>),
}

/// A line of a maintenance window.
#[derive(Debug, Clone, PartialEq)]
pub enum MaintenanceLine {
    /// `every month on first sun 02:00-06:00`
    Every(Recurrence),
    /// `2025-03-01 22:00..2025-03-02 04:00`
    Once(Spanned<Moment>, Option<Spanned<Moment>>),
    /// `timezone "Europe/Berlin"`
    Timezone(Text),
    /// `count only if announced 48h before`, in milliseconds.
    Announced(Spanned<Millis>),
}

/// `every 2 weeks on sat, sun 02:00-06:00`
#[derive(Debug, Clone, PartialEq)]
pub struct Recurrence {
    /// Of what.
    pub every: Every,
    /// On these weekdays.
    pub weekdays: Vec<Weekday>,
    /// Which of a month's: 1 to 5, -1 for the last; none: all.
    pub nth: Option<i8>,
    /// On this day of the month.
    pub day: Option<u32>,
    /// At these times of the day, in seconds since midnight.
    pub spans: Vec<(u32, u32)>,
}

/// How often something recurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    /// `every day`
    Day,
    /// `every N weeks`
    Weeks(u32),
    /// `every N months`
    Months(u32),
}

/// `P1 when C`, `P4 otherwise`
#[derive(Debug, Clone, PartialEq)]
pub struct PriorityRule {
    /// The priority.
    pub name: Name,
    /// The place in the paper contract, where it has one of its own.
    pub mark: Option<Text>,
    /// None is `otherwise`.
    pub when: Option<Condition>,
    /// Where.
    pub span: Span,
}

/// An event with a condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    /// The event.
    pub event: Name,
    /// The condition.
    pub when: Option<Condition>,
    /// Where.
    pub span: Span,
}

/// A line of a metric.
#[derive(Debug, Clone, PartialEq)]
pub enum MetricLine {
    /// `starts on a, b` or `starts on later of (a, b)`, moved to the next opening of a calendar.
    Starts(Vec<Trigger>, bool, Option<Name>),
    /// `stops on …`
    Stops(Vec<Trigger>),
    /// `pauses while …`
    Pauses(Pause),
    /// `reopens on … within D then R, otherwise R`
    Reopens(Reopens),
    /// `cancels when C`
    CancelsWhen(Condition),
    /// `cancels on …`
    CancelsOn(Vec<Trigger>),
    /// `retargets …`
    Retargets(Retargets),
    /// `repeats [from the stop] [until …]`
    Repeats(bool, Vec<Trigger>),
    /// `target T`
    Target(Spanned<Target>),
    /// `late in CALENDAR`
    LateIn(Name),
    /// `counted by created`
    CountedBy(Name),
    /// `despite maintenance` (true) or `despite exclusions`
    Despite(bool),
    /// Parsed, and refused by the checker.
    Later(Later),
}

/// `pauses while C until E only after E at most D each time`
#[derive(Debug, Clone, PartialEq)]
pub struct Pause {
    /// The place in the paper contract, where it has one of its own.
    pub mark: Option<Text>,
    /// While this holds.
    pub when: Condition,
    /// Until this event.
    pub until: Option<Trigger>,
    /// Only after this event.
    pub only_after: Option<Trigger>,
    /// At most so long.
    pub at_most: Option<Spanned<Target>>,
    /// Each time anew.
    pub each_time: bool,
}

/// `reopens on … within D then R, otherwise R`
#[derive(Debug, Clone, PartialEq)]
pub struct Reopens {
    /// The events.
    pub on: Vec<Trigger>,
    /// The window in wall time.
    pub within: Option<Spanned<Millis>>,
    /// What happens in it.
    pub then: Spanned<ReopenRule>,
    /// What happens after it.
    pub otherwise: Option<Spanned<ReopenRule>>,
}

/// What a reopen does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReopenRule {
    /// `resumes`
    Resumes,
    /// `resumes counting the gap`
    ResumesCountingTheGap,
    /// `restarts`
    Restarts,
    /// `new cycle`
    NewCycle,
    /// `ignored`
    Ignored,
}

/// `retargets from start on priority change only if stricter`
#[derive(Debug, Clone, PartialEq)]
pub struct Retargets {
    /// How.
    pub rule: RetargetRule,
    /// On which change: `priority`, `tier`; none: both.
    pub on: Option<Name>,
    /// `only if stricter`
    pub only_if_stricter: bool,
}

/// How a new target is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetargetRule {
    /// `from start`
    FromStart,
    /// `from now`
    FromNow,
    /// `in proportion`
    InProportion,
    /// `never`
    Never,
}

/// `tier NAME extends T when C { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Tier {
    /// Its name.
    pub name: Name,
    /// What it extends.
    pub extends: Option<Name>,
    /// Whom it is for.
    pub when: Option<Condition>,
    /// Its lines, each with what it does to an inherited one.
    pub lines: Vec<(Modifier, Spanned<TierLine>)>,
}

/// A line of a tier.
#[derive(Debug, Clone, PartialEq)]
pub enum TierLine {
    /// `hours § 2 office`
    Hours(Name, Option<Text>),
    /// `response { P1 15m, … }`
    Targets(Targets),
    /// `promise § 2.4 95% of resolution per month`
    Promise(Spanned<Fraction>, Name, Spanned<Period>, Option<Text>),
    /// `remove response`, `remove promise`
    Removed(Vec<Name>),
    /// Parsed, and refused by the checker.
    Later(Later),
}

/// `response { P1 15m, P3 none, any 4h }`
#[derive(Debug, Clone, PartialEq)]
pub struct Targets {
    /// The metric.
    pub metric: Name,
    /// The place in the paper contract, where it has one of its own.
    pub mark: Option<Text>,
    /// By priority; `any` is the one without a name.
    pub entries: Vec<TargetEntry>,
    /// Where.
    pub span: Span,
}

/// `P1 15m`
#[derive(Debug, Clone, PartialEq)]
pub struct TargetEntry {
    /// The priority; none is `any`.
    pub priority: Option<Name>,
    /// The target; none is `none`.
    pub target: Option<Target>,
    /// Where.
    pub span: Span,
}

/// A target, or the length of a pause.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Its form.
    pub form: TargetForm,
    /// `in CALENDAR`
    pub calendar: Option<Name>,
    /// `strictly within`
    pub strict: bool,
    /// Where.
    pub span: Span,
}

/// The form of a target.
#[derive(Debug, Clone, PartialEq)]
pub enum TargetForm {
    /// `4h`; true where it is written in days.
    Duration(Millis, bool),
    /// `4h moved to the next service day in office`
    Moved(Millis, Name),
    /// `2 service days`
    ServiceDays(u32),
    /// `by end of 2nd service day`
    EndOfServiceDay(u32),
    /// `by 17:00 next service day`
    TimeOnServiceDay(u32, NaiveTime),
}

/// A step of an escalation.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// When it fires.
    pub at: StepAt,
    /// A condition.
    pub when: Option<Condition>,
    /// What is announced: the verb, and to whom or what.
    pub actions: Vec<(Name, Name)>,
    /// Where.
    pub span: Span,
    /// The words that say when.
    pub words: Span,
}

/// When a step fires.
#[derive(Debug, Clone, PartialEq)]
pub enum StepAt {
    /// `at 50%`
    Share(Fraction),
    /// `at breach`
    Breach,
    /// `30m in always before breach`
    Before(Millis, Option<Name>),
    /// `1h after breach`
    After(Millis, Option<Name>),
    /// `every 1h after breach at most 3 times`
    Every(Millis, Option<Name>, Option<u32>),
}

// -- clauses

/// `penalty NAME { … }` or `incentive NAME { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    /// Its name.
    pub name: Name,
    /// A penalty, or an incentive.
    pub is_penalty: bool,
    /// `when C` in its header.
    pub when: Option<Condition>,
    /// The value that it is settled for, where it is settled once for each of a list.
    pub each: Option<Each>,
    /// Its lines.
    pub lines: Vec<Spanned<ClauseLine>>,
}

/// One of the values that a clause is settled for.
#[derive(Debug, Clone, PartialEq)]
pub struct Each {
    /// The field; `service` where it stands for a service.
    pub of: Name,
    /// The value.
    pub value: Name,
    /// It is a service that is measured, and no field of tickets.
    pub is_service: bool,
}

impl Clause {
    /// Whether it yields points, and no money.
    pub fn yields_points(&self) -> bool {
        self.lines.iter().filter_map(|line| line.value.amount()).any(Amount::is_points)
    }

    /// The figure that it measures.
    pub fn measure(&self) -> Option<&Measure> {
        self.lines.iter().find_map(|line| match &line.value {
            ClauseLine::Per(_, measure, ..) => Some(measure),
            _ => None,
        })
    }

    /// The service that it looks at.
    pub fn service(&self) -> Option<&str> {
        self.lines.iter().find_map(|line| match &line.value {
            ClauseLine::ForEachOutage(name, ..) => Some(name.value.as_str()),
            ClauseLine::Per(_, measure, ..) => measure.service(),
            _ => None,
        })
    }
}

/// `with at least N tickets`
pub type Volume = Option<Spanned<i64>>;

/// A line of a clause.
#[derive(Debug, Clone, PartialEq)]
pub enum ClauseLine {
    /// `for each breach of METRIC when C with at least N tickets`
    ForEachBreach(Name, Option<Condition>, Volume),
    /// `for each outage of SERVICE when C with at least N tickets`
    ForEachOutage(Name, Option<Condition>, Volume),
    /// `for each ticket when C with at least N tickets`
    ForEachTicket(Option<Condition>, Volume),
    /// `for each FIELD in (…) when C`, beside `per PERIOD on MEASURE`
    ForEachValue(Name, Vec<Name>, Option<Condition>),
    /// `per PERIOD on MEASURE when C with at least N tickets`
    Per(Spanned<Period>, Measure, Option<Condition>, Volume),
    /// A row of bands with what follows.
    Band(Band),
    /// `credit AMOUNT`, `bonus AMOUNT`
    Amount(Amount),
    /// `earn back …`, `extend term …` that no band leads to.
    Unbanded(Owed),
    /// `capped § 7.1 at AMOUNT per ticket`
    Capped(Amount, Spanned<CapScope>, Option<Text>),
    /// `except when C`
    Except(Condition),
    /// `counted by created`
    CountedBy(Name),
    /// `claim within 30 days after the period`
    Claim(Claim),
    /// `on failure credit AMOUNT`: what is owed where a plugin fails.
    OnFailure(Amount),
    /// Parsed, and refused by the checker.
    Later(Later),
}

impl ClauseLine {
    /// The amount that is owed by this line; a cap's is none.
    pub fn amount(&self) -> Option<&Amount> {
        match self {
            ClauseLine::Amount(amount) => Some(amount),
            ClauseLine::Band(band) => band.owed.amount(),
            _ => None,
        }
    }
}

/// What follows from a band.
#[derive(Debug, Clone, PartialEq)]
pub enum Owed {
    /// `credit AMOUNT`, `bonus AMOUNT`
    Amount(Amount),
    /// `earn back 50% of penalty NAME`
    ShareBack(Spanned<Fraction>, Name),
    /// `earn back AMOUNT`
    AmountBack(Amount),
    /// `extend term by 1 month`
    Extend(Spanned<i64>, TermUnit),
}

impl Owed {
    /// Its amount, where it does not depend on what was charged before.
    pub fn amount(&self) -> Option<&Amount> {
        match self {
            Owed::Amount(amount) | Owed::AmountBack(amount) => Some(amount),
            Owed::ShareBack(..) | Owed::Extend(..) => None,
        }
    }
}

/// In what a longer term is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermUnit {
    /// `months`
    Months,
    /// `days`
    Days,
}

/// `below 95% for 3 months in a row credit 5% of fee`
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// The place in the paper contract, where it has one of its own.
    pub mark: Option<Text>,
    /// One bound, or two.
    pub bounds: Vec<Bound>,
    /// What it asks of more than one period.
    pub run: Option<Run>,
    /// What follows.
    pub owed: Owed,
}

/// `claim within 30 days after the period, unclaimed pays nothing`
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// The place in the paper contract, where it has one of its own.
    pub mark: Option<Text>,
    /// How long one may be made.
    pub until: Spanned<ClaimUntil>,
    /// After each breach or outage, and not after the period.
    pub after_each: bool,
    /// `unclaimed pays nothing`
    pub unclaimed_pays_nothing: bool,
}

/// How long a claim may be made.
#[derive(Debug, Clone, PartialEq)]
pub enum ClaimUntil {
    /// `within 30 days`
    Length(Millis),
    /// `within 5 service days in office`
    ServiceDays(u32, Option<Name>),
    /// `by end of 2nd month`
    EndOfMonth(u32),
}

/// `consequences of NAME when C { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Consequences {
    /// The metric, or the service.
    pub of: Name,
    /// Which breaches and clocks are looked at.
    pub when: Option<Condition>,
    /// Its steps.
    pub rungs: Vec<Rung>,
}

/// `3 breaches in 3 months then "improvement plan"`
#[derive(Debug, Clone, PartialEq)]
pub struct Rung {
    /// When it is reached.
    pub reached: Reached,
    /// What follows; `termination right` is those words.
    pub then: Name,
    /// For how long it may be used, where it is a right that expires.
    pub expires: Option<Spanned<Millis>>,
    /// Where.
    pub span: Span,
}

/// When a consequence is reached.
#[derive(Debug, Clone, PartialEq)]
pub enum Reached {
    /// `3 breaches in 3 calendar months`: how many, in how many, of what, and whether these are cut.
    Breaches(Spanned<i64>, Spanned<i64>, Name, bool),
    /// `attainment below 85% for 2 months in a row`
    Band(Measure, Vec<Bound>, Option<Run>),
}

/// What a band asks of more than one period.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// What it asks.
    pub kind: RunKind,
    /// Where.
    pub span: Span,
}

/// What a band asks of more than one period.
#[derive(Debug, Clone, PartialEq)]
pub enum RunKind {
    /// `for 3 months in a row`: how many, and the word for the periods.
    InARow(Spanned<i64>, Name),
    /// `in 3 of 6 months`: how many, of how many, and the word for the periods.
    Of(Spanned<i64>, Spanned<i64>, Name),
    /// `within 2 months after penalty NAME`
    After(Spanned<i64>, Name),
}

/// A figure of a period.
#[derive(Debug, Clone, PartialEq)]
pub enum Measure {
    /// `attainment of METRIC`
    Attainment(Name),
    /// `breaches of METRIC`
    Breaches(Name),
    /// `availability of SERVICE`
    Availability(Name),
    /// `downtime of SERVICE`
    Downtime(Name),
    /// `outages of SERVICE`
    Outages(Name),
    /// `mean of METRIC`, `total of FIELD` and their like.
    Statistic(Statistic, Name),
    /// `tickets`
    Tickets(Span),
    /// `reopened tickets`
    ReopenedTickets(Span),
    /// `share of tickets when C`
    ShareOfTickets(Condition),
    /// `points of (CLAUSE, CLAUSE)`
    Points(Vec<Name>),
    /// `mean over 3 months of …`, or (true) `total over …`
    Over(bool, Spanned<i64>, Box<Measure>),
    /// `by PLUGIN(…)`
    By(PluginCall),
}

impl Measure {
    /// The service that it is of, where it is a figure of one period.
    pub fn service(&self) -> Option<&str> {
        match self {
            Measure::Availability(name) | Measure::Downtime(name) | Measure::Outages(name) => Some(&name.value),
            Measure::Over(_, _, of) => of.service(),
            _ => None,
        }
    }

    /// The clauses whose points it is of.
    pub fn points_of(&self) -> &[Name] {
        match self {
            Measure::Points(clauses) => clauses,
            Measure::Over(_, _, of) => of.points_of(),
            _ => &[],
        }
    }
}

/// What is made of many values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// Their sum over their number.
    Mean,
    /// Their sum.
    Total,
    /// The least value that so many per cent do not exceed: `median` is 50.
    Percentile(u8),
    /// The largest.
    Longest,
}

/// `below 95%`
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// `below`, `at most`, `at least`, `above`
    pub comparison: Comparison,
    /// The value: a percentage as its fraction, a duration in milliseconds.
    pub value: Fraction,
    /// How it is written.
    pub form: FigureForm,
    /// Where.
    pub span: Span,
}

/// How two figures compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `below`, `<`
    Below,
    /// `at most`, `<=`
    AtMost,
    /// `at least`, `>=`
    AtLeast,
    /// `above`, `>`
    Above,
}

/// An amount.
#[derive(Debug, Clone, PartialEq)]
pub struct Amount {
    /// What it is.
    pub kind: AmountKind,
    /// Where.
    pub span: Span,
}

/// What an amount is.
#[derive(Debug, Clone, PartialEq)]
pub enum AmountKind {
    /// `2% of fee per started hour late after 1h in proportion to FIELD of FIELD`
    Rate(Fraction, Base, Option<Unit>, Option<Proportion>),
    /// `50 EUR per ticket`
    Money(Money, Option<Unit>, Option<Proportion>),
    /// `3 points per breach`
    Points(Fraction, Option<Unit>),
    /// `greatest of (A, B)`
    Greatest(Vec<Amount>),
    /// `least of (A, B)`
    Least(Vec<Amount>),
    /// `sum of (A, B)`
    Sum(Vec<Amount>),
    /// `by PLUGIN(…)`
    By(PluginCall),
    /// Parsed, and refused by the checker.
    Later(Later),
}

impl Amount {
    /// Whether it is of points, and no money.
    pub fn is_points(&self) -> bool {
        match &self.kind {
            AmountKind::Points(..) => true,
            AmountKind::Greatest(all) | AmountKind::Least(all) | AmountKind::Sum(all) => {
                all.iter().any(Amount::is_points)
            }
            _ => false,
        }
    }
}

/// `in proportion to FIELD of FIELD`
#[derive(Debug, Clone, PartialEq)]
pub struct Proportion {
    /// The part.
    pub part: Name,
    /// The whole.
    pub whole: Name,
}

/// What a rate is of.
#[derive(Debug, Clone, PartialEq)]
pub enum Base {
    /// `fee`, `fee of mail`
    Fee(Option<Name>),
    /// `monthly fee`, `monthly fee of mail`
    MonthlyFee(Option<Name>),
    /// `yearly fee`, `yearly fee of mail`
    YearlyFee(Option<Name>),
    /// `all fees`
    AllFees,
    /// `fee of previous month`
    PreviousMonth,
    /// `fee of next month`
    NextMonth,
    /// `fee from charges`: what is charged, where the agreement's fee is.
    Charges,
    /// `price of the downtime`
    PriceOfDowntime(Span),
    /// `price of 30 days`
    PriceOf(Millis),
    /// A field with an amount of money.
    Field(Name),
    /// Parsed, and refused by the checker.
    Later(Later),
}

/// `started hour late after 1h`
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// `started`, `completed`, `pro rata`, `nearest`
    pub part: Option<Part>,
    /// The unit.
    pub of: UnitOf,
    /// `late`, `down`, `short`
    pub word: Option<Name>,
    /// `after 1h`
    pub free: Option<Spanned<Millis>>,
    /// Where.
    pub span: Span,
}

/// What a part of a unit counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `started`
    Started,
    /// `completed`
    Completed,
    /// `pro rata`
    ProRata,
    /// `nearest`
    Nearest,
    /// `nearest, ties up`
    NearestTiesUp,
}

/// A unit.
#[derive(Debug, Clone, PartialEq)]
pub enum UnitOf {
    /// `hour`, `30m`
    Time(Millis),
    /// `day`, `week`: wall time.
    WallTime(Millis),
    /// `date`
    Date,
    /// `0.1%`
    Share(Fraction),
    /// `breach`
    Breach,
    /// `ticket`
    Ticket,
    /// `outage`
    Outage,
}

/// Over what a clause's cap is shared.
#[derive(Debug, Clone, PartialEq)]
pub enum CapScope {
    /// `breach`
    Breach,
    /// `ticket`
    Ticket,
    /// `outage`
    Outage,
    /// A period.
    Period(Period),
}

/// A period.
#[derive(Debug, Clone, PartialEq)]
pub enum Period {
    /// `day`
    Day,
    /// `week`
    Week,
    /// `month`
    Month,
    /// `quarter`
    Quarter,
    /// `year`
    Year,
    /// `contract year`
    ContractYear,
    /// `4 months`
    Months(u32),
    /// Parsed, and refused by the checker.
    /// `any 30 days`: so many days that end with any day.
    AnyDays(u32),
    /// Parsed, and refused by the checker: its words.
    Later(String),
}

/// How penalties come together.
#[derive(Debug, Clone, PartialEq)]
pub enum Combine {
    /// `sum`
    Sum,
    /// `greatest`
    Greatest,
    /// `greatest per ticket`
    GreatestPerTicket,
    /// `first`
    First,
    /// `greatest of (sum of (a, b), c)`
    Nested(CombinePart),
}

/// A part of a nested combination.
#[derive(Debug, Clone, PartialEq)]
pub enum CombinePart {
    /// A penalty.
    Clause(Name),
    /// `sum of (…)`
    Sum(Vec<CombinePart>),
    /// `greatest of (…)`
    Greatest(Vec<CombinePart>),
    /// `first of (…)`
    First(Vec<CombinePart>),
}

/// Which way to round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoundingWord {
    /// `half up`
    HalfUp,
    /// `half even`
    HalfEven,
    /// `up`
    Up,
    /// `down`
    Down,
}

/// `12_500.00 EUR`
#[derive(Debug, Clone, PartialEq)]
pub struct Money {
    /// The amount.
    pub amount: Fraction,
    /// The currency's code.
    pub currency: Name,
}

// -- conditions

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// What it tests.
    pub test: Tested,
    /// Where.
    pub span: Span,
}

/// What a condition tests.
#[derive(Debug, Clone, PartialEq)]
pub enum Tested {
    /// `x is y`, `x in (…)`
    In(Name, Vec<Name>),
    /// `x is not y`, `x not in (…)`
    NotIn(Name, Vec<Name>),
    /// `x < 4`
    Compare(Name, Comparison, Spanned<Fraction>),
    /// `x is present`
    Present(Name),
    /// `x is not present`
    Absent(Name),
    /// `a and b`
    All(Vec<Condition>),
    /// `a or b`
    Any(Vec<Condition>),
    /// `not a`
    Not(Box<Condition>),
    /// `PLUGIN(…)`
    By(PluginCall),
}

// -- tests

/// `test "…" for NAME { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// Its sentence.
    pub name: Text,
    /// The agreement it tests.
    pub agreement: Name,
    /// Its lines.
    pub lines: Vec<Spanned<TestLine>>,
    /// The whole test.
    pub span: Span,
}

/// A line of a test.
#[derive(Debug, Clone, PartialEq)]
pub enum TestLine {
    /// `ticket T1 { customer "ACME" }`
    Ticket(Name, Vec<(Name, Name)>),
    /// `T1 2025-03-07 17:50 created { … }`
    Event(Option<Name>, Spanned<Moment>, Name, Vec<(Name, Name)>),
    /// `2025-03-07 19:00 sets status waiting_customer`
    Sets(Option<Name>, Spanned<Moment>, Vec<(Name, Name)>),
    /// `as of 2025-04-01`
    AsOf(Spanned<Moment>),
    /// `fee 6_300 EUR per month`
    Fee(Option<Name>, Money, Spanned<Period>),
    /// `outage of mail A..B { planned no }`
    Outage(Name, Spanned<Moment>, Option<Spanned<Moment>>, Vec<(Name, Name)>),
    /// `announcement of mail A..B at C`: for which service, what is announced, and when.
    Announcement(Option<Name>, Spanned<Moment>, Option<Spanned<Moment>>, Spanned<Moment>),
    /// `charge of mail 3_100 EUR in 2025-03`
    Charge(Option<Name>, Money, Text),
    /// `given attainment of resolution 96.5% of 1_000 in 2025-01`
    Given(Given),
    /// `expect …`
    Expect(Expectation),
    /// Parsed, and refused by the checker.
    Later(Later),
}

/// A figure that no history of a test gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// What it is of.
    pub measure: Measure,
    /// A share as its fraction, a time in milliseconds, an amount, or a number.
    pub value: Fraction,
    /// How it is written.
    pub form: FigureForm,
    /// Out of how many.
    pub of: Option<i64>,
    /// In which period.
    pub period: Text,
}

/// How a figure is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FigureForm {
    /// `96.5%`
    Percentage,
    /// `132m`
    Duration,
    /// `12.40 EUR`
    Money,
    /// `17`
    Number,
}

/// An instant as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A local date: its midnight.
    Date(NaiveDate),
    /// A local time.
    Local(NaiveDateTime),
    /// Milliseconds since 1970: a time with an offset.
    Utc(i64),
}

/// What a test expects.
#[derive(Debug, Clone, PartialEq)]
pub enum Expectation {
    /// `[T] METRIC met after D`. Where the clock has several cycles, two lines of one kind (`met`, `breached`, `running`,
    /// `cancelled`) mean two of them; which, does not matter.
    Clock(Option<Name>, Name, Verdict),
    /// `[T] priority P1` or `tier gold`: true for the priority.
    Reading(Option<Name>, bool, Name),
    /// `[T] escalation "x" at I`
    Escalation(Option<Name>, Text, Option<Spanned<Moment>>),
    /// `[T] no escalation "x"`
    NoEscalation(Option<Name>, Text),
    /// `[T] consequence "x" at I`
    Consequence(Option<Name>, Name, Option<Spanned<Moment>>),
    /// `[T] no consequence "x"`
    NoConsequence(Option<Name>, Name),
    /// `claim of X by DATE`
    Claim(Name, Spanned<NaiveDate>),
    /// `penalty X AMOUNT in PERIOD`: true for a penalty, false for an incentive.
    Amount(bool, Name, Money, Option<Text>),
    /// `fault CODE`: `check` finds it in the agreement's file, or the history cannot be judged because of it.
    Fault(Name),
    /// `penalties AMOUNT in PERIOD`: true for penalties, false for incentives.
    Total(bool, Money, Option<Text>),
    /// `attainment of METRIC 96.5% in PERIOD`, and the same of availability: the share, and the digits after the point of
    /// its percentage.
    Share(Measure, Fraction, u32, Text),
}

/// How a clock is expected to stand.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// `met after D`
    Met(Option<Millis>),
    /// `breached at I, late by D`
    Breached(Option<Spanned<Moment>>, Option<Millis>),
    /// `due at I`
    Due(Spanned<Moment>),
    /// `running`
    Running,
    /// `cancelled`
    Cancelled,
}
