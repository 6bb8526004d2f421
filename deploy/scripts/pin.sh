#!/usr/bin/env bash
# Writes the image that was pushed into an overlay: pin.sh [deploy/overlays/production/kustomization.yaml]
. "$(dirname "$0")/lib.sh"
overlay="${1:-deploy/overlays/production/kustomization.yaml}"
image="${PINNED:-$(pushed)}"
[[ "$image" =~ ^[a-z0-9./:_-]+@sha256:[0-9a-f]{64}$ ]] || fail "no image by its digest: $image"

sed --in-place \
    -e "/^images:/,/^[a-z]/ s|^    newName: .*|    newName: ${image%@*}|" \
    -e "/^images:/,/^[a-z]/ s|^    digest: .*|    digest: ${image#*@}|" \
    "$overlay"
grep --quiet --fixed-strings "digest: ${image#*@}" "$overlay" || fail "$overlay has no image to set"
echo "$overlay: $image"
