"""What must stay flat: routing with many intents, memory, and throughput while Firestore takes its time."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator, Mapping

from fulfillment import on
from fulfillment.request import Request
from fulfillment.routing.routes import Routes
from tests.kit.functions import free_port, running

from .calls import Connection, milliseconds, per_second, webhook_request
from .figures import BARE_FIRESTORE, peak_mib, shop


def routing() -> dict[str, float]:
    """Microseconds to find a handler among 10 and among 10,000 intents."""
    return {f"routing with {count} intents, us": _find_microseconds(count) for count in (10, 10_000)}


def _find_microseconds(count: int) -> float:
    def make(number: int) -> object:
        def handler() -> str:
            return "x"

        return on.intent(f"intent {number}")(handler)

    routes = Routes([make(number) for number in range(count)])  # type: ignore[misc]
    request = Request(intent=f"intent {count - 1}")
    best = float("inf")
    for _ in range(20):
        started = time.perf_counter()
        for _ in range(2000):
            routes.find(request)
        best = min(best, (time.perf_counter() - started) / 2000 * 1e6)
    return best


def memory(firestore: Mapping[str, str]) -> dict[str, float]:
    """Peak memory after lookups, against a bare function that imports Firestore."""
    request = webhook_request("check_order", {"order_id": "A-1001"})
    peaks = []
    for source in (shop(), BARE_FIRESTORE):
        with running(source, firestore) as function:
            milliseconds(Connection(function.port), request, 300)
            per_second(function.port, request, 8, 2)
            peaks.append(peak_mib(function))
    return {"kit peak MiB": peaks[0], "bare peak MiB": peaks[1], "peak, kit/bare": peaks[0] / peaks[1]}


def slow_firestore(firestore: Mapping[str, str]) -> dict[str, float]:
    """Lookups a second with 64 connections when Firestore answers in 50 ms, with 80 threads and with 4."""
    request = webhook_request("check_order", {"order_id": "A-1001"})
    figures = {}
    with _delayed(firestore["FIRESTORE_EMULATOR_HOST"], 0.05) as address:
        for name, threads in (("default threads", {}), ("4 threads", {"THREADS": "5"})):
            environment = {**firestore, "FIRESTORE_EMULATOR_HOST": address, **threads}
            with running(shop(), environment) as function:
                Connection(function.port).send(request)
                figures[f"lookups a second, {name}"] = per_second(function.port, request, 64, 4)
    return figures


@contextlib.contextmanager
def _delayed(upstream: str, seconds: float) -> Iterator[str]:
    """A TCP proxy on 127.0.0.1 that holds every answer back for that long; yields its address."""
    host, _, port = upstream.rpartition(":")
    listener = socket.create_server(("127.0.0.1", free_port()))

    def pump(source: socket.socket, target: socket.socket, delay: float) -> None:
        pending: list[tuple[float, bytes]] = []
        arrived = threading.Condition()

        def send() -> None:
            while True:
                with arrived:
                    arrived.wait_for(lambda: pending)
                    due, data = pending.pop(0)
                time.sleep(max(0.0, due - time.monotonic()))
                with contextlib.suppress(OSError):
                    target.sendall(data)

        threading.Thread(target=send, daemon=True).start()
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                with arrived:
                    pending.append((time.monotonic() + delay, data))
                    arrived.notify()

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection((host, int(port)))
                threading.Thread(target=pump, args=(client, server, 0.0), daemon=True).start()
                threading.Thread(target=pump, args=(server, client, seconds), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()
