"""The body that pins a function's secrets to other versions.

repin.py VARIABLE=VERSION...      the function (JSON of `gcloud functions describe`) on standard input
"""

from __future__ import annotations

import json
import sys
from typing import Any


def repinned(function: dict[str, Any], pins: dict[str, str]) -> dict[str, Any]:
    """All secrets of the function, those in `pins` with their new version."""
    secrets = function["serviceConfig"].get("secretEnvironmentVariables", [])
    changed = [{**secret, "version": pins.get(secret["key"], secret["version"])} for secret in secrets]
    return {"serviceConfig": {"secretEnvironmentVariables": changed}}


if __name__ == "__main__":
    json.dump(repinned(json.load(sys.stdin), dict(pin.split("=", 1) for pin in sys.argv[1:])), sys.stdout)
