#!/usr/bin/env bash
# Writes the image that was pushed into the overlays that name it: the roles', and that of the job that makes their streams. Into
# others instead, if they are given: pin.sh KUSTOMIZATION…
. "$(dirname "$0")/lib.sh"
[ $# -gt 0 ] || set -- deploy/overlays/production/kustomization.yaml deploy/overlays/operators/kustomization.yaml
image="${PINNED:-$(pushed)}"
[[ "$image" =~ ^[a-z0-9./:_-]+@sha256:[0-9a-f]{64}$ ]] || fail "no image by its digest: $image"

# All are looked at before any is written, or the job and the roles would be of two releases.
for overlay in "$@"; do
    sed --quiet '/^images:/,/^[a-z]/p' "$overlay" | grep --quiet '^    digest: ' || fail "$overlay has no image to set"
done
for overlay in "$@"; do
    sed --in-place \
        -e "/^images:/,/^[a-z]/ s|^    newName: .*|    newName: ${image%@*}|" \
        -e "/^images:/,/^[a-z]/ s|^    digest: .*|    digest: ${image#*@}|" \
        "$overlay"
    echo "$overlay: $image"
done
