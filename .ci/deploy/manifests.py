"""Rendered manifests, and how to find one's way in them."""
import re

WORKLOADS = ("Deployment", "StatefulSet", "Job")
SHOP = "ordertrace"


class Manifests:
    """The objects of one overlay."""

    def __init__(self, overlay, objects):
        self.overlay = overlay
        self.objects = objects

    def of(self, *kinds):
        return [it for it in self.objects if it["kind"] in kinds]

    def named(self, kind, name):
        return next((it for it in self.of(kind) if it["metadata"]["name"] == name), None)

    def workloads(self):
        """Each with its pod's template: (name, object, template)."""
        return [(it["metadata"]["name"], it, it["spec"]["template"]) for it in self.of(*WORKLOADS)]

    def roles(self):
        """Those that run our own program."""
        return [it for it in self.workloads() if it[2]["metadata"]["labels"].get("app.kubernetes.io/part-of") == SHOP]

    def environment(self, container):
        """What a container is told by its environment; a value from a Secret is None."""
        told = {}
        for source in container.get("envFrom", []):
            told |= self.named("ConfigMap", source["configMapRef"]["name"])["data"]
        for variable in container.get("env", []):
            told[variable["name"]] = variable.get("value")
        return told


def containers(template, beside=True):
    """The containers of a pod, and those that run beside them from before they start."""
    spec = template["spec"]
    return spec["containers"] + (spec.get("initContainers", []) if beside else [])


def selects(selector, labels):
    return all(labels.get(key) == value for key, value in selector.items())


def chooses(selector, labels):
    """The same for a selector that may have expressions as well."""
    fits = {"In": lambda value, values: value in values, "NotIn": lambda value, values: value not in values}
    return selects(selector.get("matchLabels", {}), labels) and all(
        fits[one["operator"]](labels.get(one["key"]), one["values"]) for one in selector.get("matchExpressions", [])
    )


def seconds_in(source, name):
    """A bound of the program, as its source has it: so many seconds, or the sum of two others. None if it is not there."""
    found = re.search(rf"const {name}: Duration =\s*(?:Duration::from_secs\((\d+)\)|(\w+)\.saturating_add\((\w+)\));", source)
    if found is None:
        return None
    parts = [seconds_in(source, part) for part in found.groups()[1:]] if found[1] is None else [int(found[1])]
    return None if None in parts else sum(parts)
