//! Every phrase of the language, each in the smallest text that can hold it: it parses, and formatting keeps it.
#![expect(clippy::panic, reason = "a test says what it misses by failing")]

mod common;

/// A text round each phrase, for each kind of place.
fn in_context(context: &str, phrase: &str) -> String {
    let around = |before: &str, after: &str| format!("{before}\n{phrase}\n{after}\n");
    match context {
        "file" => format!("{phrase}\n"),
        "source" => around("source s {", "}"),
        "holidays" => around("holidays h {", "}"),
        "calendar" => around("calendar c {", "}"),
        "agreement" => around("agreement a {", "}"),
        "metric" => around("agreement a { metric m {", "} }"),
        "tier" => around("agreement a { tier t {", "} }"),
        "target" => format!("agreement a {{ tier t {{ m {{ P1 {phrase} }} }} }}\n"),
        "condition" => format!("agreement a {{ applies when {phrase} }}\n"),
        "maintenance" => around("agreement a { maintenance \"w\" {", "} }"),
        "availability" => around("agreement a { availability of mail {", "} }"),
        "escalation" => around("agreement a { escalate m {", "} }"),
        "clause" => around("agreement a { penalty p {", "} }"),
        "amount" => format!("agreement a {{ penalty p {{ credit {phrase} }} }}\n"),
        "measure" => format!("agreement a {{ penalty p {{ per month on {phrase} }} }}\n"),
        "consequences" => around("agreement a { consequences of m {", "} }"),
        "supplier" => around("agreement a { supplier s from \"s.sla\" {", "} }"),
        "test" => around("test \"t\" for a {", "}"),
        other => panic!("no context `{other}`"),
    }
}

fn holds(context: &str, phrases: &str) {
    let phrases: Vec<&str> = phrases.lines().map(str::trim).filter(|phrase| !phrase.is_empty()).collect();
    assert!(phrases.len() > 2, "{context} has phrases");
    let kept = |phrase: &&&str| std::panic::catch_unwind(|| common::formatted(&in_context(context, phrase))).is_ok();
    let lost: Vec<&&str> = phrases.iter().filter(|phrase| !kept(phrase)).collect();
    assert!(lost.is_empty(), "phrases of {context} that do not hold:\n{lost:#?}");
}

#[test]
fn files() {
    holds(
        "file",
        r#"
        edition 2026
        use "std/holidays/de.sla"
        plugin margin from "plugins/supplier_margin.rhai"
        plugin fair_credit from "plugins/fair_credit.wasm" { fuel 2_000_000 memory 16 MiB }
        plugin margin from "plugins/supplier_margin.rhai" { sha256 "00ff" }
        calendar both is office and customer_office
        calendar both is office or customer_office or always
        source s { format csv }
        holidays h { 01-01 "Neujahr" }
        template t { title "x" }
        agreement a extends t { title "x" }
        agreement a § 1 extends t {}
        agreement acme { kind supplier } agreement acme_night { beside acme }
        // a comment
        /* a comment */ edition 2026
        test "a sentence with a \"quote\" and a \\" for acme { as of 2025-04-01 }
        "#,
    );
}

#[test]
fn sources() {
    holds(
        "source",
        r#"
        format csv
        format jsonl
        format json
        format parquet
        format xlsx
        separator ";"
        rows from "changelog.histories[].items[]"
        one row per ticket
        one row per outage
        one row per charge
        one row per claim
        clause column "clause"
        each row is a snapshot
        unordered
        ticket column "case_id"
        at column "timestamp"
        at column "timestamp" as "%Y-%m-%d %H:%M:%S" in "Europe/Rome"
        at column "timestamp" in "Europe/Rome" later
        at column "timestamp" as "%d.%m.%Y" in "Europe/Rome" earlier
        event column "activity"
        event column "activity" { "Take in charge ticket" is first_response, "Wait" sets status waiting_customer, otherwise ignored }
        event column "activity" { "Wait" or "Wait - customer" sets status waiting and is wait, "x" ignored, otherwise kept }
        event created at column "Created time"
        event created at column "opened_at" as "%d/%m/%Y %H:%M" in "Europe/London" later
        first row is created
        field priority column "priority"
        field priority column "priority" { "1 - Critical" is P1, "2 - High" is P2, }
        field priority column "priority" { "1" is P1, otherwise is P4 }
        missing "?", ""
        missing "?"
        service column "component"
        from column "down_at"
        to column "up_at" in "Europe/Berlin"
        customer column "customer"
        period column "period"
        amount column "amount"
        "#,
    );
}

