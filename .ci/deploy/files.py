"""What we want of the files beside the manifests: compose, the image, the configuration of NATS, the pipelines."""
import os
import pathlib
import re
import subprocess
import tempfile
import tomllib

import settings

import yaml

PIPELINES = (".github/workflows/release.yml", "azure-pipelines.yml", "cloudbuild.yaml")
# How much of a server's disk the log may take: the rest is for the other streams, and for what is written while a copy catches up.
FULL_AT_MOST = 0.85

PIN_SECS_MAX = 20

STEPS = ("build", "scan", "sbom", "push", "sign")

# What a file would say, if it were spoiled: for those who show that a policy can complain.
INSTEAD = {}


def text(path):
    return INSTEAD.get(str(path)) or pathlib.Path(path).read_text()


def compose_is_hardened(compose):
    for name, service in compose["services"].items():
        if not service.get("read_only") or service.get("cap_drop") != ["ALL"]:
            yield f"{name} can write to its image, or has privileges"
        if service.get("security_opt") != ["no-new-privileges:true"]:
            yield f"{name} can gain privileges"
        added = set(service.get("cap_add", [])) - ({"NET_BIND_SERVICE"} if name == "gateway" else set())
        if added:
            yield f"{name} has {added}"
        limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
        if not {"cpus", "memory", "pids"} <= set(limits):
            yield f"{name} has no limits"
        if ":" not in service["image"] or service["image"].endswith(":latest"):
            yield f"{name} is {service['image']}, which may be another one tomorrow"


def compose_is_reached_from_this_machine_only(compose):
    for name, service in compose["services"].items():
        for port in service.get("ports", []):
            if port.get("host_ip") != "127.0.0.1":
                yield f"{name} can be reached from other machines"
    for network in ("log", "roles"):
        if not compose["networks"][network].get("internal"):
            yield f"the network {network} leads somewhere"
    for name, service in compose["services"].items():
        environment = service.get("environment") or {}
        if environment.get("ORDERTRACE_INSECURE_NO_AUTH") and not environment.get("ORDERTRACE_ALLOWED_HOSTS"):
            yield f"{name} answers pages of any name"


def compose_waits_for_health(compose):
    # Some make something and end, one listens on loopback only, and one is for looking at.
    without = {"audit-key", "nats-users", "provision", "payment-simulator", "traces"}
    for name, service in compose["services"].items():
        if "healthcheck" not in service and name not in without:
            yield f"nobody asks {name} how it is"
        for other, how in service.get("depends_on", {}).items():
            is_asked = "healthcheck" in compose["services"][other]
            wanted = "service_healthy" if is_asked else "service_completed_successfully"
            # The saga is well when it has the simulator, which shares its network.
            wanted = "service_started" if name == "payment-simulator" else wanted
            if how["condition"] != wanted:
                yield f"{name} does not wait until {other} is well, or has done its work"


def compose_has_three_nodes(compose):
    roles = {name: one for name, one in compose["services"].items() if one["image"] == "ordertrace:dev"}
    nodes = sorted(name for name in compose["services"] if re.fullmatch(r"nats-\d", name))
    if len(nodes) != 3 or any(not compose["services"][node].get("volumes") for node in nodes):
        yield "there are not three servers of NATS, each with its volume"
    for name, role in roles.items():
        environment = role.get("environment") or {}
        if "NATS_URL" in environment and not all(node in environment["NATS_URL"] for node in nodes):
            yield f"{name} does not know all servers"
        if "NATS_URL" in environment and environment.get("NATS_REPLICAS") != "3":
            yield f"{name} takes fewer copies"


