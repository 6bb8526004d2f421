#!/usr/bin/env python3
"""Verifies exports, bundles and checkpoints of the log, as docs/audit.md describes them.

    pip install cryptography
    python3 verify_audit.py FILE [--key KEYFILE] [--kept CHECKPOINT] [--witness KEYFILE]...
    python3 verify_audit.py --vectors DIR

Prints one line: `ok ...` (exit 0), `not-shown ...` (exit 1) or `bad <code>[ at position N]: <why>` (exit 3). Exit 2: it was
called wrongly, or a file can't be read. An export is read twice, line by line; what stays in memory is one entry an order.
"""

import argparse
import base64
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from hashlib import sha1, sha256
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ZEROS = bytes(32)


class Bad(Exception):
    """A finding: something does not hold."""

    def __init__(self, code: str, sentence: str, position: int | None = None):
        super().__init__(sentence)
        self.code, self.sentence, self.position = code, sentence, position


class Usage(Exception):
    """The verifier was called wrongly."""


@dataclass(slots=True)
class Verdict:
    """What is said of one file."""

    word: str  # ok, not-shown or bad
    sentence: str
    code: str | None = None
    position: int | None = None

    def line(self) -> str:
        if self.word != "bad":
            return f"{self.word} {self.sentence}"
        where = "" if self.position is None else f" at position {self.position}"
        return f"bad {self.code}{where}: {self.sentence}"


# --- Text: base64, hexadecimal, times, JSON. Each of these readers raises ValueError for what is not in the one right form.


def need(holds: bool, what: str) -> None:
    """Raises ValueError unless it holds."""
    if not holds:
        raise ValueError(what)


def unbase64(text: Any) -> bytes:
    """Base64 with padding and no bits left over: what is read has to be written the same way again."""
    need(type(text) is str, "base64 has to be a string")
    raw = base64.b64decode(text, validate=True)
    need(base64.b64encode(raw).decode() == text, "base64 that is not canonical")
    return raw


def hash_of_base64(text: Any) -> bytes:
    raw = unbase64(text)
    need(len(raw) == 32, "a hash has 32 bytes")
    return raw


def hash_of_hex(text: Any) -> bytes:
    need(type(text) is str and re.fullmatch("[0-9a-f]{64}", text) is not None, "a hash has 64 hexadecimal digits")
    return bytes.fromhex(text)


def hashes(value: Any, most: int = 64) -> list[bytes]:
    need(type(value) is list and len(value) <= most, "a proof is a list that is no longer than any has to be")
    return [hash_of_base64(item) for item in value]


def number(value: Any) -> int:
    if type(value) is int and 0 <= value < 2**64:
        return value
    raise ValueError("a number is an integer from 0 to 2^64 - 1")


def string(value: Any) -> str:
    if type(value) is str:
        return value
    raise ValueError("a string is missing")


def incarnation_of(value: Any) -> str:
    text = string(value)
    need(re.fullmatch("0|[1-9a-f][0-9a-f]{0,15}", text) is not None, "not an incarnation")
    return text


TIME = re.compile(r"(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)\.(\d{9})Z", re.ASCII)


@lru_cache(maxsize=64)
def days_since_1970(text: str) -> int:
    return date.fromisoformat(text).toordinal() - date(1970, 1, 1).toordinal()


def nanoseconds(text: Any) -> int:
    """RFC 3339 in UTC with nine digits, as nanoseconds since 1970."""
    parts = TIME.fullmatch(string(text))
    if parts is None:
        raise ValueError("not a time in UTC with nine digits")
    day, hour, minute, second, nanos = parts.groups()
    seconds = ((days_since_1970(day) * 24 + int(hour)) * 60 + int(minute)) * 60 + int(second)
    result = seconds * 10**9 + int(nanos)
    need(-(2**63) <= result < 2**63, "a time that 64 bits can't hold")
    return result


def no_float(text: str) -> NoReturn:
    raise ValueError(f"{text} is not an integer")


WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
READER = json.JSONDecoder(parse_float=no_float, parse_constant=no_float)


def canonical(raw: bytes) -> dict[str, Any]:
    """A JSON object in its one form: what is read has to be written by the same bytes again."""
    try:
        value: Any = READER.decode(raw.decode("utf-8"))
        if type(value) is not dict:
            raise ValueError("not a JSON object")
        need(WRITER.encode(value).encode("utf-8") == raw, "JSON that is not in its canonical form")
        return value
    except RecursionError:
        raise ValueError("JSON that is nested too deep") from None


def keys(value: Any, *names: str) -> None:
    """An object has exactly these keys in this order."""
    if type(value) is not dict or tuple(value) != names:
        raise ValueError(f"not an object of the keys {', '.join(names)}")


