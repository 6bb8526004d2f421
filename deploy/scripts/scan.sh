#!/usr/bin/env bash
# Looks through the image for known vulnerabilities; one of high severity that has a fix ends the release.
. "$(dirname "$0")/lib.sh"
SCANNER="${SCANNER:-anchore/grype:v0.116.0}"

# The scanner gets a file and not the engine's socket: it has no need to start anything.
docker save --output "$OUT/image.tar" "$IMAGE:$VERSION"
scanner="$(docker create --cap-drop ALL --security-opt no-new-privileges --env GRYPE_DB_CACHE_DIR=/db "$SCANNER" \
    docker-archive:/image.tar --only-fixed --fail-on high --output table --output json=/scan.json)"
trap 'docker rm --force "$scanner" >/dev/null; rm -f "$OUT/image.tar"' EXIT
# Copied and not mounted, for the engine may run on another machine than this script.
docker cp --quiet "$OUT/image.tar" "$scanner:/image.tar"
verdict=0
docker start --attach "$scanner" || verdict=$?
docker cp --quiet "$scanner:/scan.json" "$OUT/scan.json"
exit "$verdict"
