#!/usr/bin/env python3
"""Runs the commands in the documentation against a started program and compares their answers.

usage: check_docs.py PROGRAM PAGE...

In a ```console block a line that begins with "$ " is a command; the lines up to the next one are its answer. Answers
are compared as JSON where they are JSON, with ids, times and positions replaced by their kind. An answer may take a
moment to come true, since views follow the log: each is tried for a bounded time. A command without an answer must
succeed.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import program

ANSWER_SECS_MAX = 20
KINDS = [
    # Ids made of time and chance (UUIDv7); those that follow from a key (UUIDv5) have to be right.
    (r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<time>"),
    (r"\b[0-9a-f]{15,16}-\d+\b", "<position>"),
    (r"\b[0-9a-f]{64}\b", "<hash>"),
]


def blocks(page):
    """Yields (line number, command, answer) of every command in the page's console blocks."""
    inside, command, answer, begun = False, None, [], 0
    for number, line in enumerate(pathlib.Path(page).read_text().splitlines(), 1):
        fence = line.startswith("```")
        if command and (fence or line.startswith("$ ")):
            yield begun, command, "\n".join(answer)
            command, answer = None, []
        if fence:
            inside = line == "```console"
        elif inside and line.startswith("$ "):
            command, begun = line[2:], number
        elif inside and command:
            if command.endswith("\\"):
                command = command[:-1] + line.strip()
            else:
                answer.append(line)


def normal(text):
    for pattern, kind in KINDS:
        text = re.sub(pattern, kind, text)
    try:
        return json.loads(text)
    except ValueError:
        return [" ".join(line.split()) for line in text.strip().splitlines()]


def run(shell, command):
    """Runs a command in the one shell, so that variables last; returns its exit code and its output."""
    mark = f"--end-{os.urandom(8).hex()}"
    shell.stdin.write(f"{{ {command}\n}} 2>&1 </dev/null; echo; echo {mark} $?\n")
    shell.stdin.flush()
    lines = []
    for line in shell.stdout:
        if line.startswith(mark):
            return int(line.split()[1]), "".join(lines)
        lines.append(line)
    sys.exit("the shell ended")


def check(shell, page):
    passed = failed = 0
    for number, command, answer in blocks(page):
        until = time.monotonic() + ANSWER_SECS_MAX
        while True:
            code, output = run(shell, command)
            fine = normal(output) == normal(answer) if answer.strip() else code == 0
            if fine or time.monotonic() > until:
                break
            time.sleep(0.2)
        passed, failed = passed + fine, failed + (not fine)
        print(f"{'ok    ' if fine else 'FAILED'} {page}:{number} {command}")
        if not fine:
            print(f"  expected: {json.dumps(normal(answer))}\n  found:    {json.dumps(normal(output))}")
    print(f"test result: {'ok' if not failed else 'FAILED'}. {passed} passed; {failed} failed; 0 ignored; {page}")
    return failed


def main():
    binary, pages = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        options = pathlib.Path(folder, "httpie")
        options.mkdir()
        (options / "config.json").write_text('{"default_options": ["--ignore-stdin"]}')
        environment = os.environ | {
            "HTTPIE_CONFIG_DIR": str(options),
            "PATH": f"{pathlib.Path(binary).resolve().parent}:{os.environ['PATH']}",
        }
        # The documentation names this port.
        with program.started(binary, "127.0.0.1:8088", environment) as (_, environment):
            shell = subprocess.Popen(
                ["bash"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
            )
            failed = sum(check(shell, page) for page in pages)
            shell.stdin.close()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
