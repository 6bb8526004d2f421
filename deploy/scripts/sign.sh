#!/usr/bin/env bash
# Signs the pushed image by its digest, and the SBOM over it. With COSIGN_KEY (a file, or a key in a vault: gcpkms://…, azurekms://…) by
# that key; without, by the identity of the pipeline that runs this (sigstore, keyless). Then verifies what it has signed.
# Needs cosign (go install github.com/sigstore/cosign/v2/cmd/cosign@v2.6.1, which Go checks against its public checksum database).
. "$(dirname "$0")/lib.sh"
command -v cosign >/dev/null || fail "go install github.com/sigstore/cosign/v2/cmd/cosign@v2.6.1"
image="$(pushed)"
[ -s "$OUT/bom.json" ] || fail "no SBOM was written yet: deploy/scripts/sbom.sh"

key=()
verify=()
if [ -n "${COSIGN_KEY:-}" ]; then
    key=(--key "$COSIGN_KEY")
    verify=(--key "$COSIGN_KEY")
else
    verify=(--certificate-identity "${SIGNER:?whose signature it is}" --certificate-oidc-issuer "${SIGNER_ISSUER:?who vouches for it}")
fi
cosign sign --yes "${key[@]}" "$image"
cosign attest --yes "${key[@]}" --type cyclonedx --predicate "$OUT/bom.json" "$image"
cosign verify "${verify[@]}" "$image" >/dev/null
cosign verify-attestation "${verify[@]}" --type cyclonedx "$image" >/dev/null
echo "signed and verified: $image"
