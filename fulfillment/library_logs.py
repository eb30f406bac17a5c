"""What urllib3 logs, without addresses: it writes path and query, and with them keys and what users said."""

from __future__ import annotations

import logging
import re
from urllib.parse import urlsplit

LOGGERS = (
    *("urllib3", "urllib3.connection", "urllib3.connectionpool", "urllib3.poolmanager", "urllib3.response"),
    *("urllib3.util.retry", "requests"),
)
"""A filter holds for records of its own logger only, so each that may write is named."""

_HARMLESS = re.compile(r"[\w.:\[\]-]*|HTTP/[\d.?]+")


def keep_addresses_out() -> None:
    """Let urllib3 log hosts, methods, statuses and names of errors, at whatever level, but no path and no query.

    To be called where requests is imported; cheap, and once is enough. Levels and handlers stay as they are.
    """
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_without_addresses)


def _without_addresses(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(_harmless(value) for value in record.args)
    # The traceback's last line is the error's text: of a broken header, for one, the header.
    record.exc_info = record.exc_text = None
    return True


def _harmless(value: object) -> object:
    if value is None or isinstance(value, int | float):
        return value
    if not isinstance(value, str):  # an error's text, or a retry's history, may hold the address
        return f"<{type(value).__name__}>"
    if _HARMLESS.fullmatch(value):
        return value
    try:
        parts = urlsplit(value)
    except ValueError:
        return "<address>"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else "<path>"
