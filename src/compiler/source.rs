//! Sources as plans for reading.

use crate::ast::{self, Mapping, Meaning, Name, SourceLine};
use crate::plan::source::{
    Action, CellIs, EventAt, EventColumn, FieldColumn, Format, InstantColumn, OtherValue, Repeated, ServiceOf, Shape,
    Source,
};

/// The plan of a source; none where it lacks what the checker asks for.
pub(super) fn compile(declared: &ast::Source) -> Option<Source> {
    let lines = || declared.lines.iter().map(|line| &line.value);
    let find = |pick: fn(&SourceLine) -> Option<&Name>| lines().find_map(pick);
    let format = find(|line| if let SourceLine::Format(name) = line { Some(name) } else { None });
    let separator = find(|line| if let SourceLine::Separator(text) = line { Some(text) } else { None });
    let rows_from = find(|line| if let SourceLine::RowsFrom(text) = line { Some(text) } else { None });
    let missing = lines().filter_map(|line| if let SourceLine::Missing(texts) = line { Some(texts) } else { None });
    let fields = lines().filter_map(|line| if let SourceLine::Field(field) = line { Some(field) } else { None });
    Some(Source {
        name: declared.name.value.clone(),
        format: match format.map(|name| name.value.as_str()) {
            Some("jsonl") => Format::Jsonl,
            Some("json") => Format::Json,
            Some("parquet") => Format::Parquet,
            Some("xlsx") => Format::Xlsx,
            _ => Format::Csv,
        },
        separator: separator.and_then(|text| text.value.chars().next()),
        rows_from: rows_from.map(|text| text.value.clone()),
        shape: shape(declared)?,
        unordered: lines().any(|line| matches!(line, SourceLine::Unordered)),
        missing: missing.flatten().map(|text| text.value.clone()).collect(),
        fields: fields.map(field_column).collect(),
    })
}

fn shape(declared: &ast::Source) -> Option<Shape> {
    let lines = || declared.lines.iter().map(|line| &line.value);
    let one_row =
        lines().find_map(|line| if let SourceLine::OneRowPer(name) = line { Some(name.value.as_str()) } else { None });
    if one_row == Some("claim") {
        let text = |pick: fn(&SourceLine) -> Option<&ast::Text>| lines().find_map(pick).map(|text| text.value.clone());
        let at = lines().find_map(|line| if let SourceLine::At(column) = line { Some(column) } else { None })?;
        return Some(Shape::Claims {
            at: instant_column(at),
            clause: text(|line| if let SourceLine::Clause(text) = line { Some(text) } else { None })?,
            period: text(|line| if let SourceLine::Period(text) = line { Some(text) } else { None }),
            ticket: text(|line| if let SourceLine::Ticket(text) = line { Some(text) } else { None }),
        });
    }
    if one_row == Some("announcement") {
        return announcements(declared);
    }
    if one_row == Some("charge") {
        return charges(declared);
    }
    if one_row == Some("outage") {
        let service = service_column(declared);
        return Some(Shape::Outages {
            service: service.map_or_else(|| ServiceOf::Fixed(declared.name.value.clone()), ServiceOf::Column),
            from: instant_column(
                lines().find_map(|line| if let SourceLine::From(column) = line { Some(column) } else { None })?,
            ),
            to: instant_column(
                lines().find_map(|line| if let SourceLine::To(column) = line { Some(column) } else { None })?,
            ),
        });
    }
    let ticket =
        lines().find_map(|line| if let SourceLine::Ticket(text) = line { Some(text.value.clone()) } else { None })?;
    let events: Vec<EventAt> = lines()
        .filter_map(|line| match line {
            SourceLine::EventAt(event, at) => Some(EventAt { event: event.value.clone(), at: instant_column(at) }),
            _ => None,
        })
        .collect();
    if one_row == Some("ticket") {
        return Some(Shape::Tickets { ticket, events });
    }
    let at =
        instant_column(lines().find_map(|line| if let SourceLine::At(column) = line { Some(column) } else { None })?);
    let told =
        lines().filter_map(|line| if let SourceLine::Event(event) = line { Some(event_column(event)) } else { None });
    let told = told.collect();
    let first_row =
        lines().find_map(|line| if let SourceLine::FirstRow(name) = line { Some(name.value.clone()) } else { None });
    let snapshot = lines().any(|line| matches!(line, SourceLine::Snapshot));
    Some(if snapshot {
        Shape::Snapshots { ticket, at, told, first_row, events }
    } else {
        Shape::Events { ticket, at, told, first_row, events }
    })
}

