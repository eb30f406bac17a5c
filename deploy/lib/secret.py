"""Reads the answer of `gcloud secrets versions access --format=json` on standard input.

secret.py number       the version's number
secret.py same FILE    exit 0 when the secret's text is that of FILE (blanks at line ends do not count)
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path


def lines(text: str) -> list[str]:
    """The lines that count, without blanks around them."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def main(command: str, *arguments: str) -> int:
    """Run one of the two commands above."""
    answer = json.load(sys.stdin)
    if command == "number":
        print(answer["name"].rpartition("/")[2])
        return 0
    # gcloud prints the base64 of either alphabet.
    data = answer["payload"].get("data", "").replace("-", "+").replace("_", "/")
    return 0 if lines(base64.b64decode(data).decode()) == lines(Path(arguments[0]).read_text()) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
