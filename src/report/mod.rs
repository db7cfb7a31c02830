//! What people and programs read: findings, statements, plans, rows.

pub mod told;
pub mod diagnostic;
pub mod diff;
pub mod diff_json;
pub mod plan;
pub mod json;
pub mod rows;
pub mod text;
pub mod explanation;
pub mod test_results;
pub mod import;
mod count;
mod parquet;
mod table;
mod version;

pub use count::count;