#[test]
fn lists_of_holidays() {
    holds(
        "holidays",
        r#"
        01-01 "Neujahr"
        01-01
        easter
        easter - 2 days "Karfreitag"
        easter + 1 day "Ostermontag"
        10-31 in 2017 "Reformationstag"
        01-20 in 2001, 2005, 2009..2012 "x"
        10-31 from 2018 "Reformationstag"
        10-31 from 2018 until 2020
        10-31 until 2020
        last mon of may from 2030
        last mon of may
        third mon of jan
        3rd mon of jan
        wed before 11-23
        mon after 05-24
        12-25 observed next mon when sat or sun
        01-01 observed prev fri when sat observed next mon when sun "New Year's Day"
        2025-06-10 "once"
        "#,
    );
}

#[test]
fn calendars() {
    holds(
        "calendar",
        r#"
        timezone "Europe/Berlin"
        mon-thu 08:00-12:00, 12:30-18:00
        fri 08:00-16:00
        mon, wed-fri 08:00-16:00
        mon-sun 00:00-24:00
        fri-mon 22:00-06:00
        closed on holidays bavaria
        closed on holidays bavaria, works
        closed on holidays "feed.ics"
        closed on 2025-12-24 12:00-24:00
        closed on 2025-12-24
        closed on 2025-12-24..2025-12-31
        closed on 2025-12-24..2025-12-31 12:00-13:00, 14:00-24:00
        open on 2025-12-07 09:00-13:00
        open on 2025-12-07
        during 2025-11-15..2025-12-23 { sat 09:00-15:00 }
        during 2025-11-15.. { sat 09:00-15:00 sun 09:00-12:00 }
        week odd { mon 08:00-12:00 }
        week even { mon-fri 08:00-12:00 sat 09:00-10:00 }
        "#,
    );
}

