"""Reads deploy/firestore.indexes.json, which has the form of the Firebase tools.

indexes ttl FILE       one line `group field` for each TTL policy
indexes all FILE       one line for each composite index: the options of `gcloud firestore indexes composite create`
indexes missing FILE   the same, without the indexes that are in the JSON list on standard input
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

_MODES = {"ASCENDING": "order=ascending", "DESCENDING": "order=descending", "CONTAINS": "array-config=contains"}


def fields(index: dict[str, Any]) -> list[tuple[str, str]]:
    """The fields in order; the implicit last one, __name__, left out."""
    pairs = [(f["fieldPath"], str(f.get("order") or f.get("arrayConfig"))) for f in index["fields"]]
    return [pair for pair in pairs if pair[0] != "__name__"]


def options(index: dict[str, Any]) -> str:
    """The options of the create command."""
    scope = index.get("queryScope", "COLLECTION").lower().replace("_", "-")
    configs = " ".join(f"--field-config=field-path={path},{_MODES[mode]}" for path, mode in fields(index))
    return f"--collection-group={index['collectionGroup']} --query-scope={scope} {configs}"


def is_there(index: dict[str, Any], existing: list[dict[str, Any]]) -> bool:
    """Whether one of the `existing` indexes (their names carry the collection group) is this one."""
    group = f"/collectionGroups/{index['collectionGroup']}/"
    scope = index.get("queryScope", "COLLECTION")
    return any(
        group in other["name"] and other["queryScope"] == scope and fields(other) == fields(index) for other in existing
    )


def _definitions(file: str, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(Path(file).read_text()).get(kind, [])
    return found


def _ttl(file: str) -> None:
    for override in _definitions(file, "fieldOverrides"):
        if override.get("ttl"):
            print(override["collectionGroup"], override["fieldPath"])


def _all(file: str) -> None:
    for index in _definitions(file, "indexes"):
        print(options(index))


def _missing(file: str) -> None:
    existing = json.load(sys.stdin)
    for index in _definitions(file, "indexes"):
        if not is_there(index, existing):
            print(options(index))


COMMANDS = {"ttl": _ttl, "all": _all, "missing": _missing}
