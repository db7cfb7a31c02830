use super::*;
use crate::plan::source::{EventAt, EventColumn, FieldColumn, InstantColumn, Shape};
use crate::ticket::EventId;
use crate::time::Instant;

fn column(name: &str) -> InstantColumn {
    InstantColumn { column: name.into(), form: None, zone: Some(chrono_tz::Europe::Berlin), repeated: None }
}

fn source(shape: Shape) -> Source {
    let fields = vec![FieldColumn {
        field: "plan".into(),
        column: "plan".into(),
        when: Vec::new(),
        was: None,
        now: None,
        values: Vec::new(),
        otherwise: None,
    }];
    Source {
        name: "desk".into(),
        format: Format::Csv,
        separator: None,
        rows_from: None,
        shape,
        unordered: false,
        missing: vec!["?".into()],
        fields,
    }
}

fn events() -> Source {
    let event = EventColumn { column: "event".into(), when: Vec::new(), values: Vec::new(), otherwise: None };
    source(Shape::Events {
        ticket: "ticket".into(),
        at: column("at"),
        told: vec![event],
        first_row: None,
        events: Vec::new(),
    })
}

fn vocabulary() -> Vocabulary {
    let mut vocabulary = Vocabulary::default();
    vocabulary.event("created");
    vocabulary.event("resolved");
    vocabulary.field("plan");
    vocabulary
}

fn read_text(source: &Source, text: &[u8]) -> Result<Log, RowFault> {
    let mut names = Names::default();
    let input = Input { name: "log.csv", bytes: text };
    read(source, &[input], &vocabulary(), &mut names, OnBadRow::Fail)
}