# --- Hashes: the tree of RFC 6962, and the map.


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """A Merkle tree that leaves are added to; only the roots of its full subtrees are kept, the largest first."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Puts the hash of one more leaf at the end."""
        size = self.size
        while size & 1:
            leaf = node_hash(self.peaks.pop(), leaf)
            size >>= 1
        self.peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self.peaks:
            return sha256().digest()
        result = self.peaks[-1]
        for peak in self.peaks[-2::-1]:
            result = node_hash(peak, result)
        return result


def root_by_inclusion(index: int, size: int, leaf: bytes, proof: list[bytes]) -> bytes | None:
    """The root that an audit path leads to; None if it is too long or too short."""
    if not 0 <= index < size:
        return None
    last, result = size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if index & 1 or index == last:
            result = node_hash(sibling, result)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        index, last = index >> 1, last >> 1
    return result if last == 0 else None


def consistent(old_size: int, size: int, old_root: bytes, root: bytes, proof: list[bytes]) -> bool:
    """Whether a proof shows that the tree of `size` (the greater one) began with that of `old_size`."""
    if old_size == 0:
        return not proof and old_root == sha256().digest()
    if old_size & (old_size - 1) == 0:
        proof = [old_root, *proof]
    if not proof:
        return False
    index, last = old_size - 1, size - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    old = new = proof[0]
    for sibling in proof[1:]:
        if last == 0:
            return False
        if index & 1 or index == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        index, last = index >> 1, last >> 1
    return last == 0 and old == old_root and new == root


def map_node(left: bytes, right: bytes) -> bytes:
    return sha256(b"JMT::IntrnalNode" + left + right).digest()


def map_leaf(key: bytes, value: bytes) -> bytes:
    return sha256(b"JMT::LeafNode" + key + sha256(value).digest()).digest()


def bit(key: bytes, depth: int) -> int:
    return key[depth >> 3] >> (7 - (depth & 7)) & 1


def map_root(orders: dict[bytes, bytes]) -> bytes:
    """The root over all orders: by id, each with its version (4 bytes) and the hash of its last event (32)."""
    found = sorted((sha256(order).digest(), value) for order, value in orders.items())

    def root(start: int, end: int, depth: int) -> bytes:
        if start == end:
            return b"SPARSE_MERKLE_PLACEHOLDER_HASH__"
        if end - start == 1:
            return map_leaf(*found[start])
        low, high = start, end
        while low < high:  # the first whose bit is 1
            middle = (low + high) // 2
            low, high = (low, middle) if bit(found[middle][0], depth) else (middle + 1, high)
        return map_node(root(start, low, depth + 1), root(low, end, depth + 1))

    return root(0, len(found), 0)


def map_root_by_proof(order: bytes, value: bytes, proof: list[bytes]) -> bytes | None:
    """The root that an order's siblings lead to; None if there are more of them than bits."""
    if len(proof) > 256:
        return None
    key = sha256(order).digest()
    result = map_leaf(key, value)
    for depth, sibling in zip(range(len(proof) - 1, -1, -1), proof, strict=True):
        result = map_node(sibling, result) if bit(key, depth) else map_node(result, sibling)
    return result


# --- Keys, checkpoints, signatures.

LOG, WITNESS = 1, 4
PRIME = 2**255 - 19
# The y coordinates of the eight points whose order divides 8. Strict Ed25519 refuses them as a key and in a signature; OpenSSL doesn't.
ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
SMALL = {0, 1, PRIME - 1, ORDER_8, PRIME - ORDER_8}


def is_name(name: str) -> bool:
    """Whether this can be the name of a key."""
    return name != "" and "+" not in name and not any(char.isspace() for char in name)


def is_strict_point(raw: bytes) -> bool:
    """Whether a point is written in its one form and is not of small order."""
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    return y < PRIME and y not in SMALL


@dataclass(slots=True)
class Key:
    """A public key of a log or a witness."""

    name: str
    short: bytes
    public: bytes

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Strict Ed25519. `cryptography` itself refuses an S that is not below the group's order, and compares R byte by byte."""
        if len(signature) != 64 or not is_strict_point(self.public) or not is_strict_point(signature[:32]):
            return False
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


def read_key(path: Path, use: int) -> Key:
    """A public key, in a file with one line."""
    try:
        name, short, rest = path.read_bytes().decode("utf-8").removesuffix("\n").split("+", 2)
        raw = unbase64(rest)
        need(is_name(name) and len(raw) == 33, "not a public key")
        need(raw[0] == use, f"its use is {raw[0]}, not {use}")
        first = sha256(name.encode() + b"\n" + raw).digest()[:4]
        need(short == first.hex(), "its short hash is wrong")
        return Key(name, first, raw[1:])
    except ValueError as error:
        raise Usage(f"{path}: {error}") from None


@dataclass(slots=True)
class Checkpoint:
    """What a log was at a size, and who signed it."""

    text: bytes
    origin: str
    size: int
    root: bytes
    incarnation: str
    map_root: bytes
    signatures: list[tuple[str, bytes, bytes]]  # name, short hash, signature


