# What is done often. `just` alone lists it.

default:
    @just --list

# All that a change must pass.
ci:
    bash .ci/run

test:
    cargo test

# Rewrite the outputs that the book's pages show.
bless:
    KLAUSEL_BLESS=1 cargo test --test book --test spec

# The example's statement.
example:
    cargo run --release -- replay rules/examples/nordlicht/portfolio --tickets example
