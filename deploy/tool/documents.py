"""The sample documents as Firestore's REST API takes them; deploy/local/firestore reads the same files.

documents writes FOLDER DATABASE   the body of documents:batchWrite; documents that are there already are not touched
documents outcome                  from the answer on standard input: how many were written, how many were there
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_ALREADY_THERE = (6, 9)  # ALREADY_EXISTS, FAILED_PRECONDITION


def value(plain: Any, database: str) -> dict[str, Any]:
    """One field's value in the form of the REST API."""
    if plain is None:
        return {"nullValue": None}
    if isinstance(plain, bool):
        return {"booleanValue": plain}
    if isinstance(plain, int):
        return {"integerValue": str(plain)}
    if isinstance(plain, float):
        return {"doubleValue": plain}
    if isinstance(plain, str):
        return {"stringValue": plain}
    if isinstance(plain, list):
        return {"arrayValue": {"values": [value(element, database) for element in plain]}}
    if len(plain) == 1 and next(iter(plain)).startswith("$"):
        kind, written = next(iter(plain.items()))
        return _special(kind, written, database)
    return {"mapValue": {"fields": {name: value(inner, database) for name, inner in plain.items()}}}


def _special(kind: str, written: Any, database: str) -> dict[str, Any]:
    if kind == "$timestamp":
        moment = datetime.fromisoformat(written)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return {"timestampValue": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
    if kind == "$reference":
        return {"referenceValue": f"{database}/documents/{written}"}
    if kind == "$geo":
        return {"geoPointValue": {"latitude": written[0], "longitude": written[1]}}
    if kind == "$bytes":
        return {"bytesValue": written}
    raise ValueError(f"{kind} is none of $timestamp, $reference, $geo, $bytes")


def writes(folder: Path, database: str) -> dict[str, Any]:
    """The body of documents:batchWrite for FOLDER/<collection>.json, each {id: {field: value}}."""
    found = []
    for file in sorted(folder.rglob("*.json")):
        collection = file.relative_to(folder).with_suffix("").as_posix()
        for document, fields in json.loads(file.read_text(encoding="utf-8")).items():
            name = f"{database}/documents/{collection}/{document}"
            content = {field: value(plain, database) for field, plain in fields.items()}
            found.append({"update": {"name": name, "fields": content}, "currentDocument": {"exists": False}})
    return {"writes": found}


def _writes(folder: str, database: str) -> None:
    json.dump(writes(Path(folder), database), sys.stdout)


def outcome() -> int:
    """Print how many documents were written and how many were there; 1 when one was refused."""
    codes = [status.get("code", 0) for status in json.load(sys.stdin).get("status", [])]
    print(codes.count(0), sum(code in _ALREADY_THERE for code in codes))
    return 0 if all(code in (0, *_ALREADY_THERE) for code in codes) else 1


COMMANDS = {"writes": _writes, "outcome": outcome}