#[test]
fn statements_of_an_agreement() {
    holds(
        "agreement",
        r#"
        title "Managed Workplace, ACME GmbH"
        contract "MSA 2024-017"
        provider "Nordlicht IT GmbH"
        customer "ACME GmbH"
        effective 2025-01-01..2026-12-31
        effective 2025-01-01..
        timezone "Europe/Berlin"
        currency EUR
        kind customer
        kind internal
        fee 12_500 EUR per month
        fee 12_500.00 EUR per quarter
        fee § 2 12_500 EUR per year
        fee of mail 3_000 EUR per month
        fee from charges
        fee of mail from charges
        review every 6 months
        review every 1 month
        service mail "Hosted mail" 3 EUR per mailbox per month
        service mail "Hosted mail"
        service mail
        service mail § 4 "Hosted mail" 3 EUR per mailbox
        tickets from helpdesk
        outages from monitor
        charges from billing
        announcements from mails
        claims from letters
        applies when customer is "ACME"
        applies § 1 when customer is "ACME"
        field impact in (low, medium, high)
        months begin on day 15
        beside night_desk
        beside night_desk, works
        versioned by breach
        versioned by stopped
        counted by created
        counted by stopped
        empty counts as met
        empty counts as missed
        excluded time counts as up
        excluded time shortens the agreed time
        priority § 3 { P1 when impact is high and urgency is high P2 when impact is high P4 otherwise }
        priority { P1, P2, P3, P4 }
        priority by p(x: 1)
        priority § 3 by classify()
        metric update § 4.3 { starts on created stops on public_update }
        override metric resolution § 4.2 { starts on created stops on resolved }
        metric restore extends resolution { target 4h }
        tier gold § 2.1 when plan is "gold" { hours always }
        tier silver § 2.2 extends gold when plan is "silver" { override hours office }
        override tier gold resolution { P1 3h }
        override tier gold resolution § 2.1 { P1 3h, P3 none }
        maintenance "patch window" { every month on first sun 02:00-06:00 }
        maintenance patches § 3 { 2025-03-01 02:00..2025-03-01 06:00 }
        maintenance "x" { every month on first sun 02:00-06:00 count only if announced 48h before }
        exclude time 2025-06-03 14:00..2025-06-05 08:00 as force_majeure "flood, declared 2025-06-03"
        exclude time 2025-06-03..2025-06-05
        exclude time § 9 2025-06-03 14:00..
        exclude tickets when cause is customer_fault
        exclude tickets § 9.2 when cause in (customer_fault, force_majeure)
        exclude outages when planned is yes
        availability of mail § 5 { hours always promise 99.9% per month }
        availability of mail when region is eu { promise 99.9% per month }
        escalate resolution § 6 { at 50% notify "team lead" }
        escalate resolution when priority is P1 { at breach notify "cto" }
        penalty late_resolution § 7.1 { for each breach of resolution credit 50 EUR }
        penalty late_resolution § 7.1 when tier is gold { for each breach of resolution credit 50 EUR }
        penalty late_resolution § 7.1(b) { for each breach of resolution credit 50 EUR }
        penalty late_resolution § "Anhang B, Nr. 3" { for each breach of resolution credit 50 EUR }
        penalty late_resolution § 7,1 { for each breach of resolution credit 50 EUR }
        penalty late_resolution § 7.1-a/3:2;x { for each breach of resolution credit 50 EUR }
        penalty late_resolution §7.1 { for each breach of resolution credit 50 EUR }
        incentive excellence § 8.1 { per month on attainment of resolution at least 99% for 3 months in a row bonus 2% of fee }
        cap penalties § 7.9 at 25% of fee per month
        cap penalties at 15% of fee per year
        cap penalties at 15% of fee per contract year
        cap penalties at greatest of (15% of fee, 1_000 EUR) per 3 months
        cap penalties at 25% of fee per month carried over
        cap penalties at 25% of fee per month, carried over
        combine penalties by sum
        combine penalties by greatest
        combine penalties by greatest per ticket
        combine penalties by first
        combine penalties § 7.8 by greatest
        combine penalties by greatest of (sum of (a, b), c)
        combine penalties by sum of (a, greatest of (b, c))
        round half up to 0.01 EUR
        round half even to 1 EUR
        round up to 10 EUR
        round § 7.10 down to 0.05 CHF
        pay only above 50 EUR
        pay only above 1% of fee
        raise to at least 10 EUR
        consequences of resolution § 9 { 1 breach in 1 month then warning }
        supplier cloudbackup § 11 from "suppliers/cloudbackup.sla" { lead 20% }
        budget of resolution by team { l1 1h, l2 3h }
        budget of resolution § 12 by team { l1 1h, l2 2 service days in office }
        amend from 2025-07-01 "Addendum 1" { override fee 13_000 EUR per month }
        amend for 2025-11-15..2025-12-23 "Christmas" { override tier gold resolution { P1 3h } }
        amend from 2025-07-01 § 1 "Addendum 1" { remove fee of mail }
        amend from 2025-07-01 { allow unreachable_tier "why" }
        allow unreachable_tier "agreed so, see minutes"
        claim within 30 days after the period
        claim by end of 2nd month after the period
        claim by end of 2nd month after the period, unclaimed pays nothing
        claim within 30 days after the period, unclaimed pays nothing
        claim within 5 service days in office after each outage
        remove fee of mail
        remove fee
        remove penalty attainment
        remove incentive excellence
        remove escalate resolution
        remove availability of mail
        remove cap penalties per year
        remove cap penalties per contract year
        remove round
        remove combine penalties
        remove combine
        remove metric update
        remove tier gold
        remove priority
        remove consequences of resolution
        remove maintenance "patch window"
        remove budget of resolution
        remove supplier cloudbackup
        remove service mail
        remove field impact
        remove review
        remove applies
        remove title
        remove tickets
        remove beside
        remove effective
        remove timezone
        remove kind
        remove months begin
        remove counted by
        remove versioned by
        remove empty counts
        remove excluded time
        remove outages
        remove charges
        remove pay only
        remove raise
        remove claim
        override title "x"
        override effective 2025-01-01..
        override timezone "Europe/Berlin"
        override kind supplier
        override fee 13_000 EUR per month
        override fee of mail 1 EUR per month
        override priority { P1, P2 }
        override escalate resolution { at breach notify "x" }
        override penalty attainment { for each breach of resolution credit 50 EUR }
        override cap penalties at 10% of fee per month
        override combine penalties by sum
        override round half up to 0.01 EUR
        override applies when customer is "x"
        override tickets from other
        override availability of mail { promise 99% per month }
        override consequences of resolution { 1 breach in 1 month then warning }
        override maintenance "x" { every week on sun 02:00-06:00 }
        "#,
    );
}

