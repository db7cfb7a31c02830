#!/bin/sh
# Builds KIND.wasm. It takes clang with wasi-libc, and `cargo install wit-bindgen-cli wasm-tools` once before.
# CC is another compiler; CFLAGS are more flags for it, such as `--sysroot=/opt/wasi-sdk/share/wasi-sysroot`.
set -eu
cd "$(dirname "$0")"
wit-bindgen c wit --world KIND
# shellcheck disable=SC2086 # a list of flags
${CC:-clang} --target=wasm32-wasi ${CFLAGS:-} -Oz -flto -Wall -Wextra -mexec-model=reactor -nostartfiles \
    -Wl,--no-entry,--strip-all -o KIND.core.wasm rule.c decimal.c KIND.c KIND_component_type.o
wasm-tools component new KIND.core.wasm -o KIND.wasm
rm KIND.core.wasm
