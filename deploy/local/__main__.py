"""`./deploy/local.sh`: the function and its Firestore on your own machine, ended together."""

from __future__ import annotations

import os
import signal
import sys
from argparse import Namespace
from typing import Any

from fulfillment.problems import SetupError
from fulfillment.settings import Settings, from_environment

from . import example_call, options, ports
from .firestore.sample_data import BadSample
from .firestore.server import LocalFirestore, PortTaken
from .firestore.store_file import StoreUnusable
from .running_function import ROOT
from .supervisor import CannotStart, Supervisor

PROJECT = "local-project"


def main(arguments: list[str] | None = None) -> int:
    """Run until Ctrl-C, or until the function ends by itself; the exit status is 1 when something failed."""
    chosen = options.parsed(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    firestore: LocalFirestore | None = None
    supervisor: Supervisor | None = None
    try:
        if told := options.port_taken(chosen.port):
            raise CannotStart(told)
        settings = _settings()
        environment = dict(os.environ)
        if chosen.real_firestore:
            environment["GOOGLE_CLOUD_PROJECT"] = chosen.real_firestore
            environment.pop("FIRESTORE_EMULATOR_HOST", None)
        else:
            firestore = _start_firestore(chosen)
            environment["FIRESTORE_EMULATOR_HOST"] = firestore.address
            environment.setdefault("GOOGLE_CLOUD_PROJECT", PROJECT)
        supervisor = Supervisor(chosen.port, environment)
        _tell(chosen, firestore, supervisor.start(), settings)
        return supervisor.run()
    except CannotStart as error:
        print(f"Not started: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nEnding the function and its Firestore.", file=sys.stderr)
        return 0
    finally:
        _end(supervisor, firestore)


def _end(supervisor: Supervisor | None, firestore: LocalFirestore | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is ending
    try:
        if supervisor is not None:
            supervisor.stop()
    except KeyboardInterrupt:  # a second Ctrl-C does not wait for the calls under way
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if supervisor is not None:
            supervisor.kill()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if firestore is not None:
        firestore.stop()


def _settings() -> Settings:
    try:
        return from_environment()
    except SetupError as error:
        raise CannotStart(str(error)) from error


def _start_firestore(chosen: Namespace) -> LocalFirestore:
    port = chosen.firestore_port
    if not ports.is_free(port):
        who = ports.owner(port)
        print(f"Port {port} is taken{' by ' + who if who else ''}: the Firestore takes a free one.", file=sys.stderr)
        port = 0
    try:
        data = ROOT / "deploy" / "data"  # git keeps no empty folder: without sample documents there is none
        firestore = LocalFirestore(data=data if data.is_dir() else None, store=chosen.store)
        firestore.start(port)
    except (BadSample, PortTaken, StoreUnusable) as error:
        raise CannotStart(f"the local Firestore: {error}") from error
    return firestore


def _tell(
    chosen: Namespace, firestore: LocalFirestore | None, routes: list[dict[str, Any]], settings: Settings
) -> None:
    url = f"http://127.0.0.1:{chosen.port}/"
    kept = f"the Firestore of {chosen.real_firestore}"
    if firestore is not None:
        kept = f"a Firestore on {firestore.address}" + (f", kept in {chosen.store}" if chosen.store else "")
    print(f"ready: {url} with {kept}. Try it in another terminal:\n")
    sys.stdout.reconfigure(errors="surrogateescape")  # type: ignore[union-attr]  # a secret may hold any byte
    print(f"  {example_call.curl_line(routes, settings, url)}\n")
    if lacks := example_call.what_it_lacks(settings):
        print(f"WEBHOOK_AUTH={','.join(settings.auth)} asks for {lacks} besides, which this line cannot show.")
    print("Ctrl-C ends it. A file of handlers/ that changes is taken over by itself.", flush=True)


def _interrupt(signal_number: int, frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
