//! Services and how their availability is measured.

use crate::ast::{self, AvailabilityLine, ClauseLine, Measure, StatementKind};
use crate::calendar::{Announced, CalendarSpec, ClosedTime};
use crate::plan::availability::{AvailabilityPromise, Down, FromTickets, Ignore, Service, ServiceId};
use crate::plan::condition::{Condition, Test};
use crate::plan::{CalendarId, Closed};
use crate::resolver::Agreement;

use super::Compiler;
use super::clause::period;
use super::condition::Sees;
use super::metric::Ground;

impl Compiler<'_> {
    /// Every service that an agreement names, in the order in which it does so first.
    pub(super) fn services(&mut self, ground: Ground<'_>, agreement: &Agreement, closed: &[Closed]) -> Vec<Service> {
        let mut services = Vec::new();
        for name in service_names(agreement) {
            let said = agreement.statements.iter().find_map(|statement| match &statement.kind {
                StatementKind::Availability(said) if said.service.value == name => Some((statement, said)),
                _ => None,
            });
            let service = match said {
                Some((statement, said)) => {
                    let mut service = self.measured(ground, agreement, said, closed);
                    service.place = Some(self.place(statement.mark.as_ref(), statement.head));
                    self.promises(&mut service, statement.mark.as_ref(), said);
                    service
                }
                None => self.unmeasured(ground, agreement, name, closed),
            };
            self.plan.names.intern(&service.name);
            services.push(service);
        }
        services
    }

    /// A service of which the agreement says no more than its name.
    fn unmeasured(&mut self, ground: Ground<'_>, agreement: &Agreement, name: &str, closed: &[Closed]) -> Service {
        let nothing = ast::Availability {
            service: crate::source::Spanned::new(name.to_string(), agreement.span),
            when: None,
            lines: Vec::new(),
        };
        self.measured(ground, agreement, &nothing, closed)
    }

    fn measured(
        &mut self,
        ground: Ground<'_>,
        agreement: &Agreement,
        said: &ast::Availability,
        closed: &[Closed],
    ) -> Service {
        let lines = || said.lines.iter().map(|line| &line.value);
        let hours = lines().find_map(|line| if let AvailabilityLine::Hours(name) = line { Some(name) } else { None });
        let hours = hours.map_or("always", |name| name.value.as_str());
        let despite = |is_maintenance: bool| lines().any(|line| *line == AvailabilityLine::Despite(is_maintenance));
        let counts = closed.iter().filter(|closed| !despite(closed.is_maintenance)).flat_map(|closed| &closed.times);
        // An announcement for this service will do.
        let of_service = |time: &ClosedTime| {
            let service = Some(said.service.value.clone());
            let announced = time.announced.clone().map(|announced| Announced { service, ..announced });
            ClosedTime { announced, ..time.clone() }
        };
        let excluded: Vec<ClosedTime> = counts.map(of_service).collect();
        let mut service = Service {
            name: said.service.value.clone(),
            place: None,
            lines: said.lines.iter().map(|line| self.words(line.span)).collect(),
            hours: self.calendar_id(ground.root, ground.zone, hours),
            counted: self.counted(ground, hours, &excluded),
            shortens: agreement.statements.iter().any(|said| said.kind == StatementKind::ExcludedTimeCounts(true)),
            down: Down::Own,
            from_tickets: None,
            when: None,
            join: 0,
            ignore: None,
            over: None,
            whole_minutes: false,
            decimals: None,
            promises: Vec::new(),
        };
        let mut conditions: Vec<Condition> = self.maybe(said.when.as_ref(), Sees::Fields).into_iter().collect();
        lines().for_each(|line| self.availability_line(&mut service, &mut conditions, line));
        service.when = all_of(conditions);
        service
    }

    /// The agreed time less what is excluded.
    fn counted(&mut self, ground: Ground<'_>, hours: &str, excluded: &[ClosedTime]) -> CalendarId {
        if excluded.is_empty() {
            return self.calendar_id(ground.root, ground.zone, hours);
        }
        let spec = super::calendar::spec(&ground.root.scope, ground.zone, hours, 0);
        self.known_calendar(ground.root, hours, CalendarSpec::Without(Box::new(spec), excluded.to_vec()))
    }

    fn availability_line(&mut self, service: &mut Service, conditions: &mut Vec<Condition>, line: &AvailabilityLine) {
        let names = |names: &[ast::Name]| names.iter().map(|name| name.value.clone()).collect::<Vec<String>>();
        match line {
            AvailabilityLine::Ignore(length, inclusive) => {
                service.ignore = Some(Ignore { length: *length, inclusive: *inclusive });
            }
            AvailabilityLine::Join(apart) => service.join = *apart,
            AvailabilityLine::DownAll(parts) => service.down = Down::All(names(parts)),
            AvailabilityLine::DownAny(parts) => service.down = Down::Any(names(parts)),
            AvailabilityLine::DownWhen(condition) => conditions.push(self.condition(condition, Sees::Fields)),
            AvailabilityLine::ExcludedTime(shortens) => service.shortens = *shortens,
            AvailabilityLine::MeasuredFrom(true, when) => {
                service.from_tickets = Some(FromTickets { when: self.maybe(when.as_ref(), Sees::All) });
            }
            AvailabilityLine::Over(agreed) => service.over = Some(*agreed),
            AvailabilityLine::WholeMinutes => service.whole_minutes = true,
            AvailabilityLine::Decimals(digits) => service.decimals = u32::try_from(digits.value).ok(),
            AvailabilityLine::Hours(_)
            | AvailabilityLine::Promise(..)
            | AvailabilityLine::Despite(_)
            | AvailabilityLine::MeasuredFrom(false, _) => {}
        }
        if let Down::All(parts) | Down::Any(parts) = &service.down {
            parts.iter().for_each(|part| {
                self.plan.names.intern(part);
            });
        }
    }

    fn promises(&self, service: &mut Service, mark: Option<&ast::Text>, said: &ast::Availability) {
        for line in &said.lines {
            if let AvailabilityLine::Promise(share, per) = &line.value {
                let place = self.place(mark, line.span);
                let promise = AvailabilityPromise { share: share.value.clone(), per: period(&per.value), place };
                service.promises.push(promise);
            }
        }
    }
}