CHECKPOINT = re.compile(r"(([^\n]+)\n([1-9][0-9]{0,19})\n([^\n]+)\nincarnation ([^\n]+)\nmap ([^\n]+)\n)\n((?:— [^\n]+\n)+)")


def read_checkpoint(note: str) -> Checkpoint:
    """A checkpoint with one signature or more, in its form. ValueError if it isn't."""
    parts = CHECKPOINT.fullmatch(note)
    if parts is None:
        raise ValueError("a checkpoint is five lines, an empty one, and signatures")
    need(not any(char < " " and char != "\n" for char in note), "a control character in a checkpoint")
    text, origin, size, root, incarnation, orders, lines = parts.groups()
    need(is_name(origin), "the origin is no name")
    signatures = []
    for line in lines.removesuffix("\n").split("\n"):
        name, _, rest = line.removeprefix("— ").partition(" ")
        raw = unbase64(rest)
        need(is_name(name) and len(raw) > 4, "not a signature line")
        signatures.append((name, raw[:4], raw[4:]))
    return Checkpoint(
        text.encode(), origin, number(int(size)), hash_of_base64(root), incarnation_of(incarnation), hash_of_base64(orders), signatures
    )


def signature_of(key: Key, checkpoint: Checkpoint, what: str) -> bytes:
    """The first signature under the key's name and short hash."""
    for name, short, signature in checkpoint.signatures:
        if (name, short) == (key.name, key.short):
            return signature
    raise Bad("missing-signature", f"{what} has no signature by {key.name}+{key.short.hex()}")


def check_log_signature(key: Key, checkpoint: Checkpoint, what: str) -> None:
    """The log's Ed25519 signature of the five lines."""
    if key.name != checkpoint.origin:
        raise Bad("other-origin", f"{what} is of {checkpoint.origin}, and the key is that of {key.name}")
    if not key.signed(checkpoint.text, signature_of(key, checkpoint, what)):
        raise Bad("bad-signature", f"{what} was not signed by {key.name}")


def check_witness(key: Key, checkpoint: Checkpoint) -> None:
    """A witness's cosignature/v1: the time, and its signature of time and text."""
    raw = signature_of(key, checkpoint, "the checkpoint")
    message = b"cosignature/v1\ntime %d\n" % int.from_bytes(raw[:8], "big") + checkpoint.text
    if not key.signed(message, raw[8:]):
        raise Bad("bad-signature", f"the checkpoint was not cosigned by {key.name}")


@dataclass(slots=True)
class Trust:
    """What whoever verifies brings along."""

    key: Key | None = None
    kept: Checkpoint | None = None
    witnesses: list[Key] = field(default_factory=list)


def check_signatures(checkpoint: Checkpoint | None, trust: Trust) -> None:
    """Step 4."""
    if checkpoint is None:
        if trust.key or trust.kept or trust.witnesses:
            raise Bad("no-checkpoint", "the export has no checkpoint, so that there is nothing to compare with what was given")
        return
    if trust.key:
        check_log_signature(trust.key, checkpoint, "the checkpoint")
    for witness in trust.witnesses:
        check_witness(witness, checkpoint)
    if trust.kept and trust.kept.origin != checkpoint.origin:
        raise Bad("other-origin", f"the kept checkpoint is of {trust.kept.origin}, this one of {checkpoint.origin}")
    if trust.kept and trust.key:
        check_log_signature(trust.key, trust.kept, "the kept checkpoint")


# --- Events: MessagePack, the envelope, and the chains of the orders.

SIZES = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xC7: 1, 0xC8: 2, 0xC9: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4, 0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4}
FIXED = {0xC0: ("nil", 0), 0xC2: ("bool", 0), 0xC3: ("bool", 0), 0xCA: ("float", 4), 0xCB: ("float", 8)} | {
    0xD4 + power: ("ext", 1 + 2**power) for power in range(5)
}


def item(data: bytes, at: int) -> tuple[str, Any, int]:
    """One MessagePack item: what it is, its value (of a map or an array: how many entries), and where it ends."""
    if at >= len(data):
        raise ValueError("the payload ends too early")
    tag, at = data[at], at + 1
    if tag <= 0x7F:
        return "int", tag, at
    if tag >= 0xE0:
        return "int", tag - 256, at
    if tag <= 0x8F:
        return "map", tag & 15, at
    if tag <= 0x9F:
        return "array", tag & 15, at
    if tag <= 0xBF:
        kind, size = "str", tag & 31
    elif 0xCC <= tag <= 0xD3:
        kind, size = "int", 1 << (tag - 0xCC & 3)
    elif tag in FIXED:
        kind, size = FIXED[tag]
    elif tag in SIZES:
        start, at = at, at + SIZES[tag]
        need(at <= len(data), "the payload ends too early")
        size = int.from_bytes(data[start:at], "big")
        if tag >= 0xDC:
            return ("map" if tag >= 0xDE else "array"), size, at
        kind = "str" if tag >= 0xD9 else "bin" if tag <= 0xC6 else "ext"
        size += kind == "ext"
    else:
        raise ValueError("a byte that MessagePack does not have")
    if at + size > len(data):
        raise ValueError("the payload ends too early")
    raw = data[at : at + size]
    return kind, int.from_bytes(raw, "big", signed=tag >= 0xD0) if kind == "int" else raw, at + size


