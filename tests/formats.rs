//! The same tickets in every format, packed and in several files; and files that are broken, each with its message.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what it misses by failing")]

#[path = "common/program.rs"]
mod program;

use std::io::{Cursor, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{NaiveDateTime, TimeZone};
use klausel::cli::Exit;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use program::klausel;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use serde_json::{Value, json};

const BERLIN: chrono_tz::Tz = chrono_tz::Europe::Berlin;

/// An agreement whose source reads one format.
fn agreement(source: &str) -> String {
    format!(
        r#"source desk {{
    {source}
}}

agreement formats {{
    timezone "Europe/Berlin"
    currency EUR
    fee 1_000 EUR per month
    tickets from desk
    priority {{ P1, P2 }}
    metric resolution {{
        starts on created
        stops on resolved
        pauses while status is waiting
    }}
    tier all {{
        resolution {{ P1 4h, P2 8h }}
    }}
    escalate resolution {{ at breach notify "desk" }}
    penalty late § 7 {{
        for each breach of resolution
        credit 2% of fee per started hour late
    }}
    round half up to 0.01 EUR
}}
"#
    )
}

const COLUMNS: &str = r#"ticket column "id"
    at column "at" in "Europe/Berlin"
    event column "event" { "waiting" sets status waiting, "noted" sets status working, otherwise kept }
    field priority column "priority""#;

/// A row of the log: ticket, wall time in Berlin, event, priority.
type Entry = (String, NaiveDateTime, &'static str, &'static str);

fn wall(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap()
}

/// Tickets whose rows lie far apart, over the night on which the clock changes, one with an umlaut and a comma in its id.
fn log() -> Vec<Entry> {
    let mut rows = Vec::new();
    let times = ["2025-03-29 23:17:31", "2025-03-30 03:00:00", "2025-03-30 06:30:00", "2025-04-01 12:00:59"];
    for (time, event) in times.iter().zip(["created", "waiting", "noted", "resolved"]) {
        for ticket in 0..40 {
            let priority = if ticket % 2 == 0 { "P1" } else { "P2" };
            rows.push((format!("Größe, {ticket}"), wall(time), event, priority));
        }
    }
    rows
}

fn csv_of(rows: &[Entry], separator: char, line_end: &str) -> String {
    let names = ["id", "at", "event", "priority"].map(str::to_string);
    let row = |(id, at, event, priority): &Entry| {
        [format!("\"{id}\""), at.to_string(), (*event).to_string(), (*priority).to_string()]
    };
    let lines = std::iter::once(names).chain(rows.iter().map(row));
    lines.map(|cells| cells.join(&separator.to_string()) + line_end).collect()
}

fn object((id, at, event, priority): &Entry) -> Value {
    json!({"id": id, "at": at.to_string(), "event": event, "priority": priority})
}

fn lines_of(rows: &[Entry]) -> String {
    rows.iter().map(|row| format!("{}\n", object(row))).collect()
}