#[test]
fn metrics() {
    holds(
        "metric",
        r#"
        starts on created
        starts § 1 on created
        starts on created, imported when origin is old
        starts on later of (created, approved when kind is change)
        starts on created at the next opening of desk_hours
        starts on later of (a, b) at the next opening of always
        stops on resolved
        stops on reply when author is agent and channel is not auto
        stops on resolved, closed
        pauses while status is waiting_customer
        pauses while status is waiting_customer at most 10 service days in office
        pauses while status is waiting_customer at most 4h each time
        pauses while status in (a, b) until reply when author is customer
        pauses while status is waiting only after first_response
        pauses while status is waiting until reply only after first_response at most 4h in office each time
        pauses § 4 while status is waiting or (kind is change and approved is no)
        pauses while p(x: 1)
        pauses while is_waiting()
        pauses while p(limit: 4h, of: "x") at most 10h
        reopens on reopened within 5 days then resumes, otherwise new cycle
        reopens on reopened then resumes counting the gap
        reopens on reopened, called_again when author is customer then restarts
        reopens on reopened within 5 days then ignored, otherwise restarts
        reopens on reopened within 48h then new cycle
        cancels when status in (cancelled, merged)
        cancels on deleted
        cancels on deleted when author is agent, merged
        retargets from start on priority change
        retargets from now on tier change
        retargets in proportion
        retargets from start only if stricter
        retargets from start on priority change only if stricter
        retargets never
        repeats until resolved
        repeats from the stop until resolved
        repeats
        repeats from the stop
        target 12h in office
        target strictly within 12h
        target by end of next service day in office
        late in always
        counted by created
        counted by stopped
        despite maintenance
        despite exclusions
        "#,
    );
}

#[test]
fn tiers() {
    holds(
        "tier",
        r#"
        hours always
        hours office
        hours § 2 office
        response { P1 15m, P2 30m, P3 4h, P4 8h }
        response { P1 15m, P3 none, any 4h }
        response { any 4h }
        response § 2.1 { any 4h, }
        resolution { P1 strictly within 4h, P2 4h in office }
        promise 95% of resolution per month
        promise 95% per month
        promise § 2.4 95% of resolution per contract year
        promise 99.95% of resolution per 3 months
        override hours office
        override response { P1 30m, P2 2h }
        override promise 90% of resolution per month
        remove response
        remove promise of resolution
        remove promise
        remove hours
        "#,
    );
}

#[test]
fn targets() {
    holds(
        "target",
        r#"
        15m
        1h30m
        7m5s
        500ms
        2d
        2 days
        1 day
        4h in office
        4h in always
        2 service days
        1 service day in office
        2 service days in office
        30 service days in always
        4h moved to the next service day in office
        4h in desk moved to the next service day in office
        by end of next service day in office
        by end of 2nd service day in office
        by end of next service day
        by 17:00 next service day in office
        by 17:00 2nd service day in office
        strictly within 4h
        strictly within 2 service days in office
        none
        "#,
    );
}