def end_of_map(data: bytes, at: int) -> int:
    """Where a map ends in which maps and arrays are nested at most 14 deep."""
    kind, count, at = item(data, at)
    need(kind == "map", "data is not a map")
    left = [2 * count]
    while left:
        if left[-1] == 0:
            left.pop()
            continue
        left[-1] -= 1
        kind, count, at = item(data, at)
        if kind in ("map", "array"):
            left.append(2 * count if kind == "map" else count)
            need(len(left) <= 15, "data is nested too deep")
    return at


BIN16, BIN32 = (("bin", 16),), (("bin", 32),)
INT, STR, NIL = ("int", None), ("str", None), ("nil", 0)
ENVELOPE: tuple[tuple[str, tuple[tuple[str, int | None], ...]], ...] = (
    ("event_id", BIN16), ("order_id", BIN16), ("version", (INT,)), ("type", (STR,)), ("schema", (INT,)), ("occurred_at", (INT,)),
    ("command_id", BIN16), ("command_hash", BIN32), ("causation_id", (*BIN16, NIL)), ("correlation_id", BIN16),
    ("traceparent", (STR, NIL)), ("actor", (("map", None),)), ("prev_hash", BIN32), ("data", ()),
)  # fmt: skip


def behind_key(data: bytes, at: int, name: str) -> int:
    """Where a key ends that has to come, in its shortest form."""
    key = bytes([0xA0 | len(name)]) + name.encode()
    need(data.startswith(key, at), f"{name} has to come")
    return at + len(key)


def named(data: bytes, at: int, name: str, kinds: Iterable[tuple[str, int | None]]) -> tuple[Any, int]:
    """The value of the entry that has to come, and where it ends."""
    at = behind_key(data, at, name)
    kind, value, at = item(data, at)
    if kind == "str":
        value = value.decode("utf-8")
    for allowed, size in kinds:
        if kind == allowed and (size is None or size == len(value)):
            return value, at
    raise ValueError(f"{name} is not of its type")


def envelope(data: bytes) -> dict[str, Any]:
    """The fields of an event's payload. ValueError if it is no envelope."""
    need(len(data) <= 65536, "a payload of more than 65,536 bytes")
    need(data.startswith(b"\x8e"), "not a map of 14 entries")
    at, fields = 1, {}
    for name, kinds in ENVELOPE:
        if name == "data":
            at = end_of_map(data, behind_key(data, at, name))
            continue
        fields[name], at = named(data, at, name, kinds)
        if name == "actor":
            need(data[at - 1] == 0x82, "actor has two entries")
            for part in ("kind", "id"):
                _, at = named(data, at, part, (STR,))
    need(at == len(data), "something after the envelope")
    need(-(2**63) <= fields["occurred_at"] < 2**63, "occurred_at is not of its type")
    need(0 <= fields["version"] < 2**64, "version is not of its type")
    need(0 <= fields["schema"] < 2**16, "schema is not of its type")
    return fields


def event_id(command_id: bytes, version: int) -> bytes:
    """The UUIDv5 of a command's id and the decimal digits of a version."""
    raw = bytearray(sha1(command_id + str(version).encode()).digest()[:16])
    raw[6], raw[8] = raw[6] & 0x0F | 0x50, raw[8] & 0x3F | 0x80
    return bytes(raw)


UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
SUBJECT = re.compile(rf"ordertrace\.events\.([0-9]{{2}})\.({UUID})")


def order_of(subject: str) -> bytes:
    """The order that a subject is of. ValueError if it has not exactly the form of one, or the wrong shard."""
    parts = SUBJECT.fullmatch(subject)
    if parts is None:
        raise ValueError("its subject is not that of an order")
    shard, text = parts.groups()
    fnv = 2166136261
    for byte in text.encode():
        fnv = (fnv ^ byte) * 16777619 & 0xFFFFFFFF
    need(int(shard) == fnv % 16, "its subject has the wrong shard")
    return bytes.fromhex(text.replace("-", ""))


@dataclass(slots=True)
class Event:
    """A record, as a file has it."""

    position: int
    recorded: int
    subject: str
    payload: bytes
    proof: list[bytes] | None

    def leaf(self) -> bytes:
        """The hash of its leaf in the tree."""
        subject = self.subject.encode()
        recorded = self.recorded.to_bytes(8, "big", signed=True)
        return leaf_hash(self.position.to_bytes(8, "big") + recorded + len(subject).to_bytes(2, "big") + subject + self.payload)