/// A ticket each, its rows in a list of groups.
fn nested(rows: &[Entry]) -> Vec<Value> {
    let mut ids: Vec<&str> = rows.iter().map(|row| row.0.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let ticket = |id: &str| {
        let own: Vec<&Entry> = rows.iter().filter(|row| row.0 == id).collect();
        let history: Vec<Value> =
            own.iter().map(|row| json!({"at": row.1.to_string(), "items": [{"what": row.2}]})).collect();
        json!({"id": id, "priority": own[0].3, "changelog": {"histories": history}})
    };
    ids.into_iter().map(ticket).collect()
}

fn nested_source(format: &str, prefix: &str) -> String {
    let inner = format!("{prefix}changelog.histories[]");
    format!(
        r#"format {format}
    rows from "{inner}.items[]"
    ticket column "{prefix}id"
    at column "{inner}.at" in "Europe/Berlin"
    event column "{inner}.items[].what" {{ "waiting" sets status waiting, "noted" sets status working, otherwise kept }}
    field priority column "{prefix}priority""#
    )
}

fn workbook(rows: &[Entry], is_number: bool) -> Vec<u8> {
    let mut book = Workbook::new();
    let format = Format::new().set_num_format(if is_number { "0.000" } else { "yyyy-mm-dd hh:mm:ss" });
    let sheet = book.add_worksheet();
    for (column, name) in (0..).zip(["id", "at", "event", "priority"]) {
        sheet.write(2, column, name).unwrap();
    }
    for (row, (id, at, event, priority)) in (3..).zip(rows) {
        sheet.write(row, 0, id).unwrap();
        let at = ExcelDateTime::parse_from_str(&at.format("%Y-%m-%dT%H:%M:%S").to_string()).unwrap();
        sheet.write_with_format(row, 1, &at, &format).unwrap();
        // A formula, with the value that it had when the workbook was saved.
        sheet.write(row, 2, Formula::new("=LOWER(\"X\")").set_result(*event)).unwrap();
        sheet.write(row, 3, *priority).unwrap();
    }
    book.save_to_buffer().unwrap()
}

/// The workbook with another text in its first sheet.
fn with_sheet(book: &[u8], from: &str, to: &str) -> Vec<u8> {
    let mut old = zip::ZipArchive::new(Cursor::new(book)).unwrap();
    let mut new = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let names: Vec<String> = old.file_names().map(|name| name.unwrap().into_owned()).collect();
    for name in names {
        let mut bytes = Vec::new();
        old.by_name(&name).unwrap().read_to_end(&mut bytes).unwrap();
        if name == "xl/worksheets/sheet1.xml" {
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.contains(from), "{text}");
            bytes = text.replace(from, to).into_bytes();
        }
        let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        new.start_file(name, options).unwrap();
        new.write_all(&bytes).unwrap();
    }
    new.finish().unwrap().into_inner()
}

fn parquet_of(rows: &[Entry], schema: &str, at: impl Fn(&Entry) -> i64) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let texts = [|row: &Entry| row.0.clone(), |row: &Entry| row.2.to_string(), |row: &Entry| row.3.to_string()];
    let mut texts = texts.iter();
    let mut place = 0;
    while let Some(mut column) = group.next_column().unwrap() {
        if place == 1 {
            let values: Vec<i64> = rows.iter().map(&at).collect();
            column.typed::<Int64Type>().write_batch(&values, None, None).unwrap();
        } else {
            let text = texts.next().unwrap();
            let values: Vec<ByteArray> = rows.iter().map(|row| ByteArray::from(text(row).into_bytes())).collect();
            column.typed::<ByteArrayType>().write_batch(&values, None, None).unwrap();
        }
        column.close().unwrap();
        place += 1;
    }
    group.close().unwrap();
    writer.close().unwrap();
    bytes
}

fn schema(at: &str) -> String {
    format!(
        "message log {{ required binary id (STRING); required int64 at {at}; required binary event (STRING); required binary \
         priority (STRING); }}"
    )
}

fn instant((_, at, _, _): &Entry) -> i64 {
    BERLIN.from_local_datetime(at).unwrap().timestamp_millis()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

/// A folder with an agreement and files.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new(source: &str) -> Desk {
        let desk = Desk(tempfile::tempdir().unwrap());
        desk.put("a.sla", agreement(source).as_bytes());
        desk
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_string()
    }

    fn put(&self, name: &str, bytes: &[u8]) -> String {
        std::fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    /// What a replay says, without the folder's name.
    fn replay(&self, options: &[&str]) -> (Exit, String) {
        let agreement = self.path("a.sla");
        let (exit, said) = klausel(&[&["replay", &agreement], options].concat());
        (exit, said.replace(&format!("{}/", self.0.path().display()), ""))
    }

    /// Everything a replay of these files yields.
    fn yields(&self, files: &[&str]) -> Vec<Vec<u8>> {
        let out = ["outcomes.csv", "ledger.csv", "escalations.csv", "o.parquet", "l.parquet", "e.parquet"];
        let paths = out.map(|name| self.path(name));
        let mut told = Vec::new();
        for (outcomes, ledger, escalations) in [(0, 1, 2), (3, 4, 5)] {
            let rows =
                ["--outcomes", &paths[outcomes], "--ledger", &paths[ledger], "--escalations", &paths[escalations]];
            let (exit, said) = self.replay(&[&["--format", "json", "--tickets"], files, &rows].concat());
            assert_eq!(exit, Exit::Done, "{said}");
            let mut said: Value = serde_json::from_str(&said).unwrap();
            // The source's words are a part of the policy.
            said.as_object_mut().unwrap().remove("policy_sha256");
            told.push(said.to_string().into_bytes());
        }
        told.extend(paths.iter().map(|path| std::fs::read(path).unwrap()));
        told
    }
}