#[test]
fn conditions() {
    holds(
        "condition",
        r#"
        x is y
        x is "y"
        x is not y
        x in (a, b)
        x in (a, "b c", 3,)
        x not in (a, b)
        x < 4
        x <= 4.5
        x > -4
        x >= 1_000
        x is present
        x is not present
        not x is y
        not (x is y)
        x is y and z is w and v is u
        x is y or z is w or v is u
        (x is y and z is w) or v is u
        x is y and (z is w or not v in (u))
        ((x is y))
        p(x: 1)
        p(x: 1, y: "text", z: 50 EUR, u: 10%, v: 4h, w: 2025-01-01, t: name)
        p() and x is y
        status is resolved
        priority is P1
        x is 2025-01-01
        "#,
    );
}

#[test]
fn maintenance_windows() {
    holds(
        "maintenance",
        r#"
        every month on first sun 02:00-06:00
        every month on last sun 02:00-06:00
        every month on 2nd sat 22:00-02:00
        every month on day 15 02:00-06:00
        every week on sun 02:00-06:00
        every week on sat, sun 02:00-06:00, 22:00-23:00
        every 2 weeks on sun 02:00-06:00
        every 3 months on first sun 02:00-06:00
        every day 02:00-03:00
        2025-03-01 02:00..2025-03-01 06:00
        timezone "Europe/Berlin"
        count only if announced 48h before
        count only if announced 5 days before
        "#,
    );
}

#[test]
fn availabilities() {
    holds(
        "availability",
        r#"
        hours always
        hours office
        promise 99.9% per month
        promise § 5.1 99.9% per quarter
        ignore outages shorter than 5m
        ignore outages of at most 5m
        join outages less than 10m apart
        down when all of (a, b)
        down when any of (a, b)
        excluded time counts as up
        excluded time shortens the agreed time
        over 720h
        count whole minutes
        round to 2 decimals
        despite maintenance
        despite exclusions
        override promise 99% per month
        override hours office
        "#,
    );
}

#[test]
fn escalations() {
    holds(
        "escalation",
        r#"
        at 50% notify "team lead"
        at 75% notify "service manager", raise priority
        30m before breach notify "dispatcher"
        30m in always before breach notify dispatcher
        at breach notify "management", raise priority
        1h after breach notify "cto"
        1h in office after breach when priority is P1 notify "cto"
        every 1h after breach at most 3 times notify "cto"
        every 1h after breach notify "cto"
        every 30m in always after breach at most 3 times when priority is P1 notify "cto"
        at 50% when priority is P1 notify "team lead"
        2 days before breach notify "dispatcher"
        "#,
    );
}

