"""Which settings each role has, by its own `--help` (the snapshots of it, which a test of the program holds to what it says)."""
import pathlib
import re

SNAPSHOTS = pathlib.Path("ordertrace/tests/it/snapshots")

OURS = re.compile(r"^(ORDERTRACE|NATS|OTEL)_")


def words_of(args):
    """The subcommand that a container runs: ["audit", "serve", "--flag"] is `audit serve`."""
    words = []
    for word in args:
        if word.startswith("-"):
            break
        words.append(word)
    return words


def help_of(args):
    """The help of the role that these arguments start; None if there is none."""
    page = SNAPSHOTS / f"help-{'-'.join(words_of(args))}.txt"
    return page.read_text() if page.exists() else None


def default_port(help_text):
    """Where the role listens if nobody says otherwise; nowhere, if there is no such role."""
    listen = re.search(r"--listen <ADDR>.*?\[default: [\d.]+:(\d+)\]", help_text or "", re.DOTALL)
    return int(listen[1]) if listen else None


def unknown(args, environment):
    """What a container is given that its role does not know."""
    help_text = help_of(args)
    if help_text is None:
        return [f"there is no role `{' '.join(args)}`"]
    known = set(re.findall(r"\b(?:ORDERTRACE|NATS|OTEL)_[A-Z_]+\b", help_text))
    variables = [name for name in environment if OURS.match(name) and name not in known]
    flags = [word.split("=")[0] for word in args if word.startswith("--")]
    unknown_flags = [flag for flag in flags if not re.search(rf"{re.escape(flag)}\b", help_text)]
    return [f"`{' '.join(words_of(args))}` knows no {name}" for name in variables + unknown_flags]