def read_event(value: dict[str, Any]) -> Event:
    """An event in its form, with a proof or without. ValueError if it isn't."""
    names = ("position", "recordedAt", "subject", "payload")
    keys(value, *names, *(["proof"] if "proof" in value else []))
    subject = string(value["subject"])
    need(len(subject.encode()) < 2**16, "a subject whose length has no room in a leaf")
    proof = hashes(value["proof"]) if "proof" in value else None
    return Event(number(value["position"]), nanoseconds(value["recordedAt"]), subject, unbase64(value["payload"]), proof)


class Chains:
    """The last good event of each order: its version (4 bytes) and the hash of its payload (32), which is also its value in the map."""

    def __init__(self, whole: bool, only: bytes | None = None) -> None:
        self.orders: dict[bytes, bytes] = {}
        self.whole = whole  # whether every event of an order has to be there
        self.only = only  # of a bundle: its order

    def add(self, event: Event) -> None:
        """Takes the next event of its order. ValueError if it isn't."""
        order = order_of(event.subject)
        need(self.only in (None, order), "it is of another order than the bundle")
        fields = envelope(event.payload)
        version = fields["version"]
        need(fields["order_id"] == order, "its order_id is not that of its subject")
        last = self.orders.get(order, bytes(36))
        expected = int.from_bytes(last[:4], "big") + 1
        if self.whole or version <= expected:
            need(version == expected, f"its version is {version}, and {expected} has to come")
            need(fields["prev_hash"] == last[4:], "its prev_hash is not the hash of the order's event before it")
        need((fields["type"] == "OrderPlaced") == (version == 1), "OrderPlaced is the first event of an order, and no other is")
        need(fields["event_id"] == event_id(fields["command_id"], version), "its event_id does not follow from command and version")
        self.orders[order] = version.to_bytes(4, "big") + sha256(event.payload).digest()


class Events:
    """Step 5: looks at events one by one, and keeps the finding that is to be named."""

    CODES = ("gap", "out-of-order", "wrong-leaf", "broken-chain")

    def __init__(self, checkpoint: Checkpoint | None, chains: Chains, after: int, *, gapless: bool, from_1: bool, kept: int | None):
        self.checkpoint, self.chains, self.greatest = checkpoint, chains, after
        self.gapless = gapless  # an export without a filter
        self.from_1 = from_1  # … that begins with position 1, and had no gap and nothing out of order so far
        self.kept = kept  # the size of the kept checkpoint
        self.tree = Tree()
        self.roots: tuple[bytes, bytes] | None = None  # of tree and map at that size, if it is reached
        self.found: tuple[int, int, str] | None = None
        self.remember_roots()

    def find(self, position: int, code: str, sentence: str) -> None:
        """Of several findings the one with the smallest position counts, and of those at one position the first by its code."""
        finding = (position, self.CODES.index(code), sentence)
        self.found = finding if self.found is None else min(self.found, finding)

    def disturbed(self) -> None:
        """A position is missing or out of order: from here on the chains can't be whole. In a bundle they are nevertheless."""
        if self.from_1:
            self.from_1 = self.chains.whole = False
            self.chains.orders.clear()

    def remember_roots(self) -> None:
        """Keeps what is to be compared with the kept checkpoint."""
        if self.from_1 and self.tree.size == self.kept:
            self.roots = self.tree.root(), map_root(self.chains.orders)

    def add(self, event: Event) -> None:
        """Looks at the event of the next line."""
        if event.position <= self.greatest:
            self.find(event.position, "out-of-order", f"it comes after position {self.greatest}")
            self.disturbed()
        elif self.gapless:
            self.up_to(event.position - 1)
        self.greatest = max(self.greatest, event.position)
        leaf = event.leaf() if self.checkpoint else ZEROS
        if self.checkpoint and event.proof is not None:
            root = root_by_inclusion(event.position - 1, self.checkpoint.size, leaf, event.proof)
            if root != self.checkpoint.root:
                self.find(event.position, "wrong-leaf", "its proof does not lead to the root of the checkpoint's tree")
        try:
            self.chains.add(event)
        except ValueError as error:
            self.find(event.position, "broken-chain", f"it is not the next event of its order: {error}")
        if self.checkpoint and self.from_1:
            self.tree.add(leaf)
            self.remember_roots()

    def up_to(self, position: int) -> None:
        """Without a filter, every position up to this one has to have been there."""
        if position > self.greatest:
            self.find(self.greatest + 1, "gap", "this position is missing")
            self.disturbed()

    def raise_finding(self) -> None:
        if self.found:
            position, code, sentence = self.found
            raise Bad(self.CODES[code], sentence, position)