/// What a replay of one file says that cannot be read.
fn refused(source: &str, name: &str, bytes: &[u8]) -> String {
    let desk = Desk::new(source);
    let file = desk.put(name, bytes);
    let (exit, said) = desk.replay(&["--tickets", &file]);
    assert_eq!(exit, Exit::Input, "{said}");
    said.replace("klausel: ", "")
}

fn csv_source(more: &str) -> String {
    format!("format csv\n    {more}\n    {COLUMNS}")
}

#[test]
fn the_same_tickets_give_the_same_bytes_in_every_format() {
    let rows = log();
    let plain = Desk::new(&csv_source(""));
    let file = plain.put("log.csv", csv_of(&rows, ',', "\n").as_bytes());
    let expected = plain.yields(&[&file]);
    assert!(expected[2].len() > 1_000, "there are outcomes");
    let (list, tickets) = (rows.iter().map(object).collect::<Value>(), nested(&rows));
    let lines = |values: &[Value]| values.iter().map(|value| format!("{value}\n")).collect::<String>().into_bytes();
    let typed = COLUMNS.replace("column \"at\" in", "column \"at\" as \"%d.%m.%Y\" in");
    let utf_16: Vec<u8> = csv_of(&rows, ';', "\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let with_semicolons = csv_of(&rows, ';', "\n");
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(&with_semicolons);
    let micros = schema("(TIMESTAMP(MICROS,false))");
    let millis = schema("(TIMESTAMP(MILLIS,true))");
    let nanos = schema("(TIMESTAMP(NANOS,true))");
    let wall_micros = |row: &Entry| row.1.and_utc().timestamp_micros();
    let cases: Vec<(&str, String, Vec<u8>)> = vec![
        ("CSV with tabs", csv_source(""), csv_of(&rows, '\t', "\r\n").into_bytes()),
        ("CSV of old Macs", csv_source(""), csv_of(&rows, ';', "\r").into_bytes()),
        ("CSV with a word from Excel", csv_source(""), format!("sep=^\r\n{}", csv_of(&rows, '^', "\r\n")).into_bytes()),
        ("CSV with a said separator", csv_source("separator \"~\""), csv_of(&rows, '~', "\n").into_bytes()),
        ("CSV in UTF-16 without a mark", csv_source(""), utf_16),
        ("CSV in Latin letters", csv_source(""), latin.to_vec()),
        ("JSON lines", format!("format jsonl\n    {COLUMNS}"), lines_of(&rows).into_bytes()),
        ("JSON", format!("format json\n    {COLUMNS}"), list.to_string().into_bytes()),
        (
            "JSON of one object",
            nested_source("json", "data.tickets[]."),
            json!({"data": {"tickets": tickets}}).to_string().into_bytes(),
        ),
        ("nested JSON lines", nested_source("jsonl", ""), lines(&tickets)),
        ("nested JSON", nested_source("json", ""), Value::from(tickets.clone()).to_string().into_bytes()),
        ("a workbook", format!("format xlsx\n    {typed}"), workbook(&rows, false)),
        ("a workbook with dates as numbers", format!("format xlsx\n    {COLUMNS}"), workbook(&rows, true)),
        ("Parquet with wall times", format!("format parquet\n    {typed}"), parquet_of(&rows, &micros, wall_micros)),
        ("Parquet with instants", format!("format parquet\n    {typed}"), parquet_of(&rows, &millis, instant)),
        (
            "Parquet with nanoseconds",
            format!("format parquet\n    {typed}"),
            parquet_of(&rows, &nanos, |row| instant(row) * 1_000_000),
        ),
    ];
    for (what, source, bytes) in cases {
        let desk = Desk::new(&source);
        for (way, packed) in [("as it is", bytes.clone()), ("gzipped", gzip(&bytes)), ("zstd", zstd(&bytes))] {
            // The name says nothing: what a file is shows inside.
            let file = desk.put("log", &packed);
            assert!(desk.yields(&[&file]) == expected, "{what} {way} gives something else");
        }
    }
}

#[test]
fn several_files_and_patterns_are_one_log() {
    let rows = log();
    let desk = Desk::new(&csv_source(""));
    let whole = desk.put("whole.csv", csv_of(&rows, ',', "\n").as_bytes());
    let expected = desk.yields(&[&whole]);
    desk.put("part-1.csv", csv_of(&rows[..70], ';', "\n").as_bytes());
    desk.put("part-2.csv.gz", &gzip(csv_of(&rows[70..100], ',', "\r\n").as_bytes()));
    desk.put("part-3.csv.zst", &zstd(csv_of(&rows[100..], '\t', "\n").as_bytes()));
    assert!(desk.yields(&[&desk.path("part-*")]) == expected);
    let (exit, said) = desk.replay(&["--tickets", &desk.path("part-3.csv.zst"), &desk.path("part-1.csv")]);
    assert_eq!(exit, Exit::Input);
    assert!(said.contains("part-1.csv, line 2, column `at`: ticket `Größe, 0` goes back in time"), "{said}");
    assert!(
        said.contains("which is in part-3.csv.zst to") && said.contains("name the files in the order of time"),
        "{said}"
    );
    let (exit, said) = desk.replay(&["--tickets", &desk.path("part-*"), &desk.path("./part-1.csv")]);
    assert_eq!(exit, Exit::Call);
    assert!(said.contains("part-1.csv` is named twice") && said.contains("also as"), "{said}");
    let (exit, said) = desk.replay(&["--tickets", &desk.path("none-*.csv")]);
    assert_eq!(exit, Exit::Input);
    assert!(said.contains("no file matches `none-*.csv`"), "{said}");
    let (exit, said) = desk.replay(&["--tickets", "-", "--outages", "-"]);
    assert_eq!(exit, Exit::Call);
    assert!(said.contains("standard input can be read once only"), "{said}");
}

#[test]
fn a_ticket_that_two_files_have_is_told_with_both() {
    let source = "format csv\n    one row per ticket\n    ticket column \"id\"\n    event created at column \"opened\"\n    event resolved at column \"closed\"\n    \
                  field priority column \"priority\"";
    let desk = Desk::new(source);
    let row = "id,opened,closed,priority\nT1,2025-03-07T10:00:00Z,,P1\n";
    desk.put("a.sla", agreement(source).replace("        pauses while status is waiting\n", "").as_bytes());
    std::fs::create_dir(desk.path("march")).unwrap();
    let files = [desk.put("export.csv", row.as_bytes()), desk.put("march/export.csv", row.as_bytes())];
    let (exit, said) = desk.replay(&["--tickets", &files[0], &files[1]]);
    assert_eq!(exit, Exit::Input);
    let told = "march/export.csv, line 2, column `id`: ticket `T1` has two rows, the other in export.csv, line 2";
    assert!(said.contains(told), "{said}");
}

#[test]
fn standard_input_is_read_packed_as_well() {
    let desk = Desk::new(&csv_source(""));
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_klausel"))
        .args(["replay", &desk.path("a.sla"), "--tickets", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&gzip(csv_of(&log(), ',', "\n").as_bytes())).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(String::from_utf8_lossy(&out.stdout).contains("Read 40 tickets"));
    assert!(out.stderr.is_empty(), "a pipe hears nothing of progress");
}

#[test]
fn packed_files_that_are_cut_off_or_damaged_are_told() {
    let text = csv_of(&log(), ',', "\n");
    for (kind, packed) in [("gzip", gzip(text.as_bytes())), ("zstd", zstd(text.as_bytes()))] {
        let told = refused(&csv_source(""), "log.csv", &packed[..packed.len() - 9]);
        assert!(told.starts_with(&format!("log.csv: this {kind} file was cut off")), "{told}");
        assert!(told.contains("copy or download it again"), "{told}");
    }
    let mut damaged = gzip(text.as_bytes());
    let middle = damaged.len() / 2;
    damaged[middle..middle + 40].fill(0x5A);
    let told = refused(&csv_source(""), "log.csv", &damaged);
    assert!(told.starts_with("log.csv: this gzip file"), "{told}");
}

#[test]
fn a_quote_in_row_70_000_is_found_there() {
    let mut text =
        "id,at,event,priority\nT1,2025-03-07 09:00:00,created,P1\nT1,2025-03-07 10:00:00,noted,P1\n".to_string();
    for second in 0..69_997 {
        let at = wall("2025-03-07 11:00:00") + chrono::TimeDelta::seconds(second);
        text.push_str(&format!("T1,{at},noted,P1\n"));
    }
    text.push_str(
        "T1,2025-03-09 10:00:00,\"noted,P1\nT1,2025-03-09 10:00:01,noted,P1\nT1,2025-03-09 10:00:02,noted,P1\n",
    );
    let told = refused(&csv_source(""), "log.csv", text.as_bytes());
    let expected = "log.csv, line 70001, column `event`: the row that begins here runs over 3 lines: a quote in it is never closed";
    assert!(told.starts_with(expected), "{told}");
}

#[test]
fn mixed_line_ends_are_read_and_counted() {
    let head = "id,at,event,priority\r\nT1,2025-03-07 09:00:00,created,P1\nT1,2025-03-07 09:30:00,noted,P1\r";
    let told = refused(&csv_source(""), "log.csv", format!("{head}T1,x,resolved,P1\n").as_bytes());
    assert!(told.starts_with("log.csv, line 4, column `at`: `x` is no instant"), "{told}");
    let told = refused(&csv_source(""), "log.csv", format!("{head}T1,2025-03-07\r10:00:00,resolved,P1\n").as_bytes());
    assert!(
        told.starts_with("log.csv, line 4: this row has 2 cells, the header 4 (this file has line ends of several"),
        "{told}"
    );
}

#[test]
fn a_parquet_file_of_another_schema_is_told_by_its_columns() {
    let other = schema("(TIMESTAMP(MILLIS,true))").replace("binary event", "binary activity");
    let source = format!("format parquet\n    {COLUMNS}");
    let told = refused(&source, "log.parquet", &parquet_of(&log(), &other, instant));
    assert!(
        told.starts_with("log.parquet, column `event`: the source reads this column, and the file has none"),
        "{told}"
    );
    assert!(told.contains("the columns are: id, at, activity, priority"), "{told}");
    let plain = refused(&source, "log.parquet", &parquet_of(&log(), &schema(""), instant));
    assert!(plain.starts_with("log.parquet, row 1, column `at`: `1743286651000` is no instant"), "{plain}");
    let whole = parquet_of(&log(), &schema(""), instant);
    let cut = refused(&source, "log.parquet", &whole[..whole.len() - 20]);
    assert!(cut.starts_with("log.parquet: this Parquet file cannot be read"), "{cut}");
}

#[test]
fn a_workbook_with_formulas_without_values_says_which() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip([["id", "at", "event", "priority"], ["T1", "2025-03-07 09:00:00", "created", "P1"]]) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write(row, column, cell).unwrap();
        }
    }
    sheet.write(2, 0, "T1").unwrap();
    sheet.write(2, 1, Formula::new("=B2+1")).unwrap();
    let source = format!("format xlsx\n    {COLUMNS}");
    let bytes = with_sheet(&book.save_to_buffer().unwrap(), "</f><v>0</v>", "</f>");
    let told = refused(&source, "log.xlsx", &bytes);
    assert!(told.starts_with("log.xlsx, row 3, column `at`: the formula `=B2+1` has no value"), "{told}");
    let desk = Desk::new(&source);
    let file = desk.put("log.xlsx", &bytes);
    let (exit, said) = desk.replay(&["--tickets", &file, "--on-bad-row", "skip"]);
    assert_eq!(exit, Exit::Done);
    assert!(said.contains("the formula `=B2+1` has no value"), "{said}");
}

