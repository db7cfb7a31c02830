//! The book of the language, run: each page's files are written, its agreements checked and tested, its commands
//! compared with the output that the page shows.
//!
//! `KLAUSEL_BLESS=1 cargo test --test book` writes the outputs anew.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test says what it misses by failing")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A fenced block of a page.
struct Block {
    /// What stands after the fence: a language and, for a file, its name.
    info: String,
    /// The line on which its text begins, from one.
    line: usize,
    text: String,
}

/// A page in the order in which it is read.
enum Part {
    /// A line outside of blocks, headings among them.
    Prose(String),
    Block(Block),
}

fn parts(page: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(info) = line.strip_prefix("```") else {
            parts.push(Part::Prose(line.to_string()));
            continue;
        };
        let inside = lines.by_ref().map(|(_, line)| line).take_while(|line| !line.starts_with("```"));
        let text = inside.map(|line| format!("{line}\n")).collect();
        parts.push(Part::Block(Block { info: info.to_string(), line: number + 2, text }));
    }
    parts
}

fn page(parts: &[Part]) -> String {
    let words = parts.iter().map(|part| match part {
        Part::Prose(line) => format!("{line}\n"),
        Part::Block(block) => format!("```{}\n{}```\n", block.info, block.text),
    });
    words.collect()
}

/// A folder with the files of a page, and what went wrong there.
struct Desk<'a> {
    name: &'a str,
    folder: tempfile::TempDir,
    /// Agreement files of the section, which are checked at its end.
    agreements: Vec<(String, usize)>,
    faults: Vec<String>,
}

impl Desk<'_> {
    fn run(&self, arguments: &[String]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_klausel")).args(arguments).current_dir(self.folder.path()).output().unwrap()
    }

    fn block(&mut self, block: &mut Block) {
        match block.info.split_once(' ') {
            Some((language, name)) => self.file(language, name, block),
            None if block.info == "console" => self.console(block),
            None => {}
        }
    }

    fn file(&mut self, language: &str, name: &str, block: &Block) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &block.text).unwrap();
        if language == "sla" {
            self.agreements.push((name.to_string(), block.line));
        }
    }

    /// An agreement of the book is written as `fmt` writes it, is sound, and passes its own tests.
    fn end_section(&mut self) {
        for (name, line) in std::mem::take(&mut self.agreements) {
            for command in [&["fmt", "--check"][..], &["check"], &["test"]] {
                let arguments: Vec<String> = command.iter().copied().chain([name.as_str()]).map(String::from).collect();
                let output = self.run(&arguments);
                let warns = command == ["check"] && !output.stderr.is_empty();
                if !output.status.success() || warns {
                    self.fault(line, &format!("`klausel {}` fails", arguments.join(" ")), &shown(&output));
                }
            }
        }
    }

    /// Commands and their output; the page's own is replaced by what came out.
    fn console(&mut self, block: &mut Block) {
        let commands = block.text.lines().filter_map(|line| line.strip_prefix("$ klausel "));
        let mut came = String::new();
        for command in commands {
            let output = self.run(&words(command));
            write!(came, "$ klausel {command}\n{}", shown(&output)).unwrap();
        }
        if came != block.text {
            self.fault(block.line, "this is not what comes out", &difference(&block.text, &came));
            block.text = came;
        }
    }

    fn fault(&mut self, line: usize, what: &str, told: &str) {
        self.faults.push(format!("tests/spec/{}:{line}: {what}\n{told}", self.name));
    }
}

/// A command's words; quotes keep blanks together.
fn words(command: &str) -> Vec<String> {
    let quoted = command.split('\'').enumerate();
    let words = quoted.flat_map(|(place, part)| match place % 2 {
        0 => part.split_whitespace().map(String::from).collect(),
        _ => vec![part.to_string()],
    });
    words.collect()
}

/// Messages, then results, then the exit code where it is not 0.
fn shown(output: &Output) -> String {
    let mut text = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        writeln!(text, "[exit code {}]", output.status.code().unwrap_or(-1)).unwrap();
    }
    text
}

/// The lines that differ, without what is the same before and after.
fn difference(page: &str, came: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (page.lines().collect(), came.lines().collect());
    let same = |(a, b): &(&&str, &&str)| a == b;
    let before = old.iter().zip(&new).take_while(same).count();
    let after = old.iter().skip(before).rev().zip(new.iter().skip(before).rev()).take_while(same).count();
    let told = |sign: &str, lines: &[&str]| -> String {
        let changed = lines.iter().skip(before).take(lines.len().saturating_sub(before + after));
        changed.map(|line| format!("{sign} {line}\n")).collect()
    };
    told("-", &old) + &told("+", &new)
}

fn spec() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec")
}

/// The chapters by name, in reading order.
fn chapters() -> Vec<String> {
    let names = std::fs::read_dir(spec()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".md") && name != "README.md").collect();
    names.sort();
    names
}

/// Runs a page; with `bless` its outputs are written anew.
fn run(name: &str, bless: bool) -> (usize, Vec<String>) {
    let path = spec().join(name);
    let mut parts = parts(&std::fs::read_to_string(&path).unwrap());
    let mut desk = Desk { name, folder: tempfile::tempdir().unwrap(), agreements: Vec::new(), faults: Vec::new() };
    let mut examples = 0;
    for part in &mut parts {
        match part {
            Part::Prose(line) if line.starts_with('#') => desk.end_section(),
            Part::Prose(_) => {}
            Part::Block(block) => {
                examples +=
                    block.text.lines().filter(|line| line.starts_with("test \"") || line.starts_with("$ ")).count();
                desk.block(block);
            }
        }
    }
    desk.end_section();
    if bless {
        std::fs::write(&path, page(&parts)).unwrap();
        desk.faults.retain(|fault| !fault.contains("this is not what comes out"));
    }
    (examples, desk.faults)
}

#[test]
fn every_page_of_the_book_holds() {
    let bless = std::env::var_os("KLAUSEL_BLESS").is_some_and(|value| !value.is_empty());
    let mut examples = 0;
    let mut faults = Vec::new();
    for name in chapters() {
        let (of_page, found) = run(&name, bless);
        if of_page == 0 {
            faults.push(format!("tests/spec/{name}: no example"));
        }
        examples += of_page;
        faults.extend(found);
    }
    eprintln!("{} pages, {examples} examples", chapters().len());
    if !faults.is_empty() {
        panic!("{}\nwith KLAUSEL_BLESS=1 the pages take the outputs that came", faults.join("\n"));
    }
}

#[test]
fn the_table_of_contents_names_every_chapter_in_order() {
    let contents = std::fs::read_to_string(spec().join("README.md")).unwrap();
    let places: Vec<Option<usize>> = chapters().iter().map(|name| contents.find(&format!("({name})"))).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{:?}", chapters());
}
