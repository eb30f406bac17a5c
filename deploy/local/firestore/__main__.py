"""`python -m deploy.local.firestore --port 8081 [--data deploy/data] [--store FILE]`: run the local Firestore."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from .sample_data import BadSample
from .server import LocalFirestore, PortTaken
from .store_file import StoreUnusable

_END = {signal.SIGINT, signal.SIGTERM}


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; the exit status is 1 when it cannot start."""
    options = _options(arguments)
    # Blocked here, and so in every thread made later, they wait for sigwait: none is lost and none breaks into a call.
    signal.pthread_sigmask(signal.SIG_BLOCK, _END)
    try:
        firestore = LocalFirestore(data=options.data, store=options.store)
    except (BadSample, StoreUnusable) as error:
        return _failed(str(error))
    try:
        firestore.start(options.port)
    except PortTaken as error:
        firestore.stop()
        return _failed(f"{error}. End what listens there, or choose another with --port; --port 0 takes a free one.")
    kept = f"kept in {options.store}" if options.store else "in memory, gone when this ends"
    print(f"ready: Firestore on {firestore.address}, documents {kept}", flush=True)
    print(f"export FIRESTORE_EMULATOR_HOST={firestore.address}", flush=True)
    signal.sigwait(_END)
    firestore.stop()
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.firestore", description=__doc__)
    parser.add_argument(
        "--port", type=_port, default=8081, help="port on 127.0.0.1; 0 takes a free one (default: 8081)"
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of sample documents: DIR/<collection>.json")
    parser.add_argument("--store", type=Path, metavar="FILE", help="SQLite file that keeps the documents across runs")
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65_535:
        raise argparse.ArgumentTypeError(f"{text} is no port: 0 to 65535")
    return number


def _failed(reason: str) -> int:
    print(f"The local Firestore did not start: {reason}", file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