/// All of some conditions as one; none where there are none.
pub(super) fn all_of(mut conditions: Vec<Condition>) -> Option<Condition> {
    if conditions.len() < 2 {
        return conditions.pop();
    }
    let words = conditions.iter().map(|condition| condition.words.as_str()).collect::<Vec<_>>().join(" and ");
    let tests = conditions.into_iter().map(|condition| condition.test).collect();
    Some(Condition { test: Test::All(tests), words })
}

/// The number of a service.
pub(super) fn service_id(services: &[Service], name: &str) -> Option<ServiceId> {
    let place = services.iter().position(|service| service.name == name)?;
    u16::try_from(place).ok().map(ServiceId)
}

/// Every service that an agreement names.
fn service_names(agreement: &Agreement) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for statement in &agreement.statements {
        let named: Vec<&str> = match &statement.kind {
            StatementKind::Service(name, _)
            | StatementKind::Fee(Some(name), ..)
            | StatementKind::FeeFromCharges(Some(name)) => vec![&name.value],
            StatementKind::Availability(said) => vec![&said.service.value],
            StatementKind::Clause(clause) => clause.lines.iter().filter_map(|line| of_line(&line.value)).collect(),
            StatementKind::Consequences(consequences) => consequences.rungs.iter().filter_map(of_rung).collect(),
            _ => Vec::new(),
        };
        for name in named {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

fn of_line(line: &ClauseLine) -> Option<&str> {
    match line {
        ClauseLine::ForEachOutage(name, ..) => Some(&name.value),
        ClauseLine::Per(_, measure, ..) => of_measure(measure),
        _ => None,
    }
}

fn of_rung(rung: &ast::Rung) -> Option<&str> {
    match &rung.reached {
        ast::Reached::Band(measure, ..) => of_measure(measure),
        ast::Reached::Breaches(..) => None,
    }
}

fn of_measure(measure: &Measure) -> Option<&str> {
    match measure {
        Measure::Availability(name) | Measure::Downtime(name) | Measure::Outages(name) => Some(&name.value),
        Measure::Over(_, _, of) => of_measure(of),
        _ => None,
    }
}
