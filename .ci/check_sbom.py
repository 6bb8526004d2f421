"""Whether the list of what the program is made of (deploy/scripts/sbom.sh) is one: python .ci/check_sbom.py BOM

It is held to the commit that it was made of: every crate of ours and what those name as their dependencies has to be in it, with the
version and the checksum of Cargo.lock, and nothing that is not there. A list that was spoiled has to be found out, too.
"""
import copy
import json
import pathlib
import subprocess
import sys
import tomllib

PROGRAM = "ordertrace"


def at_head(path):
    return tomllib.loads(subprocess.run(["git", "show", f"HEAD:{path}"], capture_output=True, text=True, check=True).stdout)


def ours():
    """The crates of ours that the program is made of, and what they take from others, by their names."""
    found, named, wanted = set(), set(), [PROGRAM]
    folders = {at_head(f"{folder}/Cargo.toml")["package"]["name"]: folder for folder in at_head("Cargo.toml")["workspace"]["members"]}
    while wanted:
        name = wanted.pop()
        if name in found:
            continue
        found.add(name)
        for key, about in at_head(f"{folders[name]}/Cargo.toml").get("dependencies", {}).items():
            if isinstance(about, dict) and about.get("optional"):
                continue
            named.add(key) if key not in folders else wanted.append(key)
    return found, named


def complaints(bom, lock, crates):
    own, named = crates
    if bom.get("bomFormat") != "CycloneDX" or bom.get("specVersion") != "1.5":
        yield "it is no CycloneDX 1.5"
    top = bom["metadata"]["component"]
    listed = {(one["name"], one["version"]): one for one in [top, *bom["components"]]}
    if top["name"] != PROGRAM or len(listed) != 1 + len(bom["components"]):
        yield "it is of something else, or names something twice"
    for key, one in listed.items():
        checksum = next((it["content"] for it in one.get("hashes", []) if it["alg"] == "SHA-256"), None)
        if key not in lock:
            yield f"{' '.join(key)} is not in Cargo.lock"
        elif checksum != lock[key]:
            yield f"{' '.join(key)} has another checksum than in Cargo.lock"
        if key[0] not in own and not one.get("licenses"):
            yield f"{' '.join(key)} has no licence"
    names = {name for name, _ in listed}
    yield from (f"{name} is missing" for name in sorted((own | named) - names))


def main():
    bom = json.loads(pathlib.Path(sys.argv[1]).read_text())
    lock = {(one["name"], one["version"]): one.get("checksum") for one in at_head("Cargo.lock")["package"]}
    crates = ours()
    found = list(complaints(bom, lock, crates))
    print("\n".join(found) or f"{len(bom['components'])} components, as they are locked")
    unseen = []
    for spoil in (
        lambda it: it["components"].pop(next(at for at, one in enumerate(it["components"]) if one["name"] == "axum")),
        lambda it: it["components"][0].update(version="0.0.0"),
        lambda it: it["metadata"]["component"].update(name="other"),
        lambda it: it.update(specVersion="1.2"),
    ):
        spoiled = copy.deepcopy(bom)
        spoil(spoiled)
        unseen += [] if len(list(complaints(spoiled, lock, crates))) > len(found) else ["a spoiled list is not found out"]
    print("\n".join(unseen), end="")
    failed = bool(found) + bool(unseen)
    print(f"test result: {'FAILED' if failed else 'ok'}. {2 - failed} passed; {failed} failed; 0 ignored; sbom")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main() if len(sys.argv) == 2 else sys.exit(__doc__)