#[test]
fn a_column_that_turns_from_dates_to_texts_is_read_or_told() {
    let build = |text: &str| {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (column, name) in (0..).zip(["id", "at", "event", "priority"]) {
            sheet.write(0, column, name).unwrap();
        }
        let format = Format::new().set_num_format("dd.mm.yyyy hh:mm");
        let at = ExcelDateTime::parse_from_str("2025-03-07T09:00:00").unwrap();
        sheet.write(1, 0, 17).unwrap();
        sheet.write_with_format(1, 1, &at, &format).unwrap();
        sheet.write(1, 2, "created").unwrap();
        sheet.write(1, 3, "P1").unwrap();
        sheet.write(2, 0, "17").unwrap();
        sheet.write(2, 1, text).unwrap();
        sheet.write(2, 2, "resolved").unwrap();
        book.save_to_buffer().unwrap()
    };
    let source =
        format!("format xlsx\n    {}", COLUMNS.replace("column \"at\" in", "column \"at\" as \"%d.%m.%Y %H:%M\" in"));
    let desk = Desk::new(&source);
    let file = desk.put("log.xlsx", &build("07.03.2025 10:30"));
    let (_, said) = desk.replay(&["--tickets", &file]);
    assert!(said.contains("Read 1 ticket, 2 rows"), "the number 17 and the text 17 are one ticket: {said}");
    let told = refused(&source, "log.xlsx", &build("tomorrow"));
    assert!(told.starts_with("log.xlsx, row 3, column `at`: `tomorrow` is no instant of the form"), "{told}");
}