#[test]
fn clauses() {
    holds(
        "clause",
        r#"
        for each breach of resolution
        for each breach of resolution when priority in (P1, P2)
        for each breach of resolution with at least 20 tickets
        for each outage of mail
        for each outage of mail when planned is no
        for each ticket
        for each ticket when priority is P1
        for each service in (a, b)
        for each site
        for each site in (berlin, jena)
        per month on attainment of resolution
        per month on attainment of resolution when tier is gold with at least 20 tickets
        per month on attainment of resolution with at least 20 tickets
        per month on breaches of resolution with at least 1 ticket
        per day on attainment of resolution
        per week on attainment of resolution
        per quarter on attainment of resolution
        per year on attainment of resolution
        per contract year on attainment of resolution
        per 3 months on attainment of resolution
        per any 30 days on breaches of resolution
        per 2 months on availability of mail when region is eu
        below 95% credit 5% of fee
        at most 95% credit 5% of fee
        at least 3 credit 5% of fee
        above 3 credit 50 EUR
        above 99.0% and at most 99.9% credit 5% of fee
        at least 95% and below 99% credit 5% of fee
        § 7.2(a) below 95% credit 5% of fee
        below 95% credit 3 points
        above 4h credit 5% of fee
        above 1_000 EUR credit 5% of fee
        below 95% for 3 months in a row credit 5% of fee
        below 95% for 2 quarters in a row credit 5% of fee
        below 95% in 3 of 6 months credit 5% of fee
        at least 97% within 2 months after penalty attainment earn back 50% of penalty attainment
        at least 97% within 2 months after attainment earn back 50% of penalty attainment
        at least 99% for 3 months in a row bonus 2% of fee
        at least 99% for 3 months in a row extend term by 1 month
        at least 99% extend term by 2 months
        credit 2% of fee per started hour late
        credit by fair_credit(weight: 1.5, floor: 50 EUR)
        bonus 2% of fee
        earn back 50% of penalty attainment
        extend term by 1 month
        capped at 10% of fee per ticket
        capped § 7.1 at 10% of fee per month
        capped at 1_000 EUR per outage
        capped at least of (10% of fee, 1_000 EUR) per contract year
        capped at 10% of fee per any 30 days
        except when cause is weather
        claim within 30 days after the period
        claim within 5 service days in office after each outage
        claim by end of 2nd month after the period
        claim within 5 days after each breach
        claim § 7.10 by end of next month after the period, unclaimed pays nothing
        on failure credit 50 EUR
        counted by created
        "#,
    );
}

#[test]
fn amounts() {
    holds(
        "amount",
        r#"
        2% of fee
        1/30 of fee
        2 times fee
        greatest of (10 times price of the downtime, 2 times fee of mail)
        2% of fee of mail
        2% of monthly fee
        2% of monthly fee of mail
        2% of yearly fee
        2% of all fees
        2% of fee of previous month
        2% of fee of next month
        10 times price of the downtime
        100% of price of the downtime
        100% of price of 30 days
        10 times price of 30 days
        5% of order_value
        50% of penalty attainment
        penalty attainment
        2% of fee from charges
        50 EUR
        50 EUR per ticket
        50 EUR per breach
        50.00 EUR per started hour late
        50 EUR per started 30m late after 1h
        2% of fee per completed hour late
        2% of fee per pro rata hour late
        2% of fee per nearest hour late
        2% of fee per nearest, ties up hour late
        2% of fee per nearest, ties up, hour late
        2% of fee per started day late
        2% of fee per date late
        2% of fee per started hour down
        2% of fee per started hour down after 30m
        2% of fee per started 0.1% short
        2% of fee per completed 0.1%
        2% of fee per started week late
        2% of fee per started minute late
        2% of fee per started hour late in proportion to affected_users of users
        50 EUR in proportion to affected_users of users
        40% of 10% of fee
        3 points
        1 point per breach
        1.5 points
        greatest of (2% of fee, 50 EUR)
        least of (2% of fee, 50 EUR per started hour late)
        sum of (2% of fee, greatest of (1 EUR, 2 EUR),)
        by fair_credit(weight: 1.5, floor: 50 EUR)
        by fair_credit()
        "#,
    );
}

#[test]
fn measures() {
    holds(
        "measure",
        r#"
        attainment of resolution
        breaches of resolution
        availability of mail
        downtime of mail
        outages of mail
        mean of resolution
        median of resolution
        p90 of resolution
        p95 of resolution
        p99 of resolution
        longest of resolution
        tickets
        reopened tickets
        share of tickets when satisfied is yes
        mean of score
        total of score
        points of (a, b)
        by figure(x: 1)
        mean over 3 months of attainment of resolution
        total over 12 months of downtime of mail
        mean over 3 months of share of tickets when satisfied is yes
        "#,
    );
}

