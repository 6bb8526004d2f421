#!/usr/bin/env bash
# Pushes the image and leaves its digest: from here on it is known by that, and by no tag.
. "$(dirname "$0")/lib.sh"

docker push "$IMAGE:$VERSION"
docker inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$IMAGE:$VERSION" |
    grep --fixed-strings --max-count 1 "$IMAGE@sha256:" >"$OUT/digest" ||
    fail "the engine knows no digest of $IMAGE:$VERSION"
cat "$OUT/digest"
