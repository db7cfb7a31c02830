//! Which arguments a script reads, told from its text.

use std::collections::BTreeSet;

use ::rhai::{AST, ASTNode, Expr};

/// The names read as `arguments.NAME`; none where the arguments are passed on whole or looked up by a name made up later.
pub fn arguments(ast: &AST) -> Option<BTreeSet<String>> {
    let renamed = ast.iter_functions().any(|function| {
        matches!(function.name, "classify" | "pause")
            && function.params.get(1).is_some_and(|second| *second != "arguments")
    });
    let (mut names, mut seen, mut read) = (BTreeSet::new(), 0_usize, 0_usize);
    let mut by_text = renamed;
    ast.walk(&mut |path: &[ASTNode]| {
        let Some(ASTNode::Expr(expression)) = path.last() else { return true };
        seen += usize::from(word(expression) == Some("arguments"));
        match expression {
            Expr::Dot(parts, ..) if word(&parts.lhs) == Some("arguments") => {
                if let Some(name) = first(&parts.rhs) {
                    names.insert(name.to_string());
                    read += 1;
                }
            }
            Expr::StringConstant(text, ..) => by_text |= text.as_str() == "arguments",
            _ => {}
        }
        true
    });
    (!by_text && seen == read).then_some(names)
}

/// The first word of what stands after a dot.
fn first(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => word(&parts.lhs),
        other => word(other),
    }
}

fn word(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Property(property, ..) => Some(property.2.as_str()),
        Expr::Variable(variable, ..) => Some(variable.1.as_str()),
        _ => None,
    }
}