# --- Step 9: the kept checkpoint.


def check_kept(kept: Checkpoint | None, checkpoint: Checkpoint, shown: bool | None) -> bool:
    """Compares with the kept checkpoint; `shown`: whether the file shows that the log goes on from it, None if it can't.
    Returns whether all is shown."""
    if kept is None:
        return True
    if kept.incarnation != checkpoint.incarnation:
        raise Bad("recreated", "the log was made anew since the kept checkpoint")
    if kept.size > checkpoint.size:
        raise Bad("rolled-back", f"the kept checkpoint is of {kept.size} events, this one of {checkpoint.size}")
    if kept.size == checkpoint.size:
        shown = (kept.root, kept.map_root) == (checkpoint.root, checkpoint.map_root)
    if shown is False:
        raise Bad("forked", f"the log does not go on from the kept checkpoint of {kept.size} events")
    return shown is True


def verdict(what: str, checkpoint: Checkpoint | None, trust: Trust, shown: bool) -> Verdict:
    """Nothing was found."""
    if not shown:
        return Verdict("not-shown", f"{what}; nothing is wrong, but it can't show that the log goes on from the kept checkpoint")
    if checkpoint and not trust.key:
        what += "; without a key, the signature of the log was not checked"
    return Verdict("ok", what)


# --- Exports.

FILTERS = ("order", "type", "actor", "customer", "recordedFrom", "recordedTo")


@dataclass(slots=True)
class Export:
    """What an export says of itself, and what its lines say."""

    origin: str | None = None
    incarnation: str = ""
    start: int = 0
    end: int = 0
    filtered: bool = False
    trailer: tuple[int, int | None, int | None] = (0, None, None)
    checkpoint: Checkpoint | None = None
    digest: bytes = b""
    actual_digest: bytes = b""
    events: int = 0
    first: int | None = None
    last: int | None = None
    proofs: int = 0
    outside: bool = False

    def complete(self) -> bool:
        """Whether it has every event up to its checkpoint, by what it says of itself."""
        return self.checkpoint is not None and self.start == 1 and not self.filtered and self.end == self.checkpoint.size

    def read_header(self, value: dict[str, Any]) -> None:
        keys(value, "format", "origin", "incarnation", "from", "to", "filter")
        need(value["format"] == "ordertrace-export/1", "another format")
        self.origin = None if value["origin"] is None else string(value["origin"])
        self.incarnation, self.start, self.end = incarnation_of(value["incarnation"]), number(value["from"]), number(value["to"])
        wanted = value["filter"]
        self.filtered = wanted is not None
        if self.filtered:
            need(type(wanted) is dict and len(wanted) > 0, "a filter is an object; one that filters nothing is null")
            keys(wanted, *(name for name in FILTERS if name in wanted))
            need(all(type(text) is str for text in wanted.values()), "a filter's values are strings")

    def count(self, event: Event) -> None:
        """Notes what step 3 asks of the events."""
        self.events += 1
        self.first = event.position if self.first is None else self.first
        self.last = event.position
        self.proofs += event.proof is not None
        self.outside |= not self.start <= event.position <= self.end

    def read_trailer(self, value: dict[str, Any]) -> None:
        keys(value, "events", "first", "last", "checkpoint")
        first, last = (None if value[name] is None else number(value[name]) for name in ("first", "last"))
        self.trailer = number(value["events"]), first, last
        if value["checkpoint"] is not None:
            self.checkpoint = read_checkpoint(string(value["checkpoint"]))


def read_lines(file: BinaryIO, export: Export) -> Iterator[Event]:
    """Step 1, over all lines: yields the events; what the other lines say is put into `export`."""
    part, at, hasher = "header", 0, sha256()
    for at, line in enumerate(file, 1):
        try:
            need(part != "end", "something after the last line")
            if not line.endswith(b"\n"):
                raise Bad("cut-off", f"the file ends in line {at}")
            value = canonical(line[:-1])
            if part == "header":
                export.read_header(value)
                part = "events"
            elif part == "digest":
                keys(value, "sha256")
                export.digest, export.actual_digest = hash_of_hex(value["sha256"]), hasher.digest()
                part = "end"
            elif "events" in value:
                export.read_trailer(value)
                part = "digest"
            else:
                event = read_event(value)
                export.count(event)
                yield event
        except ValueError as error:
            raise Bad("not-canonical", f"line {at}: {error}") from None
        hasher.update(line)
    if part != "end":
        raise Bad("cut-off", f"the file ends after {at} lines, and more have to come")


