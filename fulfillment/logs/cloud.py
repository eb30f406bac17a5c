"""Log records as JSON, one object a line, with the members that Cloud Logging reads."""

from __future__ import annotations

import copy
import logging
from typing import Any

from pythonjsonlogger.json import JsonEncoder, JsonFormatter

from ..current import current_call
from . import CALL_MEMBERS, words_to_keep_out


class CloudFormatter(JsonFormatter):
    """One JSON object a line, with the members that Cloud Logging reads."""

    def __init__(self) -> None:
        super().__init__("%(message)s", rename_fields={"exc_info": "stack_trace"})
        self._encoder = JsonEncoder(allow_nan=False)
        self._encode = self._encoder.encode

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a dictionary that was logged is its member `fields`.

        Its names are often a request's, and must not pass for this line's own `severity`, `status` or `time`.
        """
        if isinstance(record.msg, dict):
            record = copy.copy(record)
            record.fields, record.msg = record.msg, ""
        return super().format(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name that logging calls
        """Return the traceback, its frames whole and the exceptions' own texts without the turn's words."""
        from .tracebacks import traceback_text

        return traceback_text(ei, words_to_keep_out())

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        """Add severity and trace to what the record holds; of a call's own line, just its members."""
        log_data["severity"] = record.levelname
        members = getattr(record, CALL_MEMBERS, None)
        if members is None:
            super().add_fields(log_data, record, message_dict)
            self._keep_words_out(log_data, {"stack_info", "stack_trace"} if record.exc_info else {"stack_info"})
            log_data.update(severity=record.levelname, logger=record.name)
        else:
            log_data["message"] = record.message
            log_data.update(members)
            # The members are the designer's names and figures. The advice to paste holds names alone.
            if "detail" in members and members["cause"] != "no-handler":
                self._keep_words_out(log_data, log_data.keys() - {"detail"})
            if message_dict:
                log_data["stack_trace"] = message_dict.get("exc_info")
        call = current_call.get()
        if call is not None:
            log_data.update(call.trace)

    def _keep_words_out(self, log_data: dict[str, Any], clean: set[str]) -> None:
        for words in words_to_keep_out():
            for name in log_data.keys() - clean:
                log_data[name] = words.kept_out_of(log_data[name], self._encoder.default)

    def jsonify_log_record(self, log_data: dict[str, Any]) -> str:
        """Encode with an encoder made once; ASCII only, so that no character of a name can end or garble a line."""
        try:
            return self._encode(log_data)
        except (TypeError, ValueError, RecursionError):  # a name that is no text, NaN, a list inside itself
            return self._encode({name: _plain(value) for name, value in log_data.items()})


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | None) else repr(value)[:1000]