#[test]
fn consequences() {
    holds(
        "consequences",
        r#"
        1 breach in 1 month then warning
        3 breaches in 3 months then "improvement plan"
        6 breaches in 6 months then renegotiation
        2 breaches in 2 calendar months then warning
        2 breaches in 1 calendar month then warning
        2 breaches in 30 days then warning
        2 breaches in 4 weeks then warning
        2 breaches in 1 day then warning
        9 breaches in 1 calendar quarter then warning
        20 breaches in 1 year then warning
        attainment below 85% for 2 months in a row then termination right for 30 days
        attainment below 85% then termination right
        attainment of response below 85% in 3 of 6 months then warning
        availability of mail below 99% then termination right for 28 days
        breaches above 10 then warning
        "#,
    );
}

#[test]
fn suppliers() {
    holds(
        "supplier",
        r#"
        covers tickets when service in (backup, restore)
        covers tickets
        lead 20%
        recover by margin(share: 80%)
        recover 80% of penalty late_resolution
        "#,
    );
}

#[test]
fn tests_and_expectations() {
    holds(
        "test",
        r#"
        ticket T1 { customer "ACME", plan "gold", impact high, urgency high }
        ticket T1 {}
        2025-03-07 17:50 created
        2025-03-07T17:50+01:00 created
        T2 2025-03-07 17:50 created
        T2 2025-03-07 17:50:30 created
        2025-03-07 18:00 reply { author agent, channel mail }
        2025-03-07 19:00 sets status waiting_customer
        2025-03-07 19:00 sets status waiting_customer, owner "l2"
        T2 2025-03-07 19:00 sets status waiting_customer
        outage of mail 2025-03-01 10:00..2025-03-01 12:12
        outage of mail 2025-03-01 10:00..2025-03-01 12:12 { planned no }
        outage of mail 2025-03-01 10:00..
        charge of mail 3_100 EUR in 2025-03
        tickets from "file.csv"
        outages from "file.csv"
        charges from "file.csv"
        announcement 2025-03-09 02:00..2025-03-09 06:00 at 2025-03-01 10:00
        announcement of mail 2025-03-09.. at 2025-03-01 10:00
        as of 2025-04-01
        as of 2025-04-01 12:00
        fee 6_300 USD per quarter
        fee of mail 6_300 USD per quarter
        given attainment of resolution 96.5% of 1_000 in 2025-01
        given attainment of resolution 96.5% in 2025-01
        given downtime of mail 132m in 2020-Q3
        given breaches of resolution 3 in 2020-W07
        given availability of mail 99.9% in 2020
        given mean of resolution 4h in 2020-01
        given tickets 30 in 2020-01
        given points 12 in 2020-01
        given fee 12_000 EUR in 2020-01
        expect response met after 10m
        expect response met
        expect resolution breached at 2025-03-07 21:50, late by 24h10m
        expect resolution breached at 2025-03-07 21:50
        expect resolution breached
        expect resolution breached late by 24h10m
        expect resolution due at 2025-03-07 21:50
        expect resolution running
        expect resolution cancelled
        expect T2 resolution met
        expect T2 resolution breached at 2025-03-07 21:50, late by 24h10m
        expect priority P1
        expect T2 priority P1
        expect tier gold
        expect T2 tier gold
        expect escalation "management" at 2025-03-07 21:50
        expect T2 escalation "management" at 2025-03-07 21:50
        expect escalation "management"
        expect no escalation "management"
        expect T2 no escalation "management"
        expect availability of mail 99.900362% in 2020-Q3
        expect attainment of resolution 96.5% in 2025-01
        expect penalty late_resolution 1_250.00 EUR
        expect penalty late_resolution 1_250.00 EUR in 2025-03
        expect penalties 1_250.00 EUR
        expect penalties 1_250.00 EUR in 2025-03
        expect incentive excellence 250 EUR
        expect incentives 250 EUR in 2025
        expect consequence "warning" at 2025-03-07 21:50
        expect consequence "warning"
        expect no consequence "warning"
        expect consequence warning
        expect consequence termination right at 2025-03-01
        expect T1 consequence "improvement plan" at 2025-03-07 21:50
        expect T1 consequence warning
        expect T1 no consequence "warning"
        expect no consequence termination right
        expect claim of late_resolution by 2025-04-30
        expect fault row_out_of_order
        "#,
    );
}
