#!/usr/bin/env python3
"""Holds a started program to its own description: schemathesis sends what /openapi.json allows and what it does not,
and every answer has to be one that is described there.

usage: check_api.py PROGRAM

The seed is fixed, so that a failure can be looked at again; another one is given as SEED. What schemathesis has to be
told about the program is in schemathesis.toml and schemathesis_hooks.py, each with its reason.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.request

import program

SEED = "20261123"
# Some minutes are enough for a few thousand requests; the rest of the bound is for a slow machine, and for requests about
# what no checkpoint covers yet, which wait for eight seconds.
CHECK_SECS_MAX = 1500
HERE = pathlib.Path(__file__).resolve().parent
ORDERS = 3


def place_orders(url):
    """Makes the lists longer than a page of one."""
    for number in range(ORDERS):
        order = {"productId": number + 1, "productName": "Coffee", "qty": 1, "cost": 100, "paymentType": "cash"}
        request = urllib.request.Request(
            f"{url}/orders", data=json.dumps(order).encode(), headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            position = answer.headers["Ordertrace-Position"]
    with urllib.request.urlopen(f"{url}/orders?after={position}", timeout=30):
        pass


def check(url):
    command = [
        pathlib.Path(sys.executable).parent / "schemathesis",
        *("--config-file", HERE / "schemathesis.toml"),
        *("run", f"{url}/openapi.json", "--checks", "all"),
        # `dev` lets everybody in; who gets in elsewhere is tried call by call in ordertrace/tests/it/access and login.rs.
        *("--exclude-checks", "ignored_auth"),
        *("--seed", os.environ.get("SEED", SEED)),
    ]
    environment = os.environ | {
        "SCHEMATHESIS_HOOKS": "schemathesis_hooks",
        "PYTHONPATH": str(HERE),
        "ORDERTRACE_URL": url,
    }
    return subprocess.run(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=CHECK_SECS_MAX,
        check=False,
    )


def main():
    with program.started(sys.argv[1], "127.0.0.1:0", dict(os.environ)) as (url, _):
        place_orders(url)
        result = check(url)
    print(result.stdout)
    cases = re.search(r"(\d+) generated", result.stdout)
    failures = re.search(r"(\d+) unique failures?", result.stdout)
    count = int(cases[1]) if cases else 0
    failed = int(failures[1]) if failures else int(result.returncode != 0)
    passed = count - failed
    print(f"test result: {'FAILED' if result.returncode else 'ok'}. {passed} passed; {failed} failed; 0 ignored; openapi")
    sys.exit(1 if result.returncode or not count else 0)


if __name__ == "__main__":
    main()
