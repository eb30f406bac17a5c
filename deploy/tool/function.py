"""Reads a deployed function (JSON of `gcloud functions describe`) on standard input.

function diff EXPECTED...              one line for each difference from what it should be; nothing when there is none.
                                       EXPECTED: `serviceConfig.availableCpu=1` for a member, `variable:NAME=value` for
                                       each environment variable, `secret:NAME=secret:version` for each secret
function repin VARIABLE=VERSION...     the body that pins its secrets to other versions
"""

from __future__ import annotations

import json
import sys
from typing import Any

# Cloud Functions sets these by itself.
_SET_BY_GOOGLE = {"LOG_EXECUTION_ID"}


def differences(function: dict[str, Any], expected: list[str]) -> list[str]:
    """What differs, in words such as `memory: 256Mi, wanted 512Mi`."""
    found = []
    config = function.get("serviceConfig", {})
    variables = {k: v for k, v in config.get("environmentVariables", {}).items() if k not in _SET_BY_GOOGLE}
    secrets = {s["key"]: f"{s['secret']}:{s['version']}" for s in config.get("secretEnvironmentVariables", [])}
    wanted_variables = dict(_pairs(expected, "variable:"))
    wanted_secrets = dict(_pairs(expected, "secret:"))
    for path, wanted in (item.split("=", 1) for item in expected if not item.startswith(("variable:", "secret:"))):
        actual = _member(function, path)
        if actual != wanted:
            found.append(_said(path.rpartition(".")[2], actual, wanted))
    # Values of variables may be private: only the names are shown.
    found += [f"variable {name}" for name in sorted(_changed(variables, wanted_variables))]
    found += [f"secret {name}" for name in sorted(_changed(secrets, wanted_secrets))]
    return found


def _pairs(expected: list[str], prefix: str) -> list[tuple[str, str]]:
    pairs = (item.removeprefix(prefix).partition("=") for item in expected if item.startswith(prefix))
    return [(name, value) for name, _, value in pairs]


def _changed(actual: dict[str, str], wanted: dict[str, str]) -> set[str]:
    return {name for name in actual.keys() | wanted.keys() if actual.get(name) != wanted.get(name)}


def _member(function: dict[str, Any], path: str) -> str:
    value: Any = function
    for part in path.split("."):
        value = value.get(part, "") if isinstance(value, dict) else ""
    # A count of 0 is left out of the answer.
    return "0" if value == "" and path.endswith("Count") else str(value)


def _said(name: str, actual: str, wanted: str) -> str:
    if name == "fulfillment-source":
        return "source"
    return f"{name}: {actual or 'none'}, wanted {wanted or 'none'}"


def repinned(function: dict[str, Any], pins: dict[str, str]) -> dict[str, Any]:
    """All secrets of the function, those in `pins` with their new version."""
    secrets = function["serviceConfig"].get("secretEnvironmentVariables", [])
    changed = [{**secret, "version": pins.get(secret["key"], secret["version"])} for secret in secrets]
    return {"serviceConfig": {"secretEnvironmentVariables": changed}}


def _diff(*expected: str) -> None:
    print("\n".join(differences(json.load(sys.stdin), list(expected))))


def _repin(*pins: str) -> None:
    json.dump(repinned(json.load(sys.stdin), dict(pin.split("=", 1) for pin in pins)), sys.stdout)


COMMANDS = {"diff": _diff, "repin": _repin}
