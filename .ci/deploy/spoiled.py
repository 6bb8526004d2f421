"""A policy that can't complain is none: each is shown an overlay that was spoiled for it."""
import copy

import files
import policies
import traffic
from manifests import Manifests


def pod(it, name="saga"):
    return next(template for named, _, template in it.roles() if named == name)["spec"]


def main(it, name="saga"):
    return pod(it, name)["containers"][0]


def without(kind, name=None):
    def spoil(it):
        it.objects = [one for one in it.objects if one["kind"] != kind or name not in (None, one["metadata"]["name"])]

    return spoil


def told(variable, value):
    def spoil(it):
        main(it).setdefault("env", []).append({"name": variable, "value": value})

    return spoil


def spoil(change):
    """A change that returns nothing, from one that does."""
    return lambda it: change(it) and None


SPOILERS = {
    policies.pods_run_as_nobody: spoil(lambda it: pod(it)["securityContext"].update(runAsUser=0)),
    policies.containers_have_no_privilege: spoil(lambda it: main(it)["securityContext"].pop("readOnlyRootFilesystem")),
    policies.resources_are_bounded: spoil(lambda it: main(it)["resources"]["limits"].pop("memory")),
    policies.probes_ask_the_right_port: spoil(lambda it: main(it)["livenessProbe"]["httpGet"].update(port=8090)),
    policies.grace_is_longer_than_a_stop: spoil(lambda it: pod(it).update(terminationGracePeriodSeconds=20)),
    policies.roles_drain: told("ORDERTRACE_DRAIN_SECS", "0"),
    policies.nobody_has_a_token_of_the_cluster: spoil(lambda it: pod(it).pop("serviceAccountName")),
    policies.a_node_can_be_emptied_one_pod_at_a_time: without("PodDisruptionBudget", "audit"),
    traffic.nothing_passes_that_is_not_named: without("NetworkPolicy", "default-deny"),
    traffic.the_flows_that_are_needed_pass: without("NetworkPolicy", "roles-to-nats"),
    policies.no_secret_is_in_the_repository: told("ORDERTRACE_PAYMENT_PROVIDER_SECRET", "sk_live_x"),
    policies.every_reference_is_there_or_documented: spoil(
        lambda it: pod(it, "audit")["volumes"].append({"name": "x", "secret": {"secretName": "unheard-of"}})
    ),
    policies.images_are_what_they_say: spoil(lambda it: main(it).update(image="ordertrace:latest")),
    policies.pods_of_a_role_stand_apart: spoil(lambda it: pod(it).pop("topologySpreadConstraints")),
    traffic.services_find_their_pods: spoil(lambda it: main(it)["ports"][0].update(name="web")),
    policies.the_namespace_is_restricted: spoil(lambda it: it.of("Namespace")[0]["metadata"].update(labels={})),
    policies.settings_exist: told("ORDERTRACE_NO_SUCH_SETTING", "1"),
    policies.scaling_is_one_hand_at_a_time: spoil(lambda it: it.named("Deployment", "command-api")["spec"].update(replicas=3)),
    policies.production_has_no_open_door: told("ORDERTRACE_INSECURE_NO_AUTH", "true"),
    policies.each_role_has_a_key_of_its_own: spoil(
        lambda it: pod(it)["volumes"].append({"name": "x", "secret": {"secretName": "ordertrace-nats-ops"}})
    ),
    traffic.the_page_reaches_the_roles_and_nothing_else: without("NetworkPolicy", "roles-from-page"),
    traffic.a_change_is_never_sent_twice: spoil(
        lambda it: it.named("VirtualService", "ordertrace")["spec"]["http"][0].pop("retries")
    ),
    traffic.a_change_inside_the_mesh_is_never_sent_twice: without("VirtualService", "projections"),
    traffic.a_circuit_breaker_never_takes_all: without("DestinationRule", "projections"),
}


def service(name, **changes):
    return lambda compose: compose["services"][name].update(changes)


COMPOSE = {
    files.compose_is_hardened: service("saga", read_only=False),
    files.compose_is_reached_from_this_machine_only: service("saga", ports=[{"target": 8082, "published": "8082"}]),
    files.compose_waits_for_health: lambda compose: compose["services"]["saga"].pop("healthcheck"),
    files.compose_has_three_nodes: lambda compose: compose["services"].pop("nats-3"),
    files.compose_has_a_user_of_nats_for_each_role: service("saga", volumes=[{"source": "key-ops", "read_only": True}]),
    files.compose_keeps_the_log_to_those_who_work_on_it: service("page", networks={"log": None}),
    files.compose_settings_exist: service("saga", command=["saga", "--no-such-flag"]),
}

# A policy of a file: the file, what is in it, and what stands there instead.
FILES = {
    files.the_image_is_locked_and_slim: ("deploy/Dockerfile", "cargo build --release --locked", "cargo build --release"),
    files.the_build_sees_every_crate_and_nothing_else: ("deploy/Dockerfile.dockerignore", "!saga", "!data"),
    files.nats_writes_before_it_acknowledges: ("deploy/nats/values.yaml", "sync_interval: always", "sync_interval: 2m"),
    files.streams_are_kept: ("deploy/nats/streams.yaml", "preventDelete: true", "preventDelete: false"),
    files.the_log_fits_its_disks: ("deploy/nats/values.yaml", "size: 100Gi", "size: 90Gi"),
    files.pipelines_do_the_same: ("cloudbuild.yaml", "scripts/scan.sh", "scripts/skip.sh"),
    files.a_release_pins_the_job_and_the_roles: (
        "deploy/scripts/pin.sh",
        "production/kustomization.yaml deploy/overlays/operators/kustomization.yaml",
        "production/kustomization.yaml",
    ),
    files.actions_are_pinned: (".github/workflows/ci.yml", "@df4cb1c069e1874edd31b4311f1884172cec0e10", "@v6"),
}


def unseen_in_files(compose):
    """The same of compose, and of the other files."""
    for policy in files.COMPOSE:
        spoiled = copy.deepcopy(compose)
        COMPOSE[policy](spoiled)
        if not list(policy(spoiled)):
            yield policy.__name__
    for policy in files.FILES:
        path, there, instead = FILES[policy]
        files.INSTEAD[path] = files.text(path).replace(there, instead)
        if not list(policy()):
            yield policy.__name__
        del files.INSTEAD[path]


def unseen(manifests):
    """The policies that say no more of the spoiled objects than of the good ones. `manifests` has objects of every kind."""
    for policy in policies.ALL:
        spoiled = Manifests(manifests.overlay, copy.deepcopy(manifests.objects))
        SPOILERS[policy](spoiled)
        if len(list(policy(spoiled))) <= len(list(policy(manifests))):
            yield policy.__name__
