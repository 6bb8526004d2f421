"""The program, started for a check on a data folder of its own, and ended after it."""
import contextlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

START_SECS_MAX = 120
STOP_SECS_MAX = 30


@contextlib.contextmanager
def started(binary, listen, environment):
    """Runs `ordertrace dev`; gives the URL it serves at once it is ready, and its environment, for what runs beside it."""
    with tempfile.TemporaryDirectory() as folder, open(f"{folder}/log", "w+", encoding="utf8") as log:
        environment = environment | {"ORDERTRACE_DATA_DIR": f"{folder}/data"}
        program = subprocess.Popen([binary, "dev", "--listen", listen], env=environment, stdout=log, stderr=log)
        try:
            yield ready(program, pathlib.Path(folder, "log")), environment
        finally:
            program.terminate()
            program.wait(timeout=STOP_SECS_MAX)


def ready(program, log):
    """Waits until the program says that it can do its work."""
    until = time.monotonic() + START_SECS_MAX
    while time.monotonic() < until and program.poll() is None:
        # With port 0 only the program knows where it is.
        greeting = re.search(r"^  API +(http://\S+)$", log.read_text(), re.MULTILINE)
        if greeting and answers(f"{greeting[1]}/readyz"):
            return greeting[1]
        time.sleep(0.1)
    sys.exit(f"the program did not start:\n{log.read_text()}")


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
