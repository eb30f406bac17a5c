"""`./deploy/local.sh`: the function and its Firestore on your own machine, ended together."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from fulfillment.problems import SetupError
from fulfillment.settings import from_environment

from . import ports
from .firestore.sample_data import BadSample
from .firestore.server import LocalFirestore, PortTaken
from .firestore.store_file import StoreUnusable

ROOT = Path(__file__).parents[2]
PROJECT = "local-project"
_START_SECONDS = 30


class CannotStart(Exception):
    """Something on this machine stands in the way; the message says what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Run until Ctrl-C, or until the function ends by itself; the exit status is 1 when something failed."""
    options = _options(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    firestore: LocalFirestore | None = None
    function: subprocess.Popen[bytes] | None = None
    try:
        _check_port(options.port)
        _check_settings()
        routes = _routes()
        environment = dict(os.environ)
        if options.real_firestore:
            environment["GOOGLE_CLOUD_PROJECT"] = options.real_firestore
            environment.pop("FIRESTORE_EMULATOR_HOST", None)
        else:
            firestore = _start_firestore(options)
            environment["FIRESTORE_EMULATOR_HOST"] = firestore.address
            environment.setdefault("GOOGLE_CLOUD_PROJECT", PROJECT)
        function = _start_function(options.port, environment)
        _wait_until_it_listens(function, options.port)
        _tell(options, firestore, routes)
        status = function.wait()
        print(f"The function ended by itself, with status {status}.", file=sys.stderr)
        return 1
    except CannotStart as error:
        print(f"Not started: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nEnding the function and its Firestore.", file=sys.stderr)
        return 0
    finally:
        _end(function)
        if firestore is not None:
            firestore.stop()


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./deploy/local.sh", description="Run the function and a local Firestore on this machine."
    )
    parser.add_argument("--port", type=_port, default=8080, help="of the function, on 127.0.0.1 (default: 8080)")
    parser.add_argument("--firestore-port", type=_port, default=8081, help="of the Firestore (default: 8081)")
    parser.add_argument("--store", type=Path, metavar="FILE", help="keep the documents in FILE across runs")
    parser.add_argument(
        "--real-firestore",
        metavar="PROJECT",
        help="use the real Firestore of that project, with your own credentials "
        "(first: gcloud auth application-default login)",
    )
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is no port; expected a number from 1 to 65535, for example 8080")
    return int(text)


def _check_port(port: int) -> None:
    if not ports.is_free(port):
        who = ports.owner(port)
        raise CannotStart(
            f"port {port} is taken{' by ' + who if who else ''}. End that, or choose another: --port {port + 10}"
        )


def _check_settings() -> None:
    try:
        from_environment()
    except SetupError as error:
        raise CannotStart(str(error)) from error


def _routes() -> list[dict[str, Any]]:
    # Asked in a process of its own: a handler that cannot be loaded is told in one line, before anything runs.
    asked = subprocess.run(
        [sys.executable, "-m", "handlers", "--json"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if asked.returncode != 0:
        # Of the kit's own errors the words say all; of Python's the traceback shows the line.
        told = asked.stderr.rpartition(f"{SetupError.__module__}.{SetupError.__name__}: ")[2].strip()
        raise CannotStart(f"the handlers cannot be loaded.\n{told}")
    routes: list[dict[str, Any]] = json.loads(asked.stdout)["routes"]
    return routes


def _start_firestore(options: argparse.Namespace) -> LocalFirestore:
    port = options.firestore_port
    if not ports.is_free(port):
        who = ports.owner(port)
        print(f"Port {port} is taken{' by ' + who if who else ''}: the Firestore takes a free one.", file=sys.stderr)
        port = 0
    try:
        data = ROOT / "deploy" / "data"  # git keeps no empty folder: without sample documents there is none
        firestore = LocalFirestore(data=data if data.is_dir() else None, store=options.store)
        firestore.start(port)
    except (BadSample, PortTaken, StoreUnusable) as error:
        raise CannotStart(f"the local Firestore: {error}") from error
    return firestore


def _start_function(port: int, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "deploy.local.function", "--target", "dialogflow_webhook"]
    # A session of its own: Ctrl-C reaches this process only, which then ends the function in order. Two interrupts at
    # once, from the terminal and from gunicorn's master, can lock a gunicorn worker up for ever.
    return subprocess.Popen(  # noqa: S603
        [*command, "--host", "127.0.0.1", "--port", str(port)], cwd=ROOT, env=environment, start_new_session=True
    )


def _wait_until_it_listens(function: subprocess.Popen[bytes], port: int) -> None:
    ends_at = time.monotonic() + _START_SECONDS
    while time.monotonic() < ends_at:
        if function.poll() is not None:
            raise CannotStart(f"the function ended with status {function.returncode}; its own words stand above")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.05)
    raise CannotStart(f"the function did not listen on port {port} within {_START_SECONDS} s")


def _tell(options: argparse.Namespace, firestore: LocalFirestore | None, routes: list[dict[str, Any]]) -> None:
    url = f"http://127.0.0.1:{options.port}/"
    kept = f"the Firestore of {options.real_firestore}"
    if firestore is not None:
        kept = f"a Firestore on {firestore.address}" + (f", kept in {options.store}" if options.store else "")
    print(f"ready: {url} with {kept}. Try it in another terminal:\n")
    print(f"  curl -H 'content-type: application/json' -d '{_example(routes)}' {url}\n")
    print("Ctrl-C ends it.", flush=True)


def _example(routes: list[dict[str, Any]]) -> str:
    intents = [route for route in routes if route["kind"] == "intent"]
    chosen = next((route for route in intents if route["name"] == "check_order"), intents[0] if intents else None)
    name = chosen["name"] if chosen else "Default Welcome Intent"
    parameters = {entry["name"]: _value(entry) for entry in (chosen["parameters"] if chosen else [])}
    request = {
        "session": f"projects/{PROJECT}/agent/sessions/try-it",
        "queryResult": {"intent": {"displayName": name}, "parameters": parameters, "languageCode": "en"},
    }
    return json.dumps(request).replace("'", "'\\''")


def _value(parameter: dict[str, Any]) -> Any:
    if parameter["name"] == "order_id":
        return "A-1001"
    samples = {"int": 1, "float": 1.5, "bool": True, "date": "2026-12-01", "time": "19:00:00"}
    return samples.get(parameter["type"].partition(" ")[0], "example")


def _end(function: subprocess.Popen[bytes] | None) -> None:
    if function is None or function.poll() is not None:
        return
    function.terminate()
    try:
        function.wait(timeout=15)
    except subprocess.TimeoutExpired:
        os.killpg(function.pid, signal.SIGKILL)
        function.wait()


def _interrupt(signal_number: int, frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
