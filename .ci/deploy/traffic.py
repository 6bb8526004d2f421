"""What we want of every way to a pod and from it. As in policies.py, each policy gives its complaints about an overlay."""
import routes
from manifests import chooses, containers, selects

# What the page calls, and what takes its calls.
PAGE = "page"


def nothing_passes_that_is_not_named(it):
    policies = it.of("NetworkPolicy")
    everything = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    if everything not in [one["spec"] for one in policies]:
        yield "nothing is denied by default"
    for policy in policies:
        for side, peers in (("ingress", "from"), ("egress", "to")):
            for rule in policy["spec"].get(side, []):
                if not rule.get(peers) or not rule.get("ports") or {} in rule[peers]:
                    yield f"{policy['metadata']['name']} lets everybody, or any port, pass"


def the_flows_that_are_needed_pass(it):
    for name, _, template in it.roles():
        labels = template["metadata"]["labels"]
        egress, ingress = ports_of(it, labels, "egress"), ports_of(it, labels, "ingress")
        told = it.environment(containers(template)[0])
        wanted = {53, "http"} if name == PAGE else {53, 4222}
        wanted |= {8222} if told.get("NATS_MONITOR_URL") else set()
        missing = wanted - egress
        if {4222, 8222} & (egress - wanted):
            yield f"{name} reaches NATS, or its monitoring, and has no need to"
        if missing or "http" not in ingress:
            yield f"{name} can't do its work: {missing or 'nobody reaches it'}"


def ports_of(it, labels, side):
    policies = [one for one in it.of("NetworkPolicy") if chooses(one["spec"]["podSelector"], labels)]
    rules = [rule for one in policies for rule in one["spec"].get(side, [])]
    return {port["port"] for rule in rules for port in rule["ports"]}


def the_page_reaches_the_roles_and_nothing_else(it):
    roles = {name: template["metadata"]["labels"] for name, _, template in it.roles()}
    page = roles.pop(PAGE, {})
    for policy in it.of("NetworkPolicy"):
        spec, name = policy["spec"], policy["metadata"]["name"]
        if not page or not chooses(spec["podSelector"], page) or spec["podSelector"] == {}:
            continue
        for peer in (peer for rule in spec.get("egress", []) for peer in rule["to"]):
            pods = peer.get("podSelector", {})
            if "namespaceSelector" not in peer and "ipBlock" not in peer and pods.get("matchLabels", {}).get(
                "app.kubernetes.io/name"
            ):
                yield f"{name} lets the page reach {pods}"
    takes = [
        one["spec"]
        for one in it.of("NetworkPolicy")
        for rule in one["spec"].get("ingress", [])
        if any("namespaceSelector" not in peer and chooses(peer.get("podSelector", {}), page) for peer in rule["from"])
    ]
    for name, labels in roles.items():
        if not any(chooses(spec["podSelector"], labels) for spec in takes):
            yield f"{name} takes no call of the page"
    nats = {"app.kubernetes.io/name": "nats"}
    if any(chooses(spec["podSelector"], nats) and spec["podSelector"] != {} for spec in takes):
        yield "NATS takes the page's connections"


def services_find_their_pods(it):
    for service in it.of("Service"):
        name, selector = service["metadata"]["name"], service["spec"]["selector"]
        found = [template for _, _, template in it.workloads() if selects(selector, template["metadata"]["labels"])]
        ports = {port["name"] for template in found for one in containers(template) for port in one.get("ports", [])}
        if len(found) != 1 or any(port["targetPort"] not in ports for port in service["spec"]["ports"]):
            yield f"the service {name} finds {len(found)} roles, or not their port"


def a_change_is_never_sent_twice(it):
    for service in it.of("VirtualService"):
        for route in service["spec"]["http"]:
            attempts = route.get("retries", {}).get("attempts")
            is_query = route.get("name") in ("queries", "traces", "audit")
            if attempts is None or (attempts != 0 and not is_query):
                yield f"{service['metadata']['name']}/{route['name']} may be sent again"
            if is_query and set(route["retries"]["retryOn"].split(",")) - {"connect-failure", "refused-stream"}:
                yield f"{route['name']} is sent again though a role has begun on it"


def a_change_inside_the_mesh_is_never_sent_twice(it):
    """Without a route of its own a role's calls are repeated as Istio thinks best. Nobody inside the mesh calls the page."""
    if it.overlay != "istio":
        return
    for method, path in routes.calls():
        role = routes.answerer(method, path)
        if method == "GET" or role == PAGE:
            continue
        service = it.named("VirtualService", role)
        route = service and routes.route_of_istio(service, method, path)
        if not route or service["spec"]["hosts"] != [role] or route["retries"]["attempts"] != 0:
            yield f"{method} {path} may be sent to {role} again"


def a_circuit_breaker_never_takes_all(it):
    if it.overlay != "istio":
        return
    rules = {rule["spec"]["host"]: rule["spec"]["trafficPolicy"] for rule in it.of("DestinationRule")}
    for name, _, _ in it.roles():
        outlier = rules.get(name, {}).get("outlierDetection", {})
        pool = rules.get(name, {}).get("connectionPool", {})
        if outlier.get("maxEjectionPercent", 100) > 50 or outlier.get("minHealthPercent", 0) < 50:
            yield f"{name} may lose all its pods"
        if not pool.get("http", {}).get("http1MaxPendingRequests") or pool["http"].get("idleTimeout") != "5s":
            yield f"{name}: its connections have no bound"
