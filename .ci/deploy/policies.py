"""What we want of every pod, whatever else a tool may say; traffic.py has what we want of the ways to it.

Each policy gives its complaints about the objects of an overlay. `.ci/deploy/spoiled.py` shows that each can complain.
"""
import pathlib
import re

import settings
import traffic
from manifests import containers, seconds_in, selects

# Between what a stop may take and the kill: the kubelet's own delays, on a node that has much to do.
GRACE_MARGIN_SECS = 10

# Settings that open a door; production has none of them.
DOORS = ("ORDERTRACE_INSECURE_NO_AUTH", "ORDERTRACE_ALLOW_LOSING_ACKNOWLEDGED_ORDERS")

SECRET_WORDS = re.compile(r"(SECRET|PASSWORD|TOKEN|_KEY)$")


def pods_run_as_nobody(it):
    for name, _, template in it.workloads():
        context = template["spec"].get("securityContext", {})
        if not context.get("runAsNonRoot") or context.get("runAsUser", 0) < 10000:
            yield f"{name} may run as root, or as a user of the node"
        if context.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield f"{name} has no seccomp profile"


def containers_have_no_privilege(it):
    for name, _, template in it.workloads():
        for container in containers(template):
            context = container.get("securityContext", {})
            capabilities = context.get("capabilities", {})
            # The gateway's binary can't be started without this one; the restricted standard allows it.
            added = set(capabilities.get("add", [])) - ({"NET_BIND_SERVICE"} if name == "gateway" else set())
            if context.get("allowPrivilegeEscalation") is not False or capabilities.get("drop") != ["ALL"] or added:
                yield f"{name}/{container['name']} can gain privileges"
            if context.get("readOnlyRootFilesystem") is not True:
                yield f"{name}/{container['name']} can write to its image"


def resources_are_bounded(it):
    for name, _, template in it.workloads():
        for container in containers(template):
            resources = container.get("resources", {})
            for side in ("requests", "limits"):
                for what in ("cpu", "memory"):
                    if what not in resources.get(side, {}):
                        yield f"{name}/{container['name']} has no {what} {side}"


