"""Structured logging for Cloud Logging: one JSON line a call, and every other line of that call in the same trace.

On a terminal the same records are shown as text, so that a handler to paste can be pasted.

On Google no line that is written while a call is answered holds the turn's own words: `under_way` knows that time,
`words` says what the words are and what stands in their place.
"""

from __future__ import annotations

import hashlib
import logging
import re
import sys
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from ..current import current_call

if TYPE_CHECKING:
    from ..request import Request
    from ..routing.handler import Handler
    from ..settings import Settings
    from .words import Words

_CLOUD_TRACE = re.compile(r"([0-9a-f]{32})(?:/(\d{1,20}))?(?:;o=\d)?")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_EXECUTION_ID = re.compile(r"[\w.-]{1,64}")
_SENSITIVE = re.compile(r"token|secret|password|passwd|authorization|cookie|api.?key|credential|storage|caller", re.I)

CALL_MEMBERS = "fulfillment_call"
"""The attribute of a call's own log record that holds the members of its line."""


class CallUnderWay(Protocol):
    """What formatting a line needs to know of the call during which it was written."""

    settings: Settings
    request: Request | None
    handler: Handler | None
    words: Words | None


under_way: set[CallUnderWay] = set()
"""The calls that have no answer yet. What a handler that was given up still writes keeps belonging to its call."""


def call_of_line() -> CallUnderWay | None:
    """Return the call during which a line is written: the one that this thread works for."""
    call = current_call.get()
    return None if call is None else call.record


def words_to_keep_out() -> list[Words]:
    """Return the words that the line being written must not hold; nothing off Google, and where bodies are logged.

    On a thread that belongs to no call, one that a handler or a library has started, these are the words of all calls
    under way.
    """
    return [found for call in _calls_that_keep_words_out() if (found := _words_of(call)) is not None]


def _calls_that_keep_words_out() -> list[CallUnderWay]:
    call = call_of_line()
    calls = list(under_way) if call is None else [call]
    return [known for known in calls if known.settings.on_google and not known.settings.log_bodies]


def _words_of(call: CallUnderWay) -> Words | None:
    if call.words is not None or call.request is None:
        return call.words
    from .words import Words

    words = Words(call.request, call.handler.name if call.handler else "", call.settings)
    if call.handler is not None:  # else a later line knows one more name to keep
        call.words = words
    return words


def trace_of(headers: Mapping[str, str], project: str) -> Mapping[str, str]:
    """Return the members that put a line into the trace of a call.

    Reads `X-Cloud-Trace-Context` (TRACE/SPAN;o=1, span in decimal), else `traceparent` (W3C), and
    `Function-Execution-Id`; values of another form are left out.
    """
    members: dict[str, str] = {}
    trace_id, span = _trace_and_span(headers)
    if trace_id:
        members["logging.googleapis.com/trace"] = f"projects/{project}/traces/{trace_id}" if project else trace_id
        if span:
            members["logging.googleapis.com/spanId"] = span
    execution_id = headers.get("function-execution-id", "")
    if _EXECUTION_ID.fullmatch(execution_id):
        members["execution_id"] = execution_id
    return members


def _trace_and_span(headers: Mapping[str, str]) -> tuple[str, str]:
    cloud = headers.get("x-cloud-trace-context")
    if cloud and (match := _CLOUD_TRACE.fullmatch(cloud)):
        return match[1], f"{int(match[2]) % 2**64:016x}" if match[2] else ""
    parent = headers.get("traceparent")
    if parent and (match := _TRACEPARENT.fullmatch(parent)):
        return match[1], match[2]
    return "", ""


def short_hash(value: str, key: bytes = b"") -> str:
    """Return 12 hex digits that tell sessions and users apart without naming them; "" for ""."""
    return hashlib.blake2s(value.encode("utf-8", "replace"), digest_size=6, key=key).hexdigest() if value else ""


def hash_key(settings: Settings) -> bytes:
    """Return the key of `short_hash`: of the webhook's own secrets, so that a phone number cannot be guessed back."""
    return hashlib.blake2s("\n".join(settings.secrets).encode()).digest() if settings.secrets else b""


def redacted(value: Any, name: str = "") -> Any:
    """Return a JSON value for the log: members that look like secrets, and channel payloads, are blanked out."""
    if name and (_SENSITIVE.search(name) or name == "payload"):
        return "[redacted]"
    if isinstance(value, Mapping):
        return {member: redacted(inner, str(member)) for member, inner in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(item) for item in value]
    return value


class _Lines(logging.StreamHandler[TextIO]):
    """Where the lines go. A line that cannot be formatted is told of without what it would have said."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name that logging calls
        """Python's own way is to print the arguments, which may be the user's words."""
        error = sys.exc_info()[1]
        if not _calls_that_keep_words_out():
            super().handleError(record)
        elif record.name != _log.name and not isinstance(error, OSError):  # such as a stream that is gone
            place = f"{record.pathname}:{record.lineno}"
            _log.error("A line for the log could not be formatted (%s); it stands at %s", type(error).__name__, place)


_log = logging.getLogger(__name__)


def _thread_failed(failed: threading.ExceptHookArgs) -> None:
    """Log what ended a thread: Python's own way is to print it, past every formatter."""
    if failed.exc_value is None or issubclass(failed.exc_type, SystemExit):
        return
    name = failed.thread.name if failed.thread else "unknown"
    _log.error("Thread %r failed", name, exc_info=(failed.exc_type, failed.exc_value, failed.exc_traceback))


def set_up(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send all logging to `stream` (default: standard error), as JSON lines or, on a terminal, as text.

    So is what ends a thread, unless somebody else hears of that already.
    """
    stream = stream or sys.stderr
    handler = _Lines(stream)
    handler.setFormatter(_formatter(stream))
    root = logging.getLogger()
    for old in [known for known in root.handlers if isinstance(known, _Lines)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _thread_failed


def _formatter(stream: TextIO) -> logging.Formatter:
    # Each loads what only it needs.
    if stream.isatty():
        from .terminal import TerminalFormatter

        return TerminalFormatter()
    from .cloud import CloudFormatter

    return CloudFormatter()
