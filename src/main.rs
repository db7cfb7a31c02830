//! The program: `klausel` on the command line.

fn main() {}
