"""Reads the answer of `gcloud secrets versions access --format=json` on standard input.

secret.py number       the version's number
secret.py same FILE    exit 0 when the secret's text is that of FILE (blanks at line ends do not count)
secret.py both FILE    FILE's lines, then those of the secret that FILE lacks; nothing when the texts are the same
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path


def lines(text: str) -> list[str]:
    """The lines that count, without blanks around them."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def both(new: list[str], old: list[str]) -> list[str]:
    """What a function that knows the new and the old text is given; the agent sends the first."""
    return [] if new == old else new + [line for line in old if line not in new]


def main(command: str, *arguments: str) -> int:
    """Run one of the commands above."""
    answer = json.load(sys.stdin)
    if command == "number":
        print(answer["name"].rpartition("/")[2])
        return 0
    # gcloud prints the base64 of either alphabet.
    data = answer["payload"].get("data", "").replace("-", "+").replace("_", "/")
    old, new = lines(base64.b64decode(data).decode()), lines(Path(arguments[0]).read_text())
    if command == "both":
        print("\n".join(both(new, old)))
        return 0
    return 0 if old == new else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
