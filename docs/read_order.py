#!/usr/bin/env python3
"""Read one order's history from the event log of Ordertrace, and check it.

    pip install nats-py msgpack
    python3 read_order.py nats://127.0.0.1:4222 01890a5d-ac96-774b-bcce-b302099a8057

Written from docs/events.md. It only reads, and makes no consumer on the server.
Exit status: 0 all is well, 1 no such order, 2 usage, 3 something does not hold, 4 the log cannot be read.
"""
import asyncio
import hashlib
import json
import sys
import uuid

import msgpack
import nats

STREAM, NO_MESSAGE_FOUND, TIMEOUT_S, MAX_BYTES = "ORDERTRACE_EVENTS", 10037, 5, 65_536
ENVELOPE = {  # in this order; a number is bin of so many bytes
    "event_id": 16, "order_id": 16, "version": int, "type": str, "schema": int, "occurred_at": int, "command_id": 16,
    "command_hash": 32, "causation_id": 16, "correlation_id": 16, "traceparent": str, "actor": dict, "prev_hash": 32,
    "data": dict}
NIL_TOO = {"causation_id", "traceparent"}
ACTORS = ("anonymous", "customer", "courier", "operator", "system")
KNOWN = {(name, 1) for name in """OrderPlaced OrderCancellationRequested OrderCancelled OrderRejected OrderCompleted
    PaymentRequested PaymentSubmitted PaymentApproved PaymentDeclined PaymentOutcomeUnknown PaymentExpired PaymentVoided
    RefundRequested PaymentRefunded RefundFailed DeliveryPrepared DeliveryStarted DeliveryCompleted DeliveryFailed
    DeliveryCancelled""".split()}


def must(holds, otherwise):
    if not holds:
        raise ValueError(otherwise)


def subject_of(order_id):
    fnv1a = 2166136261
    for byte in order_id.encode():
        fnv1a = (fnv1a ^ byte) * 16777619 % 2**32
    return f"ordertrace.events.{fnv1a % 16:02}.{order_id}"


def fields(pairs):
    must(all(type(key) is str for key, _ in pairs), "a map has a key that is not a string")
    must(len(dict(pairs)) == len(pairs), "a map has a key twice")
    return dict(pairs)


def check(message, order_id, version, before):
    """The event in `message`, the order's `version`th; `before` is the payload of the one before it, or None."""
    payload, headers = message.data or b"", message.headers or {}
    must(message.subject == subject_of(order_id), f"its subject is {message.subject!r}, not {subject_of(order_id)!r}")
    must(len(payload) <= MAX_BYTES, f"its payload has {len(payload)} bytes")
    try:
        event = msgpack.unpackb(payload, object_pairs_hook=fields)
    except ValueError as error:  # if something follows, too
        raise ValueError(f"its payload is not one MessagePack map: {error}") from error
    must(type(event) is dict and list(event) == list(ENVELOPE), "its payload is not a map of the envelope's fields")
    for (name, wanted), value in zip(ENVELOPE.items(), event.values()):
        fits = type(value) is wanted or type(value) is bytes and len(value) == wanted
        must(fits or value is None and name in NIL_TOO, f"{name} is of the wrong type or length")
    name, schema, actor = event["type"], event["schema"], event["actor"]
    must(list(actor) == ["kind", "id"] and actor["kind"] in ACTORS and type(actor["id"]) is str, "actor is malformed")
    must(event["order_id"] == uuid.UUID(order_id).bytes, "order_id is not the one in the subject")
    must(event["version"] == version, f"version is {event['version']}, not {version}")
    event_id = uuid.uuid5(uuid.UUID(bytes=event["command_id"]), str(version))
    must(event["event_id"] == event_id.bytes, "event_id does not follow from command_id and version")
    for header, value in {"Nats-Msg-Id": event_id, "Ordertrace-Type": name, "Ordertrace-Schema": schema}.items():
        must(headers.get(header) == str(value), f"header {header} is {headers.get(header)!r}, not {str(value)!r}")
    expected = bytes(32) if before is None else hashlib.sha256(before).digest()
    must(event["prev_hash"] == expected, "prev_hash does not match the payload before it")
    must((name == "OrderPlaced") == (version == 1), f"it is {name!r}, but OrderPlaced comes first and only first")
    must((name, schema) in KNOWN, f"this script does not know {name!r}, schema {schema}")
    return event


async def silent(_error):
    """nats-py prints errors, unless told not to; it raises them as well."""


async def read(url, order_id):
    options = {"connect_timeout": TIMEOUT_S, "max_reconnect_attempts": 1, "reconnect_time_wait": 0.1}
    async with await nats.connect(url, **options, allow_reconnect=False, error_cb=silent) as client:
        log, count, sequence, payload, seen = client.jetstream(timeout=TIMEOUT_S), 0, 0, None, set()
        while True:
            try:  # the subject's first message after `sequence`
                message = await log.get_msg(STREAM, sequence + 1, subject_of(order_id), next=True)
            except nats.js.errors.NotFoundError as error:
                must(error.err_code == NO_MESSAGE_FOUND, error)  # otherwise it is the stream that is not there
                print(f"{count} events, chain intact" if count else f"no such order: {order_id}")
                return 0 if count else 1
            sequence = message.seq
            if message.data in seen:  # the same event once more, which says nothing new
                continue
            count = count + 1
            try:
                event = check(message, order_id, count, payload)
                actor, data = (json.dumps(part, default=repr) for part in (event["actor"]["id"], event["data"]))
            except (ValueError, RecursionError) as error:
                print(f"event {count}, stream sequence {sequence}: {error}", file=sys.stderr)
                return 3
            payload = message.data
            seen.add(payload)
            print(f"#{sequence} v{count} {message.time:%Y-%m-%dT%H:%M:%S.%fZ}",
                  event["type"], "by", event["actor"]["kind"], actor, data)


def main(arguments):
    try:
        url, order_id = arguments
        must(str(uuid.UUID(order_id)) == order_id, "not canonical")
    except ValueError:
        print("usage: read_order.py NATS_URL ORDER_ID (a UUID in canonical lowercase form)", file=sys.stderr)
        return 2
    try:
        return asyncio.run(read(url, order_id))
    except (nats.errors.Error, asyncio.TimeoutError, OSError, ValueError) as error:
        print(f"the log cannot be read: {str(error) or 'timed out'}", file=sys.stderr)
        return 4


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
