"""Reads a long-running operation, as every API of Google answers it, on standard input.

operation name      its name, which is also its path
"""

from __future__ import annotations

import json
import sys


def name() -> None:
    """Print the operation's name."""
    print(json.load(sys.stdin)["name"])


COMMANDS = {"name": name}
