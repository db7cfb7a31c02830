use super::*;

fn parsed(text: &str) -> (Sources, Parsed) {
    let mut sources = Sources::default();
    let file = sources.add("a.sla", text);
    let parsed = parse(&sources, file);
    (sources, parsed)
}

fn faults(text: &str) -> Vec<String> {
    let (sources, parsed) = parsed(text);
    let lines = parsed
        .diagnostics
        .iter()
        .map(|found| format!("{} {}: {}", sources.start(found.span), found.code, found.message));
    lines.collect()
}

#[test]
fn statements_need_no_line_ends() {
    assert_eq!(
        faults(r#"agreement a { title "x" contract "y" penalty p { for each breach of m credit 1% of fee } }"#),
        [""; 0]
    );
}

#[test]
fn faults_in_different_clauses_are_all_found() {
    let text = r#"
agreement a {
    titel "x"
    effective 2025-02-30..2025-12-31
    metric m {
        starts on created
        pasues while status is waiting
        stops on
    }
    tier gold when plan is "gold" and x is 1 or y is 2 {
        m { P1 4 h }
    }
    penalty p {
        for each breach of m
        credit 2% of fee per started huor late
    }
    cap penalties at 25% of fee month
    round half up to 0.01
}
"#;
    let found = faults(text);
    assert_eq!(found.len(), 8, "{found:#?}");
}

#[test]
fn a_missing_brace_is_told_where_its_clause_opened() {
    let text = "agreement a {\n    metric m {\n        starts on created\n        stops on resolved\n    penalty p {\n        for each breach of m\n        credit 1% of fee\n    }\n}\n";
    assert_eq!(faults(text), ["2:5 unclosed_block: this clause has no closing brace"]);
}

#[test]
fn a_target_knows_its_calendar_by_name() {
    let text = "agreement a { tier t { m { P1 2 service days in office, any 4h in always } } escalate m { 30m in desk before breach notify \"x\" } }";
    let (_, parsed) = parsed(text);
    let tree = format!("{:?}", parsed.tree.items);
    for name in ["office", "always", "desk"] {
        assert!(tree.contains(&format!("Some(Spanned {{ value: \"{name}\"")), "{name}: {tree}");
    }
}

#[test]
fn a_comment_after_a_statement_is_no_part_of_it() {
    let text = "agreement a {\n    applies when x is 1\n    // About what follows.\n    remove tier gold\n}\n";
    let (sources, parsed) = parsed(text);
    let ast::Item::Agreement(agreement) = &parsed.tree.items[0] else { panic!("an agreement") };
    assert_eq!(sources.text(agreement.statements[0].span), "applies when x is 1");
}

#[test]
fn a_figure_has_one_condition() {
    let line = |words: &str| {
        faults(&format!(
            "agreement a {{ penalty p {{ per month on attainment of m {words} below 95% credit 1% of fee }} }}"
        ))
    };
    assert_eq!(line("when x is 1 with at least 20 tickets"), [""; 0]);
    assert_eq!(line("with at least 20 tickets when x is 1"), [""; 0]);
    assert_eq!(line("when x is 1 with at least 20 tickets when y is 2").len(), 1, "the second would go unread");
}

#[test]
fn an_amendment_has_its_days_its_name_and_statements_of_its_own() {
    let (_, parsed) = parsed(
        r#"agreement a {
            amend from 2025-07-01 § 3 "Addendum 1" { override fee 2 EUR per month remove penalty late }
            amend for 2025-11-15..2025-12-23 { tier t { m { any 4h } } }
            title "after"
        }"#,
    );
    assert_eq!(parsed.diagnostics, []);
    let Some(ast::Item::Agreement(agreement)) = parsed.tree.items.first() else { panic!("an agreement") };
    let told: Vec<String> = agreement.statements.iter().map(told_amendment).collect();
    assert_eq!(told, ["2025-07-01 None 3 Addendum 1: 2", "2025-11-15 Some(2025-12-23)  : 1", "no amendment"]);
}

fn told_amendment(statement: &ast::Statement) -> String {
    let ast::StatementKind::Amend(amendment) = &statement.kind else { return "no amendment".to_string() };
    let text = |text: Option<&ast::Text>| text.map_or(String::new(), |text| text.value.clone());
    let (mark, title) = (text(statement.mark.as_ref()), text(amendment.title.as_ref()));
    format!("{} {:?} {mark} {title}: {}", amendment.first, amendment.last, amendment.statements.len())
}
