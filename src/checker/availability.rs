//! Services: outages that can be told, promises that can be kept, time that can be agreed.

use crate::ast::{Availability, AvailabilityLine, Clause, ClauseLine, Measure, Name, Period, StatementKind};
use crate::diagnostic::Diagnostic;
use crate::money::whole;
use crate::plugin::Kind;
use crate::source::{Span, Spanned};

use super::condition::Sees;
use super::{Checker, Known};

impl Checker {
    pub(super) fn availability(&mut self, known: &Known<'_>, said: &Availability) {
        if let Some(condition) = &said.when {
            self.condition(known, condition, Sees::Fields);
        }
        for line in &said.lines {
            self.availability_line(known, said, line);
        }
        self.each_line_once(&said.lines);
    }

    fn availability_line(&mut self, known: &Known<'_>, said: &Availability, line: &Spanned<AvailabilityLine>) {
        match &line.value {
            AvailabilityLine::Hours(name) => self.calendar_name(known.scope, name),
            AvailabilityLine::Promise(share, period) => {
                self.period(known, period);
                if share.value > whole(1) {
                    let help = "write a share up to 100%";
                    self.error("bad_percentage", share.span, "more than 100 % cannot be kept", help);
                }
            }
            AvailabilityLine::DownWhen(condition) => self.condition(known, condition, Sees::Fields),
            AvailabilityLine::DownAll(parts) | AvailabilityLine::DownAny(parts) => self.parts(known, said, parts),
            AvailabilityLine::Over(0) => {
                let help = "write the agreed time, such as `over 720h`";
                self.error("bad_duration", line.span, "no service can be up in no time", help);
            }
            AvailabilityLine::Decimals(digits) if !(0..=9).contains(&digits.value) => {
                self.error("bad_number", digits.span, "so many decimals are not compared", "write 0 to 9");
            }
            AvailabilityLine::MeasuredFrom(true, when) => self.measured_from_tickets(known, said, line.span, when),
            _ => {}
        }
    }

    /// Tickets tell of an outage by their clocks, and of a service that is made of parts nothing.
    fn measured_from_tickets(
        &mut self,
        known: &Known<'_>,
        said: &Availability,
        span: Span,
        when: &Option<crate::ast::Condition>,
    ) {
        when.iter().for_each(|condition| self.condition(known, condition, Sees::All));
        if known.metrics.is_empty() {
            let message = "no clock says how long a ticket's outage lasts";
            let help = "add the metric that stops when the service is back, or say `measured from outages`";
            self.error("outage_without_clock", span, message, help);
        }
        let parts = |line: &&Spanned<AvailabilityLine>| {
            matches!(line.value, AvailabilityLine::DownAll(_) | AvailabilityLine::DownAny(_))
        };
        if let Some(parts) = said.lines.iter().find(parts) {
            let message = format!("`{}` is down when its parts are, and has no tickets of its own", said.service.value);
            let fault = Diagnostic::error("said_twice", span, message).label(parts.span, "its parts");
            self.push(fault.help("let `availability of` each part be measured from tickets"));
        }
    }

    /// The services that another one is made of.
    fn parts(&mut self, known: &Known<'_>, said: &Availability, parts: &[Name]) {
        for part in parts {
            if part.value == said.service.value {
                let message = format!("`{}` cannot be a part of itself", part.value);
                self.error("part_of_itself", part.span, message, "name the parts as the outages name them");
            } else {
                self.part(known, part);
            }
        }
    }

    /// A part whose own state follows from parts is not looked into.
    fn part(&mut self, known: &Known<'_>, part: &Name) {
        let derived = known.find(|kind| match kind {
            StatementKind::Availability(other) if other.service.value == part.value => {
                let derives = |line: &&Spanned<AvailabilityLine>| {
                    matches!(line.value, AvailabilityLine::DownAll(_) | AvailabilityLine::DownAny(_))
                };
                other.lines.iter().find(derives).map(|line| line.span)
            }
            _ => None,
        });
        if let Some(derived) = derived {
            let message = format!("`{}` is itself made of parts", part.value);
            let fault = Diagnostic::error("part_of_parts", part.span, message).label(derived, "of these");
            self.push(fault.help("name those parts here"));
        }
        let catalogue: Vec<&str> = known.catalogue().collect();
        if !catalogue.is_empty() && !catalogue.contains(&part.value.as_str()) {
            self.unknown("service", part, catalogue);
        }
    }

    /// Of lines of one kind only the last would count.
    fn each_line_once(&mut self, lines: &[Spanned<AvailabilityLine>]) {
        for (place, line) in lines.iter().enumerate() {
            let Some(kind) = kind(&line.value) else { continue };
            let earlier = lines.iter().take(place).find(|earlier| self::kind(&earlier.value).as_ref() == Some(&kind));
            if let Some(earlier) = earlier {
                let fault = Diagnostic::error("said_twice", line.span, format!("`{kind}` is said twice"));
                self.push(fault.label(earlier.span, "said here first").help("keep one of the two"));
            }
        }
    }