def probes_ask_the_right_port(it):
    wanted = {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"}
    for name, _, template in it.roles():
        for container in containers(template, beside=False):
            ports = {port["name"]: port["containerPort"] for port in container.get("ports", [])}
            listen = it.environment(container).get("ORDERTRACE_LISTEN", "")
            if not listen.endswith(f":{ports.get('http')}"):
                yield f"{name} listens at {listen}, and its port is {ports.get('http')}"
            if ports.get("http") != settings.default_port(settings.help_of(container["args"])):
                yield f"{name} has another port than the documentation"
            for probe, path in wanted.items():
                asked = container.get(probe, {}).get("httpGet", {})
                if asked.get("path") != path or asked.get("port") != "http":
                    yield f"{name}: {probe} does not ask {path} at the port http"


def grace_is_longer_than_a_stop(it):
    sources = "\n".join(page.read_text() for page in pathlib.Path("ordertrace/src").rglob("*.rs"))
    stop_secs = seconds_in(sources, "STOP_MAX")
    for name, _, template in it.roles():
        drain_secs = max(int(it.environment(one).get("ORDERTRACE_DRAIN_SECS") or 0) for one in containers(template))
        grace_secs = template["spec"].get("terminationGracePeriodSeconds", 30)
        if stop_secs is None:
            yield "the source has no STOP_MAX any more: how long may a stop take?"
        elif grace_secs < drain_secs + stop_secs + GRACE_MARGIN_SECS:
            yield f"{name} is killed after {grace_secs} s, and may need {drain_secs} + {stop_secs}"


def roles_drain(it):
    for name, _, template in it.roles():
        if not int(it.environment(containers(template, beside=False)[0]).get("ORDERTRACE_DRAIN_SECS") or 0):
            yield f"{name} stops answering before everybody knows"


def nobody_has_a_token_of_the_cluster(it):
    for name, _, template in it.workloads():
        spec = template["spec"]
        account = it.named("ServiceAccount", spec.get("serviceAccountName", "default"))
        if account is None or account.get("automountServiceAccountToken") is not False:
            yield f"{name} has no service account of its own, or one with a token"
        if spec.get("automountServiceAccountToken") is not False:
            yield f"{name} has a token mounted"


def a_node_can_be_emptied_one_pod_at_a_time(it):
    for name, _, template in it.workloads():
        labels = template["metadata"]["labels"]
        budgets = [
            one for one in it.of("PodDisruptionBudget") if selects(one["spec"]["selector"]["matchLabels"], labels)
        ]
        if [one["spec"].get("maxUnavailable") for one in budgets] != [1]:
            yield f"{name} has not exactly one budget, of one pod at a time"


def no_secret_is_in_the_repository(it):
    for secret in it.of("Secret"):
        yield f"the Secret {secret['metadata']['name']} is here with its value"
    for name, _, template in it.workloads():
        for container in containers(template):
            for variable, value in it.environment(container).items():
                is_known = it.overlay == "dev" and value == "sk_simulated"
                if SECRET_WORDS.search(variable) and not is_known:
                    yield f"{name}: {variable} is no place for a secret"


def every_reference_is_there_or_documented(it):
    guide = pathlib.Path("deploy/README.md").read_text()
    for name, _, template in it.workloads():
        for kind, wanted in references(template):
            if it.named(kind, wanted) is None and f"`{wanted}`" not in guide:
                yield f"{name} wants the {kind} {wanted}, which deploy/README.md does not tell of"


def references(template):
    for volume in template["spec"].get("volumes", []):
        for source in volume.get("projected", {}).get("sources", [volume]):
            if "secret" in source:
                yield "Secret", source["secret"].get("secretName") or source["secret"]["name"]
            if "configMap" in source:
                yield "ConfigMap", source["configMap"]["name"]
    for container in containers(template):
        for source in container.get("envFrom", []):
            yield "ConfigMap", source["configMapRef"]["name"]


def images_are_what_they_say(it):
    for name, _, template in it.workloads():
        for container in containers(template):
            image = container["image"]
            is_exact = re.search(r"@sha256:[0-9a-f]{64}$", image) or (
                it.overlay == "dev" and re.search(r":[\w.-]+$", image) and not image.endswith(":latest")
            )
            if not is_exact:
                yield f"{name}/{container['name']} is {image}, which may be another one tomorrow"


def pods_of_a_role_stand_apart(it):
    for name, _, template in it.roles():
        spread = {one["topologyKey"]: one for one in template["spec"].get("topologySpreadConstraints", [])}
        labels = template["metadata"]["labels"]
        if not all(selects(one["labelSelector"]["matchLabels"], labels) for one in spread.values()):
            yield f"{name} is spread among others' pods"
        if {"topology.kubernetes.io/zone", "kubernetes.io/hostname"} - set(spread):
            yield f"{name} may stand on one node, or in one zone"
        elif it.overlay != "dev" and spread["kubernetes.io/hostname"]["whenUnsatisfiable"] != "DoNotSchedule":
            yield f"{name} may stand on one node in production"


def the_namespace_is_restricted(it):
    for namespace in it.of("Namespace"):
        labels = namespace["metadata"]["labels"]
        if labels.get("pod-security.kubernetes.io/enforce") != "restricted":
            yield "the namespace takes pods that are not restricted"


def settings_exist(it):
    for name, _, template in it.roles():
        for container in containers(template):
            for complaint in settings.unknown(container["args"], it.environment(container)):
                yield f"{name}: {complaint}"


def scaling_is_one_hand_at_a_time(it):
    for scaler in it.of("HorizontalPodAutoscaler"):
        name = scaler["spec"]["scaleTargetRef"]["name"]
        if "replicas" in it.named("Deployment", name)["spec"]:
            yield f"{name} is scaled by two"
    if [one["spec"]["scaleTargetRef"]["name"] for one in it.of("HorizontalPodAutoscaler")] != ["command-api"]:
        yield "not command-api alone scales by itself"
    for name in ("saga", "page"):
        if it.overlay != "dev" and it.named("Deployment", name)["spec"]["replicas"] != 2:
            yield f"nobody stands by for the {name}"


def production_has_no_open_door(it):
    if it.overlay == "dev":
        return
    for name, _, template in it.roles():
        told = it.environment(containers(template)[0])
        for door in DOORS:
            if door in told:
                yield f"{name} has {door}"
        if told.get("ORDERTRACE_LOG_FORMAT") != "json" or "ORDERTRACE_AUTH_ISSUER" not in told:
            yield f"{name} is not set as in production, or knows nobody"
        if name == traffic.PAGE:
            yield from page_has_no_open_door(told)
        elif told.get("NATS_REPLICAS") != "3" or not told["NATS_URL"].startswith("tls://") or "NATS_NKEY_FILE" not in told:
            yield f"{name} is on NATS in another way than in production"
        elif not told.get("NATS_EVENTS_MAX_BYTES"):
            yield f"{name} lets the log grow until the disk is full"


def page_has_no_open_door(told):
    if not told.get("ORDERTRACE_PUBLIC_URL", "").startswith("https://"):
        yield "the page is served in the clear"
    if not told.get("ORDERTRACE_SESSION_KEY_FILE"):
        yield "each pod of the page has sessions of its own"
    if any(name.startswith("NATS_") for name in told):
        yield "the page knows NATS"


def each_role_has_a_key_of_its_own(it):
    if it.overlay == "dev":
        return
    for name, _, template in it.roles():
        keys = [wanted for kind, wanted in references(template) if kind == "Secret" and wanted.startswith("ordertrace-nats-")]
        if keys != ([] if name == traffic.PAGE else [f"ordertrace-nats-{name}"]):
            yield f"{name} has {keys}: it is another's user of NATS, or nobody's"


ALL = [
    pods_run_as_nobody,
    containers_have_no_privilege,
    resources_are_bounded,
    probes_ask_the_right_port,
    grace_is_longer_than_a_stop,
    roles_drain,
    nobody_has_a_token_of_the_cluster,
    a_node_can_be_emptied_one_pod_at_a_time,
    traffic.nothing_passes_that_is_not_named,
    traffic.the_flows_that_are_needed_pass,
    no_secret_is_in_the_repository,
    every_reference_is_there_or_documented,
    images_are_what_they_say,
    pods_of_a_role_stand_apart,
    traffic.services_find_their_pods,
    the_namespace_is_restricted,
    settings_exist,
    scaling_is_one_hand_at_a_time,
    production_has_no_open_door,
    each_role_has_a_key_of_its_own,
    traffic.the_page_reaches_the_roles_and_nothing_else,
    traffic.a_change_is_never_sent_twice,
    traffic.a_change_inside_the_mesh_is_never_sent_twice,
    traffic.a_circuit_breaker_never_takes_all,
]

# Those that hold for whatever runs, a job of an operator's too.
OF_ANY_POD = [
    pods_run_as_nobody,
    containers_have_no_privilege,
    resources_are_bounded,
    nobody_has_a_token_of_the_cluster,
    traffic.nothing_passes_that_is_not_named,
    no_secret_is_in_the_repository,
    every_reference_is_there_or_documented,
    images_are_what_they_say,
    the_namespace_is_restricted,
]
