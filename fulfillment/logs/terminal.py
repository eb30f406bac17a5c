"""Log records as text for a person: one readable line a call, and below it what there is to know of a failure.

    14:02:31 INFO    es 'check_order' -> handlers.check_order.check_order: 200 in 34 ms
            said: where is my order A-1001 (order_id='A-1001')
            answered: Order A-1001 is shipped, expected on 2026-12-01. + card, outputContexts

The two lower lines need `WEBHOOK_LOG_BODIES=true`; so do the frames of the kit and of libraries in a traceback.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from . import CALL_MEMBERS, call_of_line, words_to_keep_out

_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}
_INDENT = "\n        "


class TerminalFormatter(logging.Formatter):
    """Text for a person; control characters are shown, and continued lines are indented so that none can be forged.

    Only a handler to paste starts where it must start in a file: names from outside are quoted in it.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return time, severity and message, then the traceback and the detail."""
        members: Mapping[str, Any] | None = getattr(record, CALL_MEMBERS, None)
        parts = [_without_words(record.getMessage())] if members is None else _call_lines(members)
        if record.exc_info:
            parts.append(_traceback(record.exc_info))
        elif record.exc_text:
            parts.append(_without_words(record.exc_text))
        if record.stack_info:
            parts.append(record.stack_info)
        detail, to_paste = "", False
        if members is not None:
            detail, to_paste = str(members.get("detail", "")), members["cause"] == "no-handler"
        if detail and not to_paste:
            parts.append(_without_words(detail))
        text = f"{self.formatTime(record, '%H:%M:%S')} {record.levelname:<8}" + "\n".join(parts)
        text = text.replace("\n", _INDENT) + (f"\n{detail}\n" if to_paste else "")
        return text.translate(_CONTROL)


def _call_lines(members: Mapping[str, Any]) -> list[str]:
    """Return the call's own line; with the bodies switch also what was said and what was answered."""
    what = members.get("route") or members["intent"]
    line = " ".join(filter(None, [members["dialect"] or "call", repr(what) if what else ""]))
    if members["handler"]:
        line += f" -> {members['handler']}"
    line += f": {members['status']} {members['cause']}".rstrip() + f" in {members['milliseconds']:.0f} ms"
    if members.get("once", "ran") not in ("", "ran"):
        line += f", {members['once']}"
    if "id" in members:
        line += f", id {members['id']}"
    call = call_of_line()
    if "request_body" not in members or call is None or call.request is None:
        return [line]
    from .exchange import answered, said

    return [line, f"said: {said(call.request)}", f"answered: {answered(members.get('reply_body'))}"]


def _traceback(exc_info: Any) -> str:
    from .tracebacks import traceback_text

    call = call_of_line()
    return traceback_text(exc_info, words_to_keep_out(), fold=call is not None and not call.settings.log_bodies)


def _without_words(text: str) -> str:
    for words in words_to_keep_out():
        text = words.kept_out_of_text(text)
    return text