fn message(source: &Source, text: &str) -> String {
    read_text(source, text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn fields_change_before_the_event_and_once() {
    let text = "ticket,at,event,plan\nB,2025-03-07 10:00,created,gold\nA,2025-03-07 09:00,created,?\nB,2025-03-07 11:00,resolved,gold\n";
    let log = read_text(&events(), text.as_bytes()).unwrap();
    assert_eq!(log.tickets.iter().map(|ticket| ticket.id.as_str()).collect::<Vec<_>>(), ["A", "B"]);
    assert_eq!(log.tickets[1].facts[0].changes.len(), 1);
    assert_eq!(log.tickets[1].facts[1].changes.len(), 0);
    assert_eq!(log.tickets[1].facts[1].event, Some(EventId(1)));
    assert_eq!(log.latest, Some(log.tickets[1].facts[1].at));
    assert_eq!((log.rows, log.events), (3, 3));
}

#[test]
fn separators_and_encodings_are_detected() {
    let text = "ticket;at;event;plan\nA;2025-03-07 10:00;created;\"groß; schnell\"\n";
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(text);
    for bytes in [text.as_bytes().to_vec(), [b"\xEF\xBB\xBF", text.as_bytes()].concat(), latin.to_vec()] {
        let mut names = Names::default();
        let input = Input { name: "log.csv", bytes: &bytes };
        let log = read(&events(), &[input], &vocabulary(), &mut names, OnBadRow::Fail).unwrap();
        assert_eq!(names.text(log.tickets[0].facts[0].changes[0].value.unwrap()), "groß; schnell");
    }
}

#[test]
fn faults_name_file_line_column_and_the_way_out() {
    let head = "ticket,at,event,plan\nA,2025-03-07 10:00,created,gold\n";
    let told = |row: &str| message(&events(), &format!("{head}{row}\n"));
    assert!(told("A,07.03.2025,resolved,gold").starts_with("log.csv, line 3, column `at`: `07.03.2025` is no instant"));
    assert!(told("A,2025-03-30 02:30,resolved,gold").contains("never showed"));
    assert!(told("A,2025-10-26 02:30,resolved,gold").contains("twice"));
    assert!(told("A,2025-03-07 09:00,resolved,gold").contains("goes back in time"));
    assert!(told("A,2025-03-07 10:00,created,gold").contains("repeats the one before"));
    assert!(told("B,2025-03-07 10:00,resolved,gold").contains("never created"));
    assert!(told("A,2025-03-07 10:00").contains("this row has 2 cells, the header 4"));
    assert!(told(",2025-03-07 10:00,created,gold").contains("names no ticket"));
    assert!(message(&events(), "ticket,time,event,plan\n").contains("column `at`"));
    assert!(message(&events(), "").contains("empty"));
    assert!(message(&events(), "ticket,at,event,plan\n").contains("no row"));
    let early = "ticket,at,event,plan\nA,2025-03-07 09:00,resolved,\nA,2025-03-07 10:00,created,gold\n";
    assert!(message(&events(), early).contains("before its creation"));
    let long = format!("{head}A,\"{}", "x".repeat(17 * 1024 * 1024));
    assert!(message(&events(), &long).contains("line 3: this line is 17 MB long"));
}

#[test]
fn rows_left_out_are_counted_with_the_first_of_each_kind() {
    let text = "ticket,at,event,plan\nA,2025-03-07 10:00,created,gold\nA,x,resolved,gold\nA,y,resolved,gold\n";
    let mut names = Names::default();
    let input = Input { name: "log.csv", bytes: text.as_bytes() };
    let log = read(&events(), &[input], &vocabulary(), &mut names, OnBadRow::Skip).unwrap();
    assert_eq!(log.skipped.len(), 1);
    assert_eq!((log.skipped[0].kind, log.skipped[0].count), ("bad_instant", 2));
    assert!(log.skipped[0].first.contains("`x`"));
    assert_eq!(log.skipped[0].lines, 2);
}

#[test]
fn a_row_left_out_counts_the_lines_that_it_swallowed() {
    let head = "ticket,at,event,plan\nA,2025-03-07 10:00,created,gold\n";
    let row = "B,2025-03-07 10:00,created,gold\n";
    let skipped = |rows: &str| {
        let text = format!("{head}{rows}");
        let input = Input { name: "log.csv", bytes: text.as_bytes() };
        let log = read(&events(), &[input], &vocabulary(), &mut Names::default(), OnBadRow::Skip).unwrap();
        log.skipped.iter().map(|skipped| (skipped.kind, skipped.count, skipped.lines)).collect::<Vec<_>>()
    };
    let open = format!("C,x,created,gold\nD,2025-03-07 10:00\nE,2025-03-07 10:00,created,\"gold\n{}", row.repeat(3));
    assert_eq!(skipped(&open), [("bad_instant", 1, 1), ("broken_row", 2, 5)]);
    let long_cell = "C,x,created,\"two\nlines\"\n";
    assert_eq!(skipped(long_cell), [("bad_instant", 1, 2)]);
}

#[test]
fn the_first_snapshot_s_fields_hold_from_creation() {
    let created = EventAt { event: "created".into(), at: column("opened") };
    let resolved = EventAt { event: "resolved".into(), at: column("resolved") };
    let snapshots = source(Shape::Snapshots {
        ticket: "ticket".into(),
        at: column("at"),
        told: Vec::new(),
        first_row: None,
        events: vec![created, resolved],
    });
    let text = "ticket,at,opened,resolved,plan\nA,2025-03-07 10:00,2025-03-07 09:00,2025-03-07 11:00,gold\nA,2025-03-07 12:00,2025-03-07 09:00,2025-03-07 11:00,silver\n";
    let log = read_text(&snapshots, text.as_bytes()).unwrap();
    let facts = &log.tickets[0].facts;
    let hour = |fact: &crate::ticket::Fact| fact.at.wall(chrono_tz::Europe::Berlin)[11..13].to_string();
    assert_eq!(facts.iter().map(hour).collect::<Vec<_>>(), ["09", "09", "11", "12"]);
    assert_eq!(facts[0].changes.len(), 1, "the plan holds when the ticket is created");
    assert_eq!(facts[1].event, Some(EventId(0)));
    assert_eq!(facts[2].event, Some(EventId(1)));
}

#[test]
fn json_lines_and_csv_say_the_same() {
    let mut json = events();
    json.format = Format::Jsonl;
    let lines = "{\"ticket\":\"A\",\"at\":\"2025-03-07T10:00:00+01:00\",\"event\":\"created\",\"plan\":\"gold\"}\n";
    let rows = "ticket,at,event,plan\nA,2025-03-07T10:00:00+01:00,created,gold\n";
    let (a, b) = (read_text(&json, lines.as_bytes()).unwrap(), read_text(&events(), rows.as_bytes()).unwrap());
    assert_eq!(a, b);
    assert_eq!(a.latest, Some(Instant(1_741_338_000_000)));
}

#[test]
fn broken_quotes_and_huge_cells_make_short_messages() {
    let head = "ticket,at,event,plan\n";
    let rows = "B,2025-03-07 10:00,created,gold\n".repeat(3);
    let swallowed = message(&events(), &format!("{head}A,2025-03-07 10:00,created,\"gold\n{rows}"));
    assert!(
        swallowed.starts_with("log.csv, line 2, column `plan`: the row that begins here runs over 4 lines: a quote"),
        "{swallowed}"
    );
    let short = message(&events(), &format!("{head}A,2025-03-07 10:00,\"created,gold\n{rows}"));
    assert!(
        short.contains("line 2, column `event`: the row that begins here runs over 4 lines: a quote in it is never"),
        "{short}"
    );
    let header = message(&events(), &format!("\"ticket,at,event,plan\n{}", rows.repeat(1_000)));
    assert!(header.contains("line 1: the row that begins here runs over 3001 lines: a quote"), "{header}");
    assert!(header.len() < 400, "a message does not repeat the file");
    let cell = message(&events(), &format!("{head}A,{},created,gold\n", "z".repeat(1_000_000)));
    assert!(cell.len() < 400 && cell.contains("zz…` is no instant"), "{}", cell.len());
    let paired = format!("{head}A,2025-03-07 10:00,created,\"two\nlines, \"\"quoted\"\"\"\n");
    assert!(read_text(&events(), paired.as_bytes()).is_ok());
}

#[test]
fn the_first_fault_of_a_file_is_told_whatever_its_kind() {
    let head = "ticket,at,event,plan\n";
    let text = format!("{head}A,2025-03-07 10:00,created\nB,x,created,gold\n");
    assert!(message(&events(), &text).contains("line 2: this row has 3 cells"));
    let twice = message(&events(), "ticket,at,event,at,plan\n");
    assert!(twice.contains("line 1, column `at`: two columns have this name"), "{twice}");
    let mut json = events();
    json.format = Format::Jsonl;
    let fault = message(&json, "{\"ticket\": \"A\",\n{}\n");
    assert!(fault.starts_with("log.csv, line 1: this line is no JSON"), "{fault}");
    let absent = message(&json, "{\"ticket\": \"A\", \"at\": \"2025-03-07T10:00:00Z\", \"event\": \"created\"}\n");
    assert!(absent.contains("column `plan`: the source reads this column, and no line has it"), "{absent}");
}

#[test]
fn a_byte_that_is_no_utf_8_does_not_garble_the_rest() {
    let mut text = "ticket,at,event,plan\nA,2025-03-07 10:00,created,groß\nB,2025-03-07 10:00,created,gro"
        .to_string()
        .into_bytes();
    text.extend(b"\xDF\n");
    let told = read_text(&events(), &text).unwrap_err().to_string();
    assert!(told.starts_with("log.csv, line 3: this line is not in UTF-8, though the lines before it are"), "{told}");
    let utf_16: Vec<u8> = std::iter::once(0xFEFF)
        .chain("ticket,at,event,plan\nA,2025-03-07 10:00,created,groß\n".encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(read_text(&events(), &utf_16).unwrap().tickets.len(), 1);
}

#[test]
fn a_line_of_100_mb_is_found_by_its_size() {
    for letter in [b'x', 0xFF] {
        let mut text = b"ticket,at,event,plan\n".to_vec();
        text.extend(std::iter::repeat_n(letter, 100_000_000));
        let told = read_text(&events(), &text).unwrap_err().to_string();
        assert!(told.starts_with("log.csv, line 2: this line is 100 MB long"), "{told}");
    }
}

#[test]
fn an_event_before_the_creation_is_named_with_its_own_line() {
    let rows = ["A,2025-03-07 08:00,seen,gold", "A,2025-03-07 09:00,resolved,", "A,2025-03-07 10:00,created,gold"];
    let text = format!("ticket,at,event,plan\n{}\n", rows.join("\n"));
    let told = message(&events(), &text);
    assert!(told.starts_with("log.csv, line 3, column `at`: an event of ticket `A` at 2025-03-07T08:00:00Z"), "{told}");
    let mut unordered = events();
    unordered.unordered = true;
    let log = read_text(&unordered, text.as_bytes()).unwrap();
    let facts = &log.tickets[0].facts;
    assert_eq!(facts.iter().map(|fact| fact.event).collect::<Vec<_>>(), [None, Some(EventId(0)), Some(EventId(1))]);
    assert!(facts.iter().all(|fact| fact.at == facts[1].at), "what came too early counts at the creation");
}

#[test]
fn rows_out_of_order_change_what_their_own_instants_say() {
    let mut unordered = events();
    unordered.unordered = true;
    let text =
        "ticket,at,event,plan\nA,2025-03-07 10:00,created,gold\nA,2025-03-07 12:00,,gold\nA,2025-03-07 11:00,,silver\n";
    let log = read_text(&unordered, text.as_bytes()).unwrap();
    let changes: Vec<usize> = log.tickets[0].facts.iter().map(|fact| fact.changes.len()).collect();
    assert_eq!(changes, [1, 1, 1], "gold, silver, and gold again");
}

/// A log of snapshots whose state is told as an event and kept as a field.
fn snapshots() -> Source {
    let created = EventAt { event: "created".into(), at: column("opened") };
    let event = EventColumn { column: "state".into(), when: Vec::new(), values: Vec::new(), otherwise: None };
    let mut source = source(Shape::Snapshots {
        ticket: "ticket".into(),
        at: column("at"),
        told: vec![event],
        first_row: None,
        events: vec![created],
    });
    source.fields[0].column = "state".into();
    source
}

#[test]
fn a_snapshot_tells_its_event_once_and_a_missing_state_tells_none() {
    let rows =
        ["10:00,10:00,new", "10:00,10:00,resolved", "10:00,11:00,resolved", "10:00,12:00,?", "10:00,13:00,resolved"];
    let rows: Vec<String> =
        rows.iter().map(|row| format!("A,2025-03-07 {row}").replace(",1", ",2025-03-07 1")).collect();
    let log = read_text(&snapshots(), format!("ticket,opened,at,state\n{}\n", rows.join("\n")).as_bytes());
    let log = log.unwrap();
    let facts = &log.tickets[0].facts;
    let told: Vec<(usize, Option<EventId>)> = facts.iter().map(|fact| (fact.changes.len(), fact.event)).collect();
    let (created, resolved) = (Some(EventId(0)), Some(EventId(1)));
    // The state at the creation is that of the first row, although the second is of the same minute.
    assert_eq!(told, [(1, None), (0, created), (1, resolved), (1, None), (1, None)]);
    let (first, last) = (facts[0].changes[0].value, facts[4].changes[0].value);
    assert_ne!(first, last);
    assert_eq!(facts[3].changes[0].value, None, "the field is missing while the state is");
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let rows = ["ticket,at,event,plan", "A,2025-03-07 10:00,created,\"two", "lines\"", "", "", "B,x,created,gold", ""];
    for line_end in ["\n", "\r\n", "\r"] {
        let told = message(&events(), &rows.join(line_end));
        assert!(told.starts_with("log.csv, line 6, column `at`"), "{line_end:?}: {told}");
        let short = message(&events(), &rows.join(line_end).replace("B,x,created", "B,x"));
        assert!(short.starts_with("log.csv, line 6: this row has 3 cells"), "{line_end:?}: {short}");
        let header = message(&events(), &format!("{line_end}{}", rows.join(line_end).replace(",at", ",time")));
        assert!(header.starts_with("log.csv, line 2, column `at`"), "{line_end:?}: {header}");
    }
}

#[test]
fn a_quote_that_is_open_at_the_end_is_told_and_a_stray_one_is_not() {
    let head = "ticket,at,event,plan\n";
    for end in ["", "\n"] {
        let cut = message(&events(), &format!("{head}A,2025-03-07 10:00,created,\"gold{end}"));
        assert!(
            cut.starts_with("log.csv, line 2, column `plan`: this row is broken: a quote in it is never closed"),
            "{cut}"
        );
        for row in ["A\",2025-03-07 10:00,created,\"two\nlines\"", "A,2025-03-07 10:00,created,5\" disk"] {
            assert_eq!(read_text(&events(), format!("{head}{row}{end}").as_bytes()).unwrap().tickets.len(), 1, "{row}");
        }
    }
    let paired = format!("{head}A,2025-03-07 10:00,created,\"gold\nB,2025-03-07 10:00,created,\"gold\"\nC,,,\n");
    let told = message(&events(), &paired);
    assert!(
        told.starts_with(
            "log.csv, line 2, column `plan`: the row that begins here runs over 2 lines: a quote in it is closed"
        ),
        "{told}"
    );
}

#[test]
fn a_file_of_another_kind_is_told_as_such() {
    let object =
        "{\"ticket\": \"A\", \"time\": \"2025-03-07T10:00:00Z\", \"event\": \"created\", \"plan\": \"gold\"}\n";
    assert!(message(&events(), object).contains("this looks like JSON lines: say `format jsonl` in the source"));
    let mut other = events();
    other.separator = Some(';');
    let told = message(&other, "ticket,at,event,plan\nA,2025-03-07 10:00,created,gold\n");
    assert!(told.contains("the source says `separator \";\"`, the file seems to have `,`"), "{told}");
    let mut json = events();
    json.format = Format::Jsonl;
    let told = message(&json, object);
    assert!(
        told.starts_with(
            "log.csv, line 1, column `at`: the source reads this column, and no line up to this one has it"
        ),
        "{told}"
    );
    assert!(told.contains("the first line has: ticket, time, event, plan"), "{told}");
    assert!(message(&json, "ticket,at,event,plan\n").contains("is this a CSV? then say `format csv`"));
    assert!(message(&json, &format!("[{object}]\n")).contains("if the file is one JSON document, say `format json`"));
}

#[test]
fn rows_that_differ_in_a_column_nobody_reads_are_no_repetition() {
    let head = "ticket,at,event,plan,by\nA,2025-03-07 10:00,created,gold,p\n";
    let log = read_text(&events(), format!("{head}A,2025-03-07 10:00,created,gold,q\n").as_bytes()).unwrap();
    assert_eq!(log.rows, 2);
    let twice = message(&events(), &format!("{head}A,2025-03-07 10:00,created,gold,p"));
    assert!(twice.contains("line 3: this row of ticket `A` repeats the one before"), "{twice}");
}

#[test]
fn reading_tells_how_far_it_has_come() {
    let mut text = "ticket,at,event,plan\nA,2025-03-07 10:00,created,gold\n".to_string();
    let row = |number: i64| {
        format!("A,2025-03-{:02} {:02}:{:02},noted,\n", 8 + number / 1_440, number / 60 % 24, number % 60)
    };
    text.extend((0..9_000).map(row));
    let inputs =
        [Input { name: "a.csv", bytes: b"ticket,at,event,plan\n" }, Input { name: "b.csv", bytes: text.as_bytes() }];
    let mut told = Vec::new();
    let mut watch = |progress: Progress| told.push(progress);
    read_watched(&events(), &inputs, &vocabulary(), &mut Names::default(), OnBadRow::Fail, &mut watch).unwrap();
    let all: u64 = inputs.iter().map(|input| u64::try_from(input.bytes.len()).unwrap()).sum();
    assert_eq!(told.iter().map(|progress| progress.rows).collect::<Vec<_>>(), [4_095, 8_191]);
    assert!(told[0].bytes * 2 < told[1].bytes + 1_000 && told[1].bytes < all, "{told:?} of {all}");
}
