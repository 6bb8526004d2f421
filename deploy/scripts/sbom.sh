#!/usr/bin/env bash
# Writes what the program is made of, as CycloneDX JSON: every crate of the locked tree that is linked on this platform.
# Needs cargo-cyclonedx (cargo install --locked cargo-cyclonedx@0.5.9).
. "$(dirname "$0")/lib.sh"
command -v cargo-cyclonedx >/dev/null || fail "cargo install --locked cargo-cyclonedx@0.5.9"

# It writes beside the manifests, so it gets a copy of what is committed.
copy="$(mktemp -d)"
trap 'rm -rf "$copy"' EXIT
git archive HEAD | tar --extract --directory "$copy"
cargo cyclonedx --manifest-path "$copy/ordertrace/Cargo.toml" \
    --format json --spec-version 1.5 --target "${TARGET:-x86_64-unknown-linux-gnu}" --override-filename bom
mv "$copy/ordertrace/bom.json" "$OUT/bom.json"
echo "$OUT/bom.json"