def check_agreement(export: Export) -> None:
    """Step 3, of an export."""
    checkpoint = export.checkpoint
    due = 0 if checkpoint is None or export.complete() else export.events
    for wrong, sentence in (
        (export.trailer != (export.events, export.first, export.last), "the line before the last is not what the lines say"),
        (export.start == 0 or export.start > export.end + 1, "from and to can't be"),
        (export.outside, "an event is not within from and to"),
        ((checkpoint.origin if checkpoint else None) != export.origin, "the origin is not that of the checkpoint"),
        (checkpoint and checkpoint.incarnation != export.incarnation, "the incarnation is not that of the checkpoint"),
        (checkpoint and (checkpoint.size == 0 or checkpoint.size < export.end), "the checkpoint is of less"),
        (export.proofs != due, f"{export.proofs} events have a proof, and {due} should"),
    ):
        if wrong:
            raise Bad("contradiction", sentence)


def verify_export(file: BinaryIO, trust: Trust) -> Verdict:
    """Steps 1 to 4 in a first reading, steps 5 to 9 in a second."""
    export = Export()
    for _ in read_lines(file, export):
        pass
    if export.digest != export.actual_digest:
        raise Bad("wrong-digest", "the last line is not the SHA-256 of the bytes before it")
    check_agreement(export)
    check_signatures(export.checkpoint, trust)

    file.seek(0)
    kept, checkpoint, whole = trust.kept, export.checkpoint, export.start == 1 and not export.filtered
    chains = Chains(whole)
    kept_size = kept.size if kept else None
    events = Events(checkpoint, chains, export.start - 1, gapless=not export.filtered, from_1=whole, kept=kept_size)
    again = Export()
    for event in read_lines(file, again):
        events.add(event)
    if again.actual_digest != export.actual_digest:
        raise OSError("the file changed while it was read")
    if not export.filtered:
        events.up_to(export.end)
    events.raise_finding()
    if checkpoint is None:
        return verdict(f"export of {export.events} events, without a checkpoint", None, trust, True)
    if export.complete() and events.tree.root() != checkpoint.root:
        raise Bad("wrong-tree-root", "the root over all events is not that of the checkpoint")
    if export.complete() and map_root(chains.orders) != checkpoint.map_root:
        raise Bad("wrong-map-root", "the root over all orders is not that of the checkpoint")
    same = None if kept is None or events.roots is None else events.roots == (kept.root, kept.map_root)
    shown = check_kept(kept, checkpoint, same)
    name = "complete export" if export.complete() else "export"
    what = f"{name} of {export.events} events, checkpoint of {checkpoint.origin} at {checkpoint.size}"
    return verdict(what, checkpoint, trust, shown)


# --- Bundles, and checkpoints alone.


@dataclass(slots=True)
class Bundle:
    """All events of one order, and what it takes to check them."""

    order: bytes
    checkpoint: Checkpoint
    events: list[Event]
    version: int
    last_hash: bytes
    map_proof: list[bytes]
    consistency: tuple[int, list[bytes]] | None
    digest: bytes


def read_bundle(raw: bytes) -> Bundle:
    """A bundle in its form. ValueError if it isn't."""
    need(raw.endswith(b"\n"), "no line feed at the end")
    value = canonical(raw[:-1])
    keys(value, "format", "order", "checkpoint", "events", "map", "consistency", "sha256")
    need(value["format"] == "ordertrace-bundle/1", "another format")
    need(re.fullmatch(UUID, string(value["order"])) is not None, "not an order's id")
    need(type(value["events"]) is list and all(type(event) is dict for event in value["events"]), "not a list of events")
    events = [read_event(event) for event in value["events"]]
    need(all(event.proof is not None for event in events), "an event without a proof")
    tip, consistency = value["map"], None
    keys(tip, "version", "lastHash", "proof")
    if value["consistency"] is not None:
        keys(value["consistency"], "from", "proof")
        consistency = number(value["consistency"]["from"]), hashes(value["consistency"]["proof"], 128)
    need(1 <= number(tip["version"]) < 2**32, "no version that an order can have")
    order = bytes.fromhex(value["order"].replace("-", ""))
    checkpoint = read_checkpoint(string(value["checkpoint"]))
    version, last_hash, digest = number(tip["version"]), hash_of_hex(tip["lastHash"]), hash_of_hex(value["sha256"])
    return Bundle(order, checkpoint, events, version, last_hash, hashes(tip["proof"], 256), consistency, digest)


def check_map_proof(bundle: Bundle) -> None:
    """Step 7, of a bundle."""
    root = None
    if bundle.version < 2**32:
        root = map_root_by_proof(bundle.order, bundle.version.to_bytes(4, "big") + bundle.last_hash, bundle.map_proof)
    if root != bundle.checkpoint.map_root:
        raise Bad("wrong-map-root", "the order's proof does not lead to the root of the checkpoint's map")


