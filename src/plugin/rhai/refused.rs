//! What the engine reads and a rule must not have: it would answer wrongly in silence, or hide data from the limits.

use ::rhai::{AST, ASTNode, Expr, Position, Stmt};

use super::super::Failure;
use super::failure;

/// Fields that hold a text, never a number.
const TEXTS: &[&str] =
    &["agreement", "clause", "reference", "currency", "ticket", "metric", "tier", "priority", "service", "id"];

/// The first thing in a script that is refused.
pub fn first(ast: &AST) -> Option<Failure> {
    let mut found = None;
    ast.walk(&mut |path: &[ASTNode]| {
        found = path.last().and_then(refused);
        found.is_none()
    });
    found.map(|(position, what, help)| Failure { at: failure::at(position), ..failure::new(what, help) })
}

fn refused(node: &ASTNode) -> Option<(Position, &'static str, &'static str)> {
    match node {
        ASTNode::Stmt(Stmt::Switch(parts, position)) if !is_text(&parts.0) => Some((
            *position,
            "`switch` passes numbers with decimals over in silence",
            "write `if … else if …`; `switch` is for a field that is a text, such as `switch breach.priority`",
        )),
        ASTNode::Stmt(shared @ Stmt::Share(_)) => Some((
            shared.position(),
            "a function written `|…|` uses a variable from outside it",
            "write a `for` loop, or hand the value over as a parameter of a function",
        )),
        ASTNode::Expr(Expr::ThisPtr(position)) => {
            Some((*position, "`this` cannot be used here", "give the function a parameter, and hand the value over"))
        }
        _ => None,
    }
}

/// Whether this can only be a text: a text itself, a field that holds one, or a field of a ticket or outage.
fn is_text(expression: &Expr) -> bool {
    match expression {
        Expr::StringConstant(..) | Expr::InterpolatedString(..) => true,
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => match &parts.rhs {
            Expr::Property(property, ..) => TEXTS.contains(&property.2.as_str()) || named(&parts.lhs, "fields"),
            Expr::StringConstant(..) => named(&parts.lhs, "fields"),
            rest => named(&parts.lhs, "fields") || is_text(rest),
        },
        _ => false,
    }
}

fn named(expression: &Expr, name: &str) -> bool {
    matches!(expression, Expr::Property(property, ..) if property.2.as_str() == name)
}
