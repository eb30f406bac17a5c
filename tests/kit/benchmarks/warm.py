"""Warm calls: the kit against the bare function, alternating in blocks so that a noisy machine disturbs both alike."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping

from tests.kit.functions import Function, running

from .calls import Connection, milliseconds, p50, per_second, webhook_request
from .figures import BARE, BARE_FIRESTORE, cpu_seconds, shop

BLOCKS = 20
CALLS = 150


def welcome() -> dict[str, float]:
    """p50, CPU time and throughput of the welcome."""
    request = webhook_request("Default Welcome Intent", {})
    with running(shop(), {}) as kit:
        reply = Connection(kit.port).send(request)[1].decode()
        with running(BARE, {"BARE_REPLY": reply}) as bare:
            figures = compared(kit, bare, request, request)
            kit_cpu, bare_cpu = _cpu_per_call(kit, request), _cpu_per_call(bare, request)
            ratios = [per_second(kit.port, request, 8, 1.5) / per_second(bare.port, request, 8, 1.5) for _ in range(3)]
    return figures | {
        "CPU per call, kit/bare": kit_cpu / bare_cpu,
        "throughput with 8 connections, kit/bare": statistics.median(ratios),
    }


def lookups(firestore: Mapping[str, str]) -> dict[str, float]:
    """check_order against a bare get(), and a cached store_hours against a bare function without Firestore."""
    order = webhook_request("check_order", {"order_id": "A-1001"})
    hours = webhook_request("store_hours", {"store": "main", "date": "2026-12-01T12:00:00+01:00"})
    with running(shop(), firestore) as kit:
        connection = Connection(kit.port)
        order_reply, hours_reply = connection.send(order)[1].decode(), connection.send(hours)[1].decode()
        with running(BARE_FIRESTORE, {**firestore, "BARE_REPLY": order_reply}) as bare:
            get = compared(kit, bare, order, order)
        with running(BARE, {"BARE_REPLY": hours_reply}) as bare:
            cached = compared(kit, bare, hours, hours)
    return {f"check_order, {name}": value for name, value in get.items()} | {
        f"cached store_hours, {name}": value for name, value in cached.items()
    }


def compared(kit: Function, bare: Function, kit_request: bytes, bare_request: bytes) -> dict[str, float]:
    """p50 of both and the median of the differences, block by block."""
    kit_connection, bare_connection = Connection(kit.port), Connection(bare.port)
    milliseconds(kit_connection, kit_request, CALLS)
    milliseconds(bare_connection, bare_request, CALLS)
    kit_p50s, bare_p50s = [], []
    for _ in range(BLOCKS):
        kit_p50s.append(p50(milliseconds(kit_connection, kit_request, CALLS)))
        bare_p50s.append(p50(milliseconds(bare_connection, bare_request, CALLS)))
    differences = [ours - theirs for ours, theirs in zip(kit_p50s, bare_p50s, strict=True)]
    return {
        "kit p50 ms": statistics.median(kit_p50s),
        "bare p50 ms": statistics.median(bare_p50s),
        "kit over bare ms": statistics.median(differences),
    }


def _cpu_per_call(function: Function, request: bytes) -> float:
    connection = Connection(function.port)
    before, count = cpu_seconds(function), 4000
    milliseconds(connection, request, count)
    return (cpu_seconds(function) - before) / count


if __name__ == "__main__":
    print(json.dumps(welcome(), indent=2))