    /// A service that a clause looks at is one that the agreement declares.
    pub(super) fn service_name(&mut self, known: &Known<'_>, name: &Name) {
        let services: Vec<&str> = known.services().collect();
        if !services.contains(&name.value.as_str()) {
            self.unknown("service", name, services);
        }
    }

    pub(super) fn measure(&mut self, known: &Known<'_>, measure: &Measure, per: Option<&Spanned<Period>>) {
        match measure {
            Measure::Attainment(metric) | Measure::Breaches(metric) => self.metric_name(known, metric),
            Measure::Availability(service) | Measure::Downtime(service) | Measure::Outages(service) => {
                self.service_name(known, service);
            }
            Measure::Statistic(_, name) => self.metric_or_field(known, name),
            Measure::ShareOfTickets(condition) => self.condition(known, condition, Sees::All),
            Measure::Over(_, months, of) => {
                self.over(months, of, per);
                self.measure(known, of, per);
            }
            Measure::By(call) => self.call(known, call, Kind::Measure),
            Measure::Points(clauses) => clauses.iter().for_each(|clause| self.yields_points(known, clause)),
            Measure::Tickets(_) | Measure::ReopenedTickets(_) => {}
        }
    }

    fn metric_or_field(&mut self, known: &Known<'_>, name: &Name) {
        self.reads.field(&name.value);
        let is_known = known.metrics.contains(&name.value.as_str()) || known.fields.contains_key(&name.value);
        if !is_known {
            let fields = known.fields.keys().map(String::as_str);
            self.unknown("metric or field", name, known.metrics.iter().copied().chain(fields));
        }
    }

    /// A figure over several months is looked at month by month.
    fn over(&mut self, months: &Spanned<i64>, of: &Measure, per: Option<&Spanned<Period>>) {
        if !(2..=120).contains(&months.value) {
            let help = "write from 2 to 120, or take `over … months of` out";
            self.error("bad_number", months.span, "so many months are not taken together", help);
        }
        if let Some(per) = per.filter(|per| per.value != Period::Month) {
            let help = "write `per month on mean over 3 months of …`";
            self.error("bad_period", per.span, "a figure over several months is taken month by month", help);
        }
        if let Measure::Over(_, again, _) = of {
            self.error("said_twice", again.span, "months are taken together twice", "keep one of them");
        }
    }

    pub(super) fn empty_counts(&mut self, word: &Name) {
        let words = ["met", "missed"];
        if !words.contains(&word.value.as_str()) {
            self.unknown("way to count an empty period", word, words);
        }
    }

    /// A source that is named for a kind of facts tells such facts.
    pub(super) fn facts_from(&mut self, known: &Known<'_>, name: &Name, fact: &str) {
        let sources: Vec<&str> = known.scope.sources.iter().map(|source| source.name.value.as_str()).collect();
        match known.scope.source(&name.value) {
            None => self.unknown("source", name, sources),
            Some(source) if super::source::row(source) != Some(fact) => {
                let tells = super::source::row(source).unwrap_or("ticket");
                let message = format!("the source `{}` tells {tells}s, not {fact}s", name.value);
                let fault =
                    Diagnostic::error("wrong_shape", name.span, message).label(source.name.span, "declared here");
                self.push(fault.help(format!("say in the source `one row per {fact}`")));
            }
            Some(_) => {}
        }
    }

    /// `price of the downtime` needs a downtime, and a share of the agreed time a service.
    pub(super) fn needs_service(&mut self, clause: &Clause, span: Span, what: &str) {
        let looks_at_service = clause.lines.iter().any(|line| match &line.value {
            ClauseLine::ForEachOutage(..) => true,
            ClauseLine::Per(_, measure, ..) => is_of_service(measure),
            _ => false,
        });
        if !looks_at_service {
            let help = "let the clause look at a service: `per month on availability of mail`";
            self.error("amount_does_not_fit", span, format!("this clause looks at no service that has {what}"), help);
        }
    }
}

fn is_of_service(measure: &Measure) -> bool {
    match measure {
        Measure::Availability(_) | Measure::Downtime(_) | Measure::Outages(_) => true,
        Measure::Over(_, _, of) => is_of_service(of),
        _ => false,
    }
}

/// What a line is known by; none where several add up.
fn kind(line: &AvailabilityLine) -> Option<String> {
    Some(match line {
        AvailabilityLine::Hours(_) => "hours".to_string(),
        AvailabilityLine::Promise(_, period) => format!("promise per {}", crate::resolver::period_word(&period.value)),
        AvailabilityLine::Ignore(..) => "ignore outages".to_string(),
        AvailabilityLine::Join(_) => "join outages".to_string(),
        AvailabilityLine::DownAll(_) | AvailabilityLine::DownAny(_) => "down when any or all of".to_string(),
        AvailabilityLine::ExcludedTime(_) => "excluded time".to_string(),
        AvailabilityLine::Over(_) => "over".to_string(),
        AvailabilityLine::WholeMinutes => "count whole minutes".to_string(),
        AvailabilityLine::Decimals(_) => "round to".to_string(),
        AvailabilityLine::DownWhen(_) | AvailabilityLine::Despite(_) => return None,
        AvailabilityLine::MeasuredFrom(..) => "measured from".to_string(),
    })
}