#[test]
fn duplicate_headers_and_other_sheets_are_told() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("Cover").unwrap();
    for (column, name) in (0..).zip(["id", "at", "event", "event"]) {
        sheet.write(0, column, name).unwrap();
    }
    book.add_worksheet().set_name("Tickets").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let told = refused(&format!("format xlsx\n    {COLUMNS}"), "log.xlsx", &bytes);
    assert!(told.starts_with("log.xlsx, row 1, column `event`: two columns have this name"), "{told}");
    let other = format!("format xlsx\n    {}", COLUMNS.replace("\"event\"", "\"activity\""));
    let told = refused(&other, "log.xlsx", &bytes);
    assert!(told.contains("the first sheet, `Cover`, is read: if the rows are on `Tickets`"), "{told}");
}

#[test]
fn an_hour_of_the_clock_change_is_told_in_every_format() {
    let at = wall("2025-10-26 02:30:00");
    let rows = vec![
        ("T1".to_string(), wall("2025-10-25 02:30:00"), "created", "P1"),
        ("T1".to_string(), at, "resolved", "P1"),
    ];
    let micros = schema("(TIMESTAMP(MICROS,false))");
    for (format, bytes, place) in [
        ("csv", csv_of(&rows, ',', "\n").into_bytes(), "line 3"),
        ("jsonl", lines_of(&rows).into_bytes(), "line 2"),
        ("json", rows.iter().map(object).collect::<Value>().to_string().into_bytes(), "`[1]`"),
        ("xlsx", workbook(&rows, false), "row 5"),
        ("parquet", parquet_of(&rows, &micros, |row| row.1.and_utc().timestamp_micros()), "row 2"),
    ] {
        let told = refused(&format!("format {format}\n    {COLUMNS}"), "log", &bytes);
        let expected =
            format!("log, {place}, column `at`: the wall clock of Europe/Berlin showed `2025-10-26 02:30:00` twice");
        assert!(told.starts_with(&expected), "{told}");
    }
}

