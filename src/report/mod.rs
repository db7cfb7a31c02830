//! What people and programs read: findings, statements, plans, rows.

pub mod diagnostic;
pub mod plan;
mod table;
