"""Structured logging for Cloud Logging: one JSON line a call, and every other line of that call in the same trace.

On a terminal the same records are shown as text, so that a handler to paste can be pasted.
"""

from __future__ import annotations

import contextvars
import copy
import hashlib
import logging
import re
import sys
from collections.abc import Mapping
from typing import Any, TextIO

from pythonjsonlogger.json import JsonEncoder, JsonFormatter

from .settings import Settings

_CLOUD_TRACE = re.compile(r"([0-9a-f]{32})(?:/(\d{1,20}))?(?:;o=\d)?")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_EXECUTION_ID = re.compile(r"[\w.-]{1,64}")
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}
_SENSITIVE = re.compile(r"token|secret|password|passwd|authorization|cookie|api.?key|credential|storage|caller", re.I)

CALL_MEMBERS = "fulfillment_call"
"""The attribute of a call's own log record that holds the members of its line."""

_trace: contextvars.ContextVar[Mapping[str, str]] = contextvars.ContextVar("trace", default={})  # noqa: B039


def join_trace(headers: Mapping[str, str], project: str) -> Mapping[str, str]:
    """Let every log record of this call carry its trace; return the members that say so.

    Reads `X-Cloud-Trace-Context` (TRACE/SPAN;o=1, span in decimal), else `traceparent` (W3C), and
    `Function-Execution-Id`; values of another form are left out.
    """
    members: dict[str, str] = {}
    trace, span = _trace_of(headers)
    if trace:
        members["logging.googleapis.com/trace"] = f"projects/{project}/traces/{trace}" if project else trace
        if span:
            members["logging.googleapis.com/spanId"] = span
    execution_id = headers.get("function-execution-id", "")
    if _EXECUTION_ID.fullmatch(execution_id):
        members["execution_id"] = execution_id
    _trace.set(members)
    return members


def _trace_of(headers: Mapping[str, str]) -> tuple[str, str]:
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
    secrets = [*settings.basic, *(value for values in settings.headers.values() for value in values)]
    return hashlib.blake2s("\n".join(secrets).encode()).digest() if secrets else b""


def redacted(value: Any, name: str = "") -> Any:
    """Return a JSON value for the log: members that look like secrets, and channel payloads, are blanked out."""
    if name and (_SENSITIVE.search(name) or name == "payload"):
        return "[redacted]"
    if isinstance(value, Mapping):
        return {member: redacted(inner, str(member)) for member, inner in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(item) for item in value]
    return value


class CloudFormatter(JsonFormatter):
    """One JSON object a line, with the members that Cloud Logging reads."""

    def __init__(self) -> None:
        super().__init__("%(message)s", rename_fields={"exc_info": "stack_trace"})
        self._encode = JsonEncoder(allow_nan=False).encode

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a dictionary that was logged is its member `fields`.

        Its names are often a request's, and must not pass for this line's own `severity`, `status` or `time`.
        """
        if isinstance(record.msg, dict):
            record = copy.copy(record)
            record.fields, record.msg = record.msg, ""
        return super().format(record)

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        """Add severity and trace to what the record holds; of a call's own line, just its members."""
        log_data["severity"] = record.levelname
        members = getattr(record, CALL_MEMBERS, None)
        if members is None:
            super().add_fields(log_data, record, message_dict)
            log_data.update(severity=record.levelname, logger=record.name)
        else:
            log_data["message"] = record.message
            log_data.update(members)
            if message_dict:
                log_data["stack_trace"] = message_dict.get("exc_info")
        log_data.update(_trace.get())

    def jsonify_log_record(self, log_data: dict[str, Any]) -> str:
        """Encode with an encoder made once; ASCII only, so that no character of a name can end or garble a line."""
        try:
            return self._encode(log_data)
        except (TypeError, ValueError, RecursionError):  # a name that is no text, NaN, a list inside itself
            return self._encode({name: _plain(value) for name, value in log_data.items()})


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | None) else repr(value)[:1000]


class TerminalFormatter(logging.Formatter):
    """Text for a person; control characters are shown, and continued lines are indented so that none can be forged.

    Only a handler to paste starts where it must start in a file: names from outside are quoted in it.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return severity and message, then the traceback and the detail."""
        text = f"{record.levelname:<8}{super().format(record)}"
        members = getattr(record, CALL_MEMBERS, {})
        detail = str(members.get("detail", ""))
        to_paste = members.get("cause") == "no-handler"
        if detail and not to_paste:
            text += f"\n{detail}"
        text = text.replace("\n", "\n        ") + (f"\n{detail}\n" if to_paste else "")
        return text.translate(_CONTROL)


def set_up(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send all logging to `stream` (default: standard error), as JSON lines or, on a terminal, as text."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(TerminalFormatter() if stream.isatty() else CloudFormatter())
    root = logging.getLogger()
    for old in [known for known in root.handlers if getattr(known, "of_fulfillment", False)]:
        root.removeHandler(old)
    handler.of_fulfillment = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(level)