#[test]
fn a_file_of_another_format_is_told_as_such() {
    let (rows, parquet) = (log(), schema("(TIMESTAMP(MILLIS,true))"));
    for (format, bytes, told) in [
        ("csv", workbook(&rows, false), "this file is an Excel workbook (say `format xlsx` in the source)"),
        (
            "jsonl",
            parquet_of(&rows, &parquet, instant),
            "this file is a Parquet file (say `format parquet` in the source)",
        ),
        ("xlsx", csv_of(&rows, ',', "\n").into_bytes(), "if it is a CSV, say `format csv` in the source"),
        ("json", lines_of(&rows).into_bytes(), "this looks like JSON lines: say `format jsonl` in the source"),
        ("json", csv_of(&rows, ',', "\n").into_bytes(), "is this a CSV? then say `format csv` in the source"),
    ] {
        let said = refused(&format!("format {format}\n    {COLUMNS}"), "log", &bytes);
        assert!(said.contains(told), "{said}");
    }
}

#[test]
fn a_ticket_that_nothing_happened_to_is_not_lost() {
    let source = nested_source("jsonl", "") + "\n    event created at column \"opened\"";
    let desk = Desk::new(&source);
    let quiet = r#"{"id": "T1", "opened": "2025-03-07T10:00:00Z", "priority": "P2", "changelog": {"histories": []}}"#;
    let busy = r#"{"id": "T2", "opened": "2025-03-07T11:00:00Z", "priority": "P1", "changelog": {"histories": [{"at": "2025-03-07T12:00:00Z", "items": [{"what": "noted"}, {"what": "resolved"}]}]}}"#;
    let file = desk.put("log.jsonl", format!("{quiet}\n{busy}\n").as_bytes());
    let outcomes = desk.path("outcomes.csv");
    let (exit, said) = desk.replay(&["--tickets", &file, "--outcomes", &outcomes, "--as-of", "2025-03-07T13:00:00Z"]);
    assert_eq!(exit, Exit::Done, "{said}");
    let rows = std::fs::read_to_string(outcomes).unwrap();
    // The priority is the ticket's, and holds from its creation on, though its first row comes an hour later.
    assert!(rows.contains("T1,formats,base,,all,P2,resolution,1,28800000,10800000,0,2025-03-07T10:00:00Z"), "{rows}");
    assert!(rows.contains("T2,formats,base,,all,P1,resolution,1,14400000,3600000,0,2025-03-07T11:00:00Z"), "{rows}");
    let broken = busy.replace("2025-03-07T12:00:00Z", "noon");
    let told = refused(&source, "log.jsonl", format!("{quiet}\n{broken}\n").as_bytes());
    assert!(
        told.starts_with(
            "log.jsonl, line 2, `changelog.histories[0].items[0]`, column `changelog.histories[].at`: `noon`"
        ),
        "{told}"
    );
}

#[test]
fn a_full_disk_leaves_nothing_half_written() {
    let desk = Desk::new(&csv_source(""));
    let file = desk.put("log.csv", csv_of(&log(), ',', "\n").as_bytes());
    let full = PathBuf::from("/dev/full");
    if full.exists() {
        let (exit, said) = desk.replay(&["--tickets", &file, "--ledger", "/dev/full"]);
        assert_eq!(exit, Exit::Input, "{said}");
        assert!(said.contains("cannot write `/dev/full`"), "{said}");
    }
    let (exit, said) = desk.replay(&[
        "--tickets",
        &file,
        "--ledger",
        &desk.path("none/l.parquet"),
        "--outcomes",
        &desk.path("o.parquet"),
    ]);
    assert_eq!(exit, Exit::Input, "{said}");
    let left: Vec<String> = std::fs::read_dir(desk.0.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name != "a.sla" && name != "log.csv")
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
