#!/usr/bin/env bash
# Writes deploy/images.env: the images that ours is built from, by their digests, as the registries have them now. Commit it: it says what a
# release was made of, and a rebuild takes the same.
. "$(dirname "$0")/lib.sh"

pinned() {
    local digest
    digest="$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$2")"
    echo "$1=$2@$digest"
}

# The default of a build argument, as the Dockerfile has it.
default() { sed -n "s/^ARG $1=//p" deploy/Dockerfile; }

{
    echo "# Written by deploy/scripts/images.sh."
    for name in RUST_IMAGE BASE_IMAGE SHELL_IMAGE; do
        pinned "$name" "$(default "$name")"
    done
} >"$OUT/images.env"
mv "$OUT/images.env" deploy/images.env