def compose_has_a_user_of_nats_for_each_role(compose):
    services = compose["services"]
    keys = {
        name: [one["source"] for one in service.get("volumes") or [] if one["source"].startswith("key-")]
        for name, service in services.items()
    }
    wanted = {name: [f"key-{name}"] for name in ("command-api", "saga", "projections", "audit")}
    wanted["provision"] = ["key-ops"]
    every = sorted(key for one in wanted.values() for key in one)
    if sorted(keys["nats-users"]) != every or services["nats-users"].get("network_mode") != "none":
        yield "the keys are not made, or not where nobody listens"
    for name in services.keys() - {"nats-users"}:
        environment = services[name].get("environment") or {}
        if keys[name] != wanted.get(name, []) or ("NATS_URL" in environment) != (name in wanted):
            yield f"{name} has {keys[name]}: another's key, or none"
        if keys[name] and environment.get("NATS_NKEY_FILE") != "/run/nats/nats.nk":
            yield f"{name} does not use its key"
    for name in services:
        for one in services[name].get("volumes") or []:
            is_shared = one["source"].startswith("key-") or one["source"] == "nats-users"
            if is_shared and name != "nats-users" and not one.get("read_only"):
                yield f"{name} can change who is who"


def compose_keeps_the_log_to_those_who_work_on_it(compose):
    services = compose["services"]
    on_it = {name for name, service in services.items() if "log" in (service.get("networks") or {})}
    work_on_it = {name for name, service in services.items() if "NATS_URL" in (service.get("environment") or {})}
    for name in sorted(on_it ^ (work_on_it | {"nats-1", "nats-2", "nats-3"})):
        yield f"{name} is on the network of the log and has no work there, or the other way round"


def compose_settings_exist(compose):
    for name, service in compose["services"].items():
        # Those that make keys have a shell before them.
        if service["image"] == "ordertrace:dev" and name not in ("audit-key", "nats-users"):
            for complaint in settings.unknown(service["command"], service.get("environment") or {}):
                yield f"{name}: {complaint}"


COMPOSE = [
    compose_is_hardened,
    compose_is_reached_from_this_machine_only,
    compose_waits_for_health,
    compose_has_three_nodes,
    compose_has_a_user_of_nats_for_each_role,
    compose_keeps_the_log_to_those_who_work_on_it,
    compose_settings_exist,
]


def the_image_is_locked_and_slim():
    dockerfile = text("deploy/Dockerfile")
    last = dockerfile.split("\nFROM ")[-1]
    if not last.startswith("${BASE_IMAGE}") or not re.search(r"^ARG BASE_IMAGE=\S+distroless\S+:nonroot$", dockerfile, re.M):
        yield "the last stage is not the slim one"
    if not re.search(r"^USER 65532:65532$", last, re.M) or "nats-server" in last:
        yield "the image runs as somebody else, or has what does not belong there"
    for line in re.findall(r"^RUN .*cargo (?:install|build|chef cook).*|^ +&& cargo .*", dockerfile, re.M):
        if "--locked" not in line:
            yield f"not locked: {line}"
    if dockerfile.index("COPY .cargo") > dockerfile.index("cargo chef cook"):
        yield "the allocator is compiled without its settings (.cargo)"
    if "org.opencontainers.image.revision" not in last:
        yield "the image does not say what it was built from"


def the_build_sees_every_crate_and_nothing_else():
    ignored = text("deploy/Dockerfile.dockerignore").splitlines()
    members = tomllib.loads(text("Cargo.toml"))["workspace"]["members"]
    wanted = {*members, ".cargo", "Cargo.toml", "Cargo.lock", "LICENSE", "NOTICE"}
    seen = {line[1:] for line in ignored if line.startswith("!")}
    if "*" not in ignored or seen != wanted:
        yield f"the build sees {sorted(seen ^ wanted)}, or does not"


def nats_writes_before_it_acknowledges():
    values = yaml.safe_load(text("deploy/nats/values.yaml"))
    for name in ("values", "values-dev"):
        config = yaml.safe_load(text(f"deploy/nats/{name}.yaml"))["config"]["jetstream"]
        if config["merge"].get("sync_interval") != "always" or not config["fileStore"]["pvc"].get("size"):
            yield f"{name}.yaml loses orders in a power cut"
    cluster = values["config"]["cluster"]
    is_private = cluster["tls"]["enabled"] and values["config"]["nats"]["tls"]["enabled"]
    if not cluster["enabled"] or cluster["replicas"] != 3 or not is_private:
        yield "production has not three servers that speak TLS"
    if "config" not in values or values["config"]["merge"].get("00$include") != "../nats-users/users.conf":
        yield "production's NATS takes everybody"
    if not values["podDisruptionBudget"]["enabled"] or not values["promExporter"]["enabled"]:
        yield "NATS can be emptied, or is not watched"


