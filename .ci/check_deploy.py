#!/usr/bin/env python3
"""Everything about deploy/ and the pipelines that can be checked without a cluster, an engine or a registry.

    python .ci/check_deploy.py FOLDER

FOLDER is where `.ci/deploy/install` has put the tools. It renders the overlays, lets the tools look at them and at the other files, and
then our own policies. What could not be looked at is named as skipped, with the reason, and never counts as passed.
"""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

TOOLS = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) == 2 else sys.exit(__doc__)
ROOT = pathlib.Path(__file__).resolve().parent.parent
HERE = ROOT / ".ci" / "deploy"
PYTHON = TOOLS / "tools" / "bin" / "python"
if pathlib.Path(sys.executable) != PYTHON:
    os.execv(PYTHON, [PYTHON, "-B", __file__, TOOLS])

sys.path.insert(0, str(HERE))
os.chdir(ROOT)

import files  # noqa: E402
import policies  # noqa: E402
import routes  # noqa: E402
import spoiled  # noqa: E402
import yaml  # noqa: E402
from manifests import Manifests  # noqa: E402

TOOL_SECS_MAX = 120
OVERLAYS = ("dev", "production", "istio", "operators")

# What the roles have and a job has not is asked of these only.
OF_ROLES = ("dev", "production", "istio")

# Kinds that are not Kubernetes' own, by who has their schema.
MODELLED = ("gateway.networking.k8s.io", "networking.istio.io")


