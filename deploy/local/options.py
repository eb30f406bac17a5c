"""The options of `./deploy/local.sh`, and what can be checked before anything is installed.

Needs nothing but Python itself: `python3 -m deploy.local.options --port 8080` says what is wrong with the
options or the port. Exit status 0: all is well; 1: the port is taken; 2: wrong options; 3: the help was asked for.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import ports

_HELP_WAS_SHOWN = 3


def parsed(arguments: list[str] | None = None) -> argparse.Namespace:
    """Return the options; ends the process with status 2, or 0 after the help, as argparse does."""
    parser = argparse.ArgumentParser(
        prog="./deploy/local.sh",
        description="Run the function and a local Firestore on this machine. The function starts anew when a file of "
        "handlers/ or requirements.txt changes. It inherits this shell's environment: FOO=1 ./deploy/local.sh sets a "
        "variable for your handlers. PYTHON=python3.12 chooses the Python of the virtual environment.",
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


def port_taken(port: int) -> str:
    """Return what to do about a port that somebody else has; "" where it is free."""
    if ports.is_free(port):
        return ""
    who = ports.owner(port)
    another = port + 10 if port + 10 < 65536 else port - 10
    return f"port {port} is taken{' by ' + who if who else ''}. End that, or choose another: --port {another}"


def main() -> int:
    """Check the command line and the port; see the module's words for the exit status."""
    try:
        options = parsed()
    except SystemExit as ended:
        return _HELP_WAS_SHOWN if ended.code == 0 else 2
    if told := port_taken(options.port):
        print(f"Not started: {told}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