fn announcements(declared: &ast::Source) -> Option<Shape> {
    let column = |pick: fn(&SourceLine) -> Option<&ast::InstantColumn>| {
        declared.lines.iter().find_map(|line| pick(&line.value)).map(instant_column)
    };
    Some(Shape::Announcements {
        service: service_column(declared),
        from: column(|line| if let SourceLine::From(column) = line { Some(column) } else { None })?,
        to: column(|line| if let SourceLine::To(column) = line { Some(column) } else { None })?,
        at: column(|line| if let SourceLine::At(column) = line { Some(column) } else { None })?,
    })
}

fn charges(declared: &ast::Source) -> Option<Shape> {
    let lines = || declared.lines.iter().map(|line| &line.value);
    let text = |pick: fn(&SourceLine) -> Option<&ast::Text>| lines().find_map(pick).map(|text| text.value.clone());
    let customer = lines()
        .find_map(|line| if let SourceLine::Customer(text, values) = line { Some((text, values)) } else { None });
    Some(Shape::Charges {
        customer: customer.map(|(text, values)| mapped("customer", text, values)),
        service: service_column(declared),
        period: text(|line| if let SourceLine::Period(text) = line { Some(text) } else { None })?,
        amount: text(|line| if let SourceLine::Amount(text) = line { Some(text) } else { None })?,
        currency: text(|line| if let SourceLine::Currency(text) = line { Some(text) } else { None }),
    })
}

fn service_column(declared: &ast::Source) -> Option<FieldColumn> {
    let lines = declared.lines.iter().map(|line| &line.value);
    let mut services =
        lines.filter_map(|line| if let SourceLine::Service(text, values) = line { Some((text, values)) } else { None });
    services.next().map(|(text, values)| mapped("service", text, values))
}

fn instant_column(column: &ast::InstantColumn) -> InstantColumn {
    InstantColumn {
        column: column.column.value.clone(),
        form: column.form.as_ref().map(|form| form.value.clone()),
        zone: column.zone.as_ref().and_then(|zone| zone.value.parse().ok()),
        repeated: column.repeated.as_ref().map(|word| match word.value.as_str() {
            "earlier" => Repeated::Earlier,
            _ => Repeated::Later,
        }),
    }
}

fn event_column(column: &ast::EventColumn) -> EventColumn {
    let (values, otherwise) = listed(&column.values, action);
    EventColumn { column: column.column.value.clone(), when: cells(&column.when), values, otherwise }
}

fn action(mapping: &Mapping) -> Action {
    let mut actions: Vec<Action> = mapping
        .meanings
        .iter()
        .map(|meaning| match meaning {
            Meaning::Is(event) => Action::Event(event.value.clone()),
            Meaning::Sets(field, value) => Action::Sets { field: field.value.clone(), value: value.value.clone() },
            Meaning::Ignored => Action::Ignored,
            Meaning::Kept => Action::Itself,
        })
        .collect();
    if actions.len() == 1 { actions.remove(0) } else { Action::All(actions) }
}

fn field_column(field: &ast::FieldColumn) -> FieldColumn {
    FieldColumn {
        when: cells(&field.when),
        was: field.was.as_ref().map(|text| text.value.clone()),
        now: field.now.as_ref().map(|text| text.value.clone()),
        ..mapped(&field.name.value, &field.column, &field.values)
    }
}

fn cells(when: &[ast::CellIs]) -> Vec<CellIs> {
    let cell = |cell: &ast::CellIs| CellIs {
        column: cell.column.value.clone(),
        texts: cell.texts.iter().map(|text| text.value.clone()).collect(),
    };
    when.iter().map(cell).collect()
}

fn mapped(field: &str, column: &ast::Text, mappings: &[Mapping]) -> FieldColumn {
    let mut values = Vec::new();
    let mut otherwise = None;
    for mapping in mappings {
        let meaning = match mapping.meanings.first() {
            Some(Meaning::Is(value)) => OtherValue::Is(value.value.clone()),
            Some(Meaning::Kept) => OtherValue::Itself,
            _ => OtherValue::Ignored,
        };
        if mapping.values.is_empty() {
            otherwise = Some(meaning.clone());
        }
        values.extend(mapping.values.iter().map(|value| (value.value.clone(), meaning.clone())));
    }
    FieldColumn {
        field: field.to_string(),
        column: column.value.clone(),
        when: Vec::new(),
        was: None,
        now: None,
        values,
        otherwise,
    }
}

/// The listed values with their meanings, and the meaning of `otherwise`.
fn listed<T>(mappings: &[Mapping], meaning: fn(&Mapping) -> T) -> (Vec<(String, T)>, Option<T>) {
    let listed = mappings
        .iter()
        .flat_map(|mapping| mapping.values.iter().map(move |value| (value.value.clone(), meaning(mapping))));
    let otherwise = mappings.iter().find(|mapping| mapping.values.is_empty()).map(meaning);
    (listed.collect(), otherwise)
}