class Tally:
    """What was looked at, and how it was."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def say(self, what, complaints):
        complaints = list(complaints)
        print(f"{'FAILED' if complaints else 'ok    '} {what}", flush=True)
        for complaint in complaints:
            print(f"       {complaint}")
        self.passed, self.failed = self.passed + (not complaints), self.failed + bool(complaints)

    def skip(self, what, why):
        print(f"SKIPPED {what}: {why}", flush=True)
        self.skipped += 1


def tool(name, environment="tools"):
    return TOOLS / environment / "bin" / name


def run(command, given=None):
    """Runs a tool; gives its output, and complaints: all of what it said, if it was not content."""
    with tempfile.TemporaryDirectory() as home:
        ran = subprocess.run(
            [str(word) for word in command],
            input=given,
            capture_output=True,
            text=True,
            timeout=TOOL_SECS_MAX,
            env=os.environ | {"HOME": home, "NO_COLOR": "1", "LC_ALL": "C.UTF-8"},
        )
    return ran.stdout, [] if ran.returncode == 0 else (ran.stdout + ran.stderr).splitlines()


def rendered(tally, folder):
    """Each overlay as it would be applied."""
    overlays = {}
    for overlay in OVERLAYS:
        output, complaints = run([tool("kubectl"), "kustomize", f"deploy/overlays/{overlay}"])
        tally.say(f"kubectl kustomize deploy/overlays/{overlay}", complaints)
        (folder / f"{overlay}.yaml").write_text(output)
        overlays[overlay] = Manifests(overlay, [one for one in yaml.safe_load_all(output) if one])
    return overlays


def group(object_):
    return object_["apiVersion"].split("/")[0]


def check_schemas(tally, overlays, folder):
    for overlay, it in overlays.items():
        own = [one for one in it.objects if group(one) not in MODELLED]
        page = folder / f"{overlay}-own.yaml"
        page.write_text(yaml.safe_dump_all(own))
        _, complaints = run([tool("kubernetes-validate"), "--strict", "--quiet", page])
        tally.say(f"kubernetes-validate --strict, {len(own)} objects of {overlay}", complaints)
    modelled = [one for it in overlays.values() for one in it.objects if group(one) in MODELLED]
    models = TOOLS / "models"
    if (models / "node_modules").exists():
        _, complaints = run(["node", models / "models.mjs"], json.dumps(modelled))
        tally.say(f"the schemas of Gateway API and Istio, {len(modelled)} objects", complaints)
    else:
        tally.skip(f"the schemas of Gateway API and Istio, {len(modelled)} objects", "npm, which has them, is not there")
    tally.skip("the schemas of NACK", "no registry has them; a test holds deploy/nats/streams.yaml to what the program declares")
    tally.skip("helm template of the NATS chart", "no registry that is used here has the chart; its values are judged by policy")


def check_by_tools(tally, folder):
    scripts = sorted(pathlib.Path("deploy/scripts").glob("*.sh")) + [HERE / "install", ROOT / ".ci" / "advisories"]
    yamls = ["deploy", ".github", "azure-pipelines.yml", "cloudbuild.yaml"]
    commands = {
        "hadolint": [tool("hadolint"), "deploy/Dockerfile"],
        "yamllint --strict": [tool("yamllint"), "--strict", "--config-file", HERE / "yamllint.yaml", *yamls],
        "zizmor --pedantic": [tool("zizmor"), "--offline", "--pedantic", "--quiet", ".github"],
        "shellcheck": [tool("shellcheck"), "--external-sources", "--source-path=SCRIPTDIR", *scripts],
    }
    for name, command in commands.items():
        tally.say(name, run(command)[1])
    if tool("checkov", "checkov").exists():
        pages = [word for overlay in OVERLAYS for word in ("--file", folder / f"{overlay}.yaml")]
        common = [tool("checkov", "checkov"), "--quiet", "--compact", "--skip-download"]
        tally.say("checkov: manifests", run([*common, "--framework", "kubernetes", *pages])[1])
        tally.say("checkov: Dockerfile", run([*common, "--framework", "dockerfile", "--file", "deploy/Dockerfile"])[1])
        tally.say("checkov: workflows", run([*common, "--framework", "github_actions", "--directory", ".github"])[1])
    else:
        tally.skip("checkov", "it can't be had")


def check_compose(tally):
    command = [tool("docker-compose"), "--file", "deploy/compose.yaml", "--profile", "observe", "config"]
    output, complaints = run([*command, "--format", "json"])
    tally.say("docker compose config", complaints)
    if not complaints:
        compose = json.loads(output)
        for policy in files.COMPOSE:
            tally.say(f"compose: {policy.__name__}", policy(compose))
        tally.say("each policy of a file sees what is spoiled for it", spoiled.unseen_in_files(compose))


def check_prometheus(tally):
    promtool = next((one for one in (TOOLS / "promtool", shutil.which("promtool")) if one and os.access(one, os.X_OK)), None)
    commands = {
        "promtool check rules": ["check", "rules", "deploy/prometheus/rules.yml"],
        "promtool check config": ["check", "config", "deploy/prometheus/prometheus.yml"],
        "promtool test rules": ["test", "rules", HERE / "alerts.test.yml"],
    }
    for name, words in commands.items():
        if promtool is None:
            tally.skip(name, "promtool is not there, and Debian's package of it can't be had")
        else:
            tally.say(name, run([promtool, *words])[1])
    if promtool is not None:
        with tempfile.TemporaryDirectory() as folder:
            spoiled_rules = pathlib.Path(folder, "rules.yml")
            rules = pathlib.Path("deploy/prometheus/rules.yml").read_text()
            spoiled_rules.write_text(rules.replace("expr: max(", "expr: max((", 1))
            complaints = run([promtool, "check", "rules", spoiled_rules])[1]
        tally.say("promtool sees a rule that can't be read", [] if complaints else ["it does not"])


def check_policies(tally, overlays):
    for policy in policies.ALL:
        of = OVERLAYS if policy in policies.OF_ANY_POD else OF_ROLES
        complaints = [f"{overlay}: {one}" for overlay in of for one in policy(overlays[overlay])]
        tally.say(f"policy: {policy.__name__}", complaints)
    tally.say("each policy sees what is spoiled for it", spoiled.unseen(overlays["istio"]))
    for policy in files.FILES:
        tally.say(f"files: {policy.__name__}", policy())


def check_routes(tally, overlays, folder):
    tally.say("routes: each call has its role in the source", routes.strangers())
    misled = len(list(routes.lost(lambda method, path: "projections")))
    tally.say("routes: a gateway that sends all to one role is noticed", [] if misled > 10 else [f"only {misled} calls were missed"])
    api = routes.by_gateway_api(overlays["production"].of("HTTPRoute"))
    tally.say("routes: Gateway API", routes.lost(api))
    istio = routes.by_istio(overlays["istio"].named("VirtualService", "ordertrace"))
    tally.say("routes: Istio", routes.lost(istio))
    caddyfile = pathlib.Path("deploy/components/caddy/Caddyfile").read_text()
    complaints = []
    try:
        with routes.by_caddy(tool("caddy"), caddyfile, str(folder)) as reached:
            complaints = list(routes.lost(reached))
    except AssertionError as wrong:
        complaints.append(str(wrong))
    tally.say("routes: compose's gateway, running", complaints)


def main():
    tally = Tally()
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        overlays = rendered(tally, folder)
        check_schemas(tally, overlays, folder)
        check_by_tools(tally, folder)
        check_compose(tally)
        check_prometheus(tally)
        check_policies(tally, overlays)
        check_routes(tally, overlays, folder)
    word = "FAILED" if tally.failed else "ok"
    print(f"test result: {word}. {tally.passed} passed; {tally.failed} failed; {tally.skipped} ignored; deploy")
    sys.exit(1 if tally.failed else 0)


if __name__ == "__main__":
    main()