def streams_are_kept():
    for stream in yaml.safe_load_all(text("deploy/nats/streams.yaml")):
        spec, name = stream["spec"], stream["metadata"]["name"]
        if spec.get("preventDelete") is not True or spec.get("preventUpdate") is not True:
            yield f"{name} goes when its manifest goes"
        if stream["kind"] == "Stream" and (spec["replicas"] != 3 or spec["storage"] != "file"):
            yield f"{name} is not on three disks"


def the_log_fits_its_disks():
    told = re.search(r"NATS_EVENTS_MAX_BYTES=(\d+)GiB$", text("deploy/overlays/production/kustomization.yaml"), re.M)
    job = re.search(r"NATS_EVENTS_MAX_BYTES\n +value: (\d+)GiB$", text("deploy/overlays/operators/provision.yaml"), re.M)
    log = next(yaml.safe_load_all(text("deploy/nats/streams.yaml")))["spec"]
    values = yaml.safe_load(text("deploy/nats/values.yaml"))
    disk = re.fullmatch(r"(\d+)Gi", values["config"]["jetstream"]["fileStore"]["pvc"]["size"])
    if told is None or job is None or told[1] != job[1] or log.get("maxBytes") != int(told[1]) << 30:
        yield "the roles, the job that makes the streams and NACK's manifest do not agree on the size of the log"
    elif disk is None or int(told[1]) > FULL_AT_MOST * int(disk[1]):
        yield f"{told[1]} GiB of log leave no room for anything else on {disk and disk[1]} GiB"


def a_release_pins_the_job_and_the_roles():
    """Runs pin.sh on a copy of what it may write to."""
    overlays = [str(one) for one in sorted(pathlib.Path("deploy/overlays").glob("*/kustomization.yaml")) if "digest: sha256:" in text(one)]
    if len({image_of(text(overlay)) for overlay in overlays}) != 1:
        yield f"{' and '.join(overlays)} are of two releases"
    image = f"registry.test/ordertrace@sha256:{'5a' * 32}"
    with tempfile.TemporaryDirectory() as folder:
        for path in ("deploy/scripts/lib.sh", "deploy/scripts/pin.sh", *overlays):
            copy = pathlib.Path(folder, path)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text(path))
        told = os.environ | {"PINNED": image, "VERSION": "v0.0.0", "OUT": f"{folder}/out"}
        command = ["bash", f"{folder}/deploy/scripts/pin.sh"]
        ran = subprocess.run(command, env=told, capture_output=True, text=True, timeout=PIN_SECS_MAX)
        if ran.returncode != 0:
            yield f"pin.sh fails: {ran.stderr}"
        for overlay in overlays:
            if image_of(pathlib.Path(folder, overlay).read_text()) != image:
                yield f"pin.sh leaves {overlay} as it was"


def image_of(kustomization):
    [image] = yaml.safe_load(kustomization)["images"]
    return f"{image['newName']}@{image['digest']}"


def pipelines_do_the_same():
    for pipeline in PIPELINES:
        steps = [text(pipeline).find(f"deploy/scripts/{step}.sh") for step in STEPS]
        if -1 in steps or steps != sorted(steps) or ".ci/run" not in text(pipeline):
            yield f"{pipeline} leaves out a step, or takes another order"


def actions_are_pinned():
    for workflow in pathlib.Path(".github/workflows").glob("*.yml"):
        for used in re.findall(r"uses: (\S+)", text(workflow)):
            if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", used):
                yield f"{workflow.name} uses {used}, which may be another one tomorrow"


FILES = [
    the_image_is_locked_and_slim,
    the_build_sees_every_crate_and_nothing_else,
    nats_writes_before_it_acknowledges,
    streams_are_kept,
    the_log_fits_its_disks,
    a_release_pins_the_job_and_the_roles,
    pipelines_do_the_same,
    actions_are_pinned,
]
