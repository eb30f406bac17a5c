"""`--data DIR`: sample documents as JSON files that are pleasant to write.

`DIR/<collection>.json` holds `{"<document id>": {field: value, ...}, ...}`. A sub-collection lies where its path says:
`DIR/orders/A-1001/lines.json`. JSON has no word for some of Firestore's types; a map with one of these keys alone
stands for them:

    {"$timestamp": "2026-12-01T09:30:00+01:00"}    a moment; without an offset it is UTC
    {"$reference": "stores/main"}                  a document of the same database
    {"$geo": [25.03, 121.56]}                      latitude, longitude
    {"$bytes": "aGVsbG8="}                         base64
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .messages import Document, Value
from .paths import check_document
from .refusals import Refused
from .values import check_fields


class BadSample(Exception):
    """A sample file cannot be loaded; the text names the file, the document and what is wrong."""


class SampleData:
    """The sample documents of a folder.

    Args:
        folder: where the files are; read once, here.

    Raises:
        BadSample: a file is no JSON, or holds what Firestore cannot keep.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise BadSample(f"{folder} is no folder")
        self._documents: dict[str, tuple[Path, dict[str, Any]]] = {}
        for file in sorted(folder.rglob("*.json")):
            self._read(file, "/".join(file.relative_to(folder).with_suffix("").parts))
        self.documents("projects/check/databases/check")

    def _read(self, file: Path, collection: str) -> None:
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise BadSample(f"{file} is not JSON: {error}") from error
        if not isinstance(content, dict) or not all(isinstance(fields, dict) for fields in content.values()):
            raise BadSample(f'{file}: expected {{"<document id>": {{field: value, ...}}, ...}}')
        for document_id, fields in content.items():
            self._documents[f"{collection}/{document_id}"] = (file, fields)

    def documents(self, database: str) -> list[Document]:
        """The documents as they are in a database (`projects/P/databases/D`), without times."""
        return [self._document(database, path, file, fields) for path, (file, fields) in self._documents.items()]

    def _document(self, database: str, path: str, file: Path, fields: dict[str, Any]) -> Document:
        try:
            message = Document(name=check_document(f"{database}/documents/{path}"))
            for name, plain in fields.items():
                message.fields[name].CopyFrom(_value(plain, database))
            check_fields(message)
        except (Refused, ValueError, TypeError) as error:
            raise BadSample(f"{file}, document {path}: {error}") from error
        return message


def _value(plain: Any, database: str) -> Value:
    if plain is None:
        return Value(null_value=0)
    if isinstance(plain, bool):
        return Value(boolean_value=plain)
    if isinstance(plain, int):
        return Value(integer_value=plain)
    if isinstance(plain, float):
        return Value(double_value=plain)
    if isinstance(plain, str):
        return Value(string_value=plain)
    result = Value()
    if isinstance(plain, list):
        result.array_value.SetInParent()
        result.array_value.values.extend(_value(element, database) for element in plain)
        return result
    if len(plain) == 1 and next(iter(plain)).startswith("$"):
        return _special(next(iter(plain)), next(iter(plain.values())), database)
    result.map_value.SetInParent()
    for name, inner in plain.items():
        result.map_value.fields[name].CopyFrom(_value(inner, database))
    return result


def _special(kind: str, written: Any, database: str) -> Value:
    if kind == "$timestamp":
        moment = datetime.fromisoformat(written)
        result = Value()
        result.timestamp_value.FromDatetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
        return result
    if kind == "$reference":
        return Value(reference_value=f"{database}/documents/{written}")
    if kind == "$geo":
        latitude, longitude = written
        return Value(geo_point_value={"latitude": latitude, "longitude": longitude})
    if kind == "$bytes":
        return Value(bytes_value=base64.b64decode(written, validate=True))
    raise ValueError(f"{kind} is none of $timestamp, $reference, $geo, $bytes")
