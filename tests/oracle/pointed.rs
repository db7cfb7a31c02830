//! Cases that were once wrong, or that chance seldom makes. Each is held against the walk as well.

use chrono::NaiveDateTime;
use klausel::outcome::{Judged, Outcome, Status};
use klausel::time::{HOUR, Instant, MINUTE};

use crate::compare::{Case, Desk, Tally, compare, plan};
use crate::draft::{Grain, Scenery};
use crate::history::{History, Row};

fn at(text: &str) -> i64 {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap().and_utc().timestamp_millis()
}

fn instant(text: &str) -> Option<Instant> {
    Some(Instant(at(text)))
}

/// `2025-03-07 17:50 created status=open`; a blank for the event where there is only a change.
fn row(line: &'static str) -> Row {
    let (when, rest) = line.split_at(16);
    let mut row = Row { at: at(when), changes: Vec::new(), event: None };
    for word in rest.split_whitespace() {
        match word.split_once('=') {
            Some((field, value)) => row.changes.push((field, Some(value))),
            None => row.event = Some(word),
        }
    }
    row
}

/// What the engine says of a ticket, after the walk has agreed.
fn judge(metric: &str, tiers: &str, rows: &[&'static str], as_of: &str) -> Judged {
    let agreement = format!(
        "calendar office {{ timezone \"UTC\" mon-fri 08:00-18:00 }}
         calendar night {{ timezone \"UTC\" mon-sun 22:00-06:00 }}
         calendar early {{ timezone \"UTC\" mon-sun 00:00-12:00 }}
         calendar small_hours is night and early
         agreement acme {{
             timezone \"UTC\"
             field status in (open, waiting, cancelled)
             field priority in (P1, P2, P3)
             field plan in (gold, silver)
             priority {{ P1, P2, P3 }}
             metric work {{ {metric} }}
             {tiers}
         }}"
    );
    let date = NaiveDateTime::parse_from_str(as_of, "%Y-%m-%d %H:%M").unwrap().date();
    let history = History { rows: rows.iter().map(|line| row(line)).collect(), as_of: at(as_of) };
    let scenery = Scenery { grain: Grain::Minute, zone: chrono_tz::UTC, date };
    let case = Case { scenery, agreement, histories: vec![history] };
    compare(&case, &mut Tally::default()).unwrap();
    let desk = Desk::new(&case);
    let calendars = klausel::engine::Calendars::new(&desk.plan);
    desk.judge(&calendars, 0, at(as_of)).unwrap()
}

fn only(judged: &Judged) -> &Outcome {
    assert_eq!(judged.clocks.len(), 1);
    &judged.clocks[0]
}

fn fired(judged: &Judged) -> Vec<Instant> {
    judged.steps.iter().map(|fired| fired.at).collect()
}

const PLAIN: &str = "starts on created stops on resolved";
const WAITS: &str = "starts on created stops on resolved pauses while status is waiting";

#[test]
fn a_list_of_priorities_and_a_calendar_by_name_are_read() {
    let plan = plan(
        "calendar office { mon-fri 08:00-18:00 }
         agreement acme {
             field priority in (P1, P2)
             field status in (open, waiting)
             priority { P1, P2 }
             metric work { starts on created stops on resolved pauses while status is waiting at most 4h in office }
             tier all { work { P1 4h in office, P2 1 service day in office } }
         }",
    );
    let version = &plan.agreements[0].versions[0];
    assert_eq!(version.priorities.names, ["P1", "P2"]);
    let office = version.tiers[0].targets[0].by_priority[0].1.as_ref().unwrap().calendar;
    assert_eq!(plan.calendars[usize::from(office.0)].name, "office");
    assert_eq!(version.metrics[0].pauses[0].cap.as_ref().unwrap().length.calendar, office);
}

#[test]
fn a_step_at_the_whole_target_fires_when_the_clock_is_judged_or_stopped_just_then() {
    let tiers = "tier all { work { any 2h } } escalate work { at 100% notify \"lead\" }";
    let rows = ["2025-03-03 09:00 created priority=P1"];
    assert_eq!(fired(&judge(PLAIN, tiers, &rows, "2025-03-03 11:00")), [Instant(at("2025-03-03 11:00"))]);
    let rows = ["2025-03-03 09:00 created priority=P1", "2025-03-03 11:00 resolved"];
    let judged = judge(PLAIN, tiers, &rows, "2025-03-03 12:00");
    assert_eq!(only(&judged).status, Status::Met);
    assert_eq!(fired(&judged), [Instant(at("2025-03-03 11:00"))]);
}

#[test]
fn a_step_fires_in_the_instant_of_a_pause_also_when_the_same_row_changes_the_priority() {
    let tiers = "tier all { work { P1 2h, any 4h } } escalate work { at 50% notify \"lead\" }";
    let rows = [
        "2025-03-03 09:00 created priority=P2 status=open",
        "2025-03-03 10:00 priority=P1 status=waiting",
        "2025-03-03 12:00 status=open",
    ];
    assert_eq!(fired(&judge(WAITS, tiers, &rows, "2025-03-03 12:30")), [Instant(at("2025-03-03 10:00"))]);
}

#[test]
fn a_clock_that_is_given_less_than_it_had_used_while_it_was_paused_is_breached_by_its_stop() {
    let tiers = "tier all { work { P1 2h, any 8h } } escalate work { at breach notify \"lead\" }";
    let rows = [
        "2025-03-03 09:00 created priority=P2 status=open",
        "2025-03-03 12:00 status=waiting",
        "2025-03-03 13:00 priority=P1",
        "2025-03-03 14:00 resolved",
    ];
    let paused = judge(WAITS, tiers, &rows, "2025-03-03 13:30");
    assert_eq!((only(&paused).status, only(&paused).breached_at), (Status::Running, None));
    let judged = judge(WAITS, tiers, &rows, "2025-03-03 15:00");
    let clock = only(&judged);
    assert_eq!((clock.status, clock.breached_at, clock.late_ms), (Status::Breached, instant("2025-03-03 14:00"), HOUR));
    assert_eq!(fired(&judged), [Instant(at("2025-03-03 14:00"))]);
}

#[test]
fn a_strict_clock_paused_just_as_it_is_used_up_is_breached_when_it_runs_on_or_stops() {
    let tiers = "tier all { work { any strictly within 2h } }";
    let rows = [
        "2025-03-03 09:00 created priority=P1 status=open",
        "2025-03-03 11:00 status=waiting",
        "2025-03-03 13:00 resolved",
    ];
    assert_eq!(only(&judge(WAITS, tiers, &rows[..2], "2025-03-03 12:00")).breached_at, None);
    assert_eq!(only(&judge(WAITS, tiers, &rows, "2025-03-03 14:00")).breached_at, instant("2025-03-03 13:00"));
    let rows = [rows[0], rows[1], "2025-03-03 12:00 status=open"];
    assert_eq!(only(&judge(WAITS, tiers, &rows, "2025-03-03 12:00")).breached_at, instant("2025-03-03 12:00"));
}

#[test]
fn a_change_of_tier_during_a_stop_is_not_taken_for_one_of_priority() {
    let metric = "starts on created stops on resolved reopens on reopened then resumes \
                  retargets from start on priority change retargets never on tier change";
    let tiers = "tier gold when plan is gold { work { any 2h } } tier silver { work { any 8h } }";
    let rows = [
        "2025-03-03 09:00 created priority=P1 plan=silver",
        "2025-03-03 10:00 resolved",
        "2025-03-03 11:00 plan=gold",
        "2025-03-03 12:00 reopened",
    ];
    assert_eq!(only(&judge(metric, tiers, &rows, "2025-03-03 13:00")).target_ms, 8 * HOUR);
    let both = metric.replace(" retargets never on tier change", "");
    assert_eq!(only(&judge(&both, tiers, &rows, "2025-03-03 13:00")).target_ms, 2 * HOUR);
}

#[test]
fn a_change_from_a_priority_without_a_target_breaches_at_the_change_and_not_before() {
    let tiers = "tier all { work { P1 2h, P2 8h } } escalate work { at 50% notify \"lead\" at breach notify \"boss\" }";
    let rows = ["2025-03-03 09:00 created priority=P3", "2025-03-03 12:00 priority=P1"];
    let judged = judge(PLAIN, tiers, &rows, "2025-03-03 13:00");
    let clock = only(&judged);
    assert_eq!((clock.breached_at, clock.due_at), (instant("2025-03-03 12:00"), instant("2025-03-03 12:00")));
    assert_eq!((clock.elapsed_ms, clock.late_ms), (4 * HOUR, 2 * HOUR), "time since the start counts");
    assert_eq!(fired(&judged), [Instant(at("2025-03-03 12:00")); 2]);
}

#[test]
fn a_change_to_a_priority_without_a_target_cancels_at_the_change() {
    let tiers = "tier all { work { P1 8h } }";
    let rows = ["2025-03-03 09:00 created priority=P1", "2025-03-03 12:00 priority=P3", "2025-03-03 15:00 resolved"];
    let judged = judge(PLAIN, tiers, &rows, "2025-03-03 18:00");
    let clock = only(&judged);
    assert_eq!((clock.status, clock.cancelled_at), (Status::Cancelled, instant("2025-03-03 12:00")));
    assert_eq!((clock.elapsed_ms, clock.stopped_at), (3 * HOUR, None));
    let rows = [rows[0], rows[1], "2025-03-03 14:00 priority=P1"];
    let judged = judge(PLAIN, tiers, &rows, "2025-03-03 16:00");
    assert_eq!(
        (only(&judged).status, only(&judged).elapsed_ms),
        (Status::Running, 7 * HOUR),
        "as though it had had it"
    );
}

#[test]
fn a_stop_before_a_moved_start_keeps_its_own_instant() {
    let metric = "starts on created at the next opening of office stops on resolved
                  reopens on reopened within 2h then resumes, otherwise new cycle";
    let tiers = "tier all { work { any 4h } }";
    let rows = ["2025-03-01 10:00 created priority=P1", "2025-03-01 11:00 resolved"];
    let judged = judge(metric, tiers, &rows, "2025-03-01 12:00");
    let clock = only(&judged);
    assert_eq!((clock.status, clock.stopped_at), (Status::Met, instant("2025-03-01 11:00")));
    assert_eq!(clock.started_at, Instant(at("2025-03-03 08:00")));
    assert_eq!(clock.due_at, instant("2025-03-03 12:00"));
    // The window of the reopen is counted from the stop too.
    let late = [rows[0], rows[1], "2025-03-01 13:01 reopened"];
    assert_eq!(judge(metric, tiers, &late, "2025-03-01 14:00").clocks.len(), 2);
    let soon = [rows[0], rows[1], "2025-03-01 13:00 reopened"];
    let judged = judge(metric, tiers, &soon, "2025-03-03 09:00");
    assert_eq!((only(&judged).status, only(&judged).elapsed_ms), (Status::Running, HOUR));
}

#[test]
fn a_clock_that_runs_on_under_a_condition_that_cancels_it_is_cancelled_at_once() {
    let metric =
        "starts on created stops on resolved reopens on reopened then resumes cancels when status is cancelled";
    let tiers = "tier all { work { any 4h } }";
    let rows = [
        "2025-03-03 09:00 created priority=P1 status=open",
        "2025-03-03 10:00 resolved",
        "2025-03-03 11:00 status=cancelled",
        "2025-03-03 12:00 reopened",
    ];
    assert_eq!(only(&judge(metric, tiers, &rows[..3], "2025-03-03 11:30")).status, Status::Met);
    let judged = judge(metric, tiers, &rows, "2025-03-03 13:00");
    assert_eq!((only(&judged).status, only(&judged).cancelled_at), (Status::Cancelled, instant("2025-03-03 12:00")));
}

#[test]
fn a_deadline_ends_at_its_own_close_until_it_is_retargeted_or_paused() {
    let tiers = "tier all { hours office work { P1 by end of next service day, P2 by end of 2nd service day } }";
    let created = "2025-03-03 10:00 created priority=P1 status=open";
    let due = |rows: &[&'static str], as_of| only(&judge(WAITS, tiers, rows, as_of)).due_at;
    assert_eq!(due(&[created], "2025-03-03 11:00"), instant("2025-03-04 18:00"));
    let retargeted = ["2025-03-03 10:00 created priority=P2 status=open", "2025-03-03 11:00 priority=P1"];
    assert_eq!(due(&retargeted, "2025-03-03 12:00"), instant("2025-03-05 08:00"));
    let paused = [created, "2025-03-03 19:00 status=waiting", "2025-03-03 20:00 status=open"];
    assert_eq!(due(&paused[..2], "2025-03-03 19:30"), instant("2025-03-04 18:00"), "as though it had gone on");
    assert_eq!(due(&paused, "2025-03-03 21:00"), instant("2025-03-05 08:00"));
}

#[test]
fn a_clock_paused_before_its_deadline_gets_a_new_due_instant_even_when_nothing_is_left() {
    // Started at an opening: the target ends at the next one, and all of it is counted by the close before.
    let tiers = "tier all { hours office work { any 1 service day } }";
    let rows = [
        "2025-03-03 08:00 created priority=P1 status=open",
        "2025-03-03 20:00 status=waiting",
        "2025-03-04 10:00 status=open",
    ];
    assert_eq!(only(&judge(WAITS, tiers, &rows[..1], "2025-03-03 19:00")).due_at, instant("2025-03-04 08:00"));
    let judged = judge(WAITS, tiers, &rows, "2025-03-04 11:00");
    let clock = only(&judged);
    assert_eq!((clock.due_at, clock.breached_at), (instant("2025-03-04 10:00"), instant("2025-03-04 10:00")));
    assert_eq!(clock.paused_ms, 2 * HOUR);
}

#[test]
fn a_clock_that_a_pause_has_never_let_run_has_no_due_instant() {
    let tiers = "tier all { work { any 4h } }";
    let rows = ["2025-03-03 09:00 created priority=P1 status=waiting", "2025-03-03 10:00 resolved"];
    assert_eq!(only(&judge(WAITS, tiers, &rows[..1], "2025-03-03 09:30")).due_at, None);
    assert_eq!(only(&judge(WAITS, tiers, &rows, "2025-03-03 11:00")).due_at, None);
}

#[test]
fn a_fresh_target_before_a_moved_start_begins_with_the_start() {
    let metric = "starts on created at the next opening of office stops on resolved retargets from now";
    let tiers = "tier all { hours office work { P1 1 service day, P2 4h } }";
    let rows = ["2025-03-01 10:00 created priority=P2", "2025-03-01 11:00 priority=P1"];
    let judged = judge(metric, tiers, &rows, "2025-03-03 09:00");
    assert_eq!((only(&judged).target_ms, only(&judged).elapsed_ms), (10 * HOUR, HOUR));
}

#[test]
fn two_calendars_that_call_one_night_by_two_dates_still_have_service_days() {
    // Open from 22:00 to 06:00 and from midnight to noon: both from midnight to 06:00, in the night of the day before.
    let tiers = "tier all { work { any 1 service day in small_hours } }";
    let rows = ["2025-03-04 01:30 created priority=P1"];
    let judged = judge(PLAIN, tiers, &rows, "2025-03-04 02:00");
    assert_eq!(only(&judged).due_at, instant("2025-03-05 01:30"));
    assert_eq!(only(&judged).target_ms, 6 * HOUR);
}

#[test]
fn a_gap_that_counts_makes_a_clock_due_in_it_and_breached_by_the_reopen() {
    let metric = "starts on created stops on resolved reopens on reopened then resumes counting the gap";
    let tiers = "tier all { work { any 4h } }";
    let rows = ["2025-03-03 09:00 created priority=P1", "2025-03-03 10:00 resolved", "2025-03-03 15:00 reopened"];
    let judged = judge(metric, tiers, &rows, "2025-03-03 15:30");
    let clock = only(&judged);
    assert_eq!((clock.due_at, clock.breached_at), (instant("2025-03-03 13:00"), instant("2025-03-03 15:00")));
    assert_eq!(clock.late_ms, 2 * HOUR + 30 * MINUTE);
}

#[test]
fn lateness_on_another_calendar_ends_with_the_stop_of_a_clock_that_a_reopen_restarts() {
    let metric = "starts on created stops on resolved reopens on reopened then restarts late in always";
    let tiers = "tier all { work { any 1h } }";
    let rows = ["2025-03-03 09:00 created priority=P1", "2025-03-03 12:00 resolved", "2025-03-03 15:00 reopened"];
    let judged = judge(metric, tiers, &rows, "2025-03-03 15:30");
    assert_eq!((judged.clocks[0].status, judged.clocks[0].late_ms), (Status::Cancelled, 2 * HOUR));
    assert_eq!(
        (judged.clocks[1].status, judged.clocks[1].started_at),
        (Status::Running, Instant(at("2025-03-03 15:00")))
    );
}

#[test]
fn a_cap_in_service_days_is_found_at_the_first_pause() {
    let metric = "starts on created stops on resolved pauses while status is waiting at most 1 service day in office";
    let tiers = "tier all { hours office work { any 20h } }";
    let rows = ["2025-03-03 09:00 created priority=P1 status=open", "2025-03-03 16:00 status=waiting"];
    let judged = judge(metric, tiers, &rows, "2025-03-05 12:00");
    let clock = only(&judged);
    // From Monday 16:00 to Tuesday 16:00 are ten open hours; then the clock runs on.
    assert_eq!((clock.paused_ms, clock.elapsed_ms), (10 * HOUR, 13 * HOUR));
}

#[test]
fn the_later_of_two_starts_counts_and_a_cycle_waits_for_both_again() {
    let metric = "starts on later of (created, assigned) stops on resolved repeats until closed";
    let tiers = "tier all { work { any 4h } }";
    let rows = [
        "2025-03-03 09:00 created priority=P1",
        "2025-03-03 10:00 assigned",
        "2025-03-03 11:00 resolved",
        "2025-03-03 12:00 assigned",
    ];
    let judged = judge(metric, tiers, &rows, "2025-03-03 13:00");
    assert_eq!(only(&judged).started_at, Instant(at("2025-03-03 10:00")));
}

#[test]
fn a_due_instant_that_only_a_stop_has_seen_stands_after_a_reopen() {
    let metric = "starts on created stops on resolved pauses while status is waiting reopens on reopened then resumes";
    let tiers = "tier all { work { P1 1h, P2 4h } }";
    let rows = [
        "2025-03-03 09:00 created priority=P2 status=open",
        "2025-03-03 10:30 status=waiting",
        "2025-03-03 11:00 priority=P1",
        "2025-03-03 11:10 status=open",
        "2025-03-03 11:10 resolved",
        "2025-03-03 12:00 reopened",
    ];
    let clock = judge(metric, tiers, &rows, "2025-03-03 13:00");
    assert_eq!(
        (only(&clock).due_at, only(&clock).breached_at),
        (instant("2025-03-03 11:10"), instant("2025-03-03 11:10"))
    );
}

#[test]
fn steps_that_passed_while_a_clock_was_stopped_are_judged_after_all_facts_of_the_reopening() {
    let metric = "starts on created stops on resolved reopens on reopened then resumes";
    let tiers = "tier all { work { any 1h } }
        escalate work { every 30m in always after breach when status is open notify \"desk\" }";
    let rows = [
        "2025-03-03 09:00 created priority=P1 status=waiting",
        "2025-03-03 10:10 resolved",
        "2025-03-03 11:15 reopened",
        "2025-03-03 11:15 status=open",
    ];
    let told = fired(&judge(metric, tiers, &rows, "2025-03-03 11:20"));
    assert_eq!(told, [at("2025-03-03 10:30"), at("2025-03-03 11:00")].map(Instant));
}

#[test]
fn a_breach_that_a_stop_has_seen_keeps_its_due_instant_through_a_pause_of_the_same_instant() {
    let metric = "starts on created stops on resolved pauses while status is waiting reopens on reopened then resumes";
    let tiers = "tier all { work { P1 1h, P2 4h } }";
    let rows = [
        "2025-03-03 09:00 created priority=P2 status=open",
        "2025-03-03 11:00 resolved priority=P1",
        "2025-03-03 11:00 reopened status=waiting",
        "2025-03-03 11:30 status=open",
    ];
    let clock = judge(metric, tiers, &rows, "2025-03-03 12:00");
    assert_eq!(
        (only(&clock).due_at, only(&clock).breached_at),
        (instant("2025-03-03 11:00"), instant("2025-03-03 11:00"))
    );
}

#[test]
fn a_run_without_length_that_a_stop_ended_says_nothing_of_a_clock_that_a_pause_holds_next() {
    let metric = "starts on created stops on resolved pauses while status is waiting reopens on reopened then resumes";
    let tiers = "tier all { hours office work { any by end of next service day } }";
    let rows = [
        "2025-03-03 09:00 created priority=P1 status=open",
        "2025-03-03 09:01 resolved",
        "2025-03-03 09:02 reopened",
        "2025-03-03 09:02 resolved",
        "2025-03-03 09:02 reopened status=waiting",
    ];
    assert_eq!(only(&judge(metric, tiers, &rows, "2025-03-03 09:02")).due_at, instant("2025-03-04 18:00"));
}

#[test]
fn a_gap_without_length_leaves_no_due_instant_to_a_clock_that_a_pause_holds() {
    let metric = "starts on created stops on resolved pauses while status is waiting
        reopens on reopened then resumes counting the gap";
    let tiers = "tier all { work { P1 1h, P2 4h } }";
    let rows = [
        "2025-03-03 09:00 created priority=P2 status=open",
        "2025-03-03 10:00 status=waiting",
        "2025-03-03 10:30 resolved priority=P1",
        "2025-03-03 10:30 reopened",
    ];
    // The last running stretch ended at 10:00. Had it gone on, the hour would have been used up just then.
    let paused = judge(metric, tiers, &rows, "2025-03-03 10:45");
    assert_eq!((only(&paused).due_at, only(&paused).breached_at), (instant("2025-03-03 10:00"), None));
}

#[test]
fn a_breach_by_a_stop_and_a_gap_without_length_keep_the_due_instant_of_the_last_run() {
    let metric = "starts on created stops on resolved pauses while status is waiting
        reopens on reopened then resumes counting the gap";
    let tiers = "tier all { work { P1 1h, P2 4h } }";
    let rows = [
        "2025-03-03 09:00 created priority=P2 status=open",
        "2025-03-03 10:15 status=waiting",
        "2025-03-03 10:30 resolved priority=P1",
        "2025-03-03 10:30 reopened",
    ];
    let paused = judge(metric, tiers, &rows, "2025-03-03 10:45");
    let clock = only(&paused);
    assert_eq!((clock.due_at, clock.breached_at), (instant("2025-03-03 10:15"), instant("2025-03-03 10:30")));
    assert_eq!(clock.late_ms, 15 * MINUTE);
}

#[test]
fn of_a_target_that_leaves_no_time_all_is_used_when_its_share_is_carried_over() {
    let metric = "starts on created stops on resolved pauses while status is waiting
        retargets in proportion on priority change";
    let tiers = "tier all { hours night work { P1 by 05:00 next service day, P2 4h } }
        escalate work { at 50% notify \"desk\" }";
    // Tuesday at 05:30 is still Monday's night, and 05:00 on Tuesday, the next service day, has passed.
    let rows = [
        "2025-03-04 05:30 created priority=P1 status=waiting",
        "2025-03-04 05:40 priority=P2",
        "2025-03-04 05:45 status=open",
    ];
    assert_eq!(only(&judge(metric, tiers, &rows[..1], "2025-03-04 05:35")).target_ms, 0);
    let judged = judge(metric, tiers, &rows, "2025-03-04 06:00");
    let clock = only(&judged);
    assert_eq!((clock.target_ms, clock.elapsed_ms), (4 * HOUR, 4 * HOUR + 15 * MINUTE));
    assert_eq!((clock.due_at, clock.breached_at), (instant("2025-03-04 05:45"), instant("2025-03-04 05:45")));
    assert_eq!(fired(&judged), [Instant(at("2025-03-04 05:45"))]);
}

#[test]
fn a_paused_service_day_target_is_as_late_as_its_pause_makes_it_when_it_is_compared() {
    let metric = "starts on created stops on resolved pauses while status is waiting
        retargets from now on priority change only if stricter";
    let tiers = "tier all { hours office work { P1 16h, P2 8h, P3 strictly within 2 service days in office } }";
    let rows = [
        "2025-03-03 06:00 created priority=P3 status=open",
        "2025-03-03 06:01 status=waiting",
        "2025-03-03 12:01 status=open priority=P1",
    ];
    // Unpaused the old target ends on Wednesday at 08:00. The pause took 4h1m of service time, so it ends at 12:01; 16 hours
    // from Monday 12:01 on end on Wednesday at 08:01, which is stricter.
    let clock = judge(metric, tiers, &rows, "2025-03-03 12:30");
    assert_eq!((only(&clock).target_ms, only(&clock).due_at), (16 * HOUR, instant("2025-03-05 08:01")));
}
