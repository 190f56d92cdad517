# Everyday commands; `just` lists them.

_default:
    @just --list

# The card on the screen.
read:
    cargo run --release -- read

# Everything that needs Rust alone.
test:
    cargo test --workspace

# Format and lints, as CI has them.
lint:
    cargo fmt --all -- --check
    cargo clippy --workspace --all-targets -- -D warnings

# The card in a real reader: pcscd, opensc-tool, scriptor, pyscard.
pcsc:
    cargo test --package sscard --features pcsc --test pcsc

# Wireshark reads our traces: tshark.
tshark:
    cargo test --package sscard --features tshark --test tshark

# Figures.
bench:
    cargo run --release --package sscard-bench

# Every fuzz target for some seconds.
fuzz seconds="30":
    fuzz/run {{seconds}}

# Undefined behaviour in the codecs and the memory's journal; needs the nightly component miri.
miri:
    MIRIFLAGS=-Zmiri-disable-isolation PROPTEST_CASES=8 cargo +nightly miri test -p sscard-apdu --lib
    MIRIFLAGS=-Zmiri-disable-isolation PROPTEST_CASES=8 cargo +nightly miri test -p sscard-core --lib nvm

# Mutants of the codecs and the cryptography; needs cargo-mutants.
mutants:
    cargo mutants -p sscard-apdu -p sscard-crypto --minimum-test-timeout 12 -- --lib

# Accept the golden sessions as they are now; read the difference.
golden:
    BLESS=1 cargo test --workspace golden

# What is shipped: program, libraries, headers, the package for Python.
dist folder="target/shipped":
    .ci/dist {{folder}}

# All that a change must pass.
ci:
    .ci/run
