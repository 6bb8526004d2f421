"""Three gateways have the same routes: compose's (which is started here, before four servers that only say who they are), the
Gateway API's and Istio's (whose rules are read as their specifications say). Each call of the API's description has to reach the
role that answers it."""
import contextlib
import http.client
import http.server
import json
import os
import pathlib
import re
import socket
import subprocess
import threading
import time

START_SECS_MAX = 20
ID = "01890a5d-ac96-774b-bcce-b302099a8057"

# Where the calls of a role are described.
SOURCES = {
    "command-api": ["command-api/src"],
    "projections": ["projections/src"],
    "saga": ["saga/src", "ordertrace/src/roles/provider.rs"],
    "audit": ["auditor/src"],
    "page": ["web/src"],
}

# What each process says of itself is asked there, and not through a gateway.
OF_EACH_PROCESS = ("/livez", "/readyz", "/metrics", "/openapi.json", "/docs", "/actuator")

# The page is no part of the API's description.
OF_THE_PAGE = (
    ("GET", "/"),
    ("GET", "/ui"),
    ("GET", "/ui/orders"),
    ("POST", "/ui/orders/new"),
    ("POST", "/ui/orders/{id}/actions/{action}"),
    ("GET", "/ui/orders/{id}/stream"),
    ("POST", "/ui/login"),
)


def answerer(method, path):
    """The role that answers a call: ARCHITECTURE.md, Roles."""
    head = path.split("/")[1]
    if head in ("orders", "payments", "deliveries"):
        return "projections" if method == "GET" else "command-api"
    if head == "orderTraces" or path == "/ops/stuck" or re.match(r"/ops/(rebuild|views)\b", path):
        return "projections"
    return {"ops": "saga", "audit": "audit", "ui": "page", "": "page"}.get(head)


def calls():
    """Every call of the API's description, and some of the page's, by its method and path."""
    yield from OF_THE_PAGE
    document = json.loads(pathlib.Path("ordertrace/tests/it/snapshots/openapi.json").read_text())
    for path, methods in document["paths"].items():
        if path == "/" or path.startswith(OF_EACH_PROCESS):
            continue
        for method in methods:
            yield method.upper(), path


def strangers():
    """Calls whose path no source of the role that we take for its answerer has."""
    texts = {
        role: "\n".join(page.read_text() for place in places for page in pages(pathlib.Path(place)))
        for role, places in SOURCES.items()
    }
    for method, path in calls():
        role = answerer(method, path)
        shared = path.split("/")[1] in ("orders", "payments", "deliveries")
        if role is None or (not shared and f'"{path}"' not in texts[role]):
            yield f"{method} {path} is not answered by {role}"


def pages(place):
    return place.rglob("*.rs") if place.is_dir() else [place]


def by_gateway_api(routes):
    """Exact paths first, then the longest, then those that name the method."""
    ranked = []
    for rule in (rule for route in routes for rule in route["spec"]["rules"]):
        for match in rule["matches"]:
            path = match["path"]
            rank = (path["type"] == "Exact", len(path["value"]), "method" in match)
            ranked.append((rank, path, match.get("method"), rule["backendRefs"][0]["name"]))
    ranked.sort(key=lambda one: one[0], reverse=True)

    def reached(method, path):
        for _, at, only, role in ranked:
            is_at = path == at["value"] or (at["type"] == "PathPrefix" and path.startswith(at["value"] + "/"))
            if is_at and only in (None, method):
                return role
        return None

    return reached


def by_istio(service):
    """The first route that fits."""

    def reached(method, path):
        route = route_of_istio(service, method, path)
        return route and route["route"][0]["destination"]["host"]

    return reached


def route_of_istio(service, method, path):
    """The route itself; one that names neither path nor method takes every call."""
    anything = {"regex": ".*"}
    for route in service["spec"]["http"]:
        for match in route.get("match", [{}]):
            fits = re.fullmatch(match.get("uri", anything)["regex"], path)
            if fits and re.fullmatch(match.get("method", anything)["regex"], method):
                return route
    return None


class Named(http.server.BaseHTTPRequestHandler):
    """Says which role it stands for."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = f"{self.server.role} {self.headers['Host']}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def by_caddy(caddy, caddyfile, folder):
    """Runs compose's gateway before the roles; gives what asks it."""
    servers = []
    environment = dict(os.environ, XDG_DATA_HOME=folder, XDG_CONFIG_HOME=folder)
    for role in SOURCES:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Named)
        server.role = role
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        environment[role.replace("-", "_").upper()] = f"127.0.0.1:{server.server_port}"
    port = free_port()
    config = pathlib.Path(folder, "Caddyfile")
    config.write_text(caddyfile.replace(":8088 {", f"http://127.0.0.1:{port}, http://orders.test:{port} {{\n\tbind 127.0.0.1"))
    log = open(pathlib.Path(folder, "caddy.log"), "w+")
    gateway = subprocess.Popen([caddy, "run", "--config", config], env=environment, stdout=log, stderr=log)
    try:
        wait_for(port, gateway, log)
        yield lambda method, path: ask(port, method, path)[0]
        role, host = ask(port, "GET", "/orders", {"Host": f"orders.test:{port}"})
        if host != f"orders.test:{port}":
            raise AssertionError(f"the gateway tells {role} another host than it was asked by: {host}")
    finally:
        gateway.terminate()
        gateway.wait(timeout=START_SECS_MAX)
        log.close()
        for server in servers:
            server.shutdown()
            server.server_close()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def wait_for(port, gateway, log):
    until = time.monotonic() + START_SECS_MAX
    while time.monotonic() < until and gateway.poll() is None:
        with contextlib.suppress(OSError):
            if status(port, "/livez") == 200:
                return
        time.sleep(0.05)
    log.seek(0)
    raise AssertionError(f"the gateway did not start, or does not say that it did:\n{log.read()}")


def status(port, path):
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        connection.request("GET", path)
        return connection.getresponse().status


def ask(port, method, path, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        words = answer.read().decode().split()
        return (words[0], words[1]) if len(words) == 2 else (None, None)
    finally:
        connection.close()


def lost(reached):
    """The calls that reach another role than the one that answers them, and what reaches one that should reach none."""
    for method, path in calls():
        found = reached(method, path.replace("{id}", ID).replace("{action}", "approve"))
        if found != answerer(method, path):
            yield f"{method} {path} reaches {found} instead of {answerer(method, path)}"
    for path in ("/metrics", "/livez", "/readyz", "/actuator/health", "/ordersX", "/opsy", "/uiX", "/docs", "/auditor"):
        found = reached("GET", path)
        if found is not None:
            yield f"GET {path} reaches {found}, and should reach nobody"
    # A method that there is not is refused by the role that knows the path.
    for method, path, role in (("PATCH", "/orderTraces", "projections"), ("DELETE", "/audit/events", "audit")):
        if reached(method, path) != role:
            yield f"{method} {path} does not reach {role}"
