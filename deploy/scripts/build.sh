#!/usr/bin/env bash
# Builds the image for this machine's architecture and leaves it in the local engine. RELEASE=1 refuses what could not be built again.
. "$(dirname "$0")/lib.sh"

arguments=()
if [ -f deploy/images.env ]; then
    while IFS= read -r line; do
        case "$line" in
        \#* | "") ;;
        *) arguments+=(--build-arg "$line") ;;
        esac
    done <deploy/images.env
elif [ "${RELEASE:-}" = 1 ]; then
    fail "a release names the images it is built from by their digests: deploy/scripts/images.sh writes deploy/images.env"
fi
if [ "${RELEASE:-}" = 1 ]; then
    [ -z "$(git status --porcelain)" ] || fail "a release is built from what is committed, and this checkout has changes"
fi

# The time of the commit and not of the build, so that the same commit gives the same labels.
SOURCE_DATE_EPOCH="$(git log -1 --format=%ct)"
export SOURCE_DATE_EPOCH
docker buildx build --load \
    --file deploy/Dockerfile \
    --target ordertrace \
    --build-arg "VERSION=$VERSION" \
    --build-arg "REVISION=$(git rev-parse HEAD)" \
    --build-arg "CREATED=$(date --utc --date="@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)" \
    --build-arg "SOURCE=${SOURCE:-https://example.com/ordertrace}" \
    "${arguments[@]}" \
    --tag "$IMAGE:$VERSION" \
    .