def verify_bundle(file: BinaryIO, trust: Trust) -> Verdict:
    """All steps, in memory."""
    raw = file.read()
    try:
        bundle = read_bundle(raw)
    except ValueError as error:
        raise Bad("not-canonical", str(error)) from None
    checkpoint, kept = bundle.checkpoint, trust.kept
    if sha256(raw[: raw.rindex(b',"sha256"')]).digest() != bundle.digest:
        raise Bad("wrong-digest", "sha256 is not that of the bytes before it")
    if any(event.position > checkpoint.size for event in bundle.events):
        raise Bad("contradiction", "an event is beyond the checkpoint")
    if bundle.consistency and bundle.consistency[0] > checkpoint.size:
        raise Bad("contradiction", "consistency is from beyond the checkpoint")
    check_signatures(checkpoint, trust)

    chains = Chains(True, bundle.order)
    events = Events(checkpoint, chains, 0, gapless=False, from_1=False, kept=None)
    for event in bundle.events:
        events.add(event)
    events.raise_finding()
    check_map_proof(bundle)
    if chains.orders.get(bundle.order) != bundle.version.to_bytes(4, "big") + bundle.last_hash:
        raise Bad("incomplete", "the last event is not the one that the checkpoint's map has")
    shown = None
    if kept and bundle.consistency and bundle.consistency[0] == kept.size < checkpoint.size:
        shown = consistent(kept.size, checkpoint.size, kept.root, checkpoint.root, bundle.consistency[1])
    what = f"bundle of {len(bundle.events)} events, checkpoint of {checkpoint.origin} at {checkpoint.size}"
    return verdict(what, checkpoint, trust, check_kept(kept, checkpoint, shown))


def verify_checkpoint(file: BinaryIO, trust: Trust) -> Verdict:
    """A checkpoint alone: steps 1, 4 and 9."""
    try:
        checkpoint = read_checkpoint(file.read().decode("utf-8"))
    except ValueError as error:
        raise Bad("unreadable-checkpoint", str(error)) from None
    check_signatures(checkpoint, trust)
    shown = check_kept(trust.kept, checkpoint, None)
    return verdict(f"checkpoint of {checkpoint.origin} at {checkpoint.size}", checkpoint, trust, shown)


# --- Running it.

KINDS = {"export": verify_export, "bundle": verify_bundle, "checkpoint": verify_checkpoint}


def kind_of(file: BinaryIO) -> str:
    """What a file is to be taken for, by how it begins."""
    start = file.read(28)
    file.seek(0)
    if not start.startswith(b"{"):
        return "checkpoint"
    return "bundle" if start == b'{"format":"ordertrace-bundle' else "export"


def verify(path: Path, kind: str | None, key: Path | None, kept: Path | None, witnesses: list[Path]) -> Verdict:
    """Verifies one file."""
    trust = Trust(read_key(key, LOG) if key else None, None, [read_key(witness, WITNESS) for witness in witnesses])
    try:
        if kept:
            try:
                trust.kept = read_checkpoint(kept.read_bytes().decode("utf-8"))
            except ValueError as error:
                raise Bad("unreadable-checkpoint", f"the one that was kept: {error}") from None
        with path.open("rb") as file:
            return KINDS[kind or kind_of(file)](file, trust)
    except Bad as bad:
        return Verdict("bad", bad.sentence, bad.code, bad.position)


def run_vectors(folder: Path) -> int:
    """Runs all of an index; says where it differs."""
    index = json.loads((folder / "index.json").read_bytes())
    wrong = 0
    for entry in index:
        key, kept = (folder / entry[name] if name in entry else None for name in ("key", "kept"))
        witnesses = [folder / name for name in entry.get("witnesses", [])]
        result = verify(folder / entry["file"], entry["kind"], key, kept, witnesses)
        expected = entry["expect"], entry.get("finding"), entry.get("position")
        if (result.word, result.code, result.position) != expected:
            wrong += 1
            print(f"{json.dumps(entry)}: {result.line()}")
    print(f"{len(index)} vectors, {wrong} disagreements")
    return 1 if wrong else 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Verifies exports, bundles and checkpoints of the log.")
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE")
    parser.add_argument("--key", type=Path, metavar="KEYFILE", help="the log's public key")
    parser.add_argument("--kept", type=Path, metavar="CHECKPOINT", help="a checkpoint that was kept since earlier")
    parser.add_argument("--witness", type=Path, metavar="KEYFILE", action="append", default=[], help="has to have cosigned")
    parser.add_argument("--vectors", type=Path, metavar="DIR", help="run DIR/index.json")
    args = parser.parse_args()
    if (args.file is None) == (args.vectors is None):
        parser.error("either FILE or --vectors DIR")
    try:
        if args.vectors:
            return run_vectors(args.vectors)
        result = verify(args.file, None, args.key, args.kept, args.witness)
    except (Usage, OSError) as error:
        print(f"verify_audit.py: {error}", file=sys.stderr)
        return 2
    print(result.line())
    return {"ok": 0, "not-shown": 1, "bad": 3}[result.word]


if __name__ == "__main__":
    sys.exit(main())
