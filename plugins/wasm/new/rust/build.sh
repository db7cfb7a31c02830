#!/bin/sh
# Builds KIND.wasm. Once before: `rustup target add wasm32-unknown-unknown` and `cargo install wasm-tools`.
set -eu
cd "$(dirname "$0")"
cargo build --release --target wasm32-unknown-unknown --target-dir target
wasm-tools component new target/wasm32-unknown-unknown/release/KIND.wasm -o KIND.wasm
