"""Names of databases, collections and documents, and paths of fields.

Source for the limits: https://cloud.google.com/firestore/quotas#collections_documents_and_fields
"""

from __future__ import annotations

import re
from functools import lru_cache

from .refusals import invalid

FieldPath = tuple[str, ...]

DOCUMENT_ID = "__name__"
MAX_ID_BYTES = 1_500
MAX_FIELD_NAME_BYTES = 1_500
MAX_NAME_BYTES = 6 * 1024
MAX_SUBCOLLECTIONS = 100

_RESERVED = re.compile(r"__.*__", re.DOTALL)
_NUMERIC_ID = re.compile(r"__id(-?[0-9]{1,19})__")
_DATABASE = re.compile(r"projects/[^/]+/databases/[^/]+")
_SIMPLE_SEGMENT = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_QUOTED_SEGMENT = re.compile(r"`((?:[^`\\]|\\.)*)`", re.DOTALL)


def is_reserved(name: str) -> bool:
    """Whether an id or field name is one of those Firestore keeps for itself (`__name__`)."""
    return _RESERVED.fullmatch(name) is not None


def order_of_segments(name: str) -> tuple[str, ...]:
    """A name as something to order it by: segment by segment, numeric ids (`__id7__`) before all others, by number.

    Nobody makes numeric ids, but clients bound recursive queries by the least of them.
    """
    segments = name.split("/")
    if "__id" not in name:
        return tuple(segments)
    return tuple(
        f"\0{int(numeric.group(1)) + 2**63:020d}" if (numeric := _NUMERIC_ID.fullmatch(segment)) else segment
        for segment in segments
    )


@lru_cache(maxsize=1024)
def check_database(name: str) -> str:
    """`projects/P/databases/D`, or refused."""
    if not _DATABASE.fullmatch(name):
        raise invalid(f'Expected a database name "projects/P/databases/D", found "{name}".')
    return name


def split_name(name: str) -> tuple[str, str]:
    """A resource name in two: its database, and what follows `/documents/` ("" for the root)."""
    database, slash, rest = name.partition("/documents/")
    if not slash:
        database, _, tail = name.partition("/documents")
        if tail or database == name:
            raise invalid(f'Expected a name with "/documents", found "{name}".')
    return check_database(database), rest


def check_document(name: str) -> str:
    """A document's full name, or refused with what is wrong with it."""
    _, path = split_name(name)
    segments = path.split("/")
    if len(segments) % 2:
        raise invalid(f'A document name has an even number of segments after "documents": "{name}".')
    for segment in segments:
        check_id(segment, name)
    if len(name.encode()) > MAX_NAME_BYTES:
        raise invalid(f"A document name is at most {MAX_NAME_BYTES} bytes.")
    if len(segments) > 2 * MAX_SUBCOLLECTIONS:
        raise invalid(f"A document is at most {MAX_SUBCOLLECTIONS} collections deep.")
    return name


def check_parent(name: str) -> str:
    """The database's root (`.../documents`) or a document's name: what collections hang on."""
    _, path = split_name(name)
    if path:
        check_document(name)
    return name


def check_id(segment: str, where: str) -> str:
    """One id of a collection or document, or refused."""
    if not segment:
        raise invalid(f'An id is empty in "{where}".')
    if segment in (".", "..") or (is_reserved(segment) and not _NUMERIC_ID.fullmatch(segment)):
        raise invalid(f'"{segment}" cannot be an id.')
    if len(segment.encode()) > MAX_ID_BYTES:
        raise invalid(f"An id is at most {MAX_ID_BYTES} bytes; one here has {len(segment.encode())}.")
    return segment


def collection_of(document: str) -> str:
    """The full name of the collection that a document is in."""
    return document.rpartition("/")[0]


@lru_cache(maxsize=4096)
def field_path(text: str) -> FieldPath:
    """A field path as sent (``a.b.`c d` ``) in its segments.

    Raises:
        Refused: INVALID_ARGUMENT for a path outside Firestore's grammar.
    """
    segments: list[str] = []
    position = 0
    while True:
        segment, position = _segment(text, position)
        if is_reserved(segment) and text != DOCUMENT_ID:
            raise invalid(f'"{segment}" is reserved and cannot be in a field path.')
        segments.append(segment)
        if position == len(text):
            return tuple(segments)
        if text[position] != ".":
            raise invalid(f'Invalid field path "{text}".')
        position += 1


def _segment(text: str, position: int) -> tuple[str, int]:
    if simple := _SIMPLE_SEGMENT.match(text, position):
        return simple.group(), simple.end()
    if (quoted := _QUOTED_SEGMENT.match(text, position)) and quoted.group(1):
        return re.sub(r"\\(.)", r"\1", quoted.group(1), flags=re.DOTALL), quoted.end()
    raise invalid(f'Invalid field path "{text}".')


def stored_field_path(text: str) -> FieldPath:
    """A path of a field that is to be written: reserved names are refused."""
    path = field_path(text)
    for segment in path:
        check_field_name(segment)
    return path


def check_field_name(name: str) -> None:
    """Refuse a field name that no document can hold."""
    if not name:
        raise invalid("A field name is empty.")
    if is_reserved(name):
        raise invalid(f'The field name "{name}" is reserved.')
    if len(name.encode()) > MAX_FIELD_NAME_BYTES:
        raise invalid(f"A field name is at most {MAX_FIELD_NAME_BYTES} bytes.")
