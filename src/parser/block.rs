//! The blocks of the language: which statements stand in which braces, and the words they begin with.

use super::grammar::Rule;

/// What stands between braces, or in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    File,
    Source,
    Holidays,
    Calendar,
    Week,
    Agreement,
    Priority,
    Metric,
    Tier,
    Maintenance,
    Availability,
    Escalate,
    Clause,
    Consequences,
    Supplier,
    Plugin,
    Test,
}

const FILE: &[&str] = &["edition", "use", "source", "holidays", "calendar", "template", "agreement", "test", "plugin"];
const SOURCE: &[&str] = &[
    "format",
    "separator",
    "rows",
    "one",
    "each",
    "unordered",
    "ticket",
    "at",
    "event",
    "first",
    "field",
    "missing",
    "service",
    "from",
    "to",
    "customer",
    "clause",
    "period",
    "amount",
    "currency",
];
const HOLIDAYS: &[&str] =
    &["easter", "last", "first", "second", "third", "fourth", "fifth", "mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const CALENDAR: &[&str] =
    &["timezone", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "closed", "open", "during", "week"];
const AGREEMENT: &[&str] = &[
    "override",
    "remove",
    "title",
    "contract",
    "provider",
    "customer",
    "effective",
    "timezone",
    "currency",
    "kind",
    "fee",
    "service",
    "review",
    "months",
    "beside",
    "versioned",
    "empty",
    "counted",
    "excluded",
    "tickets",
    "outages",
    "charges",
    "announcements",
    "claims",
    "applies",
    "field",
    "priority",
    "metric",
    "tier",
    "maintenance",
    "exclude",
    "availability",
    "escalate",
    "penalty",
    "incentive",
    "cap",
    "combine",
    "round",
    "pay",
    "raise",
    "consequences",
    "supplier",
    "budget",
    "amend",
    "allow",
    "claim",
];
const METRIC: &[&str] = &[
    "starts",
    "stops",
    "pauses",
    "reopens",
    "cancels",
    "retargets",
    "repeats",
    "target",
    "late",
    "counted",
    "despite",
];
const CLAUSE: &[&str] = &[
    "for", "per", "below", "at", "above", "credit", "bonus", "earn", "extend", "capped", "except", "claim", "on",
    "counted",
];
const AVAILABILITY: &[&str] = &[
    "override", "hours", "promise", "ignore", "join", "down", "excluded", "over", "count", "round", "despite",
    "measured",
];
const TEST: &[&str] = &[
    "ticket",
    "outage",
    "charge",
    "tickets",
    "outages",
    "charges",
    "announcement",
    "announcements",
    "as",
    "fee",
    "given",
    "expect",
];

impl Block {
    /// The rule of one statement.
    pub fn rule(self) -> Rule {
        match self {
            Block::File => Rule::file_line,
            Block::Source => Rule::source_line,
            Block::Holidays => Rule::holiday_rule,
            Block::Calendar => Rule::calendar_line,
            Block::Week => Rule::week_line,
            Block::Agreement => Rule::agreement_line,
            Block::Priority => Rule::priority_line,
            Block::Metric => Rule::metric_line,
            Block::Tier => Rule::tier_line,
            Block::Maintenance => Rule::maintenance_line,
            Block::Availability => Rule::availability_line,
            Block::Escalate => Rule::step,
            Block::Clause => Rule::clause_line,
            Block::Consequences => Rule::consequence_line,
            Block::Supplier => Rule::supplier_line,
            Block::Plugin => Rule::limit_line,
            Block::Test => Rule::test_line,
        }
    }

    /// The rule that tells how far a statement came before what cannot follow it.
    pub fn probe(self) -> Rule {
        match self {
            Block::File => Rule::file_probe,
            Block::Source => Rule::source_probe,
            Block::Holidays => Rule::holidays_probe,
            Block::Calendar => Rule::calendar_probe,
            Block::Week => Rule::week_probe,
            Block::Agreement => Rule::agreement_probe,
            Block::Priority => Rule::priority_probe,
            Block::Metric => Rule::metric_probe,
            Block::Tier => Rule::tier_probe,
            Block::Maintenance => Rule::maintenance_probe,
            Block::Availability => Rule::availability_probe,
            Block::Escalate => Rule::escalate_probe,
            Block::Clause => Rule::clause_probe,
            Block::Consequences => Rule::consequences_probe,
            Block::Supplier => Rule::supplier_probe,
            Block::Plugin => Rule::plugin_probe,
            Block::Test => Rule::test_probe,
        }
    }

    /// The words that begin its statements.
    pub fn heads(self) -> &'static [&'static str] {
        match self {
            Block::File => FILE,
            Block::Source => SOURCE,
            Block::Holidays => HOLIDAYS,
            Block::Calendar => CALENDAR,
            Block::Week => &["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
            Block::Agreement => AGREEMENT,
            Block::Priority => &[],
            Block::Metric => METRIC,
            Block::Tier => &["override", "remove", "hours", "promise"],
            Block::Maintenance => &["every", "count", "timezone"],
            Block::Availability => AVAILABILITY,
            Block::Escalate => &["at", "every"],
            Block::Clause => CLAUSE,
            Block::Consequences => &["attainment", "availability", "breaches"],
            Block::Supplier => &["covers", "lead", "recover"],
            Block::Plugin => &["fuel", "memory", "sha256", "kind", "deadline", "takes"],
            Block::Test => TEST,
        }
    }

    /// Whether a statement may begin with a name of the user's.
    pub fn begins_with_names(self) -> bool {
        matches!(self, Block::Priority | Block::Tier | Block::Test)
    }

    /// Whether a statement may begin with a number, a date or a weekday with more stuck to it.
    pub fn begins_with_numbers(self) -> bool {
        matches!(
            self,
            Block::Holidays
                | Block::Calendar
                | Block::Week
                | Block::Maintenance
                | Block::Escalate
                | Block::Consequences
                | Block::Test
        )
    }

    /// As messages call it.
    pub fn noun(self) -> &'static str {
        match self {
            Block::File => "a file",
            Block::Source => "a source",
            Block::Holidays => "a list of holidays",
            Block::Calendar => "a calendar",
            Block::Week => "the hours of a week",
            Block::Agreement => "an agreement",
            Block::Priority => "the priorities",
            Block::Metric => "a metric",
            Block::Tier => "a tier",
            Block::Maintenance => "a maintenance window",
            Block::Availability => "an availability",
            Block::Escalate => "an escalation",
            Block::Clause => "a penalty or an incentive",
            Block::Consequences => "the consequences",
            Block::Supplier => "a supplier",
            Block::Plugin => "a plugin",
            Block::Test => "a test",
        }
    }

    /// The block in the braces that a statement of this rule opens.
    pub fn opened_by(rule: Rule) -> Option<Block> {
        Some(match rule {
            Rule::source_head => Block::Source,
            Rule::holidays_head => Block::Holidays,
            Rule::calendar_head => Block::Calendar,
            Rule::during_head | Rule::alternate_head => Block::Week,
            Rule::agreement_head | Rule::amend_head => Block::Agreement,
            Rule::priority_head => Block::Priority,
            Rule::metric_head => Block::Metric,
            Rule::tier_head => Block::Tier,
            Rule::maintenance_head => Block::Maintenance,
            Rule::availability_head => Block::Availability,
            Rule::escalate_head => Block::Escalate,
            Rule::penalty_head | Rule::incentive_head => Block::Clause,
            Rule::consequences_head => Block::Consequences,
            Rule::supplier_head => Block::Supplier,
            Rule::plugin_head => Block::Plugin,
            Rule::test_head => Block::Test,
            _ => return None,
        })
    }
}
