# shellcheck shell=bash
# What the scripts share: where they are, and what they are told by their environment. Sourced, not run.
#   IMAGE    the image's name without a tag, such as registry.example.com/ordertrace
#   VERSION  its tag; by default that of the checkout
#   OUT      the folder for what they leave to each other: the digest, the SBOM, the scanner's report
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

IMAGE="${IMAGE:-ordertrace}"
# A repository may have capitals in its name, an image may not.
IMAGE="${IMAGE,,}"
VERSION="${VERSION:-$(git describe --tags --always --dirty)}"
OUT="${OUT:-${TMPDIR:-/tmp}/ordertrace-release}"
mkdir -p "$OUT"

# Ends with the words, for people.
fail() {
    echo "$*" >&2
    exit 1
}

# The image by its digest, as push.sh has left it.
pushed() {
    [ -s "$OUT/digest" ] || fail "no image was pushed yet: deploy/scripts/push.sh"
    cat "$OUT/digest"
}
